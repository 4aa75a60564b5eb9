"""What was made to give way is never cut: neither in English nor in the 40 % longer pseudo-locale."""

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kling_desktop.domain.job import JobState
from kling_desktop.ui.controls.fields import SearchField
from kling_desktop.ui.controls.labels import ElidedLabel, Label
from kling_desktop.ui.queue import row_painter
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording.translation import PSEUDO
from tests.app.cut_walk import CutWalk
from tests.app.running import Places, RunningApp
from tests.fakes.service import FakeService
from tests.fakes.service_script import Ack
from tests.media.videos import make_video
from tests.ui.clip_samples import PLAYER_NOISE

pytestmark = pytest.mark.qt_log_ignore(*PLAYER_NOISE, extend=True)

PROMPT = "Φανάρια ανεβαίνουν από τη λίμνη και χάνονται στον ουρανό"
SIZES = ((1440, 900), (1280, 720))


@pytest.fixture(params=["en", PSEUDO])
def language(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str) -> Places:
    places = Places(monkeypatch, tmp_path)
    places.set(KLING_DESKTOP_LANGUAGE=language)
    return places


@pytest.fixture
def service(tmp_path: Path, places: Places) -> FakeService:
    make_video(tmp_path / "βίντεο.mp4", (320, 180), 30, frames=150)
    service = FakeService(video=(tmp_path / "βίντεο.mp4").read_bytes())
    places.settle_on("runware")
    places.use_fake(service)
    return service


@pytest.fixture
def walk(monkeypatch: pytest.MonkeyPatch) -> CutWalk:
    return CutWalk(monkeypatch)


def write(app: RunningApp, words: str) -> None:
    app.create.focus_prompt()
    app.create.prompt.edit.insertPlainText(words)


async def look_in_every_size(app: RunningApp, walk: CutWalk) -> None:
    for size in SIZES:
        app.window.resize(*size)
        await asyncio.sleep(0.05)
        assert (app.window.width(), app.window.height()) == size
        walk.look()


def expect_whole(walk: CutWalk, place: str) -> None:
    """Fail with what is cut in a place; that it was looked at at all is checked too."""
    assert len(walk.seen) > 5
    assert any(place in where for where in walk.places), walk.places
    assert sorted(line for line in walk.cut if place in line.partition(":")[0]) == []


async def test_the_queues_summary(places: Places, service: FakeService, walk: CutWalk) -> None:
    async with places.run() as app:
        await look_in_every_size(app, walk)
        service.script("*", Ack())
        write(app, PROMPT)
        app.generate()
        await app.until(lambda: JobState.RUNNING in app.states(), "a clip runs")
        await look_in_every_size(app, walk)
        app.find_commands().action("pause-all").trigger()
        await app.until(lambda: app.core.engine.status.pause is not None, "paused")
        await look_in_every_size(app, walk)
    expect_whole(walk, "Label in QueuePage")


async def test_the_summary_of_more_options(
    places: Places, service: FakeService, walk: CutWalk
) -> None:
    async with places.run() as app:
        await look_in_every_size(app, walk)
    expect_whole(walk, "_Header.paintEvent")


def test_the_walk_finds_what_is_cut(look: Look, walk: CutWalk) -> None:
    box = QWidget()
    parts = (
        Label("A sentence that is far too long"),
        ElidedLabel("Another one that ends early"),
        Label("Words on several lines, of which the last are lost", wrap=True),
        SearchField(look, "Search", "Prompt, model or file name"),
    )
    column = QVBoxLayout(box)
    for part in parts:
        part.setFixedSize(80, 24)
        column.addWidget(part)
    column.addWidget(ElidedLabel("Φανάρια ανεβαίνουν από τη λίμνη"))
    outside = Label("Out of sight", parent=box)
    outside.adjustSize()
    box.resize(140, 200)
    box.show()
    outside.move(120, 20)
    outside.show()
    walk.look()
    image = QImage(100, 20, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    row_painter.draw_text(painter, QRectF(0, 0, 30, 20), "A painted row", QFont(), QColor())
    painter.end()
    box.close()
    found = " ".join(walk.cut)
    for words in (
        "far too long", "ends early", "several lines", "Prompt, model", "Out of sight", "A painted",
    ):  # fmt: skip
        assert words in found, words
    assert "Φανάρια" not in found
    box.deleteLater()
