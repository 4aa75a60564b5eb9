"""How a growing video gets on the disk: in large writes, off the loop, while more of it comes."""

import asyncio
import os
from pathlib import Path

from kling_desktop.storage.files.atomic_io import run_whole, wait_whole
from kling_desktop.storage.files.system_errors import file_errors

_WRITE_BYTES = 1024 * 1024


class PartWriter:
    """Appends to one open file.  One buffer is written while the other is filled.

    The two are used again and again: memory that is taken and given back for each megabyte costs
    the loop more than copying the megabyte.

    Args:
        file: The open file, at the place to go on from; closed by `close`.
        part: Its path, for the errors.
    """

    def __init__(self, file: int, part: Path) -> None:
        self._file = file
        self._part = part
        self._buffer = bytearray(_WRITE_BYTES)
        self._spare = bytearray(_WRITE_BYTES)
        self._filled = 0
        self._writing: asyncio.Future[None] | None = None

    async def write(self, chunk: bytes) -> None:
        """Take a chunk; waits only when two buffers are full and the disk is behind.

        Raises:
            DiskFull: An earlier chunk found no room.
            LibraryUnavailable: An earlier one could not be written.
        """
        rest = memoryview(chunk)
        while rest:
            now = rest[: _WRITE_BYTES - self._filled]
            self._buffer[self._filled : self._filled + len(now)] = now
            self._filled += len(now)
            rest = rest[len(now) :]
            if self._filled == _WRITE_BYTES:
                await self._turn()

    async def close(self) -> None:
        """Write the rest and close the file, whatever happens meanwhile.

        Nothing is written behind a gap: after a write that failed, the rest is dropped.

        Raises:
            DiskFull: There was no room.
            LibraryUnavailable: It could not be written.
        """
        try:
            await self._settle()
        finally:
            torn = self._writing is not None and self._writing.exception() is not None
            await run_whole(self._end, 0 if torn else self._filled)

    async def _turn(self) -> None:
        await self._settle()
        loop = asyncio.get_running_loop()
        self._writing = loop.run_in_executor(None, self._put, self._buffer, self._filled)
        self._buffer, self._spare = self._spare, self._buffer
        self._filled = 0

    async def _settle(self) -> None:
        if self._writing is not None:
            await wait_whole(self._writing)

    def _put(self, buffer: bytearray, size: int) -> None:
        with file_errors(self._part):
            view = memoryview(buffer)[:size]
            while view:
                view = view[os.write(self._file, view) :]

    def _end(self, size: int) -> None:
        try:
            self._put(self._buffer, size)
        finally:
            os.close(self._file)
