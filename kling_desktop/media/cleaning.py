"""Copies a picture without its metadata: place, camera, author, workflow.

What goes to the service is what can be seen: the pixels and the colour profile that they need,
byte for byte as they are in the file.
"""

from pathlib import Path
from typing import IO

from kling_desktop.media.picture_parts import PictureParts, read_picture_parts

_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP", b"ANIM", b"ANMF"})
_EXIF_AND_XMP_FLAGS = 0x0C


def strip_notes(path: Path, picture_format: str) -> bytes | None:
    """Return a JPEG, PNG or WebP without notes; None where the file has none (blocking).

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        if picture_format == "webp":
            return _strip_webp(file.read())
        parts = read_picture_parts(file, picture_format, whole=True)
        return None if parts.untouched else _put_together(file, parts)


def _put_together(file: IO[bytes], parts: PictureParts) -> bytes:
    made = bytearray()
    for piece in parts.pieces:
        if isinstance(piece, bytes):
            made += piece
        else:
            file.seek(piece[0])
            made += file.read(piece[1])
    return bytes(made)


def _strip_webp(data: bytes) -> bytes | None:
    """Leave out the chunks that are no picture, and their flags in the extended header."""
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    kept = bytearray(b"WEBP")
    at = 12
    while at + 8 <= end:
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        following = min(end, at + 8 + length + length % 2)
        chunk = bytearray(data[at:following])
        if name == b"VP8X" and len(chunk) > 8:
            chunk[8] &= ~_EXIF_AND_XMP_FLAGS
        if name in _WEBP_KEPT:
            kept += chunk
        at = following
    made = b"RIFF" + len(kept).to_bytes(4, "little") + bytes(kept)
    return None if made == data else made
