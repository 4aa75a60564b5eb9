"""Controls that are on or off: switch, check box, radio button."""

from PySide6.QtCore import QEasingCurve, QPointF, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QRadioButton, QSizePolicy, QWidget

from kling_desktop.ui.controls.focus import takes_ring
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import (
    draw_dot,
    draw_ring,
    draw_text,
    fill_rounded,
    measure_text,
    mix,
)

_TRACK = QSize(32, 18)
_MARK = 16
_GAP = 8
_RING = 3


class Switch(QAbstractButton):
    """A setting that takes effect at once."""

    def __init__(self, look: Look, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._ring = False
        self._slide = QVariantAnimation(self)
        self._slide.setStartValue(0.0)
        self._slide.setEndValue(1.0)
        self._slide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._slide.valueChanged.connect(self._on_slide_changed)
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.toggled.connect(self._on_toggled)

    def sizeHint(self) -> QSize:
        return QSize(_TRACK.width() + 2 * _RING, _TRACK.height() + 2 * _RING)

    def _on_slide_changed(self) -> None:
        self.update()

    def _on_toggled(self, checked: bool) -> None:
        if not self.isVisible() or not self._look.theme.moves:
            self.update()
            return
        direction = QVariantAnimation.Direction
        self._slide.setDuration(self._look.theme.duration("fast"))
        self._slide.setDirection(direction.Forward if checked else direction.Backward)
        if self._slide.state() != QVariantAnimation.State.Running:
            self._slide.start()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = takes_ring(event, self._ring)
        super().focusInEvent(event)

    def _share(self) -> float:
        if self._slide.state() == QVariantAnimation.State.Running:
            return float(self._slide.currentValue())
        return 1.0 if self.isChecked() else 0.0

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(_RING, _RING, _TRACK.width(), _TRACK.height())
        track.moveCenter(QRectF(self.rect()).center())
        share = self._share()
        if self.isEnabled():
            fill = mix(theme.color("control-line"), theme.color("accent"), share)
            handle = theme.color("on-accent")
        else:
            fill, handle = theme.color("line-strong"), theme.color("text-disabled")
        radius = track.height() / 2
        fill_rounded(painter, track, radius, fill)
        reach = track.width() - track.height()
        x = track.left() + radius + reach * share
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            x = track.right() - radius - reach * share
        draw_dot(painter, QPointF(x, track.center().y()), track.height() - 4, handle)
        if self._ring and self.hasFocus():
            draw_ring(painter, track.adjusted(-3, -3, 3, 3), theme, radius + 3)


def _measure(look: Look, text: str, weight: int | None = None) -> QSize:
    width = measure_text(look.theme.font("body", weight), text) if text else 0
    height = max(24, look.theme.line_height("body") + 6)
    return QSize(round(2 * _RING + _MARK + (_GAP + width + 1 if text else 0)), height)


def _split(widget: QWidget) -> tuple[QRectF, QRectF]:
    """Return where the mark and where the words go."""
    rect = QRectF(widget.rect())
    mark = QRectF(_RING, 0, _MARK, _MARK)
    mark.moveTop(round((rect.height() - _MARK) / 2))
    words = QRectF(rect)
    words.setLeft(mark.right() + _GAP)
    if widget.layoutDirection() == Qt.LayoutDirection.RightToLeft:
        mark.moveRight(rect.right() - _RING)
        words = QRectF(0, 0, mark.left() - _GAP, rect.height())
    return mark, words


class RadioButton(QRadioButton):
    """One of several things of which one is on; `weight` is that of its words."""

    def __init__(
        self,
        look: Look,
        text: str = "",
        *,
        name: str = "",
        weight: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._look = look
        self._weight = weight
        self._ring = False
        self.setAccessibleName(name or text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sizeHint(self) -> QSize:
        return _measure(self._look, self.text(), self._weight)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = takes_ring(event, self._ring)
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        mark, words = _split(self)
        if self.isChecked():
            fill = theme.color("accent" if self.isEnabled() else "line-strong")
            ink = theme.color("on-accent" if self.isEnabled() else "text-disabled")
            draw_dot(painter, mark.center(), _MARK, fill)
            draw_dot(painter, mark.center(), 6, ink)
        else:
            line = theme.color("control-line" if self.isEnabled() else "line-strong")
            painter.setPen(QPen(line, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(mark.adjusted(0.75, 0.75, -0.75, -0.75))
        _paint_words(painter, words, self, self._look, self._weight)
        if self._ring and self.hasFocus():
            draw_ring(painter, mark.adjusted(-3, -3, 3, 3), theme, _MARK / 2 + 3)

    def hitButton(self, pos: object) -> bool:
        return True


def _paint_words(
    painter: QPainter,
    rect: QRectF,
    button: QAbstractButton,
    look: Look,
    weight: int | None = None,
) -> None:
    if not button.text():
        return
    theme = look.theme
    ink = theme.color("text" if button.isEnabled() else "text-disabled")
    start = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
    side = button.style().visualAlignment(button.layoutDirection(), start)
    draw_text(painter, rect, button.text(), theme.font("body", weight), ink, align=side)
