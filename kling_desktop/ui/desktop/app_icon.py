"""Draws the app's icon, and on it how the queue is getting on."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPixmap, QPolygonF

from kling_desktop.ui.theme.painting import CENTER, draw_frame, draw_text, fade, fill_rounded
from kling_desktop.ui.theme.theme import Theme

_SIZES = (16, 20, 24, 32, 48, 64, 128, 256)
_GRID = 64.0
_TRIANGLE = ((16.0, 18.0), (38.0, 32.0), (16.0, 46.0))
_BARS = ((42.0, 0.75, 20.0), (48.0, 0.5, 14.0), (54.0, 0.28, 8.0))
"""Left edge, opacity and height of each bar, on the grid of 64."""
_MOST_SHOWN = 99


@dataclass(frozen=True, slots=True)
class AppIconMark:
    """What the icon shows besides: a share of the work (0 to 1), its colour, clips not yet seen.

    `ink` is "accent-text" while running, "warning" while offline, "danger" when somebody is needed.
    """

    fraction: float | None = None
    ink: str = "accent-text"
    unseen: int = 0


def paint_app_icon(
    painter: QPainter, rect: QRectF, theme: Theme, mark: AppIconMark | None = None
) -> None:
    """Paint the icon as large as `rect`, which is square."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / _GRID, rect.height() / _GRID)
    # The icon stands on task bars of any colour, so it is the dark one in both themes.
    ground = QColor(theme.tokens.dark["panel"])
    line = QColor(theme.tokens.dark["line-strong"])
    white = QColor(theme.tokens.dark["on-picture"])
    draw_frame(painter, QRectF(2, 2, 60, 60), 14, ground, line, 1.5)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(white)
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in _TRIANGLE]))
    for left, opacity, height in _BARS:
        bar = QRectF(left, 32 - height / 2, 3, height)
        fill_rounded(painter, bar, 1.5, fade(white, opacity))
    if mark is not None:
        _paint_mark(painter, theme, mark)
    painter.restore()


def _paint_mark(painter: QPainter, theme: Theme, mark: AppIconMark) -> None:
    if mark.fraction is not None:
        track = QRectF(8, 53, 48, 5)
        fill_rounded(painter, track, 2.5, QColor(theme.tokens.dark["canvas"]))
        done = QRectF(track)
        done.setWidth(max(5.0, track.width() * min(1.0, max(0.0, mark.fraction))))
        fill_rounded(painter, done, 2.5, QColor(theme.tokens.dark[mark.ink]))
    if mark.unseen:
        text = str(mark.unseen) if mark.unseen <= _MOST_SHOWN else f"{_MOST_SHOWN}+"
        width = 24.0 + 9 * (len(text) - 1)
        badge = QRectF(_GRID - width, 0, width, 24)
        fill_rounded(painter, badge, 12, theme.color("accent"))
        font = QFont(theme.font("caption", 600))
        font.setPixelSize(17)
        draw_text(painter, badge, text, font, theme.color("on-accent"), align=CENTER)


def build_app_icon(theme: Theme, mark: AppIconMark | None = None) -> QIcon:
    """Return the icon in every size that desktops ask for."""
    icon = QIcon()
    for size in _SIZES:
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        paint_app_icon(painter, QRectF(0, 0, size, size), theme, mark)
        painter.end()
        icon.addPixmap(pixmap)
    return icon
