"""A choice of one among many, in a list that opens below."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QWidget

from kling_desktop.ui.focus import takes_ring
from kling_desktop.ui.look import Look
from kling_desktop.ui.paint_kit import draw_frame, draw_ring, draw_text, measure_text

_PADDING = 10
_ICON = 16


class Select(QComboBox):
    """A combo box painted like a field; the wheel changes it only when it has the focus."""

    def __init__(self, look: Look, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._ring = False
        self.setAccessibleName(name)
        self.view().setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:
        theme = self._look.theme
        font = theme.font("body")
        texts = [self.itemText(place) for place in range(self.count())]
        widest = max((measure_text(font, text) for text in texts), default=60.0)
        return QSize(round(widest + 2 * _PADDING + _ICON + 8), theme.height("field"))

    def minimumSizeHint(self) -> QSize:
        return QSize(72, self.sizeHint().height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = takes_ring(event, self._ring)
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        rect = QRectF(self.rect())
        radius = theme.radius("md")
        ground = "hover" if self.underMouse() and self.isEnabled() else "raised"
        fill = theme.color(ground if self.isEnabled() else "panel")
        line = theme.color("line-strong" if self.isEnabled() else "line")
        draw_frame(painter, rect, radius, fill, line)
        if self._ring and self.hasFocus():
            draw_ring(painter, rect, theme, radius)
        words = rect.adjusted(_PADDING, 0, -_PADDING - _ICON - 4, 0)
        icon = QRectF(rect.right() - _PADDING - _ICON, 0, _ICON, rect.height())
        align = Qt.AlignmentFlag.AlignLeft
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            words = rect.adjusted(_PADDING + _ICON + 4, 0, -_PADDING, 0)
            icon = QRectF(_PADDING, 0, _ICON, rect.height())
            align = Qt.AlignmentFlag.AlignRight
        ink = theme.color("text" if self.isEnabled() else "text-disabled")
        draw_text(
            painter,
            words,
            self.currentText(),
            theme.font("body"),
            ink,
            align=align | Qt.AlignmentFlag.AlignVCenter,
        )
        quiet = theme.color("text-2" if self.isEnabled() else "text-disabled")
        self._look.icons.paint(painter, icon, "updown", quiet)
