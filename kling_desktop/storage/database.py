"""How the database is opened, written and closed: one thread that writes, one that reads."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from kling_desktop.domain.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseTooNew,
    StorageError,
)
from kling_desktop.storage.backups import (
    check_connection,
    list_backups,
    make_backup,
    newest_backup_at,
    set_aside,
)
from kling_desktop.storage.migrations import (
    Migration,
    apply_migration,
    list_migrations,
    read_version,
)
from kling_desktop.storage.owner_lock import OwnerLock
from kling_desktop.storage.system_errors import database_errors, file_errors

logger = logging.getLogger(__name__)
T = TypeVar("T")

BUSY_TIMEOUT_MS = 5_000
LOCK_WAIT_S = 2.0
"""How long a start waits for a process that is still ending."""
CHECK_EVERY = timedelta(days=7)
BACKUP_EVERY = timedelta(days=1)


@dataclass(slots=True)
class _Writing:
    """What only the writing thread touches, and the lock that lets it."""

    connection: sqlite3.Connection
    lock: OwnerLock


class Database:
    """The one database of a data folder; made by `open`, owned by the app, closed by it.

    Reads run on the loop's thread through `read`; every write is one transaction in the writer's
    thread.  In WAL mode neither waits for the other.
    """

    def __init__(
        self,
        path: Path,
        reader: sqlite3.Connection,
        writing: _Writing | None,
        executor: ThreadPoolExecutor | None,
        now: Callable[[], datetime],
    ) -> None:
        self.path = path
        self._reader = reader
        self._writing = writing
        self._executor = executor
        self._now = now

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        now: Callable[[], datetime],
        migrations: tuple[Migration, ...] | None = None,
        lock_wait_s: float = LOCK_WAIT_S,
    ) -> "Database":
        """Take the data folder, check and migrate the database, open both connections.

        Raises:
            DatabaseBusy: Another process owns the folder.
            DatabaseTooNew: A newer app wrote it; it was not touched.
            DatabaseDamaged: It cannot be used; `backups` lists the sound copies.
            StorageError: The folder cannot be written to, or is full.
        """
        steps = list_migrations() if migrations is None else migrations
        executor = ThreadPoolExecutor(1, thread_name_prefix="database")
        loop = asyncio.get_running_loop()
        writing: _Writing | None = None
        try:
            writing = await loop.run_in_executor(
                executor, _open_writing, path, steps, now, lock_wait_s
            )
            with database_errors():
                reader = _connect_reader(path)
        except BaseException:
            if writing is not None:
                await loop.run_in_executor(executor, _release, writing)
            executor.shutdown(wait=False)
            raise
        return cls(path, reader, writing, executor, now)

    @classmethod
    async def open_readonly(cls, path: Path) -> "Database":
        """Open for reading beside the process that owns the folder; `write` raises DatabaseBusy.

        Raises:
            StorageError: There is no database yet, or one of an older version.
            DatabaseTooNew: A newer app wrote it.
        """
        if not path.is_file():
            raise StorageError("There is no database yet.", detail=str(path))
        newest = len(list_migrations())
        with database_errors():
            version = _peek_version(path)
            _refuse_newer(version, newest)
            if version < newest:
                raise StorageError("The database is of an older version; open the app once.")
            reader = _connect_reader(path)
        return cls(path, reader, None, None, lambda: datetime.now(UTC))

    @property
    def is_readonly(self) -> bool:
        return self._writing is None

    def read(self) -> sqlite3.Connection:
        """Return the reading connection; it belongs to the loop's thread and refuses to write."""
        return self._reader

    async def write(
        self,
        action: Callable[[sqlite3.Connection], T],
        after: Callable[[T], object] | None = None,
    ) -> T:
        """Run `action` inside BEGIN IMMEDIATE … COMMIT in the writer's thread.

        When this returns, the commit has reached the disk.  An exception from `action` rolls
        everything back.  `after` is called with the result on the loop's thread once the commit
        is there, even when the caller was cancelled meanwhile: no notice gets lost.

        Raises:
            DatabaseBusy: The database was opened for reading only.
            StorageError: What SQLite refused, translated.
        """
        writing = self._writing
        if writing is None or self._executor is None:
            raise DatabaseBusy("Another process owns the data folder.")
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._executor, _transact, writing.connection, action)
        if after is not None:
            notify = after

            def on_committed(done: asyncio.Future[T]) -> None:
                if not done.cancelled() and done.exception() is None:
                    notify(done.result())

            future.add_done_callback(on_committed)
        return await asyncio.shield(future)

    async def close(self) -> None:
        """Wait for the writes under way, back up when it is time, mark a clean end."""
        self._reader.close()
        writing, executor = self._writing, self._executor
        self._writing = self._executor = None
        if writing is None or executor is None:
            return
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(executor, _close_writing, writing, self.path, self._now())
        finally:
            executor.shutdown(wait=False)


def start_anew(path: Path, *, now: Callable[[], datetime]) -> Path | None:
    """Set a damaged or vanished database aside and begin an empty one, backups stay.  Blocking.

    Returns:
        Where the old file now lies, None when there was none.
    """
    lock = OwnerLock(_lock_path(path))
    lock.acquire(LOCK_WAIT_S)
    try:
        aside = set_aside(path, now=now)
        with database_errors():
            connection = _connect_writer(path)
            try:
                for migration in list_migrations():
                    apply_migration(connection, migration)
            finally:
                connection.close()
    finally:
        lock.release()
    return aside


def _transact(connection: sqlite3.Connection, action: Callable[[sqlite3.Connection], T]) -> T:
    with database_errors():
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = action(connection)
            connection.execute("COMMIT")
        except BaseException:
            # A full disk makes SQLite roll back by itself; then there is nothing left to do.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    return result


def _lock_path(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


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


def _connect_reader(path: Path) -> sqlite3.Connection:
    return _connect(path, "query_only = ON")


def _connect(path: Path, *pragmas: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000)
    try:
        connection.row_factory = sqlite3.Row
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def _open_writing(
    path: Path,
    migrations: tuple[Migration, ...],
    now: Callable[[], datetime],
    lock_wait_s: float,
) -> _Writing:
    with file_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    lock = OwnerLock(_lock_path(path))
    lock.acquire(lock_wait_s)
    connection: sqlite3.Connection | None = None
    try:
        _refuse_vanished(path)
        with database_errors():
            _refuse_newer(_peek_version(path), len(migrations))
            connection = _connect_writer(path)
            _check_when_due(connection, now())
            _migrate(connection, path, migrations, now())
            _mark(connection, "closed_cleanly", "no")
    except DatabaseDamaged as error:
        _close_quietly(connection)
        lock.release()
        backups = tuple(backup.path for backup in list_backups(path))
        raise DatabaseDamaged(str(error), detail=error.detail, backups=backups) from error
    except BaseException:
        _close_quietly(connection)
        lock.release()
        raise
    return _Writing(connection, lock)


def _refuse_vanished(path: Path) -> None:
    """Ask before an empty database takes the place of one that once was."""
    gone = not path.exists() or path.stat().st_size == 0
    if gone and newest_backup_at(path) is not None:
        raise DatabaseDamaged("The database is gone.", detail=str(path))


def _refuse_newer(version: int, newest: int) -> None:
    if version > newest:
        raise DatabaseTooNew(
            "A newer version of Kling Desktop wrote this database.",
            detail=f"version {version}, this app knows up to {newest}",
        )


def _peek_version(path: Path) -> int:
    """Read the version before anything is opened for writing: a newer file stays untouched."""
    if not path.exists() or path.stat().st_size == 0:
        return 0
    # Strictly read-only: an ordinary connection may tidy its log into the file when it closes.
    reader = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
    try:
        return read_version(reader)
    finally:
        reader.close()


def _check_when_due(connection: sqlite3.Connection, now: datetime) -> None:
    """Read the whole file after an unclean end, and once a week: it takes a moment."""
    if read_version(connection) == 0:
        return
    marks = dict(connection.execute("SELECT key, value FROM upkeep").fetchall())
    checked_at = marks.get("checked_at")
    fresh = checked_at is not None and now - datetime.fromisoformat(checked_at) < CHECK_EVERY
    if marks.get("closed_cleanly") == "yes" and fresh:
        return
    health = check_connection(connection)
    if not health.sound:
        raise DatabaseDamaged("The database is damaged.", detail=health.problem)
    _mark(connection, "checked_at", now.astimezone(UTC).isoformat())


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


def _close_writing(writing: _Writing, path: Path, now: datetime) -> None:
    connection = writing.connection
    try:
        with database_errors():
            connection.execute("PRAGMA optimize")
            newest = newest_backup_at(path)
            if newest is None or abs(now - newest) >= BACKUP_EVERY:
                try:
                    make_backup(connection, path, now)
                except StorageError as error:
                    logger.warning("no backup was made: %s (%s)", error, error.detail)
            _mark(connection, "closed_cleanly", "yes")
    except StorageError as error:
        # Leaving must not fail: unmarked, the next start checks the file.
        logger.warning("the database was not closed cleanly: %s (%s)", error, error.detail)
    finally:
        _release(writing)


def _release(writing: _Writing) -> None:
    _close_quietly(writing.connection)
    writing.lock.release()


def _close_quietly(connection: sqlite3.Connection | None) -> None:
    if connection is not None:
        connection.close()
