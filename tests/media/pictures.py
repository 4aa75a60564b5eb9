"""Pictures for the tests: good ones, awkward ones and hostile ones, all made on the spot."""

import struct
import zlib
from pathlib import Path

from PIL import Image

LIMIT_BYTES = 20 * 1024 * 1024


def gradient(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """Draw something with edges and slopes, so that turning or cropping it shows."""
    width, height = size
    wide = Image.linear_gradient("L").resize((width, height))
    tall = wide.transpose(Image.Transpose.ROTATE_180)
    image = Image.merge("RGB", (wide, tall, Image.new("L", size, 80)))
    image.paste((255, 0, 0), (0, 0, max(1, width // 4), max(1, height // 4)))
    return image.convert(mode)


def save(
    path: Path, size: tuple[int, int] = (640, 360), mode: str = "RGB", **options: object
) -> Path:
    gradient(size, mode).save(path, **options)  # pyright: ignore[reportArgumentType]
    return path


def save_turned(path: Path, orientation: int, size: tuple[int, int] = (640, 360)) -> Path:
    """Save with an EXIF orientation; the red corner shows which way is up."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    gradient(size).save(path, exif=exif)
    return path


def pad(path: Path, size_bytes: int) -> Path:
    """Lengthen a file with zeros that every reader ignores."""
    with path.open("ab") as file:
        file.truncate(size_bytes)
    return path


def png_of_claimed_size(path: Path, width: int, height: int) -> Path:
    """Write a PNG of a few bytes whose header promises any number of pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


def save_png16(path: Path, size: tuple[int, int] = (400, 300)) -> Path:
    """Write a PNG with 16 bits a colour, which Pillow itself cannot write."""
    width, height = size
    row = b"\0" + struct.pack(">HHH", 65535, 32768, 0) * width

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    body = (
        chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(row * height))
        + chunk(b"IEND", b"")
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


def save_animation(path: Path, count: int, size: tuple[int, int] = (400, 300)) -> Path:
    """Save a moving GIF, WebP or PNG whose first picture has its red corner."""
    first = gradient(size)
    rest = [Image.new("RGB", size, (0, n * 5 % 256, 200)) for n in range(1, count)]
    first.save(path, save_all=True, append_images=rest, duration=40)
    return path


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def psd(image: Image.Image) -> bytes:
    """Write a PSD without layers: only its flattened picture, which every PSD has."""
    width, height = image.size
    header = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, height, width, 8, 3)
    planes = b"".join(image.getchannel(name).tobytes() for name in "RGB")
    return header + bytes(4) + bytes(4) + bytes(4) + struct.pack(">H", 0) + planes


def camera_raw(*, make: bytes, dng: bool) -> bytes:
    """Write a TIFF as cameras do: a small preview first, the sensor's mosaic below it."""
    preview = gradient((160, 120)).tobytes()

    def number(value: int) -> bytes:
        return struct.pack("<I", value)

    def directory(entries: list[tuple[int, int, int, bytes]], at: int) -> bytes:
        start, extra = struct.pack("<H", len(entries)), b""
        base = at + 2 + 12 * len(entries) + 4
        for tag, kind, count, data in sorted(entries):
            start += struct.pack("<HHI", tag, kind, count)
            if len(data) <= 4:
                start += data.ljust(4, b"\0")
            else:
                start += number(base + len(extra))
                extra += data + bytes(len(data) % 2)
        return start + number(0) + extra

    def first(pixels_at: int, below_at: int) -> bytes:
        entries = [
            (254, 4, 1, number(1)), (256, 4, 1, number(160)), (257, 4, 1, number(120)),
            (258, 3, 3, struct.pack("<HHH", 8, 8, 8)), (259, 3, 1, struct.pack("<H", 1)),
            (262, 3, 1, struct.pack("<H", 2)), (271, 2, len(make), make),
            (273, 4, 1, number(pixels_at)), (277, 3, 1, struct.pack("<H", 3)),
            (278, 4, 1, number(120)), (279, 4, 1, number(len(preview))),
            (330, 4, 1, number(below_at)),
        ]  # fmt: skip
        if dng:
            entries.append((50706, 1, 4, bytes([1, 4, 0, 0])))
        return directory(entries, 8)

    pixels_at = 8 + len(first(0, 0))
    below_at = pixels_at + len(preview)
    below = directory(
        [
            (254, 4, 1, number(0)), (256, 4, 1, number(4000)), (257, 4, 1, number(3000)),
            (258, 3, 1, struct.pack("<H", 16)), (259, 3, 1, struct.pack("<H", 1)),
            (262, 3, 1, struct.pack("<H", 32803)), (273, 4, 1, number(8)),
        ],
        below_at,
    )  # fmt: skip
    return b"II*\0" + number(8) + first(pixels_at, below_at) + preview + below
