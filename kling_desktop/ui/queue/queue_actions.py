"""What the queue panel does for each action, and what it asks before money is at stake."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from kling_desktop.domain.errors import DraftRejected, UnreadableImage
from kling_desktop.domain.job import Job, JobId, JobState, Service
from kling_desktop.storage.stores.draft_store import SavedDraft
from kling_desktop.ui.controls.action_offer import ActionOffer
from kling_desktop.ui.overlays.dialogs import Answer, ask
from kling_desktop.ui.overlays.notices import Notice
from kling_desktop.ui.overlays.user_tasks import UserTasks
from kling_desktop.ui.queue.queue_contents import QueueSources
from kling_desktop.ui.queue.queue_model import QueueModel
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import phrases
from kling_desktop.wording import queue as words
from kling_desktop.wording.actions import Action, name_action
from kling_desktop.wording.cards import describe_send_again
from kling_desktop.wording.errors import describe_cancel
from kling_desktop.wording.translation import _

_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class QueueTarget:
    """What an action is done to: a job, a draft, or several finished takes.

    Attributes:
        job: The job of the row or card; of several takes the newest; None for a draft.
        takes: The jobs of a row that stands for several takes; else empty.
    """

    job: Job | None = None
    draft: SavedDraft | None = None
    takes: tuple[JobId, ...] = ()


class QueueActions(QObject):
    """The one table from `Action` to what happens; owned by the queue page.

    Signals:
        edit_wanted: A `Draft` to be loaded into Create, and the id of the waiting job that it
            replaces once it is queued again (or None).
        clip_wanted: Show the clip of a done `Job`.
        remix_wanted: A done `Job` whose settings go to Create.
        reveal_wanted: A done `Job` whose file is shown in its folder.
        details_wanted: A `Job`.
        limits_wanted: The spending limits are to be changed.
        explained: A row (`RowKind.CARD`, by its `Job`) whose card was opened.
    """

    edit_wanted = Signal(object, object)
    clip_wanted = Signal(object)
    remix_wanted = Signal(object)
    reveal_wanted = Signal(object)
    details_wanted = Signal(object)
    limits_wanted = Signal()
    explained = Signal(object)

    def __init__(
        self,
        look: Look,
        window: QWidget,
        sources: QueueSources,
        model: QueueModel,
        tasks: UserTasks,
    ) -> None:
        super().__init__(window)
        self._look, self._window, self._model, self._tasks = look, window, model, tasks
        self._jobs, self._drafts, self._engine = sources.jobs, sources.drafts, sources.engine
        self._handlers: Mapping[Action, Callable[[QueueTarget], object]] = {
            Action.EDIT: self._edit,
            Action.EDIT_AND_RETRY: _for_job(lambda job: self.edit_wanted.emit(job.draft, None)),
            Action.MOVE_FIRST: _for_job(self._move_first),
            Action.CANCEL: _for_job(self._cancel),
            Action.STOP_WAITING: _for_job(self._cancel),
            Action.WAIT_AGAIN: _for_job(self._wait_again),
            Action.CHECK: _for_job(self._check),
            Action.SEND_AGAIN: _for_job(self._send_again),
            Action.DISCARD: _for_job(self._discard),
            Action.RETRY: _for_job(self._retry),
            Action.ALLOW: _for_job(self._allow),
            Action.RAISE_LIMIT: _for_job(lambda _job: self.limits_wanted.emit()),
            Action.EXPLAIN: _for_job(self._explain),
            Action.DETAILS: _for_job(self.details_wanted.emit),
            Action.OPEN: _for_job(self.clip_wanted.emit),
            Action.REMIX: _for_job(self.remix_wanted.emit),
            Action.REVEAL: _for_job(self.reveal_wanted.emit),
            Action.HIDE: self._hide,
            Action.FOLD: _for_job(lambda job: self._model.toggle_takes(job.group_id)),
            Action.UNFOLD: _for_job(lambda job: self._model.toggle_takes(job.group_id)),
            Action.ADD: _for_draft(self._queue_draft),
            Action.DELETE: _for_draft(self._delete_draft),
        }

    def run(self, action: Action, target: QueueTarget) -> None:
        """Do an action; one that the target does not have does nothing."""
        self._handlers[action](target)

    # -- for all of the queue -------------------------------------------------------------------

    def pause(self) -> None:
        self._tasks.start(self._engine.pause(), "pause the queue", failed=words.NOT_PAUSED)

    def resume(self) -> None:
        self._tasks.start(self._engine.resume(), "resume the queue", failed=words.NOT_PAUSED)

    def ask_about_cap(self) -> None:
        """Ask what to do at a spending limit: raise it, or let one clip pass it."""
        self._tasks.start(self._ask_about_cap(self._model.held), "ask about the cap")

    def clear_finished(self) -> None:
        """Take ended rows off the list, never files; an offer in the notice brings them back."""
        ended = [job.id for job in self._jobs.list_history(_ALL)]
        if ended:
            self._start_hiding(ended, _(words.FINISHED_HIDDEN))

    def move(self, job_id: JobId, before: JobId | None) -> None:
        """Put a waiting job in front of another, or at the end."""
        self._tasks.start(
            self._jobs.reorder(job_id, before), "reorder the queue", failed=words.ORDER_UNCHANGED
        )

    def list_waiting(self) -> list[JobId]:
        """Return the waiting jobs in their order."""
        jobs = [job for job in self._model.unfinished if job.state is JobState.QUEUED]
        return [job.id for job in sorted(jobs, key=lambda job: (job.position, job.id))]

    # -- a job ----------------------------------------------------------------------------------

    def _edit(self, target: QueueTarget) -> None:
        if target.draft is not None:
            self.edit_wanted.emit(target.draft.draft, None)
            removed = self._drafts.remove(target.draft.id)
            self._tasks.start(removed, "edit a draft", failed=words.DRAFT_UNCHANGED)
        elif target.job is not None:
            queued = target.job.state is JobState.QUEUED
            self.edit_wanted.emit(target.job.draft, target.job.id if queued else None)

    def _move_first(self, job: Job) -> None:
        waiting = self.list_waiting()
        if waiting and waiting[0] != job.id:
            self.move(job.id, waiting[0])

    def _cancel(self, job: Job) -> None:
        self._tasks.start(self._cancel_job(job), "cancel a job", failed=words.NOT_CANCELLED)

    async def _cancel_job(self, job: Job) -> None:
        """Cancel what has not been sent; else ask whether to stop waiting, for it is charged."""
        if job.state is not JobState.QUEUED and not await self._may_stop_waiting(job):
            return
        result = await self._engine.cancel(job.id)
        self._tasks.notify(Notice(job.title, describe_cancel(result), icon="ban"))

    async def _may_stop_waiting(self, job: Job) -> bool:
        answer = await ask(
            self._look,
            self._window.window(),
            _(words.STOP_WAITING_TITLE),
            words.describe_stop_waiting(job.service),
            (
                Answer("keep", _(words.KEEP_WAITING)),
                Answer("stop", _(words.STOP_WAITING), "danger"),
            ),
            icon="spinner",
            default="keep",
        )
        return answer == "stop"

    def _wait_again(self, job: Job) -> None:
        self._tasks.start(
            self._engine.resume_watching(job.id), "wait again", failed=words.NOT_CHECKED
        )

    def _check(self, job: Job) -> None:
        self._tasks.start(self._engine.check_now(job.id), "check a job", failed=words.NOT_CHECKED)

    def _send_again(self, job: Job) -> None:
        self._tasks.start(
            self._send_job_again(job), "send a job again", failed=words.NOT_SENT_AGAIN
        )

    async def _send_job_again(self, job: Job) -> None:
        """Send a job that may have been sent, once the user has accepted what it may cost."""
        if job.service is Service.RUNWARE and not await self._may_pay_twice(job):
            return
        await self._engine.send_again(job.id)

    async def _may_pay_twice(self, job: Job) -> bool:
        usual = self._model.usual(job)
        answer = await ask(
            self._look,
            self._window.window(),
            _(words.SEND_AGAIN_TITLE),
            words.describe_second_charge(usual),
            (
                Answer("cancel", phrases.CANCEL()),
                Answer("send", describe_send_again(job, usual).text, "primary"),
            ),
            icon="help",
            ink="warning",
            default="cancel",
        )
        return answer == "send"

    def _discard(self, job: Job) -> None:
        self._tasks.start(self._engine.discard(job.id), "discard a job", failed=words.NOT_CANCELLED)

    def _retry(self, job: Job) -> None:
        self._tasks.start(self._engine.retry(job.id), "retry a job", failed=words.NOT_SENT_AGAIN)

    def _allow(self, job: Job) -> None:
        self._tasks.start(self._engine.allow_past_cap(job.id), "allow past the cap")

    async def _ask_about_cap(self, held: Job | None) -> None:
        raise_limit, allow = name_action(Action.RAISE_LIMIT), name_action(Action.ALLOW)
        answers = [Answer("limits", raise_limit.text)]
        if held is not None:
            answers.append(Answer("allow", allow.text, "primary"))
        answer = await ask(
            self._look,
            self._window.window(),
            _(words.CAP_TITLE),
            words.describe_cap_question("" if held is None else held.title),
            answers,
            icon="wallet",
            ink="warning",
        )
        if answer == "limits":
            self.limits_wanted.emit()
        elif answer == "allow" and held is not None:
            await self._engine.allow_past_cap(held.id)

    def _explain(self, job: Job) -> None:
        self._model.toggle_card(job.id)
        self.explained.emit(job)

    # -- the list -------------------------------------------------------------------------------

    def _hide(self, target: QueueTarget) -> None:
        if target.draft is not None:
            self._delete_draft(target.draft)
        elif target.takes:
            self._start_hiding(target.takes, _(words.ROW_HIDDEN))
        elif target.job is not None and target.job.state.is_terminal:
            self._start_hiding([target.job.id], _(words.ROW_HIDDEN))

    def _start_hiding(self, ids: Sequence[JobId], title: str) -> None:
        self._tasks.start(
            self._hide_jobs(ids, title), "hide ended jobs", failed=words.LIST_UNCHANGED
        )

    async def _hide_jobs(self, ids: Sequence[JobId], title: str) -> None:
        await self._jobs.hide(ids)
        undo = ActionOffer(
            phrases.UNDO(),
            lambda: self._tasks.start(
                self._jobs.unhide(ids), "show hidden jobs again", failed=words.LIST_UNCHANGED
            ),
        )
        self._tasks.notify(Notice(title, _(words.FILES_STAY), offers=(undo,)))

    # -- a draft --------------------------------------------------------------------------------

    def _queue_draft(self, saved: SavedDraft) -> None:
        self._tasks.start(self._queue_saved(saved), "queue a draft", failed=words.DRAFT_NOT_QUEUED)

    async def _queue_saved(self, saved: SavedDraft) -> None:
        """Queue a draft; one that cannot go is loaded into Create, which shows what is missing."""
        try:
            await self._engine.enqueue([saved.draft])
        except (DraftRejected, UnreadableImage):
            self.edit_wanted.emit(saved.draft, None)
        await self._drafts.remove(saved.id)

    def _delete_draft(self, saved: SavedDraft) -> None:
        self._tasks.start(self._delete_saved(saved), "delete a draft", failed=words.DRAFT_UNCHANGED)

    async def _delete_saved(self, saved: SavedDraft) -> None:
        await self._drafts.remove(saved.id)
        undo = ActionOffer(
            phrases.UNDO(),
            lambda: self._tasks.start(
                self._drafts.save(saved.draft), "undo", failed=words.DRAFT_UNCHANGED
            ),
        )
        self._tasks.notify(Notice(_(words.DRAFT_DELETED), offers=(undo,)))


def _for_job(act: Callable[[Job], object]) -> Callable[[QueueTarget], object]:
    def run(target: QueueTarget) -> None:
        if target.job is not None:
            act(target.job)

    return run


def _for_draft(act: Callable[[SavedDraft], object]) -> Callable[[QueueTarget], object]:
    def run(target: QueueTarget) -> None:
        if target.draft is not None:
            act(target.draft)

    return run
