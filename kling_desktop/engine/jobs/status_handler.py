"""What follows from the service's word on a job: running, a file to fetch, or its end."""

import asyncio
import logging
from decimal import Decimal

from kling_desktop.api.replies import RemoteState, TaskStatus
from kling_desktop.domain.errors import (
    GenerationFailed,
    JobUnknown,
    KlingDesktopError,
    LinkExpired,
)
from kling_desktop.domain.frame_form import FrameForm
from kling_desktop.domain.job import Job, JobState
from kling_desktop.engine.jobs.account_check import AccountCheck
from kling_desktop.engine.jobs.error_fields import error_fields
from kling_desktop.engine.jobs.job_handle import JobHandle
from kling_desktop.engine.jobs.model_quirks import ModelQuirks
from kling_desktop.engine.timing.pacing import Clock
from kling_desktop.engine.watch.network_watch import NetworkWatch
from kling_desktop.storage.files.library_files import LibraryFiles
from kling_desktop.storage.stores.body_redaction import shorten_body
from kling_desktop.storage.stores.job_store import JobStore

logger = logging.getLogger(__name__)

_LARGE_BODY = 64 * 1024


class StatusHandler:
    """Writes the service's word into the row, whichever step heard it; owned by the line."""

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
        self._lore = quirks
        self._network = network
        self._sent_with = account_check

    async def take(self, job: Job, handle: JobHandle, status: TaskStatus) -> Job:
        """Move the job on by what the service said about it."""
        match status.state:
            case RemoteState.SUCCEEDED if status.results:
                return await self._fetch(job, handle, status)
            case RemoteState.FAILED:
                error = status.error or GenerationFailed("The service did not say why.")
                if isinstance(error, JobUnknown) and _may_still_be_fetched(job):
                    return await self._jobs.advance(job, JobState.DOWNLOADING)
                if isinstance(error, JobUnknown) and not await self._sent_with.is_present(job):
                    return job  # said by an account that cannot know it: the first one may yet
                return await self._end(job, error)
            case _ if job.state is JobState.RUNNING:
                return job
            case _:
                return await self.accept(job, handle)

    async def accept(self, job: Job, handle: JobHandle) -> Job:
        """The service has the job: from here on it is paid for."""
        self._network.note_acceptance()
        watching = job.watching and not (handle.cancel_asked or job.cancel_asked)
        running = await self._jobs.advance(
            job,
            JobState.RUNNING,
            accepted_at=self._clock.now(),
            watching=watching,
            **await _shorten(job),
            **error_fields(None),
        )
        await self._learn(job)
        return running

    async def _fetch(self, job: Job, handle: JobHandle, status: TaskStatus) -> Job:
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
            **error_fields(None),
        )
        if job.state is not JobState.RUNNING:
            await self._learn(job)
        return downloading

    async def _end(self, job: Job, error: KlingDesktopError) -> Job:
        await self._lore.note_failed(job.draft.model, error)
        return await self._jobs.advance(job, JobState.FAILED, **error_fields(error))

    async def _learn(self, job: Job) -> None:
        form = FrameForm(job.frame_form) if job.frame_form else None
        await self._lore.note_accepted(job.draft.model, form)


def _may_still_be_fetched(job: Job) -> bool:
    """Tell whether the link that is there may yet lead to the video: its host never said no."""
    was_made = job.state is JobState.RUNNING and bool(job.result_url)
    return was_made and job.error_code != LinkExpired.code


async def _shorten(job: Job) -> dict[str, object]:
    """Give the body without its pictures: an accepted job is never sent again."""
    if len(job.body) < _LARGE_BODY:
        return {}
    return {"body": await asyncio.to_thread(shorten_body, job.body)}
