"""Chooses the language of the sentences and the locale of the figures, once at the start."""

import locale
from collections.abc import Mapping

from kling_desktop.wording.formatting import set_locale
from kling_desktop.wording.translation import set_language

LANGUAGE_VARIABLE = "KLING_DESKTOP_LANGUAGE"
"""A language code or ``pseudo``; without it the system's language is used."""

_NO_LOCALES = ("C", "POSIX")


def start_language(environment: Mapping[str, str], fallback: str = "") -> None:
    """Use the language and the locale of the user's system.

    Args:
        environment: `LANGUAGE_VARIABLE` and the POSIX locale variables.
        fallback: The system's locale where the environment has none, as on Windows.
    """
    system = fallback or locale.getlocale()[0] or ""
    system = "" if system in _NO_LOCALES else system
    figures = _find_locale(environment, "LC_NUMERIC") or system
    times = _find_locale(environment, "LC_TIME") or system
    messages = _find_locale(environment, "LC_MESSAGES") or system
    set_language(environment.get(LANGUAGE_VARIABLE, "") or messages)
    set_locale(figures, times=times)


def _find_locale(environment: Mapping[str, str], category: str) -> str:
    """Return the locale of a category, as POSIX finds it, without its encoding; empty for C."""
    names = ("LC_ALL", category, "LANG")
    found = next((environment[name] for name in names if environment.get(name)), "")
    code = found.partition(".")[0].partition("@")[0]
    return "" if code in _NO_LOCALES else code
