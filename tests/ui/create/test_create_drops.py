"""Real drag events over the Create panel."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtWidgets import QWidget

from kling_desktop.domain.draft import FrameRole
from kling_desktop.domain.job import JobId
from kling_desktop.domain.video import VideoId
from kling_desktop.ui.controls.drag_data import build_clip_mime, build_job_mime
from kling_desktop.ui.theme.look import Look
from tests.media import pictures
from tests.ui.create_stage import CreateStage, Drag, files_mime, open_stage, text_mime, wait_until

COPY = Qt.DropAction.CopyAction
SHIFT = Qt.KeyboardModifier.ShiftModifier


def _target(stage: CreateStage, role: FrameRole) -> QPoint:
    """The middle of a target, in the panel's coordinates."""
    targets = stage.page.frames.targets
    return targets.mapTo(stage.page, targets.target_rect(role).center())


def _start(stage: CreateStage, drag: Drag) -> QWidget:
    event = drag.enter(stage.page, QPoint(20, 20))
    assert event.isAccepted()
    veil = stage.page.drops.veil
    drag.enter(veil, QPoint(20, 20))
    assert veil.isVisible()
    return veil


async def test_drag_turns_the_slots_into_targets_that_name_their_effect(
    look: Look, tmp_path: Path
) -> None:
    path = pictures.save(tmp_path / "fox-in-snow.png")
    async with open_stage(look, tmp_path) as stage:
        frames = stage.page.frames
        drag = Drag(files_mime(path))
        veil = _start(stage, drag)
        await wait_until(lambda: frames.targets.isVisible() and veil.isVisible())
        assert frames.targets.target_rect(FrameRole.FIRST).height() == 150
        assert frames.targets.hint(FrameRole.FIRST) == "fox-in-snow.png"
        assert frames.targets.hint(FrameRole.LAST) == "switches to 2.1 Pro"
        await wait_until(lambda: frames.targets.height() >= 308)
        move = drag.move(veil, _target(stage, FrameRole.LAST))
        assert move.isAccepted()
        assert frames.targets.hot is FrameRole.LAST
        drag.leave(veil)
        assert not veil.isVisible()
        assert not frames.targets.isVisible()


@pytest.mark.parametrize("role", list(FrameRole))
async def test_drop_fills_the_target_under_the_hand(
    look: Look, tmp_path: Path, role: FrameRole
) -> None:
    path = pictures.save(tmp_path / "fox 🦊.png")
    async with open_stage(look, tmp_path) as stage:
        drag = Drag(files_mime(path))
        veil = _start(stage, drag)
        await wait_until(lambda: stage.page.frames.targets.height() >= 308)
        drag.move(veil, _target(stage, role))
        drop = drag.drop(veil, _target(stage, role))
        assert drop.isAccepted()
        await stage.settle()
        image = stage.page.pictures.image(role)
        assert image is not None
        assert image.name == "fox 🦊.png"
        assert not veil.isVisible()


async def test_two_pictures_are_first_and_last_by_name(look: Look, tmp_path: Path) -> None:
    last, first = pictures.save(tmp_path / "b.png"), pictures.save(tmp_path / "A.png")
    async with open_stage(look, tmp_path) as stage:
        Drag(files_mime(last, first)).drop(stage.page, QPoint(50, 700))
        await stage.settle()
        draft = stage.page.draft
        assert draft.first_frame is not None
        assert draft.last_frame is not None
        assert (draft.first_frame.name, draft.last_frame.name) == ("A.png", "b.png")


async def test_three_pictures_want_to_be_drafts(look: Look, tmp_path: Path) -> None:
    paths = [pictures.save(tmp_path / f"{n}.png") for n in range(3)]
    async with open_stage(look, tmp_path) as stage:
        told: list[tuple[Path, ...]] = []
        stage.page.many_dropped.connect(told.append)
        Drag(files_mime(*paths)).drop(stage.page, QPoint(50, 100))
        assert told == [tuple(paths)]
        assert stage.slot().is_empty


@pytest.mark.parametrize(
    ("role", "shift", "end"),
    [
        (FrameRole.FIRST, False, FrameRole.LAST),
        (FrameRole.LAST, False, FrameRole.FIRST),
        (FrameRole.FIRST, True, FrameRole.FIRST),
        (FrameRole.LAST, True, FrameRole.LAST),
    ],
)
async def test_a_clip_gives_its_end_to_the_first_frame_and_shift_swaps(
    look: Look, tmp_path: Path, role: FrameRole, *, shift: bool, end: FrameRole
) -> None:
    for which in FrameRole:
        pictures.save(tmp_path / f"clip-7-{which}.png")
    mime = build_clip_mime([VideoId(7)], [tmp_path / "clip.mp4"], "Lanterns rise")
    modifiers = SHIFT if shift else Qt.KeyboardModifier.NoModifier
    async with open_stage(look, tmp_path) as stage:
        drag = Drag(mime, modifiers)
        veil = _start(stage, drag)
        await wait_until(lambda: stage.page.frames.targets.height() >= 308)
        drag.move(veil, _target(stage, role))
        expected = "its last frame" if end is FrameRole.LAST else "its first frame"
        assert stage.page.frames.targets.hint(role).startswith(expected)
        drag.drop(veil, _target(stage, role))
        await stage.settle()
        image = stage.page.pictures.image(role)
        assert image is not None
        assert image.path == tmp_path / f"clip-7-{end}.png"


async def test_a_clip_on_the_prompt_copies_its_prompt(look: Look, tmp_path: Path) -> None:
    mime = build_clip_mime([VideoId(7)], [tmp_path / "clip.mp4"], "Lanterns rise")
    async with open_stage(look, tmp_path) as stage:
        drag = Drag(mime)
        veil = _start(stage, drag)
        await wait_until(lambda: stage.page.frames.targets.height() >= 308)
        edit = stage.page.prompt.edit
        point = edit.mapTo(stage.page, edit.rect().center())
        drag.move(veil, point)
        assert stage.page.frames.targets.hot is None
        drag.drop(veil, point)
        assert stage.page.draft.prompt == "Lanterns rise"
        assert stage.slot().is_empty


async def test_a_row_of_the_queue_wants_its_settings_here(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        wanted: list[JobId] = []
        stage.page.job_dropped.connect(wanted.append)
        assert not stage.page.takes(build_job_mime(JobId(7))), "in Create alone"
        drag = Drag(build_job_mime(JobId(7)))
        veil = _start(stage, drag)
        assert stage.page.drops.veil.offered == "Load this clip's settings"
        assert not stage.page.frames.targets.isVisible(), "it is no frame"
        move = drag.move(veil, QPoint(50, 700))
        assert move.isAccepted()
        assert move.dropAction() == Qt.DropAction.CopyAction
        assert drag.drop(veil, QPoint(50, 700)).isAccepted()
        assert wanted == [7]
        assert not veil.isVisible()
        files = Drag(files_mime(pictures.save(tmp_path / "fox.png")))
        _start(stage, files)
        assert stage.page.drops.veil.offered == ""
        files.leave(veil)


async def test_words_go_into_the_prompt_alone(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        drag = Drag(text_mime("rain on glass"))
        assert not drag.enter(stage.page, QPoint(50, 60)).isAccepted()
        viewport = stage.page.prompt.edit.viewport()
        assert drag.enter(viewport, QPoint(5, 5)).isAccepted()
        drag.move(viewport, QPoint(5, 5))
        drag.drop(viewport, QPoint(5, 5))
        assert stage.page.draft.prompt == "rain on glass"


@pytest.mark.parametrize(
    ("there", "at", "expected"),
    [
        ("", 0, "rain on glass"),
        ("A boat", 6, "A boat rain on glass"),
        ("A boat ", 7, "A boat rain on glass"),
        ("boats", 0, "rain on glass boats"),
        ("A boat drifts", 7, "A boat rain on glass drifts"),
        ("A boatdrifts", 6, "A boat rain on glass drifts"),
    ],
)
async def test_dropped_words_stand_apart(
    look: Look, tmp_path: Path, there: str, at: int, expected: str
) -> None:
    async with open_stage(look, tmp_path) as stage:
        edit = stage.page.prompt.edit
        edit.setPlainText(there)
        cursor = edit.textCursor()
        cursor.setPosition(at)
        place = edit.cursorRect(cursor).center()
        viewport = edit.viewport()
        drag = Drag(text_mime("rain on glass"))
        drag.enter(viewport, place)
        drag.move(viewport, place)
        drag.drop(viewport, place)
        assert stage.page.draft.prompt == expected


async def test_what_is_carried_is_read_once_a_drag(look: Look, tmp_path: Path) -> None:
    path = pictures.save(tmp_path / "fox.png")
    async with open_stage(look, tmp_path) as stage:
        drag = Drag(files_mime(path))
        veil = _start(stage, drag)
        await wait_until(lambda: stage.page.frames.targets.height() >= 308)
        drag.mime.setUrls([])  # a second look would find nothing
        for _ in range(3):
            assert drag.move(veil, _target(stage, FrameRole.LAST)).dropAction() == COPY
        assert stage.page.frames.targets.hot is FrameRole.LAST
        drag.drop(veil, _target(stage, FrameRole.LAST))
        await stage.settle()
        assert stage.page.draft.last_frame is not None


async def test_after_a_drop_the_prompt_has_the_keyboard(look: Look, tmp_path: Path) -> None:
    path = pictures.save(tmp_path / "fox.png")
    async with open_stage(look, tmp_path) as stage:
        stage.page.footer.takes.setFocus()
        Drag(files_mime(path)).drop(stage.page, QPoint(50, 100))
        await stage.settle()
        assert stage.page.window().focusWidget() is stage.page.prompt.edit


async def test_files_over_the_prompt_are_the_panels(look: Look, tmp_path: Path) -> None:
    path = pictures.save(tmp_path / "fox.png")
    async with open_stage(look, tmp_path) as stage:
        Drag(files_mime(path)).enter(stage.page.prompt.edit.viewport(), QPoint(5, 5))
        assert stage.page.drops.veil.isVisible()
        stage.page.drops.end()


async def test_anything_else_is_forbidden_in_words(look: Look, tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setData("application/x-something", b"1")
    async with open_stage(look, tmp_path) as stage:
        drag = Drag(mime)
        event = drag.enter(stage.page, QPoint(50, 60))
        veil = stage.page.drops.veil
        assert event.dropAction() == Qt.DropAction.IgnoreAction
        assert veil.refusal == "Pictures, text or clips only"
        drag.drop(veil, QPoint(50, 60))
        assert not veil.isVisible()
        assert stage.slot().is_empty
