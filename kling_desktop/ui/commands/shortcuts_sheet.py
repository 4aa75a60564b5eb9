"""Every shortcut on one sheet, as it is bound now."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from kling_desktop.ui.commands.commands import COMMANDS, CommandSet, Place
from kling_desktop.ui.controls.buttons import PrimaryButton, SecondaryButton
from kling_desktop.ui.controls.chips import KeyCap
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.overlays.sheet import Sheet
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import commands as texts
from kling_desktop.wording import phrases

CHANGE = 2
"""The sheet's result when the user wants to change shortcuts."""
_WIDTH = 760
_HEIGHT = 440
_COLUMNS = 2
_VIEWER = (
    ("Left, Right", texts.PREVIOUS_NEXT_CLIP),
    ("Shift+Left, Shift+Right", texts.EXTEND_SELECTION),
    ("Home, End", texts.FIRST_LAST),
    ("Esc", texts.BACK),
    ("L", phrases.LOOP),
    ("[, ]", texts.PREVIOUS_NEXT_TAKE),
    ("A, B", texts.SHOW_ONLY_ONE),
)


class ShortcutsSheet(Sheet):
    """Made anew each time it is opened; `show_dialog` gives `CHANGE` when keys are to change."""

    def __init__(self, look: Look, window: QWidget, commands: CommandSet) -> None:
        super().__init__(look, window, texts.translate_command("shortcuts"), width=_WIDTH)
        groups = [(place.menu_title, _list_bound(place, commands)) for place in Place]
        groups.append(
            (texts.LIBRARY_AND_VIEWER(), [(_native(keys), about()) for keys, about in _VIEWER])
        )
        groups = [(title, rows) for title, rows in groups if rows]
        self.body.addWidget(_Columns(look, groups))
        change = SecondaryButton(look, texts.CHANGE_SHORTCUTS())
        change.clicked.connect(lambda: self.done(CHANGE))
        close = PrimaryButton(look, phrases.DONE())
        close.clicked.connect(self.accept)
        self.add_buttons(change, close)
        close.setDefault(True)
        close.setFocus()


def _list_bound(place: Place, commands: CommandSet) -> list[tuple[str, str]]:
    """Keys and words of the commands of one menu that have both keys and somebody who does them."""
    return [
        (keys, command.text)
        for command in COMMANDS
        if command.place is place
        and commands.action(command.id).isVisible()
        and (keys := commands.shown_keys(command.id))
    ]


def _native(keys: str) -> str:
    form = QKeySequence.SequenceFormat.NativeText
    return ", ".join(QKeySequence(each).toString(form) for each in keys.split(", "))


class _Columns(QScrollArea):
    """The groups side by side, each group whole."""

    def __init__(self, look: Look, groups: list[tuple[str, list[tuple[str, str]]]]) -> None:
        super().__init__()
        self.setAccessibleName(texts.translate_command("shortcuts"))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(_HEIGHT)
        inner = QWidget()
        inner.setProperty("clear", "true")
        row = QHBoxLayout(inner)
        row.setContentsMargins(0, 0, look.theme.space(3), 0)
        row.setSpacing(look.theme.space(8))
        half = sum(len(rows) + 2 for _, rows in groups) / _COLUMNS
        columns = [QVBoxLayout() for _ in range(_COLUMNS)]
        filled = 0.0
        for title, rows in groups:
            column = columns[min(_COLUMNS - 1, int((filled + len(rows) / 2) // half))]
            column.addLayout(_build_group(look, title, rows))
            column.addSpacing(look.theme.space(3))
            filled += len(rows) + 2
        for column in columns:
            column.setSpacing(look.theme.space(2))
            column.addStretch(1)
            row.addLayout(column, 1)
        self.setWidget(inner)


def _build_group(look: Look, title: str, rows: list[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(look.theme.space(3))
    grid.setVerticalSpacing(look.theme.space(1))
    grid.setColumnStretch(0, 1)
    grid.addWidget(Label(title, "body-strong"), 0, 0, 1, 2)
    for number, (keys, words) in enumerate(rows, start=1):
        grid.addWidget(Label(words, "body", "text-2", wrap=True), number, 0)
        cap = KeyCap(look, keys)
        grid.addWidget(cap, number, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
    return grid
