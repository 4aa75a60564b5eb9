"""The line at the foot of the window: network, queue, library, room on disk, money."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from kling_desktop.ui.controls.buttons import LinkButton
from kling_desktop.ui.controls.labels import ElidedLabel, Label, set_surface
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.plain_text import set_tooltip
from kling_desktop.wording import shell as texts

_DOT_PX = 7


class StatusLine(QWidget):
    """Shows what is set; decides nothing.

    Signals:
        key_wanted: The user wants to add an API key.
        spending_wanted: The user clicked the sum of the month.
    """

    key_wanted = Signal()
    spending_wanted = Signal()

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        set_surface(self, "window")
        self.setFixedHeight(look.theme.height("status-bar"))
        self.setAccessibleName(texts.STATUS())
        self._mark = _Mark(look)
        self._network = Label("", "small", "text-2")
        self._key_link = LinkButton(look, texts.ADD_API_KEY(), name=texts.ADD_API_KEY())
        self._key_link.clicked.connect(self.key_wanted)
        self._queue = ElidedLabel("", "small", "text-2")
        self._queue.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._library = Label("", "small", "text-2")
        self._room = Label("", "small", "text-2")
        self._money = LinkButton(look, "", quiet=True, name=texts.SPENDING_THIS_MONTH())
        self._money.clicked.connect(self.spending_wanted)
        self._money.hide()
        self._key_link.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(look.theme.space(3), 0, look.theme.space(3), 0)
        row.setSpacing(look.theme.space(2))
        row.addWidget(self._mark)
        row.addWidget(self._network)
        row.addSpacing(look.theme.space(2))
        row.addWidget(self._key_link)
        row.addWidget(self._queue, 1)
        for label in (self._library, self._room, self._money):
            row.addWidget(label)
            row.addSpacing(look.theme.space(1))
        look.themes.changed.connect(self._on_theme_changed)

    def _on_theme_changed(self) -> None:
        self.setFixedHeight(self._look.theme.height("status-bar"))

    def set_network(self, text: str, *, ink: str, sandbox: bool = False) -> None:
        """Say where clips are made and whether it can be reached.

        Args:
            text: ``Online``, ``Offline since 14:03``, ``Sandbox: no key, no charges``.
            ink: Token of the dot's colour.
            sandbox: Shows the flask in place of the dot.
        """
        self._mark.set_mark("sandbox" if sandbox else "", ink)
        self._network.setText(text)
        self._network.set_ink("accent-text" if sandbox else "text-2")

    def set_key_offer(self, *, offered: bool) -> None:
        self._key_link.setVisible(offered)

    def set_queue(self, text: str) -> None:
        self._queue.setText(text)

    def set_library(self, text: str, room: str) -> None:
        self._library.setText(text)
        self._room.setText(room)

    def set_money(self, text: str, by_model: str = "") -> None:
        """What was spent; an empty text hides it (nothing is known yet).

        Args:
            text: ``$0.35 today, $14.60 this month``.
            by_model: This month by model, a line each; shown as the tooltip.
        """
        self._money.setText(text)
        self._money.set_name(texts.SPENDING_SUM(amount=text))
        set_tooltip(self._money, by_model)
        self._money.setVisible(bool(text))


class _Mark(QWidget):
    """A dot, or the flask of the sandbox."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._icon, self._ink = "", "text-3"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_mark(self, icon: str, ink: str) -> None:
        self._icon, self._ink = icon, ink
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(16, 16) if self._icon else QSize(_DOT_PX, 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        color = self._look.theme.color(self._ink)
        if self._icon:
            self._look.icons.paint(painter, QRectF(0, 0, 16, 16), self._icon, color)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        top = (self.height() - _DOT_PX) / 2
        painter.drawEllipse(QRectF(0, top, _DOT_PX, _DOT_PX))
