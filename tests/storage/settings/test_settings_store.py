import asyncio
import json
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_desktop.domain.catalog import DEFAULT_MODEL, ModelId
from kling_desktop.domain.errors import DamagedValue, DataFolderUnavailable
from kling_desktop.domain.frame_form import FrameForm
from kling_desktop.domain.job import Service
from kling_desktop.storage.settings.setting_readers import write_setting
from kling_desktop.storage.settings.settings_store import (
    _READERS,
    LogLevel,
    NotifyWhen,
    Settings,
    SettingsStore,
    ThemeSetting,
    read_settings,
)
from kling_desktop.wording.reasons import describe_error

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NAMES = [field.name for field in fields(Settings)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


def test_every_setting_has_a_reader_and_a_sound_default() -> None:
    assert list(_READERS) == NAMES
    for name in NAMES:
        default = getattr(Settings(), name)
        assert _READERS[name](default) == default
        assert _READERS[name](json.loads(json.dumps(write_setting(default)))) == default


async def test_what_is_set_is_there_at_the_next_start(path: Path) -> None:
    store = SettingsStore.load(path)
    told: list[Settings] = []
    store.changed.subscribe(told.append)
    changes = {
        "service": Service.SANDBOX,
        "concurrency": 16,
        "budget_day_usd": Decimal("12.10"),
        "theme": ThemeSetting.LIGHT,
        "notify_when": "never",
        "text_scale": 1.25,
        "shortcuts": {"play": "Space"},
        "frame_forms": {DEFAULT_MODEL: FrameForm.INPUTS},
        "models_gone": ["klingai:1@1", "klingai:1@1"],
        "log_level": LogLevel.DEBUG,
        "queue_paused": True,
    }
    settings = await store.update(**changes)
    again = SettingsStore.load(path)
    assert again.current == settings == store.current
    assert again.warnings == ()
    assert told == [settings]
    assert settings.notify_when is NotifyWhen.NEVER
    assert settings.frame_form(DEFAULT_MODEL) is FrameForm.INPUTS
    assert settings.frame_form(ModelId("other")) is FrameForm.SEED
    assert settings.models_gone == ("klingai:1@1",)
    await store.update(**changes)
    assert len(told) == 1


async def test_only_what_was_set_is_written(path: Path) -> None:
    store = SettingsStore.load(path)
    await store.update(concurrency=3)
    assert json.loads(path.read_text()) == {"concurrency": 3}


async def test_unknown_keys_are_kept(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"from_the_future": {"a": [1]}, "concurrency": 4}')
    store = SettingsStore.load(path)
    await store.update(concurrency=5)
    assert json.loads(path.read_text()) == {"from_the_future": {"a": [1]}, "concurrency": 5}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("concurrency", 0),
        ("concurrency", 17),
        ("concurrency", True),
        ("concurrency", 2.0),
        ("text_scale", 10**400),
        ("text_scale", float("nan")),
        ("text_scale", "1"),
        ("budget_day_usd", "free"),
        ("budget_day_usd", -1),
        ("budget_day_usd", "NaN"),
        ("budget_day_usd", 1.5),
        ("theme", "pink"),
        ("service", []),
        ("shortcuts", {"a": 1}),
        ("shortcuts", []),
        ("models_gone", "klingai"),
        ("file_name_pattern", "{colour}"),
        ("library_dir", "x" * 5000),
        ("queue_paused", 1),
    ],
)
async def test_a_wrong_value_falls_back_alone(path: Path, name: str, value: object) -> None:
    path.parent.mkdir()
    path.write_text(json.dumps({"default_takes": 3, name: value}))
    store = SettingsStore.load(path)
    assert getattr(store.current, name) == getattr(Settings(), name)
    assert store.current.default_takes == 3
    (warning,) = store.warnings
    assert warning.startswith(name)
    before = path.read_bytes()
    with pytest.raises(DamagedValue) as caught:
        await store.update(**{name: value})
    assert caught.value.reason is not None
    assert describe_error(caught.value).endswith(".")
    assert path.read_bytes() == before
    default = getattr(Settings(), name)
    await store.update(**{name: default})  # set right by hand, the warning is gone
    assert SettingsStore.load(path).warnings == ()


async def test_settings_of_other_versions_are_passed_over_without_a_word(path: Path) -> None:
    gone = {"language": "de", "check_spelling": 7, "hold_on_metered": True, "notify_sound": []}
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({**gone, "default_takes": 3}), "utf-8")
    store = SettingsStore.load(path)
    assert store.current == Settings(default_takes=3)
    assert store.warnings == ()


async def test_there_is_no_such_setting(path: Path) -> None:
    store = SettingsStore.load(path)
    with pytest.raises(TypeError, match="colour"):
        await store.update(colour="red")


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000])
async def test_a_damaged_file_gives_way_to_its_last_good_copy(path: Path, damaged: bytes) -> None:
    store = SettingsStore.load(path)
    await store.update(concurrency=7)
    path.write_bytes(damaged)
    store = SettingsStore.load(path)
    assert store.current.concurrency == 7
    assert store.warnings
    assert path.read_bytes() == damaged  # reading changes nothing
    await store.update(default_takes=2)
    assert SettingsStore.load(path).current == store.current
    assert path.with_name("settings.json.damaged").read_bytes() == damaged


def test_with_both_damaged_the_defaults_hold(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("{")
    path.with_name("settings.json.bak").write_text("{")
    store = SettingsStore.load(path)
    assert store.current == Settings()
    assert len(store.warnings) == 2


async def test_what_cannot_be_saved_does_not_hold(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = SettingsStore.load(tmp_path / "file" / "settings.json")
    with pytest.raises(DataFolderUnavailable):
        await store.update(concurrency=3)
    assert store.current == Settings()


async def test_changes_at_the_same_time_are_all_kept(path: Path) -> None:
    store = SettingsStore.load(path)
    await asyncio.gather(
        store.update(concurrency=3), store.update(default_takes=4), store.update(keep_in_tray=True)
    )
    again = SettingsStore.load(path).current
    assert (again.concurrency, again.default_takes, again.keep_in_tray) == (3, 4, True)
    assert sorted(each.name for each in path.parent.iterdir()) == [
        "settings.json",
        "settings.json.bak",
    ]


@given(st.dictionaries(st.sampled_from(NAMES) | st.text(), JSON))
def test_whatever_stands_in_the_file_gives_settings(data: dict[str, object]) -> None:
    settings, warnings = read_settings(data)
    assert len(warnings) <= len(data)
    written = {name: write_setting(getattr(settings, name)) for name in NAMES}
    assert read_settings(json.loads(json.dumps(written))) == (settings, ())
