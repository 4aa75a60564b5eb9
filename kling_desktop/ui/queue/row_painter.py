"""Lays out and paints one row of the queue."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QPainter, QPixmap

from kling_desktop.ui.queue.queue_rows import RowFace
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import (
    RIGHT,
    draw_bar,
    draw_picture,
    draw_text,
    fill_rounded,
    measure_text,
)
from kling_desktop.ui.theme.theme import Theme
from kling_desktop.wording.actions import NamedAction
from kling_desktop.wording.models import state_colour, state_icon
from kling_desktop.wording.queue import RowWords, count_takes, name_state

_STILL_W, _STILL_H = 64, 40
_PADDING = 16
_GAP = 12
_ICON = 14
_BUTTON = 24
_NUMBER_ROOM = 24
_LEAST_EXTRA = 48
Buttons = Sequence[tuple[NamedAction, QRectF]]


class RowPainter:
    """Draws the rows of the queue; owned by its delegate."""

    def __init__(self, look: Look) -> None:
        self._look = look

    @property
    def _theme(self) -> Theme:
        return self._look.theme

    # -- places ---------------------------------------------------------------------------------

    def find_line(self, rect: QRectF, number: int) -> QRectF:
        """The place of the first (0) or second (1) line of text."""
        first, second = self._theme.line_height("body"), self._theme.line_height("label")
        left = rect.x() + _PADDING + _STILL_W + _GAP
        top = rect.y() + 10 + (first + 3 if number else 0)
        return QRectF(left, top, rect.right() - _PADDING - left, second if number else first)

    def find_title(self, rect: QRectF, face: RowFace) -> QRectF:
        line = self.find_line(rect, 0)
        if face.takes:
            return line.adjusted(0, 0, -self.find_takes(rect, face.takes).width(), 0)
        room = _NUMBER_ROOM if face.number is not None else 0
        return line.adjusted(0, 0, -room, 0)

    def find_takes(self, rect: QRectF, takes: int) -> QRectF:
        """The disclosure of a group: words and arrow at the end of the first line."""
        line = self.find_line(rect, 0)
        width = measure_text(self._theme.font("small"), count_takes(takes)) + _ICON + 16
        return QRectF(line.right() + 4 - width, line.center().y() - 12, width, 24)

    def find_aside(self, rect: QRectF, face: RowFace) -> QRectF:
        """Return what is left of the second line behind the state's word, from a whole pixel."""
        line = self.find_line(rect, 1)
        word = measure_text(self._theme.font("label"), name_state(face.state))
        return line.adjusted(math.ceil(_ICON + 6 + word + 6), 0, 0, 0)

    def find_link(self, rect: QRectF, words: RowWords) -> QRectF:
        line = self.find_line(rect, 1)
        width = measure_text(self._theme.font("label"), words.link)
        return QRectF(line.right() - width - 4, line.y() - 4, width + 8, line.height() + 8)

    def place_buttons(
        self, rect: QRectF, actions: Sequence[NamedAction], takes: int
    ) -> list[tuple[NamedAction, QRectF]]:
        """Each action that has an icon, with its place at the end of the first line."""
        right = rect.right() - _PADDING + 4
        if takes:
            right = self.find_takes(rect, takes).left()
        shown = [action for action in actions if action.icon]
        left = right - len(shown) * (_BUTTON + 2)
        top = rect.y() + 7
        return [
            (action, QRectF(left + at * (_BUTTON + 2), top, _BUTTON, _BUTTON))
            for at, action in enumerate(shown)
        ]

    def is_cut(self, rect: QRectF, face: RowFace) -> bool:
        """Say whether the title is longer than its place."""
        font = self._theme.font("body", 500)
        return measure_text(font, face.title) > self.find_title(rect, face).width()

    # -- drawing --------------------------------------------------------------------------------

    def paint(
        self,
        painter: QPainter,
        rect: QRectF,
        face: RowFace,
        picture: QPixmap | None,
        buttons: Buttons = (),
    ) -> None:
        """Draw a row without its ground, its bar, and the words behind the state's word."""
        still = QRectF(rect.x() + _PADDING, rect.y() + 10, _STILL_W, _STILL_H)
        self._paint_still(painter, still, picture, face.stand_in)
        title = self.find_title(rect, face)
        if buttons:
            title.setRight(min(title.right(), buttons[0][1].left() - 4))
        if not buttons or face.takes:
            self._paint_corner(painter, rect, face)
        theme = self._theme
        draw_text(painter, title, face.title, theme.font("body", 500), theme.color("text"))
        for action, spot in buttons:
            icon = QRectF(0, 0, 16, 16)
            icon.moveCenter(spot.center())
            self._look.icons.paint(painter, icon, action.icon, theme.color("text-2"))
        self._paint_state(painter, self.find_line(rect, 1), face)

    def paint_aside(self, painter: QPainter, room: QRectF, words: RowWords) -> None:
        """Draw what belongs to the state, and at the right end what counts.

        It is separate from `paint` because it changes every second while a clip is being made.
        """
        theme = self._theme
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

    def paint_bar(
        self, painter: QPainter, rect: QRectF, words: RowWords, fraction: float | None, phase: float
    ) -> None:
        """Draw the progress bar, `fraction` 0 to 1; None draws one that sweeps with `phase`."""
        line = self.find_line(rect, 1)
        bar = QRectF(line.x(), rect.bottom() - 9, line.width(), 3)
        ink = "control-line" if words.stalled else "accent-text"
        draw_bar(painter, bar, self._theme, fraction, ink=ink, phase=phase)

    def paint_section(self, painter: QPainter, rect: QRectF, title: str, aside: str) -> None:
        theme = self._theme
        inner = rect.adjusted(_PADDING, 4, -_PADDING, 0)
        font = theme.font("label", 600)
        left = draw_text(painter, inner, title, font, theme.color("text-2")) + 6
        rest = inner.adjusted(left, 0, 0, 0)
        draw_text(painter, rest, aside, theme.font("small"), theme.color("text-3"))

    def _paint_still(
        self, painter: QPainter, rect: QRectF, picture: QPixmap | None, stand_in: str
    ) -> None:
        theme = self._theme
        if picture is not None:
            draw_picture(painter, rect, picture, theme.radius("sm"))
            return
        fill_rounded(painter, rect, theme.radius("sm"), theme.color("raised"))
        icon = QRectF(0, 0, 18, 18)
        icon.moveCenter(rect.center())
        self._look.icons.paint(painter, icon, stand_in, theme.color("text-3"))

    def _paint_corner(self, painter: QPainter, rect: QRectF, face: RowFace) -> None:
        """Draw the end of the first line: the place in the queue, or how many takes there are."""
        theme = self._theme
        font, ink = theme.font("small"), theme.color("text-3")
        if face.takes:
            spot = self.find_takes(rect, face.takes)
            mark = QRectF(0, 0, _ICON, _ICON)
            mark.moveCenter(QPointF(spot.right() - 4 - _ICON / 2, spot.center().y()))
            icon = "chevron-down" if face.unfolded else "chevron-right"
            self._look.icons.paint(painter, mark, icon, ink)
            words = spot.adjusted(0, 0, -(_ICON + 8), 0)
            draw_text(painter, words, count_takes(face.takes), font, ink, align=RIGHT)
        elif face.number is not None:
            line = self.find_line(rect, 0)
            draw_text(painter, line, str(face.number), font, ink, align=RIGHT)

    def _paint_state(self, painter: QPainter, line: QRectF, face: RowFace) -> None:
        theme, state, word = self._theme, face.state, name_state(face.state)
        if state is None:
            icon, ink = "pencil", "text-2"
        else:
            icon, ink = state_icon(state), state_colour(state)
        if face.words.stalled:
            ink = "text-2"
        spot = QRectF(line.x(), line.center().y() - _ICON / 2, _ICON, _ICON)
        self._look.icons.paint(painter, spot, icon, theme.color(ink))
        left = line.adjusted(_ICON + 6, 0, 0, 0)
        draw_text(painter, left, word, theme.font("label"), theme.color(ink))


def fit_aside(words: RowWords, font: QFont, room: float) -> str:
    """The quieter words at the right end, in the form that has room."""
    whole = measure_text(font, words.right) <= room
    return words.right if whole or not words.brief else words.brief
