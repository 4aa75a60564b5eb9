"""All settings of the user and their defaults, kept in one file."""

import asyncio
import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, cast

from kling_desktop.domain.catalog import ModelId
from kling_desktop.domain.draft import MAX_TAKES
from kling_desktop.domain.errors import DamagedValue
from kling_desktop.domain.events import Notifier
from kling_desktop.domain.frame_form import FrameForm
from kling_desktop.domain.job import Service
from kling_desktop.domain.limits import DEFAULT_CACHE_MB, MOST_CONCURRENCY
from kling_desktop.domain.money import BudgetCaps
from kling_desktop.storage.files.atomic_io import replace_file, run_whole, write_file
from kling_desktop.storage.files.file_names import DEFAULT_NAME_PATTERN
from kling_desktop.storage.files.private_files import make_private_folder
from kling_desktop.storage.files.small_files import read_own_file
from kling_desktop.storage.files.system_errors import data_errors
from kling_desktop.storage.settings.setting_readers import (
    Reader,
    choice,
    choice_or_none,
    number,
    read_flag,
    read_money_or_none,
    read_name_pattern,
    read_names,
    read_text,
    table,
    whole,
    write_setting,
)

logger = logging.getLogger(__name__)

_COST_WARNING_USD = Decimal(5)
_MOST_BYTES = 4 * 1024 * 1024


class NotifyWhen(StrEnum):
    """When the system's notices are shown."""

    NOT_IN_FRONT = "not_in_front"
    ALWAYS = "always"
    NEVER = "never"


class ThemeSetting(StrEnum):
    """Which theme is wanted."""

    SYSTEM = "system"
    DARK = "dark"
    LIGHT = "light"


class LogLevel(StrEnum):
    """How much is written to the log."""

    INFO = "info"
    DEBUG = "debug"


MOST_RETRIES = 5
TILE_HEIGHTS_PX = (96, 280)
"""The smallest and the largest height that the wall's rows may want."""
TILE_HEIGHT_PX = 148


def _empty_table() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set.  The API key and the window's place are no settings.

    Attributes:
        start_with_last_window: Open where and as large as the window was.
        keep_in_tray: Closing the window leaves the app working in the tray.
        library_dir: The library folder; empty means the default one.
        file_name_pattern: What clips are called, see `file_names.NAME_FIELDS`.
        hover_strips: Make the strip of thumbnails that hovering scrubs through.
        cache_size_mb: The most that posters and strips may take on the disk.
        service: Who makes the clips; None until the first choice was made.
        concurrency: How many jobs may be between the first byte and the file.
        cost_warning_usd: Ask before one click that costs more; None never asks.
        budget_day_usd: The queue holds before a day costs more; None is no cap.
        budget_month_usd: The same for a month.
        queue_paused: The user paused the queue; holds over a restart.
        default_takes: How many takes a new draft starts with.
        retry_count: How often a job that the service failed is tried again by itself; each try
            may cost, so it is none until the user says otherwise.
        resume_on_start: Carry the queue on at start; else it starts paused.
        hover_scrub: Moving the pointer over a tile scrubs through the clip.
        names_under_tiles: Show each clip's name under its tile.
        tile_height_px: How high the wall's rows want to be.
        shortcuts: Action name to keys, only where the user changed them.
        base_url: The service's address; empty means the real one.
        proxy: Address of a proxy; empty means what the system says.
        frame_forms: Which of the two request shapes a model was found to want; by AIR id.
        retry_not_before: Until when a service wants no requests, in ISO 8601; by service.
        models_gone: AIR ids of models that the service no longer offers.
        known_libraries: Folders that were made a library once; one of them that is not there is
            missing and is not made anew.
    """

    start_with_last_window: bool = True
    keep_in_tray: bool = False

    library_dir: str = ""
    file_name_pattern: str = DEFAULT_NAME_PATTERN
    hover_strips: bool = True
    cache_size_mb: int = DEFAULT_CACHE_MB

    service: Service | None = None
    concurrency: int = 2
    cost_warning_usd: Decimal | None = _COST_WARNING_USD
    budget_day_usd: Decimal | None = None
    budget_month_usd: Decimal | None = None

    queue_paused: bool = False
    default_takes: int = 1
    retry_count: int = 0
    resume_on_start: bool = True

    notify_when: NotifyWhen = NotifyWhen.NOT_IN_FRONT
    notify_done: bool = True
    notify_failed: bool = True
    notify_needs_person: bool = True
    notify_queue_empty: bool = True

    theme: ThemeSetting = ThemeSetting.SYSTEM
    text_scale: float = 1.0
    high_contrast: bool = False
    reduced_motion: bool = False
    hover_scrub: bool = True
    names_under_tiles: bool = False
    tile_height_px: int = TILE_HEIGHT_PX

    shortcuts: Mapping[str, str] = field(default_factory=_empty_table)

    base_url: str = ""
    proxy: str = ""
    log_level: LogLevel = LogLevel.INFO

    frame_forms: Mapping[str, str] = field(default_factory=_empty_table)
    models_gone: tuple[str, ...] = ()
    retry_not_before: Mapping[str, str] = field(default_factory=_empty_table)
    known_libraries: tuple[str, ...] = ()

    @property
    def budget_caps(self) -> BudgetCaps:
        return BudgetCaps(day_usd=self.budget_day_usd, month_usd=self.budget_month_usd)

    def frame_form(self, model: ModelId) -> FrameForm:
        """Which shape a request with frames has for this model, as far as is known."""
        return FrameForm(self.frame_forms.get(model, FrameForm.SEED))


_READERS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        "start_with_last_window": read_flag,
        "keep_in_tray": read_flag,
        "library_dir": read_text,
        "file_name_pattern": read_name_pattern,
        "hover_strips": read_flag,
        "cache_size_mb": whole(64, 1_000_000),
        "service": choice_or_none(Service),
        "concurrency": whole(1, MOST_CONCURRENCY),
        "cost_warning_usd": read_money_or_none,
        "budget_day_usd": read_money_or_none,
        "budget_month_usd": read_money_or_none,
        "queue_paused": read_flag,
        "default_takes": whole(1, MAX_TAKES),
        "retry_count": whole(0, MOST_RETRIES),
        "resume_on_start": read_flag,
        "notify_when": choice(NotifyWhen),
        "notify_done": read_flag,
        "notify_failed": read_flag,
        "notify_needs_person": read_flag,
        "notify_queue_empty": read_flag,
        "theme": choice(ThemeSetting),
        "text_scale": number(0.8, 2.0),
        "high_contrast": read_flag,
        "reduced_motion": read_flag,
        "hover_scrub": read_flag,
        "names_under_tiles": read_flag,
        "tile_height_px": whole(*TILE_HEIGHTS_PX),
        "shortcuts": table(read_text),
        "base_url": read_text,
        "proxy": read_text,
        "log_level": choice(LogLevel),
        "frame_forms": table(choice(FrameForm)),
        "models_gone": read_names,
        "retry_not_before": table(read_text),
        "known_libraries": read_names,
    }
)
"""How each setting is read and checked."""


def read_settings(data: Mapping[str, object]) -> tuple[Settings, tuple[str, ...]]:
    """Read settings value by value; a wrong one gets its default and a warning.

    Names that are no setting, such as those of an older or newer version, are passed over.
    """
    known: dict[str, Any] = {}
    warnings: list[str] = []
    for name, read in _READERS.items():
        if name not in data:
            continue
        try:
            known[name] = read(data[name])
        except DamagedValue as error:
            warnings.append(f"{name}: {error}")
    return Settings(**known), tuple(warnings)


class SettingsStore:
    """Owns the settings file.  `changed` reports the new settings after they are on the disk.

    Beside the file lies a copy of what was last saved; it stands in for a damaged file.
    """

    def __init__(self, path: Path) -> None:
        self.changed: Notifier[Settings] = Notifier()
        self.current = Settings()
        self.warnings: tuple[str, ...] = ()
        self._path = path
        self._kept: dict[str, object] = {}
        self._saving = asyncio.Lock()

    @classmethod
    def load(cls, path: Path) -> "SettingsStore":
        """Read the settings; what cannot be read has its default, and `warnings` says so.

        A damaged file is set aside with the ending ``.damaged`` when it is next written over.
        """
        store = cls(path)
        data, warnings = _load_best(path)
        store._kept = data
        store.current, wrong = read_settings(data)
        store.warnings = (*warnings, *wrong)
        for warning in store.warnings:
            logger.warning("settings: %s", warning)
        return store

    async def update(self, **changes: object) -> Settings:
        """Change some settings, save them, then report them.

        Raises:
            TypeError: There is no such setting.
            DamagedValue: A value is not allowed; nothing was changed.
            StorageError: The file could not be written; nothing was changed.
        """
        unknown = sorted(changes.keys() - _READERS.keys())
        if unknown:
            raise TypeError(f"no settings: {', '.join(unknown)}")
        values: dict[str, Any] = {name: _READERS[name](value) for name, value in changes.items()}
        async with self._saving:
            settings = replace(self.current, **values)
            kept = {**self._kept, **{name: write_setting(values[name]) for name in values}}
            if _to_text(kept) != _to_text(self._kept):  # as text: 2.0 is no 2 in a file
                await run_whole(_save, self._path, _to_text(kept))
            differs = settings != self.current
            self._kept, self.current = kept, settings
            if differs:
                self.changed.send(settings)
            return settings


def _load_best(path: Path) -> tuple[dict[str, object], tuple[str, ...]]:
    """Read the file, else its last good copy, else nothing; say which of them was no good."""
    warnings: list[str] = []
    for source in (path, _copy_path(path)):
        try:
            return _read_table(source), tuple(warnings)
        except FileNotFoundError:
            continue
        except (OSError, ValueError, RecursionError) as error:
            warnings.append(f"{source.name} could not be read ({error})")
    return {}, tuple(warnings)


def _read_table(path: Path) -> dict[str, object]:
    data: object = json.loads(read_own_file(path, _MOST_BYTES))
    if not isinstance(data, dict):
        raise ValueError("no table")  # noqa: TRY004 the file is wrong, not a type of ours
    return cast("dict[str, object]", data)


def _to_text(data: Mapping[str, object]) -> str:
    return json.dumps(data, ensure_ascii=True, indent=2, sort_keys=True) + "\n"


def _save(path: Path, text: str) -> None:
    with data_errors(path):
        make_private_folder(path.parent)
        if not _is_sound(path):
            with suppress(FileNotFoundError):
                replace_file(path, path.with_name(path.name + ".damaged"))
        write_file(path, text.encode())
        write_file(_copy_path(path), text.encode())


def _is_sound(path: Path) -> bool:
    try:
        _read_table(path)
    except FileNotFoundError:
        return True
    except (ValueError, RecursionError):
        return False
    return True


def _copy_path(path: Path) -> Path:
    return path.with_name(path.name + ".bak")
