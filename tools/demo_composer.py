"""The Create panel's own screen: four of its states beside each other."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from kling_desktop.domain.catalog import Dimensions, ModelId
from kling_desktop.domain.draft import Draft
from kling_desktop.ui.create.create_page import CreatePage
from tools.demo_library import sample_frame, umbrella_draft
from tools.demo_stage import Stage

Undo = Callable[[], object] | None
Prepare = Callable[[Stage], Awaitable[Undo]]


async def picture_composer(stage: Stage, folder: Path) -> QPixmap:
    """Bring the panel into each state; a picture that is too large is made in `folder`."""
    page = _page(stage)
    before = page.draft
    big = folder / "big-harbour.jpg"
    _make_large_picture(big)
    shots: list[QPixmap] = []
    for prepare in (_two_frames, _needs_fix(big), _drag_over, _words_only):
        undo = await prepare(stage)
        await stage.settle()
        shots.append(page.grab())
        if undo is not None:
            undo()
        page.start_over()
    page.set_draft(before)
    return _beside(shots)


def _page(stage: Stage) -> CreatePage:
    return stage.window.findChildren(CreatePage)[0]


async def _two_frames(stage: Stage) -> Undo:
    page = _page(stage)
    page.set_draft(
        Draft(
            model=ModelId("klingai:5@2"),
            prompt="Beam turns, waves fold in, the sky goes from day to night.",
            first_frame=sample_frame("lighthouse-first", "shore-day.jpg"),
            last_frame=sample_frame("lighthouse-last", "shore-dusk.jpg"),
            dimensions=Dimensions(1920, 1080),
        )
    )
    page.choose_model(ModelId("klingai:5@2"))
    return None


def _needs_fix(picture: Path) -> Prepare:
    async def prepare(stage: Stage) -> Undo:
        page = _page(stage)
        page.set_draft(Draft(prompt="Boats rock gently in the harbour."))
        page.take_picture_files([picture])
        await stage.wait_until(lambda: not page.pictures.is_busy)
        return None

    return prepare


async def _drag_over(stage: Stage) -> Undo:
    import PySide6

    page = _page(stage)
    page.set_draft(replace(umbrella_draft(1), first_frame=None))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(sample_frame("umbrella").path))])
    place = QPoint(page.width() // 2, 150)
    spot = QPointF(place) if PySide6.__version_info__ >= (6, 12) else place
    button, modifier = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for kind in (QDragEnterEvent, QDragMoveEvent):
        event = kind(spot, Qt.DropAction.CopyAction, mime, button, modifier)  # pyright: ignore[reportArgumentType, reportCallIssue]
        QApplication.sendEvent(page, event)
    return lambda: QApplication.sendEvent(page, QDragLeaveEvent())


async def _words_only(stage: Stage) -> Undo:
    page = _page(stage)
    page.set_draft(
        Draft(
            prompt="Paper boats drift down a flooded street at dawn, low camera.",
            negative_prompt="text, watermark",
            takes=4,
        )
    )
    page.options.options.set_expanded(expanded=True)
    return lambda: page.options.options.set_expanded(expanded=False)


def _make_large_picture(target: Path) -> None:
    from PIL import Image

    with Image.open(sample_frame("lighthouse-last").path) as picture:
        picture.resize((4096, 2304), Image.Resampling.BICUBIC).save(target, quality=97)


def _beside(shots: list[QPixmap]) -> QPixmap:
    gap = 24
    whole = QPixmap(sum(shot.width() + gap for shot in shots) + gap, shots[0].height() + 2 * gap)
    whole.fill(Qt.GlobalColor.black)
    painter = QPainter(whole)
    x = gap
    for shot in shots:
        painter.drawPixmap(x, gap, shot)
        x += shot.width() + gap
    painter.end()
    return whole
