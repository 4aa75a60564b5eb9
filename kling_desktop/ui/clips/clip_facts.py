"""What Details says about one clip or several, as lines of words; knows no widget."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from kling_desktop.domain.catalog import MODELS_BY_ID
from kling_desktop.domain.draft import ImageInput
from kling_desktop.domain.video import Video
from kling_desktop.storage.stores.video_query import VideoQuery
from kling_desktop.storage.stores.video_store import VideoStore
from kling_desktop.wording.formatting import file_size, money
from kling_desktop.wording.library import (
    codec_words,
    cost_words,
    made_words,
    rate_words,
    seconds_words,
    shape_words,
    shared,
    short_id,
)

_TAKES_WITHIN = timedelta(days=3)
_MOST_NEAR = 400


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of Details.

    Attributes:
        copied: What the copy button beside it puts on the clipboard; empty for no button.
        badge: A tier shown behind the value.
    """

    label: str
    value: str
    copied: str = ""
    badge: str = ""


def describe_settings(video: Video) -> tuple[Fact, ...]:
    """Return how a clip was asked for."""
    draft, facts = video.draft, video.facts
    name, tier = _model_words(video)
    strength = "" if draft.cfg_scale is None else f"{draft.cfg_scale:.2f}"
    seed = "" if video.seed is None else str(video.seed)
    lines = (
        Fact("Model", name, badge=tier),
        Fact("Size", shape_words(facts.width, facts.height)),
        Fact("Length", f"{seconds_words(facts.duration_s)} at {rate_words(facts.fps)}"),
        Fact("Strength", strength),
        Fact("Keep out", draft.negative_prompt),
        Fact("Seed", seed, copied=seed),
    )
    return tuple(fact for fact in lines if fact.value)


def describe_making(video: Video, now: datetime) -> tuple[Fact, ...]:
    """Return when, for how much and into which file a clip was made."""
    lines = (
        Fact("Made", made_words(video, now)),
        Fact("Cost", cost_words(video.cost_usd, practice=video.practice)),
        Fact("File", video.file.rsplit("/", 1)[-1] + (" (moved)" if video.missing else "")),
        Fact("On disk", f"{file_size(video.facts.size_bytes)}, {codec_words(video.facts.codec)}"),
        Fact("Task ID", short_id(video.task_id), copied=video.task_id),
    )
    return tuple(fact for fact in lines if fact.value)


def describe_several(videos: Sequence[Video]) -> tuple[Fact, ...]:
    """Return what several clips add up to and what they have in common."""
    stated = [video.cost_usd for video in videos if video.cost_usd is not None]
    unstated = sum(1 for video in videos if video.cost_usd is None and not video.practice)
    cost = money(sum(stated, Decimal(0)))
    if unstated:
        cost += f", {unstated} not stated"

    def common(words: Callable[[Video], str]) -> str:
        return shared([words(video) for video in videos])

    lines = (
        Fact("On disk", file_size(sum(video.facts.size_bytes for video in videos))),
        Fact("Cost", cost),
        Fact("Model", common(lambda video: " ".join(_model_words(video)).strip())),
        Fact("Size", common(lambda video: shape_words(video.facts.width, video.facts.height))),
        Fact("Length", common(lambda video: seconds_words(video.facts.duration_s))),
        Fact("Strength", common(_strength_words)),
        Fact("Prompt", common(lambda video: video.draft.prompt)),
    )
    return tuple(fact for fact in lines if fact.value)


def find_takes(store: VideoStore, video: Video) -> tuple[Video, ...]:
    """Return the clips made by the same click, oldest first; the clip alone when it had none.

    Takes are queued together, so they are made within a few days of each other.
    """
    if not video.group_id:
        return (video,)
    near = VideoQuery(
        models=(video.draft.model,),
        made_after=video.made_at - _TAKES_WITHIN,
        made_before=video.made_at + _TAKES_WITHIN,
    )
    ids = [row.id for row in store.list_ids(near, limit=_MOST_NEAR)]
    takes = [each for each in store.get_videos(ids) if each.group_id == video.group_id]
    takes.sort(key=lambda each: each.id)
    return tuple(takes) if video.id in {each.id for each in takes} else (video,)


def describe_differences(
    first: Video, second: Video
) -> tuple[str, tuple[tuple[str, str, str], ...]]:
    """Compare how two clips were made.

    Returns:
        The names of what is the same, in words, and (label, A, B) for each thing that differs.
    """
    pairs = (
        ("model", " ".join(_model_words(first)), " ".join(_model_words(second))),
        ("size", *(shape_words(v.facts.width, v.facts.height) for v in (first, second))),
        ("length", *(seconds_words(v.facts.duration_s) for v in (first, second))),
        ("strength", _strength_words(first), _strength_words(second)),
        ("first frame", *(_frame_of(v.draft.first_frame) for v in (first, second))),
        ("last frame", *(_frame_of(v.draft.last_frame) for v in (first, second))),
        ("prompt", first.draft.prompt, second.draft.prompt),
        ("keep out", first.draft.negative_prompt, second.draft.negative_prompt),
        ("cost", *(cost_words(v.cost_usd, practice=v.practice) for v in (first, second))),
    )
    same = [label for label, a, b in pairs if a == b and a and label != "cost"]
    differing = tuple((label.capitalize(), a or "–", b or "–") for label, a, b in pairs if a != b)
    return f"Same: {', '.join(same)}" if same else "Nothing in common", differing


def _strength_words(video: Video) -> str:
    return "" if video.draft.cfg_scale is None else f"{video.draft.cfg_scale:.2f}"


def _frame_of(frame: ImageInput | None) -> str:
    return "" if frame is None else frame.name


def _model_words(video: Video) -> tuple[str, str]:
    spec = MODELS_BY_ID.get(video.draft.model)
    if spec is None:
        return (video.draft.model or "not known", "")
    return (f"Kling {spec.generation}", spec.tier.value)
