"""Which models suit a draft, and how a draft is carried over to another model."""

from dataclasses import dataclass, replace
from enum import StrEnum
from math import gcd, log

from kling_desktop.domain.catalog import MODELS, Dimensions, ModelSpec
from kling_desktop.domain.draft import Draft, ImageInput
from kling_desktop.domain.problems import Field

_SAME_SHAPE = 0.02
"""Two shapes whose ratios differ by less than 2 % are cropped without anybody noticing."""


class Obstacle(StrEnum):
    """Why a model does not suit the frames that are there; each has a way out."""

    NEEDS_FIRST_FRAME = "needs_first_frame"
    TAKES_NO_LAST_FRAME = "takes_no_last_frame"


def find_obstacle(draft: Draft, spec: ModelSpec) -> Obstacle | None:
    """Say what keeps a model from taking the draft's frames; sizes and words are no obstacle."""
    if draft.last_frame is not None and not spec.takes_last_frame:
        return Obstacle.TAKES_NO_LAST_FRAME
    if draft.first_frame is None and not spec.takes_text_alone:
        return Obstacle.NEEDS_FIRST_FRAME
    return None


def find_model_for_last_frame() -> ModelSpec | None:
    """The newest model that takes a last frame."""
    return next((spec for spec in MODELS if spec.takes_last_frame), None)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A draft made to suit a model.

    Attributes:
        changed: The fields whose value had to change, to be pointed at once.
    """

    draft: Draft
    changed: frozenset[Field]


def fit_draft(draft: Draft, spec: ModelSpec) -> Fitted:
    """Carry a draft over to a model: shape and length are kept where it has them, else nearest.

    Frames and words stay as they are, also where the model does not take them: they are kept for
    the next model, and the check says what is in the way.
    """
    dimensions = find_nearest_size(draft.dimensions, spec)
    duration_s = min(spec.durations_s, key=lambda length: abs(length - draft.duration_s))
    changed: set[Field] = set()
    if dimensions is not None and draft.dimensions is not None:
        if dimensions.aspect_ratio != draft.dimensions.aspect_ratio:
            changed.add(Field.DIMENSIONS)
    elif (dimensions is None) != (draft.dimensions is None):
        changed.add(Field.DIMENSIONS)
    if duration_s != draft.duration_s:
        changed.add(Field.DURATION)
    fitted = replace(draft, model=spec.id, dimensions=dimensions, duration_s=duration_s)
    return Fitted(fitted, frozenset(changed))


def without_unused(draft: Draft, spec: ModelSpec) -> Draft:
    """The draft as it is sent: words that the model does not take are left out."""
    return draft if spec.negative_prompt is not None else replace(draft, negative_prompt="")


def has_other_shape(image: ImageInput, dimensions: Dimensions) -> bool:
    """Whether the picture would be cropped visibly to make the clip."""
    picture, clip = image.width / image.height, dimensions.width / dimensions.height
    return abs(log(picture / clip)) > _SAME_SHAPE


def shape_words(width: int, height: int) -> str:
    """A picture's shape as it is usually written: ``3:2``, ``16:9``, else ``1.85:1``."""
    common = gcd(width, height)
    a, b = width // common, height // common
    if max(a, b) <= 21:
        return f"{a}:{b}"
    for a, b in ((16, 9), (9, 16), (3, 2), (2, 3), (4, 3), (3, 4), (1, 1), (5, 4), (4, 5), (21, 9)):
        if abs(log((width / height) / (a / b))) <= _SAME_SHAPE:
            return f"{a}:{b}"
    return f"{width / height:.2f}:1" if width >= height else f"1:{height / width:.2f}"


def find_nearest_size(wanted: Dimensions | None, spec: ModelSpec) -> Dimensions | None:
    """The model's size whose shape is nearest to a wanted one; None where it has no choice."""
    if not spec.dimensions:
        return None
    if wanted is None:
        return spec.dimensions[0]
    ratio = wanted.width / wanted.height
    return min(spec.dimensions, key=lambda size: abs(log(ratio / (size.width / size.height))))
