"""The queue panel: what runs, waits and needs the artist, its history, and all that can be done."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from kling_desktop.domain.display_state import DisplayState
from kling_desktop.domain.events import EngineStatus, PauseReason
from kling_desktop.domain.job import Job, JobId, JobState, Service
from kling_desktop.domain.local_time import local_now
from kling_desktop.engine.engine import Engine
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.media.thumbnail_files import ThumbnailKey
from kling_desktop.media.thumbnails import Thumbnails
from kling_desktop.storage.stores.draft_store import DraftStore, SavedDraft
from kling_desktop.storage.stores.job_store import JobStore
from kling_desktop.storage.stores.money_store import MoneyStore
from kling_desktop.ui.controls.announcer import Announcer
from kling_desktop.ui.controls.buttons import GhostButton, PrimaryButton
from kling_desktop.ui.controls.empty_state import EmptyState
from kling_desktop.ui.controls.labels import ElidedLabel, Hairline, set_surface
from kling_desktop.ui.overlays.menu import Menu
from kling_desktop.ui.queue.queue_actions import QueueActions, Tell
from kling_desktop.ui.queue.queue_model import QueueModel
from kling_desktop.ui.queue.queue_rows import RowKind
from kling_desktop.ui.queue.queue_view import QueueView
from kling_desktop.ui.queue.row_delegate import CardHeight, RowDelegate, list_row_actions
from kling_desktop.ui.queue.row_roles import RowRole
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording.cards import CardAction
from kling_desktop.wording.formatting import estimate_total
from kling_desktop.wording.queue import announce, describe_queue, resume_obstacle
from kling_desktop.wording.row_actions import RowAct

Index = QModelIndex | QPersistentModelIndex
_WITH_CARD = frozenset(
    {DisplayState.FAILED, DisplayState.TAKING_LONG, DisplayState.DOWNLOAD_WAITING}
)
"""States whose card opens when it is asked for."""


class QueuePage(QWidget):
    """Speaks by signals; money and rows are the engine's and the stores'.

    Signals:
        edit_wanted: A `Draft` to be loaded into Create, and the id of the waiting job that it
            replaces once it is queued again (or None).
        clip_wanted: Show the clip of a done `Job`.
        remix_wanted: A done `Job` whose settings are wanted in Create.
        reveal_wanted: A done `Job` whose file is wanted in its folder.
        details_wanted: A `Job`.
        key_wanted: The queue stands for want of a key.
        folder_wanted: The queue stands for want of a library folder.
        limits_wanted: The queue stands at a budget cap.
        count_changed: Number of unfinished jobs.
    """

    edit_wanted = Signal(object, object)
    clip_wanted = Signal(object)
    remix_wanted = Signal(object)
    reveal_wanted = Signal(object)
    details_wanted = Signal(object)
    key_wanted = Signal()
    folder_wanted = Signal()
    limits_wanted = Signal()
    count_changed = Signal(int)
    _status_changed = Signal(object)

    def __init__(
        self,
        look: Look,
        jobs: JobStore,
        drafts: DraftStore,
        engine: Engine,
        money: MoneyStore,
        stills: Thumbnails,
        tasks: TaskOwner,
        notify: Tell,
        *,
        find_video: Callable[[Job], Path | None] = lambda _job: None,
        now: Callable[[], datetime] = local_now,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_surface(self, "panel")
        self._look, self._jobs, self._drafts, self._engine = look, jobs, drafts, engine
        self._errands = QueueActions(look, self, jobs, drafts, engine, tasks, notify)
        self._announcer = Announcer(self)
        self._about = ""
        self.model = QueueModel(jobs, drafts, engine, money, now=now)
        self.model.setParent(self)
        heights = CardHeight()
        self._delegate = RowDelegate(look, stills, heights, find_video=find_video)
        self._delegate.setParent(self)
        self.view = QueueView(look, self.model, self._delegate, heights)
        self._summary = ElidedLabel("", "small", "text-2")
        self._pause = GhostButton(look, "Pause all", icon="pause", size="small")
        self._resume = PrimaryButton(look, "Resume", icon="play", size="small")
        self._clear = GhostButton(look, "Clear finished", size="small")
        self._empty = EmptyState(
            look,
            "The queue is empty",
            "Clips you generate show their progress here. You can line up as many as you like, "
            "even offline.",
            icon="list",
            style="body-strong",
        )
        self._stack = QStackedWidget()
        self._build()
        self._connect(stills)
        self._on_counts_changed()

    # -- for the window's commands --------------------------------------------------------------

    def toggle_pause(self) -> None:
        if self._engine.status.pause is None:
            self._start(self._engine.pause(), "pause the queue")
        else:
            self._on_resume()

    def clear_finished(self) -> None:
        """Take ended rows off the list, never files; for ten seconds there is a way back."""
        self._start(self._errands.clear_finished(), "clear finished jobs")

    def close_down(self) -> None:
        """Listen to nothing any more; before the stores are closed."""
        self._disconnect()
        self.model.close()

    def move_current(self, by: int) -> None:
        """Move the chosen waiting job one place up (-1) or down (+1)."""
        job = self.view.currentIndex().data(RowRole.JOB)
        line = self._waiting_line()
        if not isinstance(job, Job) or job.id not in line:
            return
        at = line.index(job.id)
        target = at + by
        if not 0 <= target < len(line):
            return
        before = line[target] if by < 0 else (line[target + 1] if target + 1 < len(line) else None)
        self._start(self._jobs.reorder(job.id, before), "reorder the queue")

    # -- building -------------------------------------------------------------------------------

    def _build(self) -> None:
        theme = self._look.theme
        header = self._header = QWidget()
        header.setFixedHeight(theme.height("second-row"))
        row = QHBoxLayout(header)
        row.setContentsMargins(theme.space(4), 0, theme.space(3), theme.space(1))
        row.addWidget(self._summary, 1)
        row.addWidget(self._pause)
        row.addWidget(self._resume)
        row.addWidget(self._clear)
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(header)
        column.addWidget(Hairline())
        column.addWidget(self._stack, 1)

    def _connect(self, stills: Thumbnails) -> None:
        self._pause.clicked.connect(self.toggle_pause)
        self._resume.clicked.connect(self._on_resume)
        self._clear.clicked.connect(self.clear_finished)
        self.view.acted.connect(self._on_acted)
        self.view.card_acted.connect(self._on_card_acted)
        self.view.menu_wanted.connect(self._show_menu)
        self.model.moved.connect(self._on_moved)
        self.model.counts_changed.connect(self._on_counts_changed)
        self.model.noteworthy.connect(self._on_noteworthy)
        self._status_changed.connect(self._on_status_changed)
        self._disconnect = self._engine.status_changed.subscribe(self._status_changed.emit)
        stills.ready.connect(self._on_still_ready)
        self._look.themes.changed.connect(self._on_theme_changed)

    # -- what is shown --------------------------------------------------------------------------

    def _on_status_changed(self, status: EngineStatus) -> None:
        self._summary.setText(describe_queue(status, self._about))
        paused = status.pause is not None
        unfinished = bool(self.model.unfinished)
        self._pause.setVisible(not paused and unfinished)
        self._resume.setVisible(paused)
        self._resume.set_tip(resume_obstacle(status))
        ended = not unfinished and bool(self.model.rowCount())
        self._clear.setVisible(not paused and ended)

    def _on_counts_changed(self) -> None:
        self._stack.setCurrentIndex(0 if self.model.rowCount() else 1)
        self._about = self._estimate()
        self.count_changed.emit(sum(job.watching for job in self.model.unfinished))
        self._on_status_changed(self._engine.status)

    def _on_noteworthy(self, job: Job, state: DisplayState) -> None:
        self._announcer.announce(announce(job, state))

    def _on_theme_changed(self) -> None:
        self._header.setFixedHeight(self._look.theme.height("second-row"))

    def _on_still_ready(self, _ident: int, key: ThumbnailKey) -> None:
        if self._delegate.awaits(key):  # most are for the wall
            self.view.viewport().update()

    def _estimate(self) -> str:
        """What all that is unfinished will cost; empty where nothing will."""
        paid = (
            job for job in self.model.unfinished if job.service is Service.RUNWARE and job.watching
        )
        return estimate_total([self.model.usual(job).cost_usd for job in paid])

    # -- what a person does ---------------------------------------------------------------------

    def _on_resume(self) -> None:
        status = self._engine.status
        match status.pause:
            case PauseReason.KEY_MISSING | PauseReason.KEY_REFUSED:
                self.key_wanted.emit()
            case PauseReason.LIBRARY | PauseReason.DISK_FULL:
                self._start(self._engine.resume(), "resume the queue")
                self.folder_wanted.emit()
            case PauseReason.BUDGET_DAY | PauseReason.BUDGET_MONTH:
                held = self.model.held
                self._start(
                    self._errands.ask_about_cap(held, self.limits_wanted.emit), "ask about the cap"
                )
            case _:
                self._start(self._engine.resume(), "resume the queue")

    def _on_acted(self, index: Index, act: RowAct) -> None:
        if index.data(RowRole.KIND) is RowKind.DRAFT:
            saved = index.data(RowRole.DRAFT)
            if isinstance(saved, SavedDraft):
                self._act_on_draft(saved, act)
            return
        job = index.data(RowRole.JOB)
        if not isinstance(job, Job):
            return
        if index.data(RowRole.KIND) is RowKind.TAKES:
            self._act_on_takes(job, act)
        else:
            self._act_on_job(job, act, index.data(RowRole.STATE))

    def _act_on_takes(self, newest: Job, act: RowAct) -> None:
        match act:
            case RowAct.FOLD:
                self.model.toggle_takes(newest.group_id)
            case RowAct.HIDE:
                ids = self.model.list_takes(newest.group_id)
                self._start(self._errands.hide(ids, "Removed from the list"), "hide takes")
            case _:
                self._act_on_job(newest, act, DisplayState.DONE)

    def _act_on_draft(self, saved: SavedDraft, act: RowAct) -> None:
        match act:
            case RowAct.ADD:
                self._start(
                    self._errands.queue_draft(
                        saved, lambda draft: self.edit_wanted.emit(draft, None)
                    ),
                    "queue a draft",
                )
            case RowAct.DELETE | RowAct.HIDE:
                self._start(self._errands.delete_draft(saved), "delete a draft")
            case _:
                self.edit_wanted.emit(saved.draft, None)
                self._start(self._drafts.remove(saved.id), "take up a draft")

    def _act_on_job(self, job: Job, act: RowAct, state: DisplayState | None) -> None:
        engine = self._engine
        match act:
            case RowAct.EDIT:
                queued = job.state is JobState.QUEUED
                self.edit_wanted.emit(job.draft, job.id if queued else None)
            case RowAct.FIRST:
                line = self._waiting_line()
                if line and line[0] != job.id:
                    self._start(self._jobs.reorder(job.id, line[0]), "move a job to the front")
            case RowAct.CANCEL | RowAct.STOP_WAITING:
                self._start(self._errands.cancel(job), "cancel a job")
            case RowAct.WAIT_AGAIN:
                self._start(engine.resume_watching(job.id), "wait again")
            case RowAct.CHECK | RowAct.TRY_AGAIN:
                self._start(engine.check_now(job.id), "check a job")
            case RowAct.RETRY:
                self._start(engine.retry(job.id), "retry a job")
            case RowAct.PLAY:
                self.clip_wanted.emit(job)
            case RowAct.REMIX:
                self.remix_wanted.emit(job)
            case RowAct.REVEAL:
                self.reveal_wanted.emit(job)
            case RowAct.HIDE:
                if job.state.is_terminal:
                    self._start(self._errands.hide([job.id], "Removed from the list"), "hide a job")
            case RowAct.ALLOW:
                self._on_card_acted(job, CardAction.ALLOW)
            case RowAct.SEND_AGAIN:
                self._on_card_acted(job, CardAction.SEND_AGAIN)
            case RowAct.DISCARD:
                self._on_card_acted(job, CardAction.DISCARD)
            case RowAct.DETAILS if state in _WITH_CARD:
                self.model.toggle_card(job.id)
            case _:
                self.details_wanted.emit(job)

    def _on_card_acted(self, job: Job, action: CardAction) -> None:
        match action:
            case CardAction.CHECK:
                self._start(self._engine.check_now(job.id), "check a job")
            case CardAction.SEND_AGAIN:
                errand = self._errands.send_again(job, self.model.usual(job))
                self._start(errand, "send a job again")
            case CardAction.DISCARD:
                self._start(self._engine.discard(job.id), "discard a job")
            case CardAction.EDIT:
                self.edit_wanted.emit(job.draft, None)
            case CardAction.RETRY:
                self._start(self._engine.retry(job.id), "retry a job")
            case CardAction.ALLOW:
                self._start(self._engine.allow_past_cap(job.id), "allow past the cap")
            case CardAction.LIMITS:
                self.limits_wanted.emit()
            case CardAction.DETAILS:
                self.details_wanted.emit(job)

    def _show_menu(self, index: QModelIndex, place: QPoint) -> None:
        menu = Menu(self._look, self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        row = QPersistentModelIndex(index)  # rows may move while the menu is open
        for action in list_row_actions(index):
            menu.add(
                action.text,
                lambda action=action: self._on_acted(row, action.act),
                icon=action.icon,
                danger=action.act in (RowAct.DELETE, RowAct.STOP_WAITING, RowAct.DISCARD),
            )
        menu.popup(place)

    def _on_moved(self, job_id: JobId, before: JobId | None) -> None:
        self._start(self._jobs.reorder(job_id, before), "reorder the queue")

    def _start(self, errand: Coroutine[Any, Any, object], name: str) -> None:
        self._errands.start(errand, name)

    def _waiting_line(self) -> list[JobId]:
        jobs = [job for job in self.model.unfinished if job.state is JobState.QUEUED]
        return [job.id for job in sorted(jobs, key=lambda job: (job.position, job.id))]
