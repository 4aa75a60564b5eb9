"""How Pillow is let near a file: which formats, how many pixels, and what its failures are."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kling_desktop.domain.errors import KlingDesktopError

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
}
"""The formats that are read at all, each by its own reader and no other."""


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


@contextmanager
def open_picture(path: Path, picture_format: str) -> "Iterator[Image.Image]":
    """Open a picture of a known format lazily; pixels are decoded when they are asked for.

    Args:
        path: The file.
        picture_format: A key of `PILLOW_NAMES`, as `recognise` found it.

    Raises:
        DecodeFailed: From the `with` line or from its body.
    """
    from PIL import Image

    # Pillow's own limit would warn below ours; between ours and twice ours it warns, then raises.
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    with (
        decode_errors(),
        path.open("rb") as file,
        Image.open(file, formats=(PILLOW_NAMES[picture_format],)) as image,
    ):
        yield image


def read_orientation(image: "Image.Image") -> int:
    """Return the EXIF orientation, 1 to 8; 1 where there is none or it makes no sense.

    For a PNG it looks only at what came before the pixels: Pillow would decode the whole file to
    find a chunk at its end, and this is asked before anything is decoded.
    """
    if image.format == "PNG" and "exif" not in image.info:
        return 1
    try:
        with decode_errors():
            return _check_orientation(image.getexif().get(0x0112))
    except DecodeFailed:
        return 1


def orientation_of(exif: bytes) -> int:
    """Return the orientation from a block of EXIF data; 1 where it has none or is damaged."""
    from PIL import Image

    if not exif:
        return 1
    try:
        with decode_errors():
            block = Image.Exif()
            block.load(exif)
            return _check_orientation(block.get(0x0112))
    except DecodeFailed:
        return 1


def _check_orientation(value: object) -> int:
    return value if isinstance(value, int) and 1 <= value <= 8 else 1
