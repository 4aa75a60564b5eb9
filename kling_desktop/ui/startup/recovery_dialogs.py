"""A start that cannot go on: what happened, and which copy of the records to go on with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QDialog, QHBoxLayout, QVBoxLayout

from kling_desktop.domain.errors import DatabaseBusy, DatabaseDamaged, KlingDesktopError
from kling_desktop.storage.database.backups import Backup
from kling_desktop.ui.controls.buttons import GhostButton, PrimaryButton
from kling_desktop.ui.controls.icon_view import IconView
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.controls.painted_button import PaintedButton
from kling_desktop.ui.controls.toggles import RadioButton
from kling_desktop.ui.overlays.sheet import show_dialog
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import phrases
from kling_desktop.wording import startup as texts
from kling_desktop.wording.settings import (
    backup_words,
    describe_start_failure,
    no_backup_words,
)

_WIDTH = 520


class StartStep(StrEnum):
    """What is to be done about a start that failed."""

    QUIT = "quit"
    TRY_AGAIN = "try_again"
    RESTORE = "restore"
    START_FRESH = "start_fresh"


@dataclass(frozen=True, slots=True)
class StartAnswer:
    """What the user wants; `backup` is set with `StartStep.RESTORE` alone."""

    step: StartStep
    backup: Backup | None = None


class StartFailureDialog(QDialog):
    """A window of its own: there is no other yet.  Open it with `ask_after_failure`."""

    def __init__(
        self, look: Look, error: KlingDesktopError, backups: Sequence[Backup], now: datetime
    ) -> None:
        super().__init__()
        self._look = look
        self._backups = tuple(backups)
        self._damaged = isinstance(error, DatabaseDamaged)
        self.answer = StartAnswer(StartStep.QUIT)
        self._choices = QButtonGroup(self)
        title, text = describe_start_failure(error)
        if self._damaged and not self._backups:
            text = no_backup_words()
        self.setWindowTitle("Kling Desktop")
        self.setAccessibleDescription(f"{title} {text}")
        self.setFixedWidth(_WIDTH)
        self._build_words(title, text, now)
        self._build_buttons(error)

    def _build_words(self, title: str, text: str, now: datetime) -> None:
        theme = self._look.theme
        words = QVBoxLayout()
        words.setSpacing(theme.space(1))
        words.addWidget(Label(title, "title", wrap=True))
        words.addWidget(Label(text, "body", "text-2", wrap=True))
        if self._damaged and self._backups:
            words.addSpacing(theme.space(2))
            for number, backup in enumerate(self._backups):
                self._add_choice(words, number, texts.COPY_OF(backup=backup_words(backup, now)))
            self._add_choice(words, len(self._backups), texts.START_WITH_NEW_RECORDS())
            self._choices.button(0).setChecked(True)
        row = QHBoxLayout()
        row.setSpacing(theme.space(4))
        ink = "danger" if self._damaged else "accent-text"
        row.addWidget(IconView(self._look, "alert" if self._damaged else "info", ink=ink))
        row.addLayout(words, 1)
        column = QVBoxLayout(self)
        margin = theme.space(6)
        column.setContentsMargins(margin, margin, margin, theme.space(5))
        column.setSpacing(theme.space(4))
        column.addLayout(row)

    def _add_choice(self, words: QVBoxLayout, number: int, text: str) -> None:
        button = RadioButton(self._look, text)
        self._choices.addButton(button, number)
        words.addWidget(button)

    def _build_buttons(self, error: KlingDesktopError) -> None:
        row = QHBoxLayout()
        row.setSpacing(self._look.theme.space(2))
        row.addStretch(1)
        step = StartStep.QUIT
        if self._damaged:
            step = StartStep.RESTORE
        elif isinstance(error, DatabaseBusy):
            step = StartStep.TRY_AGAIN
        if step is not StartStep.QUIT:
            leave = GhostButton(self._look, phrases.QUIT())
            leave.clicked.connect(self.reject)
            row.addWidget(leave)
        button = self._build_first(step)
        button.setDefault(True)
        row.addWidget(button)
        layout = self.layout()
        if isinstance(layout, QVBoxLayout):
            layout.addLayout(row)
        button.setFocus()

    def _build_first(self, step: StartStep) -> PaintedButton:
        labels = {StartStep.QUIT: phrases.QUIT, StartStep.TRY_AGAIN: phrases.TRY_AGAIN}
        button = PrimaryButton(self._look, labels.get(step, texts.GO_ON)())
        button.clicked.connect(lambda: self._choose(step))
        return button

    def _choose(self, step: StartStep) -> None:
        self.answer = StartAnswer(step)
        if step is StartStep.RESTORE:
            number = self._choices.checkedId()
            if 0 <= number < len(self._backups):
                self.answer = StartAnswer(step, self._backups[number])
            else:
                self.answer = StartAnswer(StartStep.START_FRESH)
        self.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(QRectF(self.rect()), self._look.theme.color("panel"))


async def ask_after_failure(
    look: Look, error: KlingDesktopError, backups: Sequence[Backup], *, now: datetime
) -> StartAnswer:
    """Say why the start failed and return what the user wants done; closing it is Quit.

    Args:
        look: How it looks.
        error: `DatabaseBusy`, `DatabaseTooNew`, `DatabaseDamaged` or another that stops the app.
        backups: The sound copies of a damaged database, newest first.
        now: This moment, in the user's time zone.
    """
    dialog = StartFailureDialog(look, error, backups, now)
    await show_dialog(dialog)
    return dialog.answer
