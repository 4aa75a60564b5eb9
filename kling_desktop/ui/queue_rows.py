"""Which rows the queue panel has and in which order; plain values, no Qt."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from kling_desktop.domain.display import DisplayState, Section, section_of
from kling_desktop.domain.job import Job, JobId
from kling_desktop.storage.draft_store import DraftId, SavedDraft
from kling_desktop.ui.figures import day_name


class RowKind(Enum):
    """What a row shows."""

    SECTION = auto()
    JOB = auto()
    DRAFT = auto()
    CARD = auto()


@dataclass(frozen=True, slots=True)
class Row:
    """One row by its identity; what it shows is looked up when it is painted.

    Attributes:
        ident: The section's title, or the number of the job or draft.
    """

    kind: RowKind
    ident: str | int


@dataclass(frozen=True, slots=True)
class QueuePicture:
    """The queue at one moment, as rows.

    Attributes:
        rows: Top to bottom.
        asides: For each section the quieter word behind its title.
        numbers: For each waiting job its place in the line, from 1.
    """

    rows: tuple[Row, ...]
    asides: Mapping[str, str]
    numbers: Mapping[JobId, int]


def lay_out(
    active: Sequence[tuple[Job, DisplayState]],
    drafts: Iterable[SavedDraft],
    history: Iterable[Job],
    *,
    opened: frozenset[JobId],
    places: int,
    now: datetime,
) -> QueuePicture:
    """Put jobs and drafts into their sections; empty sections are left out.

    Args:
        active: Unfinished jobs in queue order, each with what it is called now.
        drafts: Drafts put aside, newest first.
        history: Ended jobs, newest first.
        opened: Jobs whose card is open; jobs that need the person always have theirs.
        places: How many jobs may run at once.
        now: Aware, in the person's time zone.
    """
    rows: list[Row] = []
    asides: dict[str, str] = {}

    def add_section(title: str, aside: str, jobs: Sequence[JobId]) -> None:
        if not jobs:
            return
        rows.append(Row(RowKind.SECTION, title))
        asides[title] = aside
        for job_id in jobs:
            rows.append(Row(RowKind.JOB, job_id))
            if job_id in opened:
                rows.append(Row(RowKind.CARD, job_id))

    by_section: dict[Section, list[JobId]] = {section: [] for section in Section}
    stopped: list[JobId] = []
    for job, state in active:
        if state is DisplayState.STOPPED_WAITING:
            stopped.append(job.id)
        else:
            by_section[section_of(state)].append(job.id)
    attention, running = by_section[Section.ATTENTION], by_section[Section.RUNNING]
    waiting = by_section[Section.WAITING]
    opened = opened | frozenset(attention)
    add_section("Needs attention", str(len(attention)), attention)
    add_section("Running", f"{len(running)} of {max(places, len(running))}", running)
    add_section("Waiting", str(len(waiting)), waiting)
    add_section("Not waited for", str(len(stopped)), stopped)
    _add_drafts(rows, asides, drafts)
    days: dict[str, list[JobId]] = {}
    for job in history:
        days.setdefault(_day_title(job, now), []).append(job.id)
    for title, jobs in days.items():
        add_section(title, str(len(jobs)), jobs)
    numbers = {job_id: number for number, job_id in enumerate(waiting, start=1)}
    return QueuePicture(tuple(rows), asides, numbers)


def _add_drafts(rows: list[Row], asides: dict[str, str], drafts: Iterable[SavedDraft]) -> None:
    ids: list[DraftId] = [saved.id for saved in drafts]
    if ids:
        rows.append(Row(RowKind.SECTION, "Drafts"))
        asides["Drafts"] = str(len(ids))
        rows.extend(Row(RowKind.DRAFT, draft_id) for draft_id in ids)


def _day_title(job: Job, now: datetime) -> str:
    title = day_name(job.ended_at or job.updated_at, now)
    return "Earlier today" if title == "Today" else title


def find_changes(before: Sequence[Row], after: Sequence[Row]) -> "list[Step]":
    """Say how to get from one list of rows to another by removing and inserting runs.

    Rows that keep their order relative to each other stay; the steps are to be taken in order,
    each with positions as they are after the steps before it.
    """
    kept = _find_kept(before, after)
    steps: list[Step] = []
    # From the end, so that earlier positions stay true.
    index = len(before)
    while index > 0:
        if before[index - 1] in kept:
            index -= 1
            continue
        end = index
        while index > 0 and before[index - 1] not in kept:
            index -= 1
        steps.append(Step(index, end - index, ()))
    index = 0
    while index < len(after):
        if after[index] in kept:
            index += 1
            continue
        start = index
        while index < len(after) and after[index] not in kept:
            index += 1
        steps.append(Step(start, 0, tuple(after[start:index])))
    return steps


@dataclass(frozen=True, slots=True)
class Step:
    """Remove `removed` rows at `at`, or insert `inserted` there; never both."""

    at: int
    removed: int
    inserted: tuple[Row, ...]


def _find_kept(before: Sequence[Row], after: Sequence[Row]) -> frozenset[Row]:
    """The longest run of rows, gaps allowed, that stands in the same order in both lists."""
    place = {row: index for index, row in enumerate(after)}
    tails: list[int] = []  # of the best run of each length, the place of its last row
    runs: list[Row] = []
    previous: dict[Row, Row | None] = {}
    for row in before:
        at = place.get(row)
        if at is None:
            continue
        low, high = 0, len(tails)
        while low < high:
            middle = (low + high) // 2
            if tails[middle] < at:
                low = middle + 1
            else:
                high = middle
        previous[row] = runs[low - 1] if low else None
        if low == len(tails):
            tails.append(at)
            runs.append(row)
        else:
            tails[low], runs[low] = at, row
    kept: list[Row] = []
    row_: Row | None = runs[-1] if runs else None
    while row_ is not None:
        kept.append(row_)
        row_ = previous[row_]
    return frozenset(kept)
