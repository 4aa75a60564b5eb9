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
    AccountServices,
    FolderVerdict,
    LibraryServices,
    OnShare,
    SettingsServices,
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
    """Keeps what was asked of it; `trouble` is raised by the next change that is tried."""

    root: Path
    key: ApiKey | None = field(default_factory=lambda: ApiKey("rw-0123456789-4f2a"))
    place: KeyPlace | None = KeyPlace.KEYCHAIN
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
    fixed_by: str = ""
    fixed_address: str = ""
    has_tray: bool = True
    can_notify: bool = True
    move: Callable[[Path, OnShare], Awaitable[int]] | None = None
    verify: Callable[[OnShare], Awaitable[LibraryReport]] | None = None
    calls: list[str] = field(default_factory=list)
    clipboard: str = ""

    def __post_init__(self) -> None:
        self.folder = self.root / "Videos" / "Kling Desktop"

    def services(self) -> SettingsServices:
        return SettingsServices(
            account=AccountServices(
                test_key=self._test_key,
                test_kept_key=self._test_kept_key,
                save_key=self._save_key,
                move_key=self._move_key,
                remove_key=self._remove_key,
                key_place=lambda: self.place,
                key_ending=lambda: self.key.reveal()[-4:] if self.key else "",
                service=lambda: self.service,
                choose_service=self._choose_service,
                reconnect=self._reconnect,
                spending=lambda: self.spending,
                find_balance=self._find_balance,
            ),
            library=LibraryServices(
                folder=lambda: self.folder,
                fixed_by=self.fixed_by,
                check_folder=self._check_folder,
                use_library=self._use_library,
                move_library=self.move or self._move_library,
                verify_library=self.verify or self._verify_library,
                find_unfinished_move=self._find_unfinished_move,
                clear_doubles=self._clear_doubles,
                measure_cache=self._measure_cache,
                clear_cache=self._clear_cache,
            ),
            has_tray=self.has_tray,
            can_notify=self.can_notify,
            log_dir=self.root / "logs",
            open_folder=self._open_folder,
            default_address="https://api.example.test/v1",
            fixed_address=self.fixed_address,
            find_address_problem=self._find_address_problem,
            diagnostics=self._diagnostics,
            copy_text=self._copy,
        )

    def _fail_if_asked(self) -> None:
        trouble, self.trouble = self.trouble, None
        if trouble is not None:
            raise trouble

    async def _test_key(self, key: ApiKey) -> KeyVerdict:
        self.calls.append("test")
        return self.verdict

    async def _test_kept_key(self) -> KeyVerdict:
        self.calls.append("test kept")
        return self.verdict

    async def _save_key(self, key: ApiKey, place: KeyPlace) -> None:
        self._fail_if_asked()
        if place is KeyPlace.KEYCHAIN and not self.has_keychain:
            raise KeychainUnavailable("This system has no keychain.")
        self.key, self.place = key, place

    async def _move_key(self, place: KeyPlace) -> None:
        self._fail_if_asked()
        self.place = place

    async def _remove_key(self) -> None:
        self._fail_if_asked()
        self.key = self.place = None

    async def _choose_service(self, service: Service) -> None:
        self._fail_if_asked()
        self.service = service

    async def _reconnect(self) -> None:
        self.calls.append("reconnect")
        self._fail_if_asked()

    async def _find_balance(self) -> Balance | None:
        return self.balance

    async def _check_folder(self, folder: Path) -> FolderVerdict:
        return FolderVerdict("214 GB free", self.folder_trouble)

    async def _use_library(self, folder: Path) -> None:
        self._fail_if_asked()
        self.folder = folder

    async def _move_library(self, folder: Path, on_share: OnShare) -> int:
        self._fail_if_asked()
        on_share(1, 2)
        self.folder = folder
        return 48

    async def _verify_library(self, on_share: OnShare) -> LibraryReport:
        self._fail_if_asked()
        on_share(48, 48)
        return REPORT

    async def _find_unfinished_move(self) -> UnfinishedMove | None:
        return self.unfinished_move

    async def _clear_doubles(self, move: UnfinishedMove) -> None:
        self._fail_if_asked()
        assert move is self.unfinished_move
        self.unfinished_move = None

    async def _measure_cache(self) -> int:
        return self.cache_bytes

    async def _clear_cache(self) -> None:
        self.cache_bytes = 0

    def _open_folder(self, folder: Path) -> bool:
        self.calls.append(f"open {folder.name}")
        return True

    def _find_address_problem(self, address: str) -> str:
        if address.startswith("https://"):
            return ""
        return "The service address must begin with https:// and name a host."

    async def _diagnostics(self) -> str:
        return "kling-desktop 0.1.0\n(key removed)"

    def _copy(self, text: str) -> None:
        self.clipboard = text


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
    dialog = SettingsDialog(look, window, store, world.services(), tasks, commands)
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
