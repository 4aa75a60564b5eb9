"""Draws the packages and who imports whom into docs/packages.svg, from pyproject and the code.

The rows are the layers of the import contracts; the boxes are the packages that exist; the arrows
are the imports that the code has, without those that follow from others.  `--check` compares the
picture with the committed one and changes nothing.
"""

import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

import grimp

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "packages.svg"
PACKAGE = "kling_desktop"

BOX_HEIGHT = 26
LETTER_WIDTH = 7.2
PADDING = 12
GAP = 10
ROW_GAP = 44
TITLE_HEIGHT = 24
MARGIN = 20
STYLE = """
text { font: 12px sans-serif; fill: #1d2330; }
.title { font-weight: 600; }
.floor { fill: #eef1f7; stroke: #8a94a8; }
.box { fill: #ffffff; stroke: #8a94a8; }
.arrow { stroke: #5b6577; stroke-opacity: 0.55; fill: none; marker-end: url(#head); }
"""


@dataclass(slots=True)
class Box:
    """A package as it is drawn: inner rows of boxes where its own layers are known."""

    name: str
    rows: list[list["Box"]] = field(default_factory=list)
    x: float = 0.0
    y: float = 0.0

    @property
    def width(self) -> float:
        title = len(self.name) * LETTER_WIDTH + 2 * PADDING
        inner = max((row_width(row) + 2 * PADDING for row in self.rows), default=0.0)
        return max(title, inner)

    @property
    def height(self) -> float:
        if not self.rows:
            return BOX_HEIGHT
        return TITLE_HEIGHT + len(self.rows) * (BOX_HEIGHT + GAP)


def row_width(row: list[Box]) -> float:
    return sum(box.width for box in row) + GAP * (len(row) - 1)


def read_layers() -> dict[str, list[list[str]]]:
    """Return the layers of each container, top first, from the import contracts."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = config["tool"]["importlinter"]["contracts"]
    return {
        contract["containers"][0]: [
            [name.strip() for name in layer.split("|")] for layer in contract["layers"]
        ]
        for contract in contracts
        if contract["type"] == "layers"
    }


def build_rows(container: str, layers: dict[str, list[list[str]]]) -> list[list[Box]]:
    return [
        [Box(name, build_rows(f"{container}.{name}", layers)) for name in layer]
        for layer in layers.get(container, [])
    ]


def find_arrows(names: list[str]) -> list[tuple[str, str]]:
    """List who imports whom among the top packages, without what follows from other arrows."""
    sys.path.insert(0, str(ROOT))
    graph = grimp.build_graph(PACKAGE)
    direct = {
        (importer, imported)
        for importer in names
        for imported in names
        if importer != imported
        and graph.direct_import_exists(
            importer=f"{PACKAGE}.{importer}", imported=f"{PACKAGE}.{imported}", as_packages=True
        )
    }

    def reaches(start: str, goal: str, without: tuple[str, str]) -> bool:
        seen, waiting = {start}, [start]
        while waiting:
            here = waiting.pop()
            for importer, imported in direct - {without}:
                if importer == here and imported not in seen:
                    seen.add(imported)
                    waiting.append(imported)
        return goal in seen

    return sorted(arrow for arrow in direct if not reaches(*arrow, without=arrow))


def place(rows: list[list[Box]]) -> tuple[float, float]:
    """Give each box its place, centred in its row; return the width and height of the picture."""
    width = max(row_width(row) for row in rows) + 2 * MARGIN
    y = float(MARGIN)
    for row in rows:
        x = (width - row_width(row)) / 2
        height = max(box.height for box in row)
        for box in row:
            box.x, box.y = x, y + (height - box.height) / 2
            x += box.width + GAP
            inner_y = box.y + TITLE_HEIGHT
            for inner in box.rows:
                inner_x = box.x + (box.width - row_width(inner)) / 2
                for each in inner:
                    each.x, each.y = inner_x, inner_y
                    inner_x += each.width + GAP
                inner_y += BOX_HEIGHT + GAP
        y += height + ROW_GAP
    return width, y - ROW_GAP + MARGIN


def draw_box(box: Box) -> list[str]:
    is_floor = bool(box.rows)
    style = "floor" if is_floor else "box"
    text_y = box.y + (17 if is_floor else BOX_HEIGHT / 2 + 4)
    lines = [
        f'<rect class="{style}" x="{box.x:.0f}" y="{box.y:.0f}" width="{box.width:.0f}" '
        f'height="{box.height:.0f}" rx="5"/>',
        f'<text class="title" x="{box.x + box.width / 2:.0f}" y="{text_y:.0f}" '
        f'text-anchor="middle">{escape(box.name)}</text>',
    ]
    for row in box.rows:
        for inner in row:
            lines += draw_box(inner)
    return lines


def draw() -> str:
    """Return the whole picture as SVG."""
    rows = build_rows(PACKAGE, read_layers())
    width, height = place(rows)
    boxes = {box.name: box for row in rows for box in row}
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}">',
        f"<style>{STYLE}</style>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#5b6577"/></marker></defs>',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
    ]
    for box in boxes.values():
        lines += draw_box(box)
    for importer, imported in find_arrows(list(boxes)):
        start, end = boxes[importer], boxes[imported]
        x1, y1 = start.x + start.width / 2, start.y + start.height
        x2, y2 = end.x + end.width / 2, end.y
        lines.append(
            f'<path class="arrow" d="M{x1:.0f} {y1:.0f} C{x1:.0f} {y1 + ROW_GAP:.0f} '
            f'{x2:.0f} {y2 - ROW_GAP:.0f} {x2:.0f} {y2:.0f}"/>'
        )
    return "\n".join([*lines, "</svg>", ""])


def main() -> int:
    picture = draw()
    if "--check" in sys.argv[1:]:
        is_same = TARGET.is_file() and TARGET.read_text(encoding="utf-8") == picture
        if not is_same:
            print("docs/packages.svg is not up to date: run `make packages`", file=sys.stderr)
        return 0 if is_same else 1
    TARGET.write_text(picture, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
