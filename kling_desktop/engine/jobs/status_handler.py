"""What follows from the status that the service reports for a job: running, a file, or its end."""

import asyncio
import logging
from decimal import Decimal

from kling_desktop.api.replies import RemoteState, TaskStatus
from kling_desktop.domain.errors import (
    GenerationFailed,
    JobUnknown,
    KlingDesktopError,
    LinkExpired,
    ResultOutOfReach,
)
from kling_desktop.domain.frame_form import FrameForm
from kling_desktop.domain.job import Job, JobState
from kling_desktop.domain.reasons import Reason
from kling_desktop.engine.jobs.account_check import AccountCheck
from kling_desktop.engine.jobs.error_fields import error_fields
from kling_desktop.engine.jobs.model_quirks import ModelQuirks
from kling_desktop.engine.timing.pacing import Clock
from kling_desktop.engine.watch.network_watch import NetworkWatch
from kling_desktop.storage.files.library_files import LibraryFiles
from kling_desktop.storage.stores.body_redaction import shorten_body
from kling_desktop.storage.stores.job_store import JobStore

logger = logging.getLogger(__name__)

_LARGE_BODY = 64 * 1024


class StatusHandler:
    """Writes the reported status into the row, whichever step received it."""

    def __init__(
        self,
        clock: Clock,
        jobs: JobStore,
        files: LibraryFiles,
        quirks: ModelQuirks,
        network: NetworkWatch,
        account_check: AccountCheck,
    ) -> None:
        self._clock = clock
        self._jobs = jobs
        self._files = files
        self._quirks = quirks
        self._network = network
        self._account_check = account_check

    async def apply(self, job: Job, status: TaskStatus) -> Job:
        """Move the job to the state that follows from its status at the service."""
        match status.state:
            case RemoteState.SUCCEEDED if status.results:
                return await self._start_download(job, status)
            case RemoteState.FAILED:
                error = status.error or GenerationFailed(Reason.NO_CAUSE_GIVEN)
                if isinstance(error, JobUnknown) and _may_still_be_fetched(job):
                    return await self._jobs.advance(job, JobState.DOWNLOADING)
                if isinstance(error, JobUnknown) and not await self._account_check.is_same_account(
                    job
                ):
                    return job  # another account cannot know it; the one it was sent with may
                return await self.fail(job, error)
            case _ if job.state is JobState.RUNNING:
                return job
            case _:
                return await self.accept(job)

    async def accept(self, job: Job) -> Job:
        """The service has the job: from here on it is paid for."""
        self._network.note_acceptance()
        running = await self._jobs.advance(
            job,
            JobState.RUNNING,
            accepted_at=self._clock.now(),
            **await _shorten(job),
            **error_fields(None),
        )
        if running.cancel_asked and running.watching:  # the cancel came too late to prevent it
            running = await self._jobs.amend(running, watching=False)
        await self._note_accepted(job)
        return running

    async def fail(self, job: Job, error: KlingDesktopError) -> Job:
        """End the job: nothing more can be got for it."""
        await self._quirks.note_failed(job.draft.model, error)
        return await self._jobs.advance(job, JobState.FAILED, **error_fields(error))

    async def _start_download(self, job: Job, status: TaskStatus) -> Job:
        self._network.note_acceptance()
        now = self._clock.now()
        video, *more = status.results
        if more:
            logger.warning("job %d: %d videos came for one take", job.id, len(status.results))
        known = [result.cost_usd for result in status.results if result.cost_usd is not None]
        downloading = await self._jobs.advance(
            job,
            JobState.DOWNLOADING,
            accepted_at=job.accepted_at or now,
            result_url=video.url,
            result_id=video.result_id,
            seed=video.seed,
            cost_usd=sum(known, Decimal(0)) if known else job.cost_usd,
            file=job.file or self._files.plan_name(job.draft, job.task_id, now),
            **await _shorten(job),
            **({} if job.error_code == ResultOutOfReach.code else error_fields(None)),
        )
        if job.state is not JobState.RUNNING:
            await self._note_accepted(job)
        return downloading

    async def _note_accepted(self, job: Job) -> None:
        form = FrameForm(job.frame_form) if job.frame_form else None
        await self._quirks.note_accepted(job.draft.model, form)


def _may_still_be_fetched(job: Job) -> bool:
    """Return whether the link in the row may still work: its host never refused it."""
    was_made = job.state is JobState.RUNNING and bool(job.result_url)
    return was_made and job.error_code != LinkExpired.code


async def _shorten(job: Job) -> dict[str, object]:
    """Give the body without its pictures: an accepted job is never sent again."""
    if len(job.body) < _LARGE_BODY:
        return {}
    return {"body": await asyncio.to_thread(shorten_body, job.body)}
