"""Sound pictures in odd files: turned, annotated, cut at the end, raw, or of a rarer format."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw

from kling_desktop.domain.draft import ImageInput
from kling_desktop.domain.problems import ProblemCode
from kling_desktop.media.fit import FixKind
from kling_desktop.media.images import ImageFault, RefusedPicture, inspect
from kling_desktop.media.preparing import apply_fix, load_small, prepare
from kling_desktop.wording.reasons import describe_error
from tests.media import pictures

SAMPLES = Path(__file__).parent / "samples"
_UPRIGHT = (420, 300)
_UNDO = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def _draw_circle(scale: int = 1) -> Image.Image:
    """Draw a black circle right of the middle and a red corner at the top left."""
    image = Image.new("RGB", (_UPRIGHT[0] * scale, _UPRIGHT[1] * scale), "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse([side * scale for side in (210, 90, 330, 210)], fill=(0, 0, 0))
    draw.rectangle((0, 0, 60 * scale, 40 * scale), fill=(255, 0, 0))
    return image


def _measure_circle(image: Image.Image) -> tuple[int, int]:
    """Measure what is dark in red and in green: the circle and not the corner."""
    dark = [255] * 110 + [0] * 146
    red, green = (image.convert("RGB").getchannel(name).point(dark) for name in "RG")
    box = ImageChops.multiply(green, red).getbbox()
    assert box is not None
    return box[2] - box[0], box[3] - box[1]


def _assert_upright_and_round(path: Path, size: tuple[int, int]) -> None:
    with Image.open(path) as image:
        assert image.size == size
        width, height = _measure_circle(image)
        assert abs(width - height) <= max(3, size[0] // 100), (width, height)
        corner = image.convert("RGB").getpixel((10, 10))
        assert isinstance(corner, tuple)
        assert corner[0] > 200, corner
        assert corner[1] < 80, corner


def _save_turned(folder: Path, suffix: str, orientation: int, scale: int = 1) -> Path:
    """Save the circle turned so that its EXIF orientation makes it upright again."""
    if suffix == "heic":  # nothing here can write one
        return SAMPLES / f"turned-{orientation}.heic"
    method = _UNDO[orientation]
    image = _draw_circle(scale)
    image = image if method is None else image.transpose(method)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = folder / f"turned.{suffix}"
    if suffix == "tif":
        image.save(path, tiffinfo={0x0112: orientation})
    elif suffix == "late.png":
        image.save(path)
        data = path.read_bytes()
        block = pictures.png_chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0"))
        path.write_bytes(data[:-12] + block + data[-12:])
    else:
        image.save(path, exif=exif)
    return path


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "late.png", "webp", "tif", "heic", "avif"])
def test_every_orientation_in_every_format_comes_out_upright_and_round(
    tmp_path: Path, suffix: str, orientation: int
) -> None:
    path = _save_turned(tmp_path, suffix, orientation)
    assert (inspect(path).image.width, inspect(path).image.height) == _UPRIGHT
    prepared = prepare(path, tmp_path / "copies")
    assert prepared.image is not None
    assert (prepared.image.width, prepared.image.height) == _UPRIGHT
    _assert_upright_and_round(prepared.image.path, _UPRIGHT)
    small = load_small(path, 210)
    assert (small.width, small.height) == (210, 150)


@pytest.mark.parametrize("suffix", ["jpg", "late.png", "tif"])
def test_a_turned_picture_that_is_too_large_is_made_smaller_in_its_shape(
    tmp_path: Path, suffix: str
) -> None:
    path = _save_turned(tmp_path, suffix, 6, scale=6)
    prepared = prepare(path, tmp_path / "copies")
    assert prepared.fix is not None
    assert prepared.fix.kind is FixKind.RESIZE
    assert (prepared.fix.width, prepared.fix.height) == (2048, 1463)
    image = apply_fix(path, prepared.fix, tmp_path / "copies")
    _assert_upright_and_round(image.path, (2048, 1463))


def test_what_a_conversion_cures_is_no_problem_beside_another_one(tmp_path: Path) -> None:
    check = inspect(pictures.save(tmp_path / "a.tif", (3000, 2000)))
    assert [problem.code for problem in check.problems] == [ProblemCode.IMAGE_TOO_LARGE]
    assert check.as_converted.format == "jpeg"


def _prepare(path: Path, folder: Path) -> ImageInput:
    image = prepare(path, folder / "copies").image
    assert image is not None
    return image


def _insert(png: bytes, chunk: bytes, before: bytes = b"IDAT") -> bytes:
    at = png.index(before) - 4
    return png[:at] + chunk + png[at:]


_WORKFLOW = b'{"nodes":[' + b'{"type":"sampler"},' * 90_000 + b"]}"
_ODD_PNG: dict[str, Callable[[bytes], bytes]] = {
    "packed text": lambda png: _insert(
        png, pictures.png_chunk(b"zTXt", b"workflow\0\0" + zlib.compress(_WORKFLOW))
    ),
    "packed text behind the pixels": lambda png: _insert(
        png, pictures.png_chunk(b"zTXt", b"workflow\0\0" + zlib.compress(_WORKFLOW)), b"IEND"
    ),
    "international text": lambda png: _insert(
        png, pictures.png_chunk(b"iTXt", b"workflow\0\1\0\0\0" + zlib.compress(_WORKFLOW))
    ),
    "plain text": lambda png: _insert(png, pictures.png_chunk(b"tEXt", b"workflow\0" + _WORKFLOW)),
    "profile of many megabytes": lambda png: _insert(
        png, pictures.png_chunk(b"iCCP", b"icc\0\0" + zlib.compress(bytes(6_000_000)))
    ),
    "profile that is none": lambda png: _insert(
        png, pictures.png_chunk(b"iCCP", b"icc\0\0not packed")
    ),
    "wrong checksum of a date": lambda png: _insert(
        png, pictures.png_chunk(b"tIME", bytes(7))[:-1] + b"\x01"
    ),
    "wrong checksum of a gamma": lambda png: _insert(
        png, pictures.png_chunk(b"gAMA", struct.pack(">I", 45455))[:-1] + b"\x01"
    ),
    "unknown chunk": lambda png: _insert(png, pictures.png_chunk(b"abCd", bytes(100))),
    "no end": lambda png: png[:-12],
    "half an end": lambda png: png[:-5],
    "no checksum of the pixels": lambda png: png[:-16],
    "more behind the end": lambda png: png + b"PK\x03\x04" + bytes(500),
    "a frame sequence with errors": lambda png: _insert(
        _insert(png, pictures.png_chunk(b"acTL", struct.pack(">II", 1, 0))),
        pictures.png_chunk(b"fdAT", struct.pack(">I", 7) + b"no pixels"),
        b"IEND",
    ),
}


@pytest.mark.parametrize("name", _ODD_PNG)
def test_what_is_no_picture_data_never_makes_a_png_damaged(tmp_path: Path, name: str) -> None:
    plain = pictures.save(tmp_path / "plain.png")
    odd = tmp_path / "odd.png"
    odd.write_bytes(_ODD_PNG[name](plain.read_bytes()))
    image = _prepare(odd, tmp_path)
    with Image.open(image.path) as sent, Image.open(plain) as wanted:
        assert sent.format == "PNG"
        assert sent.convert("RGB").tobytes() == wanted.tobytes()


def test_a_jpeg_without_its_end_mark_is_whole(tmp_path: Path) -> None:
    path = pictures.save(tmp_path / "a.jpg")
    path.write_bytes(path.read_bytes()[:-2])
    image = _prepare(path, tmp_path)
    assert (image.width, image.height) == (640, 360)
    with Image.open(image.path) as sent:
        sent.load()


@pytest.mark.parametrize("suffix", ["jpg", "png", "bmp", "tga", "ppm", "gif"])
def test_a_picture_of_which_a_visible_part_is_missing_is_never_sent(
    tmp_path: Path, suffix: str
) -> None:
    path = pictures.save(tmp_path / f"a.{suffix}")
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
    with pytest.raises(RefusedPicture) as caught:
        prepare(path, tmp_path / "copies")
    assert caught.value.kind in (ImageFault.DAMAGED, ImageFault.UNUSUAL)


def test_a_bitmap_with_unusual_bit_fields_is_read_by_the_second_decoder(tmp_path: Path) -> None:
    width, height, masks = 400, 300, (0x000003FF, 0x000FFC00, 0x3FF00000)
    pixel = struct.pack("<I", 0x3FF)  # ten bits a colour, red alone
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 32, 3, 0, 0, 0, 0, 0)
    header += struct.pack("<III", *masks)
    start = struct.pack("<2sIHHI", b"BM", 66 + width * height * 4, 0, 0, 66)
    (tmp_path / "a.bmp").write_bytes(start + header + pixel * (width * height))
    image = _prepare(tmp_path / "a.bmp", tmp_path)
    with Image.open(image.path) as sent:
        assert sent.convert("RGB").getpixel((200, 150)) == (255, 0, 0)
        assert sent.size == (400, 300)


@pytest.mark.parametrize(
    ("name", "options"),
    [("a.tga", {}), ("a.tga", {"compression": "tga_rle"}), ("a.ppm", {}), ("a.qoi", {})],
)
def test_rarer_formats_become_png(tmp_path: Path, name: str, options: dict[str, object]) -> None:
    path = tmp_path / name
    pictures.gradient((400, 300)).save(path, **options)  # pyright: ignore[reportArgumentType]
    image = _prepare(path, tmp_path)
    assert image.format == "png"
    assert image.converted_from
    with Image.open(image.path) as sent:
        wanted = pictures.gradient((400, 300))
        assert sent.convert("RGB").tobytes() == wanted.tobytes()


@pytest.mark.parametrize("mode", ["L", "1"])
def test_grey_and_black_and_white_maps_are_pictures(tmp_path: Path, mode: str) -> None:
    path = pictures.save(tmp_path / "a.pgm", (400, 300), mode)
    assert _prepare(path, tmp_path).format == "png"


def test_the_largest_picture_of_an_icon_is_used(tmp_path: Path) -> None:
    pictures.gradient((256, 256)).save(tmp_path / "a.ico", sizes=[(16, 16), (256, 256)])
    check = inspect(tmp_path / "a.ico")
    assert (check.image.width, check.image.height) == (256, 256)


def test_the_layers_of_a_psd_are_flattened(tmp_path: Path) -> None:
    (tmp_path / "a.psd").write_bytes(pictures.psd(pictures.gradient((400, 300))))
    image = _prepare(tmp_path / "a.psd", tmp_path)
    with Image.open(image.path) as sent:
        assert sent.convert("RGB").tobytes() == pictures.gradient((400, 300)).tobytes()


def test_a_phones_heic_becomes_jpeg(tmp_path: Path) -> None:
    image = _prepare(SAMPLES / "turned-1.heic", tmp_path)
    assert image.format == "jpeg"
    assert image.converted_from == "HEIC"


@pytest.mark.parametrize(
    ("make", "dng", "word"), [(b"Acme\0", True, "DNG"), (b"NIKON CORP\0", False, "NEF")]
)
def test_a_camera_raw_is_refused_by_name_and_its_thumbnail_is_never_sent(
    tmp_path: Path, make: bytes, dng: bool, word: str
) -> None:
    path = tmp_path / "camera.tif"
    path.write_bytes(pictures.camera_raw(make=make, dng=dng))
    with Image.open(path) as thumbnail:  # Pillow alone would take it for a small TIFF
        assert thumbnail.size == (160, 120)
    with pytest.raises(RefusedPicture) as caught:
        inspect(path)
    assert caught.value.kind is ImageFault.CAMERA_RAW
    assert word in describe_error(caught.value)


def test_a_tiff_with_a_smaller_version_inside_is_no_camera_raw(tmp_path: Path) -> None:
    pages = [pictures.gradient((400, 300)), pictures.gradient((40, 30))]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    assert _prepare(tmp_path / "a.tif", tmp_path).format == "png"


def test_a_picture_of_pixels_that_differ_from_its_header_keeps_the_shape_of_its_pixels(
    tmp_path: Path,
) -> None:
    buffer = io.BytesIO()
    _draw_circle(8).save(buffer, "WEBP", lossless=True)
    data = buffer.getvalue()
    # An extended header that names a canvas of another shape than the picture in it.
    canvas = b"VP8X" + struct.pack("<I", 10) + bytes(4)
    canvas += (399).to_bytes(3, "little") + (299).to_bytes(3, "little")
    body = b"WEBP" + canvas + data[12:]
    (tmp_path / "a.webp").write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    try:
        prepared = prepare(tmp_path / "a.webp", tmp_path / "copies")
    except RefusedPicture:
        return  # no decoder has to believe such a file
    assert prepared.fix is not None
    image = apply_fix(tmp_path / "a.webp", prepared.fix, tmp_path / "copies")
    with Image.open(image.path) as sent:
        width, height = _measure_circle(sent)
    assert abs(width - height) <= 8
