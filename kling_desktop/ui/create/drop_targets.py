"""The two targets for a dragged picture, and the veil over the rest of the panel."""

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from kling_desktop.domain.draft import FrameRole
from kling_desktop.ui.create.image_slot import draw_drop_frame
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import CENTER, draw_frame, draw_text, fill_rounded
from kling_desktop.wording import pictures as words

TARGET_PX = 150
_GAP = 8
_FADED_TO = 0.32


class DropTargets(QWidget):
    """First and last frame as targets of 150 px; the one under the pointer is highlighted."""

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._hot: FrameRole | None = None
        self._hints = dict.fromkeys(FrameRole, "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def hot(self) -> FrameRole | None:
        return self._hot

    def set_hot(self, role: FrameRole | None) -> None:
        if role is not self._hot:
            self._hot = role
            self.update()

    def set_hint(self, role: FrameRole, text: str) -> None:
        """Show under a target what dropping there does."""
        self._hints[role] = text
        self.update()

    def hint(self, role: FrameRole) -> str:
        return self._hints[role]

    def sizeHint(self) -> QSize:
        return QSize(200, 2 * TARGET_PX + _GAP)

    def minimumSizeHint(self) -> QSize:
        return QSize(100, 2 * TARGET_PX + _GAP)

    def target_rect(self, role: FrameRole) -> QRect:
        top = 0 if role is FrameRole.FIRST else TARGET_PX + _GAP
        return QRect(0, top, self.width(), TARGET_PX)

    def find_target(self, point: QPoint) -> FrameRole | None:
        return next((role for role in FrameRole if self.target_rect(role).contains(point)), None)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for role in FrameRole:
            self._paint_target(painter, QRectF(self.target_rect(role)), role)

    def _paint_target(self, painter: QPainter, rect: QRectF, role: FrameRole) -> None:
        theme = self._look.theme
        hot = role is self._hot
        if hot:
            fill, line = theme.color("accent-soft"), theme.color("focus")
            draw_frame(painter, rect, theme.radius("lg"), fill, line, 2)
        else:
            draw_drop_frame(painter, rect, self._look)
        icon, title, hint = 24, theme.line_height("body"), theme.line_height("small")
        y = rect.y() + (rect.height() - icon - 8 - title - hint - 2) / 2
        name = "frame-first" if role is FrameRole.FIRST else "frame-last"
        ink = theme.color("accent-text" if hot else "text-2")
        place = QRectF(rect.center().x() - icon / 2, y, icon, icon)
        self._look.icons.paint(painter, place, name, ink)
        inner = rect.adjusted(8, 0, -8, 0)
        line_rect = QRectF(inner.x(), y + icon + 8, inner.width(), title)
        text = words.use_as(role)
        font = theme.font("body", 600)
        draw_text(painter, line_rect, text, font, theme.color("text"), align=CENTER)
        below = QRectF(inner.x(), line_rect.bottom() + 2, inner.width(), hint)
        draw_text(
            painter,
            below,
            self._hints[role],
            theme.font("small"),
            theme.color("text-2"),
            align=CENTER,
            elide=Qt.TextElideMode.ElideMiddle,
        )


class DropVeil(QWidget):
    """Covers the panel during a drag: fades what is no target and receives the events.

    Signals:
        entered, moved, dropped: The event; the slot accepts or refuses it before it returns.
        left: The drag left the panel.
    """

    entered = Signal(object)
    moved = Signal(object)
    dropped = Signal(object)
    left = Signal()

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._clear: QWidget | None = None
        self._hot_field = QRect()
        self._refusal = ""
        self._offered = ""
        self.setAcceptDrops(True)
        self.hide()

    def cover(self, clear: QWidget | None) -> None:
        """Show over the parent, leaving one widget as it is."""
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self._clear = clear
        self._refusal = self._offered = ""
        self.show()
        self.raise_()
        self.update()

    def refuse(self, text: str) -> None:
        """Show over the parent why nothing can be dropped here."""
        self.cover(None)
        self._refusal = text
        self.setAccessibleName(text)

    @property
    def refusal(self) -> str:
        return self._refusal

    def offer(self, text: str) -> None:
        """Show that all of the parent is one target, and what dropping there does."""
        self.cover(None)
        self._offered = text
        self.setAccessibleName(text)

    @property
    def offered(self) -> str:
        return self._offered

    def set_hot_field(self, rect: QRect) -> None:
        """Outline the text field that would take the drop; an empty rectangle outlines none."""
        if rect != self._hot_field:
            self._hot_field = rect
            self.update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.entered.emit(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self.moved.emit(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.left.emit()

    def dropEvent(self, event: QDropEvent) -> None:
        self.dropped.emit(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        veil = QColor(theme.color("panel"))
        veil.setAlphaF(1 - _FADED_TO)
        region = self.rect()
        clip = event.region()
        parent = self.parentWidget()
        if self._clear is not None and parent is not None:
            # Asked for now: the layout may have moved it since the drag came in.
            place = QRect(self._clear.mapTo(parent, QPoint(0, 0)), self._clear.size())
            clip = clip.subtracted(place)
        painter.save()
        painter.setClipRegion(clip)
        painter.fillRect(region, veil)
        painter.restore()
        if not self._hot_field.isEmpty():
            rect = QRectF(self._hot_field)
            draw_frame(painter, rect, theme.radius("md"), None, theme.color("focus"), 2)
        if self._offered:
            inside = QRectF(self.rect()).adjusted(_GAP, _GAP, -_GAP, -_GAP)
            draw_frame(painter, inside, theme.radius("lg"), None, theme.color("focus"), 2)
        if self._refusal or self._offered:
            self._paint_words(painter, self._refusal or self._offered)

    def _paint_words(self, painter: QPainter, words: str) -> None:
        theme = self._look.theme
        pill = QRectF(0, 0, min(self.width() - 32, 260), theme.height("field"))
        pill.moveCenter(QRectF(self.rect()).center())
        if self._offered:
            pill.moveTop(2 * TARGET_PX / 3)  # a row hangs under the pointer and would cover it
        fill_rounded(painter, pill, theme.radius("md"), theme.color("popup"))
        draw_frame(painter, pill, theme.radius("md"), None, theme.color("line-strong"))
        draw_text(painter, pill, words, theme.font("label"), theme.color("text"), align=CENTER)
