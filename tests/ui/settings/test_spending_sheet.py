import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from kling_desktop.domain.errors import DiskFull
from kling_desktop.domain.money import Spending, Sum
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.storage.settings.settings_store import SettingsStore
from kling_desktop.storage.stores.money_store import Balance
from kling_desktop.ui.controls.buttons import LinkButton, SecondaryButton
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.settings.spending_sheet import SpendingServices, SpendingSheet
from kling_desktop.ui.theme.look import Look
from tests.ui.settings_fakes import SPENDING, find, list_nameless, until

NOTHING = Sum()


async def _no_balance() -> Balance | None:
    return None


class _Csv:
    def __init__(self, trouble: Exception | None = None) -> None:
        self.written: list[Path] = []
        self.trouble = trouble

    async def __call__(self, file: Path) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.written.append(file)


@asynccontextmanager
async def _opened(
    look: Look,
    store: SettingsStore,
    *,
    spending: Spending = SPENDING,
    under_way: Sum = NOTHING,
    csv: _Csv | None = None,
    folder: Path = Path(),
    sandbox: bool = False,
) -> AsyncIterator[SpendingSheet]:
    tasks = TaskOwner()
    window = QWidget()
    window.resize(1280, 720)
    window.show()
    services = SpendingServices(
        spending=lambda: spending,
        find_under_way=lambda: under_way,
        find_balance=_no_balance,
        export_csv=csv or _Csv(),
        export_folder=folder,
        sandbox=sandbox,
    )
    sheet = SpendingSheet(look, window, store, services, tasks)
    sheet.open()
    await asyncio.sleep(0)
    yield sheet
    sheet.accept()
    await tasks.close()
    window.close()
    window.deleteLater()


def _says(root: QWidget, words: str) -> bool:
    labels = root.findChildren(Label)
    return any(words in label.text() and label.isVisibleTo(root) for label in labels)


async def test_known_and_unknown_are_said_apart(look: Look, tmp_path: Path) -> None:
    async with _opened(look, SettingsStore(tmp_path / "s.json")) as sheet:
        for words in (
            "$1.05",
            "and 1 clip of unknown cost",
            "$14.60",
            "every cost is known",
            "$12.50 for 35 clips",
            "1 clip of unknown cost",
            "No limit.",
        ):
            assert _says(sheet, words), words
        assert list_nameless(sheet) == []


async def test_nothing_spent_is_no_list_of_models(look: Look, tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "s.json")
    async with _opened(look, store, spending=Spending(), sandbox=True) as sheet:
        assert not _says(sheet, "by model")
        assert _says(sheet, "Practice clips cost nothing. The sums are those of Runware.")


@pytest.mark.parametrize(
    ("under_way", "words"),
    [
        (Sum(usd=Decimal("0.70"), known=2), "Under way: about $0.70 for 2 clips."),
        (Sum(unknown=1), "Under way: 1 clip of unknown cost."),
        (
            Sum(usd=Decimal("0.35"), known=1, unknown=2),
            "Under way: about $0.35, and 2 clips of unknown cost.",
        ),
    ],
)
async def test_what_runs_now_has_a_line_of_its_own(
    look: Look, tmp_path: Path, under_way: Sum, words: str
) -> None:
    store = SettingsStore(tmp_path / "s.json")
    async with _opened(look, store, under_way=under_way) as sheet:
        assert _says(sheet, words)
        assert _says(sheet, "$1.05")
    async with _opened(look, store) as sheet:
        assert not _says(sheet, "Under way")


async def test_one_click_raises_a_limit(look: Look, tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "s.json")
    await store.update(budget_month_usd="10", budget_day_usd="1")
    async with _opened(look, store) as sheet:
        assert _says(sheet, "The limit of $10.00 is reached. The queue is paused until you raise")
        assert _says(sheet, "A clip whose price isn’t known yet is not held until a limit")
        find(sheet, SecondaryButton, "Monthly limit: Raise to $15.00").click()
        await until(lambda: store.current.budget_month_usd == Decimal(15))
        await until(lambda: _says(sheet, "$0.40 left of $15.00."))
        find(sheet, SecondaryButton, "Daily limit: Raise to $2.00").click()
        await until(lambda: store.current.budget_day_usd == Decimal(2))


async def test_a_limit_is_set_in_the_settings(look: Look, tmp_path: Path) -> None:
    async with _opened(look, SettingsStore(tmp_path / "s.json")) as sheet:
        assert not _says(sheet, "price isn’t known"), "no limit that it could pass"
        wanted: list[bool] = []
        sheet.limits_wanted.connect(lambda: wanted.append(True))
        find(sheet, LinkButton, "Set a limit: Daily limit").click()
        assert wanted == [True]
        assert not sheet.isVisible()


async def _export(sheet: SpendingSheet, file: Path) -> None:
    find(sheet, SecondaryButton, "Export receipts as CSV").click()
    await until(lambda: sheet.findChild(QFileDialog))
    chooser = sheet.findChild(QFileDialog)
    assert isinstance(chooser, QFileDialog)
    chooser.filesSelected.emit([str(file)])
    chooser.done(QDialog.DialogCode.Accepted.value)


async def test_receipts_are_exported_where_the_user_says(look: Look, tmp_path: Path) -> None:
    csv = _Csv()
    store = SettingsStore(tmp_path / "s.json")
    async with _opened(look, store, csv=csv, folder=tmp_path) as sheet:
        await _export(sheet, tmp_path / "november.csv")
        await until(lambda: _says(sheet, "Written to november.csv."))
        assert csv.written == [tmp_path / "november.csv"]


async def test_an_export_that_fails_says_why(look: Look, tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "s.json")
    async with _opened(look, store, csv=_Csv(DiskFull(detail="full")), folder=tmp_path) as sheet:
        await _export(sheet, tmp_path / "november.csv")
        await until(lambda: _says(sheet, "No room on this disk."))
