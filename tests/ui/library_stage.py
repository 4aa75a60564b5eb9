"""Everything the library's pages need, put together on a real store in a temporary folder."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from PySide6.QtWidgets import QAbstractButton, QWidget

from kling_desktop.assembly.video_tools import MediaVideoTools
from kling_desktop.domain.errors import LibraryUnavailable
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.video import Video
from kling_desktop.engine.library.library import Library
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.storage.files.kept_inputs import KeptInputs
from kling_desktop.storage.files.library_files import LibraryFiles
from kling_desktop.storage.stores.job_store import JobStore
from kling_desktop.ui.clips.clip_actions import ClipActions
from kling_desktop.ui.clips.clip_services import ClipServices
from kling_desktop.ui.clips.frame_extractor import FrameExtractor
from kling_desktop.ui.clips.open_files import OpenFiles, ThumbnailReaders
from kling_desktop.ui.commands.commands import CommandSet
from kling_desktop.ui.desktop.desktop_services import DesktopServices
from kling_desktop.ui.overlays.notices import Notice
from kling_desktop.ui.overlays.user_tasks import UserTasks
from tests.fakes.clock import FakeClock
from tests.media.videos import make_video
from tests.ui.clip_samples import NOW, ClipRecords, build_clip, now, open_records


class QuietDesktop(DesktopServices):
    """A desktop that notes what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.revealed: list[Path] = []

    def reveal(self, files: object) -> bool:
        self.revealed.extend(files)  # pyright: ignore[reportArgumentType]
        return True


@dataclass
class LibraryStage:
    records: ClipRecords
    jobs: JobStore
    actions: ClipActions
    parts: ClipServices
    frames: FrameExtractor
    tasks: TaskOwner
    desktop: QuietDesktop
    trash: Path
    inputs: KeptInputs
    files: OpenFiles
    refuses_trash: bool = False
    notices: list[Notice] = field(default_factory=list[Notice])
    dismissed: list[int] = field(default_factory=list[int])
    failures: list[BaseException] = field(default_factory=list[BaseException])

    async def add_video(
        self, number: int, *, fps: int = 24, frames: int = 24, **changes: object
    ) -> Video:
        """Add a clip with a real video whose frames say their number."""
        file = f"2026-11/clip-{number}.mp4"
        make_video(self.records.folder / file, (192, 108), fps, frames=frames)
        clip = build_clip(number, **changes)  # pyright: ignore[reportArgumentType]
        facts = replace(
            clip.facts,
            width=192,
            height=108,
            fps=float(fps),
            frames=frames,
            duration_s=frames / fps,
        )
        (video,) = await self.records.add(replace(clip, facts=facts))
        return video


def is_open(file: Path) -> bool:
    """Say whether this process has a file open; always false where the system does not tell."""
    for number in Path("/proc/self/fd").glob("*"):
        with suppress(OSError):
            if number.readlink() == file:
                return True
    return False


@asynccontextmanager
async def open_library(folder: Path) -> AsyncIterator[LibraryStage]:
    async with open_records(folder) as records:
        trash = folder / "trash"
        trash.mkdir()

        def move_to_trash(path: Path) -> Path:
            assert not is_open(path), "somebody has the file open: Windows would refuse"
            if stage[0].refuses_trash:
                raise LibraryUnavailable(Reason.NO_TRASH_HERE)
            return Path(shutil.move(path, trash / path.name))

        inputs = KeptInputs(folder / "inputs")
        stage: list[LibraryStage] = []

        def notify(notice: Notice) -> int:
            stage[0].notices.append(notice)
            return len(stage[0].notices)

        def dismiss(notice_id: int) -> None:
            stage[0].dismissed.append(notice_id)

        desktop = QuietDesktop()
        failures: list[BaseException] = []
        tasks = TaskOwner(failures.append)
        jobs = JobStore(records.database, records.store, now=now)
        library = Library(
            records.store,
            jobs,
            LibraryFiles(records.folder),
            MediaVideoTools(),
            move_to_trash=move_to_trash,
            clock=FakeClock(NOW),
        )
        files = OpenFiles()
        files.add(ThumbnailReaders(records.thumbnails, records.pictures.locate))
        frames = FrameExtractor(folder / "frames", records.pictures.locate)
        files.add(frames)
        actions = ClipActions(
            records.store,
            library,
            frames,
            desktop,
            UserTasks(tasks, notify, dismiss),
            records.pictures.locate,
            files,
        )
        parts = ClipServices(
            records.store,
            records.pictures,
            actions,
            CommandSet(),
            lambda image: inputs.find_kept(image.sha256),
            now,
        )
        stage.append(
            LibraryStage(
                records,
                jobs,
                actions,
                parts,
                frames,
                tasks,
                desktop,
                trash,
                inputs,
                files,
                failures=failures,
            )
        )
        try:
            yield stage[0]
        finally:
            await tasks.close()
            assert not failures, failures


def put_away(page: QWidget) -> None:
    """Stop a page, hide it and let it go."""
    page.stop()  # pyright: ignore[reportAttributeAccessIssue]
    page.close()
    page.deleteLater()


def find_nameless(page: QWidget) -> list[QWidget]:
    """Return what can have the focus and says nothing to a screen reader."""
    from PySide6.QtCore import Qt

    return [
        widget
        for widget in page.findChildren(QWidget)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and widget.isVisibleTo(page)
        and not widget.accessibleName()
        and not (isinstance(widget, QAbstractButton) and widget.text())
    ]
