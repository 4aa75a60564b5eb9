"""What a measurement comes to: a figure, its bound, and whether it keeps it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median


class Verdict(StrEnum):
    """What a figure means."""

    KEPT = "pass"
    MISSED = "FAIL"
    TOLD = "-"
    """Told beside the others, without a bound of its own."""
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Attributes:
        value: In the unit; None when it could not be measured.
        most: The bound above; None when there is none.
        least: The bound below; None when there is none.
        note: What it was measured beside, or why it was not.
    """

    name: str
    value: float | None
    unit: str = ""
    most: float | None = None
    least: float | None = None
    note: str = ""

    @property
    def verdict(self) -> Verdict:
        if self.value is None:
            return Verdict.SKIPPED
        if self.most is None and self.least is None:
            return Verdict.TOLD
        kept = (self.most is None or self.value <= self.most) and (
            self.least is None or self.value >= self.least
        )
        return Verdict.KEPT if kept else Verdict.MISSED


def describe(figure: Figure) -> str:
    """Write a figure as one line of the table."""
    bound = ""
    if figure.most is not None:
        bound = f"≤ {figure.most:g}"
    elif figure.least is not None:
        bound = f"≥ {figure.least:g}"
    value = "" if figure.value is None else f"{figure.value:.4g} {figure.unit}".strip()
    return f"{figure.verdict:<8} {figure.name:<52} {value:>14}  {bound:<8} {figure.note}".rstrip()


def time_of(work: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def in_turns(turns: int, *works: Callable[[], float]) -> tuple[float, ...]:
    """Measure several things in turns, so that the machine's moods hit all; return the medians."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(turns):
        for work, times in zip(works, taken, strict=True):
            times.append(work())
    return tuple(median(times) for times in taken)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that so large a share (0 to 1) of all lies at or below."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
