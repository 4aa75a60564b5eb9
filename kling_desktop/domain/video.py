"""Video: a finished clip in the library, what was measured of it, and the recipe it carries."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NewType, TypeVar, cast

from kling_desktop.domain.draft import Draft, ImageInput, draft_from_json, draft_to_json
from kling_desktop.domain.errors import DamagedValue
from kling_desktop.domain.job import JobId, Service, TaskId
from kling_desktop.domain.limits import HIGHEST_COST_USD, LARGEST_SEED
from kling_desktop.domain.reasons import Reason

VideoId = NewType("VideoId", int)
T = TypeVar("T")

RECIPE_FORMAT = 1

# A recipe comes from a file that anybody may have made: what lies outside these is no clip's.
_EARLIEST_YEAR, _LATEST_YEAR = 1970, 9000
_MOST_ID_CHARS = 100
_LONGEST_S = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFacts:
    """What was measured in a video file, never what its name or the service claims.

    Attributes:
        width: Of the picture as shown, in pixels, after any turn.
        height: As width.
        duration_s: Length in seconds.
        fps: Average frames a second.
        frames: Number of pictures; an estimate from duration and rate where the file has no count.
        codec: Short name such as ``h264``.
        size_bytes: Length of the file.
    """

    width: int
    height: int
    duration_s: float
    fps: float
    frames: int
    codec: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a clip was made; travels inside the file, so that a folder can rebuild a library.

    Pictures are named by hash and name; no path of the machine and no key is inside.
    """

    task_id: TaskId
    service: Service
    draft: Draft
    made_at: datetime
    took_s: float | None = None
    cost_usd: Decimal | None = None
    seed: int | None = None
    group_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVideo:
    """A video about to be added to the library.

    Attributes:
        file: Path relative to the library folder, with forward slashes.
        took_s: Seconds from sending to the file; None when it is not known.
    """

    task_id: TaskId
    job_id: JobId | None
    service: Service
    file: str
    draft: Draft
    facts: VideoFacts
    sha256: str
    made_at: datetime
    took_s: float | None = None
    cost_usd: Decimal | None = None
    seed: int | None = None
    group_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Video(NewVideo):
    """One clip in the library.

    Attributes:
        favourite: The heart.
        seen: False until it was looked at once: the dot.
        missing: The file was not found at the last look.
        trashed_at: When it was moved to the system's trash; None while it is in the library.
    """

    id: VideoId
    favourite: bool = False
    seen: bool = False
    missing: bool = False
    trashed_at: datetime | None = None

    @property
    def practice(self) -> bool:
        """Made by the sandbox: it cost nothing and shows the Practice pill."""
        return self.service is Service.SANDBOX

    @property
    def paid_usd(self) -> Decimal | None:
        """What was paid for it; None for a practice clip, and where nobody who knows has said it.

        A clip that no job of this library made has only its recipe to say so, and anybody may
        have written that: it is shown as the file's claim and counts nowhere.
        """
        return None if self.practice or self.job_id is None else self.cost_usd

    @property
    def title(self) -> str:
        """The prompt's words, else the picture's name, else the file's."""
        words = " ".join(self.draft.prompt.split())
        if not words and self.draft.first_frame is not None:
            words = self.draft.first_frame.name
        return words[:120] or self.file.rsplit("/", 1)[-1]

    @property
    def aspect(self) -> float:
        """Width by height of the picture, 1.0 for a file without a size."""
        facts = self.facts
        return facts.width / facts.height if facts.width and facts.height else 1.0


def recipe_to_json(recipe: Recipe) -> dict[str, object]:
    """Write a recipe as plain JSON values, with no path of this machine in it."""
    draft = draft_to_json(recipe.draft)
    for key in ("first_frame", "last_frame"):
        frame = draft[key]
        if isinstance(frame, dict):
            cast("dict[str, object]", frame)["path"] = ""
    return {
        "kling_desktop_recipe": RECIPE_FORMAT,
        "task_id": recipe.task_id,
        "service": recipe.service.value,
        "draft": draft,
        "made_at": recipe.made_at.astimezone(UTC).isoformat(),
        "took_s": recipe.took_s,
        "cost_usd": None if recipe.cost_usd is None else str(recipe.cost_usd),
        "seed": recipe.seed,
        "group_id": recipe.group_id,
    }


def recipe_from_json(value: object) -> Recipe:
    """Read what `recipe_to_json` wrote, from a file that anybody may have made.

    Raises:
        DamagedValue: It is no recipe, a newer one, or one of its values is wrong.
    """
    if not isinstance(value, Mapping):
        raise DamagedValue(Reason.NO_RECIPE)
    data = cast("Mapping[str, object]", value)
    if data.get("kling_desktop_recipe") != RECIPE_FORMAT:
        raise DamagedValue(Reason.NO_RECIPE)
    task_id, made_at = data.get("task_id"), data.get("made_at")
    cost, seed, took_s = data.get("cost_usd"), data.get("seed"), data.get("took_s")
    group_id = data.get("group_id") or ""
    for name, text in ("task_id", task_id), ("group_id", group_id):
        if not isinstance(text, str) or len(text) > _MOST_ID_CHARS:
            raise _damaged(name)
    if not task_id:
        raise _damaged("task_id")
    moment = _parse("made_at", datetime.fromisoformat, made_at)
    service = _parse("service", Service, data.get("service"))
    amount = None if cost is None else _parse("cost_usd", Decimal, cost)
    if moment.tzinfo is None or not _EARLIEST_YEAR <= moment.year <= _LATEST_YEAR:
        raise _damaged("made_at")
    if amount is not None and not (amount.is_finite() and 0 <= amount < HIGHEST_COST_USD):
        raise _damaged("cost_usd")
    if seed is not None and (type(seed) is not int or not 0 <= seed <= LARGEST_SEED):
        raise _damaged("seed")
    if took_s is not None and (
        isinstance(took_s, bool)
        or not isinstance(took_s, int | float)
        or not 0 <= took_s < _LONGEST_S
    ):
        raise _damaged("took_s")
    return Recipe(
        task_id=TaskId(str(task_id)),
        service=service,
        draft=_without_paths(draft_from_json(data.get("draft"))),
        made_at=moment,
        took_s=None if took_s is None else float(took_s),
        cost_usd=amount,
        seed=seed,
        group_id=str(group_id),
    )


def _without_paths(draft: Draft) -> Draft:
    """Forget where a foreign machine, or an attacker, says that the frames lie."""

    def forget(frame: ImageInput | None) -> ImageInput | None:
        return None if frame is None else replace(frame, path=Path())

    return replace(
        draft, first_frame=forget(draft.first_frame), last_frame=forget(draft.last_frame)
    )


def _parse(field: str, read: Callable[[str], T], value: object) -> T:
    try:
        return read(str(value))
    except (ValueError, InvalidOperation) as error:
        raise _damaged(field) from error


def _damaged(field: str) -> DamagedValue:
    return DamagedValue(Reason.RECIPE_DAMAGED, facts={"field": field})
