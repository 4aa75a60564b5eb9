"""What a file is by its first bytes: its name and what others claim about it do not count."""

from dataclasses import dataclass
from enum import StrEnum

HEAD_BYTES = 64
"""How much of the beginning of a file `recognise` wants to see."""


class FileKind(StrEnum):
    """What can be done with a file, as far as its beginning tells."""

    PICTURE = "picture"
    PICTURE_NOT_READ = "picture_not_read"
    VIDEO = "video"
    WEB_PAGE = "web_page"
    WEB_ADDRESS = "web_address"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Signature:
    """What the first bytes say.

    Attributes:
        format: Lower-case name of the format: ``"jpeg"``, ``"tiff"``, ``"svg"``; may be empty.
    """

    kind: FileKind
    format: str = ""


_PICTURES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jpeg2000"),
    (b"\xff\x4f\xff\x51", "jpeg2000"),
)
_NOT_READ: tuple[tuple[bytes, str], ...] = (
    (b"8BPS", "psd"),
    (b"%PDF", "pdf"),
    (b"%!PS", "eps"),
    (b"\x00\x00\x01\x00", "ico"),
    (b"gimp xcf", "xcf"),
    (b"\x76\x2f\x31\x01", "exr"),
    (b"\xff\x0a", "jxl"),
    (b"\x00\x00\x00\x0cJXL ", "jxl"),
)
_VIDEOS: tuple[bytes, ...] = (
    b"\x1a\x45\xdf\xa3",  # Matroska and WebM
    b"OggS",
    b"FLV\x01",
    b"\x00\x00\x01\xba",  # MPEG program stream
    b"\x00\x00\x01\xb3",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",  # Windows Media
)
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_MOVIE_ATOMS = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip"})


def recognise(head: bytes) -> Signature:
    """Say what a file is from its first `HEAD_BYTES` bytes."""
    for magic, name in _PICTURES:
        if head.startswith(magic):
            return Signature(FileKind.PICTURE, name)
    if head[:4] == b"RIFF":
        return _recognise_riff(head)
    if head[4:8] == b"ftyp":
        return _recognise_ftyp(head)
    for magic, name in _NOT_READ:
        if head.startswith(magic):
            return Signature(FileKind.PICTURE_NOT_READ, name)
    if head.startswith(_VIDEOS) or head[4:8] in _MOVIE_ATOMS:
        return Signature(FileKind.VIDEO)
    # "BM" alone would take any text that begins so: the reserved bytes of a bitmap are zero.
    if head[:2] == b"BM" and head[6:10] == bytes(4):
        return Signature(FileKind.PICTURE, "bmp")
    return _recognise_text(head)


def _recognise_riff(head: bytes) -> Signature:
    match head[8:12]:
        case b"WEBP":
            return Signature(FileKind.PICTURE, "webp")
        case b"AVI ":
            return Signature(FileKind.VIDEO, "avi")
        case _:
            return Signature(FileKind.UNKNOWN)


def _recognise_ftyp(head: bytes) -> Signature:
    """Tell the still pictures from the videos among the files of the ISO family."""
    size = min(max(int.from_bytes(head[:4], "big"), 16), len(head))
    major = head[8:12]
    compatible = {head[at : at + 4] for at in range(16, size - 3, 4)}
    if major in _AVIF_BRANDS or (major in _HEIC_BRANDS and compatible & _AVIF_BRANDS):
        return Signature(FileKind.PICTURE, "avif")
    if major in _HEIC_BRANDS:
        return Signature(FileKind.PICTURE_NOT_READ, "heic")
    return Signature(FileKind.VIDEO, "mp4")


def _recognise_text(head: bytes) -> Signature:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"http://", b"https://", b"[internetshortcut]")):
        return Signature(FileKind.WEB_ADDRESS)
    if text.startswith((b"<svg", b"<?xml")):
        return Signature(FileKind.PICTURE_NOT_READ, "svg")
    if text.startswith((b"<!doctype html", b"<html")):
        return Signature(FileKind.WEB_PAGE)
    return Signature(FileKind.UNKNOWN)
