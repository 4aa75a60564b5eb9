import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage

from kling_desktop.domain.resources import find_resource
from kling_desktop.ui.theme.icons import IconSet
from kling_desktop.ui.theme.theme import Appearance, ThemeChoice, ThemeSource

NAMES = sorted(path.stem for path in find_resource("icons").glob("*.svg"))


def _inked(image: QImage) -> list[QColor]:
    colors = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return [color for color in colors if color.alpha() == 255]


def test_all_icons_of_the_design_are_there(icons: IconSet) -> None:
    assert len(icons.list_names()) >= 83


@pytest.mark.parametrize("name", NAMES)
def test_icon_draws_in_the_colour_asked_for(icons: IconSet, name: str) -> None:
    image = icons.pixmap(name, 20, QColor("#ff0000"), 2.0).toImage()
    assert image.width() == 40
    inked = _inked(image)
    assert inked, "nothing was drawn"
    assert all(color.red() > 200 and color.green() < 60 for color in inked)


def test_unknown_name_is_refused(icons: IconSet) -> None:
    with pytest.raises(KeyError):
        icons.pixmap("no-such-icon", 20, QColor("red"))


def test_icon_follows_the_theme(icons: IconSet, theme_source: ThemeSource) -> None:
    icon = icons.icon("dot", "text")
    dark = _inked(icon.pixmap(QSize(20, 20), 1.0).toImage())[0]
    theme_source.set_choice(Appearance(theme=ThemeChoice.LIGHT))
    light = _inked(icons.icon("dot", "text").pixmap(QSize(20, 20), 1.0).toImage())[0]
    assert dark.lightness() > 200
    assert light.lightness() < 80


def test_disabled_has_its_own_colour(icons: IconSet, theme_source: ThemeSource) -> None:
    icon = icons.icon("dot", "text-2")
    disabled = _inked(icon.pixmap(QSize(20, 20), 1.0, QIcon.Mode.Disabled).toImage())[0]
    assert disabled.name() == theme_source.current.color("text-disabled").name()


def test_pixmap_has_the_density_asked_for(icons: IconSet) -> None:
    pixmap = icons.icon("heart").pixmap(QSize(16, 16), 2.0)
    assert pixmap.width() == 32
    assert pixmap.devicePixelRatio() == 2.0
