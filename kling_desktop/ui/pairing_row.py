"""A row that stands its parts one above the other where they have no room side by side."""

from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QBoxLayout, QLayoutItem


class PairingRow(QBoxLayout):
    """Parts side by side as their stretches say; with large text in a narrow panel, stacked.

    Args:
        gap: Pixels between the parts.
        line_gap: Pixels between stacked parts; the gap where left out.
    """

    def __init__(self, gap: int, line_gap: int | None = None) -> None:
        super().__init__(QBoxLayout.Direction.LeftToRight)
        self._gap = gap
        self._line_gap = gap if line_gap is None else line_gap
        self.setSpacing(gap)

    @property
    def is_stacked(self) -> bool:
        return self.direction() is QBoxLayout.Direction.TopToBottom

    def minimumSize(self) -> QSize:
        sizes = [item.minimumSize() for item in self._parts()]
        width = max((size.width() for size in sizes), default=0)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def sizeHint(self) -> QSize:
        sizes = [item.sizeHint() for item in self._parts()]
        width = sum(size.width() for size in sizes) + self._gap * max(0, len(sizes) - 1)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        heights = [item.sizeHint().height() for item in self._parts()]
        if not self._needs_stack(width):
            return max(heights, default=0)
        return sum(heights) + self._line_gap * max(0, len(heights) - 1)

    def minimumHeightForWidth(self, width: int) -> int:
        return self.heightForWidth(width)

    def setGeometry(self, rect: QRect) -> None:
        stacked = self._needs_stack(rect.width())
        if stacked is not self.is_stacked:
            directions = QBoxLayout.Direction
            self.setDirection(directions.TopToBottom if stacked else directions.LeftToRight)
            self.setSpacing(self._line_gap if stacked else self._gap)
        super().setGeometry(rect)

    def _needs_stack(self, width: int) -> bool:
        least = [item.minimumSize().width() for item in self._parts()]
        return sum(least) + self._gap * max(0, len(least) - 1) > width

    def _parts(self) -> list[QLayoutItem]:
        items = (self.itemAt(index) for index in range(self.count()))
        return [item for item in items if item is not None and not item.isEmpty()]
