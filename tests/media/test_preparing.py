"""From a dropped file to what is sent: silent copies, offered repairs, untouched originals."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from kling_desktop.domain.catalog import MODELS, Dimensions
from kling_desktop.domain.errors import DamagedValue, LibraryUnavailable
from kling_desktop.domain.problems import Field
from kling_desktop.domain.validation import find_image_problems
from kling_desktop.media.fit import Box, Fix, FixKind, crop_to_aspect
from kling_desktop.media.images import Conversion, ImageFault, RefusedPicture
from kling_desktop.media.preparing import PreparedPicture, apply_fix, convert, crop, prepare
from kling_desktop.media.rendering import encode_jpeg
from tests.media import pictures


def _colour(path: Path, x: float, y: float) -> tuple[int, ...]:
    with Image.open(path) as image:
        value = image.convert("RGB").getpixel((int(image.width * x), int(image.height * y)))
    assert isinstance(value, tuple)
    return value


def _near(colour: tuple[int, ...], wanted: tuple[int, ...], by: int = 12) -> bool:
    return all(abs(a - b) <= by for a, b in zip(colour, wanted, strict=True))


def _get_fix(prepared: PreparedPicture) -> Fix:
    assert prepared.image is None
    assert prepared.fix is not None
    return prepared.fix


def test_a_good_picture_is_sent_as_it_is_and_nothing_is_written(tmp_path: Path) -> None:
    path = pictures.save(tmp_path / "a.jpg")
    prepared = prepare(path, tmp_path / "copies")
    assert prepared.image == prepared.check.image
    assert prepared.notes == ()
    assert not (tmp_path / "copies").exists()


@pytest.mark.parametrize("name", ["a.tif", "a.bmp", "a.gif"])
def test_lossless_formats_become_png_in_their_own_size(tmp_path: Path, name: str) -> None:
    path = pictures.save(tmp_path / name, (400, 300))
    before = path.read_bytes()
    image = prepare(path, tmp_path / "copies").image
    assert image is not None
    assert (image.format, image.width, image.height) == ("png", 400, 300)
    assert image.name == name
    assert image.sha256 == hashlib.sha256(image.path.read_bytes()).hexdigest()
    assert image.path.name == f"{image.sha256}.png"
    assert image.converted_from
    assert find_image_problems(image, MODELS[0], Field.FIRST_FRAME) == ()
    assert _near(_colour(image.path, 0.1, 0.1), (255, 0, 0))
    assert path.read_bytes() == before
    assert [file.name for file in (tmp_path / "copies").iterdir()] == [image.path.name]


@pytest.mark.parametrize("name", ["a.avif", "a.jp2"])
def test_other_formats_become_jpeg(tmp_path: Path, name: str) -> None:
    image = convert(pictures.save(tmp_path / name, (400, 300)), tmp_path / "copies")
    assert (image.format, image.width, image.height) == ("jpeg", 400, 300)
    assert _near(_colour(image.path, 0.1, 0.1), (255, 0, 0), by=25)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
@pytest.mark.parametrize(
    ("orientation", "corner"),
    [
        (2, (0.9, 0.1)),
        (3, (0.9, 0.9)),
        (4, (0.1, 0.9)),
        (5, (0.1, 0.1)),
        (6, (0.9, 0.1)),
        (8, (0.1, 0.9)),
    ],
)
def test_turned_pictures_are_turned_in_their_pixels(
    tmp_path: Path, suffix: str, orientation: int, corner: tuple[float, float]
) -> None:
    path = pictures.save_turned(tmp_path / f"a{suffix}", orientation)
    prepared = prepare(path, tmp_path / "copies")
    assert prepared.image is not None
    assert prepared.notes == (Conversion.TURNED,)
    assert _near(_colour(prepared.image.path, *corner), (255, 0, 0), by=25)
    with Image.open(prepared.image.path) as image:
        assert image.size == (prepared.check.image.width, prepared.check.image.height)
        assert image.getexif().get(0x0112, 1) == 1


def test_cmyk_becomes_screen_colours(tmp_path: Path) -> None:
    Image.new("CMYK", (400, 300), (0, 255, 255, 0)).save(tmp_path / "a.jpg")
    image = prepare(tmp_path / "a.jpg", tmp_path / "copies").image
    assert image is not None
    assert image.converted_from == "CMYK JPEG"
    with Image.open(image.path) as opened:
        assert opened.mode == "RGB"
    assert _near(_colour(image.path, 0.5, 0.5), (255, 0, 0), by=40)


def test_a_profile_of_its_own_is_brought_to_srgb(tmp_path: Path) -> None:
    # Little CMS knows three profiles by name; XYZ numbers are surely not sRGB's.
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    plain = profile.tobytes()
    swapped = bytearray(plain)
    red, green = swapped.index(b"rXYZ"), swapped.index(b"gXYZ")
    swapped[red : red + 4], swapped[green : green + 4] = b"gXYZ", b"rXYZ"
    at = swapped.index("sRGB".encode("utf-16-be"))
    swapped[at : at + 8] = "Swap".encode("utf-16-be")
    Image.new("RGB", (400, 300), (255, 0, 0)).save(tmp_path / "a.png", icc_profile=bytes(swapped))
    Image.new("RGB", (400, 300), (255, 0, 0)).save(tmp_path / "b.png", icc_profile=plain)
    image = prepare(tmp_path / "a.png", tmp_path / "copies").image
    assert image is not None
    assert _near(_colour(image.path, 0.5, 0.5), (0, 255, 0))
    assert prepare(tmp_path / "b.png", tmp_path / "copies").notes == ()


def test_sixteen_bits_keep_their_greys(tmp_path: Path) -> None:
    Image.new("I;16", (400, 300), 0x8080).save(tmp_path / "grey.png")
    Image.new("F", (400, 300), 0.5).save(tmp_path / "half.tif")
    pictures.save_png16(tmp_path / "colour.png")
    for name, wanted in (
        ("grey.png", (128,) * 3),
        ("half.tif", (127,) * 3),
        ("colour.png", (255, 128, 0)),
    ):
        image = prepare(tmp_path / name, tmp_path / "copies").image
        assert image is not None
        assert _near(_colour(image.path, 0.5, 0.5), wanted, by=1), name


@pytest.mark.parametrize(("suffix", "count"), [(".gif", 6), (".webp", 5), (".png", 7)])
def test_the_first_picture_of_several_is_used(tmp_path: Path, suffix: str, count: int) -> None:
    prepared = prepare(pictures.save_animation(tmp_path / f"a{suffix}", count), tmp_path / "copies")
    assert prepared.image is not None
    assert prepared.check.frames == count
    assert Conversion.FIRST_OF_SEVERAL in prepared.notes
    assert _near(_colour(prepared.image.path, 0.1, 0.1), (255, 0, 0), by=40)


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_transparent_parts_take_the_chosen_colour(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    Image.new("RGBA", (400, 300), (10, 20, 30, 0)).save(path)
    white = prepare(path, tmp_path / "copies")
    blue = prepare(path, tmp_path / "copies", background=(0, 0, 255))
    assert white.image is not None
    assert blue.image is not None
    assert Conversion.TRANSPARENT in white.notes
    assert _near(_colour(white.image.path, 0.5, 0.5), (255, 255, 255))
    assert _near(_colour(blue.image.path, 0.5, 0.5), (0, 0, 255))


def test_a_palette_with_a_transparent_colour_is_laid_on_white(tmp_path: Path) -> None:
    image = Image.new("P", (400, 300), 0)
    image.putpalette([200, 0, 0, 0, 200, 0])
    image.save(tmp_path / "a.png", transparency=0)
    prepared = prepare(tmp_path / "a.png", tmp_path / "copies")
    assert prepared.image is not None
    assert prepared.notes == (Conversion.TRANSPARENT,)
    assert _near(_colour(prepared.image.path, 0.5, 0.5), (255, 255, 255))


def test_an_alpha_channel_without_holes_changes_nothing(tmp_path: Path) -> None:
    prepared = prepare(pictures.save(tmp_path / "a.png", mode="RGBA"), tmp_path / "copies")
    assert prepared.image == prepared.check.image
    assert prepared.notes == ()


@pytest.mark.parametrize(
    ("size", "kind"),
    [((3000, 1500), FixKind.RESIZE), ((280, 410), FixKind.ENLARGE), ((3000, 200), FixKind.CROP)],
)
def test_a_repair_is_offered_and_comes_out_exactly_as_promised(
    tmp_path: Path, size: tuple[int, int], kind: FixKind
) -> None:
    path = pictures.save(tmp_path / "a.png", size)
    before = path.read_bytes()
    fix = _get_fix(prepare(path, tmp_path / "copies"))
    assert fix.kind is kind
    assert not (tmp_path / "copies").exists()
    image = apply_fix(path, fix, tmp_path / "copies")
    assert (image.format, image.width, image.height) == ("jpeg", fix.width, fix.height)
    assert image.size_bytes == fix.about_bytes == image.path.stat().st_size
    with Image.open(image.path) as opened:
        assert opened.size == (fix.width, fix.height)
    assert find_image_problems(image, MODELS[0], Field.FIRST_FRAME) == ()
    assert path.read_bytes() == before


def test_a_heavy_picture_is_recompressed(tmp_path: Path) -> None:
    path = pictures.pad(pictures.save(tmp_path / "a.png"), pictures.LIMIT_BYTES + 1)
    fix = _get_fix(prepare(path, tmp_path / "copies"))
    assert fix.kind is FixKind.RECOMPRESS
    assert apply_fix(path, fix, tmp_path / "copies").size_bytes < pictures.LIMIT_BYTES


def test_a_turned_picture_that_is_too_large_is_repaired_upright(tmp_path: Path) -> None:
    path = pictures.save_turned(tmp_path / "a.jpg", 6, (4000, 2000))
    fix = _get_fix(prepare(path, tmp_path / "copies"))
    assert (fix.width, fix.height) == (1024, 2048)
    image = apply_fix(path, fix, tmp_path / "copies")
    assert _near(_colour(image.path, 0.9, 0.1), (255, 0, 0), by=25)


def test_the_highest_quality_that_fits_is_found(tmp_path: Path) -> None:
    noise = Image.merge("RGB", [Image.effect_noise((400, 400), 100) for _ in range(3)])
    best = len(encode_jpeg(noise, 10**9))
    tight = encode_jpeg(noise, best // 2)
    assert best // 3 < len(tight) <= best // 2


def test_a_crop_keeps_the_part_that_was_chosen(tmp_path: Path) -> None:
    path = pictures.save(tmp_path / "a.png", (1200, 800))
    image = crop(path, Box(0, 0, 300, 200), tmp_path / "copies")
    assert (image.width, image.height) == (450, 300)
    assert _near(_colour(image.path, 0.5, 0.5), (255, 0, 0))
    wide = crop(path, crop_to_aspect(1200, 800, Dimensions(16, 9)), tmp_path / "copies")
    assert (wide.width, wide.height) == (1200, 675)


def test_a_box_outside_is_refused(tmp_path: Path) -> None:
    path = pictures.save(tmp_path / "a.png")
    with pytest.raises(DamagedValue):
        crop(path, Box(0, 0, 641, 360), tmp_path / "copies")


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif", "a.avif"])
def test_a_picture_cut_off_is_refused_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    path = pictures.save(tmp_path / name, (900, 900))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with pytest.raises(RefusedPicture) as caught:
        prepare(path, tmp_path / "copies")
    assert caught.value.kind is ImageFault.DAMAGED
    assert not (tmp_path / "copies").exists()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "copies").write_text("in the way", encoding="utf-8")
    with pytest.raises(LibraryUnavailable):
        convert(pictures.save(tmp_path / "a.png"), tmp_path / "copies")


def test_other_limits_hold_where_a_model_has_them(tmp_path: Path) -> None:
    limits = replace(MODELS[0].input_image, max_side_px=500, max_size_bytes=20_000)
    spec = replace(MODELS[0], input_image=limits)
    path = pictures.save(tmp_path / "a.jpg", (1000, 700))
    fix = _get_fix(prepare(path, tmp_path / "copies", spec=spec))
    image = apply_fix(path, fix, tmp_path / "copies", spec=spec)
    assert (image.width, image.height) == (500, 350)
    assert image.size_bytes <= 20_000
