"""The same colours from every decoder: with and without a note, in 8 and 10 bits, in HDR."""

from pathlib import Path

import pytest
from PIL import Image

from kling_desktop.media.frame_colours import choose_matrix
from kling_desktop.media.video_file import last_frame, poster, read_frame, strip
from tests.media.videos import make_colour_video, make_uneven_video, read_number

_RED = (200, 30, 30)


def _is_near(image: Image.Image, wanted: tuple[int, int, int] = _RED, by: int = 5) -> bool:
    found = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
    assert isinstance(found, tuple)
    return all(abs(a - b) <= by for a, b in zip(found, wanted, strict=True))


@pytest.mark.parametrize(
    ("size", "matrix", "noted", "deep", "full_range"),
    [
        ((1280, 720), 1, None, False, False),
        ((720, 1280), 1, None, False, False),
        ((1280, 720), 1, None, True, False),
        ((640, 360), 5, None, False, False),
        ((640, 360), 1, 1, False, False),
        ((1280, 720), 5, 5, False, False),
        ((1280, 720), 1, 1, False, True),
    ],
)
def test_a_colour_comes_out_as_it_went_in(
    tmp_path: Path,
    size: tuple[int, int],
    matrix: int,
    noted: int | None,
    deep: bool,
    full_range: bool,
) -> None:
    path = make_colour_video(
        tmp_path / "a.mp4", _RED, size, matrix=matrix, noted=noted, deep=deep, full_range=full_range
    )
    assert _is_near(read_frame(path, 2))
    assert _is_near(poster(path, 160))
    assert _is_near(strip(path, width=80))
    with Image.open(last_frame(path, tmp_path / "last.png")) as image:
        assert _is_near(image)


def test_five_extends_keep_the_colours(tmp_path: Path) -> None:
    """Each takes the last frame of the one before and makes HD without a note of it."""
    colour = _RED
    for number in range(5):
        path = make_colour_video(tmp_path / f"{number}.mp4", colour, matrix=1)
        with Image.open(last_frame(path, tmp_path / f"{number}.png")) as image:
            found = image.convert("RGB").getpixel((100, 100))
        assert isinstance(found, tuple)
        colour = (int(found[0]), int(found[1]), int(found[2]))
    assert all(abs(a - b) <= 8 for a, b in zip(colour, _RED, strict=True)), colour


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_is_brought_down_to_what_a_screen_shows(tmp_path: Path, transfer: int) -> None:
    """The code of white paper (58 % in PQ, 75 % in HLG) is bright and not yet white."""
    paper = 148 if transfer == 16 else 191
    greys: list[int] = []
    for name, code in (("dark", paper // 2), ("paper", paper), ("light", 230)):
        path = make_colour_video(
            tmp_path / f"{name}.mp4",
            (code, code, code),
            matrix=9,
            noted=9,
            deep=True,
            transfer=transfer,
        )
        found = read_frame(path, 1).getpixel((100, 100))
        assert isinstance(found, tuple)
        assert max(found) - min(found) <= 6, found
        greys.append(int(found[1]))
    assert greys[0] < greys[1] - 40
    assert 200 <= greys[1] <= 245
    assert greys[2] >= greys[1] + 5


@pytest.mark.parametrize(
    ("colorspace", "height", "matrix"), [(2, 576, 5), (2, 577, 1), (5, 1080, 5), (9, 720, 9)]
)
def test_the_size_decides_where_the_file_does_not(
    colorspace: int, height: int, matrix: int
) -> None:
    assert choose_matrix(colorspace, height) == matrix


@pytest.mark.parametrize("index", [0, 10, 30, 59, 60, 70, 80, 90, 99, 500])
def test_frame_n_is_frame_n_whatever_the_rate(tmp_path: Path, index: int) -> None:
    path = make_uneven_video(tmp_path / "a.mp4")
    assert read_number(read_frame(path, index)) == min(index, 99)
