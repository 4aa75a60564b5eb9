"""Who has the files of clips open: they close them before a file is trashed, moved or renamed.

Windows refuses to move a file that anybody has open, and elsewhere a player would go on with a file
that is not where the library says.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.domain.video import Video
from kling_desktop.media.thumbnails import Thumbnails


class FileHolder(Protocol):
    """A part of the window that keeps clips' files open."""

    async def release(self, videos: Sequence[Video]) -> None:
        """Close the files of these clips."""
        ...

    def resume(self, videos: Sequence[Video]) -> None:
        """Open again what `release` closed: the files are still where they were."""
        ...


class OpenFiles:
    """Every holder of clips' files; made by the clips controller."""

    def __init__(self) -> None:
        self._holders: list[FileHolder] = []

    def add(self, holder: FileHolder) -> None:
        self._holders.append(holder)

    @asynccontextmanager
    async def released(self, videos: Sequence[Video]) -> AsyncIterator[None]:
        """Keep the files of these clips closed; if the block fails, they are opened again."""
        for holder in self._holders:
            await holder.release(videos)
        try:
            yield
        except (KlingDesktopError, OSError):  # when the app is left, nothing is opened any more
            for holder in self._holders:
                holder.resume(videos)
            raise


class ThumbnailReaders:
    """The workers that read clips to make posters and strips of them."""

    def __init__(self, thumbnails: Thumbnails, locate: Callable[[Video], Path]) -> None:
        self._thumbnails = thumbnails
        self._locate = locate

    async def release(self, videos: Sequence[Video]) -> None:
        for video in videos:
            await self._thumbnails.release(self._locate(video))

    def resume(self, videos: Sequence[Video]) -> None:
        """Do nothing: what is looked at is requested again."""
