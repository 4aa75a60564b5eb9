"""The recipe inside a video file: written without touching a picture, read back with suspicion."""

import json
import logging
import os
from pathlib import Path

from kling_desktop.domain.errors import (
    DamagedDownload,
    DamagedValue,
    DiskFull,
    KlingDesktopError,
    LibraryUnavailable,
)
from kling_desktop.domain.video import Recipe, recipe_from_json, recipe_to_json
from kling_desktop.media.video_file import NO_ROOM, open_video

logger = logging.getLogger(__name__)

MAX_RECIPE_CHARS = 256 * 1024
"""Ten times what the longest prompts make; more is no recipe of ours."""

_TITLE_CHARS = 120


def embed_recipe(source: Path, target: Path, recipe: Recipe) -> None:
    """Copy a video packet by packet and put its recipe into the copy (blocking).

    Pictures and sound stay byte for byte what they were; the copy can be played while it is still
    being read.  The recipe is the tag ``comment``, as JSON; the prompt is the tag ``description``.

    Args:
        source: The video; only read.
        target: Where the copy is written; it is on the disk when this returns.  A part of it that
            could not be finished is removed.
        recipe: What to write.

    Raises:
        DamagedDownload: The source cannot be read to its end, or fits no MP4.
        DiskFull: There is no room.
        LibraryUnavailable: The target cannot be written.
    """
    try:
        with target.open("wb"):
            pass
        _copy_packets(source, target, _build_tags(recipe))
        with target.open("rb+") as file:
            os.fsync(file.fileno())
    except OSError as error:
        target.unlink(missing_ok=True)
        if error.errno in NO_ROOM:
            raise DiskFull(detail=str(error)) from error
        raise LibraryUnavailable(detail=str(error)) from error
    except KlingDesktopError:
        target.unlink(missing_ok=True)
        raise


def read_recipe(path: Path) -> Recipe | None:
    """Return the recipe inside a video that anybody may have made; None where there is none."""
    try:
        with open_video(path) as (container, _):
            text = container.metadata.get("comment", "")
    except (DamagedDownload, LibraryUnavailable) as error:
        logger.info("no recipe from %s: %s", path.name, error)
        return None
    if not text or len(text) > MAX_RECIPE_CHARS or "kling_desktop_recipe" not in text:
        return None
    try:
        return recipe_from_json(json.loads(text))
    except (DamagedValue, ValueError, RecursionError) as error:
        logger.warning("the recipe in %s cannot be read: %s", path.name, error)
        return None


def _build_tags(recipe: Recipe) -> dict[str, str]:
    words = " ".join(recipe.draft.prompt.split())
    tags = {
        "comment": json.dumps(recipe_to_json(recipe), ensure_ascii=False, separators=(",", ":")),
        "date": recipe.made_at.isoformat(timespec="seconds"),
    }
    if words:
        tags |= {"title": words[:_TITLE_CHARS], "description": recipe.draft.prompt}
    return tags


def _copy_packets(source: Path, target: Path, tags: dict[str, str]) -> None:
    import av

    with (
        open_video(source) as (container, _),
        av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as copy,
    ):
        copy.metadata.update(container.metadata)
        copy.metadata.update(tags)
        streams = {
            stream.index: copy.add_stream_from_template(stream)
            for stream in (*container.streams.video, *container.streams.audio)
        }
        for packet in container.demux(
            [stream for stream in container.streams if stream.index in streams]
        ):
            if packet.is_corrupt:
                raise DamagedDownload(detail="the file is cut off")
            if packet.dts is None:
                continue
            packet.stream = streams[packet.stream.index]
            copy.mux(packet)
