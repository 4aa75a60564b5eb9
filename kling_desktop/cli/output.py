"""The standard streams of a command: UTF-8 through a pipe, and a loss of one is no crash."""

import codecs
import errno
import io
import os
import sys
from contextlib import suppress
from typing import TextIO

_ERRORS = "kling_desktop_output"
_BYTES_OF_NAMES = range(0xDC80, 0xDD00)
"""How Python keeps the bytes of a file name that are no UTF-8."""


def prepare_streams() -> None:
    """Set the encoding of both standard streams; call it once, before anything is printed.

    A file or pipe gets UTF-8 whatever the system's old code page: JSON is UTF-8 by definition, and
    a printed path must name its file again.  A terminal keeps its own encoding.
    """
    codecs.register_error(_ERRORS, _encode_odd)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors=_ERRORS)


class Output:
    """One stream to print on, which may be missing, full, or closed by its reader.

    Args:
        stream: None where the process was started without it, as under ``pythonw``.

    Attributes:
        problem: What kept something from being written; None while all is well.  A reader that
            has left, as ``head`` does, is no problem: nobody misses the rest.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.problem: OSError | None = None

    @property
    def is_terminal(self) -> bool:
        with suppress(ValueError, OSError):
            return self._stream is not None and self._stream.isatty()
        return False

    @property
    def stream(self) -> TextIO | None:
        return self._stream

    def find_size(self) -> os.terminal_size | None:
        """Return the size of the terminal behind the stream."""
        try:
            return None if self._stream is None else os.get_terminal_size(self._stream.fileno())
        except (OSError, ValueError):
            return None

    def write(self, text: str) -> None:
        """Write and flush; what cannot be written is dropped, and so is all that follows."""
        if self._stream is None:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except ValueError:  # closed in this process
            self._stream = None
        except OSError as error:
            if error.errno not in (errno.EPIPE, errno.EINVAL):  # EINVAL: a broken pipe on Windows
                self.problem = error
            self._give_up(self._stream)

    def use_exact_line_ends(self) -> None:
        """Write line ends as they come from now on: CSV brings its own."""
        if isinstance(self._stream, io.TextIOWrapper):
            self._stream.reconfigure(newline="")

    def _give_up(self, stream: TextIO) -> None:
        """Point the stream at nothing, so that its rest cannot fail once more at the exit."""
        self._stream = None
        with suppress(OSError, ValueError):
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, stream.fileno())
            os.close(nothing)


def _encode_odd(error: UnicodeError) -> tuple[str | bytes, int]:
    """Give the bytes of file names back as they were, and escape what an encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    odd = error.object[error.start : error.end]
    if all(ord(letter) in _BYTES_OF_NAMES for letter in odd):
        return bytes(ord(letter) - 0xDC00 for letter in odd), error.end
    first = error.object[error.start]
    if ord(first) in _BYTES_OF_NAMES:
        return bytes([ord(first) - 0xDC00]), error.start + 1
    return first.encode("ascii", "backslashreplace").decode("ascii"), error.start + 1
