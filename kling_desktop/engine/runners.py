"""The jobs at work at this moment: who holds a place, who waits for a person, who has stumbled."""

import asyncio
from collections.abc import Callable

from kling_desktop.domain.events import JobChange
from kling_desktop.domain.job import SENT_STATES, Job, JobId, JobState
from kling_desktop.engine.jobs.job_handle import JobHandle
from kling_desktop.engine.queue.queue_gate import FOLDER_REASONS, KEY_REASONS, QueueGate
from kling_desktop.engine.service_session import ServiceSession
from kling_desktop.engine.timing.interruptible_sleep import InterruptibleSleep
from kling_desktop.engine.timing.pacing import Clock
from kling_desktop.engine.watch.progress import ProgressBoard


class JobRunners:
    """One runner for each job at work; owned by the engine.

    Attributes:
        needs_person: Jobs that were put down because only a person can carry them on.
        stumbled: Jobs whose runner ended in a bug; taken up again at the next start or on request.
    """

    def __init__(
        self, clock: Clock, gate: QueueGate, board: ProgressBoard, on_change: Callable[[], object]
    ) -> None:
        self._clock = clock
        self._gate = gate
        self._board = board
        self._on_change = on_change
        self._handles: dict[JobId, JobHandle] = {}
        self._runners: dict[JobId, asyncio.Task[None]] = {}
        self._latest: dict[JobId, Job] = {}
        self.needs_person: set[JobId] = set()
        self.crashed: set[JobId] = set()

    def __len__(self) -> int:
        return len(self._handles)

    def __contains__(self, job_id: object) -> bool:
        return job_id in self._handles or job_id in self.crashed

    def find(self, job_id: JobId) -> JobHandle | None:
        return self._handles.get(job_id)

    def begin(self, job: Job, session: ServiceSession) -> None:
        """Give a job a runner, unless it has one."""
        if job.id in self._handles:
            return
        handle = JobHandle(
            job_id=job.id, sleep=InterruptibleSleep(self._clock), cancel_asked=job.cancel_asked
        )
        self._handles[job.id] = handle
        self._latest[job.id] = job
        self.needs_person.discard(job.id)
        self.crashed.discard(job.id)

        def done(crashed: bool) -> None:
            self._put_down(job.id, handle, crashed=crashed)

        self._runners[job.id] = session.begin(job, handle, done)

    async def stop(self, job_id: JobId) -> None:
        """End a job's runner; its row stays where it is."""
        runner = self._runners.get(job_id)
        if runner is not None:
            runner.cancel()
            await asyncio.wait([runner])

    def forget_all(self) -> None:
        """The line was closed: no runner is left."""
        for job_id in self._handles:
            self._board.clear(job_id)
        self._handles.clear()
        self._runners.clear()
        self._latest.clear()
        self.needs_person.clear()
        self.crashed.clear()

    def ring_all(self) -> None:
        for handle in self._handles.values():
            handle.sleep.interrupt()

    def note(self, change: JobChange) -> None:
        """Keep what a row says for as long as its job is at work."""
        if change.job is not None and change.job_id in self._handles:
            self._latest[change.job_id] = change.job
        elif change.job is not None and change.job.state.is_terminal:
            self.needs_person.discard(change.job_id)

    def count_places(self) -> int:
        """Count the jobs that hold a place at the service, or are being prepared to take one.

        A clip that is being fetched holds none: the service is done with it, and a folder that is
        gone must not keep the service idle once it is back.
        """
        return sum(
            self._handles[job_id].needs_person is False
            and job.watching
            and job.state is not JobState.DOWNLOADING
            for job_id, job in self._latest.items()
        )

    def is_preparing(self) -> bool:
        """Tell whether a queued job is just being made ready to be sent."""
        return any(job.state is JobState.QUEUED for job in self._latest.values())

    def count_running(self) -> int:
        return sum(job.state in SENT_STATES and job.watching for job in self._latest.values())

    def is_moving(self) -> bool:
        """Tell whether any job at work will go on without a person's help."""
        return any(self._moves(job, self._handles[job_id]) for job_id, job in self._latest.items())

    def _moves(self, job: Job, handle: JobHandle) -> bool:
        match job.state:
            case JobState.UNCONFIRMED:
                return not handle.waits_at_gate
            case JobState.RUNNING:
                return job.watching and not self._gate.holds(*KEY_REASONS)
            case JobState.DOWNLOADING:
                return not self._gate.holds(*FOLDER_REASONS)
            case _:
                return True

    def _put_down(self, job_id: JobId, handle: JobHandle, *, crashed: bool) -> None:
        """A runner has ended: because its job has, or for now."""
        if self._handles.get(job_id) is not handle:
            return
        del self._handles[job_id]
        self._runners.pop(job_id, None)
        self._latest.pop(job_id, None)
        self._board.clear(job_id)
        if handle.needs_person:
            self.needs_person.add(job_id)
        if crashed:
            self.crashed.add(job_id)
        self._on_change()
