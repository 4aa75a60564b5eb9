"""What the app shows outside its window: tray, notices of the system, marks on its icon."""

from PySide6.QtCore import QObject, QTimer, Signal

from kling_desktop.app.context import AppContext
from kling_desktop.assembly.stores import Stores
from kling_desktop.domain.events import EngineStatus, VideoChange
from kling_desktop.engine.engine import Engine
from kling_desktop.storage.stores.video_query import VideoQuery
from kling_desktop.ui.desktop.notifications import Note, SystemNotifications
from kling_desktop.ui.desktop.tray import AppMark, Tray, read_mark

_MARK_AFTER_MS = 1000


class DesktopIntegration(QObject):
    """Owned by the main controller; all of it is silent where the system has nothing of the kind.

    Signals:
        show_wanted: The window should come to the front.
        note_opened: The `Note` that was clicked.
        clipboard_wanted: A new draft from the clipboard.
        quit_wanted: Leave.
    """

    show_wanted = Signal()
    note_opened = Signal(object)
    clipboard_wanted = Signal()
    quit_wanted = Signal()
    _job_changed = Signal(object)
    _status_changed = Signal(object)
    _video_changed = Signal(object)

    def __init__(self, context: AppContext, engine: Engine, stores: Stores) -> None:
        super().__init__(context.window)
        self._context, self._engine = context, engine
        self._jobs, self._videos, self._settings = stores.jobs, stores.videos, stores.settings
        self._tray: Tray | None = Tray(context.look, parent=self) if Tray.is_there() else None
        self.mark = AppMark(context.look, None if self._tray is None else self._tray.set_icon)
        settings = self._settings
        self._notes = SystemNotifications(
            lambda: settings.current, context.window.isActiveWindow, self._show_note, parent=self
        )
        self._notes.opened.connect(self._on_note_opened)
        self._job_changed.connect(self._notes.on_job_changed)
        self._status_changed.connect(self._on_status)
        self._video_changed.connect(self._on_video)
        self._disconnect = [
            self._jobs.changed.subscribe(self._job_changed.emit),
            engine.status_changed.subscribe(self._status_changed.emit),
            self._videos.changed.subscribe(self._video_changed.emit),
        ]
        self._marking = QTimer(self, singleShot=True, interval=_MARK_AFTER_MS)
        self._marking.timeout.connect(self._show_mark)
        if self._tray is not None:
            self._connect_tray(self._tray)

    @property
    def stays_in_tray(self) -> bool:
        """Whether closing the window leaves the app working in the tray."""
        wanted = self._settings.current.keep_in_tray
        return wanted and self._tray is not None

    def start(self) -> None:
        """Show what there is to show."""
        if self._tray is not None:
            self._tray.show()
        self._on_status(self._engine.status)

    def stop(self) -> None:
        for disconnect in self._disconnect:
            disconnect()
        self._notes.stop()
        self._marking.stop()
        if self._tray is not None:
            self._tray.hide()

    def _connect_tray(self, tray: Tray) -> None:
        engine = self._engine
        tray.show_wanted.connect(self.show_wanted)
        tray.clipboard_wanted.connect(self.clipboard_wanted)
        tray.quit_wanted.connect(self.quit_wanted)
        tray.pause_wanted.connect(lambda: self._context.start(engine.pause(), "pause the queue"))
        tray.resume_wanted.connect(lambda: self._context.start(engine.resume(), "resume the queue"))
        tray.message_clicked.connect(self._notes.on_clicked)

    def _show_note(self, note: Note) -> None:
        if self._tray is not None:
            self._tray.show_message(note.title, note.text)

    def _on_note_opened(self, note: Note) -> None:
        self.show_wanted.emit()
        self.note_opened.emit(note)

    def _on_status(self, status: EngineStatus) -> None:
        self._notes.on_status_changed(status)
        if self._tray is not None:
            self._tray.set_status(status)
        self._show_mark_soon()

    def _on_video(self, change: VideoChange) -> None:
        self._show_mark_soon()

    def _show_mark_soon(self) -> None:
        """Once a second is often enough for an icon; the counting reads the database."""
        if not self._marking.isActive():
            self._marking.start()

    def _find_share(self) -> float | None:
        """How much of what was started since the queue was last empty is done."""
        active = self._jobs.list_active(service=self._engine.status.service)
        if not active:
            return None
        oldest = min(job.created_at for job in active)
        ended = [
            job
            for job in self._jobs.list_history(100)
            if job.ended_at is not None and job.ended_at >= oldest
        ]
        return len(ended) / (len(ended) + len(active))

    def _show_mark(self) -> None:
        """Progress of what runs, amber while offline, red when the user is needed."""
        status = self._engine.status
        unseen = self._videos.count(VideoQuery(unseen_only=True))
        share = self._find_share() if status.running or status.waiting else None
        self.mark.show(read_mark(status, share, unseen))
