"""What the database's and the system's own errors mean to the app."""

import errno
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from kling_desktop.domain.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DataFolderUnavailable,
    DiskFull,
    FileInUse,
    LibraryReadOnly,
    LibraryUnavailable,
    StateConflict,
    StorageError,
)
from kling_desktop.domain.reasons import Reason

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_ROOM_WINDOWS = frozenset({39, 112})  # ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL
_IN_USE_WINDOWS = frozenset({32, 33})  # ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION
_READ_ONLY = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_READ_ONLY_WINDOWS = frozenset({5, 19})  # ERROR_ACCESS_DENIED, ERROR_WRITE_PROTECT
_LOST_RACE = frozenset({sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_TRIGGER})


def is_disk_full(error: OSError) -> bool:
    return error.errno in _NO_ROOM or getattr(error, "winerror", None) in _NO_ROOM_WINDOWS


def translate_database_error(error: sqlite3.Error) -> StorageError | None:
    """Say what the world did to the database; None for a mistake of our own, which is a bug."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    detail = str(error)
    if code in _LOST_RACE:
        return StateConflict(detail=detail)
    match code & 0xFF:  # the low byte is the kind, the rest tells it more exactly
        case sqlite3.SQLITE_FULL:
            return DiskFull(Reason.DATABASE_DISK_FULL, detail=detail)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return DatabaseDamaged(Reason.DATABASE_DAMAGED, detail=detail)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return DatabaseBusy(Reason.DATABASE_IN_USE, detail=detail)
        case (
            sqlite3.SQLITE_IOERR
            | sqlite3.SQLITE_CANTOPEN
            | sqlite3.SQLITE_READONLY
            | sqlite3.SQLITE_PERM
        ):
            return StorageError(Reason.DATABASE_UNREADABLE, detail=detail)
        case _:
            return None


def is_in_use(error: OSError) -> bool:
    """Say whether another program holds the file: what Windows calls a sharing violation."""
    return getattr(error, "winerror", None) in _IN_USE_WINDOWS


def is_read_only(error: OSError) -> bool:
    return error.errno in _READ_ONLY or getattr(error, "winerror", None) in _READ_ONLY_WINDOWS


def translate_file_error(error: OSError, path: Path) -> LibraryUnavailable:
    """Say what a failed operation in the library means; the system's words stand in `detail`."""
    detail = f"{error.strerror or error}: {path}"
    if is_disk_full(error):
        return DiskFull(Reason.DISK_FULL, detail=detail)
    if is_in_use(error):
        return FileInUse(Reason.FILE_IN_USE, detail=detail, facts={"name": path.name})
    if is_read_only(error):
        return LibraryReadOnly(Reason.LIBRARY_READ_ONLY, detail=detail)
    return LibraryUnavailable(Reason.FOLDER_UNAVAILABLE, detail=detail)


def translate_data_error(error: OSError, path: Path) -> StorageError:
    """Say what a failed operation in the app's own folder means; it is never the library's."""
    detail = f"{error.strerror or error}: {path}"
    if is_disk_full(error):
        return DiskFull(Reason.DISK_FULL, detail=detail)
    reason = Reason.DATA_FOLDER_READ_ONLY if is_read_only(error) else Reason.DATA_FOLDER_UNAVAILABLE
    return DataFolderUnavailable(reason, detail=detail)


@contextmanager
def database_errors() -> Generator[None, None, None]:
    """Translate what sqlite3 raises inside the block."""
    try:
        yield
    except sqlite3.Error as error:
        known = translate_database_error(error)
        if known is None:
            raise
        raise known from error


@contextmanager
def file_errors(path: Path) -> Generator[None, None, None]:
    """Translate the `OSError` raised inside the block; `path` is what was worked on."""
    try:
        yield
    except OSError as error:
        raise translate_file_error(error, path) from error


@contextmanager
def data_errors(path: Path) -> Generator[None, None, None]:
    """Translate the `OSError` raised inside the block, about a file in the app's own folder."""
    try:
        yield
    except OSError as error:
        raise translate_data_error(error, path) from error
