"""A popup with the theme's shadow, opened beside the control that asked for it."""

from PySide6.QtCore import (
    QEasingCurve,
    QEvent,
    QMargins,
    QPoint,
    QPropertyAnimation,
    QRect,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from kling_desktop.ui.theme.compositing import cut_to_frame, shows_translucency
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import draw_frame, fade, fill_rounded
from kling_desktop.ui.theme.theme import Theme

SHADOW = QMargins(32, 20, 32, 44)
"""The room a shadow needs around the frame, in pixels."""
_LAYERS = 14
_DARK_SHARE, _LIGHT_SHARE = 0.55, 0.18
_GAP = 6


def paint_shadow(painter: QPainter, rect: QRectF, theme: Theme, radius: float) -> None:
    """Paint the soft shadow of a frame at `rect`: lower than the frame, fading outwards."""
    share = _DARK_SHARE if theme.is_dark else _LIGHT_SHARE
    # Thin layers over one another add up to a fall-off that is steep near the frame.
    color = fade(theme.color("overlay"), share / _LAYERS / theme.color("overlay").alphaF())
    for layer in range(_LAYERS):
        spread = 28.0 * (layer + 1) / _LAYERS
        grown = rect.adjusted(-spread, 8 - spread, spread, 12 + spread)
        fill_rounded(painter, grown, radius + spread, color)


def _place_of(widget: QWidget) -> QRect:
    return QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size())


class PopupFrame(QFrame):
    """A popup window; what it shows goes into `body`. It closes at Escape or a click outside."""

    closed = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None, *, padding: int = 4) -> None:
        super().__init__(
            parent,
            Qt.WindowType.Popup
            | Qt.WindowType.FramelessWindowHint
            | Qt.WindowType.NoDropShadowWindowHint,
        )
        self._look = look
        self._has_shadow = True
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self._fade = QPropertyAnimation(self, b"windowOpacity", self)
        self._fade.setStartValue(0.0)
        self._fade.setEndValue(1.0)
        self._fade.setEasingCurve(QEasingCurve.Type.OutCubic)
        self.body = QVBoxLayout(self)
        room = look.theme.space(padding) if padding else 0
        self.body.setContentsMargins(SHADOW + room)

    def _frame(self) -> QRect:
        return self.rect().marginsRemoved(SHADOW)

    def popup_beside(
        self, anchor: QWidget, side: str = "below", *, panel: QWidget | None = None
    ) -> None:
        """Open "below", "above" or "right" of a widget, moved so that it stays on the screen.

        With the panel that the widget is in, "right" is beside that panel and not over it.
        """
        self.adjustSize()
        frame = self._frame()
        area = _place_of(anchor)
        if panel is not None:
            around = _place_of(panel)
            area.setLeft(around.left())
            area.setRight(around.right())
        places = {
            "below": QPoint(area.left(), area.bottom() + 1 + _GAP),
            "above": QPoint(area.left(), area.top() - _GAP - frame.height()),
            "right": QPoint(area.right() + 1 + _GAP, area.top()),
        }
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            places["below"].setX(area.right() + 1 - frame.width())
            places["above"].setX(area.right() + 1 - frame.width())
            places["right"].setX(area.left() - _GAP - frame.width())
        frame.moveTopLeft(places[side])
        window = _place_of(anchor.window())
        if side == "right" and frame.bottom() > window.bottom() > frame.height() + window.top():
            frame.moveTop(window.center().y() - frame.height() // 2)
        screen = anchor.screen().availableGeometry()
        frame.moveLeft(max(screen.left(), min(frame.left(), screen.right() + 1 - frame.width())))
        frame.moveTop(max(screen.top(), min(frame.top(), screen.bottom() + 1 - frame.height())))
        self.move(frame.topLeft() - QPoint(SHADOW.left(), SHADOW.top()))
        self._has_shadow = shows_translucency()
        self._cut()
        self._fade.setDuration(self._look.theme.duration("base"))
        self._fade.start()
        self.show()

    def _cut(self) -> None:
        if self._has_shadow:
            self.clearMask()
        else:
            cut_to_frame(self, self._frame(), self._look.theme.radius("xl"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._cut()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._frame().contains(event.position().toPoint()):
            super().mousePressEvent(event)
        else:
            self.close()  # the shadow belongs to what lies under it

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        rect, radius = QRectF(self._frame()), theme.radius("xl")
        if self._has_shadow:
            paint_shadow(painter, rect, theme, radius)
        else:  # the rounded corners' soft edge would be mixed with black
            painter.fillRect(rect, theme.color("line-strong"))
        draw_frame(painter, rect, radius, theme.color("popup"), theme.color("line-strong"))
