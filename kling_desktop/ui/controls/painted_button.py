"""How every button behaves and is painted: frame, icon, hint, ring and the reason it is off."""

from dataclasses import dataclass

from PySide6.QtCore import QEasingCurve, QEvent, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
    QFont,
    QKeyEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from kling_desktop.ui.controls.focus import takes_ring
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import (
    CENTER,
    draw_frame,
    draw_ring,
    draw_text,
    measure_text,
    mix,
)
from kling_desktop.ui.theme.plain_text import set_tooltip


@dataclass(frozen=True, slots=True)
class ButtonInks:
    """The tokens a kind of button is painted with; an empty name paints nothing."""

    fill: str = ""
    hover: str = "hover"
    pressed: str = "pressed"
    line: str = ""
    text: str = "text"
    hover_text: str = ""
    checked: str = "pressed"
    checked_text: str = "text"
    disabled_fill: str = ""
    disabled_line: str = ""


@dataclass(frozen=True, slots=True)
class _Size:
    height: str
    style: str
    weight: int
    padding: int
    icon: int
    gap: int = 8


_SIZES = {
    "normal": _Size("button", "body", 500, 12, 16),
    "small": _Size("small", "label", 500, 9, 14, 6),
    "large": _Size("large", "body", 600, 16, 16),
    "icon": _Size("icon", "body", 500, 6, 18),
}


class PaintedButton(QPushButton):
    """What all buttons share; a kind of button names its `INKS`."""

    INKS = ButtonInks()

    def __init__(
        self,
        look: Look,
        text: str,
        *,
        icon: str = "",
        size: str = "normal",
        name: str = "",
        inks: ButtonInks | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._look = look
        self._inks = inks if inks is not None else self.INKS
        self._size = _SIZES[size]
        self._icon_name = icon
        self._hint = ""
        self._tip = ""
        self._reason = ""
        self._ring = False
        self._hover = QVariantAnimation(self)
        self._hover.setStartValue(0.0)
        self._hover.setEndValue(1.0)
        self._hover.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._hover.valueChanged.connect(self._on_hover_changed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(False)
        if name:
            self.setAccessibleName(name)

    @property
    def disabled_reason(self) -> str:
        """Why the button is disabled, or an empty string."""
        return self._reason

    @property
    def icon_name(self) -> str:
        return self._icon_name

    def set_name(self, name: str) -> None:
        """Set what a screen reader says."""
        self.setAccessibleName(name)

    def set_icon_name(self, icon: str) -> None:
        self._icon_name = icon
        self.updateGeometry()
        self.update()

    def set_shortcut_hint(self, hint: str) -> None:
        """Show a shortcut behind the text, for reading; it binds no key."""
        self._hint = hint
        self._show_tip()
        self.updateGeometry()
        self.update()

    @property
    def shortcut_hint(self) -> str:
        """The keys that stand behind the text, or an empty string."""
        return self._hint

    def set_tip(self, tip: str) -> None:
        """Set the tooltip of the enabled button."""
        self._tip = tip
        self._show_tip()

    def set_disabled_reason(self, reason: str) -> None:
        """Disable the button and keep the reason; an empty one enables it."""
        self._reason = reason
        self.setEnabled(not reason)
        self.setAccessibleDescription(reason)
        self._show_tip()

    def _show_tip(self) -> None:
        set_tooltip(self, self._reason or self._tip)

    def _font(self) -> QFont:
        return self._look.theme.font(self._size.style, self._size.weight)

    def _hint_font(self) -> QFont:
        return self._look.theme.font("caption")

    def sizeHint(self) -> QSize:
        size = self._size
        width = 2.0 * size.padding
        if self.text():
            width += measure_text(self._font(), self.text())
        if self._icon_name:
            width += size.icon + (size.gap if self.text() else 0)
        if self._hint and self.text():
            width += size.gap + measure_text(self._hint_font(), self._hint)
        return QSize(round(width + 0.5), self._look.theme.height(size.height))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Without this Enter on a focused button is the dialog's default button, or nothing.
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not held:
            self.click()
        else:
            super().keyPressEvent(event)

    def _on_hover_changed(self) -> None:
        self.update()

    def _fade_to(self, *, hovered: bool) -> None:
        self._hover.setDuration(self._look.theme.duration("fast"))
        direction = QVariantAnimation.Direction
        self._hover.setDirection(direction.Forward if hovered else direction.Backward)
        if self._hover.state() != QVariantAnimation.State.Running:
            self._hover.start()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._fade_to(hovered=True)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._fade_to(hovered=False)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = takes_ring(event, self._ring)
        super().focusInEvent(event)

    def _hover_share(self) -> float:
        if not self.isEnabled():
            return 0.0
        share = self._hover.currentValue()
        return float(share) if share is not None else 0.0

    def _paint_fill(self) -> QColor | None:
        theme, inks = self._look.theme, self._inks
        if not self.isEnabled():
            return theme.color(inks.disabled_fill) if inks.disabled_fill else None
        if self.isDown():
            return theme.color(inks.pressed)
        if self.isChecked():
            return theme.color(inks.checked)
        share = self._hover_share()
        if inks.fill:
            return mix(theme.color(inks.fill), theme.color(inks.hover), share)
        if share <= 0:
            return None
        color = QColor(theme.color(inks.hover))
        color.setAlphaF(share)
        return color

    def _ink(self) -> QColor:
        theme, inks = self._look.theme, self._inks
        if not self.isEnabled():
            return theme.color("text-disabled")
        if self.isChecked():
            return theme.color(inks.checked_text)
        if inks.hover_text:
            return mix(theme.color(inks.text), theme.color(inks.hover_text), self._hover_share())
        return theme.color(inks.text)

    def _line(self) -> QColor | None:
        name = self._inks.line if self.isEnabled() else self._inks.disabled_line
        return self._look.theme.color(name) if name else None

    def _radius(self) -> float:
        return self._look.theme.radius("md")

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        rect = QRectF(self.rect())
        radius = self._radius()
        draw_frame(painter, rect, radius, self._paint_fill(), self._line())
        if self._ring and self.hasFocus():
            draw_ring(painter, rect, theme, radius)
        self._paint_content(painter, rect)

    def _paint_content(self, painter: QPainter, rect: QRectF) -> None:
        size, font, ink = self._size, self._font(), self._ink()
        text_width = measure_text(font, self.text()) if self.text() else 0.0
        icon_width = size.icon + (size.gap if self.text() else 0) if self._icon_name else 0
        hint_width = (
            size.gap + measure_text(self._hint_font(), self._hint)
            if self._hint and self.text()
            else 0.0
        )
        room = rect.width() - 2 * size.padding
        if text_width + icon_width + hint_width > room:
            hint_width = 0.0  # what the button does comes before its keys
        text_width = min(text_width + 1, room - icon_width - hint_width) if self.text() else 0.0
        x = rect.x() + (rect.width() - icon_width - text_width - hint_width) / 2
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft

        def place(left: float, width: float) -> QRectF:
            start = rect.width() - left - width if mirrored else left
            return QRectF(start, rect.y(), width, rect.height())

        if self._icon_name:
            self._look.icons.paint(painter, place(x, size.icon), self._icon_name, ink)
            x += icon_width
        if self.text():
            draw_text(painter, place(x, text_width), self.text(), font, ink, align=CENTER)
            x += text_width
        if hint_width:
            faint = QColor(ink)
            faint.setAlphaF(0.75)
            area = place(x + size.gap, hint_width - size.gap + 1)
            draw_text(painter, area, self._hint, self._hint_font(), faint, align=CENTER)
