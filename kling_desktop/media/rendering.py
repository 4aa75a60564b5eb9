"""How a sendable copy of a picture is made: turned, cropped, scaled, plain colours, encoded."""

import io
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from kling_desktop.domain.catalog import IMAGE_LIMITS
from kling_desktop.domain.draft import ImageInput
from kling_desktop.domain.errors import DamagedValue
from kling_desktop.domain.reasons import Reason
from kling_desktop.media.colour import flatten, is_see_through, to_srgb
from kling_desktop.media.decoding import DecodeFailed, decode_errors, open_picture
from kling_desktop.media.fit import Box
from kling_desktop.media.qt_decoding import read_with_qt
from kling_desktop.media.svg_rendering import render_svg

if TYPE_CHECKING:
    from PIL import Image

BEST_QUALITY = 95
"""Above this a JPEG grows and nothing is gained (Pillow's documentation)."""
LEAST_QUALITY = 40

_LOSSLESS = frozenset(
    {"png", "gif", "tiff", "bmp", "svg", "psd", "tga", "ppm", "qoi", "ico", "cur"}
)
Colour = tuple[int, int, int]


class Decoder(StrEnum):
    """Who decodes: Pillow by rule, Qt what Pillow refuses."""

    PILLOW = "pillow"
    QT = "qt"


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
    background: Colour = (255, 255, 255)
    lossless: bool = False
    max_bytes: int = IMAGE_LIMITS.max_size_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A finished copy, still in memory.

    Attributes:
        format: ``"jpeg"`` or ``"png"``.
        original_width: Of the original's pixels, upright.
        original_height: As original_width.
        see_through: Whether the original really had transparent parts.
    """

    data: bytes
    format: str
    width: int
    height: int
    original_width: int
    original_height: int
    see_through: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallPicture:
    """A picture in a small size for the screen: three bytes a pixel, row by row."""

    width: int
    height: int
    pixels: bytes


def render(image: ImageInput, order: Order, *, decoder: Decoder = Decoder.PILLOW) -> Rendered:
    """Make a copy of a picture in memory; the whole original is decoded strictly (blocking).

    Raises:
        DecodeFailed: The original is damaged, or this decoder cannot read it.
        DamagedValue: The box lies outside the picture.
    """
    with decode_errors():
        picture = load_upright(image, decoder=decoder)
        original_size = picture.size
        see_through = is_see_through(picture)
        picture = flatten(picture, order.background)
        picture = _resize(_cut(picture, order.box), order.size)
        name, data = "jpeg", b""
        if order.lossless and image.format in _LOSSLESS:
            name, data = "png", _encode(picture, "PNG", optimize=False)
        if not data or len(data) > order.max_bytes:
            name, data = "jpeg", encode_jpeg(picture, order.max_bytes)
    return Rendered(
        data=data,
        format=name,
        width=picture.width,
        height=picture.height,
        original_width=original_size[0],
        original_height=original_size[1],
        see_through=see_through,
    )


def render_small(
    image: ImageInput, side_px: int, background: Colour, *, decoder: Decoder = Decoder.PILLOW
) -> SmallPicture:
    """Decode a picture to at most this many pixels a side; errors as `render` (blocking)."""
    with decode_errors():
        picture = load_upright(image, near_px=side_px, decoder=decoder)
        picture.thumbnail((side_px, side_px))
        picture = flatten(picture, background)
    return SmallPicture(width=picture.width, height=picture.height, pixels=picture.tobytes())


def load_upright(
    image: ImageInput, *, near_px: int | None = None, decoder: Decoder = Decoder.PILLOW
) -> "Image.Image":
    """Decode a picture and turn it: ``RGB``, or ``RGBA`` where it has transparency, in sRGB.

    Args:
        image: As `inspect` measured it.
        near_px: A side that is enough; a JPEG is decoded faster that way.
        decoder: Which one; an SVG has its own.

    Raises:
        DecodeFailed: It is damaged, or this decoder cannot read it.
    """
    if image.format == "svg":
        return render_svg(image.path, (image.width, image.height))
    if decoder is Decoder.QT:
        return to_srgb(read_with_qt(image.path, image.format))
    with open_picture(image.path, image.format) as opened:
        picture = opened.image
        if near_px is not None:
            picture.draft("RGB", (near_px, near_px))
        picture.load()
        return turn(to_srgb(picture), opened.orientation)


def turn(image: "Image.Image", orientation: int) -> "Image.Image":
    """Turn and mirror a picture as an EXIF orientation says."""
    from PIL.Image import Transpose

    method = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }.get(orientation)
    return image if method is None else image.transpose(method)


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
        raise DamagedValue(
            Reason.PICTURE_PART_OUTSIDE, detail=f"{box} of {image.width} × {image.height} px"
        )
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
