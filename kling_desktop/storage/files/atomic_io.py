"""How bytes get on a disk so that they are still there when the power comes back."""

import asyncio
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from kling_desktop.storage.cleanup import cleanup_on_failure
from kling_desktop.storage.files.private_files import PRIVATE_FILE

P = ParamSpec("P")
T = TypeVar("T")


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
        part.replace(path)
    sync_directory(path.parent)
