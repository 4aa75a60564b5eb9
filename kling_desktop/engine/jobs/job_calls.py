"""The requests that a job makes until it is accepted: pictures, body, the question after it."""

import logging
from collections.abc import Callable

from kling_desktop.api.client import ApiClient
from kling_desktop.api.replies import RemoteState, TaskStatus
from kling_desktop.domain.draft import FrameRole
from kling_desktop.domain.errors import ApiError, JobUnknown
from kling_desktop.domain.events import Activity, JobProgress
from kling_desktop.domain.job import Job
from kling_desktop.engine.job_handle import JobHandle
from kling_desktop.engine.jobs.account_check import AccountCheck
from kling_desktop.engine.jobs.picture_upload import PictureSender
from kling_desktop.engine.watch.progress import ProgressBoard

logger = logging.getLogger(__name__)

ARCHIVE_FAILURES_UNTIL_PASSED_OVER = 3
"""A service whose archive never answers must not keep a job from being decided otherwise."""


class JobCalls:
    """Makes a job's requests and reports their bytes; owned by the service session."""

    def __init__(
        self,
        client: ApiClient,
        pictures: PictureSender,
        account_check: AccountCheck,
        board: ProgressBoard,
    ) -> None:
        self._client = client
        self._pictures = pictures
        self._account_check = account_check
        self._board = board

    async def prepare(self) -> None:
        """Make sure that a request could leave this machine; see `ApiClient.prepare`."""
        await self._client.prepare()

    async def send_pictures(self, job: Job) -> dict[FrameRole, str]:
        """Return what stands for each frame in the request; see `PictureSender.prepare`."""
        return await self._pictures.prepare(job, self._report_bytes(job, Activity.UPLOADING))

    async def forget_pictures(self, job: Job) -> None:
        await self._pictures.forget(job)

    async def note_sent(self, job: Job) -> None:
        """Write to the journal that the request is about to leave; see `AccountCheck.note`."""
        await self._account_check.note(job)

    async def is_same_account(self, job: Job) -> bool:
        return await self._account_check.is_same_account(job)

    async def send_body(self, job: Job) -> TaskStatus:
        """Send the body that was written to the row.

        Raises:
            ApiError: The service refused, or there was no clear answer.
        """
        report = self._report_bytes(job, Activity.SENDING)
        report(0, len(job.body))
        return await self._client.submit(job.body, job.task_id, on_bytes=report)

    async def ask(self, job: Job) -> TaskStatus | None:
        """Ask what became of the task; None when the service says nothing about it."""
        self._board.report(JobProgress(job_id=job.id, activity=Activity.ASKING))
        return (await self._client.ask([job.task_id])).get(job.task_id)

    async def ask_archive(self, handle: JobHandle) -> TaskStatus | None:
        """Ask the archive of past tasks, the last resort for a task that `ask` does not find.

        Returns:
            The status of a task that was found there, or its end; None when nothing is settled:
            "not found" proves nothing, nor does an archive that failed several times in a row.

        Raises:
            ApiError: The question failed, which may pass.
        """
        job = handle.job
        self._board.report(JobProgress(job_id=job.id, activity=Activity.ASKING))
        try:
            status = await self._client.get_task_details(job.task_id)
        except ApiError as error:
            handle.archive_failures += 1
            if handle.archive_failures < ARCHIVE_FAILURES_UNTIL_PASSED_OVER:
                raise
            logger.info("job %d: the archive cannot be asked (%s)", job.id, error.code)
            return None
        handle.archive_failures = 0
        logger.info("job %d: the archive says %s", job.id, status.state.value)
        return status if is_known(status) else None

    def _report_bytes(self, job: Job, activity: Activity) -> Callable[[int, int], None]:
        def report(done: int, total: int) -> None:
            self._board.report(
                JobProgress(job_id=job.id, activity=activity, done_bytes=done, total_bytes=total)
            )

        return report


def is_known(status: TaskStatus) -> bool:
    """Return whether an answer shows that the service has, or had, the task."""
    if status.state is RemoteState.FAILED:
        return not isinstance(status.error, JobUnknown)
    return status.state in (RemoteState.RUNNING, RemoteState.SUCCEEDED)
