"""Paints the rows of the queue: still, title, state, bar, and the actions on hover."""

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from kling_desktop.domain.display import DisplayState
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
from kling_desktop.ui.paint_kit import (
    RIGHT,
    draw_bar,
    draw_picture,
    draw_ring,
    draw_text,
    fill_rounded,
    measure_text,
)
from kling_desktop.ui.queue_rows import RowKind
from kling_desktop.ui.wording import state_colour, state_icon, state_word
from kling_desktop.ui.wording_queue import RowWords

Index = QModelIndex | QPersistentModelIndex
_STILL_W, _STILL_H = 64, 40
_PADDING = 16
_GAP = 12
_ICON = 14
_BUTTON = 24
_SWEEP_S = 2.4
_NUMBER_ROOM = 24
_LEAST_EXTRA = 48


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
            self._paint_section(painter, rect, index)
        elif kind is not RowKind.CARD:
            self._paint_row(painter, rect, option, index)
        painter.restore()

    def find_hit(self, rect: QRectF, index: Index, place: QPointF) -> RowAct | None:
        """The action under the pointer: one of the icons, or the link of the second line."""
        for action, spot in self._list_buttons(rect, index):
            if spot.contains(place):
                return action.act
        if index.data(JobRole.TAKES) and self._takes_rect(rect, index).contains(place):
            return RowAct.FOLD
        words = index.data(JobRole.WORDS)
        if not isinstance(words, RowWords) or not words.link:
            return None
        return words.link_act if self._link_rect(rect, words).contains(place) else None

    def find_tip(self, rect: QRectF, index: Index, place: QPointF) -> str:
        """What an icon does; elsewhere the whole words, where they may be cut."""
        for action, spot in self._list_buttons(rect, index):
            if spot.contains(place):
                return action.text
        title, words = index.data(Qt.ItemDataRole.DisplayRole), index.data(JobRole.WORDS)
        if not isinstance(title, str) or not isinstance(words, RowWords):
            return ""
        if self._line(rect, 1).contains(place):
            return words.aside if words.brief else ""
        font = self._look.theme.font("body", 500)
        cut = measure_text(font, title) > self._title_rect(rect, index).width()
        return title if cut else ""

    def _paint_section(self, painter: QPainter, rect: QRectF, index: Index) -> None:
        theme = self._look.theme
        inner = rect.adjusted(_PADDING, 4, -_PADDING, 0)
        title = str(index.data(Qt.ItemDataRole.DisplayRole))
        font = theme.font("label", 600)
        draw_text(painter, inner, title, font, theme.color("text-2"))
        left = measure_text(font, title) + 6
        aside = str(index.data(JobRole.ASIDE) or "")
        rest = inner.adjusted(left, 0, 0, 0)
        draw_text(painter, rest, aside, theme.font("small"), theme.color("text-3"))

    def _paint_row(
        self, painter: QPainter, rect: QRectF, option: QStyleOptionViewItem, index: Index
    ) -> None:
        draft, words = _find_draft(index), index.data(JobRole.WORDS)
        if draft is None or not isinstance(words, RowWords):
            return  # it has just gone; the next sync takes the row away
        theme = self._look.theme
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if hovered or chosen:
            painter.fillRect(rect, theme.color("accent-soft" if chosen else "hover"))
        still = QRectF(rect.x() + _PADDING, rect.y() + 10, _STILL_W, _STILL_H)
        self._paint_still(painter, still, draft, index)
        buttons = self._list_buttons(rect, index) if hovered else []
        title = self._title_rect(rect, index)
        if buttons:
            title.setRight(min(title.right(), buttons[0][1].left() - 4))
        if not buttons or index.data(JobRole.TAKES):
            self._paint_corner(painter, rect, index)
        text = str(index.data(Qt.ItemDataRole.DisplayRole))
        draw_text(painter, title, text, theme.font("body", 500), theme.color("text"))
        for action, spot in buttons:
            icon = QRectF(0, 0, 16, 16)
            icon.moveCenter(spot.center())
            self._look.icons.paint(painter, icon, action.icon, theme.color("text-2"))
        self._paint_state(painter, rect, index.data(JobRole.STATE), words)
        if self.shows_ring and bool(option.state & QStyle.StateFlag.State_HasFocus):
            draw_ring(painter, rect.adjusted(2, 1, -2, -1), theme, theme.radius("md"))

    def _paint_corner(self, painter: QPainter, rect: QRectF, index: Index) -> None:
        """At the end of the first line: the place in the line, or how many takes this is."""
        theme = self._look.theme
        font, ink = theme.font("small"), theme.color("text-3")
        number, takes = index.data(JobRole.NUMBER), index.data(JobRole.TAKES)
        if takes:
            spot = self._takes_rect(rect, index)
            mark = QRectF(0, 0, _ICON, _ICON)
            mark.moveCenter(QPointF(spot.right() - 4 - _ICON / 2, spot.center().y()))
            icon = "chevron-down" if index.data(JobRole.UNFOLDED) else "chevron-right"
            self._look.icons.paint(painter, mark, icon, ink)
            words = spot.adjusted(0, 0, -(_ICON + 8), 0)
            draw_text(painter, words, _count_takes(index), font, ink, align=RIGHT)
        elif number is not None:
            draw_text(painter, self._line(rect, 0), str(number), font, ink, align=RIGHT)

    def _paint_still(self, painter: QPainter, rect: QRectF, draft: Draft, index: Index) -> None:
        theme = self._look.theme
        dpr = painter.device().devicePixelRatio()
        key = None if draft.first_frame is None else picture_key(draft.first_frame.path, dpr)
        job = index.data(JobRole.JOB)
        film = self._find_film(job) if key is None and isinstance(job, Job) else None
        if film is not None:
            key = poster_key(film, dpr)
        pixmap = None if key is None else self._stills.find_or_request(index.row(), key)
        if pixmap is not None:
            draw_picture(painter, rect, pixmap, theme.radius("sm"))
            return
        fill_rounded(painter, rect, theme.radius("sm"), theme.color("raised"))
        icon = QRectF(0, 0, 18, 18)
        icon.moveCenter(rect.center())
        name = "text" if draft.first_frame is None else "image"
        self._look.icons.paint(painter, icon, name, theme.color("text-3"))

    def _paint_state(
        self, painter: QPainter, rect: QRectF, state: DisplayState | None, words: RowWords
    ) -> None:
        theme = self._look.theme
        line = self._line(rect, 1)
        if state is None:
            icon, word, ink = "pencil", "Draft", "text-2"
        else:
            icon, word, ink = state_icon(state), state_word(state), state_colour(state)
        if words.stalled:
            ink = "text-2"
        spot = QRectF(line.x(), line.center().y() - _ICON / 2, _ICON, _ICON)
        self._look.icons.paint(painter, spot, icon, theme.color(ink))
        left = line.adjusted(_ICON + 6, 0, 0, 0)
        font = theme.font("label")
        draw_text(painter, left, word, font, theme.color(ink))
        left.setLeft(left.left() + measure_text(font, word) + 6)
        self._paint_aside(painter, left, words)
        if words.has_bar:
            bar = QRectF(line.x(), rect.bottom() - 9, line.width(), 3)
            phase = (self._seconds() % _SWEEP_S) / _SWEEP_S
            bar_ink = "control-line" if words.stalled else "accent-text"
            draw_bar(painter, bar, theme, words.fraction, ink=bar_ink, phase=phase)

    def _paint_aside(self, painter: QPainter, room: QRectF, words: RowWords) -> None:
        """Behind the state's word: what belongs to it, and at the right end what counts."""
        theme = self._look.theme
        small, link = theme.font("small"), theme.font("label")
        end = QRectF(room)
        if words.link:
            taken = draw_text(
                painter, end, words.link, link, theme.color("accent-text"), align=RIGHT
            )
            end.setRight(end.right() - taken - _GAP / 2)
        lead = measure_text(small, f"{words.lead} ") if words.lead else 0
        right = fit_aside(words, small, end.width() - lead)
        beside = end.adjusted(lead, 0, 0, 0)
        taken = draw_text(painter, beside, right, small, theme.color("text-3"), align=RIGHT)
        if words.lead:
            front = end.adjusted(0, 0, -(taken + (lead - measure_text(small, words.lead))), 0)
            if not right:
                front = end
            draw_text(painter, front, words.lead, small, theme.color("text-2"), align=RIGHT)
        left = end.width() - taken - lead - (_GAP / 2 if taken or lead else 0)
        if words.extra and left >= min(_LEAST_EXTRA, measure_text(small, words.extra)):
            place = QRectF(end.x(), end.y(), left, end.height())
            draw_text(painter, place, words.extra, small, theme.color("text-3"))

    def _title_rect(self, rect: QRectF, index: Index) -> QRectF:
        line = self._line(rect, 0)
        if index.data(JobRole.TAKES):
            return line.adjusted(0, 0, -self._takes_rect(rect, index).width(), 0)
        room = _NUMBER_ROOM if index.data(JobRole.NUMBER) is not None else 0
        return line.adjusted(0, 0, -room, 0)

    def _takes_rect(self, rect: QRectF, index: Index) -> QRectF:
        """The disclosure of a group: words and arrow at the end of the first line."""
        line = self._line(rect, 0)
        width = measure_text(self._look.theme.font("small"), _count_takes(index)) + _ICON + 16
        return QRectF(line.right() + 4 - width, line.center().y() - 12, width, 24)

    def _line(self, rect: QRectF, number: int) -> QRectF:
        """The place of the first or second line of text."""
        theme = self._look.theme
        first, second = theme.line_height("body"), theme.line_height("label")
        left = rect.x() + _PADDING + _STILL_W + _GAP
        top = rect.y() + 10 + (first + 3 if number else 0)
        return QRectF(left, top, rect.right() - _PADDING - left, second if number else first)

    def _link_rect(self, rect: QRectF, words: RowWords) -> QRectF:
        line = self._line(rect, 1)
        width = measure_text(self._look.theme.font("label"), words.link)
        return QRectF(line.right() - width - 4, line.y() - 4, width + 8, line.height() + 8)

    def _list_buttons(self, rect: QRectF, index: Index) -> list[tuple[RowAction, QRectF]]:
        right = rect.right() - _PADDING + 4
        if index.data(JobRole.TAKES):
            right = self._takes_rect(rect, index).left()
        actions = list_row_actions(index)
        shown = [action for action in actions if action.icon]
        left = right - len(shown) * (_BUTTON + 2)
        top = rect.y() + 7
        return [
            (action, QRectF(left + at * (_BUTTON + 2), top, _BUTTON, _BUTTON))
            for at, action in enumerate(shown)
        ]


def _find_draft(index: Index) -> Draft | None:
    job, saved = index.data(JobRole.JOB), index.data(JobRole.DRAFT)
    if isinstance(job, Job):
        return job.draft
    return saved.draft if isinstance(saved, SavedDraft) else None


def fit_aside(words: RowWords, font: QFont, room: float) -> str:
    """The quieter words at the right end, in the form that has room."""
    whole = measure_text(font, words.right) <= room
    return words.right if whole or not words.brief else words.brief


def _count_takes(index: Index) -> str:
    return f"{index.data(JobRole.TAKES)} takes"


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
