"""How long is waited, and that a set-back clock or a silly Retry-After cannot break it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_desktop.engine.timing.pacing import (
    LONGEST_RETRY_AFTER_S,
    PollPace,
    SystemClock,
    age_s,
    backoff,
    download_delay,
    first_poll_delay,
    poll_delay,
    resend_delay,
)
from tests.fakes.clock import START


def test_the_pace_of_the_wire_contract() -> None:
    assert first_poll_delay(0) == 5
    assert first_poll_delay(3) == 2
    assert first_poll_delay(600) == 0
    waits, age, wait = [], 5.0, 5.0
    while age < 2400:
        wait = poll_delay(age, wait)
        waits.append(wait)
        age += wait
    assert waits[:23] == [5.0] * 23
    assert waits[23:28] == [7.5, 11.25, 16.875, 20.0, 20.0]
    assert waits[-1] == 60


def test_an_unwatched_job_is_asked_about_once_an_hour() -> None:
    assert poll_delay(10, 5, watching=False) == 3600


def test_a_pace_is_data() -> None:
    assert poll_delay(1, 0.1, PollPace(every_s=0.2)) == 0.2


@given(st.integers(-3, 10_000), st.none() | st.floats(-10, 1e9), st.floats(0, 1))
def test_backoff_is_always_a_sane_wait(
    failures: int, retry_after: float | None, dice: float
) -> None:
    wait = backoff(failures, retry_after, jitter=lambda: dice)
    assert 1 <= wait <= LONGEST_RETRY_AFTER_S * 1.25
    if retry_after is not None and 0 < retry_after <= LONGEST_RETRY_AFTER_S:
        assert wait >= retry_after


def test_backoff_doubles_up_to_its_end() -> None:
    assert [backoff(n, jitter=lambda: 0) for n in (1, 2, 3, 7, 50)] == [1, 2, 4, 60, 60]


def test_the_recipe_for_resends() -> None:
    assert [resend_delay(n, jitter=lambda: 0) for n in range(1, 6)] == [1, 2, 4, 15, 30]
    assert resend_delay(99, jitter=lambda: 0) == 300
    assert resend_delay(1, 45, jitter=lambda: 0) == 45


def test_the_recipe_for_downloads() -> None:
    waits = [download_delay(n, jitter=lambda: 0) for n in range(1, 9)]
    assert waits == [1, 2, 5, 10, 15, 20, 60, 120]


@pytest.mark.parametrize(("seconds", "age"), [(60, 60), (-60, 0)])
def test_ages_are_never_negative(seconds: float, age: float) -> None:
    assert age_s(START - timedelta(seconds=seconds), START) == age


def test_an_unknown_moment_has_no_age() -> None:
    assert age_s(None, START) == 0


async def test_the_systems_clock_is_aware_and_goes_on() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    await clock.sleep(0)
    assert clock.monotonic() >= before
    assert clock.now().utcoffset() == timedelta(0)
