"""A clock that a test moves by hand, and that knows when the program has nothing left to do."""

import asyncio
import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class FakeClock:
    """Time for tests: sleeping costs nothing, and only `advance` and `run_until` move it.

    Work in threads (database, files) is real.  Before time moves the clock lets all of it settle:
    it counts what was handed to executors and looks at the loop's own list of ready callbacks.
    """

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._monotonic = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._in_threads = 0
        self._loop: asyncio.AbstractEventLoop | None = None

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._monotonic + seconds, next(self._numbers), future))
        await future

    def jump(self, seconds: float) -> None:
        """Set the wall clock forward or back; waits and ages inside the run do not notice."""
        self._now += timedelta(seconds=seconds)

    async def advance(self, seconds: float) -> None:
        """Let time pass, waking every sleeper at its own moment."""
        until = self._monotonic + seconds
        await self.settle()
        while (due := self._next_due()) is not None and due <= until:
            self._move_to(due)
            await self.settle()
        self._move_to(until)
        await self.settle()

    async def run_until(self, condition: Callable[[], bool], *, limit_s: float = 6 * 3600) -> None:
        """Move time from sleeper to sleeper until the condition holds; fail after `limit_s`."""
        until = self._monotonic + limit_s
        await self.settle()
        while not condition():
            due = self._next_due()
            assert due is not None, "nobody sleeps and the condition does not hold"
            assert due <= until, f"the condition did not hold within {limit_s} s"
            self._move_to(due)
            await self.settle()

    async def settle(self) -> None:
        """Let everything run that can run without time passing."""
        self._watch_threads()
        loop: Any = asyncio.get_running_loop()
        quiet = 0
        while quiet < 3:
            if self._in_threads:
                await asyncio.sleep(0.0005)
                quiet = 0
                continue
            await asyncio.sleep(0)
            quiet = quiet + 1 if not loop._ready and not self._in_threads else 0

    @property
    def next_wake_in_s(self) -> float | None:
        due = self._next_due()
        return None if due is None else due - self._monotonic

    def _next_due(self) -> float | None:
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    def _move_to(self, moment: float) -> None:
        passed = max(0.0, moment - self._monotonic)
        self._monotonic = max(self._monotonic, moment)
        self._now += timedelta(seconds=passed)
        while self._sleepers and self._sleepers[0][0] <= self._monotonic:
            future = heapq.heappop(self._sleepers)[2]
            if not future.done():
                future.set_result(None)

    def _watch_threads(self) -> None:
        loop: Any = asyncio.get_running_loop()
        if self._loop is loop:
            return
        self._loop = loop
        hand_over = loop.run_in_executor

        def counted(executor: Any, function: Any, *arguments: Any) -> Any:
            future = hand_over(executor, function, *arguments)
            self._in_threads += 1
            future.add_done_callback(self._one_less)
            return future

        loop.run_in_executor = counted

    def _one_less(self, _future: object) -> None:
        self._in_threads -= 1
