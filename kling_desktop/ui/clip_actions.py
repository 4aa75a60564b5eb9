"""Does what was asked for chosen clips, wherever it was asked: wall, Details, viewer, menu bar."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.domain.video import Video, VideoId
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.storage.video_store import VideoStore
from kling_desktop.ui.clip_commands import find_obstacle
from kling_desktop.ui.clip_drag import build_clip_mime
from kling_desktop.ui.desktop_services import DesktopServices
from kling_desktop.ui.dialogs import choose_file, choose_folder, save_file
from kling_desktop.ui.notices import Notice
from kling_desktop.ui.offers import Offer
from kling_desktop.ui.wording_library import trashed_words


class ClipKeeper(Protocol):
    """What the library's service does to files; the engine's `Library` fulfils it."""

    async def trash(self, video_id: VideoId) -> object:
        """Move a clip's file to the system's trash.

        Raises:
            LibraryUnavailable: The system has no trash for this place or refused.
        """
        ...

    async def restore(self, video_id: VideoId) -> object:
        """Bring it back from where it lies in the trash.

        Raises:
            LibraryUnavailable: It is not there any more.
        """
        ...

    async def relink(self, video_id: VideoId, file: Path) -> object:
        """Take a file that the person found as this clip's own.

        Raises:
            KlingDesktopError: It is another film.
        """
        ...


class ClipActions(QObject):
    """Owned by the app, shared by the pages.

    Signals:
        remix_requested: `Video` whose settings go to Create.
        extend_requested: `Video` whose last frame becomes a first frame.
        compare_requested: The two `Video`s.
        open_requested: `VideoId` to be shown in the viewer.
        file_found: `Video` whose file is another one now.
    """

    remix_requested = Signal(object)
    extend_requested = Signal(object)
    compare_requested = Signal(object, object)
    open_requested = Signal(object)
    file_found = Signal(object)

    def __init__(
        self,
        store: VideoStore,
        keeper: ClipKeeper,
        desktop: DesktopServices,
        tasks: TaskOwner,
        locate: Callable[[Video], Path],
        tell: Callable[[Notice], object],
        *,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._keeper = keeper
        self._desktop = desktop
        self._tasks = tasks
        self._locate = locate
        self._tell = tell
        self._last_trashed: tuple[VideoId, ...] = ()

    def run(self, command_id: str, videos: Sequence[Video], window: QWidget) -> None:
        """Do a command of commands.py for these clips; one that cannot be done says why."""
        obstacle = find_obstacle(command_id, videos)
        if obstacle:
            self._tell(Notice(obstacle, kind="info"))
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
                self.extend_requested.emit(first)
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
            case "restore":
                ids = tuple(video.id for video in videos)
                self._tasks.start(self._restore(ids), "put clips back")
            case _:
                raise ValueError(command_id)

    def set_favourite(self, ids: Sequence[VideoId], *, favourite: bool) -> None:
        self._tasks.start(self._store.set_favourite(ids, favourite), "favourite")

    def mark_seen(self, ids: Sequence[VideoId]) -> None:
        self._tasks.start(self._store.mark_seen(ids), "mark clips seen")

    def copy_files(self, videos: Sequence[Video]) -> None:
        """Put the files on the clipboard, for a file manager, an editor or a mail."""
        there = [video for video in videos if not video.missing]
        files = [self._locate(video) for video in there]
        mime = build_clip_mime([video.id for video in there], files)
        QGuiApplication.clipboard().setMimeData(mime)

    def reveal(self, video: Video) -> None:
        if not self._desktop.reveal([self._locate(video)]):
            folder = self._locate(video).parent
            self._tell(Notice("No file manager answered", str(folder), kind="warning"))

    def find_file(self, video: Video, window: QWidget) -> None:
        """Let the person show where the clip's file went."""
        self._tasks.start(self._find_file(video, window), "find a clip's file")

    def undo(self) -> bool:
        """Bring back what went to the trash last; False when there is nothing to bring back."""
        ids, self._last_trashed = self._last_trashed, ()
        if ids:
            self._tasks.start(self._restore(ids), "undo trash")
        return bool(ids)

    async def _trash(self, videos: Sequence[Video]) -> None:
        moved: list[VideoId] = []
        trouble = ""
        for video in videos:
            try:
                await self._keeper.trash(video.id)
            except KlingDesktopError as error:
                trouble = error.detail or str(error)
            else:
                moved.append(video.id)
        if moved:
            self._last_trashed = tuple(moved)
            undo = Offer("Undo", lambda: self._tasks.start(self._restore(tuple(moved)), "undo"))
            self._tell(Notice(trashed_words(len(moved)), icon="undo", offers=(undo,)))
        if trouble:
            title = "The clip could not be moved to the trash"
            self._tell(Notice(title, trouble, kind="danger", stays=True))

    async def _restore(self, ids: tuple[VideoId, ...]) -> None:
        for video_id in ids:
            try:
                await self._keeper.restore(video_id)
            except KlingDesktopError as error:
                text = error.detail or "Look for it in the system's trash."
                self._tell(Notice("The clip could not be put back", text, kind="danger"))
                return
        self._last_trashed = ()

    async def _export(self, videos: Sequence[Video], window: QWidget) -> None:
        """Copy files out of the library, never over another one."""
        if len(videos) == 1:
            source = self._locate(videos[0])
            suggestion = Path.home() / source.name
            target = await save_file(
                window, "Export the clip", suggestion, patterns=("Video (*.mp4)",)
            )
            pairs = [(source, target)] if target is not None else []
        else:
            folder = await choose_folder(window, f"Export {len(videos)} clips into a folder")
            sources = [self._locate(video) for video in videos]
            pairs = [] if folder is None else _plan_copies(sources, folder)
        if not pairs:
            return
        try:
            for source, target in pairs:
                await asyncio.to_thread(shutil.copyfile, source, target)
        except OSError as error:
            self._tell(Notice("The export stopped", str(error), kind="danger", stays=True))
            return
        place = pairs[0][1]
        show = Offer("Show", lambda: self._desktop.reveal([place]))
        words = place.name if len(pairs) == 1 else f"{len(pairs)} clips"
        self._tell(Notice(f"Exported {words}", kind="success", offers=(show,)))

    async def _find_file(self, video: Video, window: QWidget) -> None:
        folder = self._locate(video).parent
        chosen = await choose_file(
            window,
            f"Find the file of “{video.title}”",
            folder=folder if folder.is_dir() else None,
            patterns=("Video (*.mp4 *.mov *.webm)",),
        )
        if chosen is None:
            return
        try:
            await self._keeper.relink(video.id, chosen)
        except KlingDesktopError as error:
            text = error.detail or str(error)
            self._tell(Notice("That is not this clip's file", text, kind="danger"))
            return
        self.file_found.emit(video)


def _plan_copies(sources: Sequence[Path], folder: Path) -> list[tuple[Path, Path]]:
    """Give each file a name in the folder that nobody has."""
    taken: set[Path] = set()
    pairs: list[tuple[Path, Path]] = []
    for source in sources:
        target, number = folder / source.name, 2
        while target in taken or target.exists():
            target = folder / f"{source.stem} {number}{source.suffix}"
            number += 1
        taken.add(target)
        pairs.append((source, target))
    return pairs
