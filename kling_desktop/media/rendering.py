"""How a sendable copy of a picture is made: turned, cropped, scaled, plain colours, encoded."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kling_desktop.domain.catalog import IMAGE_LIMITS
from kling_desktop.domain.errors import DamagedValue
from kling_desktop.media.colour import flatten, is_see_through, to_srgb
from kling_desktop.media.decoding import DecodeFailed, open_picture, read_orientation
from kling_desktop.media.fit import Box

if TYPE_CHECKING:
    from PIL import Image

BEST_QUALITY = 95
"""Above this a JPEG grows and nothing is gained (Pillow's documentation)."""
LEAST_QUALITY = 40

_LOSSLESS = frozenset({"png", "gif", "tiff", "bmp"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What copy is wanted; plain values, so that it can be handed to another process.

    Attributes:
        size: Width and height of the copy; None keeps those of the box or of the picture.
        box: The part to keep, in pixels after the turn; None keeps all.
        background: What transparent parts become: red, green, blue, 0 to 255.
        lossless: Whether the copy may be a PNG where the original lost nothing either.
        max_bytes: What the copy may weigh.
    """

    size: tuple[int, int] | None = None
    box: Box | None = None
    background: tuple[int, int, int] = (255, 255, 255)
    lossless: bool = False
    max_bytes: int = IMAGE_LIMITS.max_size_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A finished copy, still in memory.

    Attributes:
        format: ``"jpeg"`` or ``"png"``.
        see_through: Whether the original really had transparent parts.
    """

    data: bytes
    format: str
    width: int
    height: int
    see_through: bool


def render(path: Path, picture_format: str, order: Order) -> Rendered:
    """Make a copy of a picture in memory; the whole original is decoded strictly (blocking).

    Raises:
        DecodeFailed: The original is damaged.
        DamagedValue: The box lies outside the picture.
    """
    with open_picture(path, picture_format) as opened:
        opened.load()
        picture = to_srgb(turn(opened))
        see_through = is_see_through(picture)
        picture = flatten(picture, order.background)
        picture = _resize(_cut(picture, order.box), order.size)
        if order.lossless and picture_format in _LOSSLESS:
            data = _encode(picture, "PNG", optimize=False)
            if len(data) <= order.max_bytes:
                return _finish(picture, data, "png", see_through=see_through)
        data = encode_jpeg(picture, order.max_bytes)
    return _finish(picture, data, "jpeg", see_through=see_through)


def turn(image: "Image.Image") -> "Image.Image":
    """Turn and mirror a picture as its EXIF orientation says."""
    from PIL.Image import Transpose

    method = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }.get(read_orientation(image))
    if method is None:
        return image
    turned = image.transpose(method)
    # The profile says what the colours mean; the copy that turning makes keeps it.
    turned.info.setdefault("icc_profile", image.info.get("icc_profile"))
    return turned


def encode_jpeg(image: "Image.Image", max_bytes: int) -> bytes:
    """Encode at the highest quality that fits, `BEST_QUALITY` at most, `LEAST_QUALITY` at least."""
    data = _encode(image, "JPEG", quality=BEST_QUALITY, subsampling=0)
    if len(data) <= max_bytes:
        return data
    low, high = LEAST_QUALITY, BEST_QUALITY - 1
    data = _encode(image, "JPEG", quality=low, optimize=True)
    while low < high:
        middle = (low + high + 1) // 2
        tried = _encode(image, "JPEG", quality=middle, optimize=True)
        if len(tried) <= max_bytes:
            low, data = middle, tried
        else:
            high = middle - 1
    return data


def _cut(image: "Image.Image", box: Box | None) -> "Image.Image":
    if box is None:
        return image
    inside = 0 <= box.left < box.right <= image.width and 0 <= box.top < box.bottom <= image.height
    if not inside:
        raise DamagedValue(f"{box} does not lie inside {image.width} × {image.height} px")
    return image.crop((box.left, box.top, box.right, box.bottom))


def _resize(image: "Image.Image", size: tuple[int, int] | None) -> "Image.Image":
    from PIL.Image import Resampling

    if size is None or size == image.size:
        return image
    # Box-shrinking by whole numbers first: no loss that an eye sees, and far less to filter.
    return image.resize(size, Resampling.LANCZOS, reducing_gap=3.0)


def _encode(image: "Image.Image", pillow_format: str, **options: int) -> bytes:
    target = io.BytesIO()
    try:
        image.save(target, pillow_format, **options)
    except OSError as error:
        raise DecodeFailed(detail=str(error)) from error
    return target.getvalue()


def _finish(image: "Image.Image", data: bytes, name: str, *, see_through: bool) -> Rendered:
    return Rendered(
        data=data,
        format=name,
        width=image.width,
        height=image.height,
        see_through=see_through,
    )
