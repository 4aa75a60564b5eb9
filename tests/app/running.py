"""The whole app as a test wants it: the real program on the real loop, over a folder of its own."""

import asyncio
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QMenu, QWidget

from kling_desktop.api.client import ApiClient
from kling_desktop.app import core_startup as opening
from kling_desktop.app.program import Program
from kling_desktop.assembly.core import Core
from kling_desktop.domain.job import Job, JobState
from kling_desktop.domain.secret import ApiKey
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.engine.timing.pacing import Clock, SystemClock
from kling_desktop.ui.commands.commands import CommandSet
from kling_desktop.ui.create.create_page import CreatePage
from kling_desktop.ui.library.library_page import LibraryPage
from kling_desktop.ui.overlays.notices import Notice
from kling_desktop.ui.queue.queue_page import QueuePage
from kling_desktop.ui.shell.main_window import MainWindow
from kling_desktop.ui.viewer.viewer_page import ViewerPage
from tests.conftest import make_app
from tests.fakes.service import FakeService
from tests.ui.create_stage import Drag, files_mime

QUICK_SANDBOX = "--videos plain --render-seconds 0 --queue-seconds 0 --speed 50"
_PATIENCE_S = 20
_HASTE = 20

_Page = TypeVar("_Page", bound=QWidget)


class HastyClock(SystemClock):
    """Time in which seconds pass twenty times as fast; what day it is stays true."""

    def monotonic(self) -> float:
        return super().monotonic() * _HASTE

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / _HASTE)


class Heartbeat:
    """Measures for how long the window's thread ever worked without looking at its events.

    Its own work, not the time that passed: on a busy machine others have the processor in between.
    """

    def __init__(self) -> None:
        self.longest_work_s = 0.0
        self._at = time.thread_time()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._beat)

    def __enter__(self) -> "Heartbeat":
        self._at = time.thread_time()
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.stop()

    def _beat(self) -> None:
        now = time.thread_time()
        self.longest_work_s = max(self.longest_work_s, now - self._at)
        self._at = now


class RunningApp:
    """One run of the program; from the first paint until `leave`."""

    def __init__(self, program: Program, data: Path, library: Path) -> None:
        self.program, self.data, self.library_dir = program, data, library
        self.ended: asyncio.Future[int] | None = None

    # What is there.

    @property
    def window(self) -> MainWindow:
        return self.program.window

    @property
    def main(self):
        assert self.program.main is not None
        return self.program.main

    @property
    def core(self) -> Core:
        return self.main.core

    @property
    def create(self) -> CreatePage:
        return self.find(CreatePage)

    @property
    def library(self) -> LibraryPage:
        return self.find(LibraryPage)

    @property
    def viewer(self) -> ViewerPage:
        return self.find(ViewerPage)

    @property
    def queue(self) -> QueuePage:
        return self.find(QueuePage)

    def find_commands(self) -> CommandSet:
        return self.window.findChildren(CommandSet)[0]

    def find(self, kind: type[_Page]) -> _Page:
        return self.window.findChildren(kind)[0]

    def jobs(self) -> tuple[Job, ...]:
        """Every job there ever was, in the order in which they were queued."""
        store = self.core.stores.jobs
        every = (*store.list_active(), *store.list_history(1000, include_hidden=True))
        return tuple(sorted(every, key=lambda job: job.id))

    def states(self) -> list[JobState]:
        return [job.state for job in self.jobs()]

    def notices(self) -> list[Notice]:
        return list(self.main.notices.list_shown())

    def told(self) -> list[str]:
        """What the notices and the banner say now."""
        told = [f"{notice.title} {notice.text}" for notice in self.notices()]
        return [*told, self.banner()] if self.banner() else told

    def says(self, words: str) -> bool:
        return any(words in each for each in self.told())

    def banner(self) -> str:
        """The words in the banner; empty while there is none."""
        return read_words(self.window.banner) if self.window.banner.isVisible() else ""

    def log(self) -> str:
        return (self.data / "logs" / "kling-desktop.log").read_text("utf-8")

    # What a user does.

    async def until(self, is_so: Callable[[], object], what: str = "") -> None:
        """Wait for something; the test fails when it does not come."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while not is_so():
                    if self.ended is not None and self.ended.done():
                        self.ended.result()  # what went wrong is the better message
                        pytest.fail(f"the program ended before: {what}")
                    await asyncio.sleep(0.01)
        except TimeoutError:
            pytest.fail(f"never came: {what}; {self._describe()}")

    def _describe(self) -> str:
        if self.program.main is None:
            return "the window is still empty"
        return f"jobs {self.states()}, banner {self.banner()!r}, notices {self.notices()}"

    async def drop(self, *paths: Path) -> None:
        """Drag files over the window and drop them on the first frame, as Qt's windows do."""
        page, drag = self.create, Drag(files_mime(*paths))
        place = QPoint(page.width() // 2, 140)
        entered = drag.enter(page, place)
        target: QWidget = page
        if entered.isAccepted():
            moved_over = page.childAt(place)
            veil = page.drops.veil
            if moved_over is not None and (moved_over is veil or veil.isAncestorOf(moved_over)):
                target = veil
            drag.move(target, target.mapFrom(page, place) if target is not page else place)
            drag.drop(target, target.mapFrom(page, place) if target is not page else place)
        else:
            drag.leave(page)
        await self.settle()

    async def settle(self) -> None:
        """Wait until no picture is being looked at."""
        await asyncio.sleep(0.02)
        await self.until(lambda: not self.create.pictures.is_busy, "the picture is looked at")

    def type(self, words: str) -> None:
        self.create.focus_prompt()
        QTest.keyClicks(self.create.prompt.edit, words)

    def press(self, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
        """Press a key where the focus is."""
        combined = Qt.KeyboardModifier.NoModifier
        for modifier in modifiers:
            combined |= modifier
        target = QApplication.focusWidget() or self.window
        QTest.keyClick(target, key, combined)

    def generate(self) -> None:
        self.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    async def answer(self, text: str) -> None:
        """Click a button of whatever stands over the window."""

        def find() -> QAbstractButton | None:
            banner = [self.window.banner] if self.program.main is not None else []
            for over in (*QApplication.topLevelWidgets(), *banner):
                if over.isVisible() and over is not self.window:
                    for button in over.findChildren(QAbstractButton):
                        if button.isVisible() and text in (button.text(), button.accessibleName()):
                            return button
            return None

        await self.until(find, f"a button {text!r}")
        button = find()
        assert button is not None
        click(button)

    async def leave(self, answer: str = "") -> int:
        """Close the window and wait for the program's end; return its exit code."""
        assert self.ended is not None
        self.window.close()
        if answer:
            await self.answer(answer)
        async with asyncio.timeout(_PATIENCE_S):
            return await self.ended


def click(button: QWidget) -> None:
    """Click from an event of its own: what the slot opens must not nest in a task."""
    QTimer.singleShot(0, button, lambda: QTest.mouseClick(button, Qt.MouseButton.LeftButton))


def read_words(widget: QWidget) -> str:
    """All words that stand in the visible labels below a widget."""
    from PySide6.QtWidgets import QLabel

    return " ".join(
        label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)
    )


def close_windows(app: RunningApp) -> None:
    for window in (*app.window.findChildren(QDialog), *app.window.findChildren(QMenu)):
        window.close()


@asynccontextmanager
async def open_dialog(app: RunningApp, command: str) -> AsyncIterator[QDialog]:
    """Open a sheet by its command, and close it again."""
    app.find_commands().action(command).trigger()

    def find() -> QDialog | None:
        return next((d for d in app.window.findChildren(QDialog) if d.isVisible()), None)

    await app.until(find, f"the sheet of {command}")
    shown = find()
    assert shown is not None
    yield shown
    close_windows(app)
    await app.until(lambda: find() is None, "the sheet is closed")


class Places:
    """The folders and the environment of one user; several runs of the app may follow there."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._monkeypatch = monkeypatch
        self._running = 0
        self.data, self.library = folder / "data", folder / "Videos" / "Kling Desktop"
        self.set(
            KLING_DESKTOP_DATA_DIR=str(self.data),
            KLING_DESKTOP_LIBRARY_DIR=str(self.library),
            KLING_DESKTOP_SANDBOX_OPTIONS=QUICK_SANDBOX,
        )
        for name in ("RUNWARE_API_KEY", "KLING_DESKTOP_BASE_URL"):
            monkeypatch.delenv(name, raising=False)
        QSettings.setPath(
            QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(folder / "config")
        )

    def set(self, **variables: str) -> None:
        for name, value in variables.items():
            self._monkeypatch.setenv(name, value)

    def settle_on(self, service: str, **settings: object) -> None:
        """Choose as if the welcome had been answered before."""
        import json

        self.data.mkdir(parents=True, exist_ok=True)
        chosen = {"service": service, **settings}
        (self.data / "settings.json").write_text(json.dumps(chosen), "utf-8")

    def use_fake(self, service: FakeService, *, clock: Clock | None = None) -> None:
        """Let the app speak to a fake service in this process, in a hurry."""
        chosen = clock or HastyClock()

        class FakedCore(Core):
            def _connect(self, base_url: str, key: ApiKey) -> ApiClient:
                return service.make_client(key=key.reveal())

            @classmethod
            async def open(cls, *args: object, **options: object) -> "Core":
                return await super().open(*args, **{**options, "clock": chosen})  # pyright: ignore[reportArgumentType]

        self.set(RUNWARE_API_KEY=service.key)
        self._monkeypatch.setattr(opening, "Core", FakedCore)

    @asynccontextmanager
    async def run(self, *, ready: bool = True) -> AsyncIterator[RunningApp]:
        """Run the program; at the end of the block it is left, if it was not before."""
        program = Program(make_app())
        app = RunningApp(program, self.data, self.library)
        threads = set(threading.enumerate())
        self._running += 1
        hook, owner = sys.excepthook, TaskOwner()
        app.ended = asyncio.ensure_future(owner.start(program.run(), name="program"))  # noqa: TID251
        try:
            if ready:
                await app.until(lambda: program.main is not None, "the window is filled")
            yield app
            if not app.ended.done():
                program.quit()
                async with asyncio.timeout(_PATIENCE_S):
                    await app.ended
        finally:
            await owner.close()
            sys.excepthook = hook
            program.window.hide()
            program.window.deleteLater()
            self._running -= 1
        if self._running:
            return  # whose threads those are cannot be told
        left = {t for t in threading.enumerate() if t not in threads and _is_ours(t)}
        for thread in left:  # the last one may be on its way out
            await asyncio.to_thread(thread.join, 2)
        left = {thread for thread in left if thread.is_alive()}
        assert not left, f"threads left behind: {left}"


def _is_ours(thread: threading.Thread) -> bool:
    """The loop's own workers go with the loop; everything else is to be gone by now."""
    return thread.is_alive() and not thread.name.startswith("worker")


def expect_no_bugs(app: RunningApp) -> None:
    """Fail with what the log tells of things that nobody foresaw."""
    text = app.log()
    marks = [text.find(mark) for mark in (" ERROR ", "Traceback") if mark in text]
    if marks:
        pytest.fail(text[min(marks) :][:4000])
