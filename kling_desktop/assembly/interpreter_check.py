"""Knows which pairs of Python and PySide6 may run together."""

import re
import sys

from kling_desktop.domain.errors import KlingDesktopError, Reaction
from kling_desktop.domain.reasons import Reason

_IMMORTAL_NONE_SINCE = (3, 12)
_PAIR_BREAKS_SINCE = (6, 12)


class UnsupportedPair(KlingDesktopError):
    """This Python and this PySide6 must not run together, or there is no PySide6."""

    code = "unsupported_pair"
    reaction = Reaction.APP_STOPS


def find_pair_problem(
    python_version: tuple[int, int] | None = None, pyside_version: str | None = None
) -> UnsupportedPair | None:
    """Find why this interpreter and this PySide6 must not run together; `None` when they may.

    PySide6 6.12 gives away one reference to `None` with every call that returns nothing. Since
    Python 3.12 `None` cannot be freed and no harm is done; before it the interpreter aborts after
    some thousand calls, which is a minute of work with the window.

    Both versions are looked up where they are not given; PySide6 is not imported for it.
    """
    if python_version is None:
        python_version = (sys.version_info.major, sys.version_info.minor)
    if pyside_version is None:
        pyside_version = _find_installed_version()
    if pyside_version is None:
        return UnsupportedPair(Reason.PYSIDE_MISSING)
    if python_version >= _IMMORTAL_NONE_SINCE or _parse(pyside_version) < _PAIR_BREAKS_SINCE:
        return None
    python = ".".join(str(part) for part in python_version)
    facts = {"pyside": pyside_version, "python": python}
    return UnsupportedPair(Reason.PYSIDE_TOO_NEW, facts=facts)


def _find_installed_version() -> str | None:
    loaded = sys.modules.get("PySide6")
    if loaded is not None:
        return str(loaded.__version__)
    import importlib.metadata  # slow, and not needed where PySide6 is loaded already

    try:
        return importlib.metadata.version("PySide6-Essentials")
    except importlib.metadata.PackageNotFoundError:
        return None


def _parse(version: str) -> tuple[int, int]:
    numbers = [int(number) for number in re.findall(r"\d+", version)[:2]]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else (0, 0)
