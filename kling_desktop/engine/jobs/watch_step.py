"""The step of the state running: wait until the service has finished the job, or lost it."""

from kling_desktop.api.replies import RemoteState
from kling_desktop.domain.errors import ApiError, JobUnknown, KlingDesktopError
from kling_desktop.domain.job import Job
from kling_desktop.engine.job_handle import JobHandle
from kling_desktop.engine.jobs.error_fields import find_retry_after
from kling_desktop.engine.jobs.job_calls import JobCalls
from kling_desktop.engine.jobs.job_waits import JobWaits
from kling_desktop.engine.jobs.status_handler import StatusHandler
from kling_desktop.engine.timing.pacing import backoff
from kling_desktop.engine.watch.network_watch import NetworkWatch
from kling_desktop.engine.watch.poller import Poller

ARCHIVE_RETRY_FIRST_S = 15.0


class WatchStep:
    """Takes a job from running to downloading or to its end."""

    def __init__(
        self,
        poller: Poller,
        calls: JobCalls,
        status_handler: StatusHandler,
        network: NetworkWatch,
        waits: JobWaits,
    ) -> None:
        self._poller = poller
        self._calls = calls
        self._status_handler = status_handler
        self._network = network
        self._waits = waits

    async def run(self, job: Job, handle: JobHandle) -> Job | None:
        """Wait for the result; a job that the service no longer shows is looked up in its archive.

        Found there it goes on; not found proves nothing.
        """
        status = await self._poller.watch(handle)
        lost = status.state is RemoteState.ABSENT or isinstance(status.error, JobUnknown)
        if lost:
            status = await self._calls.ask_archive(handle) or status
        if status.state is RemoteState.ABSENT:
            return handle.job  # never given up by time
        return await self._status_handler.apply(job, status)

    async def handle_failure(
        self, job: Job, handle: JobHandle, error: KlingDesktopError
    ) -> Job | None:
        """Ask again a little later: a failed question says nothing about the job."""
        if isinstance(error, ApiError):
            self._network.note_failure(error)
        tries = max(handle.archive_failures, 1)
        delay = backoff(tries, find_retry_after(error), first_s=ARCHIVE_RETRY_FIRST_S)
        await self._waits.wait(handle, delay, error.code)
        return handle.job
