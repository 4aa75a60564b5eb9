"""Knows which pairs of Python and PySide6 may run together."""

import re
import sys

_IMMORTAL_NONE_SINCE = (3, 12)
_PAIR_BREAKS_SINCE = (6, 12)


def find_pair_problem(
    python_version: tuple[int, int] | None = None, pyside_version: str | None = None
) -> str | None:
    """Say why this interpreter and this PySide6 must not run together, or return `None`.

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
        return "PySide6 is not installed. Install Kling Desktop with its requirements."
    if python_version >= _IMMORTAL_NONE_SINCE or _parse(pyside_version) < _PAIR_BREAKS_SINCE:
        return None
    python = ".".join(str(part) for part in python_version)
    return (
        f"PySide6 {pyside_version} stops without warning on Python {python}. "
        "Use Python 3.12 or later, or install PySide6 6.11.3."
    )


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
