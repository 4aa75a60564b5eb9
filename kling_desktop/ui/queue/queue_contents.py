"""What the queue panel holds: jobs, drafts, what each is called, and its words; no Qt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kling_desktop.domain.display_state import DisplayState, display_state
from kling_desktop.domain.events import EngineStatus, JobChange, JobProgress, Network
from kling_desktop.domain.job import Job, JobId, JobState
from kling_desktop.domain.local_time import local_now
from kling_desktop.domain.money import Usual, price_key
from kling_desktop.engine.engine import Engine
from kling_desktop.engine.queue.queue_gate import BUDGET_REASONS
from kling_desktop.storage.stores.draft_store import DraftChange, DraftId, DraftStore, SavedDraft
from kling_desktop.storage.stores.job_store import JobStore
from kling_desktop.storage.stores.money_store import MoneyStore
from kling_desktop.ui.queue.queue_rows import QueuePicture, lay_out
from kling_desktop.wording.cards import CardWords, describe_card, describe_hold
from kling_desktop.wording.queue import RowWords, describe_group, describe_held, describe_row

HISTORY_PAGE = 100
MOVING = frozenset(
    {
        DisplayState.SUBMITTING,
        DisplayState.ASKING,
        DisplayState.GENERATING,
        DisplayState.TAKING_LONG,
        DisplayState.DOWNLOADING,
        DisplayState.DOWNLOAD_WAITING,
    }
)
"""States whose words change as time passes."""


def _find_no_video(_job: Job) -> Path | None:
    return None


@dataclass(frozen=True, slots=True)
class QueueSources:
    """What the queue panel reads and changes.

    Attributes:
        find_video: Where the clip of a done job is; None for any other job.
        now: Aware, in the user's time zone.
    """

    jobs: JobStore
    drafts: DraftStore
    engine: Engine
    money: MoneyStore
    find_video: Callable[[Job], Path | None] = _find_no_video
    now: Callable[[], datetime] = local_now


class QueueContents:
    """Copies of the rows that the list shows, kept up to date by the model.

    Attributes:
        active: Unfinished jobs by id.
        saved: Drafts put aside, by id.
        states: What each unfinished job was called at the last `lay_out`.
        held: The waiting job at which a budget cap stopped the queue, if one did.
        has_more: Older ended jobs are still in the store.
    """

    def __init__(self, sources: QueueSources) -> None:
        self._jobs, self._engine = sources.jobs, sources.engine
        self._money, self._now = sources.money, sources.now
        self.active: dict[JobId, Job] = {job.id: job for job in self._jobs.list_active()}
        self.saved: dict[DraftId, SavedDraft] = {
            saved.id: saved for saved in sources.drafts.list_drafts()
        }
        self.states: dict[JobId, DisplayState] = {}
        self.held: JobId | None = None
        self.has_more = True
        self._history: dict[JobId, Job] = {}
        self.load_history()

    def find_job(self, job_id: JobId) -> Job | None:
        return self.active.get(job_id) or self._history.get(job_id)

    def load_history(self) -> None:
        """Read one more page of ended jobs, older than those known."""
        oldest = min(self._history.values(), key=_ended_key).id if self._history else None
        page = self._jobs.list_history(HISTORY_PAGE, before=oldest)
        self._history.update((job.id, job) for job in page)
        self.has_more = len(page) == HISTORY_PAGE

    def take_job(self, change: JobChange) -> None:
        self.active.pop(change.job_id, None)
        self._history.pop(change.job_id, None)
        if (job := change.job) is not None:
            jobs = self._history if job.state.is_terminal else self.active
            jobs[job.id] = job

    def take_draft(self, change: DraftChange) -> None:
        self.saved.pop(change.draft_id, None)
        if change.saved is not None:
            self.saved[change.draft_id] = change.saved

    def lay_out(self, *, opened: frozenset[JobId], unfolded: frozenset[str]) -> QueuePicture:
        """Work out the rows, and note what each job is called."""
        active = sorted(self.active.values(), key=lambda job: (job.position, job.id))
        called = [(job, self.state_of(job)) for job in active]
        self.states = {job.id: state for job, state in called}
        self.held = self._find_held(called)
        cards = frozenset(
            job.id
            for job in map(self.find_job, opened | {self.held or JobId(0)})
            if job is not None and self.card_of(job) is not None
        )
        return lay_out(
            called,
            sorted(self.saved.values(), key=lambda saved: (saved.saved_at, saved.id), reverse=True),
            sorted(self._history.values(), key=_ended_key, reverse=True),
            opened=cards,
            unfolded=unfolded,
            places=self._engine.concurrency,
            now=self._now(),
        )

    def list_moving(self) -> list[JobId]:
        """The jobs whose words pass with time: at work, or counting down to the next try."""
        status = self._status
        slowed = status.network is Network.SLOWED_DOWN and status.next_try_at is not None
        return [
            job_id
            for job_id, state in self.states.items()
            if job_id in self.active  # it may have ended since the rows were laid out
            and (state in MOVING or slowed or self._counts_down(job_id))
        ]

    def state_of(self, job: Job) -> DisplayState:
        return display_state(job, self._progress(job), self._status, self._now())

    def words_of(self, job: Job, state: DisplayState | None = None) -> RowWords:
        """Return the words of a job's row; `state` where it is known already."""
        state = self.state_of(job) if state is None else state
        if job.id == self.held and self._status.pause is not None:
            return describe_held(self._status.pause)
        return describe_row(
            job, state, self._progress(job), self._status, self.usual(job), self._now()
        )

    def words_of_group(self, takes: Sequence[JobId]) -> RowWords | None:
        jobs = [job for job in map(self.find_job, takes) if job is not None]
        return describe_group(jobs, self._now()) if jobs else None

    def card_of(self, job: Job) -> CardWords | None:
        pause = self._status.pause
        if job.id == self.held and pause is not None:
            return describe_hold(pause, self._status.pause_sums, self.usual(job))
        return describe_card(job, self.state_of(job), self.usual(job), self._progress(job))

    def usual(self, job: Job) -> Usual:
        return self._money.usual(price_key(job.draft), job.service)

    @property
    def _status(self) -> EngineStatus:
        return self._engine.status

    def _progress(self, job: Job) -> JobProgress | None:
        return self._engine.find_progress(job.id)

    def _counts_down(self, job_id: JobId) -> bool:
        progress = self._engine.find_progress(job_id)
        return progress is not None and progress.next_try_at is not None

    def _find_held(self, called: list[tuple[Job, DisplayState]]) -> JobId | None:
        """The first in the line that may not pass the cap, as the engine sees it."""
        if self._status.pause not in BUDGET_REASONS:
            return None
        for job, state in called:
            waits = job.state is JobState.QUEUED and state is DisplayState.QUEUED
            if waits and not job.cap_waived:
                return job.id
        return None


def _ended_key(job: Job) -> tuple[datetime, int]:
    return (job.ended_at or job.updated_at, job.id)
