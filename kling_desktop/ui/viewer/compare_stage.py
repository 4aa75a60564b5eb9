"""Two clips on one ground: under a line that wipes, side by side, or one in the other's place."""

from enum import StrEnum

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kling_desktop.ui.clips.video_player import ClipPlayer
from kling_desktop.ui.controls.labels import set_surface
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import (
    CENTER,
    draw_dot,
    draw_frame,
    draw_text,
    fill_rounded,
    measure_text,
)
from kling_desktop.ui.viewer.pair_player import PairPlayer
from kling_desktop.ui.viewer.video_stage import PictureView
from kling_desktop.wording.viewer import speak_pair

_KNOB = 36
_PILL = 24
_ARROW_STEP = 0.02


class CompareMode(StrEnum):
    """How two clips are held against each other."""

    WIPE = "wipe"
    SIDE = "side"
    FLIP = "flip"


class CompareStage(QWidget):
    """Owned by Compare.

    Signals:
        line_moved: Where the wiping line stands, 0 (left) to 1.
    """

    line_moved = Signal(float)

    def __init__(self, look: Look, players: PairPlayer, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._players = players
        self._sizes = (QSizeF(16, 9), QSizeF(16, 9))
        self._words = ("", "")
        self._mode = CompareMode.WIPE
        self._line = 0.5
        self._held = ""
        self._dragging = False
        self._message = ""
        set_surface(self, "stage")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(240, 120))
        self.setMouseTracking(True)
        players.frame_changed.connect(self.update)

    def show_pair(self, sizes: tuple[QSizeF, QSizeF], words: tuple[str, str]) -> None:
        self._sizes, self._words = sizes, words
        self._line, self._message = 0.5, ""
        self.setAccessibleName(speak_pair(*words))
        self.update()

    def show_message(self, message: str) -> None:
        self._message = message
        self.setAccessibleDescription(message)
        self.update()

    @property
    def mode(self) -> CompareMode:
        return self._mode

    def set_mode(self, mode: CompareMode) -> None:
        self._mode = mode
        self.update()

    @property
    def line(self) -> float:
        return self._line

    def set_line(self, line: float) -> None:
        self._line = min(1.0, max(0.0, line))
        self.line_moved.emit(self._line)
        self.update()

    def move_line(self, steps: int) -> None:
        self.set_line(self._line + steps * _ARROW_STEP)

    def hold(self, side: str) -> None:
        """Show only "A" or only "B" while a key is down; empty shows both again."""
        if side != self._held:
            self._held = side
            self.update()

    @property
    def held(self) -> str:
        return self._held

    # ------------------------------------------------------------------ painting

    def _place(self, side: int, area: QRectF) -> QRectF:
        size = self._sizes[side] / self.devicePixelRatioF()
        rect = PictureView().place(size, area.size())
        return rect.translated(area.topLeft())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._look.theme
        painter.fillRect(event.rect(), theme.color("stage"))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        whole = QRectF(self.rect())
        if self._message:
            ink = theme.color("on-picture-2")
            draw_text(painter, whole, self._message, theme.font("body"), ink, align=CENTER)
            return
        players = (self._players.first, self._players.second)
        if self._held or self._mode is CompareMode.FLIP:
            side = 1 if self._held == "B" else 0
            rect = self._place(side, whole)
            players[side].paint(painter, rect)
            self._paint_words(painter, rect, side, at_end=side == 1)
        elif self._mode is CompareMode.SIDE:
            self._paint_side_by_side(painter, whole, players)
        else:
            self._paint_wipe(painter, whole, players)

    def _paint_side_by_side(
        self, painter: QPainter, whole: QRectF, players: tuple[ClipPlayer, ClipPlayer]
    ) -> None:
        half = whole.width() / 2
        for side in (0, 1):
            area = QRectF(whole.x() + side * half, whole.y(), half, whole.height())
            rect = self._place(side, area)
            players[side].paint(painter, rect)
            self._paint_words(painter, rect, side)

    def _paint_wipe(
        self, painter: QPainter, whole: QRectF, players: tuple[ClipPlayer, ClipPlayer]
    ) -> None:
        places = (self._place(0, whole), self._place(1, whole))
        x = round(self._line_x())
        parts = (
            QRectF(whole.left(), whole.top(), x - whole.left(), whole.height()),
            QRectF(x, whole.top(), whole.right() - x, whole.height()),
        )
        for side in (0, 1):
            painter.save()
            painter.setClipRect(parts[side])
            players[side].paint(painter, places[side])
            painter.restore()
        self._paint_words(painter, places[0], 0)
        self._paint_words(painter, places[1], 1, at_end=True)
        theme = self._look.theme
        both = places[0].united(places[1])
        painter.fillRect(QRectF(x - 1, both.top(), 2, both.height()), theme.color("on-picture"))
        center = QPointF(x, both.top() + both.height() * 0.58)
        draw_dot(painter, center, _KNOB, theme.color("on-picture"))
        icon = QRectF(0, 0, 16, 16)
        icon.moveCenter(center)
        self._look.icons.paint(painter, icon, "swap", theme.color("stage"))
        if self.hasFocus():
            ring = QRectF(0, 0, _KNOB + 6, _KNOB + 6)
            ring.moveCenter(center)
            draw_frame(painter, ring, ring.width() / 2, None, theme.color("focus"), 2)

    def _paint_words(
        self, painter: QPainter, rect: QRectF, side: int, *, at_end: bool = False
    ) -> None:
        """Draw the letter and what the clip is, in a corner of its picture."""
        theme = self._look.theme
        letter, words = "AB"[side], self._words[side]
        strong, quiet = theme.font("label", 600), theme.font("caption")
        room = rect.width() / 2 - _PILL - 40
        width = min(measure_text(quiet, words) + 16, room) if words and room > 40 else 0.0
        total = _PILL + (8 + width if width else 0)
        x = rect.right() - 12 - total if at_end else rect.left() + 12
        badge = QRectF(x, rect.top() + 12, _PILL, _PILL)
        pill = QRectF(badge.right() + 8, badge.top(), width, _PILL)
        fill, ink = theme.color("overlay"), theme.color("on-picture")
        fill_rounded(painter, badge, theme.radius("sm"), fill)
        draw_text(painter, badge, letter, strong, ink, align=CENTER)
        if width:
            fill_rounded(painter, pill, theme.radius("sm"), fill)
            inner = pill.adjusted(8, 0, -6, 0)
            draw_text(painter, inner, words, quiet, ink)

    # ------------------------------------------------------------------ the line

    def pictures_rect(self) -> QRectF:
        whole = QRectF(self.rect())
        return self._place(0, whole).united(self._place(1, whole))

    def _line_x(self) -> float:
        both = self.pictures_rect()
        return both.left() + both.width() * self._line

    def _set_line_at(self, x: float) -> None:
        both = self.pictures_rect()
        self.set_line((x - both.left()) / max(1.0, both.width()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._mode is CompareMode.WIPE:
            self._dragging = True
            self._set_line_at(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._set_line_at(event.position().x())
        near = abs(event.position().x() - self._line_x()) < _KNOB / 2
        over = self._mode is CompareMode.WIPE and near
        self.setCursor(Qt.CursorShape.SplitHCursor if over else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragging = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._dragging = False
        self.set_line(0.5)
