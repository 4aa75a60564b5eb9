"""Holds the data folder for one process, so that no second copy submits the same queue."""

from pathlib import Path

from PySide6.QtCore import QLockFile

from kling_desktop.domain.errors import DatabaseBusy


class InstanceLock:
    """The lock on a data folder; owned by whoever runs the engine, released on close.

    A process that was killed leaves its file behind; the lock finds that its owner is gone and
    takes over, so a crash never locks anybody out.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = QLockFile(str(path))
        self._lock.setStaleLockTime(0)

    def take(self, wait_s: float = 3.0) -> None:
        """Take the lock, waiting a little for an old process that is still closing.

        Raises:
            DatabaseBusy: Another process has it; the message says which.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._lock.tryLock(int(wait_s * 1000)):
            return
        if self._lock.error() is QLockFile.LockError.PermissionError:
            raise DatabaseBusy(f"The data folder {self._path.parent} cannot be written to.")
        owner = self._describe_owner()
        raise DatabaseBusy(f"Kling Desktop is already running{owner}; it owns the queue.")

    def release(self) -> None:
        self._lock.unlock()

    def _describe_owner(self) -> str:
        try:
            lines = self._path.read_text("utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        return f" (process {lines[0]})" if lines and lines[0].isdigit() else ""
