"""What can be wrong with a draft, as values: the field, the kind, the measure and the limit."""

from dataclasses import dataclass
from enum import StrEnum


class Field(StrEnum):
    """The part of the form a problem belongs to."""

    MODEL = "model"
    PROMPT = "prompt"
    NEGATIVE_PROMPT = "negative_prompt"
    FIRST_FRAME = "first_frame"
    LAST_FRAME = "last_frame"
    DIMENSIONS = "dimensions"
    DURATION = "duration"
    CFG_SCALE = "cfg_scale"
    TAKES = "takes"


class ProblemCode(StrEnum):
    """What is wrong; `ui/wording.py` has the sentence for each."""

    MODEL_UNKNOWN = "model_unknown"
    NOTHING_TO_GO_ON = "nothing_to_go_on"
    FIRST_FRAME_NEEDED = "first_frame_needed"
    FIRST_FRAME_NEEDED_WITH_LAST = "first_frame_needed_with_last"
    LAST_FRAME_NOT_TAKEN = "last_frame_not_taken"
    PROMPT_TOO_SHORT = "prompt_too_short"
    PROMPT_TOO_LONG = "prompt_too_long"
    NEGATIVE_PROMPT_NOT_TAKEN = "negative_prompt_not_taken"
    IMAGE_TOO_SMALL = "image_too_small"
    IMAGE_TOO_LARGE = "image_too_large"
    IMAGE_TOO_HEAVY = "image_too_heavy"
    IMAGE_FORMAT_NOT_TAKEN = "image_format_not_taken"
    SIZE_MISSING = "size_missing"
    SIZE_NOT_TAKEN = "size_not_taken"
    SIZE_NOT_OFFERED = "size_not_offered"
    DURATION_NOT_OFFERED = "duration_not_offered"
    CFG_SCALE_OUT_OF_RANGE = "cfg_scale_out_of_range"
    TAKES_OUT_OF_RANGE = "takes_out_of_range"


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a draft cannot be sent.

    Attributes:
        code: What is wrong.
        field: Where it is wrong.
        measured: What was found, as text for a person: ``"4096 × 2304 px"``, ``"2512"``.
        limit: What would be allowed, as text.
        excess: For lengths, how many characters are too many or missing; else 0.
    """

    code: ProblemCode
    field: Field
    measured: str = ""
    limit: str = ""
    excess: int = 0
