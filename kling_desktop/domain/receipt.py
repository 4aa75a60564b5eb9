"""The receipt of a job: its time line, what was sent, what was answered and what it cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kling_desktop.domain.job import Job, JobState
from kling_desktop.domain.video import Video


class EventKind(StrEnum):
    """The kind of a line in the time line."""

    STATE = "state"
    SENT = "sent"
    ANSWER = "answer"
    TROUBLE = "trouble"
    USER = "person"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEvent:
    """One line of a job's time line; written in the same commit as the change.

    Attributes:
        before: For a change of state, the state before; else None.
        after: For a change of state, the state after; else None.
        facts: Short plain values: codes, sizes, hosts.  Never a key, never picture bytes.
    """

    at: datetime
    kind: EventKind
    before: JobState | None = None
    after: JobState | None = None
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """All that is known of one job.

    Attributes:
        request: The body as sent with pictures replaced by their hash, or None if never sent.
        video: The clip it became, or None.
    """

    job: Job
    events: tuple[JobEvent, ...]
    request: object | None
    video: Video | None
