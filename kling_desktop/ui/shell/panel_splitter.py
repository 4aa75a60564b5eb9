"""The splitter of the window: the widths of Create, library and side panel, drawn or dragged."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

LIBRARY_LEAST_PX = 420
_ROOMY_FROM_PX = 1440
_CREATE, _LIBRARY, _SIDE = 0, 1, 2
_DETAILS_PX = 360


@dataclass(frozen=True, slots=True)
class _Width:
    """Widths of a region in pixels; `narrow` is its default in a window under 1440."""

    least: int
    default: int
    narrow: int
    most: int


_WIDTHS = {_CREATE: _Width(308, 348, 324, 420), _SIDE: _Width(300, 340, 316, 440)}
_DRAWN = {
    _CREATE: (_WIDTHS[_CREATE].default, _WIDTHS[_CREATE].narrow),
    _SIDE: (_WIDTHS[_SIDE].default, _WIDTHS[_SIDE].narrow, _DETAILS_PX),
}
"""The widths that nobody has to have chosen."""


class PanelSplitter(QSplitter):
    """Create, the centre and the side panel between hairlines; as wide as the window.

    A panel has the width that is drawn for such a window until the user drags it; a double click
    on a hairline brings the drawn widths back.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setHandleWidth(1)
        self.setChildrenCollapsible(True)
        self._shows_details = False
        self._folded: dict[int, int] = {}
        """What a panel that is folded away was wide: Qt takes it for one of no width."""

    def bound_panels(self) -> None:
        """Hold the panels to their least and greatest widths, once they are in their places."""
        for index, width in _WIDTHS.items():
            panel = self.widget(index)
            if panel is not None:
                panel.setMinimumWidth(width.least)
                panel.setMaximumWidth(width.most)
            self.handle(max(1, index)).installEventFilter(self)

    def reset_widths(self, total_px: int) -> None:
        """Bring back the widths drawn for a window of this width."""
        widths = [0, 0, 0]
        for index in _WIDTHS:
            widths[index] = self._find_drawn(index, total_px, details=False)
        self._folded = {index: widths[index] for index in self._folded}
        self._apply(widths, total_px)

    def set_shown(self, panel: QWidget, *, shown: bool) -> None:
        """Open a panel or fold it away; it comes back as wide as it was."""
        index = self.indexOf(panel)
        if shown != panel.isHidden():
            return
        widths = self.sizes()
        if shown:
            width = self._folded.pop(index, 0) or self._find_drawn(index, self.width())
            panel.show()
            widths[index] = self._follow(index, width)
            self._apply(widths, self.width())
        else:
            self._folded[index] = widths[index]
            panel.hide()

    def show_details(self, *, shown: bool) -> None:
        """The side panel shows Details, which need more room; it stays wide afterwards."""
        self._shows_details = shown
        widths = self.sizes()
        if shown and self.width() >= _ROOMY_FROM_PX and widths[_SIDE] < _DETAILS_PX:
            if _SIDE in self._folded:
                self._folded[_SIDE] = _DETAILS_PX
            else:
                widths[_SIDE] = _DETAILS_PX
                self._apply(widths, self.width())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonDblClick:
            self.reset_widths(self.width())
            return True
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        before = event.oldSize().width()
        if before > 0 and (before >= _ROOMY_FROM_PX) != (self.width() >= _ROOMY_FROM_PX):
            widths = self.sizes()
            for index in _WIDTHS:
                widths[index] = self._follow(index, widths[index])
            self._apply(widths, self.width())

    def _follow(self, index: int, width: int) -> int:
        """Return the width drawn for this window in the place of one drawn for another."""
        return self._find_drawn(index, self.width()) if width in _DRAWN[index] else width

    def _find_drawn(self, index: int, total_px: int, *, details: bool | None = None) -> int:
        if total_px < _ROOMY_FROM_PX:
            return _WIDTHS[index].narrow
        shows_details = self._shows_details if details is None else details
        return _DETAILS_PX if index == _SIDE and shows_details else _WIDTHS[index].default

    def _apply(self, widths: list[int], total_px: int) -> None:
        """Set the widths; the centre takes what the panels leave."""
        panels = sum(widths[index] for index in _WIDTHS if not self._is_folded(index))
        for index in _WIDTHS:
            if self._is_folded(index):  # none at all would keep it shut when it is shown again
                widths[index] = self._folded.get(index) or _WIDTHS[index].default
        widths[_LIBRARY] = max(LIBRARY_LEAST_PX, total_px - panels)
        self.setSizes(widths)

    def _is_folded(self, index: int) -> bool:
        panel = self.widget(index)
        return panel is None or panel.isHidden()
