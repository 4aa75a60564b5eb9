"""Answers what the settings ask for: key, service, library folder, money."""

import asyncio
import logging
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSystemTrayIcon

from kling_desktop import __version__
from kling_desktop.assembly.core import Core, find_address_problem
from kling_desktop.assembly.disk_space import find_free_bytes
from kling_desktop.assembly.folders import DEFAULT_BASE_URL, LIBRARY_VARIABLE
from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.domain.job import Service
from kling_desktop.domain.local_time import LOCAL_ZONE, local_now
from kling_desktop.domain.money import Spending, Sum
from kling_desktop.domain.secret import ApiKey
from kling_desktop.engine.library.library import Library, LibraryReport
from kling_desktop.engine.library.library_move import (
    UnfinishedMove,
    clear_doubles,
    find_unfinished_move,
    move_library,
    remove_moved,
)
from kling_desktop.media.thumbnail_files import ThumbnailFiles
from kling_desktop.storage.files.library_files import LibraryFiles
from kling_desktop.storage.settings.api_key import KeyPlace
from kling_desktop.storage.stores.money_store import Balance
from kling_desktop.ui.desktop.desktop_services import DesktopServices
from kling_desktop.ui.settings.key_field import KeyVerdict
from kling_desktop.ui.settings.settings_services import (
    FolderVerdict,
    OnShare,
)
from kling_desktop.wording import shell as texts
from kling_desktop.wording.formatting import file_size
from kling_desktop.wording.reasons import describe_error
from kling_desktop.wording.settings import key_works

logger = logging.getLogger(__name__)

_LOG_TAIL_BYTES = 16_000


class AccountController(QObject):
    """Answers for key, service, folders and money; owned by the main controller.

    It is the `SettingsServices` of the settings.
    """

    def __init__(
        self,
        core: Core,
        library: Library,
        thumbnail_files: ThumbnailFiles,
        on_change: Callable[[], object],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._core, self._money = core, core.stores.money
        self._library = library
        self._thumbnail_files = thumbnail_files
        self._on_change = on_change

    # -- what the settings may know -------------------------------------------------------------

    @property
    def key_place(self) -> KeyPlace | None:
        return None if self._core.key is None else self._core.keys.place

    @property
    def key_ending(self) -> str:
        return "" if self._core.key is None else self._core.key.reveal()[-4:]

    @property
    def service(self) -> Service:
        return self._core.service

    @property
    def library_folder(self) -> Path:
        return self._core.files.library_dir

    @property
    def folder_fixed_by(self) -> str:
        return "" if self._core.folders.library_override is None else LIBRARY_VARIABLE

    @property
    def has_tray(self) -> bool:
        return QSystemTrayIcon.isSystemTrayAvailable()

    @property
    def can_notify(self) -> bool:
        return QSystemTrayIcon.supportsMessages()

    @property
    def log_dir(self) -> Path:
        return self._core.folders.logs

    @property
    def default_address(self) -> str:
        return DEFAULT_BASE_URL

    @property
    def fixed_address(self) -> str:
        return self._core.fixed_base_url

    def find_address_problem(self, address: str) -> str:
        """Why an address cannot be the service's; empty when it can."""
        problem = find_address_problem(address)
        return "" if problem is None else describe_error(problem)

    def open_folder(self, folder: Path) -> bool:
        """Show a folder; False when the desktop would not."""
        return DesktopServices(self).open_folder(folder)

    # -- key, service and money -----------------------------------------------------------------

    async def test_key(self, key: ApiKey) -> KeyVerdict:
        """Ask the service about a key that is not in use."""
        try:
            check = await self._core.check_key(key)
        except KlingDesktopError as error:
            return KeyVerdict(None, texts.KEY_NOT_TESTED(error=describe_error(error)))
        if not check.accepted:
            return KeyVerdict(works=False, words=texts.KEY_REFUSED())
        balance = None if check.account is None else check.account.balance
        words = key_works(balance, local_now())
        return KeyVerdict(works=True, words=words)

    async def test_kept_key(self) -> KeyVerdict:
        key = self._core.key or await self._core.keys.load()
        if key is None:
            return KeyVerdict(None, texts.NO_KEY_YET())
        return await self.test_key(key)

    async def save_key(self, key: ApiKey, place: KeyPlace) -> None:
        await self._core.use_key(key, place)
        self._on_change()

    async def move_key(self, place: KeyPlace) -> None:
        if self._core.key is not None:
            await self.save_key(self._core.key, place)

    async def remove_key(self) -> None:
        await self._core.remove_key()
        self._on_change()

    async def choose_service(self, service: Service) -> None:
        await self._core.choose_service(service)
        self._on_change()

    async def reconnect(self) -> None:
        await self._core.use_service(self._core.service)
        self._on_change()

    def find_spending(self) -> Spending:
        return self._money.spending(local_now(), LOCAL_ZONE, Service.RUNWARE)

    def find_under_way(self) -> Sum:
        return self._money.find_under_way(Service.RUNWARE)

    async def find_balance(self) -> Balance | None:
        """What the account holds; None when it may not be read or nobody answers."""
        try:
            return await self._core.find_balance()
        except KlingDesktopError as error:
            logger.info("the balance could not be asked: %s", error)
            return self._money.find_balance(self._core.service)

    # -- library folder and thumbnail cache -----------------------------------------------------

    async def check_folder(self, folder: Path) -> FolderVerdict:
        """Look whether clips could be kept in a folder; nothing is left behind."""
        return await asyncio.to_thread(_check_folder, folder)

    async def use_library(self, folder: Path) -> None:
        await self._core.use_library(folder)
        self._library.set_files(self._core.files)
        self._on_change()

    async def move_library(self, folder: Path, on_share: OnShare) -> int:
        """Copy every clip to a folder, use it, then remove the old files; return how many.

        Cancelled it leaves all as it was.
        """
        old, target = self._core.files, LibraryFiles(folder)
        await move_library(old, target, on_bytes=on_share)
        await self.use_library(folder)
        # What came while the rest was copied is copied too; both folders are whole until here.
        moved = await move_library(old, target)
        await remove_moved(old, target)
        return moved

    async def verify_library(self, on_share: OnShare) -> LibraryReport:
        return await self._library.verify(on_steps=on_share)

    async def find_unfinished_move(self) -> UnfinishedMove | None:
        return await find_unfinished_move(self._core.files)

    async def clear_doubles(self, move: UnfinishedMove) -> None:
        await clear_doubles(self._core.files, move)

    async def measure_cache(self) -> int:
        return await asyncio.to_thread(self._thumbnail_files.measure)

    async def clear_cache(self) -> None:
        await asyncio.to_thread(self._thumbnail_files.clear)

    async def describe_machine(self) -> str:
        """Version, system and the newest lines of the log; neither key nor prompts are in it."""
        import PySide6

        lines = [
            f"Kling Desktop {__version__}",
            f"Python {platform.python_version()}, PySide6 {PySide6.__version__}",
            f"{platform.platform()}, {QGuiApplication.platformName()}",
            f"Frozen: {getattr(sys, 'frozen', False)}",
            "",
        ]
        tail = await asyncio.to_thread(_read_tail, self._core.folders.logs / "kling-desktop.log")
        return "\n".join(lines) + tail


def _check_folder(folder: Path) -> FolderVerdict:
    free = find_free_bytes(folder)
    words = "" if free is None else texts.FREE_SPACE(size=file_size(free))
    if not folder.is_absolute():
        return FolderVerdict(words, texts.WHOLE_PATH_NEEDED())
    place = next((path for path in (folder, *folder.parents) if path.exists()), folder)
    try:
        with tempfile.NamedTemporaryFile(prefix=".kling-probe-", dir=place):
            return FolderVerdict(words)
    except OSError:
        return FolderVerdict(words, texts.FOLDER_NOT_WRITABLE(folder=place))


def _read_tail(path: Path) -> str:
    try:
        with path.open("rb") as log:
            log.seek(0, 2)
            log.seek(max(0, log.tell() - _LOG_TAIL_BYTES))
            return log.read().decode("utf-8", errors="replace")
    except OSError:
        return texts.NO_LOG()
