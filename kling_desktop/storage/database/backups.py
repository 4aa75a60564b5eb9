"""Backups of the database: making, checking, listing and thinning out."""

import logging
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from kling_desktop.domain.errors import DatabaseDamaged
from kling_desktop.domain.reasons import Reason
from kling_desktop.storage.files.atomic_io import (
    remove_leftover,
    replace_file,
    sync_directory,
    sync_file,
)
from kling_desktop.storage.files.private_files import make_private_file, make_private_folder
from kling_desktop.storage.files.system_errors import data_errors, database_errors

logger = logging.getLogger(__name__)

NEWEST_KEPT = 2
DAYS_KEPT = 5
"""The newest backup of each of this many days is kept: damage may be noticed late."""
_NAME = re.compile(r"^(?P<at>\d{8}T\d{6}\d*Z)-v(?P<version>\d+)\.db$")
_AT = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A sound copy of the database; `version` is its schema's number."""

    path: Path
    made_at: datetime
    version: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseHealth:
    """What a look at a database file found.

    Attributes:
        sound: Whether it can be used.
        version: Its schema's number; 0 for an empty or unreadable one.
        problem: What is wrong, in SQLite's words; empty when it is sound.
    """

    sound: bool
    version: int
    problem: str = ""


def check_database(path: Path) -> DatabaseHealth:
    """Read a whole database file and report whether it is sound.  Blocking; never writes."""
    if not path.is_file():
        return DatabaseHealth(sound=False, version=0, problem="there is no such file")
    try:
        # Plain opening, not mode=ro: the last writes may still lie in the log beside the file.
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA query_only = ON")
            return check_connection(connection)
    except sqlite3.Error as error:
        return DatabaseHealth(sound=False, version=0, problem=str(error))


def check_connection(connection: sqlite3.Connection) -> DatabaseHealth:
    """Check the database behind an open connection, structure and references."""
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return DatabaseHealth(sound=False, version=0, problem=str(error))
    sound = found == "ok"
    return DatabaseHealth(sound=sound, version=int(version), problem="" if sound else str(found))


def backup_dir(path: Path) -> Path:
    return path.parent / "backups"


def list_backups(path: Path) -> tuple[Backup, ...]:
    """List the sound backups of a database, newest first.  Blocking: each is read and checked."""
    found: list[Backup] = []
    for made_at, copy in _list_copies(path):
        health = check_database(copy)
        if not health.sound or not health.version:
            logger.warning("backup %s is not sound: %s", copy.name, health.problem)
            continue
        size = copy.stat().st_size
        found.append(Backup(path=copy, made_at=made_at, version=health.version, size_bytes=size))
    return tuple(found)


def newest_backup_at(path: Path) -> datetime | None:
    """Find when the newest backup was made, by its name alone."""
    return next((made_at for made_at, _ in _list_copies(path)), None)


def make_backup(source: sqlite3.Connection, path: Path, now: datetime) -> Path:
    """Copy a database that is in use, prove that the copy opens, and keep a few of the copies.

    It reads one moment's state in one go; in WAL mode nobody who writes meanwhile waits for it.
    Blocking.

    Raises:
        DatabaseDamaged: The copy, and so the database, is not sound; no older copy was removed.
        StorageError: The copy could not be made; nothing was removed.
    """
    folder = backup_dir(path)
    (version,) = source.execute("PRAGMA user_version").fetchone()
    target = folder / f"{now.astimezone(UTC).strftime(_AT)}-v{version}.db"
    part = target.with_suffix(".part")
    with database_errors(), data_errors(folder):
        make_private_folder(folder)
        for scrap in folder.glob("*.part*"):  # what a process that was killed had begun
            remove_leftover(scrap)
        try:
            make_private_file(part)
            with closing(sqlite3.connect(part, isolation_level=None)) as copy:
                source.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, complete by itself
            health = check_database(part)
            if not health.sound:
                raise DatabaseDamaged(Reason.BACKUP_NOT_VERIFIED, detail=health.problem)
            sync_file(part)
            replace_file(part, target)
        finally:
            remove_leftover(part)
        sync_directory(folder)
        for old in _list_dispensable(_list_copies(path)):
            remove_leftover(old)
    return target


def _list_dispensable(copies: list[tuple[datetime, Path]]) -> Iterator[Path]:
    """Yield the backups that are neither among the newest nor the newest of their day."""
    days: list[date] = []
    for number, (made_at, copy) in enumerate(copies):
        is_days_newest = made_at.date() not in days
        if is_days_newest:
            days.append(made_at.date())
        if number >= NEWEST_KEPT and (not is_days_newest or len(days) > DAYS_KEPT):
            yield copy


def _list_copies(path: Path) -> list[tuple[datetime, Path]]:
    """List everything that is named like a backup, newest first."""
    folder = backup_dir(path)
    if not folder.is_dir():
        return []
    named = ((_NAME.match(copy.name), copy) for copy in folder.iterdir())
    copies = [
        (datetime.strptime(match["at"], _AT).replace(tzinfo=UTC), copy)
        for match, copy in named
        if match is not None
    ]
    return sorted(copies, reverse=True)
