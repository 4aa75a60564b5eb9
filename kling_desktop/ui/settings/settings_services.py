"""What the settings ask for beyond the settings file; the app's account controller answers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kling_desktop.domain.job import Service
from kling_desktop.domain.money import Spending
from kling_desktop.domain.secret import ApiKey
from kling_desktop.engine.library.library import LibraryReport
from kling_desktop.engine.library.library_move import UnfinishedMove
from kling_desktop.storage.settings.api_key import KeyPlace
from kling_desktop.storage.stores.money_store import Balance
from kling_desktop.ui.settings.key_field import KeyVerdict


@dataclass(frozen=True, slots=True)
class FolderVerdict:
    """A folder as a home for clips.

    Attributes:
        free: ``"214 GB free"``; empty when it could not be measured.
        trouble: Why clips cannot be kept there; empty when they can.
    """

    free: str = ""
    trouble: str = ""


FolderCheck = Callable[[Path], Awaitable[FolderVerdict]]
OnShare = Callable[[int, int], object]
"""Progress as done and total: bytes while moving, clips while checking."""


class AccountServices(Protocol):
    """The key, the service and the money.

    Changes raise `StorageError`; saving a key also `KeychainUnavailable`; choosing a service or
    reconnecting also `ServiceUnavailable` and `DamagedValue`.

    Attributes:
        key_place: Where the key in use is, None without one.
        key_ending: Its last four characters; empty without one.
        service: Who makes the clips now.
    """

    @property
    def key_place(self) -> KeyPlace | None: ...
    @property
    def key_ending(self) -> str: ...
    @property
    def service(self) -> Service: ...

    async def test_key(self, key: ApiKey) -> KeyVerdict: ...
    async def test_kept_key(self) -> KeyVerdict: ...
    async def save_key(self, key: ApiKey, place: KeyPlace) -> None: ...
    async def move_key(self, place: KeyPlace) -> None: ...
    async def remove_key(self) -> None: ...
    async def choose_service(self, service: Service) -> None: ...
    async def reconnect(self) -> None: ...
    def find_spending(self) -> Spending: ...
    async def find_balance(self) -> Balance | None: ...


class LibraryServices(Protocol):
    """The library folder and the thumbnail cache; changes raise `KlingDesktopError`.

    Attributes:
        library_folder: The library folder in use.
        folder_fixed_by: What decides the folder in place of the settings, such as a variable's
            name; empty when the user may choose.
    """

    @property
    def library_folder(self) -> Path: ...
    @property
    def folder_fixed_by(self) -> str: ...

    async def check_folder(self, folder: Path) -> FolderVerdict: ...
    async def use_library(self, folder: Path) -> None: ...
    async def move_library(self, folder: Path, on_share: OnShare) -> int: ...
    async def verify_library(self, on_share: OnShare) -> LibraryReport: ...
    async def find_unfinished_move(self) -> UnfinishedMove | None: ...
    async def clear_doubles(self, move: UnfinishedMove) -> None: ...
    async def measure_cache(self) -> int: ...
    async def clear_cache(self) -> None: ...
    def open_folder(self, folder: Path) -> bool: ...


class SettingsServices(AccountServices, LibraryServices, Protocol):
    """Everything that the settings ask for.

    Attributes:
        has_tray: Whether the system has a tray.
        can_notify: Whether notices of the system can be shown.
        log_dir: Where the log lies.
        default_address: The service's real address.
        fixed_address: The address that the environment demands; empty without one.
    """

    @property
    def has_tray(self) -> bool: ...
    @property
    def can_notify(self) -> bool: ...
    @property
    def log_dir(self) -> Path: ...
    @property
    def default_address(self) -> str: ...
    @property
    def fixed_address(self) -> str: ...

    def find_address_problem(self, address: str) -> str: ...
    async def describe_machine(self) -> str: ...
