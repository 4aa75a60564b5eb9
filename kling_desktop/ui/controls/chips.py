"""Small marks: filter chips, tier and capability badges, counts, keys and states."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kling_desktop.ui.controls.painted_button import PaintedButton
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import (
    CENTER,
    draw_frame,
    draw_ring,
    draw_text,
    draw_tier,
    fill_rounded,
    measure_pill,
    measure_text,
)

_CHIP_PADDING = 11
_CHIP_ICON = 14
_CHIP_GAP = 6
_MARK_ICON, _MARK_GAP = 12, 4


class FilterChip(PaintedButton):
    """A filter as a pill: its name at rest, its value with a clear mark when active.

    `clicked` asks for the filter's menu, or switches it on; `cleared` is the clear mark or the
    Delete key. The page answers with `set_active`.
    """

    cleared = Signal()

    def __init__(
        self,
        look: Look,
        label: str,
        *,
        icon: str = "",
        has_menu: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(look, label, icon=icon, name=label, parent=parent)
        self._label = label
        self._has_menu = has_menu
        self._active = ""
        self._pressed_mark = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def is_active(self) -> bool:
        return bool(self._active)

    def set_active(self, text: str) -> None:
        """Show the filter's value, or its name again when `text` is empty."""
        self._active = text
        self.setText(text or self._label)
        self.set_name(f"{self._label}: {text}" if text and text != self._label else self._label)
        self.updateGeometry()

    def _mark(self) -> str:
        if self._active:
            return "x"
        return "chevron-down" if self._has_menu else ""

    def sizeHint(self) -> QSize:
        theme = self._look.theme
        width = measure_text(theme.font("label"), self.text()) + 2 * _CHIP_PADDING + 1
        width += (_CHIP_ICON + _CHIP_GAP) if self._icon_name else 0
        width += (_MARK_ICON + _MARK_GAP) if self._mark() else 0
        return QSize(round(width), theme.height("chip"))

    def _mark_rect(self) -> QRectF:
        x = self.width() - _CHIP_PADDING - _MARK_ICON + 2
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            x = _CHIP_PADDING - 2
        return QRectF(x, 0, _MARK_ICON, self.height())

    def _on_mark(self, event: QMouseEvent) -> bool:
        reach = self._mark_rect().adjusted(-5, 0, 8, 0)
        return self.is_active() and reach.contains(event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_mark = self._on_mark(event)
        if not self._pressed_mark:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._pressed_mark:
            super().mouseReleaseEvent(event)
        elif self._on_mark(event):
            self.cleared.emit()
        self._pressed_mark = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.is_active() and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.cleared.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        rect = QRectF(self.rect())
        radius = rect.height() / 2
        if self._active:
            draw_frame(painter, rect, radius, theme.color("accent-soft"), None)
            ink = theme.color("accent-text")
        else:
            fill = theme.color("hover") if self.underMouse() and self.isEnabled() else None
            draw_frame(painter, rect, radius, fill, theme.color("line-strong"))
            ink = theme.color("text-2" if self.isEnabled() else "text-disabled")
        if self._ring and self.hasFocus():
            draw_ring(painter, rect, theme, radius)
        words = rect.adjusted(_CHIP_PADDING, 0, -_CHIP_PADDING, 0)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        step = _CHIP_ICON + _CHIP_GAP
        if self._icon_name:
            x = words.right() - _CHIP_ICON if mirrored else words.x()
            area = QRectF(x, 0, _CHIP_ICON, rect.height())
            self._look.icons.paint(painter, area, self._icon_name, ink)
            words.adjust(0 if mirrored else step, 0, -step if mirrored else 0, 0)
        if mark := self._mark():
            self._look.icons.paint(painter, self._mark_rect(), mark, ink)
            step = _MARK_ICON + _MARK_GAP
            words.adjust(step if mirrored else 0, 0, 0 if mirrored else -step, 0)
        draw_text(painter, words.adjusted(-1, 0, 1, 0), self.text(), theme.font("label"), ink)


class _Mark(QWidget):
    """Something small that is painted and cannot be clicked."""

    def __init__(self, look: Look, text: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._look = look
        self._text = text
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        return self._text

    def _set_text(self, text: str) -> None:
        self._text = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()


class TierBadge(_Mark):
    """The tier of a model; no colour, for tiers are not states."""

    def __init__(self, look: Look, tier: str, *, parent: QWidget | None = None) -> None:
        super().__init__(look, tier, parent)

    def sizeHint(self) -> QSize:
        return measure_pill(self._look.theme, self._text).toSize()

    def paintEvent(self, event: QPaintEvent) -> None:
        draw_tier(QPainter(self), QPointF(0, 0), self._look.theme, self._text)


class CountBadge(_Mark):
    """A number in a pill, behind the name of a tab."""

    def __init__(self, look: Look, count: int, *, parent: QWidget | None = None) -> None:
        super().__init__(look, str(count), parent)

    def set_count(self, count: int) -> None:
        self._set_text(str(count))

    def sizeHint(self) -> QSize:
        theme = self._look.theme
        height = theme.height("badge")
        width = measure_text(theme.font("caption"), self._text) + 10
        return QSize(max(height, round(width)), height)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        rect = QRectF(self.rect())
        fill_rounded(painter, rect, rect.height() / 2, theme.color("pressed"))
        font = theme.font("caption", 600)
        draw_text(painter, rect, self._text, font, theme.color("text"), align=CENTER)


class KeyCap(_Mark):
    """A key on the keyboard, for reading."""

    def __init__(self, look: Look, text: str, *, parent: QWidget | None = None) -> None:
        super().__init__(look, text, parent)

    def sizeHint(self) -> QSize:
        return measure_pill(self._look.theme, self._text).toSize()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        rect = QRectF(self.rect())
        draw_frame(painter, rect, theme.radius("sm"), None, theme.color("line-strong"))
        ink = theme.color("text-2")
        draw_text(painter, rect, self._text, theme.font("caption"), ink, align=CENTER)
