"""The settings' page for keys: find a command, give it other keys, take them back."""

from collections.abc import Mapping

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.storage.settings.settings_store import Settings
from kling_desktop.ui.commands.commands import COMMANDS, Command, CommandSet
from kling_desktop.ui.commands.key_capture import KeyCapture
from kling_desktop.ui.commands.shortcut_list import ShortcutList, ShortcutModel, ShortcutRole
from kling_desktop.ui.commands.shortcut_rules import (
    KeysVerdict,
    find_command,
    give_keys,
    judge_keys,
    keys_of,
    read_keys,
    reset_keys,
)
from kling_desktop.ui.controls.buttons import LinkButton, SecondaryButton
from kling_desktop.ui.controls.fields import SearchField, set_bad
from kling_desktop.ui.controls.labels import ElidedLabel, Hairline, Label
from kling_desktop.ui.settings.settings_column import PageContext
from kling_desktop.wording import settings_pages as texts
from kling_desktop.wording.settings import failed_words


class ShortcutsPage(QWidget):
    """Keys are kept at once; keys that another command has are named and can be taken over."""

    def __init__(self, context: PageContext, commands: CommandSet) -> None:
        super().__init__()
        self._context = context
        look = context.look
        known = {command.id for command in COMMANDS if commands.action(command.id).isVisible()}
        self._model = ShortcutModel(frozenset(known), self)
        self._list = ShortcutList(look, self._model)
        self._search = SearchField(look, texts.SEARCH_COMMANDS(), texts.SEARCH_HINT())
        self._reset_all = SecondaryButton(look, texts.RESET_ALL(), name=texts.RESET_ALL_SHORTCUTS())
        self._name = ElidedLabel("", "row")
        self._capture = KeyCapture(texts.NEW_KEYS())
        self._remove = SecondaryButton(look, texts.REMOVE(), name=texts.REMOVE_THE_KEYS())
        self._reset = SecondaryButton(look, texts.RESET(), name=texts.RESET_THE_KEYS())
        self._note = Label("", "small", "text-2", wrap=True)
        self._take = LinkButton(look, texts.USE_IT_HERE(), name=texts.USE_KEYS_HERE())
        self._asked = ("", KeysVerdict())
        self._build()
        self._connect()
        self.show_settings(context.store.current)
        self._list.setCurrentIndex(self._model.index(0))

    def show_settings(self, settings: Settings) -> None:
        self._model.show_keys(settings.shortcuts)
        changed = bool(settings.shortcuts)
        self._reset_all.set_disabled_reason("" if changed else texts.ALL_KEYS_DEFAULT())
        self._show_command()

    def _build(self) -> None:
        theme = self._context.look.theme
        top = QHBoxLayout()
        top.setSpacing(theme.space(2))
        top.addWidget(self._search, 1)
        top.addWidget(self._reset_all)
        foot = QHBoxLayout()
        foot.setSpacing(theme.space(2))
        foot.addWidget(self._name, 1)
        self._capture.setFixedWidth(190)
        for widget in (self._capture, self._remove, self._reset):
            foot.addWidget(widget)
        note = QHBoxLayout()
        note.addWidget(self._note, 1)
        note.addWidget(self._take)
        self._note.setMinimumHeight(theme.height("small"))
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 0, 32, 0)
        column.setSpacing(theme.space(2))
        column.addWidget(Label(texts.SHORTCUTS(), "heading"))
        column.addLayout(top)
        column.addWidget(self._list, 1)
        column.addWidget(Hairline())
        column.addLayout(foot)
        column.addLayout(note)

    def _connect(self) -> None:
        self._search.textChanged.connect(self._on_search)
        self._list.selectionModel().currentChanged.connect(self._on_current_changed)
        self._list.activated.connect(self._on_activated)
        self._capture.captured.connect(self._on_captured)
        self._capture.given_up.connect(self._list.setFocus)
        self._take.clicked.connect(self._take_over)
        self._remove.clicked.connect(lambda: self._give(""))
        self._reset.clicked.connect(self._reset_one)
        self._reset_all.clicked.connect(lambda: self._keep({}))

    @property
    def _own(self) -> Mapping[str, str]:
        return self._context.store.current.shortcuts

    @property
    def _command(self) -> Command | None:
        index = self._list.currentIndex()
        command = index.data(ShortcutRole.COMMAND) if index.isValid() else None
        return command if isinstance(command, Command) else None

    def _on_search(self, text: str) -> None:
        chosen = self._command
        self._model.search(text)
        row = self._model.find_row(chosen.id) if chosen is not None else None
        self._list.setCurrentIndex(self._model.index(row or 0))
        self._show_command()

    def _on_current_changed(self, _current: QModelIndex) -> None:
        self._show_command()

    def _on_activated(self, _index: QModelIndex) -> None:
        if self._capture.isEnabled():
            self._capture.setFocus()

    def _show_command(self) -> None:
        """Show the chosen command and what can be done with its keys."""
        command = self._command
        fixed = command is None or command.in_wall
        keys = "" if command is None else keys_of(command, self._own)
        self._name.setText(texts.NO_COMMAND_MATCHES() if command is None else command.text)
        self._capture.set_keys(keys)
        self._capture.setEnabled(not fixed)
        own = command is not None and command.id in self._own
        is_fixed = texts.KEY_IS_FIXED() if fixed else ""
        self._remove.set_disabled_reason(is_fixed or ("" if keys else texts.HAS_NO_KEYS()))
        self._reset.set_disabled_reason(is_fixed or ("" if own else texts.IS_DEFAULT()))
        self._show_verdict("", KeysVerdict(is_fixed if command else ""))

    def _show_verdict(self, keys: str, verdict: KeysVerdict) -> None:
        self._asked = (keys, verdict)
        self._note.setText(verdict.problem)
        refused = bool(keys and verdict.problem)
        self._note.set_ink("danger" if refused else "text-2")
        set_bad(self._capture, refused)
        self._capture.setAccessibleDescription(verdict.problem)
        self._take.setVisible(bool(verdict.taken_from))

    def _on_captured(self, keys: str) -> None:
        command = self._command
        if command is None:
            return
        verdict = judge_keys(keys, command.id, self._own)
        if verdict.problem:
            self._show_verdict(keys, verdict)
        else:
            self._list.setFocus()
            self._give(keys)

    def _give(self, keys: str, *, taken_from: str = "") -> None:
        command = self._command
        if command is not None:
            self._keep(give_keys(self._own, command.id, keys, taken_from=taken_from))

    def _take_over(self) -> None:
        keys, verdict = self._asked
        self._list.setFocus()
        self._give(keys, taken_from=verdict.taken_from)

    def _reset_one(self) -> None:
        command = self._command
        if command is None:
            return
        own, verdict = reset_keys(self._own, command.id)
        if verdict.problem:
            default = find_command(command.id).keys
            taker = find_command(verdict.taken_from).text
            words = texts.DEFAULT_KEYS_IN_USE(keys=read_keys(default), command=taker)
            self._show_verdict(default, KeysVerdict(words, verdict.taken_from))
        else:
            self._keep(own)

    def _keep(self, own: Mapping[str, str]) -> None:
        self._context.tasks.see_through(self._save(own), name="change shortcuts")

    async def _save(self, own: Mapping[str, str]) -> None:
        try:
            await self._context.store.update(shortcuts=own)
        except KlingDesktopError as error:
            if not self._context.tasks.is_over:
                self._show_verdict("", KeysVerdict(failed_words(error)))
