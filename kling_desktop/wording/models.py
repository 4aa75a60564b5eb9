"""The words for models, problems and states, for window and command line alike."""

from typing import assert_never

from kling_desktop.domain.catalog import MODELS_BY_ID, ModelId, ModelSpec, Workflow
from kling_desktop.domain.display_state import DisplayState
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.problems import Field, Problem, ProblemCode

# ------------------------------------------------------------------ models


def model_name(model: ModelId) -> str:
    """Name on screen, ``Kling 2.5 Turbo Pro``; an unknown model keeps its id."""
    spec = MODELS_BY_ID.get(model)
    return f"Kling {spec.short_name}" if spec else model


def short_model_name(model: ModelId) -> str:
    spec = MODELS_BY_ID.get(model)
    return spec.short_name if spec else model


def resolution_words(spec: ModelSpec) -> str:
    return spec.dimensions[0].resolution if spec.dimensions else "Auto"


def fps_words(spec: ModelSpec) -> str:
    """``30 fps``, or both rates where they differ: ``30/24``, text first."""
    text, image = spec.fps.get(Workflow.TEXT_TO_VIDEO), spec.fps.get(Workflow.IMAGE_TO_VIDEO)
    if text is not None and image is not None and text != image:
        return f"{text}/{image}"
    return f"{image or text} fps"


def intake_words(spec: ModelSpec) -> str:
    if spec.takes_last_frame:
        return "First and last frame"
    return "Text or image" if spec.takes_text_alone else "Image"


def model_summary(spec: ModelSpec) -> str:
    """The second line of the model button: ``Text or image · 720p · 30 fps``."""
    size = "size of the frame" if spec.size_follows_first_frame else resolution_words(spec)
    fps = fps_words(spec)
    return f"{intake_words(spec)} · {size} · {fps if 'fps' in fps else fps + ' fps'}"


def model_accessible_name(spec: ModelSpec, obstacle: str = "") -> str:
    """What a screen reader says for a row of the picker."""
    size = "size of the first frame" if spec.size_follows_first_frame else resolution_words(spec)
    rate = fps_words(spec).removesuffix(" fps").replace("/", " or ")
    text = f"Kling {spec.short_name}, {intake_words(spec).lower()}, {size}, {rate} frames a second"
    return f"{text}, unavailable: {obstacle[0].lower()}{obstacle[1:]}" if obstacle else text


# ------------------------------------------------------------------ problems


def describe_problem(problem: Problem, spec: ModelSpec | None = None) -> str:
    """One whole sentence for what keeps a draft from being sent, with measure and limit."""
    model = f"Kling {spec.short_name}" if spec else "This model"
    code = problem.code
    match code:
        case ProblemCode.MODEL_UNKNOWN:
            return f"There is no model called “{problem.measured}”."
        case ProblemCode.NOTHING_TO_GO_ON:
            return "Add a picture or write a prompt."
        case ProblemCode.FIRST_FRAME_NEEDED:
            return "This model needs a first frame."
        case ProblemCode.FIRST_FRAME_NEEDED_WITH_LAST:
            return "A last frame needs a first frame beside it."
        case ProblemCode.LAST_FRAME_NOT_TAKEN:
            return f"{model} takes no last frame. Only Kling 2.1 Pro does."
        case ProblemCode.PROMPT_TOO_SHORT | ProblemCode.PROMPT_TOO_LONG:
            return _describe_length(problem)
        case ProblemCode.NEGATIVE_PROMPT_NOT_TAKEN:
            return f"{model} takes no negative prompt."
        case (
            ProblemCode.IMAGE_TOO_SMALL
            | ProblemCode.IMAGE_TOO_LARGE
            | ProblemCode.IMAGE_TOO_HEAVY
            | ProblemCode.IMAGE_FORMAT_NOT_TAKEN
        ):
            return f"{field_name(problem.field)}: {describe_picture_problem(problem)}"
        case ProblemCode.SIZE_MISSING:
            return f"Choose a size: {_sizes(problem.limit)}."
        case ProblemCode.SIZE_NOT_TAKEN:
            return f"{model} takes its size from the first frame; none can be chosen."
        case ProblemCode.SIZE_NOT_OFFERED:
            offered = _sizes(problem.limit)
            return f"{model} does not make {_sizes(problem.measured)}. It makes {offered}."
        case ProblemCode.DURATION_NOT_OFFERED:
            return f"A clip is {problem.limit} seconds long, not {problem.measured}."
        case ProblemCode.CFG_SCALE_OUT_OF_RANGE:
            return f"Prompt strength goes from {problem.limit}, not {problem.measured}."
        case ProblemCode.TAKES_OUT_OF_RANGE:
            return f"Takes go from {problem.limit}, not {problem.measured}."
        case _:
            assert_never(code)


def describe_picture_problem(problem: Problem) -> str:
    """What is wrong with a picture, the measured value before the limit."""
    match problem.code:
        case ProblemCode.IMAGE_TOO_SMALL:
            return f"Too small: {problem.measured}. The least is {problem.limit}."
        case ProblemCode.IMAGE_TOO_LARGE:
            return f"Too large: {problem.measured}. The most is {problem.limit}."
        case ProblemCode.IMAGE_TOO_HEAVY:
            return f"Too heavy: {problem.measured}. The most is {problem.limit}."
        case _:
            return f"{problem.measured} is not taken here; it must be {problem.limit}."


def disabled_reason(problems: tuple[Problem, ...], spec: ModelSpec | None = None) -> str:
    """Why Generate is off, in the words of the design; empty when it is on."""
    if not problems:
        return ""
    pictures = (
        ProblemCode.IMAGE_TOO_SMALL,
        ProblemCode.IMAGE_TOO_LARGE,
        ProblemCode.IMAGE_TOO_HEAVY,
        ProblemCode.IMAGE_FORMAT_NOT_TAKEN,
    )
    first = problems[0]
    if first.code in pictures:
        return f"Fix the {field_name(first.field).lower()} to go on."
    return describe_problem(first, spec)


def short_problem(problem: Problem) -> str:
    """Two or three words for what a draft is still missing: ``needs a first frame``."""
    match problem.code:
        case ProblemCode.NOTHING_TO_GO_ON:
            return "no picture and no prompt yet"
        case ProblemCode.FIRST_FRAME_NEEDED | ProblemCode.FIRST_FRAME_NEEDED_WITH_LAST:
            return "needs a first frame"
        case ProblemCode.LAST_FRAME_NOT_TAKEN:
            return "last frame not taken"
        case ProblemCode.PROMPT_TOO_SHORT:
            return "prompt too short" if problem.measured != "0" else "no prompt yet"
        case ProblemCode.PROMPT_TOO_LONG:
            return "prompt too long"
        case ProblemCode.MODEL_UNKNOWN:
            return "model not known"
        case (
            ProblemCode.IMAGE_TOO_SMALL
            | ProblemCode.IMAGE_TOO_LARGE
            | ProblemCode.IMAGE_TOO_HEAVY
            | ProblemCode.IMAGE_FORMAT_NOT_TAKEN
        ):
            return f"{field_name(problem.field).lower()} does not fit"
        case _:
            return f"check {field_name(problem.field).lower()}"


def field_name(field: Field) -> str:
    match field:
        case Field.MODEL:
            return "Model"
        case Field.PROMPT:
            return "Prompt"
        case Field.NEGATIVE_PROMPT:
            return "Negative prompt"
        case Field.FIRST_FRAME:
            return "First frame"
        case Field.LAST_FRAME:
            return "Last frame"
        case Field.DIMENSIONS:
            return "Shape"
        case Field.DURATION:
            return "Length"
        case Field.CFG_SCALE:
            return "Prompt strength"
        case Field.TAKES:
            return "Takes"
        case _:
            assert_never(field)


def _describe_length(problem: Problem) -> str:
    what = "negative prompt" if problem.field is Field.NEGATIVE_PROMPT else "prompt"
    if problem.code is ProblemCode.PROMPT_TOO_SHORT:
        return f"The {what} needs at least {problem.limit} characters."
    plural = "character" if problem.excess == 1 else "characters"
    return f"The {what} is {problem.excess} {plural} too long."


def _sizes(text: str) -> str:
    return text.replace("x", " × ")


# ------------------------------------------------------------------ states


def state_word(state: DisplayState) -> str:
    """The one word (or two) beside the state's icon."""
    match state:
        case DisplayState.QUEUED:
            return "Queued"
        case DisplayState.WAITING_FOR_NETWORK:
            return "Waiting for network"
        case DisplayState.OTHER_SERVICE:
            return "On hold"
        case DisplayState.SUBMITTING:
            return "Submitting"
        case DisplayState.ASKING:
            return "Checking"
        case DisplayState.SENT_OR_NOT:
            return "Sent or not?"
        case DisplayState.GENERATING | DisplayState.TAKING_LONG:
            return "Generating"
        case DisplayState.STOPPED_WAITING:
            return "Not waiting"
        case DisplayState.DOWNLOADING:
            return "Downloading"
        case DisplayState.DOWNLOAD_WAITING:
            return "Download paused"
        case DisplayState.DONE:
            return "Done"
        case DisplayState.FAILED:
            return "Failed"
        case DisplayState.CANCELLED:
            return "Cancelled"
        case DisplayState.OUTCOME_UNKNOWN:
            return "Outcome unknown"
        case _:
            assert_never(state)


def state_icon(state: DisplayState) -> str:
    """Name of the icon in resources/icons that stands before the word."""
    match state:
        case DisplayState.QUEUED | DisplayState.OTHER_SERVICE:
            return "clock"
        case DisplayState.WAITING_FOR_NETWORK:
            return "cloud-off"
        case DisplayState.SUBMITTING:
            return "upload"
        case DisplayState.ASKING | DisplayState.GENERATING | DisplayState.TAKING_LONG:
            return "spinner"
        case DisplayState.SENT_OR_NOT:
            return "help"
        case DisplayState.STOPPED_WAITING:
            return "eye"
        case DisplayState.DOWNLOADING | DisplayState.DOWNLOAD_WAITING:
            return "download"
        case DisplayState.DONE:
            return "check"
        case DisplayState.FAILED:
            return "error"
        case DisplayState.CANCELLED | DisplayState.OUTCOME_UNKNOWN:
            return "ban"
        case _:
            assert_never(state)


def state_colour(state: DisplayState) -> str:
    """Name of the colour token of icon and word."""
    match state:
        case (
            DisplayState.SUBMITTING
            | DisplayState.ASKING
            | DisplayState.GENERATING
            | DisplayState.TAKING_LONG
            | DisplayState.DOWNLOADING
        ):
            return "accent-text"
        case DisplayState.SENT_OR_NOT:
            return "warning"
        case DisplayState.DONE:
            return "success"
        case DisplayState.FAILED:
            return "danger"
        case DisplayState.CANCELLED | DisplayState.OUTCOME_UNKNOWN | DisplayState.STOPPED_WAITING:
            return "text-3"
        case _:
            return "text-2"


def describe_draft(draft: Draft) -> str:
    """``2.1 Master · 5 s``: the right side of a waiting row."""
    return f"{short_model_name(draft.model)} · {draft.duration_s} s"
