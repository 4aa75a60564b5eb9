"""Where the files that ship with the app lie, in a checkout and in an installed package."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def find_resource(relative: str) -> Path:
    """Return the path of a bundled file such as ``"icons/heart.svg"``.

    An installed package carries the resources inside itself; a checkout has them beside it.
    The file is not opened and need not exist.
    """
    inside = _PACKAGE / "resources"
    root = inside if inside.is_dir() else _PACKAGE.parent / "resources"
    return root / relative
