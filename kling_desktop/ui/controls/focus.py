"""Knows focus: by keyboard, which shows a ring, or by mouse; and where it begins in a region."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_COMING_BACK = (
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
)


def takes_ring(event: QFocusEvent, had_ring: bool) -> bool:
    """Say whether a widget that just got the focus shows the ring.

    Coming back from another window or a menu it looks as it did before.
    """
    if event.reason() in _COMING_BACK:
        return had_ring
    return event.reason() in _KEYBOARD


def find_first_focus(region: QWidget) -> QWidget | None:
    """Where a region says that work in it begins, else the first widget that Tab would reach."""
    if isinstance(region, QStackedWidget):
        page = region.currentWidget()
        start = None if page is None else page.focusProxy()
        if start is not None and start.isVisibleTo(region) and start.isEnabled():
            return start
    if region.focusPolicy() & Qt.FocusPolicy.TabFocus and region.isEnabled():
        return region
    for child in region.findChildren(QWidget):
        if (
            child.focusPolicy() & Qt.FocusPolicy.TabFocus
            and child.isEnabled()
            and child.isVisibleTo(region.window())
        ):
            return child
    return None
