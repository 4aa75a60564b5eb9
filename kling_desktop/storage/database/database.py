"""How the database is opened, written and closed: one thread that writes, one that reads."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from kling_desktop.domain.errors import DatabaseBusy, StorageError
from kling_desktop.domain.reasons import Reason
from kling_desktop.storage.cleanup import async_cleanup_on_failure, cleanup_on_failure
from kling_desktop.storage.database.database_lifecycle import (
    Writing,
    close_writing,
    connect_reader,
    open_writing,
    peek_version,
    refuse_foreign,
    refuse_newer,
    release,
    transact,
)
from kling_desktop.storage.database.migrations import Migration, list_migrations
from kling_desktop.storage.database.owner_lock import LOCK_WAIT_S
from kling_desktop.storage.database.running_backups import BACKUP_EVERY_S, RunningBackups
from kling_desktop.storage.database.sent_journal import SentJournal, journal_path
from kling_desktop.storage.files.system_errors import database_errors

T = TypeVar("T")


class Database:
    """The one database of a data folder; made by `open`, owned by the app, closed by it.

    Reads run on the loop's thread through `read`; every write is one transaction in the writer's
    thread.  In WAL mode neither waits for the other.

    Attributes:
        sent: The journal of sent tasks beside the database.
        brought_back: How many jobs this opening restored from the journal.
    """

    def __init__(
        self,
        path: Path,
        reader: sqlite3.Connection,
        writing: Writing | None,
        executor: ThreadPoolExecutor | None,
        now: Callable[[], datetime],
        backup_every_s: float = BACKUP_EVERY_S,
    ) -> None:
        self.path = path
        self.sent = SentJournal(journal_path(path))
        self.brought_back = 0 if writing is None else writing.brought_back
        self._backups = RunningBackups(path, now=now, every_s=backup_every_s)
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
        backup_every_s: float = BACKUP_EVERY_S,
    ) -> "Database":
        """Lock the data folder, check and migrate the database, open both connections.

        Raises:
            DatabaseBusy: Another process owns the folder.
            DatabaseTooNew: A newer app wrote it; it was not touched.
            DatabaseDamaged: It cannot be used; `backups` lists the sound copies.
            StorageError: The folder cannot be written to, or is full.
        """
        steps = list_migrations() if migrations is None else migrations
        executor = ThreadPoolExecutor(1, thread_name_prefix="database")
        loop = asyncio.get_running_loop()
        with cleanup_on_failure(lambda: executor.shutdown(wait=False)):
            writing = await loop.run_in_executor(
                executor, open_writing, path, steps, now, lock_wait_s
            )
            async with async_cleanup_on_failure(
                lambda: loop.run_in_executor(executor, release, writing)
            ):
                with database_errors():
                    reader = connect_reader(path)
        return cls(path, reader, writing, executor, now, backup_every_s)

    @classmethod
    async def open_readonly(cls, path: Path) -> "Database":
        """Open for reading beside the process that owns the folder; `write` raises DatabaseBusy.

        Raises:
            StorageError: There is no database yet, or one of an older version.
            DatabaseTooNew: A newer app wrote it.
            DatabaseDamaged: It has no version although it holds something.
        """
        if not path.is_file():
            raise StorageError(Reason.NO_DATABASE, detail=str(path))
        migrations = list_migrations()
        newest = len(migrations)
        with database_errors():
            version = peek_version(path)
            refuse_newer(version, newest)
            reader = connect_reader(path)
            with cleanup_on_failure(reader.close):
                refuse_foreign(reader, migrations)
                if version < newest:
                    raise StorageError(Reason.DATABASE_OLDER)
        return cls(path, reader, None, None, lambda: datetime.now(UTC))

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
        is there, even when the caller was cancelled meanwhile: no event gets lost.

        Raises:
            DatabaseBusy: The database was opened for reading only.
            StorageError: What SQLite refused, translated.
        """
        writing = self._writing
        if writing is None or self._executor is None:
            raise DatabaseBusy(Reason.DATABASE_IN_USE)
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._executor, transact, writing.connection, action)

        def on_committed(done: asyncio.Future[T]) -> None:
            if not done.cancelled() and done.exception() is None:
                if self._executor is not None:  # else it is just being closed
                    self._backups.note_change()
                if after is not None:
                    after(done.result())

        future.add_done_callback(on_committed)
        return await asyncio.shield(future)

    async def close(self) -> None:
        """Wait for the writes under way, make a backup if it is due, mark a clean end."""
        self._reader.close()
        writing, executor = self._writing, self._executor
        self._writing = self._executor = None
        if writing is None or executor is None:
            return
        await self._backups.close()
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(
                executor,
                lambda: close_writing(
                    writing,
                    self.path,
                    self._now(),
                    has_news=self._backups.has_news,
                    found_damage=self._backups.found_damage,
                ),
            )
        finally:
            executor.shutdown(wait=False)
