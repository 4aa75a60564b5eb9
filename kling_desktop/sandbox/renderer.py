"""Makes the real video of a practice clip: exact size, exact rate, exact length."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from PIL import Image, ImageOps

from kling_desktop.domain.resources import find_resource
from kling_desktop.sandbox.scenes import PictureScene, PromptScene, Scene
from kling_desktop.sandbox.video_writer import Planes, planes_of, repeat_video, write_video

_AREA_720P = 1280 * 720


class VideoStyle(StrEnum):
    """How much work goes into a clip."""

    SCENIC = "scenic"
    """A camera over the pictures, or a landscape with the prompt."""
    PLAIN = "plain"
    """One still colour, whole seconds long: for tests with hundreds of jobs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoPlan:
    """What to render.

    Attributes:
        first: Decoded-on-use picture for the opening, None for text to video.
        seed: Decides camera and landscape, so that takes differ and repeats do not.
        colour_notes: Whether the file says how its colours are meant.
    """

    width: int
    height: int
    fps: int
    duration_s: float
    first: Path | None
    last: Path | None
    prompt: str
    seed: int
    colour_notes: bool = True

    @property
    def frame_count(self) -> int:
        return max(1, round(self.fps * self.duration_s))


class RenderCancelled(Exception):
    """The sandbox is closing; no file was left."""


def infer_size(width: int, height: int) -> tuple[int, int]:
    """Return the clip's size for a model whose size follows its first frame.

    The sandbox's own rule: the shape of the picture, the area of 720p, even sides.
    """
    scale = math.sqrt(_AREA_720P / (width * height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def render_video(
    plan: VideoPlan,
    target: Path,
    *,
    style: VideoStyle = VideoStyle.SCENIC,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Render the plan into `target`, blocking; for a worker thread.

    Raises:
        RenderCancelled: `cancelled` returned true between two frames.
        OSError: A picture or the target could not be read or written.
    """
    comment = f"Practice clip from the Kling Desktop sandbox, seed {plan.seed}"
    if style is VideoStyle.PLAIN:
        _render_plain(plan, target, comment)
        return
    preset = "superfast" if plan.width * plan.height <= _AREA_720P else "ultrafast"
    write_video(
        target,
        _draw_all(plan, cancelled),
        width=plan.width,
        height=plan.height,
        fps=plan.fps,
        preset=preset,
        crf=20,
        comment=comment,
        colour_notes=plan.colour_notes,
    )


def render_samples(folder: Path) -> None:
    """Make two short videos, from the shipped picture and from words, and leave none of them.

    Raises:
        Exception: Whatever goes wrong: no clip can be made on this machine then.
    """
    picture = find_resource("samples/umbrella.jpg")
    for first, prompt in ((picture, ""), (None, "A boat on a river, 川の船")):
        target = folder / "self-test.mp4"
        plan = VideoPlan(
            width=1920,
            height=1080,
            fps=24,
            duration_s=0.25,
            first=first,
            last=None,
            prompt=prompt,
            seed=5,
        )
        render_video(plan, target)
        target.unlink()


def _draw_all(plan: VideoPlan, cancelled: Callable[[], bool]) -> Iterator[Planes]:
    scene = _build_scene(plan)
    last = max(1, plan.frame_count - 1)
    for number in range(plan.frame_count):
        if cancelled():
            raise RenderCancelled
        yield scene.draw(number / last)


def _build_scene(plan: VideoPlan) -> Scene:
    if plan.first is None:
        return PromptScene(plan.prompt, plan.width, plan.height, plan.seed)
    first = _open_picture(plan.first)
    last = None if plan.last is None else _open_picture(plan.last)
    return PictureScene(first, last, plan.width, plan.height, plan.seed)


def _open_picture(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        upright = ImageOps.exif_transpose(picture)
        if upright.mode in ("RGBA", "LA", "PA", "P"):
            ground = Image.new("RGBA", upright.size, "black")
            return Image.alpha_composite(ground, upright.convert("RGBA")).convert("RGB")
        return upright.convert("RGB")


def _render_plain(plan: VideoPlan, target: Path, comment: str) -> None:
    """Repeat one second that is kept beside the videos, so that a clip costs no encoding."""
    kind = "plain" if plan.colour_notes else "plain-without-notes"
    second = target.parent / f"{kind}-{plan.width}x{plan.height}-{plan.fps}.mp4"
    if not second.exists():
        still = planes_of(Image.new("RGB", (plan.width, plan.height), "#3a5f7d"))
        write_video(
            second,
            (still for _ in range(plan.fps)),
            width=plan.width,
            height=plan.height,
            fps=plan.fps,
            preset="ultrafast",
            crf=30,
            comment="",
            colour_notes=plan.colour_notes,
        )
    repeat_video(second, target, times=max(1, round(plan.duration_s)), comment=comment)
