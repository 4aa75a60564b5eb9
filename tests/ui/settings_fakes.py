"""The world behind the settings, as the tests want it: no service, no keychain, no disk to fill."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget

from kling_desktop.domain.catalog import MODELS
from kling_desktop.domain.errors import KeychainUnavailable, KlingDesktopError
from kling_desktop.domain.job import Service
from kling_desktop.domain.money import Spending, Sum
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.secret import ApiKey
from kling_desktop.engine.library.library import LibraryReport
from kling_desktop.engine.library.library_move import UnfinishedMove
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.storage.settings.api_key import KeyPlace
from kling_desktop.storage.settings.settings_store import SettingsStore
from kling_desktop.storage.stores.money_store import Balance
from kling_desktop.ui.commands.commands import COMMANDS, CommandSet
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.controls.segmented import SegmentedControl
from kling_desktop.ui.settings.key_field import KeyVerdict
from kling_desktop.ui.settings.settings_dialog import SettingsDialog
from kling_desktop.ui.settings.settings_page import SettingsPage
from kling_desktop.ui.settings.settings_row import SettingRow
from kling_desktop.ui.settings.settings_services import (
    FolderVerdict,
    OnShare,
)
from kling_desktop.ui.theme.look import Look

W = TypeVar("W", bound=QWidget)
REPORT = LibraryReport(checked=48, missing=(), returned=(), moved=(), changed=(), strays=())
WORKS = KeyVerdict(works=True, words="Works. Last checked today 14:02.")
SPENDING = Spending(
    today=Sum(usd=Decimal("1.05"), known=3, unknown=1),
    this_month=Sum(usd=Decimal("14.60"), known=41),
    by_model=(
        (MODELS[0].id, Sum(usd=Decimal("12.50"), known=35)),
        (MODELS[-1].id, Sum(usd=Decimal("2.10"), known=6, unknown=1)),
    ),
)


@dataclass
class FakeWorld:
    """The `SettingsServices` of the tests: keeps what was asked of it; `trouble` is raised by the next change that is tried."""

    root: Path
    key: ApiKey | None = field(default_factory=lambda: ApiKey("rw-0123456789-4f2a"))
    key_place: KeyPlace | None = KeyPlace.KEYCHAIN
    service: Service = Service.RUNWARE
    has_keychain: bool = True
    verdict: KeyVerdict = WORKS
    folder_trouble: str = ""
    trouble: KlingDesktopError | None = None
    balance: Balance | None = field(
        default_factory=lambda: Balance(
            usd=Decimal("42.10"), checked_at=datetime.now(UTC).replace(hour=12)
        )
    )
    spending: Spending = SPENDING
    cache_bytes: int = 1_300_000_000
    unfinished_move: UnfinishedMove | None = None
    folder_fixed_by: str = ""
    default_address: str = "https://api.example.test/v1"
    fixed_address: str = ""
    has_tray: bool = True
    can_notify: bool = True
    move: Callable[[Path, OnShare], Awaitable[int]] | None = None
    verify: Callable[[OnShare], Awaitable[LibraryReport]] | None = None
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.library_folder = self.root / "Videos" / "Kling Desktop"

    @property
    def key_ending(self) -> str:
        return self.key.reveal()[-4:] if self.key else ""

    @property
    def log_dir(self) -> Path:
        return self.root / "logs"

    def find_spending(self) -> Spending:
        return self.spending

    def _fail_if_asked(self) -> None:
        trouble, self.trouble = self.trouble, None
        if trouble is not None:
            raise trouble

    async def test_key(self, key: ApiKey) -> KeyVerdict:
        self.calls.append("test")
        return self.verdict

    async def test_kept_key(self) -> KeyVerdict:
        self.calls.append("test kept")
        return self.verdict

    async def save_key(self, key: ApiKey, place: KeyPlace) -> None:
        self._fail_if_asked()
        if place is KeyPlace.KEYCHAIN and not self.has_keychain:
            raise KeychainUnavailable(Reason.NO_KEYCHAIN)
        self.key, self.key_place = key, place

    async def move_key(self, place: KeyPlace) -> None:
        self._fail_if_asked()
        self.key_place = place

    async def remove_key(self) -> None:
        self._fail_if_asked()
        self.key = self.key_place = None

    async def choose_service(self, service: Service) -> None:
        self._fail_if_asked()
        self.service = service

    async def reconnect(self) -> None:
        self.calls.append("reconnect")
        self._fail_if_asked()

    async def find_balance(self) -> Balance | None:
        return self.balance

    async def check_folder(self, folder: Path) -> FolderVerdict:
        return FolderVerdict("214 GB free", self.folder_trouble)

    async def use_library(self, folder: Path) -> None:
        self._fail_if_asked()
        self.library_folder = folder

    async def move_library(self, folder: Path, on_share: OnShare) -> int:
        if self.move is not None:
            return await self.move(folder, on_share)
        self._fail_if_asked()
        on_share(1, 2)
        self.library_folder = folder
        return 48

    async def verify_library(self, on_share: OnShare) -> LibraryReport:
        if self.verify is not None:
            return await self.verify(on_share)
        self._fail_if_asked()
        on_share(48, 48)
        return REPORT

    async def find_unfinished_move(self) -> UnfinishedMove | None:
        return self.unfinished_move

    async def clear_doubles(self, move: UnfinishedMove) -> None:
        self._fail_if_asked()
        assert move is self.unfinished_move
        self.unfinished_move = None

    async def measure_cache(self) -> int:
        return self.cache_bytes

    async def clear_cache(self) -> None:
        self.cache_bytes = 0

    def open_folder(self, folder: Path) -> bool:
        self.calls.append(f"open {folder.name}")
        return True

    def find_address_problem(self, address: str) -> str:
        if address.startswith("https://"):
            return ""
        return "The service address must begin with https:// and name a host."

    async def describe_machine(self) -> str:
        return "kling-desktop 0.1.0\n(key removed)"


async def until(is_so: Callable[[], object]) -> None:
    """Wait until something is so; Qt has no event for it."""
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@asynccontextmanager
async def opened_settings(
    look: Look, world: FakeWorld, page: SettingsPage, *, store: SettingsStore | None = None
) -> AsyncIterator[tuple[SettingsDialog, SettingsStore]]:
    """The real settings over a window, with a real file behind them."""
    failures: list[BaseException] = []
    tasks = TaskOwner(failures.append)
    store = store if store is not None else SettingsStore(world.root / "settings.json")
    window = QWidget()
    window.resize(1280, 720)
    window.show()
    commands = CommandSet(window)
    for command in COMMANDS:
        commands.connect_to(command.id, lambda: None)
    dialog = SettingsDialog(look, window, store, world, tasks, commands)
    dialog.show_settings(page)
    dialog.open()
    await asyncio.sleep(0)
    try:
        yield dialog, store
    finally:
        dialog.hold_open("")
        dialog.accept()
        await tasks.close()
        window.close()
        window.deleteLater()
        assert failures == []


def find(root: QWidget, kind: type[W], name: str) -> W:
    """The shown widget of a kind with this accessible name, or these words on it."""
    for widget in root.findChildren(kind):
        words = widget.text() if isinstance(widget, QAbstractButton) else ""
        if name in (widget.accessibleName(), words) and widget.isVisibleTo(root):
            return widget
    raise AssertionError(f"no {kind.__name__} is called {name!r}")


def choose_segment(root: QWidget, name: str, label: str) -> None:
    control = find(root, SegmentedControl, name)
    find(control, QAbstractButton, label).click()


def type_text(field: QLineEdit, text: str) -> None:
    """Type over what stands in a field and press Return."""
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def find_row(root: QWidget, title: str) -> SettingRow:
    return next(
        row
        for row in root.findChildren(SettingRow)
        if any(label.text() == title for label in row.findChildren(Label))
    )


def list_nameless(root: QWidget) -> list[str]:
    """Widgets that the keyboard reaches and a screen reader cannot name."""
    return [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for widget in root.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisibleTo(root)
        and not widget.accessibleName()
        and not (isinstance(widget, QAbstractButton) and widget.text())
    ]
