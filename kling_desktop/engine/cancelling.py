"""What cancelling can still do for a job, depending on its state."""

from collections.abc import Awaitable, Callable
from enum import StrEnum

from kling_desktop.domain.errors import ResultOutOfReach
from kling_desktop.domain.job import Job, JobState
from kling_desktop.engine.job_handle import JobHandle
from kling_desktop.engine.runners import JobRunners
from kling_desktop.engine.service_session import ServiceSession
from kling_desktop.storage.stores.job_store import JobStore


class CancelResult(StrEnum):
    """What cancelling has done.

    NOT_SENT: cancelled before a byte left; it costs nothing.
    ASKED: the request was leaving at that moment; if the service accepted it, it is not waited for.
    OUTCOME_UNKNOWN: nobody knows whether it was accepted; it is not sent again, and not waited for.
    STOPPED_WAITING: the service goes on and charges; the clip is still downloaded when it is done.
    GIVEN_UP: the clip is made and paid for, and its file is not asked for any more.
    ALREADY_MADE: the clip is made and paid for and on its way into the library.
    ALREADY_ENDED: there was nothing left to cancel.
    """

    NOT_SENT = "not_sent"
    ASKED = "asked"
    OUTCOME_UNKNOWN = "outcome_unknown"
    STOPPED_WAITING = "stopped_waiting"
    GIVEN_UP = "given_up"
    ALREADY_MADE = "already_made"
    ALREADY_ENDED = "already_ended"


async def cancel(
    job: Job,
    jobs: JobStore,
    runners: JobRunners,
    session: ServiceSession | None,
    wait_change: Callable[[], Awaitable[None]],
) -> CancelResult:
    """Cancel a job as far as its state lets.

    Raises:
        StateConflict: It moved on meanwhile; read it again and repeat.
    """
    handle = runners.find(job.id)
    match job.state:
        case JobState.QUEUED:
            await jobs.advance(job, JobState.CANCELLED)  # its task, if any, loses this race
            if handle is not None:
                handle.sleep.interrupt()
            return CancelResult.NOT_SENT
        case JobState.SUBMITTING if handle is not None:
            await jobs.amend(job, cancel_asked=True)
            # Its task checks this once more before the first byte leaves.
            while runners.find(job.id) is handle and _has_not_left(handle):
                await wait_change()
            cancelled = jobs.get_job(job.id).state is JobState.CANCELLED
            return CancelResult.NOT_SENT if cancelled else CancelResult.ASKED
        case JobState.SUBMITTING | JobState.UNCONFIRMED:
            await jobs.amend(job, cancel_asked=True, watching=False)
            return CancelResult.OUTCOME_UNKNOWN
        case JobState.RUNNING:
            await jobs.amend(job, watching=False)
            if session is not None:
                session.poller.reschedule(job.task_id)
            return CancelResult.STOPPED_WAITING
        case JobState.DOWNLOADING if job.error_code == ResultOutOfReach.code:
            await jobs.advance(job, JobState.FAILED)  # its task, if any, loses this race
            if handle is not None:
                handle.sleep.interrupt()
            return CancelResult.GIVEN_UP
        case JobState.DOWNLOADING:
            return CancelResult.ALREADY_MADE
        case _:
            return CancelResult.ALREADY_ENDED


def _has_not_left(handle: JobHandle) -> bool:
    return handle.job.state is JobState.SUBMITTING and handle.sending.intent_is_ours
