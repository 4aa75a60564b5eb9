"""Moves the library to another folder, whole or not at all, while nothing else writes to it."""

import asyncio
import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kling_desktop.domain.errors import DamagedDownload, LibraryUnavailable
from kling_desktop.domain.reasons import Reason
from kling_desktop.storage.cleanup import async_cleanup_on_failure
from kling_desktop.storage.files.atomic_io import (
    hide_file,
    remove_file,
    remove_leftover,
    rename_file,
    run_whole,
    sync_directory,
    sync_file,
    write_file,
)
from kling_desktop.storage.files.library_files import PART_DIR, LibraryFiles
from kling_desktop.storage.files.recipe_beside import (
    copy_recipe_beside,
    recipe_beside,
    remove_equal_recipe,
)
from kling_desktop.storage.files.system_errors import file_errors

logger = logging.getLogger(__name__)

OnBytes = Callable[[int, int], object]
_COPY_SUFFIX = ".moving"
_NOTE = "library-move.json"
_MOST_NOTE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedMove:
    """What a move that was broken off has left.

    Attributes:
        other: The folder that is not the library now.
        doubles: Videos that lie there and in the library, as far as name and length say.
        size_bytes: What they take.
    """

    other: Path
    doubles: tuple[str, ...]
    size_bytes: int


async def move_library(
    source: LibraryFiles, target: LibraryFiles, *, on_bytes: OnBytes | None = None
) -> int:
    """Copy every video to the new folder, prove each copy, then empty the old folder of them.

    Cancelled before the last copy is proved, it removes what it has copied and the old folder is
    as it was.  The caller points the engine at the new folder after this has returned; until the
    old videos are removed (`remove_moved`) both folders are complete.

    Returns:
        How many videos lie in the new folder.

    Raises:
        LibraryUnavailable: One of the folders is not there or cannot be written to, or DiskFull.
        DamagedDownload: A copy was not equal to its video.
    """
    await asyncio.to_thread(target.create)
    if target.library_dir.resolve() == source.library_dir.resolve():
        raise LibraryUnavailable(Reason.LIBRARY_IS_THE_SAME)
    videos = await asyncio.to_thread(source.scan)
    total = sum(video.size_bytes for video in videos)
    await asyncio.to_thread(target.check, total + 64 * 1024 * 1024)
    copied: list[Path] = []
    done = 0
    async with async_cleanup_on_failure(
        lambda: asyncio.shield(asyncio.to_thread(_remove, copied)),
        lambda: asyncio.shield(asyncio.to_thread(_remove_notes, source, target)),
    ):
        await run_whole(_write_notes, source, target)
        for video in videos:
            old, new = source.resolve(video.file), target.resolve(video.file)
            if await run_whole(_copy, source, old, new):
                copied.append(new)
            if await run_whole(copy_recipe_beside, old, new):
                copied.append(recipe_beside(new))
            done += video.size_bytes
            if on_bytes is not None:
                on_bytes(done, total)
    return len(videos)


async def remove_moved(source: LibraryFiles, target: LibraryFiles) -> tuple[Path, ...]:
    """Remove from the old folder what lies in the new one as well, byte for byte.

    Returns:
        The videos that are left in the old folder.
    """
    videos = await asyncio.to_thread(source.scan)
    left: list[Path] = []
    for video in videos:
        old, new = source.resolve(video.file), target.resolve(video.file)
        if not await run_whole(_remove_if_equal, source, old, new):
            left.append(old)
    await asyncio.to_thread(_remove_notes, source, target)
    return tuple(left)


async def find_unfinished_move(files: LibraryFiles) -> UnfinishedMove | None:
    """Find out whether a move to or from this library was broken off, and what lies twice since.

    Raises:
        LibraryUnavailable: This library is not there.
    """
    other = await asyncio.to_thread(_read_note, files)
    if other is None or not await asyncio.to_thread(other.is_library):
        return None
    here = {video.file: video for video in await asyncio.to_thread(files.scan)}
    there = await asyncio.to_thread(other.scan)
    doubles = [
        video
        for video in there
        if video.file in here and here[video.file].size_bytes == video.size_bytes
    ]
    return UnfinishedMove(
        other=other.library_dir,
        doubles=tuple(video.file for video in doubles),
        size_bytes=sum(video.size_bytes for video in doubles),
    )


async def clear_doubles(files: LibraryFiles, move: UnfinishedMove) -> tuple[Path, ...]:
    """Remove from the other folder what lies in this library too, byte for byte.

    Returns:
        The videos that are left in the other folder: they lie nowhere else.
    """
    other = LibraryFiles(move.other)
    left = await remove_moved(other, files)
    await asyncio.to_thread(_remove_half_copies, other)
    return left


def _note_path(files: LibraryFiles) -> Path:
    return files.library_dir / PART_DIR / _NOTE


def _write_notes(source: LibraryFiles, target: LibraryFiles) -> None:
    """Leave a note in each folder that names the other, in case the move is broken off."""
    for files, other in ((source, target), (target, source)):
        note = _note_path(files)
        with file_errors(note):
            note.parent.mkdir(exist_ok=True)
            hide_file(note.parent)
            write_file(note, json.dumps({"other": str(other.library_dir)}).encode())


def _remove_notes(source: LibraryFiles, target: LibraryFiles) -> None:
    for files in (source, target):
        remove_leftover(_note_path(files))


def _read_note(files: LibraryFiles) -> LibraryFiles | None:
    try:
        with _note_path(files).open("rb") as file:
            note: object = json.loads(file.read(_MOST_NOTE_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    match note:
        case {"other": str(other)} if Path(other).is_absolute() and "\0" not in other:
            return LibraryFiles(Path(other))
        case _:
            return None


def _remove_half_copies(files: LibraryFiles) -> None:
    """Remove the copy that was just being made when the move was broken off."""
    for part in tuple(files.library_dir.rglob(f".*{_COPY_SUFFIX}")):
        remove_leftover(part)


def _copy(files: LibraryFiles, old: Path, new: Path) -> bool:
    """Copy one video and prove the copy; False when it lies there already."""
    with file_errors(new):
        digest = files.hash_file(old)
        if new.is_file():
            if files.hash_file(new) == digest:
                return False
            raise LibraryUnavailable(Reason.NAME_TAKEN_IN_NEW_FOLDER, facts={"name": new.name})
        new.parent.mkdir(parents=True, exist_ok=True)
        part = new.with_name(f".{new.name}{_COPY_SUFFIX}")
        try:
            shutil.copy2(old, part)
            sync_file(part)
            if files.hash_file(part) != digest:
                raise DamagedDownload(Reason.COPY_NOT_EQUAL, detail=new.name)
            rename_file(part, new)
        finally:
            remove_leftover(part)
        sync_directory(new.parent)
    return True


def _remove(paths: list[Path]) -> None:
    for path in paths:
        try:
            remove_file(path)
        except OSError as error:
            logger.warning("%s could not be removed: %s", path.name, error)


def _remove_if_equal(files: LibraryFiles, old: Path, new: Path) -> bool:
    try:
        if new.is_file() and files.hash_file(new) == files.hash_file(old):
            remove_file(old)
            remove_equal_recipe(old, new)
            return True
    except OSError as error:
        logger.warning("%s was left behind: %s", old.name, error)
    return False
