"""Saved drafts, and the settings that were used last."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NewType

from kling_desktop.domain.draft import Draft
from kling_desktop.domain.events import Notifier
from kling_desktop.storage.database.database import Database
from kling_desktop.storage.rows.columns import read_draft, read_moment, write_draft, write_moment

DraftId = NewType("DraftId", int)
_LOOK_BACK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedDraft:
    """A saved draft; it is not a job and costs nothing."""

    id: DraftId
    draft: Draft
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class DraftChange:
    """A saved draft was added, changed, or removed (`saved` is None); sent after the commit."""

    draft_id: DraftId
    saved: SavedDraft | None


class DraftStore:
    """Owns the `drafts` table; recent settings are read from the jobs."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self.changed: Notifier[DraftChange] = Notifier()
        self._database = database
        self._now = now

    async def save(self, draft: Draft, draft_id: DraftId | None = None) -> SavedDraft:
        """Save a draft, or replace an earlier one.

        Raises:
            KeyError: The earlier one was removed meanwhile.
        """
        at, text = write_moment(self._now()), write_draft(draft)

        def action(connection: sqlite3.Connection) -> SavedDraft:
            if draft_id is None:
                row = connection.execute(
                    "INSERT INTO drafts (draft, created_at, saved_at) VALUES (?, ?, ?) RETURNING *",
                    (text, at, at),
                ).fetchall()
            else:
                row = connection.execute(
                    "UPDATE drafts SET draft = ?, saved_at = ? WHERE id = ? RETURNING *",
                    (text, at, draft_id),
                ).fetchall()
            if not row:
                raise KeyError(draft_id)
            return _from_row(row[0])

        return await self._database.write(
            action, lambda saved: self.changed.send(DraftChange(saved.id, saved))
        )

    async def remove(self, draft_id: DraftId) -> None:
        """Remove a saved draft; none of that number is no error."""

        def action(connection: sqlite3.Connection) -> bool:
            cursor = connection.execute("DELETE FROM drafts WHERE id = ?", (draft_id,))
            return cursor.rowcount > 0

        def notify(removed: bool) -> None:
            if removed:
                self.changed.send(DraftChange(draft_id, None))

        await self._database.write(action, notify)

    def list_drafts(self) -> tuple[SavedDraft, ...]:
        """List the saved drafts, the one saved last first."""
        rows = self._database.read().execute("SELECT * FROM drafts ORDER BY saved_at DESC, id DESC")
        return tuple(map(_from_row, rows))

    def list_recent(self, limit: int = 8) -> tuple[Draft, ...]:
        """List the distinct drafts that were queued last, the newest first, with one take each."""
        rows = self._database.read().execute(
            "SELECT draft FROM jobs ORDER BY id DESC LIMIT ?", (_LOOK_BACK,)
        )
        texts = dict.fromkeys(row["draft"] for row in rows)
        return tuple(replace(read_draft(text), takes=1) for text in list(texts)[:limit])


def _from_row(row: sqlite3.Row) -> SavedDraft:
    return SavedDraft(
        id=DraftId(row["id"]), draft=read_draft(row["draft"]), saved_at=read_moment(row["saved_at"])
    )
