"""What is on the disk of an unfinished download, and whether it may be gone on from."""

import asyncio
import logging
from pathlib import Path

from kling_desktop.domain.errors import LibraryUnavailable
from kling_desktop.domain.job import TaskId
from kling_desktop.storage.durable import run_whole, write_file
from kling_desktop.storage.files import LibraryFiles
from kling_desktop.storage.job_store import JobStore
from kling_desktop.storage.system_errors import file_errors

logger = logging.getLogger(__name__)

_LONGEST_ETAG = 1024


class DownloadPart:
    """The growing film of one job and, beside it, the host's mark of the version it is of.

    Without the mark nobody could say whether the rest belongs to the same file, so a part without
    one is begun anew.
    """

    def __init__(self, files: LibraryFiles, task_id: TaskId) -> None:
        self._files = files
        self._task_id = task_id
        self.path = files.part_path(task_id)
        self.dressed_path = self.path.with_name(f"{task_id}.dressed.mp4.part")
        self._mark_path = self.path.with_name(f"{task_id}.etag.part")

    async def find_start(self) -> tuple[int, str]:
        """Return how many bytes are there and the mark they carry; (0, "") to begin anew."""
        return await asyncio.to_thread(_read_state, self.path, self._mark_path)

    async def begin(self, etag: str) -> None:
        """A fresh file starts to come: what was there is of no use any more."""
        await run_whole(_begin, self.path, self._mark_path, etag)

    async def exchange(self) -> None:
        """Put the film that carries its recipe in the place of the one that came."""

        def exchange() -> None:
            with file_errors(self.path):
                # The mark goes first: what lies here afterwards is no longer the host's file.
                self._mark_path.unlink(missing_ok=True)
                self.dressed_path.replace(self.path)

        await run_whole(exchange)

    async def clear(self) -> None:
        """Remove everything that is left of this download."""
        await asyncio.to_thread(self._files.sweep_parts, [self._task_id])


async def sweep_ended(files: LibraryFiles, jobs: JobStore) -> None:
    """Remove what jobs that have ended left behind; what may be paid for is not touched."""
    try:
        left = await asyncio.to_thread(files.list_parts)
        found = [jobs.find_job_by_task(task_id) for task_id in left]
        ended = [job.task_id for job in found if job is not None and job.state.is_terminal]
        await asyncio.to_thread(files.sweep_parts, ended)
    except LibraryUnavailable as error:
        logger.info("parts not swept: %s", error)


def _read_state(part: Path, mark: Path) -> tuple[int, str]:
    with file_errors(part):
        try:
            etag = mark.read_text(encoding="utf-8")[:_LONGEST_ETAG]
            size = part.stat().st_size
        except (FileNotFoundError, UnicodeDecodeError):
            return 0, ""
    return (size, etag) if etag and size else (0, "")


def _begin(part: Path, mark: Path, etag: str) -> None:
    with file_errors(part):
        part.parent.mkdir(exist_ok=True)
        mark.unlink(missing_ok=True)
        part.unlink(missing_ok=True)
        if etag and len(etag) <= _LONGEST_ETAG:
            write_file(mark, etag.encode())
