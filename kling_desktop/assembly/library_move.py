"""Moves a whole library to another folder: copies, switches, and only then removes."""

import asyncio
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

from kling_desktop.assembly.core import Core
from kling_desktop.domain.errors import DiskFull, LibraryUnavailable
from kling_desktop.storage.durable import sync_file
from kling_desktop.storage.files import LibraryFiles
from kling_desktop.storage.video_query import VideoQuery

logger = logging.getLogger(__name__)

OnShare = Callable[[int, int], object]
_PAGE = 500


async def move_library(core: Core, folder: Path, on_share: OnShare) -> int:
    """Copy every clip to `folder`, use it from then on, remove the old files; return how many.

    Cancelled or failed before the switch it takes its copies away and leaves all as it was.

    Args:
        core: Whose library.
        folder: The new home; made when it is not there.
        on_share: Told bytes done and bytes in all.

    Raises:
        LibraryUnavailable: The folder is no good, or is inside the old one or around it.
        DiskFull: Not everything fits there.
    """
    old = core.files.library_dir
    if folder == old or old in folder.parents or folder in old.parents:
        raise LibraryUnavailable("The new folder must lie beside the old one, not in or around it.")
    target = LibraryFiles(folder)
    await asyncio.to_thread(target.create)
    copied: list[str] = []
    try:
        await _copy_new(core, old, folder, copied, on_share)
        # A clip that came meanwhile is copied too; what comes now lands in the new folder.
        await core.use_library(folder)
        await _copy_new(core, old, folder, copied, on_share)
    except BaseException:
        if core.files.library_dir == old:
            await asyncio.shield(asyncio.to_thread(_remove, folder, copied))
        raise
    await asyncio.to_thread(_remove, old, copied)
    logger.info("moved %d clips to another library folder", len(copied))
    return len(copied)


async def _copy_new(
    core: Core, old: Path, folder: Path, copied: list[str], on_share: OnShare
) -> None:
    known = set(copied)
    files = [name for name in _list_files(core) if name not in known]
    sizes = await asyncio.to_thread(lambda: {name: _size_of(old / name) for name in files})
    total = sum(size for size in sizes.values() if size is not None)
    free = await asyncio.to_thread(lambda: shutil.disk_usage(folder).free)
    if total > free:
        raise DiskFull("Not everything fits there.", detail=f"{total} bytes, {free} free")
    done = 0
    for name, size in sizes.items():
        if size is None:  # missing already; it stays missing, and its row says so
            continue
        copied.append(name)
        await asyncio.to_thread(_copy, old / name, folder / name)
        done += size
        on_share(done, total)


def _list_files(core: Core) -> list[str]:
    videos = core.shelves.videos
    ids = [row.id for row in videos.list_ids(VideoQuery())]
    names: list[str] = []
    for start in range(0, len(ids), _PAGE):
        names += [video.file for video in videos.get_videos(ids[start : start + _PAGE])]
    return names


def _size_of(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _copy(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        shutil.copy2(source, part)
        sync_file(part)
        part.replace(target)
    except OSError as error:
        raise LibraryUnavailable("A clip could not be copied.", detail=str(error)) from error


def _remove(folder: Path, names: list[str]) -> None:
    for name in names:
        for path in (folder / name, folder / f"{name}.part"):
            path.unlink(missing_ok=True)
