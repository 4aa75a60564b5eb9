"""A small whole number with a minus and a plus beside it."""

from PySide6.QtCore import QEvent, QRect, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QSizePolicy, QSpinBox, QWidget

from kling_desktop.ui.controls.buttons import IconButton
from kling_desktop.ui.controls.focus import takes_ring
from kling_desktop.ui.controls.labels import set_style_property
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import draw_frame, draw_ring
from kling_desktop.ui.theme.plain_text import set_tooltip

_SIDE = 24
_NUMBER = 24


class Stepper(QSpinBox):
    """The number of takes and the like. It can be typed, stepped by arrows or clicked.

    `value_changed` is emitted only for what the user did.
    """

    value_changed = Signal(int)

    def __init__(
        self,
        look: Look,
        name: str,
        minimum: int,
        maximum: int,
        value: int | None = None,
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._ring = False
        self.setRange(minimum, maximum)
        self.setValue(minimum if value is None else value)
        self.setAccessibleName(name)
        self.lineEdit().setAccessibleName(name)
        self.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFrame(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        set_style_property(self.lineEdit(), "frameless", "true")
        self._less = self._build_button("minus", f"{name} −")
        self._more = self._build_button("plus", f"{name} +")
        self._less.clicked.connect(self.stepDown)
        self._more.clicked.connect(self.stepUp)
        self.valueChanged.connect(self._on_value_changed)
        self._show_bounds()

    def _build_button(self, icon: str, name: str) -> IconButton:
        button = IconButton(self._look, icon, name, size="small", parent=self)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setAutoRepeat(True)
        set_tooltip(button, "")
        return button

    def set_value(self, value: int) -> None:
        """Show a number without a signal; it is brought inside the limits."""
        with QSignalBlocker(self):
            self.setValue(value)
        self._show_bounds()

    def _on_value_changed(self, value: int) -> None:
        self._show_bounds()
        self.value_changed.emit(value)

    def _show_bounds(self) -> None:
        self._less.setEnabled(self.value() > self.minimum())
        self._more.setEnabled(self.value() < self.maximum())

    def sizeHint(self) -> QSize:
        theme = self._look.theme
        digits = len(str(self.maximum()))
        number = _NUMBER + (digits - 1) * theme.font_px("body")
        return QSize(2 * (_SIDE + 2) + number, theme.height("button"))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place_parts()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._place_parts()  # Qt has just laid the number over the buttons

    def _place_parts(self) -> None:
        top = (self.height() - _SIDE) // 2
        left = QRect(2, top, _SIDE, _SIDE)
        right = QRect(self.width() - _SIDE - 2, top, _SIDE, _SIDE)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            left, right = right, left
        self._less.setGeometry(left)
        self._more.setGeometry(right)
        inner = self.rect().adjusted(_SIDE + 2, 2, -_SIDE - 2, -2)
        self.lineEdit().setGeometry(inner)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = takes_ring(event, self._ring)
        super().focusInEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        rect = QRectF(self.rect())
        radius = theme.radius("md")
        fill = theme.color("raised" if self.isEnabled() else "panel")
        draw_frame(painter, rect, radius, fill, theme.color("line-strong"))
        if self._ring and (self.hasFocus() or self.lineEdit().hasFocus()):
            draw_ring(painter, rect, theme, radius)
