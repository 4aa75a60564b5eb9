"""The step of the state unconfirmed: find out whether the service has the job, paying nothing."""

import logging

from kling_desktop.domain.errors import ApiError, KlingDesktopError, MediaGone
from kling_desktop.domain.job import Job
from kling_desktop.domain.receipt import EventKind
from kling_desktop.engine.job_handle import JobHandle
from kling_desktop.engine.jobs.admission import Admission
from kling_desktop.engine.jobs.error_fields import find_retry_after
from kling_desktop.engine.jobs.job_calls import JobCalls, is_known
from kling_desktop.engine.jobs.job_waits import JobWaits
from kling_desktop.engine.jobs.status_handler import StatusHandler
from kling_desktop.engine.jobs.submission_outcome import (
    SubmissionOutcome,
    build_answer_facts,
    is_refusal_believed,
    judge_submission,
    may_resend,
)
from kling_desktop.engine.tasks import first_of
from kling_desktop.engine.timing.pacing import resend_delay
from kling_desktop.storage.stores.job_store import JobStore

logger = logging.getLogger(__name__)


class ConfirmStep:
    """Takes a job from unconfirmed to running, or leaves the decision to the user."""

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
        """Ask about the task; when neither answer shows it, send the identical body again.

        A new id would be a new payment, so the id stays whatever happens.
        """
        confirming = handle.confirming
        if confirming.rounds:
            delay = resend_delay(confirming.rounds, confirming.retry_after_s)
            await self._waits.wait(handle, delay, job.error_code)
        elif (delay := self._admission.network.slowed_down_s) > 0:
            await self._waits.wait(handle, delay, job.error_code)
        await self._admission.network.wait_reachable()
        status = await self._calls.ask(job)
        self._admission.network.note_answer()
        if status is None or not is_known(status):
            status = await self._calls.ask_archive(handle)
        if status is not None:
            return await self._status_handler.apply(job, status)
        if confirming.refusal is not None:
            return await self._weigh_refusal(job, handle, confirming.refusal)
        if not (self._may_resend(job, handle) and await self._calls.is_same_account(job)):
            return self._leave_to_user(job, handle)
        if not self._admission.gate.is_open_but_for_budget:
            # If the first send was lost, a resend would start the job now: not during a pause.
            return await self._wait_at_gate(job, handle)
        confirming.rounds += 1
        job = await self._jobs.amend(job, attempts=job.attempts + 1)
        await self._calls.note_sent(job)
        status = await self._calls.send_body(job)
        return await self._status_handler.apply(job, status)

    async def handle_failure(
        self, job: Job, handle: JobHandle, error: KlingDesktopError
    ) -> Job | None:
        """Decide by the answer to a question or a resend whether the service has the job."""
        job = self._jobs.get_job(job.id)
        if not isinstance(error, ApiError):
            return job
        confirming = handle.confirming
        confirming.rounds = max(confirming.rounds, 1)
        confirming.retry_after_s = find_retry_after(error)
        outcome = judge_submission(error, sent_before=True)
        match outcome:
            case SubmissionOutcome.ACCEPTED:
                await self._jobs.log(job.id, EventKind.ANSWER, build_answer_facts(error, outcome))
                return await self._status_handler.accept(job)
            case SubmissionOutcome.PAUSE:
                self._admission.pause_for(error)
                return await self._wait_at_gate(job, handle)
            case (
                SubmissionOutcome.REFUSED
                | SubmissionOutcome.OTHER_FORM
                | SubmissionOutcome.NEW_UPLOAD
            ):
                confirming.refusal = error
                confirming.refused_mono = self._waits.clock.monotonic()
                confirming.looks_since_refusal = 0
            case _:
                self._admission.network.note_failure(error)
        return job

    async def _weigh_refusal(self, job: Job, handle: JobHandle, refusal: ApiError) -> Job | None:
        """A resend was refused and the service shows nothing of the job, which proves nothing yet.

        The first send may have been accepted all the same.  A picture that is gone by now says
        nothing about the time when it was there, so that is left to the user.
        """
        confirming = handle.confirming
        confirming.looks_since_refusal += 1
        since_s = self._waits.clock.monotonic() - confirming.refused_mono
        if not is_refusal_believed(confirming.looks_since_refusal, since_s):
            confirming.rounds += 1
            return job
        if isinstance(refusal, MediaGone):
            return self._leave_to_user(job, handle)
        return await self._status_handler.fail(job, refusal)

    def _may_resend(self, job: Job, handle: JobHandle) -> bool:
        if handle.job.cancel_asked or not job.body:
            return False
        elapsed_s, clock = None, self._waits.clock
        if handle.sending.first_sent_mono is not None:
            elapsed_s = clock.monotonic() - handle.sending.first_sent_mono
        return may_resend(job.submitted_at, clock.now(), elapsed_s=elapsed_s)

    def _leave_to_user(self, job: Job, handle: JobHandle) -> None:
        logger.info("job %d: only the user can decide whether it is sent again", job.id)
        handle.needs_user = True
        self._waits.board.clear(job.id)

    async def _wait_at_gate(self, job: Job, handle: JobHandle) -> Job:
        self._waits.board.clear(job.id)
        handle.waits_at_gate = True
        self._admission.gate.report_waiting()
        try:
            gate = self._admission.gate
            await first_of(gate.wait_open_but_for_budget(), handle.sleep.wait())
        finally:
            handle.waits_at_gate = False
        return self._jobs.get_job(job.id)
