"""Shows texts as they are: Qt guesses whether one is markup, and then loads what it names.

Prompts, file names and the service's messages come from others.  An ``<img>`` in a tooltip opens a
file, and one that never ends holds the window for ever.  So every tooltip is set here, and
`tests/test_conventions.py` forbids the plain calls elsewhere.  Labels are `controls.labels.Label`.
"""

from html import escape
from typing import Protocol

from PySide6.QtCore import QPoint
from PySide6.QtGui import Qt
from PySide6.QtWidgets import QToolTip, QWidget

_JOINER = "\u2060"
"""An invisible character of no width: behind it nothing is read as a tag or an entity."""


class _HasTooltip(Protocol):
    def setToolTip(self, text: str, /) -> None: ...


def plain_tip(text: str) -> str:
    """Return what a tooltip shows as this very text; a model hands it to its view."""
    if not Qt.mightBeRichText(text):
        return text
    return f'<p style="white-space:pre-wrap">{escape(text)}</p>'


def set_tooltip(target: _HasTooltip, text: str) -> None:
    """Set the tooltip of a widget, an action or the tray's icon."""
    target.setToolTip(plain_tip(text))


def show_tooltip(place: QPoint, text: str, widget: QWidget) -> None:
    """Show a tooltip now, at a place on the screen; an empty text hides it."""
    QToolTip.showText(place, plain_tip(text), widget)


def plain_title(text: str) -> str:
    """Return a window's title that shows ``[*]``, in which Qt would put its mark of a change."""
    return text.replace("[*]", "[*][*]")


def plain_menu_text(text: str) -> str:
    """Return a menu's text on one line, without a mnemonic, and with no key behind a tab."""
    return " ".join(text.split()).replace("&", "&&")


def read_menu_text(text: str) -> str:
    """Return the words that a menu's text shows, without its key."""
    return text.partition("\t")[0].replace("&&", "&")


def notification_text(text: str) -> str:
    """Return the body of a notification of the system, whose servers may read it as markup."""
    return text.replace("<", f"<{_JOINER}").replace("&", f"&{_JOINER}")
