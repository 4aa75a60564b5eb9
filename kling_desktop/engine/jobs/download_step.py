"""The step of the state downloading: fetch a finished video, check it, move it into the library."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from kling_desktop.api.client import ApiClient
from kling_desktop.api.download import Download
from kling_desktop.domain.errors import (
    ApiError,
    DamagedDownload,
    FileHostAway,
    KlingDesktopError,
    NetworkMisconfigured,
    NetworkUnreachable,
    ResultOutOfReach,
    ServiceUnavailable,
    StorageError,
)
from kling_desktop.domain.events import Activity, JobProgress, PauseReason
from kling_desktop.domain.job import Job, JobState
from kling_desktop.domain.limits import LARGEST_VIDEO_BYTES
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.video import NewVideo, Recipe, VideoFacts
from kling_desktop.engine.job_handle import JobHandle
from kling_desktop.engine.jobs.download_failures import (
    ODD_LENGTH_IS_KEPT_AFTER,
    NextStep,
    begin_later_round,
    find_wait,
    note_failure,
)
from kling_desktop.engine.jobs.download_parts import DownloadPart
from kling_desktop.engine.jobs.error_fields import error_fields
from kling_desktop.engine.jobs.job_holds import JobHolds
from kling_desktop.engine.ports import VideoTools
from kling_desktop.engine.queue.queue_gate import QueueGate
from kling_desktop.engine.tasks import first_of, run_to_end
from kling_desktop.engine.timing.pacing import Clock, download_delay
from kling_desktop.engine.watch.folder_watch import FolderWatch
from kling_desktop.engine.watch.network_watch import NetworkWatch
from kling_desktop.engine.watch.progress import ProgressBoard
from kling_desktop.storage.cleanup import async_cleanup_on_failure
from kling_desktop.storage.files.atomic_io import run_whole
from kling_desktop.storage.files.library_files import LibraryFiles
from kling_desktop.storage.stores.job_store import JobStore

logger = logging.getLogger(__name__)

SMALLEST_VIDEO_BYTES = 500
"""Less than this holds no pictures, whatever its head says."""
DOWNLOADS_AT_ONCE = 6
SECURED_EVERY_BYTES = 4 * 1024 * 1024
SECURED_EVERY_S = 1.0
"""What has come is synced to the disk after this many bytes, and at most this often.

It is what a power loss may cost.  A download pauses for the sync, so it must not happen often.
"""
DRIP_S = 60.0
DRIP_BYTES = 32 * 1024
"""Less than this in so long is no download: the connection ends and a later one goes on."""
LONGEST_DRIP_S = 3600.0
"""A download that would have to begin anew is let drip for this long."""
_BEGIN_ANEW = frozenset(
    {Reason.FILE_CHANGED, Reason.FILE_OTHER_PART, Reason.FILE_TOO_LONG, Reason.FILE_UNPACKING}
)
"""What is on the disk is no part of this file: the next try begins at the start."""
TROUBLE_IS_SHOWN_AFTER = 3
"""From this failure in a row on the row itself says what is wrong."""


class DownloadStep:
    """The step of the state downloading; running it twice has the effect of running it once."""

    def __init__(
        self,
        clock: Clock,
        client: ApiClient,
        jobs: JobStore,
        files: LibraryFiles,
        video_tools: VideoTools,
        *,
        network: NetworkWatch,
        gate: QueueGate,
        folder: FolderWatch,
        board: ProgressBoard,
    ) -> None:
        self._clock = clock
        self._client = client
        self._jobs = jobs
        self._holds = JobHolds(clock, jobs)
        self._files = files
        self._video_tools = video_tools
        self._network = network
        self._gate = gate
        self._folder = folder
        self._board = board
        self._places = asyncio.Semaphore(DOWNLOADS_AT_ONCE)
        # Opening videos in parallel is no faster and starves the UI thread.
        self._opening = asyncio.Semaphore(1)
        self._waiting = 0

    async def collect(self, job: Job, handle: JobHandle) -> Job:
        """Bring the video into the library and end the job as done."""
        await self._folder.check()
        if job.error_code == ResultOutOfReach.code and not handle.downloading.tried_all:
            kept = await DownloadPart(self._files, job.task_id).find_state()
            begin_later_round(handle.downloading, kept.size_bytes)
        name = await asyncio.to_thread(self._files.find_adopted, job.task_id)
        if name is None and not handle.downloading.failures:  # looked for once, not at each try
            made = await self._find_made_elsewhere(job)
            if made is not None:
                name, made_at = made
                measured = await self._measure(self._files.resolve(name))
                return await self._finish(job, name, measured, made_at=made_at)
        if name is None:  # else an earlier life of this job was cut off just after the move
            if not job.file:
                planned = self._files.plan_name(job.draft, job.task_id, self._clock.now())
                job = await self._jobs.amend(job, file=planned)
            part = DownloadPart(self._files, job.task_id)
            async with self._place():
                await self._fetch(job, part)
                self._report(job, Activity.CHECKING)
                await self._check(job, handle, part)
                await self._embed_recipe(job, part)
                measured = await self._measure(part.path)
                # The move and its row go together: were the folder changed in between, the clip
                # would stay behind in the old one and be fetched once more for the new one.
                return await run_to_end(
                    self._adopt(job, part, measured), name=f"keep the clip of job {job.id}"
                )
        return await self._finish(job, name, await self._measure(self._files.resolve(name)))

    async def after_collecting(
        self, job: Job, handle: JobHandle, error: KlingDesktopError
    ) -> Job | None:
        """It is paid for, so it is tried again whatever happened; see `download_failures`."""
        job = self._jobs.get_job(job.id)
        if isinstance(error, NetworkMisconfigured):
            self._gate.close(PauseReason.NETWORK_SETTINGS, error.detail, error=error)
            self._report_wait(job, error, None)
            settled = self._gate.wait_lifted(PauseReason.NETWORK_SETTINGS)
            await first_of(settled, handle.sleep.wait())
            return self._jobs.get_job(job.id)
        if isinstance(error, NetworkUnreachable):
            if not await self._is_service_there():
                self._report_wait(job, error, None)
                await self._network.wait_reachable()
                return self._jobs.get_job(job.id)
            error = FileHostAway(error.reason, facts=error.facts, detail=error.detail)
        part = DownloadPart(self._files, job.task_id)
        if error.reason in _BEGIN_ANEW:
            await part.clear()
        memory = handle.downloading
        kept = await part.find_state()
        next_step = note_failure(memory, error, kept.size_bytes)
        if job.error_code == ResultOutOfReach.code and not memory.tried_all:  # it comes after all
            job = await self._jobs.amend(job, holds=0, **error_fields(None))
        match next_step:
            case NextStep.SAME_LINK:
                return await self._wait_and_repeat(job, handle, error)
            case NextStep.FRESH_LINK:
                return await self._ask_for_fresh_link(job, handle, error)
            case NextStep.ARCHIVE:
                return await self._ask_archive(job, handle, error)

    async def _wait_and_repeat(self, job: Job, handle: JobHandle, error: KlingDesktopError) -> Job:
        failures = handle.downloading.failures
        if failures >= TROUBLE_IS_SHOWN_AFTER and job.error_code != error.code:
            job = await self._jobs.amend(job, **error_fields(error))
        wait = find_wait(handle.downloading, error)
        self._report_wait(job, error, wait)
        await handle.sleep.sleep(wait)
        return self._jobs.get_job(job.id)

    async def _ask_for_fresh_link(
        self, job: Job, handle: JobHandle, error: KlingDesktopError
    ) -> Job:
        """The link gives nothing: ask the service for another, slower each time it was no use."""
        if handle.downloading.links > 1:
            wait = download_delay(handle.downloading.links)
            self._report_wait(job, error, wait)
            await handle.sleep.sleep(wait)
            job = self._jobs.get_job(job.id)
        # That all was tried before is kept through the round, so that a restart does not forget it.
        fields = {} if handle.downloading.tried_all else error_fields(error)
        return await self._jobs.advance(job, JobState.RUNNING, **fields)

    async def _ask_archive(
        self, job: Job, handle: JobHandle, error: KlingDesktopError
    ) -> Job | None:
        """Fresh links gave nothing: the archive of past tasks may know another one."""
        memory = handle.downloading
        if not memory.archive_asked:
            memory.archive_asked = True
            url = await self._find_archived_link(job)
            if url and url != job.result_url:
                return await self._jobs.amend(job, result_url=url)
        logger.warning("job %d: its file is out of reach (%s)", job.id, error)
        trouble = ResultOutOfReach(Reason.RESULT_OUT_OF_REACH, detail=error.detail or str(error))
        await self._holds.hold(job, trouble)
        return None

    async def _find_archived_link(self, job: Job) -> str:
        try:
            status = await self._client.get_task_details(job.task_id)
        except ApiError as error:
            logger.info("job %d: the archive was asked in vain: %s", job.id, error.code)
            return ""
        return status.results[0].url if status.results else ""

    async def _is_service_there(self) -> bool:
        """Find out whether only the file's host is away, by asking the service for a sign."""
        try:
            await self._client.ping()
        except NetworkUnreachable as error:
            self._network.note_failure(error)
            return False
        except ApiError as error:
            logger.debug("the service answers, if only with trouble: %s", error.code)
        return True

    async def _find_made_elsewhere(self, job: Job) -> tuple[str, datetime] | None:
        """Find the clip where another computer with a copy of the records has saved it already.

        Several computers may share a library folder, or have it kept alike by a sync program.
        """

        def find() -> tuple[str, datetime] | None:
            for name in self._files.find_candidates(job.task_id):
                path = self._files.resolve(name)
                recipe = self._video_tools.read_recipe(path)
                if recipe is None or (recipe.task_id, recipe.service) != (job.task_id, job.service):
                    continue
                try:
                    require_sound(self._video_tools.probe(path), None)
                except DamagedDownload as error:  # it may still be on its way here
                    logger.info("job %d: not taken from %s: %s", job.id, name, error)
                    continue
                return name, recipe.made_at
            return None

        async with self._opening:
            return await asyncio.to_thread(find)

    # -- fetching -------------------------------------------------------------------------------

    @asynccontextmanager
    async def _place(self) -> AsyncGenerator[None, None]:
        """Hold one of the few places for downloads; who waits for one is counted."""
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()

    async def _fetch(self, job: Job, part: DownloadPart) -> None:
        """Get the whole file beside the library, going on where an earlier try broke off."""
        kept = await part.find_state()
        if kept.is_whole:
            return
        self._report(job, Activity.DOWNLOADING, done=kept.size_bytes)
        async with self._client.download(
            job.result_url,
            offset=kept.size_bytes,
            validator=kept.validator,
            limit_bytes=LARGEST_VIDEO_BYTES,
        ) as download:
            start = kept.size_bytes if download.resumed else 0
            if not download.resumed:
                await part.begin(download.validator)
            async with async_cleanup_on_failure(part.sync):
                await self._files.receive(
                    part.path,
                    self._watch(job, part, download, start),
                    offset=start,
                    limit_bytes=LARGEST_VIDEO_BYTES,
                )
        await part.sync(whole=True)
        self._network.note_answer()

    async def _watch(
        self, job: Job, part: DownloadPart, download: Download, done: int
    ) -> AsyncGenerator[bytes, None]:
        """Hand the bytes on, count them, secure them at times, and end a drip.

        Raises:
            ServiceUnavailable: So little came for so long that the place is better given up.
        """
        began = since = self._clock.monotonic()
        done_then = secured = done
        secured_mono = since
        async with aclosing(download.chunks()) as chunks:
            async for chunk in chunks:
                done += len(chunk)
                self._report(job, Activity.DOWNLOADING, done=done, total=download.total_bytes)
                yield chunk
                now = self._clock.monotonic()
                late = now - secured_mono >= SECURED_EVERY_S
                if late and done - secured >= SECURED_EVERY_BYTES:
                    await part.sync()
                    secured, secured_mono = done, now
                if now - since < DRIP_S:
                    continue
                # What would have to begin anew is left in peace, unless others wait for the place.
                goes_on_later = download.resumed or download.validator
                too_long = now - began >= LONGEST_DRIP_S
                if done - done_then < DRIP_BYTES and (goes_on_later or self._waiting or too_long):
                    raise ServiceUnavailable(
                        Reason.FILE_TOO_SLOW,
                        detail=f"{done - done_then} bytes in {now - since:.0f} s",
                    )
                since, done_then = now, done

    async def _check(self, job: Job, handle: JobHandle, part: DownloadPart) -> None:
        """Make sure that what came is a sound video of about the length that was asked for."""
        keeps_odd = handle.downloading.bad_files >= ODD_LENGTH_IS_KEPT_AFTER
        wanted_s = None if keeps_odd else job.draft.duration_s
        try:
            async with self._opening:
                facts = await asyncio.to_thread(self._video_tools.probe, part.path)
            require_sound(facts, wanted_s)
        except DamagedDownload:
            handle.downloading.bad_files += 1
            await part.clear()
            raise

    # -- keeping --------------------------------------------------------------------------------

    async def _embed_recipe(self, job: Job, part: DownloadPart) -> None:
        """Write a copy of the video with its recipe; keep the original when it cannot carry one."""
        recipe = self._build_recipe(job)

        def write_copy() -> bool:
            if not self._video_tools.embed_recipe(part.path, part.path_with_recipe, recipe):
                return False
            before, after = (
                self._video_tools.probe(part.path),
                self._video_tools.probe(part.path_with_recipe),
            )
            if after.frames < before.frames:
                raise DamagedDownload(Reason.FILE_WITHOUT_PICTURES)
            return True

        try:
            async with self._opening:
                embedded = await run_whole(write_copy)
        except DamagedDownload as error:
            logger.warning("job %d: no recipe in the file: %s", job.id, error)
        else:
            if embedded:
                await part.exchange()

    async def _keep_recipe_beside(self, job: Job, path: Path) -> None:
        """Put the recipe beside a video that took none, so that a rebuild of the library has it."""

        def keep() -> None:
            if self._video_tools.read_recipe(path) is None:
                self._video_tools.write_recipe_beside(path, self._build_recipe(job))

        try:
            await run_whole(keep)
        except OSError as error:  # the clip is whole without it
            logger.warning("job %d: no recipe beside the file: %s", job.id, error)

    async def _measure(self, path: Path) -> tuple[VideoFacts, str]:
        async with self._opening:
            facts = await asyncio.to_thread(self._video_tools.probe, path)
        return facts, await asyncio.to_thread(self._files.hash_file, path)

    async def _adopt(self, job: Job, part: DownloadPart, measured: tuple[VideoFacts, str]) -> Job:
        name = await self._files.adopt(part.path, job.file)
        return await self._finish(job, name, measured)

    async def _finish(
        self,
        job: Job,
        name: str,
        measured: tuple[VideoFacts, str],
        *,
        made_at: datetime | None = None,
    ) -> Job:
        """Write the row of a video that lies in its place; the files beside it have served."""
        await self._keep_recipe_beside(job, self._files.resolve(name))
        facts, sha256 = measured
        now = made_at or self._clock.now()
        video = NewVideo(
            task_id=job.task_id,
            job_id=job.id,
            service=job.service,
            file=name,
            draft=job.draft,
            facts=facts,
            sha256=sha256,
            made_at=now,
            took_s=took_s(job, now),
            cost_usd=job.cost_usd,
            seed=job.seed,
            group_id=job.group_id,
        )
        done, _ = await self._jobs.finish(job, video, file=name, **error_fields(None))
        logger.info("job %d: %s", job.id, name)
        try:
            await DownloadPart(self._files, job.task_id).clear()
        except StorageError as error:  # the next start sweeps it; the clip is there
            logger.info("job %d: something is left beside its clip: %s", job.id, error.detail)
        return done

    def _build_recipe(self, job: Job) -> Recipe:
        now = self._clock.now()
        return Recipe(
            task_id=job.task_id,
            service=job.service,
            draft=job.draft,
            made_at=now,
            took_s=took_s(job, now),
            cost_usd=job.cost_usd,
            seed=job.seed,
            group_id=job.group_id,
        )

    # -- reporting ----------------------------------------------------------------------------

    def _report(
        self, job: Job, activity: Activity, *, done: int = 0, total: int | None = None
    ) -> None:
        self._board.report(
            JobProgress(job_id=job.id, activity=activity, done_bytes=done, total_bytes=total)
        )

    def _report_wait(self, job: Job, error: KlingDesktopError, wait_s: float | None) -> None:
        next_try = None if wait_s is None else self._clock.now() + timedelta(seconds=wait_s)
        self._board.report(
            JobProgress(
                job_id=job.id,
                activity=Activity.WAITING,
                next_try_at=next_try,
                problem_code=error.code,
            )
        )


def require_sound(facts: VideoFacts, wanted_s: int | None) -> None:
    """Make sure that a video is one.

    Args:
        facts: What was measured.
        wanted_s: The length that was asked for; None takes any.

    Raises:
        DamagedDownload: It holds no pictures, or is far too short or too long.
    """
    if facts.frames < 1 or facts.size_bytes < SMALLEST_VIDEO_BYTES:
        raise DamagedDownload(Reason.FILE_WITHOUT_PICTURES)
    if wanted_s is not None and not is_plausible_length(facts.duration_s, wanted_s):
        raise DamagedDownload(
            Reason.FILE_ODD_LENGTH,
            detail=f"{facts.duration_s:.1f} s instead of {wanted_s} s",
        )


def is_plausible_length(video_s: float, wanted_s: int) -> bool:
    """Return whether a video is about as long as was asked for: services round to whole frames."""
    return wanted_s * 0.6 - 0.5 <= video_s <= wanted_s * 1.4 + 1.0


def took_s(job: Job, now: datetime) -> float | None:
    """Seconds from the first send to now; None when unknown or the clock was set back."""
    if job.submitted_at is None:
        return None
    seconds = (now - job.submitted_at).total_seconds()
    return seconds if seconds >= 0 else None
