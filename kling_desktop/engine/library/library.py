"""What happens to the library folder as a whole: verified, added to, rebuilt, trashed, exported."""

import asyncio
import logging
import shutil
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kling_desktop.domain.catalog import ModelId
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.errors import DamagedDownload, LibraryUnavailable, StateConflict
from kling_desktop.domain.job import JobState, Service, TaskId, may_follow
from kling_desktop.domain.video import NewVideo, Recipe, Video, VideoId
from kling_desktop.engine.ports import MoveToTrash, VideoTools
from kling_desktop.engine.timing.pacing import Clock
from kling_desktop.storage.cleanup import cleanup_on_failure
from kling_desktop.storage.files.atomic_io import run_whole, sync_file
from kling_desktop.storage.files.folder_listing import FoundVideo, PassedOver
from kling_desktop.storage.files.library_files import LibraryFiles
from kling_desktop.storage.files.recipe_beside import copy_recipe_beside
from kling_desktop.storage.files.system_errors import file_errors
from kling_desktop.storage.stores.job_store import JobStore
from kling_desktop.storage.stores.video_query import VideoQuery
from kling_desktop.storage.stores.video_store import VideoStore

logger = logging.getLogger(__name__)

OnSteps = Callable[[int, int], object]
"""Called with (steps done, all steps) of long work; it may raise nothing."""
_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """A video in the folder that no row knows.

    Attributes:
        video: Where it lies and how large it is.
        recipe: How it was made, where the file says so; then it can be added as what it is.
    """

    found: FoundVideo
    recipe: Recipe | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryReport:
    """What a look over the folder found.  Nothing was deleted.

    Attributes:
        checked: How many rows were held against the folder.
        missing: Videos whose file is not there.
        returned: Videos that were missing and are there again.
        moved: Videos whose file lies under another name in the folder now.
        changed: Videos whose file is not the one that was put there.  One of another length was
            edited, and is measured anew.
        strays: Videos that no row knows.
        passed_over: Files and folders that could not be looked at.
    """

    checked: int
    missing: tuple[VideoId, ...]
    returned: tuple[VideoId, ...]
    moved: tuple[VideoId, ...]
    changed: tuple[VideoId, ...]
    strays: tuple[Stray, ...]
    passed_over: tuple[PassedOver, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trashed:
    """What is needed to take a video out of the trash again; `place` is None where unknown."""

    video_id: VideoId
    place: Path | None


class Library:
    """The videos' rows and their folder, kept true to each other; owned by the app.

    Args:
        videos: The rows.
        jobs: Says whether a found video belongs to a job.
        files: The folder.
        video: Looks into videos.
        move_to_trash: The system's trash.
        clock: Time.
    """

    def __init__(
        self,
        videos: VideoStore,
        jobs: JobStore,
        files: LibraryFiles,
        video_tools: VideoTools,
        *,
        move_to_trash: MoveToTrash,
        clock: Clock,
    ) -> None:
        self._videos = videos
        self._jobs = jobs
        self._files = files
        self._video_tools = video_tools
        self._move_to_trash = move_to_trash
        self._clock = clock

    @property
    def folder(self) -> Path:
        """The library folder in use."""
        return self._files.library_dir

    def set_files(self, files: LibraryFiles) -> None:
        """Work on another folder from now on."""
        self._files = files

    async def verify(
        self, *, contents: bool = False, on_steps: OnSteps | None = None
    ) -> LibraryReport:
        """Hold every row against the folder and note what is missing.

        Args:
            contents: Read every file and compare its hash; else only its name.
            on_steps: Called with how far it is.

        Raises:
            LibraryUnavailable: The folder is not there: then nothing is taken for missing.
        """
        listing = await asyncio.to_thread(self._files.list_files)
        found = {video.file: video for video in listing.videos}
        passed_over = list(listing.passed_over)
        videos = self._list_all()
        strays = await self._list_strays(found, videos)
        by_task: dict[TaskId, Stray] = {}
        for stray in strays:
            if stray.recipe is not None:
                by_task.setdefault(stray.recipe.task_id, stray)
        missing: list[VideoId] = []
        returned: list[VideoId] = []
        moved: list[VideoId] = []
        changed: list[VideoId] = []
        for number, video in enumerate(videos, start=1):
            if video.file not in found:
                stray = by_task.pop(video.task_id, None) if video.task_id else None
                if stray is None:
                    missing.append(video.id)
                else:
                    await self._videos.set_file(video.id, stray.found.file)
                    strays.remove(stray)
                    moved.append(video.id)
            else:
                if video.missing:
                    returned.append(video.id)
                try:
                    if await self._has_changed(video, found[video.file], contents=contents):
                        changed.append(video.id)
                except LibraryUnavailable as error:
                    passed_over.append(PassedOver(file=video.file, detail=error.detail))
            if on_steps is not None:
                on_steps(number, len(videos))
        await self._videos.set_missing(missing, True)  # noqa: FBT003
        await self._videos.set_missing(returned, False)  # noqa: FBT003
        return LibraryReport(
            checked=len(videos),
            missing=tuple(missing),
            returned=tuple(returned),
            moved=tuple(moved),
            changed=tuple(changed),
            strays=tuple(strays),
            passed_over=tuple(passed_over),
        )

    async def adopt(
        self, strays: Sequence[Stray], *, on_steps: OnSteps | None = None
    ) -> tuple[Video, ...]:
        """Take videos of the folder into the library, with what their recipe knows of them.

        A video that cannot be opened is passed over; the file itself is never touched.  The copy of
        a clip that is there becomes a clip of its own, which no job made and nothing was paid for.
        Where old records say that the job of a video is still under way, it ends: here is what it
        made.
        """
        added: list[Video] = []
        for number, stray in enumerate(strays, start=1):
            back = await self._restore_found(stray)
            if back is not None:
                added.append(back)
            else:
                video = await self._measure(stray)
                if video is not None:
                    added.append(await self._videos.add(video))
                    await self._end_job(video)
            if on_steps is not None:
                on_steps(number, len(strays))
        return tuple(added)

    async def rebuild(self, *, on_steps: OnSteps | None = None) -> tuple[Video, ...]:
        """Make rows for every video whose recipe the folder holds and the database does not."""
        report = await self.verify()
        known = [stray for stray in report.strays if stray.recipe is not None]
        return await self.adopt(known, on_steps=on_steps)

    async def trash(self, video_ids: Collection[VideoId]) -> tuple[Trashed, ...]:
        """Move files to the system's trash; a file that is gone already only leaves the wall.

        Raises:
            LibraryUnavailable: The system has no trash there or refused; earlier ones are gone.
        """
        done: list[Trashed] = []
        for video in self._videos.get_videos(tuple(video_ids)):
            if video.trashed_at is not None:
                continue
            path = self._files.resolve(video.file)
            place = None
            if await asyncio.to_thread(path.is_file):
                place = await run_whole(self._move_to_trash, path)
            await self._videos.set_trashed(video.id, self._clock.now())
            done.append(Trashed(video_id=video.id, place=place))
        return tuple(done)

    async def restore(self, trashed: Sequence[Trashed]) -> tuple[VideoId, ...]:
        """Take videos out of the trash again, as far as the system said where they lie.

        Returns:
            Those that are back; the others the user finds in the system's trash.
        """
        back: list[VideoId] = []
        for each in trashed:
            video = self._videos.get_video(each.video_id)
            target = self._files.resolve(video.file)
            if each.place is not None and await run_whole(_move_back, each.place, target):
                await self._videos.set_trashed(video.id, None)
                back.append(video.id)
        return tuple(back)

    async def export(self, video_ids: Collection[VideoId], folder: Path) -> tuple[Path, ...]:
        """Copy videos into a folder; a name that is taken there gets a number.

        Raises:
            LibraryUnavailable: A copy could not be written, or DiskFull.
        """
        copies: list[Path] = []
        for video in self._videos.get_videos(tuple(video_ids)):
            source = self._files.resolve(video.file)
            copy = await run_whole(_copy_new, source, folder)
            await run_whole(copy_recipe_beside, source, copy)
            copies.append(copy)
        return tuple(copies)

    def _list_all(self) -> tuple[Video, ...]:
        ids = [row.id for row in self._videos.list_ids(VideoQuery())]
        pages = (ids[start : start + _PAGE] for start in range(0, len(ids), _PAGE))
        return tuple(video for page in pages for video in self._videos.get_videos(page))

    async def _list_strays(
        self, found: dict[str, FoundVideo], videos: Sequence[Video]
    ) -> list[Stray]:
        """Look into the videos that no row knows; what an unfinished job moved there is not one."""
        known = {video.file for video in videos}
        unknown = [video for video in found.values() if video.file not in known]
        busy = {job.file for job in self._jobs.list_active()}
        strays: list[Stray] = []
        for video in unknown:
            if video.file in busy:
                continue
            path = self._files.resolve(video.file)
            recipe = await asyncio.to_thread(self._video_tools.read_recipe, path)
            strays.append(Stray(found=video, recipe=recipe))
        return strays

    async def _has_changed(self, video: Video, found: FoundVideo, *, contents: bool) -> bool:
        """Say whether a file is another than was put there; an edited one is measured anew.

        One of the same length with other bytes was not edited but went bad: its row keeps the
        hash that it should have.
        """
        path = self._files.resolve(video.file)
        edited = video.facts.size_bytes > 0 and found.size_bytes != video.facts.size_bytes
        if not edited and not contents:
            return False
        with file_errors(path):
            sha256 = await asyncio.to_thread(self._files.hash_file, path)
        if sha256 == video.sha256:
            return False
        if edited:
            try:
                facts = await asyncio.to_thread(self._video_tools.probe, path)
            except DamagedDownload as error:
                logger.warning("%s is damaged: %s", video.file, error)
            else:
                await self._videos.set_measured(video.id, facts, sha256)
        return True

    async def _end_job(self, video: NewVideo) -> None:
        """End the job that made this video, if its row has not heard of that yet."""
        job = self._jobs.find_job_by_task(video.task_id) if video.task_id else None
        if job is None or job.state.is_terminal:
            return
        try:
            if may_follow(job.state, JobState.DOWNLOADING):
                job = await self._jobs.advance(
                    job,
                    JobState.DOWNLOADING,
                    accepted_at=job.accepted_at or video.made_at,
                    cost_usd=video.cost_usd,
                    file=video.file,
                )
            await self._jobs.finish(job, video)
        except StateConflict as error:  # it waits unsent, or the queue has just moved it on
            logger.info("job %d is left as it is: %s", job.id, error)

    async def _restore_found(self, stray: Stray) -> Video | None:
        """Take a clip back that was put in the trash and lies in the folder again."""
        owner = None if stray.recipe is None else self._videos.find_by_task(stray.recipe.task_id)
        if owner is None or owner.trashed_at is None:
            return None
        await self._videos.set_file(owner.id, stray.found.file)
        await self._videos.set_trashed(owner.id, None)
        return self._videos.get_video(owner.id)

    async def _measure(self, stray: Stray) -> NewVideo | None:
        path = self._files.resolve(stray.found.file)
        try:
            facts = await asyncio.to_thread(self._video_tools.probe, path)
            sha256 = await asyncio.to_thread(self._files.hash_file, path)
        except (DamagedDownload, LibraryUnavailable, OSError) as error:
            logger.warning("%s is not added: %s", stray.found.file, error)
            return None
        recipe = stray.recipe
        modified = _read_moment(stray.found.modified_at_s) or self._clock.now()
        seconds = max(1, round(facts.duration_s))
        if recipe is not None and self._videos.find_by_task(recipe.task_id) is not None:
            return NewVideo(
                task_id=TaskId(""),
                job_id=None,
                service=recipe.service,
                file=stray.found.file,
                draft=recipe.draft,
                facts=facts,
                sha256=sha256,
                made_at=recipe.made_at,
                took_s=None,
                cost_usd=None,
                seed=recipe.seed,
                group_id="",
            )
        job = None if recipe is None else self._jobs.find_job_by_task(recipe.task_id)
        ended = job if job is not None and job.state.is_terminal else None
        return NewVideo(
            task_id=TaskId("") if recipe is None else recipe.task_id,
            job_id=None if ended is None else ended.id,
            service=Service.RUNWARE if recipe is None else recipe.service,
            file=stray.found.file,
            draft=Draft(model=ModelId(""), duration_s=seconds) if recipe is None else recipe.draft,
            facts=facts,
            sha256=sha256,
            made_at=modified if recipe is None else recipe.made_at,
            took_s=None if recipe is None else recipe.took_s,
            cost_usd=None if recipe is None else recipe.cost_usd,
            seed=None if recipe is None else recipe.seed,
            group_id="" if recipe is None else recipe.group_id,
        )


def _read_moment(seconds: float) -> datetime | None:
    """Turn a file's time into a moment; None for one that no calendar has."""
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        return None


def _move_back(place: Path, target: Path) -> bool:
    with file_errors(target):
        if not place.is_file() or target.exists():
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(place, target)
    # The system keeps a note beside it about where it came from; without the video it is litter.
    with suppress(OSError):
        (place.parent.parent / "info" / f"{place.name}.trashinfo").unlink()
    return True


def _copy_new(source: Path, folder: Path) -> Path:
    with file_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        number, target = 1, folder / source.name
        while True:
            try:
                handle = target.open("xb")
            except FileExistsError:
                number += 1
                target = folder / f"{source.stem}-{number}{source.suffix}"
                continue
            break
        with cleanup_on_failure(target.unlink):
            with handle, source.open("rb") as original:
                shutil.copyfileobj(original, handle, 1024 * 1024)
            sync_file(target)
    return target
