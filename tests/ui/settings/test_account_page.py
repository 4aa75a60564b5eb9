from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from kling_desktop.domain.errors import ServiceUnavailable
from kling_desktop.domain.job import Service
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.secret import ApiKey
from kling_desktop.storage.settings.api_key import KeyPlace
from kling_desktop.ui.controls.buttons import DangerButton, SecondaryButton
from kling_desktop.ui.controls.fields import TextField
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.controls.segmented import SegmentedControl
from kling_desktop.ui.controls.toggles import RadioButton
from kling_desktop.ui.settings.account_page import AccountPage
from kling_desktop.ui.settings.key_field import KeyVerdict
from kling_desktop.ui.settings.settings_page import SettingsPage
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording.settings_pages import FILE_RISK, NO_KEYCHAIN
from tests.ui.settings_fakes import (
    FakeWorld,
    choose_segment,
    find,
    find_row,
    list_nameless,
    opened_settings,
    until,
)

NEW = "rw-abcdefgh-9z8y"


def _says(root: QWidget, words: str) -> bool:
    labels = root.findChildren(Label)
    return any(words in label.text() and label.isVisibleTo(root) for label in labels)


def _paste_and_test(dialog: QWidget) -> TextField:
    field = find(dialog, TextField, "API key")
    field.setText(NEW)
    find(dialog, SecondaryButton, "Test the key").click()
    return field


async def test_the_key_in_use_is_hinted_at_and_never_shown(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path)
    async with opened_settings(look, world, SettingsPage.ACCOUNT) as (dialog, _):
        field = find(dialog, TextField, "API key")
        assert field.text() == ""
        assert field.placeholderText().endswith("•4f2a")
        assert "rw-0123456789" not in field.placeholderText()
        assert _says(dialog, "stays in this computer’s keychain")
        await until(lambda: _says(dialog, "$42.10 of credit left."))


async def test_the_key_in_use_can_be_tested(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path)
    async with opened_settings(look, world, SettingsPage.ACCOUNT) as (dialog, _):
        find(dialog, SecondaryButton, "Test the key").click()
        await until(lambda: _says(dialog, "Works. Last checked today 14:02."))
        assert world.calls == ["test kept"]


async def test_a_key_that_works_is_kept_in_the_keychain(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path, key=None, key_place=None)
    async with opened_settings(look, world, SettingsPage.ACCOUNT) as (dialog, _):
        assert not find(dialog, DangerButton, "Remove the key").isEnabled()
        field = _paste_and_test(dialog)
        await until(lambda: world.key == ApiKey(NEW))
        assert world.key_place is KeyPlace.KEYCHAIN
        await until(lambda: not field.text())
        assert field.placeholderText().endswith("9z8y")
        assert find(dialog, DangerButton, "Remove the key").isEnabled()


async def test_a_refused_key_is_not_kept(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path, verdict=KeyVerdict(works=False, words="This key was refused."))
    async with opened_settings(look, world, SettingsPage.ACCOUNT) as (dialog, _):
        field = _paste_and_test(dialog)
        await until(lambda: _says(dialog, "This key was refused."))
        assert field.accessibleDescription() == "This key was refused."
        assert world.key == ApiKey("rw-0123456789-4f2a")
        with pytest.raises(AssertionError):
            find(dialog, SecondaryButton, "Keep the key untested")


async def test_a_key_that_could_not_be_tested_can_be_kept(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path, verdict=KeyVerdict(works=None, words="Runware isn’t answering."))
    async with opened_settings(look, world, SettingsPage.ACCOUNT) as (dialog, _):
        _paste_and_test(dialog)
        await until(lambda: _says(dialog, "Runware isn’t answering."))
        find(dialog, SecondaryButton, "Keep the key untested").click()
        await until(lambda: world.key == ApiKey(NEW))


async def test_without_a_keychain_the_user_chooses_told_the_risk(
    look: Look, tmp_path: Path
) -> None:
    world = FakeWorld(tmp_path, key=None, key_place=None, has_keychain=False)
    async with opened_settings(look, world, SettingsPage.ACCOUNT) as (dialog, _):
        _paste_and_test(dialog)
        await until(lambda: _says(dialog, NO_KEYCHAIN()))
        assert world.key_place is KeyPlace.MEMORY
        assert find(dialog, RadioButton, "Keep it for this run only").isChecked()
        file = find(dialog, RadioButton, "Keep it in a file that only I can read")
        assert _says(dialog, FILE_RISK())
        assert file.accessibleDescription() == FILE_RISK()
        file.click()
        await until(lambda: world.key_place is KeyPlace.FILE)
        await until(lambda: _says(dialog, "in a file that only you can read"))
        assert list_nameless(dialog) == []


async def test_the_key_can_be_removed(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path)
    async with opened_settings(look, world, SettingsPage.ACCOUNT) as (dialog, _):
        find(dialog, DangerButton, "Remove the key").click()
        await until(lambda: _says(dialog, "The key is removed."))
        assert world.key is None
        assert find(dialog, TextField, "API key").placeholderText() == "Paste your key"


async def test_a_key_of_the_environment_is_not_ours_to_remove(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path, key_place=KeyPlace.ENVIRONMENT)
    async with opened_settings(look, world, SettingsPage.ACCOUNT) as (dialog, _):
        remove = find(dialog, DangerButton, "Remove the key")
        assert "RUNWARE_API_KEY" in remove.disabled_reason


async def test_the_page_with_a_balance_fits_the_dialog(look: Look, tmp_path: Path) -> None:
    async with opened_settings(look, FakeWorld(tmp_path), SettingsPage.ACCOUNT) as (dialog, _):
        await until(lambda: _says(dialog, "$42.10 of credit left."))
        (page,) = dialog.findChildren(AccountPage)
        await until(lambda: page.verticalScrollBar().maximum() == 0)
        find(dialog, SecondaryButton, "Test the key").click()
        await until(lambda: _says(dialog, "Works. Last checked today 14:02."))
        await until(lambda: page.verticalScrollBar().maximum() == 0)


async def test_a_balance_that_may_not_be_read_is_not_claimed(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path, balance=None)
    async with opened_settings(look, world, SettingsPage.ACCOUNT) as (dialog, _):
        await until(lambda: True)
        assert not _says(dialog, "credit left")


async def test_the_sandbox_can_be_chosen(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path)
    async with opened_settings(look, world, SettingsPage.ACCOUNT) as (dialog, _):
        choose_segment(dialog, "Mode", "Sandbox")
        await until(lambda: world.service is Service.SANDBOX)


async def test_a_sandbox_that_does_not_start_says_so_and_mode_goes_back(
    look: Look, tmp_path: Path
) -> None:
    world = FakeWorld(
        tmp_path,
        trouble=ServiceUnavailable(Reason.SANDBOX_NOT_STARTED, facts={"log": "sandbox.log"}),
    )
    async with opened_settings(look, world, SettingsPage.ACCOUNT) as (dialog, _):
        choose_segment(dialog, "Mode", "Sandbox")
        row = find_row(dialog, "Mode")
        await until(lambda: row.error == "The sandbox did not start. Its log is sandbox.log.")
        assert find(dialog, SegmentedControl, "Mode").value() is Service.RUNWARE


async def test_limits_say_what_is_used_and_what_is_not_known(look: Look, tmp_path: Path) -> None:
    async with opened_settings(look, FakeWorld(tmp_path), SettingsPage.ACCOUNT) as (dialog, store):
        await store.update(budget_month_usd=Decimal(60))
        assert _says(dialog, "$14.60 used")
        assert _says(dialog, "$1.05 used, 1 unknown")
        assert _says(dialog, "A clip whose price isn’t known yet is not held until a limit")
