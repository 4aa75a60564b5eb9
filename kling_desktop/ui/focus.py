"""Tells keyboard focus, which shows a ring, from focus by mouse, which does not."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent

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
