"""What happens when something is dragged over Create, dropped on it or pasted into it."""

from collections.abc import Sequence
from pathlib import Path

import shiboken6
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from kling_desktop.domain.draft import FrameRole
from kling_desktop.domain.video import VideoId
from kling_desktop.ui.create.drop_contents import DropContents, DropKind, read_drop, read_image
from kling_desktop.ui.create.drop_targets import DropVeil
from kling_desktop.ui.create.frames_panel import FramesPanel
from kling_desktop.ui.create.picture_preparer import ClipFrames
from kling_desktop.ui.create.prompt_field import PromptField
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import create as words
from kling_desktop.wording.pictures import name_of_clip_frame

_SHIFT = Qt.KeyboardModifier.ShiftModifier


class CreateDrops(QObject):
    """Turns drags, drops and pastes into frames and text; owned by the page.

    What is carried is read once, when the drag comes in: moves come with every pixel.

    Signals:
        many_dropped: Three pictures or more (their paths): for drafts, not for two slots.
        job_dropped: The `JobId` of a row of the queue, for its settings.
    """

    many_dropped = Signal(object)
    job_dropped = Signal(object)

    def __init__(
        self,
        look: Look,
        page: QWidget,
        frames: FramesPanel,
        prompt: PromptField,
        clip_frames: ClipFrames | None,
    ) -> None:
        super().__init__(page)
        self._page = page
        self._pictures = frames.pictures
        self._frames = frames
        self._prompt = prompt
        self._clip_frames = clip_frames
        self._dragged = DropContents()
        self._focus: QWidget | None = None
        self.veil = DropVeil(look, page)
        self.veil.entered.connect(self._on_entered)
        self.veil.moved.connect(self._on_moved)
        self.veil.dropped.connect(self._on_dropped)
        self.veil.left.connect(self.end)
        page.setAcceptDrops(True)
        page.installEventFilter(self)

    # -------------------------------------------------------------- what can be used

    def can_take(self, mime: QMimeData) -> bool:
        """Whether a frame can be made of it, wherever in the window it is dropped."""
        return self._gives_frame(read_drop(mime))

    def take_files(self, paths: Sequence[Path], role: FrameRole = FrameRole.FIRST) -> None:
        if len(paths) > 2:
            self.many_dropped.emit(tuple(paths))
        elif len(paths) == 2:
            first, last = sorted(paths, key=lambda path: path.name.casefold())
            self._pictures.take_path(FrameRole.FIRST, first)
            self._pictures.take_path(FrameRole.LAST, last)
        elif paths:
            self._pictures.take_path(role, paths[0])

    def take_mime(self, mime: QMimeData, role: FrameRole) -> bool:
        """Use what is pasted; pictures go to `role`, text into the prompt."""
        return self._take(read_drop(mime), mime, role)

    def take_drop(self, mime: QMimeData) -> bool:
        """Use what was dropped elsewhere in the window; then the prompt has the keyboard."""
        contents = read_drop(mime)
        if not self._gives_frame(contents) or not self._take(contents, mime, FrameRole.FIRST):
            return False
        self._focus_prompt()
        return True

    def _gives_frame(self, contents: DropContents) -> bool:
        if contents.kind is DropKind.CLIPS:
            return self._clip_frames is not None
        return contents.is_picture

    def _take(
        self, contents: DropContents, mime: QMimeData, role: FrameRole, *, swapped: bool = False
    ) -> bool:
        match contents.kind:
            case DropKind.FILES:
                self.take_files(contents.paths, role)
            case DropKind.IMAGE:
                image = read_image(mime)
                if image is None:
                    return False
                self._pictures.take_image(role, image, words.pasted_name())
            case DropKind.CLIPS:
                return self._take_clip(contents.clip_ids[0], role, swapped=swapped)
            case DropKind.TEXT:
                self._prompt.edit.insertPlainText(contents.text)
            case DropKind.JOB:
                self.job_dropped.emit(contents.job_id)
            case DropKind.NOTHING:
                return False
        return True

    def _take_clip(self, clip: VideoId, role: FrameRole, *, swapped: bool) -> bool:
        save_frame = self._clip_frames
        if save_frame is None:
            return False
        which = role if swapped else _other(role)
        name = name_of_clip_frame(which, clip)
        self._pictures.take_made(role, lambda: save_frame(clip, which), name)
        return True

    # -------------------------------------------------------------- dragging

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Answer for the page itself: the veil is not there when a drag comes in."""
        if watched is self._page:
            if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
                self._on_dropped(event)
                return True
            if isinstance(event, QDragEnterEvent):
                self._on_entered(event)
                return True
            if isinstance(event, QDragMoveEvent):
                self._on_moved(event)
                return True
            if event.type() == QEvent.Type.DragLeave:
                # Out of the window, or on to the veil: that one is entered next.
                self.end()
                return True
        return False

    def _on_entered(self, event: QDragEnterEvent) -> None:
        contents = self._dragged = read_drop(event.mimeData())
        if contents.kind is DropKind.TEXT:
            event.ignore()  # text goes into the prompt alone
        elif contents.kind is DropKind.JOB:
            self.veil.offer(words.loads_settings())
            _copy(event)
        elif self._gives_frame(contents):
            self._begin(contents)
            self._answer(event)
        else:
            self.veil.refuse(words.pictures_only())
            _forbid(event)

    def _on_moved(self, event: QDragMoveEvent) -> None:
        if self.veil.refusal:
            _forbid(event)
        elif self._dragged.kind is DropKind.JOB:
            _copy(event)
        elif self._gives_frame(self._dragged):
            self._answer(event)
        else:
            event.ignore()

    def _on_dropped(self, event: QDropEvent) -> None:
        contents = self._dragged
        point = _point(event)
        over_prompt = self._is_text_for_prompt(contents, point)
        role = self._find_role(point) or FrameRole.FIRST
        fits = contents.kind is DropKind.JOB or self._gives_frame(contents)
        refused = bool(self.veil.refusal) or not fits
        self.end()
        if refused:
            _forbid(event)
            return
        _copy(event)
        if over_prompt:
            self._prompt.edit.insert_words(contents.text)
        else:
            swapped = bool(event.modifiers() & _SHIFT)
            self._take(contents, event.mimeData(), role, swapped=swapped)
        self._focus_prompt()

    def _focus_prompt(self) -> None:
        """What follows a drop is typing; a drag from another program left its window in front."""
        self._page.window().activateWindow()
        self._prompt.edit.setFocus()

    def end(self) -> None:
        """The drag is over: everything looks as before."""
        self._dragged = DropContents()
        if self.veil.isVisible():
            self.veil.set_hot_field(QRect())
            self.veil.hide()
            self._frames.hide_targets()
            if self._focus is not None and shiboken6.isValid(self._focus):
                self._focus.setFocus()  # it was hidden, so Qt had moved on
            self._focus = None

    def _begin(self, contents: DropContents) -> None:
        if self._frames.targets.isVisible():
            return
        for area in self._page.findChildren(QScrollArea):
            area.verticalScrollBar().setValue(0)
        focus = QApplication.focusWidget()
        self._focus = focus if focus is not None and self._page.isAncestorOf(focus) else None
        self._frames.show_targets(contents.name)
        self.veil.cover(self._frames)

    def _answer(self, event: QDragEnterEvent | QDragMoveEvent) -> None:
        contents, point = self._dragged, _point(event)
        over_prompt = self._is_text_for_prompt(contents, point)
        self.veil.cover(self._frames)
        self.veil.set_hot_field(self._place_of(self._prompt.edit) if over_prompt else QRect())
        role = None if over_prompt else self._find_role(point) or FrameRole.FIRST
        self._frames.targets.set_hot(role)
        if contents.kind is DropKind.CLIPS:
            swapped = bool(event.modifiers() & _SHIFT)
            self._frames.set_clip_hint(swapped=swapped)
        _copy(event)

    def _place_of(self, widget: QWidget) -> QRect:
        return QRect(widget.mapTo(self._page, QPoint(0, 0)), widget.size())

    def _find_role(self, point: QPoint) -> FrameRole | None:
        targets = self._frames.targets
        if targets.isVisible():
            return targets.find_target(targets.mapFrom(self._page, point))
        for role, slot in self._frames.slots.items():
            if slot.isVisible() and self._place_of(slot).contains(point):
                return role
        return None

    def _is_text_for_prompt(self, contents: DropContents, point: QPoint) -> bool:
        """A clip over the prompt gives its prompt, not a frame."""
        clip = contents.kind is DropKind.CLIPS and bool(contents.text)
        return clip and self._place_of(self._prompt.edit).contains(point)


def _point(event: QDropEvent) -> QPoint:
    return event.position().toPoint()


def _other(role: FrameRole) -> FrameRole:
    """A clip continues where it ended, and ends where it began."""
    return FrameRole.LAST if role is FrameRole.FIRST else FrameRole.FIRST


def _copy(event: QDropEvent) -> None:
    """Accept; what is carried stays where it was as well."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()


def _forbid(event: QDropEvent) -> None:
    """Accept with no action: the cursor says no, and the drag's leaving is still reported."""
    event.setDropAction(Qt.DropAction.IgnoreAction)
    event.accept()
