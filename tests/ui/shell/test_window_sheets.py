"""The sheets of the help menu, and what settings change in the window."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from kling_desktop.storage.settings.settings_store import SettingsStore
from kling_desktop.ui.commands.commands import CommandSet
from kling_desktop.ui.commands.shortcuts_sheet import CHANGE, ShortcutsSheet
from kling_desktop.ui.controls.buttons import SecondaryButton
from kling_desktop.ui.controls.chips import KeyCap
from kling_desktop.ui.controls.fields import PlainTextField
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.overlays.sheet import show_dialog
from kling_desktop.ui.settings.settings_effects import SettingsEffects
from kling_desktop.ui.shell.about_sheet import AboutSheet
from kling_desktop.ui.theme.look import Look
from tests.ui.settings_fakes import find, list_nameless


@pytest.fixture
def window(qapp: QApplication) -> Iterator[QWidget]:
    widget = QWidget()
    widget.resize(1280, 720)
    widget.show()
    yield widget
    widget.close()
    widget.deleteLater()


def _words(root: QWidget) -> list[str]:
    return [label.text() for label in root.findChildren(Label)]


def test_about_tells_version_and_licences(look: Look, window: QWidget) -> None:
    sheet = AboutSheet(look, window, "0.1.0")
    sheet.open()
    assert "Version 0.1.0" in _words(sheet)
    notices = find(sheet, PlainTextField, "Licences").toPlainText()
    assert "SIL Open Font License" in notices
    assert "|" not in notices
    assert list_nameless(sheet) == []
    sheet.accept()


async def test_the_sheet_shows_the_keys_that_hold_now(look: Look, window: QWidget) -> None:
    commands = CommandSet(window)
    commands.connect_to("generate", lambda: None)
    commands.connect_to("save-draft", lambda: None)
    commands.set_keys({"generate": "Ctrl+G", "save-draft": ""})
    sheet = ShortcutsSheet(look, window, commands)
    caps = [cap.text() for cap in sheet.findChildren(KeyCap)]
    assert "Ctrl+G" in caps
    assert "Generate" in _words(sheet)
    assert "Save as draft" not in _words(sheet), "it has no keys"
    assert "Start over" not in _words(sheet), "nobody does it"
    assert list_nameless(sheet) == []
    async with asyncio.TaskGroup() as group:
        shown = group.create_task(show_dialog(sheet))
        await asyncio.sleep(0)
        find(sheet, SecondaryButton, "Change shortcuts…").click()
    assert shown.result() == CHANGE


async def test_settings_act_on_the_window_at_once(
    look: Look, window: QWidget, tmp_path: Path
) -> None:
    level = logging.getLogger().level
    store = SettingsStore(tmp_path / "settings.json")
    await store.update(theme="light", shortcuts={"generate": "Ctrl+G"})
    commands = CommandSet(window)
    effects = SettingsEffects(store, look.themes, commands, parent=window)
    try:
        assert not look.theme.is_dark
        assert commands.shown_keys("generate") == "Ctrl+G"
        await store.update(theme="dark", shortcuts={}, log_level="debug", text_scale=1.3)
        assert look.theme.is_dark
        assert look.theme.text_scale == 1.3
        assert commands.shown_keys("generate") == "Ctrl+Return"
        assert logging.getLogger().level == logging.DEBUG
        effects.stop()
        await store.update(theme="light")
        assert look.theme.is_dark
    finally:
        effects.stop()
        logging.getLogger().setLevel(level)
