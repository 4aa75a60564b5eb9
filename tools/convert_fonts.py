"""Writes a typeface's static OTF files anew with TrueType outlines, for `resources/fonts`.

python tools/convert_fonts.py FOLDER-OF-OTF-FILES resources/fonts    (needs: pip install fonttools)

Qt thickens the stems of PostScript outlines in small sizes and has no switch for it; the same
letters as TrueType outlines come out as they were drawn.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

_MOST_ERROR_UNITS = 1.0
"""How far a curve may stray, in units of the em square: a thousandth of a pixel at 13 px."""
_FAMILY = "Kling Desktop Inter"
_FAMILY_NAMES, _FULL_NAME, _POSTSCRIPT_NAME = (1, 16), 4, 6
_WEIGHTS = ("Regular", "Medium", "SemiBold")


def main() -> int:
    """Convert the weights that the app uses; return the process's exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    options = parser.parse_args()
    for weight in _WEIGHTS:
        target = options.target / f"Inter-{weight}.ttf"
        convert(options.source / f"Inter-{weight}.otf", target)
        sys.stdout.write(f"{target}  {target.stat().st_size // 1000} kB\n")
    return 0


def convert(source: Path, target: Path) -> None:
    """Turn the cubic curves of one font into quadratic ones; metrics and features stay."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib import TTFont, newTable

    font: Any = TTFont(source)
    order = font.getGlyphOrder()
    shapes = font.getGlyphSet()
    glyphs = {}
    for name in order:
        pen = TTGlyphPen(shapes)
        shapes[name].draw(Cu2QuPen(pen, _MOST_ERROR_UNITS, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = outlines = newTable("glyf")
    outlines.glyphOrder, outlines.glyphs = order, glyphs
    del font["CFF "]
    outlines.compile(font)
    _fill_limits(font, glyphs)
    _rename(font, target.stem.partition("-")[2])
    font.sfntVersion = "\000\001\000\000"
    font.save(target)


def _fill_limits(font: Any, glyphs: dict[str, Any]) -> None:
    """State the table of limits that TrueType outlines need, and drop the glyphs' old names."""
    limits = font["maxp"]
    limits.tableVersion = 0x00010000
    names = (
        *("maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs"),
        *("maxInstructionDefs", "maxStackElements", "maxSizeOfInstructions"),
    )
    for name in names:
        setattr(limits, name, 0)
    limits.maxZones = 1
    limits.maxComponentElements = max(
        len(glyph.components) if hasattr(glyph, "components") else 0 for glyph in glyphs.values()
    )
    limits.compile(font)
    post = font["post"]
    post.formatType = 3.0


def _rename(font: Any, weight: str) -> None:
    """Give the font its family name; the style's own name stands apart from it."""
    names = font["name"]
    for record in list(names.names):
        if record.nameID in _FAMILY_NAMES:
            names.setName(_FAMILY, record.nameID, *_place_of(record))
        elif record.nameID == _FULL_NAME:
            names.setName(f"{_FAMILY} {weight}", record.nameID, *_place_of(record))
        elif record.nameID == _POSTSCRIPT_NAME:
            names.setName(f"{_FAMILY.replace(' ', '')}-{weight}", record.nameID, *_place_of(record))
    for place in ((3, 1, 0x409),):
        names.setName(_FAMILY, 16, *place)
        names.setName(weight, 17, *place)


def _place_of(record: Any) -> tuple[int, int, int]:
    return record.platformID, record.platEncID, record.langID


if __name__ == "__main__":
    sys.exit(main())
