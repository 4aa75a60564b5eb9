"""A field that takes the next keys that are pressed, in place of letting them act."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from kling_desktop.ui.commands.shortcut_rules import read_keys, write_keys
from kling_desktop.wording import commands as texts

_MODIFIERS = (
    Qt.Key.Key_Control,
    Qt.Key.Key_Shift,
    Qt.Key.Key_Alt,
    Qt.Key.Key_Meta,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_CapsLock,
    Qt.Key.Key_unknown,
)
_LEAVING = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)


class KeyCapture(QLineEdit):
    """Shows keys; while it has the focus, the next ones pressed are reported.

    Tab leaves it, Escape gives up.

    Signals:
        captured: Keys in the portable form.
        given_up: The user pressed Escape.
    """

    captured = Signal(str)
    given_up = Signal()

    def __init__(self, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = ""
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setPlaceholderText(texts.NO_KEYS())

    def set_keys(self, keys: str) -> None:
        """Show keys, given in the portable form."""
        self._keys = keys
        self._show()

    def _show(self) -> None:
        self.setText("" if self.hasFocus() else read_keys(self._keys))
        self.setPlaceholderText(texts.PRESS_NEW_KEYS() if self.hasFocus() else texts.NO_KEYS())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._show()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._show()

    def event(self, event: QEvent) -> bool:
        # A key that is somebody's shortcut is offered here first: taken, it does not act.
        if event.type() == QEvent.Type.ShortcutOverride and self.isEnabled():
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _LEAVING and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        elif key in _MODIFIERS:
            event.accept()
        elif key == Qt.Key.Key_Escape:
            event.accept()
            self.given_up.emit()
        else:
            event.accept()
            self.captured.emit(write_keys(event.keyCombination()))
