"""A wait that can be cut short: by a person's "try now", by the network's return, by a cancel."""

import asyncio

from kling_desktop.engine.tasks import first_of
from kling_desktop.engine.timing.pacing import Clock


class InterruptibleSleep:
    """Wakes whoever sleeps on it; ringing while nobody sleeps cuts the next sleep short."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    def interrupt(self) -> None:
        self._rung.set()

    async def sleep(self, seconds: float) -> bool:
        """Sleep at most `seconds`; tell whether it was cut short."""
        if seconds > 0 and not self._rung.is_set():
            await first_of(self._clock.sleep(seconds), self._rung.wait())
        rung = self._rung.is_set()
        self._rung.clear()
        return rung

    async def wait(self) -> None:
        """Sleep until it rings."""
        await self._rung.wait()
        self._rung.clear()
