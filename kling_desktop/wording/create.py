"""The words of the Create panel: form, footer, drops, and the dialogs and notices around it."""

from collections.abc import Sequence
from decimal import Decimal

from kling_desktop.domain.catalog import ModelSpec
from kling_desktop.domain.draft import Draft, FrameRole
from kling_desktop.wording.formatting import money, number, seconds_words
from kling_desktop.wording.models import short_model_name
from kling_desktop.wording.translation import _, ngettext

SAMPLE_PROMPT = "She turns under the umbrella as the city lights drift out of focus."
"""Sent to the service with the sample picture; a prompt is not translated."""


# ------------------------------------------------------------------ form


def panel_name() -> str:
    return _("Create")


def prompt_hint() -> str:
    return _("Describe the motion: who moves, how the camera moves, what the light does.")


def negative_prompt_hint() -> str:
    return _("blurry, warped hands")


def frames_label() -> str:
    return _("Frames")


def drop_label() -> str:
    """In place of `frames_label` while a picture is dragged."""
    return _("Drop a picture")


def optional() -> str:
    return _("optional for this model")


def optional_hint() -> str:
    """Under a prompt that the model does not need."""
    return _("Optional for this model")


def follows_frame() -> str:
    """In place of the shapes where the model takes its size from the first frame."""
    return _("Follows the first frame")


def follows_frame_name() -> str:
    return _("Shape: follows the first frame")


def length_choice(seconds: int) -> str:
    return seconds_words(seconds)


def more_options() -> str:
    return _("More options")


def strength_hint() -> str:
    """The service's name for the prompt strength."""
    return _("CFG scale")


def options_summary(draft: Draft, spec: ModelSpec) -> str:
    """What is behind More options: ``Negative prompt, strength 0.50``."""
    strength = None if draft.cfg_scale is None else number(draft.cfg_scale, 2)
    if spec.negative_prompt is None:
        return "" if strength is None else _("Strength {value}").format(value=strength)
    if strength is None:
        return _("Negative prompt")
    return _("Negative prompt, strength {value}").format(value=strength)


def prompt_counter(length: int, most: int) -> str:
    return f"{length} / {most}" if length else ""


# ------------------------------------------------------------------ slots and drops


def drop_invitation() -> str:
    return _("Drop an image to animate")


def invitation_ways() -> tuple[tuple[str, str, str], ...]:
    """Other ways to a picture, the longest line first: before the link, the link, behind it."""
    lines = (
        _("or {browse}, paste, or drag a clip from the library"),
        _("or {browse}, paste, or drag a clip"),
        _("or {browse}, paste"),
        _("or {browse}"),
    )
    parts = [line.partition("{browse}") for line in lines]
    return tuple((before, _("browse"), behind) for before, _place, behind in parts)


def pictures_only() -> str:
    return _("Pictures, text or clips only")


def loads_settings() -> str:
    """What dropping a row of the queue on the panel does."""
    return _("Load this clip's settings")


def end_of_clip(role: FrameRole) -> str:
    """Which frame of a dragged clip a target takes."""
    return _("its first frame") if role is FrameRole.FIRST else _("its last frame")


def end_of_clip_and(role: FrameRole, switch: str) -> str:
    """As `end_of_clip`, where the model changes too: ``its first frame, switches to 2.1 Pro``."""
    return _("{frame}, {switch}").format(frame=end_of_clip(role), switch=switch)


def pasted_name() -> str:
    """What a picture is called that came without a file."""
    return _("Pasted picture")


def uses_model(spec: ModelSpec) -> str:
    return _("uses {model}").format(model=spec.short_name)


def switches_to(spec: ModelSpec) -> str:
    return _("switches to {model}").format(model=spec.short_name)


def switched_notice(spec: ModelSpec) -> str:
    sentence = _("Switched to {model}, the model that takes a last frame.")
    return sentence.format(model=spec.short_name)


def start_over() -> str:
    return _("Start over")


def started_over() -> str:
    return _("Started over.")


# ------------------------------------------------------------------ footer


def button_words(takes: int, *, queues_only: bool, editing: bool = False) -> str:
    """The words on the main button: what pressing it does."""
    if editing:
        return _("Update in queue")
    if queues_only:
        return _("Add to queue")
    if takes == 1:
        return _("Generate")
    return ngettext("Generate {count} take", "Generate {count} takes", takes).format(count=takes)


def save_as_draft() -> str:
    return _("Save as draft")


# ------------------------------------------------------------------ where settings came from


def from_clip(name: str) -> str:
    return _("From {clip}").format(clip=name)


def after_clip(name: str) -> str:
    return _("After {clip}").format(clip=name)


def from_frame_of(name: str) -> str:
    return _("From a frame of {clip}").format(clip=name)


def editing(place: int) -> str:
    """The header while a waiting job is edited; 1 is the next to be sent."""
    return _("Editing number {place} in the queue").format(place=place)


def sent_meanwhile() -> str:
    """The header when the job that is edited left the queue."""
    return _("The edited clip was sent meanwhile")


def edited() -> str:
    return _("Updated in the queue")


def recent_settings() -> str:
    return _("Recent settings")


def nothing_recent() -> str:
    return _("No recent settings yet")


def no_prompt() -> str:
    return _("No prompt")


# ------------------------------------------------------------------ notices and questions


def not_queued() -> str:
    return _("Not queued")


def waiting_for_key() -> tuple[str, str]:
    return _("Waiting for an API key"), _("The clip is in the queue.")


def draft_saved() -> tuple[str, str]:
    return _("Saved as draft"), _("It waits in the queue panel.")


def cost_question(cost: Decimal) -> str:
    return _("This costs about {cost}").format(cost=money(cost))


def cost_details(drafts: Sequence[Draft], unknown: int, limit: Decimal) -> str:
    """What would be generated, what of it has no known cost, and why it is asked."""
    takes = sum(draft.takes for draft in drafts)
    first = drafts[0]
    if len(drafts) == 1:
        what = ngettext(
            "{count} take of {model}, {seconds} s long.",
            "{count} takes of {model}, {seconds} s each.",
            takes,
        ).format(count=takes, model=short_model_name(first.model), seconds=first.duration_s)
    else:
        what = ngettext("{count} clip.", "{count} clips.", takes).format(count=takes)
    sentences = [what]
    if unknown:
        sentences.append(
            ngettext(
                "{count} clip of unknown cost is not counted.",
                "{count} clips of unknown cost are not counted.",
                unknown,
            ).format(count=number(unknown))
        )
    sentences.append(_("You asked to be warned above {limit}.").format(limit=money(limit)))
    return " ".join(sentences)


def generate_for(cost: Decimal) -> str:
    return _("Generate for about {cost}").format(cost=money(cost))


def drafts_question(count: int) -> str:
    return ngettext(
        "Make {count} draft with these settings?", "Make {count} drafts with these settings?", count
    ).format(count=number(count))


def drafts_details() -> str:
    return _(
        "Each picture becomes the first frame of a draft. Pictures that do not fit are resized as "
        "copies. Nothing is sent yet."
    )


def make_drafts(count: int) -> str:
    return ngettext("Make {count} draft", "Make {count} drafts", count).format(count=number(count))


def drafts_made(count: int) -> str:
    return ngettext("{count} draft made", "{count} drafts made", count).format(count=number(count))


def edit_too_late() -> tuple[str, str]:
    """The question when a job was sent while it was edited."""
    return (
        _("This clip was sent meanwhile"),
        _(
            "It is made with its former settings. Your changes are still here: they can be "
            "generated as a new clip, which costs anew."
        ),
    )


def generate_new() -> str:
    return _("Generate a new clip")
