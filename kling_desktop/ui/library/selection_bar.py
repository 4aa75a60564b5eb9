"""The bar that floats over the wall while clips are chosen: how many, and what can be done."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from kling_desktop.domain.video import Video
from kling_desktop.ui.clips.clip_menu import RESTORE, find_obstacle
from kling_desktop.ui.commands.commands import CommandSet
from kling_desktop.ui.controls.buttons import GhostButton, IconButton
from kling_desktop.ui.controls.labels import Hairline, Label
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import draw_frame
from kling_desktop.wording import clips as words
from kling_desktop.wording.library import CHOSEN_CLIPS, CLEAR_SELECTION, count_selected
from kling_desktop.wording.translation import _

HEIGHT = 48
# Each command with its word; its icon has the command's name.
_ACTIONS = (
    ("remix", words.REMIX),
    ("extend", words.EXTEND),
    ("compare", words.COMPARE),
    ("reveal", words.REVEAL),
    ("export", words.EXPORT),
)


class SelectionBar(QWidget):
    """Owned by the library page, which places it.

    Signals:
        command_requested: A command's id for the chosen clips.
        cleared: The user wants nothing chosen.
    """

    command_requested = Signal(str)
    cleared = Signal()

    def __init__(self, look: Look, commands: CommandSet, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setAccessibleName(_(CHOSEN_CLIPS))
        self._count = Label("", "body-strong")
        self._buttons: dict[str, GhostButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 10, 0)
        row.setSpacing(look.theme.space(1))
        row.addWidget(self._count)
        row.addSpacing(8)
        for command, text in _ACTIONS:
            button = GhostButton(look, _(text), icon=command)
            button.clicked.connect(lambda _on=False, c=command: self.command_requested.emit(c))
            self._buttons[command] = button
            row.addWidget(button)
        line = Hairline(vertical=True)
        line.setFixedHeight(20)
        row.addSpacing(4)
        row.addWidget(line)
        row.addSpacing(4)
        self.trash = IconButton(look, "trash", _(words.TRASH))
        commands.follow_keys("trash", self.trash.set_shortcut_hint)
        self.trash.clicked.connect(lambda: self.command_requested.emit("trash"))
        self.restore = IconButton(look, "undo", _(words.RESTORE))
        self.restore.clicked.connect(lambda: self.command_requested.emit(RESTORE))
        self.clear = IconButton(look, "x", _(CLEAR_SELECTION))
        self.clear.set_shortcut_hint("Esc")
        self.clear.clicked.connect(self.cleared)
        for button in (self.trash, self.restore, self.clear):
            row.addWidget(button)

    def show_videos(self, videos: Sequence[Video]) -> None:
        """Say how many clips are chosen and what can be done with them."""
        self._count.setText(count_selected(len(videos)))
        for command, button in self._buttons.items():
            button.set_disabled_reason(find_obstacle(command, videos))
        in_trash = any(video.trashed_at for video in videos)
        self.trash.setVisible(not in_trash)
        self.restore.setVisible(in_trash)

    def fit_into(self, width: int) -> None:
        """Leave the words of buttons out where the wall is narrow; icons keep their names."""
        for command, text in _ACTIONS:
            self._buttons[command].setText(_(text))
            self._buttons[command].set_name(_(text))
        if self.sizeHint().width() + 32 > width:
            for command, text in _ACTIONS:
                self._buttons[command].setText("")
                self._buttons[command].set_tip(_(text))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        rect, line = QRectF(self.rect()), theme.color("line-strong")
        draw_frame(QPainter(self), rect, theme.radius("xl"), theme.color("popup"), line)
