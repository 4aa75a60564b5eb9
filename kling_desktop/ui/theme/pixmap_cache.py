"""Keeps what a row or tile looks like at rest, so that painting it again is a copy."""

from collections import OrderedDict
from collections.abc import Callable, Hashable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

BUDGET_BYTES = 48 * 1024 * 1024
_Key = tuple[Hashable, int, int, float]


class PixmapCache:
    """Owned by a delegate; what was not painted for longest goes when the budget is used up.

    One line of text takes ten times as long to draw as a whole row takes to copy, a poster scaled
    smoothly a hundred times; and a view that scrolls or shows progress paints the same faces
    again and again.  Whoever draws must put all that a face shows into its key, and `clear` when
    the theme is another.
    """

    def __init__(self, budget_bytes: int = BUDGET_BYTES) -> None:
        self._budget_bytes = budget_bytes
        self._faces: OrderedDict[_Key, QPixmap] = OrderedDict()
        self._used_bytes = 0

    def __len__(self) -> int:
        return len(self._faces)

    def clear(self) -> None:
        self._faces.clear()
        self._used_bytes = 0

    def draw(
        self,
        painter: QPainter,
        rect: QRectF,
        key: Hashable,
        paint: Callable[[QPainter, QRectF], None],
        *,
        ground: QColor | None = None,
        opacity: float = 1.0,
    ) -> None:
        """Draw the face that `key` names into `rect`; `paint` draws it where none is kept.

        `paint` gets a painter and the place, of the size of `rect` and with its corner at 0, 0.
        `ground` is what lies under it: letters on something opaque come out as on the widget
        itself; without it the face is transparent where nothing is painted.
        """
        ratio = painter.device().devicePixelRatio()
        size = rect.size().toSize()
        whole = (key, size.width(), size.height(), ratio)
        face = self._faces.get(whole)
        if face is None:
            face = QPixmap(size * ratio)
            face.setDevicePixelRatio(ratio)
            face.fill(Qt.GlobalColor.transparent if ground is None else ground)
            with QPainter(face) as inner:
                paint(inner, QRectF(QPointF(0, 0), rect.size()))
            self._keep(whole, face)
        else:
            self._faces.move_to_end(whole)
        if opacity >= 1.0:
            painter.drawPixmap(rect.topLeft(), face)
            return
        before = painter.opacity()
        painter.setOpacity(before * opacity)
        painter.drawPixmap(rect.topLeft(), face)
        painter.setOpacity(before)

    def _keep(self, key: _Key, face: QPixmap) -> None:
        self._faces[key] = face
        self._used_bytes += _count_bytes(face)
        while self._used_bytes > self._budget_bytes and len(self._faces) > 1:
            _, oldest = self._faces.popitem(last=False)
            self._used_bytes -= _count_bytes(oldest)


def _count_bytes(face: QPixmap) -> int:
    return face.width() * face.height() * 4
