"""Desktop notifications about clips and the queue; many at once are merged into one."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from PySide6.QtCore import QObject, QTimer, Signal

from kling_desktop.domain.events import EngineStatus, JobChange, PauseReason
from kling_desktop.domain.job import JobId, JobState, Service
from kling_desktop.storage.settings.settings_store import NotifyWhen, Settings
from kling_desktop.wording import desktop as texts
from kling_desktop.wording import phrases
from kling_desktop.wording.banner import describe_pause
from kling_desktop.wording.errors import describe_failure

_MERGE_S = 10.0
_ALMOST_S = 0.05


class NoteKind(StrEnum):
    """What a notice is about; each can be switched off."""

    DONE = "done"
    FAILED = "failed"
    NEEDS_USER = "needs_user"
    QUEUE_EMPTY = "queue_empty"


@dataclass(frozen=True, slots=True)
class Note:
    """One notice.

    Attributes:
        title: A few words.
        text: One line more.
        job_id: The clip's job; None when it is about several or none.
    """

    kind: NoteKind
    title: str
    text: str
    job_id: JobId | None = None


@dataclass(slots=True)
class _Burst:
    """What came of one kind since its first notice was shown."""

    since_s: float
    count: int = 1
    shown: int = 1


ShowNote = Callable[[Note], object]


class SystemNotifications(QObject):
    """Turns changes into notices; owned by the app.

    The first of a kind is shown at once; what follows within ten seconds becomes one notice.

    Signals:
        opened: The user clicked the newest notice: its `Note`.

    Args:
        settings: Asked at each notice.
        is_in_front: Whether the user works in the window now.
        show: Shows a notice: the tray's, or nobody's.
        now: Seconds.
    """

    opened = Signal(object)

    def __init__(
        self,
        settings: Callable[[], Settings],
        is_in_front: Callable[[], bool],
        show: ShowNote,
        *,
        now: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._is_in_front = is_in_front
        self._show = show
        self._now = now
        self._bursts: dict[NoteKind, _Burst] = {}
        self._newest: Note | None = None
        self._status: EngineStatus | None = None
        self._done_since_idle = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.show_due)

    # -- what happened --------------------------------------------------------------------------

    def on_job_changed(self, change: JobChange) -> None:
        """Follow the job store."""
        job = change.job
        if job is None or change.before is job.state:
            return
        words = texts.describe_job(job.title, job.draft.duration_s)
        if job.state is JobState.DONE:
            self._done_since_idle += 1
            self.notify(Note(NoteKind.DONE, phrases.CLIP_READY(), words, job.id))
        elif job.state is JobState.FAILED:
            title, _ = describe_failure(job.error_code)
            self.notify(Note(NoteKind.FAILED, title, words, job.id))

    def on_status_changed(self, status: EngineStatus) -> None:
        """Follow the engine."""
        before, self._status = self._status, status
        if before is None:
            return
        if status.pause is not before.pause and status.pause not in (None, PauseReason.USER):
            title, text = describe_pause(
                status.pause,
                status.pause_detail,
                error=status.pause_error,
                sums=status.pause_sums,
                sandbox=status.service is Service.SANDBOX,
            )
            self.notify(Note(NoteKind.NEEDS_USER, title, text))
        elif status.needs_user > before.needs_user:
            text = phrases.CONNECTION_DROPPED()
            self.notify(
                Note(NoteKind.NEEDS_USER, phrases.unconfirmed_clips(status.needs_user), text)
            )
        was_busy = before.running + before.waiting
        if was_busy and not status.running + status.waiting:
            done, self._done_since_idle = self._done_since_idle, 0
            if done > 1:  # one clip alone has said so itself
                text = texts.clips_made(done)
                self.notify(Note(NoteKind.QUEUE_EMPTY, texts.QUEUE_FINISHED(), text))

    def on_clicked(self) -> None:
        """The user clicked the notice that was shown last."""
        if self._newest is not None:
            self.opened.emit(self._newest)

    # -- what is shown --------------------------------------------------------------------------

    def notify(self, note: Note) -> None:
        """Show a notice, or gather it, or keep quiet, as the user has set it."""
        if not self._is_wanted(note.kind):
            return
        burst = self._bursts.get(note.kind)
        if burst is not None and self._now() - burst.since_s < _MERGE_S:
            burst.count += 1
            self._wait()
            return
        self._bursts[note.kind] = _Burst(self._now())
        self._show_now(note)

    def show_due(self) -> None:
        """Show what was gathered and whose ten seconds are over."""
        for kind, burst in tuple(self._bursts.items()):
            if self._now() - burst.since_s < _MERGE_S - _ALMOST_S:
                continue
            del self._bursts[kind]
            if burst.count > burst.shown and self._is_wanted(kind):
                self._show_now(Note(kind, texts.merged_title(kind.value, burst.count), ""))
        self._wait()

    def stop(self) -> None:
        """Show nothing any more."""
        self._bursts.clear()
        self._timer.stop()

    def _show_now(self, note: Note) -> None:
        self._newest = note
        self._show(note)

    def _wait(self) -> None:
        gathered = [burst for burst in self._bursts.values() if burst.count > burst.shown]
        if not gathered:
            self._timer.stop()
            return
        first = min(burst.since_s for burst in gathered)
        self._timer.start(round(max(0.0, first + _MERGE_S - self._now()) * 1000))

    def _is_wanted(self, kind: NoteKind) -> bool:
        settings = self._settings()
        events: Mapping[NoteKind, bool] = {
            NoteKind.DONE: settings.notify_done,
            NoteKind.FAILED: settings.notify_failed,
            NoteKind.NEEDS_USER: settings.notify_needs_person,
            NoteKind.QUEUE_EMPTY: settings.notify_queue_empty,
        }
        match settings.notify_when:
            case NotifyWhen.NEVER:
                return False
            case NotifyWhen.ALWAYS:
                return events[kind]
            case NotifyWhen.NOT_IN_FRONT:
                return events[kind] and not self._is_in_front()
            case _:
                assert_never(settings.notify_when)
