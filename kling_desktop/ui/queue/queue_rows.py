"""Which rows the queue panel has and in which order; plain values, no Qt."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from kling_desktop.domain.display_state import DisplayState, Section, section_of
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.job import Job, JobId, JobState
from kling_desktop.storage.stores.draft_store import SavedDraft
from kling_desktop.wording.formatting import day_name, number
from kling_desktop.wording.queue import (
    DRAFTS,
    EARLIER_TODAY,
    NEEDS_ATTENTION,
    NOT_WAITED_FOR,
    RUNNING,
    WAITING,
    RowWords,
    describe_places,
)
from kling_desktop.wording.translation import _

_FEWEST_TAKES = 2


class RowKind(Enum):
    """What a row shows."""

    SECTION = auto()
    JOB = auto()
    DRAFT = auto()
    CARD = auto()
    TAKES = auto()


@dataclass(frozen=True, slots=True)
class Row:
    """One row by its identity; what it shows is looked up when it is painted.

    Attributes:
        ident: The section's title, the number of the job or draft, or the takes' group.
    """

    kind: RowKind
    ident: str | int


@dataclass(frozen=True, slots=True)
class RowFace:
    """All the words of a row: two that are equal look the same, but for picture and bar.

    Attributes:
        state: None for a draft.
        words: Without how far the bar is.
        number: The place in the queue, from 1.
        takes: How many takes the row stands for; 0 where it is a single clip.
        stand_in: The icon that stands where there is no picture.
    """

    title: str
    state: DisplayState | None
    words: RowWords
    number: int | None = None
    takes: int = 0
    unfolded: bool = False
    stand_in: str = "text"


@dataclass(frozen=True, slots=True)
class RowContent:
    """What a view needs to draw a row.

    Attributes:
        fraction: How far the bar is (0 to 1), None for one that sweeps; see `RowWords.has_bar`.
        job: None for a draft; for several takes the newest.
    """

    face: RowFace
    fraction: float | None
    draft: Draft
    job: Job | None = None


@dataclass(frozen=True, slots=True)
class SectionContent:
    """A heading, and the quieter word behind it."""

    title: str
    aside: str


@dataclass(frozen=True, slots=True)
class QueuePicture:
    """The queue at one moment, as rows.

    Attributes:
        rows: Top to bottom, each once.
        asides: For each section the quieter word behind its title.
        numbers: For each waiting job its place in the queue, from 1.
        takes: For each group of finished takes its jobs, the newest first.
    """

    rows: tuple[Row, ...] = ()
    asides: Mapping[str, str] = field(default_factory=dict[str, str])
    numbers: Mapping[JobId, int] = field(default_factory=dict[JobId, int])
    takes: Mapping[str, tuple[JobId, ...]] = field(default_factory=dict[str, tuple[JobId, ...]])


def lay_out(
    active: Sequence[tuple[Job, DisplayState]],
    drafts: Iterable[SavedDraft],
    history: Sequence[Job],
    *,
    opened: frozenset[JobId],
    unfolded: frozenset[str] = frozenset(),
    places: int,
    now: datetime,
) -> QueuePicture:
    """Put jobs and drafts into their sections; empty sections are left out.

    Args:
        active: Unfinished jobs in queue order, each with what it is called now.
        drafts: Drafts put aside, newest first.
        history: Ended jobs, newest first.
        opened: Jobs whose card is open; jobs that need the user always have theirs.
        unfolded: Groups of takes that show each take below.
        places: How many jobs may run at once.
        now: Aware, in the user's time zone.
    """
    rows: list[Row] = []
    asides: dict[str, str] = {}

    def add_section(title: str, aside: str, members: Sequence[Row]) -> None:
        if members:
            rows.append(Row(RowKind.SECTION, title))
            asides[title] = aside
            rows.extend(members)

    def list_rows(jobs: Iterable[JobId], cards: frozenset[JobId] = opened) -> list[Row]:
        listed: list[Row] = []
        for job_id in jobs:
            listed.append(Row(RowKind.JOB, job_id))
            if job_id in cards:
                listed.append(Row(RowKind.CARD, job_id))
        return listed

    attention, running, waiting, stopped = _sort(active)
    add_section(
        _(NEEDS_ATTENTION), number(len(attention)), list_rows(attention, frozenset(attention))
    )
    places = max(places, len(running))
    add_section(_(RUNNING), describe_places(len(running), places), list_rows(running))
    add_section(_(WAITING), number(len(waiting)), list_rows(waiting))
    add_section(_(NOT_WAITED_FOR), number(len(stopped)), list_rows(stopped))
    put_aside = [Row(RowKind.DRAFT, saved.id) for saved in drafts]
    add_section(_(DRAFTS), number(len(put_aside)), put_aside)
    takes = _find_takes([job for job, _state in active], history)
    for title, jobs in _split_days(history, takes, now).items():
        members: list[Row] = []
        for job in jobs:
            group = takes.get(job.group_id, ())
            if group:
                members.append(Row(RowKind.TAKES, job.group_id))
            if not group or job.group_id in unfolded:
                members.extend(list_rows(group or (job.id,)))
        count = sum(len(takes.get(job.group_id, (job.id,))) for job in jobs)
        add_section(title, number(count), members)
    numbers = {job_id: place for place, job_id in enumerate(waiting, start=1)}
    return QueuePicture(tuple(rows), asides, numbers, takes)


def _sort(
    active: Sequence[tuple[Job, DisplayState]],
) -> tuple[list[JobId], list[JobId], list[JobId], list[JobId]]:
    """Jobs that need the user, that run, that wait, and that nobody waits for any more."""
    by_section: dict[Section, list[JobId]] = {section: [] for section in Section}
    stopped: list[JobId] = []
    for job, state in active:
        if state is DisplayState.STOPPED_WAITING:
            stopped.append(job.id)
        else:
            by_section[section_of(state)].append(job.id)
    return (
        by_section[Section.ATTENTION],
        by_section[Section.RUNNING],
        by_section[Section.WAITING],
        stopped,
    )


def _find_takes(active: Iterable[Job], history: Sequence[Job]) -> dict[str, tuple[JobId, ...]]:
    """The groups whose takes are all done, so that they can stand as one row."""
    spoilt = {job.group_id for job in active}
    groups: dict[str, list[JobId]] = {}
    for job in history:
        if not job.group_id:
            continue
        if job.state is not JobState.DONE:
            spoilt.add(job.group_id)
        groups.setdefault(job.group_id, []).append(job.id)
    return {
        group: tuple(ids)
        for group, ids in groups.items()
        if group not in spoilt and len(ids) >= _FEWEST_TAKES
    }


def _split_days(
    history: Sequence[Job], takes: Mapping[str, tuple[JobId, ...]], now: datetime
) -> dict[str, list[Job]]:
    """Ended jobs by day; takes stand together where the newest of them is."""
    days: dict[str, list[Job]] = {}
    for job in history:
        if job.id == takes.get(job.group_id, (job.id,))[0]:
            days.setdefault(_day_title(job, now), []).append(job)
    return days


def _day_title(job: Job, now: datetime) -> str:
    moment = job.ended_at or job.updated_at
    if moment.astimezone(now.tzinfo).date() == now.date():
        return _(EARLIER_TODAY)
    return day_name(moment, now)
