"""Paints the rows of the queue, unchanged ones from cached pixmaps; finds what is where in one."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from kling_desktop.domain.display_state import DisplayState
from kling_desktop.domain.job import Job
from kling_desktop.media.thumbnail_files import ThumbnailKey
from kling_desktop.media.thumbnails import Thumbnails, picture_key, poster_key
from kling_desktop.ui.queue.queue_rows import Row, RowContent, RowFace, RowKind, SectionContent
from kling_desktop.ui.queue.row_actions import (
    list_draft_actions,
    list_job_actions,
    list_takes_actions,
)
from kling_desktop.ui.queue.row_painter import RowPainter
from kling_desktop.ui.queue.row_roles import RowRole
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import blend, draw_ring
from kling_desktop.ui.theme.pixmap_cache import PixmapCache
from kling_desktop.wording.actions import Action, NamedAction
from kling_desktop.wording.queue import RowWords

Index = QModelIndex | QPersistentModelIndex
_SWEEP_S = 2.4
_NO_WORDS = RowWords()
_FACES_BYTES = 16 * 1024 * 1024


class RowDelegate(QStyledItemDelegate):
    """Owned by the queue page; draws from memory only.

    Args:
        look: Colours, fonts, icons.
        stills: Pictures of first frames, requested by the number of the row.
        card_height: How high the open cards are.
        find_video: Where the clip of a done job is; its poster is shown where there is no frame.

    Attributes:
        seconds: Time for the bars that sweep.
        shows_ring: The focus came by a key: the row that has it gets the ring.
    """

    def __init__(
        self,
        look: Look,
        stills: Thumbnails,
        card_height: "CardHeight",
        *,
        find_video: Callable[[Job], Path | None] = lambda _job: None,
    ) -> None:
        super().__init__()
        self._look = look
        self._stills = stills
        self._card_height = card_height
        self._find_video = find_video
        self.seconds: Callable[[], float] = time.monotonic
        self.shows_ring = False
        self._rows = RowPainter(look)
        self._faces = PixmapCache(_FACES_BYTES)
        self._awaited: set[ThumbnailKey] = set()
        look.themes.changed.connect(self._faces.clear)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row = index.data(RowRole.ROW)
        return QSize(0, self.measure(row) if isinstance(row, Row) else 0)

    def measure(self, row: Row) -> int:
        """Return how high a row is, in pixels."""
        match row.kind:
            case RowKind.SECTION:
                return self._look.theme.height("section-row")
            case RowKind.CARD:
                return self._card_height(row)
            case _:
                return self._look.theme.height("queue-row")

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        content, state = index.data(RowRole.CONTENT), option.state
        painter.save()
        self.draw(
            painter,
            QRectF(option.rect),
            index.row(),
            content,
            pointed=index if state & QStyle.StateFlag.State_MouseOver else None,
            chosen=bool(state & QStyle.StateFlag.State_Selected),
            focused=bool(state & QStyle.StateFlag.State_HasFocus),
        )
        painter.restore()

    def draw(
        self,
        painter: QPainter,
        rect: QRectF,
        number: int,
        content: object,
        *,
        pointed: Index | None,
        chosen: bool,
        focused: bool,
    ) -> None:
        """Draw the row `number`, whose content is known; `pointed` is its index under a pointer.

        The view calls this directly: each call through Qt releases the interpreter's lock and
        then waits for it while other threads work.
        """
        if isinstance(content, SectionContent):
            self._rows.paint_section(painter, rect, content.title, content.aside)
        if not isinstance(content, RowContent):
            return
        theme, face = self._look.theme, content.face
        picture = self._find_picture(content, number, painter.device().devicePixelRatio())
        if pointed is not None:
            painter.fillRect(rect, theme.color("accent-soft" if chosen else "hover"))
            buttons = self._list_buttons(rect, pointed, face)
            self._rows.paint(painter, rect, face, picture, buttons)
            self._rows.paint_aside(painter, self._rows.find_aside(rect, face), face.words)
        else:
            self._copy_face(painter, rect, face, picture, chosen=chosen)
        if face.words.has_bar:
            phase = (self.seconds() % _SWEEP_S) / _SWEEP_S
            self._rows.paint_bar(painter, rect, face.words, content.fraction, phase)
        if self.shows_ring and focused:
            draw_ring(painter, rect.adjusted(2, 1, -2, -1), theme, theme.radius("md"))

    def find_hit(self, rect: QRectF, index: Index, place: QPointF) -> Action | None:
        """The action under the pointer: one of the icons, or the link of the second line."""
        content = index.data(RowRole.CONTENT)
        if not isinstance(content, RowContent):
            return None
        face = content.face
        for action, spot in self._list_buttons(rect, index, face):
            if spot.contains(place):
                return action.action
        if face.takes and self._rows.find_takes(rect, face.takes).contains(place):
            return Action.FOLD
        words = face.words
        on_link = words.link and self._rows.find_link(rect, words).contains(place)
        return words.link_action if on_link else None

    def find_tip(self, rect: QRectF, index: Index, place: QPointF) -> str:
        """Return what an icon does; elsewhere the whole words, where they may be cut."""
        content = index.data(RowRole.CONTENT)
        if not isinstance(content, RowContent):
            return ""
        face = content.face
        for action, spot in self._list_buttons(rect, index, face):
            if spot.contains(place):
                return action.text
        if self._rows.find_line(rect, 1).contains(place):
            return face.words.aside if face.words.brief else ""
        return face.title if self._rows.is_cut(rect, face) else ""

    def awaits(self, key: ThumbnailKey) -> bool:
        """Say whether a row was painted without the picture that has just arrived."""
        waited = key in self._awaited
        self._awaited.discard(key)
        return waited

    def _copy_face(
        self,
        painter: QPainter,
        rect: QRectF,
        face: RowFace,
        picture: QPixmap | None,
        *,
        chosen: bool,
    ) -> None:
        """Copy the pixmap of an unchanged row; only what differs from before is painted."""
        rows, faces = self._rows, self._faces
        ground = self._look.theme.color("panel")
        if chosen:
            ground = blend(ground, self._look.theme.color("accent-soft"))
        number = 0 if picture is None else picture.cacheKey()

        def paint_quiet(inner: QPainter, place: QRectF) -> None:
            rows.paint(inner, place, face, picture)

        def paint_whole(inner: QPainter, place: QRectF) -> None:
            # While a clip is being made, only these words change every second.
            key = (replace(face, words=_NO_WORDS), face.words.stalled, number, chosen)
            faces.draw(inner, place, key, paint_quiet, ground=ground)
            rows.paint_aside(inner, rows.find_aside(place, face), face.words)

        faces.draw(painter, rect, (face, number, chosen), paint_whole, ground=ground)

    def _find_picture(self, content: RowContent, number: int, dpr: float) -> QPixmap | None:
        """Return the first frame, or the poster of a clip without one; request it if absent."""
        frame = content.draft.first_frame
        if frame is not None:
            key = picture_key(frame.path, dpr)
        else:
            video = None if content.job is None else self._find_video(content.job)
            if video is None:
                return None
            key = poster_key(video, dpr)
        picture = self._stills.find_or_request(number, key)
        if picture is None:
            self._awaited.add(key)
        return picture

    def _list_buttons(
        self, rect: QRectF, index: Index, face: RowFace
    ) -> list[tuple[NamedAction, QRectF]]:
        return self._rows.place_buttons(rect, list_row_actions(index), face.takes)


def list_row_actions(index: Index) -> tuple[NamedAction, ...]:
    """Return what can be done with a row of the list."""
    state = index.data(RowRole.STATE)
    match index.data(RowRole.KIND):
        case RowKind.DRAFT:
            return list_draft_actions()
        case RowKind.TAKES:
            return list_takes_actions(unfolded=bool(index.data(RowRole.UNFOLDED)))
        case RowKind.JOB if state is not None:
            card, held = index.data(RowRole.CARD), bool(index.data(RowRole.HELD))
            return list_job_actions(DisplayState(state), card, held=held)
        case _:
            return ()


class CardHeight:
    """How high each open card is; a guess until its widget is built."""

    GUESS_PX = 150

    def __init__(self) -> None:
        self.heights: dict[int, int] = {}

    def __call__(self, card: Row) -> int:
        return self.heights.get(int(card.ident), self.GUESS_PX)
