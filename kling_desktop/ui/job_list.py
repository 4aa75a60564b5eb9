"""The queue and its history as a list model: rows, roles, and how changes reach them."""

from collections.abc import Iterable
from datetime import datetime
from enum import IntEnum

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from kling_desktop.domain.changes import EngineStatus, JobChange, JobProgress
from kling_desktop.domain.display import DisplayState, display_state
from kling_desktop.domain.job import Job, JobId
from kling_desktop.domain.money import Usual, price_key
from kling_desktop.engine.engine import Engine
from kling_desktop.storage.draft_store import DraftChange, DraftId, DraftStore, SavedDraft
from kling_desktop.storage.job_store import JobStore
from kling_desktop.storage.money_store import MoneyStore
from kling_desktop.ui.queue_rows import QueuePicture, Row, RowKind, find_changes, lay_out
from kling_desktop.ui.wording_queue import (
    CardWords,
    RowWords,
    describe_card,
    describe_row,
    describe_saved,
    speak_row,
)

HISTORY_PAGE = 100
JOB_MIME = "application/x-kling-desktop-job"
_GATHER_MS = 60
_TICK_MS = 250
_MOVING = frozenset(
    {
        DisplayState.SUBMITTING,
        DisplayState.ASKING,
        DisplayState.GENERATING,
        DisplayState.TAKING_LONG,
        DisplayState.DOWNLOADING,
        DisplayState.DOWNLOAD_WAITING,
    }
)
Index = QModelIndex | QPersistentModelIndex


class JobRole(IntEnum):
    """What the delegate asks for; values are the domain's own."""

    KIND = Qt.ItemDataRole.UserRole + 1
    JOB = Qt.ItemDataRole.UserRole + 2
    STATE = Qt.ItemDataRole.UserRole + 3
    WORDS = Qt.ItemDataRole.UserRole + 4
    NUMBER = Qt.ItemDataRole.UserRole + 5
    ASIDE = Qt.ItemDataRole.UserRole + 6
    DRAFT = Qt.ItemDataRole.UserRole + 7
    CARD = Qt.ItemDataRole.UserRole + 8


class JobListModel(QAbstractListModel):
    """Rows over the job and draft stores; owned by the queue page.

    Changes are gathered for a moment and then touch just the rows concerned.  What is running is
    told anew four times a second, and only that.

    Signals:
        counts_changed: The number of unfinished jobs or their cost may be another.
        moved: A waiting job was dropped in front of another (or at the end, None).
    """

    counts_changed = Signal()
    moved = Signal(object, object)

    def __init__(
        self, jobs: JobStore, drafts: DraftStore, engine: Engine, money: MoneyStore
    ) -> None:
        super().__init__()
        self._jobs, self._drafts, self._engine, self._money = jobs, drafts, engine, money
        self._active: dict[JobId, Job] = {job.id: job for job in jobs.list_active()}
        self._history: dict[JobId, Job] = {}
        self._more = True
        self._saved: dict[DraftId, SavedDraft] = {saved.id: saved for saved in drafts.list_drafts()}
        self._opened: frozenset[JobId] = frozenset()
        self._picture = QueuePicture((), {}, {})
        self._place: dict[Row, int] = {}
        self._status: EngineStatus = engine.status
        self._load_history()
        self._gather = self._build_timer(_GATHER_MS, self.sync, single=True)
        self._tick = self._build_timer(_TICK_MS, self._on_tick, single=False)
        self.sync()
        self._disconnect = [
            jobs.changed.connect(self._on_job_changed),
            drafts.changed.connect(self._on_draft_changed),
            engine.status_changed.connect(self._on_status_changed),
            engine.progress.connect(self._on_progress),
        ]

    def stop(self) -> None:
        """End timers and let go of the stores: the window is about to go."""
        self._gather.stop()
        self._tick.stop()
        for disconnect in self._disconnect:
            disconnect()
        self._disconnect = []

    @property
    def unfinished(self) -> tuple[Job, ...]:
        return tuple(self._active.values())

    def find_job(self, job_id: JobId) -> Job | None:
        return self._active.get(job_id) or self._history.get(job_id)

    def find_row(self, kind: RowKind, ident: str | int) -> int | None:
        return self._place.get(Row(kind, ident))

    def toggle_card(self, job_id: JobId) -> None:
        """Open or close the card under a row."""
        self._opened ^= {job_id}
        self.sync()

    def usual(self, job: Job) -> Usual:
        return self._money.usual(price_key(job.draft), job.service)

    # -- what Qt asks ---------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 as Qt has it
        return 0 if parent.isValid() else len(self._picture.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or not 0 <= index.row() < len(self._picture.rows):
            return None
        row = self._picture.rows[index.row()]
        if role == JobRole.KIND:
            return row.kind
        match row.kind:
            case RowKind.SECTION:
                return self._section_data(str(row.ident), role)
            case RowKind.DRAFT:
                return self._draft_data(DraftId(int(row.ident)), role)
            case _:
                return self._job_data(JobId(int(row.ident)), role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        kind = self._picture.rows[index.row()].kind
        if kind is RowKind.SECTION:
            return Qt.ItemFlag.ItemIsEnabled
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        state = index.data(JobRole.STATE)
        if kind is RowKind.JOB and state in (
            DisplayState.QUEUED,
            DisplayState.WAITING_FOR_NETWORK,
        ):
            flags |= Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def canFetchMore(self, parent: Index) -> bool:
        return self._more and not parent.isValid()

    def fetchMore(self, parent: Index) -> None:
        self._load_history()
        self.sync()

    def mimeTypes(self) -> list[str]:
        return [JOB_MIME]

    def mimeData(self, indexes: Iterable[Index]) -> QMimeData:
        data = QMimeData()
        jobs = [index.data(JobRole.JOB) for index in indexes]
        data.setData(JOB_MIME, QByteArray(str(jobs[0].id).encode()))
        data.setText(jobs[0].draft.prompt)
        return data

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def canDropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        return data.hasFormat(JOB_MIME) and self._find_drop(row, parent) is not None

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        target = self._find_drop(row, parent)
        if target is None:
            return False
        job_id = JobId(int(bytes(data.data(JOB_MIME).data())))
        before = target[0]
        if before != job_id:
            self.moved.emit(job_id, before)
        return False  # the store moves the row, and its notice moves ours

    def _find_drop(self, row: int, parent: Index) -> "tuple[JobId | None] | None":
        """The waiting job that a drop lands in front of, wrapped; None where nothing may land."""
        at = parent.row() if parent.isValid() else row
        rows, numbers = self._picture.rows, self._picture.numbers
        if 0 <= at < len(rows) and rows[at].ident in numbers:
            return (JobId(int(rows[at].ident)),)
        if 0 < at <= len(rows) and rows[at - 1].ident in numbers:
            return (None,)
        return None

    # -- what rows show -------------------------------------------------------------------------

    def _section_data(self, title: str, role: int) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            return title
        if role == JobRole.ASIDE:
            return self._picture.asides.get(title, "")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{title}, {self._picture.asides.get(title, '')}"
        return None

    def _draft_data(self, draft_id: DraftId, role: int) -> object:
        saved = self._saved.get(draft_id)
        if saved is None:
            return None
        title, right, link = describe_saved(saved)
        if role == Qt.ItemDataRole.DisplayRole:
            return title
        if role == JobRole.DRAFT:
            return saved
        if role == JobRole.WORDS:
            return RowWords(right="" if link and not right else right, link=link)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"Draft, {title}"
        return None

    def _job_data(self, job_id: JobId, role: int) -> object:
        job = self.find_job(job_id)
        if job is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return job.title
        if role == JobRole.JOB:
            return job
        if role == JobRole.NUMBER:
            return self._picture.numbers.get(job_id)
        state = self.state_of(job)
        if role == JobRole.STATE:
            return state
        if role == JobRole.WORDS:
            return self._words(job, state)
        if role == JobRole.CARD:
            card: CardWords | None = describe_card(job, state, self.usual(job))
            return card
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return speak_row(job, state, self._words(job, state))
        return None

    def state_of(self, job: Job) -> DisplayState:
        progress = self._engine.find_progress(job.id)
        return display_state(job, progress, self._status, _now())

    def _words(self, job: Job, state: DisplayState) -> RowWords:
        progress = self._engine.find_progress(job.id)
        return describe_row(job, state, progress, self._status, self.usual(job), _now())

    # -- what changes ---------------------------------------------------------------------------

    def sync(self) -> None:
        """Bring the rows to what the stores say, touching only what is another."""
        active = sorted(self._active.values(), key=lambda job: (job.position, job.id))
        history = sorted(
            self._history.values(), key=lambda job: (job.ended_at or job.updated_at, job.id)
        )
        history.reverse()
        new = lay_out(
            [(job, self.state_of(job)) for job in active],
            sorted(self._saved.values(), key=lambda saved: saved.saved_at, reverse=True),
            history,
            opened=self._opened,
            places=self._engine.concurrency,
            now=_now(),
        )
        old = self._picture
        rows = list(old.rows)
        for step in find_changes(old.rows, new.rows):
            if step.removed:
                self.beginRemoveRows(QModelIndex(), step.at, step.at + step.removed - 1)
                del rows[step.at : step.at + step.removed]
                self._take(QueuePicture(tuple(rows), old.asides, old.numbers))
                self.endRemoveRows()
            else:
                self.beginInsertRows(QModelIndex(), step.at, step.at + len(step.inserted) - 1)
                rows[step.at : step.at] = step.inserted
                self._take(QueuePicture(tuple(rows), new.asides, new.numbers))
                self.endInsertRows()
        self._take(new)
        if rows:
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
        self._pace()
        self.counts_changed.emit()

    def _take(self, picture: QueuePicture) -> None:
        self._picture = picture
        self._place = {row: at for at, row in enumerate(picture.rows)}

    def _load_history(self) -> None:
        oldest = min(self._history, key=self._ended_key) if self._history else None
        page = self._jobs.list_history(HISTORY_PAGE, before=oldest)
        self._history.update((job.id, job) for job in page)
        self._more = len(page) == HISTORY_PAGE

    def _ended_key(self, job_id: JobId) -> tuple[datetime, int]:
        job = self._history[job_id]
        return (job.ended_at or job.updated_at, job.id)

    def _on_job_changed(self, change: JobChange) -> None:
        job = change.job
        self._active.pop(change.job_id, None)
        self._history.pop(change.job_id, None)
        if job is not None:
            shelf = self._history if job.state.is_terminal else self._active
            shelf[job.id] = job
        self._start_gathering()

    def _on_draft_changed(self, change: DraftChange) -> None:
        self._saved.pop(change.draft_id, None)
        if change.saved is not None:
            self._saved[change.draft_id] = change.saved
        self._start_gathering()

    def _on_status_changed(self, status: EngineStatus) -> None:
        self._status = status
        self._start_gathering()

    def _on_progress(self, progress: JobProgress) -> None:
        # Painted with the next tick; only a change of section cannot wait for it.
        self._pace()
        job = self._active.get(progress.job_id)
        if job is not None and self._place.get(Row(RowKind.JOB, job.id)) is None:
            self._start_gathering()

    def _start_gathering(self) -> None:
        if not self._gather.isActive():
            self._gather.start()

    def _pace(self) -> None:
        moving = any(self.state_of(job) in _MOVING for job in self._active.values())
        if moving and not self._tick.isActive():
            self._tick.start()
        elif not moving:
            self._tick.stop()

    def _on_tick(self) -> None:
        roles = [JobRole.WORDS, JobRole.STATE]
        regroup = False
        for job in self._active.values():
            state = self.state_of(job)
            row = self._place.get(Row(RowKind.JOB, job.id))
            if row is None:
                regroup = True
            elif state in _MOVING or job.id not in self._picture.numbers:
                index = self.index(row)
                self.dataChanged.emit(index, index, roles)
            waits = job.id in self._picture.numbers
            if waits == (state in _MOVING):
                regroup = True
        if regroup:
            self.sync()

    def _build_timer(self, interval_ms: int, act: object, *, single: bool) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(interval_ms)
        timer.setSingleShot(single)
        timer.timeout.connect(act)
        return timer


def _now() -> datetime:
    return datetime.now().astimezone()
