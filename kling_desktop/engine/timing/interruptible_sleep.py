"""A wait that can be interrupted: by "try now", by the network's return, by a cancel."""

import asyncio

from kling_desktop.engine.tasks import first_of
from kling_desktop.engine.timing.pacing import Clock


class InterruptibleSleep:
    """A sleep with an interrupt; one that comes while nobody sleeps ends the next sleep at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._interrupted = asyncio.Event()

    def interrupt(self) -> None:
        self._interrupted.set()

    async def sleep(self, seconds: float) -> bool:
        """Sleep at most `seconds`; return whether it was interrupted."""
        if seconds > 0 and not self._interrupted.is_set():
            await first_of(self._clock.sleep(seconds), self._interrupted.wait())
        interrupted = self._interrupted.is_set()
        self._interrupted.clear()
        return interrupted

    async def wait(self) -> None:
        """Sleep until interrupted."""
        await self._interrupted.wait()
        self._interrupted.clear()
