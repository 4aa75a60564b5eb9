"""What the queue panel does on a person's word, and what it asks before money is at stake."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from kling_desktop.domain.draft import Draft
from kling_desktop.domain.errors import DraftRejected, KlingDesktopError, UnreadableImage
from kling_desktop.domain.job import Job, JobId, JobState, Service
from kling_desktop.domain.money import Usual
from kling_desktop.engine.engine import Engine
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.storage.stores.draft_store import DraftStore, SavedDraft
from kling_desktop.storage.stores.job_store import JobStore
from kling_desktop.ui.controls.action_offer import ActionOffer
from kling_desktop.ui.overlays.dialogs import Answer, ask
from kling_desktop.ui.overlays.notices import Notice
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording.errors import describe_cancel
from kling_desktop.wording.formatting import money
from kling_desktop.wording.queue import service_name
from kling_desktop.wording.reasons import describe_error

_ALL = 1_000_000
Tell = Callable[[Notice], object]


class QueueActions:
    """Owned by the queue page; every errand is a task that ends in words where it fails."""

    def __init__(
        self,
        look: Look,
        window: QWidget,
        jobs: JobStore,
        drafts: DraftStore,
        engine: Engine,
        tasks: TaskOwner,
        notify: Tell,
    ) -> None:
        self._look, self._window, self._jobs, self._drafts = look, window, jobs, drafts
        self._engine, self._tasks, self._notify = engine, tasks, notify

    def start(self, errand: Coroutine[Any, Any, object], name: str) -> None:
        self._tasks.start(self._guard(errand), name=name)

    async def cancel(self, job: Job) -> None:
        """Cancel what has not been sent; else ask whether to stop waiting, for it is charged."""
        if job.state is not JobState.QUEUED and not await self._may_stop_waiting(job):
            return
        result = await self._engine.cancel(job.id)
        self._notify(Notice(job.title, describe_cancel(result), icon="ban"))

    async def send_again(self, job: Job, usual: Usual) -> None:
        """Send anew what may have been sent, once the person has taken the risk."""
        if job.service is Service.SANDBOX:
            await self._engine.send_again(job.id)
            return
        cost = usual.cost_usd
        risk = "its price, which is not known yet," if cost is None else f"about {money(cost)}"
        send = "Send again, may cost twice" if cost is None else f"Send again for {money(cost)}"
        answer = await ask(
            self._look,
            self._window.window(),
            "Send this clip again?",
            f"Runware may have it already. Then {risk} is charged a second time.",
            (Answer("cancel", "Cancel"), Answer("send", send, "primary")),
            icon="help",
            ink="warning",
            default="cancel",
        )
        if answer == "send":
            await self._engine.send_again(job.id)

    async def ask_about_cap(self, held: Job | None, raise_limit: Callable[[], object]) -> None:
        """Ask what shall happen at a budget cap: raise it, or let one clip past it."""
        answers = [Answer("limits", "Raise limit…")]
        if held is not None:
            answers.append(Answer("allow", "Allow this one", "primary"))
        answer = await ask(
            self._look,
            self._window.window(),
            "The limit you set holds the queue.",
            "The next clip would pass it." if held is None else f"“{held.title}” would pass it.",
            answers,
            icon="wallet",
            ink="warning",
        )
        if answer == "limits":
            raise_limit()
        elif answer == "allow" and held is not None:
            await self._engine.allow_past_cap(held.id)

    async def clear_finished(self) -> None:
        """Take ended rows off the list, never files; for some seconds there is a way back."""
        ended = [job.id for job in self._jobs.list_history(_ALL)]
        if ended:
            await self.hide(ended, "Finished clips are off the list")

    async def hide(self, ids: Sequence[JobId], title: str) -> None:
        await self._jobs.hide(ids)
        undo = ActionOffer("Undo", lambda: self.start(self._jobs.unhide(ids), "undo"))
        self._notify(Notice(title, "Files and receipts stay as they are.", offers=(undo,)))

    async def queue_draft(self, saved: SavedDraft, edit: Callable[[Draft], object]) -> None:
        """Queue a draft; one that cannot go is loaded into Create, which shows what is missing."""
        try:
            await self._engine.enqueue([saved.draft])
        except (DraftRejected, UnreadableImage):
            edit(saved.draft)
        await self._drafts.remove(saved.id)

    async def delete_draft(self, saved: SavedDraft) -> None:
        await self._drafts.remove(saved.id)
        undo = ActionOffer("Undo", lambda: self.start(self._drafts.save(saved.draft), "undo"))
        self._notify(Notice("Draft deleted", offers=(undo,)))

    async def _may_stop_waiting(self, job: Job) -> bool:
        service = service_name(job.service)
        started = f"{service[0].upper()}{service[1:]} has already started it"
        paid = job.service is Service.RUNWARE
        answer = await ask(
            self._look,
            self._window.window(),
            "Stop waiting for this clip?",
            f"{started}, so it is still charged." if paid else f"{started}.",
            (Answer("keep", "Keep waiting"), Answer("stop", "Stop waiting", "danger")),
            icon="spinner",
            default="keep",
        )
        return answer == "stop"

    async def _guard(self, errand: Coroutine[Any, Any, object]) -> None:
        """A known error becomes a notice; anything else travels to the task's owner."""
        try:
            await errand
        except KlingDesktopError as error:
            self._notify(Notice("That didn’t work", describe_error(error), kind="warning"))
