"""What a practice clip shows: a camera over pictures, or a landscape grown from the prompt."""

import math
import random
from typing import Protocol

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from kling_desktop.sandbox.caption import paint_caption
from kling_desktop.sandbox.video_writer import Planes, planes_of

_SLACK = 1.2
"""How much larger than the clip a picture is kept, so that zooming in stays crisp."""
_ZOOM = 0.45
"""How much closer the camera is at the end: so much that nobody takes the clip for a still."""
_SWING = 1.1
"""The arc, in radians, on which the camera comes to its goal."""
_BILINEAR = Image.Resampling.BILINEAR
_GLOWS = 24
"""Steps of brightness of a mote, made once."""
_GLOW_FALL = [round(216 * max(0.0, 1 - value / 128) ** 1.6) for value in range(256)]
"""From a radial gradient (dark in the middle) to light that fades outwards."""
_WHITE_Y, _GREY_UV = 235, 128
_PALETTES: tuple[tuple[str, str, str, str, str], ...] = (
    ("#12183a", "#7a4b86", "#f6a878", "#ffd9a0", "#1a1430"),
    ("#0b1d33", "#2c6e8f", "#a8dcd1", "#fff1c9", "#0c2431"),
    ("#151a2e", "#384a86", "#c98bb9", "#ffe3d3", "#171a33"),
    ("#1c1233", "#8c2f5d", "#ff8a5c", "#ffe0a3", "#23102c"),
    ("#07211f", "#1f6f5c", "#b9dc8f", "#f7f3c4", "#08231d"),
    ("#0a1330", "#1d3f88", "#79b4e8", "#e8f3ff", "#0b1836"),
    ("#2a1a1f", "#9a5340", "#f2c078", "#fff0cf", "#2a171a"),
)
"""Sky above, sky between, horizon, light, nearest ground."""


class Scene(Protocol):
    """Anything that can be rendered."""

    def draw(self, moment: float) -> Planes:
        """Return the picture at a moment from 0 (first frame) to 1 (last frame)."""
        ...


def ease(moment: float) -> float:
    """Start and end at rest, on the way at speed."""
    moment = min(max(moment, 0.0), 1.0)
    return moment * moment * moment * (moment * (moment * 6 - 15) + 10)


def dim(mask: Image.Image, amount: float) -> Image.Image:
    """Weaken a mask, from 1 (as it is) to 0 (nothing)."""
    return mask.point([round(value * amount) for value in range(256)])


class _Shot:
    """A camera that moves in on one picture along an arc; at the start it shows the whole of it."""

    def __init__(self, picture: Image.Image, width: int, height: int, towards: float) -> None:
        self._size = (width, height)
        kept = (_even(width * _SLACK), _even(height * _SLACK))
        self._planes = planes_of(ImageOps.fit(picture, kept, Image.Resampling.LANCZOS))
        self._towards = towards

    def draw(self, closeness: float) -> Planes:
        """Show the picture from 0 (all of it) to 1 (closest)."""
        zoom = 1 + _ZOOM * closeness
        angle = self._towards + _SWING * (closeness - 1)
        aim = (0.5 + 0.5 * math.cos(angle), 0.5 + 0.5 * math.sin(angle))
        return Planes(
            *(self._look(part, zoom, aim, index) for index, part in enumerate(self._planes.parts))
        )

    def _look(
        self, part: Image.Image, zoom: float, aim: tuple[float, float], index: int
    ) -> Image.Image:
        size = self._size if index == 0 else (self._size[0] // 2, self._size[1] // 2)
        wide, high = part.width / zoom, part.height / zoom
        left, top = (part.width - wide) * aim[0], (part.height - high) * aim[1]
        # Rounding must not put the edge beyond the picture: Pillow refuses such a box.
        box = (left, top, min(left + wide, part.width), min(top + high, part.height))
        return part.resize(size, _BILINEAR, box=box)


class PictureScene:
    """Opens on the first frame, moves in, and dissolves to the last frame where there is one."""

    def __init__(
        self, first: Image.Image, last: Image.Image | None, width: int, height: int, seed: int
    ) -> None:
        towards = random.Random(seed).uniform(0, 2 * math.pi)  # noqa: S311 - a camera, no secret
        self._first = _Shot(first, width, height, towards)
        self._last = None if last is None else _Shot(last, width, height, towards)

    def draw(self, moment: float) -> Planes:
        eased = ease(moment)
        if self._last is None:
            return self._first.draw(eased)
        mix = ease((moment - 0.3) / 0.5)
        if mix == 0:
            return self._first.draw(eased)
        if mix == 1:
            return self._last.draw(1 - eased)
        here, there = self._first.draw(eased), self._last.draw(1 - eased)
        return Planes(
            *(Image.blend(a, b, mix) for a, b in zip(here.parts, there.parts, strict=True))
        )


class PromptScene:
    """Hills under a glowing sky, moving past at their own speeds, with the prompt written below."""

    def __init__(self, prompt: str, width: int, height: int, seed: int) -> None:
        self._size = (width, height)
        rng = random.Random(seed)  # noqa: S311 - a landscape, no secret
        palette = rng.choice(_PALETTES)
        self._sky = planes_of(_paint_sky(width, height, palette, rng))
        self._hills = [_Layer(width, height, depth, palette, rng) for depth in (0.0, 0.5, 1.0)]
        self._lights = [_Light(width, height, rng) for _ in range(36)]
        shade, letters = paint_caption(prompt, width, height)
        self._caption = (shade, letters, letters.reduce(2))

    def draw(self, moment: float) -> Planes:
        way = 0.5 * moment + 0.5 * ease(moment)
        picture = Planes(*(part.copy() for part in self._sky.parts))  # too far off to move
        for hills in self._hills:
            hills.draw_on(picture, way, self._size[0])
        for light in self._lights:
            light.draw_on(picture, moment)
        self._write(picture, ease((moment - 0.04) / 0.2))
        return picture

    def _write(self, picture: Planes, shown: float) -> None:
        shade, letters, small = self._caption
        if shown < 1:
            shade, letters, small = (dim(mask, shown) for mask in self._caption)
        top = picture.y.height - shade.height
        picture.y.paste(16, (0, top), shade)
        picture.y.paste(_WHITE_Y, (0, top), letters)
        for part in (picture.u, picture.v):
            part.paste(_GREY_UV, (0, part.height - small.height), small)


class _Layer:
    """One row of hills, wider than the clip; the nearer, the faster and the darker."""

    def __init__(
        self,
        width: int,
        height: int,
        depth: float,
        palette: tuple[str, str, str, str, str],
        rng: random.Random,
    ) -> None:
        wide = _even(width * (1.2 + 0.8 * depth))
        high = _even(height * (0.46 - 0.16 * depth))
        waves = [
            (rng.uniform(0.6, 1.4) * n, rng.uniform(0, math.tau), 1 / n) for n in (1, 2.3, 4.7, 9)
        ]
        ridge = [
            (x, high * (0.42 + 0.2 * sum(a * math.sin(f * 3 * x / width + p) for f, p, a in waves)))
            for x in range(0, wide + 8, 4)
        ]
        shape = Image.new("L", (wide, high), 0)
        ImageDraw.Draw(shape).polygon([(0, high), *ridge, (wide + 8, high)], fill=255)
        mask = shape.filter(ImageFilter.GaussianBlur(1.2 if depth else 1.8))
        near = _mix(palette[2], palette[4], 0.45 + 0.5 * depth)
        mist = _mix(near, palette[2], 0.55 - 0.3 * depth)
        self._planes = planes_of(_shade(wide, high, near, mist))
        self._masks = (mask, mask.reduce(2), mask.reduce(2))

    def draw_on(self, picture: Planes, way: float, width: int) -> None:
        for index, (part, below) in enumerate(zip(self._planes.parts, picture.parts, strict=True)):
            wide = width if index == 0 else width // 2
            mask = _slide(self._masks[index], way, wide)
            below.paste(_slide(part, way, wide), (0, below.height - part.height), mask)


class _Light:
    """A soft mote that rises and swings, brightest in the middle of its life."""

    def __init__(self, width: int, height: int, rng: random.Random) -> None:
        self._size = (width, height)
        radius = max(3, round(min(width, height) * rng.uniform(0.004, 0.016)))
        disc = Image.new("L", (radius * 4, radius * 4), 0)
        ImageDraw.Draw(disc).ellipse((radius, radius, radius * 3, radius * 3), fill=255)
        disc = disc.filter(ImageFilter.GaussianBlur(radius * 0.55))
        strength = rng.uniform(0.15, 0.7)
        self._discs = [dim(disc, strength * level / _GLOWS) for level in range(_GLOWS + 1)]
        self._start = (rng.random(), rng.random())
        self._rise = rng.uniform(0.12, 0.4)
        self._swing = (rng.uniform(0.01, 0.03), rng.uniform(1, 2.4), rng.uniform(0, math.tau))

    def draw_on(self, picture: Planes, moment: float) -> None:
        reach, turns, phase = self._swing
        x = self._start[0] + reach * math.sin(phase + turns * math.tau * moment)
        life = (self._start[1] + self._rise * moment) % 1.0
        mask = self._discs[round(_GLOWS * math.sin(math.pi * life))]
        left = round(x * self._size[0]) - mask.width // 2
        top = round((1.0 - life) * self._size[1]) - mask.height // 2
        picture.y.paste(_WHITE_Y, (left, top), mask)


def _paint_sky(
    width: int, height: int, palette: tuple[str, str, str, str, str], rng: random.Random
) -> Image.Image:
    high, middle, horizon, light, _ = palette
    sky = _shade(width, height, high, middle, horizon)
    side = round(height * rng.uniform(1.0, 1.5))
    centre = (round(width * rng.uniform(0.25, 0.75)), round(height * rng.uniform(0.45, 0.62)))
    glow = Image.radial_gradient("L").point(_GLOW_FALL).resize((side, side))
    sky.paste(light, (centre[0] - side // 2, centre[1] - side // 2), glow)
    disc = Image.new("L", (height // 6, height // 6), 0)
    ImageDraw.Draw(disc).ellipse((4, 4, disc.width - 5, disc.height - 5), fill=235)
    disc = disc.filter(ImageFilter.GaussianBlur(2))
    sky.paste(light, (centre[0] - disc.width // 2, centre[1] - disc.height // 2), disc)
    pen = ImageDraw.Draw(sky)
    for _ in range(70):
        x, y = rng.randrange(width), round(height * 0.5 * rng.random() ** 1.5)
        pen.ellipse((x, y, x + rng.choice((1, 1, 2)), y + 1), fill=_mix(middle, "#ffffff", 0.6))
    return sky


def _shade(width: int, height: int, *colours: str) -> Image.Image:
    """Paint a vertical run of colours, the last one at the foot."""
    run = Image.new("RGB", (1, len(colours)))
    for row, colour in enumerate(colours):
        run.putpixel((0, row), Image.new("RGB", (1, 1), colour).getpixel((0, 0)) or 0)
    # Half a pixel is cut off at both ends, where the colours would stand still.
    return run.resize((width, height), _BILINEAR, box=(0, 0.5, 1, len(colours) - 0.5))


def _mix(a: str, b: str, amount: float) -> str:
    pairs = [(int(a[i : i + 2], 16), int(b[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(x + (y - x) * amount):02x}" for x, y in pairs)


def _slide(part: Image.Image, way: float, width: int) -> Image.Image:
    left = (part.width - width) * way
    return part.resize((width, part.height), _BILINEAR, box=(left, 0, left + width, part.height))


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)
