"""The commands of the window: unique, without conflict, shown only where somebody does them."""

from collections import Counter
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu

from kling_desktop.ui.commands.commands import COMMANDS, CommandSet, Place


@pytest.fixture
def commands(qapp: QApplication) -> CommandSet:
    return CommandSet()


@pytest.fixture
def window(qapp: QApplication) -> Iterator[QMainWindow]:
    window = QMainWindow()
    yield window
    window.deleteLater()


def menus(window: QMainWindow) -> dict[str, QMenu]:
    found = {menu.title(): menu for menu in window.menuBar().findChildren(QMenu)}
    return {place.menu_title: found[place.menu_title] for place in Place}


def shown(menu: QMenu) -> list[str]:
    return [a.text() for a in menu.actions() if a.isVisible() and not a.isSeparator()]


def test_every_command_has_its_own_name_and_words() -> None:
    assert max(Counter(command.id for command in COMMANDS).values()) == 1
    assert all(command.text for command in COMMANDS)


def test_no_two_commands_have_the_same_key() -> None:
    keys = Counter(QKeySequence(command.keys).toString() for command in COMMANDS if command.keys)
    assert [key for key, count in keys.items() if count > 1] == []
    assert all(QKeySequence(command.keys).toString() for command in COMMANDS if command.keys)


def test_single_keys_belong_to_the_wall() -> None:
    for command in COMMANDS:
        function_key = command.keys.startswith("F") and len(command.keys) > 1
        if command.keys and "+" not in command.keys and not function_key:
            assert command.in_wall, command.id


def test_the_keys_of_the_design() -> None:
    keys = {command.id: command.keys for command in COMMANDS}
    assert keys["generate"] == "Ctrl+Return"
    assert keys["pause-all"] == "Ctrl+Shift+P"
    assert keys["move-up"] == "Alt+Up"
    assert keys["show-queue"] == "Ctrl+3"
    assert keys["favourite"] == "F"


def test_menus_show_what_somebody_does_and_nothing_else(
    commands: CommandSet, window: QMainWindow
) -> None:
    done: list[str] = []
    for command_id in ("generate", "favourite", "pause-all"):
        commands.connect_to(command_id, lambda command_id=command_id: done.append(command_id))
    commands.fill(window.menuBar(), window)
    found = menus(window)
    assert shown(found["File"]) == ["Generate"]
    assert shown(found["Clip"]) == ["Favourite\tF"]
    assert shown(found["Queue"]) == ["Pause all"]
    assert [a.text() for a in window.menuBar().actions() if a.isVisible()] == [
        "File", "Clip", "Queue",
    ]  # fmt: skip
    commands.connect_to("about", lambda: None)
    assert menus(window)["Help"].menuAction().isVisible()
    for place in ("File", "Clip", "Queue"):
        next(a for a in found[place].actions() if a.isVisible() and not a.isSeparator()).trigger()
    assert done == ["generate", "favourite", "pause-all"]


def test_keys_of_the_wall_are_shown_and_not_bound(
    commands: CommandSet, window: QMainWindow
) -> None:
    for command in COMMANDS:
        commands.connect_to(command.id, lambda: None)
    commands.fill(window.menuBar(), window)
    bound = {key.toString() for action in window.actions() for key in action.shortcuts()}
    for command in COMMANDS:
        assert (QKeySequence(command.keys).toString() in bound) == (
            bool(command.keys) and not command.in_wall
        ), command.id
        if command.keys:
            assert commands.shown_keys(command.id)
    for menu in menus(window).values():
        assert not [a for a in menu.actions() if "\t" in a.text() and not a.shortcut().isEmpty()]


def test_both_enter_keys_generate(commands: CommandSet) -> None:
    keys = {key.toString() for key in commands.action("generate").shortcuts()}
    assert keys == {"Ctrl+Return", "Ctrl+Enter"}


def test_own_keys_take_the_place_of_the_defaults_in_menus_too(
    commands: CommandSet, window: QMainWindow
) -> None:
    commands.connect_to("favourite", lambda: None)
    commands.fill(window.menuBar(), window)
    told: list[bool] = []
    commands.keys_changed.connect(lambda: told.append(True))
    commands.set_keys({"favourite": "L", "pause-all": "Ctrl+P", "find": ""})
    assert told
    assert shown(menus(window)["Clip"]) == ["Favourite\tL"]
    assert commands.action("pause-all").shortcut() == QKeySequence("Ctrl+P")
    assert commands.action("find").shortcut().isEmpty()
    commands.set_keys({"favourite": ""})
    assert shown(menus(window)["Clip"]) == ["Favourite"]
    assert commands.action("pause-all").shortcut() == QKeySequence("Ctrl+Shift+P")


def test_the_system_is_told_where_quit_and_settings_are(commands: CommandSet) -> None:
    roles = {command.id: commands.action(command.id).menuRole() for command in COMMANDS}
    assert roles.pop("quit") is QAction.MenuRole.QuitRole
    assert roles.pop("settings") is QAction.MenuRole.PreferencesRole
    assert roles.pop("about") is QAction.MenuRole.AboutRole
    assert set(roles.values()) == {QAction.MenuRole.NoRole}
