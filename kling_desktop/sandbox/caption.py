"""Writes a prompt at the foot of a practice clip, in fonts that have all of its letters."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from kling_desktop.domain.resources import find_resource
from kling_desktop.sandbox.fonts import Font, SystemFonts, find_missing, open_font

_MOST_CHARS = 400
_MOST_LINES = 3
_SHADE = [round(value * 0.62) for value in range(256)]
_INVISIBLE = frozenset({"Cf", "Cn", "Co", "Cs"})
_BROKEN_ANYWHERE = frozenset("WF")
"""The widths of East Asian letters: text of these has no blanks and breaks after any letter."""


@dataclass(frozen=True, slots=True)
class _Word:
    """A piece of text that is not broken and whose letters are all in one font."""

    text: str
    font: Font
    after_blank: bool

    @property
    def full_text(self) -> str:
        return f" {self.text}" if self.after_blank else self.text


def paint_caption(
    prompt: str, width: int, height: int, *, system_fonts: SystemFonts | None = None
) -> tuple[Image.Image, Image.Image]:
    """Return two masks as wide as the clip: a soft shade for its foot, and the letters on it.

    A word that no font of the app or of the system can draw is left out: a row of boxes would
    look like a fault of the clip.
    """
    size = max(8, round(min(width, height) * 0.04))
    margin = round(min(width, height) * 0.06)
    visible = "".join(letter for letter in prompt if unicodedata.category(letter) not in _INVISIBLE)
    text = " ".join(visible.split())[:_MOST_CHARS]
    fonts = _choose_fonts(text, size, system_fonts or SystemFonts())
    lines = _wrap(_split(text, fonts), width - 2 * margin)
    step = round(size * 1.4)
    high = max(2, round(min(height, margin * 3 + step * len(lines)) / 2) * 2)
    shade = Image.linear_gradient("L").point(_SHADE).resize((width, high))
    letters = Image.new("L", (width, high), 0)
    pen = ImageDraw.Draw(letters)
    for number, line in enumerate(reversed(lines)):
        left: float = margin
        for run, font in _join(line):
            # A blank in front of right-to-left letters would be drawn behind them.
            left += font.getlength(" ") * run.startswith(" ")
            at = (left, high - margin - step * number)
            pen.text(at, run.lstrip(), fill=245, font=font, anchor="ls")
            left += font.getlength(run.lstrip())
    return shade, letters


def _choose_fonts(text: str, size: int, system_fonts: SystemFonts) -> list[Font]:
    own = open_font(find_resource("fonts/Inter-Medium.ttf"), size)
    fonts = [] if own is None else [own]
    missing = find_missing(text, own)
    while missing:
        font = system_fonts.find(missing, size)
        if font is None:
            break
        fonts.append(font)
        missing = find_missing(missing, font)
    return fonts


def _split(text: str, fonts: list[Font]) -> Iterator[_Word]:
    """Split a text into words of one font each; what no font has is left out."""
    for blank_separated in text.split(" "):
        after_blank = True
        for piece in _break_up(blank_separated):
            font = next((font for font in fonts if not find_missing(piece, font)), None)
            if font is not None:
                yield _Word(piece, font, after_blank)
                after_blank = False


def _break_up(word: str) -> Iterator[str]:
    """Break a word where its script may be broken: after each East Asian letter."""
    piece = ""
    for letter in word:
        if unicodedata.east_asian_width(letter) in _BROKEN_ANYWHERE:
            if piece:
                yield piece
            piece = ""
            yield letter
        else:
            piece += letter
    if piece:
        yield piece


def _wrap(words: Iterator[_Word], room: float) -> list[list[_Word]]:
    lines: list[list[_Word]] = []
    used = 0.0
    for word in words:
        length = word.font.getlength(word.full_text)
        if lines and used + length <= room:
            lines[-1].append(word)
            used += length
        elif len(lines) < _MOST_LINES:
            lines.append([_Word(word.text, word.font, after_blank=False)])
            used = word.font.getlength(word.text)
        else:
            last = lines[-1][-1]
            if not find_missing("…", last.font):
                lines[-1][-1] = _Word(f"{last.text}…", last.font, last.after_blank)
            break
    return lines


def _join(line: Sequence[_Word]) -> Iterator[tuple[str, Font]]:
    """Join neighbours in the same font, so that letters which belong together are shaped so."""
    run, font = "", line[0].font
    for word in line:
        if word.font is not font:
            yield run, font
            run, font = "", word.font
        run += word.full_text
    yield run, font
