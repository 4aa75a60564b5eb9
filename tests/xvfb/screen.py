"""A real X server, a session bus and an accessibility bus for one test, and hands to work there."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

NEEDED = ("Xvfb", "xdotool", "dbus-daemon")
_REGISTRY = Path("/usr/libexec/at-spi2-registryd")
SIZE = (1600, 1000)
_PATIENCE_S = 30.0


def find_missing() -> str:
    """Name what this machine lacks for such tests; empty when all is there."""
    missing = [program for program in NEEDED if shutil.which(program) is None]
    if not _REGISTRY.exists():
        missing.append("at-spi2-core")
    return ", ".join(missing)


def wait_until(is_so: Callable[[], object], what: str, patience_s: float = _PATIENCE_S) -> None:
    """Look again and again; processes on a screen have no event to wait for."""
    until = time.monotonic() + patience_s
    while not is_so():
        if time.monotonic() > until:
            pytest.fail(f"never came: {what}")
        time.sleep(0.05)


@dataclass
class Screen:
    """Where a test's programs run; ends with the test."""

    environment: dict[str, str]
    folder: Path
    _stack: ExitStack = field(default_factory=ExitStack)

    def start(self, command: Sequence[str], **variables: str) -> subprocess.Popen[str]:
        """Start a program on the screen; it goes when the screen goes."""
        log = self._stack.enter_context((self.folder / f"{len(command)}-out.txt").open("a"))
        process = subprocess.Popen(
            command,
            env={**self.environment, **variables},
            stdout=log,
            stderr=log,
            text=True,
        )
        self._stack.callback(_end, process)
        return process

    def hand(self, *words: str) -> str:
        """Let xdotool do something."""
        done = subprocess.run(
            ["xdotool", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=_PATIENCE_S,
        )
        return done.stdout.strip()

    def find_window(self, title: str) -> str:
        """Wait for a window and give it the keyboard; return its X number."""
        found = self.hand("search", "--sync", "--onlyvisible", "--name", title).splitlines()[-1]
        self.hand("windowfocus", "--sync", found)
        return found

    def click(self, x: float, y: float) -> None:
        self.hand("mousemove", str(round(x)), str(round(y)), "click", "1")

    def press(self, keys: str) -> None:
        """Press a chord: ``ctrl+Return``."""
        self.hand("key", keys)

    def type(self, words: str) -> None:
        self.hand("type", "--delay", "12", words)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press at one place, pull slowly over another, and let go there."""
        self.hand("mousemove", str(round(start[0])), str(round(start[1])), "mousedown", "1")
        time.sleep(0.1)
        for step in range(1, 6):
            self.hand("mousemove", str(round(start[0] - 5 * step)), str(round(start[1])))
            time.sleep(0.03)
        for shift in (6, 0):
            self.hand("mousemove", str(round(end[0] - shift)), str(round(end[1] - shift)))
            time.sleep(0.25)
        self.hand("mouseup", "1")

    def picture(self) -> bytes:
        """Return the screen as raw bytes of its colours."""
        from PIL import ImageGrab

        return ImageGrab.grab(xdisplay=self.environment["DISPLAY"]).tobytes()


@contextmanager
def open_screen(folder: Path) -> Iterator[Screen]:
    """Start an X server and a session bus of their own."""
    with ExitStack() as stack:
        display = _start_server(stack)
        bus = _start_bus(stack)
        runtime = folder / "run"
        runtime.mkdir(mode=0o700)
        environment = {
            **_plain(os.environ),
            "DISPLAY": display,
            "DBUS_SESSION_BUS_ADDRESS": bus,
            "XDG_RUNTIME_DIR": str(runtime),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "HOME": str(folder),
            "QT_QPA_PLATFORM": "xcb",
            "QT_XCB_GL_INTEGRATION": "none",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        }
        yield Screen(environment, folder, stack)


def run_python(screen: Screen, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    return screen.start([sys.executable, *arguments], **variables)


def _plain(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without what belongs to another screen or to the test run."""
    foreign = ("QT_", "DISPLAY", "WAYLAND_", "XAUTHORITY", "RUNWARE_", "KLING_", "AT_SPI_")
    return {name: value for name, value in environment.items() if not name.startswith(foreign)}


def _start_server(stack: ExitStack) -> str:
    """Let the server find a free number itself and say it."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "-noreset",
         "-nolisten", "tcp"],
        pass_fds=(write,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )  # fmt: skip
    stack.callback(_end, server)
    os.close(write)
    with os.fdopen(read) as told:
        number = told.readline().strip()
    if not number:
        pytest.fail("the X server did not start")
    return f":{number}"


def _start_bus(stack: ExitStack) -> str:
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--nosyslog", "--print-address"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    stack.callback(_end, bus)
    assert bus.stdout is not None
    stack.callback(bus.stdout.close)
    return bus.stdout.readline().strip()


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
