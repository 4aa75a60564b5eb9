"""How wide the columns of the model picker are: as drawn, wider where a language needs it."""

from collections.abc import Mapping
from dataclasses import dataclass

from kling_desktop.domain.catalog import MODELS, ModelSpec
from kling_desktop.domain.model_fit import Obstacle
from kling_desktop.ui.theme.painting import measure_text
from kling_desktop.ui.theme.theme import Theme
from kling_desktop.wording import models as words

WIDTH_PX = 756
USE_X_PX = 185
ICON_PX = 18
"""The icon before the reason why a model does not fit."""
_CHIPS = ("text", "first", "last", "size", "fps")
_LEFTS = {"text": 364, "first": 322, "last": 277, "size": 232, "fps": 178}
"""Where each chip begins, counted from the row's end."""
_WIDTHS = {"text": 35, "first": 36, "last": 35, "size": 42, "fps": 48}
_CHIP_PADDING, _GAP = 6, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelColumns:
    """The columns in pixels, for the present language and size of text.

    Attributes:
        lefts: Where each chip begins, counted from the row's end.
        widths: How wide each chip is.
        width: What the whole popup needs.
    """

    lefts: Mapping[str, float]
    widths: Mapping[str, float]
    width: float


def chip_words(spec: ModelSpec) -> dict[str, str]:
    """The words on a model's chips; empty where it has none."""
    text, first, last = words.capability_words(spec)
    size, fps = words.resolution_words(spec), words.fps_words(spec)
    return dict(zip(_CHIPS, (text, first, last, size, fps), strict=True))


def measure_columns(theme: Theme) -> ModelColumns:
    """Measure all words of the picker and give each column the room that it needs."""
    scale, caption = theme.text_scale, theme.font("caption")
    lefts: dict[str, float] = {}
    widths: dict[str, float] = {}
    grown = 0.0
    for name in reversed(_CHIPS):
        drawn = _WIDTHS[name] * scale
        needed = max(measure_text(caption, chip_words(spec)[name]) for spec in MODELS)
        widths[name] = max(drawn, needed + _CHIP_PADDING)
        grown += widths[name] - drawn
        lefts[name] = _LEFTS[name] * scale + grown
    use_font, small, link = theme.font("body", 500), theme.font("small"), theme.font("small", 500)
    use = max(measure_text(use_font, words.model_use(spec)) for spec in MODELS)
    reasons = [words.obstacle_words(obstacle) for obstacle in Obstacle]
    reason = max(
        measure_text(small, f"{text} ") + measure_text(link, label) for text, label in reasons
    )
    beside_text = use + lefts["text"]
    beside_first = max(use, reason + ICON_PX) + lefts["first"]
    needed = USE_X_PX * scale + max(beside_text, beside_first) + _GAP
    return ModelColumns(lefts=lefts, widths=widths, width=max(WIDTH_PX * scale + grown, needed))
