"""Checks and copies pictures for Create: always in a thread, never in the window's."""

import asyncio
import hashlib
from collections.abc import Awaitable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QBuffer, QByteArray
from PySide6.QtGui import QImage

from kling_desktop.domain.catalog import MODELS, ModelSpec
from kling_desktop.domain.draft import FrameRole, ImageInput
from kling_desktop.domain.errors import LibraryUnavailable
from kling_desktop.domain.problems import Field
from kling_desktop.domain.video import VideoId
from kling_desktop.media.fit import Box, Fix
from kling_desktop.media.images import ImageFault, PictureCheck, RefusedPicture
from kling_desktop.storage.files.atomic_io import replace_file
from kling_desktop.storage.files.private_files import make_private_file, make_private_folder
from kling_desktop.ui.create.slot_state import WHITE, Colour

if TYPE_CHECKING:
    from kling_desktop.media.preparing import PreparedPicture

PREVIEW_PX = 880
"""Long side of a slot's picture: the widest slot on a screen of double density."""
CROP_PREVIEW_PX = 1600


class ClipFrames(Protocol):
    """Takes a frame out of a clip of the library; handed in by the app."""

    def __call__(self, video_id: VideoId, which: FrameRole, /) -> Awaitable[Path]:
        """Save the clip's first or exact last frame as a PNG; return its path."""
        ...


class PicturePreparer:
    """Checks, repairs and copies pictures for the Create panel.

    Args:
        target_dir: Where copies are written, named by the hash of their bytes.  They are kept as
            long as a draft may need them; a queued job has a copy of its own.
    """

    def __init__(self, target_dir: Path) -> None:
        self._target_dir = target_dir

    async def load_preview(
        self, path: Path, *, side_px: int = PREVIEW_PX, background: Colour = WHITE
    ) -> tuple[PictureCheck, QImage]:
        """Read a picture's header, then the picture in a small size.

        Raises:
            RefusedPicture: It can never become a frame.
        """
        return await asyncio.to_thread(_load_preview, path, side_px, background)

    async def prepare(
        self,
        path: Path,
        *,
        spec: ModelSpec = MODELS[0],
        field: Field = Field.FIRST_FRAME,
        background: Colour = WHITE,
    ) -> "PreparedPicture":
        """Check a picture to the last byte; errors as `media.preparing.prepare`."""
        from kling_desktop.media.preparing import prepare

        return await asyncio.to_thread(
            prepare, path, self._target_dir, spec=spec, field=field, background=background
        )

    async def apply_fix(
        self, path: Path, fix: Fix, *, spec: ModelSpec = MODELS[0], background: Colour = WHITE
    ) -> ImageInput:
        from kling_desktop.media.preparing import apply_fix

        return await asyncio.to_thread(
            apply_fix, path, fix, self._target_dir, spec=spec, background=background
        )

    async def crop(
        self, path: Path, box: Box, *, spec: ModelSpec = MODELS[0], background: Colour = WHITE
    ) -> ImageInput:
        from kling_desktop.media.preparing import crop

        return await asyncio.to_thread(
            crop, path, box, self._target_dir, spec=spec, background=background
        )

    async def clean(self, image: ImageInput) -> ImageInput:
        """Take what is noted beside it off a known picture; errors as `media.preparing.clean`."""
        from kling_desktop.media.preparing import clean

        return await asyncio.to_thread(clean, image, self._target_dir)

    async def take_last_frame(self, source: Path) -> Path:
        """Save the exact last frame of a video as a PNG.

        Raises:
            RefusedPicture: The video cannot be read.
            LibraryUnavailable: The picture could not be written.
        """
        return await asyncio.to_thread(_take_last_frame, source, self._target_dir)

    async def keep_image(self, image: QImage) -> Path:
        """Save a picture that came without a file, from the clipboard or a browser, as a PNG.

        Raises:
            LibraryUnavailable: It could not be written.
        """
        return await asyncio.to_thread(_keep_image, image, self._target_dir)

    async def is_there(self, path: Path) -> bool:
        return await asyncio.to_thread(path.is_file)


def _load_preview(path: Path, side_px: int, background: Colour) -> tuple[PictureCheck, QImage]:
    from kling_desktop.media.images import inspect
    from kling_desktop.media.preparing import load_small

    check = inspect(path)
    small = load_small(path, side_px, background=background)
    image = QImage(
        small.pixels, small.width, small.height, small.width * 3, QImage.Format.Format_RGB888
    )
    return check, image.copy()  # the bytes belong to Python and go away


def _take_last_frame(source: Path, target_dir: Path) -> Path:
    from kling_desktop.domain.errors import DamagedDownload
    from kling_desktop.media.video_file import last_frame

    status = source.stat()
    key = f"{source}\0{status.st_size}\0{status.st_mtime_ns}"
    name = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    try:
        make_private_folder(target_dir)
        target = target_dir / f"{source.stem[:80]} last frame {name}.png"
        make_private_file(last_frame(source, target))
    except DamagedDownload as error:
        raise RefusedPicture(ImageFault.VIDEO_DAMAGED, detail=error.detail) from error
    except OSError as error:
        raise LibraryUnavailable(detail=str(error)) from error
    return target


def _keep_image(image: QImage, target_dir: Path) -> Path:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # pyright: ignore[reportArgumentType, reportCallIssue]
    content = data.data()
    path = target_dir / f"pasted-{hashlib.sha256(content).hexdigest()[:16]}.png"
    try:
        make_private_folder(target_dir)
        part = path.with_suffix(".part")
        make_private_file(part)
        part.write_bytes(content)
        replace_file(part, path)
    except OSError as error:
        raise LibraryUnavailable(detail=str(error)) from error
    return path
