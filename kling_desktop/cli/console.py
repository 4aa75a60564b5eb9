"""How the command line speaks: plain lines into a file, live progress on a terminal."""

import json
import shutil
import sys
import time
from collections.abc import Sequence
from typing import TextIO

_REDRAW_S = 0.1


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
        self.is_live = self._err.isatty()

    def tell(self, text: str) -> None:
        """A result: goes to standard output, and nothing else does."""
        self._clear_block()
        print(text, file=self._out, flush=True)

    def tell_json(self, value: object) -> None:
        self.tell(json.dumps(value, ensure_ascii=False, indent=2))

    def remark(self, text: str) -> None:
        """Something worth knowing on the way; goes to standard error."""
        self._clear_block()
        print(text, file=self._err, flush=True)

    def draw(self, lines: Sequence[str], *, force: bool = False) -> None:
        """Show live lines below everything said so far; does nothing where there is no terminal."""
        now = time.monotonic()
        if not self.is_live or (not force and now - self._drawn_at < _REDRAW_S):
            return
        self._drawn_at = now
        width = shutil.get_terminal_size().columns
        self._clear_block()
        for line in lines:
            print(line[: width - 1], file=self._err)
        self._block = len(lines)
        self._err.flush()

    def _clear_block(self) -> None:
        if self._block:
            self._err.write(f"\x1b[{self._block}A\x1b[J")
            self._block = 0


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
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
