import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QLineEdit, QWidget

from kling_desktop.ui.controls.painted_button import PaintedButton
from kling_desktop.ui.overlays.dialogs import (
    Answer,
    ask,
    choose_file,
    choose_folder,
    save_file,
)
from kling_desktop.ui.overlays.sheet import Scrim, Sheet, show_dialog
from kling_desktop.ui.theme.look import Look

T = TypeVar("T")
QUIT = (
    Answer("quit", "Quit", "ghost"),
    Answer("tray", "Keep in tray"),
    Answer("stay", "Stay", "primary"),
)


@pytest.fixture
def window(qapp: QApplication) -> Iterator[QWidget]:
    widget = QWidget()
    widget.resize(900, 600)
    widget.show()
    yield widget
    widget.close()
    widget.deleteLater()


async def _until(find: Callable[[], T | None]) -> T:
    async with asyncio.timeout(20):
        while (found := find()) is None:  # noqa: ASYNC110 - Qt has no event for it
            await asyncio.sleep(0.005)
    return found


def _find_dialog(window: QWidget) -> QDialog | None:
    return next((x for x in window.findChildren(QDialog) if x.isVisible()), None)


def _find_scrim(window: QWidget) -> Scrim:
    scrim = window.findChild(Scrim)
    assert isinstance(scrim, Scrim)
    return scrim


def _click(dialog: QWidget, text: str) -> None:
    next(x for x in dialog.findChildren(PaintedButton) if x.text() == text).click()


@pytest.mark.parametrize(("text", "value"), [("Quit", "quit"), ("Keep in tray", "tray")])
async def test_answer_is_the_buttons_value(
    look: Look, window: QWidget, text: str, value: str
) -> None:
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(ask(look, window, "2 clips are running", "They go on.", QUIT))
        dialog = await _until(lambda: _find_dialog(window))
        assert dialog.isModal()
        assert _find_scrim(window).isVisible()
        _click(dialog, text)
    assert asked.result() == value
    assert not window.findChildren(QDialog) or _find_dialog(window) is None


@pytest.mark.parametrize(("key", "value"), [(Qt.Key.Key_Escape, None), (Qt.Key.Key_Return, "stay")])
async def test_escape_is_no_answer_and_return_the_default(
    look: Look, window: QWidget, key: Qt.Key, value: str | None
) -> None:
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(
            ask(look, window, "2 clips are running", "", QUIT, icon="download")
        )
        dialog = await _until(lambda: _find_dialog(window))
        QTest.keyClick(dialog, key)
    assert asked.result() == value


async def test_return_presses_the_button_that_has_the_focus(look: Look, window: QWidget) -> None:
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(ask(look, window, "2 clips are running", "", QUIT))
        dialog = await _until(lambda: _find_dialog(window))
        buttons = dialog.findChildren(PaintedButton)
        QTest.keyClick(next(x for x in buttons if x.text() == "Quit"), Qt.Key.Key_Return)
    assert asked.result() == "quit"


async def test_false_is_an_answer_too(look: Look, window: QWidget) -> None:
    answers = (Answer(value=False, text="No"), Answer(value=True, text="Yes", kind="danger"))
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(ask(look, window, "Sure?", "", answers))
        _click(await _until(lambda: _find_dialog(window)), "No")
    assert asked.result() is False


async def test_other_tasks_go_on_meanwhile(look: Look, window: QWidget) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while ticks < 20:
            ticks += 1
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        asked = group.create_task(ask(look, window, "Sure?", "", QUIT))
        dialog = await _until(lambda: _find_dialog(window))
        await tick()
        dialog.reject()
    assert asked.result() is None
    assert ticks == 20


async def test_cancelled_question_is_closed(look: Look, window: QWidget) -> None:
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(ask(look, window, "Sure?", "", QUIT))
        await _until(lambda: _find_dialog(window))
        asked.cancel()
    assert asked.cancelled()
    assert _find_dialog(window) is None


async def test_question_goes_down_with_its_window(look: Look, window: QWidget) -> None:
    other = QWidget()
    other.show()
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(ask(look, other, "Sure?", "", QUIT))
        await _until(lambda: _find_dialog(other))
        other.deleteLater()
    assert asked.result() is None


async def test_sheet_sits_in_the_middle_over_a_scrim(look: Look, window: QWidget) -> None:
    sheet = Sheet(look, window, "Crop", width=400)
    async with asyncio.TaskGroup() as group:
        shown = group.create_task(show_dialog(sheet))
        await _until(lambda: _find_dialog(window))
        scrim = _find_scrim(window)
        window.resize(1000, 700)
        assert scrim.size() == window.size()
        assert not sheet.grab().isNull()
        sheet.accept()
        assert not scrim.isVisible()
    assert shown.result() == QDialog.DialogCode.Accepted.value


async def test_file_is_chosen(window: QWidget, tmp_path: Path) -> None:
    picture = tmp_path / "umbrella.png"
    picture.write_bytes(b"")
    async with asyncio.TaskGroup() as group:
        chosen = group.create_task(
            choose_file(window, "Choose", folder=tmp_path, patterns=("Pictures (*.png)",))
        )
        dialog = await _until(lambda: _find_dialog(window))
        name = dialog.findChild(QLineEdit, "fileNameEdit")
        assert isinstance(name, QLineEdit)
        name.setText(picture.name)
        dialog.accept()
    assert chosen.result() == picture


async def test_folder_is_chosen(window: QWidget, tmp_path: Path) -> None:
    async with asyncio.TaskGroup() as group:
        chosen = group.create_task(choose_folder(window, "Choose", folder=tmp_path))
        dialog = await _until(lambda: _find_dialog(window))
        assert isinstance(dialog, QFileDialog)
        dialog.accept()
    assert chosen.result() == tmp_path


async def test_name_to_save_is_suggested(window: QWidget, tmp_path: Path) -> None:
    async with asyncio.TaskGroup() as group:
        chosen = group.create_task(save_file(window, "Save", tmp_path / "frame.png"))
        dialog = await _until(lambda: _find_dialog(window))
        assert isinstance(dialog, QFileDialog)
        dialog.accept()
    assert chosen.result() == tmp_path / "frame.png"


@pytest.mark.parametrize("choose", [choose_file, choose_folder])
async def test_nothing_chosen_is_none(window: QWidget, choose: Callable) -> None:
    async with asyncio.TaskGroup() as group:
        chosen = group.create_task(choose(window, "Choose"))
        (await _until(lambda: _find_dialog(window))).reject()
    assert chosen.result() is None
