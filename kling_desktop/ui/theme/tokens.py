"""Reads tokens.json: the values of colour, type, spacing, radius, height and motion."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kling_desktop.domain.resources import find_resource


@dataclass(frozen=True, slots=True)
class TypeStyle:
    """One style of type; `px` and `line` are device-independent pixels at a text size of 100 %."""

    px: int
    line: int
    weight: int


@dataclass(frozen=True, slots=True)
class RowHeight:
    """The height of a row at a text size of 100 %, and the style that makes it grow."""

    px: int
    style: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """The values of tokens.json. Colours are #RRGGBB or #RRGGBBAA, lengths are pixels."""

    dark: Mapping[str, str]
    light: Mapping[str, str]
    types: Mapping[str, TypeStyle]
    spaces: Mapping[int, int]
    radii: Mapping[str, int]
    heights: Mapping[str, RowHeight]
    motion_ms: Mapping[str, int]


def load_tokens() -> Tokens:
    """Read the file that ships with the app."""
    content: dict[str, Any] = json.loads(find_resource("tokens.json").read_text("utf-8"))
    stage: dict[str, str] = content["stage"]  # the same in both themes
    colors: dict[str, dict[str, str]] = content["color"]
    return Tokens(
        dark={name: pair["dark"] for name, pair in colors.items()} | stage,
        light={name: pair["light"] for name, pair in colors.items()} | stage,
        types={
            name: TypeStyle(px=style["px"], line=style["line"], weight=style["weight"])
            for name, style in content["type"].items()
        },
        spaces={int(step): px for step, px in content["space"].items()},
        radii=content["radius"],
        heights={
            name: RowHeight(px=row["px"], style=row["type"])
            for name, row in content["height"].items()
        },
        motion_ms=content["motion_ms"],
    )
