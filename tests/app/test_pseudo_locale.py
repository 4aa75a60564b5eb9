"""Walks the whole window in the pseudo-locale: every word on it went through a translator's hands."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDialog

from kling_desktop import __version__
from kling_desktop.domain.job import JobState
from kling_desktop.ui.settings.settings_dialog import SettingsDialog
from kling_desktop.ui.settings.settings_page import SettingsPage
from kling_desktop.ui.startup.welcome_page import WelcomePage
from kling_desktop.wording.translation import PSEUDO, pseudo
from tests.app.pseudo_walk import PseudoWalk, find_unmarked
from tests.app.running import Places, RunningApp, close_windows, open_dialog
from tests.fakes.service import KEY, FakeService
from tests.fakes.service_script import Ack, Refuse, Success, Trouble
from tests.media.pictures import save
from tests.media.videos import make_video
from tests.ui.clip_samples import PLAYER_NOISE

pytestmark = pytest.mark.qt_log_ignore(*PLAYER_NOISE, extend=True)

PROMPT = "Φανάρια ανεβαίνουν από τη λίμνη"
"""The user's words are Greek, so that no letter of theirs is taken for a sentence of ours."""


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Places:
    places = Places(monkeypatch, tmp_path)
    places.set(KLING_DESKTOP_LANGUAGE=PSEUDO)
    return places


@pytest.fixture
def service(tmp_path: Path, places: Places) -> FakeService:
    make_video(tmp_path / "βίντεο.mp4", (320, 180), 30, frames=150)
    service = FakeService(video=(tmp_path / "βίντεο.mp4").read_bytes())
    places.settle_on("runware")
    places.use_fake(service)
    return service


@pytest.fixture
def walk(monkeypatch: pytest.MonkeyPatch, places: Places, tmp_path: Path) -> PseudoWalk:
    own = (str(places.data / "logs"), str(places.library), str(tmp_path), __version__, KEY[-4:])
    return PseudoWalk(monkeypatch, own)


def write(app: RunningApp, words: str) -> None:
    """Put words into the prompt: Qt's test keys know ASCII alone."""
    app.create.focus_prompt()
    app.create.prompt.edit.insertPlainText(words)


def expect_marked(walk: PseudoWalk) -> None:
    """Fail with every text that was not marked, by the package that it belongs to."""
    assert len(walk.seen) > 10
    assert {package: sorted(texts) for package, texts in sorted(walk.unmarked.items())} == {}


async def test_the_welcome(places: Places, walk: PseudoWalk) -> None:
    async with places.run() as app:
        assert app.find(WelcomePage).isVisible()
        walk.look()
    expect_marked(walk)


async def test_create_and_its_menus(
    places: Places, service: FakeService, walk: PseudoWalk, tmp_path: Path
) -> None:
    async with places.run() as app:
        walk.look()
        await app.drop(save(tmp_path / "λιμάνι.png"))
        app.create.options.options.set_expanded(expanded=True)
        write(app, PROMPT)
        walk.look()
        await app.drop(save(tmp_path / "μικρό.png", (40, 40)))
        walk.look()
        app.create.open_models()
        walk.look()
        assert app.create.picker is not None
        app.create.picker.close()
    expect_marked(walk)


async def test_the_queue_in_all_its_states(
    places: Places, service: FakeService, walk: PseudoWalk
) -> None:
    async with places.run() as app:
        stories = (
            ((Ack(), Success()), JobState.DONE),
            ((Refuse("contentPolicy"),), JobState.FAILED),
            ((Ack(),), JobState.RUNNING),
            ((Trouble(500, times=99),), JobState.UNCONFIRMED),
        )
        for steps, end in stories:
            service.script("*", *steps)
            write(app, PROMPT)
            app.generate()
            await app.until(lambda end=end: end in app.states(), f"a job that is {end}")
            walk.look()
        app.find_commands().action("pause-all").trigger()
        await app.until(lambda: app.core.engine.status.pause is not None, "paused")
        walk.look()
        for row in range(app.queue.model.rowCount()):
            app.queue.view.setCurrentIndex(app.queue.model.index(row))
            walk.look()
    expect_marked(walk)


async def test_library_details_viewer_and_compare(
    places: Places, service: FakeService, walk: PseudoWalk
) -> None:
    async with places.run() as app:
        write(app, PROMPT)
        app.create.footer.takes_changed.emit(2)
        app.generate()
        await app.until(lambda: app.library.model.rowCount() == 2, "two clips")
        app.library.wall.selectAll()
        walk.look()
        app.find_commands().action("show-details").trigger()
        walk.look()
        app.library.run_command("compare")
        walk.look()
        app.main.clips.open_clip(app.library.model.id_at(0))
        await app.until(lambda: app.viewer.player.frame > 0, "the video plays")
        walk.look()
        app.viewer.close_clip()
        app.library.run_command("trash")
        walk.look()
    expect_marked(walk)


@pytest.mark.parametrize("page", list(SettingsPage))
async def test_the_settings(
    places: Places, service: FakeService, walk: PseudoWalk, page: SettingsPage
) -> None:
    async with places.run() as app, open_dialog(app, "settings") as settings:
        assert isinstance(settings, SettingsDialog)
        settings.show_settings(page)
        walk.look()
    expect_marked(walk)


@pytest.mark.parametrize("command", ["spending", "shortcuts", "about"])
async def test_the_sheets(
    places: Places, service: FakeService, walk: PseudoWalk, command: str
) -> None:
    async with places.run() as app:
        write(app, PROMPT)
        app.generate()
        await app.until(lambda: app.library.model.rowCount() == 1, "a clip")
        async with open_dialog(app, command):
            walk.look()
    expect_marked(walk)


async def test_leaving_while_a_clip_runs(
    places: Places, service: FakeService, walk: PseudoWalk
) -> None:
    service.script("*", Ack())
    async with places.run() as app:
        write(app, PROMPT)
        app.generate()
        await app.until(lambda: app.core.engine.status.running == 1, "a clip runs")
        app.window.close()
        await app.until(
            lambda: any(d.isVisible() for d in app.window.findChildren(QDialog)), "the question"
        )
        walk.look()
        close_windows(app)
    expect_marked(walk)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (pseudo("Saved as draft"), ""),
        (pseudo("Moved to {folder}.").format(folder=pseudo("the trash")), ""),
        (f"{pseudo('Model')}: KlingAI 2.5 Turbo Pro · $0.35 · 1280 × 720 px", ""),
        (f"{pseudo('Copy files')}  Ctrl+Shift+C", ""),
        (PROMPT, ""),
        ("Saved as draft", "Saved as draft"),
        (f"{pseudo('Moved to')} the trash", "the trash"),
        ("5 seconds", "5 seconds"),
        ("5 s", "5 s"),
        ("30 fps", "30 fps"),
        ("⟦Ĥöļð ", ""),
        (" åñð ðŕåĝ~~~⟧", ""),
    ],
)
def test_the_walk_sees_words_that_were_not_marked(text: str, rest: str) -> None:
    assert find_unmarked(text) == rest


def test_the_walk_knows_this_tests_folders(tmp_path: Path) -> None:
    assert find_unmarked(f"{tmp_path}/x", (str(tmp_path),)) == "/x"
    assert QApplication.instance() is not None
