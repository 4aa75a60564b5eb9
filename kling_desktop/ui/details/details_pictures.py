"""The pictures in Details: the frames a clip was made from, and the takes beside it."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kling_desktop.domain.draft import Draft, FrameRole, ImageInput
from kling_desktop.domain.video import Video, VideoId
from kling_desktop.ui.clips.clip_pictures import ClipPictures
from kling_desktop.ui.controls.buttons import LinkButton
from kling_desktop.ui.controls.drag_data import build_clip_mime
from kling_desktop.ui.controls.labels import ElidedLabel, Hairline, SectionLabel
from kling_desktop.ui.controls.picture_button import PictureButton, build_file_mime
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.plain_text import set_tooltip
from kling_desktop.wording import details as words
from kling_desktop.wording.clips import name_take
from kling_desktop.wording.translation import _

_FRAME = QSize(108, 62)
_TAKE = QSize(76, 43)
_MOST_TAKES = 8


class SourceFrames(QWidget):
    """The first and last frame; they can be opened, and dragged to a slot or to the desktop.

    Only the app's own copies are shown, opened and dragged.  A clip from elsewhere may name any
    file of this machine as its frame.

    Args:
        pictures: Thumbnails of the copies.
        find_frame: The app's own copy of a frame, or None.

    Signals:
        pressed: `Path` of the copy whose picture was clicked.
    """

    pressed = Signal(object)

    def __init__(
        self,
        look: Look,
        pictures: ClipPictures,
        find_frame: Callable[[ImageInput], Path | None],
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._pictures = pictures
        self._find_frame = find_frame
        self._row = QHBoxLayout()
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(SectionLabel(_(words.SOURCE_FRAMES)))
        column.addLayout(self._row)
        pictures.still_ready.connect(self._on_still_ready)

    def show_draft(self, draft: Draft) -> None:
        _empty(self._row)
        for role, image in draft.frames:
            still = self._build_still(role, image)
            cell = QWidget()
            column = QVBoxLayout(cell)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(0)
            column.addWidget(still)
            there = self._find_frame(image) is not None
            name = image.name if there else words.name_lost_frame(image.name)
            column.addWidget(ElidedLabel(name, "small", "text-2"))
            cell.setFixedWidth(still.sizeHint().width())
            self._row.addWidget(cell)
        self._row.addStretch(1)
        self.setVisible(bool(draft.frames))

    def _build_still(self, role: FrameRole, image: ImageInput) -> PictureButton:
        kept, size = self._find_frame(image), (image.width, image.height)
        pill = words.name_role(role)
        if kept is None:
            name = words.speak_lost_frame(role, image.name)
            still = PictureButton(self._look, name, lambda: None, size=_FRAME, pill=pill)
            still.setEnabled(False)
            set_tooltip(still, _(words.FRAME_LOST))
            return still
        still = PictureButton(
            self._look,
            words.speak_frame(role, image.name, *size),
            partial(self._pictures.find_still, kept),
            size=_FRAME,
            pill=pill,
            mime=partial(build_file_mime, kept),
        )
        still.pressed.connect(partial(self.pressed.emit, kept))
        return still

    def _on_still_ready(self, _file: Path) -> None:
        for still in self.findChildren(PictureButton):
            still.update()


class TakesRow(QWidget):
    """The clips of one click; the one in view wears the ring.

    Signals:
        take_pressed: `VideoId` of the take that was clicked.
        compare_pressed: The clip in view beside its neighbour.
    """

    take_pressed = Signal(object)
    compare_pressed = Signal()

    def __init__(
        self, look: Look, pictures: ClipPictures, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._pictures = pictures
        self.compare = LinkButton(look, _(words.COMPARE_TAKES))
        self.compare.clicked.connect(self.compare_pressed)
        title = QHBoxLayout()
        title.addWidget(SectionLabel(_(words.TAKES)), 1)
        title.addWidget(self.compare)
        self._row = QHBoxLayout()
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(Hairline())
        column.addSpacing(6)
        column.addLayout(title)
        column.addLayout(self._row)
        pictures.ready.connect(self._on_ready)

    def show_takes(self, takes: Sequence[Video], current: VideoId) -> None:
        _empty(self._row)
        for number, video in enumerate(takes[:_MOST_TAKES], start=1):
            still = PictureButton(
                self._look,
                name_take(number, len(takes)),
                partial(self._pictures.find_poster, video.id),
                size=_TAKE,
                edge=4,
                mime=partial(self._pack, video),
            )
            still.set_chosen(chosen=video.id == current)
            still.pressed.connect(partial(self.take_pressed.emit, video.id))
            self._row.addWidget(still)
        self._row.addStretch(1)
        self.setVisible(len(takes) > 1)
        self._pictures.want_posters(takes[:_MOST_TAKES] if len(takes) > 1 else ())

    def _pack(self, video: Video):
        return build_clip_mime([video.id], [self._pictures.locate(video)], video.draft.prompt)

    def _on_ready(self, _video_id: VideoId) -> None:
        for still in self.findChildren(PictureButton):
            still.update()


def _empty(row: QHBoxLayout) -> None:
    while (place := row.takeAt(0)) is not None:
        old = place.widget()
        if old is not None:
            old.hide()
            old.deleteLater()
