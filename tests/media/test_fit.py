"""The repair as data: exact sizes, and never a result that still does not fit."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_desktop.domain.catalog import IMAGE_LIMITS, Dimensions
from kling_desktop.domain.draft import ImageInput
from kling_desktop.media.fit import Box, FixKind, crop_to_aspect, fit_size, plan_crop, plan_fix


def _image(width: int, height: int, size_bytes: int = 1000) -> ImageInput:
    return ImageInput(
        path=Path("a.png"),
        name="a.png",
        format="png",
        width=width,
        height=height,
        size_bytes=size_bytes,
    )


@pytest.mark.parametrize(
    ("size", "kind", "result"),
    [
        ((4096, 2304), FixKind.RESIZE, (2048, 1152)),
        ((2304, 4096), FixKind.RESIZE, (1152, 2048)),
        ((2049, 2049), FixKind.RESIZE, (2048, 2048)),
        ((280, 410), FixKind.ENLARGE, (300, 439)),
        ((299, 300), FixKind.ENLARGE, (300, 301)),
        ((1, 1), FixKind.ENLARGE, (300, 300)),
        ((6000, 400), FixKind.CROP, (2048, 300)),
        ((100, 1000), FixKind.CROP, (300, 2046)),
    ],
)
def test_the_table_of_repairs(
    size: tuple[int, int], kind: FixKind, result: tuple[int, int]
) -> None:
    fix = plan_fix(_image(*size))
    assert fix is not None
    assert (fix.kind, fix.width, fix.height) == (kind, *result)
    assert (fix.box is not None) is (kind is FixKind.CROP)


@pytest.mark.parametrize("size", [(300, 300), (2048, 300), (2048, 2048), (640, 360)])
def test_what_fits_is_left_alone(size: tuple[int, int]) -> None:
    assert plan_fix(_image(*size, size_bytes=IMAGE_LIMITS.max_size_bytes)) is None


def test_only_too_heavy_keeps_its_size() -> None:
    fix = plan_fix(_image(2000, 1000, IMAGE_LIMITS.max_size_bytes + 1))
    assert fix is not None
    assert (fix.kind, fix.width, fix.height) == (FixKind.RECOMPRESS, 2000, 1000)


@given(st.integers(1, 40_000), st.integers(1, 40_000))
def test_every_repair_fits_the_limits_and_keeps_the_shape(width: int, height: int) -> None:
    fix = plan_fix(_image(width, height))
    if fix is None:
        return
    assert min(fix.width, fix.height) >= IMAGE_LIMITS.min_side_px
    assert max(fix.width, fix.height) <= IMAGE_LIMITS.max_side_px
    part = fix.box or Box(0, 0, width, height)
    assert 0 <= part.left < part.right <= width
    assert 0 <= part.top < part.bottom <= height
    scale = fix.width / part.width
    assert abs(part.height * scale - fix.height) <= max(1.0, scale)


@given(st.integers(1, 5000), st.integers(1, 5000), st.sampled_from([(16, 9), (1, 1), (9, 16)]))
def test_a_crop_to_a_shape_is_the_largest_inside(
    width: int, height: int, shape: tuple[int, int]
) -> None:
    box = crop_to_aspect(width, height, Dimensions(*shape))
    assert 0 <= box.left < box.right <= width
    assert 0 <= box.top < box.bottom <= height
    assert box.width == width or box.height == height
    if min(box.width, box.height) > 50:
        assert box.width / box.height == pytest.approx(shape[0] / shape[1], rel=0.03)


def test_the_size_of_a_crop_is_known_while_it_is_dragged() -> None:
    assert plan_crop(Box(10, 10, 810, 460)).width == 800
    small = plan_crop(Box(0, 0, 160, 90))
    assert (small.width, small.height) == (533, 300)


def test_a_size_inside_the_limits_stays() -> None:
    assert fit_size(Dimensions(1280, 720)) == Dimensions(1280, 720)
