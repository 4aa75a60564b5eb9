"""Converts pictures of any mode and colour profile to 8-bit sRGB."""

import io
from typing import TYPE_CHECKING, cast

from kling_desktop.media.picture_parts import MAX_PROFILE_BYTES

if TYPE_CHECKING:
    from PIL import Image, ImageCms


def open_profile(profile: bytes) -> "ImageCms.ImageCmsProfile | None":
    """Read an ICC profile; None when it is damaged or larger than any real one."""
    from PIL import ImageCms

    if len(profile) > MAX_PROFILE_BYTES:
        return None
    try:
        return ImageCms.ImageCmsProfile(io.BytesIO(profile))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def to_srgb(image: "Image.Image") -> "Image.Image":
    """Return the picture as 8-bit ``RGB``, or ``RGBA`` where it has transparency, in sRGB."""
    profile = image.info.get("icc_profile")
    flat = _to_eight_bits(image)
    if flat.mode == "P":
        flat = flat.convert("RGBA" if flat.has_transparency_data else "RGB")
    if flat.has_transparency_data and flat.mode != "RGBA":
        # Grey with a profile of its own and with holes is too rare to carry two planes for it.
        return flat.convert("RGBA")
    if isinstance(profile, bytes) and profile and flat.mode in ("L", "RGB", "RGBA", "CMYK"):
        converted = _apply_profile(flat, profile)
        if converted is not None:
            return converted
    return flat if flat.mode in ("RGB", "RGBA") else flat.convert("RGB")


def flatten(image: "Image.Image", background: tuple[int, int, int]) -> "Image.Image":
    """Lay an ``RGBA`` picture on a colour; an opaque one comes back as ``RGB``."""
    from PIL import Image

    if image.mode != "RGBA":
        return image
    ground = Image.new("RGB", image.size, background)
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def is_see_through(image: "Image.Image") -> bool:
    """Say whether at least one pixel of a picture is not opaque."""
    if image.mode != "RGBA":
        return False
    lowest, _ = image.getchannel("A").getextrema()
    return isinstance(lowest, int | float) and lowest < 255


def _to_eight_bits(image: "Image.Image") -> "Image.Image":
    """Bring 16-bit, 32-bit and fractional greys down; Pillow itself would clip them to white."""
    if image.mode == "F":
        low, high = cast("tuple[float, float]", image.getextrema())
        # Fractions are 0 to 1 by convention; other ranges are spread over the greys.
        by_convention = low >= 0.0 and high <= 1.0
        scale = 255.0 if by_convention else 255.0 / ((high - low) or 1.0)
        offset = 0.0 if by_convention else -low * scale
        return image.point(lambda value: value * scale + offset).convert("L")
    if image.mode.startswith("I"):
        whole = image.convert("I")
        return whole.point(lambda value: value * (1 / 257) + 0.5).convert("L")
    return image


def _apply_profile(image: "Image.Image", profile: bytes) -> "Image.Image | None":
    from PIL import ImageCms

    source = open_profile(profile)
    if source is None:
        return None
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colours = image.convert("RGB") if alpha is not None else image
    try:
        converted = ImageCms.profileToProfile(
            colours,
            source,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, ValueError, OSError):
        # A profile for another kind of colours than the picture has: the numbers stand alone.
        return None
    if converted is not None and alpha is not None:
        converted.putalpha(alpha)
    return converted
