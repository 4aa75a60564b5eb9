from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QWidget

from kling_desktop.storage.settings.settings_store import SettingsStore
from kling_desktop.ui.commands.commands import COMMANDS
from kling_desktop.ui.commands.key_capture import KeyCapture
from kling_desktop.ui.commands.shortcut_list import ShortcutList, ShortcutModel, ShortcutRole
from kling_desktop.ui.commands.shortcut_rules import give_keys, judge_keys, reset_keys
from kling_desktop.ui.controls.buttons import LinkButton, SecondaryButton
from kling_desktop.ui.controls.fields import SearchField
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.settings.settings_page import SettingsPage
from kling_desktop.ui.theme.look import Look
from tests.ui.settings_fakes import FakeWorld, find, opened_settings, until

_CTRL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


def _says(root: QWidget, words: str) -> bool:
    labels = root.findChildren(Label)
    return any(words in label.text() and label.isVisibleTo(root) for label in labels)


def _choose(dialog: QWidget, command_id: str) -> KeyCapture:
    view = find(dialog, ShortcutList, "Commands and their keys")
    model = view.model()
    assert isinstance(model, ShortcutModel)
    row = model.find_row(command_id)
    assert row is not None
    view.setCurrentIndex(model.index(row))
    return find(dialog, KeyCapture, "New keys")


@pytest.mark.parametrize(
    ("keys", "problem", "taken_from"),
    [
        ("Ctrl+G", "", ""),
        ("F9", "", ""),
        ("Alt+S", "", ""),
        ("Ctrl+S", "Ctrl+S is used by “Save as draft”.", "save-draft"),
        ("Ctrl+C", "Ctrl+C is used by “Copy files”.", ""),
        ("G", "G alone would be typed. Add Ctrl or Alt, or use a function key.", ""),
        ("Shift+G", "Shift+G alone would be typed. Add Ctrl or Alt, or use a function key.", ""),
        ("Ctrl+X", "Ctrl+X cuts text.", ""),
    ],
)
def test_keys_of_others_and_of_typing_are_refused(keys: str, problem: str, taken_from: str) -> None:
    verdict = judge_keys(keys, "generate", {})
    assert (verdict.problem, verdict.taken_from) == (problem, taken_from)


def test_no_two_defaults_are_the_same() -> None:
    for command in COMMANDS:
        if command.keys and not command.in_wall:
            assert judge_keys(command.keys, command.id, {}).problem == "", command.id


def test_keys_that_were_given_up_are_free() -> None:
    assert judge_keys("Ctrl+S", "generate", {"save-draft": "Ctrl+Alt+S"}).problem == ""
    assert judge_keys("Ctrl+Alt+S", "generate", {"save-draft": "Ctrl+Alt+S"}).problem


def test_taking_over_leaves_the_other_without_and_defaults_are_not_kept() -> None:
    own = give_keys({}, "generate", "Ctrl+S", taken_from="save-draft")
    assert own == {"generate": "Ctrl+S", "save-draft": ""}
    assert give_keys(own, "generate", "Ctrl+Return") == {"save-draft": ""}
    same, verdict = reset_keys(own, "save-draft")
    assert same == own
    assert verdict.taken_from == "generate"
    assert reset_keys(own, "generate")[0] == {"save-draft": ""}


def test_the_table_finds_words_menus_and_keys(qapp: object) -> None:
    model = ShortcutModel(frozenset(command.id for command in COMMANDS))
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert model.rowCount() == len(COMMANDS)
    model.search("draft save")
    assert [model.index(i).data() for i in range(model.rowCount())] == ["Save as draft"]
    model.search("f11")
    assert model.index(0).data(ShortcutRole.KEYS) == "F11"
    model.search("no such thing")
    assert model.rowCount(QModelIndex()) == 0


async def test_new_keys_are_kept_and_shown(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path)
    async with opened_settings(look, world, SettingsPage.SHORTCUTS) as (dialog, store):
        capture = _choose(dialog, "generate")
        assert capture.text() == "Ctrl+Return"
        capture.setFocus()
        QTest.keyClick(capture, Qt.Key.Key_G, _CTRL | _SHIFT)
        await until(lambda: store.current.shortcuts == {"generate": "Ctrl+Shift+G"})
        await until(lambda: capture.text() == "Ctrl+Shift+G")
    assert SettingsStore.load(tmp_path / "settings.json").current.shortcuts == {
        "generate": "Ctrl+Shift+G"
    }


async def test_a_conflict_is_named_and_can_be_taken_over(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path)
    async with opened_settings(look, world, SettingsPage.SHORTCUTS) as (dialog, store):
        capture = _choose(dialog, "generate")
        capture.setFocus()
        QTest.keyClick(capture, Qt.Key.Key_S, _CTRL)
        assert _says(dialog, "Ctrl+S is used by “Save as draft”.")
        assert capture.accessibleDescription() == "Ctrl+S is used by “Save as draft”."
        assert store.current.shortcuts == {}
        find(dialog, LinkButton, "Use these keys here").click()
        await until(lambda: store.current.shortcuts == {"generate": "Ctrl+S", "save-draft": ""})


async def test_keys_can_be_removed_and_reset_one_or_all(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path)
    async with opened_settings(look, world, SettingsPage.SHORTCUTS) as (dialog, store):
        reset_all = find(dialog, SecondaryButton, "Reset all shortcuts")
        assert not reset_all.isEnabled()
        _choose(dialog, "generate")
        find(dialog, SecondaryButton, "Remove the keys").click()
        await until(lambda: store.current.shortcuts == {"generate": ""})
        await until(lambda: find(dialog, SecondaryButton, "Reset the keys").isEnabled())
        find(dialog, SecondaryButton, "Reset the keys").click()
        await until(lambda: store.current.shortcuts == {})
        await store.update(shortcuts={"quit": "", "find": "Ctrl+G"})
        await until(reset_all.isEnabled)
        reset_all.click()
        await until(lambda: store.current.shortcuts == {})


async def test_fixed_keys_say_so(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path)
    async with opened_settings(look, world, SettingsPage.SHORTCUTS) as (dialog, _):
        capture = _choose(dialog, "favourite")
        assert not capture.isEnabled()
        assert _says(dialog, "This key acts while the clips have the focus and is fixed.")


async def test_searching_and_giving_up_by_keyboard(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path)
    async with opened_settings(look, world, SettingsPage.SHORTCUTS) as (dialog, store):
        find(dialog, SearchField, "Search commands").setText("full screen")
        view = find(dialog, ShortcutList, "Commands and their keys")
        view.activated.emit(view.currentIndex())
        capture = find(dialog, KeyCapture, "New keys")
        assert dialog.focusWidget() is capture
        QTest.keyClick(capture, Qt.Key.Key_Control)
        QTest.keyClick(capture, Qt.Key.Key_Escape)
        assert dialog.focusWidget() is view
        assert dialog.isVisible()
        assert store.current.shortcuts == {}
        find(dialog, SearchField, "Search commands").setText("nothing at all")
        assert _says(dialog, "No command matches.")
