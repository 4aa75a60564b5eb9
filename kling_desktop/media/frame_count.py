"""How many pictures a file holds, counted without decoding one and within bounds."""

from pathlib import Path
from typing import TYPE_CHECKING

from kling_desktop.media.decoding import DecodeFailed, decode_errors

if TYPE_CHECKING:
    from PIL import Image

MAX_COUNTED = 10_000
_MAX_GIF_BYTES = 64 * 1024 * 1024
_MAX_PAGES = 1000


def count_pictures(image: "Image.Image", path: Path, picture_format: str) -> int:
    """Count the pictures in an opened file: 1 for a still; never more than `MAX_COUNTED`."""
    match picture_format:
        case "gif":
            with path.open("rb") as file:
                return max(1, count_gif_pictures(file.read(_MAX_GIF_BYTES)))
        case "tiff":
            return _count_pages(image)
        case "png" | "webp" | "avif":
            return max(1, min(int(getattr(image, "n_frames", 1)), MAX_COUNTED))
        case _:
            # A JPEG with several pictures holds a preview or a second eye, not a video.
            return 1


def count_gif_pictures(data: bytes) -> int:
    """Walk a GIF's blocks (GIF89a specification) and count its image descriptors.

    Damaged or cut input ends the count where the damage begins.
    """
    try:
        return _walk_gif(data)
    except IndexError:
        return 1


def _walk_gif(data: bytes) -> int:
    at = 13 + _palette_bytes(data[10])
    found = 0
    length = len(data)
    while at < length and found < MAX_COUNTED:
        block = data[at]
        if block == 0x2C:
            found += 1
            at += 10
            if at > length:
                break
            at += _palette_bytes(data[at - 1]) + 1
        elif block == 0x21:
            at += 2
        else:
            break
        while at < length and data[at]:
            at += data[at] + 1
        at += 1
    return found


def _palette_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _count_pages(image: "Image.Image") -> int:
    pages = 1
    try:
        with decode_errors():
            while pages < _MAX_PAGES:
                image.seek(pages)
                pages += 1
    except DecodeFailed:
        pass
    with decode_errors():
        image.seek(0)
    return pages
