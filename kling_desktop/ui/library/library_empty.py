"""What the library shows while there is no tile: where clips will be, or why none is found."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from kling_desktop.ui.controls.action_offer import ActionOffer
from kling_desktop.ui.controls.buttons import PrimaryButton, SecondaryButton
from kling_desktop.ui.controls.empty_state import EmptyState
from kling_desktop.ui.controls.labels import Label, set_surface
from kling_desktop.ui.library.library_query import Scope
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import draw_dot, draw_frame
from kling_desktop.wording.commands import translate_command
from kling_desktop.wording.library import TRY_SAMPLE, describe_empty
from kling_desktop.wording.translation import _

_WORDS_WIDTH = 380


class _Cards(QWidget):
    """Three cards and a play button: a picture that becomes a clip."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look

    def sizeHint(self) -> QSize:
        return QSize(260, 128)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        center = QPointF(self.width() / 2, 60)
        for angle, shift in ((-6.0, -38), (6.0, 38)):
            painter.save()
            painter.translate(center.x() + shift, center.y() + 8)
            painter.rotate(angle)
            side = QRectF(-85, -45, 170, 90)
            draw_frame(painter, side, 10, theme.color("canvas"), theme.color("line-strong"))
            painter.restore()
        front = QRectF(0, 0, 180, 112)
        front.moveCenter(center)
        draw_frame(painter, front, 12, theme.color("raised"), theme.color("control-line"))
        icon = QRectF(0, 0, 32, 32)
        icon.moveCenter(center)
        self._look.icons.paint(painter, icon, "image", theme.color("text-2"))
        button = QPointF(front.right() - 1, front.bottom() - 10)
        draw_dot(painter, button, 44, theme.color("accent"))
        painter.setBrush(theme.color("on-accent"))
        x, y = button.x(), button.y()
        painter.drawPolygon(
            QPolygonF([QPointF(x - 5, y - 7), QPointF(x - 5, y + 7), QPointF(x + 8, y)])
        )


class EmptyLibrary(QStackedWidget):
    """Owned by the library page.

    Signals:
        picture_wanted: The user wants to choose a picture to begin with.
        sample_wanted: The user wants to try one of the pictures that ship with the app.
    """

    picture_wanted = Signal()
    sample_wanted = Signal()

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        set_surface(self, "canvas")
        self._welcome = self._build_welcome()
        self._plain = EmptyState(look, "", "")
        self.addWidget(self._welcome)
        self.addWidget(self._plain)

    def show_reason(
        self, scope: Scope, *, filtered: bool, offers: Sequence[ActionOffer] = ()
    ) -> None:
        """Say why there is no tile."""
        if scope is Scope.ALL and not filtered:
            self.setCurrentWidget(self._welcome)
            return
        title, text = describe_empty(scope, filtered=filtered)
        self._plain.set_words(title, text, offers)
        self.setCurrentWidget(self._plain)

    def show_ready(self, is_ready: bool) -> None:
        """Let Generate be the one blue button while there is something to generate."""
        self._choose.step_back(others_turn=is_ready)

    def _build_welcome(self) -> QWidget:
        look = self._look
        title, text = describe_empty(Scope.ALL, filtered=False)
        page = QWidget()
        page.setAccessibleName(f"{title} {text}")
        column = QVBoxLayout(page)
        column.setSpacing(0)
        middle = Qt.AlignmentFlag.AlignHCenter
        heading = Label(title, "heading")
        words = Label(text, "body", "text-2", wrap=True)
        words.setAlignment(middle)
        words.setFixedWidth(_WORDS_WIDTH)
        choose = self._choose = PrimaryButton(
            look, translate_command("choose-picture"), icon="image-plus"
        )
        sample = SecondaryButton(look, _(TRY_SAMPLE))
        choose.clicked.connect(self.picture_wanted)
        sample.clicked.connect(self.sample_wanted)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(choose)
        buttons.addWidget(sample)
        around = QHBoxLayout()  # it lets the words be as high as their lines
        around.addStretch(1)
        around.addWidget(words)
        around.addStretch(1)
        column.addStretch(5)
        column.addWidget(_Cards(look), 0, middle)
        column.addSpacing(32)
        column.addWidget(heading, 0, middle)
        column.addSpacing(6)
        column.addLayout(around)
        column.addSpacing(20)
        column.addLayout(buttons)
        column.setAlignment(buttons, middle)
        column.addStretch(6)
        return page
