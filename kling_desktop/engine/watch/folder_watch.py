"""Whether the library folder can take a clip; checks again by itself until it can."""

import asyncio

from kling_desktop.domain.errors import (
    DiskFull,
    LibraryReadOnly,
    LibraryUnavailable,
    LibraryUnmarked,
    StorageError,
)
from kling_desktop.domain.events import PauseReason
from kling_desktop.engine.queue.queue_gate import FOLDER_REASONS, QueueGate
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.engine.timing.interruptible_sleep import InterruptibleSleep
from kling_desktop.engine.timing.pacing import FOLDER_CHECK_S, Clock
from kling_desktop.storage.files.library_files import LibraryFiles


class FolderWatch:
    """Pauses the queue while the folder is gone or full."""

    def __init__(
        self, clock: Clock, tasks: TaskOwner, files: LibraryFiles, gate: QueueGate
    ) -> None:
        self._tasks = tasks
        self._files = files
        self._gate = gate
        self._clock = clock
        self._sleep = InterruptibleSleep(clock)
        self._checking: asyncio.Task[None] | None = None

    async def check(self) -> None:
        """Check the folder now.

        Raises:
            LibraryUnavailable: It is gone, cannot be written to or is full.
        """
        await asyncio.to_thread(self._files.check)

    def report(self, error: StorageError) -> None:
        """A step could not write: pause the queue and check again until it can."""
        self._gate.close(_find_reason(error), error.detail)
        if self._checking is None or self._checking.done():
            self._checking = self._tasks.start(
                self._check_until_available(), name="library folder watch"
            )

    async def wait_for_other_program(self) -> None:
        """Wait a while for another program to let go of a file; the queue is not paused."""
        await InterruptibleSleep(self._clock).sleep(FOLDER_CHECK_S)

    async def wait_available(self) -> None:
        await self._gate.wait_lifted(*FOLDER_REASONS)

    def try_now(self) -> None:
        self._sleep.interrupt()

    async def _check_until_available(self) -> None:
        while self._gate.holds(*FOLDER_REASONS):
            await self._sleep.sleep(FOLDER_CHECK_S)
            try:
                await self.check()
            except LibraryUnavailable as error:
                reason = _find_reason(error)
                self._gate.close(reason, error.detail)
                self._gate.lift(*FOLDER_REASONS - {reason})
            else:
                self._gate.lift(*FOLDER_REASONS)


def _find_reason(error: StorageError) -> PauseReason:
    match error:
        case DiskFull():
            return PauseReason.DISK_FULL
        case LibraryReadOnly():
            return PauseReason.READ_ONLY
        case LibraryUnmarked():
            return PauseReason.LIBRARY_UNMARKED
        case LibraryUnavailable():
            return PauseReason.LIBRARY
        case _:
            return PauseReason.DATA_FOLDER
