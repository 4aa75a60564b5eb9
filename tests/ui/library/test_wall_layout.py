import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_desktop.ui.library.wall_layout import LAST_ROW_STRETCH, TileRect, WallLayout, WallMetrics

SHAPES = st.sampled_from([16 / 9, 1.0, 9 / 16, 3 / 2, 4 / 3, 2.4])
WALLS = st.builds(
    lambda sections, width, target: (sections, WallMetrics(width=width, target=target)),
    st.lists(st.lists(SHAPES, min_size=1, max_size=30), min_size=0, max_size=5),
    st.integers(420, 2200),
    st.integers(96, 280),
)


def build(sections: list[list[float]], metrics: WallMetrics) -> WallLayout:
    return WallLayout([a for s in sections for a in s], [len(s) for s in sections], metrics)


def rows_of(layout: WallLayout) -> list[list[TileRect]]:
    rows = range(layout.row_count())
    return [[layout.rect(i) for i in layout.row_range(row)] for row in rows]


@given(WALLS)
def test_tiles_keep_order_and_never_overlap(wall: tuple[list[list[float]], WallMetrics]) -> None:
    layout = build(*wall)
    rows = rows_of(layout)
    for row in rows:
        for left, right in pairwise(row):
            assert right.x - (left.x + left.width) in (7, 8, 9)
            assert (left.y, left.height) == (right.y, right.height)
    for above, below in pairwise(rows):
        assert below[0].y >= above[0].y + above[0].height + 8


@given(WALLS)
def test_rows_end_on_the_margin_and_stay_near_the_target(
    wall: tuple[list[list[float]], WallMetrics],
) -> None:
    sections, metrics = wall
    layout = build(sections, metrics)
    lasts = set()
    count = 0
    for section in sections:
        count += len(section)
        lasts.add(count - 1)
    for row in range(layout.row_count()):
        tiles = layout.row_range(row)
        end = layout.rect(tiles[-1])
        right = end.x + end.width
        if tiles[-1] in lasts:
            assert end.height <= metrics.target * LAST_ROW_STRETCH + 1
            assert right <= metrics.width - metrics.margin + 1
        else:
            assert right == metrics.width - metrics.margin


@given(WALLS)
def test_each_tile_keeps_its_shape(wall: tuple[list[list[float]], WallMetrics]) -> None:
    sections, metrics = wall
    layout = build(sections, metrics)
    for index, aspect in enumerate(a for section in sections for a in section):
        rect = layout.rect(index)
        assert rect.width == pytest.approx(aspect * rect.height, abs=aspect + 1.5)


@given(WALLS)
def test_what_is_under_a_point_is_what_was_put_there(
    wall: tuple[list[list[float]], WallMetrics],
) -> None:
    layout = build(*wall)
    for index in range(len(layout)):
        rect = layout.rect(index)
        assert layout.index_at(rect.x + rect.width // 2, rect.y + rect.height // 2) == index
        assert layout.index_at(rect.x, rect.y) == index
        assert layout.index_at(rect.x + rect.width // 2, rect.y - 1) is None


@given(WALLS, st.integers(0, 3000), st.integers(1, 1500))
def test_the_tiles_in_view_are_those_that_touch_it(
    wall: tuple[list[list[float]], WallMetrics], top: int, height: int
) -> None:
    layout = build(*wall)
    touching = [
        i
        for i in range(len(layout))
        if (r := layout.rect(i)).y < top + height and r.y + r.height > top
    ]
    assert list(layout.tiles_between(top, top + height)) == touching
    assert layout.tiles_touching(0, top, layout.metrics.width, height) == touching


def test_a_row_closes_where_the_next_tile_would_move_it_further_from_the_target() -> None:
    metrics = WallMetrics(width=1032, target=150)
    layout = WallLayout([16 / 9] * 5, [5], metrics)
    # Three of them are 185 high, four 136: 136 is nearer to 150.
    assert [len(layout.row_range(r)) for r in range(layout.row_count())] == [4, 1]
    assert layout.rect(4).height == 150


def test_a_short_last_row_keeps_the_target_height() -> None:
    layout = WallLayout([1.0], [1], WallMetrics(width=1000, target=148))
    assert (layout.rect(0).width, layout.rect(0).height) == (148, 148)


def test_sections_begin_with_a_title_line() -> None:
    layout = WallLayout([1.0] * 4, [2, 2], WallMetrics(width=400, target=148))
    (first, top), (second, next_top) = layout.headers_between(0, 5000)
    assert (first, top, second) == (0, 0, 1)
    assert layout.rect(0).y == 40
    assert layout.rect(2).y == next_top + 40
    assert next_top == layout.rect(1).y + layout.rect(1).height + 4
    assert layout.headers_between(next_top + 1, next_top + 2) == [(1, next_top)]


def test_down_and_up_go_to_the_nearest_centre() -> None:
    layout = WallLayout([16 / 9, 16 / 9, 1.0, 16 / 9, 1.0, 1.0, 16 / 9], [7], WallMetrics(700, 148))
    for index in range(len(layout)):
        down = layout.step_rows(index, 1)
        here, there = layout.rect(index), layout.rect(down)
        if layout.row_of(index) == layout.row_count() - 1:
            assert down == index
            continue
        centre = here.x + here.width / 2
        others = [layout.rect(i) for i in layout.row_range(layout.row_of(down))]
        nearest = min(abs(r.x + r.width / 2 - centre) for r in others)
        assert abs(there.x + there.width / 2 - centre) == nearest


def test_a_page_moves_at_least_one_row() -> None:
    layout = WallLayout([1.0] * 60, [60], WallMetrics(width=500, target=280))
    assert layout.row_of(layout.step_page(0, 100)) == 1
    assert layout.row_of(layout.step_page(59, -100)) == layout.row_count() - 2
    assert layout.row_of(layout.step_page(0, 900)) >= 2


def test_an_empty_wall_has_no_height() -> None:
    layout = WallLayout([], [], WallMetrics(width=500, target=148))
    assert layout.height == 0
    assert layout.index_at(10, 10) is None
    assert list(layout.tiles_between(0, 100)) == []
    with pytest.raises(IndexError):
        layout.rect(0)


def test_a_hundred_thousand_clips_cost_little_more_each_than_a_thousand() -> None:
    shapes = [16 / 9, 1.0, 9 / 16, 16 / 9]

    def seconds(count: int) -> float:
        best = 9.0
        for _ in range(3):
            start = time.thread_time()
            WallLayout(shapes * (count // 4), [20] * (count // 20), WallMetrics(1200, 148))
            best = min(best, time.thread_time() - start)
        return best / count

    assert seconds(100_000) < 4 * seconds(1_000)


def test_looking_up_a_tile_does_not_grow_with_the_library() -> None:
    shapes = [16 / 9, 1.0, 9 / 16, 16 / 9]

    def seconds(count: int) -> float:
        layout = WallLayout(shapes * (count // 4), [20] * (count // 20), WallMetrics(1200, 148))
        best = 9.0
        for _ in range(3):
            start = time.thread_time()
            for step in range(500):
                y = (step * 7919) % layout.height
                layout.index_at(600, y)
                layout.tiles_between(y, y + 900)
            best = min(best, time.thread_time() - start)
        return best

    assert seconds(100_000) < 5 * seconds(1_000)


def test_names_under_tiles_take_a_line_under_each_row() -> None:
    plain = WallLayout([1.0] * 9, [9], WallMetrics(width=400, target=100))
    named = WallLayout([1.0] * 9, [9], WallMetrics(width=400, target=100, caption=20))
    rows = plain.row_count()
    assert named.row_count() == rows > 1
    assert named.height == plain.height + 20 * rows
    first = named.rect(0)
    assert (first.width, first.height) == (plain.rect(0).width, plain.rect(0).height)
    assert named.index_at(first.x + 5, first.y + first.height + 10) == 0, "the name is the clip's"
    assert named.index_at(first.x + 5, first.y + first.height + 20) is None
    below = first.y + first.height
    assert 0 in named.tiles_between(below + 1, below + 10), "it is painted while its name is seen"
