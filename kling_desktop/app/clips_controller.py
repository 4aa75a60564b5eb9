"""Connects library, viewer, Compare and Details, and does the clip commands."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from kling_desktop.app.context import AppContext
from kling_desktop.assembly.stores import Stores
from kling_desktop.domain.draft import ImageInput
from kling_desktop.domain.job import Job
from kling_desktop.domain.local_time import local_now
from kling_desktop.domain.video import Video, VideoId
from kling_desktop.engine.library.library import Library
from kling_desktop.media.thumbnails import Thumbnails
from kling_desktop.storage.files.kept_inputs import KeptInputs
from kling_desktop.storage.files.library_files import LibraryFiles
from kling_desktop.storage.settings.settings_store import Settings
from kling_desktop.ui.clips.clip_actions import ClipActions
from kling_desktop.ui.clips.clip_pictures import ClipPictures
from kling_desktop.ui.clips.clip_services import ClipServices
from kling_desktop.ui.clips.frame_extractor import FrameExtractor
from kling_desktop.ui.clips.open_files import OpenFiles, ThumbnailReaders
from kling_desktop.ui.clips.video_player import import_player
from kling_desktop.ui.desktop.desktop_services import DesktopServices
from kling_desktop.ui.details.details_panel import DetailsPanel
from kling_desktop.ui.library.library_page import LibraryPage
from kling_desktop.ui.overlays.notices import Notice
from kling_desktop.ui.viewer.compare_page import ComparePage
from kling_desktop.ui.viewer.viewer_page import ViewerPage
from kling_desktop.wording import clips as words
from kling_desktop.wording import phrases
from kling_desktop.wording.translation import _

_KEEP_SIZE_AFTER_MS = 500
_TRIM_AFTER_MS = 20_000
"""The posters' folder is trimmed to its size some time after the start."""
_FOR_CHOSEN = (
    "open-clip",
    "compare",
    "remix",
    "extend",
    "copy-prompt",
    "copy-files",
    "favourite",
    "reveal",
    "export",
    "trash",
)


@dataclass(frozen=True, slots=True)
class ClipFiles:
    """Where the files of clips and their pictures come from.

    Attributes:
        library: Keeps records and files of the clips in step.
        locate: Where a clip's file is, in the library folder of now.
        inputs: The app's own copies of input pictures.
        thumbnails: The pictures of the library's tiles.
        frames: Takes single frames out of clips.
    """

    library: Library
    locate: Callable[[Video], Path]
    inputs: KeptInputs
    thumbnails: Thumbnails
    frames: FrameExtractor


class ClipsController(QObject):
    """Owns the pages that show clips; owned by the main controller.

    Signals:
        remix_wanted: A `Video` whose settings go to Create.
        extend_wanted: A `Video` and the `Path` of its last frame, which becomes a first frame.
        start_wanted: `Path` of a picture taken out of a clip, and that `Video`.
        picture_wanted: The user wants to choose a picture.
        sample_wanted: The user wants to try a sample.
    """

    remix_wanted = Signal(object)
    extend_wanted = Signal(object, object)
    start_wanted = Signal(object, object)
    picture_wanted = Signal()
    sample_wanted = Signal()
    _settings_changed = Signal(object)

    def __init__(self, context: AppContext, stores: Stores, files: ClipFiles) -> None:
        super().__init__(context.window)
        self._context, self._files = context, files
        self._videos, self._settings = stores.videos, stores.settings
        self._folder = files.library.folder
        pictures = ClipPictures(files.thumbnails, files.locate, parent=self)
        self.open_files = OpenFiles()
        self.actions = ClipActions(
            stores.videos,
            files.library,
            files.frames,
            DesktopServices(self),
            context.user_tasks,
            files.locate,
            self.open_files,
            parent=self,
        )
        parts = ClipServices(
            stores.videos, pictures, self.actions, context.commands, self._find_frame, local_now
        )
        self.page = LibraryPage(context.look, parts)
        self.details = DetailsPanel(context.look, parts, stores.jobs)
        self.viewer = ViewerPage(context.look, parts, files.frames, context.tasks)
        self.compare = ComparePage(context.look, parts, files.frames, context.tasks)
        self._back_to: QWidget = self.page
        readers = ThumbnailReaders(files.thumbnails, files.locate)
        for holder in (self.viewer, self.compare, self.page.wall, files.frames, readers):
            self.open_files.add(holder)
        self._size_kept = QTimer(self, singleShot=True, interval=_KEEP_SIZE_AFTER_MS)
        self._size_kept.timeout.connect(self._keep_size)
        self._settings_changed.connect(self._show_settings)
        self._disconnect = stores.settings.changed.subscribe(self._settings_changed.emit)
        self._connect()
        self._connect_commands()

    def start(self) -> None:
        """Read the library for the first time, with tiles as large as they were."""
        height = self._settings.current.tile_height_px
        self.page.header.show_size(height)
        self.page.wall.set_target_height(height)
        self.page.header.size_changed.connect(self._keep_size_soon)
        self._show_settings(self._settings.current)
        self.page.start()
        self._context.start(asyncio.to_thread(import_player), "import the player")
        QTimer.singleShot(_TRIM_AFTER_MS, self, self._files.thumbnails.trim_disk)

    def _show_settings(self, settings: Settings) -> None:
        """Let the wall follow the settings."""
        wall = self.page.wall
        wall.set_scrubbing(on=settings.hover_scrub and settings.hover_strips)
        wall.show_names(shown=settings.names_under_tiles)

    def _keep_size_soon(self) -> None:
        self._size_kept.start()  # a slider on the move is not worth a write for each pixel

    def _keep_size(self) -> None:
        height = self.page.wall.target_height
        self._context.user_tasks.start(
            self._settings.update(tile_height_px=height),
            "keep the size of the tiles",
            failed=words.SIZE_NOT_KEPT,
        )

    def stop(self) -> None:
        """Close videos, stop timers and listening."""
        self._size_kept.stop()
        self._disconnect()
        self.viewer.stop()
        self.compare.stop()
        self.details.stop()
        self.page.stop()

    # -- showing --------------------------------------------------------------------------------

    def open_clip(self, video_id: VideoId) -> None:
        """Show a clip in the viewer; the Create panel is closed meanwhile."""
        video = self._videos.find_video(video_id)
        if video is None:
            return
        self.compare.stop()
        self._context.window.show_page(self.viewer, folds_create=True)
        self.details.set_preview_shown(shown=False)
        self.viewer.show_clip(video)
        self._show_neighbours()

    def open_job(self, job: Job) -> None:
        """Show the clip that a job has become."""
        video = self._find_clip(job)
        if video is not None:
            self.open_clip(video.id)

    def shows_job(self, job: Job) -> bool:
        """Whether the user can see the clip of a job: its tile, in the window in front."""
        video = self._videos.find_by_task(job.task_id)
        window = self._context.window
        in_front = window.isActiveWindow() and window.stack.currentWidget() is self.page
        return video is not None and in_front and self.page.shows_clip(video.id)

    def reveal_job(self, job: Job) -> None:
        video = self._find_clip(job)
        if video is not None:
            self.actions.reveal(video)

    def remix_job(self, job: Job) -> None:
        video = self._find_clip(job)
        if video is not None:
            self.remix_wanted.emit(video)

    def show_details_of(self, job: Job) -> None:
        """Show the clip of a done job in Details."""
        video = self._find_clip(job)
        if video is not None:
            self.page.show_clip(video.id)
            self.details.show_videos([video])
            self._context.window.show_tab(1)

    def _find_clip(self, job: Job) -> Video | None:
        video = self._videos.find_by_task(job.task_id)
        if video is None:
            self._context.notify(Notice(_(words.CLIP_GONE), kind="info"))
        return video

    def show_library(self) -> None:
        self._context.window.show_page(self.page)
        self.details.set_preview_shown(shown=True)
        self.page.focus_region()

    def _show_pair(self, first: Video, second: Video) -> None:
        window = self._context.window
        came_from_viewer = window.stack.currentWidget() is self.viewer
        self._back_to = self.viewer if came_from_viewer else self.page
        if came_from_viewer:
            self.viewer.player.pause()
        window.show_page(self.compare, folds_create=True)
        self.compare.show_pair(first, second, from_viewer=came_from_viewer)

    def _close_pair(self) -> None:
        self.compare.stop()
        if self._back_to is self.viewer and self.viewer.video is not None:
            self.open_clip(self.viewer.video.id)
        else:
            self.show_library()

    def _show_neighbour(self, step: int) -> None:
        video = self.viewer.video
        found = None if video is None else self.page.find_neighbour(video.id, step)
        if found is not None:
            self.open_clip(found)

    def _show_neighbours(self) -> None:
        if (video := self.viewer.video) is not None:
            before, after = (self.page.find_neighbour(video.id, step) for step in (-1, 1))
            self.viewer.show_neighbours(before=before is not None, after=after is not None)

    def _compare_from_viewer(self, video: Video) -> None:
        self._context.notify(Notice(_(words.CHOOSE_ANOTHER), _(words.HOW_TO_COMPARE), kind="info"))
        self.show_library()
        self.page.show_clip(video.id)

    # -- wiring ---------------------------------------------------------------------------------

    def _connect(self) -> None:
        actions, window = self.actions, self._context.window
        actions.remix_requested.connect(self.remix_wanted)
        actions.extend_requested.connect(self.extend_wanted)
        actions.open_requested.connect(self.open_clip)
        actions.compare_requested.connect(self._show_pair)
        self.page.open_requested.connect(self.open_clip)
        self.page.picture_wanted.connect(self.picture_wanted)
        self.page.sample_wanted.connect(self.sample_wanted)
        self.page.chosen_changed.connect(self.details.show_videos)
        self.details.open_requested.connect(self.open_clip)
        self.details.picture_requested.connect(self._open_picture)
        self.viewer.closed.connect(self.show_library)
        self.viewer.clip_changed.connect(lambda video: self.details.show_videos([video]))
        self.viewer.neighbour_requested.connect(self._show_neighbour)
        self.page.model.refreshed.connect(self._show_neighbours)
        self.viewer.compare_requested.connect(self._compare_from_viewer)
        self.viewer.frame_taken.connect(self._on_frame_taken)
        self.compare.closed.connect(self._close_pair)
        for page in (self.page, self.viewer, self.compare):
            page.create_toggled.connect(lambda on: window.set_create_open(is_open=on))
            page.side_toggled.connect(lambda on: window.set_side_open(is_open=on))
        window.panels_changed.connect(self.show_panels)

    def show_panels(self, create_open: bool, side_open: bool) -> None:
        """Let the toggles of every page say which panels are open."""
        self.page.header.show_panels(create_open=create_open, side_open=side_open)
        self.viewer.show_panels(create_open=create_open, side_open=side_open)
        self.compare.show_panels(create_open=create_open, side_open=side_open)

    def _on_frame_taken(self, picture: Path, video: Video) -> None:
        self.show_library()
        self.start_wanted.emit(picture, video)

    def _connect_commands(self) -> None:
        connect = self._context.commands.connect_to
        for command_id in _FOR_CHOSEN:
            connect(command_id, lambda command_id=command_id: self._run(command_id))
        for command_id in ("find", "select-all"):
            connect(command_id, lambda command_id=command_id: self._run_in_library(command_id))
        connect("play", self._play)
        connect("full-screen", self._toggle_full_screen)
        connect("rebuild-library", self.rebuild)
        connect("open-library", self._open_folder)

    def _run(self, command_id: str) -> None:
        """Do a clip command for what is in view: the viewer's clip, else what is chosen."""
        shown = self._context.window.stack.currentWidget()
        if shown is self.viewer and self.viewer.video is not None and command_id != "open-clip":
            self.actions.run(command_id, [self.viewer.video], self._context.window)
        else:
            self.page.run_command(command_id)

    def _run_in_library(self, command_id: str) -> None:
        self.viewer.player.pause()
        self.show_library()
        self.page.run_command(command_id)

    def _play(self) -> None:
        if self._context.window.stack.currentWidget() is self.viewer:
            self.viewer.player.toggle()
        else:
            self.page.run_command("play")

    def _toggle_full_screen(self) -> None:
        if self._context.window.stack.currentWidget() is self.viewer:
            self.viewer.toggle_full_screen()
        elif self._context.window.stack.currentWidget() is self.compare:
            self.compare.toggle_full_screen()
        elif self._context.window.isFullScreen():
            self._context.window.showNormal()
        else:
            self._context.window.showFullScreen()

    def use_folder(self, files: LibraryFiles) -> None:
        """Work in this library folder from now on; clips in view are opened again in there."""
        self._files.library.set_files(files)
        if files.library_dir != self._folder:
            self._folder = files.library_dir
            self.viewer.reopen()
            self.compare.reopen()

    def rebuild(self) -> None:
        """Check the folder and add what the library does not know."""
        self._context.user_tasks.start(
            self.add_found_files(), "rebuild the library", failed=words.LIBRARY_NOT_CHECKED
        )

    async def add_found_files(self) -> None:
        """Add clips that are in the folder and that the library does not know."""
        found = await self._files.library.rebuild()
        report = await self._files.library.verify()
        text = words.count_missing(len(report.missing))
        kind = "info" if text else "success"
        self._context.notify(Notice(words.count_added(len(found)), text, kind=kind))

    def _open_folder(self) -> None:
        folder = self._files.library.folder
        if not DesktopServices(self).open_folder(folder):
            self._context.notify(Notice(phrases.FOLDER_NOT_OPENED(), str(folder), kind="warning"))

    def _find_frame(self, image: ImageInput) -> Path | None:
        """Return the app's own copy of a picture; the path in a recipe is never used."""
        return self._files.inputs.find_kept(image.sha256)

    def _open_picture(self, path: Path) -> None:
        """Open one of the app's own copies, and no other file, in the system's viewer."""
        if path.parent == self._files.inputs.inputs_dir:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
