"""How the command line prints: plain lines into a file, live progress on a terminal."""

import json
import os
import re
import shutil
import sys
import time
import unicodedata
from collections.abc import Sequence
from typing import TextIO

from kling_desktop.cli.output import Output

_REDRAW_S = 0.1
_REPLACEMENT = "�"
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_BYTE_ORDER_MARK = "\ufeff"


class Console:
    """Prints results to `out` and everything else to `err`; owned by one command.

    On a terminal the running jobs are a block of lines at the bottom that is drawn anew; else each
    change is one line, so that a log file reads as a story.
    """

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._out = Output(out or sys.stdout)
        self._err = Output(err or sys.stderr)
        self._block = 0
        self._drawn_at = 0.0
        self.is_live = self._err.is_terminal and _moves_cursor()

    @property
    def output_problem(self) -> OSError | None:
        """Why a result could not be printed; None when all were, or when nobody reads them."""
        return self._out.problem

    def print_result(self, text: str) -> None:
        """Print a result: it goes to standard output, and nothing else does."""
        self.clear()
        self._out.write(f"{text}\n")

    def print_json(self, value: object) -> None:
        """Print a value as JSON; bytes of odd file names are escaped, so that it stays valid."""
        text = json.dumps(value, ensure_ascii=False, indent=2)
        self.print_result(_HALF_CHARACTER.sub(lambda half: f"\\u{ord(half[0]):04x}", text))

    def open_csv(self) -> Output:
        """Return standard output for CSV: it has its own line ends and begins with a mark.

        Without the mark, spreadsheets take UTF-8 for an old code page.
        """
        self.clear()
        self._out.use_exact_line_ends()
        self._out.write(_BYTE_ORDER_MARK)
        return self._out

    def print_note(self, text: str) -> None:
        """Print something worth knowing on the way; it goes to standard error."""
        self.clear()
        self._err.write("\n".join(map(plain, text.split("\n"))) + "\n")

    def draw(self, lines: Sequence[str], *, force: bool = False) -> None:
        """Show live lines below everything printed so far; does nothing without a terminal."""
        now = time.monotonic()
        if not self.is_live or (not force and now - self._drawn_at < _REDRAW_S):
            return
        self._drawn_at = now
        size = self._err.find_size() or shutil.get_terminal_size()
        if not size.columns or not size.lines:
            size = os.terminal_size((80, 24))
        # A block higher than the screen could not be removed again.
        shown = [cut(plain(line), size.columns - 1) for line in lines[: max(1, size.lines - 1)]]
        self.clear()
        self._err.write("".join(f"{line}\n" for line in shown))
        self._block = len(shown)

    def clear(self) -> None:
        """Remove the live lines."""
        if self._block:
            self._err.write(f"\x1b[{self._block}A\x1b[J")
            self._block = 0


def plain(text: str) -> str:
    """Replace what would move a terminal's cursor or change its colours.

    Prompts come from files of other people; an escape sequence in one stays a harmless mark.
    """
    if text.isprintable():
        return text
    return "".join(
        letter if unicodedata.category(letter) not in ("Cc", "Cs", "Zl", "Zp") else _REPLACEMENT
        for letter in text
    )


def cut(text: str, columns: int) -> str:
    """Cut a line to a number of terminal columns; East Asian letters and emoji take two."""
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
