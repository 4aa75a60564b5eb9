"""The real window on the real loop: the main job, and everything that can come in its way."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtWidgets import QApplication

from kling_desktop.domain.draft import FrameRole
from kling_desktop.domain.events import Network, PauseReason
from kling_desktop.domain.job import JobState, Service
from kling_desktop.domain.secret import ApiKey
from kling_desktop.storage.settings.api_key import ApiKeySource, KeyPlace
from kling_desktop.ui.controls.buttons import PrimaryButton
from kling_desktop.ui.create.create_page import CreatePage
from kling_desktop.ui.create.slot_state import SlotPhase
from kling_desktop.ui.settings.settings_dialog import SettingsDialog
from kling_desktop.ui.settings.settings_page import SettingsPage
from kling_desktop.ui.shell.side_panel import SidePanel
from kling_desktop.ui.shell.status_line import StatusLine
from kling_desktop.ui.startup.welcome_page import WelcomePage
from tests.app.running import Heartbeat, Places, expect_no_bugs, read_words
from tests.fakes.service import KEY, FakeService
from tests.fakes.service_script import LoseAnswer, Processing, Success
from tests.media.pictures import (
    LIMIT_BYTES,
    pad,
    png_of_claimed_size,
    save,
    save_animation,
    save_png16,
    save_turned,
)
from tests.media.videos import make_video
from tests.ui.clip_samples import PLAYER_NOISE

pytestmark = pytest.mark.qt_log_ignore(*PLAYER_NOISE, extend=True)

DONE, QUEUED, RUNNING = JobState.DONE, JobState.QUEUED, JobState.RUNNING


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Places]:
    yield Places(monkeypatch, tmp_path)
    QApplication.clipboard().clear()


@pytest.fixture(scope="module")
def video_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("video") / "video.mp4"
    make_video(path, (320, 180), 30, frames=150)
    return path.read_bytes()


@pytest.fixture
def service(video_bytes: bytes, places: Places) -> FakeService:
    """A service in this process, already chosen."""
    service = FakeService(video=video_bytes)
    places.settle_on("runware")
    places.use_fake(service)
    return service


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return save(tmp_path / "café in the rain 🌧.png", (640, 360))


# -- the main job -------------------------------------------------------------------------------


async def test_a_dropped_picture_becomes_a_clip_that_plays(places: Places, picture: Path) -> None:
    places.settle_on("sandbox")
    async with places.run() as app:
        await app.until(lambda: app.core.client is not None, "the sandbox is there")
        with Heartbeat() as heart:
            await app.drop(picture)
            app.type("She turns under the umbrella")
            app.generate()
            await app.until(lambda: app.states() == [DONE], "the clip is made")
            await app.until(lambda: app.library.model.rowCount() == 1, "the tile")
            app.library.focus_region()
            app.press(Qt.Key.Key_Return)
            await app.until(lambda: app.window.stack.currentWidget() is app.viewer, "the viewer")
            await app.until(lambda: app.viewer.player.frame > 2, "the video plays")
        (video,) = app.core.stores.videos.get_videos([app.library.model.id_at(0)])
        assert app.viewer.video is not None
        assert app.viewer.video.id == video.id
        assert (app.library_dir / video.file).stat().st_size == video.facts.size_bytes
        assert video.draft.prompt == "She turns under the umbrella"
        assert video.draft.first_frame is not None
        assert video.draft.first_frame.name == picture.name
        app.press(Qt.Key.Key_F)
        await app.until(lambda: app.core.stores.videos.get_video(video.id).favourite, "the heart")
        app.window.show_tab(1)
        assert "She turns under the umbrella" in read_words(app.main.clips.details)
        assert app.create.draft.prompt, "everything stays filled in"
        # Its own work alone; `make bench` holds the strict figures of what a user waits for.
        assert heart.longest_work_s < 0.5
        expect_no_bugs(app)


async def test_three_takes_are_three_jobs(places: Places, service: FakeService) -> None:
    async with places.run() as app:
        app.type("Lanterns rise from the lake")
        app.create.footer.takes_changed.emit(3)
        app.generate()
        await app.until(lambda: app.states() == [DONE] * 3)

        assert len({job.task_id for job in app.jobs()}) == 3
        assert len({job.group_id for job in app.jobs()}) == 1
        assert len(service.ledger) == 3
        expect_no_bugs(app)


async def test_the_first_start_welcomes_and_leads_into_the_sandbox(places: Places) -> None:
    async with places.run() as app:
        welcome = app.find(WelcomePage)
        assert welcome.isVisible()
        app.press(Qt.Key.Key_Return)
        buttons = welcome.findChildren(PrimaryButton)
        next(button for button in buttons if button.text() == "Open Kling Desktop").click()
        await app.until(lambda: app.core.client is not None, "the sandbox is there")
        await app.until(lambda: not app.window.findChildren(WelcomePage), "the welcome is gone")

        assert app.core.stores.settings.current.service is Service.SANDBOX
        assert app.library_dir.is_dir()
    async with places.run() as app:
        assert not app.window.findChildren(WelcomePage)
        expect_no_bugs(app)


# -- what comes in the way ----------------------------------------------------------------------


async def test_a_smaller_thumbnail_cache_is_trimmed_at_once(
    places: Places, service: FakeService
) -> None:
    async with places.run() as app:
        old = app.core.folders.cache / "thumbnails" / "00" / "old.jpg"
        old.parent.mkdir(parents=True)
        with old.open("wb") as file:
            file.truncate(70 * 1024 * 1024)
        await app.core.stores.settings.update(cache_size_mb=64)
        await app.until(lambda: not old.exists(), "the cache is trimmed")


async def test_online_is_said_only_after_an_answer(places: Places, service: FakeService) -> None:
    async with places.run() as app:
        await app.until(lambda: "Not contacted yet" in read_words(app.find(StatusLine)), "no claim")
        app.type("Lanterns rise from the lake")
        app.generate()
        await app.until(lambda: app.states() == [DONE])
        assert "Online" in read_words(app.find(StatusLine))


async def test_a_missing_key_is_not_claimed_before_it_was_looked_for(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    places.settle_on("runware")
    asked = asyncio.Event()

    async def wait_for_key(_source: ApiKeySource) -> None:
        await asked.wait()

    monkeypatch.setattr(ApiKeySource, "load", wait_for_key)
    async with places.run() as app:
        line = app.find(StatusLine)
        await app.until(lambda: "Connecting" in read_words(line), "the key is looked for")
        assert "No API key" not in read_words(line)
        asked.set()
        await app.until(lambda: "No API key" in read_words(line), "there is none")


async def test_sums_in_the_open_settings_follow_the_clips(
    places: Places, service: FakeService
) -> None:
    async with places.run() as app:
        app.type("Lanterns rise from the lake")
        app.find_commands().action("settings").trigger()
        await app.until(lambda: app.window.findChildren(SettingsDialog), "the settings")
        dialog = app.find(SettingsDialog)
        dialog.show_settings(SettingsPage.ACCOUNT)
        assert "$0.00 used" in read_words(dialog)
        app.create.generate()
        await app.until(lambda: app.states() == [DONE])
        await app.until(lambda: "$0.35 used" in read_words(dialog), read_words(dialog))
        dialog.reject()


async def test_bugs_of_widgets_are_reported_and_stop_no_job(
    places: Places, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a widget's bug")

    async with places.run() as app:
        with monkeypatch.context() as broken:
            broken.setattr(SidePanel, "set_queue_count", fail)
            broken.setattr(StatusLine, "set_queue", fail)
            broken.setattr(CreatePage, "refresh_usual", fail)
            broken.setattr(CreatePage, "set_mode", fail)
            app.type("Lanterns rise from the lake")
            app.generate()
            await app.until(lambda: app.states() == [DONE], "the job goes on")
        assert app.says("Something went wrong inside the app")
        assert "a widget's bug" in app.log()
    assert len(service.ledger) == 1


async def test_a_refused_key_pauses_the_queue_and_leads_to_the_settings(
    places: Places, service: FakeService
) -> None:
    service.key = "rw-Another0Key1That2The3Person4Has5Not"
    async with places.run() as app:
        app.type("A quiet harbour")
        app.generate()
        await app.until(lambda: app.core.engine.status.pause is PauseReason.KEY_REFUSED)
        await app.until(lambda: app.says("This key was refused"), "the banner")

        # The gate closes first, so that nothing follows; the row goes back a write later.
        await app.until(lambda: app.states() == [QUEUED], "the job waits")
        assert not service.ledger
        await app.answer("Open account settings")
        await app.until(lambda: app.window.findChildren(SettingsDialog))
        assert app.find(SettingsDialog).page is SettingsPage.ACCOUNT
        service.key = KEY
        await app.answer("Done")
        app.core.engine.try_now()
        await app.main.account.save_key(ApiKey(KEY), KeyPlace.MEMORY)
        await app.until(lambda: app.states() == [DONE])
        assert not app.banner()
        expect_no_bugs(app)


async def test_offline_clips_wait_and_go_on_by_themselves(
    places: Places, service: FakeService
) -> None:
    service.down()
    async with places.run() as app:
        app.type("Clouds race over the ridge")
        app.generate()
        await app.until(lambda: app.core.engine.status.network is Network.OFFLINE)
        await app.until(lambda: app.says("You’re offline") or app.says("You're offline"))
        await app.until(lambda: app.states() == [QUEUED], "the job waits")
        await app.until(lambda: "1 waiting for network" in read_words(app.main.status_line))
        service.up()
        app.core.engine.try_now()
        await app.until(lambda: app.states() == [DONE])

        assert app.says("Back online")
        assert not app.window.banner.isVisible()
        assert len(service.ledger) == 1
        expect_no_bugs(app)


async def test_a_sandbox_that_is_away_can_be_started_again(places: Places) -> None:
    places.settle_on("sandbox")
    async with places.run() as app:
        await app.until(lambda: app.core.client is not None, "the sandbox is there")
        before = app.core.client
        away = replace(app.core.engine.status, network=Network.SANDBOX_AWAY)
        app.core.engine.status_changed.send(away)
        await app.until(lambda: app.says("The sandbox isn’t answering."))
        assert "Runware" not in app.banner()
        await app.answer("Start the sandbox again")
        await app.until(lambda: app.core.client not in (None, before), "another one")
        await app.until(lambda: not app.banner(), "all is well")


async def test_a_library_that_is_away_holds_the_queue_until_it_is_back(
    places: Places, service: FakeService
) -> None:
    async with places.run() as app:
        away = app.library_dir.with_name("unplugged")
        app.library_dir.rename(away)
        app.type("Petals open in time lapse")
        app.generate()
        await app.until(lambda: app.core.engine.status.pause is PauseReason.LIBRARY)
        await app.until(lambda: app.says("The library folder is not there"))
        assert not service.ledger
        away.rename(app.library_dir)
        app.core.engine.try_now()
        await app.until(lambda: app.states() == [DONE])

        assert not app.window.banner.isVisible()
        expect_no_bugs(app)


async def test_a_library_without_its_mark_is_asked_about_and_nothing_is_written_into_it(
    places: Places, service: FakeService
) -> None:
    async with places.run() as app:
        (app.library_dir / ".kling-library").unlink()
        app.type("Petals open in time lapse")
        app.generate()
        await app.until(lambda: app.core.engine.status.pause is PauseReason.LIBRARY_UNMARKED)
        await app.until(lambda: app.says("has lost its mark"))
        assert not service.ledger
        assert not (app.library_dir / ".kling-library").exists()
        await app.answer("This is my library")
        await app.until(lambda: app.states() == [DONE])

        assert (app.library_dir / ".kling-library").is_file()
        expect_no_bugs(app)


async def test_a_lost_answer_costs_nothing_twice(places: Places, service: FakeService) -> None:
    service.script("*", LoseAnswer(), Processing(), Success())
    async with places.run() as app:
        app.type("Beam sweeps once across the water")
        app.generate()
        await app.until(lambda: app.states() == [DONE])

        assert len(service.ledger) == 1
        expect_no_bugs(app)


# -- leaving and coming back --------------------------------------------------------------------


async def test_leaving_asks_and_the_next_start_collects_what_ran(
    places: Places, service: FakeService
) -> None:
    service.script("*", Processing(10_000))
    async with places.run() as app:
        app.type("Moon slides behind the rim")
        app.generate()
        await app.until(lambda: app.states() == [RUNNING])
        app.window.close()
        await app.answer("Stay")
        await asyncio.sleep(0.05)
        assert app.window.isVisible()
        began = time.monotonic()
        assert await app.leave("Quit") == 0
        assert time.monotonic() - began < 5
        expect_no_bugs(app)
    (task,) = service.tasks
    service.script(task, Success())
    async with places.run() as app:
        await app.until(lambda: app.states() == [DONE])

        await app.until(lambda: app.library.model.rowCount() == 1)
        assert service.count_acceptances(task) == 1
        assert len(service.ledger) == 1


async def test_what_is_filled_in_survives_leaving(places: Places, service: FakeService) -> None:
    async with places.run() as app:
        app.type("Half a thought")
        assert await app.leave() == 0  # at once: nothing waits for a pause in typing
    async with places.run() as app:
        assert app.create.draft.prompt == "Half a thought"
        assert not service.ledger


async def test_a_second_start_leaves_and_the_first_goes_on(
    places: Places, service: FakeService
) -> None:
    async with places.run() as app, places.run(ready=False) as second:
        assert second.ended is not None
        async with asyncio.timeout(20):
            assert await second.ended == 0
        app.window.activateWindow()
        await app.until(app.window.isActiveWindow, "the first window is in front")
        app.type("The first goes on")
        app.generate()
        await app.until(lambda: app.states() == [DONE])


async def test_damaged_records_are_mended_and_clips_taken_in_again(
    places: Places, service: FakeService
) -> None:
    async with places.run() as app:
        app.type("Jellyfish drifts upward")
        app.generate()
        await app.until(lambda: app.states() == [DONE])
    database = places.data / "kling-desktop.sqlite3"
    for rest in places.data.glob("kling-desktop.sqlite3-*"):
        rest.unlink()
    database.write_bytes(b"not a database at all" * 1000)
    async with places.run(ready=False) as app:
        await app.answer("Start with new records, made from the clips’ files")
        await app.answer("Go on")
        await app.until(lambda: app.program.main is not None, "the window is filled")
        await app.until(lambda: app.library.model.rowCount() == 1, "the clip is taken in again")

        await app.until(lambda: app.says("1 clip added"), "the notice")
        expect_no_bugs(app)
    assert len(service.ledger) == 1


# -- bad input ----------------------------------------------------------------------------------


def _truncate(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[:900])
    return path


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


BAD = {
    "no picture": (lambda d: _write(d / "notes.png", b"just words" * 50), "Can't read this file"),
    "truncated": (lambda d: _truncate(save(d / "cut.png", (640, 480))), "Can't read this file"),
    "a byte too heavy": (
        lambda d: pad(save(d / "heavy.png", (640, 480)), LIMIT_BYTES + 1),
        "File too large: 20,971,521 bytes (maximum 20 MB)",
    ),
    "299 px": (lambda d: save(d / "small.png", (299, 400)), "Too small: 299 × 400 px"),
    "2049 px": (lambda d: save(d / "large.png", (2049, 400)), "Too large: 2049 × 400 px"),
    "a bomb": (lambda d: png_of_claimed_size(d / "bomb.png", 60_000, 60_000), ""),
    "a video": (lambda d: _write(d / "clip.mp4", b"\0\0\0\x18ftypmp42" + bytes(64)), "video"),
    "empty": (lambda d: _write(d / "empty.jpg", b""), "The file is empty"),
    "gone": (lambda d: d / "never-was.png", ""),
}
CONVERTED = {
    "cmyk": lambda d: save(d / "print.jpg", (640, 480), "CMYK"),
    "16 bit": lambda d: save_png16(d / "deep.png"),
    "turned": lambda d: save_turned(d / "turned.jpg", 6),
    "animated": lambda d: save_animation(d / "loop.gif", 5),
    "renamed": lambda d: save(d / "really-a-png.jpg", (640, 480), format="PNG"),
    "spaces and emoji": lambda d: save(d / "été 🌧 in the rain.png", (640, 480)),
    "the least": lambda d: save(d / "least.png", (300, 300)),
    "the most": lambda d: save(d / "most.png", (2048, 2048)),
    "just not too heavy": lambda d: pad(save(d / "full.png", (640, 480)), LIMIT_BYTES),
}


async def test_bad_pictures_get_a_sentence_and_nothing_is_queued(
    places: Places, service: FakeService, tmp_path: Path
) -> None:
    async with places.run() as app:
        app.type("Whatever it is")
        for name, (make, sentence) in BAD.items():
            await app.drop(make(tmp_path))
            state = app.create.pictures.state(FrameRole.FIRST)
            told = " ".join((state.message, read_words(app.create.frames), *app.told()))
            assert sentence in told, f"{name}: {told}"
            assert told.strip(), name
            app.generate()
            app.create.start_over()
            app.type("Whatever it is")
        assert app.jobs() == ()
        assert not service.posts
        expect_no_bugs(app)


async def test_odd_pictures_are_taken_as_they_should_be(
    places: Places, service: FakeService, tmp_path: Path
) -> None:
    async with places.run() as app:
        for name, make in CONVERTED.items():
            await app.drop(make(tmp_path))
            state = app.create.pictures.state(FrameRole.FIRST)
            assert state.phase is SlotPhase.READY, f"{name}: {state}"
            assert app.create.draft.first_frame is not None, name
            app.create.start_over()
        expect_no_bugs(app)


async def test_what_is_no_file_is_refused(
    places: Places, service: FakeService, tmp_path: Path
) -> None:
    async with places.run() as app:
        folder = tmp_path / "holiday"
        folder.mkdir()
        await app.drop(folder)
        assert app.create.draft.first_frame is None
        mime = QMimeData()
        mime.setUrls([QUrl("https://example.test/picture.png")])
        app.create.take_mime(mime)
        await app.settle()
        assert app.create.draft.first_frame is None
        assert app.jobs() == ()
        expect_no_bugs(app)
