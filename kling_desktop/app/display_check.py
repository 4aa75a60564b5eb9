"""Says in one sentence why there is no display for the window, before Qt ends the process."""

import ctypes.util
import os
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from kling_desktop.wording.display import (
    describe_bad_display,
    describe_bad_platform,
    describe_hidden_platform,
    missing_cursor_library,
    no_display,
)
from kling_desktop.wording.language import start_language

EXIT_NEEDS_USER = 3
_PLATFORM = "QT_QPA_PLATFORM"
_SHOWS_NOTHING = ("offscreen", "minimal", "minimalegl", "vnc")


@contextmanager
def explain_missing_display() -> Generator[None, None, None]:
    """While the application is made: print a sentence and exit instead of Qt's abort.

    Qt raises no error when no platform plugin can be used; it reports a fatal message and aborts.
    Its lines before that speak of plugins and tell a user to reinstall.
    """
    heard: list[tuple[QtMsgType, str]] = []

    def on_message(kind: QtMsgType, _context: QMessageLogContext, words: str) -> None:
        heard.append((kind, words))
        if kind is QtMsgType.QtFatalMsg:
            start_language(os.environ)
            print_note(describe_failure(os.environ))
            os._exit(EXIT_NEEDS_USER)

    qInstallMessageHandler(on_message)
    try:
        yield
    finally:
        qInstallMessageHandler(None)
        for _kind, words in heard:  # nothing fatal: as if nobody had listened
            print_note(words)


def describe_failure(environment: Mapping[str, str]) -> str:
    """Say why no window can be shown, and what helps."""
    display = environment.get("WAYLAND_DISPLAY") or environment.get("DISPLAY") or ""
    if platform := environment.get(_PLATFORM, ""):
        return describe_bad_platform(platform)
    if not display:
        return no_display()
    sentence = describe_bad_display(display)
    if sys.platform == "linux" and ctypes.util.find_library("xcb-cursor") is None:
        sentence = f"{sentence} {missing_cursor_library()}"
    return sentence


def find_hidden_platform(environment: Mapping[str, str]) -> str:
    """Return a sentence where Qt will draw the window but show it nowhere; else an empty one."""
    platform = environment.get(_PLATFORM, "").partition(":")[0]
    return describe_hidden_platform(platform) if platform in _SHOWS_NOTHING else ""


def print_note(words: str) -> None:
    """Print on standard error, which may be closed, full or missing."""
    with suppress(OSError, ValueError):
        if sys.stderr is not None:
            sys.stderr.write(f"{words}\n")
            sys.stderr.flush()
