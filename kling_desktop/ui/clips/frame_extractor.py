"""Extracts exact frames of clips as pictures, off the window's thread."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from kling_desktop.domain.errors import KlingDesktopError, LibraryUnavailable
from kling_desktop.domain.video import Video, VideoId
from kling_desktop.storage.files.private_files import make_private_file, make_private_folder

T = TypeVar("T")


class FrameExtractor:
    """Owned by the clips controller; one of the holders of clips' files.

    Args:
        folder: Where frames that become inputs are written; made when first needed.
        locate: Where a clip's file is.
    """

    def __init__(self, folder: Path, locate: Callable[[Video], Path]) -> None:
        self._folder = folder
        self._locate = locate
        self._reading: dict[asyncio.Future[Any], VideoId] = {}

    async def take(self, video: Video, frame: int) -> Path:
        """Write a frame, counted from 0, as a PNG into the folder and return where it is.

        Raises:
            DamagedDownload: The video cannot be read up to there.
            LibraryUnavailable: The file is gone, or the picture cannot be written.
        """
        place = await asyncio.to_thread(self._plan, video, f"frame-{frame + 1}")
        return await self._close_to_others(await self.save(video, frame, place))

    async def take_last(self, video: Video) -> Path:
        """Write the last frame that the video really has; errors as `take`."""
        from kling_desktop.media.video_file import last_frame

        place = await asyncio.to_thread(self._plan, video, "last-frame")
        path = await self._read(video, partial(last_frame, self._locate(video), place))
        return await self._close_to_others(path)

    async def save(self, video: Video, frame: int, target: Path) -> Path:
        """Write a frame as a PNG where the user wants it; errors as `take`."""
        # The decoder is heavy; it is loaded when the first frame is wanted.
        from kling_desktop.media.video_file import save_frame

        try:
            return await self._read(video, partial(save_frame, self._locate(video), frame, target))
        except OSError as error:
            raise LibraryUnavailable(detail=str(error)) from error

    async def read_times(self, video: Video) -> tuple[float, ...]:
        """Return when each frame of a clip is shown, in seconds; empty where that is not known."""
        from kling_desktop.media.video_file import read_times

        try:
            return await self._read(video, partial(read_times, self._locate(video)))
        except KlingDesktopError:  # the player says what is wrong with the file
            return ()

    async def release(self, videos: Sequence[Video]) -> None:
        """Wait until the frames that are being read of these clips are there."""
        ids = {video.id for video in videos}
        reading = [future for future, video_id in self._reading.items() if video_id in ids]
        if reading:
            await asyncio.wait(reading)

    def resume(self, videos: Sequence[Video]) -> None:
        """Do nothing: no file stays open."""

    async def _read(self, video: Video, work: Callable[[], T]) -> T:
        future = asyncio.get_running_loop().run_in_executor(None, work)
        self._reading[future] = video.id
        try:
            return await future
        finally:
            self._reading.pop(future, None)

    async def _close_to_others(self, path: Path) -> Path:
        """Let only its owner read a frame in the app's own folder."""
        try:
            await asyncio.to_thread(make_private_file, path)
        except OSError as error:
            raise LibraryUnavailable(detail=str(error)) from error
        return path

    def _plan(self, video: Video, word: str) -> Path:
        try:
            make_private_folder(self._folder)
        except OSError as error:
            raise LibraryUnavailable(detail=str(error)) from error
        return self._folder / f"{Path(video.file).stem}-{word}.png"
