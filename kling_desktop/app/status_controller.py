"""Connects the queue with the status line, banner, notices and title of the window."""

import asyncio
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from kling_desktop.app.context import AppContext
from kling_desktop.assembly.core import Core
from kling_desktop.assembly.disk_space import find_free_bytes
from kling_desktop.domain.events import EngineStatus, JobChange, Network, PauseReason
from kling_desktop.domain.job import Job, JobState, Service
from kling_desktop.domain.local_time import LOCAL_ZONE, local_now
from kling_desktop.media.thumbnails import Thumbnails, poster_key
from kling_desktop.ui.controls.action_offer import ActionOffer
from kling_desktop.ui.controls.announcer import Announcer
from kling_desktop.ui.overlays.notices import Notice
from kling_desktop.ui.shell.status_line import StatusLine
from kling_desktop.wording import phrases
from kling_desktop.wording import shell as texts
from kling_desktop.wording.banner import (
    describe_back_online,
    describe_network,
    describe_pause,
)
from kling_desktop.wording.commands import translate_command
from kling_desktop.wording.formatting import (
    file_size,
    sum_words,
    until,
)
from kling_desktop.wording.models import short_model_name

_ROOM_EVERY_MS = 30_000
_SECOND_MS = 1000
_TOTALS_AFTER_MS = 100
_LOOK_AFTER_MS = 500
"""So long a new clip has for its tile to stand on the wall."""


class StatusController(QObject):
    """Shows the user what the engine does; owned by the main controller.

    Signals:
        account_wanted: The account page of the settings.
        proxy_wanted: The page of the settings with the proxy.
        folder_wanted: Another library folder.
        spending_wanted: The spending sheet.
        clip_wanted: Show the clip of a done `Job`.
        clip_done: A `Job` has just ended with a clip.
        attention_wanted: Open the queue at what needs the user.
        sandbox_wanted: Start the sandbox again.
    """

    account_wanted = Signal()
    proxy_wanted = Signal()
    folder_wanted = Signal()
    spending_wanted = Signal()
    clip_wanted = Signal(object)
    clip_done = Signal(object)
    attention_wanted = Signal()
    sandbox_wanted = Signal()
    _job_changed = Signal(object)
    _status_changed = Signal(object)
    _video_changed = Signal(object)

    def __init__(
        self,
        context: AppContext,
        core: Core,
        status: StatusLine,
        stills: Thumbnails,
        is_seen: Callable[[Job], bool],
    ) -> None:
        super().__init__(context.window)
        self._context, self._core, self._engine = context, core, core.engine
        self._videos, self._money = core.stores.videos, core.stores.money
        self._line = status
        self._stills = stills
        self._is_seen = is_seen
        self._ended: list[Job] = []
        self._connected = False
        self._look_soon = QTimer(self, singleShot=True, interval=_LOOK_AFTER_MS)
        self._look_soon.timeout.connect(self._report_unseen)
        self._announcer = Announcer(context.window)
        self._dismissed: object = None
        self._was: EngineStatus = core.engine.status
        self._room = QTimer(self)
        self._room.setInterval(_ROOM_EVERY_MS)
        self._room.timeout.connect(self.measure_room)
        self._second = QTimer(self)
        self._second.setInterval(_SECOND_MS)
        self._second.timeout.connect(self._show_banner)
        self._totals_soon = QTimer(self, singleShot=True, interval=_TOTALS_AFTER_MS)
        self._totals_soon.timeout.connect(self.show_totals)
        # Through signals: a bug in a widget ends in the hook and never harms the engine.
        self._job_changed.connect(self._on_job_changed)
        self._status_changed.connect(self._on_status_changed)
        self._video_changed.connect(self._on_video_changed)
        self._disconnect = [
            core.stores.jobs.changed.subscribe(self._job_changed.emit),
            self._engine.status_changed.subscribe(self._status_changed.emit),
            self._videos.changed.subscribe(self._video_changed.emit),
        ]
        context.window.banner.dismissed.connect(self._on_banner_dismissed)
        status.key_wanted.connect(self.account_wanted)
        status.spending_wanted.connect(self.spending_wanted)

    def start(self) -> None:
        """Show all for the first time."""
        self._room.start()
        self.measure_room()
        self.refresh()

    def stop(self) -> None:
        self._room.stop()
        self._second.stop()
        self._look_soon.stop()
        self._totals_soon.stop()
        for disconnect in self._disconnect:
            disconnect()

    def set_connected(self) -> None:
        """Start-up is over: from now on report a missing key or service."""
        self._connected = True
        self.refresh()

    def refresh(self) -> None:
        """Show status, sums and banner as they are now."""
        self._on_status_changed(self._engine.status)
        self.show_totals()

    def show_totals(self) -> None:
        """The right end of the status line: clips, size, money."""
        totals = self._videos.totals()
        self._line.set_library(
            texts.library_sum(totals.videos, totals.size_bytes), self._room_words
        )
        spent = self._money.spending(local_now(), LOCAL_ZONE, Service.RUNWARE)
        words = texts.spent_words(spent.today, spent.this_month)
        by_model = (
            texts.MODEL_SUM(model=short_model_name(model), amount=sum_words(total))
            for model, total in spent.by_model
        )
        self._line.set_money(words, "\n".join(by_model))

    _room_words = ""

    def measure_room(self) -> None:
        self._context.start(self._measure_room(), "measure the room on the disk")

    # -- inside ---------------------------------------------------------------------------------

    async def _measure_room(self) -> None:
        free = await asyncio.to_thread(find_free_bytes, self._core.files.library_dir)
        self._room_words = "" if free is None else texts.FREE_SPACE(size=file_size(free))
        self.show_totals()

    def _on_job_changed(self, change: JobChange) -> None:
        job = change.job
        if job is None or change.before is job.state:
            return
        match job.state:
            case JobState.DONE:
                self._ended.append(job)
                self._look_soon.start()
                self.clip_done.emit(job)
                self.show_totals()
            case JobState.FAILED:
                self.show_totals()
            case _:
                pass  # an unconfirmed one asks by itself first; see _on_status_changed

    def _on_video_changed(self) -> None:
        """Count anew soon: once for many clips that are added or go to the trash together."""
        if not self._totals_soon.isActive():
            self._totals_soon.start()

    def _report_unseen(self) -> None:
        """Report clips that are done, except those whose tile is before the user's eyes."""
        ended, self._ended = self._ended, []
        for job in ended:
            if not self._is_seen(job):
                self._report_done(job)

    def _report_done(self, job: Job) -> None:
        video = self._videos.find_by_task(job.task_id)
        picture = None
        if video is not None:
            path = self._core.files.library_dir / video.file
            picture = self._stills.find(poster_key(path))
        self._context.notify(
            Notice(
                job.title,
                texts.done_words(job),
                kind="success",
                picture=picture,
                offers=(ActionOffer(texts.SHOW(), lambda: self.clip_wanted.emit(job)),),
            )
        )

    def _on_status_changed(self, status: EngineStatus) -> None:
        was, self._was = self._was, status
        self._show_network(status)
        self._show_queue(status)
        self._show_title(status)
        if was.network is not status.network or was.pause is not status.pause:
            self._dismissed = None
            self._report_change(was, status)
        if status.needs_user > was.needs_user:
            self._context.notify(
                Notice(
                    phrases.unconfirmed_clips(status.needs_user),
                    phrases.CONNECTION_DROPPED(),
                    kind="warning",
                    stays=True,
                    offers=(ActionOffer(texts.REVIEW(), self.attention_wanted.emit),),
                )
            )
        self._show_banner()

    def _report_change(self, was: EngineStatus, status: EngineStatus) -> None:
        if was.network.is_down and status.network is Network.ONLINE:
            self._announcer.announce(texts.BACK_ONLINE())
            self._context.notify(Notice(*describe_back_online(status.waiting), kind="success"))
        elif was.network is Network.ONLINE and status.network.is_down:
            title, _text = describe_network(status.network, error=status.network_error)
            self._announcer.announce(title.removesuffix("."))

    def _show_network(self, status: EngineStatus) -> None:
        core = self._core
        if core.service is Service.SANDBOX:
            self._line.set_network(texts.SANDBOX_MODE(), ink="accent-text", sandbox=True)
            self._line.set_key_offer(offered=core.key is None)
            return
        if not self._connected:
            self._line.set_network(texts.CONNECTING(), ink="text-3")
            return
        self._line.set_key_offer(offered=core.client is None)
        if core.client is None:
            self._line.set_network(texts.NO_API_KEY(), ink="text-3")
            return
        if status.network is Network.ONLINE and not status.answered:
            self._line.set_network(texts.NO_CONTACT_YET(), ink="text-3")
            return
        text = texts.network_words(status.network, status.network_since, local_now())
        ink = "success" if status.network is Network.ONLINE else "warning"
        self._line.set_network(text, ink=ink)

    def _show_queue(self, status: EngineStatus) -> None:
        self._line.set_queue(texts.queue_words(status))

    def _show_title(self, status: EngineStatus) -> None:
        self._context.window.setWindowTitle(texts.window_title(status.running))

    # -- banner ---------------------------------------------------------------------------------

    def _on_banner_dismissed(self) -> None:
        self._dismissed = (self._was.network, self._was.pause)
        self._show_banner()

    def _show_banner(self) -> None:
        """One banner at most: what stops the queue comes before what slows it."""
        status, banner = self._was, self._context.window.banner
        shown = self._find_banner(status)
        counting = status.next_try_at is not None and shown is not None
        if counting != self._second.isActive():
            if counting:
                self._second.start()
            else:
                self._second.stop()
        if shown is None or self._dismissed == (status.network, status.pause):
            banner.hide()
            return
        title, text, kind, icon, offers = shown
        banner.set_message(title, text, kind=kind, icon=icon, offers=offers)
        banner.show()

    def _find_banner(
        self, status: EngineStatus
    ) -> tuple[str, str, str, str, tuple[ActionOffer, ...]] | None:
        engine = self._engine
        resume = ActionOffer(
            phrases.RESUME(), lambda: self._context.start(engine.resume(), "resume the queue")
        )
        sandbox = self._core.service is Service.SANDBOX
        if not self._connected and status.pause is PauseReason.KEY_MISSING:
            return None  # the key is still being read
        if sandbox and status.pause is PauseReason.KEY_MISSING:
            # In the sandbox nobody needs a key: without a way to it, it did not start.
            offers = (ActionOffer(phrases.TRY_AGAIN(), self.sandbox_wanted.emit),)
            text = texts.SANDBOX_FAILED_ABOUT()
            return texts.SANDBOX_FAILED(), text, "warning", "sandbox", offers
        if status.pause is not None and status.pause is not PauseReason.USER:
            title, text = describe_pause(
                status.pause,
                status.pause_detail,
                error=status.pause_error,
                sums=status.pause_sums,
                sandbox=sandbox,
            )
            match status.pause:
                case PauseReason.KEY_REFUSED if sandbox:
                    offers = (resume,)
                case PauseReason.KEY_MISSING if status.waiting + status.running == 0:
                    return None  # nothing waits for it; Create and the status line say it
                case PauseReason.KEY_MISSING | PauseReason.KEY_REFUSED:
                    offers = (ActionOffer(texts.OPEN_ACCOUNT_SETTINGS(), self.account_wanted.emit),)
                case PauseReason.LIBRARY_UNMARKED:
                    offers = (
                        ActionOffer(texts.THIS_IS_MY_LIBRARY(), self._on_library_confirmed),
                        ActionOffer(texts.CHOOSE_ANOTHER_FOLDER(), self.folder_wanted.emit),
                    )
                case PauseReason.DATA_FOLDER:
                    offers = (ActionOffer(translate_command("check-now"), engine.try_now),)
                case PauseReason.LIBRARY | PauseReason.DISK_FULL | PauseReason.READ_ONLY:
                    offers = (
                        ActionOffer(texts.CHOOSE_ANOTHER_FOLDER(), self.folder_wanted.emit),
                        ActionOffer(translate_command("check-now"), engine.try_now),
                    )
                case PauseReason.NETWORK_SETTINGS:
                    proxy = ActionOffer(texts.OPEN_PROXY_SETTINGS(), self.proxy_wanted.emit)
                    offers = (proxy, resume)
                case PauseReason.CREDIT:
                    offers = (resume,)
                case _:
                    offers = (ActionOffer(texts.CHANGE_THE_LIMIT(), self.account_wanted.emit),)
            kind = "warning" if status.pause is not PauseReason.LIBRARY else "danger"
            return title, text, kind, "alert", offers
        if status.network is Network.SANDBOX_AWAY:
            title, text = describe_network(status.network, error=status.network_error)
            offers = (ActionOffer(texts.START_SANDBOX_AGAIN(), self.sandbox_wanted.emit),)
            return title, text, "warning", "sandbox", offers
        if sandbox or status.network is Network.ONLINE:
            return None
        now = local_now()
        wait = "" if status.next_try_at is None else until(status.next_try_at, now)
        title, text = describe_network(status.network, wait, error=status.network_error)
        offers = (ActionOffer(translate_command("check-now"), engine.try_now),)
        return title, text, "warning", "cloud-off", offers

    def _on_library_confirmed(self) -> None:
        """The user says that the folder without a mark is the library: it is marked anew."""
        core = self._core
        self._context.start(core.use_library(core.files.library_dir), "mark the library folder")
