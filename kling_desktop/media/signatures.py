"""What a file is by its first bytes: its name and what others claim about it do not count."""

from dataclasses import dataclass
from enum import StrEnum

HEAD_BYTES = 1024
"""How much of the beginning of a file `recognise` wants to see."""


class FileKind(StrEnum):
    """What can be done with a file, as far as its beginning shows."""

    PICTURE = "picture"
    PICTURE_NOT_READ = "picture_not_read"
    CAMERA_RAW = "camera_raw"
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
    (b"8BPS", "psd"),
    (b"qoif", "qoi"),
    (b"\x00\x00\x01\x00", "ico"),
)
_RAW: tuple[tuple[bytes, str], ...] = (
    (b"IIU\x00", "rw2"),
    (b"IIRO", "orf"),
    (b"IIRS", "orf"),
    (b"MMOR", "orf"),
    (b"FUJIFILMCCD-RAW", "raf"),
    (b"FOVb", "x3f"),
    (b"\x00MRM", "mrw"),
)
"""Camera raw files with a beginning of their own; others are TIFF files (`tiff_header.py`)."""
_NOT_READ: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "pdf"),
    (b"%!PS", "eps"),
    (b"gimp xcf", "xcf"),
    (b"\x76\x2f\x31\x01", "exr"),
    (b"\xff\x0a", "jxl"),
    (b"\x00\x00\x00\x0cJXL ", "jxl"),
    (b"icns", "icns"),
    (b"DDS ", "dds"),
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
_HEIC_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)
_MOVIE_ATOMS = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip"})
_TGA_TYPES = {1: 1, 2: 0, 3: 0, 9: 1, 10: 0, 11: 0}
"""Kind of a TGA's picture, and whether that kind needs a colour map."""


def recognise(head: bytes) -> Signature:
    """Say what a file is from its first `HEAD_BYTES` bytes."""
    if head.startswith((b"II*\x00", b"MM\x00*")) and head[8:10] == b"CR":
        return Signature(FileKind.CAMERA_RAW, "cr2")
    for magic, name in _PICTURES:
        if head.startswith(magic):
            return Signature(FileKind.PICTURE, name)
    if head[:4] == b"RIFF":
        return _recognise_riff(head)
    if head[4:8] == b"ftyp":
        return _recognise_ftyp(head)
    for magic, name in _RAW:
        if head.startswith(magic):
            return Signature(FileKind.CAMERA_RAW, name)
    if head[6:14] == b"HEAPCCDR":
        return Signature(FileKind.CAMERA_RAW, "crw")
    for magic, name in _NOT_READ:
        if head.startswith(magic):
            return Signature(FileKind.PICTURE_NOT_READ, name)
    if head.startswith(_VIDEOS) or head[4:8] in _MOVIE_ATOMS:
        return Signature(FileKind.VIDEO)
    # "BM" alone would take any text that begins so: the second reserved number of a bitmap is
    # zero, and its header has one of a few lengths.
    if head[:2] == b"BM" and head[8:10] == bytes(2) and 12 <= head[14] <= 124:
        return Signature(FileKind.PICTURE, "bmp")
    if head[:1] == b"P" and head[1:2] in b"123456f" and head[2:3] in (b"\n", b"\r", b" ", b"\t"):
        return Signature(FileKind.PICTURE, "ppm")
    if head[:4] == b"\x00\x00\x02\x00" and head[4:6] != bytes(2):
        return Signature(FileKind.PICTURE, "cur")
    if _is_tga(head):
        return Signature(FileKind.PICTURE, "tga")
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
    """Distinguish the still pictures from the videos among the files of the ISO family."""
    size = min(max(int.from_bytes(head[:4], "big"), 16), len(head))
    major = head[8:12]
    compatible = {head[at : at + 4] for at in range(16, size - 3, 4)}
    if major in _AVIF_BRANDS or (major in _HEIC_BRANDS and compatible & _AVIF_BRANDS):
        return Signature(FileKind.PICTURE, "avif")
    if major in _HEIC_BRANDS:
        return Signature(FileKind.PICTURE, "heic")
    if major == b"crx ":
        return Signature(FileKind.CAMERA_RAW, "cr3")
    return Signature(FileKind.VIDEO, "mp4")


def _is_tga(head: bytes) -> bool:
    """Say whether the first bytes make sense as those of a TGA, which has no signature."""
    if len(head) < 18 or head[1] > 1 or head[2] not in _TGA_TYPES:
        return False
    if head[1] < _TGA_TYPES[head[2]] or (head[1] == 0 and any(head[3:8])):
        return False
    sized = any(head[12:14]) and any(head[14:16])
    return sized and head[16] in (8, 15, 16, 24, 32) and head[17] & 0xC0 == 0


def _recognise_text(head: bytes) -> Signature:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"http://", b"https://", b"[internetshortcut]")):
        return Signature(FileKind.WEB_ADDRESS)
    if text.startswith((b"<!doctype html", b"<html")):
        return Signature(FileKind.WEB_PAGE)
    if text.startswith((b"<svg", b"<?xml", b"<!doctype", b"<!--")):
        return Signature(FileKind.PICTURE, "svg")
    return Signature(FileKind.UNKNOWN)
