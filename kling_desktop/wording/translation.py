"""Translation of every sentence that a user reads, by gettext.

Call `_` and `ngettext` when the sentence is needed, never at import: the language can change while
the app runs.  A table of words at module level marks its entries with `N_` and translates them
with `_` where it is read.  The pseudo-locale shows each translated sentence in brackets, with
accents and 40 % longer, so that what was not marked and what does not fit can be seen.
"""

import gettext as _gettext
import re
from pathlib import Path

from kling_desktop.domain.resources import find_resource

DOMAIN = "kling-desktop"
PSEUDO = "pseudo"
"""The name of the pseudo-locale, in place of a language code."""

_PLACEHOLDER = re.compile(r"(\{[^{}]*\}|%(?:\([a-z_]+\))?[sdr]|&\w|<[^<>]*>)")
_ACCENTS = str.maketrans(
    "ACDEGHIJKLNORSTUWYZacdeghijklnorstuwyz", "ÅÇÐÉĜĤÎĴĶĻÑÖŔŠŢÛŴÝŽåçðéĝĥîĵķļñöŕšţûŵýž"
)
_LONGER_BY = 0.4

_active: _gettext.NullTranslations = _gettext.NullTranslations()
_language = "en"


class _PseudoTranslations(_gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return pseudo(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return pseudo(message)


def set_language(code: str) -> None:
    """Translate into a language from now on.

    Args:
        code: ``de``, ``zh_CN``, `PSEUDO`; empty, ``en`` or a language without a catalogue is
            English, the language of the sources.
    """
    global _active, _language
    if code == PSEUDO:
        _active, _language = _PseudoTranslations(), PSEUDO
        return
    folder: Path = find_resource("locale")
    languages = [code] if code else []
    _active = _gettext.translation(DOMAIN, str(folder), languages=languages, fallback=True)
    _language = code if isinstance(_active, _gettext.GNUTranslations) else "en"


def get_language() -> str:
    """Return the code of the language in use: ``en``, ``de``, `PSEUDO`."""
    return _language


def mark_figure(text: str) -> str:
    """Bracket a date or a size in the pseudo-locale: its words come from the locale's data."""
    return f"⟦{text}⟧" if _language == PSEUDO else text


def _(message: str) -> str:
    """Translate a sentence."""
    return _active.gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """Translate a sentence in the form that fits a number; the caller fills in the number."""
    return _active.ngettext(singular, plural, number)


def pgettext(context: str, message: str) -> str:
    """Translate a word that means several things; `context` says which one is meant."""
    return _active.pgettext(context, message)


def N_(message: str) -> str:  # noqa: N802
    """Mark a sentence of a table for extraction; the reader of the table translates it with `_`."""
    return message


class Phrase:
    """A sentence of a table: call it for its words in the user's language, with its facts in them.

    ``MOVED = Phrase(N_("Moved to {folder}."))``, then ``MOVED(folder=name)``.
    """

    __slots__ = ("_message",)

    def __init__(self, message: str) -> None:
        self._message = message

    def __call__(self, **facts: object) -> str:
        text = _(self._message)
        return text.format(**facts) if facts else text


def pseudo(message: str) -> str:
    """Accent a sentence, lengthen it by 40 % and bracket it; placeholders stay as they are."""
    if not message:
        return ""
    parts = _PLACEHOLDER.split(message)
    accented = [part if n % 2 else part.translate(_ACCENTS) for n, part in enumerate(parts)]
    letters = sum(len(part) for n, part in enumerate(parts) if not n % 2)
    return f"⟦{''.join(accented)}{'~' * round(letters * _LONGER_BY)}⟧"
