"""The words for models and states, for window and command line alike."""

from typing import assert_never

from kling_desktop.domain.catalog import MODELS_BY_ID, ModelId, ModelSpec, Workflow
from kling_desktop.domain.display_state import DisplayState
from kling_desktop.domain.draft import Draft

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
            return "Unconfirmed"
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
