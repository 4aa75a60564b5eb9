"""Measures the wall and its queries with 100,000 clips beside 100."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median

from PySide6.QtCore import QAbstractItemModel
from PySide6.QtWidgets import QApplication

from kling_desktop.app.event_loop import Loop
from kling_desktop.domain.catalog import Dimensions
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.job import Service, TaskId
from kling_desktop.domain.video import NewVideo, VideoFacts
from kling_desktop.media.thumbnail_files import ThumbnailFiles
from kling_desktop.media.thumbnails import Thumbnails
from kling_desktop.storage.database.database import Database
from kling_desktop.storage.stores.video_query import VideoQuery
from kling_desktop.storage.stores.video_store import VideoStore
from kling_desktop.ui.clips.clip_pictures import ClipPictures
from kling_desktop.ui.library.video_model import VideoModel
from kling_desktop.ui.library.video_wall import VideoWall
from kling_desktop.ui.theme.icons import IconSet
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.theme import ThemeSource
from tools.bench_figures import Figure, in_turns, time_of

FEW, MANY = 100, 100_000
TURNS, STEPS = 7, 40
MOST_SCROLL = 2.0
MOST_QUERY_MS = 16.0
MOST_FIRST_MS = 50.0
LONGEST_READING_S = 30.0
PAGE = 200


@dataclass(frozen=True, slots=True)
class Stage:
    """A wall over one library."""

    store: VideoStore
    model: VideoModel
    wall: VideoWall
    first_s: float
    all_s: float


def measure() -> list[Figure]:
    app = QApplication.instance() or QApplication(["bench"])
    if not isinstance(app, QApplication):
        raise TypeError("another kind of application is running")
    app.setQuitOnLastWindowClosed(False)
    themes = ThemeSource(app)
    look = Look(themes, IconSet(themes))
    loop = Loop(app)
    with (
        tempfile.TemporaryDirectory(prefix="kling-bench-") as folder,
        asyncio.Runner(loop_factory=lambda: loop) as runner,
    ):
        return runner.run(_measure(Path(folder), look))


async def _measure(folder: Path, look: Look) -> list[Figure]:
    async with (
        _stage(folder / "few", look, FEW) as few,
        _stage(folder / "many", look, MANY) as many,
    ):
        few_s, many_s = in_turns(TURNS, lambda: _scroll(few.wall), lambda: _scroll(many.wall))
        few_layout_s, layout_s = in_turns(
            TURNS, lambda: _relayout(few.wall), lambda: _relayout(many.wall)
        )
        page_ms = _query_ms(many, VideoQuery())
        words_ms = _query_ms(many, VideoQuery(text="rare number"))
        return [
            Figure(
                "scroll 100,000 clips / 100 clips", many_s / few_s, "×", MOST_SCROLL,
                note=f"{many_s * 1000:.1f} ms beside {few_s * 1000:.1f} ms a frame",
            ),
                        Figure(
                "lay out 100,000 clips anew", layout_s * 1000, "ms",
                note=f"{few_layout_s * 1000:.2f} ms for 100",
            ),
            Figure(
                "first clips of 100,000 show after", many.first_s * 1000, "ms", MOST_FIRST_MS,
                note=f"all are there after {many.all_s:.2f} s, piece by piece",
            ),
            Figure(f"query a page of {PAGE} of 100,000", page_ms, "ms", MOST_QUERY_MS),
            Figure("search words in 100,000", words_ms, "ms", MOST_QUERY_MS),
        ]  # fmt: skip


@asynccontextmanager
async def _stage(folder: Path, look: Look, clips: int) -> AsyncIterator[Stage]:
    folder.mkdir()
    database = await Database.open(folder / "library.db", now=_now)
    store = VideoStore(database)
    await _fill(database, store, clips)
    with ThreadPoolExecutor(1) as executor:
        thumbnails = Thumbnails(ThumbnailFiles(folder / "thumbnails"), executor)
        pictures = ClipPictures(thumbnails, lambda video: folder / video.file)
        model = VideoModel(store, now=_now)
        wall = VideoWall(look, model, pictures)
        try:
            wall.resize(1100, 800)
            wall.show()
            first_s = time_of(model.refresh)
            all_s = await _wait_for(model, clips) + first_s
            yield Stage(store, model, wall, first_s, all_s)
        finally:
            wall.stop()
            model.close()
            wall.close()
            thumbnails.stop()
            await database.close()


async def _fill(database: Database, store: VideoStore, clips: int) -> None:
    """Add one clip as the app does, and multiply its row."""
    draft = Draft(prompt="Lanterns rise", dimensions=Dimensions(1280, 720))
    facts = VideoFacts(
        width=1280, height=720, duration_s=5.0, fps=30.0, frames=150, codec="h264",
        size_bytes=4_000_000,
    )  # fmt: skip
    video = NewVideo(
        task_id=TaskId("00000000-0000-4000-8000-000000000000"), job_id=None,
        service=Service.RUNWARE, file="clip.mp4", draft=draft, facts=facts, sha256="0" * 64,
        made_at=_now(), cost_usd=Decimal("0.35"),
    )  # fmt: skip
    await store.add(video)
    own = ("id", "task_id", "job_id", "made_at", "prompt", "file_name", "width", "height")
    columns = [
        row["name"]
        for row in database.read().execute("PRAGMA table_info(videos)")
        if row["name"] not in own
    ]
    same = ", ".join(columns)
    query = (
        "WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter"  # noqa: S608
        f" WHERE n < {clips - 1}) INSERT INTO videos (task_id, made_at, prompt, file_name, width,"
        f" height, {same}) SELECT '', strftime('%Y-%m-%dT%H:%M:%S', 1700000000 + n * 600,"
        " 'unixepoch') || '.000000+00:00', 'Prompt number ' || n || CASE n % 1000 WHEN 0 THEN"
        " ' rare' ELSE '' END, 'clip', CASE n % 3 WHEN 0 THEN 1280 ELSE 720 END,"
        f" CASE n % 3 WHEN 1 THEN 1280 ELSE 720 END, {same} FROM counter, videos"
        " WHERE videos.id = 1"
    )
    await database.write(lambda connection: connection.execute(query).fetchall())


async def _wait_for(model: QAbstractItemModel, clips: int) -> float:
    started = time.perf_counter()
    async with asyncio.timeout(LONGEST_READING_S):
        while model.rowCount() < clips:  # noqa: ASYNC110 - the rows have no event
            await asyncio.sleep(0)
    return time.perf_counter() - started


def _scroll(wall: VideoWall) -> float:
    """Return the seconds of one frame while scrolling down from the top, the median."""
    bar = wall.verticalScrollBar()
    bar.setValue(0)
    wall.viewport().repaint()
    room = min(bar.maximum(), STEPS * 40)

    def step(number: int) -> Callable[[], None]:
        def move() -> None:
            bar.setValue(room * number // STEPS)
            wall.viewport().repaint()

        return move

    return median(time_of(step(number)) for number in range(1, STEPS + 1))


def _relayout(wall: VideoWall) -> float:
    other = 180 if wall.target_height != 180 else 220
    return time_of(lambda: wall.set_target_height(other))


def _query_ms(stage: Stage, query: VideoQuery) -> float:
    stage.store.list_ids(query, limit=PAGE)
    times = [time_of(lambda: stage.store.list_ids(query, limit=PAGE)) for _ in range(TURNS)]
    return median(times) * 1000


def _now() -> datetime:
    return datetime.now(UTC)
