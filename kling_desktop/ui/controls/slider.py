"""Sliders: the bare one, and one with the number beside it to read and to type."""

from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QSlider, QWidget

from kling_desktop.ui.controls.focus import takes_ring
from kling_desktop.ui.controls.labels import set_style_property
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import draw_dot, draw_ring, fill_rounded, measure_text

_TRACK = 3
_HANDLE = 14
_RING = 3
_STEP = 0.01


class Slider(QSlider):
    """A horizontal slider; the wheel moves it only when it has the focus, double-click resets.

    `neutral` fills it with a quiet grey, for what is no setting of a clip.
    """

    def __init__(
        self,
        look: Look,
        name: str,
        minimum: int,
        maximum: int,
        default: int,
        *,
        neutral: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._look = look
        self._default = default
        self._fill = "text-3" if neutral else "accent"
        self._ring = False
        self.setRange(minimum, maximum)
        self.setValue(default)
        self.setPageStep(max(1, (maximum - minimum) // 10))
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(140, 24)

    def minimumSizeHint(self) -> QSize:
        return QSize(64, 24)

    def set_value(self, value: int) -> None:
        """Move the handle without a signal."""
        with QSignalBlocker(self):
            self.setValue(value)
        self.update()

    def reset(self) -> None:
        self.setValue(self._default)

    def _mirrored(self) -> bool:
        return self.layoutDirection() == Qt.LayoutDirection.RightToLeft

    def _ends(self) -> tuple[float, float]:
        """Return the handle's centre at the minimum and at the maximum."""
        margin = _HANDLE / 2 + _RING
        start, end = margin, self.width() - margin
        return (end, start) if self._mirrored() else (start, end)

    def _handle_x(self) -> float:
        low, high = self._ends()
        span = self.maximum() - self.minimum()
        return low + (high - low) * ((self.value() - self.minimum()) / span if span else 0)

    def _value_at(self, x: float) -> int:
        low, high = self._ends()
        share = (x - low) / (high - low) if high != low else 0
        share = min(1.0, max(0.0, share))
        return self.minimum() + round(share * (self.maximum() - self.minimum()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()  # the page scrolls instead

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self.setSliderDown(True)
        self.setValue(self._value_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.setValue(self._value_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = takes_ring(event, self._ring)
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        middle = self.height() / 2
        low, high = self._ends()
        left, right = min(low, high), max(low, high)
        track = QRectF(left, middle - _TRACK / 2, right - left, _TRACK)
        fill_rounded(painter, track, _TRACK / 2, theme.color("line-strong"))
        x = self._handle_x()
        done = QRectF(min(low, x), track.y(), abs(x - low), _TRACK)
        ink = self._fill if self.isEnabled() else "text-disabled"
        if done.width() > 0:
            fill_rounded(painter, done, _TRACK / 2, theme.color(ink))
        center = QPointF(x, middle)
        if theme.is_dark:
            handle = theme.color("text" if self.isEnabled() else "text-disabled")
            draw_dot(painter, center, _HANDLE, handle)
        else:
            draw_dot(painter, center, _HANDLE, theme.color("control-line"))
            draw_dot(painter, center, _HANDLE - 2, theme.color("raised"))
        if self._ring and self.hasFocus():
            side = _HANDLE + 2 * _RING
            around = QRectF(0, 0, side, side)
            around.moveCenter(center)
            draw_ring(painter, around, theme, side / 2)


class LabelledSlider(QWidget):
    """A slider over hundredths with its number beside it, which can be typed.

    `value_changed` is emitted only for what the user did.
    """

    value_changed = Signal(float)

    def __init__(
        self,
        look: Look,
        name: str,
        minimum: float,
        maximum: float,
        *,
        default: float,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._minimum, self._maximum = minimum, maximum
        self._slider = Slider(look, name, 0, self._place_of(maximum), self._place_of(default))
        self._number = QLineEdit()
        self._number.setAccessibleName(name)
        self._number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        set_style_property(self._number, "compact", "true")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.theme.space(2))
        row.addWidget(self._slider, 1)
        row.addWidget(self._number)
        self.setFocusProxy(self._slider)
        self._slider.valueChanged.connect(self._on_moved)
        self._number.editingFinished.connect(self._on_typed)
        look.themes.changed.connect(self._fit_number)
        self._fit_number()
        self._show()

    def value(self) -> float:
        return round(self._minimum + self._slider.value() * _STEP, 6)

    def set_value(self, value: float) -> None:
        """Show a value without a signal; it is brought inside the limits."""
        self._slider.set_value(self._place_of(value))
        self._show()

    def reset(self) -> None:
        self._slider.reset()

    def _place_of(self, value: float) -> int:
        inside = min(self._maximum, max(self._minimum, value))
        return round((inside - self._minimum) / _STEP)

    def _show(self) -> None:
        self._number.setText(f"{self.value():.2f}")

    def _fit_number(self) -> None:
        longest = max((self._minimum, self._maximum), key=lambda end: len(f"{end:.0f}"))
        text = f"{longest:.2f}"
        self._number.setFixedWidth(round(measure_text(self._look.theme.font("body"), text)) + 24)

    def _on_moved(self) -> None:
        self._show()
        self.value_changed.emit(self.value())

    def _on_typed(self) -> None:
        typed = self._number.text().strip().replace(",", ".")
        try:
            value = float(typed)
        except ValueError:
            self._show()  # what is no number is taken back
            return
        if value == value:
            self._slider.setValue(self._place_of(value))
        self._show()
