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
from kling_desktop.ui.create.frame_pictures import FramePictures
from kling_desktop.ui.create.frames_panel import FramesPanel
from kling_desktop.ui.create.picture_preparer import ClipFrames
from kling_desktop.ui.create.prompt_field import PromptField
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import create as words

_SHIFT = Qt.KeyboardModifier.ShiftModifier


class CreateDrops(QObject):
    """Turns drags, drops and pastes into frames and words; owned by the page.

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
        pictures: FramePictures,
        frames: FramesPanel,
        prompt: PromptField,
        clip_frames: ClipFrames | None,
    ) -> None:
        super().__init__(page)
        self._page = page
        self._pictures = pictures
        self._frames = frames
        self._prompt = prompt
        self._clip_frames = clip_frames
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
        """Whether a frame comes of it, wherever in the window it is dropped."""
        contents = read_drop(mime)
        if contents.kind is DropKind.CLIPS:
            return self._clip_frames is not None
        return contents.is_picture

    def take_files(self, paths: Sequence[Path], role: FrameRole = FrameRole.FIRST) -> None:
        if len(paths) > 2:
            self.many_dropped.emit(tuple(paths))
        elif len(paths) == 2:
            first, last = sorted(paths, key=lambda path: path.name.casefold())
            self._pictures.take_path(FrameRole.FIRST, first)
            self._pictures.take_path(FrameRole.LAST, last)
        elif paths:
            self._pictures.take_path(role, paths[0])

    def take_mime(self, mime: QMimeData, role: FrameRole, *, swapped: bool = False) -> bool:
        """Use what is carried; pictures go to `role`, words into the prompt."""
        contents = read_drop(mime)
        match contents.kind:
            case DropKind.FILES:
                self.take_files(contents.paths, role)
            case DropKind.IMAGE:
                image = read_image(mime)
                if image is None:
                    return False
                self._pictures.take_image(role, image, "Pasted picture")
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
        which = _other(role) if not swapped else role
        name = f"{words.role_name(which)} of clip {clip}"
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
                # Out of the window, or on to the veil: that is entered next and begins again.
                self.end()
                return True
        return False

    def _on_entered(self, event: QDragEnterEvent) -> None:
        contents = read_drop(event.mimeData())
        if contents.kind is DropKind.TEXT:
            event.ignore()  # words go into the prompt alone
        elif contents.kind is DropKind.JOB:
            self.veil.offer(words.LOADS_SETTINGS)
            _copy(event)
        elif self.can_take(event.mimeData()):
            self._begin(contents)
            self._answer(event, contents)
        else:
            self.veil.refuse(words.PICTURES_ONLY)
            _forbid(event)

    def _on_moved(self, event: QDragMoveEvent) -> None:
        if self.veil.refusal:
            _forbid(event)
        elif read_drop(event.mimeData()).kind is DropKind.JOB:
            _copy(event)
        elif self.can_take(event.mimeData()):
            self._answer(event, read_drop(event.mimeData()))
        else:
            event.ignore()

    def _on_dropped(self, event: QDropEvent) -> None:
        mime = event.mimeData()
        point = self._point(event)
        contents = read_drop(mime)
        over_prompt = self._is_words_for_prompt(contents, point)
        role = self._find_role(point) or FrameRole.FIRST
        fits = contents.kind is DropKind.JOB or self.can_take(mime)
        refused = bool(self.veil.refusal) or not fits
        self.end()
        if refused:
            _forbid(event)
            return
        _copy(event)
        if over_prompt:
            self._prompt.edit.insertPlainText(contents.text)
        else:
            self.take_mime(mime, role, swapped=bool(event.modifiers() & _SHIFT))

    def end(self) -> None:
        """The drag is over: everything is as before."""
        if self.veil.isVisible():
            self.veil.set_hot_words(QRect())
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

    def _answer(self, event: QDragEnterEvent | QDragMoveEvent, contents: DropContents) -> None:
        point = self._point(event)
        over_prompt = self._is_words_for_prompt(contents, point)
        self.veil.cover(self._frames)
        self.veil.set_hot_words(self._place_of(self._prompt.edit) if over_prompt else QRect())
        role = None if over_prompt else self._find_role(point) or FrameRole.FIRST
        self._frames.targets.set_hot(role)
        if contents.kind is DropKind.CLIPS:
            swapped = bool(event.modifiers() & _SHIFT)
            self._frames.set_clip_hint(swapped=swapped)
        _copy(event)

    def _point(self, event: QDropEvent) -> QPoint:
        return event.position().toPoint()

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

    def _is_words_for_prompt(self, contents: DropContents, point: QPoint) -> bool:
        """A clip over the prompt gives its words, not a frame."""
        clip = contents.kind is DropKind.CLIPS and bool(contents.text)
        return clip and self._place_of(self._prompt.edit).contains(point)


def _other(role: FrameRole) -> FrameRole:
    """A clip goes on where it ended, and ends where it began."""
    return FrameRole.LAST if role is FrameRole.FIRST else FrameRole.FIRST


def _copy(event: QDropEvent) -> None:
    """Accept; what is carried stays where it was as well."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()


def _forbid(event: QDropEvent) -> None:
    """Accept with no action: the cursor says no, and the leaving is told all the same."""
    event.setDropAction(Qt.DropAction.IgnoreAction)
    event.accept()
