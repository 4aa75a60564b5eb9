"""The step of the state submitting: the request leaves once, and its answer is judged."""

from kling_desktop.domain.errors import ApiError, KlingDesktopError, ServiceUnavailable
from kling_desktop.domain.frame_form import FrameForm
from kling_desktop.domain.job import Job, JobState
from kling_desktop.domain.receipt import EventKind
from kling_desktop.engine.job_handle import ConfirmingMemory, JobHandle
from kling_desktop.engine.jobs.admission import Admission
from kling_desktop.engine.jobs.error_fields import error_fields, find_retry_after
from kling_desktop.engine.jobs.job_calls import JobCalls
from kling_desktop.engine.jobs.job_waits import JobWaits
from kling_desktop.engine.jobs.status_handler import StatusHandler
from kling_desktop.engine.jobs.submission_outcome import (
    SubmissionOutcome,
    build_answer_facts,
    judge_submission,
)
from kling_desktop.engine.queue.job_requests import new_task_id
from kling_desktop.engine.timing.pacing import backoff
from kling_desktop.storage.stores.job_store import JobStore


class SendStep:
    """Takes a job from submitting to running, to unconfirmed, or back to the queue."""

    def __init__(
        self,
        jobs: JobStore,
        calls: JobCalls,
        status_handler: StatusHandler,
        admission: Admission,
        waits: JobWaits,
    ) -> None:
        self._jobs = jobs
        self._calls = calls
        self._status_handler = status_handler
        self._admission = admission
        self._waits = waits

    async def run(self, job: Job, handle: JobHandle) -> Job | None:
        """Send what was written, unless an earlier process may have sent it already."""
        sending = handle.sending
        if not sending.intent_is_ours:
            return await self._jobs.advance(job, JobState.UNCONFIRMED)
        await self._calls.note_sent(job)
        sending.intent_is_ours = False
        if handle.job.cancel_asked:
            return await self._jobs.advance(job, JobState.CANCELLED)
        sending.first_sent_mono = sending.first_sent_mono or self._waits.clock.monotonic()
        status = await self._calls.send_body(job)
        return await self._status_handler.apply(job, status)

    async def handle_failure(
        self, job: Job, handle: JobHandle, error: KlingDesktopError
    ) -> Job | None:
        """Decide by the answer whether the service can have accepted the job."""
        if not isinstance(error, ApiError):
            return await self._jobs.advance(job, JobState.UNCONFIRMED)
        outcome = judge_submission(error, sent_before=job.attempts > 1)
        await self._jobs.log(job.id, EventKind.ANSWER, build_answer_facts(error, outcome))
        network = self._admission.network
        match outcome:
            case SubmissionOutcome.ACCEPTED:
                return await self._status_handler.accept(job)
            case SubmissionOutcome.UNSENT | SubmissionOutcome.LATER:
                network.note_failure(error)
                return await self._requeue(job, handle, error)
            case SubmissionOutcome.WRONG_ENDPOINT:
                network.note_failure(error)
                return await self._requeue_and_wait(job, handle, error)
            case SubmissionOutcome.PAUSE:
                self._admission.pause_for(error)
                return await self._requeue(job, handle, error)
            case SubmissionOutcome.OTHER_FORM:
                return await self._try_other_form(job, handle, error)
            case SubmissionOutcome.NEW_UPLOAD:
                return await self._renew_uploads(job, handle, error)
            case SubmissionOutcome.REFUSED:
                network.note_answer()
                return await self._status_handler.fail(job, error)
            case SubmissionOutcome.UNKNOWN:
                network.note_failure(error)
                handle.confirming = ConfirmingMemory(
                    rounds=1, retry_after_s=find_retry_after(error)
                )
                return await self._jobs.advance(job, JobState.UNCONFIRMED, **error_fields(error))

    async def _requeue(
        self, job: Job, handle: JobHandle, error: ApiError, **facts: object
    ) -> Job | None:
        """Surely not accepted: back to the queue, or cancelled if the user asked for that."""
        if handle.job.cancel_asked:
            return await self._jobs.advance(job, JobState.CANCELLED)
        attempts = job.attempts
        if isinstance(error, ServiceUnavailable) and not error.sent:
            attempts -= 1
        changes = {
            "attempts": attempts,
            "body": "",
            "submitted_at": None,
            **error_fields(error),
            **facts,
        }
        return await self._jobs.advance(job, JobState.QUEUED, **changes)

    async def _requeue_and_wait(self, job: Job, handle: JobHandle, error: ApiError) -> Job | None:
        """Wrong endpoint (404, 405): requeue under the same id and back off."""
        queued = await self._requeue(job, handle, error)
        if queued is not None and queued.state is JobState.QUEUED:
            handle.sending.failures += 1
            delay = backoff(handle.sending.failures, find_retry_after(error))
            await self._waits.wait(handle, delay, error.code)
            return self._jobs.get_job(job.id)
        return queued

    async def _try_other_form(self, job: Job, handle: JobHandle, error: ApiError) -> Job | None:
        """Send the frames in the other documented shape, under a new id: this one was refused."""
        self._admission.network.note_answer()
        if not job.frame_form:
            return await self._status_handler.fail(job, error)
        form, tried = FrameForm(job.frame_form), handle.sending.forms_tried
        tried.add(form)
        if form.other in tried:
            return await self._status_handler.fail(job, error)
        return await self._requeue(
            job, handle, error, task_id=new_task_id(), frame_form=form.other.value, attempts=0
        )

    async def _renew_uploads(self, job: Job, handle: JobHandle, error: ApiError) -> Job | None:
        """The service lost an uploaded picture: upload it again and try once more."""
        self._admission.network.note_answer()
        if handle.sending.uploads_renewed:
            return await self._status_handler.fail(job, error)
        handle.sending.uploads_renewed = True
        await self._calls.forget_pictures(job)
        return await self._requeue(job, handle, error, task_id=new_task_id(), attempts=0)
