"""One soft ring around a control whose value was changed for the user."""

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QVariantAnimation
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import draw_frame, fade

_LENGTH_MS = 900


class HighlightRing(QWidget):
    """Lies over a control and takes no events; `start` lets it shine up once and fade."""

    def __init__(self, look: Look, over: QWidget) -> None:
        super().__init__(over)
        self._look = look
        self._over = over
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._fading = QVariantAnimation(self)
        self._fading.setStartValue(1.0)
        self._fading.setEndValue(0.0)
        self._fading.setDuration(_LENGTH_MS)
        self._fading.valueChanged.connect(lambda _value: self.update())
        self._fading.finished.connect(self.hide)
        over.installEventFilter(self)
        self.hide()

    @property
    def is_shining(self) -> bool:
        return self._fading.state() is QVariantAnimation.State.Running

    def start(self) -> None:
        self.setGeometry(self._over.rect())
        self.raise_()
        self.show()
        self._fading.stop()
        self._fading.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._over.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        value = self._fading.currentValue()
        # With reduced motion the ring stands still until it goes.
        share = float(value) if theme.moves and value is not None else 1.0
        line = fade(theme.color("focus"), share)
        fill = fade(theme.color("accent-soft"), 0.5 * share)
        draw_frame(QPainter(self), QRectF(self.rect()), theme.radius("md"), fill, line, 2)
