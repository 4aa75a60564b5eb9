"""Starts the window: shows it at once, builds what fills it, runs the loop, leaves in order."""

import asyncio
import gc
import logging
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QSettings, QStandardPaths
from PySide6.QtWidgets import QApplication

from kling_desktop import __version__
from kling_desktop.app.display_check import (
    EXIT_NEEDS_USER,
    explain_missing_display,
    find_hidden_platform,
    print_note,
)
from kling_desktop.app.event_loop import Loop
from kling_desktop.app.first_paint import FirstPaint
from kling_desktop.app.single_instance import AlreadyRunning, SingleInstance, show_running
from kling_desktop.assembly.interpreter_check import find_pair_problem
from kling_desktop.ui.shell.main_window import MainWindow
from kling_desktop.wording.reasons import describe_error

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from kling_desktop.app.core_startup import Report
    from kling_desktop.app.main_controller import MainController

    OpenMain = Callable[
        [QApplication, MainWindow, asyncio.Event, Report], Awaitable[MainController | None]
    ]

logger = logging.getLogger(__name__)

_QUIET = "qt.multimedia.*=false;qt.text.font.db=false"
_WORKERS = 4


def main() -> int:
    """Run the window until it is left; return the process's exit code."""
    problem = find_pair_problem()
    if problem is not None:
        print_note(describe_error(problem))
        return EXIT_NEEDS_USER
    os.environ.setdefault("QT_LOGGING_RULES", _QUIET)
    if hidden := find_hidden_platform(os.environ):
        print_note(hidden)
    with explain_missing_display():
        app = QApplication(sys.argv[:1])
    app.setApplicationName("kling-desktop")
    app.setApplicationDisplayName("Kling Desktop")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("io.github.kling_desktop.KlingDesktop")
    app.setQuitOnLastWindowClosed(False)  # leaving is decided by `Program`
    program = Program(app)
    loop = Loop(app)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(program.run())


class Program:
    """Runs the window's program, from first paint to shutdown; owned by `main`."""

    def __init__(self, app: QApplication) -> None:
        self._app = app
        self.window = MainWindow(QSettings("kling-desktop", "kling-desktop"))
        self._quit = asyncio.Event()
        self.main: MainController | None = None

    async def run(self) -> int:
        """Show, build, wait, leave."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):
                loop.add_signal_handler(number, self._quit.set)
        loop.set_exception_handler(self._on_loop_exception)
        # Before anything runs in it: an executor that is replaced in use takes the process down.
        loop.set_default_executor(ThreadPoolExecutor(_WORKERS, thread_name_prefix="worker"))
        sys.excepthook = self._on_exception
        self.window.quit_requested.connect(self._on_quit_requested)
        # The user logs out: no question may hold that up, and every row says where to go on.
        self._app.commitDataRequest.connect(lambda _manager: self.quit())
        # Before the window: a second start must not flash an empty one.
        if await show_running(guess_data()):
            return 0
        await self._show()
        # What is heavy is imported in a worker, while the window already answers.
        await asyncio.to_thread(_start_language, QLocale.system().name())
        data = await asyncio.to_thread(_find_data)
        open_main = await asyncio.to_thread(_import_main_controller)
        try:
            self.main = await open_main(self._app, self.window, self._quit, self._report)
        except AlreadyRunning:
            return 0
        if self.main is None:
            return EXIT_NEEDS_USER
        starts = SingleInstance(data, self.window)
        starts.show_wanted.connect(self.window.come_to_front)
        starts.start()
        try:
            await asyncio.to_thread(_load_rest)
            # What is here now stays.  To look through all of it for garbage takes 50 ms, at any
            # moment of the day, in which nothing moves.
            gc.freeze()
            await self._quit.wait()
        finally:
            starts.stop()
            self.window.hide()
            await self.main.close()
        return 0

    def quit(self) -> None:
        """Leave without a question; every job's row says where to go on at the next start."""
        self._quit.set()

    async def _show(self) -> None:
        painted = asyncio.get_running_loop().create_future()
        # Children cover the window whole, so that only they are painted.
        first = FirstPaint(self.window.stack)
        first.painted.connect(lambda: painted.done() or painted.set_result(None))
        self.window.show()
        await painted

    def _on_quit_requested(self) -> None:
        if self.main is None:
            self._quit.set()
        else:
            self.main.want_quit()

    def _report(self, error: BaseException) -> None:
        """Say once, quietly, that something went wrong that nobody foresaw."""
        if self.main is not None:
            self.main.report_bug(error)

    def _on_exception(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._quit.set()
            return
        logger.error("a bug in a slot", exc_info=(kind, error, trace))
        if self.main is None:  # there is no window yet that could say it
            sys.__excepthook__(kind, error, trace)
        self._report(error)

    def _on_loop_exception(
        self, loop: asyncio.AbstractEventLoop, context: dict[str, object]
    ) -> None:
        error = context.get("exception")
        logger.error("a bug in a callback: %s", context.get("message"), exc_info=error)  # pyright: ignore[reportArgumentType]
        if isinstance(error, BaseException):
            self._report(error)


def _load_rest() -> None:
    from kling_desktop.assembly.preloading import preload

    preload()


def guess_data() -> Path:
    """Where the data folder is, as Qt knows it: `find_folders` costs an import before the window.

    Were the two of another mind, a second start would show its own window for a moment.
    """
    from kling_desktop.assembly.folders import APP_NAME, DATA_VARIABLE

    if wanted := os.environ.get(DATA_VARIABLE, ""):
        return Path(wanted).expanduser().absolute()
    places = QStandardPaths.StandardLocation
    return Path(QStandardPaths.writableLocation(places.GenericDataLocation)) / APP_NAME


def _start_language(system_locale: str) -> None:
    from kling_desktop.wording.formatting import load_locale_data
    from kling_desktop.wording.language import start_language

    start_language(os.environ, system_locale)
    load_locale_data()


def _find_data() -> Path:
    from kling_desktop.assembly.folders import find_folders

    return find_folders(os.environ).data


def _import_main_controller() -> "OpenMain":
    from kling_desktop.app.main_controller import open_main

    return open_main
