"""What the window is at its first paint, before anything but itself is there."""

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from kling_desktop.ui.shell.main_window import MainWindow
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.theme import Appearance, ThemeChoice
from kling_desktop.ui.theme.tokens import load_tokens

_START = """
import asyncio, sys
from PySide6 import QtCore
from PySide6.QtWidgets import QApplication
from kling_desktop.app.event_loop import Loop
from kling_desktop.ui.shell.main_window import MainWindow

app = QApplication([])
window = MainWindow(QtCore.QSettings(sys.argv[1], QtCore.QSettings.Format.IniFormat))

async def show():
    window.show()
    for _ in range(5):
        await asyncio.sleep(0)

loop = Loop(app)
with asyncio.Runner(loop_factory=lambda: loop) as runner:
    runner.run(show())
sys.exit("Qt" in vars(QtCore))
"""


@pytest.fixture
def store(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


@pytest.mark.parametrize("choice", [ThemeChoice.LIGHT, ThemeChoice.DARK])
def test_it_begins_in_the_colours_it_had_last(
    qapp: QApplication, look: Look, store: QSettings, choice: ThemeChoice
) -> None:
    before = look.themes.choice
    window = MainWindow(store)
    window.apply_look(look)
    look.themes.set_choice(Appearance(theme=choice))
    again = MainWindow(store)
    tokens = load_tokens()
    colors = tokens.light if choice is ThemeChoice.LIGHT else tokens.dark
    assert again.stack.palette().window().color() == QColor(colors["canvas"])
    again.deleteLater()
    window.deleteLater()
    look.themes.set_choice(before)


def test_its_first_paint_does_not_wait_for_the_enums_of_qt(tmp_path: Path) -> None:
    """They take 40 ms, a sixth of a bare window's start."""
    file = str(tmp_path / "window.ini")
    done = subprocess.run([sys.executable, "-c", _START, file], timeout=60, check=False)
    assert done.returncode == 0
