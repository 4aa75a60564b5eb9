"""A small real library for the widgets' tests: a database, clips in it, and pictures of them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from kling_desktop.domain.catalog import DEFAULT_MODEL, Dimensions, ModelId
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.job import Service, TaskId
from kling_desktop.domain.video import NewVideo, Video, VideoFacts
from kling_desktop.media.thumbnail_files import ThumbnailFiles
from kling_desktop.media.thumbnails import Thumbnails
from kling_desktop.storage.database.database import Database
from kling_desktop.storage.stores.video_store import VideoStore
from kling_desktop.ui.clips.clip_pictures import ClipPictures

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
PLAYER_NOISE = ("PulseAudio", "No RHI backend", "No audio device")
"""What Qt's player says on a machine without sound and graphics card."""
WIDE, SQUARE, TALL = Dimensions(1280, 720), Dimensions(720, 720), Dimensions(720, 1280)


def build_clip(
    number: int,
    *,
    prompt: str = "",
    size: Dimensions = WIDE,
    hours_ago: float | None = None,
    model: ModelId = DEFAULT_MODEL,
    duration_s: int = 5,
    service: Service = Service.RUNWARE,
    **changes: object,
) -> NewVideo:
    """Build a clip; the larger its number, the older it is, an hour each."""
    hours = number if hours_ago is None else hours_ago
    draft = Draft(
        prompt=prompt or f"Clip number {number}",
        model=model,
        dimensions=size,
        duration_s=duration_s,
    )
    video = NewVideo(
        task_id=TaskId(f"{number:08d}-0000-4000-8000-000000000000"),
        job_id=None,
        service=service,
        file=f"2026-11/clip-{number}.mp4",
        draft=draft,
        facts=VideoFacts(
            width=size.width,
            height=size.height,
            duration_s=float(duration_s),
            fps=30.0,
            frames=30 * duration_s,
            codec="h264",
            size_bytes=4_800_000,
        ),
        sha256=f"{number:064x}",
        made_at=NOW - timedelta(hours=hours),
        took_s=158.0,
        cost_usd=Decimal("0.35"),
    )
    return replace(video, **changes)  # pyright: ignore[reportArgumentType]


@dataclass
class ClipRecords:
    """An open library in a temporary folder."""

    database: Database
    store: VideoStore
    thumbnails: Thumbnails
    pictures: ClipPictures
    folder: Path
    videos: list[Video] = field(default_factory=list[Video])

    async def add(self, *clips: NewVideo) -> list[Video]:
        added = [await self.store.add(clip) for clip in clips]
        self.videos.extend(added)
        return added

    async def fill(self, count: int, **changes: object) -> list[Video]:
        """Add clips of all three shapes, newest first."""
        shapes = (WIDE, WIDE, SQUARE, TALL)
        return await self.add(
            *(build_clip(n, size=shapes[n % 4], **changes) for n in range(count))  # pyright: ignore[reportArgumentType]
        )


def now() -> datetime:
    return NOW


@asynccontextmanager
async def open_records(folder: Path) -> AsyncIterator[ClipRecords]:
    """Open an empty library below `folder` and put everything away afterwards."""
    library = folder / "library"
    (library / "2026-11").mkdir(parents=True)
    database = await Database.open(folder / "data" / "library.db", now=now)
    store = VideoStore(database)
    with ThreadPoolExecutor(2) as executor:
        thumbnails = Thumbnails(ThumbnailFiles(folder / "thumbnails"), executor)
        pictures = ClipPictures(thumbnails, lambda video: library / video.file)
        try:
            yield ClipRecords(database, store, thumbnails, pictures, library)
        finally:
            thumbnails.stop()
            await database.close()


async def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Let the loop turn until something is so."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  (what is waited for has no event)
            await asyncio.sleep(0.005)


async def settle(turns: int = 8) -> None:
    """Let what was scheduled for the next turns of the loop happen."""
    for _ in range(turns):
        await asyncio.sleep(0.002)
