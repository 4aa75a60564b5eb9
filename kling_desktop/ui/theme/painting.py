"""The strokes that delegates and painted widgets share: text, pills, bars, rings, pictures."""

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
)

from kling_desktop.ui.theme.theme import Theme

_BAR_HEIGHT = 3
_SWEEP_SHARE = 0.3
_STRIPE_PX = 6
_PILL_PADDING = 6
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTER = Qt.AlignmentFlag.AlignCenter


def mix(first: QColor, second: QColor, share: float) -> QColor:
    """Return the colour `share` (0 to 1) of the way from `first` to `second`."""
    if share <= 0:
        return first
    if share >= 1:
        return second
    return QColor.fromRgbF(
        first.redF() + (second.redF() - first.redF()) * share,
        first.greenF() + (second.greenF() - first.greenF()) * share,
        first.blueF() + (second.blueF() - first.blueF()) * share,
        first.alphaF() + (second.alphaF() - first.alphaF()) * share,
    )


def blend(ground: QColor, over: QColor) -> QColor:
    """Return what an opaque ground looks like under a colour that may be translucent."""
    return mix(ground, QColor(over.rgb()), over.alphaF())


def fade(color: QColor, alpha: float) -> QColor:
    """Return the colour with its alpha multiplied by `alpha` (0 to 1)."""
    faded = QColor(color)
    faded.setAlphaF(color.alphaF() * alpha)
    return faded


def measure_text(font: QFont, text: str) -> float:
    """Return the width of one line of text in pixels."""
    return QFontMetricsF(font).horizontalAdvance(text)


def draw_text(
    painter: QPainter,
    rect: QRectF,
    text: str,
    font: QFont,
    color: QColor,
    *,
    align: Qt.AlignmentFlag = LEFT,
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> float:
    """Draw one line, cut with an ellipsis where it is too long; return the width it took."""
    metrics = QFontMetricsF(font)
    width = metrics.horizontalAdvance(text)
    if width > rect.width():
        text = metrics.elidedText(text, elide, rect.width())
        width = metrics.horizontalAdvance(text)
    painter.setFont(font)
    painter.setPen(color)
    painter.drawText(rect, align | Qt.TextFlag.TextSingleLine, text)
    return width


def fill_rounded(painter: QPainter, rect: QRectF, radius: float, color: QColor) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRoundedRect(rect, radius, radius)


def draw_frame(
    painter: QPainter,
    rect: QRectF,
    radius: float,
    fill: QColor | None,
    line: QColor | None,
    width: float = 1.0,
) -> None:
    """Draw a filled, outlined, rounded rectangle whose line lies inside `rect`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    if line is None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(rect, radius, radius)
        return
    inset = width / 2
    painter.setPen(QPen(line, width))
    inner = max(0.0, radius - inset)
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), inner, inner)


def draw_ring(
    painter: QPainter, rect: QRectF, theme: Theme, radius: float, *, gap: float = 0.0
) -> None:
    """Draw the 2 px ring of focus or selection around `rect`, `gap` pixels away from it.

    With a gap the ring lies outside; without one it lies inside, in place of a border.
    """
    outset = gap + 2 if gap else 0.0
    grown = rect.adjusted(-outset, -outset, outset, outset)
    draw_frame(painter, grown, radius + outset, None, theme.color("focus"), 2)


def measure_pill(theme: Theme, text: str) -> QSizeF:
    """Return the size of a pill or badge with this text."""
    width = measure_text(theme.font("caption"), text) + 2 * _PILL_PADDING
    return QSizeF(round(width), theme.height("badge"))


def draw_pill(
    painter: QPainter,
    place: QPointF,
    theme: Theme,
    text: str,
    *,
    fill: str = "overlay",
    ink: str = "on-picture",
    line: str = "",
) -> QRectF:
    """Draw a small label with its top left corner at `place`; return where it is.

    Without more it is the pill on pictures: length, role, "Practice".
    """
    rect = QRectF(place, measure_pill(theme, text))
    fill_color = theme.color(fill) if fill else None
    line_color = theme.color(line) if line else None
    draw_frame(painter, rect, theme.radius("sm"), fill_color, line_color)
    draw_text(painter, rect, text, theme.font("caption"), theme.color(ink), align=CENTER)
    return rect


_TIER_INKS = {
    "standard": ("", "text-2", "line-strong"),
    "pro": ("pressed", "text", ""),
    "master": ("text", "panel", ""),
}


def draw_tier(painter: QPainter, place: QPointF, theme: Theme, tier: str) -> QRectF:
    """Draw the badge of a model's tier with its top left corner at `place`."""
    fill, ink, line = _TIER_INKS.get(tier.lower(), _TIER_INKS["standard"])
    return draw_pill(painter, place, theme, tier, fill=fill, ink=ink, line=line)


def draw_capability(
    painter: QPainter, rect: QRectF, theme: Theme, text: str, *, fits: bool = True
) -> None:
    """Draw what a model can do; only an outline where the model does not fit."""
    fill = theme.color("pressed") if fits else None
    line = None if fits else theme.color("line-strong")
    draw_frame(painter, rect, theme.radius("sm"), fill, line)
    ink = theme.color("text-2" if fits else "text-3")
    draw_text(painter, rect, text, theme.font("caption"), ink, align=CENTER)


def draw_bar(
    painter: QPainter,
    rect: QRectF,
    theme: Theme,
    fraction: float | None,
    *,
    ink: str = "accent-text",
    phase: float = 0.0,
) -> None:
    """Draw a 3 px progress bar centred in `rect`.

    `fraction` is 0 to 1; `None` means that nobody knows, and a piece of the bar sweeps along with
    `phase` (0 to 1, once around). With reduced motion it is striped and stands still.
    """
    top = rect.center().y() - _BAR_HEIGHT / 2
    track = QRectF(rect.x(), round(top), rect.width(), _BAR_HEIGHT)
    fill_rounded(painter, track, _BAR_HEIGHT / 2, theme.color("line-strong"))
    color = theme.color(ink)
    if fraction is not None:
        done = QRectF(track)
        done.setWidth(track.width() * min(1.0, max(0.0, fraction)))
        if done.width() > 0:
            fill_rounded(painter, done, _BAR_HEIGHT / 2, color)
        return
    if theme.moves:
        width = track.width() * _SWEEP_SHARE
        x = track.x() - width + (track.width() + width) * (phase % 1.0)
        piece = QRectF(x, track.y(), width, _BAR_HEIGHT) & track
        if piece.width() > 0:
            fill_rounded(painter, piece, _BAR_HEIGHT / 2, color)
        return
    painter.save()
    outline = QPainterPath()
    outline.addRoundedRect(track, _BAR_HEIGHT / 2, _BAR_HEIGHT / 2)
    painter.setClipPath(outline)
    x = track.x()
    while x < track.right():
        painter.fillRect(QRectF(x, track.y(), _STRIPE_PX, _BAR_HEIGHT), color)
        x += 2 * _STRIPE_PX
    painter.restore()


def cover(source: QSizeF, target: QSizeF) -> QRectF:
    """Return the part of a `source`-sized picture that fills `target` without distortion."""
    if source.isEmpty() or target.isEmpty():
        return QRectF()
    scale = max(target.width() / source.width(), target.height() / source.height())
    width, height = target.width() / scale, target.height() / scale
    return QRectF((source.width() - width) / 2, (source.height() - height) / 2, width, height)


def draw_picture(
    painter: QPainter,
    rect: QRectF,
    picture: QPixmap,
    radius: float,
    *,
    source: QRectF | None = None,
    opacity: float = 1.0,
) -> None:
    """Draw a picture with rounded corners, filling `rect` and cut where it is too long.

    `source` takes a part of the picture, such as one frame of a strip, in the picture's pixels.
    """
    part = QRectF(picture.rect()) if source is None else source
    shown = cover(part.size(), rect.size()).translated(part.topLeft())
    painter.save()
    painter.setRenderHints(
        QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
    )
    painter.setOpacity(painter.opacity() * opacity)
    # A brush keeps the corners smooth; clipping to a path would leave them jagged.
    brush = QBrush(picture)
    transform = brush.transform()
    transform.translate(rect.x(), rect.y())
    if not shown.isEmpty():
        transform.scale(rect.width() / shown.width(), rect.height() / shown.height())
    transform.translate(-shown.x(), -shown.y())
    ratio = picture.devicePixelRatio()
    if ratio != 1.0:
        transform.scale(ratio, ratio)
    brush.setTransform(transform)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(brush)
    painter.drawRoundedRect(rect, radius, radius)
    painter.restore()


def draw_dot(painter: QPainter, center: QPointF, diameter: float, color: QColor) -> None:
    """Draw a filled disc: new clips, the network's state."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawEllipse(center, diameter / 2, diameter / 2)
