"""The pictures that the service already has, so that each is uploaded once."""

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta

from kling_desktop.domain.job import MediaId, Service
from kling_desktop.storage.database.database import Database
from kling_desktop.storage.rows.columns import write_moment

FRESH_FOR = timedelta(days=29)
"""The service deletes a picture 30 days after its last use; one day is left as a margin."""


class UploadStore:
    """Owns the `uploads` table: a picture's hash to the service's name for it."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def find(self, service: Service, sha256: str) -> MediaId | None:
        """Find a picture that was used lately enough to be there still."""
        row = (
            self._database.read()
            .execute(
                "SELECT media_id FROM uploads WHERE service = ? AND sha256 = ? AND used_at > ?",
                (service.value, sha256, write_moment(self._now() - FRESH_FOR)),
            )
            .fetchone()
        )
        return None if row is None else MediaId(row["media_id"])

    async def keep(self, service: Service, sha256: str, media_id: MediaId) -> None:
        """Note an upload, or that it was used again just now."""
        values = (service.value, sha256, media_id, write_moment(self._now()))

        def action(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO uploads (service, sha256, media_id, used_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (service, sha256) DO UPDATE"
                " SET media_id = excluded.media_id, used_at = excluded.used_at",
                values,
            )

        await self._database.write(action)

    async def forget(self, service: Service, sha256: str) -> None:
        """Note that the service does not have this picture any more."""

        def action(connection: sqlite3.Connection) -> None:
            connection.execute(
                "DELETE FROM uploads WHERE service = ? AND sha256 = ?", (service.value, sha256)
            )

        await self._database.write(action)
