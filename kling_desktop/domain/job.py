"""A job, which is one paid clip in the making: its states and the table of transitions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import NewType

from kling_desktop.domain.draft import Draft

JobId = NewType("JobId", int)
"""Our row number: short enough to type on a command line, never used twice."""
TaskId = NewType("TaskId", str)
"""The service's ``taskUUID``, a UUID v4 that we make: a new one is a new payment."""
MediaId = NewType("MediaId", str)
"""The service's UUID of an uploaded picture."""


class Service(StrEnum):
    """Who makes the clip.  A job stays with the service it was queued for."""

    RUNWARE = "runware"
    SANDBOX = "sandbox"


class JobState(StrEnum):
    """What is to be done next with a job."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    UNCONFIRMED = "unconfirmed"
    RUNNING = "running"
    DOWNLOADING = "downloading"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_terminal(self) -> bool:
        return not TRANSITIONS[self]


_S = JobState
TRANSITIONS: Mapping[JobState, frozenset[JobState]] = MappingProxyType(
    {
        _S.QUEUED: frozenset({_S.SUBMITTING, _S.FAILED, _S.CANCELLED}),
        # Back to queued only when the service surely did not accept.
        _S.SUBMITTING: frozenset(
            {_S.QUEUED, _S.UNCONFIRMED, _S.RUNNING, _S.DOWNLOADING, _S.FAILED, _S.CANCELLED}
        ),
        _S.UNCONFIRMED: frozenset({_S.RUNNING, _S.DOWNLOADING, _S.FAILED, _S.CANCELLED}),
        _S.RUNNING: frozenset({_S.DOWNLOADING, _S.FAILED, _S.CANCELLED}),
        # Paid for: it goes on until the file is here, or asks again for a fresh link.
        _S.DOWNLOADING: frozenset({_S.RUNNING, _S.DONE, _S.FAILED}),
        _S.DONE: frozenset(),
        _S.FAILED: frozenset(),
        _S.CANCELLED: frozenset(),
    }
)
TERMINAL_STATES = frozenset(state for state in JobState if not TRANSITIONS[state])
ACTIVE_STATES = frozenset(JobState) - TERMINAL_STATES
SENT_STATES = frozenset({_S.SUBMITTING, _S.UNCONFIRMED, _S.RUNNING, _S.DOWNLOADING})
"""From the first byte sent until the file is here: these take up a place at the service."""


def may_follow(before: JobState, after: JobState) -> bool:
    return after in TRANSITIONS[before]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """One job to be added to the queue: a checked draft with one take and its own task id."""

    task_id: TaskId
    draft: Draft
    service: Service
    group_id: str = ""
    retry_of: JobId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One row of the queue or its history.

    Attributes:
        draft: What was asked for, with one take; its pictures are the app's own copies.
        group_id: Takes made by one click share it; empty when the job stands alone.
        retry_of: The job that this one tries again.
        position: Order in the queue; smaller goes first, gaps allowed.
        watching: False once the user stopped waiting: the service continues and charges, we ask
            seldom, and the clip is still collected if it comes.
        cancel_asked: A cancel that came between the intent to send and the answer.
        cap_waived: The user allowed this one job past the budget cap.
        body: The exact request body, one JSON array, from before the first byte on; else empty.
        frame_form: Which of the two request shapes for frames the body uses (``seed``/``inputs``).
        submitted_at: When the first byte of the first attempt was about to leave.
        attempts: How many times the body was sent.
        accepted_at: When the service's acceptance was known.
        result_url: Where the finished file is; never logged beyond its host.
        file: Path of the finished clip relative to the library folder, planned before download.
        cost_usd: What the service says this clip cost; None when it did not say.
        error_code: `KlingDesktopError.code` of the last trouble; empty when there is none.
        error_service_code: The service's own code for it.
        error_detail: The service's words for it, cut and cleaned.
        ended_at: When the state became terminal.
        holds: How often it was held because it could not go on.
        held_until: When a held job is tried again by itself; None while it is not held.
    """

    id: JobId
    task_id: TaskId
    draft: Draft
    service: Service
    state: JobState
    created_at: datetime
    updated_at: datetime
    position: float
    group_id: str = ""
    retry_of: JobId | None = None
    watching: bool = True
    cancel_asked: bool = False
    cap_waived: bool = False
    body: str = ""
    frame_form: str = ""
    submitted_at: datetime | None = None
    attempts: int = 0
    accepted_at: datetime | None = None
    result_url: str = ""
    result_id: str = ""
    file: str = ""
    seed: int | None = None
    cost_usd: Decimal | None = None
    error_code: str = ""
    error_service_code: str = ""
    error_detail: str = ""
    ended_at: datetime | None = None
    holds: int = 0
    held_until: datetime | None = None

    @property
    def title(self) -> str:
        """What a row is called: the prompt, else the picture's name, else the model."""
        words = " ".join(self.draft.prompt.split())
        if not words and self.draft.first_frame is not None:
            words = self.draft.first_frame.name
        return words[:120] or self.draft.model
