"""The shape of an SVG drawing from its root element, and how large it is drawn for a model."""

import re
from pathlib import Path
from xml.parsers import expat

from kling_desktop.domain.catalog import Dimensions, ModelSpec
from kling_desktop.media.decoding import DecodeFailed

_DEFAULT_SHAPE = (300.0, 150.0)
"""What a drawing without any size has (CSS 2, replaced elements)."""
_LONG_SIDE_WITHOUT_SIZES = 1920
_LENGTH = re.compile(r"\s*([0-9]*\.?[0-9]+(?:e[+-]?[0-9]+)?)\s*(px|pt|pc|mm|cm|in)?\s*", re.I)
_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 3.7795, "cm": 37.795, "in": 96.0}


class _RootFound(Exception):
    """Ends the parsing: what follows the root element's start is of no interest here."""


def measure_svg(path: Path) -> tuple[float, float]:
    """Return width and height of a drawing; they matter for its shape only.

    Raises:
        DecodeFailed: It is no SVG.
    """
    found: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] != "svg":
            raise DecodeFailed(detail="the root element is not svg")
        found.update(attributes)
        raise _RootFound

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    try:
        with path.open("rb") as file:
            parser.Parse(file.read(1024 * 1024), False)  # noqa: FBT003
    except _RootFound:
        return _find_shape(found)
    except (expat.ExpatError, OSError, ValueError, LookupError) as error:
        raise DecodeFailed(detail=f"svg: {error}") from error
    raise DecodeFailed(detail="svg: no root element")


def choose_canvas(shape: tuple[float, float], spec: ModelSpec) -> Dimensions:
    """Say at how many pixels a drawing is rendered for a model: as large as its videos are."""
    limits = spec.input_image
    sides = [max(size.width, size.height) for size in spec.dimensions]
    wanted = min(max(sides, default=_LONG_SIDE_WITHOUT_SIZES), limits.max_side_px)
    scale = wanted / max(shape)
    if min(shape) * scale < limits.min_side_px:  # a thin one as long as the limit lets it be
        scale = min(limits.min_side_px / min(shape), limits.max_side_px / max(shape))
    return Dimensions(max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale)))


def _find_shape(attributes: dict[str, str]) -> tuple[float, float]:
    width, height = (_read_length(attributes.get(name, "")) for name in ("width", "height"))
    if width and height:
        return width, height
    try:
        box = [float(part) for part in re.split(r"[\s,]+", attributes.get("viewBox", "").strip())]
    except ValueError:
        box = []
    if len(box) == 4 and 0 < box[2] < 1e9 and 0 < box[3] < 1e9:
        return box[2], box[3]
    return _DEFAULT_SHAPE


def _read_length(text: str) -> float:
    found = _LENGTH.fullmatch(text)
    length = 0.0 if found is None else float(found[1]) * _UNITS[(found[2] or "").lower()]
    return length if 0 < length < 1e9 else 0.0
