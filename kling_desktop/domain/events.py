"""Events of the core, and the notifier that publishes them to the floors above."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.domain.job import Job, JobId, JobState, Service
from kling_desktop.domain.video import Video, VideoId

T = TypeVar("T")


class Notifier(Generic[T]):
    """Hands each value to every listener, in the order in which they subscribed.

    Owned by the object whose changes it publishes.  A listener must not write to the store it
    listens to.  One that raises has a bug, and neither the sender nor the other listeners suffer
    from it: the error goes to `sys.excepthook`, and the next listener is called.
    """

    def __init__(self) -> None:
        self._listeners: list[Callable[[T], object]] = []

    def subscribe(self, listener: Callable[[T], object]) -> Callable[[], None]:
        """Add a listener; the returned function removes it again and may be called twice."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def send(self, value: T) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(value)
            except Exception as error:  # noqa: BLE001 - reported as a bug, like one in a task
                sys.excepthook(type(error), error, error.__traceback__)


@dataclass(frozen=True, slots=True)
class JobChange:
    """A job's row was added, changed or hidden; sent after the commit.

    Attributes:
        job_id: Whose.
        job: The row as it is now; None when it was taken from the list.
        before: Its state before; None when it is new.
    """

    job_id: JobId
    job: Job | None
    before: JobState | None = None


@dataclass(frozen=True, slots=True)
class VideoChange:
    """A video's row was added (`added`), changed or removed (`video` is None); after the commit."""

    video_id: VideoId
    video: Video | None
    added: bool = False


class Activity(StrEnum):
    """What a job is doing at this moment, finer than its state."""

    UPLOADING = "uploading"
    SENDING = "sending"
    WAITING = "waiting"
    ASKING = "asking"
    GENERATING = "generating"
    DOWNLOADING = "downloading"
    CHECKING = "checking"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress:
    """Progress that is never stored: bytes, percent, the time of the next try.

    Attributes:
        activity: What is going on.
        done_bytes: Bytes so far, of an upload or a download.
        total_bytes: All bytes, None when not known.
        percent: 0 to 100 where the service reports it.
        next_try_at: When the next attempt starts, while waiting after a failed one.
        problem_code: `KlingDesktopError.code` of what the wait is for; empty when all is well.
        last_answer_at: When the service last said something about this job.
    """

    job_id: JobId
    activity: Activity
    done_bytes: int = 0
    total_bytes: int | None = None
    percent: int | None = None
    next_try_at: datetime | None = None
    problem_code: str = ""
    last_answer_at: datetime | None = None


class PauseReason(StrEnum):
    """Why the queue submits nothing new."""

    USER = "person"
    KEY_MISSING = "key_missing"
    KEY_REFUSED = "key_refused"
    NETWORK_SETTINGS = "network_settings"
    CREDIT = "credit"
    LIBRARY = "library"
    LIBRARY_UNMARKED = "library_unmarked"
    READ_ONLY = "read_only"
    DATA_FOLDER = "data_folder"
    DISK_FULL = "disk_full"
    BUDGET_DAY = "budget_day"
    BUDGET_MONTH = "budget_month"


class Network(StrEnum):
    """What is known of the network between this machine and the service.

    OFFLINE is said only where no network was found; UNREACHABLE is a service that does not answer
    or answers nonsense, UNTRUSTED one whose certificate is not trusted, PROXY a proxy that is away
    or refuses, SANDBOX_AWAY the sandbox on this machine when it does not answer.
    """

    ONLINE = "online"
    OFFLINE = "offline"
    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"
    PROXY = "proxy"
    SANDBOX_AWAY = "sandbox_away"
    SLOWED_DOWN = "slowed_down"

    @property
    def is_down(self) -> bool:
        """Whether nothing can be sent until the service is found again."""
        return self not in (Network.ONLINE, Network.SLOWED_DOWN)


@dataclass(frozen=True, slots=True)
class CapSums:
    """The sums of the budget cap that stops the queue: what counts against it, and the cap."""

    spent_usd: Decimal
    cap_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatus:
    """The queue as a whole.

    Attributes:
        service: Whose jobs are being worked on now.
        pause: Why nothing new is sent, or None.
        pause_detail: The system's or the service's words for it.
        pause_error: The error behind it where that says more; `describe_error` words it.
        pause_sums: The sums of the cap, while a cap is the reason.
        network: What is known of the way to the service.
        network_error: Why the service cannot be reached, as last found out; None while it can.
        answered: The service has given an answer since the start, so `network` is known.
        network_since: When `network` became what it is.
        next_try_at: When the service is tried next, while it is not answering.
        running: Jobs of this service between the first byte and the file, still watched.
        waiting: Jobs of this service in the queue.
        needs_user: Jobs that only the user can carry on.
    """

    service: Service
    pause: PauseReason | None = None
    pause_detail: str = ""
    pause_error: KlingDesktopError | None = None
    pause_sums: CapSums | None = None
    network: Network = Network.ONLINE
    network_error: KlingDesktopError | None = None
    answered: bool = False
    network_since: datetime | None = None
    next_try_at: datetime | None = None
    running: int = 0
    waiting: int = 0
    needs_user: int = 0
