"""The library's videos as `Video` values: found, sorted, marked."""

import json
import sqlite3
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from kling_desktop.domain.events import Notifier, VideoChange
from kling_desktop.domain.job import Service, TaskId
from kling_desktop.domain.video import NewVideo, Video, VideoFacts, VideoId
from kling_desktop.storage.database.database import Database
from kling_desktop.storage.rows.columns import Column, write_moment, write_value
from kling_desktop.storage.rows.video_rows import (
    file_name_of,
    find_row_by_task,
    insert_video,
    shape_of,
    video_from_row,
)
from kling_desktop.storage.stores.video_query import VideoQuery, build_condition, order_of

_ROW_COLUMNS = (
    "id, CASE WHEN width > 0 AND height > 0 THEN width * 1.0 / height ELSE 1.0 END,"
    " made_at, film_duration_s, favourite, seen, missing, service"
)


class VideoRow(NamedTuple):
    """What the wall needs of a video that is not painted yet; light, for there may be 100,000.

    Attributes:
        aspect: Width by height, 1.0 where the size is not known.
        made_at: ISO 8601 in UTC, as kept: `datetime.fromisoformat` reads it where a day is needed.
    """

    id: VideoId
    aspect: float
    made_at: str
    duration_s: float
    favourite: bool
    seen: bool
    missing: bool
    practice: bool


class LibraryTotals(NamedTuple):
    """What the library holds, without the trash."""

    videos: int
    size_bytes: int


class VideoStore:
    """Owns the `videos` table.  `changed` reports each change, on the loop's thread."""

    def __init__(self, database: Database) -> None:
        self.changed: Notifier[VideoChange] = Notifier()
        self._database = database

    def get_video(self, video_id: VideoId) -> Video:
        """Read one video.

        Raises:
            KeyError: There is none with this number.
        """
        video = self.find_video(video_id)
        if video is None:
            raise KeyError(video_id)
        return video

    def find_video(self, video_id: VideoId) -> Video | None:
        return self._find("SELECT * FROM videos WHERE id = ?", video_id)

    def find_by_task(self, task_id: TaskId) -> Video | None:
        return find_row_by_task(self._database.read(), task_id)

    def list_ids(
        self, query: VideoQuery, *, limit: int = -1, offset: int = 0
    ) -> tuple[VideoRow, ...]:
        """List the rows of the wall in order.

        A page costs a few milliseconds whatever the library's size; all 100,000 at once cost a
        noticeable part of a second, so a window asks page by page.
        """
        condition = build_condition(query)
        rows = self._database.read().execute(
            f"SELECT {_ROW_COLUMNS} FROM videos WHERE {condition.sql}"  # noqa: S608 our own words
            f" ORDER BY {order_of(query.sort)} LIMIT ? OFFSET ?",
            (*condition.values, limit, offset),
        )
        return tuple(
            VideoRow(
                id_, aspect, made_at, length, bool(favourite), bool(seen), bool(missing),
                service == Service.SANDBOX,
            )
            for id_, aspect, made_at, length, favourite, seen, missing, service in rows
        )  # fmt: skip

    def get_videos(self, ids: Collection[VideoId]) -> tuple[Video, ...]:
        """Read several videos in the order of `ids`; one that is not there is left out."""
        rows = self._database.read().execute(
            "SELECT videos.* FROM json_each(?) AS wanted JOIN videos ON videos.id = wanted.value"
            " ORDER BY wanted.key",
            (json.dumps(list(ids)),),
        )
        return tuple(video_from_row(row) for row in rows)

    def count(self, query: VideoQuery) -> int:
        condition = build_condition(query)
        (count,) = (
            self._database.read()
            .execute(
                f"SELECT count(*) FROM videos WHERE {condition.sql}",  # noqa: S608 built of our words
                condition.values,
            )
            .fetchone()
        )
        return int(count)

    def totals(self) -> LibraryTotals:
        """Count what the library holds and what it takes on the disk, without the trash."""
        row = (
            self._database.read()
            .execute(
                "SELECT count(*), coalesce(sum(size_bytes), 0) FROM videos WHERE trashed_at IS NULL"
            )
            .fetchone()
        )
        return LibraryTotals(*row)

    async def add(self, video: NewVideo) -> Video:
        """Add a video that was found in the folder; one of a known task stays as it is."""

        def action(connection: sqlite3.Connection) -> tuple[Video, bool]:
            found = find_row_by_task(connection, video.task_id)
            return (found, False) if found is not None else (insert_video(connection, video), True)

        def notify(result: tuple[Video, bool]) -> None:
            kept, added = result
            if added:
                self.changed.send(VideoChange(kept.id, kept, added=True))

        kept, _ = await self._database.write(action, notify)
        return kept

    async def set_favourite(self, ids: Collection[VideoId], favourite: bool) -> None:
        """Give videos the heart, or take it away."""
        await self._set(ids, "favourite", favourite)

    async def mark_seen(self, ids: Collection[VideoId]) -> None:
        """Take the dot of what was never looked at."""
        await self._set(ids, "seen", True)  # noqa: FBT003

    async def set_missing(self, ids: Collection[VideoId], missing: bool) -> None:
        """Note whether the files were there at the last look."""
        await self._set(ids, "missing", missing)

    async def set_trashed(self, video_id: VideoId, at: datetime | None) -> None:
        """Note that the file went to the system's trash, or that it came back."""
        await self._set([video_id], "trashed_at", None if at is None else write_moment(at))

    async def set_file(self, video_id: VideoId, file: str) -> None:
        """Note the file's new place in the library; it is not missing any more."""
        await self._change(
            [video_id], {"file": file, "file_name": file_name_of(file), "missing": 0}
        )

    async def set_measured(self, video_id: VideoId, facts: VideoFacts, sha256: str) -> None:
        """Note what the file is now: it was edited outside the app."""
        await self._change(
            [video_id],
            {
                "width": facts.width,
                "height": facts.height,
                "film_duration_s": facts.duration_s,
                "fps": facts.fps,
                "frames": facts.frames,
                "codec": facts.codec,
                "size_bytes": facts.size_bytes,
                "shape": shape_of(facts.width, facts.height),
                "sha256": sha256,
            },
        )

    def _find(self, query: str, value: Column) -> Video | None:
        row = self._database.read().execute(query, (value,)).fetchone()
        return None if row is None else video_from_row(row)

    async def _set(self, ids: Collection[VideoId], column: str, value: object) -> None:
        await self._change(ids, {column: write_value(value)})

    async def _change(self, ids: Collection[VideoId], values: dict[str, Column]) -> None:
        """Change columns of several videos in one transaction; report only real changes."""
        assignments = ", ".join(f"{name} = ?" for name in values)
        differences = " OR ".join(f"{name} IS NOT ?" for name in values)

        def action(connection: sqlite3.Connection) -> tuple[Video, ...]:
            rows = connection.execute(
                f"UPDATE videos SET {assignments}"  # noqa: S608 our own names
                f" WHERE id IN (SELECT value FROM json_each(?)) AND ({differences}) RETURNING *",
                (*values.values(), json.dumps(list(ids)), *values.values()),
            ).fetchall()
            return tuple(map(video_from_row, rows))

        def notify(videos: tuple[Video, ...]) -> None:
            for video in videos:
                self.changed.send(VideoChange(video.id, video))

        await self._database.write(action, notify)
