"""How long to wait: for the next poll, after a failure, before a download is tried again."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from kling_desktop.domain.limits import LONGEST_RETRY_AFTER_S

FIRST_BACKOFF_S = 1.0
LONGEST_BACKOFF_S = 60.0
RESEND_WAITS_S = (1.0, 2.0, 4.0)
"""Before the first three resends of a body whose outcome is unknown; afterwards more slowly."""
SLOW_RESEND_FIRST_S = 15.0
SLOW_RESEND_LONGEST_S = 300.0
DOWNLOAD_WAITS_S = (1.0, 2.0, 5.0, 10.0, 15.0, 20.0)
"""The file host answers 422 or 502 while a file is still being put there, for some seconds."""
DOWNLOAD_SLOW_S = 60.0
DOWNLOAD_SLOWEST_S = 600.0
HOLD_WAITS_S = (600.0, 1800.0, 7200.0, 21600.0)
"""A job that cannot go on is tried again by itself after these waits; the last one repeats."""
FOLDER_CHECK_S = 5.0
"""How often a missing library folder or a full disk is checked again."""


class Clock(Protocol):
    """Time as the engine sees it; a test passes one that it moves by hand."""

    def now(self) -> datetime:
        """Give the wall clock's time, aware, in UTC: for stored moments only, it may jump."""
        ...

    def monotonic(self) -> float:
        """Give seconds that never go back: for every wait and every age inside one run."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollPace:
    """How often a running job is asked about, in seconds of its age.

    The defaults fit the real service, where a clip takes about two minutes; the local sandbox is
    quicker and gets a quicker pace as data.

    Attributes:
        first_s: From acceptance to the first question.
        every_s: Between questions while the job is young.
        young_s: How long it counts as young.
        factor: By how much each later wait is longer than the one before, up to `slow_s`.
        long_s: From this age on the job takes unusually long and is asked about every `rare_s`.
        unwatched_s: Between questions about a job that the user no longer waits for.
        forgotten_s: How long the service must say that it does not know a job it had accepted,
            until that is believed: it may not know a new job everywhere yet.
    """

    first_s: float = 5.0
    every_s: float = 5.0
    young_s: float = 120.0
    factor: float = 1.5
    slow_s: float = 20.0
    long_s: float = 1800.0
    rare_s: float = 60.0
    unwatched_s: float = 3600.0
    forgotten_s: float = 600.0


SERVICE_PACE = PollPace()
SANDBOX_PACE = PollPace(
    first_s=1.0, every_s=1.0, young_s=60.0, slow_s=5.0, rare_s=15.0, forgotten_s=2.0
)


def first_poll_delay(age_s: float, pace: PollPace = SERVICE_PACE) -> float:
    """Seconds until the first question about a job accepted `age_s` seconds ago."""
    return max(0.0, pace.first_s - max(0.0, age_s))


def poll_delay(
    age_s: float, previous_s: float, pace: PollPace = SERVICE_PACE, *, watching: bool = True
) -> float:
    """Seconds until the next question about a job.

    Args:
        age_s: Seconds since the job was accepted.
        previous_s: The wait before the question just asked.
        pace: The service's pace.
        watching: False when the user no longer waits for this job.
    """
    if not watching:
        return pace.unwatched_s
    if age_s >= pace.long_s:
        return pace.rare_s
    if age_s < pace.young_s:
        return pace.every_s
    return min(pace.slow_s, max(pace.every_s, previous_s) * pace.factor)


def backoff(
    failures: int,
    retry_after_s: float | None = None,
    *,
    first_s: float = FIRST_BACKOFF_S,
    longest_s: float = LONGEST_BACKOFF_S,
    jitter: Callable[[], float] = random.random,
) -> float:
    """Seconds to wait after `failures` failures in a row (1 is the first), doubling.

    A Retry-After of the service is the least to wait.  Up to a quarter is added at random, so
    that jobs which failed together do not come back together.

    Args:
        failures: How many in a row, from 1.
        retry_after_s: The service's own Retry-After; None when it gave none.
        first_s: The wait after the first failure.
        longest_s: Where the doubling ends.
        jitter: Gives a number from 0 to 1.
    """
    wait = min(longest_s, first_s * 2.0 ** min(max(failures, 1) - 1, 30))
    if retry_after_s is not None and retry_after_s > 0:
        wait = max(wait, min(retry_after_s, LONGEST_RETRY_AFTER_S))
    return wait * (1.0 + 0.25 * jitter())


def resend_delay(
    tries: int,
    retry_after_s: float | None = None,
    *,
    jitter: Callable[[], float] = random.random,
) -> float:
    """Seconds before resend number `tries` (from 1) of a body whose outcome is unknown."""
    if tries <= len(RESEND_WAITS_S):
        return backoff(1, retry_after_s, first_s=RESEND_WAITS_S[max(tries, 1) - 1], jitter=jitter)
    return backoff(
        tries - len(RESEND_WAITS_S),
        retry_after_s,
        first_s=SLOW_RESEND_FIRST_S,
        longest_s=SLOW_RESEND_LONGEST_S,
        jitter=jitter,
    )


def download_delay(failures: int, *, jitter: Callable[[], float] = random.random) -> float:
    """Seconds before a download is tried again after `failures` failures in a row, from 1."""
    if failures <= len(DOWNLOAD_WAITS_S):
        first = DOWNLOAD_WAITS_S[max(failures, 1) - 1]
        return backoff(1, first_s=first, jitter=jitter)
    return backoff(
        failures - len(DOWNLOAD_WAITS_S),
        first_s=DOWNLOAD_SLOW_S,
        longest_s=DOWNLOAD_SLOWEST_S,
        jitter=jitter,
    )


def hold_delay(holds: int) -> float:
    """Seconds until a held job is tried again by itself, after `holds` holds, from 1."""
    return HOLD_WAITS_S[min(max(holds, 1), len(HOLD_WAITS_S)) - 1]


def age_s(since: datetime | None, now: datetime) -> float:
    """Seconds from a stored moment to now; 0 when unknown or ahead of a clock that was set back."""
    if since is None:
        return 0.0
    return max(0.0, (now - since).total_seconds())
