"""The field for the API key: hidden, tested by itself after pasting, with the verdict in words."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from kling_desktop.domain.secret import ApiKey
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.ui.controls.buttons import IconButton, SecondaryButton
from kling_desktop.ui.controls.fields import TextField
from kling_desktop.ui.controls.icon_view import IconView
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.overlays.sheet import SheetTasks
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import settings_pages as texts

_TEST_AFTER_MS = 600
_SHORTEST_KEY = 8


@dataclass(frozen=True, slots=True)
class KeyVerdict:
    """What a test of a key brought.

    Attributes:
        works: True or False where the service said so; None when it could not be asked.
        words: One sentence for the user.
    """

    works: bool | None
    words: str


KeyTest = Callable[[ApiKey], Awaitable[KeyVerdict]]
KeptKeyTest = Callable[[], Awaitable[KeyVerdict]]
_EYE_ROOM = 30
_ICON = 16


class KeyField(QWidget):
    """Takes a key and has it tested; keeps it nowhere.

    Signals:
        tested: A `KeyVerdict` for the key in the field.  Not emitted for a test of the key in use.
        touched: The user is typing here, or has clicked into the field.
    """

    tested = Signal(object)
    touched = Signal()

    def __init__(
        self,
        look: Look,
        test: KeyTest,
        tasks: TaskOwner | SheetTasks,
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._test = test
        self._test_kept: KeptKeyTest | None = None
        self._tasks = tasks
        self._round = 0
        self.field = TextField(texts.API_KEY(), texts.PASTE_KEY())
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self._eye = IconButton(look, "eye", texts.SHOW_THE_KEY(), checkable=True, size="small")
        self._eye.toggled.connect(self._on_eye_toggled)
        self._button = SecondaryButton(look, texts.TEST(), name=texts.TEST_THE_KEY())
        self._button.clicked.connect(self._start_test)
        self._mark = IconView(look, "check-circle", size=_ICON)
        self._verdict = Label("", "small", "text-2", wrap=True)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(_TEST_AFTER_MS)
        self._wait.timeout.connect(self._start_test)
        self.field.textChanged.connect(self._on_text_changed)
        self.field.installEventFilter(self)
        self._build(look)
        self._on_text_changed("")

    def _build(self, look: Look) -> None:
        inside = QHBoxLayout(self.field)
        inside.setContentsMargins(0, 0, 3, 0)
        inside.addWidget(self._eye, 0, Qt.AlignmentFlag.AlignRight)
        self.field.setTextMargins(0, 0, _EYE_ROOM, 0)
        row = QHBoxLayout()
        row.setSpacing(look.theme.space(2))
        row.addWidget(self.field, 1)
        row.addWidget(self._button)
        self.buttons = row
        verdict = QHBoxLayout()
        verdict.setSpacing(look.theme.space(1))
        verdict.addWidget(self._mark)
        verdict.addWidget(self._verdict, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.theme.space(2))
        column.addLayout(row)
        column.addLayout(verdict)

    @property
    def key(self) -> ApiKey | None:
        """The key in the field, None when it is empty."""
        return ApiKey(self.field.text()) if self.field.text().strip() else None

    def clear(self) -> None:
        self.field.clear()

    def set_hint(self, text: str) -> None:
        self.field.setPlaceholderText(text)

    def set_kept(self, test: KeptKeyTest | None) -> None:
        """Let Test ask about the key in use while the field is empty; None: there is none."""
        self._test_kept = test
        self._show_button()

    def show_verdict(self, verdict: KeyVerdict) -> None:
        ink = {True: "success", False: "danger", None: "text-2"}[verdict.works]
        self._mark.set_icon("check-circle" if verdict.works else "error", ink)
        self._mark.setVisible(verdict.works is not None)
        self._verdict.set_ink(ink)
        self._verdict.setText(verdict.words)
        self._verdict.setVisible(bool(verdict.words))
        self.field.setAccessibleDescription(verdict.words)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and event.type() == QEvent.Type.MouseButtonPress:
            self.touched.emit()
        return super().eventFilter(watched, event)

    def _on_eye_toggled(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.field.setEchoMode(mode)
        self._eye.set_name(texts.HIDE_THE_KEY() if shown else texts.SHOW_THE_KEY())

    def _on_text_changed(self, text: str) -> None:
        self._round += 1
        self._show_button()
        self.show_verdict(KeyVerdict(None, ""))
        if self._is_long_enough:
            self._wait.start()
        else:
            self._wait.stop()
        if text:
            self.touched.emit()

    @property
    def _is_long_enough(self) -> bool:
        return len(self.field.text().strip()) >= _SHORTEST_KEY

    def _show_button(self) -> None:
        kept = self.key is None and self._test_kept is not None
        reason = "" if kept or self._is_long_enough else texts.PASTE_KEY_FIRST()
        self._button.set_disabled_reason(reason)

    def _start_test(self) -> None:
        self._wait.stop()
        key = self.key
        if key is not None:
            self._tasks.start(self._run_test(key, self._round), name="test the API key")
        elif self._test_kept is not None:
            test = self._run_kept_test(self._test_kept, self._round)
            self._tasks.start(test, name="test the API key in use")

    async def _run_kept_test(self, test: KeptKeyTest, round_: int) -> None:
        self.show_verdict(KeyVerdict(None, texts.TESTING()))
        verdict = await test()
        if round_ == self._round:
            self.show_verdict(verdict)

    async def _run_test(self, key: ApiKey, round_: int) -> None:
        self.show_verdict(KeyVerdict(None, texts.TESTING()))
        verdict = await self._test(key)
        if round_ == self._round:  # an answer about a key that was changed since says nothing
            self.show_verdict(verdict)
            self.tested.emit(verdict)
