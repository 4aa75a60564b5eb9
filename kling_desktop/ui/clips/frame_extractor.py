"""Extracts exact frames of clips as pictures, off the window's thread."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from kling_desktop.domain.errors import LibraryUnavailable
from kling_desktop.domain.video import Video


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
        return await self.save(video, frame, place)

    async def take_last(self, video: Video) -> Path:
        """Write the last frame that the video really has; errors as `take`."""
        from kling_desktop.media.video_file import last_frame

        place = await asyncio.to_thread(self._plan, video, "last-frame")
        return await asyncio.to_thread(last_frame, self._locate(video), place)

    async def save(self, video: Video, frame: int, target: Path) -> Path:
        """Write a frame as a PNG where the user wants it; errors as `take`."""
        # The decoder is heavy; it is loaded when the first frame is wanted.
        from kling_desktop.media.video_file import save_frame

        try:
            return await asyncio.to_thread(save_frame, self._locate(video), frame, target)
        except OSError as error:
            raise LibraryUnavailable(detail=str(error)) from error

    def _plan(self, video: Video, word: str) -> Path:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryUnavailable(detail=str(error)) from error
        return self._folder / f"{Path(video.file).stem}-{word}.png"
