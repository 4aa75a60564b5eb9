"""Reads the recipe in a video file, and adds one without changing what the service made.

What a recipe contains is in `domain/video.py`.

It has three forms, and all are read:

- an XMP box at the very end of the file; every byte in front of it stays what it was,
- a ``.json`` file beside a video that carries content credentials, which any change would break,
- the tag ``comment`` of older versions of this app.
"""

import json
import logging
import os
import shutil
import uuid
from pathlib import Path
from typing import BinaryIO

from kling_desktop.domain.errors import (
    DamagedDownload,
    DamagedValue,
    DiskFull,
    LibraryUnavailable,
)
from kling_desktop.domain.video import Recipe, recipe_from_json, recipe_to_json
from kling_desktop.media.mp4_boxes import BadBoxes, Box, build_uuid_box, list_boxes
from kling_desktop.media.recipe_packet import build_packet, find_recipe_text
from kling_desktop.media.video_file import NO_ROOM, open_video
from kling_desktop.storage.cleanup import cleanup_on_failure
from kling_desktop.storage.files.atomic_io import sync_directory
from kling_desktop.storage.files.private_files import SHARED_FILE
from kling_desktop.storage.files.recipe_beside import recipe_beside
from kling_desktop.storage.files.small_files import read_small_file

logger = logging.getLogger(__name__)

MAX_RECIPE_CHARS = 256 * 1024
"""Ten times what the longest prompts make; more is no recipe of ours."""
MAX_PACKET_BYTES = 2 * 1024 * 1024

_XMP = uuid.UUID("be7acfcb-97a9-42e8-9c71-999491e3afac")
_CREDENTIALS = uuid.UUID("d8fec3d6-1b0e-483c-9297-5828877ec481")
"""The box of content credentials (C2PA): signed, and broken by any byte that changes."""
_REMOTE_CREDENTIALS = b"provenance"
"""The property by which an XMP packet says that credentials lie on the web."""
_MARK = "kling_desktop_recipe"


def embed_recipe(source: Path, target: Path, recipe: Recipe) -> bool:
    """Copy a video and add its recipe at the end of the copy (blocking).

    Args:
        source: The video; only read.
        target: Where the copy is written; it is on the disk when this returns.  A part of it that
            could not be finished is removed.
        recipe: What to write.

    Returns:
        False for a video that has to stay as it is; nothing was written then.

    Raises:
        DamagedDownload: The source is no whole MP4.
        DiskFull: There is no room.
        LibraryUnavailable: The source cannot be read or the target not written.
    """
    box = build_uuid_box(_XMP, build_packet(recipe, _to_text(recipe)))
    try:
        with source.open("rb") as file:
            boxes = list_boxes(file)
            if boxes[-1].is_open or _has_credentials(file, boxes):
                return False
            end = boxes[-1].end
            if _find_in_box(file, boxes[-1]) is not None:
                end = boxes[-1].start  # written twice, the last recipe counts
        _copy(source, end, box, target)
    except BadBoxes as error:
        raise DamagedDownload(detail=str(error)) from error
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFull(detail=str(error)) from error
        raise LibraryUnavailable(detail=str(error)) from error
    return True


def read_recipe(path: Path) -> Recipe | None:
    """Return the recipe of a video that anybody may have made; None where there is none."""
    try:
        with path.open("rb") as file:
            boxes = list_boxes(file)
            for box in reversed(boxes):
                recipe = _find_in_box(file, box)
                if recipe is not None:
                    return recipe
    except BadBoxes:
        pass  # an old tag or a file beside it may still say something
    except OSError as error:
        logger.info("no recipe from %s: %s", path.name, error)
        return None
    return _read_tag(path) or read_recipe_beside(path)


def write_recipe_beside(path: Path, recipe: Recipe) -> bool:
    """Write the recipe of a video into a file beside it (blocking).

    Returns:
        False when a file of this name is there already; it stays as it is.

    Raises:
        OSError: It cannot be written.
    """
    place = recipe_beside(path)
    try:
        handle = os.open(
            place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), SHARED_FILE
        )
    except FileExistsError:
        return False
    with cleanup_on_failure(place.unlink), os.fdopen(handle, "wb") as file:
        file.write(json.dumps(recipe_to_json(recipe), ensure_ascii=False, indent=1).encode())
        file.flush()
        os.fsync(file.fileno())
    sync_directory(place.parent)
    return True


def read_recipe_beside(path: Path) -> Recipe | None:
    """Read the file beside a video; it may be anything, and is only believed as a plain file."""
    place = recipe_beside(path)
    try:
        text = (read_small_file(place, 4 * MAX_RECIPE_CHARS) or b"").decode("utf-8")
    except (OSError, ValueError):
        return None
    return _parse(text, place.name)


def _to_text(recipe: Recipe) -> str:
    return json.dumps(recipe_to_json(recipe), ensure_ascii=True, separators=(",", ":"))


def _copy(source: Path, length: int, box: bytes, target: Path) -> None:
    """Copy the beginning of a file and add a box; what could not be finished is removed."""
    with target.open("wb"):
        pass
    with cleanup_on_failure(target.unlink):
        shutil.copyfile(source, target)  # lets the file system share the bytes where it can
        with target.open("r+b") as copy:
            copy.truncate(length)
            copy.seek(length)
            copy.write(box)
            copy.flush()
            os.fsync(copy.fileno())


def _has_credentials(file: BinaryIO, boxes: tuple[Box, ...]) -> bool:
    return any(
        box.user_type == _CREDENTIALS
        or (box.user_type == _XMP and _REMOTE_CREDENTIALS in _read_content(file, box))
        for box in boxes
    )


def _find_in_box(file: BinaryIO, box: Box) -> Recipe | None:
    if box.user_type != _XMP:
        return None
    text = find_recipe_text(_read_content(file, box))
    return _parse(text, "a box") if text else None


def _read_content(file: BinaryIO, box: Box) -> bytes:
    """Read a box whose size is plausible; of one that is too large nothing."""
    if box.end - box.content > MAX_PACKET_BYTES:
        return b""
    file.seek(box.content)
    return file.read(box.end - box.content)


def _read_tag(path: Path) -> Recipe | None:
    try:
        with open_video(path) as (container, _):
            text = container.metadata.get("comment", "")
    except (DamagedDownload, LibraryUnavailable) as error:
        logger.info("no recipe from %s: %s", path.name, error)
        return None
    return _parse(text, path.name)


def _parse(text: str, name: str) -> Recipe | None:
    if not text or len(text) > MAX_RECIPE_CHARS or _MARK not in text:
        return None
    try:
        value: object = json.loads(text)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # half of a surrogate pair is no text
        return recipe_from_json(value)
    except (DamagedValue, ValueError, RecursionError) as error:
        logger.warning("the recipe in %s cannot be read: %s", name, error)
        return None
