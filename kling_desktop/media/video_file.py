"""What is in a video file: its facts, exact frames, a poster and the strip for hovering (PyAV)."""

import errno
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from kling_desktop.domain.errors import (
    DamagedDownload,
    DiskFull,
    KlingDesktopError,
    LibraryUnavailable,
)
from kling_desktop.domain.video import VideoFacts
from kling_desktop.media.frame_colours import to_rgb
from kling_desktop.storage.files.atomic_io import remove_leftover, replace_file
from kling_desktop.storage.files.system_errors import translate_file_error

if TYPE_CHECKING:
    import av
    from av.container import InputContainer
    from av.video.stream import VideoStream
    from PIL import Image

STRIP_FRAMES = 24
MAX_FRAME_PIXELS = 8192 * 8192
MAX_TALLNESS = 8
"""How many times as high as wide a thumbnail may be; none that is meant seriously is."""
MAX_DURATION_S = 6 * 3600.0

_OPTIONS = {
    # A file may be a play list in disguise: only videos, and only from this file.
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts",
    "protocol_whitelist": "file",
}

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""The system's codes for a disk, a quota or a file that can take no more."""

Cancelled = Callable[[], bool]
"""Asked between frames; yes ends the work with `VideoCancelled`."""


def never() -> bool:
    """Let the work go on to its end."""
    return False


class VideoCancelled(Exception):
    """The caller's `cancelled` said yes in the middle of the work."""


@contextmanager
def open_video(
    path: Path, options: Mapping[str, str] = MappingProxyType({})
) -> "Iterator[tuple[InputContainer, VideoStream]]":
    """Open a video and its first picture stream; nothing but this one file is read.

    Args:
        path: The file.
        options: More of FFmpeg's options for its readers.

    Raises:
        DamagedDownload: It is no video, or the body met damage.
        LibraryUnavailable: The file is not there or may not be read.
        DiskFull: The body wrote something and there was no room.
    """
    import av
    from av.error import FFmpegError

    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise LibraryUnavailable(detail=str(error)) from error
    try:
        with av.open(str(path), "r", options={**_OPTIONS, **options}) as container:
            if not container.streams.video:
                raise DamagedDownload(detail="no picture stream")
            stream = container.streams.video[0]
            # A codec that nobody knows has no context, whatever the annotations say.
            if stream.codec_context is None:
                raise DamagedDownload(detail="no codec for the pictures")
            pixels = stream.codec_context.width * stream.codec_context.height
            if not 0 < pixels <= MAX_FRAME_PIXELS:
                raise DamagedDownload(detail="the frame size makes no sense")
            yield container, stream
    except (FFmpegError, OSError, ValueError, ArithmeticError) as error:
        raise _translate(error) from error


def _translate(error: Exception) -> KlingDesktopError:
    """Distinguish a full disk from a damaged video, which FFmpeg reports by any other code."""
    detail = f"{type(error).__name__}: {error}"[:300]
    if getattr(error, "errno", None) in NO_ROOM:
        return DiskFull(detail=detail)
    return DamagedDownload(detail=detail)


def probe(path: Path, *, deep: bool = False) -> VideoFacts:
    """Measure a video and prove that it is whole (blocking).

    Every packet is read, so that a file cut off anywhere is found, and the first frame is decoded.

    Args:
        path: The file.
        deep: Decode every frame too; slow, finds damage inside.

    Raises:
        DamagedDownload: It is no video, is cut off, or cannot be decoded.
        LibraryUnavailable: The file is not there or may not be read.
    """
    with open_video(path) as (container, stream):
        first = _decode_first(container, stream, alone=not deep)
        frames = _count_shown(container, stream, deep=deep)
        duration_s = _measure_duration(container, stream, frames)
        fps = _read_fps(stream) or (frames / duration_s)
        width, height = first.width, first.height
        if _is_on_its_side(first):
            width, height = height, width
        return VideoFacts(
            width=width,
            height=height,
            duration_s=duration_s,
            fps=fps,
            frames=frames,
            codec=stream.codec_context.name,
            size_bytes=path.stat().st_size,
        )


def poster(path: Path, width: int) -> "Image.Image":
    """Return the first frame, upright, at most `width` pixels wide (blocking)."""
    with open_video(path) as (container, stream):
        first = _decode_first(container, stream)
        shown = first.height if _is_on_its_side(first) else first.width
        return _to_image(first, min(width, shown))


def strip(
    path: Path,
    *,
    frames: int = STRIP_FRAMES,
    width: int = 320,
    cancelled: Cancelled = never,
) -> "Image.Image":
    """Return evenly spread frames side by side, each `width` pixels wide, in one pass (blocking).

    Raises:
        VideoCancelled: `cancelled` said yes.
        DamagedDownload: No frame could be decoded.
    """
    from PIL import Image

    with open_video(path) as (container, stream):
        duration_s = _read_duration(container, stream)
        taken: list[Image.Image] = []
        last: av.VideoFrame | None = None
        for frame in _decode_all(container, stream, cancelled):
            last = frame
            end = (frame.time or 0.0) + _read_frame_duration(stream)
            due = min(frames, math.ceil(end / duration_s * frames - 0.5)) if duration_s else 0
            if due > len(taken):
                taken += [_to_image(frame, width)] * (due - len(taken))
        if last is None:
            raise DamagedDownload(detail="no frame could be decoded")
        # A header that promises more than there is must not leave the end of the strip black.
        if len(taken) < frames:
            taken += [_to_image(last, width)] * (frames - len(taken))
    sprite = Image.new("RGB", (width * frames, taken[0].height))
    for index, picture in enumerate(taken):
        sprite.paste(picture, (index * width, 0))
    return sprite


def read_frame(path: Path, index: int, *, cancelled: Cancelled = never) -> "Image.Image":
    """Return one frame, counted from 0, upright and at full size; past the end it is the last.

    The count is that of the frames as they are shown, whatever their rate.

    Raises:
        VideoCancelled: `cancelled` said yes.
        DamagedDownload: The video cannot be decoded up to there.
    """
    wanted = max(0, index)
    with open_video(path) as (container, stream):
        times = _list_times(container, stream) if wanted else []
        at = times[min(wanted, len(times) - 1)] if times else None
        container.seek((stream.start_time or 0) if at is None else at, stream=stream, backward=True)
        found: av.VideoFrame | None = None
        for position, frame in enumerate(_decode_all(container, stream, cancelled)):
            found = frame
            # Without times in the file they are counted from the start.
            reached = position >= wanted if at is None or frame.pts is None else frame.pts >= at
            if reached:
                break
        if found is None:
            raise DamagedDownload(detail="no frame could be decoded")
        return _to_image(found)


def read_times(path: Path) -> tuple[float, ...]:
    """Return when each frame is shown, in seconds from the first one (blocking).

    Empty where the file has no times.

    Raises:
        DamagedDownload: It is no video.
        LibraryUnavailable: The file is not there or may not be read.
    """
    with open_video(path) as (container, stream):
        times = _list_times(container, stream)
        tick_s = float(stream.time_base or 0)
        return tuple((at - times[0]) * tick_s for at in times)


def last_frame(path: Path, target_png: Path, *, cancelled: Cancelled = never) -> Path:
    """Write the exact last frame as a PNG at full size and return where it is (blocking)."""
    with open_video(path) as (container, stream):
        if stream.duration:
            container.seek(stream.duration + (stream.start_time or 0), stream=stream, backward=True)
        last: av.VideoFrame | None = None
        for frame in _decode_all(container, stream, cancelled):
            last = frame
        if last is None:
            raise DamagedDownload(detail="no frame could be decoded")
        image = _to_image(last)
    return _write_png(image, target_png)


def save_frame(path: Path, index: int, target_png: Path) -> Path:
    """Write one frame, counted from 0, as a PNG at full size; errors as `read_frame`."""
    return _write_png(read_frame(path, index), target_png)


def _decode_first(
    container: "InputContainer", stream: "VideoStream", *, alone: bool = True
) -> "av.VideoFrame":
    """Decode one frame; `alone` says that no other will be.

    Then the decoder gets no threads of its own: to end them takes longer than the frame does, and
    PyAV holds up the whole interpreter, the window's thread too, until they have ended.
    """
    stream.thread_type = "NONE" if alone else "AUTO"
    for frame in container.decode(stream):
        return frame
    raise DamagedDownload(detail="no frame could be decoded")


def _decode_all(
    container: "InputContainer", stream: "VideoStream", cancelled: Cancelled
) -> "Iterator[av.VideoFrame]":
    stream.thread_type = "AUTO"
    for frame in container.decode(stream):
        if cancelled():
            raise VideoCancelled
        yield frame


def _count_shown(container: "InputContainer", stream: "VideoStream", *, deep: bool) -> int:
    """Read the whole file and count the frames that are shown; raises where it is cut off."""
    container.seek(stream.start_time or 0, stream=stream, backward=True)
    packets = shown = decoded = 0
    for packet in container.demux():
        if packet.is_corrupt:
            raise DamagedDownload(detail="the file is cut off")
        if packet.stream is not stream:
            continue
        packets += bool(packet.size)
        shown += bool(packet.size) and not packet.is_discard
        if deep:
            decoded += sum(1 for _ in packet.decode())
    # A video that was trimmed without encoding it anew holds more frames than it shows.
    if packets < stream.frames:
        packets = _count_stored(Path(container.name))
    if packets < stream.frames or shown == 0:
        raise DamagedDownload(detail=f"{packets} of {stream.frames} frames are in the file")
    if deep and decoded < shown:
        raise DamagedDownload(detail=f"{decoded} of {shown} frames can be decoded")
    return shown


def _count_stored(path: Path) -> int:
    """Count the frames of an MP4 whether its edit list shows them or not."""
    with open_video(path, {"advanced_editlist": "0"}) as (container, stream):
        return sum(1 for packet in container.demux(stream) if packet.size)


def _list_times(container: "InputContainer", stream: "VideoStream") -> list[int]:
    """List when each frame is shown, in order, without decoding; empty where the file says none.

    The rate alone would not do: phones and screen recorders write frames as they come.
    """
    times: set[int] = set()
    for packet in container.demux(stream):
        if packet.size and not packet.is_discard:
            if packet.pts is None:
                return []
            times.add(packet.pts)
    return sorted(times)


def _read_fps(stream: "VideoStream") -> float:
    """Return the average rate; PyAV 18 gives a Fraction and 19 a type of its own."""
    rate = stream.average_rate or stream.guessed_rate
    return float(rate) if rate else 0.0


def _read_frame_duration(stream: "VideoStream") -> float:
    fps = _read_fps(stream)
    return 1.0 / fps if fps else 0.0


def _read_duration(container: "InputContainer", stream: "VideoStream") -> float:
    if stream.duration and stream.time_base:
        return float(stream.duration * float(stream.time_base))
    return (container.duration or 0) / 1_000_000


def _measure_duration(container: "InputContainer", stream: "VideoStream", frames: int) -> float:
    duration_s = _read_duration(container, stream)
    if not duration_s and _read_fps(stream):
        duration_s = frames / _read_fps(stream)
    if not 0.0 < duration_s <= MAX_DURATION_S:
        raise DamagedDownload(detail=f"a length of {duration_s:g} s makes no sense")
    return duration_s


def _is_on_its_side(frame: "av.VideoFrame") -> bool:
    return frame.rotation % 180 != 0


def _to_image(frame: "av.VideoFrame", width: int | None = None) -> "Image.Image":
    """Turn a frame upright; `width` is that of the upright picture, in pixels."""
    from PIL.Image import Transpose

    size = (frame.width, frame.height)
    if width is not None:
        on_its_side = _is_on_its_side(frame)
        shown_width, shown_height = size[::-1] if on_its_side else size
        # A video of one column must not become a picture of a million rows.
        height = max(1, min(round(shown_height * width / shown_width), MAX_TALLNESS * width))
        size = (height, width) if on_its_side else (width, height)
    image = to_rgb(frame, *size)
    # The rotation is counter-clockwise, as Pillow's is.
    method = {90: Transpose.ROTATE_90, 180: Transpose.ROTATE_180, 270: Transpose.ROTATE_270}.get(
        frame.rotation % 360
    )
    return image if method is None else image.transpose(method)


def _write_png(image: "Image.Image", target: Path) -> Path:
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        image.save(part, "PNG")
        replace_file(part, target)
    except OSError as error:
        raise translate_file_error(error, target) from error
    finally:
        remove_leftover(part)
    return target
