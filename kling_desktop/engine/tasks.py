"""Starts, names, reports and cancels tasks: every task has an owner."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

logger = logging.getLogger(__name__)


class TaskOwner:
    """The tasks of one page, of the engine, of the app.  Whoever makes it calls `close`.

    Args:
        on_failure: Called once with each exception that a task let through, after it was logged.
    """

    def __init__(self, on_failure: Callable[[BaseException], object] | None = None) -> None:
        self._on_failure = on_failure
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    def start(self, coroutine: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Start a coroutine on the running loop; `name` is what logs and dumps call it.

        Raises:
            RuntimeError: The owner was closed.
        """
        if self._closed:
            coroutine.close()
            raise RuntimeError(f"the owner of {name!r} is closed")
        task = asyncio.create_task(coroutine, name=name)  # noqa: TID251  (this is the owner)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)
        return task

    def __len__(self) -> int:
        return len(self._tasks)

    async def close(self) -> None:
        """Cancel all tasks and wait until the last one has ended; nothing starts afterwards."""
        self._closed = True
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            return
        logger.error("task %s failed", task.get_name(), exc_info=error)
        if self._on_failure is not None:
            self._on_failure(error)


async def first_of(*coroutines: Coroutine[Any, Any, object]) -> frozenset[int]:
    """Run coroutines until one ends; cancel the others; return the numbers of those that ended.

    The first exception among those that ended is raised.  Being cancelled cancels all of them.
    """
    tasks = [asyncio.create_task(each) for each in coroutines]  # noqa: TID251  (awaited below)
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        ended = frozenset(number for number, task in enumerate(tasks) if task in done)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for number in sorted(ended):
        tasks[number].result()
    return ended


async def find_failure(coroutine: Coroutine[Any, Any, object]) -> BaseException | None:
    """Await a coroutine; return the exception that ended it, known or a bug, None if none did."""
    task = asyncio.create_task(coroutine)  # noqa: TID251  (awaited below)
    try:
        await asyncio.wait([task])
    finally:
        task.cancel()
    return None if task.cancelled() else task.exception()


async def run_to_end(coroutine: Coroutine[Any, Any, T], name: str) -> T:
    """Await a coroutine whose steps belong together; a cancelled caller waits for its end.

    So it must be short.
    """
    task = asyncio.create_task(coroutine, name=name)  # noqa: TID251  (awaited below)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if not task.done():
            await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # whoever was cancelled has no use for it; the next start meets it
        raise
