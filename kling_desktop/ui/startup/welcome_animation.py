"""The welcome picture: a still image with a slow camera move over it."""

from PySide6.QtCore import QElapsedTimer, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QHideEvent,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QWidget

from kling_desktop.domain.resources import find_resource
from kling_desktop.ui.controls.buttons import IconButton
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import CENTER, draw_text, fill_rounded
from kling_desktop.wording import startup as texts
from kling_desktop.wording.formatting import clock

_LENGTH_MS = 8000
_TICK_MS = 33
_ZOOM = 0.10
_MARGIN = 20


class WelcomeAnimation(QWidget):
    """Plays by itself unless motion is reduced; the button pauses it."""

    def __init__(self, look: Look, resource: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._picture = QImage(str(find_resource(resource)))
        self._at_ms = 0
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._on_tick)
        self._button = IconButton(
            look,
            "play-fill",
            texts.PLAY_THE_SAMPLE(),
            size="normal",
            on_picture=True,
            is_round=True,
            parent=self,
        )
        self._button.clicked.connect(self._toggle)
        self.setAccessibleName(texts.SAMPLE_PICTURE())

    def sizeHint(self) -> QSize:
        return QSize(356, 600)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._look.theme.moves:
            self._start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        hint = self._button.sizeHint()
        self._button.setGeometry(
            _MARGIN, self.height() - _MARGIN - hint.height(), hint.width(), hint.height()
        )

    def _toggle(self) -> None:
        if self._timer.isActive():
            self._stop()
        else:
            self._start()

    def _start(self) -> None:
        self._since.start()
        self._timer.start()
        self._button.set_icon_name("pause-fill")
        self._button.set_name(texts.PAUSE_THE_SAMPLE())

    def _stop(self) -> None:
        self._timer.stop()
        self._button.set_icon_name("play-fill")
        self._button.set_name(texts.PLAY_THE_SAMPLE())

    def _on_tick(self) -> None:
        self._at_ms = (self._at_ms + self._since.restart()) % _LENGTH_MS
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipPath(self._find_outline())
        share = self._at_ms / _LENGTH_MS
        swing = 1 - abs(2 * share - 1)  # there and back again: the loop has no seam
        eased = swing * swing * (3 - 2 * swing)
        painter.drawImage(QRectF(self.rect()), self._picture, self._camera(eased))
        self._paint_transport(painter, share)

    def _find_outline(self) -> QPainterPath:
        """The left corners are those of the card that the picture lies in."""
        radius = self._look.theme.radius("xl")
        path = QPainterPath()
        path.addRoundedRect(QRectF(self.rect()).adjusted(0, 0, radius, 0), radius, radius)
        return path

    def _camera(self, eased: float) -> QRectF:
        """The part of the picture that is seen: it covers the widget, closer as time goes on."""
        ratio = self.width() / max(1, self.height())
        width, height = float(self._picture.width()), float(self._picture.height())
        if width / height > ratio:
            width = height * ratio
        else:
            height = width / ratio
        width, height = width * (1 - _ZOOM * eased), height * (1 - _ZOOM * eased)
        left = (self._picture.width() - width) / 2
        top = (self._picture.height() - height) * (0.5 - 0.3 * eased)
        return QRectF(left, top, width, height)

    def _paint_transport(self, painter: QPainter, share: float) -> None:
        theme = self._look.theme
        left = self._button.geometry().right() + 12
        middle = self._button.geometry().center().y()
        line = QRectF(left, middle - 1.5, self.width() - left - 64, 3)
        fill_rounded(painter, line, 1.5, theme.color("overlay"))
        done = QRectF(line.x(), line.y(), line.width() * share, line.height())
        fill_rounded(painter, done, 1.5, theme.color("on-picture"))
        painter.setPen(Qt.PenStyle.NoPen)
        place = QRectF(self.width() - 56, middle - 10, 40, 20)
        font, ink = theme.font("caption"), theme.color("on-picture")
        draw_text(painter, place, clock(self._at_ms / 1000), font, ink, align=CENTER)
