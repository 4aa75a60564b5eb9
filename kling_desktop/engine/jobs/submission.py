"""Getting a job to the service exactly once: the steps from the queue to its acceptance."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta

from kling_desktop.api.client import ApiClient
from kling_desktop.api.payload import build_task, encode_body
from kling_desktop.api.replies import RemoteState, TaskStatus
from kling_desktop.domain.catalog import MODELS_BY_ID
from kling_desktop.domain.draft import FrameRole
from kling_desktop.domain.errors import (
    ApiError,
    AuthenticationFailed,
    InsufficientCredits,
    JobUnknown,
    KlingDesktopError,
    MediaGone,
    ModelGone,
    Reaction,
    ServiceUnavailable,
)
from kling_desktop.domain.events import Activity, JobProgress, PauseReason
from kling_desktop.domain.frame_form import FrameForm
from kling_desktop.domain.job import Job, JobState
from kling_desktop.domain.receipt import EventKind
from kling_desktop.engine.jobs.account_check import AccountCheck
from kling_desktop.engine.jobs.error_fields import error_fields, find_retry_after
from kling_desktop.engine.jobs.job_handle import JobHandle
from kling_desktop.engine.jobs.model_quirks import ModelQuirks
from kling_desktop.engine.jobs.picture_upload import PictureSender
from kling_desktop.engine.jobs.status_handler import StatusHandler
from kling_desktop.engine.jobs.submission_outcome import (
    SubmissionOutcome,
    is_refusal_believed,
    judge_submission,
    may_resend,
    tell_answer,
)
from kling_desktop.engine.queue.budget import Budget
from kling_desktop.engine.queue.job_requests import new_task_id
from kling_desktop.engine.queue.queue_gate import QueueGate
from kling_desktop.engine.tasks import first_of
from kling_desktop.engine.timing.pacing import Clock, backoff, resend_delay
from kling_desktop.engine.watch.folder_watch import FolderWatch
from kling_desktop.engine.watch.network_watch import NetworkWatch
from kling_desktop.engine.watch.progress import ProgressBoard
from kling_desktop.storage.stores.job_store import JobStore

logger = logging.getLogger(__name__)


class Submission:
    """The steps of the states queued, submitting and unconfirmed; owned by the line."""

    def __init__(
        self,
        clock: Clock,
        client: ApiClient,
        jobs: JobStore,
        *,
        pictures: PictureSender,
        account_check: AccountCheck,
        status_handler: StatusHandler,
        budget: Budget,
        quirks: ModelQuirks,
        network: NetworkWatch,
        gate: QueueGate,
        folder: FolderWatch,
        board: ProgressBoard,
    ) -> None:
        self._clock = clock
        self._client = client
        self._jobs = jobs
        self._pictures = pictures
        self._sent_with = account_check
        self._acceptance = status_handler
        self._budget = budget
        self._lore = quirks
        self._network = network
        self._gate = gate
        self._folder = folder
        self._board = board
        self._last_look = asyncio.Lock()

    # -- queued ---------------------------------------------------------------------------------

    async def prepare(self, job: Job, handle: JobHandle) -> Job | None:
        """Make everything ready and write the intent down; not a byte of the job leaves here."""
        if handle.cancel_asked:
            return await self._jobs.advance(job, JobState.CANCELLED)
        if not self._may_go(job):
            return None
        await self._folder.check()  # no clip is paid for that could not be kept
        media = await self._send_pictures(job, handle)
        if media is None:
            return self._jobs.get_job(job.id)  # cut short: it was cancelled or edited
        form = (
            FrameForm(job.frame_form) if job.frame_form else self._lore.find_form(job.draft.model)
        )
        body = await asyncio.to_thread(_build_body, job, media, form)
        async with self._last_look:  # two jobs must not pass the cap by looking at the same time
            if handle.cancel_asked:
                return job
            if not self._may_go(job):
                return None
            job = await self._jobs.advance(
                job,
                JobState.SUBMITTING,
                body=body,
                frame_form=form.value if media else "",
                submitted_at=self._clock.now(),
                attempts=job.attempts + 1,
                **error_fields(None),
            )
        handle.intent_is_ours = True
        return job

    async def after_preparing(
        self, job: Job, handle: JobHandle, error: KlingDesktopError
    ) -> Job | None:
        """A picture could not be brought to the service, or is gone: the job itself never left."""
        if not isinstance(error, ApiError):
            return await self._fail(job, error)
        if isinstance(error, AuthenticationFailed | InsufficientCredits):
            self._close_gate(error)
            return None
        if error.reaction is Reaction.FAIL_JOB:
            return await self._fail(job, error)
        self._network.note_failure(error)
        handle.tries += 1
        await self._rest(job, handle, backoff(handle.tries, find_retry_after(error)), error)
        return self._jobs.get_job(job.id)

    def _may_go(self, job: Job) -> bool:
        """Say whether this job may be sent now; a passed budget cap closes the gate."""
        if not self._network.may_send or not self._gate.is_open_but_for_budget:
            return False
        hold = self._budget.find_hold(job)
        if hold is not None:
            self._gate.close(hold.reason, hold.detail)
            return False
        return self._gate.is_open or job.cap_waived

    async def _send_pictures(self, job: Job, handle: JobHandle) -> dict[FrameRole, str] | None:
        """Bring the pictures to the service; None when the person cancelled meanwhile."""
        if not job.draft.frames:
            return {}
        found: dict[FrameRole, str] = {}

        def tell(done: int, total: int) -> None:
            self._board.report(
                JobProgress(
                    job_id=job.id,
                    activity=Activity.UPLOADING,
                    done_bytes=done,
                    total_bytes=total,
                )
            )

        async def prepare() -> None:
            found.update(await self._pictures.prepare(job, tell))

        await first_of(prepare(), handle.sleep.wait())
        return found or None

    # -- submitting -----------------------------------------------------------------------------

    async def send(self, job: Job, handle: JobHandle) -> Job | None:
        """Send what was written down, unless another life of this job may have sent it already."""
        if not handle.intent_is_ours:
            return await self._jobs.advance(job, JobState.UNCONFIRMED)
        await self._sent_with.note(job)
        handle.intent_is_ours = False
        if handle.cancel_asked:
            return await self._jobs.advance(job, JobState.CANCELLED)
        handle.first_sent_mono = handle.first_sent_mono or self._clock.monotonic()
        status = await self._submit(job)
        return await self._acceptance.take(job, handle, status)

    async def after_sending(
        self, job: Job, handle: JobHandle, error: KlingDesktopError
    ) -> Job | None:
        if not isinstance(error, ApiError):
            return await self._jobs.advance(job, JobState.UNCONFIRMED)
        outcome = judge_submission(error, sent_before=job.attempts > 1)
        await self._jobs.log(job.id, EventKind.ANSWER, tell_answer(error, outcome))
        match outcome:
            case SubmissionOutcome.ACCEPTED:
                return await self._acceptance.accept(job, handle)
            case SubmissionOutcome.UNSENT | SubmissionOutcome.LATER:
                self._network.note_failure(error)
                return await self._back(job, handle, error)
            case SubmissionOutcome.ELSEWHERE:
                self._network.note_failure(error)
                return await self._back_and_rest(job, handle, error)
            case SubmissionOutcome.PAUSE:
                self._close_gate(error)
                return await self._back(job, handle, error)
            case SubmissionOutcome.OTHER_FORM:
                return await self._try_other_form(job, handle, error)
            case SubmissionOutcome.NEW_UPLOAD:
                return await self._renew_uploads(job, handle, error)
            case SubmissionOutcome.REFUSED:
                self._network.note_answer()
                return await self._fail(job, error)
            case SubmissionOutcome.UNKNOWN:
                self._network.note_failure(error)
                handle.tries = 1
                handle.retry_after_s = find_retry_after(error)
                return await self._jobs.advance(job, JobState.UNCONFIRMED, **error_fields(error))

    async def _back(
        self, job: Job, handle: JobHandle, error: ApiError, **facts: object
    ) -> Job | None:
        """Surely not accepted: back to the queue, or out of it if that was asked meanwhile."""
        if handle.cancel_asked:
            return await self._jobs.advance(job, JobState.CANCELLED)
        attempts = job.attempts
        if isinstance(error, ServiceUnavailable) and not error.sent:
            attempts -= 1
        back = {
            "attempts": attempts,
            "body": "",
            "submitted_at": None,
            **error_fields(error),
            **facts,
        }
        return await self._jobs.advance(job, JobState.QUEUED, **back)

    async def _back_and_rest(self, job: Job, handle: JobHandle, error: ApiError) -> Job | None:
        """Nobody takes jobs at this address: wait in the queue, under the same id all the same."""
        back = await self._back(job, handle, error)
        if back is not None and back.state is JobState.QUEUED:
            handle.tries += 1
            await self._rest(back, handle, backoff(handle.tries, find_retry_after(error)), error)
        return back

    async def _try_other_form(self, job: Job, handle: JobHandle, error: ApiError) -> Job | None:
        """Say the frames in the other documented shape; refused is refused, so under a new id."""
        self._network.note_answer()
        if not job.frame_form:
            return await self._fail(job, error)
        form = FrameForm(job.frame_form)
        handle.forms_tried.add(form)
        if form.other in handle.forms_tried:
            return await self._fail(job, error)
        return await self._back(
            job, handle, error, task_id=new_task_id(), frame_form=form.other.value, attempts=0
        )

    async def _renew_uploads(self, job: Job, handle: JobHandle, error: ApiError) -> Job | None:
        """The service lost an uploaded picture: upload it anew and try once more."""
        self._network.note_answer()
        if handle.uploads_renewed:
            return await self._fail(job, error)
        handle.uploads_renewed = True
        await self._pictures.forget(job)
        return await self._back(job, handle, error, task_id=new_task_id(), attempts=0)

    # -- unconfirmed ----------------------------------------------------------------------------

    async def confirm(self, job: Job, handle: JobHandle) -> Job | None:
        """Find out whether the service has the job: ask, and else send the identical body again.

        A new id would be a new payment, so the id stays whatever happens.
        """
        if handle.tries:
            await self._rest(job, handle, resend_delay(handle.tries, handle.retry_after_s))
        await self._network.wait_reachable()
        self._board.report(JobProgress(job_id=job.id, activity=Activity.ASKING))
        status = (await self._client.ask([job.task_id])).get(job.task_id)
        self._network.note_answer()
        if status is not None and _knows(status):
            return await self._acceptance.take(job, handle, status)
        if handle.refusal is not None:
            return await self._weigh_refusal(job, handle, handle.refusal)
        if not (self._may_repeat(job, handle) and await self._sent_with.is_present(job)):
            return self._leave_to_person(job, handle)
        if not self._gate.is_open_but_for_budget:
            # A lost first send would begin only now: that is for later.
            return await self._wait_at_gate(job, handle)
        handle.tries += 1
        job = await self._jobs.amend(job, attempts=job.attempts + 1)
        await self._sent_with.note(job)
        status = await self._submit(job)
        return await self._acceptance.take(job, handle, status)

    async def after_confirming(
        self, job: Job, handle: JobHandle, error: KlingDesktopError
    ) -> Job | None:
        job = self._jobs.get_job(job.id)
        if not isinstance(error, ApiError):
            return job
        handle.tries = max(handle.tries, 1)
        handle.retry_after_s = find_retry_after(error)
        match judge_submission(error, sent_before=True):
            case SubmissionOutcome.ACCEPTED:
                await self._jobs.log(
                    job.id, EventKind.ANSWER, tell_answer(error, SubmissionOutcome.ACCEPTED)
                )
                return await self._acceptance.accept(job, handle)
            case SubmissionOutcome.PAUSE:
                self._close_gate(error)
                return await self._wait_at_gate(job, handle)
            case (
                SubmissionOutcome.REFUSED
                | SubmissionOutcome.OTHER_FORM
                | SubmissionOutcome.NEW_UPLOAD
            ):
                handle.refusal, handle.refused_mono = error, self._clock.monotonic()
                handle.looks_since_refusal = 0
            case _:
                self._network.note_failure(error)
        return job

    async def _weigh_refusal(self, job: Job, handle: JobHandle, refusal: ApiError) -> Job | None:
        """A resend was refused and the service shows nothing of the job: at first proof of nothing.

        The first send may have been taken all the same.  A picture that is gone by now says
        nothing about the time when it was there, so that is left to the person.
        """
        handle.looks_since_refusal += 1
        since_s = self._clock.monotonic() - handle.refused_mono
        if not is_refusal_believed(handle.looks_since_refusal, since_s):
            handle.tries += 1
            return job
        if isinstance(refusal, MediaGone):
            return self._leave_to_person(job, handle)
        return await self._fail(job, refusal)

    def _may_repeat(self, job: Job, handle: JobHandle) -> bool:
        if handle.cancel_asked or job.cancel_asked or not job.body:
            return False
        elapsed = None
        if handle.first_sent_mono is not None:
            elapsed = self._clock.monotonic() - handle.first_sent_mono
        return may_resend(job.submitted_at, self._clock.now(), elapsed_s=elapsed)

    def _leave_to_person(self, job: Job, handle: JobHandle) -> None:
        logger.info("job %d: only a person can say whether it is sent again", job.id)
        handle.needs_person = True
        self._board.clear(job.id)

    async def _wait_at_gate(self, job: Job, handle: JobHandle) -> Job:
        self._board.clear(job.id)
        handle.waits_at_gate = True
        self._gate.tell_waiting()
        try:
            await first_of(self._gate.wait_open_but_for_budget(), handle.sleep.wait())
        finally:
            handle.waits_at_gate = False
        return self._jobs.get_job(job.id)

    # -- together -------------------------------------------------------------------------------

    async def _submit(self, job: Job) -> TaskStatus:
        def tell(done: int, total: int) -> None:
            self._board.report(
                JobProgress(
                    job_id=job.id, activity=Activity.SENDING, done_bytes=done, total_bytes=total
                )
            )

        tell(0, len(job.body))
        return await self._client.submit(job.body, job.task_id, on_bytes=tell)

    async def _rest(
        self, job: Job, handle: JobHandle, seconds: float, error: ApiError | None = None
    ) -> None:
        self._board.report(
            JobProgress(
                job_id=job.id,
                activity=Activity.WAITING,
                next_try_at=self._clock.now() + timedelta(seconds=seconds),
                problem_code=error.code if error is not None else job.error_code,
            )
        )
        await handle.sleep.sleep(seconds)

    async def _fail(self, job: Job, error: KlingDesktopError) -> Job:
        await self._lore.note_failed(job.draft.model, error)
        return await self._jobs.advance(job, JobState.FAILED, **error_fields(error))

    def _close_gate(self, error: ApiError) -> None:
        if isinstance(error, InsufficientCredits):
            self._gate.close(PauseReason.CREDIT, error.detail)
        elif error.http_status == 0:
            self._gate.close(PauseReason.KEY_MISSING, error.detail)
        else:
            self._gate.close(PauseReason.KEY_REFUSED, error.detail)


def _build_body(job: Job, media: Mapping[FrameRole, str], form: FrameForm) -> str:
    spec = MODELS_BY_ID.get(job.draft.model)
    if spec is None:
        raise ModelGone(f"This version of the app does not know the model {job.draft.model}.")
    return encode_body([build_task(job.draft, spec, job.task_id, media, frame_form=form)])


def _knows(status: TaskStatus) -> bool:
    """Tell whether an answer shows that the service has the task."""
    if status.state is RemoteState.FAILED:
        return not isinstance(status.error, JobUnknown)
    return status.state in (RemoteState.RUNNING, RemoteState.SUCCEEDED)
