"""When the database is copied while it is in use: a while after something has changed."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from kling_desktop.domain.errors import DatabaseDamaged, StorageError
from kling_desktop.storage.database.backups import make_backup
from kling_desktop.storage.files.system_errors import database_errors

logger = logging.getLogger(__name__)

BACKUP_EVERY_S = 600.0
"""The longest time that a change is in no backup; what was sent is in the journal too."""


class RunningBackups:
    """Copies the database in a thread and connection of its own: no write waits for it.

    Owned by `Database`, on the loop's thread.

    Attributes:
        has_news: Whether something has changed since the last backup of this run.
        found_damage: Whether a backup showed that the database is damaged.
    """

    def __init__(self, path: Path, *, now: Callable[[], datetime], every_s: float) -> None:
        self.has_news = False
        self.found_damage = False
        self._path = path
        self._now = now
        self._every_s = every_s
        self._timer: asyncio.TimerHandle | None = None
        self._copying: asyncio.Future[None] | None = None

    def note_change(self) -> None:
        """Something was committed: a backup follows after at most `every_s` seconds."""
        self.has_news = True
        if self._timer is None and self._copying is None:
            self._timer = asyncio.get_running_loop().call_later(self._every_s, self._begin)

    async def close(self) -> None:
        """Start no more backups and wait for the one under way."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._copying is not None:
            await asyncio.wait([self._copying])

    def _begin(self) -> None:
        self._timer = None
        self.has_news = False
        loop = asyncio.get_running_loop()
        self._copying = loop.run_in_executor(None, self._copy)
        self._copying.add_done_callback(self._on_copied)

    def _copy(self) -> None:
        with database_errors(), closing(sqlite3.connect(self._path)) as source:
            source.execute("PRAGMA query_only = ON")
            make_backup(source, self._path, self._now())

    def _on_copied(self, copying: "asyncio.Future[None]") -> None:
        self._copying = None
        error = copying.exception()
        if isinstance(error, StorageError):
            logger.warning("no backup was made: %s (%s)", error, error.detail)
            self.found_damage |= isinstance(error, DatabaseDamaged)
        elif error is not None:
            asyncio.get_running_loop().call_exception_handler(
                {"message": "a backup failed", "exception": error, "future": copying}
            )
        if error is not None:
            self.has_news = True
        elif self.has_news:  # it changed while it was copied
            self.note_change()
