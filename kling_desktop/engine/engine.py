"""What happens when: which job goes next, what a person's wish does, when all stands still."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from kling_desktop.api.client import ApiClient
from kling_desktop.domain.display_state import OUTCOME_UNKNOWN
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.errors import StateConflict
from kling_desktop.domain.events import (
    EngineStatus,
    JobChange,
    JobProgress,
    Notifier,
    PauseReason,
)
from kling_desktop.domain.job import SENT_STATES, Job, JobId, JobState, Service
from kling_desktop.domain.limits import MOST_CONCURRENCY
from kling_desktop.engine.cancelling import CancelResult, cancel
from kling_desktop.engine.jobs.download_parts import sweep_ended
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
)
from kling_desktop.engine.timing.periodic import run_every_minute
from kling_desktop.engine.watch.progress import ProgressBoard
from kling_desktop.storage.files.library_files import LibraryFiles
from kling_desktop.storage.settings.settings_store import Settings

logger = logging.getLogger(__name__)


class Engine:
    """The queue at work; one for each data folder, on the loop's thread.

    Attributes:
        status: The queue as a whole, now.
        status_changed: Sent with each new status.
        progress: What single jobs are doing, many times a second while bytes flow.
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
        """Take what the engine works with; nothing happens before `start`.

        Args:
            stores: Where things are kept.
            video_tools: Looks into videos.
            service: Whose jobs are worked on.
            client: The way to that service; None while there is no key.
            clock: Time.
            pace: How often running jobs are asked about; by the service when left out.
            on_failure: Told of bugs that ended a task.
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
        self._gate = QueueGate(self._poke)
        self._tasks = TaskOwner(on_failure)
        self._session: ServiceSession | None = None
        self._runners = JobRunners(self._clock, self._gate, self._board, self._poke)
        # Ids, not a number: a job may be read here and announced again a moment later.
        self._waiting: set[JobId] = set()
        self._concurrency = self._settings_concurrency = stores.settings.current.concurrency
        self._was_down = False
        self._started = self._switching = False
        self._poked = asyncio.Event()
        self._pulse = asyncio.Event()
        self._disconnect: list[Callable[[], None]] = []

    # -- life -----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Take up every unfinished job where it stands, and fill the free places."""
        settings = self._settings
        self._disconnect = [
            self._jobs.changed.subscribe(self._on_job_changed),
            settings.changed.subscribe(self._on_settings_changed),
        ]
        if settings.current.queue_paused or not settings.current.resume_on_start:
            self._gate.close(PauseReason.USER)
        await sweep_ended(self._stores.files, self._jobs)
        self._started = True
        self._open_line()
        self._tasks.start(self._work(), name="queue")
        periods = run_every_minute(
            self._clock, look=self._poke, ask_again=self._ask_about_unknown, wake=self.try_now
        )
        self._tasks.start(periods, name="queue heartbeat")
        self._poke()

    async def stop(self) -> None:
        """End all work at once; rows say where each job stands, the next start goes on there."""
        for disconnect in self._disconnect:
            disconnect()
        self._disconnect = []
        await self._tasks.close()
        await self._close_line()

    async def set_service(self, service: Service, client: ApiClient | None) -> None:
        """Work on the jobs of this service from now on; those of the other are left as they are.

        The client is the caller's to close, the former one after this has returned.  Before
        `start` it is only noted.
        """
        self._switching = True  # between two lines nothing moves, and yet nobody is idle
        await self._close_line()
        self._switching = False
        self._service, self._client = service, client
        if not self._started:
            self.status = EngineStatus(service=service)
            return
        self._gate.lift(*(reason for reason in PauseReason if reason is not PauseReason.USER))
        self._open_line()
        self._poke()

    async def set_library(self, files: LibraryFiles) -> None:
        """Put clips into another folder from now on; downloads under way begin anew there."""
        await self._close_line()
        self._stores = replace(self._stores, files=files)
        self._gate.lift(*FOLDER_REASONS)
        self._open_line()
        self._poke()

    @property
    def concurrency(self) -> int:
        """How many jobs may be at the service at once."""
        return self._concurrency

    def set_concurrency(self, places: int) -> None:
        """Let so many jobs be at the service at once, 1 to 16."""
        self._concurrency = min(max(places, 1), MOST_CONCURRENCY)
        self._poke()

    async def wait_idle(self) -> None:
        """Wait until nothing of the present service is left that can move without a person."""
        while self._poked.is_set() or not self._is_idle():
            await self._wait_pulse()

    async def _wait_pulse(self) -> None:
        await self._pulse.wait()

    def find_progress(self, job_id: JobId) -> JobProgress | None:
        return self._board.find(job_id)

    # -- what a person wants --------------------------------------------------------------------

    async def enqueue(
        self, drafts: Sequence[Draft], *, retry_of: JobId | None = None
    ) -> tuple[Job, ...]:
        """Check drafts again, keep their pictures and queue all their takes in one transaction.

        Raises:
            DraftRejected: One of them has problems; nothing was queued.
            UnreadableImage: A picture is gone or was changed since it was chosen.
            StorageError: It could not be written down.
        """
        kept = await keep_inputs(self._stores.inputs, drafts)
        return await self._jobs.add(build_requests(kept, self._service, retry_of))

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
            raise StateConflict(f"job {job_id} is {job.state}, not queued")
        (kept,) = await keep_inputs(self._stores.inputs, [draft])
        first, *more = build_requests([kept], job.service)
        jobs = await self._jobs.edit(job, first.draft, more)
        if (handle := self._runners.find(job_id)) is not None:
            handle.sleep.interrupt()  # its runner was preparing the former draft: begin again
        self._poke()
        return jobs

    async def cancel(self, job_id: JobId) -> CancelResult:
        """Cancel before sending, which costs nothing; else stop waiting, for it is charged."""
        while True:
            job = self._jobs.get_job(job_id)
            try:
                return await cancel(job, self._jobs, self._runners, self._session, self._wait_pulse)
            except StateConflict:  # it moved meanwhile: look again what can be done
                logger.debug("job %d moved while it was cancelled", job_id)

    async def resume_watching(self, job_id: JobId) -> None:
        """Wait for a running job again after `cancel` had stopped that."""
        job = await self._jobs.amend(self._jobs.get_job(job_id), watching=True, cancel_asked=False)
        if (handle := self._runners.find(job_id)) is not None:
            handle.cancel_asked = False
        if self._session is not None:
            self._session.poller.set_watching(job.task_id, True)  # noqa: FBT003
        await self.check_now(job_id)

    async def retry(self, job_id: JobId) -> Job:
        """Queue a new job like one that has ended, for its own service; it is charged anew.

        Raises:
            StateConflict: It has not ended.
        """
        job = self._jobs.get_job(job_id)
        if not job.state.is_terminal:
            raise StateConflict(f"job {job_id} has not ended")
        kept = await keep_inputs(self._stores.inputs, [job.draft])
        return (await self._jobs.add(build_requests(kept, job.service, job_id)))[0]

    async def discard(self, job_id: JobId) -> Job:
        """Give up a job whose outcome nobody knows; its record says so for ever.

        Raises:
            StateConflict: Its outcome is known by now.
        """
        async with self._giving_up(job_id) as job:
            return await self._jobs.advance(job, JobState.CANCELLED, error_code=OUTCOME_UNKNOWN)

    async def send_again(self, job_id: JobId) -> Job:
        """Give up a job whose outcome nobody knows and queue a new one: it may be charged twice.

        Raises:
            StateConflict: Its outcome is known by now.
        """
        async with self._giving_up(job_id) as job:
            (request,) = build_requests([job.draft], job.service, job_id)
            return await self._jobs.replace(job, request, error_code=OUTCOME_UNKNOWN)

    @asynccontextmanager
    async def _giving_up(self, job_id: JobId) -> AsyncGenerator[Job, None]:
        """Let go of an unconfirmed job; taken up again when it proves to have moved on."""
        if (job := self._jobs.get_job(job_id)).state is not JobState.UNCONFIRMED:
            raise StateConflict(f"job {job_id} is {job.state}")
        await self._runners.stop(job_id)
        try:
            yield job
        except StateConflict:
            self._take_up(job_id)
            raise
        self._runners.needs_person.discard(job_id)
        self._poke()

    async def check_now(self, job_id: JobId) -> None:
        """Ask about a job, or try it again, at once."""
        if (handle := self._runners.find(job_id)) is None:
            self._take_up(job_id)
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
        self.try_now()

    async def allow_past_cap(self, job_id: JobId) -> None:
        """Let this one job go although it passes a budget cap."""
        await self._jobs.amend(self._jobs.get_job(job_id), cap_waived=True)
        self._poke()

    def try_now(self) -> None:
        """Cut every wait short: the network's, the folder's, the jobs'."""
        if self._session is not None:
            self._session.network.try_now()
            self._session.folder.try_now()
            self._session.poller.ask_now()
        self._runners.ring_all()
        self._poke()

    # -- work -----------------------------------------------------------------------------------

    async def _work(self) -> None:
        while True:
            await self._poked.wait()
            self._poked.clear()
            self._note_network()
            self._fill()
            self._tell_status()
            self._pulse.set()
            self._pulse = asyncio.Event()

    def _poke(self) -> None:
        self._poked.set()

    def _note_network(self) -> None:
        """When the service is back it is asked about the jobs whose outcome nobody knows."""
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
                runners.begin(job, session)

    def _take_up(self, job_id: JobId) -> None:
        """Go on with a job that was put down."""
        self._runners.crashed.discard(job_id)
        job = self._jobs.get_job(job_id)
        if self._session is not None and job.service is self._service and job.state in SENT_STATES:
            self._runners.begin(job, self._session)
        self._poke()

    def _ask_about_unknown(self) -> None:
        for job_id in tuple(self._runners.needs_person):
            self._take_up(job_id)

    # -- the line -------------------------------------------------------------------------------

    def _open_line(self) -> None:
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
            on_change=self._poke,
            on_failure=self._on_failure,
        )
        self._session.start()
        for job in self._jobs.list_active(service=self._service, states=SENT_STATES):
            self._runners.begin(job, self._session)

    async def _close_line(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()
        self._runners.forget_all()

    # -- telling --------------------------------------------------------------------------------

    def _on_job_changed(self, change: JobChange) -> None:
        self._runners.note(change)
        job = change.job
        if job is not None and job.service is self._service:
            if job.state is JobState.QUEUED:
                self._waiting.add(job.id)
            else:
                self._waiting.discard(job.id)
            if change.before is not job.state and wants_retry(job, self._jobs, self._settings):
                self._tasks.start(self.retry(job.id), name=f"retry of job {job.id}")
        self._poke()

    def _on_settings_changed(self, settings: Settings) -> None:
        if settings.concurrency != self._settings_concurrency:
            self._settings_concurrency = settings.concurrency
            self.set_concurrency(settings.concurrency)
        self._poke()

    def _tell_status(self) -> None:
        network = None if self._session is None else self._session.network
        status = build_status(self._service, self._gate, network, self._runners, len(self._waiting))
        if status != self.status:
            self.status = status
            self.status_changed.send(status)

    def _is_idle(self) -> bool:
        if self._switching or self._runners.is_moving():
            return False
        stuck = len(self._runners.crashed - self._runners.needs_person)
        return self._session is None or not self._gate.is_open or len(self._waiting) <= stuck
