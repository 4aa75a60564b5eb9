"""What can be wrong with a draft, as codes with facts; `wording/problems.py` has the sentences."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

_NO_FACTS: Mapping[str, Any] = MappingProxyType({})


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
    """What is wrong; the comments name the facts that come with it."""

    MODEL_UNKNOWN = "model_unknown"  # name
    NOTHING_TO_GO_ON = "nothing_to_go_on"
    FIRST_FRAME_NEEDED = "first_frame_needed"
    FIRST_FRAME_NEEDED_WITH_LAST = "first_frame_needed_with_last"
    LAST_FRAME_NOT_TAKEN = "last_frame_not_taken"  # model
    PROMPT_TOO_SHORT = "prompt_too_short"  # length, least
    PROMPT_TOO_LONG = "prompt_too_long"  # length, most
    NEGATIVE_PROMPT_NOT_TAKEN = "negative_prompt_not_taken"  # model
    IMAGE_TOO_SMALL = "image_too_small"  # width, height, least_px
    IMAGE_TOO_LARGE = "image_too_large"  # width, height, most_px
    IMAGE_FILE_TOO_LARGE = "image_too_heavy"  # size_bytes, most_bytes
    IMAGE_FORMAT_NOT_TAKEN = "image_format_not_taken"  # format
    SIZE_MISSING = "size_missing"  # offered
    SIZE_NOT_TAKEN = "size_not_taken"  # model, size
    SIZE_NOT_OFFERED = "size_not_offered"  # model, size, offered
    DURATION_NOT_OFFERED = "duration_not_offered"  # seconds, offered
    CFG_SCALE_OUT_OF_RANGE = "cfg_scale_out_of_range"  # value, least, most
    TAKES_OUT_OF_RANGE = "takes_out_of_range"  # takes, most


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a draft cannot be sent.

    Attributes:
        code: What is wrong.
        field: Where it is wrong.
        facts: What was found and what would be allowed, as numbers and names, never as sentences.
    """

    code: ProblemCode
    field: Field
    facts: Mapping[str, Any] = dataclasses.field(default_factory=lambda: _NO_FACTS, hash=False)
