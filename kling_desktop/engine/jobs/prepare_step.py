"""The step of the state queued: everything is made ready and the intent to send is written."""

import asyncio
from collections.abc import Mapping

from kling_desktop.api.payload import build_task, encode_body
from kling_desktop.domain.catalog import MODELS_BY_ID
from kling_desktop.domain.draft import FrameRole
from kling_desktop.domain.errors import (
    ApiError,
    KlingDesktopError,
    ModelGone,
    PictureUnavailable,
    Reaction,
)
from kling_desktop.domain.frame_form import FrameForm
from kling_desktop.domain.job import Job, JobState
from kling_desktop.domain.reasons import Reason
from kling_desktop.engine.job_handle import JobHandle
from kling_desktop.engine.jobs.admission import Admission
from kling_desktop.engine.jobs.error_fields import error_fields, find_retry_after
from kling_desktop.engine.jobs.job_calls import JobCalls
from kling_desktop.engine.jobs.job_holds import JobHolds
from kling_desktop.engine.jobs.job_waits import JobWaits
from kling_desktop.engine.jobs.model_quirks import ModelQuirks
from kling_desktop.engine.tasks import first_of
from kling_desktop.engine.timing.pacing import backoff
from kling_desktop.storage.stores.job_store import JobStore


class PrepareStep:
    """Takes a job from queued to submitting; not a byte of its request leaves here."""

    def __init__(
        self,
        jobs: JobStore,
        calls: JobCalls,
        quirks: ModelQuirks,
        admission: Admission,
        waits: JobWaits,
    ) -> None:
        self._jobs = jobs
        self._calls = calls
        self._quirks = quirks
        self._admission = admission
        self._waits = waits
        self._holds = JobHolds(waits.clock, jobs)
        self._last_check = asyncio.Lock()

    async def run(self, job: Job, handle: JobHandle) -> Job | None:
        """Upload the pictures, build the body and write both to the row."""
        if job.cancel_asked:
            return await self._jobs.advance(job, JobState.CANCELLED)
        if not self._admission.may_send(job):
            return None
        await self._calls.prepare()  # wrong network settings are found before the intent is written
        await self._admission.check_folder()
        media = await self._send_pictures(job, handle)
        if media is None:
            return self._jobs.get_job(job.id)  # the upload was interrupted, mostly by a cancel
        form = (
            FrameForm(job.frame_form) if job.frame_form else self._quirks.find_form(job.draft.model)
        )
        body = await asyncio.to_thread(_build_body, job, media, form)
        async with self._last_check:  # two jobs must not pass a cap by checking at the same time
            if not self._admission.may_send(job):
                return None
            job = await self._jobs.advance(
                job,
                JobState.SUBMITTING,
                body=body,
                frame_form=form.value if media else "",
                submitted_at=self._waits.clock.now(),
                attempts=job.attempts + 1,
                **error_fields(None),
            )
        handle.sending.intent_is_ours = True
        return job

    async def handle_failure(
        self, job: Job, handle: JobHandle, error: KlingDesktopError
    ) -> Job | None:
        """Wait and try again, or fail the job: it was not sent, so it costs nothing."""
        if isinstance(error, PictureUnavailable):
            await self._holds.hold(job, error)
            return None
        if not isinstance(error, ApiError):
            return await self._fail(job, error)
        if error.reaction is Reaction.PAUSE_QUEUE:
            self._admission.pause_for(error)
            return None
        if error.reaction is Reaction.FAIL_JOB:
            return await self._fail(job, error)
        self._admission.network.note_failure(error)
        handle.sending.failures += 1
        delay = backoff(handle.sending.failures, find_retry_after(error))
        await self._waits.wait(handle, delay, error.code)
        return self._jobs.get_job(job.id)

    async def _send_pictures(self, job: Job, handle: JobHandle) -> dict[FrameRole, str] | None:
        """Send the pictures to the service; None when the job's sleep was interrupted."""
        if not job.draft.frames:
            return {}
        found: dict[FrameRole, str] = {}

        async def send() -> None:
            found.update(await self._calls.send_pictures(job))

        await first_of(send(), handle.sleep.wait())
        return found or None

    async def _fail(self, job: Job, error: KlingDesktopError) -> Job:
        await self._quirks.note_failed(job.draft.model, error)
        return await self._jobs.advance(job, JobState.FAILED, **error_fields(error))


def _build_body(job: Job, media: Mapping[FrameRole, str], form: FrameForm) -> str:
    spec = MODELS_BY_ID.get(job.draft.model)
    if spec is None:
        raise ModelGone(Reason.MODEL_NOT_IN_THIS_VERSION, detail=job.draft.model)
    return encode_body([build_task(job.draft, spec, job.task_id, media, frame_form=form)])
