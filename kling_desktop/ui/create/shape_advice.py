"""Advice about pictures whose shape differs from the clip's, or from each other."""

from collections.abc import Mapping
from dataclasses import dataclass

from kling_desktop.domain.catalog import Dimensions, ModelSpec
from kling_desktop.domain.draft import FrameRole, ImageInput
from kling_desktop.domain.model_fit import find_nearest_size, has_other_shape
from kling_desktop.wording import pictures as words


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeAdvice:
    """What is said about shapes, and what is offered.

    Attributes:
        crop: The picture to crop, and the shape that it would get.
        crop_label: The words for that.
        size: The clip's size that suits the picture better; None where there is none.
    """

    text: str
    crop: tuple[FrameRole, Dimensions]
    crop_label: str
    size: Dimensions | None = None


def find_advice(
    images: Mapping[FrameRole, ImageInput], size: Dimensions | None, spec: ModelSpec
) -> ShapeAdvice | None:
    """Compare the pictures with the clip and with each other.

    Args:
        images: The sound pictures that are there.
        size: The clip's size; None where it follows the first frame.
        spec: The model, whose sizes are offered.
    """
    first, last = images.get(FrameRole.FIRST), images.get(FrameRole.LAST)
    if first is not None and last is not None and has_other_shape(first, _size_of(last)):
        text = words.pair_advice(first, last)
        shape = size or _size_of(first)
        wrong = FrameRole.FIRST if has_other_shape(first, shape) else FrameRole.LAST
        label = words.crop_frame_to(wrong, words.ratio_of(shape))
        return ShapeAdvice(text=text, crop=(wrong, shape), crop_label=label)
    if size is None:
        return None
    for role, image in images.items():
        if has_other_shape(image, size):
            nearest = find_nearest_size(_size_of(image), spec)
            better = nearest if nearest not in (None, size) else None
            text = words.shape_advice(image, size.aspect_ratio)
            label = words.crop_to(size.aspect_ratio)
            return ShapeAdvice(text=text, crop=(role, size), crop_label=label, size=better)
    return None


def _size_of(image: ImageInput) -> Dimensions:
    return Dimensions(image.width, image.height)
