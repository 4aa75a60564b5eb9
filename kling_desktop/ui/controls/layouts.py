"""A row that stands its parts one above the other where they have no room side by side."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QLayout,
    QLayoutItem,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from kling_desktop.ui.theme.look import Look


class ScrollColumn(QScrollArea):
    """What is shown goes into `column`; the scroll bar stands in the column's margin."""

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        space = look.theme.space
        self._margin = space(4)
        content = QWidget()
        content.setProperty("clear", "true")
        self.column = QVBoxLayout(content)
        self.column.setContentsMargins(space(4), space(1), space(4), space(4))
        self.column.setSpacing(space(4))
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.verticalScrollBar().rangeChanged.connect(self._on_range_changed)

    def _on_range_changed(self, low: int, high: int) -> None:
        margins = self.column.contentsMargins()
        bar = self.verticalScrollBar().sizeHint().width() if high > low else 0
        margins.setRight(self._margin - bar)
        self.column.setContentsMargins(margins)


class WrappingRow(QLayout):
    """Widgets at their own size, left to right (or right to left where the script runs so)."""

    def __init__(self, gap: int) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self.setSpacing(gap)
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    # Qt walks these by index until it gets None, which the stubs do not know.
    def itemAt(self, index: int) -> QLayoutItem | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), place=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, place=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _arrange(self, rect: QRect, *, place: bool) -> int:
        """Place the widgets, or only measure; return the height that they need."""
        x, y, line = rect.x(), rect.y(), 0
        parent = self.parentWidget()
        mirrored = parent is not None and parent.layoutDirection() == Qt.LayoutDirection.RightToLeft
        for item in self._items:
            size = item.sizeHint()
            if x > rect.x() and x + size.width() > rect.x() + rect.width():
                x, y, line = rect.x(), y + line + self.spacing(), 0
            width = min(size.width(), rect.width())
            left = rect.x() + rect.right() - x - width + 1 if mirrored else x
            if place:
                item.setGeometry(QRect(QPoint(left, y), QSize(width, size.height())))
            x, line = x + width + self.spacing(), max(line, size.height())
        return y + line - rect.y()


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
