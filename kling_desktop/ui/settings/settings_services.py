"""What the settings and the sheets beside them may ask for; who answers is decided above."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from kling_desktop.domain.job import Service
from kling_desktop.domain.money import Spending
from kling_desktop.domain.secret import ApiKey
from kling_desktop.engine.library.library import LibraryReport
from kling_desktop.engine.library.library_move import UnfinishedMove
from kling_desktop.storage.settings.api_key import KeyPlace
from kling_desktop.storage.stores.money_store import Balance
from kling_desktop.ui.settings.key_field import KeyTest, KeyVerdict


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
"""Told how much of how much is done: bytes while moving, clips while checking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountServices:
    """The key, the service and the money.

    Attributes:
        test_key: Asks about a key that is not in use; keeps nothing.
        test_kept_key: Asks about the key in use.
        save_key: Keeps a key and goes on with it; raises `KeychainUnavailable`, `StorageError`.
        move_key: Keeps the key in use in another place; raises the same.
        remove_key: Forgets the key; raises `StorageError`.
        key_place: Where the key in use is, None without one.
        key_ending: Its last four characters; empty without one.
        service: Who makes the clips now.
        choose_service: Changes that and keeps the choice; raises `ServiceUnavailable` and
            `DamagedValue` with the sentence.
        reconnect: Speaks to the service anew after its address or proxy has changed; raises
            the same.
        spending: What was spent today and this month, by the receipts.
        find_balance: What the account holds; None when the key may not read it.
    """

    test_key: KeyTest
    test_kept_key: Callable[[], Awaitable[KeyVerdict]]
    save_key: Callable[[ApiKey, KeyPlace], Awaitable[None]]
    move_key: Callable[[KeyPlace], Awaitable[None]]
    remove_key: Callable[[], Awaitable[None]]
    key_place: Callable[[], KeyPlace | None]
    key_ending: Callable[[], str]
    service: Callable[[], Service]
    choose_service: Callable[[Service], Awaitable[None]]
    reconnect: Callable[[], Awaitable[None]]
    spending: Callable[[], Spending]
    find_balance: Callable[[], Awaitable[Balance | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryServices:
    """The library folder and the small pictures.

    Attributes:
        folder: The library folder in use.
        fixed_by: What decides the folder in place of the settings, such as a variable's name;
            empty when the user may choose.
        check_folder: Looks whether clips could be kept in a folder.
        use_library: Puts new clips there from now on; raises `StorageError`.
        move_library: Copies every clip there, then does the same, then removes the old ones;
            cancelled it leaves all as it was.  Returns how many.  Raises `KlingDesktopError`.
        verify_library: Holds every clip against its file; raises `StorageError`.
        find_unfinished_move: Says what a move that was broken off has left twice; None without
            one.  Raises `StorageError`.
        clear_doubles: Removes from the other folder what lies in the library too.  Raises
            `StorageError`.
        measure_cache: Bytes that the small pictures take on the disk.
        clear_cache: Removes them.
    """

    folder: Callable[[], Path]
    fixed_by: str = ""
    check_folder: FolderCheck
    use_library: Callable[[Path], Awaitable[None]]
    move_library: Callable[[Path, OnShare], Awaitable[int]]
    verify_library: Callable[[OnShare], Awaitable[LibraryReport]]
    find_unfinished_move: Callable[[], Awaitable[UnfinishedMove | None]]
    clear_doubles: Callable[[UnfinishedMove], Awaitable[object]]
    measure_cache: Callable[[], Awaitable[int]]
    clear_cache: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsServices:
    """Everything that the settings ask for beyond the settings file; built by the app.

    Attributes:
        has_tray: Whether the system has a tray.
        can_notify: Whether notices of the system can be shown.
        log_dir: Where the log lies.
        open_folder: Shows a folder; False when the desktop would not.
        default_address: The service's real address.
        fixed_address: The address that the environment demands; empty without one.
        find_address_problem: Says in a sentence why an address is none; empty when it is one.
        diagnostics: Version, system and the newest lines of the log, without key and prompts.
        copy_text: Puts a text on the clipboard.
    """

    account: AccountServices
    library: LibraryServices
    has_tray: bool
    can_notify: bool
    log_dir: Path
    open_folder: Callable[[Path], bool]
    default_address: str
    fixed_address: str = ""
    find_address_problem: Callable[[str], str]
    diagnostics: Callable[[], Awaitable[str]]
    copy_text: Callable[[str], object]
