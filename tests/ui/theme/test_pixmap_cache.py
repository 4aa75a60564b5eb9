"""A face that was painted once is copied afterwards, and old ones make room."""

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from kling_desktop.ui.theme.pixmap_cache import PixmapCache

_PLACE = QRectF(4, 6, 60, 40)


def _canvas() -> QImage:
    image = QImage(80, 60, QImage.Format.Format_RGB32)
    image.fill("#131416")
    return image


class _Brush:
    """Paints a word on a disc, and counts how often it had to."""

    def __init__(self, word: str = "12") -> None:
        self.word, self.times = word, 0

    def __call__(self, painter: QPainter, rect: QRectF) -> None:
        self.times += 1
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor("#c08040"))
        painter.drawEllipse(rect.adjusted(2, 2, -2, -2))
        painter.setPen(QColor("white"))
        painter.drawText(rect.topLeft() + QPointF(20, 24), self.word)


def test_the_copy_is_what_painting_gives(qapp) -> None:
    faces, brush = PixmapCache(), _Brush()
    direct, first, again = _canvas(), _canvas(), _canvas()
    with QPainter(direct) as painter:
        brush(painter, _PLACE)
    for image in (first, again):
        with QPainter(image) as painter:
            faces.draw(painter, _PLACE, "a", brush, ground=QColor("#131416"))
    assert brush.times == 2, "once on the canvas, once for the face"
    assert first == direct
    assert again == direct


def test_without_ground_it_is_transparent_and_can_be_faint(qapp) -> None:
    faces, brush = PixmapCache(), _Brush()
    whole, faint = _canvas(), _canvas()
    with QPainter(whole) as painter:
        faces.draw(painter, _PLACE, "a", brush)
    with QPainter(faint) as painter:
        faces.draw(painter, _PLACE, "a", brush, opacity=0.25)
    assert whole.pixelColor(4, 6) == QColor("#131416"), "the corner shows the canvas"
    ground, full = QColor("#131416").red(), whole.pixelColor(12, 30).red()
    assert abs(faint.pixelColor(12, 30).red() - (ground + (full - ground) * 0.25)) <= 2


def test_another_key_size_or_theme_is_painted_anew(qapp) -> None:
    faces, brush, canvas = PixmapCache(), _Brush(), _canvas()
    with QPainter(canvas) as painter:
        faces.draw(painter, _PLACE, ("a", 1), brush)
        faces.draw(painter, _PLACE, ("a", 2), brush)
        faces.draw(painter, _PLACE.adjusted(0, 0, 5, 0), ("a", 2), brush)
        assert brush.times == 3
        faces.clear()
        faces.draw(painter, _PLACE, ("a", 2), brush)
    assert brush.times == 4
    assert len(faces) == 1


def test_what_was_not_painted_for_longest_makes_room(qapp) -> None:
    faces, canvas = PixmapCache(budget_bytes=2 * 60 * 40 * 4), _canvas()
    brushes = {name: _Brush(name) for name in "abc"}
    with QPainter(canvas) as painter:
        for name in "abac":
            faces.draw(painter, _PLACE, name, brushes[name])
        assert len(faces) == 2
        for name in "ac":
            faces.draw(painter, _PLACE, name, brushes[name])
        assert [brush.times for brush in brushes.values()] == [1, 1, 1]
        faces.draw(painter, _PLACE, "b", brushes["b"])
    assert brushes["b"].times == 2
