"""How everything looks: the values in force, and the one object that changes them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from kling_desktop.domain.resources import find_resource
from kling_desktop.ui.theme.tokens import Tokens, load_tokens

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def fill_template(template: str, values: Mapping[str, str]) -> str:
    """Return the style sheet with all names replaced, without its comments.

    Names are tried longest first, so `@text-2` is never taken for `@text`. A name without a value
    is a `KeyError`: a rule that Qt would silently drop.
    """
    names = sorted(values, key=len, reverse=True)
    pattern = re.compile("@(" + "|".join(map(re.escape, names)) + r")(?![\w-])|@([\w-]+)")

    def replace(match: re.Match[str]) -> str:
        if match[1] is None:
            raise KeyError(match[2])
        return values[match[1]]

    return pattern.sub(replace, _COMMENT.sub("", template))


FAMILY = "Kling Desktop Inter"
_FONT_FILES = ("fonts/Inter-Regular.ttf", "fonts/Inter-Medium.ttf", "fonts/Inter-SemiBold.ttf")
_REDUCED_FADE_MS = 80
_HEADING_SPACING_PX = {"display": -0.4, "heading": -0.2}
_HIGH_CONTRAST = {
    "line": "control-line",
    "line-strong": "control-line",
    "text-2": "text",
    "text-3": "text",
    "text-disabled": "text-3",
}
_TEXT_ROLES = (
    QPalette.ColorRole.WindowText,
    QPalette.ColorRole.Text,
    QPalette.ColorRole.ButtonText,
    QPalette.ColorRole.ToolTipText,
)
_PALETTE = {
    "canvas": (QPalette.ColorRole.Dark, QPalette.ColorRole.Shadow),
    "panel": (QPalette.ColorRole.Window,),
    "raised": (QPalette.ColorRole.Base, QPalette.ColorRole.Button),
    "hover": (QPalette.ColorRole.AlternateBase, QPalette.ColorRole.Midlight),
    "pressed": (QPalette.ColorRole.Light,),
    "popup": (QPalette.ColorRole.ToolTipBase,),
    "line-strong": (QPalette.ColorRole.Mid,),
    "text": _TEXT_ROLES,
    "text-3": (QPalette.ColorRole.PlaceholderText,),
    "accent": (QPalette.ColorRole.Highlight, QPalette.ColorRole.Accent),
    "on-accent": (QPalette.ColorRole.HighlightedText,),
    "accent-text": (QPalette.ColorRole.Link, QPalette.ColorRole.LinkVisited),
    "danger": (QPalette.ColorRole.BrightText,),
}


class ThemeChoice(StrEnum):
    """What the user chose; `SYSTEM` follows the desktop while the app runs."""

    SYSTEM = "system"
    DARK = "dark"
    LIGHT = "light"


@dataclass(frozen=True, slots=True)
class Appearance:
    """The settings that change how the app looks. `text_scale` is 1.0 for 100 %."""

    theme: ThemeChoice = ThemeChoice.SYSTEM
    text_scale: float = 1.0
    high_contrast: bool = False
    reduced_motion: bool = False


@dataclass(frozen=True)
class Theme:
    """The values in force. Painting code asks it for every colour, font and length."""

    tokens: Tokens
    is_dark: bool
    text_scale: float = 1.0
    high_contrast: bool = False
    moves: bool = True
    """Whether things may move; without it fades are short and bars stand still."""
    _colors: dict[str, QColor] = field(default_factory=dict, init=False, repr=False, compare=False)
    _fonts: dict[tuple[str, int | None], QFont] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def color(self, name: str) -> QColor:
        """Return the colour of a token; `KeyError` when there is none of that name."""
        color = self._colors.get(name)
        if color is None:
            color = self._colors[name] = parse_color(self.color_values()[name])
        return color

    def color_values(self) -> Mapping[str, str]:
        """Return every colour by token name as #RRGGBB or #RRGGBBAA, high contrast applied."""
        values = self.tokens.dark if self.is_dark else self.tokens.light
        if not self.high_contrast:
            return values
        return {name: values[_HIGH_CONTRAST.get(name, name)] for name in values}

    def font(self, style: str, weight: int | None = None) -> QFont:
        """Return the font of a type style, in another weight (400, 500, 600) if given."""
        key = (style, weight)
        font = self._fonts.get(key)
        if font is None:
            font = self._fonts[key] = self._build_font(style, weight)
        return font

    def _build_font(self, style: str, weight: int | None) -> QFont:
        kind = self.tokens.types[style]
        if style == "mono":
            font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        else:
            font = QFont(FAMILY)
            # Figures of one width: counters and times must not dance.
            font.setFeature(QFont.Tag("tnum"), 1)
        font.setPixelSize(self.font_px(style))
        font.setWeight(QFont.Weight(weight if weight is not None else kind.weight))
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        if style in _HEADING_SPACING_PX:
            spacing = _HEADING_SPACING_PX[style] * self.text_scale
            font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, spacing)
        return font

    def font_px(self, style: str) -> int:
        return round(self.tokens.types[style].px * self.text_scale)

    def line_height(self, style: str) -> int:
        """Return the height of one line of a style in pixels."""
        return round(self.tokens.types[style].line * self.text_scale)

    def space(self, step: int) -> int:
        """Return a distance in pixels: steps 1, 2, 3, 4, 5, 6, 8, 12 are 4 to 48."""
        return self.tokens.spaces[step]

    def radius(self, name: str) -> int:
        """Return a corner radius: "sm" badge, "md" control, "lg" card, "xl" popup."""
        return self.tokens.radii[name]

    def height(self, name: str) -> int:
        """Return the height of a kind of row or control, grown with the text size."""
        row = self.tokens.heights[name]
        line = self.tokens.types[row.style].line
        return row.px + max(0, round(line * self.text_scale) - line)

    def duration(self, name: str) -> int:
        """Return the length of a motion in milliseconds: "fast", "base" or "slow"."""
        return self.tokens.motion_ms[name] if self.moves else _REDUCED_FADE_MS


class ThemeSource(QObject):
    """Owns the theme in force and puts it on the application; owned by the app.

    `changed` is emitted after the palette and the style sheet are set, whether the user chose
    another appearance or the desktop switched between light and dark.
    """

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._tokens = load_tokens()
        self._template = find_resource("style.qss").read_text("utf-8")
        self._choice = Appearance()
        for file in _FONT_FILES:
            QFontDatabase.addApplicationFont(str(find_resource(file)))
        app.setStyle("Fusion")
        self._current = self._build()
        self._apply()
        hints = app.styleHints()
        hints.colorSchemeChanged.connect(self._refresh)
        hints.accessibility().contrastPreferenceChanged.connect(self._refresh)
        motion_changed = getattr(hints.accessibility(), "motionPreferenceChanged", None)
        if motion_changed is not None:  # not in every Qt we run on
            motion_changed.connect(self._refresh)

    @property
    def current(self) -> Theme:
        return self._current

    @property
    def choice(self) -> Appearance:
        return self._choice

    def set_choice(self, choice: Appearance) -> None:
        """Take the user's choice and show it at once."""
        self._choice = choice
        hints = self._app.styleHints()
        # The system's own frames and dialogs follow, where the platform can.
        if choice.theme is ThemeChoice.SYSTEM:
            hints.unsetColorScheme()
        else:
            dark = choice.theme is ThemeChoice.DARK
            hints.setColorScheme(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)
        self._refresh()

    def _refresh(self) -> None:
        theme = self._build()
        if theme != self._current:
            self._current = theme
            self._apply()
            self.changed.emit()

    def _build(self) -> Theme:
        hints = self._app.styleHints()
        if self._choice.theme is ThemeChoice.SYSTEM:
            is_dark = hints.colorScheme() is not Qt.ColorScheme.Light
        else:
            is_dark = self._choice.theme is ThemeChoice.DARK
        accessibility = hints.accessibility()
        wants_contrast = accessibility.contrastPreference() == Qt.ContrastPreference.HighContrast
        return Theme(
            tokens=self._tokens,
            is_dark=is_dark,
            text_scale=self._choice.text_scale,
            high_contrast=self._choice.high_contrast or wants_contrast,
            moves=not (self._choice.reduced_motion or _asks_for_less_motion(accessibility)),
        )

    def _apply(self) -> None:
        theme = self._current
        self._app.setPalette(build_palette(theme))
        self._app.setFont(theme.font("body"))
        self._app.setStyleSheet(fill_template(self._template, build_style_values(theme)))


def parse_color(value: str) -> QColor:
    """Read #RRGGBB or #RRGGBBAA; Qt's own reader takes the alpha first."""
    color = QColor(value[:7])
    if len(value) == len("#RRGGBBAA"):
        color.setAlpha(int(value[7:], 16))
    return color


def build_palette(theme: Theme) -> QPalette:
    """Return the palette with a token behind every role that Qt itself paints with."""
    palette = QPalette()
    for name, roles in _PALETTE.items():
        for role in roles:
            palette.setColor(role, theme.color(name))
    for role in (*_TEXT_ROLES, QPalette.ColorRole.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, theme.color("text-disabled"))
    return palette


def build_style_values(theme: Theme) -> dict[str, str]:
    """Return what the names of the style sheet's template stand for."""
    values = {name: _as_style_color(theme.color(name)) for name in theme.color_values()}
    values["family"] = FAMILY
    for name in theme.tokens.types:
        values[f"px-{name}"] = f"{theme.font_px(name)}px"
    for name in theme.tokens.radii:
        values[f"radius-{name}"] = f"{theme.radius(name)}px"
    for name in theme.tokens.heights:
        values[f"full-{name}"] = f"{theme.height(name)}px"
        # A style sheet's heights leave out the border: one pixel at rest, two with focus.
        values[f"inner-{name}"] = f"{theme.height(name) - 2}px"
        values[f"focused-{name}"] = f"{theme.height(name) - 4}px"
    return values


def _as_style_color(color: QColor) -> str:
    return f"rgba({color.red()}, {color.green()}, {color.blue()}, {color.alpha()})"


def _asks_for_less_motion(accessibility: QObject) -> bool:
    preference = getattr(accessibility, "motionPreference", None)
    return preference is not None and preference().name == "ReducedMotion"
