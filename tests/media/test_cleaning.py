"""What is sent says nothing of where, when and by whom: only pixels and their colour profile."""

from pathlib import Path

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from kling_desktop.media.cleaning import strip_notes
from kling_desktop.media.preparing import prepare
from tests.media import pictures

_SECRET = b"SECRET-MARKER"


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = _SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 0.0)
    return exif


def _save(folder: Path, suffix: str) -> Path:
    """Save a picture with a place, a camera, and in a PNG a workflow; with a profile to keep."""
    path = folder / f"a.{suffix}"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options: dict[str, object] = {"exif": _exif(), "icc_profile": profile}
    if suffix == "png":
        info = PngImagePlugin.PngInfo()
        info.add_text("workflow", _SECRET.decode())
        info.add_itxt("prompt", _SECRET.decode(), zip=False)
        options["pnginfo"] = info
    else:
        options["xmp"] = b"<x:xmpmeta>" + _SECRET + b"</x:xmpmeta>"
    if suffix == "jpg":
        options["comment"] = _SECRET
    pictures.gradient((640, 360)).save(path, **options)  # pyright: ignore[reportArgumentType]
    return path


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_pixels_and_profile_are_sent_and_nothing_else(tmp_path: Path, suffix: str) -> None:
    path = _save(tmp_path, suffix)
    before = path.read_bytes()
    assert _SECRET in before
    image = prepare(path, tmp_path / "copies").image
    assert image is not None
    sent = image.path.read_bytes()
    assert _SECRET not in sent
    assert path.read_bytes() == before
    with Image.open(image.path) as copy, Image.open(path) as original:
        assert copy.tobytes() == original.tobytes()
        assert copy.info["icc_profile"] == original.info["icc_profile"]
        assert not copy.getexif()
        assert not copy.info.get("xmp")
    assert image.name == path.name
    assert image.size_bytes == len(sent)
    assert image.converted_from == ""


def test_what_hangs_behind_a_jpeg_is_not_sent(tmp_path: Path) -> None:
    """A phone's second picture or moving picture stands behind the end, with a place of its own."""
    path = pictures.save(tmp_path / "a.jpg")
    plain = path.read_bytes()
    path.write_bytes(plain + _save(tmp_path, "jpg").read_bytes() + b"ftypmp42" + bytes(5000))
    assert strip_notes(path, "jpeg") in (plain, None)
    path.write_bytes(plain + b"ftypmp42" + _SECRET)
    assert strip_notes(path, "jpeg") == plain


@pytest.mark.parametrize("progressive", [False, True])
def test_notes_between_the_scans_are_not_sent(tmp_path: Path, *, progressive: bool) -> None:
    path = pictures.save(tmp_path / "a.jpg", progressive=progressive)
    data = path.read_bytes()
    at = data.rindex(b"\xff\xda") if progressive else data.index(b"\xff\xc4")
    note = b"\xff\xfe" + (2 + len(_SECRET)).to_bytes(2, "big") + _SECRET
    path.write_bytes(data[:at] + note + data[at:])
    assert strip_notes(path, "jpeg") == data


def test_a_small_picture_inside_the_header_is_not_sent(tmp_path: Path) -> None:
    path = pictures.save(tmp_path / "a.jpg")
    data = path.read_bytes()
    at = data.index(b"JFIF") - 4
    with_thumbnail = bytearray(data[at : at + 18]) + bytes(3 * 4)
    with_thumbnail[2:4] = (16 + 12).to_bytes(2, "big")
    with_thumbnail[16:18] = b"\x02\x02"
    path.write_bytes(data[:at] + bytes(with_thumbnail) + data[at + 18 :])
    cleaned = strip_notes(path, "jpeg")
    assert cleaned is not None
    assert b"JFIF" not in cleaned
    assert len(cleaned) == len(data) - 18


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_a_picture_without_notes_stays_the_same_file(tmp_path: Path, suffix: str) -> None:
    path = pictures.save(tmp_path / f"a.{suffix}")
    assert strip_notes(path, {"jpg": "jpeg"}.get(suffix, suffix)) is None


def test_a_cut_off_note_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe1\xff\xffExif")
    assert strip_notes(path, "jpeg") == b"\xff\xd8"
