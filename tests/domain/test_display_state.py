"""The one word for a job at this moment, for every row, notice and network."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from kling_desktop.domain.display_state import (
    LONG_WAIT,
    OUTCOME_UNKNOWN,
    DisplayState,
    Section,
    display_state,
    section_of,
)
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.events import Activity, EngineStatus, JobProgress, Network
from kling_desktop.domain.job import Job, JobId, JobState, Service, TaskId

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
JOB = Job(
    id=JobId(1),
    task_id=TaskId("t"),
    draft=Draft(prompt="go"),
    service=Service.RUNWARE,
    state=JobState.QUEUED,
    created_at=NOW,
    updated_at=NOW,
    position=1.0,
)
STATUS = EngineStatus(service=Service.RUNWARE)


def shown(
    state: JobState,
    activity: Activity | None = None,
    network: Network = Network.ONLINE,
    service: Service = Service.RUNWARE,
    now: datetime = NOW,
    **facts: object,
) -> DisplayState:
    job = replace(JOB, state=state, **facts)  # pyright: ignore[reportArgumentType]
    progress = None if activity is None else JobProgress(job_id=JOB.id, activity=activity)
    status = EngineStatus(service=service, network=network)
    return display_state(job, progress, status, now)


def test_queued() -> None:
    assert shown(JobState.QUEUED) is DisplayState.QUEUED
    assert shown(JobState.QUEUED, Activity.WAITING) is DisplayState.QUEUED
    assert shown(JobState.QUEUED, Activity.UPLOADING) is DisplayState.SUBMITTING
    assert shown(JobState.QUEUED, Activity.SENDING) is DisplayState.SUBMITTING
    for network in (Network.OFFLINE, Network.UNREACHABLE):
        assert shown(JobState.QUEUED, network=network) is DisplayState.WAITING_FOR_NETWORK
    assert shown(JobState.QUEUED, network=Network.SLOWED_DOWN) is DisplayState.QUEUED
    assert shown(JobState.QUEUED, service=Service.SANDBOX) is DisplayState.OTHER_SERVICE
    offline_elsewhere = shown(JobState.QUEUED, network=Network.OFFLINE, service=Service.SANDBOX)
    assert offline_elsewhere is DisplayState.OTHER_SERVICE


def test_submitting_and_unconfirmed() -> None:
    assert shown(JobState.SUBMITTING) is DisplayState.SUBMITTING
    assert shown(JobState.UNCONFIRMED) is DisplayState.UNCONFIRMED
    assert shown(JobState.UNCONFIRMED, Activity.WAITING) is DisplayState.UNCONFIRMED
    assert shown(JobState.UNCONFIRMED, Activity.ASKING) is DisplayState.ASKING
    assert shown(JobState.UNCONFIRMED, Activity.SENDING) is DisplayState.ASKING


def test_running_at_each_side_of_the_long_wait() -> None:
    assert shown(JobState.RUNNING) is DisplayState.GENERATING
    at_limit = shown(JobState.RUNNING, accepted_at=NOW, now=NOW + LONG_WAIT)
    assert at_limit is DisplayState.GENERATING
    over = NOW + LONG_WAIT + timedelta(seconds=1)
    assert shown(JobState.RUNNING, accepted_at=NOW, now=over) is DisplayState.TAKING_LONG
    assert shown(JobState.RUNNING, submitted_at=NOW, now=over) is DisplayState.TAKING_LONG
    stopped = shown(JobState.RUNNING, accepted_at=NOW, now=over, watching=False)
    assert stopped is DisplayState.STOPPED_WAITING
    assert shown(JobState.RUNNING, accepted_at=over, now=NOW) is DisplayState.GENERATING


def test_a_clip_that_is_made_is_not_said_to_be_generating_while_a_link_is_asked_for() -> None:
    over = NOW + LONG_WAIT * 2
    made = shown(JobState.RUNNING, accepted_at=NOW, now=over, result_url="https://x.test/1.mp4")
    assert made is DisplayState.DOWNLOAD_WAITING


def test_downloading() -> None:
    assert shown(JobState.DOWNLOADING) is DisplayState.DOWNLOADING
    assert shown(JobState.DOWNLOADING, Activity.DOWNLOADING) is DisplayState.DOWNLOADING
    assert shown(JobState.DOWNLOADING, Activity.WAITING) is DisplayState.DOWNLOAD_WAITING
    for network in (Network.OFFLINE, Network.UNREACHABLE):
        assert shown(JobState.DOWNLOADING, network=network) is DisplayState.DOWNLOAD_WAITING


def test_ended() -> None:
    assert shown(JobState.DONE) is DisplayState.DONE
    assert shown(JobState.FAILED, error_code="content_rejected") is DisplayState.FAILED
    assert shown(JobState.CANCELLED) is DisplayState.CANCELLED
    unknown = shown(JobState.CANCELLED, error_code=OUTCOME_UNKNOWN)
    assert unknown is DisplayState.OUTCOME_UNKNOWN


def test_a_held_job_says_so_in_every_state_but_an_ended_one() -> None:
    for state in JobState:
        is_held = shown(state, held_until=NOW) is DisplayState.HELD
        assert is_held is not state.is_terminal


def test_every_word_is_reached_and_nothing_else_comes_out() -> None:
    over = NOW + LONG_WAIT * 2
    facts: list[dict[str, object]] = [
        {}, {"watching": False}, {"accepted_at": NOW}, {"error_code": OUTCOME_UNKNOWN},
        {"held_until": NOW},
    ]  # fmt: skip
    reached = {
        shown(state, activity, network, service, over, **fact)
        for state, activity, network, service, fact in product(
            JobState, [None, *Activity], Network, Service, facts
        )
    }
    assert reached == set(DisplayState)


@pytest.mark.parametrize("state", DisplayState)
def test_every_word_has_its_section(state: DisplayState) -> None:
    attention = {DisplayState.UNCONFIRMED, DisplayState.HELD}
    waiting = {
        DisplayState.QUEUED, DisplayState.WAITING_FOR_NETWORK, DisplayState.OTHER_SERVICE,
    }  # fmt: skip
    history = {
        DisplayState.DONE, DisplayState.FAILED, DisplayState.CANCELLED,
        DisplayState.OUTCOME_UNKNOWN, DisplayState.STOPPED_WAITING,
    }  # fmt: skip
    expected = Section.RUNNING
    for section, states in (
        (Section.ATTENTION, attention), (Section.WAITING, waiting), (Section.HISTORY, history),
    ):  # fmt: skip
        expected = section if state in states else expected
    assert section_of(state) is expected
