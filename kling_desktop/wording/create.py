"""The words of the Create panel: slots, problem cards, notices, footer; knows no Qt."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from kling_desktop.domain.catalog import ImageLimits, ModelSpec
from kling_desktop.domain.draft import Draft, FrameRole, ImageInput
from kling_desktop.domain.model_fit import Obstacle, shape_words
from kling_desktop.domain.validation import describe_bytes
from kling_desktop.media.fit import Box, Fix, FixKind
from kling_desktop.media.images import Conversion, ImageFault
from kling_desktop.wording import formatting

PICTURES_ONLY = "Pictures, text or clips only"
LOADS_SETTINGS = "Load the settings of this clip"
PROMPT_HINT = "Describe the motion: who moves, how the camera moves, what the light does."
KEY_NEEDED = "Add an API key or switch to the sandbox."
TOO_THIN = "Too long and thin: no size fits both limits."
CHECKING = "Checking the picture…"
CANT_USE_YET = "Can't use this picture yet"
GONE_MODEL = "Runware no longer offers this model."
PICTURE_PATTERNS = (
    "Pictures (*.png *.jpg *.jpeg *.webp *.gif *.bmp *.tif *.tiff *.avif *.jp2 *.heic *.heif "
    "*.psd *.svg *.tga *.ppm *.pgm *.pbm *.qoi *.ico)",
    "Videos (*.mp4 *.mov *.webm *.mkv)",
    "All files (*)",
)


class CardAction(StrEnum):
    """What a button or link of a problem card does."""

    FIX = "fix"
    CROP = "crop"
    CHOOSE = "choose"
    USE_LAST_FRAME = "use_last_frame"
    FIND = "find"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A problem of a picture in words, and what can be done about it.

    Attributes:
        action: Behind the one main button.
        links: Further ways out, with their words.
    """

    title: str
    text: str
    button: str
    icon: str
    action: CardAction
    note: str = ""
    links: tuple[tuple[CardAction, str], ...] = ()


_CROP_LINK = (CardAction.CROP, "Crop instead…")
_CHOOSE_LINK = (CardAction.CHOOSE, "Choose another…")


def describe_fix(image: ImageInput, fix: Fix, limits: ImageLimits) -> Card:
    """The card of a picture that can be made to fit, with the exact result on its button."""
    pixels, weight = f"{image.width} × {image.height} px", _weight(image.size_bytes, limits)
    result = f"{fix.width} × {fix.height}"
    most = (
        f"The most is {limits.max_side_px} px a side and {describe_bytes(limits.max_size_bytes)}."
    )
    match fix.kind:
        case FixKind.RESIZE:
            return Card(
                title=f"Too large: {pixels}, {weight}",
                text=most,
                button=f"Resize to {result}",
                icon="resize",
                action=CardAction.FIX,
                note=f"Saves a copy as JPEG, about {_about(fix.about_bytes)}. "
                "Your file stays as it is.",
                links=(_CROP_LINK, _CHOOSE_LINK),
            )
        case FixKind.ENLARGE:
            return Card(
                title=f"Too small: {pixels}",
                text=f"The least is {limits.min_side_px} px a side.",
                button=f"Enlarge to {result}",
                icon="resize",
                action=CardAction.FIX,
                note="It may look soft. A larger picture works better.",
                links=(_CHOOSE_LINK,),
            )
        case FixKind.CROP:
            return Card(
                title=f"Too long and thin: {pixels}",
                text=f"A side has {limits.min_side_px} to {limits.max_side_px} px.",
                button="Crop to fit…",
                icon="crop",
                action=CardAction.CROP,
                note="No size fits both limits without cropping.",
                links=(_CHOOSE_LINK,),
            )
        case FixKind.RECOMPRESS:
            return Card(
                title=f"Too heavy: {weight}",
                text=f"The most is {describe_bytes(limits.max_size_bytes)}.",
                button=f"Recompress to about {_about(fix.about_bytes)}",
                icon="compress",
                action=CardAction.FIX,
                note="Highest JPEG quality that fits.",
                links=(_CROP_LINK, _CHOOSE_LINK),
            )
        case _:
            assert_never(fix.kind)


def describe_refusal(fault: ImageFault, message: str) -> Card:
    """The card of a file that cannot become a frame; `message` is what the check said."""
    match fault:
        case ImageFault.VIDEO:
            return Card(
                title="That's a video",
                text="Its last frame can be used as a picture.",
                button="Use its last frame",
                icon="frame-last",
                action=CardAction.USE_LAST_FRAME,
                links=(_CHOOSE_LINK,),
            )
        case ImageFault.DAMAGED | ImageFault.NOT_A_PICTURE:
            title, text = "Can't read this file", "It may be damaged or not a picture."
        case _:
            title, _, text = message.partition(". ")
            title = title.removesuffix(".")
    return Card(
        title=title,
        text=text,
        button="Choose another…",
        icon="image-plus",
        action=CardAction.CHOOSE,
    )


MOVED_CARD = Card(
    title="The picture has moved",
    text="",
    button="Find it…",
    icon="search",
    action=CardAction.FIND,
    note="Jobs keep their own copy, so queued clips are safe.",
    links=(_CHOOSE_LINK,),
)


def _weight(size_bytes: int, limits: ImageLimits) -> str:
    """A file's weight; one that is over the limit by a hair is given to the byte."""
    if size_bytes > limits.max_size_bytes:
        return describe_bytes(size_bytes)
    return formatting.file_size(size_bytes)


def _about(size_bytes: int) -> str:
    """A weight that is near enough: ``1.9 MB``, ``6 MB``, ``340 KB``."""
    mebi = 1024 * 1024
    if size_bytes < mebi:
        return f"{max(1, round(size_bytes / 1024))} KB"
    text = f"{size_bytes / mebi:.1f}"
    return f"{text.removesuffix('.0')} MB"


# ------------------------------------------------------------------ slots


def role_name(role: FrameRole) -> str:
    return "First frame" if role is FrameRole.FIRST else "Last frame"


def short_role_name(role: FrameRole) -> str:
    return "First" if role is FrameRole.FIRST else "Last"


def slot_limits(limits: ImageLimits) -> str:
    """``300–2048 px a side, up to 20 MB``."""
    most = describe_bytes(limits.max_size_bytes)
    return f"{limits.min_side_px}–{limits.max_side_px} px a side, up to {most}"


def slot_accessible_name(role: FrameRole, name: str, image: ImageInput | None, state: str) -> str:
    """``First frame, umbrella-street.png, 1920 by 1080, fits``."""
    parts = [role_name(role), name]
    if image is not None:
        parts.append(f"{image.width} by {image.height}")
    parts.append(state)
    return ", ".join(part for part in parts if part)


def conversion_notes(
    image: ImageInput | None, notes: tuple[Conversion, ...], frames: int
) -> tuple[str, ...]:
    """What was silently done, a sentence each; transparency has a line of its own."""
    found: list[str] = []
    if Conversion.FIRST_OF_SEVERAL in notes:
        found.append(f"Using the first picture of {frames}.")
    elif image is not None and image.converted_from:
        found.append(f"converted from {image.converted_from}")
    return tuple(found)


TRANSPARENT_NOTE = "Transparent parts became {}."


def transparency_note(colour: tuple[int, int, int]) -> str:
    names = {(255, 255, 255): "white", (0, 0, 0): "black", (128, 128, 128): "grey"}
    return TRANSPARENT_NOTE.format(names.get(colour, f"#{bytes(colour).hex().upper()}"))


def shape_advice(image: ImageInput, aspect_ratio: str) -> tuple[str, str]:
    """The advice about another shape and the link behind it."""
    shape = shape_words(image.width, image.height)
    return (
        f"The picture is {shape}, the clip will be {aspect_ratio}.",
        f"Crop to {aspect_ratio}",
    )


def switched_notice(spec: ModelSpec) -> str:
    return f"Switched to {spec.short_name}, the model that takes a last frame."


def last_frame_hint(spec: ModelSpec) -> str:
    return f"uses {spec.short_name}"


def last_target_hint(spec: ModelSpec) -> str:
    return f"switches to {spec.short_name}"


def fix_first(role: FrameRole) -> str:
    return f"Fix the {role_name(role).lower()} to go on."


def still_checking(role: FrameRole) -> str:
    return f"Checking the {role_name(role).lower()}…"


def crop_note(box: Box, fix: Fix, limits: ImageLimits) -> str:
    """What happens to a crop that is outside the limits; empty where it stays as it is."""
    long_side, short_side = max(box.width, box.height), min(box.width, box.height)
    if long_side * limits.min_side_px > short_side * limits.max_side_px:
        return TOO_THIN
    if fix.width < box.width or fix.height < box.height:
        return f"{box.width} × {box.height}, made smaller to"
    if fix.width > box.width or fix.height > box.height:
        return f"{box.width} × {box.height}, enlarged to"
    return ""


# ------------------------------------------------------------------ models


def obstacle_words(obstacle: Obstacle) -> tuple[str, str]:
    """Why a model does not fit, and the link that puts it right."""
    match obstacle:
        case Obstacle.NEEDS_FIRST_FRAME:
            return "Needs a first frame.", "Add one"
        case Obstacle.TAKES_NO_LAST_FRAME:
            return "No last frame.", "Remove it and use"
        case _:
            assert_never(obstacle)


def input_words(draft: Draft) -> str:
    """What the picker measures models against: ``For your input: text only``."""
    if draft.first_frame and draft.last_frame:
        words = "first and last frame"
    elif draft.last_frame:
        words = "last frame"
    elif draft.first_frame:
        words = "first frame"
    else:
        words = "text only"
    return f"For your input: {words}"


# ------------------------------------------------------------------ form and footer


def options_summary(draft: Draft, spec: ModelSpec) -> str:
    """What is behind More options: ``Negative prompt, strength 0.50``."""
    strength = "" if draft.cfg_scale is None else f"strength {draft.cfg_scale:.2f}"
    parts = ["Negative prompt" if spec.negative_prompt is not None else "", strength]
    text = ", ".join(part for part in parts if part)
    return text[:1].upper() + text[1:] if spec.negative_prompt is not None else text


def button_words(takes: int, *, queues_only: bool) -> str:
    if queues_only:
        return "Add to queue"
    return "Generate" if takes == 1 else f"Generate {takes} takes"


def prompt_counter(length: int, most: int) -> str:
    return f"{length} / {most}" if length else ""
