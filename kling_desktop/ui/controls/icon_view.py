"""An icon that stands still: beside a question, in a notice, over an empty view."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kling_desktop.ui.theme.look import Look


class IconView(QWidget):
    """Paints one icon at the top of its place; it says nothing to a screen reader."""

    def __init__(
        self,
        look: Look,
        icon: str,
        *,
        size: int = 20,
        ink: str = "text-2",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._icon = icon
        self._size = size
        self._ink = ink
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Minimum)

    def set_icon(self, icon: str, ink: str) -> None:
        self._icon, self._ink = icon, ink
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._size, self._size).grownBy(self.contentsMargins())

    def paintEvent(self, event: QPaintEvent) -> None:
        place = self.contentsRect().topLeft()
        rect = QRectF(place.x(), place.y(), self._size, self._size)
        color = self._look.theme.color(self._ink)
        self._look.icons.paint(QPainter(self), rect, self._icon, color)
