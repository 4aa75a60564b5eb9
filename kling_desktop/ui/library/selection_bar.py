"""The bar that floats over the wall while clips are chosen: how many, and what can be done."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from kling_desktop.domain.video import Video
from kling_desktop.ui.clips.clip_commands import find_obstacle
from kling_desktop.ui.controls.buttons import GhostButton, IconButton
from kling_desktop.ui.controls.labels import Hairline, Label
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import draw_frame
from kling_desktop.wording.library import selected_words

HEIGHT = 48
_ACTIONS = (
    ("remix", "Remix", "remix"),
    ("extend", "Extend", "extend"),
    ("compare", "Compare", "compare"),
    ("reveal", "Reveal", "reveal"),
    ("export", "Export…", "export"),
)


class SelectionBar(QWidget):
    """Owned by the library page, which places it.

    Signals:
        command_requested: A command's id for the chosen clips.
        cleared: The person wants nothing chosen.
    """

    command_requested = Signal(str)
    cleared = Signal()

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setAccessibleName("Chosen clips")
        self._count = Label("", "body-strong")
        self._buttons: dict[str, GhostButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 10, 0)
        row.setSpacing(look.theme.space(1))
        row.addWidget(self._count)
        row.addSpacing(8)
        for command, text, icon in _ACTIONS:
            button = GhostButton(look, text, icon=icon)
            button.clicked.connect(lambda _=False, c=command: self.command_requested.emit(c))
            self._buttons[command] = button
            row.addWidget(button)
        line = Hairline(vertical=True)
        line.setFixedHeight(20)
        row.addSpacing(4)
        row.addWidget(line)
        row.addSpacing(4)
        self.trash = IconButton(look, "trash", "Move to trash")
        self.trash.set_shortcut_hint("Del")
        self.trash.clicked.connect(lambda: self.command_requested.emit("trash"))
        self.restore = IconButton(look, "undo", "Put back")
        self.restore.clicked.connect(lambda: self.command_requested.emit("restore"))
        self.clear = IconButton(look, "x", "Clear the selection")
        self.clear.set_shortcut_hint("Esc")
        self.clear.clicked.connect(self.cleared)
        for button in (self.trash, self.restore, self.clear):
            row.addWidget(button)

    def show_videos(self, videos: Sequence[Video]) -> None:
        """Say how many clips are chosen and what can be done with them."""
        self._count.setText(selected_words(len(videos)))
        for command, button in self._buttons.items():
            button.set_disabled_reason(find_obstacle(command, videos))
        in_trash = any(video.trashed_at for video in videos)
        self.trash.setVisible(not in_trash)
        self.restore.setVisible(in_trash)

    def fit_into(self, width: int) -> None:
        """Leave the words of buttons away where the wall is narrow; icons keep their names."""
        for command, text, _ in _ACTIONS:
            self._buttons[command].setText(text)
            self._buttons[command].set_name(text)
        if self.sizeHint().width() + 32 > width:
            for command, text, _ in _ACTIONS:
                self._buttons[command].setText("")
                self._buttons[command].set_tip(text)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        rect, line = QRectF(self.rect()), theme.color("line-strong")
        draw_frame(QPainter(self), rect, theme.radius("xl"), theme.color("popup"), line)
