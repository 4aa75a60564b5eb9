"""With which account each task has left: another one would take, and charge, it a second time."""

from kling_desktop.api.client import ApiClient
from kling_desktop.domain.job import Job, Service
from kling_desktop.storage.stores.job_store import JobStore


class AccountCheck:
    """Notes the account of each task that leaves and knows it again; owned by the line.

    An account is an address and a key, told by a mark.  The sandbox makes a new key at each of its
    starts and charges nobody, so there all are one.
    """

    def __init__(self, client: ApiClient, jobs: JobStore) -> None:
        self._client = client
        self._jobs = jobs

    async def note(self, job: Job) -> None:
        """Note that a job is about to leave; known even when the database is lost before an answer.

        Raises:
            StorageError: It could not be written: then nothing may be sent.
        """
        await self._jobs.note_sent(job, self._mark(job))

    async def is_present(self, job: Job) -> bool:
        """Tell whether the account in use is the one that the job was sent with, if that is known.

        Another one cannot know the job's id: sent there, the clip could be paid for twice.
        """
        return await self._jobs.find_account(job) in ("", self._mark(job))

    def _mark(self, job: Job) -> str:
        return "" if job.service is Service.SANDBOX else self._client.account
