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
