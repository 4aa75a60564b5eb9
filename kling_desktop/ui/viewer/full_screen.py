"""A part of the window that fills the screen for a while, with controls that fade away."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

_FADE_AFTER_MS = 2_000


class FullScreen(QObject):
    """Takes a widget out of its place and puts it back; owned by the page of that widget.

    Keys pressed meanwhile still reach the page, for its widget is only lent.

    Args:
        body: What fills the screen.
        controls: The part of it that hides while the pointer rests.
        page: Where `body` belongs; gets the keys.
    """

    def __init__(self, body: QWidget, controls: QWidget, page: QWidget) -> None:
        super().__init__(page)
        self._body = body
        self._controls = controls
        self._page = page
        self._screen: QWidget | None = None
        self._place = -1
        self._rest = QTimer(self, singleShot=True, interval=_FADE_AFTER_MS)
        self._rest.timeout.connect(self.hide_controls)

    @property
    def is_on(self) -> bool:
        return self._screen is not None

    def toggle(self) -> None:
        if self.is_on:
            self.leave()
        else:
            self._enter()

    def _enter(self) -> None:
        layout = self._page.layout()
        if layout is None:
            return
        self._place = layout.indexOf(self._body)
        screen = self._screen = QWidget(None, Qt.WindowType.Window)
        screen.setWindowTitle(self._page.window().windowTitle())
        column = QVBoxLayout(screen)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._body)
        screen.installEventFilter(self)
        for widget in (self._body, *self._body.findChildren(QWidget)):
            widget.installEventFilter(self)
            widget.setMouseTracking(True)
        screen.showFullScreen()
        self._rest.start()

    def leave(self) -> None:
        """Put everything back; does nothing when it is there."""
        screen, self._screen = self._screen, None
        if screen is None:
            return
        self._rest.stop()
        for widget in (self._body, *self._body.findChildren(QWidget)):
            widget.removeEventFilter(self)
        self._controls.show()
        self._body.unsetCursor()
        layout = self._page.layout()
        if isinstance(layout, QVBoxLayout):
            layout.insertWidget(self._place, self._body, 1)
        screen.removeEventFilter(self)
        screen.hide()
        screen.deleteLater()

    def hide_controls(self) -> None:
        if self.is_on:
            self._controls.hide()
            self._body.setCursor(Qt.CursorShape.BlankCursor)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.MouseMove, QEvent.Type.FocusIn, QEvent.Type.KeyPress):
            self._controls.show()
            self._body.unsetCursor()
            self._rest.start()
        if watched is self._screen:
            if event.type() == QEvent.Type.KeyPress:
                # What nothing inside wanted is the page's: space, arrows, escape.  The window's
                # own shortcuts do not reach this far, so the key that came here also leads back.
                if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_F11:
                    self.leave()
                else:
                    self._page.event(event)
                return True
            if event.type() == QEvent.Type.Close:
                event.ignore()
                self.leave()
                return True
        return False
