import itertools

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QLabel

from kling_desktop.domain.resources import find_resource
from kling_desktop.ui.theme.theme import (
    FAMILY,
    Appearance,
    Theme,
    ThemeChoice,
    ThemeSource,
    build_style_values,
    fill_template,
    parse_color,
)
from kling_desktop.ui.theme.tokens import load_tokens

THEMES = [
    pytest.param(Theme(load_tokens(), is_dark, high_contrast=contrast), id=name)
    for is_dark, contrast, name in [
        (True, False, "dark"),
        (False, False, "light"),
        (True, True, "dark-contrast"),
        (False, True, "light-contrast"),
    ]
]
SURFACES = ("canvas", "window", "panel", "raised", "hover", "popup")
TEXT_PAIRS = [
    *itertools.product(("text", "text-2"), (*SURFACES, "pressed", "accent-soft")),
    *itertools.product(("text-3",), ("canvas", "window", "panel", "raised", "popup")),
    *itertools.product(("accent-text",), (*SURFACES, "accent-soft")),
    *itertools.product(("on-accent",), ("accent", "accent-hover", "accent-pressed")),
    ("on-accent", "danger-fill"),
    *itertools.product(("success", "warning", "danger"), SURFACES),
    ("success", "success-soft"),
    ("warning", "warning-soft"),
    ("danger", "danger-soft"),
    ("text", "success-soft"),
    ("text", "warning-soft"),
    ("text", "danger-soft"),
    ("text-2", "warning-soft"),
    ("on-picture", "stage"),
    ("on-picture-2", "stage"),
]
NON_TEXT_PAIRS = [
    *itertools.product(("focus",), (*SURFACES, "pressed", "stage")),
    *itertools.product(("control-line",), ("canvas", "panel", "raised", "popup")),
]


def _luminance(color: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in (color.redF(), color.greenF(), color.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(theme: Theme, ink: str, ground: str) -> float:
    low, high = sorted((_luminance(theme.color(ink)), _luminance(theme.color(ground))))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_text_reaches_four_and_a_half(theme: Theme) -> None:
    low = {p: c for p in TEXT_PAIRS if (c := _contrast(theme, *p)) < 4.5}
    assert not low


@pytest.mark.parametrize("theme", THEMES)
def test_lines_and_rings_reach_three(theme: Theme) -> None:
    low = {p: c for p in NON_TEXT_PAIRS if (c := _contrast(theme, *p)) < 3.0}
    assert not low


@pytest.mark.parametrize("theme", THEMES)
def test_style_sheet_has_a_value_for_every_name(theme: Theme) -> None:
    template = find_resource("style.qss").read_text("utf-8")
    filled = fill_template(template, build_style_values(theme))
    assert "@" not in filled
    assert "/*" not in filled
    assert filled.count("{") == filled.count("}")


def test_longest_name_wins() -> None:
    values = {"text": "A", "text-2": "B"}
    assert fill_template("@text-2; @text; @text-2", values) == "B; A; B"


@pytest.mark.parametrize("name", ["txet", "text-22", "text-2x"])
def test_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(KeyError):
        fill_template(f"color: @{name};", {"text": "A", "text-2": "B"})


def test_alpha_stands_at_the_end() -> None:
    assert parse_color("#11223344").getRgb() == (0x11, 0x22, 0x33, 0x44)
    assert parse_color("#112233").alpha() == 255


def test_high_contrast_strengthens_lines_and_quiet_text() -> None:
    plain, strong = (Theme(load_tokens(), is_dark=True, high_contrast=c) for c in (False, True))
    assert strong.color("line") == plain.color("control-line")
    assert strong.color("line-strong") == plain.color("control-line")
    assert strong.color("text-2") == plain.color("text")
    assert strong.color("text-3") == plain.color("text")
    assert strong.color("text-disabled") == plain.color("text-3")
    assert strong.color("panel") == plain.color("panel")


@pytest.mark.parametrize("scale", [0.9, 1.0, 1.15, 1.3, 1.5])
def test_rows_grow_with_the_text(scale: float) -> None:
    theme = Theme(load_tokens(), is_dark=True, text_scale=scale)
    assert theme.font("body").pixelSize() == round(13 * scale)
    assert theme.height("button") >= 32
    assert theme.height("button") - theme.line_height("body") >= 10


def test_reduced_motion_leaves_short_fades() -> None:
    assert Theme(load_tokens(), is_dark=True).duration("base") == 180
    still = Theme(load_tokens(), is_dark=True, moves=False)
    assert {still.duration(name) for name in ("fast", "base", "slow")} == {80}


def test_every_style_is_the_bundled_face(theme_source: ThemeSource) -> None:
    theme = theme_source.current
    for style in theme.tokens.types:
        font = theme.font(style)
        assert font.pixelSize() == theme.tokens.types[style].px
        if style != "mono":
            assert font.family() == FAMILY
            assert font.exactMatch()


def test_change_reaches_palette_and_widgets(theme_source: ThemeSource, qapp: QApplication) -> None:
    told: list[bool] = []
    theme_source.changed.connect(lambda: told.append(theme_source.current.is_dark))
    theme_source.set_choice(Appearance(theme=ThemeChoice.LIGHT))
    assert told == [False]
    palette = qapp.palette()
    assert palette.color(QPalette.ColorRole.Window).name() == "#fafafb"
    disabled = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
    assert disabled.name() == "#a0a6af"
    theme_source.set_choice(Appearance(theme=ThemeChoice.LIGHT))
    assert told == [False], "the same choice again is no change"


def test_style_sheet_keeps_hinting_and_figures(theme_source: ThemeSource) -> None:
    label = QLabel("0:12")
    label.setProperty("type", "small")
    label.ensurePolished()
    font = label.font()
    assert font.pixelSize() == 12
    assert font.hintingPreference() == font.HintingPreference.PreferNoHinting
    assert font.family() == FAMILY
    assert font.featureTags()


def test_light_words_on_dark_are_no_bolder_than_dark_on_light(theme_source: ThemeSource) -> None:
    def ink_of(words: QColor, ground: QColor) -> int:
        picture = QImage(300, 24, QImage.Format.Format_RGB32)
        picture.fill(ground)
        painter = QPainter(picture)
        painter.setFont(theme_source.current.font("body"))
        painter.setPen(words)
        painter.drawText(QPointF(4, 17), "She turns under the umbrella")
        painter.end()
        greys = bytes(picture.convertToFormat(QImage.Format.Format_Grayscale8).constBits())
        return sum(abs(grey - ground.lightness()) for grey in greys)

    black, white = QColor("black"), QColor("white")

    # Measured: 0.94 to 0.98 with TrueType outlines, by Qt and fontconfig; 1.44 with CFF outlines.
    assert ink_of(white, black) < 1.1 * ink_of(black, white)
