"""Paints the rows of the queue at rest from kept faces; knows what lies where in a row."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from kling_desktop.domain.draft import Draft
from kling_desktop.domain.job import Job
from kling_desktop.media.thumbnails import Thumbnails, picture_key, poster_key
from kling_desktop.storage.draft_store import SavedDraft
from kling_desktop.ui.job_actions import (
    ALLOW_ACTION,
    DRAFT_ACTIONS,
    RowAct,
    RowAction,
    list_actions,
    list_takes_actions,
)
from kling_desktop.ui.job_roles import JobRole
from kling_desktop.ui.look import Look
from kling_desktop.ui.paint_kit import draw_ring
from kling_desktop.ui.painted_faces import PaintedFaces
from kling_desktop.ui.queue_rows import RowKind
from kling_desktop.ui.row_face import RowFace, RowPainter
from kling_desktop.ui.wording_queue import RowWords

Index = QModelIndex | QPersistentModelIndex
_SWEEP_S = 2.4
_FACES_BYTES = 16 * 1024 * 1024


class JobDelegate(QStyledItemDelegate):
    """Owned by the queue page; draws from memory only.

    Args:
        look: Colours, fonts, icons.
        stills: Pictures of first frames; asked for by the number of the row's job.
        card_height: How high the open cards are.
        find_film: Where the clip of a done job is; its poster stands where there is no frame.
        seconds: Time for the bars that sweep.

    Attributes:
        shows_ring: The focus came by a key: the row that has it gets the ring.
    """

    def __init__(
        self,
        look: Look,
        stills: Thumbnails,
        card_height: "CardHeight",
        *,
        find_film: Callable[[Job], Path | None] = lambda _job: None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._look = look
        self._stills = stills
        self._card_height = card_height
        self._find_film = find_film
        self._seconds = seconds
        self.shows_ring = False
        self._rows = RowPainter(look)
        self._faces = PaintedFaces(_FACES_BYTES)
        look.themes.changed.connect(self._faces.clear)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        kind = index.data(JobRole.KIND)
        theme = self._look.theme
        if kind is RowKind.SECTION:
            return QSize(0, theme.height("section-row"))
        if kind is RowKind.CARD:
            return QSize(0, self._card_height(index))
        return QSize(0, theme.height("queue-row"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        kind = index.data(JobRole.KIND)
        rect = QRectF(option.rect)
        painter.save()
        if kind is RowKind.SECTION:
            title, aside = index.data(Qt.ItemDataRole.DisplayRole), index.data(JobRole.ASIDE)
            self._rows.paint_section(painter, rect, str(title), str(aside or ""))
        elif kind is not RowKind.CARD:
            self._paint_row(painter, rect, option, index)
        painter.restore()

    def find_hit(self, rect: QRectF, index: Index, place: QPointF) -> RowAct | None:
        """The action under the pointer: one of the icons, or the link of the second line."""
        for action, spot in self._list_buttons(rect, index):
            if spot.contains(place):
                return action.act
        takes = index.data(JobRole.TAKES)
        if takes and self._rows.find_takes(rect, takes).contains(place):
            return RowAct.FOLD
        words = index.data(JobRole.WORDS)
        if not isinstance(words, RowWords) or not words.link:
            return None
        return words.link_act if self._rows.find_link(rect, words).contains(place) else None

    def find_tip(self, rect: QRectF, index: Index, place: QPointF) -> str:
        """What an icon does; elsewhere the whole words, where they may be cut."""
        for action, spot in self._list_buttons(rect, index):
            if spot.contains(place):
                return action.text
        draft, words = _find_draft(index), index.data(JobRole.WORDS)
        if draft is None or not isinstance(words, RowWords):
            return ""
        if self._rows.find_line(rect, 1).contains(place):
            return words.aside if words.brief else ""
        face = _read_face(index, draft, words)
        return face.title if self._rows.is_cut(rect, face) else ""

    def _paint_row(
        self, painter: QPainter, rect: QRectF, option: QStyleOptionViewItem, index: Index
    ) -> None:
        draft, words = _find_draft(index), index.data(JobRole.WORDS)
        if draft is None or not isinstance(words, RowWords):
            return  # it has just gone; the next sync takes the row away
        theme, face = self._look.theme, _read_face(index, draft, words)
        picture = self._find_picture(draft, index, painter.device().devicePixelRatio())
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if bool(option.state & QStyle.StateFlag.State_MouseOver):
            painter.fillRect(rect, theme.color("accent-soft" if chosen else "hover"))
            self._rows.paint(painter, rect, face, picture, self._list_buttons(rect, index))
        else:
            self._copy_face(painter, rect, face, picture, chosen=chosen)
        if words.has_bar:
            phase = (self._seconds() % _SWEEP_S) / _SWEEP_S
            self._rows.paint_bar(painter, rect, words, words.fraction, phase)
        if self.shows_ring and bool(option.state & QStyle.StateFlag.State_HasFocus):
            draw_ring(painter, rect.adjusted(2, 1, -2, -1), theme, theme.radius("md"))

    def _copy_face(
        self,
        painter: QPainter,
        rect: QRectF,
        face: RowFace,
        picture: QPixmap | None,
        *,
        chosen: bool,
    ) -> None:
        """Copy the face of a row at rest, which is painted when it is another than before."""

        def paint(inner: QPainter, place: QRectF) -> None:
            if chosen:
                inner.fillRect(place, self._look.theme.color("accent-soft"))
            self._rows.paint(inner, place, face, picture)

        key = (face, chosen, 0 if picture is None else picture.cacheKey())
        self._faces.draw(painter, rect, key, paint, ground=self._look.theme.color("panel"))

    def _find_picture(self, draft: Draft, index: Index, dpr: float) -> QPixmap | None:
        """The first frame; for a clip without one its poster.  Asked for where it is not there."""
        key = None if draft.first_frame is None else picture_key(draft.first_frame.path, dpr)
        job = index.data(JobRole.JOB)
        film = self._find_film(job) if key is None and isinstance(job, Job) else None
        if film is not None:
            key = poster_key(film, dpr)
        return None if key is None else self._stills.find_or_request(index.row(), key)

    def _list_buttons(self, rect: QRectF, index: Index) -> list[tuple[RowAction, QRectF]]:
        takes = int(index.data(JobRole.TAKES) or 0)
        return self._rows.place_buttons(rect, list_row_actions(index), takes)


def _read_face(index: Index, draft: Draft, words: RowWords) -> RowFace:
    return RowFace(
        title=str(index.data(Qt.ItemDataRole.DisplayRole)),
        state=index.data(JobRole.STATE),
        words=words if words.fraction is None else replace(words, fraction=None),
        number=index.data(JobRole.NUMBER),
        takes=int(index.data(JobRole.TAKES) or 0),
        unfolded=bool(index.data(JobRole.UNFOLDED)),
        stand_in="text" if draft.first_frame is None else "image",
    )


def _find_draft(index: Index) -> Draft | None:
    job, saved = index.data(JobRole.JOB), index.data(JobRole.DRAFT)
    if isinstance(job, Job):
        return job.draft
    return saved.draft if isinstance(saved, SavedDraft) else None


def list_row_actions(index: Index) -> tuple[RowAction, ...]:
    """What can be done with a row of the list."""
    state = index.data(JobRole.STATE)
    match index.data(JobRole.KIND):
        case RowKind.DRAFT:
            return DRAFT_ACTIONS
        case RowKind.TAKES:
            return list_takes_actions(unfolded=bool(index.data(JobRole.UNFOLDED)))
        case RowKind.JOB if state is not None and index.data(JobRole.HELD):
            return (*list_actions(state), ALLOW_ACTION)
        case RowKind.JOB if state is not None:
            return list_actions(state)
        case _:
            return ()


class CardHeight:
    """Asks the open cards how high they are; until one is made, a guess."""

    GUESS_PX = 150

    def __init__(self) -> None:
        self.heights: dict[int, int] = {}

    def __call__(self, index: Index) -> int:
        job = index.data(JobRole.JOB)
        return self.heights.get(job.id, self.GUESS_PX) if isinstance(job, Job) else self.GUESS_PX
