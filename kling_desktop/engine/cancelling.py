"""What a person's "cancel" can still do for a job, said honestly."""

from collections.abc import Awaitable, Callable
from enum import StrEnum

from kling_desktop.domain.job import Job, JobState
from kling_desktop.engine.jobs.job_handle import JobHandle
from kling_desktop.engine.runners import JobRunners
from kling_desktop.engine.service_session import ServiceSession
from kling_desktop.storage.stores.job_store import JobStore


class CancelResult(StrEnum):
    """What became of the wish.

    NOT_SENT: cancelled before a byte left; it costs nothing.
    ASKED: the request was leaving at that moment; if the service took it, it is not waited for.
    OUTCOME_UNKNOWN: nobody knows whether it was taken; it is not sent again, and not waited for.
    STOPPED_WAITING: the service goes on and charges; the clip is still collected if it comes.
    ALREADY_MADE: the clip is made and paid for and on its way into the library.
    ALREADY_ENDED: there was nothing left to cancel.
    """

    NOT_SENT = "not_sent"
    ASKED = "asked"
    OUTCOME_UNKNOWN = "outcome_unknown"
    STOPPED_WAITING = "stopped_waiting"
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
        StateConflict: It moved on meanwhile; read it again and try again.
    """
    handle = runners.find(job.id)
    match job.state:
        case JobState.QUEUED if handle is None:
            await jobs.advance(job, JobState.CANCELLED)
            return CancelResult.NOT_SENT
        case JobState.QUEUED | JobState.SUBMITTING if handle is not None:
            handle.cancel_asked = True
            if job.state is JobState.SUBMITTING and not handle.intent_is_ours:
                await jobs.amend(job, cancel_asked=True)
                return CancelResult.ASKED
            handle.sleep.interrupt()
            # Its runner looks before it writes the intent and again before it sends.
            while runners.find(job.id) is handle and _has_not_left(jobs.get_job(job.id), handle):
                await wait_change()
            ended = jobs.get_job(job.id)
            if ended.state is JobState.CANCELLED:
                return CancelResult.NOT_SENT
            return await cancel(ended, jobs, runners, session, wait_change)
        case JobState.SUBMITTING | JobState.UNCONFIRMED:
            await jobs.amend(job, cancel_asked=True, watching=False)
            if handle is not None:
                handle.cancel_asked = True
            return CancelResult.OUTCOME_UNKNOWN
        case JobState.RUNNING:
            await jobs.amend(job, watching=False)
            if session is not None:
                session.poller.set_watching(job.task_id, False)  # noqa: FBT003
            return CancelResult.STOPPED_WAITING
        case JobState.DOWNLOADING:
            return CancelResult.ALREADY_MADE
        case _:
            return CancelResult.ALREADY_ENDED


def _has_not_left(job: Job, handle: JobHandle) -> bool:
    return job.state is JobState.QUEUED or (
        job.state is JobState.SUBMITTING and handle.intent_is_ours
    )
