"""What was spent: today, this month, by model, beside the limits; nothing unknown is guessed."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.domain.local_time import local_now
from kling_desktop.domain.money import Spending, Sum
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.storage.settings.settings_store import Settings, SettingsStore
from kling_desktop.storage.stores.money_store import Balance
from kling_desktop.ui.controls.buttons import LinkButton, PrimaryButton, SecondaryButton
from kling_desktop.ui.controls.labels import Hairline, Label
from kling_desktop.ui.overlays.dialogs import save_file
from kling_desktop.ui.overlays.sheet import Sheet, SheetTasks
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import phrases
from kling_desktop.wording import settings_pages as texts
from kling_desktop.wording.formatting import money
from kling_desktop.wording.models import model_name
from kling_desktop.wording.settings import (
    balance_words,
    failed_words,
    known_words,
    limit_words,
    raised_limit,
    under_way_words,
    unknown_part,
    unknown_words,
)

_WIDTH = 560
_MOST_MODELS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendingServices:
    """What the sheet asks for.

    Attributes:
        spending: What was spent today and this month, by the receipts.
        find_under_way: What the clips that run now usually cost; it is in no other sum.
        find_balance: What the account holds; None when the key may not read it.
        export_csv: Writes every receipt into a file; raises `KlingDesktopError`.
        export_folder: Where such a file is suggested.
        sandbox: Whether the sandbox makes the clips: then nothing costs anything.
    """

    spending: Callable[[], Spending]
    find_under_way: Callable[[], Sum]
    find_balance: Callable[[], Awaitable[Balance | None]]
    export_csv: Callable[[Path], Awaitable[None]]
    export_folder: Path
    sandbox: bool = False


class SpendingSheet(Sheet):
    """Read when it is opened; limits can be raised here.

    Signals:
        limits_wanted: The user wants to set a limit: the account page of the settings.
    """

    limits_wanted = Signal()

    def __init__(
        self,
        look: Look,
        window: QWidget,
        settings: SettingsStore,
        services: SpendingServices,
        tasks: TaskOwner,
    ) -> None:
        super().__init__(look, window, texts.SPENDING(), width=_WIDTH)
        self._settings = settings
        self._services = services
        self._tasks = SheetTasks(tasks, self)
        self._spending = services.spending()
        self._balance = Label("", "body", "text-2")
        self._balance.hide()
        self._note = Label("", "small", "text-2", wrap=True)
        self._note.hide()
        self._day = _LimitLine(look, texts.DAILY_LIMIT(), self._spending.today)
        self._month = _LimitLine(look, texts.MONTHLY_LIMIT(), self._spending.this_month)
        self._unknown = Label(texts.UNKNOWN_PASSES_LIMITS(), "small", "text-2", wrap=True)
        self._build_sums()
        self._build_models()
        self._build_limits()
        self.body.addWidget(self._note)
        self._build_buttons()
        self._show_limits(settings.current)
        self._tasks.start(self._ask_balance(), name="ask for the balance")

    def _build_sums(self) -> None:
        if self._services.sandbox:
            words = texts.SANDBOX_SUMS()
            self.body.addWidget(Label(words, "body", "text-2", wrap=True))
        row = QHBoxLayout()
        row.setSpacing(self._look.theme.space(6))
        for title, total in (
            (texts.TODAY(), self._spending.today),
            (texts.THIS_MONTH(), self._spending.this_month),
        ):
            row.addWidget(_SumView(title, total), 1)
        self.body.addLayout(row)
        if under_way := under_way_words(self._services.find_under_way()):
            self.body.addWidget(Label(under_way, "body", "text-2", wrap=True))
        self.body.addWidget(self._balance)

    def _build_models(self) -> None:
        models = self._spending.by_model
        if not models:
            return
        self.body.addWidget(Label(texts.THIS_MONTH_BY_MODEL(), "label", "text-2"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(self._look.theme.space(4))
        grid.setVerticalSpacing(self._look.theme.space(1))
        grid.setColumnStretch(0, 1)
        shown = models[:_MOST_MODELS]
        for number, (model, total) in enumerate(shown):
            grid.addWidget(Label(model_name(model)), number, 0)
            grid.addWidget(Label(unknown_words(total), "small", "text-2"), number, 1)
            grid.addWidget(Label(known_words(total)), number, 2)
        if len(models) > len(shown):
            rest = _add_up(total for _, total in models[_MOST_MODELS:])
            grid.addWidget(Label(texts.OTHER_MODELS()), _MOST_MODELS, 0)
            grid.addWidget(Label(unknown_words(rest), "small", "text-2"), _MOST_MODELS, 1)
            grid.addWidget(Label(known_words(rest)), _MOST_MODELS, 2)
        self.body.addLayout(grid)

    def _build_limits(self) -> None:
        self.body.addWidget(Hairline())
        for line, name in ((self._day, "budget_day_usd"), (self._month, "budget_month_usd")):
            self.body.addWidget(line)
            line.raised.connect(lambda limit, name=name: self._raise(name, limit))
            line.wanted.connect(self._want_limits)
        self.body.addWidget(self._unknown)

    def _build_buttons(self) -> None:
        export = SecondaryButton(
            self._look, texts.EXPORT_AS_CSV(), name=texts.EXPORT_RECEIPTS_AS_CSV()
        )
        export.clicked.connect(lambda: self._tasks.start(self._export(), name="export receipts"))
        done = PrimaryButton(self._look, phrases.DONE())
        done.clicked.connect(self.accept)
        self.add_buttons(export, done)

    def _show_limits(self, settings: Settings) -> None:
        self._day.show_limit(settings.budget_day_usd)
        self._month.show_limit(settings.budget_month_usd)
        limits = (settings.budget_day_usd, settings.budget_month_usd)
        self._unknown.setVisible(any(limit is not None for limit in limits))

    def _want_limits(self) -> None:
        self.accept()
        self.limits_wanted.emit()

    def _raise(self, name: str, limit: Decimal) -> None:
        self._tasks.see_through(self._keep_limit(name, limit), name="raise a limit")

    async def _keep_limit(self, name: str, limit: Decimal) -> None:
        trouble = ""
        try:
            await self._settings.update(**{name: limit})
        except KlingDesktopError as error:
            trouble = failed_words(error)
        if not self._tasks.is_over:
            self._say(trouble, ink="danger")
            self._show_limits(self._settings.current)

    async def _export(self) -> None:
        suggestion = self._services.export_folder / "Kling Desktop receipts.csv"
        file = await save_file(
            self, phrases.EXPORT_RECEIPTS(), suggestion, patterns=(phrases.CSV_FILES(),)
        )
        if file is None:
            return
        try:
            await self._services.export_csv(file)
        except KlingDesktopError as error:
            self._say(failed_words(error), ink="danger")
        else:
            self._say(texts.WRITTEN_TO(name=file.name), ink="text-2")

    async def _ask_balance(self) -> None:
        balance = await self._services.find_balance()
        if balance is not None:
            self._balance.setText(balance_words(balance, local_now()))
            self._balance.show()

    def _say(self, text: str, *, ink: str) -> None:
        self._note.set_ink(ink)
        self._note.setText(text)
        self._note.setVisible(bool(text))


class _SumView(QWidget):
    """One sum: what is known in large figures, what is not in words below."""

    def __init__(self, title: str, total: Sum) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(Label(title, "label", "text-2"))
        column.addWidget(Label(money(total.usd), "heading"))
        column.addWidget(Label(unknown_part(total), "small", "text-2"))


class _LimitLine(QWidget):
    """A limit, how much of it is left, and one click to raise it.

    Signals:
        raised: The user raised it to this `Decimal`.
        wanted: There is none, and the user wants one.
    """

    raised = Signal(object)
    wanted = Signal()

    def __init__(self, look: Look, title: str, used: Sum) -> None:
        super().__init__()
        self._title = title
        self._used = used
        self._limit: Decimal | None = None
        self._words = Label("", "small", "text-2", wrap=True)
        self._raise = SecondaryButton(look, "", size="small")
        self._raise.clicked.connect(self._on_raise)
        self._set = LinkButton(look, texts.SET_A_LIMIT(), name=texts.SET_NAMED_LIMIT(limit=title))
        self._set.clicked.connect(self.wanted)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Label(title, "row"))
        words.addWidget(self._words)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(words, 1)
        row.addWidget(self._raise)
        row.addWidget(self._set)

    def show_limit(self, limit: Decimal | None) -> None:
        self._limit = limit
        self._words.setText(limit_words(limit, self._used))
        self._raise.setVisible(limit is not None)
        self._set.setVisible(limit is None)
        if limit is not None:
            amount = money(raised_limit(limit))
            self._raise.setText(texts.RAISE_TO(amount=amount))
            self._raise.set_name(texts.RAISE_NAMED_LIMIT(limit=self._title, amount=amount))

    def _on_raise(self) -> None:
        if self._limit is not None:
            self.raised.emit(raised_limit(self._limit))


def _add_up(sums: Iterable[Sum]) -> Sum:
    total = Sum()
    for each in sums:
        total = Sum(
            usd=total.usd + each.usd,
            known=total.known + each.known,
            unknown=total.unknown + each.unknown,
        )
    return total
