"""The part file of an unfinished download: how much of it is safe, and whether to resume it."""

import asyncio
import json
import logging
from dataclasses import dataclass
from pathlib import Path

from kling_desktop.domain.errors import LibraryUnavailable
from kling_desktop.domain.job import TaskId
from kling_desktop.storage.files.atomic_io import (
    remove_file,
    replace_file,
    run_whole,
    sync_file,
    write_file,
)
from kling_desktop.storage.files.library_files import LibraryFiles
from kling_desktop.storage.files.private_files import SHARED_FILE
from kling_desktop.storage.files.small_files import is_plain_file, read_small_json
from kling_desktop.storage.files.system_errors import file_errors
from kling_desktop.storage.stores.job_store import JobStore

logger = logging.getLogger(__name__)

_MOST_NOTE_BYTES = 64 * 1024
_LONGEST_VALIDATOR = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class PartState:
    """What of an unfinished download is surely on the disk.

    Attributes:
        size_bytes: How many bytes outlive a power loss; what lies behind them may be zeros.
        validator: The host's name for the version they are of; empty when it gave none.
        is_whole: Whether they are the whole video.
    """

    size_bytes: int = 0
    validator: str = ""
    is_whole: bool = False


class DownloadPart:
    """The growing video of one job and, beside it, a note of what of it may be relied on.

    Without the host's validator (an ETag or a date) nobody could say whether the rest belongs to
    the same file, so a part without one is begun anew, unless it is whole.
    """

    def __init__(self, files: LibraryFiles, task_id: TaskId) -> None:
        self._files = files
        self._task_id = task_id
        self.path = files.part_path(task_id)
        self.path_with_recipe = self.path.with_name(f"{task_id}.dressed.mp4.part")
        self._note_path = self.path.with_name(f"{task_id}.etag.part")

    async def find_state(self) -> PartState:
        """Say from where a download may go on; an empty state begins anew."""
        return await asyncio.to_thread(_read_state, self.path, self._note_path)

    async def begin(self, validator: str) -> None:
        """A fresh file starts to come: what was there is of no use any more."""
        await run_whole(_begin, self.path, self._note_path, validator)

    async def sync(self, *, whole: bool = False) -> None:
        """Bring what has come to the disk for good and note how much that is.

        Raises:
            LibraryUnavailable: The folder went away or is full; the earlier note holds.
        """
        await run_whole(_sync, self.path, self._note_path, whole)

    async def exchange(self) -> None:
        """Put the video that carries its recipe in the place of the one that came."""

        def exchange() -> None:
            with file_errors(self.path):
                # The note goes first: what lies here afterwards is no longer the host's file.
                remove_file(self._note_path)
                replace_file(self.path_with_recipe, self.path)
                sync_file(self.path)
                _write_note(self._note_path, "", self.path.stat().st_size, whole=True)

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


def _read_state(part: Path, note: Path) -> PartState:
    with file_errors(part):
        facts = read_small_json(note, _MOST_NOTE_BYTES)
        if facts is None or not is_plain_file(part):
            return PartState()
        size = part.stat().st_size
    match facts:
        case {"etag": str(validator), "kept_bytes": int(kept), "whole": bool(whole)} if kept > 0:
            if whole and size == kept:
                return PartState(size_bytes=kept, validator=validator, is_whole=True)
            if validator and size >= kept:
                return PartState(size_bytes=kept, validator=validator)
        case _:
            pass
    return PartState()


def _begin(part: Path, note: Path, validator: str) -> None:
    with file_errors(part):
        part.parent.mkdir(exist_ok=True)
        remove_file(note)
        remove_file(part)
        if len(validator) > _LONGEST_VALIDATOR:
            validator = ""
        _write_note(note, validator, 0, whole=False)


def _sync(part: Path, note: Path, whole: bool) -> None:
    with file_errors(part):
        facts = read_small_json(note, _MOST_NOTE_BYTES)
        if facts is None or not is_plain_file(part):
            return
        size = part.stat().st_size
        sync_file(part)  # the note follows the bytes
        match facts:
            case {"etag": str(validator)}:
                _write_note(note, validator, size, whole=whole)
            case _:
                pass


def _write_note(note: Path, validator: str, kept_bytes: int, *, whole: bool) -> None:
    # Earlier versions wrote only ETags and called the field so; their parts are gone on from.
    facts = {"etag": validator, "kept_bytes": kept_bytes, "whole": whole}
    write_file(note, json.dumps(facts).encode(), mode=SHARED_FILE)
