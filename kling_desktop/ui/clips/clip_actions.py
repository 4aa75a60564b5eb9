"""Does what was asked for chosen clips, wherever it was asked: wall, Details, viewer, menu bar."""

import asyncio
import hashlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from kling_desktop.domain.errors import KlingDesktopError, LibraryUnavailable
from kling_desktop.domain.video import Video, VideoId
from kling_desktop.engine.library.library import Library, Trashed
from kling_desktop.storage.files.recipe_beside import copy_recipe_beside
from kling_desktop.storage.stores.video_store import VideoStore
from kling_desktop.ui.clips.clip_menu import RESTORE, find_obstacle
from kling_desktop.ui.clips.frame_extractor import FrameExtractor
from kling_desktop.ui.clips.open_files import OpenFiles
from kling_desktop.ui.controls.action_offer import ActionOffer
from kling_desktop.ui.controls.drag_data import build_clip_mime
from kling_desktop.ui.desktop.desktop_services import DesktopServices
from kling_desktop.ui.overlays.dialogs import choose_file, choose_folder, save_file
from kling_desktop.ui.overlays.notices import Notice
from kling_desktop.ui.overlays.user_tasks import UserTasks
from kling_desktop.wording import clips as words
from kling_desktop.wording import phrases
from kling_desktop.wording.reasons import describe_error
from kling_desktop.wording.translation import _


class ClipActions(QObject):
    """Owned by the clips controller, shared by the pages.

    Signals:
        remix_requested: `Video` whose settings go to Create.
        extend_requested: `Video`, and the `Path` of its last frame as a PNG.
        compare_requested: The two `Video`s.
        open_requested: `VideoId` to be shown in the viewer.
        file_found: `Video` whose file was found and put back.
    """

    remix_requested = Signal(object)
    extend_requested = Signal(object, object)
    compare_requested = Signal(object, object)
    open_requested = Signal(object)
    file_found = Signal(object)

    def __init__(
        self,
        store: VideoStore,
        library: Library,
        frames: FrameExtractor,
        desktop: DesktopServices,
        tasks: UserTasks,
        locate: Callable[[Video], Path],
        files: OpenFiles,
        *,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._library = library
        self._frames = frames
        self._desktop = desktop
        self._tasks = tasks
        self._locate = locate
        self._files = files
        self._last_trashed: tuple[VideoId, ...] = ()
        self._places: dict[VideoId, Trashed] = {}
        self._undo_offers: dict[int, tuple[VideoId, ...]] = {}

    def notify(self, notice: Notice) -> None:
        """Show a notice in the window."""
        self._tasks.notify(notice)

    def run(self, command_id: str, videos: Sequence[Video], window: QWidget) -> None:
        """Do a command of the menu bar for these clips; one that cannot be done says why."""
        obstacle = find_obstacle(command_id, videos)
        if obstacle:
            self.notify(Notice(obstacle, kind="info"))
            return
        first = videos[0]
        match command_id:
            case "open-clip":
                self.open_requested.emit(first.id)
            case "compare":
                self.compare_requested.emit(videos[0], videos[1])
            case "remix":
                self.remix_requested.emit(first)
            case "extend":
                self._tasks.start(self._extend(first), "extract the last frame")
            case "copy-prompt":
                QGuiApplication.clipboard().setText(first.draft.prompt)
            case "copy-files":
                self.copy_files(videos)
            case "favourite":
                favourite = not all(video.favourite for video in videos)
                self.set_favourite([video.id for video in videos], favourite=favourite)
            case "reveal":
                self.reveal(first)
            case "export":
                self._tasks.start(self._export(videos, window), "export clips")
            case "trash":
                self._tasks.start(self._trash(videos), "move clips to trash")
            case command if command == RESTORE:
                ids = tuple(video.id for video in videos)
                self._tasks.start(self._restore(ids), "put clips back")
            case _:
                raise ValueError(command_id)

    def set_favourite(self, ids: Sequence[VideoId], *, favourite: bool) -> None:
        self._tasks.start(
            self._store.set_favourite(ids, favourite),
            "keep a favourite",
            failed=words.FAVOURITE_NOT_KEPT,
        )

    def mark_seen(self, ids: Sequence[VideoId]) -> None:
        self._tasks.start(
            self._store.mark_seen(ids), "mark clips as seen", failed=words.SEEN_NOT_KEPT
        )

    def copy_files(self, videos: Sequence[Video]) -> None:
        """Put the files on the clipboard, for a file manager, an editor or a mail."""
        there = [video for video in videos if not video.missing]
        files = [self._locate(video) for video in there]
        mime = build_clip_mime([video.id for video in there], files)
        QGuiApplication.clipboard().setMimeData(mime)

    def reveal(self, video: Video) -> None:
        if not self._desktop.reveal([self._locate(video)]):
            folder = self._locate(video).parent
            self.notify(Notice(_(words.NO_FILE_MANAGER), str(folder), kind="warning"))

    def find_file(self, video: Video, window: QWidget) -> None:
        """Let the user show where the clip's file went."""
        self._tasks.start(self._find_file(video, window), "find a clip's file")

    def undo(self) -> bool:
        """Bring back what went to the trash last; False when there is nothing to bring back."""
        ids = self._last_trashed
        if ids:
            self._bring_back(ids)
        return bool(ids)

    def _bring_back(self, ids: tuple[VideoId, ...]) -> None:
        if self._last_trashed == ids:  # once is enough; what went later can still be undone
            self._last_trashed = ()
        self._tasks.start(self._restore(ids), "undo trash")

    async def _extend(self, video: Video) -> None:
        try:
            picture = await self._frames.take_last(video)
        except KlingDesktopError as error:
            self._report(words.LAST_FRAME_UNREADABLE, error)
            return
        self.extend_requested.emit(video, picture)

    async def _trash(self, videos: Sequence[Video]) -> None:
        moved: list[VideoId] = []
        trouble: KlingDesktopError | None = None
        for video in videos:
            try:
                async with self._files.released([video]):
                    done = await self._library.trash([video.id])
                self._places.update((trashed.video_id, trashed) for trashed in done)
                moved += [trashed.video_id for trashed in done]
            except KlingDesktopError as error:
                trouble = error
        if moved:
            ids = self._last_trashed = tuple(moved)
            undo = ActionOffer(phrases.UNDO(), lambda: self._bring_back(ids))
            notice = Notice(words.count_trashed(len(moved)), icon="undo", offers=(undo,))
            self._undo_offers[self._tasks.notify(notice)] = ids
        if trouble is not None:
            title = words.count_not_trashed(len(videos) - len(moved))
            self.notify(Notice(title, describe_error(trouble), kind="danger", stays=True))

    async def _restore(self, ids: tuple[VideoId, ...]) -> None:
        """Put clips back: where this run knows their place, or the user has done it already."""
        self._withdraw_offers(ids)
        left: list[Video] = []
        for video in self._store.get_videos(ids):
            trashed = self._places.get(video.id, Trashed(video_id=video.id, place=None))
            try:
                back = await self._library.restore([trashed])
            except KlingDesktopError as error:
                self._report(words.NOT_PUT_BACK, error)
                return
            self._places.pop(video.id, None)
            if back:
                continue
            if await asyncio.to_thread(self._locate(video).is_file):
                await self._store.set_trashed(video.id, None)
            else:
                left.append(video)
        if left:
            name = self._locate(left[0]).name
            self.notify(Notice(_(words.TAKE_OUT_FIRST), name, kind="warning"))

    def _withdraw_offers(self, ids: Sequence[VideoId]) -> None:
        """Take away the notices that offer to bring these clips back: it is being done."""
        for notice, offered in tuple(self._undo_offers.items()):
            if not set(offered).isdisjoint(ids):
                del self._undo_offers[notice]
                self._tasks.dismiss(notice)

    async def _export(self, videos: Sequence[Video], window: QWidget) -> None:
        """Copy files out of the library; for a single clip the user chooses the name."""
        try:
            if len(videos) == 1:
                copies = await self._export_one(self._locate(videos[0]), window)
            else:
                folder = await choose_folder(window, words.ask_export_folder(len(videos)))
                ids = [video.id for video in videos]
                copies = () if folder is None else await self._library.export(ids, folder)
        except KlingDesktopError as error:
            self._report(words.EXPORT_STOPPED, error, stays=True)
            return
        if copies:
            show = ActionOffer(_(words.SHOW), lambda: self._desktop.reveal(copies))
            one = len(copies) == 1
            title = (
                words.name_exported(copies[0].name) if one else words.count_exported(len(copies))
            )
            self.notify(Notice(title, kind="success", offers=(show,)))

    async def _export_one(self, source: Path, window: QWidget) -> tuple[Path, ...]:
        suggestion = Path.home() / source.name
        target = await save_file(
            window, _(words.EXPORT_ONE), suggestion, patterns=(_(words.MP4_FILES),)
        )
        if target is None or target == source:
            return ()
        try:
            await asyncio.to_thread(shutil.copyfile, source, target)
        except OSError as error:
            raise LibraryUnavailable(detail=str(error)) from error
        await asyncio.to_thread(copy_recipe_beside, source, target)
        return (target,)

    async def _find_file(self, video: Video, window: QWidget) -> None:
        """Put back the file that the user shows, if it is this clip's."""
        place = self._locate(video)
        chosen = await choose_file(
            window,
            words.ask_for_file(video.title),
            folder=place.parent if place.parent.is_dir() else None,
            patterns=(_(words.VIDEO_FILES),),
        )
        if chosen is None:
            return
        try:
            same = await asyncio.to_thread(_take_back, chosen, place, video.sha256)
        except OSError as error:
            self._report(words.NOT_COPIED, LibraryUnavailable(detail=str(error)))
            return
        if not same:
            text = _(words.NOT_THIS_CONTENT)
            self.notify(Notice(_(words.NOT_THIS_CLIP), text, kind="warning"))
            return
        await self._store.set_missing([video.id], False)
        self.file_found.emit(video)

    def _report(self, title: str, error: KlingDesktopError, *, stays: bool = False) -> None:
        """Say what did not work (marked with `N_`) and why."""
        self.notify(Notice(_(title), describe_error(error), kind="danger", stays=stays))


def _take_back(found: Path, place: Path, sha256: str) -> bool:
    """Copy a found file to where the library expects it, if its content is the clip's."""
    with found.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            return False
    if found != place:
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(found, place)
    return True
