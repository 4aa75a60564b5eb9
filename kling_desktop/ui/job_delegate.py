"""Paints the rows of the queue: still, title, state, bar, and the actions on hover."""

from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from kling_desktop.domain.display import DisplayState
from kling_desktop.domain.job import Job
from kling_desktop.media.thumbnails import Thumbnails, picture_key
from kling_desktop.ui.job_actions import DRAFT_ACTIONS, RowAct, RowAction, list_actions
from kling_desktop.ui.job_list import JobRole
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


class JobDelegate(QStyledItemDelegate):
    """Owned by the queue page; draws from memory only.

    Args:
        look: Colours, fonts, icons.
        stills: Pictures of first frames; asked for by the id of the row's job.
    """

    def __init__(self, look: Look, stills: Thumbnails, card_height: "CardHeight") -> None:
        super().__init__()
        self._look = look
        self._stills = stills
        self._card_height = card_height
        self.phase_s = 0.0

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
        words = index.data(JobRole.WORDS)
        if (
            isinstance(words, RowWords)
            and words.link
            and self._link_rect(rect, words).contains(place)
        ):
            if index.data(JobRole.KIND) is RowKind.DRAFT:
                return RowAct.ADD if words.link.startswith("Add") else RowAct.EDIT
            return RowAct.DETAILS
        return None

    def find_tip(self, rect: QRectF, index: Index, place: QPointF) -> str:
        for action, spot in self._list_buttons(rect, index):
            if spot.contains(place):
                return action.text
        return ""

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
        theme = self._look.theme
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if hovered or chosen:
            painter.fillRect(rect, theme.color("accent-soft" if chosen else "hover"))
        job, saved = index.data(JobRole.JOB), index.data(JobRole.DRAFT)
        draft = job.draft if isinstance(job, Job) else saved.draft
        still = QRectF(rect.x() + _PADDING, rect.y() + 10, _STILL_W, _STILL_H)
        frame = draft.first_frame
        self._paint_still(painter, still, None if frame is None else frame.path, index)
        words = index.data(JobRole.WORDS)
        buttons = self._list_buttons(rect, index) if hovered else []
        room = sum(spot.width() + 2 for _, spot in buttons)
        title = self._line(rect, 0).adjusted(0, 0, -room, 0)
        number = index.data(JobRole.NUMBER)
        if number is not None and not buttons:
            ink = theme.color("text-3")
            draw_text(painter, title, str(number), theme.font("small"), ink, align=RIGHT)
            title.adjust(0, 0, -24, 0)
        text = str(index.data(Qt.ItemDataRole.DisplayRole))
        draw_text(painter, title, text, theme.font("body", 500), theme.color("text"))
        for action, spot in buttons:
            icon = QRectF(0, 0, 16, 16)
            icon.moveCenter(spot.center())
            self._look.icons.paint(painter, icon, action.icon, theme.color("text-2"))
        state = index.data(JobRole.STATE)
        self._paint_state(painter, rect, state, words)
        if bool(option.state & QStyle.StateFlag.State_HasFocus) and option.state & (
            QStyle.StateFlag.State_KeyboardFocusChange
        ):
            draw_ring(painter, rect.adjusted(2, 1, -2, -1), theme, theme.radius("md"))

    def _paint_still(
        self, painter: QPainter, rect: QRectF, path: Path | None, index: Index
    ) -> None:
        theme = self._look.theme
        pixmap = None
        if path is not None:
            dpr = painter.device().devicePixelRatio()
            pixmap = self._stills.find_or_request(index.row(), picture_key(path, dpr))
        if pixmap is not None:
            draw_picture(painter, rect, pixmap, theme.radius("sm"))
            return
        fill_rounded(painter, rect, theme.radius("sm"), theme.color("raised"))
        icon = QRectF(0, 0, 18, 18)
        icon.moveCenter(rect.center())
        name = "text" if path is None else "image"
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
        spot = QRectF(line.x(), line.center().y() - _ICON / 2, _ICON, _ICON)
        self._look.icons.paint(painter, spot, icon, theme.color(ink))
        left = line.adjusted(_ICON + 6, 0, 0, 0)
        font, small = theme.font("label"), theme.font("small")
        draw_text(painter, left, word, font, theme.color(ink))
        left.adjust(measure_text(font, word) + 6, 0, 0, 0)
        right = words.link or words.right
        right_font = theme.font("label") if words.link else small
        taken = measure_text(right_font, right)
        if right:
            token = "accent-text" if words.link else "text-2"
            draw_text(painter, left, right, right_font, theme.color(token), align=RIGHT)
        if words.extra:
            left.adjust(0, 0, -(taken + 8), 0)
            draw_text(painter, left, words.extra, small, theme.color("text-3"))
        if words.has_bar:
            bar = QRectF(line.x(), rect.bottom() - 9, line.width(), 3)
            offline = state in (DisplayState.DOWNLOAD_WAITING,) or words.right.startswith("last ch")
            phase = (self.phase_s % _SWEEP_S) / _SWEEP_S
            bar_ink = "control-line" if offline else "accent-text"
            draw_bar(painter, bar, theme, words.fraction, ink=bar_ink, phase=phase)

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
        kind = index.data(JobRole.KIND)
        if kind is RowKind.DRAFT:
            actions = DRAFT_ACTIONS
        elif kind is RowKind.JOB:
            actions = list_actions(index.data(JobRole.STATE))
        else:
            return []
        shown = [action for action in actions if action.icon]
        left = rect.right() - _PADDING + 4 - len(shown) * (_BUTTON + 2)
        top = rect.y() + 7
        return [
            (action, QRectF(left + at * (_BUTTON + 2), top, _BUTTON, _BUTTON))
            for at, action in enumerate(shown)
        ]


class CardHeight:
    """Asks the open cards how high they are; until one is made, a guess."""

    GUESS_PX = 150

    def __init__(self) -> None:
        self.heights: dict[int, int] = {}

    def __call__(self, index: Index) -> int:
        job = index.data(JobRole.JOB)
        return self.heights.get(job.id, self.GUESS_PX) if isinstance(job, Job) else self.GUESS_PX
