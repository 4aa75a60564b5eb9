"""The library folder: how a video gets there, from its first byte to its final name."""

import json
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection
from datetime import datetime, tzinfo
from pathlib import Path, PurePosixPath, PureWindowsPath

from kling_desktop.domain.draft import Draft
from kling_desktop.domain.errors import (
    DamagedDownload,
    DamagedValue,
    DiskFull,
    LibraryUnavailable,
    LibraryUnmarked,
)
from kling_desktop.domain.job import TaskId
from kling_desktop.domain.local_time import LOCAL_ZONE
from kling_desktop.domain.reasons import Reason
from kling_desktop.storage.cleanup import cleanup_on_failure
from kling_desktop.storage.files.atomic_io import (
    hide_file,
    remove_file,
    remove_leftover,
    run_whole,
    write_file,
)
from kling_desktop.storage.files.file_names import (
    DEFAULT_NAME_PATTERN,
    VIDEO_SUFFIX,
    longest_file_name,
    plan_file_name,
    short_id,
)
from kling_desktop.storage.files.folder_listing import (
    FolderListing,
    FoundVideo,
    find_named,
    list_folder,
)
from kling_desktop.storage.files.part_adoption import (
    CLAIM_SUFFIX,
    PART_SUFFIX,
    adopt_part,
    find_claimed,
    hash_file,
)
from kling_desktop.storage.files.part_writer import PartWriter
from kling_desktop.storage.files.private_files import SHARED_FILE
from kling_desktop.storage.files.small_files import is_plain_file
from kling_desktop.storage.files.system_errors import file_errors

MARKER = ".kling-library"
PART_DIR = ".kling-part"
LEAST_FREE_BYTES = 64 * 1024 * 1024
_LONGEST_PATH_WINDOWS = 259
"""MAX_PATH without the closing zero; longer ones fail in programs that open the clip."""


class LibraryFiles:
    """One library folder.  Methods block unless they are `async`; call them in a thread.

    A library carries a marker file, which tells it apart from the empty folder that an unplugged
    disk leaves behind: nothing is written into that.

    Args:
        library_dir: The folder.
        name_pattern: Asked for each name, so that a changed setting counts at once.
        zone: Time zone of dates in names.
        free_bytes_of: Asks the system for the room on the disk of a path.
        longest_path: How many characters a path may have; None is no limit.
    """

    def __init__(
        self,
        library_dir: Path,
        *,
        name_pattern: Callable[[], str] = lambda: DEFAULT_NAME_PATTERN,
        zone: tzinfo = LOCAL_ZONE,
        free_bytes_of: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
        longest_path: int | None = _LONGEST_PATH_WINDOWS if os.name == "nt" else None,
    ) -> None:
        self.library_dir = library_dir
        self._name_pattern = name_pattern
        self._zone = zone
        self._free_bytes_of = free_bytes_of
        self._longest_path = longest_path

    def plan_name(self, draft: Draft, task_id: TaskId, made_at: datetime) -> str:
        """Name a clip relative to the library; the same clip gets the same name again."""
        return plan_file_name(self._name_pattern(), draft, task_id, made_at.astimezone(self._zone))

    def create(self) -> None:
        """Make the folder a library: at first use, or when the user chooses it.

        Raises:
            LibraryUnavailable: It cannot be made or written to.
        """
        with file_errors(self.library_dir):
            self.library_dir.mkdir(parents=True, exist_ok=True)
            marker = self.library_dir / MARKER
            if not marker.is_file():
                write_file(
                    marker,
                    json.dumps({"kling_library": str(uuid.uuid4())}).encode(),
                    mode=SHARED_FILE,
                )
                hide_file(marker)

    def is_library(self) -> bool:
        return (self.library_dir / MARKER).is_file()

    def check(self, needed_bytes: int = LEAST_FREE_BYTES) -> None:
        """Prove that a video can be written now.

        Raises:
            LibraryUnavailable: Gone, unplugged, or read-only.
            DiskFull: Less than `needed_bytes` free.
        """
        self._require_library()
        free = self.free_bytes()
        if free < needed_bytes:
            raise DiskFull(Reason.DISK_FULL, detail=f"{free} of {needed_bytes} bytes free")
        self._require_short_paths()
        parts = self.library_dir / PART_DIR
        with file_errors(self.library_dir):
            self._make_part_dir()
            # A name of its own: several jobs may look at the same moment.
            with tempfile.NamedTemporaryFile(prefix=".probe-", dir=parts):
                pass

    def free_bytes(self) -> int:
        """Say how much room the library's disk has.

        Raises:
            LibraryUnavailable: The folder is not there.
        """
        with file_errors(self.library_dir):
            return self._free_bytes_of(self.library_dir)

    def part_path(self, task_id: TaskId) -> Path:
        """Say where a video grows; inside the library, so that the last move is one rename."""
        return self.library_dir / PART_DIR / f"{_plain(task_id)}{VIDEO_SUFFIX}{PART_SUFFIX}"

    async def receive(
        self, part: Path, chunks: AsyncIterator[bytes], *, offset: int, limit_bytes: int
    ) -> int:
        """Write a download to its part from `offset` on, cutting off what was there behind it.

        What arrived stays when the stream breaks off, to go on from.

        Returns:
            The length of the part.

        Raises:
            DamagedDownload: More than `limit_bytes` came.
            LibraryUnavailable: The folder went away or cannot be written to.
            DiskFull: It is full.
        """
        file = await run_whole(self.open_part, part, offset)
        sink, total = PartWriter(file, part), offset
        try:
            async for chunk in chunks:
                total += len(chunk)
                if total > limit_bytes:
                    raise DamagedDownload(Reason.FILE_TOO_LONG, facts={"limit": limit_bytes})
                await sink.write(chunk)
        finally:
            try:
                await sink.close()
            finally:
                if isinstance(chunks, AsyncGenerator):  # broken off, it holds its connection
                    await chunks.aclose()
        return total

    async def adopt(self, part: Path, relative: str) -> str:
        """Give a finished part its final name, for good; a foreign file is never overwritten.

        May be called again after a crash at any point: the video that is already in its place is
        found by the claim that was written before the move.

        Returns:
            The name it has now, `relative` or the next free one.

        Raises:
            DamagedDownload: The part is gone and was not moved either: it must be fetched again.
            LibraryUnavailable: The folder went away, or cannot be written to.
        """
        self._require_library()
        return await run_whole(adopt_part, part, relative, self.library_dir, self.resolve)

    def find_adopted(self, task_id: TaskId) -> str | None:
        """Find the video that was moved to its place just before a crash, by its claim."""
        return find_claimed(self.part_path(task_id), self.resolve)

    def find_candidates(self, task_id: TaskId) -> tuple[str, ...]:
        """List the videos that may be this task's by their names; their recipes say which one is.

        Raises:
            LibraryUnavailable: The library is not there.
        """
        self._require_library()
        return find_named(self.library_dir, short_id(task_id))

    def resolve(self, relative: str) -> Path:
        """Turn a library path into a path of the system.

        Raises:
            DamagedValue: It leads out of the library: by dots, by a drive, or as a linked file.
        """
        pure = PurePosixPath(relative)
        windows = PureWindowsPath(relative)
        if (
            not relative
            or "\0" in relative
            or pure.is_absolute()
            or windows.drive
            or windows.root
            or ".." in windows.parts
        ):
            raise DamagedValue(Reason.PATH_OUTSIDE_LIBRARY, detail=relative[:200])
        path = self.library_dir / pure
        with file_errors(path):
            target = path.resolve()
            inside = target.is_relative_to(self.library_dir.resolve())
            # A folder may be a link to another disk: the user put it there.  A file may not.
            if not inside and target.parent != path.parent.resolve():
                raise DamagedValue(Reason.PATH_OUTSIDE_LIBRARY, detail=relative[:200])
        return path

    def scan(self) -> tuple[FoundVideo, ...]:
        """Find every video in the library; errors as `list_files`."""
        return self.list_files().videos

    def list_files(self) -> FolderListing:
        """Find every video in the library, by ending.

        Links to files, hidden folders and those of systems and sync programs are no part of it.  A
        folder that is a link to another disk is.

        Raises:
            LibraryUnavailable: The library is not there; so nothing is taken for missing.
        """
        self._require_library()
        return list_folder(self.library_dir)

    def list_parts(self) -> tuple[TaskId, ...]:
        """List the tasks that have something left in the folder of growing videos."""
        with file_errors(self.library_dir):
            return tuple(sorted({task for task, _ in self._find_parts()}))

    def sweep_parts(self, ended: Collection[TaskId]) -> int:
        """Remove what is left of these tasks, all of which have ended; return how many files.

        A part of an unfinished or an unknown job is never touched: it may be paid for.
        """
        gone = {TaskId(_plain(task_id)) for task_id in ended}
        removed = 0
        with file_errors(self.library_dir):
            for task_id, path in self._find_parts():
                if task_id in gone:
                    remove_file(path)
                    removed += 1
        return removed

    def sweep_scraps(self) -> int:
        """Remove what a process that was killed had begun to write; return how many files.

        These are marks and probes, never videos.  Only while nothing is being received.
        """
        removed = 0
        with file_errors(self.library_dir):
            for path in (self.library_dir / PART_DIR).glob(".*"):
                remove_leftover(path)
                removed += 1
        return removed

    def hash_file(self, path: Path) -> str:
        """Return the SHA-256 of a file in lower-case hex."""
        return hash_file(path)

    def _require_library(self) -> None:
        if not self.library_dir.is_dir():
            raise LibraryUnavailable(Reason.LIBRARY_GONE, detail=f"{self.library_dir}")
        if not self.is_library():
            raise LibraryUnmarked(
                Reason.LIBRARY_UNMARKED, detail=f"no {MARKER} in {self.library_dir}"
            )

    def _require_short_paths(self) -> None:
        """Find out before anything is paid for that a clip would have a path that is too long."""
        if self._longest_path is None:
            return
        longest = max(
            len(str(self.library_dir / longest_file_name(self._name_pattern()))),
            len(str(self.part_path(TaskId("0" * 36)))) + len(".etag.part"),
        )
        if longest > self._longest_path:
            raise LibraryUnavailable(
                Reason.LIBRARY_PATH_TOO_LONG,
                detail=f"{self.library_dir}",
                facts={"length": longest, "limit": self._longest_path},
            )

    def _make_part_dir(self) -> None:
        parts = self.library_dir / PART_DIR
        if not parts.is_dir():
            parts.mkdir(exist_ok=True)
            hide_file(parts)

    def _find_parts(self) -> list[tuple[TaskId, Path]]:
        folder = self.library_dir / PART_DIR
        if not folder.is_dir():
            return []
        found: list[tuple[TaskId, Path]] = []
        for path in folder.iterdir():
            task_id, dot, rest = path.name.partition(".")
            if dot and task_id and rest.endswith((PART_SUFFIX, CLAIM_SUFFIX)):
                found.append((TaskId(task_id), path))
        return found

    def open_part(self, part: Path, offset: int) -> int:
        """Open a part to be written from `offset` on and return the system's handle.  Blocking."""
        self._require_library()
        with file_errors(part):
            self._make_part_dir()
            if offset and (not is_plain_file(part) or part.stat().st_size < offset):
                raise DamagedDownload(Reason.PART_TOO_SHORT)
            if os.path.lexists(part) and not is_plain_file(part):
                part.unlink()  # a link or a pipe in its place is nobody's download
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
            file = os.open(part, flags | getattr(os, "O_NOFOLLOW", 0), 0o644)
            with cleanup_on_failure(lambda: os.close(file)):
                os.ftruncate(file, offset)
                os.lseek(file, offset, os.SEEK_SET)
        return file


def _plain(task_id: TaskId) -> str:
    """Keep of a task id what a UUID may have: it came from us, yet a name is a name."""
    return "".join(c for c in task_id if c.isascii() and (c.isalnum() or c == "-")) or "unnamed"
