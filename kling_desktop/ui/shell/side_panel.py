"""The right panel: two tabs, Queue and Details; the user picks, the app never switches.

Its width is in `panel_splitter.py`.
"""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from kling_desktop.ui.controls.buttons import IconButton
from kling_desktop.ui.controls.chips import CountBadge
from kling_desktop.ui.controls.focus import takes_ring
from kling_desktop.ui.controls.labels import set_surface
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import draw_ring, draw_text, measure_text
from kling_desktop.wording import phrases
from kling_desktop.wording import shell as texts
from kling_desktop.wording.commands import translate_command

QUEUE, DETAILS = 0, 1


class SidePanel(QWidget):
    """Holds the two pages; owned by the main window.

    Signals:
        tab_changed: Index of the tab the user chose (`QUEUE` or `DETAILS`).
        more_wanted: The button with the three dots was pressed; the widget is the argument.
    """

    tab_changed = Signal(int)
    more_wanted = Signal(QWidget)

    def __init__(
        self, look: Look, queue: QWidget, details: QWidget, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_surface(self, "panel")
        self._badge = CountBadge(look, 0)
        self._badge.hide()
        self._stack = QStackedWidget()
        self._stack.addWidget(queue)
        self._stack.addWidget(details)
        self._tabs = QButtonGroup(self)
        self._more = IconButton(look, "more", texts.PANEL_MENU())
        self._more.clicked.connect(lambda: self.more_wanted.emit(self._more))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._build_header(look))
        column.addWidget(self._stack, 1)

    @property
    def tab(self) -> int:
        return self._stack.currentIndex()

    def show_tab(self, index: int) -> None:
        """Show a tab because the user asked for it by key, menu or click."""
        self._tabs.button(index).setChecked(True)
        if index != self._stack.currentIndex():
            self._stack.setCurrentIndex(index)
            self.tab_changed.emit(index)

    def set_queue_count(self, count: int) -> None:
        """Number of unfinished jobs; none hides the badge."""
        self._badge.set_count(count)
        self._badge.setVisible(count > 0)
        tab = self._tabs.button(QUEUE)
        tab.setAccessibleName(texts.queue_tab(count))
        tab.updateGeometry()

    def _build_header(self, look: Look) -> QWidget:
        header = QWidget()
        header.setFixedHeight(look.theme.height("header"))
        row = QHBoxLayout(header)
        row.setContentsMargins(look.theme.space(4), 0, look.theme.space(2), 0)
        row.setSpacing(look.theme.space(4))
        for index, text in ((QUEUE, phrases.QUEUE()), (DETAILS, translate_command("show-details"))):
            tab = _Tab(look, text, self._badge if index == QUEUE else None)
            tab.setChecked(index == QUEUE)
            self._tabs.addButton(tab, index)
            row.addWidget(tab)
        row.addStretch(1)
        row.addWidget(self._more)
        self._tabs.idClicked.connect(self.show_tab)
        return header


class _Tab(QAbstractButton):
    """A word with a line below while it is chosen; left and right go to its neighbour."""

    def __init__(self, look: Look, text: str, badge: QWidget | None) -> None:
        super().__init__()
        self._look = look
        self._badge = badge
        self._ring = False
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        if badge is not None:
            row = QHBoxLayout(self)
            row.setContentsMargins(0, 0, 0, 0)
            row.addStretch(1)
            row.addWidget(badge)

    def sizeHint(self) -> QSize:
        theme = self._look.theme
        width = round(measure_text(theme.font("body-strong"), self.text())) + 2
        if self._badge is not None and not self._badge.isHidden():
            width += self._badge.sizeHint().width() + theme.space(1)
        return QSize(width, theme.height("header"))

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = takes_ring(event, self._ring)
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        group = self.group()
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and group is not None:
            other = group.button(1 - group.id(self))
            other.setFocus(Qt.FocusReason.TabFocusReason)
            other.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._look.theme
        chosen = self.isChecked()
        font = theme.font("body-strong" if chosen else "body", None if chosen else 500)
        ink = theme.color("text" if chosen or self.underMouse() else "text-2")
        draw_text(painter, QRectF(self.rect()), self.text(), font, ink)
        if chosen:
            painter.fillRect(
                QRectF(0, self.height() - 2, self.width(), 2), theme.color("accent-text")
            )
        if self.hasFocus() and self._ring:
            draw_ring(painter, QRectF(self.rect()).adjusted(0, 8, 0, -8), theme, theme.radius("sm"))
