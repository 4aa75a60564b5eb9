"""Thumbnails on disk: made once, found again, and removed when they are too many.

Everything here is derived: the folder may be deleted at any time.
"""

import hashlib
import io
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from kling_desktop.domain.limits import DEFAULT_CACHE_MB
from kling_desktop.media.decoding import DecodeFailed
from kling_desktop.media.preparing import load_small
from kling_desktop.media.video_file import STRIP_FRAMES, poster, strip
from kling_desktop.storage.files.atomic_io import replace_file
from kling_desktop.storage.files.private_files import make_private_file, make_private_folder

if TYPE_CHECKING:
    from PIL import Image

logger = logging.getLogger(__name__)

_QUALITY = 82
_VERSION = 2


class ThumbnailKind(StrEnum):
    """What of a file is shown small."""

    POSTER = "poster"
    STRIP = "strip"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class ThumbnailKey:
    """Which thumbnail is wanted.

    Attributes:
        width: In device pixels; of one frame for a strip, which has `STRIP_FRAMES` of them.
    """

    path: Path
    kind: ThumbnailKind
    width: int


class ThumbnailFiles:
    """The folder of thumbnails.  Owned by `Thumbnails`; blocking, safe in several threads.

    Args:
        folder: Where they lie; made when first needed.
        budget_bytes: How much of them `trim` leaves.

    Attributes:
        budget_bytes: The same; the user may change it while the app runs.
    """

    def __init__(self, folder: Path, *, budget_bytes: int = DEFAULT_CACHE_MB * 1024 * 1024) -> None:
        self._folder = folder
        self.budget_bytes = budget_bytes

    def load(self, key: ThumbnailKey, cancelled: Callable[[], bool]) -> bytes:
        """Return the JPEG of a thumbnail, from the folder or newly made.

        Raises:
            KlingDesktopError: The file is gone or damaged.
            VideoCancelled: `cancelled` said yes.
        """
        file = self._find_place(key)
        try:
            data = file.read_bytes()
            os.utime(file)
        except OSError:
            data = b""
        if data.endswith(b"\xff\xd9"):
            return data
        data = _make(key, cancelled)
        self._keep(file, data)
        return data

    def measure(self) -> int:
        """Say how many bytes they take on the disk (blocking)."""
        try:
            return sum(file.stat().st_size for file in self._folder.glob("*/*.jpg"))
        except OSError:
            return 0

    def clear(self) -> None:
        """Remove all of them; they are made again when they are wanted (blocking)."""
        for file in tuple(self._folder.glob("*/*.jpg")):
            try:
                file.unlink(missing_ok=True)
            except OSError as error:
                logger.info("a thumbnail stays: %s", error)

    def trim(self) -> None:
        """Throw away what was not looked at for longest, down to the budget."""
        try:
            found = [(file.stat(), file) for file in self._folder.glob("*/*.jpg")]
        except OSError:
            return
        total = sum(status.st_size for status, _ in found)
        for status, file in sorted(found, key=lambda pair: pair[0].st_mtime):
            if total <= self.budget_bytes:
                return
            total -= status.st_size
            try:
                file.unlink(missing_ok=True)
            except OSError as error:
                logger.info("a thumbnail stays: %s", error)

    def _find_place(self, key: ThumbnailKey) -> Path:
        """Name the file for the source as it is now: a changed source is another one."""
        try:
            status = key.path.stat()
        except (OSError, ValueError) as error:
            raise DecodeFailed(detail=str(error)) from error
        facts = (_VERSION, key.path, status.st_size, status.st_mtime_ns, key.kind, key.width)
        facts_text = "\0".join(str(fact) for fact in facts).encode("utf-8", "surrogateescape")
        name = hashlib.sha256(facts_text).hexdigest()[:40]
        return self._folder / name[:2] / f"{name[2:]}.jpg"

    def _keep(self, file: Path, data: bytes) -> None:
        """Write it if the disk lets us; without it the picture is only made again next time."""
        part = file.with_name(f"{file.stem}.{uuid4().hex}.part")
        try:
            make_private_folder(file.parent)
            make_private_file(part)
            part.write_bytes(data)
            replace_file(part, file)
        except OSError as error:
            logger.info("a thumbnail was not kept: %s", error)


def _make(key: ThumbnailKey, cancelled: Callable[[], bool]) -> bytes:
    match key.kind:
        case ThumbnailKind.POSTER:
            image = poster(key.path, key.width)
        case ThumbnailKind.STRIP:
            image = strip(key.path, frames=STRIP_FRAMES, width=key.width, cancelled=cancelled)
        case ThumbnailKind.PICTURE:
            image = _shrink_picture(key.path, key.width)
    target = io.BytesIO()
    image.save(target, "JPEG", quality=_QUALITY)
    return target.getvalue()


def _shrink_picture(path: Path, width: int) -> "Image.Image":
    from PIL import Image

    small = load_small(path, width * 3)
    image = Image.frombytes("RGB", (small.width, small.height), small.pixels)
    if width < image.width:
        height = max(1, round(image.height * width / image.width))
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    return image
