from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from kling_desktop.domain.errors import DiskFull
from kling_desktop.storage.settings.settings_store import (
    LogLevel,
    NotifyWhen,
    SettingsStore,
    ThemeSetting,
)
from kling_desktop.ui.controls.buttons import PrimaryButton, SecondaryButton
from kling_desktop.ui.controls.fields import TextField
from kling_desktop.ui.controls.stepper import Stepper
from kling_desktop.ui.controls.toggles import Switch
from kling_desktop.ui.overlays.sheet import Scrim
from kling_desktop.ui.settings.appearance_page import read_appearance
from kling_desktop.ui.settings.settings_dialog import SettingsDialog
from kling_desktop.ui.settings.settings_nav import SettingsNav
from kling_desktop.ui.settings.settings_page import SettingsPage
from kling_desktop.ui.settings.settings_row import AmountField
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.theme import Appearance, ThemeChoice
from tests.app.running import read_words
from tests.ui.settings_fakes import (
    FakeWorld,
    choose_segment,
    find,
    find_row,
    list_nameless,
    opened_settings,
    type_text,
    until,
)

_P = SettingsPage


def _switch(name: str) -> Callable[[QWidget], object]:
    return lambda root: find(root, Switch, name).click()


def _segment(name: str, label: str) -> Callable[[QWidget], object]:
    return lambda root: choose_segment(root, name, label)


def _typed(kind: type[TextField], name: str, text: str) -> Callable[[QWidget], object]:
    return lambda root: type_text(find(root, kind, name), text)


def _stepped(name: str, value: int) -> Callable[[QWidget], object]:
    return lambda root: find(root, Stepper, name).setValue(value)


CONTROLS = [
    (_P.GENERAL, _switch("Start with the last window"), "start_with_last_window", False),
    (_P.GENERAL, _switch("Keep in the tray"), "keep_in_tray", True),
    (
        _P.LIBRARY,
        _typed(TextField, "File names", "{model}/{id}"),
        "file_name_pattern",
        "{model}/{id}",
    ),
    (_P.ACCOUNT, _stepped("Runs at once", 16), "concurrency", 16),
    (
        _P.ACCOUNT,
        _typed(AmountField, "Warn me about cost", "7.5"),
        "cost_warning_usd",
        Decimal("7.50"),
    ),
    (_P.ACCOUNT, _typed(AmountField, "Daily limit", "$12"), "budget_day_usd", Decimal("12.00")),
    (_P.ACCOUNT, _typed(AmountField, "Monthly limit", "60"), "budget_month_usd", Decimal("60.00")),
    (_P.LIBRARY, _segment("Cache size", "5 GB"), "cache_size_mb", 5120),
    (_P.QUEUE, _stepped("Takes", 3), "default_takes", 3),
    (_P.QUEUE, _stepped("Retry automatically", 2), "retry_count", 2),
    (_P.QUEUE, _switch("Resume on start"), "resume_on_start", False),
    (_P.NOTIFICATIONS, _segment("Show notifications", "Always"), "notify_when", NotifyWhen.ALWAYS),
    (_P.NOTIFICATIONS, _switch("Clip ready"), "notify_done", False),
    (_P.NOTIFICATIONS, _switch("Clip failed"), "notify_failed", False),
    (_P.NOTIFICATIONS, _switch("Needs you"), "notify_needs_person", False),
    (_P.NOTIFICATIONS, _switch("Queue finished"), "notify_queue_empty", False),
    (_P.APPEARANCE, _segment("Theme", "Light"), "theme", ThemeSetting.LIGHT),
    (_P.APPEARANCE, _segment("Text size", "130%"), "text_scale", 1.3),
    (_P.APPEARANCE, _switch("High contrast"), "high_contrast", True),
    (_P.APPEARANCE, _switch("Scrub under the pointer"), "hover_scrub", False),
    (_P.APPEARANCE, _switch("Names under clips"), "names_under_tiles", True),
    (_P.LIBRARY, _switch("Make pictures for scrubbing"), "hover_strips", False),
    (_P.APPEARANCE, _switch("Reduced motion"), "reduced_motion", True),
    (_P.ADVANCED, _typed(TextField, "API address", "https://a.test"), "base_url", "https://a.test"),
    (_P.ADVANCED, _typed(TextField, "Proxy", "http://p.test:8080"), "proxy", "http://p.test:8080"),
    (_P.ADVANCED, _segment("Log", "Detailed"), "log_level", LogLevel.DEBUG),
]


@pytest.mark.parametrize(("page", "act", "name", "value"), CONTROLS, ids=[c[2] for c in CONTROLS])
async def test_each_control_changes_its_setting_and_survives_a_restart(
    look: Look,
    tmp_path: Path,
    page: SettingsPage,
    act: Callable[[QWidget], object],
    name: str,
    value: Any,
) -> None:
    async with opened_settings(look, FakeWorld(tmp_path), page) as (dialog, store):
        assert getattr(store.current, name) != value
        act(dialog)
        await until(lambda: getattr(store.current, name) == value)
    again = SettingsStore.load(tmp_path / "settings.json")
    assert getattr(again.current, name) == value
    async with opened_settings(look, FakeWorld(tmp_path), page, store=again) as (dialog, _):
        act(dialog)  # what it shows is what holds: a switch now goes back, the others stay
        if isinstance(value, bool):
            await until(lambda: getattr(again.current, name) is not value)


@pytest.mark.parametrize("page", list(SettingsPage))
async def test_nothing_the_keyboard_reaches_is_nameless(
    look: Look, tmp_path: Path, page: SettingsPage
) -> None:
    async with opened_settings(look, FakeWorld(tmp_path), page) as (dialog, _):
        assert dialog.page is page
        assert list_nameless(dialog) == []


async def test_up_and_down_turn_the_pages(look: Look, tmp_path: Path) -> None:
    async with opened_settings(look, FakeWorld(tmp_path), SettingsPage.GENERAL) as (dialog, _):
        nav = find(dialog, SettingsNav, "Settings pages")
        QTest.keyClick(nav, Qt.Key.Key_Down)
        assert dialog.page is SettingsPage.LIBRARY
        QTest.keyClick(nav, Qt.Key.Key_End)
        assert dialog.page is SettingsPage.ADVANCED
        QTest.keyClick(nav, Qt.Key.Key_Up)
        assert dialog.page is SettingsPage.SHORTCUTS


@pytest.mark.parametrize(
    ("page", "kind", "name", "text", "sentence"),
    [
        (_P.ACCOUNT, AmountField, "Daily limit", "a lot", "Type a sum such as 5.00, or leave it empty."),
        (_P.ACCOUNT, AmountField, "Monthly limit", "-5", "Type a sum from $0 to $1,000,000."),
        (_P.ADVANCED, TextField, "API address", "http://a.test", "The service address must begin with https:// and name a host."),
        (_P.ADVANCED, TextField, "Proxy", "proxy", "A proxy’s address looks like http://proxy.example:8080."),
    ],
)  # fmt: skip
async def test_a_wrong_value_gets_a_sentence_and_changes_nothing(
    look: Look,
    tmp_path: Path,
    page: SettingsPage,
    kind: type[TextField],
    name: str,
    text: str,
    sentence: str,
) -> None:
    async with opened_settings(look, FakeWorld(tmp_path), page) as (dialog, store):
        before = store.current
        field = find(dialog, kind, name)
        type_text(field, text)
        row = find_row(dialog, name)
        assert row.error == sentence
        assert field.accessibleDescription() == sentence
        assert store.current is before
        assert field.text() == text
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert dialog.isVisible(), "Return in a field closes nothing"


async def test_an_empty_sum_takes_the_limit_away(look: Look, tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "settings.json")
    await store.update(budget_month_usd="60")
    world = FakeWorld(tmp_path)
    async with opened_settings(look, world, SettingsPage.ACCOUNT, store=store) as (dialog, _):
        field = find(dialog, AmountField, "Monthly limit")
        assert field.text() == "60.00"
        field.setFocus()
        field.selectAll()
        QTest.keyClick(field, Qt.Key.Key_Delete)
        QTest.keyClick(field, Qt.Key.Key_Return)
        await until(lambda: store.current.budget_month_usd is None)


async def test_a_change_that_cannot_be_saved_is_taken_back_and_says_why(
    look: Look, tmp_path: Path
) -> None:
    class FullDisk(SettingsStore):
        async def update(self, **changes: object) -> Any:
            raise DiskFull(detail="no room")

    store = FullDisk(tmp_path / "settings.json")
    world = FakeWorld(tmp_path)
    async with opened_settings(look, world, SettingsPage.APPEARANCE, store=store) as (dialog, _):
        find(dialog, Switch, "High contrast").click()
        row = find_row(dialog, "High contrast")
        await until(lambda: row.error == "No room on this disk. Nothing was changed.")
        assert not find(dialog, Switch, "High contrast").isChecked()


async def test_what_changes_elsewhere_is_shown(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path)
    async with opened_settings(look, world, SettingsPage.ACCOUNT) as (dialog, store):
        await store.update(budget_day_usd="9", concurrency=5)
        assert find(dialog, AmountField, "Daily limit").text() == "9.00"
        assert find(dialog, Stepper, "Runs at once").value() == 5


async def test_notices_that_are_off_cannot_be_chosen(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path)
    async with opened_settings(look, world, SettingsPage.NOTIFICATIONS) as (dialog, store):
        choose_segment(dialog, "Show notifications", "Never")
        await until(lambda: store.current.notify_when is NotifyWhen.NEVER)
        assert not find(dialog, Switch, "Clip ready").isEnabled()


async def test_what_is_sent_of_a_picture_is_said(look: Look, tmp_path: Path) -> None:
    async with opened_settings(look, FakeWorld(tmp_path), SettingsPage.QUEUE) as (dialog, _):
        assert "no place, camera, author" in read_words(dialog)


async def test_what_this_system_cannot_do_is_not_shown(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path, has_tray=False, can_notify=False)
    async with opened_settings(look, world, SettingsPage.GENERAL) as (dialog, _):
        with pytest.raises(AssertionError):
            find(dialog, Switch, "Keep in the tray")
        dialog.show_settings(SettingsPage.NOTIFICATIONS)
        with pytest.raises(AssertionError):
            find(dialog, Switch, "Clip ready")


async def test_another_address_is_spoken_to_at_once(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path)
    async with opened_settings(look, world, SettingsPage.ADVANCED) as (dialog, _):
        type_text(find(dialog, TextField, "API address"), "https://a.test")
        await until(lambda: "reconnect" in world.calls)


async def test_an_address_of_the_environment_is_said_and_cannot_be_changed(
    look: Look, tmp_path: Path
) -> None:
    world = FakeWorld(tmp_path, fixed_address="https://b.test")
    async with opened_settings(look, world, SettingsPage.ADVANCED) as (dialog, _):
        assert not find(dialog, TextField, "API address").isEnabled()
        assert find_row(dialog, "API address").text == "The environment decides: https://b.test"


async def test_diagnostics_go_to_the_clipboard(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path)
    async with opened_settings(look, world, SettingsPage.ADVANCED) as (dialog, _):
        find(dialog, SecondaryButton, "Copy diagnostics").click()
        await until(lambda: QGuiApplication.clipboard().text().startswith("kling-desktop"))
        find(dialog, SecondaryButton, "Open the log folder").click()
        assert world.calls[-1] == "open logs"


async def test_done_and_escape_close_it_and_lift_the_scrim(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path)
    async with opened_settings(look, world, SettingsPage.GENERAL) as (dialog, _):
        window = dialog.parentWidget()
        assert window is not None
        scrim = window.findChild(Scrim)
        assert isinstance(scrim, Scrim)
        assert scrim.isVisible()
        dialog.hold_open("Wait until the clips are moved, or cancel.")
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert dialog.isVisible()
        dialog.hold_open("")
        find(dialog, PrimaryButton, "Done").click()
        assert not dialog.isVisible()
        assert not scrim.isVisible()


@pytest.mark.parametrize("scale", [0.9, 1.5])
async def test_every_page_fits_in_every_text_size(look: Look, tmp_path: Path, scale: float) -> None:
    look.themes.set_choice(Appearance(theme=ThemeChoice.LIGHT, text_scale=scale))
    world = FakeWorld(tmp_path)
    async with opened_settings(look, world, SettingsPage.GENERAL) as (dialog, _):
        for page in SettingsPage:
            dialog.show_settings(page)
            assert dialog.size().toTuple() == (900, 580)


async def test_settings_become_looks(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "settings.json")
    await store.update(theme="light", text_scale=1.15, high_contrast=True, reduced_motion=True)
    wanted = Appearance(
        theme=ThemeChoice.LIGHT, text_scale=1.15, high_contrast=True, reduced_motion=True
    )
    assert read_appearance(store.current) == wanted


async def test_a_dialog_closed_in_the_middle_still_saves(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path)
    store = SettingsStore(tmp_path / "settings.json")
    async with opened_settings(look, world, SettingsPage.ACCOUNT, store=store) as (dialog, _):
        assert isinstance(dialog, SettingsDialog)
        field = find(dialog, AmountField, "Daily limit")
        type_text(field, "3")
        dialog.accept()
        await until(lambda: store.current.budget_day_usd == Decimal(3))
