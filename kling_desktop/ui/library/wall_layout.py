"""Where every tile of the wall stands: justified rows inside day sections; knows no Qt."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

NARROWEST, WIDEST = 0.25, 4.0
"""A tile's shape is held between these; a more extreme picture is fitted inside its tile whole."""
LAST_ROW_STRETCH = 1.15
"""A section's last row may grow this much over the target to fill the width, never more."""


@dataclass(frozen=True, slots=True)
class WallMetrics:
    """The measures of a wall, in device-independent pixels.

    Attributes:
        width: Of the view, margins included.
        target: The height that rows come close to.
        gap: Between tiles, and between rows.
        margin: Left and right of the rows.
        header: Height of a section's title line.
        section_gap: Between a section and the title line of the next.
        bottom: Under the last row.
        caption: Height of the line under each tile that has its name; 0 for none.
    """

    width: int
    target: int
    gap: int = 8
    margin: int = 16
    header: int = 40
    section_gap: int = 4
    bottom: int = 16
    caption: int = 0


@dataclass(frozen=True, slots=True)
class TileRect:
    """A tile's place on the wall's whole surface, in pixels."""

    x: int
    y: int
    width: int
    height: int


class WallLayout:
    """The places of all tiles for one width; made anew at a change, asked by binary search.

    Only rows are kept, three numbers each: a tile's own place is worked out when it is asked for,
    so that a hundred thousand clips cost a pass over their shapes and no objects.
    """

    def __init__(
        self, aspects: Sequence[float], section_sizes: Sequence[int], metrics: WallMetrics
    ) -> None:
        """Lay tiles out in order.

        Args:
            aspects: Width by height of each tile.
            section_sizes: How many tiles each section takes; together all of them.
            metrics: The measures; a small header gives a wall without titles.
        """
        self.metrics = metrics
        self._aspects = array("d", [min(max(a, NARROWEST), WIDEST) for a in aspects])
        self._row_first = array("l")
        self._row_top = array("l")
        self._row_height = array("d")
        self._section_first = array("l")
        self._section_top = array("l")
        self.height = self._lay_out(section_sizes)

    def __len__(self) -> int:
        return len(self._aspects)

    def _lay_out(self, section_sizes: Sequence[int]) -> int:
        """Fill the arrays; returns the height of the whole surface."""
        metrics = self.metrics
        first, top = 0, 0
        for number, size in enumerate(section_sizes):
            top += metrics.section_gap if number else 0
            self._section_first.append(first)
            self._section_top.append(top)
            top = self._lay_section(first, first + size, top + metrics.header)
            first += size
        return top + metrics.bottom if first else 0

    def _lay_section(self, first: int, end: int, top: int) -> int:
        """Break one section into rows; returns where its last row ends."""
        inner = max(1, self.metrics.width - 2 * self.metrics.margin)
        gap, target = self.metrics.gap, self.metrics.target
        start, total, room = first, 0.0, float(inner)
        for index, aspect in enumerate(self._aspects[first:end], first):
            grown = total + aspect
            with_it = room / grown
            # Rows only get lower: while one is still over the target, a further tile helps.
            if with_it < target and index > start:
                left_alone = (room + gap) / total
                if target - with_it > abs(left_alone - target):
                    top = self._add_row(start, top, left_alone) + gap
                    start, grown, room = index, aspect, float(inner)
            total = grown
            room -= gap
        if start < end:
            full = (inner - gap * (end - start - 1)) / total
            height = full if full < LAST_ROW_STRETCH * target else float(target)
            top = self._add_row(start, top, height)
        return top

    def _add_row(self, first: int, top: int, height: float) -> int:
        height = max(1.0, height)
        self._row_first.append(first)
        self._row_top.append(top)
        self._row_height.append(height)
        return top + round(height) + self.metrics.caption

    def _row_bottom(self, row: int) -> int:
        """Where a row ends, its captions included."""
        return self._row_top[row] + round(self._row_height[row]) + self.metrics.caption

    def rect(self, index: int) -> TileRect:
        """Return the place of a tile without its caption; `IndexError` when there is none."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        return next(self._rects(self.row_of(index), index))

    def row_of(self, index: int) -> int:
        return bisect_right(self._row_first, index) - 1

    def row_range(self, row: int) -> range:
        """Return the tiles of a row."""
        end = self._row_first[row + 1] if row + 1 < len(self._row_first) else len(self)
        return range(self._row_first[row], end)

    def row_count(self) -> int:
        return len(self._row_first)

    def _rects(self, row: int, start: int) -> Iterator[TileRect]:
        """Yield the places of a row's tiles from `start` on."""
        height, top = self._row_height[row], self._row_top[row]
        tiles = self.row_range(row)
        before = sum(self._aspects[tiles.start : start])
        for index in range(start, tiles.stop):
            shift = self.metrics.margin + (index - tiles.start) * self.metrics.gap
            # Edges are rounded, not widths: a full row then ends on the margin to the pixel.
            left = round(shift + before * height)
            before += self._aspects[index]
            right = round(shift + before * height)
            yield TileRect(left, top, max(1, right - left), round(height))

    def index_at(self, x: int, y: int) -> int | None:
        """Return the tile under a point of the surface."""
        row = bisect_right(self._row_top, y) - 1
        if row < 0 or y >= self._row_bottom(row):
            return None
        tiles = self.row_range(row)
        for index, rect in zip(tiles, self._rects(row, tiles.start), strict=True):
            if rect.x <= x < rect.x + rect.width:
                return index
        return None

    def tiles_between(self, top: int, bottom: int) -> range:
        """Return the tiles of all rows that touch a band of the surface."""
        first = bisect_right(self._row_top, top) - 1
        if first < 0 or self._row_bottom(first) <= top:
            first += 1
        last = bisect_left(self._row_top, bottom) - 1
        if first > last:
            return range(0)
        return range(self._row_first[first], self.row_range(last).stop)

    def tiles_touching(self, x: int, y: int, width: int, height: int) -> list[int]:
        """Return the tiles that a rectangle of the surface touches: the rubber band."""
        found: list[int] = []
        band = self.tiles_between(y, y + height)
        if not band:
            return found
        for row in range(self.row_of(band.start), self.row_of(band.stop - 1) + 1):
            tiles = self.row_range(row)
            for index, rect in zip(tiles, self._rects(row, tiles.start), strict=True):
                if rect.x < x + width and x < rect.x + rect.width:
                    found.append(index)
        return found

    def headers_between(self, top: int, bottom: int) -> list[tuple[int, int]]:
        """Return (section, its top) for the title lines that touch a band of the surface."""
        first = max(0, bisect_right(self._section_top, top - self.metrics.header))
        last = bisect_left(self._section_top, bottom)
        return [(section, self._section_top[section]) for section in range(first, last)]

    def section_of(self, index: int) -> int:
        return bisect_right(self._section_first, index) - 1

    def step_rows(self, index: int, rows: int) -> int:
        """Return the tile `rows` rows down (negative: up) whose centre is nearest."""
        if not self.row_count():
            return -1
        row = min(max(self.row_of(index) + rows, 0), self.row_count() - 1)
        if row == self.row_of(index):
            return index
        rect = self.rect(index)
        centre = rect.x + rect.width / 2
        tiles = self.row_range(row)
        places = zip(tiles, self._rects(row, tiles.start), strict=True)
        return min(places, key=lambda pair: abs(pair[1].x + pair[1].width / 2 - centre))[0]

    def step_page(self, index: int, height: int) -> int:
        """Return the tile about `height` pixels further down (negative: up), nearest its centre."""
        if not self.row_count():
            return -1
        row = self.row_of(index)
        wanted = bisect_right(self._row_top, self._row_top[row] + height) - 1
        rows = wanted - row
        if rows == 0:
            rows = 1 if height > 0 else -1
        return self.step_rows(index, rows)
