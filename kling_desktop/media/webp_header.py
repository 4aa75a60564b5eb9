"""The header of a WebP, read chunk by chunk: Pillow would read the whole file to say as much.

Source: WebP Container Specification, and RFC 6386 section 9.1 for the lossy frame header.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from kling_desktop.media.decoding import DecodeFailed

_MAX_CHUNKS = 20_000
_MAX_KEPT_BYTES = 4 * 1024 * 1024
_ALPHA_FLAG = 0x10


@dataclass(frozen=True, slots=True, kw_only=True)
class WebpHeader:
    """What the chunks say; `exif` and `profile` are empty where there are none."""

    width: int
    height: int
    frames: int
    has_alpha: bool
    exif: bytes
    profile: bytes


def read_webp_header(path: Path) -> WebpHeader:
    """Walk the chunks of a file that begins as a WebP does; picture data is jumped over.

    Raises:
        DecodeFailed: A chunk makes no sense or there is no picture.
    """
    width = height = frames = 0
    has_alpha = False
    kept = {b"EXIF": b"", b"ICCP": b""}
    try:
        with path.open("rb", buffering=0) as file:
            end = min(os.fstat(file.fileno()).st_size, _riff_end(file.read(12)))
            at = 12
            for _ in range(_MAX_CHUNKS):
                if at + 8 > end:
                    break
                file.seek(at)
                start = file.read(18)
                name, length, body = start[:4], int.from_bytes(start[4:8], "little"), start[8:]
                if name == b"VP8X":
                    has_alpha = bool(body[0] & _ALPHA_FLAG)
                    width, height = _read_24(body, 4) + 1, _read_24(body, 7) + 1
                elif name in (b"VP8 ", b"VP8L"):
                    frames = max(frames, 1)
                    if not width:
                        width, height, has_alpha = _read_bare(name, body)
                elif name == b"ANMF":
                    frames += 1
                elif name in kept and length <= _MAX_KEPT_BYTES:
                    file.seek(at + 8)
                    kept[name] = file.read(length)
                at += 8 + length + length % 2
    except (OSError, IndexError) as error:
        raise DecodeFailed(detail=f"webp header: {error}") from error
    if not (width and height and frames):
        raise DecodeFailed(detail="webp header: no picture")
    return WebpHeader(
        width=width,
        height=height,
        frames=frames,
        has_alpha=has_alpha,
        exif=kept[b"EXIF"],
        profile=kept[b"ICCP"],
    )


def _riff_end(start: bytes) -> int:
    return 8 + int.from_bytes(start[4:8], "little")


def _read_24(data: bytes, at: int) -> int:
    return data[at] | data[at + 1] << 8 | data[at + 2] << 16


def _read_bare(name: bytes, body: bytes) -> tuple[int, int, bool]:
    """Return width, height and transparency from the first bytes of the picture data itself."""
    if name == b"VP8 ":
        if body[3:6] != b"\x9d\x01\x2a":
            raise DecodeFailed(detail="webp header: no start code")
        width, height = body[6] | body[7] << 8, body[8] | body[9] << 8
        return width & 0x3FFF, height & 0x3FFF, False
    if body[0] != 0x2F:
        raise DecodeFailed(detail="webp header: no signature")
    bits = int.from_bytes(body[1:5], "little")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
