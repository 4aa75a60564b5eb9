"""A quiet line between the controls: what was just done for the user, and how to take it back."""

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from kling_desktop.ui.controls.buttons import LinkButton
from kling_desktop.ui.controls.icon_view import IconView
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import fill_rounded

_ICON = 16


class InlineNotice(QWidget):
    """An icon, a sentence and one link; `acted` is the link.  With `filled` it has a ground."""

    acted = Signal()

    def __init__(
        self,
        look: Look,
        icon: str,
        ink: str,
        *,
        ground: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._ground = ground
        self._icon = IconView(look, icon, size=_ICON, ink=ink)
        self._text = Label("", "small", "text" if ground else "text-2", wrap=True)
        self._link = LinkButton(look, "")
        self._link.clicked.connect(lambda: self.acted.emit())
        row = QHBoxLayout(self)
        side, top = (look.theme.space(3), look.theme.space(2)) if ground else (0, 0)
        row.setContentsMargins(side, top, side, top)
        row.setSpacing(look.theme.space(2))
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addWidget(self._link)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.hide()

    @property
    def text(self) -> str:
        return self._text.text()

    @property
    def link(self) -> LinkButton:
        return self._link

    def say(self, text: str, link: str = "") -> None:
        """Show a sentence; an empty one hides the line."""
        self._text.setText(text)
        self._link.setText(link)
        self._link.set_name(f"{link}: {text}" if link else text)
        self._link.setVisible(bool(link))
        self._link.updateGeometry()
        self.setAccessibleName(text)
        self.setVisible(bool(text))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._ground:
            theme = self._look.theme
            rect = QRectF(self.rect())
            fill_rounded(QPainter(self), rect, theme.radius("lg"), theme.color(self._ground))
