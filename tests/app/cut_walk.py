"""Finds words in the window that have less room than they need.

A sentence of ours is never cut; what holds the user's words (prompts and file names, which the
tests write in Greek, and folders) may end in an ellipsis.
"""

import re
import sys
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QStyle,
    QStyleOptionFrame,
    QWidget,
)

from kling_desktop.ui.theme import painting

_USERS_WORDS = re.compile(r"[Ͱ-Ͽ]|/\w|\\\w|\.mp4\b")
_SLACK_PX = 1.0
"""Widths of text are fractions of a pixel, places are whole."""


def may_be_cut(text: str) -> bool:
    """Say whether a text holds the user's words, of which nobody knows how long they are."""
    return bool(_USERS_WORDS.search(text)) or not text.strip()


class CutWalk:
    """Collects what is cut, where it stands, and how many pixels are missing.

    Attributes:
        cut: What is cut, as a line for the test's report.
        seen: The texts that were measured.
        places: Where they stand.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cut: set[str] = set()
        self.seen: set[str] = set()
        self.places: set[str] = set()
        self._listen_to_painting(monkeypatch)

    def look(self) -> None:
        """Measure all that is shown in every open window."""
        for window in QApplication.topLevelWidgets():
            if window.isVisible():
                for widget in (window, *window.findChildren(QWidget)):
                    if widget.isVisible():
                        self._measure(widget)
                window.grab()

    def note(self, where: str, text: str, needed: float, room: float) -> None:
        """Take down a text of ours that has less room than it needs."""
        self.seen.add(text)
        self.places.add(where)
        if needed > room + _SLACK_PX and not may_be_cut(text):
            self.cut.add(f"{where}: {text!r} needs {needed:.0f} px of {room:.0f}")

    def _measure(self, widget: QWidget) -> None:
        where = _name_place(widget)
        for text, needed, room in _measure_words(widget):
            if text:
                self.note(where, text, needed, room)
                for lost in _find_overlap(widget):
                    self.note(f"{where} outside of its parent", text, lost, 0)

    def _listen_to_painting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Measure what `draw_text` draws: rows, tiles and buttons paint their words themselves."""
        draw: Callable[..., float] = painting.draw_text

        def listen(
            painter: QPainter, rect: QRectF, text: str, font: QFont, *rest: object, **more: object
        ) -> float:
            caller = sys._getframe(1).f_code.co_qualname
            self.note(caller, text, painting.measure_text(font, text), rect.width())
            return draw(painter, rect, text, font, *rest, **more)

        for name, module in tuple(sys.modules.items()):
            if name.startswith("kling_desktop.ui") and getattr(module, "draw_text", None) is draw:
                monkeypatch.setattr(module, "draw_text", listen)


def _measure_words(widget: QWidget) -> Iterator[tuple[str, float, float]]:
    """Yield each text of a widget with the pixels that it needs and those that it has."""
    if isinstance(widget, QLabel):
        room, metrics = widget.contentsRect(), widget.fontMetrics()
        if widget.wordWrap():
            flags = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextExpandTabs
            needed = metrics.boundingRect(
                QRect(0, 0, max(1, room.width()), 100_000), int(flags), widget.text()
            )
            yield widget.text(), needed.height(), room.height()
        else:
            yield widget.text(), metrics.horizontalAdvance(widget.text()), room.width()
    elif isinstance(widget, QLineEdit) and not widget.text():
        text = widget.placeholderText()
        yield text, widget.fontMetrics().horizontalAdvance(text), _find_line_room(widget)
    elif isinstance(widget, QPlainTextEdit) and not widget.toPlainText():
        text, room = widget.placeholderText(), widget.viewport().rect()
        margin = round(2 * widget.document().documentMargin())
        flags = int(Qt.TextFlag.TextWordWrap)
        area = QRect(0, 0, max(1, room.width() - margin), 100_000)
        needed = widget.fontMetrics().boundingRect(area, flags, text).height()
        yield text, needed, room.height() - margin


def _find_line_room(field: QLineEdit) -> float:
    """Return the width in which a one-line field shows its words, beside its icons."""
    option = QStyleOptionFrame()
    field.initStyleOption(option)
    inner = field.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, field)
    margins = field.textMargins()
    buttons = [
        child
        for child in field.findChildren(QWidget)
        if child.isVisible() and child.inherits("QToolButton")
    ]
    left, right = inner.left() + margins.left(), inner.right() + 1 - margins.right()
    for button in buttons:
        if button.x() < field.width() / 2:
            left = max(left, button.geometry().right() + 1)
        else:
            right = min(right, button.x())
    return right - left - 4  # Qt keeps two pixels free at either end


def _find_overlap(widget: QWidget) -> Iterator[float]:
    """Yield how far a widget stands out of one that contains it; what scrolls may do so."""
    inner, above = widget, widget.parentWidget()
    while above is not None and not inner.isWindow():
        if isinstance(above.parentWidget(), QScrollArea):
            return
        place = QRect(inner.mapTo(above, inner.rect().topLeft()), inner.size())
        yield float(max(place.right() - above.width() + 1, -place.left(), 0))
        inner, above = above, above.parentWidget()


def _name_place(widget: QWidget) -> str:
    names: list[str] = []
    at: QWidget | None = widget
    while at is not None and len(names) < 3:
        if type(at).__module__.startswith("kling_desktop"):
            names.append(type(at).__name__)
        at = at.parentWidget()
    return " in ".join(names)
