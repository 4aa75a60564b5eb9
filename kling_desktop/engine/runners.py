"""The jobs that tasks are working on: who holds a place, who waits for the user, who crashed."""

import asyncio
from collections.abc import Callable, Iterator

from kling_desktop.domain.events import JobChange, PauseReason
from kling_desktop.domain.job import SENT_STATES, Job, JobId, JobState
from kling_desktop.engine.job_handle import JobHandle
from kling_desktop.engine.queue.queue_gate import FOLDER_REASONS, NO_WAY_REASONS, QueueGate
from kling_desktop.engine.service_session import ServiceSession
from kling_desktop.engine.timing.interruptible_sleep import InterruptibleSleep
from kling_desktop.engine.timing.pacing import Clock
from kling_desktop.engine.watch.progress import ProgressBoard


class JobRunners:
    """One task for each running job; owned by the engine.

    Attributes:
        needs_user: Jobs whose task has ended because only the user can decide how they go on.
        crashed: Jobs whose task ended by a bug and whose row does not say so yet.
        held: Jobs that cannot go on at the moment, by their rows.
    """

    def __init__(
        self,
        clock: Clock,
        gate: QueueGate,
        board: ProgressBoard,
        *,
        on_change: Callable[[], object],
        on_crash: Callable[[JobId], object],
    ) -> None:
        self._clock = clock
        self._gate = gate
        self._board = board
        self._on_change = on_change
        self._on_crash = on_crash
        self._handles: dict[JobId, JobHandle] = {}
        self._tasks: dict[JobId, asyncio.Task[None]] = {}
        self.needs_user: set[JobId] = set()
        self.crashed: set[JobId] = set()
        self.held: set[JobId] = set()

    def __len__(self) -> int:
        return len(self._handles)

    def __contains__(self, job_id: object) -> bool:
        return job_id in self._handles or job_id in self.crashed or job_id in self.held

    def find(self, job_id: JobId) -> JobHandle | None:
        return self._handles.get(job_id)

    def start(self, job: Job, session: ServiceSession) -> None:
        """Start a task for a job, unless it has one."""
        if job.id in self._handles:
            return
        handle = JobHandle(job=job, sleep=InterruptibleSleep(self._clock))
        self._handles[job.id] = handle
        self.needs_user.discard(job.id)
        self.crashed.discard(job.id)

        def on_end(crashed: bool) -> None:
            self._on_end(handle, crashed=crashed)

        self._tasks[job.id] = session.run_job(handle, on_end)

    async def stop(self, job_id: JobId) -> None:
        """Cancel a job's task; its row stays as it is."""
        task = self._tasks.get(job_id)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    def clear(self) -> None:
        """Forget all jobs: the session was closed, so no task is left."""
        for job_id in self._handles:
            self._board.clear(job_id)
        self._handles.clear()
        self._tasks.clear()
        self.needs_user.clear()
        self.crashed.clear()
        self.held.clear()

    def interrupt_all(self) -> None:
        """Interrupt the wait of every running job."""
        for handle in self._handles.values():
            handle.sleep.interrupt()

    def update(self, change: JobChange) -> None:
        """Keep the rows of the running jobs up to date."""
        if change.job is None:
            return
        is_held = change.job.held_until is not None and not change.job.state.is_terminal
        (self.held.add if is_held else self.held.discard)(change.job_id)
        handle = self._handles.get(change.job_id)
        if handle is not None:
            handle.job = change.job
        elif change.job.state.is_terminal:
            self.needs_user.discard(change.job_id)

    def count_stuck(self) -> int:
        """Count the jobs that only the user can move, or that time will."""
        return len(self.needs_user | self.crashed | self.held)

    def count_places(self) -> int:
        """Count the jobs that hold a place at the service, or are being prepared to take one.

        A clip that is being downloaded holds none: the service is done with it, and a missing
        folder must not keep the service idle once it is back.
        """
        return sum(
            not handle.needs_user
            and handle.job.watching
            and handle.job.state is not JobState.DOWNLOADING
            for handle in self._handles.values()
        )

    def is_preparing(self) -> bool:
        """Return whether a queued job is being made ready to be sent."""
        return any(job.state is JobState.QUEUED for job in self._jobs())

    def count_running(self) -> int:
        return sum(job.state in SENT_STATES and job.watching for job in self._jobs())

    def is_moving(self) -> bool:
        """Return whether any running job will go on without the user's help."""
        return any(map(self._moves, self._handles.values()))

    def _jobs(self) -> Iterator[Job]:
        return (handle.job for handle in self._handles.values())

    def _moves(self, handle: JobHandle) -> bool:
        match handle.job.state:
            case JobState.UNCONFIRMED:
                return not handle.waits_at_gate
            case JobState.RUNNING:
                return handle.job.watching and not self._gate.holds(*NO_WAY_REASONS)
            case JobState.DOWNLOADING:
                return not self._gate.holds(PauseReason.NETWORK_SETTINGS, *FOLDER_REASONS)
            case _:
                return True

    def _on_end(self, handle: JobHandle, *, crashed: bool) -> None:
        """A task has ended: because its job has, or for now."""
        job_id = handle.job_id
        if self._handles.get(job_id) is not handle:
            return
        del self._handles[job_id]
        self._tasks.pop(job_id, None)
        self._board.clear(job_id)
        if handle.needs_user:
            self.needs_user.add(job_id)
        if crashed:
            self.crashed.add(job_id)
            self._on_crash(job_id)
        self._on_change()
