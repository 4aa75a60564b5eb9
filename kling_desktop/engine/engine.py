"""The queue's engine: which job goes next, what the user's commands do, when all is idle."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from kling_desktop.api.client import ApiClient
from kling_desktop.domain.display_state import OUTCOME_UNKNOWN
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.errors import ResultOutOfReach, StateConflict
from kling_desktop.domain.events import (
    EngineStatus,
    JobChange,
    JobProgress,
    Notifier,
    PauseReason,
)
from kling_desktop.domain.job import SENT_STATES, Job, JobId, JobState, Service
from kling_desktop.domain.limits import MOST_CONCURRENCY
from kling_desktop.domain.reasons import Reason
from kling_desktop.engine.cancelling import CancelResult, cancel
from kling_desktop.engine.jobs.download_parts import sweep_ended
from kling_desktop.engine.jobs.job_holds import JobHolds
from kling_desktop.engine.ports import VideoTools
from kling_desktop.engine.queue.auto_retry import wants_retry
from kling_desktop.engine.queue.job_requests import build_requests, keep_inputs
from kling_desktop.engine.queue.queue_gate import FOLDER_REASONS, QueueGate
from kling_desktop.engine.queue_order import list_next
from kling_desktop.engine.runners import JobRunners
from kling_desktop.engine.service_session import EngineStores, ServiceSession
from kling_desktop.engine.status import build_status
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.engine.timing.pacing import (
    SANDBOX_PACE,
    SERVICE_PACE,
    Clock,
    PollPace,
    SystemClock,
    hold_delay,
)
from kling_desktop.engine.timing.periodic import run_every_minute
from kling_desktop.engine.watch.progress import ProgressBoard
from kling_desktop.storage.files.library_files import LibraryFiles
from kling_desktop.storage.settings.settings_store import Settings

logger = logging.getLogger(__name__)


class Engine:
    """Runs the queue of one data folder, on the loop's thread.

    Attributes:
        status: The queue as a whole, now.
        status_changed: Sent with each new status.
        progress: What single jobs are doing; sent many times a second during transfers.
    """

    def __init__(
        self,
        stores: EngineStores,
        video_tools: VideoTools,
        *,
        service: Service,
        client: ApiClient | None,
        clock: Clock | None = None,
        pace: PollPace | None = None,
        on_failure: Callable[[BaseException], object] | None = None,
    ) -> None:
        """Keep the parts; nothing happens before `start`.

        Args:
            stores: The stores of the data folder.
            video_tools: Reads and copies videos.
            service: Whose jobs are worked on.
            client: The client of that service; None while there is no key.
            clock: The time; a test moves its own.
            pace: How often running jobs are asked about; by the service when left out.
            on_failure: Called with each bug that ended a task.
        """
        self.status = EngineStatus(service=service)
        self.status_changed: Notifier[EngineStatus] = Notifier()
        self._stores = stores
        self._jobs, self._settings = stores.jobs, stores.settings
        self._video_tools = video_tools
        self._service = service
        self._client = client
        self._clock = clock or SystemClock()
        self._pace = pace
        self._on_failure = on_failure
        self._board = ProgressBoard()
        self.progress = self._board.changed
        self._gate = QueueGate(self._request_update)
        self._tasks = TaskOwner(on_failure)
        self._session: ServiceSession | None = None
        self._runners = JobRunners(
            self._clock,
            self._gate,
            self._board,
            on_change=self._request_update,
            on_crash=self._on_crash,
        )
        self._holds = JobHolds(self._clock, self._jobs)
        # Ids, not a number: a job may be read here and announced again a moment later.
        self._waiting: set[JobId] = set()
        self._concurrency = self._settings_concurrency = stores.settings.current.concurrency
        self._was_down = False
        self._started = self._switching = False
        self._working = True
        self._update_due = asyncio.Event()
        self._updated = asyncio.Event()
        self._disconnect: list[Callable[[], None]] = []

    # -- start and stop --------------------------------------------------------------------------

    async def start(self) -> None:
        """Continue every unfinished job from its state, and fill the free places."""
        settings = self._settings
        self._disconnect = [
            self._jobs.changed.subscribe(self._on_job_changed),
            settings.changed.subscribe(self._on_settings_changed),
        ]
        if settings.current.queue_paused or not settings.current.resume_on_start:
            self._gate.close(PauseReason.USER)
        await sweep_ended(self._stores.files, self._jobs)
        self._started = self._working = True
        self._open_session()
        self._tasks.start(self._work(), name="queue")
        periods = run_every_minute(
            self._clock,
            check=self._check_every_minute,
            ask_again=self._ask_about_unknown,
            wake=self.try_now,
        )
        self._tasks.start(periods, name="queue, every minute")
        self._request_update()

    async def stop(self) -> None:
        """Stop all work at once; the next start continues each job from its row."""
        for disconnect in self._disconnect:
            disconnect()
        self._disconnect = []
        await self._tasks.close()
        await self._close_session()

    async def set_service(self, service: Service, client: ApiClient | None) -> None:
        """Work on the jobs of this service from now on; those of the other are left as they are.

        The client is the caller's to close, the former one after this has returned.  Before
        `start` it only takes effect then.
        """
        self._switching = True  # between two sessions nothing moves, and yet the queue is not idle
        await self._close_session()
        self._switching = False
        self._service, self._client = service, client
        if not self._started:
            self.status = EngineStatus(service=service)
            return
        self._gate.lift(*(reason for reason in PauseReason if reason is not PauseReason.USER))
        self._open_session()
        self._request_update()

    async def set_library(self, files: LibraryFiles) -> None:
        """Save clips to another folder from now on; downloads under way restart there.

        Before `start` it only takes effect then.
        """
        await self._close_session()
        self._stores = replace(self._stores, files=files)
        if not self._started:
            return
        self._gate.lift(*FOLDER_REASONS)
        self._open_session()
        self._request_update()

    @property
    def concurrency(self) -> int:
        """How many jobs may be at the service at once."""
        return self._concurrency

    def set_concurrency(self, places: int) -> None:
        """Set how many jobs may be at the service at once, 1 to `MOST_CONCURRENCY`."""
        self._concurrency = min(max(places, 1), MOST_CONCURRENCY)
        self._request_update()

    @property
    def has_failed(self) -> bool:
        """Whether an error has ended the queue's own task: nothing is sent until the next start."""
        return not self._working

    async def wait_idle(self) -> None:
        """Wait until nothing of the present service is left that can move without the user.

        That is also so when the queue's own task has failed: see `has_failed`.
        """
        while self._working and (self._update_due.is_set() or not self._is_idle()):
            await self._wait_update()

    async def _wait_update(self) -> None:
        await self._updated.wait()

    def find_progress(self, job_id: JobId) -> JobProgress | None:
        return self._board.find(job_id)

    # -- commands of the user ---------------------------------------------------------------------

    async def enqueue(self, drafts: Sequence[Draft]) -> tuple[Job, ...]:
        """Check drafts again, keep their pictures and queue all their takes in one transaction.

        Raises:
            DraftRejected: One of them has problems; nothing was queued.
            UnreadableImage: A picture is gone or was changed since it was chosen.
            StorageError: It could not be written down.
        """
        kept = await keep_inputs(self._stores.inputs, drafts)
        return await self._jobs.add(build_requests(kept, self._service))

    async def edit(self, job_id: JobId, draft: Draft) -> tuple[Job, ...]:
        """Give a waiting job another draft, in its place; further takes go to the queue's end.

        Raises:
            StateConflict: It is being sent or was sent; nothing was changed.
            DraftRejected: The draft has problems; nothing was changed.
            UnreadableImage: A picture is gone or was changed since it was chosen.
            StorageError: It could not be written down.
        """
        job = self._jobs.get_job(job_id)
        if job.state is not JobState.QUEUED:
            raise StateConflict(Reason.JOB_NOT_WAITING, facts={"id": job_id, "state": job.state})
        (kept,) = await keep_inputs(self._stores.inputs, [draft])
        first, *more = build_requests([kept], job.service)
        jobs = await self._jobs.edit(job, first.draft, more)
        if (handle := self._runners.find(job_id)) is not None:
            handle.sleep.interrupt()  # its task was preparing the former draft
        self._request_update()
        return jobs

    async def cancel(self, job_id: JobId) -> CancelResult:
        """Cancel a job that was not sent, which costs nothing; else only stop waiting for it."""
        while True:
            job = self._jobs.get_job(job_id)
            try:
                return await cancel(
                    job, self._jobs, self._runners, self._session, self._wait_update
                )
            except StateConflict:  # it moved meanwhile: decide again by its new state
                logger.debug("job %d moved while it was cancelled", job_id)

    async def resume_watching(self, job_id: JobId) -> None:
        """Wait for a running job again after `cancel` had stopped that."""
        job = await self._jobs.amend(self._jobs.get_job(job_id), watching=True, cancel_asked=False)
        if self._session is not None:
            self._session.poller.reschedule(job.task_id)
        await self.check_now(job_id)

    async def retry(self, job_id: JobId) -> Job:
        """Queue a new job like one that has ended, for its own service; it is charged anew.

        Raises:
            StateConflict: It has not ended.
        """
        job = self._jobs.get_job(job_id)
        if not job.state.is_terminal:
            raise StateConflict(Reason.JOB_UNDER_WAY, facts={"id": job_id, "state": job.state})
        kept = await keep_inputs(self._stores.inputs, [job.draft])
        return (await self._jobs.add(build_requests(kept, job.service, job_id)))[0]

    async def discard(self, job_id: JobId) -> Job:
        """Give up a job whose outcome is unknown, or whose file is out of reach.

        Its record keeps saying so.

        Raises:
            StateConflict: Its outcome is known by now.
        """
        if self._jobs.get_job(job_id).error_code == ResultOutOfReach.code:
            await self.cancel(job_id)
            return self._jobs.get_job(job_id)
        async with self._setting_aside(job_id) as job:
            return await self._jobs.advance(job, JobState.CANCELLED, error_code=OUTCOME_UNKNOWN)

    async def send_again(self, job_id: JobId) -> Job:
        """Give up a job whose outcome is unknown and queue a new one: it may be charged twice.

        Raises:
            StateConflict: Its outcome is known by now.
        """
        async with self._setting_aside(job_id) as job:
            (request,) = build_requests([job.draft], job.service, job_id)
            return await self._jobs.replace(job, request, error_code=OUTCOME_UNKNOWN)

    @asynccontextmanager
    async def _setting_aside(self, job_id: JobId) -> AsyncGenerator[Job, None]:
        """Stop the task of an unconfirmed job; continue it if it has moved on meanwhile."""
        if (job := self._jobs.get_job(job_id)).state is not JobState.UNCONFIRMED:
            raise StateConflict(Reason.JOB_OUTCOME_KNOWN, facts={"id": job_id, "state": job.state})
        await self._runners.stop(job_id)
        try:
            yield job
        except StateConflict:
            self._resume_job(job_id)
            raise
        self._runners.needs_user.discard(job_id)
        self._request_update()

    async def check_now(self, job_id: JobId) -> None:
        """Ask about a job, or try it again, at once."""
        if (handle := self._runners.find(job_id)) is None:
            await self._release(job_id)
            self._resume_job(job_id)
            return
        handle.sleep.interrupt()
        if self._session is not None:
            self._session.network.try_now()
            self._session.poller.ask_now(self._jobs.get_job(job_id).task_id)

    async def pause(self) -> None:
        """Send nothing new, also after a restart; what was sent goes on."""
        await self._settings.update(queue_paused=True)
        self._gate.close(PauseReason.USER)

    async def resume(self) -> None:
        """End the pause, whatever its reason; what is still wrong pauses again by itself."""
        await self._settings.update(queue_paused=False)
        self._gate.lift(*([PauseReason.USER] if self._session is None else PauseReason))
        await self._release_all()
        self.try_now()

    async def allow_past_cap(self, job_id: JobId) -> None:
        """Let this one job go although it passes a budget cap."""
        await self._jobs.amend(self._jobs.get_job(job_id), cap_waived=True)
        self._request_update()

    def try_now(self) -> None:
        """End every wait: the network's, the folder's, the jobs', and what holds single jobs."""
        if self._session is not None:
            self._session.network.try_now()
            self._session.folder.try_now()
            self._session.poller.ask_now()
        self._runners.interrupt_all()
        if self._runners.held:
            self._tasks.start(self._release_all(), name="try held jobs now")
        self._request_update()

    # -- work -----------------------------------------------------------------------------------

    async def _work(self) -> None:
        try:
            while True:
                await self._update_due.wait()
                self._update_due.clear()
                self._note_network()
                self._fill()
                self._publish_status()
                self._wake_waiting()
        finally:
            self._working = False
            self._wake_waiting()

    def _wake_waiting(self) -> None:
        self._updated.set()
        self._updated = asyncio.Event()

    def _request_update(self) -> None:
        self._update_due.set()

    def _note_network(self) -> None:
        """When the service is back, ask it about the jobs whose outcome is unknown."""
        down = self._session is not None and self._session.network.is_down
        if self._was_down and not down:
            self._ask_about_unknown()
        self._was_down = down

    def _fill(self) -> None:
        """Give the free places to the jobs that have waited longest."""
        session, runners = self._session, self._runners
        free = self._concurrency - runners.count_places()
        if session is not None and free > 0 and session.network.may_send:
            for job in list_next(
                self._jobs, self._service, runners, self._gate, session.budget, free
            ):
                runners.start(job, session)

    def _resume_job(self, job_id: JobId) -> None:
        """Continue a job whose task has ended."""
        self._runners.crashed.discard(job_id)
        job = self._jobs.get_job(job_id)
        if self._session is not None and job.service is self._service and job.state in SENT_STATES:
            self._runners.start(job, self._session)
        self._request_update()

    def _ask_about_unknown(self) -> None:
        for job_id in self._runners.needs_user - self._runners.held:
            self._resume_job(job_id)

    def _on_crash(self, job_id: JobId) -> None:
        if self._started:
            self._tasks.start(self._hold_crashed(job_id), name=f"hold job {job_id}")

    async def _hold_crashed(self, job_id: JobId) -> None:
        """Put a job whose task crashed on hold, so that its row says why it stopped."""
        job = self._jobs.get_job(job_id)
        if not job.state.is_terminal:
            await self._holds.hold_crashed(job)
        self._runners.crashed.discard(job_id)
        self._request_update()

    async def _release(self, job_id: JobId) -> None:
        """End a job's hold; the count of its holds stays, so that the next one is longer."""
        job = self._jobs.get_job(job_id)
        if job.held_until is not None and not job.state.is_terminal:
            await self._jobs.amend(job, held_until=None)

    def _check_every_minute(self) -> None:
        if self._runners.held:
            self._tasks.start(self._release_due(), name="try held jobs again")
        self._request_update()

    async def _release_all(self) -> None:
        for job_id in tuple(self._runners.held):
            await self.check_now(job_id)

    async def _release_due(self) -> None:
        now = self._clock.now()
        for job_id in tuple(self._runners.held):
            job = self._jobs.get_job(job_id)
            longest = hold_delay(job.holds)
            if job.held_until is None or not 0 < (job.held_until - now).total_seconds() <= longest:
                await self.check_now(job_id)

    # -- the session -------------------------------------------------------------------------------

    def _open_session(self) -> None:
        self._waiting = set(self._jobs.list_ids(self._service, JobState.QUEUED))
        if self._client is None:
            self._gate.close(PauseReason.KEY_MISSING)
            return
        practice = self._service is Service.SANDBOX
        self._session = ServiceSession(
            self._service,
            self._client,
            self._stores,
            self._video_tools,
            clock=self._clock,
            pace=self._pace or (SANDBOX_PACE if practice else SERVICE_PACE),
            gate=self._gate,
            board=self._board,
            on_change=self._request_update,
            on_failure=self._on_failure,
        )
        self._session.start()
        self._runners.held = set(self._jobs.list_held(self._service))
        for job in self._jobs.list_active(service=self._service, states=SENT_STATES):
            if job.id not in self._runners.held:
                self._runners.start(job, self._session)

    async def _close_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()
        self._runners.clear()

    # -- status ---------------------------------------------------------------------------------

    def _on_job_changed(self, change: JobChange) -> None:
        job = change.job
        if job is not None and job.service is self._service:
            self._runners.update(change)
            if job.state is JobState.QUEUED:
                self._waiting.add(job.id)
            else:
                self._waiting.discard(job.id)
            if change.before is not job.state and wants_retry(job, self._jobs, self._settings):
                self._tasks.start(self.retry(job.id), name=f"retry of job {job.id}")
        self._request_update()

    def _on_settings_changed(self, settings: Settings) -> None:
        if settings.concurrency != self._settings_concurrency:
            self._settings_concurrency = settings.concurrency
            self.set_concurrency(settings.concurrency)
        self._request_update()

    def _publish_status(self) -> None:
        network = None if self._session is None else self._session.network
        status = build_status(self._service, self._gate, network, self._runners, len(self._waiting))
        if status != self.status:
            self.status = status
            self.status_changed.send(status)

    def _is_idle(self) -> bool:
        if self._switching or self._runners.is_moving():
            return False
        stuck = len(self._waiting & (self._runners.crashed | self._runners.held))
        return self._session is None or not self._gate.is_open or len(self._waiting) <= stuck
