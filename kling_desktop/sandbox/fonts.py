"""Finds a font of the system for letters that the app's own font does not have."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont

_LIKELY = (
    "cjk", "sourcehan", "notosanssc", "notosansjp", "notosanskr", "pingfang", "hiragino", "msyh",
    "yugoth", "meiryo", "malgun", "simsun", "msgothic", "applesdgothic", "stheiti", "wqy",
    "droidsansfallback", "arial unicode", "arialuni", "ipa", "takao", "nanum", "uming", "ukai",
    "notosans", "dejavusans", "segoeui", "arial", "unifont",
)  # fmt: skip
"""Parts of file names of fonts with many letters, the most likely first."""
_UNWANTED_STYLES = ("bold", "italic", "oblique", "light", "thin", "black", "condensed", "mono")
_SUFFIXES = frozenset({".ttf", ".ttc", ".otf", ".otc"})
_MOST_FILES = 400
_BOXES_ALONE = "lastresort"
"""A font of macOS that has a box for each letter of the world."""
_UNASSIGNED = "\U0010fffe"
"""No font has a picture for this: what is drawn for it is the box for missing letters."""


class SystemFonts:
    """The font files of this machine; nothing is read before a letter is asked for."""

    def __init__(self, folders: Sequence[Path] | None = None) -> None:
        self._folders = list_font_folders() if folders is None else tuple(folders)
        self._files: list[Path] | None = None

    def find(self, letters: str, size: int) -> Font | None:
        """Return the first font that has the most of these letters; None when none has any."""
        if self._files is None:
            self._files = sorted(_list_files(self._folders), key=_likelihood)[:_MOST_FILES]
        best: Font | None = None
        fewest = len(letters)
        for path in self._files:
            font = open_font(path, size)
            missing = len(find_missing(letters, font))
            if missing < fewest:
                best, fewest = font, missing
            if not fewest:
                break
        return best


def open_font(path: Path, size: int) -> Font | None:
    """Open a font file; None for one that cannot be drawn with at this size."""
    try:
        return ImageFont.truetype(path, size)
    except (OSError, ValueError):
        return None


def find_missing(text: str, font: Font | None) -> str:
    """Return the letters of a text, each once, that a font has no picture for."""
    letters = dict.fromkeys(letter for letter in text if not letter.isspace())
    if font is None:
        return "".join(letters)
    box = _draw(font, _UNASSIGNED)
    return "".join(letter for letter in letters if _draw(font, letter) in (box, None))


def _draw(font: Font, letter: str) -> tuple[tuple[int, int], bytes] | None:
    """Return the size and the pixels of one letter; None when it cannot be drawn."""
    try:
        left, top, right, bottom = (round(edge) for edge in font.getbbox(letter))
        picture = Image.new("L", (max(1, right - left), max(1, bottom - top)))
        ImageDraw.Draw(picture).text((-left, -top), letter, fill=255, font=font)
    except (OSError, ValueError):
        return None
    return picture.size, picture.tobytes()


def list_font_folders() -> tuple[Path, ...]:
    """Return where this system keeps its fonts and the user's own."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home raises where there is none
    if sys.platform == "win32":
        system = Path(os.environ.get("WINDIR", r"C:\Windows"))
        local = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
        return (system / "Fonts", local / "Microsoft" / "Windows" / "Fonts")
    if sys.platform == "darwin":
        return (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library" / "Fonts")
    data = os.environ.get("XDG_DATA_HOME") or home / ".local" / "share"
    return (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path(data) / "fonts",
            home / ".fonts")  # fmt: skip


def _list_files(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        for parent, _, names in os.walk(folder):
            for name in names:
                likely = Path(name).suffix.lower() in _SUFFIXES
                if likely and _BOXES_ALONE not in name.lower():
                    yield Path(parent, name)


def _likelihood(path: Path) -> tuple[int, bool, str]:
    name = path.name.lower()
    rank = next((index for index, part in enumerate(_LIKELY) if part in name), len(_LIKELY))
    return rank, any(style in name for style in _UNWANTED_STYLES), str(path)
