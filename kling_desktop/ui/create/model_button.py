"""The button that says which model is chosen and opens the picker."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from kling_desktop.domain.catalog import MODELS, ModelSpec
from kling_desktop.ui.controls.focus import takes_ring
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import (
    LEFT,
    RIGHT,
    draw_frame,
    draw_ring,
    draw_text,
    draw_tier,
    measure_pill,
    measure_text,
)
from kling_desktop.ui.theme.plain_text import set_tooltip
from kling_desktop.wording import models as words

_PADDING, _ICON, _GAP = 13, 16, 8


class ModelButton(QAbstractButton):
    """``Kling 2.5 Turbo`` with its badge, ``Text or image · 720p · 30 fps`` below."""

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._spec: ModelSpec = MODELS[0]
        self._trouble = ""
        self._ring = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_model(self._spec)

    def show_model(self, spec: ModelSpec, trouble: str = "") -> None:
        """Show a model; `trouble` replaces its second line when it is no longer offered."""
        self._spec, self._trouble = spec, trouble
        self.setAccessibleName(words.model_label(spec))
        self.setAccessibleDescription(trouble or words.model_summary(spec))
        set_tooltip(self, f"{words.models_title()}  Ctrl+Shift+M")
        self.update()

    def sizeHint(self) -> QSize:
        theme = self._look.theme
        return QSize(200, theme.line_height("body") + theme.line_height("small") + 18)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down, Qt.Key.Key_Up)
        if event.key() in keys and not event.modifiers():
            self.click()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = takes_ring(event, self._ring)
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, spec = self._look.theme, self._spec
        painter = QPainter(self)
        rect = QRectF(self.rect())
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        fill = "pressed" if self.isDown() else "hover" if self.underMouse() else "raised"
        radius = theme.radius("md")
        draw_frame(painter, rect, radius, theme.color(fill), theme.color("line-strong"))
        if self._ring and self.hasFocus():
            draw_ring(painter, rect, theme, radius)

        def place(x: float, y: float, width: float, height: float) -> QRectF:
            return QRectF(rect.width() - x - width if mirrored else x, y, width, height)

        side = RIGHT if mirrored else LEFT
        upper, lower = theme.line_height("body"), theme.line_height("small")
        top = (rect.height() - upper - lower - 2) / 2
        room = rect.width() - 2 * _PADDING - _ICON - _GAP
        icon = place(rect.width() - _PADDING - _ICON, 0, _ICON, rect.height())
        self._look.icons.paint(painter, icon, "updown", theme.color("text-2"))
        badge = measure_pill(theme, spec.tier)
        name, font = f"Kling {spec.generation}", theme.font("body-strong")
        width = min(measure_text(font, name) + 1, room - badge.width() - _GAP)
        line = place(_PADDING, top, width, upper)
        draw_text(painter, line, name, font, theme.color("text"), align=side)
        mark = place(
            _PADDING + width + _GAP,
            top + (upper - badge.height()) / 2,
            badge.width(),
            badge.height(),
        )
        draw_tier(painter, QPointF(mark.topLeft()), theme, spec.tier)
        below = place(_PADDING, top + upper + 2, room, lower)
        text, ink = self._trouble or words.model_summary(spec), "text-2"
        if self._trouble:
            ink = "danger"
        draw_text(painter, below, text, theme.font("small"), theme.color(ink), align=side)
