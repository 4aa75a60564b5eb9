"""A disk that forgets what was not synced, and the count of every operation on disk and network."""

import errno
import os
import shutil
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import httpx

Mode = Literal["count", "error", "kill"]
KINDS = ("write", "fsync", "rename", "unlink", "commit", "request", "response")
DATABASE = "data.sqlite3"
_DATABASE_FILES = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", f"{DATABASE}-journal")


class Killed(BaseException):
    """The process does not exist any more; no part of the app may catch this."""


class DurableDisk:
    """What of a folder would still be there after a power loss.

    The bytes of a file are those of its last fsync, the names in a folder those of the folder's
    last fsync.  SQLite's own files count as they are: it syncs them itself at each commit, and what
    was not committed is undone when they are opened.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._contents: dict[int, bytes] = {}
        self._names: dict[int, dict[str, int]] = {}
        # Open handles keep the numbers of files that are gone from being given to others.
        self._handles: dict[int, int] = {}
        for folder, _, files in os.walk(root):
            for name in files:
                self.note_sync(Path(folder, name))
            self.note_sync(Path(folder))

    def note_sync(self, path: Path) -> None:
        """A file or a folder was synced: this is what stays of it."""
        inode = self._hold(path)
        if path.is_dir():
            self._names[inode] = {entry.name: self._hold(entry) for entry in path.iterdir()}
            for entry in path.iterdir():
                if entry.is_dir():
                    self._names.setdefault(self._hold(entry), {})
        elif path.name not in _DATABASE_FILES:
            self._contents[inode] = path.read_bytes()

    def note_sync_of(self, handle: int) -> None:
        """Something behind an open handle was synced."""
        wanted = os.fstat(handle).st_ino
        for folder, _, files in os.walk(self._root):
            for path in (Path(folder), *(Path(folder, name) for name in files)):
                if path.stat().st_ino == wanted:
                    self.note_sync(path)
                    return

    def keep(self, target: Path) -> None:
        """Write what would be left into another folder."""
        shutil.rmtree(target, ignore_errors=True)
        self._keep(self._root.stat().st_ino, target)
        for name in _DATABASE_FILES[:2]:
            if (self._root / name).exists():
                shutil.copyfile(self._root / name, target / name)

    def close(self) -> None:
        for handle in self._handles.values():
            os.close(handle)
        self._handles.clear()

    def _hold(self, path: Path) -> int:
        inode = path.stat().st_ino
        if inode not in self._handles:
            self._handles[inode] = os.open(path, os.O_RDONLY)
        return inode

    def _keep(self, folder: int, target: Path) -> None:
        target.mkdir(parents=True)
        for name, inode in self._names.get(folder, {}).items():
            if inode in self._names:
                self._keep(inode, target / name)
            elif inode in self._contents or name not in _DATABASE_FILES:
                (target / name).write_bytes(self._contents.get(inode, b""))


class Operations:
    """Counts operations; lets the n-th one fail, or ends the process there.

    Attributes:
        counted: How many there were of each kind.
        hit: The kind of the operation that failed or was never done; empty while there was none.
        is_dead: The process has ended: nothing is done any more.
        is_over: The run is over; what is done now only clears up and is not counted.
    """

    def __init__(self, disk: DurableDisk, mode: Mode, number: int, grave: Path) -> None:
        self.counted: Counter[str] = Counter()
        self.hit = ""
        self.is_dead = False
        self.is_over = False
        self._disk = disk
        self._mode = mode
        self._number = number
        self._grave = grave
        self._lock = threading.RLock()

    def count(self, kind: str) -> bool:
        """Count one operation; tell whether it has to fail.

        Raises:
            Killed: The process has ended before it.
        """
        with self._lock:
            if self.is_over:
                return False
            self.require_alive()
            self.counted[kind] += 1
            if self._mode == "count" or self.counted.total() != self._number:
                return False
            self.hit = kind
            if self._mode == "error":
                return True
            self.is_dead = True
            self._disk.keep(self._grave)
            raise Killed

    def require_alive(self) -> None:
        if self.is_dead and not self.is_over:
            raise Killed

    def note_sync_of(self, handle: int) -> None:
        with self._lock:
            self._disk.note_sync_of(handle)


class CountingTransport(httpx.AsyncBaseTransport):
    """Counts requests before they are delivered and responses before they arrive."""

    def __init__(self, inner: httpx.AsyncBaseTransport, operations: Operations) -> None:
        self._inner = inner
        self._operations = operations

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._operations.count("request"):
            raise httpx.ConnectError("no way to the host", request=request)
        response = await self._inner.handle_async_request(request)
        if self._operations.count("response"):
            raise httpx.ReadError("the connection broke", request=request)
        return response


@contextmanager
def intercepted(operations: Operations) -> Generator[None, None, None]:
    """Send every operation of this process on files and databases through the counter."""
    real_sync, real_open, real_connect = os.fsync, os.fdopen, sqlite3.connect

    def wrap(kind: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            if operations.count(kind):
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return act(*args, **kwargs)

        return counted

    def sync(handle: Any) -> None:
        number = handle if isinstance(handle, int) else handle.fileno()
        if operations.count("fsync"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real_sync(number)
        operations.note_sync_of(number)

    def open_handle(*args: Any, **kwargs: Any) -> Any:
        return _CountedFile(real_open(*args, **kwargs), operations)

    class Connection(sqlite3.Connection):
        def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
            operations.require_alive()
            if sql == "COMMIT" and operations.count("commit"):
                error = sqlite3.OperationalError("disk I/O error")
                error.sqlite_errorcode = sqlite3.SQLITE_IOERR
                raise error
            return super().execute(sql, *args)

    def connect(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        return real_connect(*args, **{"factory": Connection, **kwargs})

    replaced: dict[str, Any] = {
        "write": wrap("write", os.write),
        "fsync": sync,
        "rename": wrap("rename", os.rename),
        "replace": wrap("rename", os.replace),
        "link": wrap("rename", os.link),
        "unlink": wrap("unlink", os.unlink),
        "fdopen": open_handle,
    }
    real = {name: getattr(os, name) for name in replaced}
    try:
        for name, function in replaced.items():
            setattr(os, name, function)
        sqlite3.connect = connect
        yield
    finally:
        sqlite3.connect = real_connect
        for name, function in real.items():
            setattr(os, name, function)


class _CountedFile:
    """A file whose writes are counted; for the rest it is the file itself."""

    def __init__(self, file: Any, operations: Operations) -> None:
        self._file = file
        self._operations = operations

    def write(self, data: bytes) -> int:
        if self._operations.count("write"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return self._file.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "_CountedFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
