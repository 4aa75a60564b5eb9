"""Compare: two clips beside each other, what differs in how they were made, and keeping one."""

from collections.abc import Sequence

from PySide6.QtCore import QSizeF, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kling_desktop.domain.video import Video, VideoId
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.ui.clips.clip_facts import describe_differences, find_takes
from kling_desktop.ui.clips.clip_services import ClipServices
from kling_desktop.ui.clips.frame_extractor import FrameExtractor
from kling_desktop.ui.clips.video_player import ClipPlayer
from kling_desktop.ui.controls.action_offer import ActionOffer
from kling_desktop.ui.controls.buttons import GhostButton, IconButton, SecondaryButton
from kling_desktop.ui.controls.chips import FilterChip
from kling_desktop.ui.controls.labels import ElidedLabel, Hairline, Label, set_surface
from kling_desktop.ui.controls.segmented import Segment, SegmentedControl
from kling_desktop.ui.overlays.notices import Notice
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.plain_text import set_tooltip
from kling_desktop.ui.viewer.compare_stage import CompareMode, CompareStage
from kling_desktop.ui.viewer.frame_strip import FrameStrip
from kling_desktop.ui.viewer.full_screen import FullScreen
from kling_desktop.ui.viewer.pair_player import PairPlayer
from kling_desktop.ui.viewer.transport import Transport
from kling_desktop.wording import phrases
from kling_desktop.wording import viewer as words
from kling_desktop.wording.commands import translate_command
from kling_desktop.wording.translation import _

_ROW_HEIGHT = 34
_VALUE_MOST = 180
_NAME_WORDS = 4


class DifferencesRow(QWidget):
    """Lists only what differs between two clips; owned by Compare."""

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._same = ElidedLabel("", "small", "text-3")
        self._cells = QHBoxLayout()
        self._cells.setSpacing(24)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 0, 18, 0)
        row.setSpacing(24)
        row.addWidget(self._same, 1)
        row.addLayout(self._cells)
        self.setFixedHeight(_ROW_HEIGHT)

    def show_pair(self, first: Video, second: Video) -> None:
        same, differing = describe_differences(first, second)
        self._same.setText(same)
        while (place := self._cells.takeAt(0)) is not None:
            old = place.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        for label, a, b in differing:
            self._cells.addWidget(self._build_cell(label, a, b))

    def _build_cell(self, label: str, a: str, b: str) -> QWidget:
        cell = QWidget()
        row = QHBoxLayout(cell)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(Label(label, "small", "text-3"))
        for letter, value, ink in (("A", a, "text"), ("B", b, "accent-text")):
            text = Label(f"{letter} {value}", "label", ink)
            metrics = text.fontMetrics()
            shown = metrics.elidedText(text.text(), Qt.TextElideMode.ElideRight, _VALUE_MOST)
            text.setText(shown)
            set_tooltip(text, value)
            row.addWidget(text)
        return cell


class ComparePage(QWidget):
    """Owned by the window.

    Signals:
        closed: The user goes back to where they came from.
        create_toggled: The left panel should be open (True) or closed.
        side_toggled: The right panel likewise.
    """

    closed = Signal()
    create_toggled = Signal(bool)
    side_toggled = Signal(bool)

    def __init__(
        self,
        look: Look,
        parts: ClipServices,
        frames: FrameExtractor,
        tasks: TaskOwner,
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._parts = parts
        self._frames = frames
        self._tasks = tasks
        self._pair: tuple[Video, Video] | None = None
        self._position: tuple[int, bool] | None = None
        self.players = PairPlayer(self)
        self.stage = CompareStage(look, self.players)
        self.strip = FrameStrip(look)
        self.transport = Transport(look, self.players)
        self.differences = DifferencesRow(look)
        self._build()
        self.setFocusProxy(self.stage)
        self.full_screen = FullScreen(self._body, self.controls, self)
        self._connect()

    @property
    def pair(self) -> tuple[Video, Video] | None:
        """The clips A and B."""
        return self._pair

    def stop(self) -> None:
        """Close the videos."""
        self.full_screen.leave()
        self.players.unload()

    def show_pair(self, first: Video, second: Video, *, from_viewer: bool = False) -> None:
        """Compare two clips from their first frames; the way back leads to library or viewer."""
        self._pair = (first, second)
        pictures = self._parts.pictures
        self.back.setText(_(words.VIEWER) if from_viewer else phrases.LIBRARY())
        self.back.set_name(_(words.BACK_TO_VIEWER if from_viewer else words.BACK_TO_LIBRARY))
        sizes = (
            QSizeF(first.facts.width, first.facts.height),
            QSizeF(second.facts.width, second.facts.height),
        )
        self.stage.show_pair(sizes, (self._name(first), self._name(second)))
        self.differences.show_pair(first, second)
        self._load(self._pair)
        longer = self._longer()
        self.strip.show_clip(longer.facts.frames, longer.aspect)
        pictures.want_strip(longer)
        self.strip.show_strip(pictures.find_strip(longer.id))
        unseen = [video.id for video in self._pair if not video.seen]
        if unseen:
            self._parts.actions.mark_seen(unseen)
        if self._look.theme.moves:
            self.players.play()
        self.stage.setFocus(Qt.FocusReason.OtherFocusReason)

    async def release(self, videos: Sequence[Video]) -> None:
        """Close both files if one of the pair is among these clips."""
        ids = {video.id for video in videos}
        if self._pair is not None and any(video.id in ids for video in self._pair):
            self._close_files()

    def resume(self, videos: Sequence[Video]) -> None:
        """Open the files again that `release` closed, at the same frame."""
        position, self._position = self._position, None
        if position is None or self._pair is None:
            return
        self._load(self._pair)
        self.players.seek(position[0])
        if position[1]:
            self.players.play()

    def reopen(self) -> None:
        """Open both clips where their files are now."""
        if self.players.is_open:
            self._close_files()
            self.resume(())

    def _close_files(self) -> None:
        if self.players.is_open:
            self._position = (self.players.frame, self.players.is_playing)
            self.players.unload()

    def _load(self, pair: tuple[Video, Video]) -> None:
        first, second = pair
        locate = self._parts.pictures.locate
        self.players.load((first, locate(first)), (second, locate(second)))
        for video, player in ((first, self.players.first), (second, self.players.second)):
            self._tasks.start(self._show_times(video, player), "read the times of a clip's frames")

    async def _show_times(self, video: Video, player: ClipPlayer) -> None:
        """Find frames by their own times, where a clip's rate varies."""
        times = await self._frames.read_times(video)
        shown = self._pair[player is self.players.second] if self._pair is not None else None
        if shown is not None and shown.id == video.id:
            player.set_times(times)

    def show_panels(self, *, create_open: bool, side_open: bool) -> None:
        self.create_toggle.setChecked(create_open)
        self.side_toggle.setChecked(side_open)

    def close_pair(self) -> None:
        """Stop and go back."""
        self.stop()
        self.closed.emit()

    def toggle_full_screen(self) -> None:
        self.full_screen.toggle()
        self.stage.setFocus(Qt.FocusReason.OtherFocusReason)

    def _name(self, video: Video) -> str:
        takes = [take.id for take in find_takes(self._parts.store, video)]
        name = " ".join(video.title.split()[:_NAME_WORDS])
        if len(takes) > 1:
            name = words.name_take_alone(takes.index(video.id) + 1)
        return words.name_in_compare(name, video.draft.cfg_scale)

    def _longer(self) -> Video:
        assert self._pair is not None  # noqa: S101  (only asked while a pair is shown)
        first, second = self._pair
        return first if first.facts.duration_s >= second.facts.duration_s else second

    # ------------------------------------------------------------------ building

    def _build(self) -> None:
        set_surface(self, "panel")
        self._body = QWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._build_header())
        column.addWidget(Hairline())
        column.addWidget(self._body, 1)
        inside = QVBoxLayout(self._body)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(self.stage, 1)
        inside.addWidget(self._build_controls())

    def _build_header(self) -> QWidget:
        look, header = self._look, QWidget()
        header.setFixedHeight(look.theme.height("header"))
        self.create_toggle = IconButton(
            look, "panel-left", translate_command("toggle-create"), checkable=True
        )
        self.side_toggle = IconButton(
            look, "panel-right", translate_command("toggle-side"), checkable=True
        )
        self.back = GhostButton(look, phrases.LIBRARY(), icon="chevron-left")
        follow = self._parts.commands.follow_keys
        follow("toggle-create", self.create_toggle.set_shortcut_hint)
        follow("toggle-side", self.side_toggle.set_shortcut_hint)
        self.mode = SegmentedControl(
            look,
            _(words.HOW_TO_COMPARE),
            (
                Segment(CompareMode.WIPE, _(words.WIPE), "compare"),
                Segment(CompareMode.SIDE, _(words.SIDE_BY_SIDE), "side-by-side"),
                Segment(CompareMode.FLIP, _(words.FLIP), "flip", tip=_(words.HOLD_B)),
            ),
        )
        self.mode.setMinimumWidth(300)
        self.show_differences = FilterChip(look, _(words.DIFFERENCES), has_menu=False)
        self.show_differences.set_active(_(words.DIFFERENCES))
        self.expand = IconButton(look, "expand", translate_command("full-screen"))
        left, right = QHBoxLayout(), QHBoxLayout()
        for widget in (self.create_toggle, self.back):
            left.addWidget(widget)
        left.addStretch(1)
        right.addStretch(1)
        for widget in (self.show_differences, self.expand, self.side_toggle):
            right.addWidget(widget)
        row = QHBoxLayout(header)
        row.setContentsMargins(12, 0, 12, 0)
        row.addLayout(left, 1)
        row.addWidget(self.mode)
        row.addLayout(right, 1)
        return header

    def _build_controls(self) -> QWidget:
        look = self._look
        self.controls = QWidget()
        set_surface(self.controls, "panel")
        self.keep_first = SecondaryButton(look, _(words.KEEP_A), icon="heart")
        self.keep_second = SecondaryButton(look, _(words.KEEP_B), icon="heart")
        self.transport.add_action(self.keep_first)
        self.transport.add_action(self.keep_second)
        driving = QVBoxLayout()
        driving.setContentsMargins(16, 4, 16, 10)
        driving.setSpacing(4)
        driving.addWidget(self.strip)
        driving.addWidget(self.transport)
        column = QVBoxLayout(self.controls)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.differences)
        column.addWidget(Hairline())
        column.addLayout(driving)
        return self.controls

    def _connect(self) -> None:
        self.create_toggle.clicked.connect(self.create_toggled)
        self.side_toggle.clicked.connect(self.side_toggled)
        self.back.clicked.connect(self.close_pair)
        self.mode.value_changed.connect(self.stage.set_mode)
        self.show_differences.clicked.connect(self._toggle_differences)
        self.show_differences.cleared.connect(self._toggle_differences)
        self.expand.clicked.connect(self.toggle_full_screen)
        self.strip.scrubbed.connect(self._on_scrubbed)
        self.keep_first.clicked.connect(lambda: self._keep(0))
        self.keep_second.clicked.connect(lambda: self._keep(1))
        self.players.frame_changed.connect(lambda: self.strip.show_frame(self.players.frame))
        self.players.failed.connect(self.stage.show_message)
        self._parts.pictures.ready.connect(self._on_picture_ready)

    # ------------------------------------------------------------------ what happens

    def _toggle_differences(self) -> None:
        shown = self.differences.isHidden()
        self.differences.setVisible(shown)
        self.show_differences.set_active(_(words.DIFFERENCES) if shown else "")

    def _on_scrubbed(self, frame: int) -> None:
        self.players.pause()
        self.players.seek(frame)

    def _on_picture_ready(self, video_id: VideoId) -> None:
        if self._pair is not None and self._longer().id == video_id:
            self.strip.show_strip(self._parts.pictures.find_strip(video_id))

    def _keep(self, side: int) -> None:
        """Make one a favourite and offer to take the other away."""
        if self._pair is None:
            return
        kept, other = self._pair[side], self._pair[1 - side]
        actions, window = self._parts.actions, self.window()
        actions.set_favourite([kept.id], favourite=True)
        trash_other, now_favourite = (
            (words.TRASH_A, words.B_IS_FAVOURITE) if side else (words.TRASH_B, words.A_IS_FAVOURITE)
        )
        offer = ActionOffer(_(trash_other), lambda: actions.run("trash", [other], window))
        actions.notify(Notice(_(now_favourite), kind="success", offers=(offer,)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        wipes = self.stage.mode is CompareMode.WIPE
        match event.key():
            case Qt.Key.Key_Space:
                self.players.toggle()
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                step = 1 if event.key() == Qt.Key.Key_Right else -1
                shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                if wipes and not shifted:
                    self.stage.move_line(step)
                else:
                    self.players.step(step)
            case Qt.Key.Key_A | Qt.Key.Key_B:
                self.stage.hold("A" if event.key() == Qt.Key.Key_A else "B")
            case Qt.Key.Key_Home:
                self.players.seek(0)
            case Qt.Key.Key_End:
                self.players.seek(self.players.frames - 1)
            case Qt.Key.Key_L:
                self.transport.toggle_loop()
            case Qt.Key.Key_Escape if self.full_screen.is_on:
                self.toggle_full_screen()
            case Qt.Key.Key_Escape:
                self.close_pair()
            case _:
                super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_A, Qt.Key.Key_B) and not event.isAutoRepeat():
            self.stage.hold("")
        else:
            super().keyReleaseEvent(event)
