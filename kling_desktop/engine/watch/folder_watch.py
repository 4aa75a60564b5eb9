"""Whether the library folder can take a clip; looks again by itself until it can."""

import asyncio

from kling_desktop.domain.errors import DiskFull, LibraryUnavailable, StorageError
from kling_desktop.domain.events import PauseReason
from kling_desktop.engine.queue.queue_gate import FOLDER_REASONS, QueueGate
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.engine.timing.interruptible_sleep import InterruptibleSleep
from kling_desktop.engine.timing.pacing import FOLDER_CHECK_S, Clock
from kling_desktop.storage.files.library_files import LibraryFiles


class FolderWatch:
    """Closes the gate when the folder is gone or full and opens it when it is well again."""

    def __init__(
        self, clock: Clock, tasks: TaskOwner, files: LibraryFiles, gate: QueueGate
    ) -> None:
        self._tasks = tasks
        self._files = files
        self._gate = gate
        self._sleep = InterruptibleSleep(clock)
        self._look: asyncio.Task[None] | None = None

    async def check(self) -> None:
        """Look at the folder now.

        Raises:
            LibraryUnavailable: It is gone, cannot be written to or is full.
        """
        await asyncio.to_thread(self._files.check)

    def report(self, error: StorageError) -> None:
        """Somebody could not write: pause the queue and look again until it goes."""
        if isinstance(error, DiskFull):
            self._gate.close(PauseReason.DISK_FULL, error.detail)
        else:
            self._gate.close(PauseReason.LIBRARY, error.detail)
        if self._look is None or self._look.done():
            self._look = self._tasks.start(self._look_again(), name="library folder watch")

    async def wait_well(self) -> None:
        await self._gate.wait_without(*FOLDER_REASONS)

    def try_now(self) -> None:
        self._sleep.interrupt()

    async def _look_again(self) -> None:
        while self._gate.holds(*FOLDER_REASONS):
            await self._sleep.sleep(FOLDER_CHECK_S)
            try:
                await self.check()
            except DiskFull as error:
                self._gate.close(PauseReason.DISK_FULL, error.detail)
                self._gate.lift(PauseReason.LIBRARY)
            except LibraryUnavailable as error:
                self._gate.close(PauseReason.LIBRARY, error.detail)
                self._gate.lift(PauseReason.DISK_FULL)
            else:
                self._gate.lift(*FOLDER_REASONS)
