"""A picture that was fitted once is copied afterwards, and old ones make room."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, QPixmap

from kling_desktop.ui.fitted_pictures import FittedPictures
from kling_desktop.ui.paint_kit import draw_picture

_PLACE = QRectF(4, 6, 60, 40)


def _canvas() -> QImage:
    image = QImage(80, 60, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill("#131416")
    return image


def _picture(color: str) -> QPixmap:
    picture = QPixmap(480, 270)
    picture.fill(color)
    return picture


def test_the_copy_looks_like_the_picture_drawn_anew(qapp) -> None:
    picture, fitted = _picture("#c08040"), FittedPictures()
    direct, first, again = _canvas(), _canvas(), _canvas()
    with QPainter(direct) as painter:
        draw_picture(painter, _PLACE, picture, 6)
    for image in (first, again):
        with QPainter(image) as painter:
            fitted.draw(painter, _PLACE, picture, 6)
    assert first == again
    assert first.pixelColor(30, 25) == direct.pixelColor(30, 25)
    assert first.pixelColor(4, 6) == direct.pixelColor(4, 6), "the corner is as round"


def test_what_was_not_painted_for_longest_makes_room(qapp) -> None:
    fitted = FittedPictures(budget_bytes=2 * 60 * 40 * 4)
    pictures = [_picture(color) for color in ("red", "green", "blue")]
    canvas = _canvas()
    with QPainter(canvas) as painter:
        for picture in pictures:
            fitted.draw(painter, _PLACE, picture, 0)
    assert len(fitted._fitted) == 2
    assert all(key[0] != pictures[0].cacheKey() for key in fitted._fitted)
