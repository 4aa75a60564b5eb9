"""Replaces a damaged database, by a backup or an empty one, without losing what is paid for."""

import errno
import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from kling_desktop.domain.errors import DatabaseDamaged
from kling_desktop.domain.reasons import Reason
from kling_desktop.storage.database.backups import check_database
from kling_desktop.storage.database.database_lifecycle import connect_reader, refuse_vanished
from kling_desktop.storage.database.migrations import (
    apply_migration,
    find_missing_column,
    list_migrations,
)
from kling_desktop.storage.database.owner_lock import LOCK_WAIT_S, OwnerLock, lock_path
from kling_desktop.storage.database.row_salvage import bring_up_to_date
from kling_desktop.storage.database.sent_journal import SentJournal, journal_path
from kling_desktop.storage.files.atomic_io import (
    remove_file,
    replace_file,
    sync_directory,
    sync_file,
)
from kling_desktop.storage.files.private_files import make_private_file
from kling_desktop.storage.files.system_errors import data_errors, database_errors

_AT = "%Y%m%dT%H%M%S%fZ"
_SIDE_FILES = ("", "-wal", "-shm", "-journal")


class RecordsState(StrEnum):
    """What a look at the records finds; the values are those of the command line's JSON."""

    NONE = "none"
    SOUND = "sound"
    TOO_NEW = "too_new"
    DAMAGED = "damaged"
    GONE = "gone"

    @property
    def is_lost(self) -> bool:
        """Whether a copy or new records must take their place."""
        return self in (RecordsState.DAMAGED, RecordsState.GONE)


def find_records(path: Path) -> bool:
    """Say whether there is a database; False where nothing was ever kept.  Blocking, reads only.

    Raises:
        DatabaseDamaged: It is gone although the journal or copies show that there was one.
        DataFolderUnavailable: What stands in the data folder's place is none, as with a link to a
            disk that is not plugged in; whether there are records is not known then.
    """
    with data_errors(path.parent):
        _require_folder(path.parent)
        refuse_vanished(path)
        return path.exists()


def _require_folder(folder: Path) -> None:
    """Pass a folder, and one that was never there."""
    try:
        is_folder = stat.S_ISDIR(folder.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        is_folder = not folder.is_symlink()
    if not is_folder:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
    if folder.exists():
        os.scandir(folder).close()


def find_records_state(path: Path) -> RecordsState:
    """Read the whole database and say how it is.  Blocking, reads only.

    Raises:
        DataFolderUnavailable: See `find_records`.
    """
    try:
        if not find_records(path):
            return RecordsState.NONE
    except DatabaseDamaged:
        return RecordsState.GONE
    health = check_database(path)
    if not health.sound:
        return RecordsState.DAMAGED
    if health.version > len(list_migrations()):
        return RecordsState.TOO_NEW
    if health.version == 0:  # empty, or another program's
        return RecordsState.DAMAGED if path.stat().st_size else RecordsState.NONE
    with closing(connect_reader(path)) as connection:
        missing = find_missing_column(connection, list_migrations())
    return RecordsState.DAMAGED if missing else RecordsState.SOUND


def restore_backup(path: Path, backup: Path, *, now: Callable[[], datetime]) -> Path | None:
    """Replace a damaged database by a backup; the damaged one is set aside, never deleted.

    Nothing is lost or sent twice by it: see `bring_up_to_date`.  Blocking; nobody may have the
    database open.  Interrupted at any point it can be called again.

    Returns:
        Where the damaged file now lies, None when there was none.

    Raises:
        DatabaseDamaged: The backup itself is not sound; nothing was touched.
        DatabaseBusy: Another process owns the folder.
    """
    health = check_database(backup)
    if not health.sound:
        raise DatabaseDamaged(Reason.BACKUP_DAMAGED, detail=health.problem)
    return _replace(path, lambda part: part.write_bytes(backup.read_bytes()), now)


def start_anew(path: Path, *, now: Callable[[], datetime]) -> Path | None:
    """Replace a damaged or missing database by an empty one; unfinished jobs continue in it.

    The old file is set aside and the backups stay.  Blocking; else like `restore_backup`.

    Returns:
        Where the old file now lies, None when there was none.

    Raises:
        DatabaseBusy: Another process owns the folder.
    """
    return _replace(path, _make_empty, now)


def _replace(
    path: Path, make: Callable[[Path], object], now: Callable[[], datetime]
) -> Path | None:
    """Build the new database beside the old one, complete, before the old one is set aside.

    Until then nothing has changed; between the two there is none, which the next start reports.
    """
    lock = OwnerLock(lock_path(path))
    lock.acquire(LOCK_WAIT_S)
    part = path.with_name(f"{path.name}.restored.part")
    try:
        with data_errors(path):
            remove_file(part)
            make_private_file(part)
            make(part)
            journal = SentJournal(journal_path(path))
            bring_up_to_date(part, path if path.exists() else None, journal)
            sync_file(part)
            aside = _set_aside(path, now)
            replace_file(part, path)
            sync_directory(path.parent)
    finally:
        lock.release()
    return aside


def _make_empty(part: Path) -> None:
    with database_errors(), closing(sqlite3.connect(part, isolation_level=None)) as connection:
        for migration in list_migrations():
            apply_migration(connection, migration)


def _set_aside(path: Path, now: Callable[[], datetime]) -> Path | None:
    """Rename a database with the files beside it, so that its place is free."""
    if not any(path.with_name(path.name + suffix).exists() for suffix in _SIDE_FILES):
        return None
    stamp = now().astimezone(UTC).strftime(_AT)
    aside = path.with_name(f"{path.stem}-damaged-{stamp}{path.suffix}")
    for suffix in reversed(_SIDE_FILES):
        old = path.with_name(path.name + suffix)
        if old.exists():
            old.replace(aside.with_name(aside.name + suffix))
    sync_directory(path.parent)
    return aside
