"""Which parts of a JPEG or PNG file are kept: pixels and colour profile, no metadata.

Cameras write places and names into their files, picture generators their whole workflow, and a
fault in any of that is no fault of the picture.  So decoders get to see, and the service gets
to have, the picture's own parts only.

Sources: ITU T.81 annex B (JPEG), the PNG specification (third edition).
"""

import io
import re
import zlib
from dataclasses import dataclass
from typing import IO

MAX_PROFILE_BYTES = 4 * 1024 * 1024
"""A larger colour profile belongs to no real device; it is left out."""

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"\x00\x00\x00\x00IEND\xae\x42\x60\x82"
_PNG_PIXELS = frozenset({b"IHDR", b"PLTE", b"IDAT"})
_PNG_COLOURS = frozenset(
    {b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"cICP", b"bKGD", b"pHYs"}
)
_MAX_CHUNKS = 200_000
_MAX_EXIF_BYTES = 4 * 1024 * 1024

_JPEG_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_JPEG_START, _JPEG_END, _JPEG_SCAN, _JPEG_COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
_JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_NEXT_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_MAX_SEGMENTS = 100_000

Piece = bytes | tuple[int, int]
"""Bytes of our own, or a stretch of the file: where it begins and how long it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureParts:
    """The parts of a file that are picture, in order.

    Attributes:
        pieces: What a decoder is given.
        exif: The EXIF block; empty where there is none.
        frames: How many pictures an animation says it has; 1 for a still.
        size: Width and height as stored; zeros where no header was found.
        untouched: The pieces are the whole file.
    """

    pieces: tuple[Piece, ...]
    exif: bytes = b""
    frames: int = 1
    size: tuple[int, int] = (0, 0)
    untouched: bool = False


class PiecedFile(io.RawIOBase):
    """A file that reads as if it held the given pieces only; the real one is not copied."""

    def __init__(self, file: IO[bytes], pieces: tuple[Piece, ...]) -> None:
        super().__init__()
        self._file = file
        self._starts: list[tuple[int, Piece]] = []
        self._length = 0
        self._at = 0
        for piece in pieces:
            self._starts.append((self._length, piece))
            self._length += len(piece) if isinstance(piece, bytes) else piece[1]

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = max(0, origin + offset)
        return self._at

    def readinto(self, buffer: memoryview, /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride] any buffer in the stubs
        data = self._read_some(len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _read_some(self, size: int) -> bytes:
        """Read up to the end of the piece that the position lies in."""
        low, high = 0, len(self._starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._starts[middle][0] <= self._at else (low, middle)
        if not self._starts:
            return b""
        start, piece = self._starts[low]
        inside = self._at - start
        if isinstance(piece, bytes):
            return piece[inside : inside + size]
        wanted = min(size, piece[1] - inside)
        if wanted <= 0:
            return b""
        self._file.seek(piece[0] + inside)
        return self._file.read(wanted)


def read_png_parts(file: IO[bytes]) -> PictureParts:
    """Walk the chunks of a PNG and keep those that are picture; the data is jumped over.

    A chunk beside the picture with a wrong checksum is left out, and a missing end is added.
    Of an animation the still picture is kept, which is what every viewer shows first.
    """
    length = file.seek(0, io.SEEK_END)
    pieces: list[Piece] = [(0, len(PNG_SIGNATURE))]
    exif, frames, size = b"", 1, (0, 0)
    at, untouched, ended = len(PNG_SIGNATURE), True, False
    for _ in range(_MAX_CHUNKS):
        if at + 8 > length or ended:
            break
        file.seek(at)
        start = file.read(8)
        body, kind, whole = int.from_bytes(start[:4], "big"), start[4:], 12
        if kind == b"IEND":
            ended, untouched = True, untouched and at + whole == length
        elif kind in _PNG_PIXELS and at + 12 + body <= length:
            if kind == b"IHDR" and body >= 8:
                data = file.read(8)
                size = (int.from_bytes(data[:4], "big"), int.from_bytes(data[4:], "big"))
            _join(pieces, at, 12 + body)
        elif kind == b"IDAT":  # cut off: what is there may still be all that is needed
            data = kind + file.read(length - at - 8)
            pieces.append(_build_chunk(data[: 4 + body]))
            untouched = False
        elif kind in _PNG_COLOURS and _is_sound(file, kind, body):
            _join(pieces, at, 12 + body)
        else:
            untouched = False
            if kind == b"eXIf" and not exif and body <= _MAX_EXIF_BYTES:
                exif = file.read(body)
            elif kind == b"acTL" and body >= 4:
                frames = max(1, int.from_bytes(file.read(4), "big"))
        at += 12 + body
    pieces.append(_PNG_END)
    return PictureParts(
        pieces=tuple(pieces), exif=exif, frames=frames, size=size, untouched=untouched and ended
    )


def _join(pieces: list[Piece], at: int, length: int) -> None:
    """Add a stretch of the file; one that follows the last stretch becomes a part of it."""
    last = pieces[-1]
    if isinstance(last, tuple) and last[0] + last[1] == at:
        pieces[-1] = (last[0], last[1] + length)
    else:
        pieces.append((at, length))


def _build_chunk(kind_and_data: bytes) -> bytes:
    length = len(kind_and_data) - 4
    return length.to_bytes(4, "big") + kind_and_data + zlib.crc32(kind_and_data).to_bytes(4, "big")


def _is_sound(file: IO[bytes], kind: bytes, body: int) -> bool:
    """Check a colour chunk's checksum, and that a profile unpacks to a sensible size."""
    if body > MAX_PROFILE_BYTES:
        return False
    data = file.read(body)
    if len(data) < body or file.read(4) != zlib.crc32(kind + data).to_bytes(4, "big"):
        return False
    if kind != b"iCCP":
        return True
    _, _, packed = data.partition(b"\0")
    unpacker = zlib.decompressobj()
    try:
        unpacker.decompress(packed[1:], MAX_PROFILE_BYTES)
    except zlib.error:
        return False
    return unpacker.eof


def read_jpeg_parts(file: IO[bytes], *, whole: bool = False) -> PictureParts:
    """Walk the segments of a JPEG and keep those that are picture.

    Args:
        file: The file.
        whole: Walk on through the pixels to the end of the picture, so that what is written
            between the scans and behind the end (previews, a second picture, a video) is left
            out too.  Else all from the first scan on is one piece.
    """
    length = file.seek(0, io.SEEK_END)
    pieces: list[Piece] = [(0, 2)]
    exif, size, at, kept = b"", (0, 0), 2, 2
    for _ in range(_MAX_SEGMENTS):
        file.seek(at)
        start = file.read(20)
        if len(start) < 2:
            break
        if start[0] != 0xFF:
            at = _find_marker(file, at, length)
            continue
        marker, body = start[1], int.from_bytes(start[2:4], "big")
        if marker == 0xFF:  # any number of these may fill the room between two segments
            at += 1
            continue
        if marker == _JPEG_END:
            _join(pieces, at, 2)
            kept += 2
            break
        if marker in _JPEG_STANDALONE or marker == _JPEG_START:
            at += 2
            continue
        if marker == _JPEG_SCAN and not whole:
            _join(pieces, at, length - at)
            kept += length - at
            break
        if marker == 0xE1 and start[4:10] == b"Exif\0\0" and not exif:
            file.seek(at + 4)
            exif = file.read(body - 2)
        if marker in _JPEG_FRAMES and len(start) >= 9 and not any(size):
            size = (int.from_bytes(start[7:9], "big"), int.from_bytes(start[5:7], "big"))
        end = at + 2 + body
        if marker == _JPEG_SCAN:
            end = _find_marker(file, end, length)
        if _is_jpeg_picture(marker, start):
            _join(pieces, at, min(end, length) - at)
            kept += min(end, length) - at
        at = end
    return PictureParts(pieces=tuple(pieces), exif=exif, size=size, untouched=kept == length)


def _is_jpeg_picture(marker: int, start: bytes) -> bool:
    """Say whether a segment belongs to the picture: tables, pixels, profile, kind of colours."""
    if marker == 0xE0:  # a small picture inside would show what the large one no longer does
        return start[4:9] == b"JFIF\0" and not any(start[16:18])
    if marker == 0xE2:
        return start[4:16] == b"ICC_PROFILE\0"
    if marker == 0xEE:
        return start[4:9] == b"Adobe"
    return marker != _JPEG_COMMENT and not 0xE0 <= marker <= 0xEF


def _find_marker(file: IO[bytes], at: int, length: int) -> int:
    """Find where the packed pixels of a scan end."""
    size = 1024 * 1024
    while at < length:
        file.seek(at)
        block = file.read(size)
        found = _NEXT_MARKER.search(block)
        if found is not None:
            return at + found.start()
        if len(block) < size:
            return length
        at += size - 1
    return length


def read_picture_parts(
    file: IO[bytes], picture_format: str, *, whole: bool = False
) -> PictureParts:
    """Find the parts of a JPEG or PNG that are picture."""
    if picture_format == "png":
        return read_png_parts(file)
    return read_jpeg_parts(file, whole=whole)
