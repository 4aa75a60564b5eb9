"""The lock of the data folder: one process at a time, released by the system."""

import os
import sys
import time
from pathlib import Path

from kling_desktop.domain.errors import DatabaseBusy
from kling_desktop.domain.reasons import Reason
from kling_desktop.storage.files.private_files import private_opener
from kling_desktop.storage.files.system_errors import data_errors

LOCK_WAIT_S = 2.0
"""How long a start waits for a process that is still ending."""
_PAUSE_S = 0.05


def lock_path(database: Path) -> Path:
    return database.with_name(database.name + ".lock")


class OwnerLock:
    """A lock on a file; the system releases it when the process ends, however it ends.

    Owned by `Database`.  The file stays: removing it would let two processes lock two files.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def acquire(self, wait_s: float) -> None:
        """Take the lock, waiting briefly for a process that is just ending.  Blocking.

        Raises:
            DatabaseBusy: Another process holds it.
        """
        with data_errors(self._path):
            handle = private_opener(os.fspath(self._path), os.O_RDWR | os.O_CREAT)
        until = time.monotonic() + wait_s
        while not _try_lock(handle):
            if time.monotonic() >= until:
                os.close(handle)
                raise DatabaseBusy(Reason.ALREADY_RUNNING)
            time.sleep(_PAUSE_S)
        self._handle = handle

    def release(self) -> None:
        """Release the lock; may be called twice."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _try_lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
