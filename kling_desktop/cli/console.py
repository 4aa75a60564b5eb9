"""How the command line speaks: plain lines into a file, live progress on a terminal."""

import io
import json
import os
import shutil
import sys
import time
import unicodedata
from collections.abc import Sequence
from typing import TextIO

_REDRAW_S = 0.1
_REPLACEMENT = "�"


class Console:
    """Prints results to `out` and everything else to `err`; owned by one command.

    On a terminal the running jobs are a block of lines at the bottom that is drawn anew; else each
    change is one line, so that a log file reads as a story.
    """

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        self._block = 0
        self._drawn_at = 0.0
        self.is_live = self._err.isatty() and _moves_cursor()

    def print_result(self, text: str) -> None:
        """A result: goes to standard output, and nothing else does."""
        self.clear()
        print(text, file=self._out, flush=True)

    def tell_json(self, value: object) -> None:
        self.print_result(json.dumps(value, ensure_ascii=False, indent=2))

    def open_exact(self) -> TextIO:
        """Return standard output for text that brings its own ends of lines."""
        self.clear()
        if isinstance(self._out, io.TextIOWrapper):
            self._out.reconfigure(newline="")
        return self._out

    def print_note(self, text: str) -> None:
        """Something worth knowing on the way; goes to standard error."""
        self.clear()
        print("\n".join(map(plain, text.split("\n"))), file=self._err, flush=True)

    def draw(self, lines: Sequence[str], *, force: bool = False) -> None:
        """Show live lines below everything said so far; does nothing where there is no terminal."""
        now = time.monotonic()
        if not self.is_live or (not force and now - self._drawn_at < _REDRAW_S):
            return
        self._drawn_at = now
        size = self._find_size()
        # A block higher than the screen could not be taken back.
        shown = [cut(plain(line), size.columns - 1) for line in lines[: max(1, size.lines - 1)]]
        self.clear()
        self._err.write("".join(f"{line}\n" for line in shown))
        self._block = len(shown)
        self._err.flush()

    def clear(self) -> None:
        """Take the live lines away."""
        if self._block:
            self._err.write(f"\x1b[{self._block}A\x1b[J")
            self._err.flush()
            self._block = 0

    def _find_size(self) -> os.terminal_size:
        try:
            size = os.get_terminal_size(self._err.fileno())
        except (OSError, ValueError):
            return shutil.get_terminal_size()
        return size if size.columns and size.lines else os.terminal_size((80, 24))


def plain(text: str) -> str:
    """Take from a line what would move a terminal's cursor or change its colours.

    Prompts come from files of other people; an escape sequence in one stays a harmless mark.
    """
    if text.isprintable():
        return text
    return "".join(
        letter if unicodedata.category(letter) not in ("Cc", "Cs", "Zl", "Zp") else _REPLACEMENT
        for letter in text
    )


def cut(text: str, columns: int) -> str:
    """Cut a line to so many columns of a terminal; East Asian letters and emoji take two."""
    room = columns
    for index, letter in enumerate(text):
        room -= 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if room < 0:
            return text[:index]
    return text


def bar(fraction: float | None, width: int = 20) -> str:
    """A progress bar of plain characters; an unknown share is a dotted line."""
    if fraction is None:
        return "·" * width
    filled = round(min(1.0, max(0.0, fraction)) * width)
    return "█" * filled + "░" * (width - filled)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as aligned columns, two blanks between them."""
    if not rows:
        return ""
    cells = [[plain(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def _moves_cursor() -> bool:
    """Whether the terminal understands the two sequences that the live lines need."""
    if sys.platform == "win32":
        return "WT_SESSION" in os.environ or "TERM" in os.environ
    return os.environ.get("TERM", "dumb") != "dumb"
