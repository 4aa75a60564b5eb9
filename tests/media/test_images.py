"""The header check: what it says of good, awkward and hostile files, and how fast."""

import os
from pathlib import Path

import pytest
from PIL import Image

from kling_desktop.domain.catalog import MODELS
from kling_desktop.domain.errors import UnreadableImage
from kling_desktop.domain.problems import Field, ProblemCode
from kling_desktop.media.images import Conversion, ImageFault, RefusedPicture, inspect, verify
from kling_desktop.wording.reasons import describe_error
from tests.media import pictures
from tests.media import videos as video_files

_FORMATS = {"a.jpg": "jpeg", "a.png": "png", "a.webp": "webp"}


@pytest.mark.parametrize(("name", "picture_format"), _FORMATS.items())
def test_a_good_picture_goes_as_it_is(tmp_path: Path, name: str, picture_format: str) -> None:
    path = pictures.save(tmp_path / name)
    check = inspect(path)
    assert (check.image.format, check.image.width, check.image.height) == (picture_format, 640, 360)
    assert check.image.size_bytes == path.stat().st_size
    assert check.conversions == ()
    assert check.problems == ()
    verify(path)


def test_the_content_decides_and_never_the_name(tmp_path: Path) -> None:
    png = pictures.save(tmp_path / "a.png")
    renamed = png.rename(tmp_path / "a.jpg")
    assert inspect(renamed).image.format == "png"


@pytest.mark.parametrize(
    "name",
    [
        "with space.png",
        "日本 🎬🦊.png",
        "ü'&%.png",
        pytest.param('"quoted".png', marks=pytest.mark.posix("names have no quotes")),
    ],
)
def test_awkward_paths(tmp_path: Path, name: str) -> None:
    check = inspect(pictures.save(tmp_path / name))
    assert check.image.name == name


@pytest.mark.parametrize(
    ("size", "code"),
    [
        ((300, 300), None),
        ((2048, 2048), None),
        ((2048, 300), None),
        ((299, 400), ProblemCode.IMAGE_TOO_SMALL),
        ((400, 299), ProblemCode.IMAGE_TOO_SMALL),
        ((2049, 600), ProblemCode.IMAGE_TOO_LARGE),
        ((600, 2049), ProblemCode.IMAGE_TOO_LARGE),
    ],
)
def test_each_side_limit_itself_is_allowed(
    tmp_path: Path, size: tuple[int, int], code: ProblemCode | None
) -> None:
    check = inspect(pictures.save(tmp_path / "a.jpg", size), field=Field.LAST_FRAME)
    assert [problem.code for problem in check.problems] == ([code] if code else [])
    if check.problems:
        assert check.problems[0].field is Field.LAST_FRAME
        facts = check.problems[0].facts
        assert (facts["width"], facts["height"]) == size


@pytest.mark.parametrize(("extra", "too_heavy"), [(0, False), (1, True)])
def test_twenty_megabytes_are_allowed_and_one_byte_more_is_not(
    tmp_path: Path, extra: int, too_heavy: bool
) -> None:
    path = pictures.pad(pictures.save(tmp_path / "a.jpg"), pictures.LIMIT_BYTES + extra)
    codes = [problem.code for problem in inspect(path).problems]
    assert codes == ([ProblemCode.IMAGE_FILE_TOO_LARGE] if too_heavy else [])


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
@pytest.mark.parametrize(("orientation", "swapped"), [(3, False), (6, True), (8, True), (5, True)])
def test_sizes_are_those_after_the_turn(
    tmp_path: Path, suffix: str, orientation: int, swapped: bool
) -> None:
    check = inspect(pictures.save_turned(tmp_path / f"a{suffix}", orientation))
    assert (check.image.width, check.image.height) == ((360, 640) if swapped else (640, 360))
    assert check.conversions == (Conversion.TURNED,)
    assert check.converted_from == ""


@pytest.mark.parametrize(
    ("name", "mode", "conversion", "words"),
    [
        ("a.tif", "RGB", Conversion.FORMAT, "TIFF"),
        ("a.bmp", "RGB", Conversion.FORMAT, "BMP"),
        ("a.avif", "RGB", Conversion.FORMAT, "AVIF"),
        ("a.jp2", "RGB", Conversion.FORMAT, "JPEG 2000"),
        ("a.gif", "P", Conversion.FORMAT, "GIF"),
        ("a.jpg", "CMYK", Conversion.CMYK, "CMYK JPEG"),
        ("a.png", "I;16", Conversion.SIXTEEN_BIT, "16-bit PNG"),
    ],
)
def test_other_formats_are_said_to_need_a_conversion(
    tmp_path: Path, name: str, mode: str, conversion: Conversion, words: str
) -> None:
    path = tmp_path / name
    image = (
        Image.new("I;16", (400, 300), 40000)
        if mode == "I;16"
        else pictures.gradient((400, 300), mode)
    )
    image.save(path)
    check = inspect(path)
    assert check.conversions == (conversion,)
    assert check.converted_from == words
    # What a conversion cures is no problem for the user.
    assert check.problems == ()


def test_sixteen_bits_a_colour(tmp_path: Path) -> None:
    check = inspect(pictures.save_png16(tmp_path / "a.png"))
    assert check.conversions == (Conversion.SIXTEEN_BIT,)


@pytest.mark.parametrize(("suffix", "count"), [(".gif", 48), (".webp", 5), (".png", 7)])
def test_moving_pictures_are_counted_without_decoding(
    tmp_path: Path, suffix: str, count: int
) -> None:
    check = inspect(pictures.save_animation(tmp_path / f"a{suffix}", count))
    assert check.frames == count
    assert Conversion.FIRST_OF_SEVERAL in check.conversions


def test_pages_of_a_tiff_are_counted(tmp_path: Path) -> None:
    pages = [pictures.gradient((400, 300)) for _ in range(3)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    assert inspect(tmp_path / "a.tif").frames == 3


def test_transparency_is_seen(tmp_path: Path) -> None:
    assert inspect(pictures.save(tmp_path / "a.png", mode="RGBA")).conversions == (
        Conversion.TRANSPARENT,
    )


def _make_refused(folder: Path) -> dict[str, tuple[Path, ImageFault]]:
    (folder / "empty.png").write_bytes(b"")
    (folder / "text.jpg").write_text("just words", encoding="utf-8")
    (folder / "page.jpg").write_text("<!DOCTYPE html><html></html>", encoding="utf-8")
    (folder / "link.jpg").write_text("https://example.org/cat.jpg", encoding="utf-8")
    (folder / "feed.svg").write_text("<?xml version='1.0'?><rss/>", encoding="utf-8")
    (folder / "page.pdf").write_bytes(b"%PDF-1.7" + bytes(60))
    (folder / "layers.psd").write_bytes(b"8BPS" + bytes(60))
    (folder / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(60))
    (folder / "camera.cr3").write_bytes(b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(60))
    (folder / "camera.orf").write_bytes(b"IIRO\x08\0\0\0" + bytes(60))
    (folder / "head.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "head.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    video_files.make_video(folder / "video.jpg.mp4")
    video_files.make_video(folder / "video.mkv")
    pictures.png_of_claimed_size(folder / "bomb.png", 60_000, 60_000)
    with (folder / "huge.jpg").open("wb") as file:
        file.truncate(1024**3 + 1)
    return {
        "missing": (folder / "nothing.png", ImageFault.MISSING),
        "folder": (folder, ImageFault.FOLDER),
        "address": (Path("https://example.org/cat.jpg"), ImageFault.WEB_ADDRESS),
        "address in a file": (folder / "link.jpg", ImageFault.WEB_ADDRESS),
        "page": (folder / "page.jpg", ImageFault.WEB_PAGE),
        "empty": (folder / "empty.png", ImageFault.EMPTY),
        "text": (folder / "text.jpg", ImageFault.NOT_A_PICTURE),
        "below a file": (folder / "text.jpg" / "a.png", ImageFault.MISSING),
        "zero in the name": (Path("a\0b.png"), ImageFault.NO_ACCESS),
        "xml that is no drawing": (folder / "feed.svg", ImageFault.UNUSUAL),
        "pdf": (folder / "page.pdf", ImageFault.FORMAT_NOT_READ),
        "broken psd": (folder / "layers.psd", ImageFault.UNUSUAL),
        "broken heic": (folder / "phone.heic", ImageFault.UNUSUAL),
        "cr3": (folder / "camera.cr3", ImageFault.CAMERA_RAW),
        "orf": (folder / "camera.orf", ImageFault.CAMERA_RAW),
        "head of a png": (folder / "head.png", ImageFault.DAMAGED),
        "head of a jpeg": (folder / "head.jpg", ImageFault.DAMAGED),
        "mp4": (folder / "video.jpg.mp4", ImageFault.VIDEO),
        "mkv": (folder / "video.mkv", ImageFault.VIDEO),
        "bomb": (folder / "bomb.png", ImageFault.TOO_MANY_PIXELS),
        "huge": (folder / "huge.jpg", ImageFault.TOO_BIG_A_FILE),
    }


def test_what_can_never_be_a_frame_is_refused_with_its_reason(tmp_path: Path) -> None:
    for name, (path, kind) in _make_refused(tmp_path).items():
        with pytest.raises(RefusedPicture) as caught:
            inspect(path)
        assert caught.value.kind is kind, name
        assert describe_error(caught.value).endswith("."), name
        assert isinstance(caught.value, UnreadableImage)


@pytest.mark.filterwarnings("ignore:Image size:PIL.Image.DecompressionBombWarning")
def test_the_pixel_limit_lies_where_it_is_said_to_lie(tmp_path: Path) -> None:
    inspect(pictures.png_of_claimed_size(tmp_path / "a.png", 16384, 8192))
    with pytest.raises(RefusedPicture) as caught:
        inspect(pictures.png_of_claimed_size(tmp_path / "b.png", 16384, 8193))
    assert caught.value.kind is ImageFault.TOO_MANY_PIXELS


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(RefusedPicture) as caught:
        inspect(tmp_path / "pipe.png")
    assert caught.value.kind is ImageFault.NOT_A_FILE


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif"])
def test_a_picture_cut_off_is_found_by_the_strict_check(tmp_path: Path, name: str) -> None:
    path = pictures.save(tmp_path / name)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with pytest.raises(RefusedPicture) as caught:
        verify(path)
    assert caught.value.kind is ImageFault.DAMAGED


def test_every_model_has_limits_the_check_can_use(tmp_path: Path) -> None:
    path = pictures.save(tmp_path / "a.png")
    assert all(inspect(path, spec=spec).problems == () for spec in MODELS)
