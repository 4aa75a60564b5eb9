"""Dims the window behind a modal sheet."""

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QVariantAnimation
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from kling_desktop.ui.look import Look
from kling_desktop.ui.paint_kit import fade


class Scrim(QWidget):
    """Covers `window` and follows its size, from `show()` until it is hidden."""

    def __init__(self, look: Look, window: QWidget) -> None:
        super().__init__(window)
        self._look = look
        self._covered = window
        self._fade = QVariantAnimation(self)
        self._fade.setStartValue(0.0)
        self._fade.setEndValue(1.0)
        self._fade.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._fade.valueChanged.connect(self._on_fade_changed)
        self.hide()
        window.installEventFilter(self)

    def cover(self) -> None:
        """Lie over everything in the window."""
        self.setGeometry(self._covered.rect())
        self.raise_()
        self.show()
        self._fade.setDuration(self._look.theme.duration("base"))
        self._fade.start()

    def _on_fade_changed(self) -> None:
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._covered:
            self.setGeometry(self._covered.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        share = self._fade.currentValue()
        color = fade(self._look.theme.color("scrim"), 1.0 if share is None else float(share))
        QPainter(self).fillRect(self.rect(), color)
