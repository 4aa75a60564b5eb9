"""Carries one job from its present state to its end: the table from state to step."""

import logging
from collections.abc import Awaitable, Callable, Mapping

from kling_desktop.domain.errors import (
    KlingDesktopError,
    Reaction,
    StateConflict,
    StorageError,
)
from kling_desktop.domain.job import Job, JobState
from kling_desktop.engine.jobs.job_handle import JobHandle
from kling_desktop.engine.watch.folder_watch import FolderWatch
from kling_desktop.storage.stores.job_store import JobStore

logger = logging.getLogger(__name__)

MOST_LOST_RACES = 20

Step = Callable[[Job, JobHandle], Awaitable[Job | None]]
"""One call to the world, then one `advance`.  None: nothing to do now, the place goes back."""
React = Callable[[Job, JobHandle, KlingDesktopError], Awaitable[Job | None]]
"""What a step's failure means in that state; answers like a step."""


class JobRunner:
    """The life of a job.  Every state is a place to begin, so there is no recovery beside this."""

    def __init__(
        self,
        jobs: JobStore,
        folder: FolderWatch,
        steps: Mapping[JobState, tuple[Step, React]],
    ) -> None:
        self._jobs = jobs
        self._folder = folder
        self._steps = steps

    async def carry(self, job: Job, handle: JobHandle) -> Job:
        """Carry the job on until it ends or nobody but a person or the queue can move it."""
        lost_races = 0
        while pair := self._steps.get(job.state):
            step, react = pair
            try:
                after = await step(job, handle)
            except KlingDesktopError as error:
                logger.info("job %d, %s: %s", job.id, job.state.value, error.code)
                if isinstance(error, StateConflict) and lost_races < MOST_LOST_RACES:
                    lost_races += 1
                    after = self._jobs.get_job(job.id)  # somebody else moved it: go on from there
                else:
                    after = await self._react(job, handle, error, react)
            if after is None:
                break
            job = after
        return job

    async def _react(
        self, job: Job, handle: JobHandle, error: KlingDesktopError, react: React
    ) -> Job | None:
        if error.reaction in (Reaction.APP_STOPS, Reaction.BUG):
            raise error
        if not isinstance(error, StorageError):
            return await react(job, handle, error)
        self._folder.report(error)
        if job.state is JobState.QUEUED:
            return None
        await self._folder.wait_well()
        return self._jobs.get_job(job.id)
