"""A section that folds away, with a word on what is inside."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from kling_desktop.ui.controls.painted_button import ButtonInks, PaintedButton
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import LEFT, RIGHT, draw_ring, draw_text, measure_text
from kling_desktop.ui.theme.plain_text import set_tooltip

_ICON = 16
_GAP = 8


class _Header(PaintedButton):
    """The line that folds and unfolds: a chevron, the title, and the summary at its end.

    A summary that has no room is the tooltip instead; it is never cut.
    """

    INKS = ButtonInks(text="text-2", hover_text="text", checked_text="text-2")

    def __init__(self, look: Look, title: str) -> None:
        super().__init__(look, title)
        self._summary = ""
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_summary(self, summary: str) -> None:
        self._summary = summary
        self.setAccessibleDescription(summary)
        self.update()

    def sizeHint(self) -> QSize:
        width = measure_text(self._look.theme.font("label"), self.text())
        return QSize(round(width) + _ICON + _GAP, self._look.theme.height("icon"))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        rect = QRectF(self.rect())
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        closed = "chevron-left" if mirrored else "chevron-right"
        start, end = (RIGHT, LEFT) if mirrored else (LEFT, RIGHT)
        ink = self._ink()
        icon = QRectF(rect.right() - _ICON if mirrored else 0, 0, _ICON, rect.height())
        self._look.icons.paint(painter, icon, "chevron-down" if self.isChecked() else closed, ink)
        lead = _ICON + _GAP
        words = rect.adjusted(*((0, 0, -lead, 0) if mirrored else (lead, 0, 0, 0)))
        font = theme.font("label")
        taken = draw_text(painter, words, self.text(), font, ink, align=start) + _GAP
        rest = words.adjusted(*((0, 0, -taken, 0) if mirrored else (taken, 0, 0, 0)))
        small = theme.font("small")
        fits = measure_text(small, self._summary) <= rest.width()
        set_tooltip(self, "" if fits else self._summary)
        if self._summary and fits and not self.isChecked():
            draw_text(painter, rest, self._summary, small, theme.color("text-3"), align=end)
        if self._ring and self.hasFocus():
            draw_ring(painter, rect, theme, theme.radius("sm"))


class CollapsibleSection(QWidget):
    """A title that shows or hides `content`; folded, it shows a summary of what is inside."""

    toggled = Signal(bool)

    def __init__(
        self,
        look: Look,
        title: str,
        content: QWidget,
        *,
        summary: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._content = content
        self._header = _Header(look, title)
        self._header.set_summary(summary)
        self._header.toggled.connect(self._on_toggled)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.theme.space(2))
        column.addWidget(self._header)
        column.addWidget(content)
        content.hide()

    def is_expanded(self) -> bool:
        return self._header.isChecked()

    def set_expanded(self, expanded: bool) -> None:
        self._header.setChecked(expanded)

    def set_summary(self, summary: str) -> None:
        self._header.set_summary(summary)

    def _on_toggled(self, expanded: bool) -> None:
        self._content.setVisible(expanded)
        self.toggled.emit(expanded)
