"""Small real videos whose every frame says its number, made in milliseconds."""

import json
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from av.video.stream import VideoStream

BITS = 12


def draw_number(number: int, size: tuple[int, int]) -> Image.Image:
    """Draw a number as twelve black or white columns, which survive scaling and compression."""
    image = Image.new("RGB", size, (90, 90, 90))
    draw = ImageDraw.Draw(image)
    width, height = size
    for bit in range(BITS):
        colour = (255, 255, 255) if number >> (BITS - 1 - bit) & 1 else (0, 0, 0)
        left, right = bit * width // BITS, (bit + 1) * width // BITS - 1
        draw.rectangle((left, 0, right, height), fill=colour)
    return image


def read_number(image: Image.Image) -> int:
    """Read back what `draw_number` drew."""
    grey = image.convert("L")
    number = 0
    for bit in range(BITS):
        x = (2 * bit + 1) * grey.width // (2 * BITS)
        value = grey.getpixel((x, grey.height // 2))
        assert isinstance(value, int | float)
        number = number << 1 | (value > 127)
    return number


def make_video(
    path: Path,
    size: tuple[int, int] = (96, 54),
    fps: int = 24,
    seconds: float = 1.0,
    *,
    frames: int | None = None,
    codec: str = "libx264",
    faststart: bool = True,
    sound: bool = False,
    rotation: int = 0,
    noise: bool = False,
    b_frames: int = 0,
    tags: dict[str, object] | None = None,
) -> Path:
    """Make a playable video; `frames` beats `seconds`, `noise` makes it heavy.

    Args:
        rotation: How a player has to turn the picture, in degrees: 0, 90, 180 or 270.
        tags: Metadata; values that are not text are written as JSON.
    """
    import av

    count = frames if frames is not None else round(fps * seconds)
    options = {"movflags": "+faststart"} if faststart and path.suffix == ".mp4" else {}
    with av.open(str(path), "w", options=options) as container:
        for key, value in (tags or {}).items():
            container.metadata[key] = value if isinstance(value, str) else json.dumps(value)
        video = cast("VideoStream", container.add_stream(codec, rate=fps))
        video.width, video.height = size
        video.pix_fmt = "yuv420p"
        video.codec_context.gop_size = 250
        if codec == "libx264":
            video.options = {"preset": "ultrafast", "threads": "1", "bf": str(b_frames)}
            video.codec_context.max_b_frames = b_frames
        audio = container.add_stream("aac", rate=48000, layout="mono") if sound else None
        for number in range(count):
            image = (
                Image.effect_noise(size, 90).convert("RGB") if noise else draw_number(number, size)
            )
            frame = av.VideoFrame.from_image(image)
            frame.pts = number
            frame.time_base = Fraction(1, fps)
            container.mux(video.encode(frame))
        container.mux(video.encode())
        if audio is not None:
            for at in range(0, round(48000 * count / fps), 1024):
                silence = av.AudioFrame(format="fltp", layout="mono", samples=1024)
                for plane in silence.planes:
                    plane.update(bytes(plane.buffer_size))
                silence.sample_rate = 48000
                silence.pts = at
                container.mux(audio.encode(silence))
            container.mux(audio.encode())
    if rotation:
        _set_rotation(path, rotation)
    return path


_MATRICES = {
    # Rows a, b, u, c, d, v of the track header's matrix (ISO/IEC 14496-12), clockwise.
    90: (0, 1, -1, 0),
    180: (-1, 0, 0, -1),
    270: (0, -1, 1, 0),
}


def _set_rotation(path: Path, degrees: int) -> None:
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    a, b, c, d = _MATRICES[degrees]
    one = 1 << 16
    for place, value in ((0, a), (4, b), (12, c), (16, d)):
        data[at + place : at + place + 4] = (value * one).to_bytes(4, "big", signed=True)
    path.write_bytes(bytes(data))


def trim_start(path: Path, frames: int, fps: int) -> Path:
    """Let the edit list of a video begin later, as editors do that cut without encoding anew."""
    data = bytearray(path.read_bytes())
    at = data.index(b"elst") + 12
    shown_ms = int.from_bytes(data[at : at + 4], "big") - round(frames * 1000 / fps)
    start = int.from_bytes(data[at + 4 : at + 8], "big") + frames * _find_time_scale(data) // fps
    data[at : at + 8] = shown_ms.to_bytes(4, "big") + start.to_bytes(4, "big")
    path.write_bytes(bytes(data))
    return path


def _find_time_scale(data: bytearray) -> int:
    at = data.index(b"mdhd") + 16
    return int.from_bytes(data[at : at + 4], "big")


def make_colour_video(
    path: Path,
    colour: tuple[int, int, int] = (200, 30, 30),
    size: tuple[int, int] = (1280, 720),
    *,
    matrix: int,
    noted: int | None = None,
    deep: bool = False,
    full_range: bool = False,
    transfer: int = 2,
) -> Path:
    """Make a video of one colour.

    Args:
        matrix: FFmpeg's number of the matrix that the numbers are made with: 1 BT.709, 5 BT.601.
        noted: What the file says of it; None leaves it out, as many encoders do.
        deep: Ten bits a colour.
        full_range: The numbers use all of their range.
        transfer: FFmpeg's number of the transfer function: 16 is PQ, 18 HLG.
    """
    import av

    pixels = "yuv420p10le" if deep else "yuv420p"
    colour_range = 2 if full_range else 1
    with av.open(str(path), "w") as container:
        video = cast("VideoStream", container.add_stream("libx265" if deep else "libx264", rate=24))
        video.width, video.height = size
        video.pix_fmt = pixels
        if deep:
            video.options = {"preset": "ultrafast", "x265-params": "log-level=none"}
        else:
            video.options = {"preset": "ultrafast"}
        if noted is not None:
            video.codec_context.colorspace = noted
            video.codec_context.color_range = colour_range
        if transfer != 2:
            video.codec_context.color_trc = transfer
            video.codec_context.color_primaries = 9
        for number in range(5):
            frame = av.VideoFrame.from_image(Image.new("RGB", size, colour)).reformat(
                format=pixels, dst_colorspace=matrix, dst_color_range=colour_range
            )
            frame.pts = number
            frame.time_base = Fraction(1, 24)
            container.mux(video.encode(frame))
        container.mux(video.encode())
    return path


def make_uneven_video(path: Path) -> Path:
    """Make 60 frames at 60 a second, then 40 at 10 a second, each with its number."""
    import av

    base = Fraction(1, 600)
    with av.open(str(path), "w") as container:
        video = cast("VideoStream", container.add_stream("libx264", rate=60))
        video.width, video.height, video.pix_fmt = 96, 54, "yuv420p"
        video.time_base = video.codec_context.time_base = base
        video.options = {"preset": "ultrafast", "bf": "2"}
        for number in range(100):
            frame = av.VideoFrame.from_image(draw_number(number, (96, 54)))
            frame.pts = number * 10 if number < 60 else 600 + (number - 60) * 60
            frame.time_base = base
            container.mux(video.encode(frame))
        container.mux(video.encode())
    return path
