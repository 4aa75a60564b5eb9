"""What the Create panel does together with clipboard, queue, library and the disk."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from kling_desktop.domain.draft import Draft, FrameRole, ImageInput
from kling_desktop.domain.job import Job, JobState
from kling_desktop.ui.controls.buttons import PrimaryButton
from kling_desktop.ui.create.slot_state import SlotPhase
from kling_desktop.ui.queue.queue_rows import RowKind
from kling_desktop.ui.shell.status_line import StatusLine
from tests.app.running import Places, RunningApp, expect_no_bugs
from tests.fakes.service import FakeService
from tests.fakes.service_script import Failure
from tests.media.pictures import save
from tests.media.videos import make_video
from tests.ui.clip_samples import PLAYER_NOISE, build_clip
from tests.ui.create_stage import Drag, files_mime

pytestmark = pytest.mark.qt_log_ignore(*PLAYER_NOISE, extend=True)
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def service(tmp_path: Path, places: Places) -> FakeService:
    make_video(tmp_path / "video.mp4", (640, 360), 30, frames=150)
    service = FakeService(video=(tmp_path / "video.mp4").read_bytes())
    places.settle_on("runware")
    places.use_fake(service)
    return service


async def make_clip(app: RunningApp, words: str) -> None:
    before = app.library.model.rowCount()
    app.type(words)
    app.generate()
    await app.until(lambda: app.library.model.rowCount() == before + 1, "the tile")


async def test_a_row_of_the_queue_dropped_on_create_loads_its_settings_and_frames(
    places: Places, service: FakeService, tmp_path: Path
) -> None:
    picture = save(tmp_path / "café.png", (640, 360))
    async with places.run() as app:
        await app.drop(picture)
        await make_clip(app, "Rain on the window")
        (done,) = app.jobs()
        await app.core.engine.pause()
        app.create.start_over()
        app.type("Lanterns rise")
        app.generate()
        await app.until(lambda: len(app.jobs()) == 2, "the waiting job")
        waiting = app.jobs()[1]

        await drop_job(app, done)
        assert app.create.draft.prompt == "Rain on the window"
        image = app.create.pictures.image(FrameRole.FIRST)
        frame = done.draft.first_frame
        assert image is not None
        assert frame is not None
        assert image.sha256 == frame.sha256
        assert app.create.pictures.state(FrameRole.FIRST).phase is SlotPhase.READY
        assert app.create.source == f"From {Path(done.file).stem}"

        await drop_job(app, waiting)
        assert app.create.draft.prompt == "Lanterns rise"
        assert app.create.draft.first_frame is None
        assert app.create.source == "From Lanterns rise"
        assert app.states() == [JobState.DONE, JobState.QUEUED], "both stay as they were"
        expect_no_bugs(app)


async def drop_job(app: RunningApp, job: Job) -> None:
    queue = app.queue.model
    await app.until(lambda: queue.find_row(RowKind.JOB, job.id) is not None, "the row")
    row = queue.find_row(RowKind.JOB, job.id) or 0
    drag = Drag(queue.mimeData([queue.index(row)]))
    drag.enter(app.create, QPoint(50, 400))
    drag.drop(app.create.drops.veil, QPoint(50, 400))
    await app.settle()


async def test_what_is_seen_is_not_told_and_what_is_not_is(
    places: Places, service: FakeService
) -> None:
    async with places.run() as app:
        app.window.activateWindow()
        await app.until(app.window.isActiveWindow, "the window is in front")
        await make_clip(app, "Lanterns rise")
        await make_clip(app, ", slowly")
        await app.until(lambda: not list_pending(app), "what follows a moment later")
        assert not app.says("Done")
        app.library.header.search.setText("boats alone")
        await app.until(lambda: app.library.model.rowCount() == 0, "the filter")
        app.type(", slowly")
        app.generate()
        await app.until(lambda: app.says("Done"), "the notice")


def list_pending(app: RunningApp) -> list[QTimer]:
    """The single shots that are still to come."""
    timers = app.window.findChildren(QTimer)
    return [timer for timer in timers if timer.isSingleShot() and timer.isActive()]


async def test_only_one_button_is_the_next_step(places: Places, service: FakeService) -> None:
    async with places.run() as app:
        (choose,) = app.library.empty.findChildren(PrimaryButton)
        blue = _fill(choose)
        app.type("Lanterns rise")
        generate = app.create.footer.generate
        assert generate.isEnabled()
        assert _fill(generate) == blue
        assert _fill(choose) != blue
        app.create.start_over()
        assert _fill(choose) == blue


def _fill(button: PrimaryButton) -> QColor:
    return button.grab().toImage().pixelColor(4, button.height() // 2)


async def test_what_is_typed_is_on_disk_while_the_app_still_runs(
    places: Places, service: FakeService
) -> None:
    kept = places.data / "current-draft.json"
    async with places.run() as app:
        app.type("Something that a crash must not take")
        await app.until(lambda: "must not take" in _read(kept), "the file")


def _read(kept: Path) -> str:
    return json.loads(kept.read_text("utf-8")).get("prompt", "") if kept.exists() else ""


async def test_a_waiting_clip_is_edited_in_its_place(
    places: Places, service: FakeService, tmp_path: Path
) -> None:
    async with places.run() as app:
        await app.core.engine.pause()
        for words in ("Fog", "Rain", "Snow"):
            app.create.set_draft(Draft(prompt=words))
            app.create.generate()
        await app.until(lambda: len(app.jobs()) == 3, "the waiting jobs")
        first, job, _ = app.jobs()
        app.queue.edit_wanted.emit(job.draft, job.id)
        assert app.create.source == "Editing number 2 in the queue"
        assert app.create.footer.generate.text() == "Update in queue"
        await app.core.engine.cancel(first.id)
        assert app.create.source == "Editing number 1 in the queue", "it moved up"
        _write(app, "Rain, slowly")
        await app.drop(save(tmp_path / "lake.png", (640, 360)))
        app.create.generate()
        await app.until(lambda: app.says("Updated in the queue"), "the notice")

        edited = app.core.stores.jobs.get_job(job.id)
        assert edited.draft.prompt == "Rain, slowly"
        assert edited.draft.first_frame is not None
        assert (edited.task_id, edited.position) == (job.task_id, job.position)
        assert app.states() == [JobState.CANCELLED, JobState.QUEUED, JobState.QUEUED]
        assert app.create.source == ""
        assert app.create.draft.prompt == "Rain, slowly", "everything stays filled in"
        assert app.create.footer.generate.text() == "Add to queue"
        expect_no_bugs(app)


def _write(app: RunningApp, words: str) -> None:
    app.create.prompt.edit.setPlainText(words)


@pytest.mark.parametrize("answer", ["Cancel", "Generate a new clip"])
async def test_an_edit_that_comes_too_late_says_so_and_offers_a_new_clip(
    places: Places, service: FakeService, answer: str
) -> None:
    async with places.run() as app:
        await app.core.engine.pause()
        app.create.set_draft(Draft(prompt="Fog"))
        app.create.generate()
        await app.until(app.jobs, "the waiting job")
        (job,) = app.jobs()
        app.queue.edit_wanted.emit(job.draft, job.id)
        _write(app, "Rain")
        await app.core.engine.resume()
        await app.until(lambda: app.states() == [JobState.DONE], "the clip")
        assert app.create.source == "The edited clip was sent meanwhile"
        app.create.generate()
        await app.answer(answer)
        if answer == "Cancel":
            assert app.create.draft.prompt == "Rain", "what was typed stays"
            assert app.create.editing == job.id
        else:
            await app.until(lambda: app.states() == [JobState.DONE] * 2, "the new clip")
            assert app.jobs()[1].draft.prompt == "Rain"
            assert app.create.editing is None
        assert app.jobs()[0].draft.prompt == "Fog"
        expect_no_bugs(app)


async def test_starting_over_ends_an_edit(places: Places, service: FakeService) -> None:
    """Else the next clip would take the place of the job that was edited before."""
    async with places.run() as app:
        await app.core.engine.pause()
        app.create.set_draft(Draft(prompt="Fog"))
        app.create.generate()
        await app.until(app.jobs, "the waiting job")
        (job,) = app.jobs()
        app.queue.edit_wanted.emit(job.draft, job.id)
        app.create.start_over()
        assert app.create.editing is None
        _write(app, "Rain")
        app.create.generate()
        await app.until(lambda: len(app.jobs()) == 2, "a job of its own")
        assert [each.draft.prompt for each in app.jobs()] == ["Fog", "Rain"]
        app.create.undo()
        assert app.create.editing is None, "what was typed is a step of its own"
        app.create.undo()
        assert app.create.editing == job.id, "undo brings the edit back"


async def test_a_picture_dropped_on_the_library_is_followed_by_typing(
    places: Places, service: FakeService, tmp_path: Path
) -> None:
    async with places.run() as app:
        app.window.activateWindow()
        app.window.set_create_open(is_open=False)
        drag = Drag(files_mime(save(tmp_path / "lake.png", (640, 360))))
        drag.drop(app.window, QPoint(700, 400))
        await app.until(lambda: app.create.draft.first_frame, "the picture")
        assert app.create.isVisible()
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClicks(focus, "Fog")
        assert app.create.draft.prompt == "Fog"
        expect_no_bugs(app)


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes there")
async def test_a_picture_whose_name_is_no_utf8_is_dropped_kept_queued_and_saved(
    places: Places, service: FakeService, tmp_path: Path
) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png"))
    save(tmp_path / "plain.png", (640, 360)).rename(path)
    async with places.run() as app:
        await app.drop(path)
        app.type("Fog")
        assert app.create.draft.first_frame is not None
        assert app.create.draft.first_frame.path == path
        assert app.create.draft.first_frame.name == "caf\ufffd.png"
        app.create.save_draft()
        await app.until(lambda: app.says("Saved as draft"), "the saved draft")
        app.generate()
        await app.until(lambda: app.states() == [JobState.DONE], "the clip")
        expect_no_bugs(app)
    async with places.run() as app:
        assert app.create.draft.first_frame is not None
        assert app.create.draft.first_frame.path == path
        (saved,) = app.core.stores.drafts.list_drafts()
        assert saved.draft.first_frame == app.create.draft.first_frame
        await app.settle()
        assert app.create.pictures.state(FrameRole.FIRST).phase is SlotPhase.READY
        expect_no_bugs(app)


@pytest.mark.parametrize("takes", [1, 3], ids=["settings as shipped", "takes of one's own"])
@pytest.mark.parametrize("typed", ["A night's work", ""], ids=["a kept draft", "nothing kept"])
async def test_undo_after_a_start_wipes_nothing(
    places: Places, service: FakeService, typed: str, takes: int
) -> None:
    places.settle_on("runware", default_takes=takes)
    kept = places.data / "current-draft.json"
    async with places.run() as app:
        if typed:
            app.type(typed)
    if not typed:
        kept.unlink(missing_ok=True)
    async with places.run() as app:
        before = app.create.draft
        assert (before.prompt, before.takes) == (typed, takes)
        app.library.focus_region()
        app.find_commands().action("undo").trigger()
        assert app.create.draft == before
        assert not app.create.undo()
        expect_no_bugs(app)
    assert _read(kept) == typed


async def test_words_are_pasted_into_the_prompt_and_pictures_into_the_slot(
    places: Places, service: FakeService
) -> None:
    async with places.run() as app:
        clipboard = QApplication.clipboard()
        clipboard.setText("pasted words")
        app.create.focus_prompt()
        QTest.keyClick(app.create.prompt.edit, Qt.Key.Key_V, CONTROL)
        assert app.create.draft.prompt == "pasted words"
        picture = QImage(640, 360, QImage.Format.Format_RGB32)
        picture.fill(Qt.GlobalColor.darkCyan)
        clipboard.setImage(picture)
        app.library.header.create_toggle.setFocus()
        app.find_commands().action("paste").trigger()
        await app.settle()
        state = app.create.pictures.state(FrameRole.FIRST)

        assert state.phase is SlotPhase.READY
        assert app.create.draft.prompt == "pasted words"
        clipboard.clear()
        expect_no_bugs(app)


async def test_many_pictures_become_drafts(
    places: Places, service: FakeService, tmp_path: Path
) -> None:
    async with places.run() as app:
        app.type("Slow push in")
        pictures = [save(tmp_path / f"{n}.png", (640, 360)) for n in range(3)]
        await app.drop(*pictures)
        await app.answer("Make 3 drafts")
        await app.until(lambda: len(app.core.stores.drafts.list_drafts()) == 3, "the drafts")

        assert app.jobs() == ()
        assert {d.draft.prompt for d in app.core.stores.drafts.list_drafts()} == {"Slow push in"}
        expect_no_bugs(app)


async def test_a_clip_is_remixed_and_extended(places: Places, service: FakeService) -> None:
    async with places.run() as app:
        await make_clip(app, "Lanterns rise")
        app.create.start_over()
        app.library.focus_region()
        app.library.wall.selectAll()
        app.press(Qt.Key.Key_R)
        await app.until(lambda: app.create.draft.prompt == "Lanterns rise", "the settings")
        assert app.create.source.startswith("From lanterns-rise")
        app.library.focus_region()
        app.press(Qt.Key.Key_E)
        await app.until(
            lambda: app.create.pictures.state(FrameRole.FIRST).phase is SlotPhase.READY,
            "the last frame",
        )
        assert app.create.draft.first_frame is not None
        expect_no_bugs(app)


async def test_a_foreign_clips_frame_is_never_taken_from_where_its_recipe_says(
    places: Places, service: FakeService, tmp_path: Path
) -> None:
    """The recipe of a clip from elsewhere can name any file of this machine."""
    secret = save(tmp_path / "secret.png", (640, 360))
    frame = ImageInput(
        path=secret,
        name="secret.png",
        format="png",
        width=640,
        height=360,
        size_bytes=secret.stat().st_size,
        sha256="0" * 64,
    )
    clip = build_clip(1, prompt="please look at the details")
    hostile = replace(clip, draft=replace(clip.draft, first_frame=frame))
    async with places.run() as app:
        await app.core.stores.videos.add(hostile)  # as its recipe said
        await app.until(lambda: app.library.model.rowCount() == 1, "the foreign clip")
        app.library.focus_region()
        app.library.wall.selectAll()
        app.press(Qt.Key.Key_R)
        await app.until(lambda: app.create.draft.prompt == clip.draft.prompt, "the settings")
        await app.until(
            lambda: app.create.pictures.state(FrameRole.FIRST).phase is SlotPhase.MOVED,
            "it says that the picture is not here",
        )
        app.generate()
        await app.settle()
        kept = app.core.inputs.inputs_dir
        assert not kept.is_dir() or not list(kept.iterdir()), "nothing was copied"
        assert service.count_posts("imageUpload") + service.count_posts("videoInference") == 0
        expect_no_bugs(app)


async def test_a_clip_goes_to_the_trash_and_comes_back(
    places: Places, service: FakeService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    async with places.run() as app:
        await make_clip(app, "Lanterns rise")
        app.library.focus_region()
        app.library.wall.selectAll()
        app.press(Qt.Key.Key_Delete)
        await app.until(lambda: app.library.model.rowCount() == 0, "the clip is gone")
        app.find_commands().action("undo").trigger()
        await app.until(lambda: app.library.model.rowCount() == 1, "the clip is back")
        expect_no_bugs(app)


async def test_the_status_line_counts_a_clip_out_and_in_at_once(
    places: Places, service: FakeService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    async with places.run() as app:
        await make_clip(app, "Lanterns rise")
        await app.until(lambda: shows(app, "1 clip,"), "it is counted")
        app.library.focus_region()
        app.library.wall.selectAll()
        app.press(Qt.Key.Key_Delete)
        await app.until(lambda: shows(app, "0 clips"), "the trash is not counted")
        app.find_commands().action("undo").trigger()
        await app.until(lambda: shows(app, "1 clip,"), "the clip that is back is counted")
        expect_no_bugs(app)


async def test_buttons_show_the_keys_that_are_bound(places: Places, service: FakeService) -> None:
    own = {
        "generate": "Ctrl+Shift+G",
        "save-draft": "",
        "start-over": "Ctrl+Shift+N",
        "toggle-side": "F9",
    }
    async with places.run() as app:
        create, library, viewer = app.create, app.library, app.viewer
        buttons = {
            create.footer.generate: ("Ctrl ↵", "Ctrl+Shift+G"),
            create.footer.save: ("Ctrl+S", ""),
            create.header.restart: ("Ctrl+N", "Ctrl+Shift+N"),
            library.header.create_toggle: ("Ctrl+1", "Ctrl+1"),
            library.header.side_toggle: ("Ctrl+2", "F9"),
            viewer.side_toggle: ("Ctrl+2", "F9"),
            viewer.expand: ("F11", "F11"),
        }
        assert [button.shortcut_hint for button in buttons] == [old for old, _ in buttons.values()]
        await app.core.stores.settings.update(shortcuts=own)
        await app.settle()
        assert [button.shortcut_hint for button in buttons] == [new for _, new in buttons.values()]
        expect_no_bugs(app)


def shows(app: RunningApp, start: str) -> bool:
    """Whether the status line has words that begin so."""
    (line,) = app.window.findChildren(StatusLine)
    return any(label.text().startswith(start) for label in line.findChildren(QLabel))


async def test_a_failed_clip_says_why_and_can_be_tried_again(
    places: Places, service: FakeService
) -> None:
    service.script("*", Failure("invalidProviderContent"))
    async with places.run() as app:
        app.type("Storm over the bay")
        app.generate()
        await app.until(lambda: app.states() == [JobState.FAILED])
        (job,) = app.jobs()
        service.script("*")
        await app.core.engine.retry(job.id)
        await app.until(lambda: app.states() == [JobState.FAILED, JobState.DONE])

        assert app.jobs()[1].retry_of == job.id
        expect_no_bugs(app)


async def test_a_paused_queue_stays_paused_over_a_restart(
    places: Places, service: FakeService
) -> None:
    async with places.run() as app:
        app.find_commands().action("pause-all").trigger()
        await app.until(lambda: app.core.engine.status.pause is not None)
        app.type("Wait for me")
        app.generate()
        await app.until(lambda: app.states() == [JobState.QUEUED])
    async with places.run() as app:
        await app.until(lambda: app.core.engine.status.pause is not None)
        assert app.states() == [JobState.QUEUED]
        assert not service.ledger
        app.find_commands().action("pause-all").trigger()
        await app.until(lambda: app.states() == [JobState.DONE])
