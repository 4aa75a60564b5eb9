"""Jobs that cannot go on at the moment: visible, tried again ever more slowly, never given up."""

import logging
from datetime import timedelta

from kling_desktop.domain.display_state import CRASHED
from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.domain.job import Job
from kling_desktop.engine.jobs.error_fields import error_fields
from kling_desktop.engine.timing.pacing import Clock, hold_delay
from kling_desktop.storage.stores.job_store import JobStore

logger = logging.getLogger(__name__)


class JobHolds:
    """Writes into a job's row that it waits for the user, and until when it waits at most."""

    def __init__(self, clock: Clock, jobs: JobStore) -> None:
        self._clock = clock
        self._jobs = jobs

    async def hold(self, job: Job, error: KlingDesktopError) -> Job:
        """Hold a job because of an error that more attempts do not overcome at the moment."""
        return await self._hold(job, error_fields(error))

    async def hold_crashed(self, job: Job) -> Job:
        """Hold a job whose task ended by a bug; the log has the bug."""
        return await self._hold(job, {**error_fields(None), "error_code": CRASHED})

    async def _hold(self, job: Job, fields: dict[str, object]) -> Job:
        holds = job.holds + 1
        until = self._clock.now() + timedelta(seconds=hold_delay(holds))
        logger.warning("job %d is held until %s: %s", job.id, until, fields["error_code"])
        return await self._jobs.amend(job, holds=holds, held_until=until, **fields)
