"""Finds words in the window that no translator would see: run it in the pseudo-locale.

There a translated sentence stands in ⟦brackets⟧.  What has letters outside of them and is none of
the things that are never translated (figures with their units, names of keys, services, models and
files, and the user's own words, which the tests write in Greek) was not marked.
"""

import re
import sys
from collections.abc import Callable, Iterator
from types import FrameType

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QWidget,
)

from kling_desktop.domain.catalog import MODELS_BY_ID
from kling_desktop.ui.theme import painting

_MARKED = re.compile(r"⟦[^⟦⟧]*⟧")
_HALF = re.compile(r"⟦[^⟦⟧]*$|^[^⟦⟧]*⟧")
"""A sentence may be painted in parts, around a link in its middle."""
_LETTER = re.compile(r"[A-Za-zÀ-ÖØ-öø-ž]")
_MOST_ROWS = 200
_ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.StatusTipRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.AccessibleDescriptionRole,
)
_SHARED = ("kling_desktop.ui.controls", "kling_desktop.ui.overlays", "kling_desktop.ui.theme")
"""Whose words come from those who use them."""

_MODELS = sorted(
    {
        name
        for spec in MODELS_BY_ID.values()
        for name in (spec.name, spec.short_name, spec.generation, str(spec.tier))
    },
    key=len,
    reverse=True,
)
_NAMES = ("Kling Desktop", "KlingAI", "Kling", "Runware", *_MODELS)
_KEYS = (
    *("Ctrl", "Shift", "Alt", "Meta", "Cmd", "Del", "Return", "Enter", "Esc", "Space", "Tab"),
    *("Home", "End", "Left", "Right", "Up", "Down", "PgUp", "PgDown"),
)
_NEVER_TRANSLATED = tuple(
    re.compile(pattern)
    for pattern in (
        "|".join(re.escape(name) for name in _NAMES),
        r"https?://\S*",
        r"\b[0-9a-f]{8}-[0-9a-f]{4}…[0-9a-f]{4}",  # a task id, cut
        r"[\w-]+\.mp4\b",
        r"\*?\.(?:mp4|png|jpe?g|webp|csv|log)\b",
        r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b",  # an environment variable
        r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",
        r"\bklingai:\S+",
        r"\b(?:PNG|JPEG|WebP|MP4|CSV|TIFF|HEIC|H\.26[45]|h264|API)\b",
        r"[\d.,×]+\s?(?:px|p|MP|kB|MB|GB|[AP]M)\b",
        rf"\b(?:{'|'.join(_KEYS)}|F\d\d?)\b",
        r"(?<![A-Za-z])[A-Z](?![a-z])",  # a key, or the A and B of Compare
    )
)


def find_unmarked(text: str, own: tuple[str, ...] = ()) -> str:
    """Return what is left of a text without all that may stand there; empty when it is sound.

    Args:
        text: What the window shows or says.
        own: Texts of this test that are nobody's words: folders, file names, versions.
    """
    rest = text
    while _MARKED.search(rest):
        rest = _MARKED.sub(" ", rest)
    rest = _HALF.sub(" ", rest)
    for each in own:
        rest = rest.replace(each, " ")
    for pattern in _NEVER_TRANSLATED:
        rest = pattern.sub(" ", rest)
    return " ".join(rest.split()) if _LETTER.search(rest) else ""


class PseudoWalk:
    """Collects what was not marked, by the package it belongs to.

    Attributes:
        unmarked: Package (``ui.create``, ``app``) to its texts.
        seen: How many texts were looked at.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, own: tuple[str, ...]) -> None:
        self._own = tuple(sorted(own, key=len, reverse=True))
        self.unmarked: dict[str, set[str]] = {}
        self.seen: set[str] = set()
        self._listen_to_painting(monkeypatch)

    def look(self) -> None:
        """Look at every window that is open, at all that it says and all that it paints."""
        for window in QApplication.topLevelWidgets():
            self._look_at_window(window)
            if window.isVisible():
                window.grab()

    def take(self, package: str, text: str) -> None:
        """Look at one text of a package."""
        if text in self.seen:
            return
        self.seen.add(text)
        if find_unmarked(text, self._own):
            self.unmarked.setdefault(package, set()).add(text)

    def _look_at_window(self, window: QWidget) -> None:
        for widget in (window, *window.findChildren(QWidget)):
            package = _find_package(widget)
            for text in _list_texts(widget):
                self.take(package, text)
        for action in window.findChildren(QAction):
            package = _find_package(action)
            for text in (action.text().partition("\t")[0], action.toolTip(), action.statusTip()):
                self.take(package, text)

    def _listen_to_painting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Take what `draw_text` draws: rows, tiles and buttons paint their words themselves."""
        draw: Callable[..., float] = painting.draw_text

        def listen(
            painter: object, rect: object, text: str, *rest: object, **more: object
        ) -> float:
            self.take(_find_painter(sys._getframe(1)), text)
            return draw(painter, rect, text, *rest, **more)

        for name, module in tuple(sys.modules.items()):
            if name.startswith("kling_desktop.ui") and getattr(module, "draw_text", None) is draw:
                monkeypatch.setattr(module, "draw_text", listen)


def _list_texts(widget: QWidget) -> Iterator[str]:
    yield from (
        widget.toolTip(),
        widget.statusTip(),
        widget.accessibleName(),
        widget.accessibleDescription(),
        widget.windowTitle(),
    )
    if isinstance(widget, QLabel | QAbstractButton):
        yield widget.text()
    if isinstance(widget, QLineEdit | QPlainTextEdit):
        yield widget.placeholderText()
    if isinstance(widget, QMenu):
        yield widget.title()
    if isinstance(widget, QAbstractItemView) and widget.model() is not None:
        yield from _list_item_texts(widget.model())


def _list_item_texts(model: QAbstractItemModel) -> Iterator[str]:
    for row in range(min(model.rowCount(QModelIndex()), _MOST_ROWS)):
        for role in _ROLES:
            text = model.index(row, 0).data(role)
            if isinstance(text, str):
                yield text


def _find_package(thing: QObject | None) -> str:
    """Return the package that filled a widget: the nearest one above it that is not shared."""
    while thing is not None:
        module = type(thing).__module__
        if module.startswith("kling_desktop") and not module.startswith(_SHARED):
            return _shorten(module)
        thing = thing.parent()
    return "shared"


def _find_painter(frame: FrameType | None) -> str:
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith("kling_desktop") and not module.startswith(_SHARED):
            return _shorten(module)
        if not module.startswith("kling_desktop"):
            break
        owner = frame.f_locals.get("self")
        if isinstance(owner, QObject) and (package := _find_package(owner)) != "shared":
            return package
        frame = frame.f_back
    return "shared"


def _shorten(module: str) -> str:
    parts = module.removeprefix("kling_desktop.").split(".")
    return ".".join(parts[:2]) if parts[0] == "ui" else parts[0]
