"""Atomic writes and syncs, so that what was written survives a power loss."""

import asyncio
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar

from kling_desktop.storage.cleanup import cleanup_on_failure
from kling_desktop.storage.files.private_files import PRIVATE_FILE, make_private_folder

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

BUSY_WAITS_S = (0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0)
"""Waits between tries while another program holds a file: virus scanners look at each new one."""
_BUSY_WINDOWS = frozenset({5, 32, 33})
"""ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION: may pass by themselves."""
_HIDDEN_ATTRIBUTE = 0x2


async def run_whole(call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a blocking call in a thread; a cancelled caller still waits for its end.

    A thread cannot be stopped: leaving it behind would let it write into a file that its caller
    has closed.  So `call` must be short.
    """
    loop = asyncio.get_running_loop()
    return await wait_whole(loop.run_in_executor(None, lambda: call(*args, **kwargs)))


async def wait_whole(future: "asyncio.Future[T]") -> T:
    """Wait for what a thread does; a cancelled caller still waits for its end."""
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        if not future.done():
            await asyncio.wait([future])
        raise


def sync_file(path: Path) -> None:
    """Wait until the file's bytes are on the disk."""
    handle = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_directory(path: Path) -> None:
    """Wait until the names in a folder are on the disk; a no-op where folders cannot be synced."""
    if os.name == "nt":  # NTFS keeps its names in a journal, and a folder cannot be opened
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        # Some network and FUSE file systems cannot; their server decides when it is written.
        pass
    finally:
        os.close(handle)


def make_durable_folder(folder: Path) -> None:
    """Make a private folder and wait until its name, and those above it, are on the disk.

    What is synced inside a folder is lost with a power loss all the same while the folder's own
    name is not on the disk.

    Raises:
        OSError: It cannot be made.
    """
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    make_private_folder(folder)
    for each in reversed(missing):
        sync_directory(each.parent)


def replace_file(source: Path, target: Path, *, waits_s: Sequence[float] = BUSY_WAITS_S) -> None:
    """Rename over whatever has the name; waits some seconds for another program to let go."""
    _until_free(lambda: source.replace(target), waits_s)


def rename_file(source: Path, target: Path, *, waits_s: Sequence[float] = BUSY_WAITS_S) -> None:
    """Rename as `Path.rename` does; waits some seconds for another program to let go."""
    _until_free(lambda: source.rename(target), waits_s)


def remove_file(path: Path, *, waits_s: Sequence[float] = BUSY_WAITS_S) -> None:
    """Remove a file if it is there; waits some seconds for another program to let go."""
    _until_free(lambda: path.unlink(missing_ok=True), waits_s)


def remove_leftover(path: Path) -> None:
    """Remove what is of no use any more; a failure is logged and hides no good result."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        logger.info("%s is left behind: %s", path.name, error)


def hide_file(path: Path) -> None:
    """Hide one of our own files or folders where a dot in front does not: on Windows."""
    if sys.platform == "win32":
        import ctypes

        kernel32 = ctypes.windll.kernel32
        attributes = kernel32.GetFileAttributesW(str(path))
        if attributes != -1 and not attributes & _HIDDEN_ATTRIBUTE:
            kernel32.SetFileAttributesW(str(path), attributes | _HIDDEN_ATTRIBUTE)


def _until_free(act: Callable[[], object], waits_s: Sequence[float]) -> None:
    """Act, and again while another program holds the file; the last failure is raised."""
    for wait_s in waits_s:
        try:
            act()
        except OSError as error:
            if getattr(error, "winerror", None) not in _BUSY_WINDOWS:
                raise
            time.sleep(wait_s)
        else:
            return
    act()


def write_file(path: Path, data: bytes, *, mode: int = PRIVATE_FILE) -> None:
    """Replace a file by new contents: a reader finds the old or the new ones, never a half.

    Raises:
        OSError: The folder cannot be written to or is full; the old contents are still there.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", suffix=".part", dir=path.parent)
    part = Path(name)
    with cleanup_on_failure(part.unlink):
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(mode)
        replace_file(part, path)
    sync_directory(path.parent)
