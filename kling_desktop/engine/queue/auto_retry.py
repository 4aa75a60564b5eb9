"""Whether a job that the service failed is tried again without asking: only if a person set so."""

from kling_desktop.domain.errors import GenerationFailed
from kling_desktop.domain.job import Job, JobState
from kling_desktop.storage.settings.settings_store import SettingsStore
from kling_desktop.storage.stores.job_store import JobStore


def wants_retry(job: Job, jobs: JobStore, settings: SettingsStore) -> bool:
    """Say whether a new job takes the place of this one; each may cost, so the number is kept.

    A refusal is never repeated, nor is a job that the person had stopped waiting for.
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
