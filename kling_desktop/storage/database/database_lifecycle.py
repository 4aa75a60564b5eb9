"""Opening, checking, migrating and closing the database, in the writer's thread."""

import logging
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from kling_desktop.domain.errors import DatabaseDamaged, DatabaseTooNew, StorageError
from kling_desktop.domain.reasons import Reason
from kling_desktop.storage.cleanup import cleanup_on_failure
from kling_desktop.storage.database.backups import (
    check_connection,
    list_backups,
    make_backup,
    newest_backup_at,
)
from kling_desktop.storage.database.migrations import (
    Migration,
    apply_migration,
    find_missing_column,
    read_version,
)
from kling_desktop.storage.database.owner_lock import OwnerLock, lock_path
from kling_desktop.storage.database.sent_journal import SentJournal, bring_back, journal_path
from kling_desktop.storage.database.transaction import transaction
from kling_desktop.storage.files.atomic_io import make_durable_folder
from kling_desktop.storage.files.private_files import make_private_file
from kling_desktop.storage.files.system_errors import data_errors, database_errors

logger = logging.getLogger(__name__)
T = TypeVar("T")

BUSY_TIMEOUT_MS = 5_000
CHECK_EVERY = timedelta(days=7)
BACKUP_AFTER = timedelta(minutes=1)
"""The least time between two backups at start: an app may be opened or crash often."""


@dataclass(slots=True)
class Writing:
    """The writer's connection and the lock of the data folder."""

    connection: sqlite3.Connection
    lock: OwnerLock
    brought_back: int = 0


def transact(connection: sqlite3.Connection, action: Callable[[sqlite3.Connection], T]) -> T:
    with database_errors(), transaction(connection):
        return action(connection)


def _connect_writer(path: Path) -> sqlite3.Connection:
    return _connect(
        path,
        "journal_mode = WAL",
        # In WAL mode NORMAL may lose the last commits with the power: a lost task id is a lost
        # video.
        "synchronous = FULL",
        "fullfsync = ON",  # macOS: past the drive's own cache
        "checkpoint_fullfsync = ON",
        "foreign_keys = ON",
        "recursive_triggers = ON",  # a REPLACE must not slip past a trigger
    )


def connect_reader(path: Path) -> sqlite3.Connection:
    return _connect(path, "query_only = ON")


def _connect(path: Path, *pragmas: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000)
    with cleanup_on_failure(connection.close):
        connection.row_factory = sqlite3.Row
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
    return connection


def open_writing(
    path: Path,
    migrations: tuple[Migration, ...],
    now: Callable[[], datetime],
    lock_wait_s: float,
) -> Writing:
    with data_errors(path.parent):
        make_durable_folder(path.parent)
    lock = OwnerLock(lock_path(path))
    lock.acquire(lock_wait_s)
    with cleanup_on_failure(lock.release):
        try:
            refuse_vanished(path)
            with database_errors():
                return _open_checked(path, migrations, now, lock)
        except DatabaseDamaged as error:
            backups = tuple(backup.path for backup in list_backups(path))
            raise DatabaseDamaged(
                error.reason or Reason.DATABASE_DAMAGED, detail=error.detail, backups=backups
            ) from error


def _open_checked(
    path: Path, migrations: tuple[Migration, ...], now: Callable[[], datetime], lock: OwnerLock
) -> Writing:
    refuse_newer(peek_version(path), len(migrations))
    with data_errors(path):
        make_private_file(path)
    connection = _connect_writer(path)
    with cleanup_on_failure(connection.close):
        refuse_foreign(connection, migrations)
        ended_uncleanly = _check_when_due(connection, now())
        _migrate(connection, path, migrations, now())
        brought_back = _settle(connection, SentJournal(journal_path(path)))
        if ended_uncleanly:
            _back_up(connection, path, now())
        _mark(connection, "closed_cleanly", "no")
    return Writing(connection, lock, brought_back)


def _settle(connection: sqlite3.Connection, journal: SentJournal) -> int:
    """Compare the journal with the database: restore lost jobs, drop ended ones.

    Returns:
        How many jobs the database had lost.
    """
    sent = journal.list_sent()
    if not sent:
        return 0
    brought_back = transact(connection, lambda records: bring_back(records, sent))
    if brought_back:
        logger.warning("%d jobs were sent that the database did not know", brought_back)
    journal.drop_ended(connection)
    return brought_back


def _back_up(connection: sqlite3.Connection, path: Path, now: datetime) -> None:
    """Make a backup, unless there is a fresh one; a failure is logged and ignored.

    Raises:
        DatabaseDamaged: The copy shows that the database is not sound.
    """
    newest = newest_backup_at(path)
    if newest is not None and abs(now - newest) < BACKUP_AFTER:
        return
    try:
        make_backup(connection, path, now)
    except DatabaseDamaged:
        raise
    except StorageError as error:
        logger.warning("no backup was made: %s (%s)", error, error.detail)


def refuse_vanished(path: Path) -> None:
    """Refuse to create an empty database where there was one before.

    Raises:
        DatabaseDamaged: It is gone, and the journal or copies show that there was one.
    """
    gone = not path.exists() or path.stat().st_size == 0
    was_there = newest_backup_at(path) is not None or SentJournal(journal_path(path)).list_sent()
    if gone and was_there:
        raise DatabaseDamaged(Reason.DATABASE_GONE, detail=str(path))


def refuse_newer(version: int, newest: int) -> None:
    if version > newest:
        raise DatabaseTooNew(Reason.DATABASE_NEWER, facts={"version": version, "known": newest})


def refuse_foreign(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    """Refuse a database of another program: without a version, or without what ours has.

    Raises:
        DatabaseDamaged: So it is, or ours has lost its version, a table or a column.
    """
    if read_version(connection):
        if missing := find_missing_column(connection, migrations):
            raise DatabaseDamaged(Reason.DATABASE_DAMAGED, detail=f"no {missing}")
        return
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise DatabaseDamaged(Reason.DATABASE_WITHOUT_VERSION)


def peek_version(path: Path) -> int:
    """Read the version before opening for writing: a newer file stays untouched."""
    if not path.exists() or path.stat().st_size == 0:
        return 0
    # Strictly read-only: an ordinary connection may tidy its log into the file when it closes.
    reader = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
    try:
        return read_version(reader)
    finally:
        reader.close()


def _check_when_due(connection: sqlite3.Connection, now: datetime) -> bool:
    """Read the whole file after an unclean end, and once a week: it takes a moment.

    Returns:
        Whether the last end was an unclean one.
    """
    if read_version(connection) == 0:
        return False
    marks = dict(connection.execute("SELECT key, value FROM upkeep").fetchall())
    checked_at = marks.get("checked_at")
    fresh = checked_at is not None and now - datetime.fromisoformat(checked_at) < CHECK_EVERY
    ended_uncleanly = marks.get("closed_cleanly") != "yes"
    if fresh and not ended_uncleanly:
        return False
    health = check_connection(connection)
    if not health.sound:
        raise DatabaseDamaged(Reason.DATABASE_DAMAGED, detail=health.problem)
    _mark(connection, "checked_at", now.astimezone(UTC).isoformat())
    return ended_uncleanly


def _migrate(
    connection: sqlite3.Connection, path: Path, migrations: tuple[Migration, ...], now: datetime
) -> None:
    version = read_version(connection)
    pending = migrations[version:]
    if not pending:
        return
    if version:
        make_backup(connection, path, now)
    for migration in pending:
        apply_migration(connection, migration)
        logger.info("the database took step %s", migration.name)


def _mark(connection: sqlite3.Connection, key: str, value: str) -> None:
    connection.execute(
        "INSERT INTO upkeep (key, value) VALUES (?, ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )


def close_writing(
    writing: Writing, path: Path, now: datetime, *, has_news: bool, found_damage: bool
) -> None:
    """Make a backup of changes, mark a clean end unless damage was found, release the lock."""
    connection = writing.connection
    try:
        with database_errors():
            connection.execute("PRAGMA optimize")
            if has_news or newest_backup_at(path) is None:
                _back_up(connection, path, now)
            if not found_damage:
                SentJournal(journal_path(path)).drop_ended(connection)
                _mark(connection, "closed_cleanly", "yes")
    except StorageError as error:
        # Closing must not fail: without the mark the next start checks the file.
        logger.warning("the database was not closed cleanly: %s (%s)", error, error.detail)
    finally:
        release(writing)


def release(writing: Writing) -> None:
    writing.connection.close()
    writing.lock.release()
