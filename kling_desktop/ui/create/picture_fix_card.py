"""The card under a picture that cannot be used yet: what is wrong, and what can be done."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from kling_desktop.ui.controls.buttons import LinkButton, PrimaryButton
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.controls.layouts import PairingRow
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import fill_rounded
from kling_desktop.wording.actions import Action
from kling_desktop.wording.pictures import PictureCard


class PictureFixCard(QWidget):
    """Shows a `PictureCard`; `action_wanted` carries the `Action` that was chosen."""

    action_wanted = Signal(object)

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._card: PictureCard | None = None
        self._title = Label("", "body-strong", wrap=True)
        self._text = Label("", "small", "text-2", wrap=True)
        self._button = PrimaryButton(look, "")
        self._note = Label("", "small", "text-2", wrap=True)
        self._note.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._links = {
            action: LinkButton(look, "") for action in (Action.CROP_PICTURE, Action.CHOOSE_PICTURE)
        }
        self._button.clicked.connect(self._on_clicked)
        for action, link in self._links.items():
            link.clicked.connect(lambda _=False, action=action: self.action_wanted.emit(action))
        column = QVBoxLayout(self)
        space = look.theme.space
        column.setContentsMargins(space(3), space(2) + 2, space(3), space(2) + 2)
        column.setSpacing(0)
        for widget, gap in (
            (self._title, 0),
            (self._text, 1),
            (self._button, space(2)),
            (self._note, 6),
        ):
            column.addSpacing(gap)
            column.addWidget(widget)
        row = PairingRow(space(3), line_gap=2)
        row.setContentsMargins(0, 6, 0, 0)
        row.addStretch(1)
        for link in self._links.values():
            row.addWidget(link)
        row.addStretch(1)
        column.addLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    @property
    def card(self) -> PictureCard | None:
        return self._card

    def show_card(self, card: PictureCard) -> None:
        if card == self._card:
            return
        self._card = card
        self._title.setText(card.title)
        for label, text in ((self._text, card.text), (self._note, card.note)):
            label.setText(text)
            label.setVisible(bool(text))
        self._button.setText(card.main.text)
        self._button.set_icon_name(card.main.icon)
        self._button.setAccessibleDescription(f"{card.title}. {card.text} {card.note}".strip())
        offered = {link.action: link.text for link in card.links}
        for action, link in self._links.items():
            link.setText(offered.get(action, ""))
            link.setVisible(action in offered)
            link.updateGeometry()
        self.setAccessibleName(card.title)
        self.setAccessibleDescription(card.text)
        self.updateGeometry()

    def _on_clicked(self) -> None:
        if self._card is not None:
            self.action_wanted.emit(self._card.main.action)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        rect = QRectF(self.rect())
        fill_rounded(QPainter(self), rect, theme.radius("lg"), theme.color("danger-soft"))
