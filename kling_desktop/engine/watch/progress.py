"""The progress of each job, in memory only."""

from kling_desktop.domain.events import JobProgress, Notifier
from kling_desktop.domain.job import JobId


class ProgressBoard:
    """The latest progress of each running job; owned by the engine."""

    def __init__(self) -> None:
        self.changed: Notifier[JobProgress] = Notifier()
        self._latest: dict[JobId, JobProgress] = {}

    def report(self, progress: JobProgress) -> None:
        self._latest[progress.job_id] = progress
        self.changed.send(progress)

    def clear(self, job_id: JobId) -> None:
        self._latest.pop(job_id, None)

    def find(self, job_id: JobId) -> JobProgress | None:
        return self._latest.get(job_id)
