"""The sentences for what keeps a draft from being sent, for window and command line alike."""

from collections.abc import Sequence
from typing import assert_never

from kling_desktop.domain.catalog import Dimensions
from kling_desktop.domain.draft import FrameRole
from kling_desktop.domain.problems import Field, Problem, ProblemCode
from kling_desktop.wording.formatting import exact_size
from kling_desktop.wording.models import model_name
from kling_desktop.wording.translation import _, ngettext

PICTURE_PROBLEMS = frozenset(
    {
        ProblemCode.IMAGE_TOO_SMALL,
        ProblemCode.IMAGE_TOO_LARGE,
        ProblemCode.IMAGE_FILE_TOO_LARGE,
        ProblemCode.IMAGE_FORMAT_NOT_TAKEN,
    }
)


def describe_problem(problem: Problem) -> str:
    """One whole sentence for what keeps a draft from being sent, with measure and limit."""
    facts, code = problem.facts, problem.code
    match code:
        case ProblemCode.MODEL_UNKNOWN:
            return _("There is no model “{name}”.").format(name=facts["name"])
        case ProblemCode.NOTHING_TO_GO_ON:
            return _("Add a picture or write a prompt.")
        case ProblemCode.FIRST_FRAME_NEEDED:
            return _("This model needs a first frame.")
        case ProblemCode.FIRST_FRAME_NEEDED_WITH_LAST:
            return _("A last frame needs a first frame beside it.")
        case ProblemCode.LAST_FRAME_NOT_TAKEN:
            sentence = _("{model} takes no last frame. Only Kling 2.1 Pro does.")
            return sentence.format(model=model_name(facts["model"]))
        case ProblemCode.PROMPT_TOO_SHORT | ProblemCode.PROMPT_TOO_LONG:
            return _describe_length(problem)
        case ProblemCode.NEGATIVE_PROMPT_NOT_TAKEN:
            return _("{model} takes no negative prompt.").format(model=model_name(facts["model"]))
        case (
            ProblemCode.IMAGE_TOO_SMALL
            | ProblemCode.IMAGE_TOO_LARGE
            | ProblemCode.IMAGE_FILE_TOO_LARGE
            | ProblemCode.IMAGE_FORMAT_NOT_TAKEN
        ):
            sentence = describe_picture_problem(problem)
            return _("{field}: {problem}").format(field=field_name(problem.field), problem=sentence)
        case _other:
            return _describe_setting(problem)


def describe_picture_problem(problem: Problem) -> str:
    """What is wrong with a picture, the measured value before the limit."""
    facts = problem.facts
    match problem.code:
        case ProblemCode.IMAGE_TOO_SMALL:
            sentence = _("Too small: {width} × {height} px (minimum {least} px per side).")
            return sentence.format(
                width=facts["width"], height=facts["height"], least=facts["least_px"]
            )
        case ProblemCode.IMAGE_TOO_LARGE:
            sentence = _("Too large: {width} × {height} px (maximum {most} px per side).")
            return sentence.format(
                width=facts["width"], height=facts["height"], most=facts["most_px"]
            )
        case ProblemCode.IMAGE_FILE_TOO_LARGE:
            return _("File too large: {size} (maximum {most}).").format(
                size=exact_size(facts["size_bytes"]), most=exact_size(facts["most_bytes"])
            )
        case _other:
            return _("{format} is not accepted here. Use PNG, JPEG or WebP.").format(
                format=facts["format"].upper()
            )


def disabled_reason(problems: Sequence[Problem]) -> str:
    """Why Generate is off; empty when it is on."""
    if not problems:
        return ""
    first = problems[0]
    if first.code not in PICTURE_PROBLEMS:
        return describe_problem(first)
    return fix_first(FrameRole.LAST if first.field is Field.LAST_FRAME else FrameRole.FIRST)


def fix_first(role: FrameRole) -> str:
    """Why Generate is off while a frame cannot be used."""
    if role is FrameRole.FIRST:
        return _("Fix the first frame to go on.")
    return _("Fix the last frame to go on.")


def short_problem(problem: Problem) -> str:
    """Two or three words for what a draft is still missing: ``needs a first frame``."""
    match problem.code:
        case ProblemCode.NOTHING_TO_GO_ON:
            return _("no picture and no prompt yet")
        case ProblemCode.FIRST_FRAME_NEEDED | ProblemCode.FIRST_FRAME_NEEDED_WITH_LAST:
            return _("needs a first frame")
        case ProblemCode.LAST_FRAME_NOT_TAKEN:
            return _("last frame not accepted")
        case ProblemCode.PROMPT_TOO_SHORT:
            return _("prompt too short")
        case ProblemCode.PROMPT_TOO_LONG:
            return _("prompt too long")
        case ProblemCode.NEGATIVE_PROMPT_NOT_TAKEN:
            return _("negative prompt not accepted")
        case ProblemCode.MODEL_UNKNOWN:
            return _("unknown model")
        case (
            ProblemCode.IMAGE_TOO_SMALL
            | ProblemCode.IMAGE_TOO_LARGE
            | ProblemCode.IMAGE_FILE_TOO_LARGE
            | ProblemCode.IMAGE_FORMAT_NOT_TAKEN
        ):
            last = problem.field is Field.LAST_FRAME
            return _("last frame does not fit") if last else _("first frame does not fit")
        case ProblemCode.DURATION_NOT_OFFERED:
            return _("check the length")
        case ProblemCode.CFG_SCALE_OUT_OF_RANGE:
            return _("check the prompt strength")
        case ProblemCode.TAKES_OUT_OF_RANGE:
            return _("check the takes")
        case ProblemCode.SIZE_MISSING | ProblemCode.SIZE_NOT_TAKEN | ProblemCode.SIZE_NOT_OFFERED:
            return _("check the shape")
        case _:
            assert_never(problem.code)


def field_name(field: Field) -> str:
    match field:
        case Field.MODEL:
            return _("Model")
        case Field.PROMPT:
            return _("Prompt")
        case Field.NEGATIVE_PROMPT:
            return _("Negative prompt")
        case Field.FIRST_FRAME:
            return _("First frame")
        case Field.LAST_FRAME:
            return _("Last frame")
        case Field.DIMENSIONS:
            return _("Shape")
        case Field.DURATION:
            return _("Length")
        case Field.CFG_SCALE:
            return _("Prompt strength")
        case Field.TAKES:
            return _("Takes")
        case _:
            assert_never(field)


def _describe_length(problem: Problem) -> str:
    facts, negative = problem.facts, problem.field is Field.NEGATIVE_PROMPT
    if problem.code is ProblemCode.PROMPT_TOO_SHORT:
        sentence = (
            _("The negative prompt needs at least {least} characters.")
            if negative
            else _("The prompt needs at least {least} characters.")
        )
        return sentence.format(least=facts["least"])
    excess = facts["length"] - facts["most"]
    sentence = (
        ngettext(
            "The negative prompt is {excess} character too long.",
            "The negative prompt is {excess} characters too long.",
            excess,
        )
        if negative
        else ngettext(
            "The prompt is {excess} character too long.",
            "The prompt is {excess} characters too long.",
            excess,
        )
    )
    return sentence.format(excess=excess)


def _describe_setting(problem: Problem) -> str:
    facts = problem.facts
    match problem.code:
        case ProblemCode.SIZE_MISSING:
            return _("Choose a size: {sizes}.").format(sizes=_list_sizes(facts["offered"]))
        case ProblemCode.SIZE_NOT_TAKEN:
            sentence = _("{model} takes its size from the first frame; none can be chosen.")
            return sentence.format(model=model_name(facts["model"]))
        case ProblemCode.SIZE_NOT_OFFERED:
            return _("{model} does not make {size}. It makes {sizes}.").format(
                model=model_name(facts["model"]),
                size=_list_sizes((facts["size"],)),
                sizes=_list_sizes(facts["offered"]),
            )
        case ProblemCode.DURATION_NOT_OFFERED:
            sentence = _("A clip is {lengths} seconds long, not {seconds}.")
            return sentence.format(
                lengths=_list_choices(facts["offered"]), seconds=facts["seconds"]
            )
        case ProblemCode.CFG_SCALE_OUT_OF_RANGE:
            return _("Prompt strength goes from {least} to {most}, not {value}.").format(
                least=f"{facts['least']:g}", most=f"{facts['most']:g}", value=f"{facts['value']:g}"
            )
        case _other:
            return _("Takes go from 1 to {most}, not {takes}.").format(
                most=facts["most"], takes=facts["takes"]
            )


def _list_sizes(sizes: Sequence[Dimensions]) -> str:
    return ", ".join(f"{size.width} × {size.height}" for size in sizes)


def _list_choices(values: Sequence[int]) -> str:
    """``5 or 10``."""
    if len(values) < 2:
        return "".join(map(str, values))
    *others, last = map(str, values)
    return _("{others} or {last}").format(others=", ".join(others), last=last)
