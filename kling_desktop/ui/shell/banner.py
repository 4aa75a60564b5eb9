"""A line across the window that says what is different just now."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from kling_desktop.ui.controls.action_offer import ActionOffer
from kling_desktop.ui.controls.buttons import IconButton, LinkButton
from kling_desktop.ui.controls.icon_view import IconView
from kling_desktop.ui.controls.labels import ElidedLabel, Label
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import phrases

_KINDS = {
    "info": ("info", "accent-text", "accent-soft"),
    "success": ("check-circle", "success", "success-soft"),
    "warning": ("alert", "warning", "warning-soft"),
    "danger": ("error", "danger", "danger-soft"),
}
_ICON = 18


class Banner(QFrame):
    """An icon, some words in bold, a sentence, and what can be done. The owner shows and hides it.

    `dismissed` is the mark at its end; the banner does not hide itself.
    """

    dismissed = Signal()

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._ground = "warning-soft"
        self._icon = IconView(look, "alert", size=_ICON, ink="warning")
        self._icon.setFixedSize(_ICON, _ICON)
        self._bold = Label("", "body-strong")
        self._text = ElidedLabel("")
        self._links = QHBoxLayout()
        self._links.setSpacing(look.theme.space(3))
        self._close = IconButton(look, "x", phrases.CLOSE())
        self._close.clicked.connect(lambda: self.dismissed.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(look.theme.space(4), 0, look.theme.space(2), 0)
        row.setSpacing(look.theme.space(2))
        for widget in (self._icon, self._bold):
            row.addWidget(widget)
        row.addWidget(self._text, 1)
        row.addLayout(self._links)
        row.addWidget(self._close)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        look.themes.changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(self._look.theme.height("banner"))

    def set_message(
        self,
        bold: str,
        text: str,
        *,
        kind: str = "warning",
        icon: str = "",
        offers: Sequence[ActionOffer] = (),
    ) -> None:
        """Say something; `kind` is "info", "success", "warning" or "danger"."""
        own_icon, ink, self._ground = _KINDS[kind]
        self._icon.set_icon(icon or own_icon, ink)
        self._bold.setText(bold)
        self._text.setText(text)
        self.setAccessibleName(f"{bold} {text}")
        while (place := self._links.takeAt(0)) is not None:
            old = place.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        for offer in offers:
            link = LinkButton(self._look, offer.text)
            link.clicked.connect(lambda _=False, act=offer.act: act())
            self._links.addWidget(link)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        rect = QRectF(self.rect())
        painter.fillRect(rect, theme.color(self._ground))
        painter.fillRect(QRectF(0, rect.height() - 1, rect.width(), 1), theme.color("line"))
