"""What each of the twelve KlingAI models can do: the one table that all other code reads.

Source: Runware's KlingAI provider page as fetched on 2025-10-27
(https://runware.ai/docs/en/providers/klingai).  A test holds every field of this table against
the machine-readable copy of that page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NewType

ModelId = NewType("ModelId", str)
"""The service's name for a model, an AIR id such as ``klingai:6@1``."""


class Workflow(StrEnum):
    """What a clip is made from; a first frame makes it image to video."""

    TEXT_TO_VIDEO = "text-to-video"
    IMAGE_TO_VIDEO = "image-to-video"


class Tier(StrEnum):
    """The quality step inside one generation of models."""

    STANDARD = "Standard"
    PRO = "Pro"
    MASTER = "Master"


@dataclass(frozen=True, slots=True)
class Dimensions:
    """The size of a clip in pixels."""

    width: int
    height: int

    @property
    def aspect_ratio(self) -> str:
        """The shape as the page writes it: ``16:9``, ``1:1``, ``9:16``; else the reduced ratio."""
        a, b = self.width, self.height
        while b:
            a, b = b, a % b
        return f"{self.width // a}:{self.height // a}"

    @property
    def resolution(self) -> str:
        """The field's short name for the short side: ``720p``, ``1080p``."""
        return f"{min(self.width, self.height)}p"

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class PromptLimits:
    """How many characters a prompt may have, both ends allowed."""

    min_length: int
    max_length: int


@dataclass(frozen=True, slots=True)
class CfgRange:
    """How closely the model follows the words: from loose to strict, both ends allowed."""

    min: float
    max: float
    default: float


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What the service takes as an input picture; each limit itself is allowed."""

    min_side_px: int
    max_side_px: int
    max_size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """One model: what it is called, what it takes and what it gives.

    Attributes:
        id: The AIR id sent on the wire.
        generation: ``"2.5 Turbo"``; together with the tier it is the name on screen.
        prompt: Limits of the page, or None where the page lists no prompt.  A prompt is sent all
            the same when the user wrote one: newer schemas of the service take it.
        negative_prompt: Limits of the page, or None: then it is not offered and never sent.
        dimensions: The sizes to choose from; empty where the first frame decides the size and
            none may be sent.
        fps: Frames per second of the clip for each workflow the model has.
        takes_last_frame: Whether a last frame may follow the first.
    """

    id: ModelId
    generation: str
    tier: Tier
    prompt: PromptLimits | None
    negative_prompt: PromptLimits | None
    cfg_scale: CfgRange
    dimensions: tuple[Dimensions, ...]
    fps: Mapping[Workflow, int]
    durations_s: tuple[int, ...]
    takes_last_frame: bool
    input_image: ImageLimits

    @property
    def workflows(self) -> frozenset[Workflow]:
        return frozenset(self.fps)

    @property
    def name(self) -> str:
        """The full name, ``KlingAI 2.5 Turbo Pro``."""
        return f"KlingAI {self.short_name}"

    @property
    def short_name(self) -> str:
        """The name on screen beside the word Kling, ``2.5 Turbo Pro``."""
        return f"{self.generation} {self.tier}"

    @property
    def takes_text_alone(self) -> bool:
        return Workflow.TEXT_TO_VIDEO in self.fps

    @property
    def takes_first_frame(self) -> bool:
        return Workflow.IMAGE_TO_VIDEO in self.fps

    @property
    def size_follows_first_frame(self) -> bool:
        return not self.dimensions

    @property
    def prompt_limits(self) -> PromptLimits:
        """The limits that hold for a prompt that is sent, listed by the page or not."""
        return self.prompt or PROMPT_LIMITS

    def find_dimensions(self, aspect_ratio: str) -> Dimensions | None:
        return next((d for d in self.dimensions if d.aspect_ratio == aspect_ratio), None)


PROMPT_LIMITS = PromptLimits(min_length=2, max_length=2500)
IMAGE_LIMITS = ImageLimits(min_side_px=300, max_side_px=2048, max_size_bytes=20 * 1024 * 1024)
_CFG_SCALE = CfgRange(min=0.0, max=1.0, default=0.5)
_DURATIONS_S = (5, 10)
_720P = (Dimensions(1280, 720), Dimensions(720, 720), Dimensions(720, 1280))
_1080P = (Dimensions(1920, 1080), Dimensions(1080, 1080), Dimensions(1080, 1920))


def _spec(
    air: str,
    generation: str,
    tier: Tier,
    *,
    dimensions: tuple[Dimensions, ...],
    image_fps: int,
    text_fps: int | None = None,
    prompts_listed: bool = True,
    takes_last_frame: bool = False,
) -> ModelSpec:
    """Fill in what all twelve share, so that each entry below shows only what is its own."""
    fps = {Workflow.IMAGE_TO_VIDEO: image_fps}
    if text_fps is not None:
        fps = {Workflow.TEXT_TO_VIDEO: text_fps, **fps}
    limits = PROMPT_LIMITS if prompts_listed else None
    return ModelSpec(
        id=ModelId(air),
        generation=generation,
        tier=tier,
        prompt=limits,
        negative_prompt=limits,
        cfg_scale=_CFG_SCALE,
        dimensions=dimensions,
        fps=MappingProxyType(fps),
        durations_s=_DURATIONS_S,
        takes_last_frame=takes_last_frame,
        input_image=IMAGE_LIMITS,
    )


MODELS: tuple[ModelSpec, ...] = (
    _spec(
        "klingai:6@1", "2.5 Turbo", Tier.PRO,
        dimensions=_720P, text_fps=30, image_fps=30,
    ),
    _spec(
        "klingai:6@0", "2.5 Turbo", Tier.STANDARD,
        dimensions=(), image_fps=30,
    ),
    _spec(
        "klingai:5@3", "2.1", Tier.MASTER,
        dimensions=_1080P, text_fps=24, image_fps=24,
    ),
    _spec(
        "klingai:5@2", "2.1", Tier.PRO,
        dimensions=_1080P, image_fps=24, prompts_listed=False, takes_last_frame=True,
    ),
    _spec(
        "klingai:5@1", "2.1", Tier.STANDARD,
        dimensions=_720P, image_fps=24, prompts_listed=False,
    ),
    _spec(
        "klingai:4@3", "2.0", Tier.MASTER,
        dimensions=_720P, text_fps=24, image_fps=24,
    ),
    _spec(
        "klingai:3@2", "1.6", Tier.PRO,
        dimensions=_1080P, image_fps=24, prompts_listed=False,
    ),
    _spec(
        "klingai:3@1", "1.6", Tier.STANDARD,
        dimensions=_720P, text_fps=30, image_fps=24,
    ),
    _spec(
        "klingai:2@2", "1.5", Tier.PRO,
        dimensions=_1080P, image_fps=30, prompts_listed=False,
    ),
    _spec(
        "klingai:2@1", "1.5", Tier.STANDARD,
        dimensions=_720P, image_fps=30, prompts_listed=False,
    ),
    _spec(
        "klingai:1@2", "1.0", Tier.PRO,
        dimensions=_720P, text_fps=30, image_fps=30,
    ),
    _spec(
        "klingai:1@1", "1.0", Tier.STANDARD,
        dimensions=_720P, text_fps=30, image_fps=30,
    ),
)  # fmt: skip
"""All models, newest generation first and the dearest tier first inside it."""

DEFAULT_MODEL = MODELS[0].id
MODELS_BY_ID: Mapping[ModelId, ModelSpec] = MappingProxyType({spec.id: spec for spec in MODELS})
ASPECT_RATIOS: tuple[str, ...] = ("16:9", "1:1", "9:16")


def find_model(name: str) -> ModelSpec | None:
    """Find a model by what a user would type.

    Takes the AIR id (``klingai:6@1`` or ``6@1``) or the name in any case, with or without the
    words Kling and KlingAI: ``"2.5 turbo pro"``, ``"kling 2.1 Master"``.
    """
    wanted = " ".join(name.casefold().split())
    for prefix in ("klingai:", "klingai ", "kling "):
        wanted = wanted.removeprefix(prefix)
    wanted = wanted.replace("-", " ")
    for spec in MODELS:
        if wanted in (spec.id.removeprefix("klingai:"), spec.short_name.casefold()):
            return spec
    return None
