"""The wait of a job between two attempts, visible to the user and open to interruption."""

from datetime import timedelta

from kling_desktop.domain.events import Activity, JobProgress
from kling_desktop.engine.job_handle import JobHandle
from kling_desktop.engine.timing.pacing import Clock
from kling_desktop.engine.watch.progress import ProgressBoard


class JobWaits:
    """Shows a wait on the progress board while it lasts; shared by the steps of a session."""

    def __init__(self, clock: Clock, board: ProgressBoard) -> None:
        self.clock = clock
        self.board = board

    async def wait(self, handle: JobHandle, seconds: float, problem_code: str) -> None:
        """Wait before the next attempt, or until somebody interrupts the job's sleep."""
        self.board.report(
            JobProgress(
                job_id=handle.job_id,
                activity=Activity.WAITING,
                next_try_at=self.clock.now() + timedelta(seconds=seconds),
                problem_code=problem_code,
            )
        )
        await handle.sleep.sleep(seconds)
