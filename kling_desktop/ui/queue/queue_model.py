"""The queue and its history as a list model: rows, roles, and how changes reach them."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from kling_desktop.domain.display_state import DisplayState
from kling_desktop.domain.events import EngineStatus, JobChange, JobProgress
from kling_desktop.domain.job import Job, JobId
from kling_desktop.domain.money import Usual
from kling_desktop.storage.stores.draft_store import DraftChange
from kling_desktop.ui.controls.drag_data import JOB_MIME, build_job_mime, read_job_id
from kling_desktop.ui.queue.list_diff import Insert, Move, Remove, Step, apply_step, find_changes
from kling_desktop.ui.queue.queue_contents import MOVING, QueueContents, QueueSources
from kling_desktop.ui.queue.queue_rows import QueuePicture, Row, RowKind
from kling_desktop.ui.queue.row_roles import RowRole, read_role

_COLLECT_MS = 60
_TICK_MS = 62
_TURNS = 4
"""Each running row is painted at every fourth tick, so that few are painted at a time."""
_FEW_ROWS = 40
_ANNOUNCED = frozenset(
    {
        DisplayState.UNCONFIRMED,
        DisplayState.HELD,
        DisplayState.DONE,
        DisplayState.FAILED,
    }
)
_DRAGGABLE = frozenset({DisplayState.QUEUED, DisplayState.WAITING_FOR_NETWORK, DisplayState.DONE})
"""Waiting rows can be dragged to another place or to Create, done ones to Create alone."""
Index = QModelIndex | QPersistentModelIndex


class QueueModel(QAbstractListModel):
    """Rows over the job and draft stores; owned by the queue page.

    Changes are collected for a moment and then update only the rows concerned.  Running rows are
    updated four times a second.

    Signals:
        counts_changed: The number of unfinished jobs or their cost may have changed.
        moved: A waiting job was dropped in front of another (or at the end, None).
        announced: A `Job` has reached a `DisplayState` that is said aloud.
    """

    counts_changed = Signal()
    moved = Signal(object, object)
    announced = Signal(object, object)
    _job_changed = Signal(object)
    _draft_changed = Signal(object)
    _status_changed = Signal(object)
    _progressed = Signal(object)

    def __init__(self, sources: QueueSources) -> None:
        super().__init__()
        self._contents = QueueContents(sources)
        self._opened: frozenset[JobId] = frozenset()
        self._unfolded: frozenset[str] = frozenset()
        self._picture = QueuePicture()
        self._rows: list[Row] = []
        self._place: dict[Row, int] = {}
        self._dirty: set[Row] = set()
        self._status_shown = sources.engine.status
        self._turn = 0
        self._collecting = self._build_timer(_COLLECT_MS, self.sync, single=True)
        self._tick = self._build_timer(_TICK_MS, self.update_running, single=False)
        self.sync()
        self._job_changed.connect(self._on_job_changed)
        self._draft_changed.connect(self._on_draft_changed)
        self._status_changed.connect(self._on_status_changed)
        self._progressed.connect(self._on_progress)
        self._disconnect = [
            sources.jobs.changed.subscribe(self._job_changed.emit),
            sources.drafts.changed.subscribe(self._draft_changed.emit),
            sources.engine.status_changed.subscribe(self._status_changed.emit),
            sources.engine.progress.subscribe(self._progressed.emit),
        ]

    def close(self) -> None:
        """Stop listening; called before the stores are closed."""
        for disconnect in self._disconnect:
            disconnect()
        self._collecting.stop()
        self._tick.stop()

    @property
    def unfinished(self) -> tuple[Job, ...]:
        return tuple(self._contents.active.values())

    def find_job(self, job_id: JobId) -> Job | None:
        return self._contents.find_job(job_id)

    def find_row(self, kind: RowKind, ident: str | int) -> int | None:
        return self._place.get(Row(kind, ident))

    def row_at(self, number: int) -> Row:
        return self._rows[number]

    def content_at(self, number: int) -> object:
        """Return what is drawn of a row, as `RowRole.CONTENT` does, without a call through Qt."""
        return read_role(
            self._rows[number], RowRole.CONTENT, self._contents, self._picture, self._unfolded
        )

    def list_cards(self) -> list[int]:
        """Return the rows that are cards."""
        return [row for each, row in self._place.items() if each.kind is RowKind.CARD]

    def list_takes(self, group: str) -> tuple[JobId, ...]:
        return self._picture.takes.get(group, ())

    def toggle_card(self, job_id: JobId) -> None:
        """Open or close the card under a row."""
        self._opened ^= {job_id}
        self.sync()

    def toggle_takes(self, group: str) -> None:
        """Show or fold the single takes of a group."""
        self._unfolded ^= {group}
        self._dirty.add(Row(RowKind.TAKES, group))
        self.sync()

    @property
    def held(self) -> Job | None:
        """The waiting job at which a budget cap stopped the queue."""
        held = self._contents.held
        return None if held is None else self._contents.find_job(held)

    def usual(self, job: Job) -> Usual:
        return self._contents.usual(job)

    # -- what Qt asks ---------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 as Qt has it
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        row = self._rows[index.row()]
        return read_role(row, role, self._contents, self._picture, self._unfolded)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        row = self._rows[index.row()]
        if row.kind in (RowKind.SECTION, RowKind.CARD):
            return Qt.ItemFlag.ItemIsEnabled
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if self.data(index, RowRole.STATE) in _DRAGGABLE:
            flags |= Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def canFetchMore(self, parent: Index) -> bool:
        return self._contents.has_more and not parent.isValid()

    def fetchMore(self, parent: Index) -> None:
        if not self.canFetchMore(parent):
            return  # Qt may call it all the same
        self._contents.load_history()
        self._collect()

    def mimeTypes(self) -> list[str]:
        return [JOB_MIME]

    def mimeData(self, indexes: Iterable[Index]) -> QMimeData:
        jobs = [index.data(RowRole.JOB) for index in indexes]
        return build_job_mime(jobs[0].id)

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction | Qt.DropAction.CopyAction  # in the line, into Create

    def canDropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        waits = read_job_id(data) in self._picture.numbers
        return waits and self._find_drop(row, parent) is not None

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        target = self._find_drop(row, parent)
        job_id = read_job_id(data)
        if target is None or job_id is None:
            return False
        if job_id in self._picture.numbers and target[0] != job_id:
            self.moved.emit(job_id, target[0])
        return False  # the store moves the row, and its change event moves ours

    def _find_drop(self, row: int, parent: Index) -> "tuple[JobId | None] | None":
        """The waiting job that a drop lands in front of, wrapped; None where nothing may land."""
        at = parent.row() if parent.isValid() else row
        if (job_id := self._find_waiting(at)) is not None:
            return (job_id,)
        above = at - 1
        if 0 <= above < len(self._rows) and self._rows[above].kind is RowKind.CARD:
            above -= 1
        return (None,) if self._find_waiting(above) is not None else None

    def _find_waiting(self, at: int) -> JobId | None:
        if not 0 <= at < len(self._rows) or self._rows[at].kind is not RowKind.JOB:
            return None
        job_id = JobId(int(self._rows[at].ident))
        return job_id if job_id in self._picture.numbers else None

    # -- what changes ---------------------------------------------------------------------------

    def sync(self) -> None:
        """Make the rows show what the stores hold, updating only what differs."""
        states, held = self._contents.states, self._contents.held
        old = self._picture
        new = self._contents.lay_out(opened=self._opened, unfolded=self._unfolded)
        steps = find_changes(self._rows, new.rows)
        self._picture = new
        for step in steps:
            with self._signalled(step):
                apply_step(self._rows, step)
        if steps:
            self._place = {row: at for at, row in enumerate(self._rows)}
        if held != self._contents.held:
            moved = (held, self._contents.held)
            self._dirty.update(Row(RowKind.JOB, job_id) for job_id in moved if job_id is not None)
        self._emit_changed(self._find_changed(old, new))
        self._dirty = set()
        self._pace()
        self.counts_changed.emit()
        self._announce_changed(states)

    @contextmanager
    def _signalled(self, step: Step[Row]) -> Iterator[None]:
        root = QModelIndex()
        match step:
            case Remove():
                self.beginRemoveRows(root, step.at, step.at + step.count - 1)
                yield
                self.endRemoveRows()
            case Insert():
                self.beginInsertRows(root, step.at, step.at + len(step.rows) - 1)
                yield
                self.endInsertRows()
            case Move():
                self.beginMoveRows(root, step.at, step.at, root, step.before)
                yield
                self.endMoveRows()

    def _find_changed(self, old: QueuePicture, new: QueuePicture) -> list[int]:
        """Return the rows that show something different now, in order."""
        changed = self._dirty | {
            Row(RowKind.CARD, row.ident) for row in self._dirty if row.kind is RowKind.JOB
        }
        for group, takes in new.takes.items():
            if takes != old.takes.get(group) or any(
                Row(RowKind.JOB, job_id) in self._dirty for job_id in takes
            ):
                changed.add(Row(RowKind.TAKES, group))
        if old.numbers != new.numbers:
            changed.update(
                Row(RowKind.JOB, job_id)
                for job_id, number in new.numbers.items()
                if old.numbers.get(job_id) != number
            )
        changed.update(
            Row(RowKind.SECTION, title)
            for title, aside in new.asides.items()
            if old.asides.get(title) != aside
        )
        return sorted(self._place[row] for row in changed if row in self._place)

    def _emit_changed(self, rows: list[int]) -> None:
        """Emit one signal for each of a few rows, and for many one signal for each run of them.

        For a run a view repaints everything in view, for a single row just that row.
        """
        if len(rows) <= _FEW_ROWS:
            for row in rows:
                self.dataChanged.emit(self.index(row), self.index(row))
            return
        start = 0
        for at in range(1, len(rows) + 1):
            if at == len(rows) or rows[at] != rows[at - 1] + 1:
                self.dataChanged.emit(self.index(rows[start]), self.index(rows[at - 1]))
                start = at

    def _announce_changed(self, before: dict[JobId, DisplayState]) -> None:
        for job_id, state in self._contents.states.items():
            if state in _ANNOUNCED and before.get(job_id, state) is not state:
                self.announced.emit(self._contents.active[job_id], state)

    def _on_job_changed(self, change: JobChange) -> None:
        self._contents.take_job(change)
        self._dirty.add(Row(RowKind.JOB, change.job_id))
        job = change.job
        if job is not None and job.state.is_terminal:
            self._mark_waiting()  # one more receipt: the usual cost may have changed
            state = self._contents.state_of(job)
            if change.before not in (None, job.state) and state in _ANNOUNCED:
                self.announced.emit(job, state)
        self._collect()

    def _on_draft_changed(self, change: DraftChange) -> None:
        self._contents.take_draft(change)
        self._dirty.add(Row(RowKind.DRAFT, change.draft_id))
        self._collect()

    def _on_status_changed(self, status: EngineStatus) -> None:
        shown = replace(status, running=0, waiting=0, needs_user=0)
        if shown != self._status_shown:  # the counts stand in no row
            self._status_shown = shown
            self._mark_waiting()
            self._collect()

    def _mark_waiting(self) -> None:
        """Mark waiting jobs as changed; running ones are updated by the next tick."""
        self._dirty.update(
            Row(RowKind.JOB, job_id)
            for job_id in self._contents.active
            if self._contents.states.get(job_id) not in MOVING
        )

    def _on_progress(self, progress: JobProgress) -> None:
        # Painted with the next tick; only a change of state cannot wait for it.
        job = self._contents.active.get(progress.job_id)
        if job is None:
            return
        if self._contents.state_of(job) is not self._contents.states.get(job.id):
            self._dirty.add(Row(RowKind.JOB, job.id))
            self._collect()
        elif progress.next_try_at is not None and not self._tick.isActive():
            self._tick.start()

    def _collect(self) -> None:
        if not self._collecting.isActive():
            self._collecting.start()

    def _pace(self) -> None:
        moving = bool(self._contents.list_moving())
        if moving and not self._tick.isActive():
            self._tick.start()
        elif not moving:
            self._tick.stop()

    def update_running(self) -> None:
        moving = self._contents.list_moving()
        if not moving:
            self._tick.stop()
        self._turn = (self._turn + 1) % _TURNS
        rows: list[int] = []
        for job_id in moving:
            if job_id % _TURNS != self._turn:
                continue
            job = self._contents.active.get(job_id)
            if job is None:
                continue  # it has ended since; the collected changes remove its row
            if self._contents.state_of(job) is not self._contents.states[job_id]:
                self._dirty.add(Row(RowKind.JOB, job_id))
                self._collect()
            row = self._place.get(Row(RowKind.JOB, job_id))
            if row is not None:
                rows.append(row)
        self._emit_changed(sorted(rows))

    def _build_timer(self, interval_ms: int, act: Callable[[], object], *, single: bool) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(interval_ms)
        timer.setSingleShot(single)
        timer.timeout.connect(act)
        return timer
