"""Extracts exact frames of clips as pictures, off the window's thread."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from kling_desktop.domain.errors import LibraryUnavailable
from kling_desktop.domain.video import Video
from kling_desktop.storage.files.private_files import make_private_file, make_private_folder


class FrameExtractor:
    """Owned by the app.

    Args:
        folder: Where frames that become inputs lie; made when first needed.
        locate: Where a clip's file is.
    """

    def __init__(self, folder: Path, locate: Callable[[Video], Path]) -> None:
        self._folder = folder
        self._locate = locate

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
        path = await asyncio.to_thread(last_frame, self._locate(video), place)
        return await self._close_to_others(path)

    async def save(self, video: Video, frame: int, target: Path) -> Path:
        """Write a frame as a PNG where the user wants it; errors as `take`."""
        # The decoder is heavy; it is loaded when the first frame is wanted.
        from kling_desktop.media.video_file import save_frame

        try:
            return await asyncio.to_thread(save_frame, self._locate(video), frame, target)
        except OSError as error:
            raise LibraryUnavailable(detail=str(error)) from error

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
