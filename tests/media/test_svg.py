"""Drawings: rendered as large as the model's videos, and nothing outside of them is looked at."""

import base64
from pathlib import Path

import pytest
from PIL import Image

from kling_desktop.domain.catalog import MODELS
from kling_desktop.media.images import ImageFault, RefusedPicture, inspect
from kling_desktop.media.preparing import load_small, prepare
from kling_desktop.media.svg_shape import choose_canvas, measure_svg

_NAMES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
_RED = '<rect width="100%" height="100%" fill="#f00"/>'


def _write(folder: Path, attributes: str, inside: str = _RED, before: str = "") -> Path:
    path = folder / "drawing.svg"
    path.write_text(f"{before}<svg {_NAMES} {attributes}>{inside}</svg>", encoding="utf-8")
    return path


def _render(path: Path, folder: Path) -> Image.Image:
    image = prepare(path, folder / "copies").image
    assert image is not None
    assert image.converted_from == "SVG"
    with Image.open(image.path) as opened:
        return opened.convert("RGB")


def test_a_drawing_becomes_as_large_as_the_models_videos(tmp_path: Path) -> None:
    path = _write(tmp_path, 'viewBox="0 0 16 9"')
    side = max(max(size.width, size.height) for size in MODELS[0].dimensions)
    picture = _render(path, tmp_path)
    assert picture.size == (side, round(side * 9 / 16))
    assert picture.getpixel((5, 5)) == (255, 0, 0)
    small = load_small(path, 160)
    assert (small.width, small.height) == (160, 90)


@pytest.mark.parametrize(
    ("attributes", "shape"),
    [
        ('width="200" height="100"', 2.0),
        ('width="20mm" height="1cm"', 2.0),
        ('width="99999999" height="99999999"', 1.0),
        ('width="100%" viewBox="0,0 300 100"', 3.0),
        ("", 2.0),
        ('width="-5" height="1e999" viewBox="a b c d"', 2.0),
    ],
)
def test_the_shape_is_read_from_the_root(tmp_path: Path, attributes: str, shape: float) -> None:
    width, height = measure_svg(_write(tmp_path, attributes))
    assert width / height == pytest.approx(shape)
    check = inspect(tmp_path / "drawing.svg")
    assert max(check.image.width, check.image.height) <= MODELS[0].input_image.max_side_px
    assert check.problems == ()


def test_a_thin_drawing_is_long_and_no_more_than_the_limit() -> None:
    limits = MODELS[0].input_image
    canvas = choose_canvas((1000.0, 1.0), MODELS[0])
    assert (canvas.width, canvas.height) == (limits.max_side_px, 2)


def test_files_outside_are_never_drawn(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    Image.new("RGB", (50, 50), (0, 0, 255)).save(secret)
    nested = base64.b64encode(
        f'<svg {_NAMES} width="9" height="9"><image xlink:href="{secret}" width="9" height="9"/>'
        "</svg>".encode()
    ).decode()
    references = (secret, secret.as_uri(), secret.name, f"data:image/png;base64,{nested}")
    for reference in references:
        for attribute in ("xlink:href", "href"):
            image = f'<image {attribute}="{reference}" width="90" height="90"/>'
            picture = _render(_write(tmp_path, 'width="90" height="90"', _RED + image), tmp_path)
            assert picture.getpixel((20, 20)) == (255, 0, 0), reference


def test_pixels_that_a_drawing_carries_are_drawn(tmp_path: Path) -> None:
    Image.new("RGB", (50, 50), (0, 0, 255)).save(tmp_path / "blue.png")
    data = base64.b64encode((tmp_path / "blue.png").read_bytes()).decode()
    image = f'<image xlink:href="data:image/png;base64,{data}" width="90" height="90"/>'
    picture = _render(_write(tmp_path, 'width="90" height="90"', _RED + image), tmp_path)
    assert picture.getpixel((20, 20)) == (0, 0, 255)


def test_an_entity_that_names_a_file_shows_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("#0000ff", encoding="utf-8")
    before = f'<!DOCTYPE svg [<!ENTITY x SYSTEM "{tmp_path}/secret.txt">]>'
    path = _write(tmp_path, 'width="9" height="9"', f"{_RED}<text>&x;</text>", before)
    with pytest.raises(RefusedPicture) as caught:  # an entity that is not read is none
        prepare(path, tmp_path / "copies")
    assert caught.value.kind is ImageFault.UNUSUAL


def test_entities_that_multiply_are_refused(tmp_path: Path) -> None:
    levels = "".join(
        f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' if level else '<!ENTITY a0 "xxxxxxxxxx">'
        for level in range(10)
    )
    path = _write(tmp_path, 'width="9" height="9"', "<text>&a9;</text>", f"<!DOCTYPE s [{levels}]>")
    with pytest.raises(RefusedPicture) as caught:
        prepare(path, tmp_path / "copies")
    assert caught.value.kind is ImageFault.UNUSUAL


def test_a_drawing_that_contains_itself_is_refused(tmp_path: Path) -> None:
    inside = '<g id="a"><use xlink:href="#a"/></g>'
    with pytest.raises(RefusedPicture) as caught:
        prepare(_write(tmp_path, 'width="90" height="90"', inside), tmp_path / "copies")
    assert caught.value.kind is ImageFault.UNUSUAL


@pytest.mark.parametrize(
    "inside",
    [
        '<pattern id="p" width="1" height="1"><rect fill="url(#p)"/></pattern>',
        '<script>while(true){}</script><style>@import url("file:///etc/hosts")</style>',
        '<text font-size="9999999">words</text>',
    ],
)
def test_a_drawing_with_scripts_or_absurd_measures_ends(tmp_path: Path, inside: str) -> None:
    path = _write(tmp_path, 'width="90" height="90"', _RED + inside)
    assert _render(path, tmp_path).getpixel((1, 1)) == (255, 0, 0)
