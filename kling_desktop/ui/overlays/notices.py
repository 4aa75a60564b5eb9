"""Notices inside the window: how long they stay, how many there are, where they sit."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kling_desktop.ui.controls.action_offer import ActionOffer
from kling_desktop.ui.controls.announcer import Announcer
from kling_desktop.ui.controls.buttons import IconButton, LinkButton, SecondaryButton
from kling_desktop.ui.controls.icon_view import IconView
from kling_desktop.ui.controls.labels import ElidedLabel, Label
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import draw_frame, draw_picture
from kling_desktop.wording import phrases

_WIDTH = 420
_STAY_S = 6.0
_STAY_WITH_OFFER_S = 12.0
_MOST = 3
_ICON = 18
_WORDS_TOP = 3
_LINK_INSET = -2
_PICTURE = QSize(80, 45)
_KINDS = {
    "neutral": ("undo", "text-2"),
    "info": ("info", "accent-text"),
    "success": ("check-circle", "success"),
    "warning": ("alert", "warning"),
    "danger": ("error", "danger"),
}


@dataclass(frozen=True)
class Notice:
    """What a notice says. `kind` is "neutral", "info", "success", "warning" or "danger".

    `icon` takes the place of the kind's own icon, `picture` that of any icon. One that `stays` is
    a problem: it goes when the user closes it or the app does.
    """

    title: str
    text: str = ""
    kind: str = "neutral"
    icon: str = ""
    picture: QPixmap | None = None
    offers: tuple[ActionOffer, ...] = ()
    stays: bool = False


class _Picture(QWidget):
    def __init__(self, look: Look, picture: QPixmap) -> None:
        super().__init__()
        self._look = look
        self._picture = picture
        self.setFixedSize(_PICTURE)

    def paintEvent(self, event: QPaintEvent) -> None:
        radius = self._look.theme.radius("sm")
        draw_picture(QPainter(self), QRectF(self.rect()), self._picture, radius)


class _Card(QFrame):
    """One notice with its offers and the mark that closes it."""

    def __init__(self, look: Look, notice: Notice, close: Callable[[], object]) -> None:
        super().__init__()
        self._look = look
        self._close = close
        self.notice = notice
        self.setFixedWidth(_WIDTH)
        self.setAccessibleName(notice.title)
        self.setAccessibleDescription(notice.text)
        theme = look.theme
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.space(4), 10, 10, 12)
        row.setSpacing(theme.space(3))
        top = Qt.AlignmentFlag.AlignTop
        if notice.picture is not None:
            row.addWidget(_Picture(look, notice.picture), 0, Qt.AlignmentFlag.AlignVCenter)
        else:
            icon, ink = _KINDS[notice.kind]
            mark = IconView(look, notice.icon or icon, size=_ICON, ink=ink)
            mark.setContentsMargins(0, _WORDS_TOP, 0, 0)
            row.addWidget(mark)
        row.addLayout(self._build_words(), 1)
        if notice.picture is not None:
            for offer in notice.offers:
                button = SecondaryButton(look, offer.text, size="small")
                button.clicked.connect(self._build_act(offer))
                row.addWidget(button)
        cross = IconButton(look, "x", phrases.CLOSE())
        cross.clicked.connect(lambda: close())
        row.addWidget(cross, 0, top if notice.picture is None else Qt.AlignmentFlag.AlignVCenter)

    def _build_words(self) -> QVBoxLayout:
        notice = self.notice
        column = QVBoxLayout()
        column.setSpacing(2)
        column.setContentsMargins(0, _WORDS_TOP, 0, 0)
        if notice.picture is not None:
            column.addStretch(1)
            column.addWidget(ElidedLabel(notice.title, "body-strong"))
            column.addWidget(ElidedLabel(notice.text, "small", "text-2"))
            column.addStretch(1)
            return column
        column.addWidget(Label(notice.title, "body-strong", wrap=True))
        if notice.text:
            column.addWidget(Label(notice.text, "small", "text-2", wrap=True))
        if notice.offers:
            links = QHBoxLayout()
            links.setContentsMargins(_LINK_INSET, 4, 0, 0)
            links.setSpacing(self._look.theme.space(3))
            for offer in notice.offers:
                link = LinkButton(self._look, offer.text)
                link.clicked.connect(self._build_act(offer))
                links.addWidget(link)
            links.addStretch(1)
            column.addLayout(links)
        return column

    def _build_act(self, offer: ActionOffer) -> Callable[[], None]:
        def act() -> None:
            self._close()
            offer.act()

        return act

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        rect = QRectF(self.rect())
        ground, line = theme.color("popup"), theme.color("line-strong")
        draw_frame(QPainter(self), rect, theme.radius("lg"), ground, line)


class Notices(QWidget):
    """The stack of notices at the bottom right of `host`: newest at the bottom, three at most.

    A notice stays 6 s, one with an offer 12 s; a pointer on the stack holds all of them, and a
    hidden one's time begins when it comes into view. `now` is the time in seconds.
    """

    def __init__(
        self, look: Look, host: QWidget, now: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(host)
        self._look = look
        self._host = host
        self._now = now
        self._announcer = Announcer(self)
        self._cards: dict[int, _Card] = {}
        self._until: dict[int, float] = {}
        self._next_id = 1
        self._held_since: float | None = None
        self._rest = Label("", "small", "text-3")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(look.theme.space(2))
        self._column.addWidget(self._rest, 0, Qt.AlignmentFlag.AlignRight)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.remove_expired)
        host.installEventFilter(self)
        self.hide()

    def show_notice(self, notice: Notice) -> int:
        """Show a notice and say it to screen readers; return the id that dismisses it."""
        notice_id = self._next_id
        self._next_id += 1
        card = _Card(self._look, notice, lambda: self.dismiss(notice_id))
        self._cards[notice_id] = card
        self._column.addWidget(card)
        self._announcer.announce(". ".join(part for part in (notice.title, notice.text) if part))
        self._arrange()
        return notice_id

    def dismiss(self, notice_id: int) -> None:
        """Take a notice away; one that has already gone is no error."""
        card = self._cards.pop(notice_id, None)
        self._until.pop(notice_id, None)
        if card is not None:
            card.hide()
            self._column.removeWidget(card)
            card.deleteLater()
            self._arrange()

    def clear(self) -> None:
        for notice_id in list(self._cards):
            self.dismiss(notice_id)

    def list_shown(self) -> tuple[Notice, ...]:
        """Return the notices in view, oldest first."""
        return tuple(card.notice for card in list(self._cards.values())[-_MOST:])

    def remove_expired(self) -> None:
        """Take away what has been shown long enough."""
        if self._held_since is None:
            now = self._now()
            for notice_id, until in list(self._until.items()):
                if until <= now:
                    self.dismiss(notice_id)
        self._arrange()

    def _arrange(self) -> None:
        shown = list(self._cards)[-_MOST:]
        hidden = len(self._cards) - len(shown)
        now = self._now()
        for notice_id, card in self._cards.items():
            card.setVisible(notice_id in shown)
            notice = card.notice
            if notice_id in shown and notice_id not in self._until and not notice.stays:
                stay = _STAY_WITH_OFFER_S if notice.offers else _STAY_S
                self._until[notice_id] = now + stay
        self._rest.setText(phrases.count_more(hidden))
        self._rest.setVisible(hidden > 0)
        self.setVisible(bool(shown))
        if self._until and self._held_since is None:
            wait = max(0.0, min(self._until.values()) - now)
            self._timer.start(round(wait * 1000) + 1)
        else:
            self._timer.stop()
        self._place()

    def _place(self) -> None:
        if not self._cards:
            return
        self._column.activate()
        size = self.sizeHint()
        margin = self._look.theme.space(4)
        x = self._host.width() - size.width() - margin
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            x = margin
        self.setGeometry(x, self._host.height() - size.height() - margin, *size.toTuple())
        self.raise_()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._held_since = self._now()
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        if self._held_since is not None:
            held = self._now() - self._held_since
            self._held_since = None
            self._until = {notice_id: until + held for notice_id, until in self._until.items()}
            self._arrange()
        super().leaveEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self._place()
        return False
