"""A Create panel for the tests, with real pictures, real drags and no window around it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import PySide6
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

from kling_desktop.domain.draft import Draft, FrameRole
from kling_desktop.domain.money import Usual
from kling_desktop.domain.video import VideoId
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.ui.create.create_page import CreatePage
from kling_desktop.ui.create.picture_preparer import PicturePreparer
from kling_desktop.ui.create.slot_state import SlotState
from kling_desktop.ui.theme.look import Look

KNOWN = Usual(cost_usd=Decimal("0.35"), cost_count=5, took_s=160)


@dataclass
class CreateStage:
    """A page and what it said."""

    page: CreatePage
    failures: list[BaseException] = field(default_factory=list)
    generated: list[Draft] = field(default_factory=list)
    saved: list[Draft] = field(default_factory=list)
    changed: list[Draft] = field(default_factory=list)

    def slot(self, role: FrameRole = FrameRole.FIRST) -> SlotState:
        return self.page.pictures.state(role)

    @property
    def reason(self) -> str:
        return self.page.footer.reason

    async def take(self, *paths: Path, role: FrameRole = FrameRole.FIRST) -> None:
        self.page.take_picture_files(paths, role)
        await self.settle()

    async def settle(self) -> None:
        """Wait until no picture is being looked at and all that is there can be seen."""

        def is_done() -> bool:
            states = [self.slot(role) for role in FrameRole]
            return not self.page.pictures.is_busy and all(
                state.preview is not None or state.is_empty or state.is_in_the_way
                for state in states
            )

        await wait_until(is_done)


async def wait_until(is_done: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not is_done():  # noqa: ASYNC110  (widgets have no event to wait for)
            await asyncio.sleep(0.005)


@asynccontextmanager
async def open_stage(look: Look, folder: Path, usual: Usual = KNOWN) -> AsyncIterator[CreateStage]:
    """Open a page of 348 px that can see clips whose frames are `folder`/clip-ID-ROLE.png."""
    failures: list[BaseException] = []
    tasks = TaskOwner(failures.append)

    async def save_frame(clip: VideoId, which: FrameRole) -> Path:
        return folder / f"clip-{clip}-{which}.png"

    preparer = PicturePreparer(folder / "kept")
    page = CreatePage(look, preparer, lambda draft: usual, tasks, clip_frames=save_frame)
    stage = CreateStage(page, failures)
    page.generate_requested.connect(stage.generated.append)
    page.draft_saved.connect(stage.saved.append)
    page.draft_changed.connect(stage.changed.append)
    page.resize(348, 842)
    page.show()
    try:
        yield stage
    finally:
        await tasks.close()
        page.flush()
        if page.picker is not None:
            page.picker.close()
        page.close()
        page.deleteLater()
        assert not failures


def files_mime(*paths: Path) -> QMimeData:
    mime = QMimeData()
    # As file managers write it: names are bytes, and what is no plain letter is escaped.
    mime.setUrls([QUrl.fromEncoded(path.as_uri().encode()) for path in paths])
    return mime


def text_mime(text: str) -> QMimeData:
    mime = QMimeData()
    mime.setText(text)
    return mime


class Drag:
    """A drag by hand, sent to the widget under it as Qt's windows do.

    Who goes on to another widget leaves the first and enters the second, which then takes the
    moves and the drop.
    """

    def __init__(
        self,
        mime: QMimeData,
        modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        self.mime = mime
        self._modifiers = modifiers
        self._over: QWidget | None = None

    def enter(self, widget: QWidget, point: QPoint) -> QDragEnterEvent:
        if self._over is not None:
            self.leave(self._over)
        self._over = widget
        event = QDragEnterEvent(drag_place(point), *self._rest())
        QApplication.sendEvent(widget, event)
        return event

    def move(self, widget: QWidget, point: QPoint) -> QDragMoveEvent:
        if widget is not self._over:
            self.enter(widget, point)
        event = QDragMoveEvent(drag_place(point), *self._rest())
        QApplication.sendEvent(widget, event)
        return event

    def drop(self, widget: QWidget, point: QPoint) -> QDropEvent:
        if widget is not self._over:
            self.enter(widget, point)
        event = QDropEvent(QPointF(point), *self._rest())
        QApplication.sendEvent(widget, event)
        return event

    def leave(self, widget: QWidget) -> None:
        self._over = None
        QApplication.sendEvent(widget, QDragLeaveEvent())

    def _rest(
        self,
    ) -> tuple[Qt.DropAction, QMimeData, Qt.MouseButton, Qt.KeyboardModifier]:
        return (Qt.DropAction.CopyAction, self.mime, Qt.MouseButton.LeftButton, self._modifiers)


def drag_place(point: QPoint) -> Any:
    """The type of place that drag events take differs between the two Qt that we run on."""
    return QPointF(point) if PySide6.__version_info__ >= (6, 12) else point
