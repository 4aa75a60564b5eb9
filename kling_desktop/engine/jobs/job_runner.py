"""Runs one job from its present state to its end, by a table from state to step."""

import logging
from collections.abc import Awaitable, Callable, Mapping

from kling_desktop.domain.errors import (
    FileInUse,
    KlingDesktopError,
    Reaction,
    StateConflict,
    StorageError,
)
from kling_desktop.domain.job import Job, JobState
from kling_desktop.engine.job_handle import JobHandle
from kling_desktop.engine.watch.folder_watch import FolderWatch
from kling_desktop.storage.stores.job_store import JobStore

logger = logging.getLogger(__name__)

MOST_LOST_RACES = 20

Step = Callable[[Job, JobHandle], Awaitable[Job | None]]
"""One outside call, then one `advance`.  None: nothing to do now, the place is given back."""
HandleFailure = Callable[[Job, JobHandle, KlingDesktopError], Awaitable[Job | None]]
"""What a step's failure means in that state; answers like a step."""


class JobRunner:
    """Runs jobs.  Every state is a place to begin, so there is no other recovery code."""

    def __init__(
        self,
        jobs: JobStore,
        folder: FolderWatch,
        steps: Mapping[JobState, tuple[Step, HandleFailure]],
    ) -> None:
        self._jobs = jobs
        self._folder = folder
        self._steps = steps

    async def run(self, job: Job, handle: JobHandle) -> Job:
        """Run the job until it ends, or until only the user or the queue can move it."""
        lost_races = 0
        while pair := self._steps.get(job.state):
            step, handle_failure = pair
            try:
                after = await step(job, handle)
            except KlingDesktopError as error:
                logger.info("job %d, %s: %s", job.id, job.state.value, error.code)
                if isinstance(error, StateConflict) and lost_races < MOST_LOST_RACES:
                    lost_races += 1
                    after = self._jobs.get_job(job.id)  # somebody else moved it: go on from there
                else:
                    after = await self._handle_failure(job, handle, error, handle_failure)
            if after is None:
                break
            job = after
        return job

    async def _handle_failure(
        self, job: Job, handle: JobHandle, error: KlingDesktopError, handle_failure: HandleFailure
    ) -> Job | None:
        if error.reaction in (Reaction.APP_STOPS, Reaction.BUG):
            raise error
        if not isinstance(error, StorageError):
            return await handle_failure(job, handle, error)
        if isinstance(error, FileInUse):  # one file, not the folder: the others go on
            await self._folder.wait_for_other_program()
        else:
            self._folder.report(error)
        if job.state is JobState.QUEUED:
            return None
        await self._folder.wait_available()
        return self._jobs.get_job(job.id)
