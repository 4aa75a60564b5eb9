"""The settings' page for the account: the key, who makes the clips, how many at once, money."""

from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from kling_desktop.domain.errors import KeychainUnavailable, KlingDesktopError
from kling_desktop.domain.job import Service
from kling_desktop.domain.limits import MOST_CONCURRENCY
from kling_desktop.domain.local_time import local_now
from kling_desktop.domain.secret import ApiKey
from kling_desktop.storage.settings.api_key import KeyPlace
from kling_desktop.storage.settings.settings_store import Settings
from kling_desktop.ui.controls.buttons import DangerButton, SecondaryButton
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.controls.segmented import Segment, SegmentedControl
from kling_desktop.ui.controls.stepper import Stepper
from kling_desktop.ui.controls.toggles import RadioButton
from kling_desktop.ui.settings.key_field import KeyField, KeyVerdict
from kling_desktop.ui.settings.settings_column import PageContext, SettingsColumn
from kling_desktop.ui.settings.settings_row import AmountField, SettingRow
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import settings_pages as texts
from kling_desktop.wording.settings import (
    balance_words,
    failed_words,
    key_hint,
    key_intro,
    remove_obstacle,
    used_words,
)


class AccountPage(SettingsColumn):
    """A key that works is kept at once; a refused one is kept nowhere."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context, texts.RUNWARE_ACCOUNT(), " ")
        self._account = context.services
        self._key = KeyField(context.look, self._account.test_key, context.tasks)
        self._key.tested.connect(self._on_tested)
        self._keep = SecondaryButton(
            context.look, texts.KEEP_UNTESTED(), name=texts.KEEP_KEY_UNTESTED()
        )
        self._keep.clicked.connect(self._save)
        self._keep.hide()
        self._remove = DangerButton(context.look, texts.REMOVE(), name=texts.REMOVE_THE_KEY())
        self._remove.clicked.connect(
            lambda: context.tasks.see_through(self._remove_key(), name="remove the API key")
        )
        self._place = _PlaceChoice(context.look)
        self._place.chosen.connect(self._on_place_chosen)
        self._balance = Label("", "small", "text-2")
        self._balance.hide()
        self._build_key()
        self._build_service()
        self._build_money()
        self.end()
        self._show_key()
        context.tasks.start(self._ask_balance(), name="ask for the balance")

    def _build_key(self) -> None:
        label = Label(texts.API_KEY(), "label", "text-2")
        label.setBuddy(self._key.field)
        self._key.buttons.addWidget(self._keep)
        self._key.buttons.addWidget(self._remove)
        self._key.field.textChanged.connect(self._keep.hide)
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label)
        column.addWidget(self._key)
        column.addWidget(self._place)
        column.addWidget(self._balance)
        self.add_space(2)
        self.add_widget(box)

    def _build_service(self) -> None:
        segments = (Segment(Service.RUNWARE, "Runware"), Segment(Service.SANDBOX, texts.SANDBOX()))
        self._service = SegmentedControl(self._look, texts.MODE(), segments)
        words = texts.MODE_ABOUT()
        row = self.add_row(texts.MODE(), words, self._service)
        self._service.set_value(self._account.service)
        self._service.value_changed.connect(
            lambda value: self._context.tasks.see_through(
                self._choose_service(row, value), name="choose who makes the clips"
            )
        )
        at_once = Stepper(self._look, texts.RUNS_AT_ONCE(), 1, MOST_CONCURRENCY)
        words = texts.AT_ONCE_ABOUT()
        places = self.add_row(texts.RUNS_AT_ONCE(), words, at_once)
        at_once.value_changed.connect(lambda value: self.change(places, concurrency=value))
        self.follow(lambda settings: at_once.set_value(settings.concurrency))

    def _build_money(self) -> None:
        self._add_amount(
            texts.COST_WARNING(),
            texts.COST_WARNING_ABOUT(),
            "cost_warning_usd",
            none=texts.NEVER_ASK(),
        )
        day = self._add_amount(texts.DAILY_LIMIT(), texts.DAILY_LIMIT_ABOUT(), "budget_day_usd")
        month = self._add_amount(
            texts.MONTHLY_LIMIT(),
            texts.MONTHLY_LIMIT_ABOUT(),
            "budget_month_usd",
        )
        self.add_space(2)
        self.add_widget(Label(texts.UNKNOWN_PASSES_LIMITS(), "small", "text-2", wrap=True))
        self._day, self._month = day, month
        self.show_spending()

    def show_spending(self) -> None:
        """Show what was spent until now beside the limits."""
        spending = self._account.find_spending()
        self._day.set_aside(used_words(spending.today))
        self._month.set_aside(used_words(spending.this_month))

    def _add_amount(self, title: str, text: str, name: str, *, none: str = "") -> SettingRow:
        field = AmountField(title, none or texts.NO_LIMIT())
        row = self.add_row(title, text, field)
        field.refused.connect(row.set_error)
        field.amount_changed.connect(lambda amount: self.change(row, **{name: amount}))

        def show(settings: Settings) -> None:
            amount: Decimal | None = getattr(settings, name)
            if amount != field.amount:  # a sum that is being typed stays
                field.set_amount(amount)

        self.follow(show)
        return row

    # -- the key --------------------------------------------------------------------------------

    def _show_key(self) -> None:
        place, ending = self._account.key_place, self._account.key_ending
        self.set_intro(key_intro(place))
        self._key.set_hint(key_hint(place, ending))
        self._key.set_kept(self._account.test_kept_key if place is not None else None)
        self._remove.set_disabled_reason(remove_obstacle(place))
        self._place.show_place(place)

    def _on_tested(self, verdict: KeyVerdict) -> None:
        if verdict.works:
            self._save()
        # Not refused, only not asked: whoever is offline may want to keep it all the same.
        self._keep.setVisible(verdict.works is None)

    def _save(self) -> None:
        key = self._key.key
        if key is not None:
            self._context.tasks.see_through(self._save_key(key), name="keep the API key")

    async def _save_key(self, key: ApiKey) -> None:
        verdict = KeyVerdict(True, texts.KEY_IN_USE())
        try:
            try:
                await self._account.save_key(key, KeyPlace.KEYCHAIN)
            except KeychainUnavailable:
                await self._account.save_key(key, KeyPlace.MEMORY)
                verdict = KeyVerdict(True, texts.NO_KEYCHAIN())
        except KlingDesktopError as error:
            verdict = KeyVerdict(None, failed_words(error))
        if self._context.tasks.is_over:
            return
        self._key.clear()
        self._key.show_verdict(verdict)
        self._show_key()

    async def _remove_key(self) -> None:
        verdict = KeyVerdict(None, texts.KEY_REMOVED())
        try:
            await self._account.remove_key()
        except KlingDesktopError as error:
            verdict = KeyVerdict(None, failed_words(error))
        if self._context.tasks.is_over:
            return
        self._balance.hide()
        self._key.clear()
        self._key.show_verdict(verdict)
        self._show_key()

    def _on_place_chosen(self, place: KeyPlace) -> None:
        self._context.tasks.see_through(self._move_key(place), name="keep the key elsewhere")

    async def _move_key(self, place: KeyPlace) -> None:
        trouble = ""
        try:
            await self._account.move_key(place)
        except KlingDesktopError as error:
            trouble = failed_words(error)
        if self._context.tasks.is_over:
            return
        self._show_key()
        self._key.show_verdict(KeyVerdict(None, trouble))

    async def _ask_balance(self) -> None:
        balance = await self._account.find_balance()
        if balance is not None:
            self._balance.setText(balance_words(balance, local_now()))
            self._balance.show()

    # -- the service ----------------------------------------------------------------------------

    async def _choose_service(self, row: SettingRow, service: Service) -> None:
        trouble = ""
        try:
            await self._account.choose_service(service)
        except KlingDesktopError as error:
            trouble = failed_words(error)
        if self._context.tasks.is_over:
            return
        row.set_error(trouble)
        self._service.set_value(self._account.service)


class _PlaceChoice(QWidget):
    """Where to keep a key that the keychain does not have; hidden while it has it.

    Signals:
        chosen: The user chose a `KeyPlace`.
    """

    chosen = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._run = RadioButton(look, texts.KEEP_FOR_THIS_RUN())
        self._file = RadioButton(look, texts.KEEP_IN_FILE())
        risk = Label(texts.FILE_RISK(), "small", "text-2", wrap=True)
        self._file.setAccessibleDescription(texts.FILE_RISK())
        self._group = QButtonGroup(self)
        for button in (self._run, self._file):
            self._group.addButton(button)
        self._run.clicked.connect(lambda: self.chosen.emit(KeyPlace.MEMORY))
        self._file.clicked.connect(lambda: self.chosen.emit(KeyPlace.FILE))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._run)
        column.addWidget(self._file)
        column.addWidget(risk)

    def show_place(self, place: KeyPlace | None) -> None:
        self.setVisible(place in (KeyPlace.MEMORY, KeyPlace.FILE))
        self._run.setChecked(place is KeyPlace.MEMORY)
        self._file.setChecked(place is KeyPlace.FILE)
