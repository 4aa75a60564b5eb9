"""The viewer: one clip on a dark stage, with everything to look at it frame by frame."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.domain.events import VideoChange
from kling_desktop.domain.video import Video, VideoId
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.ui.clips.clip_facts import find_takes
from kling_desktop.ui.clips.clip_services import ClipServices
from kling_desktop.ui.clips.frame_extractor import FrameExtractor
from kling_desktop.ui.clips.video_player import ClipPlayer
from kling_desktop.ui.controls.buttons import GhostButton, IconButton, SecondaryButton
from kling_desktop.ui.controls.labels import Hairline, set_surface
from kling_desktop.ui.overlays.dialogs import find_pictures_folder, save_file
from kling_desktop.ui.overlays.notices import Notice
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.viewer.clip_title import ClipTitle
from kling_desktop.ui.viewer.frame_strip import FrameStrip
from kling_desktop.ui.viewer.full_screen import FullScreen
from kling_desktop.ui.viewer.transport import Transport
from kling_desktop.ui.viewer.video_stage import VideoStage
from kling_desktop.wording import clips as clip_words
from kling_desktop.wording import phrases
from kling_desktop.wording import viewer as words
from kling_desktop.wording.clips import name_saved, name_take, speak_clip
from kling_desktop.wording.commands import translate_command
from kling_desktop.wording.reasons import describe_error
from kling_desktop.wording.translation import _

_COMMAND_KEYS = {
    Qt.Key.Key_F: "favourite",
    Qt.Key.Key_R: "remix",
    Qt.Key.Key_E: "extend",
    Qt.Key.Key_Delete: "trash",
}
_WORDS_FROM_PX = 760


class ViewerPage(QWidget):
    """Plays one clip; owned by the window.  The player is made when the first clip is shown.

    Signals:
        closed: The user goes back to the library.
        clip_changed: The `Video` now in view.
        neighbour_requested: +1 or -1: the next or previous clip of the library.
        compare_requested: `Video` that should be compared with another.
        frame_taken: `Path` of a frame as a PNG, and its `Video`: start a new clip from it.
        create_toggled: The left panel should be open (True) or closed.
        side_toggled: The right panel likewise.
    """

    closed = Signal()
    clip_changed = Signal(object)
    neighbour_requested = Signal(int)
    compare_requested = Signal(object)
    frame_taken = Signal(object, object)
    create_toggled = Signal(bool)
    side_toggled = Signal(bool)
    _changed = Signal(object)

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
        self._video: Video | None = None
        self._takes: tuple[Video, ...] = ()
        self._position: tuple[int, bool] | None = None
        self.player = ClipPlayer(self)
        self.stage = VideoStage(look, self.player)
        self.strip = FrameStrip(look)
        self.transport = Transport(look, self.player)
        self._build()
        self.setFocusProxy(self.stage)
        self.full_screen = FullScreen(self._body, self.controls, self)
        self._connect()

    @property
    def video(self) -> Video | None:
        """The clip in view."""
        return self._video

    def stop(self) -> None:
        """Close the video and stop listening to the store."""
        self.full_screen.leave()
        self.player.unload()
        self._disconnect()

    # ------------------------------------------------------------------ what is shown

    def show_clip(self, video: Video, *, play: bool = True) -> None:
        """Show a clip from its first frame."""
        self._video = video
        self._takes = find_takes(self._parts.store, video)
        self._show_words()
        self.stage.show_clip(speak_clip(video), video.facts.width, video.facts.height)
        self.strip.show_clip(video.facts.frames, video.aspect)
        self._parts.pictures.want_strip(video)
        self.strip.show_strip(self._parts.pictures.find_strip(video.id))
        if video.missing:
            self.player.unload()
            self.stage.show_message(_(words.FILE_MOVED))
        else:
            self._load(video)
            if play and self._look.theme.moves:
                self.player.play()
        if not video.seen:
            self._parts.actions.mark_seen([video.id])
        self.stage.setFocus(Qt.FocusReason.OtherFocusReason)
        self.clip_changed.emit(video)

    def show_panels(self, *, create_open: bool, side_open: bool) -> None:
        self.create_toggle.setChecked(create_open)
        self.side_toggle.setChecked(side_open)

    def close_clip(self) -> None:
        """Stop and go back."""
        self.full_screen.leave()
        self.player.unload()
        self.closed.emit()

    async def release(self, videos: Sequence[Video]) -> None:
        """Close the file of the clip in view if it is one of these."""
        if self._video is not None and self._video.id in {video.id for video in videos}:
            self._close_file()

    def resume(self, videos: Sequence[Video]) -> None:
        """Open the file again that `release` closed, at the same frame."""
        position, self._position = self._position, None
        if position is None or self._video is None or self._video.missing:
            return
        self._load(self._video)
        self.player.seek(position[0])
        if position[1]:
            self.player.play()

    def reopen(self) -> None:
        """Open the clip in view where its file is now."""
        if self.player.is_open:
            self._close_file()
            self.resume(())

    def _close_file(self) -> None:
        if self.player.is_open:
            self._position = (self.player.frame, self.player.is_playing)
            self.player.unload()

    def _load(self, video: Video) -> None:
        facts, file = video.facts, self._parts.pictures.locate(video)
        self.title.set_load(video.id, file)
        self.player.load(file, fps=facts.fps, frames=facts.frames)
        self._tasks.start(self._show_times(video), "read the times of a clip's frames")

    async def _show_times(self, video: Video) -> None:
        """Find frames by their own times, where a clip's rate varies."""
        times = await self._frames.read_times(video)
        if self._video is not None and self._video.id == video.id:
            self.player.set_times(times)

    def toggle_full_screen(self) -> None:
        self.full_screen.toggle()
        self.stage.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_words(self) -> None:
        video = self._video
        if video is None:
            return
        ids = [take.id for take in self._takes]
        take = name_take(ids.index(video.id) + 1, len(ids)) if len(ids) > 1 else ""
        self.title.show_clip(video.title, take)
        self.heart.setChecked(video.favourite)
        self.heart.set_name(_(words.NO_FAVOURITE if video.favourite else words.FAVOURITE))

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
        self.previous = IconButton(
            self._look, "chevron-left", _(words.PREVIOUS), ink="on-picture-2", parent=self.stage
        )
        self.following = IconButton(
            self._look, "chevron-right", _(words.NEXT), ink="on-picture-2", parent=self.stage
        )
        for button in (self.previous, self.following):
            button.setFixedSize(24, 40)
        self.stage.installEventFilter(self)

    def show_neighbours(self, *, before: bool, after: bool) -> None:
        """Say whether the library goes on before and after this clip."""
        self.previous.set_disabled_reason("" if before else _(words.IS_FIRST))
        self.following.set_disabled_reason("" if after else _(words.IS_LAST))

    def _build_header(self) -> QWidget:
        look, header = self._look, QWidget()
        header.setFixedHeight(look.theme.height("header"))
        self.create_toggle = IconButton(
            look, "panel-left", translate_command("toggle-create"), checkable=True
        )
        self.side_toggle = IconButton(
            look, "panel-right", translate_command("toggle-side"), checkable=True
        )
        self.back = GhostButton(
            look, phrases.LIBRARY(), icon="chevron-left", name=_(words.BACK_TO_LIBRARY)
        )
        self.title = ClipTitle(look)
        self.heart = IconButton(
            look, "heart", _(words.FAVOURITE), checkable=True, checked_icon="heart-fill"
        )
        self.compare = GhostButton(look, _(clip_words.COMPARE), icon="compare")
        self.expand = IconButton(look, "expand", translate_command("full-screen"))
        row = QHBoxLayout(header)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(look.theme.space(2))
        row.addWidget(self.create_toggle)
        row.addWidget(self.back)
        row.addWidget(self.title, 1)
        for widget in (self.heart, self.compare, self.expand, self.side_toggle):
            row.addWidget(widget)
        return header

    def _build_controls(self) -> QWidget:
        look = self._look
        self.controls = QWidget()
        set_surface(self.controls, "panel")
        self.save_frame = GhostButton(
            look, _(words.SAVE_FRAME), icon="image", name=_(words.SAVE_FRAME)
        )
        self.start_from = SecondaryButton(
            look, _(words.START_FROM), icon="extend", name=_(words.START_FROM)
        )
        self.transport.add_action(self.save_frame)
        self.transport.add_action(self.start_from)
        column = QVBoxLayout(self.controls)
        column.setContentsMargins(16, 4, 16, 10)
        column.setSpacing(4)
        column.addWidget(self.strip)
        column.addWidget(self.transport)
        return self.controls

    def _connect(self) -> None:
        follow = self._parts.commands.follow_keys
        follow("toggle-create", self.create_toggle.set_shortcut_hint)
        follow("toggle-side", self.side_toggle.set_shortcut_hint)
        follow("favourite", self.heart.set_shortcut_hint)
        follow("full-screen", self.expand.set_shortcut_hint)
        self.create_toggle.clicked.connect(self.create_toggled)
        self.side_toggle.clicked.connect(self.side_toggled)
        self.back.clicked.connect(self.close_clip)
        self.heart.clicked.connect(lambda: self._run("favourite"))
        self.compare.clicked.connect(self._on_compare)
        self.expand.clicked.connect(self.toggle_full_screen)
        self.previous.clicked.connect(lambda: self.neighbour_requested.emit(-1))
        self.following.clicked.connect(lambda: self.neighbour_requested.emit(1))
        self.strip.scrubbed.connect(self._on_scrubbed)
        self.save_frame.clicked.connect(
            lambda: self._tasks.start(self._save_frame(), "save a frame")
        )
        self.start_from.clicked.connect(
            lambda: self._tasks.start(self._start_from_frame(), "start from a frame")
        )
        self.stage.full_screen_toggled.connect(self.toggle_full_screen)
        self.player.frame_changed.connect(lambda: self.strip.show_frame(self.player.frame))
        self.player.failed.connect(self.stage.show_message)
        self._parts.pictures.ready.connect(self._on_picture_ready)
        self._changed.connect(self._on_video_changed)
        self._disconnect = self._parts.store.changed.subscribe(self._changed.emit)

    # ------------------------------------------------------------------ what happens

    def _run(self, command_id: str) -> None:
        if self._video is not None:
            self._parts.actions.run(command_id, [self._video], self.window())

    def _on_scrubbed(self, frame: int) -> None:
        self.player.pause()
        self.player.seek(frame)

    def _on_compare(self) -> None:
        """Compare this take with its neighbour; a clip without takes asks for another clip."""
        if self._video is None:
            return
        self.full_screen.leave()
        others = [take for take in self._takes if take.id != self._video.id]
        if others:
            self._parts.actions.run("compare", [others[0], self._video], self.window())
        else:
            self.compare_requested.emit(self._video)

    def _step_take(self, step: int) -> None:
        ids = [take.id for take in self._takes]
        if self._video is None or len(ids) < 2:
            return
        self.show_clip(self._takes[(ids.index(self._video.id) + step) % len(ids)])

    def _on_picture_ready(self, video_id: VideoId) -> None:
        if self._video is not None and video_id == self._video.id:
            self.strip.show_strip(self._parts.pictures.find_strip(video_id))

    def _on_video_changed(self, change: VideoChange) -> None:
        if self._video is None or change.video_id != self._video.id:
            return
        if change.video is None or change.video.trashed_at is not None:
            if self.isVisible():
                self.close_clip()
            return
        self._video = change.video
        self._show_words()

    async def _save_frame(self) -> None:
        video, frame = self._video, self.player.frame
        if video is None:
            return
        self.player.pause()
        folder = find_pictures_folder() or Path.home()
        suggestion = folder / f"{Path(video.file).stem}-frame-{frame + 1}.png"
        target = await save_file(
            self.window(),
            _(words.SAVE_THIS_FRAME),
            suggestion,
            patterns=(_(clip_words.PNG_FILES),),
        )
        if target is None:
            return
        try:
            await self._frames.save(video, frame, target)
        except KlingDesktopError as error:
            title = _(clip_words.FRAME_NOT_SAVED)
            self._parts.actions.notify(Notice(title, describe_error(error), kind="danger"))
            return
        self._parts.actions.notify(Notice(name_saved(target.name), kind="success"))

    async def _start_from_frame(self) -> None:
        video, frame = self._video, self.player.frame
        if video is None:
            return
        self.player.pause()
        try:
            picture = await self._frames.take(video, frame)
        except KlingDesktopError as error:
            title = _(clip_words.FRAME_UNREADABLE)
            self._parts.actions.notify(Notice(title, describe_error(error), kind="danger"))
            return
        self.frame_taken.emit(picture, video)

    # ------------------------------------------------------------------ keys and places

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # With little room the icon alone stays, and the words are its tooltip.
        roomy = self.width() >= _WORDS_FROM_PX
        for button, text in (
            (self.save_frame, words.SAVE_FRAME),
            (self.start_from, words.START_FROM),
        ):
            button.setText(_(text) if roomy else "")
            button.set_tip("" if roomy else _(text))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        )
        shift = event.modifiers() == Qt.KeyboardModifier.ShiftModifier
        if not (plain and self._press_plain(event.key())) and not (
            shift and self._press_shifted(event.key())
        ):
            super().keyPressEvent(event)

    def _press_plain(self, key: int) -> bool:
        player = self.player
        match key:
            case Qt.Key.Key_Space:
                player.toggle()
            case Qt.Key.Key_Left:
                player.step(-1)
            case Qt.Key.Key_Right:
                player.step(1)
            case Qt.Key.Key_Home:
                player.seek(0)
            case Qt.Key.Key_End:
                player.seek(player.frames - 1)
            case Qt.Key.Key_L:
                self.transport.toggle_loop()
            case Qt.Key.Key_BracketLeft:
                self._step_take(-1)
            case Qt.Key.Key_BracketRight:
                self._step_take(1)
            case Qt.Key.Key_C:
                self._on_compare()
            case Qt.Key.Key_0:
                self.stage.fit()
            case Qt.Key.Key_1:
                self.stage.show_actual_size()
            case Qt.Key.Key_Escape if self.full_screen.is_on:
                self.toggle_full_screen()
            case Qt.Key.Key_Escape:
                self.close_clip()
            case _ if key in _COMMAND_KEYS:
                self._run(_COMMAND_KEYS[Qt.Key(key)])
            case _:
                return False
        return True

    def _press_shifted(self, key: int) -> bool:
        if key not in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            return False
        self.player.step(10 if key == Qt.Key.Key_Right else -10)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.stage and event.type() == QEvent.Type.Resize:
            self._place_chevrons()  # the stage grows without this page when it fills the screen
        return super().eventFilter(watched, event)

    def _place_chevrons(self) -> None:
        height = (self.stage.height() - self.previous.height()) // 2
        self.previous.move(0, height)
        self.following.move(self.stage.width() - self.following.width(), height)
