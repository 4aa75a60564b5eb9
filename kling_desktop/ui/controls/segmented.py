"""A choice of one among a few, side by side in one frame."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QWidget,
)

from kling_desktop.ui.controls.focus import takes_ring
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import CENTER, draw_frame, draw_ring, draw_text, measure_text
from kling_desktop.ui.theme.plain_text import set_tooltip

_MARGIN = 3
_PADDING = 10
_GAP = 7
_GLYPH = 14
_GLYPH_SIDE = 9.5


@dataclass(frozen=True, slots=True)
class Segment:
    """One of the choices; `shape` draws a small rectangle of that width to height."""

    value: Any
    label: str
    icon: str = ""
    shape: tuple[int, int] | None = None
    tip: str = ""


class _SegmentButton(QAbstractButton):
    """One segment; only the chosen one can be reached by Tab."""

    step_asked = Signal(int)

    def __init__(self, look: Look, segment: Segment, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.segment = segment
        self.reason = ""
        self._ring = False
        self.setText(segment.label)
        self.setCheckable(True)
        set_tooltip(self, segment.tip)
        self.setAccessibleName(segment.label or segment.tip)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def _glyph_width(self) -> int:
        return _GLYPH if self.segment.shape or self.segment.icon else 0

    def sizeHint(self) -> QSize:
        theme = self._look.theme
        glyph, label = self._glyph_width(), self.segment.label
        text = measure_text(theme.font("label", 600), label) if label else 0
        gap = _GAP if glyph and label else 0
        height = theme.height("segmented") - 2 * _MARGIN
        return QSize(round(text + glyph + gap + 2 * _PADDING), height)

    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        return QSize(hint.width() - _PADDING, hint.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        forward = -1 if self.layoutDirection() == Qt.LayoutDirection.RightToLeft else 1
        steps = {
            Qt.Key.Key_Right: forward,
            Qt.Key.Key_Left: -forward,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.step_asked.emit(step)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = takes_ring(event, self._ring)
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        rect = QRectF(self.rect())
        radius = theme.radius("sm")
        if self.isChecked():
            fill = theme.color("pressed" if theme.is_dark else "raised")
            line = None if theme.is_dark and not theme.high_contrast else theme.color("line-strong")
            draw_frame(painter, rect, radius, fill, line)
        elif self.underMouse() and self.isEnabled():
            draw_frame(painter, rect, radius, theme.color("hover"), None)
        if self._ring and self.hasFocus():
            draw_ring(painter, rect, theme, radius)
        self._paint_content(painter, rect)

    def _paint_content(self, painter: QPainter, rect: QRectF) -> None:
        theme = self._look.theme
        role = "text" if self.isChecked() else "text-2"
        ink = theme.color(role if self.isEnabled() else "text-disabled")
        font = theme.font("label", 600 if self.isChecked() else 500)
        label, glyph = self.segment.label, self._glyph_width()
        text = measure_text(font, label) + 1 if label else 0.0
        gap = _GAP if glyph and label else 0
        text = min(text, rect.width() - glyph - gap)
        left = rect.x() + (rect.width() - text - glyph - gap) / 2
        area = QRectF(left, rect.y(), glyph, rect.height())
        if self.segment.shape:
            width, height = self.segment.shape
            # All shapes cover the same area, so that none looks more important.
            scale = _GLYPH_SIDE / math.sqrt(width * height)
            outline = QRectF(0, 0, round(width * scale), round(height * scale))
            outline.moveCenter(area.center())
            # On the middle of pixels, or a line of one pixel is smeared over two.
            outline.moveTopLeft(QPointF(outline.topLeft().toPoint()) + QPointF(0.5, 0.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(ink, 1.2))
            painter.drawRoundedRect(outline, 1.5, 1.5)
        elif self.segment.icon:
            self._look.icons.paint(painter, area, self.segment.icon, ink)
        if label:
            words = QRectF(left + glyph + gap, rect.y(), text, rect.height())
            draw_text(painter, words, label, font, ink, align=CENTER)


class SegmentedControl(QFrame):
    """A framed row of segments, one of them chosen. Arrows move, Tab enters once.

    `value_changed` is emitted for what the user did, never for `set_value`.
    """

    value_changed = Signal(object)

    def __init__(
        self,
        look: Look,
        name: str,
        segments: Sequence[Segment] = (),
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._buttons: list[_SegmentButton] = []
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._group.buttonClicked.connect(self._on_clicked)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        self._row.setSpacing(2)
        self._value: Any = None
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_segments(segments)

    def set_segments(self, segments: Sequence[Segment]) -> None:
        """Show these choices; the chosen value stays where it is among them, else the first."""
        if [button.segment for button in self._buttons] == list(segments):
            return
        had_focus = any(button.hasFocus() for button in self._buttons)
        for button in self._buttons:
            self._group.removeButton(button)
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = [_SegmentButton(self._look, segment, self) for segment in segments]
        for button in self._buttons:
            button.step_asked.connect(self._on_step_asked)
            self._group.addButton(button)
            self._row.addWidget(button)
        values = [segment.value for segment in segments]
        if values:
            self.set_value(self._value if self._value in values else values[0])
            if had_focus:
                self._buttons[values.index(self._value)].setFocus()

    def value(self) -> Any:
        """Return the chosen segment's value, or `None` when there are no segments."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Choose a segment without a signal; `ValueError` when there is none of that value."""
        values = [button.segment.value for button in self._buttons]
        chosen = values.index(value)
        self._value = value
        for place, button in enumerate(self._buttons):
            button.setChecked(place == chosen)
            policy = Qt.FocusPolicy.TabFocus if place == chosen else Qt.FocusPolicy.NoFocus
            button.setFocusPolicy(policy)

    def focus_chosen(self) -> None:
        """Give the keyboard to the chosen segment."""
        for button in self._buttons:
            if button.isChecked():
                button.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_clicked(self, button: QAbstractButton) -> None:
        if isinstance(button, _SegmentButton):
            self._choose(button)

    def _on_step_asked(self, step: int) -> None:
        enabled = [button for button in self._buttons if button.isEnabled()]
        current = next((i for i, button in enumerate(enabled) if button.isChecked()), None)
        if current is None:
            return
        place = current + step
        if 0 <= place < len(enabled):
            self._choose(enabled[place])
            enabled[place].setFocus(Qt.FocusReason.TabFocusReason)

    def _choose(self, button: _SegmentButton) -> None:
        value = button.segment.value
        if value != self._value:
            self.set_value(value)
            self.value_changed.emit(value)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        rect = QRectF(self.rect())
        draw_frame(painter, rect, theme.radius("md"), theme.color("canvas"), theme.color("line"))
