"""The second decoder: Qt reads what Pillow refuses (for a process of its own).

Qt is patient: of a file that ends too early it shows what is there.  So the end is tried out: a
picture is whole if nothing in it depends on what might follow the file's last byte.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from kling_desktop.media.decoding import MAX_PIXELS, DecodeFailed

if TYPE_CHECKING:
    from PIL import Image

QT_NAMES = {
    "jpeg": "jpeg", "png": "png", "gif": "gif", "bmp": "bmp", "tiff": "tiff", "webp": "webp",
    "ico": "ico", "cur": "cur", "tga": "tga", "ppm": "ppm",
}  # fmt: skip
"""The formats that Qt is asked for, each by its own reader and no other."""

_MAX_BYTES = 256 * 1024 * 1024
_TAILS = (bytes(range(1, 250)) * 64, bytes(range(250, 3, -3)) * 192)
"""Two different ends that a file might have had; neither holds a JPEG's 0xFF."""
_JPEG_END = b"\xff\xd9"
_MOST_MISSING = 0.01
"""Which part of the rows may depend on bytes that are not there: the last ones, not a half."""


def read_with_qt(path: Path, picture_format: str) -> "Image.Image":
    """Decode a picture with Qt, turned upright, in sRGB.

    Raises:
        DecodeFailed: Qt does not read it either, or a visible part of it is missing.
    """
    if picture_format not in QT_NAMES:
        raise DecodeFailed(detail="no second decoder")
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise DecodeFailed(detail="too large for the second decoder")
        data = path.read_bytes()
    except OSError as error:
        raise DecodeFailed(detail=str(error)) from error
    picture = _decode(data, picture_format)
    end = _JPEG_END if picture_format == "jpeg" else b""
    others = [_decode_or_none(data + tail + end, picture_format) for tail in _TAILS]
    missing = max(_count_differing(picture, other) for other in others)
    if missing > max(1, picture.height * _MOST_MISSING):
        raise DecodeFailed(detail=f"{missing} of {picture.height} rows are not in the file")
    return picture


def _decode(data: bytes, picture_format: str) -> "Image.Image":
    from PIL import Image
    from PySide6.QtCore import QBuffer, QByteArray
    from PySide6.QtGui import QColorSpace, QImage, QImageReader

    held = QByteArray(data)
    buffer = QBuffer(held)
    buffer.open(QBuffer.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(QT_NAMES[picture_format].encode()))
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and size.width() * size.height() > MAX_PIXELS:
        raise DecodeFailed(detail="too many pixels")
    QImageReader.setAllocationLimit(MAX_PIXELS * 8 // (1024 * 1024))
    image = reader.read()
    if image.isNull():
        raise DecodeFailed(detail=reader.errorString())
    if image.colorSpace().isValid():
        image.convertToColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    return Image.frombytes("RGBA", (image.width(), image.height()), bytes(image.constBits()))


def _decode_or_none(data: bytes, picture_format: str) -> "Image.Image | None":
    try:
        return _decode(data, picture_format)
    except DecodeFailed:
        return None


def _count_differing(picture: "Image.Image", other: "Image.Image | None") -> int:
    """Count the rows between the first and the last that two decodings have different."""
    from PIL import ImageChops

    if other is None or other.size != picture.size:
        return picture.height
    box = ImageChops.difference(picture.convert("RGB"), other.convert("RGB")).getbbox()
    return 0 if box is None else box[3] - box[1]
