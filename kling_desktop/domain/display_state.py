"""What a job is called on screen at this moment, from its row, its progress and the network."""

from datetime import datetime, timedelta
from enum import StrEnum

from kling_desktop.domain.events import Activity, EngineStatus, JobProgress
from kling_desktop.domain.job import Job, JobState

LONG_WAIT = timedelta(minutes=30)
"""A job that runs longer is said to take unusually long; it is never given up automatically."""


class DisplayState(StrEnum):
    """The rows of the design's table of states."""

    QUEUED = "queued"
    WAITING_FOR_NETWORK = "waiting_for_network"
    OTHER_SERVICE = "other_service"
    SUBMITTING = "submitting"
    ASKING = "asking"
    UNCONFIRMED = "unconfirmed"
    HELD = "held"
    GENERATING = "generating"
    TAKING_LONG = "taking_long"
    STOPPED_WAITING = "stopped_waiting"
    DOWNLOADING = "downloading"
    DOWNLOAD_WAITING = "download_waiting"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    OUTCOME_UNKNOWN = "outcome_unknown"


class Section(StrEnum):
    """Where a row stands in the queue panel, in this order."""

    ATTENTION = "attention"
    RUNNING = "running"
    WAITING = "waiting"
    HISTORY = "history"


CRASHED = "internal_error"
"""`error_code` of a job that an error in the app stopped."""
OUTCOME_UNKNOWN = "outcome_unknown"
"""`error_code` of a job that the user discarded without knowing whether it was charged."""


def display_state(
    job: Job, progress: JobProgress | None, status: EngineStatus, now: datetime
) -> DisplayState:
    """Work out the one word for a job; every list, card and command line uses this."""
    if job.held_until is not None and not job.state.is_terminal:
        return DisplayState.HELD
    match job.state:
        case JobState.QUEUED:
            return _display_queued(job, progress, status)
        case JobState.SUBMITTING:
            return DisplayState.SUBMITTING
        case JobState.UNCONFIRMED:
            asking = progress is not None and progress.activity in (
                Activity.ASKING,
                Activity.SENDING,
            )
            return DisplayState.ASKING if asking else DisplayState.UNCONFIRMED
        case JobState.RUNNING:
            if not job.watching:
                return DisplayState.STOPPED_WAITING
            if job.result_url:  # it is made, and only asked for another link to it
                return DisplayState.DOWNLOAD_WAITING
            started = job.accepted_at or job.submitted_at
            if started is not None and now - started > LONG_WAIT:
                return DisplayState.TAKING_LONG
            return DisplayState.GENERATING
        case JobState.DOWNLOADING:
            waits = progress is not None and progress.activity is Activity.WAITING
            offline = status.network.is_down
            return DisplayState.DOWNLOAD_WAITING if waits or offline else DisplayState.DOWNLOADING
        case JobState.DONE:
            return DisplayState.DONE
        case JobState.FAILED:
            return DisplayState.FAILED
        case JobState.CANCELLED:
            unknown = job.error_code == OUTCOME_UNKNOWN
            return DisplayState.OUTCOME_UNKNOWN if unknown else DisplayState.CANCELLED


def section_of(state: DisplayState) -> Section:
    match state:
        case DisplayState.UNCONFIRMED | DisplayState.HELD:
            return Section.ATTENTION
        case (
            DisplayState.SUBMITTING
            | DisplayState.ASKING
            | DisplayState.GENERATING
            | DisplayState.TAKING_LONG
            | DisplayState.DOWNLOADING
            | DisplayState.DOWNLOAD_WAITING
        ):
            return Section.RUNNING
        case DisplayState.QUEUED | DisplayState.WAITING_FOR_NETWORK | DisplayState.OTHER_SERVICE:
            return Section.WAITING
        case _:
            return Section.HISTORY


def _display_queued(job: Job, progress: JobProgress | None, status: EngineStatus) -> DisplayState:
    if job.service is not status.service:
        return DisplayState.OTHER_SERVICE
    if progress is not None and progress.activity in (Activity.UPLOADING, Activity.SENDING):
        return DisplayState.SUBMITTING
    if status.network.is_down:
        return DisplayState.WAITING_FOR_NETWORK
    return DisplayState.QUEUED
