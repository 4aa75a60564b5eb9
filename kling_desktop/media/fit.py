"""The repair of a picture that the model does not take, as data: what would come out, exactly."""

from dataclasses import dataclass
from enum import StrEnum

from kling_desktop.domain.catalog import IMAGE_LIMITS, Dimensions, ImageLimits
from kling_desktop.domain.draft import ImageInput

TYPICAL_JPEG_BYTES_PER_PIXEL = 0.84
"""Of a photograph at the quality that repairs are saved with; for a guess before it is made."""


class FixKind(StrEnum):
    """The button under a picture's problem."""

    RESIZE = "resize"
    ENLARGE = "enlarge"
    CROP = "crop"
    RECOMPRESS = "recompress"


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture in pixels, counted after any EXIF turn; right and bottom are outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One repair.  Nothing is done yet; the original is never touched.

    Attributes:
        width: Of the result, in pixels: what comes out has exactly this size.
        height: As width.
        about_bytes: What the result weighs: measured after `prepare`, else a guess.
        box: The part that is kept, for a crop; the user may choose another.
    """

    kind: FixKind
    width: int
    height: int
    about_bytes: int
    box: Box | None = None


def plan_fix(image: ImageInput, limits: ImageLimits = IMAGE_LIMITS) -> Fix | None:
    """Say how a picture is made to fit the limits; None when it fits."""
    long_side, short_side = max(image.width, image.height), min(image.width, image.height)
    too_large = long_side > limits.max_side_px
    too_small = short_side < limits.min_side_px
    if (too_large or too_small) and _is_too_thin(long_side, short_side, limits):
        return plan_crop(_suggest_box(image, limits), limits)
    if not (too_large or too_small):
        if image.size_bytes <= limits.max_size_bytes:
            return None
        return _build_fix(FixKind.RECOMPRESS, Dimensions(image.width, image.height), limits)
    size = fit_size(Dimensions(image.width, image.height), limits)
    return _build_fix(FixKind.RESIZE if too_large else FixKind.ENLARGE, size, limits)


def plan_crop(box: Box, limits: ImageLimits = IMAGE_LIMITS) -> Fix:
    """Say what a crop to a box gives; for the size that a crop sheet shows while it is dragged."""
    size = fit_size(Dimensions(box.width, box.height), limits)
    return _build_fix(FixKind.CROP, size, limits, box)


def fit_size(size: Dimensions, limits: ImageLimits = IMAGE_LIMITS) -> Dimensions:
    """Scale a size into the limits with its shape kept as well as whole pixels allow.

    A size inside the limits comes back as it is.  One whose shape fits no size at all is scaled
    until its long side fits; its short side is then the least allowed and the shape bends.
    """
    long_side, short_side = max(size.width, size.height), min(size.width, size.height)
    if long_side > limits.max_side_px:
        to, of = limits.max_side_px, long_side
    elif short_side < limits.min_side_px:
        to, of = limits.min_side_px, short_side
    else:
        return size
    return Dimensions(
        _clamp(_scale(size.width, to, of), limits), _clamp(_scale(size.height, to, of), limits)
    )


def crop_to_aspect(width: int, height: int, aspect: Dimensions) -> Box:
    """Return the largest centred part of a picture with the shape of `aspect`, such as 16 by 9."""
    if width * aspect.height > height * aspect.width:
        kept = max(1, _scale(height, aspect.width, aspect.height))
        left = (width - kept) // 2
        return Box(left, 0, left + kept, height)
    kept = max(1, min(height, _scale(width, aspect.height, aspect.width)))
    top = (height - kept) // 2
    return Box(0, top, width, top + kept)


def _is_too_thin(long_side: int, short_side: int, limits: ImageLimits) -> bool:
    return long_side * limits.min_side_px > short_side * limits.max_side_px


def _suggest_box(image: ImageInput, limits: ImageLimits) -> Box:
    """Return the longest centred part whose shape still fits."""
    short_side = min(image.width, image.height)
    kept = max(1, short_side * limits.max_side_px // limits.min_side_px)
    if image.width >= image.height:
        left = (image.width - kept) // 2
        return Box(left, 0, left + kept, image.height)
    top = (image.height - kept) // 2
    return Box(0, top, image.width, top + kept)


def _build_fix(kind: FixKind, size: Dimensions, limits: ImageLimits, box: Box | None = None) -> Fix:
    guess = round(size.width * size.height * TYPICAL_JPEG_BYTES_PER_PIXEL)
    about_bytes = min(guess, limits.max_size_bytes)
    return Fix(kind=kind, width=size.width, height=size.height, about_bytes=about_bytes, box=box)


def _scale(side: int, to: int, of: int) -> int:
    """Scale a whole number by ``to / of``, rounded to the nearest."""
    return (2 * side * to + of) // (2 * of)


def _clamp(side: int, limits: ImageLimits) -> int:
    return max(limits.min_side_px, min(limits.max_side_px, side))
