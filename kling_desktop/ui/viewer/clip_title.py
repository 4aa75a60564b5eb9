"""The name of the clip in view, centred in the header; it can be dragged out as the file."""

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from kling_desktop.domain.video import VideoId
from kling_desktop.ui.controls.drag_data import build_clip_mime, draw_ghost
from kling_desktop.ui.controls.labels import ElidedLabel, Label
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.plain_text import set_tooltip
from kling_desktop.wording.translation import _
from kling_desktop.wording.viewer import DRAG_OUT


class ClipTitle(QWidget):
    """The clip's name in the header; it can be dragged out as the file."""

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._press: QPoint | None = None
        self._carried: tuple[VideoId, Path] | None = None
        self.title = ElidedLabel("", "body-strong")
        self.take = Label("", "body", "text-3")
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        set_tooltip(self, _(DRAG_OUT))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(7)
        row.addStretch(1)
        row.addWidget(self.title, 1000)
        row.addWidget(self.take)
        row.addStretch(1)

    def show_clip(self, title: str, take: str) -> None:
        self.title.setText(title)
        self.title.setMaximumWidth(self.title.fontMetrics().horizontalAdvance(title) + 4)
        self.take.setText(take)

    def set_load(self, video_id: VideoId, file: Path) -> None:
        """Say what is carried when the title is dragged."""
        self._carried = (video_id, file)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._press = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None or self._carried is None:
            return
        moved = (event.position().toPoint() - self._press).manhattanLength()
        if moved < QApplication.startDragDistance():
            return
        self._press = None
        video_id, file = self._carried
        drag = QDrag(self)
        drag.setMimeData(build_clip_mime([video_id], [file]))
        drag.setPixmap(draw_ghost(self._look.theme, None, 16 / 9, 1))
        drag.exec(Qt.DropAction.CopyAction)
