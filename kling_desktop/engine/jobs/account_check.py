"""Which account each task was sent with: another one would accept and charge it again."""

from kling_desktop.api.client import ApiClient
from kling_desktop.domain.job import Job, Service
from kling_desktop.storage.stores.job_store import JobStore


class AccountCheck:
    """Notes the account of each task that is sent and compares it later.

    An account is an address and a key, kept as a fingerprint.  The sandbox makes a new key at each
    start and charges nobody, so all its accounts count as one.
    """

    def __init__(self, client: ApiClient, jobs: JobStore) -> None:
        self._client = client
        self._jobs = jobs

    async def note(self, job: Job) -> None:
        """Note that a job is about to be sent; this note survives the loss of the database.

        Raises:
            StorageError: It could not be written: then nothing may be sent.
        """
        await self._jobs.note_sent(job, self._mark(job))

    async def is_same_account(self, job: Job) -> bool:
        """Return whether the account in use is the one that the job was sent with, if it is known.

        Another account does not know the job's id: sent there, the clip could be paid for twice.
        """
        return await self._jobs.find_account(job) in ("", self._mark(job))

    def _mark(self, job: Job) -> str:
        return "" if job.service is Service.SANDBOX else self._client.account
