"""What Details says about one clip or several, as lines of words; knows no widget."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kling_desktop.domain.catalog import MODELS_BY_ID
from kling_desktop.domain.draft import ImageInput
from kling_desktop.domain.video import Video
from kling_desktop.storage.stores.video_query import VideoQuery
from kling_desktop.storage.stores.video_store import VideoStore
from kling_desktop.wording import details as words
from kling_desktop.wording.clips import describe_price
from kling_desktop.wording.details import (
    describe_file,
    describe_length,
    describe_shape,
    find_common,
    name_codec,
    name_unknown_model,
    shorten_id,
    sum_costs,
    write_seconds,
)
from kling_desktop.wording.formatting import file_size, join_words, number
from kling_desktop.wording.translation import _
from kling_desktop.wording.viewer import describe_same, name_difference

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
    """Return the settings a clip was made with."""
    draft, facts = video.draft, video.facts
    name, tier = _name_model(video)
    seed = "" if video.seed is None else str(video.seed)
    lines = (
        Fact(_(words.MODEL), name, badge=tier),
        Fact(_(words.SIZE), describe_shape(facts.width, facts.height)),
        Fact(_(words.LENGTH), describe_length(facts.duration_s, facts.fps)),
        Fact(_(words.STRENGTH), _write_strength(video)),
        Fact(_(words.NEGATIVE_PROMPT), draft.negative_prompt),
        Fact(_(words.SEED), seed, copied=seed),
    )
    return tuple(fact for fact in lines if fact.value)


def describe_making(video: Video, now: datetime) -> tuple[Fact, ...]:
    """Return when, for how much and into which file a clip was made."""
    file, codec = video.file.rsplit("/", 1)[-1], name_codec(video.facts.codec)
    lines = (
        Fact(_(words.MADE), words.describe_making(video, now)),
        Fact(_(words.COST), describe_price(video)),
        Fact(_(words.FILE), describe_file(file, missing=video.missing)),
        Fact(_(words.ON_DISK), join_words((file_size(video.facts.size_bytes), codec))),
        Fact(_(words.TASK_ID), shorten_id(video.task_id), copied=video.task_id),
    )
    return tuple(fact for fact in lines if fact.value)


def describe_several(videos: Sequence[Video]) -> tuple[Fact, ...]:
    """Return what several clips add up to and what they have in common."""

    def common(write: Callable[[Video], str]) -> str:
        return find_common([write(video) for video in videos])

    lines = (
        Fact(_(words.ON_DISK), file_size(sum(video.facts.size_bytes for video in videos))),
        Fact(_(words.COST), sum_costs(videos)),
        Fact(_(words.MODEL), common(lambda video: " ".join(_name_model(video)).strip())),
        Fact(_(words.SIZE), common(_write_shape)),
        Fact(_(words.LENGTH), common(lambda video: write_seconds(video.facts.duration_s))),
        Fact(_(words.STRENGTH), common(_write_strength)),
        Fact(_(words.PROMPT), common(lambda video: video.draft.prompt)),
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
        ("model", " ".join(_name_model(first)), " ".join(_name_model(second))),
        ("size", _write_shape(first), _write_shape(second)),
        ("length", *(write_seconds(v.facts.duration_s) for v in (first, second))),
        ("strength", _write_strength(first), _write_strength(second)),
        ("first frame", *(_name_frame(v.draft.first_frame) for v in (first, second))),
        ("last frame", *(_name_frame(v.draft.last_frame) for v in (first, second))),
        ("prompt", first.draft.prompt, second.draft.prompt),
        ("negative prompt", first.draft.negative_prompt, second.draft.negative_prompt),
        ("cost", describe_price(first), describe_price(second)),
    )
    same = [key for key, a, b in pairs if a == b and a and key != "cost"]
    differing = tuple((name_difference(key), a or "–", b or "–") for key, a, b in pairs if a != b)
    return describe_same(same), differing


def _write_shape(video: Video) -> str:
    return describe_shape(video.facts.width, video.facts.height)


def _write_strength(video: Video) -> str:
    return "" if video.draft.cfg_scale is None else number(video.draft.cfg_scale, 2)


def _name_frame(frame: ImageInput | None) -> str:
    return "" if frame is None else frame.name


def _name_model(video: Video) -> tuple[str, str]:
    """Return the model's name and its tier; a model that is not in the catalogue has no tier."""
    spec = MODELS_BY_ID.get(video.draft.model)
    if spec is None:
        return (name_unknown_model(video.draft.model), "")
    return (f"Kling {spec.generation}", spec.tier.value)
