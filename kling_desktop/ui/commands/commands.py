"""Every command of the window: its menu, its keys, and the actions made from them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from kling_desktop.ui.theme.plain_text import set_tooltip
from kling_desktop.wording.commands import translate_command, translate_menu


class Place(StrEnum):
    """The menus of the menu bar, in their order."""

    FILE = "file"
    EDIT = "edit"
    CLIP = "clip"
    QUEUE = "queue"
    VIEW = "view"
    HELP = "help"

    @property
    def menu_title(self) -> str:
        """The menu's name in the user's language."""
        return translate_menu(self.value)


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a user can do.

    Attributes:
        id: Stable name; kept in the settings with the user's own keys.
        place: Its menu.
        keys: Default shortcut in Qt's portable form; on macOS Ctrl is Cmd.  Empty: none.
        in_wall: True when the key acts only while the clips or the viewer have the focus: it is
            shown in the menu, and the wall itself reacts to it.
        group: Commands of one menu with another number stand behind a line.
    """

    id: str
    place: Place
    keys: str = ""
    in_wall: bool = False
    group: int = 0

    @property
    def text(self) -> str:
        """The words in the menu and in the shortcut sheet, in the user's language."""
        return translate_command(self.id)


_F, _E, _C, _Q, _V, _H = Place.FILE, Place.EDIT, Place.CLIP, Place.QUEUE, Place.VIEW, Place.HELP

COMMANDS: tuple[Command, ...] = (
    Command("choose-picture", _F, "Ctrl+O"),
    Command("generate", _F, "Ctrl+Return"),
    Command("save-draft", _F, "Ctrl+S"),
    Command("start-over", _F, "Ctrl+N"),
    Command("rebuild-library", _F, "", group=1),
    Command("open-library", _F, "", group=1),
    Command("settings", _F, "Ctrl+,", group=2),
    Command("quit", _F, "Ctrl+Q", group=3),
    Command("undo", _E, "Ctrl+Z"),
    Command("paste", _E, "Ctrl+V", group=1),
    Command("copy-files", _E, "Ctrl+C", in_wall=True, group=1),
    Command("select-all", _E, "Ctrl+A", in_wall=True, group=1),
    Command("find", _E, "Ctrl+F", group=2),
    Command("go-to-prompt", _E, "Ctrl+L", group=2),
    Command("models", _E, "Ctrl+Shift+M", group=2),
    Command("open-clip", _C, "Return", in_wall=True),
    Command("play", _C, "Space", in_wall=True),
    Command("compare", _C, "C", in_wall=True),
    Command("remix", _C, "R", in_wall=True, group=1),
    Command("extend", _C, "E", in_wall=True, group=1),
    Command("copy-prompt", _C, "Ctrl+Shift+C", group=1),
    Command("favourite", _C, "F", in_wall=True, group=2),
    Command("reveal", _C, "Ctrl+Shift+R", group=2),
    Command("export", _C, "Ctrl+Shift+E", group=2),
    Command("trash", _C, "Del", in_wall=True, group=3),
    Command("pause-all", _Q, "Ctrl+Shift+P"),
    Command("move-up", _Q, "Alt+Up", group=1),
    Command("move-down", _Q, "Alt+Down", group=1),
    Command("check-now", _Q, "F5", group=2),
    Command("clear-finished", _Q, "", group=2),
    Command("spending", _Q, "", group=3),
    Command("export-receipts", _Q, "", group=3),
    Command("toggle-create", _V, "Ctrl+1"),
    Command("toggle-side", _V, "Ctrl+2"),
    Command("show-queue", _V, "Ctrl+3", group=1),
    Command("show-details", _V, "Ctrl+4", group=1),
    Command("next-region", _V, "F6", group=2),
    Command("previous-region", _V, "Shift+F6", group=2),
    Command("full-screen", _V, "F11", group=3),
    Command("shortcuts", _H, "F1"),
    Command("open-logs", _H, "", group=1),
    Command("about", _H, "", group=2),
)


_ROLES = {
    "quit": QAction.MenuRole.QuitRole,
    "settings": QAction.MenuRole.PreferencesRole,
    "about": QAction.MenuRole.AboutRole,
}


class CommandSet(QObject):
    """The actions of one window; owned by it.  Whoever does the work connects itself by id.

    A command that nobody has connected is not shown: a control that is visible works.
    """

    keys_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._twins: dict[str, QAction] = {}
        self._actions: dict[str, QAction] = {}
        self._connected: set[str] = set()
        for command in COMMANDS:
            action = QAction(command.text, self)
            action.setObjectName(command.id)
            # Said outright, for macOS would guess from the words and move others too.
            action.setMenuRole(_ROLES.get(command.id, QAction.MenuRole.NoRole))
            action.setVisible(False)
            self._actions[command.id] = action
        self.set_keys({})

    def action(self, command_id: str) -> QAction:
        return self._actions[command_id]

    def connect_to(self, command_id: str, act: Callable[[], object]) -> None:
        """Let a command do something; from now on it is in its menu."""
        action = self._actions[command_id]
        action.triggered.connect(lambda _checked=False: act())
        action.setVisible(True)
        self._connected.add(command_id)

    def set_text(self, command_id: str, text: str) -> None:
        self._actions[command_id].setText(text)

    def set_keys(self, own: Mapping[str, str]) -> None:
        """Put the user's own keys over the defaults; an empty one takes the key away."""
        for command in COMMANDS:
            keys = own.get(command.id, command.keys)
            action = self._actions[command.id]
            if command.in_wall:
                # The wall reacts to these itself; as a window shortcut they would eat typing.
                action.setProperty("shown-keys", keys)
                continue
            # Both Enter keys do the same; Qt tells them apart.
            both = [keys, keys.replace("Return", "Enter")] if "Return" in keys else [keys]
            action.setShortcuts([QKeySequence(each) for each in both if each])
        for command_id in self._twins:
            self._follow(command_id)
        self.keys_changed.emit()

    def shown_keys(self, command_id: str) -> str:
        """The keys as this system writes them, for menus, tooltips and the shortcut sheet."""
        action = self._actions[command_id]
        text = action.property("shown-keys")
        keys = QKeySequence(text) if text is not None else action.shortcut()
        return keys.toString(QKeySequence.SequenceFormat.NativeText)

    def follow_keys(self, command_id: str, show: Callable[[str], object]) -> None:
        """Call `show` with a command's keys, now and whenever the user changes them."""

        def follow() -> None:
            show(self.shown_keys(command_id))

        self.keys_changed.connect(follow)
        follow()

    def fill(self, bar: QMenuBar, window: QWidget) -> None:
        """Build the menus.  Keys of the wall are written behind the words, after a tab."""
        for place in Place:
            menu = QMenu(place.menu_title, bar)
            menu.setToolTipsVisible(True)
            group = 0
            for command in COMMANDS:
                if command.place is not place:
                    continue
                if command.group != group:
                    menu.addSeparator()
                    group = command.group
                if command.in_wall:
                    self._add_twin(menu, command)
                else:
                    menu.addAction(self._actions[command.id])
                    window.addAction(self._actions[command.id])
            bar.addMenu(menu)
            _hide_if_empty(menu)
            for action in menu.actions():
                action.changed.connect(lambda menu=menu: _hide_if_empty(menu))

    def _add_twin(self, menu: QMenu, command: Command) -> None:
        """Show a command of the wall with its key, which the window must not bind."""
        action = self._actions[command.id]
        twin = self._twins[command.id] = menu.addAction("")
        twin.setMenuRole(QAction.MenuRole.NoRole)
        twin.triggered.connect(action.trigger)
        action.changed.connect(lambda: self._follow(command.id))
        self._follow(command.id)

    def _follow(self, command_id: str) -> None:
        action, twin = self._actions[command_id], self._twins[command_id]
        keys = self.shown_keys(command_id)
        twin.setVisible(action.isVisible())
        twin.setEnabled(action.isEnabled())
        set_tooltip(twin, action.toolTip())
        twin.setText(f"{action.text()}\t{keys}" if keys else action.text())


def _hide_if_empty(menu: QMenu) -> None:
    shown = (action.isVisible() and not action.isSeparator() for action in menu.actions())
    menu.menuAction().setVisible(any(shown))
