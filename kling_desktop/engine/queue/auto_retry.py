"""Whether a failed job is retried automatically: only if the user set a number of retries."""

from kling_desktop.domain.errors import GenerationFailed
from kling_desktop.domain.job import Job, JobState
from kling_desktop.storage.settings.settings_store import SettingsStore
from kling_desktop.storage.stores.job_store import JobStore


def wants_retry(job: Job, jobs: JobStore, settings: SettingsStore) -> bool:
    """Return whether a new job is queued for this failed one; each may cost, so they are limited.

    A refusal is never retried, nor is a job that the user had stopped waiting for.
    """
    most = settings.current.retry_count
    failed = job.state is JobState.FAILED and job.error_code == GenerationFailed.code
    if not most or not failed or job.cancel_asked or not job.watching:
        return False
    tried, earlier = 0, job.retry_of
    while earlier is not None and tried < most:
        tried += 1
        before = jobs.find_job(earlier)
        earlier = None if before is None else before.retry_of
    return tried < most
