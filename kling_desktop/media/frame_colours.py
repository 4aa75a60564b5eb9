"""Turns a video's numbers into colours for the screen, the same for every decoder.

Videos store brightness and two colour differences.  Which matrix brings them back stands in the
file; where it does not, the size decides, as Qt's player and all others do.  High dynamic range
is brought down to what a screen and a PNG can show.

Sources: ITU-R BT.601, BT.709, BT.2020, BT.2100 (PQ and HLG).
"""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import av
    from PIL import Image, ImageFilter

_LARGEST_SD_HEIGHT = 576
_UNSPECIFIED, _BT709, _BT601 = 2, 1, 5
_PQ, _HLG = 16, 18
_LUT_SIZE = 33
_WHITE_NITS = 203.0
"""The brightness of white paper in HDR (ITU-R BT.2408): what becomes white on a screen."""
_PEAK_NITS = 1000.0
_BT2020_TO_BT709 = (
    (1.6605, -0.5876, -0.0728),
    (-0.1246, 1.1329, -0.0083),
    (-0.0182, -0.1006, 1.1187),
)

Colour = tuple[float, float, float]


def to_rgb(frame: "av.VideoFrame", width: int, height: int) -> "Image.Image":
    """Convert a decoded frame to 8-bit RGB at a size, in the colours that a screen has."""
    source = choose_matrix(int(frame.colorspace), frame.height)
    image = frame.reformat(
        width=width, height=height, format="rgb24", src_colorspace=source
    ).to_image()
    transfer = int(frame.color_trc)
    return image.filter(_build_tone_map(transfer)) if transfer in (_PQ, _HLG) else image


def choose_matrix(colorspace: int, height: int) -> int:
    """Return the matrix of a video: the one that it names, else the one of its size."""
    if colorspace != _UNSPECIFIED:
        return colorspace
    return _BT709 if height > _LARGEST_SD_HEIGHT else _BT601


@cache
def _build_tone_map(transfer: int) -> "ImageFilter.Color3DLUT":
    from PIL import ImageFilter

    to_nits = _pq_to_nits if transfer == _PQ else _hlg_to_nits
    curve = tuple(to_nits(step / (_LUT_SIZE - 1)) / _WHITE_NITS for step in range(_LUT_SIZE))

    def map_colour(red: float, green: float, blue: float) -> Colour:
        wide = [curve[round(value * (_LUT_SIZE - 1))] for value in (red, green, blue)]
        narrow = [
            max(0.0, sum(part * value for part, value in zip(row, wide, strict=True)))
            for row in _BT2020_TO_BT709
        ]
        brightest = max(narrow)
        scale = _compress(brightest) / brightest if brightest else 0.0
        shown = [_to_srgb(min(1.0, value * scale)) for value in narrow]
        return shown[0], shown[1], shown[2]

    return ImageFilter.Color3DLUT.generate(_LUT_SIZE, map_colour)


def _compress(value: float) -> float:
    """Bring what is brighter than white down to it; what is darker than half stays as it is."""
    knee, peak = 0.5, _PEAK_NITS / _WHITE_NITS
    if value <= knee:
        return value
    over, room, most = value - knee, 1.0 - knee, peak - knee
    return knee + room * over * (1 + over * room / most**2) / (over + room)


def _pq_to_nits(value: float) -> float:
    power = value ** (1 / 78.84375)
    top = max(power - 0.8359375, 0.0)
    return 10_000.0 * (top / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)


def _hlg_to_nits(value: float) -> float:
    from math import exp

    scene = value * value / 3 if value <= 0.5 else (exp((value - 0.55991073) / 0.17883277)) / 12
    scene = scene if value <= 0.5 else scene + 0.28466892 / 12
    return _PEAK_NITS * scene**1.2


def _to_srgb(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
