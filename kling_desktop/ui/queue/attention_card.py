"""The card under a row that needs the user: what happened, what it cost, what to do."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from kling_desktop.ui.controls.buttons import GhostButton, PrimaryButton, SecondaryButton
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.controls.layouts import WrappingRow
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import fill_rounded
from kling_desktop.wording.cards import CardWords

_LEFT = 92
_RIGHT = 16
_BELOW = 12
_PADDING = 12


class AttentionCard(QWidget):
    """Lies over the card's row in the list; owned by the view.

    Signals:
        chosen: The `Action` of the button that was pressed.
    """

    chosen = Signal(object)

    def __init__(self, look: Look, words: CardWords, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.words = words
        self.setAccessibleName(f"{words.title} {words.text}")
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(_LEFT + _PADDING, _PADDING, _RIGHT + _PADDING, _PADDING + _BELOW)
        column.setSpacing(look.theme.space(2))
        column.addWidget(_build_words(words.title, "label", "text"))
        if words.text:
            column.addWidget(_build_words(words.text, "small", "text-2"))
        self._buttons: list[QWidget] = []
        buttons = WrappingRow(look.theme.space(2))
        for at, offered in enumerate(words.actions):
            kind = (PrimaryButton, SecondaryButton, GhostButton)[min(at, 2)]
            if words.kind == "danger" and at == 1:
                kind = GhostButton
            button = kind(look, offered.text, size="small", name=offered.text)
            action = offered.action
            button.clicked.connect(lambda _on=False, action=action: self.chosen.emit(action))
            buttons.addWidget(button)
            self._buttons.append(button)
        column.addLayout(buttons)
        if words.note:
            column.addWidget(_build_words(words.note, "small", "text-2"))

    def has_focus_inside(self) -> bool:
        return any(button.hasFocus() for button in self._buttons)

    def take_focus(self) -> None:
        self._buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def height_at(self, width: int) -> int:
        """How high the card is at this width, in pixels."""
        if self._column.hasHeightForWidth():
            return self._column.totalHeightForWidth(width)
        return self._column.sizeHint().height()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        rect = QRectF(self.rect()).adjusted(_LEFT, 0, -_RIGHT, -_BELOW)
        painter = QPainter(self)
        fill_rounded(painter, rect, theme.radius("lg"), theme.color(f"{self.words.kind}-soft"))


def _build_words(text: str, style: str, ink: str) -> Label:
    """Words that never make the card wider than its row, however long one of them is."""
    label = Label(text, style, ink, wrap=True)
    policy = label.sizePolicy()
    policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
    label.setSizePolicy(policy)
    return label
