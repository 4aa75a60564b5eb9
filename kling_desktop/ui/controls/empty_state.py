"""What a view says when there is nothing in it yet."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kling_desktop.ui.controls.action_offer import ActionOffer
from kling_desktop.ui.controls.buttons import LinkButton, SecondaryButton
from kling_desktop.ui.controls.icon_view import IconView
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.theme.look import Look

_ICON = 28
_WIDTH, _NARROW_WIDTH = 360, 244


class EmptyState(QWidget):
    """A heading, a sentence and what can be done, in the middle of its place."""

    def __init__(
        self,
        look: Look,
        title: str,
        text: str,
        offers: Sequence[ActionOffer] = (),
        *,
        icon: str = "",
        style: str = "heading",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        quiet = style == "body-strong"  # in a side panel: smaller words in the very middle
        self._title = Label("", style, wrap=True)
        self._text = Label("", "small" if quiet else "body", "text-2", wrap=True)
        self._actions = QHBoxLayout()
        self._actions.setSpacing(look.theme.space(2))
        column = QVBoxLayout(self)
        column.setSpacing(look.theme.space(1 if quiet else 2))
        column.addStretch(1 if quiet else 2)
        middle = Qt.AlignmentFlag.AlignHCenter
        if icon:
            view = IconView(look, icon, size=_ICON, ink="text-3")
            view.setFixedSize(_ICON, _ICON)
            column.addWidget(view, 0, middle)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setMaximumWidth(_NARROW_WIDTH if quiet else _WIDTH)
            row = QHBoxLayout()
            row.addStretch(1)
            row.addWidget(label, 1000)
            row.addStretch(1)
            column.addLayout(row)
        column.addSpacing(look.theme.space(2))
        column.addLayout(self._actions)
        column.addStretch(1 if quiet else 3)
        self.set_words(title, text, offers)

    def set_words(self, title: str, text: str, offers: Sequence[ActionOffer] = ()) -> None:
        """Say something else; the first offer becomes a button, the others links."""
        self._title.setText(title)
        self._text.setText(text)
        self.setAccessibleName(f"{title} {text}")
        while (place := self._actions.takeAt(0)) is not None:
            old = place.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        self._actions.addStretch(1)
        for place, offer in enumerate(offers):
            kind = LinkButton if place else SecondaryButton
            button = kind(self._look, offer.text)
            button.clicked.connect(lambda _=False, act=offer.act: act())
            self._actions.addWidget(button)
        self._actions.addStretch(1)
