"""The states of a job and what may follow what, pair by pair."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest

from kling_desktop.domain.draft import Draft, ImageInput
from kling_desktop.domain.job import (
    ACTIVE_STATES,
    SENT_STATES,
    TERMINAL_STATES,
    TRANSITIONS,
    Job,
    JobId,
    JobState,
    Service,
    TaskId,
    may_follow,
)

ALLOWED = {
    ("queued", "submitting"), ("queued", "failed"), ("queued", "cancelled"),
    ("submitting", "queued"), ("submitting", "unconfirmed"), ("submitting", "running"),
    ("submitting", "downloading"), ("submitting", "failed"), ("submitting", "cancelled"),
    ("unconfirmed", "running"), ("unconfirmed", "downloading"), ("unconfirmed", "failed"),
    ("unconfirmed", "cancelled"),
    ("running", "downloading"), ("running", "failed"), ("running", "cancelled"),
    ("downloading", "running"), ("downloading", "done"), ("downloading", "failed"),
}  # fmt: skip
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
JOB = Job(
    id=JobId(1),
    task_id=TaskId("t"),
    draft=Draft(prompt="A paper boat"),
    service=Service.RUNWARE,
    state=JobState.QUEUED,
    created_at=NOW,
    updated_at=NOW,
    position=1.0,
)


@pytest.mark.parametrize(("before", "after"), list(product(JobState, JobState)))
def test_each_pair(before: JobState, after: JobState) -> None:
    assert may_follow(before, after) is ((before.value, after.value) in ALLOWED)


def test_every_state_is_in_the_table() -> None:
    assert set(TRANSITIONS) == set(JobState)


def test_what_has_ended_never_changes() -> None:
    assert {JobState.DONE, JobState.FAILED, JobState.CANCELLED} == TERMINAL_STATES
    for state in JobState:
        assert state.is_terminal is (state in TERMINAL_STATES)
        assert (state in ACTIVE_STATES) is not state.is_terminal
    assert not SENT_STATES & TERMINAL_STATES
    assert JobState.QUEUED not in SENT_STATES


def test_a_paid_download_cannot_be_cancelled() -> None:
    assert not may_follow(JobState.DOWNLOADING, JobState.CANCELLED)


def test_what_was_maybe_sent_never_goes_back_to_the_queue() -> None:
    for state in (JobState.UNCONFIRMED, JobState.RUNNING, JobState.DOWNLOADING):
        assert not may_follow(state, JobState.QUEUED)


def test_every_state_can_be_reached_and_left() -> None:
    reached, waiting = {JobState.QUEUED}, [JobState.QUEUED]
    while waiting:
        for state in TRANSITIONS[waiting.pop()] - reached:
            reached.add(state)
            waiting.append(state)
    assert reached == set(JobState)
    for state in ACTIVE_STATES:
        assert JobState.FAILED in TRANSITIONS[state]


def test_title() -> None:
    picture = ImageInput(
        path=Path("x"), name="boat.png", format="png", width=1, height=1, size_bytes=1
    )
    assert JOB.title == "A paper boat"
    assert replace(JOB, draft=Draft(prompt=" \n", first_frame=picture)).title == "boat.png"
    assert replace(JOB, draft=Draft()).title == Draft().model
    assert len(replace(JOB, draft=Draft(prompt="x" * 500)).title) == 120
