"""The queue panel: what runs, waits and needs the user, its history, and all that can be done."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from kling_desktop.domain.display_state import DisplayState
from kling_desktop.domain.events import EngineStatus, PauseReason
from kling_desktop.domain.job import Job, Service
from kling_desktop.media.thumbnail_files import ThumbnailKey
from kling_desktop.media.thumbnails import Thumbnails
from kling_desktop.storage.stores.draft_store import SavedDraft
from kling_desktop.ui.controls.announcer import Announcer
from kling_desktop.ui.controls.buttons import GhostButton, PrimaryButton
from kling_desktop.ui.controls.empty_state import EmptyState
from kling_desktop.ui.controls.labels import Hairline, Label, set_surface
from kling_desktop.ui.overlays.menu import Menu
from kling_desktop.ui.overlays.user_tasks import UserTasks
from kling_desktop.ui.queue.queue_actions import QueueActions, QueueTarget
from kling_desktop.ui.queue.queue_contents import QueueSources
from kling_desktop.ui.queue.queue_model import QueueModel
from kling_desktop.ui.queue.queue_rows import RowKind
from kling_desktop.ui.queue.queue_view import QueueView
from kling_desktop.ui.queue.row_actions import DANGEROUS
from kling_desktop.ui.queue.row_delegate import CardHeight, RowDelegate, list_row_actions
from kling_desktop.ui.queue.row_roles import RowRole
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import phrases
from kling_desktop.wording import queue as words
from kling_desktop.wording.actions import Action
from kling_desktop.wording.commands import translate_command
from kling_desktop.wording.formatting import estimate_total
from kling_desktop.wording.queue import announce, describe_queue, resume_obstacle
from kling_desktop.wording.translation import _

Index = QModelIndex | QPersistentModelIndex


class QueuePage(QWidget):
    """Speaks by signals; money and rows are the engine's and the stores'.

    Signals:
        edit_wanted: A `Draft` to be loaded into Create, and the id of the waiting job that it
            replaces once it is queued again (or None).
        clip_wanted: Show the clip of a done `Job`.
        remix_wanted: A done `Job` whose settings go to Create.
        reveal_wanted: A done `Job` whose file is shown in its folder.
        details_wanted: A `Job`.
        key_wanted: The queue is paused because there is no usable key.
        folder_wanted: The queue is paused because there is no library folder.
        limits_wanted: The queue is paused at a spending limit.
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
        sources: QueueSources,
        stills: Thumbnails,
        tasks: UserTasks,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_surface(self, "panel")
        self._look, self._engine = look, sources.engine
        self._announcer = Announcer(self)
        self._about = ""
        self.model = QueueModel(sources)
        self.model.setParent(self)
        self._actions = QueueActions(look, self, sources, self.model, tasks)
        heights = CardHeight()
        self._delegate = RowDelegate(look, stills, heights, find_video=sources.find_video)
        self._delegate.setParent(self)
        self.view = QueueView(look, self.model, self._delegate, heights)
        self._summary = Label("", "small", "text-2", wrap=True)
        self._pause = GhostButton(look, phrases.PAUSE_ALL(), icon="pause", size="small")
        self._resume = PrimaryButton(look, phrases.RESUME(), icon="play", size="small")
        self._clear = GhostButton(look, translate_command("clear-finished"), size="small")
        title, text = words.EMPTY
        self._empty = EmptyState(look, _(title), _(text), icon="list", style="body-strong")
        self._stack = QStackedWidget()
        self._build()
        self._connect(stills)
        self._on_counts_changed()

    # -- for the window's commands --------------------------------------------------------------

    def toggle_pause(self) -> None:
        if self._engine.status.pause is None:
            self._actions.pause()
        else:
            self._on_resume()

    def clear_finished(self) -> None:
        """Take ended rows off the list, never files; the notice offers to bring them back."""
        self._actions.clear_finished()

    def close_down(self) -> None:
        """Stop listening; called before the stores are closed."""
        self._disconnect()
        self.model.close()

    def move_current(self, by: int) -> None:
        """Move the chosen waiting job one place up (-1) or down (+1)."""
        job = self.view.currentIndex().data(RowRole.JOB)
        waiting = self._actions.list_waiting()
        if not isinstance(job, Job) or job.id not in waiting:
            return
        at = waiting.index(job.id)
        target = at + by
        if not 0 <= target < len(waiting):
            return
        behind = target if by < 0 else target + 1
        self._actions.move(job.id, waiting[behind] if behind < len(waiting) else None)

    # -- building -------------------------------------------------------------------------------

    def _build(self) -> None:
        theme = self._look.theme
        header = self.header = QWidget()
        header.setMinimumHeight(theme.height("second-row"))
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
        actions = self._actions
        actions.edit_wanted.connect(self.edit_wanted)
        actions.clip_wanted.connect(self.clip_wanted)
        actions.remix_wanted.connect(self.remix_wanted)
        actions.reveal_wanted.connect(self.reveal_wanted)
        actions.details_wanted.connect(self.details_wanted)
        actions.limits_wanted.connect(self.limits_wanted)
        actions.explained.connect(self.view.reveal_card)
        self.view.menu_wanted.connect(self._show_menu)
        self.model.moved.connect(self._actions.move)
        self.model.counts_changed.connect(self._on_counts_changed)
        self.model.announced.connect(self._on_announced)
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

    def _on_announced(self, job: Job, state: DisplayState) -> None:
        self._announcer.announce(announce(job, state))

    def _on_theme_changed(self) -> None:
        self.header.setMinimumHeight(self._look.theme.height("second-row"))

    def _on_still_ready(self, _ident: int, key: ThumbnailKey) -> None:
        if self._delegate.awaits(key):  # most are for the wall
            self.view.viewport().update()

    def _estimate(self) -> str:
        """Return what all unfinished jobs will cost; empty where they cost nothing."""
        paid = (
            job for job in self.model.unfinished if job.service is Service.RUNWARE and job.watching
        )
        return estimate_total([self.model.usual(job).cost_usd for job in paid])

    # -- what a user does -----------------------------------------------------------------------

    def _on_resume(self) -> None:
        match self._engine.status.pause:
            case PauseReason.KEY_MISSING | PauseReason.KEY_REFUSED:
                self.key_wanted.emit()
            case PauseReason.LIBRARY | PauseReason.DISK_FULL | PauseReason.READ_ONLY:
                self._actions.resume()
                self.folder_wanted.emit()
            case PauseReason.BUDGET_DAY | PauseReason.BUDGET_MONTH:
                self._actions.ask_about_cap()
            case _:
                self._actions.resume()

    def _on_acted(self, index: Index, action: Action) -> None:
        self._actions.run(action, self._find_target(index))

    def _on_card_acted(self, job: Job, action: Action) -> None:
        self._actions.run(action, QueueTarget(job=job))

    def _find_target(self, index: Index) -> QueueTarget:
        saved, job = index.data(RowRole.DRAFT), index.data(RowRole.JOB)
        if isinstance(saved, SavedDraft):
            return QueueTarget(draft=saved)
        if not isinstance(job, Job):
            return QueueTarget()
        is_group = index.data(RowRole.KIND) is RowKind.TAKES
        return QueueTarget(job, takes=self.model.list_takes(job.group_id) if is_group else ())

    def _show_menu(self, index: QModelIndex, place: QPoint) -> None:
        menu = Menu(self._look, self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        row = QPersistentModelIndex(index)  # rows may move while the menu is open
        for offered in list_row_actions(index):
            action = offered.action
            menu.add(
                offered.text,
                lambda action=action: self._on_acted(row, action),
                icon=offered.icon,
                danger=action in DANGEROUS,
            )
        menu.popup(place)
