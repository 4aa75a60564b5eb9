"""The clip laid out in time: small frames side by side, and the head that is dragged over them."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from kling_desktop.ui.clips.clip_pictures import Strip
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import draw_picture, draw_ring, fill_rounded
from kling_desktop.wording.translation import _
from kling_desktop.wording.viewer import POSITION

_HEIGHT = 40
_KNOB = QRectF(-6, -9, 12, 8)
_TOP = 9
_BOTTOM = 5


class FrameStrip(QSlider):
    """A slider over the frames of a clip; it always runs from left to right.

    Signals:
        scrubbed: The frame, from zero, that the user wants to see.
    """

    scrubbed = Signal(int)

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._look = look
        self.strip: Strip | None = None
        self._aspect = 16 / 9
        self.setAccessibleName(_(POSITION))
        self.setRange(0, 0)
        self.setPageStep(10)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_TOP + _HEIGHT + _BOTTOM)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.actionTriggered.connect(self._on_action)

    def show_clip(self, frames: int, aspect: float) -> None:
        self.strip, self._aspect = None, aspect
        self.setRange(0, max(0, frames - 1))
        self.show_frame(0)
        self.update()

    def show_strip(self, strip: Strip | None) -> None:
        self.strip = strip
        self.update()

    def show_frame(self, frame: int) -> None:
        """Put the head on a frame, without emitting a signal."""
        if frame != self.value():
            self.blockSignals(True)
            self.setValue(frame)
            self.blockSignals(False)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, self.height())

    def _track(self) -> QRectF:
        return QRectF(0, _TOP, self.width(), _HEIGHT)

    def _head_x(self) -> float:
        span = max(1, self.maximum())
        return 1 + (self.width() - 2) * self.value() / span

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, track = self._look.theme, self._track()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill_rounded(painter, track, theme.radius("md"), theme.color("raised"))
        if self.strip is not None:
            self._paint_frames(painter, track, self.strip)
        white = theme.color("text")
        x = round(self._head_x())
        painter.fillRect(QRectF(x - 1, 1, 2, self.height() - 1), white)
        fill_rounded(painter, _KNOB.translated(x, _TOP), 3, white)
        if self.hasFocus():
            draw_ring(painter, track, theme, theme.radius("md"))

    def _paint_frames(self, painter: QPainter, track: QRectF, strip: Strip) -> None:
        count = max(1, min(strip.frames, round(track.width() / (_HEIGHT * max(0.8, self._aspect)))))
        painter.save()
        outline = QPainterPath()
        outline.addRoundedRect(track, self._look.theme.radius("md"), self._look.theme.radius("md"))
        painter.setClipPath(outline)
        for number in range(count):
            left = track.left() + track.width() * number / count
            right = track.left() + track.width() * (number + 1) / count
            cell = QRectF(left, track.top(), right - left - 1, track.height())
            draw_picture(
                painter, cell, strip.pixmap, 0, source=strip.source((number + 0.5) / count)
            )
        painter.restore()

    def _frame_at(self, point: QPointF) -> int:
        share = (point.x() - 1) / max(1, self.width() - 2)
        return round(min(1.0, max(0.0, share)) * self.maximum())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._scrub(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._scrub(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def _scrub(self, event: QMouseEvent) -> None:
        frame = self._frame_at(event.position())
        self.show_frame(frame)
        self.scrubbed.emit(frame)

    def _on_action(self) -> None:
        """Follow a key or a screen reader, which moved the position already."""
        self.scrubbed.emit(self.sliderPosition())
        self.update()
