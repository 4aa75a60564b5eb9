"""The table of commands and their keys, found by words."""

from collections.abc import Mapping
from enum import IntEnum

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFocusEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from kling_desktop.ui.commands.commands import COMMANDS, Command
from kling_desktop.ui.commands.shortcut_rules import keys_of, read_keys
from kling_desktop.ui.controls.focus import takes_ring
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import (
    LEFT,
    RIGHT,
    draw_frame,
    draw_ring,
    draw_text,
    measure_text,
)
from kling_desktop.wording import commands as texts

_PADDING = 10
_ROW_MORE = 6

_Index = QModelIndex | QPersistentModelIndex


class ShortcutRole(IntEnum):
    """What the model returns besides the words."""

    COMMAND = Qt.ItemDataRole.UserRole
    KEYS = Qt.ItemDataRole.UserRole + 1


class ShortcutModel(QAbstractListModel):
    """The commands that match a search, each with its keys."""

    def __init__(self, known: frozenset[str], parent: QObject | None = None) -> None:
        """Take the ids of the commands that somebody does; the others are not shown."""
        super().__init__(parent)
        self._all = tuple(command for command in COMMANDS if command.id in known)
        self._rows = self._all
        self._own: Mapping[str, str] = {}

    def show_keys(self, own: Mapping[str, str]) -> None:
        """Show these keys of the user over the defaults."""
        self._own = own
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def search(self, text: str) -> None:
        """Show only commands whose words, menu or keys hold all these words."""
        words = text.casefold().split()
        rows = tuple(c for c in self._all if all(word in self._haystack(c) for word in words))
        if rows != self._rows:
            self.beginResetModel()  # the rows themselves are others, not their contents
            self._rows = rows
            self.endResetModel()

    def find_row(self, command_id: str) -> int | None:
        return next((i for i, row in enumerate(self._rows) if row.id == command_id), None)

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        command = self._rows[index.row()]
        keys = read_keys(keys_of(command, self._own))
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return command.text
            case Qt.ItemDataRole.AccessibleTextRole:
                spoken = texts.SPOKEN_FIXED_COMMAND if command.in_wall else texts.SPOKEN_COMMAND
                return spoken(command=command.text, keys=keys or texts.SPOKEN_NO_KEYS())
            case ShortcutRole.COMMAND:
                return command
            case ShortcutRole.KEYS:
                return keys
            case _:
                return None

    def _haystack(self, command: Command) -> str:
        keys = read_keys(keys_of(command, self._own))
        return f"{command.text} {command.place.menu_title} {keys}".casefold()


class _ShortcutDelegate(QStyledItemDelegate):
    def __init__(self, look: Look, view: "ShortcutList") -> None:
        super().__init__(view)
        self._look = look
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(100, self._look.theme.height("menu-row") + _ROW_MORE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme = self._look.theme
        row: QRectF = QRectF(option.rect)  # pyright: ignore[reportAttributeAccessIssue]
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        command: Command = index.data(ShortcutRole.COMMAND)
        keys: str = index.data(ShortcutRole.KEYS)
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            draw_frame(painter, row, theme.radius("md"), theme.color("accent-soft"), None)
            if self._view.shows_ring:
                draw_ring(painter, row, theme, theme.radius("md"))
        elif state & QStyle.StateFlag.State_MouseOver:
            draw_frame(painter, row, theme.radius("md"), theme.color("hover"), None)
        mirrored = self._view.layoutDirection() == Qt.LayoutDirection.RightToLeft
        start, end = (RIGHT, LEFT) if mirrored else (LEFT, RIGHT)
        inner = row.adjusted(_PADDING, 0, -_PADDING, 0)
        draw_text(
            painter, inner, command.text, theme.font("body"), theme.color("text"), align=start
        )
        quiet = theme.color("text-3" if command.in_wall or not keys else "text-2")
        draw_text(painter, inner, keys or "–", theme.font("body"), quiet, align=end)
        width = measure_text(theme.font("body"), keys or "–") + 16
        place = inner.adjusted(width, 0, 0, 0) if mirrored else inner.adjusted(0, 0, -width, 0)
        if command.in_wall:
            ink = theme.color("text-3")
            draw_text(painter, place, texts.IN_THE_LIBRARY(), theme.font("small"), ink, align=end)
        painter.restore()


class ShortcutList(QListView):
    """The table itself; up and down choose, Return or a double click begins to change."""

    def __init__(self, look: Look, model: ShortcutModel, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ring = False
        self.setModel(model)
        self.setItemDelegate(_ShortcutDelegate(look, self))
        self.setAccessibleName(texts.COMMAND_LIST())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def shows_ring(self) -> bool:
        return self._ring and self.hasFocus()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = takes_ring(event, self._ring)
        super().focusInEvent(event)
