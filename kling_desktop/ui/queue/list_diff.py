"""How to get from one list of rows to another by the fewest removals, moves and insertions."""

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Remove:
    """Take `count` rows away at `at`."""

    at: int
    count: int


@dataclass(frozen=True, slots=True)
class Move:
    """Put the row at `at` in front of the one that stands at `before` now, as Qt counts it."""

    at: int
    before: int


@dataclass(frozen=True, slots=True)
class Insert(Generic[T]):
    """Put rows in at `at`."""

    at: int
    rows: tuple[T, ...]


Step: TypeAlias = Remove | Move | Insert[T]


def apply_step(rows: list[T], step: "Step[T]") -> None:
    """Take one step on a list of rows."""
    match step:
        case Remove():
            del rows[step.at : step.at + step.count]
        case Insert():
            rows[step.at : step.at] = step.rows
        case Move():
            row = rows.pop(step.at)
            rows.insert(step.before - (step.before > step.at), row)


def find_changes(before: Sequence[T], after: Sequence[T]) -> "list[Step[T]]":
    """Say how to get from `before` to `after`; each list holds a row at most once.

    Rows that keep their order relative to each other are in no step.  The steps are to be taken
    in order, each with positions as they are after the steps before it.
    """
    start, end = _measure_common(before, after)
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    if not old and not new:
        return []
    wanted = frozenset(new)
    rows = list(old)
    steps: list[Step[T]] = []
    _remove(rows, wanted, steps)
    _move(rows, new, steps)
    _insert(frozenset(rows), new, steps)
    return [_shift(step, start) for step in steps]


def _measure_common(before: Sequence[T], after: Sequence[T]) -> tuple[int, int]:
    """How many rows are the same at the start and, behind those, at the end."""
    least = min(len(before), len(after))
    start = 0
    while start < least and before[start] == after[start]:
        start += 1
    end = 0
    while end < least - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return start, end


def _remove(rows: list[T], wanted: frozenset[T], steps: "list[Step[T]]") -> None:
    index = len(rows)
    while index > 0:  # from the end, so that earlier positions stay true
        if rows[index - 1] in wanted:
            index -= 1
            continue
        end = index
        while index > 0 and rows[index - 1] not in wanted:
            index -= 1
        step = Remove(index, end - index)
        apply_step(rows, step)
        steps.append(step)


def _move(rows: list[T], new: Sequence[T], steps: "list[Step[T]]") -> None:
    """Bring what is in both lists into the new order, each row at most once."""
    present = frozenset(rows)
    order = [row for row in new if row in present]
    settled = set(_find_kept(rows, order))
    for place, row in enumerate(order):
        if row in settled:
            continue
        # All before it in the new order are settled by now: it goes right behind the last of them.
        target = rows.index(order[place - 1]) + 1 if place else 0
        step = Move(rows.index(row), target)
        apply_step(rows, step)
        steps.append(step)
        settled.add(row)


def _insert(present: frozenset[T], new: Sequence[T], steps: "list[Step[T]]") -> None:
    index = 0
    while index < len(new):
        if new[index] in present:
            index += 1
            continue
        start = index
        while index < len(new) and new[index] not in present:
            index += 1
        steps.append(Insert(start, tuple(new[start:index])))


def _find_kept(before: Sequence[T], after: Sequence[T]) -> list[T]:
    """The longest run of rows, gaps allowed, that stands in the same order in both lists."""
    place = {row: index for index, row in enumerate(after)}
    ends: list[int] = []  # of the best run of each length, the place of its last row
    runs: list[T] = []
    previous: dict[T, T | None] = {}
    for row in before:
        length = bisect_left(ends, place[row])
        previous[row] = runs[length - 1] if length else None
        if length == len(ends):
            ends.append(place[row])
            runs.append(row)
        else:
            ends[length], runs[length] = place[row], row
    kept: list[T] = []
    last: T | None = runs[-1] if runs else None
    while last is not None:
        kept.append(last)
        last = previous[last]
    return kept


def _shift(step: "Step[T]", by: int) -> "Step[T]":
    match step:
        case Remove():
            return Remove(step.at + by, step.count)
        case Move():
            return Move(step.at + by, step.before + by)
        case Insert():
            return Insert(step.at + by, step.rows)
