"""Asks the service how running jobs are getting on: one request for all that are due.

How often is `PollPace` in `engine/timing/pacing.py`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kling_desktop.api.replies import RemoteState, TaskStatus
from kling_desktop.domain.errors import (
    ApiError,
    AuthenticationFailed,
    JobUnknown,
    NetworkMisconfigured,
    RateLimited,
    ServiceUnavailable,
)
from kling_desktop.domain.events import Activity, JobProgress, PauseReason
from kling_desktop.domain.job import TaskId
from kling_desktop.engine.job_handle import JobHandle
from kling_desktop.engine.queue.queue_gate import QueueGate
from kling_desktop.engine.tasks import find_failure
from kling_desktop.engine.timing.interruptible_sleep import InterruptibleSleep
from kling_desktop.engine.timing.pacing import (
    Clock,
    PollPace,
    age_s,
    backoff,
    first_poll_delay,
    poll_delay,
)
from kling_desktop.engine.watch.network_watch import NetworkWatch
from kling_desktop.engine.watch.progress import ProgressBoard

logger = logging.getLogger(__name__)

MOST_IN_ONE_POST = 100
FIRST_FAILURE_WAIT_S = 5.0
KEY_REFUSED_WAIT_S = 60.0
TIMES_LOST_IS_BELIEVED = 3
"""A paid job counts as lost only after the service showed nothing of it, or said that it does not
know it, this often in a row and for at least `PollPace.forgotten_s`."""

Ask = Callable[[Sequence[TaskId]], Awaitable[Mapping[TaskId, TaskStatus]]]


@dataclass(slots=True, kw_only=True)
class _Watched:
    handle: JobHandle
    task_id: TaskId
    result: asyncio.Future[TaskStatus]
    born_mono: float
    due_mono: float
    wait_s: float
    times_lost: int = 0
    lost_since_mono: float = 0.0
    answered_at: datetime | None = None


class Poller:
    """Asks for all running jobs of one service; owned by the session, which starts `run`."""

    def __init__(
        self,
        clock: Clock,
        ask: Ask,
        *,
        pace: PollPace,
        network: NetworkWatch,
        gate: QueueGate,
        board: ProgressBoard,
    ) -> None:
        self._clock = clock
        self._ask = ask
        self._pace = pace
        self._network = network
        self._gate = gate
        self._board = board
        self._sleep = InterruptibleSleep(clock)
        self._watched: dict[TaskId, _Watched] = {}
        self._failures = 0
        self._hold_until_mono = 0.0
        self._closed_gate = False

    async def watch(self, handle: JobHandle) -> TaskStatus:
        """Wait until the service has finished the job, or has shown nothing of it for long.

        The result is SUCCEEDED, FAILED or ABSENT.

        There is no time limit: a job is never given up by time.
        """
        now, job = self._clock.monotonic(), handle.job
        age = age_s(job.accepted_at or job.submitted_at, self._clock.now())
        wait = first_poll_delay(age, self._pace)
        watched = _Watched(
            handle=handle,
            task_id=job.task_id,
            result=asyncio.get_running_loop().create_future(),
            born_mono=now - age,
            due_mono=now + wait,
            wait_s=wait,
        )
        self._watched[job.task_id] = watched
        self._report(watched)
        self._sleep.interrupt()
        try:
            return await watched.result
        finally:
            if self._watched.get(job.task_id) is watched:
                del self._watched[job.task_id]

    def reschedule(self, task_id: TaskId) -> None:
        """Ask seldom about a job that the user stopped waiting for, at once if they wait again."""
        watched = self._watched.get(task_id)
        if watched is None:
            return
        wait = 0.0 if watched.handle.job.watching else self._pace.unwatched_s
        watched.due_mono, watched.wait_s = self._clock.monotonic() + wait, wait
        self._sleep.interrupt()

    def ask_now(self, task_id: TaskId | None = None) -> None:
        """Ask about one job, or about all, without waiting for its turn."""
        for watched in self._watched.values():
            if task_id is None or watched.task_id == task_id:
                watched.due_mono = self._clock.monotonic()
        self._hold_until_mono = 0.0
        self._sleep.interrupt()

    def hold(self, seconds: float) -> None:
        """Ask nothing for some seconds: an earlier run was asked to wait."""
        self._hold_until_mono = self._clock.monotonic() + seconds

    async def run(self) -> None:
        """Ask, and ask again, until cancelled."""
        while True:
            await self._network.wait_reachable()
            delay = self._find_delay()
            if delay is None:
                await self._sleep.wait()
            elif delay > 0:
                await self._sleep.sleep(delay)
            else:
                due = self._list_due()
                bug = await find_failure(self._ask_about(due))
                if bug is not None:  # each job's own task reports it and holds the job
                    self._fail(due, bug)

    def _find_delay(self) -> float | None:
        if not self._watched:
            return None
        due = min(watched.due_mono for watched in self._watched.values())
        return max(due, self._hold_until_mono) - self._clock.monotonic()

    def _list_due(self) -> list[_Watched]:
        """List the jobs that are due or have waited half their time: they share a request."""
        now = self._clock.monotonic()
        due = [one for one in self._watched.values() if one.due_mono - now <= one.wait_s / 2]
        due.sort(key=lambda one: one.due_mono)
        return due[:MOST_IN_ONE_POST]

    def _fail(self, watched: Sequence[_Watched], error: BaseException) -> None:
        for one in watched:
            self._watched.pop(one.task_id, None)
            if not one.result.done():
                one.result.set_exception(error)

    async def _ask_about(self, due: Sequence[_Watched]) -> None:
        try:
            found = await self._ask([one.task_id for one in due])
        except ApiError as error:
            self._slow_down(error)
            return
        self._failures = 0
        self._network.note_answer()
        if self._closed_gate:  # it was the poll that found the key refused: it is good again
            self._closed_gate = False
            self._gate.lift(PauseReason.KEY_REFUSED)
        for watched in due:
            self._apply(watched, found.get(watched.task_id))

    def _slow_down(self, error: ApiError) -> None:
        """The question failed, which says nothing about the jobs: ask again later."""
        self._failures += 1
        self._network.note_failure(error)
        retry_after = (
            error.retry_after_s if isinstance(error, RateLimited | ServiceUnavailable) else None
        )
        wait = backoff(self._failures, retry_after, first_s=FIRST_FAILURE_WAIT_S)
        if isinstance(error, NetworkMisconfigured):
            self._gate.close(PauseReason.NETWORK_SETTINGS, error.detail, error=error)
        if isinstance(error, AuthenticationFailed):
            self._closed_gate = not self._gate.holds(PauseReason.KEY_REFUSED)
            self._gate.close(PauseReason.KEY_REFUSED, error.detail, error=error)
            wait = max(wait, KEY_REFUSED_WAIT_S)
        logger.info("asking failed (%s); again in %.0f s", error.code, wait)
        # While there is no way to the service its return is what starts the next question.
        self._hold_until_mono = 0.0 if self._network.is_down else self._clock.monotonic() + wait

    def _apply(self, watched: _Watched, status: TaskStatus | None) -> None:
        watched.answered_at = self._clock.now()
        lost = TaskStatus(task_id=watched.task_id, state=RemoteState.ABSENT)
        if self._is_result(watched, status or lost):
            self._watched.pop(watched.task_id, None)
            if not watched.result.done():
                watched.result.set_result(status or lost)
            return
        now = self._clock.monotonic()
        watched.wait_s = poll_delay(
            now - watched.born_mono,
            watched.wait_s,
            self._pace,
            watching=watched.handle.job.watching,
        )
        watched.due_mono = now + watched.wait_s
        self._report(watched, status)

    def _is_result(self, watched: _Watched, status: TaskStatus) -> bool:
        if status.state is RemoteState.ABSENT or isinstance(status.error, JobUnknown):
            now = self._clock.monotonic()
            if not watched.times_lost:
                watched.lost_since_mono = now
            watched.times_lost += 1
            often = watched.times_lost >= TIMES_LOST_IS_BELIEVED
            return often and now - watched.lost_since_mono >= self._pace.forgotten_s
        watched.times_lost = 0
        return status.state in (RemoteState.SUCCEEDED, RemoteState.FAILED)

    def _report(self, watched: _Watched, status: TaskStatus | None = None) -> None:
        error = status.error if status is not None else None
        self._board.report(
            JobProgress(
                job_id=watched.handle.job_id,
                activity=Activity.GENERATING,
                percent=status.progress if status is not None else None,
                problem_code=error.code if error is not None else "",
                last_answer_at=watched.answered_at,
            )
        )
