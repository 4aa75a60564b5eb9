"""The footer of Create, always in view: takes, cost, why Generate is off, and Generate."""

from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kling_desktop.domain.draft import MAX_TAKES
from kling_desktop.domain.local_time import local_now
from kling_desktop.domain.money import Usual
from kling_desktop.domain.problems import Field
from kling_desktop.ui.controls.buttons import IconButton, PrimaryButton
from kling_desktop.ui.controls.icon_view import IconView
from kling_desktop.ui.controls.labels import Hairline, Label
from kling_desktop.ui.controls.layouts import PairingRow
from kling_desktop.ui.controls.stepper import Stepper
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.plain_text import set_tooltip
from kling_desktop.wording import create as words
from kling_desktop.wording import formatting
from kling_desktop.wording.problems import field_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """What holds outside the draft.

    Attributes:
        sandbox: Clips are practice and cost nothing.
        queues_only: Offline or paused: nothing starts now.
        cost_warning_usd: From here on a cost is highlighted; None where no limit is set.
        editing: A waiting job is changed instead of a new one queued.
    """

    sandbox: bool = False
    queues_only: bool = False
    cost_warning_usd: Decimal | None = None
    editing: bool = False


class CreateFooter(QWidget):
    """Its signals report what was pressed; it decides nothing.

    Signals:
        ready_changed: Whether Generate can be pressed now.
    """

    ready_changed = Signal(bool)
    takes_changed = Signal(int)
    generate_wanted = Signal()
    save_wanted = Signal()

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._reason = Label("", "small", "text-2", wrap=True)
        self._reason_row = QWidget()
        self.takes = Stepper(look, field_name(Field.TAKES), 1, MAX_TAKES, 1)
        self._cost = Label("", "body-strong")
        self._source = Label("", "small", "text-3")
        self.generate = PrimaryButton(look, words.button_words(1, queues_only=False), size="large")
        self.save = IconButton(look, "pencil", words.save_as_draft(), framed=True, size="large")
        self._build()
        self._connect()

    def show_generate_keys(self, keys: str) -> None:
        """Show the keys that start the clip on its button, with Return as the mark on the key."""
        self.generate.set_shortcut_hint(keys.replace("+Return", " ↵"))

    def _build(self) -> None:
        space = self._look.theme.space
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Hairline())
        inner = QVBoxLayout()
        inner.setContentsMargins(space(4), space(3), space(4), space(4))
        inner.setSpacing(space(3))
        column.addLayout(inner)
        inner.addWidget(self._build_reason())
        row = PairingRow(space(3) - 2)
        takes = QHBoxLayout()
        takes.setSpacing(space(3) - 2)
        label = Label(field_name(Field.TAKES), "label", "text-2")
        label.setBuddy(self.takes)
        takes.addWidget(label)
        takes.addWidget(self.takes)
        takes.addStretch(1)
        row.addLayout(takes, 1)
        cost = QVBoxLayout()
        cost.setSpacing(0)
        for line in (self._cost, self._source):
            line.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
            cost.addWidget(line)
        row.addLayout(cost)
        inner.addLayout(row)
        buttons = QHBoxLayout()
        buttons.setSpacing(space(2))
        buttons.addWidget(self.generate, 1)
        buttons.addWidget(self.save)
        inner.addLayout(buttons)

    def _build_reason(self) -> QWidget:
        space = self._look.theme.space
        row = QHBoxLayout(self._reason_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space(2))
        row.addWidget(IconView(self._look, "info", size=16))
        row.addWidget(self._reason, 1)
        self._reason_row.hide()
        return self._reason_row

    def _connect(self) -> None:
        self.takes.value_changed.connect(self.takes_changed)
        self.generate.clicked.connect(lambda: self.generate_wanted.emit())
        self.save.clicked.connect(lambda: self.save_wanted.emit())

    @property
    def reason(self) -> str:
        """Why Generate is off; empty when it is on."""
        return self._reason.text()

    @property
    def cost_lines(self) -> tuple[str, str]:
        return self._cost.text(), self._source.text()

    def show_draft(self, takes: int, usual: Usual, mode: Mode) -> None:
        """Show the takes and what they usually cost."""
        self.takes.set_value(takes)
        total, source = formatting.cost_estimate(usual, takes, sandbox=mode.sandbox)
        self._cost.setText(total)
        self._source.setText(source)
        now = local_now()
        basis = "" if mode.sandbox else formatting.estimate_basis(usual, now)
        for label in (self._cost, self._source):
            set_tooltip(label, basis)
        limit, cost = mode.cost_warning_usd, usual.cost_usd
        expensive = (
            not mode.sandbox and limit is not None and cost is not None and cost * takes > limit
        )
        self._cost.set_ink("warning" if expensive else "text")
        self.generate.setText(
            words.button_words(takes, queues_only=mode.queues_only, editing=mode.editing)
        )
        self.generate.updateGeometry()

    def show_reason(self, reason: str) -> None:
        """Disable Generate for a reason, or enable it with an empty one."""
        self._reason.setText(reason)
        self._reason_row.setVisible(bool(reason))
        was_ready = not self.generate.disabled_reason
        self.generate.set_disabled_reason(reason)
        if was_ready is bool(reason):
            self.ready_changed.emit(not reason)

    def show_unsavable(self, reason: str) -> None:
        self.save.set_disabled_reason(reason)
