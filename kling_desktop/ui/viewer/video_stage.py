"""The dark ground on which a clip is looked at: fitted, at its own size, or closer."""

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kling_desktop.ui.clips.video_player import ClipPlayer
from kling_desktop.ui.controls.labels import set_surface
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import CENTER, draw_text
from kling_desktop.wording.translation import _
from kling_desktop.wording.viewer import CLIP

_MARGIN = 24
_MOST_ZOOM = 8.0
_WHEEL_NOTCH = 120


class PictureView:
    """Where a picture stands in a view: fitted unless zoomed, and moved when it is."""

    def __init__(self) -> None:
        self.zoom: float | None = None
        self._shift = QPointF()

    def fit(self) -> None:
        self.zoom = None
        self._shift = QPointF()

    def place(self, picture: QSizeF, view: QSizeF) -> QRectF:
        """Return the picture's rectangle in the view, in the view's pixels."""
        if picture.isEmpty() or view.isEmpty():
            return QRectF()
        scale = self.scale(picture, view)
        rect = QRectF(0, 0, picture.width() * scale, picture.height() * scale)
        rect.moveCenter(QPointF(view.width() / 2, view.height() / 2) + self._shift)
        return rect

    def scale(self, picture: QSizeF, view: QSizeF) -> float:
        if self.zoom is not None:
            return self.zoom
        room_x, room_y = view.width() - 2 * _MARGIN, view.height() - 2 * _MARGIN
        # Never past its own pixels: what is shown is what is there.
        return max(0.01, min(1.0, room_x / picture.width(), room_y / picture.height()))

    def zoom_to(self, zoom: float, picture: QSizeF, view: QSizeF, at: QPointF) -> None:
        """Show the picture at `zoom` (1 = its own pixels) so that the point `at` stays."""
        before = self.place(picture, view)
        fitted = PictureView().scale(picture, view)
        if zoom <= fitted:
            self.fit()
            return
        self.zoom = min(zoom, _MOST_ZOOM)
        grown = self.zoom * picture.width() / max(1.0, before.width())
        center = at + (before.center() - at) * grown
        self._shift = center - QPointF(view.width() / 2, view.height() / 2)
        self._hold(picture, view)

    def move(self, by: QPointF, picture: QSizeF, view: QSizeF) -> None:
        if self.zoom is not None:
            self._shift += by
            self._hold(picture, view)

    def _hold(self, picture: QSizeF, view: QSizeF) -> None:
        """Keep the picture from leaving the view."""
        zoom = self.zoom or 1.0
        most_x = max(0.0, (picture.width() * zoom - view.width()) / 2)
        most_y = max(0.0, (picture.height() * zoom - view.height()) / 2)
        self._shift = QPointF(
            min(max(self._shift.x(), -most_x), most_x), min(max(self._shift.y(), -most_y), most_y)
        )


class VideoStage(QWidget):
    """Paints what a player shows; owned by the viewer.

    Signals:
        full_screen_toggled: The picture was double-clicked.
        clicked: The picture was clicked once.
    """

    full_screen_toggled = Signal()
    clicked = Signal()

    def __init__(self, look: Look, player: ClipPlayer, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._player = player
        self._view = PictureView()
        self._picture = QSizeF(16, 9)
        self._message = ""
        self._grip: QPointF | None = None
        set_surface(self, "stage")
        self.setAccessibleName(_(CLIP))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(200, 120))
        player.frame_changed.connect(self.update)

    def show_clip(self, name: str, width: int, height: int) -> None:
        """Say which clip is coming; the picture follows from the player."""
        self.setAccessibleName(name)
        self._picture = QSizeF(max(1, width), max(1, height))
        self._message = ""
        self._view.fit()
        self.update()

    def show_message(self, message: str) -> None:
        """Say in words why there is no picture."""
        self._message = message
        self.setAccessibleDescription(message)
        self.update()

    def fit(self) -> None:
        self._view.fit()
        self.update()

    def show_actual_size(self) -> None:
        center = QPointF(self.width() / 2, self.height() / 2)
        self._view.zoom_to(1.0, self._picture_size(), self._size(), center)
        self.update()

    def picture_rect(self) -> QRectF:
        return self._view.place(self._picture_size(), self._size())

    def _picture_size(self) -> QSizeF:
        """Return the clip's size in this screen's device-independent pixels."""
        return self._picture / self.devicePixelRatioF()

    def _size(self) -> QSizeF:
        return QSizeF(self.size())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._look.theme
        painter.fillRect(event.rect(), theme.color("stage"))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._message:
            rect = QRectF(self.rect()).adjusted(_MARGIN, 0, -_MARGIN, 0)
            ink = theme.color("on-picture-2")
            draw_text(painter, rect, self._message, theme.font("body"), ink, align=CENTER)
            return
        self._player.paint(painter, self.picture_rect())

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / _WHEEL_NOTCH
        now = self._view.scale(self._picture_size(), self._size())
        zoom = now * 1.25**notches
        self._view.zoom_to(zoom, self._picture_size(), self._size(), event.position())
        self.update()
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._view.move(QPointF(), self._picture_size(), self._size())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = event.position()
            self.clicked.emit()
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None and self._view.zoom is not None:
            by = event.position() - self._grip
            self._view.move(by, self._picture_size(), self._size())
            self._grip = event.position()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.full_screen_toggled.emit()
