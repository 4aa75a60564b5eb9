"""The words for input pictures: their slots, what is wrong with one, what can be done about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from kling_desktop.domain.catalog import Dimensions, ImageLimits, ModelSpec
from kling_desktop.domain.draft import FrameRole, ImageInput
from kling_desktop.domain.model_fit import shape_words
from kling_desktop.domain.problems import Field, ProblemCode
from kling_desktop.domain.validation import find_image_problems
from kling_desktop.media.fit import Box, Fix, FixKind
from kling_desktop.media.images import Conversion, ImageFault
from kling_desktop.wording.actions import Action, NamedAction
from kling_desktop.wording.formatting import exact_size, file_size
from kling_desktop.wording.problems import describe_picture_problem
from kling_desktop.wording.translation import N_, _

_PICTURE_SUFFIXES = (
    "png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff", "avif", "jp2", "heic", "heif",
    "psd", "svg", "tga", "ppm", "pgm", "pbm", "qoi", "ico",
)  # fmt: skip
_VIDEO_SUFFIXES = ("mp4", "mov", "webm", "mkv")
_COLOUR_NAMES: dict[tuple[int, int, int], str] = {
    (255, 255, 255): N_("White"),
    (0, 0, 0): N_("Black"),
    (128, 128, 128): N_("Grey"),
}


def file_patterns() -> tuple[str, ...]:
    """What the file dialog offers, in Qt's form: ``Pictures (*.png *.jpg)``."""
    return (
        _pattern(_("Pictures"), _PICTURE_SUFFIXES),
        _pattern(_("Videos"), _VIDEO_SUFFIXES),
        _pattern(_("All files"), ()),
    )


def _pattern(name: str, suffixes: Sequence[str]) -> str:
    globs = " ".join(f"*.{suffix}" for suffix in suffixes) or "*"
    return f"{name} ({globs})"


# ------------------------------------------------------------------ what is wrong with a picture


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureCard:
    """A problem of a picture in words, and what can be done about it.

    Attributes:
        main: On the one button.
        links: Further actions.
    """

    title: str
    text: str
    main: NamedAction
    note: str = ""
    links: tuple[NamedAction, ...] = ()


def describe_fix(image: ImageInput, fix: Fix, spec: ModelSpec) -> PictureCard:
    """The card of a picture that can be made to fit, with the exact result on its button."""
    title, text = _describe_limits(image, spec)
    size = f"{fix.width} × {fix.height}"
    match fix.kind:
        case FixKind.RESIZE:
            note = _("Saves a copy as JPEG, about {size}. Your file stays as it is.")
            return PictureCard(
                title=title,
                text=text,
                main=NamedAction(
                    Action.FIT_PICTURE, _("Resize to {size}").format(size=size), "resize"
                ),
                note=note.format(size=_about(fix.about_bytes)),
                links=(_crop_link(), _choose_another()),
            )
        case FixKind.ENLARGE:
            return PictureCard(
                title=title,
                text=text,
                main=NamedAction(
                    Action.FIT_PICTURE, _("Enlarge to {size}").format(size=size), "resize"
                ),
                note=_("It may look soft. A larger picture works better."),
                links=(_choose_another(),),
            )
        case FixKind.CROP:
            limits = spec.input_image
            return PictureCard(
                title=_("Too long and thin: {width} × {height} px").format(
                    width=image.width, height=image.height
                ),
                text=_("Each side must have {least} to {most} px.").format(
                    least=limits.min_side_px, most=limits.max_side_px
                ),
                main=NamedAction(Action.CROP_PICTURE, _("Crop to fit…"), "crop"),
                note=_("No size fits both limits without cropping."),
                links=(_choose_another(),),
            )
        case FixKind.RECOMPRESS:
            return PictureCard(
                title=title,
                text=text,
                main=NamedAction(
                    Action.FIT_PICTURE,
                    _("Recompress to about {size}").format(size=_about(fix.about_bytes)),
                    "compress",
                ),
                note=_("Saves a copy with the highest JPEG quality that fits."),
                links=(_crop_link(), _choose_another()),
            )
        case _:
            assert_never(fix.kind)


def _describe_limits(image: ImageInput, spec: ModelSpec) -> tuple[str, str]:
    """The sentences for the limits that a picture does not meet: the first, then the others."""
    first, *others = [
        describe_picture_problem(problem)
        for problem in find_image_problems(image, spec, Field.FIRST_FRAME)
        if problem.code is not ProblemCode.IMAGE_FORMAT_NOT_TAKEN  # it is converted silently
    ] or [""]
    return first, " ".join(others)


def describe_refusal(fault: ImageFault, message: str) -> PictureCard:
    """The card of a file that cannot become a frame; `message` is what the check said."""
    match fault:
        case ImageFault.VIDEO:
            title, text = describe_video()
            return PictureCard(
                title=title,
                text=text,
                main=NamedAction(Action.USE_LAST_FRAME, use_last_frame(), "frame-last"),
                links=(_choose_another(),),
            )
        case ImageFault.DAMAGED | ImageFault.NOT_A_PICTURE:
            title, text = _("Can't read this file"), _("It may be damaged or not a picture.")
        case _:
            title, _dot, text = message.partition(". ")
            title = title.removesuffix(".")
    return PictureCard(
        title=title,
        text=text,
        main=_choose_another("image-plus"),
    )


def use_last_frame() -> str:
    return _("Use its last frame")


def describe_video() -> tuple[str, str]:
    """Title and text for a video where a picture is wanted."""
    return _("That's a video"), _("Its last frame can be used as a picture.")


def describe_missing() -> PictureCard:
    """The card of a picture that is not where it was."""
    return PictureCard(
        title=_("The picture has moved"),
        text="",
        main=NamedAction(Action.CHOOSE_PICTURE, _("Find it…"), "search"),
        note=_("Queued clips keep their own copy and are safe."),
        links=(_choose_another(),),
    )


def _crop_link() -> NamedAction:
    return NamedAction(Action.CROP_PICTURE, _("Crop instead…"))


def _choose_another(icon: str = "") -> NamedAction:
    return NamedAction(Action.CHOOSE_PICTURE, _("Choose another…"), icon)


def _about(size_bytes: int) -> str:
    """A size that is near enough: ``1.9 MB``, ``340 KB``."""
    return file_size(max(1024, size_bytes))


def copy_failed() -> str:
    return _("The copy can't be saved. There may be no room on the disk.")


# ------------------------------------------------------------------ slots

_SLOT_STATES = {
    "empty": N_("empty"),
    "checking": N_("being checked"),
    "ready": N_("fits"),
    "needs_fix": N_("can't be used yet"),
    "refused": N_("can't be used"),
    "moved": N_("the picture has moved"),
}


def slot_state(phase: str) -> str:
    """What a screen reader says about a slot's picture, by the value of its `SlotPhase`."""
    return _(_SLOT_STATES[phase])


def checking() -> str:
    return _("Checking the picture…")


def cannot_use_yet() -> str:
    """On a picture that needs something before it can be sent."""
    return _("Can't use this picture yet")


def choose_picture() -> str:
    return _("Choose a picture…")


def paste() -> str:
    return _("Paste")


def crop_menu() -> str:
    return _("Crop…")


def swap_frames() -> str:
    return _("Swap first and last")


def remove() -> str:
    return _("Remove")


def role_name(role: FrameRole) -> str:
    return _("First frame") if role is FrameRole.FIRST else _("Last frame")


def short_role_name(role: FrameRole) -> str:
    return _("First") if role is FrameRole.FIRST else _("Last")


def choose_title(role: FrameRole) -> str:
    """The title of the file dialog."""
    return _("Choose the first frame") if role is FrameRole.FIRST else _("Choose the last frame")


def use_as(role: FrameRole) -> str:
    """What a target for dragged pictures says."""
    return _("Use as first frame") if role is FrameRole.FIRST else _("Use as last frame")


def add_words(role: FrameRole) -> str:
    return _("Add first frame") if role is FrameRole.FIRST else _("Add last frame")


def crop_words(role: FrameRole) -> str:
    return _("Crop the first frame") if role is FrameRole.FIRST else _("Crop the last frame")


def remove_words(role: FrameRole) -> str:
    return _("Remove the first frame") if role is FrameRole.FIRST else _("Remove the last frame")


def still_checking(role: FrameRole) -> str:
    if role is FrameRole.FIRST:
        return _("Checking the first frame…")
    return _("Checking the last frame…")


def cannot_use(role: FrameRole) -> str:
    """For a screen reader, when a picture turns out to need something."""
    if role is FrameRole.FIRST:
        return _("First frame: can't use this picture yet")
    return _("Last frame: can't use this picture yet")


def name_of_clip_frame(role: FrameRole, clip: int) -> str:
    """What a frame is called that was taken from a clip of the library."""
    if role is FrameRole.FIRST:
        return _("First frame of clip {number}").format(number=clip)
    return _("Last frame of clip {number}").format(number=clip)


def name_of_last_frame(video: str) -> str:
    return _("{video}, last frame").format(video=video)


def slot_limits(limits: ImageLimits) -> str:
    """``300–2048 px per side, up to 20 MB``."""
    return _("{least}–{most} px per side, up to {size}").format(
        least=limits.min_side_px,
        most=limits.max_side_px,
        size=exact_size(limits.max_size_bytes),
    )


def slot_name(role: FrameRole, name: str, image: ImageInput | None, state: str) -> str:
    """What a screen reader calls a slot: ``First frame, street.png, 1920 by 1080, fits``."""
    facts = {"role": role_name(role), "name": name, "state": state}
    if image is not None:
        sentence = _("{role}, {name}, {width} by {height}, {state}")
        return sentence.format(width=image.width, height=image.height, **facts)
    if name:
        return _("{role}, {name}, {state}").format(**facts)
    return _("{role}, {state}").format(**facts)


def conversion_notes(
    image: ImageInput | None, notes: tuple[Conversion, ...], frames: int
) -> tuple[str, ...]:
    """What was silently done to a picture, a sentence each; transparency has its own."""
    if Conversion.FIRST_OF_SEVERAL in notes:
        return (_("Using the first picture of {count}.").format(count=frames),)
    if image is not None and image.converted_from:
        return (_("Converted from {format}.").format(format=image.converted_from),)
    return ()


def transparency_note(colour: tuple[int, int, int]) -> str:
    match colour:
        case (255, 255, 255):
            return _("Transparent parts became white.")
        case (0, 0, 0):
            return _("Transparent parts became black.")
        case (128, 128, 128):
            return _("Transparent parts became grey.")
        case _:
            code = f"#{bytes(colour).hex().upper()}"
            return _("Transparent parts became {colour}.").format(colour=code)


def change_colour() -> str:
    return _("Change colour")


def other_colour() -> str:
    return _("Another…")


def colour_title() -> str:
    return _("Colour behind transparent parts")


def background_colours() -> tuple[tuple[str, tuple[int, int, int]], ...]:
    """The colours that are offered behind transparent parts."""
    return tuple((_(name), colour) for colour, name in _COLOUR_NAMES.items())


def shape_advice(image: ImageInput, aspect_ratio: str) -> str:
    return _("The picture is {shape}, the clip will be {ratio}.").format(
        shape=shape_words(image.width, image.height), ratio=aspect_ratio
    )


def pair_advice(first: ImageInput, last: ImageInput) -> str:
    return _("The first frame is {first}, the last frame is {last}.").format(
        first=shape_words(first.width, first.height), last=shape_words(last.width, last.height)
    )


def crop_frame_to(role: FrameRole, aspect_ratio: str) -> str:
    if role is FrameRole.FIRST:
        return _("Crop the first frame to {ratio}").format(ratio=aspect_ratio)
    return _("Crop the last frame to {ratio}").format(ratio=aspect_ratio)


def ratio_of(shape: Dimensions) -> str:
    return shape_words(shape.width, shape.height)


def make_clip(aspect_ratio: str) -> str:
    """The link that changes the clip's shape to the picture's."""
    return _("Make the clip {ratio}").format(ratio=aspect_ratio)


def refused_notice(name: str, reason: str) -> str:
    """When something unusable is given to a slot that has a picture."""
    sentence = _("{name} can't be used. {reason} The slot keeps its picture.")
    return sentence.format(name=name, reason=reason)


def crop_to(aspect_ratio: str) -> str:
    return _("Crop to {ratio}").format(ratio=aspect_ratio)


# ------------------------------------------------------------------ cropping


def crop_title() -> str:
    return _("Crop")


def free_shape() -> str:
    """No fixed shape for a crop."""
    return _("Free")


def too_thin() -> str:
    return _("Too long and thin: no size fits both limits.")


def crop_note(box: Box, fix: Fix, limits: ImageLimits) -> str:
    """What happens to a crop that is outside the limits; empty where it stays as it is."""
    long_side, short_side = max(box.width, box.height), min(box.width, box.height)
    size = f"{box.width} × {box.height}"
    if long_side * limits.min_side_px > short_side * limits.max_side_px:
        return too_thin()
    if fix.width < box.width or fix.height < box.height:
        return _("{size}, made smaller to").format(size=size)
    if fix.width > box.width or fix.height > box.height:
        return _("{size}, enlarged to").format(size=size)
    return ""


def pixel_size(width: int, height: int) -> str:
    return f"{width} × {height} px"


def crop_frame_name(box: Box, fix: Fix) -> str:
    """What a screen reader says for the frame of the crop sheet."""
    return _(
        "Crop frame, {width} by {height} pixels, {left} from the left, {top} from the top"
    ).format(width=fix.width, height=fix.height, left=box.left, top=box.top)
