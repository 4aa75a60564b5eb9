"""A thumbnail that can be pressed, dragged away and chosen: source frames, takes, previews."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, QRectF, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QDrag,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from kling_desktop.ui.controls.drag_data import draw_ghost
from kling_desktop.ui.controls.focus import takes_ring
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import (
    draw_picture,
    draw_pill,
    draw_ring,
    fill_rounded,
    measure_pill,
)
from kling_desktop.ui.theme.plain_text import set_tooltip


class PictureButton(QWidget):
    """A picture as a button.

    Args:
        find: Returns the picture when it is in memory; asked at every painting.
        edge: Room around the picture for a ring outside of it; without it the ring lies inside.
        mime: Packs what is carried when it is dragged away; None when it cannot be.

    Signals:
        pressed: It was clicked, or Enter or Space was pressed.
    """

    pressed = Signal()

    def __init__(
        self,
        look: Look,
        name: str,
        find: Callable[[], QPixmap | None],
        *,
        size: QSize,
        pill: str = "",
        play: bool = False,
        mime: Callable[[], QMimeData] | None = None,
        edge: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._find = find
        self._size = size
        self._pill = pill
        self._play = play
        self._mime = mime
        self._edge = edge
        self._chosen = False
        self._ring = False
        self._press: QPointF | None = None
        self.setAccessibleName(name)
        set_tooltip(self, name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_chosen(self, *, chosen: bool) -> None:
        self._chosen = chosen
        self.update()

    def set_pill(self, pill: str) -> None:
        self._pill = pill
        self.update()

    def set_picture_size(self, size: QSize) -> None:
        self._size = size
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return self._size + QSize(2 * self._edge, 2 * self._edge)

    def _place(self) -> QRectF:
        return QRectF(self.rect()).adjusted(self._edge, self._edge, -self._edge, -self._edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, rect = self._look.theme, self._place()
        painter = QPainter(self)
        radius = theme.radius("md")
        picture = self._find()
        if picture is None:
            fill_rounded(painter, rect, radius, theme.color("raised"))
        else:
            draw_picture(painter, rect, picture, radius)
        if self._pill:
            size = measure_pill(theme, self._pill)
            place = QPointF(rect.left() + 4, rect.bottom() - size.height() - 4)
            draw_pill(painter, place, theme, self._pill)
        if self._play:
            self._paint_play(painter, rect)
        if self._chosen or (self._ring and self.hasFocus()):
            draw_ring(painter, rect, theme, radius, gap=2 if self._edge else 0)

    def _paint_play(self, painter: QPainter, rect: QRectF) -> None:
        theme = self._look.theme
        button = QRectF(0, 0, 44, 44)
        button.moveCenter(rect.center())
        fill_rounded(painter, button, 22, theme.color("overlay"))
        icon = QRectF(0, 0, 20, 20)
        icon.moveCenter(button.center() + QPointF(1, 0))
        self._look.icons.paint(painter, icon, "play-fill", theme.color("on-picture"))

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = takes_ring(event, self._ring)
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.pressed.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._press = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None or self._mime is None:
            return
        moved = (event.position() - self._press).manhattanLength()
        if moved < QApplication.startDragDistance():
            return
        self._press = None
        drag = QDrag(self)
        drag.setMimeData(self._mime())
        aspect = self._size.width() / max(1, self._size.height())
        drag.setPixmap(draw_ghost(self._look.theme, self._find(), aspect, 1))
        drag.setHotSpot(QPoint(24, 36))
        drag.exec(Qt.DropAction.CopyAction)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._press is not None and self.rect().contains(event.position().toPoint()):
            self.pressed.emit()
        self._press = None


def build_file_mime(file: Path) -> QMimeData:
    """Pack one file for a slot of Create or for another program."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file))])
    return mime
