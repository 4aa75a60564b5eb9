"""The words for models and for the states of a job, for window and command line alike."""

from collections.abc import Mapping
from typing import assert_never

from kling_desktop.domain.catalog import MODELS_BY_ID, ModelId, ModelSpec, Workflow
from kling_desktop.domain.display_state import DisplayState
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.model_fit import Obstacle
from kling_desktop.wording.formatting import number, seconds_words
from kling_desktop.wording.translation import N_, _

_USES: Mapping[ModelId, str] = {
    ModelId("klingai:6@1"): N_("All-rounder, close to the prompt"),
    ModelId("klingai:6@0"): N_("Quick, size follows the frame"),
    ModelId("klingai:5@3"): N_("Finest motion and detail"),
    ModelId("klingai:5@2"): N_("Takes a first and a last frame"),
    ModelId("klingai:5@1"): N_("Smooth and economical"),
    ModelId("klingai:4@3"): N_("Cinematic realism"),
    ModelId("klingai:3@2"): N_("Full HD from one picture"),
    ModelId("klingai:3@1"): N_("Steady motion"),
    ModelId("klingai:2@2"): N_("Full HD at 30 frames a second"),
    ModelId("klingai:2@1"): N_("Crisper than 1.0"),
    ModelId("klingai:1@2"): N_("Holds busy scenes together"),
    ModelId("klingai:1@1"): N_("Lowest cost, simple scenes"),
}
"""What each model of the catalogue is good for."""

# ------------------------------------------------------------------ models


def model_name(model: ModelId) -> str:
    """Name on screen, ``Kling 2.5 Turbo Pro``; an unknown model keeps its id."""
    spec = MODELS_BY_ID.get(model)
    return f"Kling {spec.short_name}" if spec else model


def short_model_name(model: ModelId) -> str:
    spec = MODELS_BY_ID.get(model)
    return spec.short_name if spec else model


def model_use(spec: ModelSpec) -> str:
    """What a model is good for, in one line."""
    return _(_USES.get(spec.id, ""))


def resolution_words(spec: ModelSpec) -> str:
    """``720p``, or that the first frame decides."""
    return spec.dimensions[0].resolution if spec.dimensions else _("Auto")


def fps_words(spec: ModelSpec) -> str:
    """``30 fps``, or both rates where they differ: ``30/24``, text first."""
    rates = _list_rates(spec)
    return _name_rates(rates) if len(rates) == 1 else "/".join(map(number, rates))


def _name_rates(rates: tuple[int, ...]) -> str:
    return _("{rate} fps").format(rate="/".join(map(number, rates)))


def _list_rates(spec: ModelSpec) -> tuple[int, ...]:
    """The frame rates from text and from a picture, once where they are the same."""
    found = (spec.fps.get(Workflow.TEXT_TO_VIDEO), spec.fps.get(Workflow.IMAGE_TO_VIDEO))
    return tuple(dict.fromkeys(rate for rate in found if rate is not None))


def intake_words(spec: ModelSpec) -> str:
    """What a model can start from."""
    if spec.takes_last_frame:
        return _("First and last frame")
    return _("Text or image") if spec.takes_text_alone else _("Image")


def capability_words(spec: ModelSpec) -> tuple[str, str, str]:
    """The short words for what a model takes: text alone, first and last frame; else empty."""
    return (
        _("Text") if spec.takes_text_alone else "",
        _("First") if spec.takes_first_frame else "",
        _("Last") if spec.takes_last_frame else "",
    )


def model_summary(spec: ModelSpec) -> str:
    """The second line of the model button: ``Text or image · 720p · 30 fps``."""
    size = _("size of the frame") if spec.size_follows_first_frame else resolution_words(spec)
    return f"{intake_words(spec)} · {size} · {_name_rates(_list_rates(spec))}"


def model_label(spec: ModelSpec) -> str:
    """What a screen reader calls the model button."""
    return _("Model: {model}").format(model=model_name(spec.id))


def model_accessible_name(spec: ModelSpec, obstacle: str = "") -> str:
    """What a screen reader says for a row of the picker."""
    size = resolution_words(spec)
    if spec.size_follows_first_frame:
        size = _("size of the first frame")
    rates = _list_rates(spec)
    fps = _("{rate} frames a second").format(rate=rates[0])
    if len(rates) > 1:
        fps = _("{text} or {image} frames a second").format(text=rates[0], image=rates[1])
    name = _("{model}, {intake}, {size}, {fps}").format(
        model=model_name(spec.id), intake=intake_words(spec), size=size, fps=fps
    )
    if obstacle:
        return _("{model}. Unavailable: {reason}").format(model=name, reason=obstacle)
    return name


# ------------------------------------------------------------------ the picker


def models_title() -> str:
    return _("Models")


def gone_model() -> str:
    return _("Runware no longer offers this model.")


def obstacle_words(obstacle: Obstacle) -> tuple[str, str]:
    """Why a model does not suit the frames, and the link that changes that."""
    match obstacle:
        case Obstacle.NEEDS_FIRST_FRAME:
            return _("Needs a first frame."), _("Add one")
        case Obstacle.TAKES_NO_LAST_FRAME:
            return _("Takes no last frame."), _("Remove it")
        case _:
            assert_never(obstacle)


def input_words(draft: Draft) -> str:
    """What the picker compares the models with."""
    if draft.first_frame and draft.last_frame:
        return _("For your input: first and last frame")
    if draft.last_frame:
        return _("For your input: last frame")
    if draft.first_frame:
        return _("For your input: first frame")
    return _("For your input: text only")


def only_fitting() -> str:
    return _("Only those that fit")


def figures_note() -> str:
    """What cost and time in the picker are."""
    return _("Cost and time: the median of your own past clips")


def key_hints() -> tuple[str, ...]:
    """The keys of the picker, for its last line."""
    return _("↑ ↓ move"), _("Enter choose"), _("Esc close")


# ------------------------------------------------------------------ states


def state_word(state: DisplayState) -> str:
    """The one word (or two) beside the state's icon."""
    match state:
        case DisplayState.QUEUED:
            return _("Queued")
        case DisplayState.WAITING_FOR_NETWORK:
            return _("Waiting for network")
        case DisplayState.OTHER_SERVICE:
            return _("On hold")
        case DisplayState.SUBMITTING:
            return _("Submitting")
        case DisplayState.ASKING:
            return _("Checking")
        case DisplayState.UNCONFIRMED:
            return _("Unconfirmed")
        case DisplayState.HELD:
            return _("Needs you")
        case DisplayState.GENERATING | DisplayState.TAKING_LONG:
            return _("Generating")
        case DisplayState.STOPPED_WAITING:
            return _("Not waiting")
        case DisplayState.DOWNLOADING:
            return _("Downloading")
        case DisplayState.DOWNLOAD_WAITING:
            return _("Download paused")
        case DisplayState.DONE:
            return _("Done")
        case DisplayState.FAILED:
            return _("Failed")
        case DisplayState.CANCELLED:
            return _("Cancelled")
        case DisplayState.OUTCOME_UNKNOWN:
            return _("Outcome unknown")
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
        case DisplayState.UNCONFIRMED | DisplayState.HELD:
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
        case DisplayState.UNCONFIRMED | DisplayState.HELD:
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
    return f"{short_model_name(draft.model)} · {seconds_words(draft.duration_s)}"
