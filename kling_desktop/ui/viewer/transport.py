"""The row that controls playing: position, buttons, loop, speed and loudness."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from kling_desktop.ui.clips.video_player import SPEEDS, ClipPlayer
from kling_desktop.ui.controls.buttons import GhostButton, IconButton
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.controls.painted_button import ButtonInks, PaintedButton
from kling_desktop.ui.controls.slider import Slider
from kling_desktop.ui.overlays.menu import Menu
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.viewer.pair_player import PairPlayer
from kling_desktop.wording import phrases
from kling_desktop.wording import viewer as words
from kling_desktop.wording.translation import _
from kling_desktop.wording.viewer import describe_frame, speak_speed, timecode, write_speed


class _PlayButton(PaintedButton):
    """The one light button of the viewer."""

    INKS = ButtonInks(fill="text", hover="text-2", pressed="text-2", text="panel")

    def sizeHint(self) -> QSize:
        return QSize(40, 36)


class Transport(QWidget):
    """Shows and drives one player; owned by the viewer or by Compare.

    Signals:
        loop_changed: The loop was switched on or off here.
    """

    loop_changed = Signal(bool)

    def __init__(
        self, look: Look, player: ClipPlayer | PairPlayer, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._player = player
        self.time = Label("", "title")
        self.time.setStyleSheet("font-weight: 500;")
        self.frame = Label("", "small", "text-3")
        self._build_buttons()
        self._extra = QHBoxLayout()
        self._extra.setSpacing(look.theme.space(2))
        left = QHBoxLayout()
        left.setSpacing(10)
        left.addWidget(self.time)
        left.addWidget(self.frame)
        left.addWidget(self.volume)
        left.addStretch(1)
        middle = QHBoxLayout()
        middle.setSpacing(6)
        for button in self._buttons:
            middle.addWidget(button)
        right = QHBoxLayout()
        right.addStretch(1)
        right.addLayout(self._extra)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addLayout(left, 0, 0)
        grid.addLayout(middle, 0, 1, Qt.AlignmentFlag.AlignCenter)
        grid.addLayout(right, 0, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        self._connect()
        self.show_state()

    def _build_buttons(self) -> None:
        look = self._look
        self.loop = IconButton(look, "loop", phrases.LOOP(), checkable=True)
        self.loop.set_shortcut_hint("L")
        self.to_start = IconButton(look, "to-start", _(words.TO_START))
        self.to_start.set_shortcut_hint("Home")
        self.back = IconButton(look, "step-back", _(words.FRAME_BACK))
        self.back.set_shortcut_hint("Left")
        self.play = _PlayButton(look, "", icon="play-fill", name=_(words.PLAY))
        self.play.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.forward = IconButton(look, "step-forward", _(words.FRAME_FORWARD))
        self.forward.set_shortcut_hint("Right")
        self.to_end = IconButton(look, "to-end", _(words.TO_END))
        self.to_end.set_shortcut_hint("End")
        self.speed = GhostButton(look, write_speed(1.0), size="small", name=speak_speed(1.0))
        self._buttons = (
            self.loop,
            self.to_start,
            self.back,
            self.play,
            self.forward,
            self.to_end,
            self.speed,
        )
        self.volume = Slider(look, _(words.LOUDNESS), 0, 100, 100, neutral=True)
        self.volume.setFixedWidth(72)
        self.volume.hide()

    def _connect(self) -> None:
        player = self._player
        self.loop.clicked.connect(self.toggle_loop)
        self.to_start.clicked.connect(lambda: player.seek(0))
        self.back.clicked.connect(lambda: player.step(-1))
        self.play.clicked.connect(player.toggle)
        self.forward.clicked.connect(lambda: player.step(1))
        self.to_end.clicked.connect(lambda: player.seek(player.frames - 1))
        self.speed.clicked.connect(self._open_speeds)
        self.volume.valueChanged.connect(lambda value: player.set_volume(value / 100))
        player.frame_changed.connect(self.show_state)
        player.playing_changed.connect(self.show_state)
        player.loaded.connect(lambda: self.volume.setVisible(player.has_sound))

    def add_action(self, widget: QWidget) -> None:
        """Put a button at the end of the row."""
        self._extra.addWidget(widget)

    def toggle_loop(self) -> None:
        self._player.set_loop(loop=not self._player.loop)
        self.show_state()
        self.loop_changed.emit(self._player.loop)

    def show_state(self) -> None:
        """Show the player's frame and whether it plays."""
        player = self._player
        self.time.setText(timecode(player.frame, player.fps))
        self.frame.setText(describe_frame(player.frame, player.frames))
        self.loop.setChecked(player.loop)
        icon = "pause-fill" if player.is_playing else "play-fill"
        if icon != self.play.icon_name:
            self.play.set_icon_name(icon)
            self.play.set_name(_(words.PAUSE if player.is_playing else words.PLAY))

    def _open_speeds(self) -> None:
        menu = Menu(self._look, self)
        menu.aboutToHide.connect(menu.deleteLater)
        for speed in SPEEDS:
            menu.add(
                write_speed(speed),
                lambda speed=speed: self.set_speed(speed),
                checked=speed == self._player.speed,
            )
        menu.popup_below(self.speed)

    def set_speed(self, speed: float) -> None:
        self._player.set_speed(speed)
        self.speed.setText(write_speed(speed))
        self.speed.set_name(speak_speed(speed))
