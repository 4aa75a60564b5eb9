"""A modal sheet over the window: the frame for questions, settings, crop and cost."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPoint, QRectF, Qt, QVariantAnimation
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.theme.compositing import cut_to_frame, shows_translucency
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import draw_frame, fade
from kling_desktop.ui.theme.plain_text import plain_title

T = TypeVar("T")


class SheetTasks:
    """Starts tasks at their owner and cancels them when the sheet is closed.

    What changes something, such as keeping a key, is started with `see_through`: closing the
    sheet does not undo it.  After its awaits it asks `is_over` before it touches a widget.
    """

    def __init__(self, owner: TaskOwner, sheet: QDialog) -> None:
        self._owner = owner
        self._questions: set[asyncio.Task[Any]] = set()
        self.is_over = False
        sheet.finished.connect(self._end)

    def start(self, coroutine: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Start something that nobody misses once the sheet is gone."""
        task = self._owner.start(coroutine, name)
        self._questions.add(task)
        task.add_done_callback(self._questions.discard)
        return task

    def see_through(self, coroutine: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Start something that is finished whatever becomes of the sheet."""
        return self._owner.start(coroutine, name)

    def _end(self) -> None:
        self.is_over = True
        for task in tuple(self._questions):
            task.cancel()


class Scrim(QWidget):
    """Covers `window` and follows its size, from `show()` until it is hidden."""

    def __init__(self, look: Look, window: QWidget) -> None:
        super().__init__(window)
        self._look = look
        self._covered = window
        self._fade = QVariantAnimation(self)
        self._fade.setStartValue(0.0)
        self._fade.setEndValue(1.0)
        self._fade.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._fade.valueChanged.connect(self._on_fade_changed)
        self.hide()
        window.installEventFilter(self)

    def cover(self) -> None:
        """Lie over everything in the window."""
        self.setGeometry(self._covered.rect())
        self.raise_()
        self.show()
        self._fade.setDuration(self._look.theme.duration("base"))
        self._fade.start()

    def _on_fade_changed(self) -> None:
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._covered:
            self.setGeometry(self._covered.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        share = self._fade.currentValue()
        color = fade(self._look.theme.color("scrim"), 1.0 if share is None else float(share))
        QPainter(self).fillRect(self.rect(), color)


class Sheet(QDialog):
    """A dialog without a title bar over its dimmed window; what it shows goes into `body`.

    Escape rejects it. Open it with `show_dialog`, or with `open()` where nobody waits for it.
    """

    def __init__(self, look: Look, window: QWidget, title: str = "", *, width: int = 480) -> None:
        super().__init__(window.window())
        self._look = look
        self._window = window.window()
        self._is_cut = False
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setFixedWidth(width)
        self._scrim = Scrim(look, self._window)
        self.destroyed.connect(self._scrim.deleteLater)
        self.body = QVBoxLayout(self)
        margin = look.theme.space(6)
        self.body.setContentsMargins(margin, margin, margin, look.theme.space(5))
        self.body.setSpacing(look.theme.space(4))
        self.setWindowTitle(plain_title(title))
        if title:
            self.body.addWidget(Label(title, "heading"))

    def add_buttons(self, *buttons: QWidget) -> None:
        """Add a last row with the buttons at its end, in this order."""
        row = QHBoxLayout()
        row.setSpacing(self._look.theme.space(2))
        row.addStretch(1)
        for button in buttons:
            row.addWidget(button)
        self.body.addLayout(row)

    def showEvent(self, event: QShowEvent) -> None:
        self._scrim.cover()
        self.adjustSize()
        middle = self._window.mapToGlobal(self._window.rect().center())
        self.move(middle - QPoint(self.width() // 2, self.height() // 2))
        super().showEvent(event)
        self._is_cut = not shows_translucency()
        self._cut()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._cut()

    def _cut(self) -> None:
        if self._is_cut:
            cut_to_frame(self, self.rect(), self._look.theme.radius("xl"))
        else:
            self.clearMask()

    def hideEvent(self, event: QHideEvent) -> None:
        if shiboken6.isValid(self._scrim):
            self._scrim.hide()
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        rect = QRectF(self.rect())
        ground, line = theme.color("popup"), theme.color("line-strong")
        if self._is_cut:  # the rounded corners' soft edge would be mixed with black
            painter.fillRect(rect, line)
        draw_frame(painter, rect, theme.radius("xl"), ground, line)


async def show_dialog(dialog: QDialog) -> int:
    """Open a dialog, wait until it is closed and delete it; return its result.

    No nested loop runs meanwhile: other tasks go on. A dialog that goes down with its window
    counts as rejected; one whose waiter is cancelled is closed.
    """
    finished: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def settle(result: object = None) -> None:
        if not finished.done():
            rejected = QDialog.DialogCode.Rejected.value
            finished.set_result(result if isinstance(result, int) else rejected)

    def settle_destroyed() -> None:
        if not finished.get_loop().is_closed():
            settle()

    dialog.finished.connect(settle)
    dialog.destroyed.connect(settle_destroyed)
    dialog.open()
    try:
        return await finished
    finally:
        if shiboken6.isValid(dialog):
            dialog.hide()
            dialog.deleteLater()
