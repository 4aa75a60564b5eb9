import itertools

import pytest
from PySide6.QtCore import QPoint, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from kling_desktop.domain.resources import find_resource
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.desktop.app_icon import AppIconMark, build_app_icon, paint_app_icon
from kling_desktop.ui.overlays import menu as menu_module
from kling_desktop.ui.overlays import popup_frame
from kling_desktop.ui.overlays.menu import Menu
from kling_desktop.ui.overlays.popup_frame import SHADOW, PopupFrame
from kling_desktop.ui.theme import painting
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.theme import Appearance, Theme, ThemeChoice
from kling_desktop.ui.theme.tokens import load_tokens


@pytest.fixture
def anchor(qtbot: QtBot) -> QWidget:
    widget = QPushButton("Model")
    widget.resize(120, 32)
    qtbot.addWidget(widget)
    widget.move(100, 100)
    widget.show()
    return widget


def _canvas(width: int, height: int) -> QImage:
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    return image


@pytest.mark.parametrize("side", ["below", "above", "right"])
def test_popup_opens_beside_and_stays_on_the_screen(
    look: Look, anchor: QWidget, qtbot: QtBot, side: str
) -> None:
    popup = PopupFrame(look)
    qtbot.addWidget(popup)
    popup.body.addWidget(Label("Kling 2.1"))
    anchor.move(760, 780)
    popup.popup_beside(anchor, side)
    frame = popup.geometry().marginsRemoved(SHADOW)
    assert anchor.screen().availableGeometry().contains(frame)
    assert not popup.grab().isNull()
    popup.close()


def test_popup_closes_at_escape_and_outside(look: Look, anchor: QWidget, qtbot: QtBot) -> None:
    popup = PopupFrame(look)
    qtbot.addWidget(popup)
    popup.body.addWidget(Label("Kling 2.1"))
    popup.popup_beside(anchor)
    with qtbot.waitSignal(popup.closed, timeout=1000):
        QTest.keyClick(popup, Qt.Key.Key_Escape)
    popup.popup_beside(anchor)
    middle = popup.rect().center()
    QTest.mouseClick(popup, Qt.MouseButton.LeftButton, pos=middle)
    assert popup.isVisible()
    QTest.mouseClick(popup, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    assert not popup.isVisible()


def test_without_a_compositor_a_popup_is_cut_to_its_frame(
    look: Look, anchor: QWidget, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it leaves see-through for the shadow would be black."""
    popup, menu = PopupFrame(look), Menu(look)
    menu.add("Remix")
    qtbot.addWidget(popup)
    qtbot.addWidget(menu)
    popup.body.addWidget(Label("Kling 2.1"))
    popup.popup_beside(anchor)
    assert popup.mask().isEmpty()
    popup.close()
    for module in (popup_frame, menu_module):
        monkeypatch.setattr(module, "shows_translucency", lambda: False)
    popup.popup_beside(anchor)
    assert popup.mask().boundingRect() == popup.rect().marginsRemoved(SHADOW)
    assert not popup.mask().contains(popup.rect().marginsRemoved(SHADOW).topLeft())
    popup.resize(popup.width() + 40, popup.height())
    assert popup.mask().boundingRect() == popup.rect().marginsRemoved(SHADOW)
    popup.close()
    menu.popup_below(anchor)
    assert menu.mask().boundingRect() == menu.rect()
    menu.close()


def test_menu_rows_act(look: Look, anchor: QWidget, qtbot: QtBot) -> None:
    menu = Menu(look)
    qtbot.addWidget(menu)
    acted: list[str] = []
    menu.add_heading("2 running, 3 waiting")
    menu.add("Play", lambda: acted.append("play"), shortcut="Space")
    menu.add("Loop", icon="loop", checked=True)
    menu.addSeparator()
    menu.add("Compare", enabled=False, tip="Choose two clips.")
    menu.add("Move to trash", lambda: acted.append("trash"), shortcut="Del", danger=True)
    menu.popup_below(anchor)
    assert not menu.grab().isNull()
    for action in menu.actions():
        action.trigger()
    assert acted == ["play", "trash"]
    menu.close()


def test_menu_binds_no_keys(look: Look, qtbot: QtBot) -> None:
    menu = Menu(look)
    qtbot.addWidget(menu)
    action = menu.add("Play", shortcut="Space")
    assert action.shortcut().isEmpty()


def test_danger_stands_out(look: Look, anchor: QWidget, qtbot: QtBot) -> None:
    def redness(danger: bool) -> int:
        menu = Menu(look)
        qtbot.addWidget(menu)
        menu.add("Move to trash", danger=danger)
        menu.popup_below(anchor)
        image = menu.grab().toImage()
        menu.close()
        colors = (image.pixelColor(x, 18) for x in range(image.width()))
        return sum(color.red() - color.blue() > 60 for color in colors)

    assert redness(danger=False) == 0
    assert redness(danger=True) > 3


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ((200, 100), (100, 100), (50, 0, 100, 100)),
        ((100, 200), (100, 100), (0, 50, 100, 100)),
        ((100, 100), (50, 50), (0, 0, 100, 100)),
        ((0, 100), (50, 50), (0, 0, 0, 0)),
    ],
)
def test_cover_cuts_the_longer_side(
    source: tuple[int, int], target: tuple[int, int], expected: tuple[int, ...]
) -> None:
    assert painting.cover(QSizeF(*source), QSizeF(*target)) == QRectF(*expected)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_picture_fills_its_place_with_round_corners(ratio: float) -> None:
    picture = QPixmap(200, 100)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.red)
    painter = QPainter(picture)
    painter.fillRect(QRectF(75 / ratio, 0, 50 / ratio, 100 / ratio), Qt.GlobalColor.green)
    painter.end()
    image = _canvas(80, 80)
    painter = QPainter(image)
    painting.draw_picture(painter, QRectF(10, 10, 60, 60), picture, 6)
    painter.end()
    assert image.pixelColor(5, 40).alpha() == 0
    assert image.pixelColor(10, 10).alpha() < 128, "the corner is round"
    assert image.pixelColor(40, 40).green() == 255
    assert image.pixelColor(13, 40).red() == 255
    assert image.pixelColor(67, 40).red() == 255


@pytest.mark.parametrize(("fraction", "inked"), [(0.0, 0), (0.5, 50), (1.0, 100), (7.0, 100)])
def test_bar_is_as_long_as_the_work_done(look: Look, fraction: float, inked: int) -> None:
    image = _canvas(100, 9)
    painter = QPainter(image)
    painting.draw_bar(painter, QRectF(0, 0, 100, 9), look.theme, fraction)
    painter.end()
    ink = look.theme.color("accent-text")
    assert abs(sum(image.pixelColor(x, 4) == ink for x in range(100)) - inked) <= 2


def test_unknown_progress_sweeps_only_where_things_may_move(look: Look) -> None:
    def draw(theme: Theme, phase: float) -> QImage:
        image = _canvas(100, 9)
        painter = QPainter(image)
        painting.draw_bar(painter, QRectF(0, 0, 100, 9), theme, None, phase=phase)
        painter.end()
        return image

    assert draw(look.theme, 0.2) != draw(look.theme, 0.6)
    still = Theme(load_tokens(), is_dark=True, moves=False)
    assert draw(still, 0.2) == draw(still, 0.6)
    stripes = draw(still, 0.0)
    row = [stripes.pixelColor(x, 4) == still.color("accent-text") for x in range(96)]
    changes = sum(a != b for a, b in itertools.pairwise(row))
    assert changes > 10


def test_long_text_is_cut(look: Look) -> None:
    image = _canvas(100, 20)
    painter = QPainter(image)
    font, ink = look.theme.font("body"), look.theme.color("text")
    rect = QRectF(0, 0, 60, 20)
    width = painting.draw_text(painter, rect, "She turns under the umbrella", font, ink)
    painter.end()
    assert 0 < width <= 60
    assert all(image.pixelColor(x, y).alpha() == 0 for x in range(62, 100) for y in range(20))


def test_app_icon_is_the_drawing_that_ships(look: Look) -> None:
    from PySide6.QtSvg import QSvgRenderer

    painted, shipped = _canvas(64, 64), _canvas(64, 64)
    painter = QPainter(painted)
    paint_app_icon(painter, QRectF(0, 0, 64, 64), look.theme)
    painter.end()
    painter = QPainter(shipped)
    QSvgRenderer(str(find_resource("app-icon.svg"))).render(painter, QRectF(0, 0, 64, 64))
    painter.end()
    far = [
        (x, y)
        for x in range(64)
        for y in range(64)
        if abs(painted.pixelColor(x, y).lightness() - shipped.pixelColor(x, y).lightness()) > 40
    ]
    assert len(far) < 40


def test_app_icon_tells_progress_and_unseen_clips(look: Look) -> None:
    marks = [
        None,
        AppIconMark(fraction=0.45),
        AppIconMark(fraction=1.0, ink="warning"),
        AppIconMark(unseen=3),
        AppIconMark(unseen=1234),
    ]
    images = [build_app_icon(look.theme, mark).pixmap(64, 64).toImage() for mark in marks]
    for place, image in enumerate(images):
        assert image not in images[:place]


def test_icon_is_the_same_in_both_themes(look: Look) -> None:
    dark = build_app_icon(look.theme).pixmap(64, 64).toImage()
    look.themes.set_choice(Appearance(theme=ThemeChoice.LIGHT))
    assert build_app_icon(look.theme).pixmap(64, 64).toImage() == dark
