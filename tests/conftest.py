"""Sets the stage for every test: no screen, no keychain, one application, nothing left behind."""

import os

# Before anything imports Qt, keyring or hypothesis: they read these once.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_LOGGING_RULES", "qt.multimedia.*=false;qt.text.font.db=false")
os.environ.setdefault("QT_SCALE_FACTOR", "1")
os.environ["LC_ALL"] = "C.UTF-8"  # figures as in the United States, whatever this machine speaks
os.environ["KLING_DESKTOP_LANGUAGE"] = ""
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from kling_desktop.ui.theme.icons import IconSet
    from kling_desktop.ui.theme.look import Look
    from kling_desktop.ui.theme.theme import ThemeSource

_TESTS = Path(__file__).parent
_FIRST = (
    *("test_crashtest.py", "xvfb", "test_secrets.py"),
    *(
        "cli/test_session.py",
        "cli/test_job_commands.py",
        "test_app.py",
        "sandbox",
        "assembly",
        "app",
    ),
)
"""What takes longest, in files and folders: begun last, it would be waited for alone."""

settings.register_profile(
    "default",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=int(os.environ.get("KLING_DESKTOP_EXAMPLES", "25")),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
settings.load_profile("default")

_left_tasks: list[str] = []
_qt: dict[str, Any] = {}


def _inside(path: Path) -> Path:
    return path.relative_to(_TESTS) if path.is_relative_to(_TESTS) else path


def _needs_qt(path: Path) -> bool:
    """Say whether a test file needs the window's loop: the widgets' tests and the app's."""
    inside = _inside(path)
    return inside.parts[0] in ("ui", "app") or inside.name == "test_app.py"


def make_app() -> "QApplication":
    """Return the one application of the test run."""
    from PySide6.QtWidgets import QApplication

    if "app" not in _qt:
        app = QApplication.instance() or QApplication(["kling-desktop"])
        assert isinstance(app, QApplication)
        app.setApplicationName("kling-desktop-test")
        app.setQuitOnLastWindowClosed(False)
        _qt["app"] = app
    return _qt["app"]


def _make_theme_source() -> "ThemeSource":
    from kling_desktop.ui.theme.theme import ThemeSource

    if "theme_source" not in _qt:
        _qt["theme_source"] = ThemeSource(make_app())
    return _qt["theme_source"]


class _NotesLeftTasks:
    """Notes the tasks that `asyncio.Runner` has to cancel at the end of a test.

    The runner hands over coroutines as tasks; the one time it hands over another kind of future
    is when it waits for the tasks that somebody forgot.
    """

    def run_until_complete(self, future: Any) -> Any:
        if asyncio.isfuture(future) and not isinstance(future, asyncio.Task):
            _left_tasks.extend(
                task.get_name() + ": " + repr(task.get_coro())
                for task in asyncio.all_tasks(self)  # pyright: ignore[reportArgumentType]
            )
        return super().run_until_complete(future)  # pyright: ignore[reportAttributeAccessIssue]


def _make_plain_loop() -> asyncio.AbstractEventLoop:
    # On Windows only the other loop can start processes.
    name = "ProactorEventLoop" if sys.platform == "win32" else "SelectorEventLoop"
    if "plain_loop_class" not in _qt:
        bases = (_NotesLeftTasks, getattr(asyncio, name))
        _qt["plain_loop_class"] = type("PlainLoop", bases, {})
    return _qt["plain_loop_class"]()


def _make_qt_loop() -> asyncio.AbstractEventLoop:
    from kling_desktop.app.event_loop import Loop

    if "loop_class" not in _qt:
        _qt["loop_class"] = type("QtLoop", (_NotesLeftTasks, Loop), {})
    return _qt["loop_class"](make_app())


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    if _needs_qt(item.path):
        return {"qt": _make_qt_loop}
    return {"plain": _make_plain_loop}


def pytest_configure(config: pytest.Config) -> None:
    # The screenless platform says what it cannot do; it is no fault of ours.
    config.addinivalue_line("qt_log_ignore", "This plugin does not support ")
    if sys.platform == "win32":  # without a screen Qt looks for fonts in a folder of its own
        config.addinivalue_line("qt_log_ignore", "QFontDatabase: Cannot find font directory")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Run a few processes more than there are cores: many tests wait for others' processes."""
    on_linux = hasattr(os, "sched_getaffinity")
    return 2 + (len(os.sched_getaffinity(0)) if on_linux else os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def find_place(item: pytest.Item) -> int:
        inside = _inside(item.path)
        places = (place for place, name in enumerate(_FIRST) if inside.is_relative_to(name))
        return next(places, len(_FIRST))

    items.sort(key=find_place)
    if sys.platform == "win32":
        for item in items:
            if marker := item.get_closest_marker("posix"):
                item.add_marker(pytest.mark.skip(reason=str(marker.args[0])))


@pytest.fixture(autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test that leaves a task, a running timer or a visible window behind."""
    _left_tasks.clear()
    if not _needs_qt(request.path):
        yield
        assert not _left_tasks, f"tasks left behind: {_left_tasks}"
        return
    from PySide6.QtCore import QEvent, QTimer
    from PySide6.QtWidgets import QApplication

    app = make_app()
    timers_before = {timer for timer in app.findChildren(QTimer) if timer.isActive()}
    windows_before = {window for window in QApplication.topLevelWidgets() if window.isVisible()}
    yield
    # What asked to be deleted goes now, and is not taken for left behind.
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    timers = {timer for timer in app.findChildren(QTimer) if timer.isActive()} - timers_before
    windows = {w for w in QApplication.topLevelWidgets() if w.isVisible()} - windows_before
    for window in windows:
        window.hide()
    assert not _left_tasks, f"tasks left behind: {_left_tasks}"
    assert not timers, f"timers left running: {timers}"
    assert not windows, f"windows left open: {windows}"


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    """Let the next test find English and the figures of the United States."""
    yield
    if wording := sys.modules.get("kling_desktop.wording.translation"):
        wording.set_language("")
    if formatting := sys.modules.get("kling_desktop.wording.formatting"):
        formatting.set_locale("")


@pytest.fixture(scope="session")
def qapp() -> "QApplication":
    return make_app()


@pytest.fixture
def theme_source(qapp: "QApplication") -> "ThemeSource":
    """The dark theme at normal text size; a test may change it, the next one finds it restored."""
    from kling_desktop.ui.theme.theme import Appearance, ThemeChoice

    source = _make_theme_source()
    source.set_choice(Appearance(theme=ThemeChoice.DARK))
    return source


@pytest.fixture
def icons(theme_source: "ThemeSource") -> "IconSet":
    from kling_desktop.ui.theme.icons import IconSet

    return IconSet(theme_source)


@pytest.fixture
def look(theme_source: "ThemeSource", icons: "IconSet") -> "Look":
    from kling_desktop.ui.theme.look import Look

    return Look(theme_source, icons)
