"""How frames become an MP4 that plays everywhere: H.264, 4:2:0, index first, exact length."""

import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import VideoFrame
from PIL import Image

_BT709 = 1
_LIMITED_RANGE = 1
_FAST_START = {"movflags": "+faststart"}


@dataclass(frozen=True, slots=True)
class Planes:
    """One picture as video keeps it: full brightness (Y), colour at half the size (U, V)."""

    y: Image.Image
    u: Image.Image
    v: Image.Image

    @property
    def parts(self) -> tuple[Image.Image, Image.Image, Image.Image]:
        return (self.y, self.u, self.v)


def planes_of(picture: Image.Image) -> Planes:
    """Turn an RGB picture of even sides into BT.709 planes of limited range."""
    source = VideoFrame.from_image(picture)
    frame = source.reformat(
        format="yuv420p", dst_colorspace="ITU709", src_color_range="JPEG", dst_color_range="MPEG"
    )
    sizes = (picture.size, *[(picture.width // 2, picture.height // 2)] * 2)
    y, u, v = (
        Image.frombytes("L", size, bytes(plane), "raw", "L", plane.line_size, 1)
        for plane, size in zip(frame.planes, sizes, strict=True)
    )
    return Planes(y, u, v)


def write_video(
    target: Path,
    pictures: Iterable[Planes],
    *,
    width: int,
    height: int,
    fps: int,
    preset: str,
    crf: int,
    comment: str,
    colour_notes: bool = True,
) -> None:
    """Encode the pictures at a steady rate; the file appears under its name only when complete.

    Width and height are even.  Without `colour_notes` the file does not say that its colours are
    BT.709 of limited range, as many encoders' files do not.

    Whatever the iterable raises passes through and leaves no file.
    """
    unfinished = _unfinished(target)
    try:
        with av.open(str(unfinished), "w", format="mp4", options=_FAST_START) as output:
            output.metadata["comment"] = comment
            stream = output.add_stream(
                "libx264", rate=fps, options={"preset": preset, "crf": str(crf), "bf": "0"}
            )
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.codec_context.gop_size = fps
            stream.codec_context.thread_count = 2
            if colour_notes:
                stream.codec_context.colorspace = _BT709
                stream.codec_context.color_primaries = _BT709
                stream.codec_context.color_trc = _BT709
                stream.codec_context.color_range = _LIMITED_RANGE
            for number, picture in enumerate(pictures):
                output.mux(stream.encode(_frame_of(picture, number, fps)))
            output.mux(stream.encode(None))
        os.replace(unfinished, target)  # noqa: PTH105 - one rename, also over an older attempt
    finally:
        unfinished.unlink(missing_ok=True)


def repeat_video(source: Path, target: Path, *, times: int, comment: str) -> None:
    """Play a video several times over in a new file, without encoding anything again.

    The source must begin with a key frame and have no frames out of order, as `write_video` makes
    them.
    """
    unfinished = _unfinished(target)
    try:
        with (
            av.open(str(source)) as old,
            av.open(str(unfinished), "w", format="mp4", options=_FAST_START) as new,
        ):
            new.metadata["comment"] = comment
            template = old.streams.video[0]
            span, base = int(template.duration or 0), template.time_base
            stream = new.add_stream_from_template(template)
            packets = [packet for packet in old.demux(template) if packet.dts is not None]
            moments = [(int(packet.pts or 0), int(packet.dts or 0)) for packet in packets]
            for turn in range(times):
                for packet, (pts, dts) in zip(packets, moments, strict=True):
                    packet.time_base = base
                    packet.pts, packet.dts = pts + turn * span, dts + turn * span
                    packet.stream = stream
                    new.mux(packet)
        os.replace(unfinished, target)  # noqa: PTH105 - one rename, also over an older attempt
    finally:
        unfinished.unlink(missing_ok=True)


def _unfinished(target: Path) -> Path:
    """Name the place where this thread writes: two may be making the same video."""
    return target.with_name(f"{target.name}.{threading.get_native_id()}.unfinished")


def _frame_of(picture: Planes, number: int, fps: int) -> VideoFrame:
    frame = VideoFrame(picture.y.width, picture.y.height, "yuv420p")
    for plane, part in zip(frame.planes, picture.parts, strict=True):
        # The raw encoder pads each row to the length that the frame wants.
        plane.update(part.tobytes("raw", "L", plane.line_size, 1))
    frame.pts = number
    frame.time_base = Fraction(1, fps)
    return frame
