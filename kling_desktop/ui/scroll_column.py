"""A column of controls that scrolls, and does not move when its scroll bar comes and goes."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from kling_desktop.ui.look import Look


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
