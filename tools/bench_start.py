"""Measures from the process's birth to its window's first paint, beside a bare PySide6 window.

As a program (`app` or `bare`) it is the process that is measured: it says a word when it has
painted, and ends.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

TURNS = 25
LONGEST_S = 30.0
MOST = 1.5


if TYPE_CHECKING:
    from tools.bench_figures import Figure


def measure() -> list["Figure"]:
    # Late, as all imports here: this file is also the process that is measured.
    from tools.bench_figures import Figure, in_turns

    with tempfile.TemporaryDirectory(prefix="kling-bench-") as folder:
        for kind in ("app", "bare"):  # once for the caches of the disk and of Python
            _paint(kind, folder)
        app_s, bare_s = in_turns(
            TURNS, lambda: _paint("app", folder), lambda: _paint("bare", folder)
        )
    note = f"{app_s * 1000:.0f} ms beside {bare_s * 1000:.0f} ms, medians of {TURNS} turns"
    return [
        Figure("start to first paint / bare PySide6 window", app_s / bare_s, "×", MOST, note=note)
    ]


def _paint(kind: str, folder: str) -> float:
    environment = {
        **os.environ,
        "KLING_DESKTOP_DATA_DIR": f"{folder}/data",
        "KLING_DESKTOP_LIBRARY_DIR": f"{folder}/library",
        "XDG_CONFIG_HOME": f"{folder}/config",
        "PYTHONDONTWRITEBYTECODE": "",
    }
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, str(Path(__file__)), kind],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        watch = threading.Timer(LONGEST_S, process.kill)
        watch.start()
        word = process.stdout.read(7) if process.stdout else b""
        seconds = time.perf_counter() - started
        watch.cancel()
        process.kill()
        if word != b"painted":
            raise SystemExit(f"the {kind} window did not paint: {process.communicate()[1]!r}")
    return seconds


def _say_painted() -> None:
    os.write(1, b"painted")


def paint_app() -> None:
    """Start the app as it starts, and say when its window has painted."""
    from kling_desktop.app import program

    class Watched(program.Program):
        async def _show(self) -> None:
            await super()._show()
            _say_painted()

    program.Program = Watched  # pyright: ignore[reportAttributeAccessIssue] the real one, watched
    program.main()


def paint_bare() -> None:
    """Show the least window that PySide6 can show."""
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QApplication, QMainWindow

    class Window(QMainWindow):
        def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt calls it so
            super().paintEvent(event)
            QTimer.singleShot(0, _say_painted)

    app = QApplication(sys.argv[:1])
    window = Window()
    window.resize(1440, 900)
    window.show()
    app.exec()


if __name__ == "__main__":
    paint_app() if sys.argv[1:] == ["app"] else paint_bare()
