"""Builds and connects what fills the window, and closes it in order."""

import asyncio
import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from kling_desktop.app.account_controller import AccountController
from kling_desktop.app.clips_controller import ClipFiles, ClipsController
from kling_desktop.app.context import AppContext
from kling_desktop.app.core_startup import Report, open_core
from kling_desktop.app.cost_check import CostCheck
from kling_desktop.app.create_controller import CreateController
from kling_desktop.app.desktop_integration import DesktopIntegration
from kling_desktop.app.dialogs_controller import DialogsController
from kling_desktop.app.single_instance import AlreadyRunning
from kling_desktop.app.status_controller import StatusController
from kling_desktop.assembly.core import Core
from kling_desktop.assembly.current_draft import CurrentDraft
from kling_desktop.assembly.folders import find_folders
from kling_desktop.assembly.log import start_log, stop_log
from kling_desktop.domain.errors import KeychainUnavailable, KlingDesktopError
from kling_desktop.domain.events import EngineStatus, JobChange
from kling_desktop.domain.job import Job, JobState, Service
from kling_desktop.domain.video import Video
from kling_desktop.engine.library.library import Library
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.engine.timing.pacing import SystemClock
from kling_desktop.media.thumbnail_files import ThumbnailFiles
from kling_desktop.media.thumbnails import Thumbnails
from kling_desktop.media.trash import move_to_trash
from kling_desktop.storage.settings.api_key import KeyPlace
from kling_desktop.storage.settings.settings_store import Settings
from kling_desktop.ui.clips.frame_extractor import FrameExtractor
from kling_desktop.ui.clips.open_files import ThumbnailReaders
from kling_desktop.ui.commands.commands import CommandSet
from kling_desktop.ui.desktop.app_icon import build_app_icon
from kling_desktop.ui.desktop.notifications import Note
from kling_desktop.ui.overlays.dialogs import Answer, ask, choose_folder
from kling_desktop.ui.overlays.notices import Notice, Notices
from kling_desktop.ui.queue.queue_contents import QueueSources
from kling_desktop.ui.queue.queue_page import QueuePage
from kling_desktop.ui.settings.settings_effects import SettingsEffects
from kling_desktop.ui.shell.main_window import MainWindow, Regions
from kling_desktop.ui.shell.side_panel import QUEUE, SidePanel
from kling_desktop.ui.shell.status_line import StatusLine
from kling_desktop.ui.startup.welcome_page import FirstChoice, WelcomePage
from kling_desktop.ui.theme.icons import IconSet
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.theme import ThemeSource
from kling_desktop.wording import phrases
from kling_desktop.wording import shell as texts
from kling_desktop.wording.reasons import describe_error

_PICTURE_THREADS = 2
_STILLS_BUDGET_BYTES = 32 * 1024 * 1024


async def open_main(
    app: QApplication, window: MainWindow, quit_: asyncio.Event, report: Report
) -> "MainController | None":
    """Open the core and fill the window; None when the user has to leave instead.

    Raises:
        ShownElsewhere: Another process owns the data folder and shows its window.
    """
    themes = ThemeSource(app)
    look = Look(themes, IconSet(themes))
    window.apply_look(look)
    window.setWindowIcon(build_app_icon(look.theme))
    folders = find_folders(os.environ)
    log = start_log(folders.logs)
    try:
        opened = await open_core(look, folders, os.environ, report)
    except AlreadyRunning:
        stop_log(log)
        raise
    if opened is None:
        stop_log(log)
        return None
    main = MainController(look, window, opened.core, quit_, report, log)
    await main.start(restored=opened.restored)
    return main


class MainController(QObject):
    """Builds and connects the controllers and the window's parts; owned by the program.

    Attributes:
        core: The core, opened by `open_main`.
        notices: The notices over the window.
        status_line: The line at the foot of the window.
        side: The panel with Queue and Details.
        create: The Create panel.
        clips: Library, viewer, Compare and Details.
        account: Key, service, folders and money.
        dialogs: The sheets over the window.
    """

    _settings_changed = Signal(object)
    _status_changed = Signal(object)
    _job_changed = Signal(object)

    def __init__(
        self,
        look: Look,
        window: MainWindow,
        core: Core,
        quit_: asyncio.Event,
        report: Report,
        log: logging.Handler,
    ) -> None:
        super().__init__(window)
        self.core: Final = core
        self._window, self._look = window, look
        stores = core.stores
        self._jobs, self._settings = stores.jobs, stores.settings
        self._quit, self._log = quit_, log
        self._tasks = TaskOwner(report)
        self._commands = CommandSet()
        self.notices: Final = Notices(look, window.notices_host)
        self._context = AppContext(
            look,
            window,
            self._commands,
            self._tasks,
            self.notices.show_notice,
            self.notices.dismiss,
        )
        self._threads = ThreadPoolExecutor(_PICTURE_THREADS, thread_name_prefix="pictures")
        self._cached = files = ThumbnailFiles(
            core.folders.cache / "thumbnails",
            budget_bytes=_cache_bytes(stores.settings.current),
        )
        self._thumbnails = Thumbnails(files, self._threads)
        # The queue's stills have a memory of their own: the wall drops what it scrolls past.
        self._stills = Thumbnails(files, self._threads, budget_bytes=_STILLS_BUDGET_BYTES)
        self.status_line: Final = StatusLine(look)
        library = Library(
            stores.videos,
            stores.jobs,
            core.files,
            core.video_tools,
            move_to_trash=move_to_trash,
            clock=SystemClock(),
        )
        frames = FrameExtractor(core.folders.prepared, self._locate)
        clip_files = ClipFiles(library, self._locate, core.inputs, self._thumbnails, frames)
        clips = ClipsController(self._context, stores, clip_files)
        self.clips: Final = clips
        clips.open_files.add(ThumbnailReaders(self._stills, self._locate))
        current = CurrentDraft(core.folders.current_draft)
        self.create: Final = CreateController(
            self._context, core, frames, current, CostCheck(look, window, core)
        )
        sources = QueueSources(
            stores.jobs, stores.drafts, core.engine, stores.money, self._find_video
        )
        self._queue = QueuePage(look, sources, self._stills, self._context.user_tasks)
        self.side: Final = SidePanel(look, self._queue, self.clips.details)
        self._status = StatusController(
            self._context, core, self.status_line, self._thumbnails, clips.shows_job
        )
        self.account: Final = AccountController(
            core, library, files, self._on_world_changed, parent=window
        )
        self.dialogs: Final = DialogsController(
            self._context, self.account, stores.settings, stores.jobs
        )
        self._desktop = DesktopIntegration(self._context, core.engine, stores)
        self._effects = SettingsEffects(stores.settings, look.themes, self._commands, parent=self)
        self._first_run: QWidget | None = None
        self._closing = False
        self._unsubscribe: list[Callable[[], None]] = []

    async def start(self, *, restored: bool = False) -> None:
        """Fill the window, then connect and start the queue.

        Args:
            restored: The records were restored or begun anew: what the clip files know is
                added before the queue moves, or it would fetch clips that are there.
        """
        regions = Regions(
            create=self.create.page,
            centre=(self.clips.page, self.clips.viewer, self.clips.compare),
            side=self.side,
            status=self.status_line,
        )
        self._window.fill(self._commands, regions)
        self._wire()
        self._window.fill_menus()
        self.clips.show_panels(self._window.create_is_open, self._window.side_is_open)
        await self.create.restore()
        self.clips.start()
        self._status.start()
        self._desktop.start()
        if self._settings.current.service is None and not os.environ.get("RUNWARE_API_KEY"):
            self._show_first_run()
            if restored:
                self.clips.rebuild()
        else:
            begin = self._merge_and_connect() if restored else self._connect()
            self._context.start(begin, "connect to the service")

    async def close(self) -> None:
        """Close everything, users of a thing before the thing."""
        if self._settings.current.start_with_last_window:
            self._window.save_layout()
        else:
            self._window.forget_layout()
        self._effects.stop()
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        await self.create.close()
        self.dialogs.stop()
        self._status.stop()
        self._desktop.stop()
        self._queue.close_down()
        await self.core.engine.stop()
        await self._tasks.close()
        self.clips.stop()
        self.notices.clear()
        for thumbnails in (self._thumbnails, self._stills):
            thumbnails.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)
        await self.core.close()
        stop_log(self._log)

    def want_quit(self) -> None:
        """The user closes the window: ask once while clips are running."""
        if self._desktop.stays_in_tray:
            self._window.hide()
        elif not self._closing:
            self._closing = True
            self._tasks.start(self._ask_to_quit(), name="ask to quit")

    def report_bug(self, error: BaseException) -> None:
        """One quiet notice for what nobody foresaw; the log has the whole story."""
        self.notices.show_notice(
            Notice(
                texts.BUG_TITLE(),
                texts.BUG_TEXT(kind=type(error).__name__),
                kind="danger",
            )
        )

    # -- first run and service ------------------------------------------------------------------

    def _show_first_run(self) -> None:
        page = WelcomePage(
            self._look,
            self.core.files.library_dir,
            self.account.check_folder,
            self.account.test_key,
            self._tasks,
            parent=self._window,
        )
        page.finished.connect(
            lambda choice: self._context.start(self._finish_first_run(choice), "first choices")
        )
        self._first_run = page
        self._window.cover_with(page)

    async def _finish_first_run(self, choice: FirstChoice) -> None:
        page, self._first_run = self._first_run, None
        if page is None:
            return
        if choice.key is not None:
            await self._keep_first_key(choice)
        if choice.library != self.core.files.library_dir:
            try:
                await self.account.use_library(choice.library)
            except KlingDesktopError as error:
                self._context.notify(
                    Notice(texts.FOLDER_UNUSABLE(), describe_error(error), kind="warning")
                )
        await self._settings.update(service=choice.service)
        self.core.service = choice.service
        self._window.uncover(page)
        await self._connect()

    async def _keep_first_key(self, choice: FirstChoice) -> None:
        if choice.key is None:
            return
        try:
            await self.core.keys.save(choice.key, KeyPlace.KEYCHAIN)
        except KeychainUnavailable:
            await self.core.keys.save(choice.key, KeyPlace.MEMORY)
            self._context.notify(
                Notice(
                    texts.NO_KEYCHAIN_FOUND(),
                    texts.NO_KEYCHAIN_ABOUT(),
                    kind="warning",
                    stays=True,
                )
            )

    async def _merge_and_connect(self) -> None:
        try:
            await self.clips.add_found_files()
        finally:
            await self._connect()

    async def _connect(self) -> None:
        try:
            await self.core.use_service(self.core.service)
        except KlingDesktopError:
            await self._start_engine()
            raise
        await self._start_engine()

    async def _start_engine(self) -> None:
        await self.core.engine.start()
        self._status.set_connected()
        self._on_world_changed()

    def _on_world_changed(self) -> None:
        """Key, service or folder are others now."""
        self.clips.use_folder(self.core.files)
        self.create.show_mode(self._settings.current)
        self.create.page.refresh_usual()
        self._status.refresh()
        self._queue.model.sync()

    # -- wiring ---------------------------------------------------------------------------------

    def _wire(self) -> None:
        clips, create, queue, status = self.clips, self.create, self._queue, self._status
        clips.remix_wanted.connect(create.remix)
        clips.extend_wanted.connect(create.extend)
        clips.start_wanted.connect(create.start_from)
        clips.picture_wanted.connect(create.choose_picture)
        clips.sample_wanted.connect(create.try_sample)
        queue.edit_wanted.connect(create.edit)
        queue.clip_wanted.connect(clips.open_job)
        queue.remix_wanted.connect(clips.remix_job)
        queue.reveal_wanted.connect(clips.reveal_job)
        queue.details_wanted.connect(self._show_job)
        queue.count_changed.connect(self.side.set_queue_count)
        queue.key_wanted.connect(self.dialogs.open_account)
        queue.limits_wanted.connect(self.dialogs.open_account)
        queue.folder_wanted.connect(self._choose_library)
        status.account_wanted.connect(self.dialogs.open_account)
        status.proxy_wanted.connect(self.dialogs.open_proxy)
        status.folder_wanted.connect(self._choose_library)
        status.spending_wanted.connect(self.dialogs.open_spending)
        status.clip_wanted.connect(clips.open_job)
        status.sandbox_wanted.connect(
            lambda: self._context.start(
                self.account.choose_service(Service.SANDBOX), "start the sandbox again"
            )
        )
        status.attention_wanted.connect(lambda: self._window.show_tab(QUEUE))
        status.clip_done.connect(lambda _job: create.page.refresh_usual())
        self.side.more_wanted.connect(lambda button: self.dialogs.open_queue_menu(button, queue))
        desktop = self._desktop
        desktop.show_wanted.connect(self._window.come_to_front)
        desktop.note_opened.connect(self._on_note_opened)
        desktop.clipboard_wanted.connect(self._take_clipboard)
        desktop.quit_wanted.connect(lambda: self._tasks.start(self._ask_to_quit(), "ask to quit"))
        create.page.footer.ready_changed.connect(clips.page.empty.show_ready)
        connect = self._commands.connect_to
        connect("pause-all", queue.toggle_pause)
        connect("move-up", lambda: queue.move_current(-1))
        connect("move-down", lambda: queue.move_current(1))
        connect("clear-finished", queue.clear_finished)
        connect("check-now", self.core.engine.try_now)
        connect("undo", self._undo)
        connect("paste", create.page.take_clipboard)
        self._window.accept_drops(create.page.takes, create.take_drop)
        self._settings_changed.connect(self._on_settings_changed)
        self._status_changed.connect(self._on_engine_status)
        self._job_changed.connect(self._on_job_changed)
        self._unsubscribe = [
            self._settings.changed.subscribe(self._settings_changed.emit),
            self.core.engine.status_changed.subscribe(self._status_changed.emit),
            self._jobs.changed.subscribe(self._job_changed.emit),
        ]

    def _locate(self, video: Video) -> Path:
        """Where a clip's file is, in the library folder of now."""
        return self.core.files.library_dir / video.file

    def _find_video(self, job: Job) -> Path | None:
        return self.core.files.library_dir / job.file if job.state is JobState.DONE else None

    def _show_job(self, job: Job) -> None:
        if job.state.is_terminal and job.file:
            self.clips.show_details_of(job)
        else:
            self.dialogs.open_receipt(job)

    def _undo(self) -> None:
        """The newest thing that can be undone: a trashed clip, else an edit in Create."""
        if not self.clips.actions.undo():
            self.create.page.undo()

    def _on_note_opened(self, note: Note) -> None:
        job = None if note.job_id is None else self._jobs.find_job(note.job_id)
        if job is not None and job.state is JobState.DONE:
            self.clips.open_job(job)
        else:
            self._window.show_tab(QUEUE)

    def _take_clipboard(self) -> None:
        self._window.come_to_front()
        self._window.set_create_open(is_open=True)
        self.create.page.take_clipboard()

    def _choose_library(self) -> None:
        self._context.start(self._choose_library_folder(), "choose the library folder")

    async def _choose_library_folder(self) -> None:
        folder = await choose_folder(
            self._window,
            phrases.CHOOSE_LIBRARY_QUESTION(),
            folder=self.core.files.library_dir,
        )
        if folder is not None:
            await self.account.use_library(Path(folder))

    def _on_settings_changed(self, settings: Settings) -> None:
        budget = _cache_bytes(settings)
        if budget != self._cached.budget_bytes:
            self._cached.budget_bytes = budget
            self._thumbnails.trim_disk()
        self.create.show_mode(settings)

    def _on_engine_status(self, status: EngineStatus) -> None:
        self.create.show_mode(self._settings.current)
        paused = status.pause is not None
        self._commands.set_text("pause-all", phrases.RESUME() if paused else phrases.PAUSE_ALL())

    def _on_job_changed(self, change: JobChange) -> None:
        if change.job is not None and change.before is None:
            self.create.page.refresh_usual()
        if change.job is None or change.job.state.is_terminal:
            self.dialogs.show_spending()

    async def _ask_to_quit(self) -> None:
        status = self.core.engine.status
        if status.running:
            practice = self.core.service is Service.SANDBOX
            text = texts.SANDBOX_CONTINUES() if practice else texts.RUNWARE_CONTINUES()
            answer = await ask(
                self._look,
                self._window,
                texts.still_running(status.running),
                text,
                (Answer("quit", phrases.QUIT(), "ghost"), Answer("stay", texts.STAY(), "primary")),
                icon="download",
                default="stay",
            )
            if answer != "quit":
                self._closing = False
                return
        self._quit.set()


def _cache_bytes(settings: Settings) -> int:
    return settings.cache_size_mb * 1024 * 1024
