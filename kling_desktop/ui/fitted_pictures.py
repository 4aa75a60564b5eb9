"""Keeps pictures scaled and rounded for their place, so that painting them again is a copy."""

from collections import OrderedDict

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from kling_desktop.ui.paint_kit import draw_picture

BUDGET_BYTES = 48 * 1024 * 1024
_Key = tuple[int, int, int, float, float]


class FittedPictures:
    """Owned by a delegate; what was not painted for longest goes when the budget is used up.

    Scaling a poster smoothly takes a hundred times as long as copying the result, and a wall that
    scrolls paints every tile again with each step.
    """

    def __init__(self, budget_bytes: int = BUDGET_BYTES) -> None:
        self._budget_bytes = budget_bytes
        self._fitted: OrderedDict[_Key, QPixmap] = OrderedDict()
        self._used_bytes = 0

    def draw(
        self, painter: QPainter, rect: QRectF, picture: QPixmap, radius: float, opacity: float = 1.0
    ) -> None:
        """Draw a whole picture as `draw_picture` does, from the kept copy if there is one."""
        ratio = painter.device().devicePixelRatio()
        size = rect.size().toSize()
        key = (picture.cacheKey(), size.width(), size.height(), radius, ratio)
        fitted = self._fitted.get(key)
        if fitted is None:
            fitted = _fit(rect, picture, radius, ratio)
            self._keep(key, fitted)
        else:
            self._fitted.move_to_end(key)
        before = painter.opacity()
        painter.setOpacity(before * opacity)
        painter.drawPixmap(rect.topLeft(), fitted)
        painter.setOpacity(before)

    def _keep(self, key: _Key, fitted: QPixmap) -> None:
        self._fitted[key] = fitted
        self._used_bytes += _count_bytes(fitted)
        while self._used_bytes > self._budget_bytes and len(self._fitted) > 1:
            _, oldest = self._fitted.popitem(last=False)
            self._used_bytes -= _count_bytes(oldest)


def _fit(rect: QRectF, picture: QPixmap, radius: float, ratio: float) -> QPixmap:
    size = rect.size().toSize()
    fitted = QPixmap(size * ratio)
    fitted.setDevicePixelRatio(ratio)
    fitted.fill(Qt.GlobalColor.transparent)
    painter = QPainter(fitted)
    draw_picture(painter, QRectF(QPointF(0, 0), size.toSizeF()), picture, radius)
    painter.end()
    return fitted


def _count_bytes(picture: QPixmap) -> int:
    return picture.width() * picture.height() * 4
