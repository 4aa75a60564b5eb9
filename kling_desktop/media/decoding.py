"""How Pillow opens a file: which formats, how many pixels, and what its failures are."""

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.media.picture_parts import MAX_PROFILE_BYTES, PiecedFile, read_picture_parts

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 128 * 1024 * 1024
"""More than cameras of 100 megapixels give; decoded that is 400 MB, and a bomb's would be more."""

MAX_FILE_BYTES = 1024**3
"""A larger file is not looked into at all."""

PILLOW_NAMES = {
    "jpeg": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "gif": "GIF",
    "tiff": "TIFF",
    "bmp": "BMP",
    "avif": "AVIF",
    "jpeg2000": "JPEG2000",
    "heic": "HEIF",
    "psd": "PSD",
    "tga": "TGA",
    "ppm": "PPM",
    "qoi": "QOI",
    "ico": "ICO",
    "cur": "CUR",
}
"""The formats that Pillow reads here, each by its own reader and no other."""


class DecodeFailed(KlingDesktopError):
    """Pillow could not make a picture of the bytes; `detail` has its words."""

    code = "decode_failed"


@contextmanager
def decode_errors() -> Iterator[None]:
    """Turn what Pillow's readers raise on damaged input into `DecodeFailed`.

    The readers were written for good files: on bad ones a wrong length may end in almost any of
    the built-in errors.
    """
    from PIL import Image

    try:
        yield
    except (
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        ArithmeticError,
        AssertionError,
        AttributeError,
        BufferError,
        EOFError,
        LookupError,
        MemoryError,
        OSError,
        RuntimeError,
        SyntaxError,
        TypeError,
        ValueError,
        struct.error,
        zlib.error,
    ) as error:
        raise DecodeFailed(detail=f"{type(error).__name__}: {error}"[:300]) from error


@dataclass(slots=True, frozen=True)
class OpenedPicture:
    """A picture whose header was read and whose pixels are decoded when they are asked for.

    Attributes:
        image: As stored, before any turn.
        orientation: EXIF's number, 1 to 8: how `image` has to be turned to be upright.
        frames: How many pictures an animation says it has, where the header says.
    """

    image: "Image.Image"
    orientation: int = 1
    frames: int = 1


@contextmanager
def open_picture(path: Path, picture_format: str) -> Iterator[OpenedPicture]:
    """Open a picture of a known format; this is the one place that reads its orientation.

    Pillow is given a JPEG or PNG without what is noted beside the picture, so that a fault in a
    note is no fault of the picture, and so that it turns nothing on its own.  TIFF and HEIC are
    turned by their decoders: they come out upright.

    Args:
        path: The file.
        picture_format: A key of `PILLOW_NAMES`, as `recognise` found it.

    Raises:
        DecodeFailed: From the `with` line or from its body.
    """
    from PIL import Image, PngImagePlugin

    # Pillow's own limits would warn below ours; between ours and twice ours it warns, then raises.
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    PngImagePlugin.MAX_TEXT_CHUNK = MAX_PROFILE_BYTES
    if picture_format == "heic":
        _register_heic()
    formats = (PILLOW_NAMES[picture_format],)
    with decode_errors(), path.open("rb") as file:
        if picture_format in ("jpeg", "png"):
            parts = read_picture_parts(file, picture_format)
            source = io.BufferedReader(PiecedFile(file, parts.pieces), 64 * 1024)
            with Image.open(source, formats=formats) as image:
                yield OpenedPicture(image, orientation_of(parts.exif), parts.frames)
            return
        with Image.open(file, formats=formats) as image:
            exif = image.info.get("exif") if picture_format in ("webp", "avif") else None
            yield OpenedPicture(image, orientation_of(exif if isinstance(exif, bytes) else b""))


def _register_heic() -> None:
    from pi_heif import register_heif_opener

    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


def orientation_of(exif: bytes) -> int:
    """Return the orientation from a block of EXIF data; 1 where it has none or is damaged."""
    from PIL import Image

    if not exif:
        return 1
    try:
        with decode_errors():
            block = Image.Exif()
            block.load(exif)
            value = block.get(0x0112)
    except DecodeFailed:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1
