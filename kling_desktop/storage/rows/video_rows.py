"""How a video lies in its row, and the shape under which it is found."""

import sqlite3

from kling_desktop.domain.catalog import MODELS_BY_ID
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.job import JobId, Service, TaskId
from kling_desktop.domain.video import NewVideo, Video, VideoFacts, VideoId
from kling_desktop.storage.rows.columns import (
    Column,
    insert_row,
    read_draft,
    read_moment,
    read_moment_or_none,
    read_money_or_none,
    write_draft,
    write_moment,
    write_money,
)

_NEAR = 0.03
"""Encoders round to even sides: a shape within 3 % is that shape."""


def shape_of(width: int, height: int) -> str:
    """Name a picture's shape: ``16:9``, ``1:1`` or ``9:16`` when near, else how it lies."""
    if not width or not height:
        return "unknown"
    aspect = width / height
    for name, wanted in (("16:9", 16 / 9), ("1:1", 1.0), ("9:16", 9 / 16)):
        if abs(aspect / wanted - 1) <= _NEAR:
            return name
    return "landscape" if aspect > 1 else "portrait"


def size_of(draft: Draft) -> str:
    """Write the size asked for, empty where it follows the first frame."""
    return "" if draft.dimensions is None else str(draft.dimensions)


def video_from_row(row: sqlite3.Row) -> Video:
    """Make the value of a row of `videos`.

    Raises:
        DamagedValue: The row's draft cannot be read.
    """
    # A row that comes back from an UPDATE gives whole numbers without their point, hence float().
    job_id, took_s = row["job_id"], row["took_s"]
    return Video(
        id=VideoId(row["id"]),
        task_id=TaskId(row["task_id"]),
        job_id=None if job_id is None else JobId(job_id),
        service=Service(row["service"]),
        file=row["file"],
        draft=read_draft(row["draft"]),
        facts=VideoFacts(
            width=row["width"],
            height=row["height"],
            # The column keeps its first name, so that older versions can still read the library.
            duration_s=float(row["film_duration_s"]),
            fps=float(row["fps"]),
            frames=row["frames"],
            codec=row["codec"],
            size_bytes=row["size_bytes"],
        ),
        sha256=row["sha256"],
        made_at=read_moment(row["made_at"]),
        took_s=None if took_s is None else float(took_s),
        cost_usd=read_money_or_none(row["cost_micros"]),
        seed=row["seed"],
        group_id=row["group_id"],
        favourite=bool(row["favourite"]),
        seen=bool(row["seen"]),
        missing=bool(row["missing"]),
        trashed_at=read_moment_or_none(row["trashed_at"]),
    )


def insert_video(connection: sqlite3.Connection, video: NewVideo) -> Video:
    """Add one video to the library."""
    draft, facts = video.draft, video.facts
    spec = MODELS_BY_ID.get(draft.model)
    values: dict[str, Column] = {
        "task_id": video.task_id,
        "job_id": video.job_id,
        "service": video.service.value,
        "file": video.file,
        "file_name": file_name_of(video.file),
        "sha256": video.sha256,
        "made_at": write_moment(video.made_at),
        "took_s": video.took_s,
        "cost_micros": None if video.cost_usd is None else write_money(video.cost_usd),
        "seed": video.seed,
        "group_id": video.group_id,
        "width": facts.width,
        "height": facts.height,
        "film_duration_s": facts.duration_s,
        "fps": facts.fps,
        "frames": facts.frames,
        "codec": facts.codec,
        "size_bytes": facts.size_bytes,
        "model": draft.model,
        "model_name": draft.model if spec is None else spec.name,
        "duration_s": draft.duration_s,
        "size": size_of(draft),
        "shape": shape_of(facts.width, facts.height),
        "prompt": draft.prompt,
        "draft": write_draft(draft),
    }
    return get_row(connection, VideoId(insert_row(connection, "videos", values)))


def get_row(connection: sqlite3.Connection, video_id: VideoId) -> Video:
    """Read one video that is known to be there."""
    row = connection.execute("SELECT * FROM videos WHERE id = ?", (video_id,)).fetchone()
    return video_from_row(row)


def find_row_by_task(connection: sqlite3.Connection, task_id: TaskId) -> Video | None:
    """Find the video of a task; a video of unknown origin has no task and is never found."""
    row = connection.execute(
        "SELECT * FROM videos WHERE task_id = ? AND task_id <> ''", (task_id,)
    ).fetchone()
    return None if row is None else video_from_row(row)


def file_name_of(file: str) -> str:
    """Return the last part of a library path without its ending: what a search should find."""
    return file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
