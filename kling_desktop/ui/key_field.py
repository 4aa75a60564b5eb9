"""The field for the API key: hidden, tested by itself after pasting, with the verdict in words."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from kling_desktop.domain.secret import ApiKey
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.ui.buttons import IconButton, SecondaryButton
from kling_desktop.ui.fields import TextField
from kling_desktop.ui.labels import Label
from kling_desktop.ui.look import Look

_TEST_AFTER_MS = 600
_SHORTEST_KEY = 8


@dataclass(frozen=True, slots=True)
class KeyVerdict:
    """What a test of a key brought.

    Attributes:
        works: True or False where the service said so; None when it could not be asked.
        words: One sentence for the person.
    """

    works: bool | None
    words: str


KeyTest = Callable[[ApiKey], Awaitable[KeyVerdict]]


class KeyField(QWidget):
    """Takes a key and has it tested; keeps it nowhere.

    Signals:
        tested: A `KeyVerdict` for the key in the field.
        touched: The person is typing or has put the focus here.
    """

    tested = Signal(object)
    touched = Signal()

    def __init__(
        self, look: Look, test: KeyTest, tasks: TaskOwner, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._test = test
        self._tasks = tasks
        self._round = 0
        self.field = TextField("API key", "Paste your key")
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self._eye = IconButton(look, "eye", "Show the key", checkable=True)
        self._eye.toggled.connect(self._on_eye_toggled)
        self._button = SecondaryButton(look, "Test", name="Test the key")
        self._button.clicked.connect(self._start_test)
        self._verdict = Label("", "small", "text-2", wrap=True)
        self._verdict.hide()
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(_TEST_AFTER_MS)
        self._wait.timeout.connect(self._start_test)
        self.field.textChanged.connect(self._on_text_changed)
        row = QHBoxLayout()
        row.setSpacing(look.theme.space(2))
        row.addWidget(self.field, 1)
        row.addWidget(self._eye)
        row.addWidget(self._button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.theme.space(2))
        column.addLayout(row)
        column.addWidget(self._verdict)
        self._on_text_changed("")

    @property
    def key(self) -> ApiKey | None:
        """The key in the field, None when it is empty."""
        return ApiKey(self.field.text()) if self.field.text().strip() else None

    def clear(self) -> None:
        self.field.clear()

    def set_hint(self, text: str) -> None:
        self.field.setPlaceholderText(text)

    def show_verdict(self, verdict: KeyVerdict) -> None:
        ink = {True: "success", False: "danger", None: "text-2"}[verdict.works]
        self._verdict.set_ink(ink)
        self._verdict.setText(verdict.words)
        self._verdict.setVisible(bool(verdict.words))
        self.field.setAccessibleDescription(verdict.words)

    def _on_eye_toggled(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.field.setEchoMode(mode)
        self._eye.set_name("Hide the key" if shown else "Show the key")

    def _on_text_changed(self, text: str) -> None:
        self._round += 1
        enough = len(text.strip()) >= _SHORTEST_KEY
        self._button.set_disabled_reason("" if enough else "Paste your key first.")
        self.show_verdict(KeyVerdict(None, ""))
        if enough:
            self._wait.start()
        else:
            self._wait.stop()
        if text:
            self.touched.emit()

    def _start_test(self) -> None:
        self._wait.stop()
        key = self.key
        if key is not None:
            self._tasks.start(self._run_test(key, self._round), name="test the API key")

    async def _run_test(self, key: ApiKey, round_: int) -> None:
        self.show_verdict(KeyVerdict(None, "Testing…"))
        verdict = await self._test(key)
        if round_ == self._round:  # an answer about a key that was changed since says nothing
            self.show_verdict(verdict)
            self.tested.emit(verdict)
