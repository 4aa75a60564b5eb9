"""Which `videoInference` requests are taken: the rules of the provider page, by the catalogue."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from kling_desktop.domain.catalog import (
    MODELS,
    MODELS_BY_ID,
    Dimensions,
    ModelId,
    ModelSpec,
    PromptLimits,
    Workflow,
)
from kling_desktop.domain.frame_form import FrameForm
from kling_desktop.sandbox.frame_images import Frame, read_frames
from kling_desktop.sandbox.ledger import Ledger
from kling_desktop.sandbox.pictures import is_task_uuid
from kling_desktop.sandbox.prices import price_clip
from kling_desktop.sandbox.renderer import infer_size
from kling_desktop.sandbox.service_errors import ServiceError, unsupported_parameter

_PARAMETERS = (
    "taskType", "taskUUID", "model", "positivePrompt", "negativePrompt", "CFGScale", "duration",
    "width", "height", "frameImages", "inputs", "deliveryMethod", "numberResults", "includeCost",
    "outputType", "outputFormat", "outputQuality", "safety", "ttl",
)  # fmt: skip
_OFFLINE_PARAMETERS = ("webhookURL", "uploadEndpoint")
_MOST_RESULTS = 4
_SHORTEST_TTL_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoRequest:
    """A request that passed every check."""

    uuid: str
    spec: ModelSpec
    workflow: Workflow
    prompt: str
    size: Dimensions
    duration_s: int
    first: str
    last: str
    results: int
    include_cost: bool
    synchronous: bool
    ttl_s: int
    price: Decimal

    @property
    def fps(self) -> int:
        return self.spec.fps[self.workflow]


def read_request(
    request: Mapping[str, object], ledger: Ledger, refused: frozenset[FrameForm]
) -> VideoRequest:
    """Check a request against the catalogue and keep its pictures.

    `refused` are the frame forms that this service is set to refuse.

    Raises:
        ServiceError: The first rule that the request breaks.
    """
    uuid = request.get("taskUUID")
    if not is_task_uuid(uuid):
        raise ServiceError("invalidTaskUUID", "taskUUID must be a UUID v4.", parameter="taskUUID")
    spec = _read_model(request)
    _check_names(request, spec)
    duration_s = _read_duration(request, spec)
    frames = read_frames(request, spec, duration_s, ledger, refused)
    workflow = Workflow.IMAGE_TO_VIDEO if frames else Workflow.TEXT_TO_VIDEO
    if workflow not in spec.workflows:
        raise ServiceError(
            "missingFrameImages", f"{spec.name} needs a first frame.", parameter="frameImages"
        )
    size = _read_size(request, spec, frames.get("first"))
    _read_number(
        request, "CFGScale", spec.cfg_scale.min, spec.cfg_scale.max, spec.cfg_scale.default
    )
    _check_output(request)
    return VideoRequest(
        uuid=str(uuid),
        spec=spec,
        workflow=workflow,
        prompt=_read_prompts(request, spec, workflow),
        size=size,
        duration_s=duration_s,
        first=frames["first"].picture if "first" in frames else "",
        last=frames["last"].picture if "last" in frames else "",
        results=int(_read_number(request, "numberResults", 1, _MOST_RESULTS, 1, whole=True)),
        include_cost=_read_flag(request, "includeCost"),
        synchronous=_read_choice(request, "deliveryMethod", ("async", "sync")) == "sync",
        ttl_s=int(_read_number(request, "ttl", _SHORTEST_TTL_S, 10**9, 0, whole=True)),
        price=price_clip(spec, duration_s, size),
    )


def _read_model(request: Mapping[str, object]) -> ModelSpec:
    name = request.get("model")
    if not isinstance(name, str) or not name:
        raise ServiceError("missingModel", "model is required.", parameter="model")
    spec = MODELS_BY_ID.get(ModelId(name))
    if spec is None:
        raise ServiceError(
            "modelNotFound",
            f"The model {name[:80]!r} does not exist or is no longer offered.",
            parameter="model",
            allowed_values=[known.id for known in MODELS],
        )
    return spec


def _check_names(request: Mapping[str, object], spec: ModelSpec) -> None:
    offline = [name for name in _OFFLINE_PARAMETERS if name in request]
    if offline:
        raise unsupported_parameter(offline, _PARAMETERS, "The sandbox sends nothing anywhere.")
    taken = [name for name in _PARAMETERS if name != "negativePrompt" or spec.negative_prompt]
    if spec.size_follows_first_frame:
        taken = [name for name in taken if name not in ("width", "height")]
    unknown = [name for name in request if name not in taken]
    if unknown:
        raise unsupported_parameter(
            unknown, taken, f"{spec.name} does not take {', '.join(unknown)[:200]}."
        )


def _read_prompts(request: Mapping[str, object], spec: ModelSpec, workflow: Workflow) -> str:
    prompt = request.get("positivePrompt")
    if prompt is None and workflow is Workflow.TEXT_TO_VIDEO:
        raise ServiceError(
            "missingPositivePrompt",
            "positivePrompt is required for text to video.",
            parameter="positivePrompt",
        )
    if prompt is not None:
        _check_length(prompt, spec.prompt_limits, "positivePrompt", "invalidPositivePromptLength")
    negative = request.get("negativePrompt")
    if negative is not None and spec.negative_prompt is not None:
        _check_length(
            negative, spec.negative_prompt, "negativePrompt", "invalidNegativePromptLength"
        )
    return "" if prompt is None else str(prompt)


def _check_length(value: object, limits: PromptLimits, name: str, code: str) -> None:
    low, high = limits.min_length, limits.max_length
    if not isinstance(value, str) or not low <= len(value) <= high:
        raise ServiceError(
            code,
            f"{name} must have {low} to {high} characters.",
            parameter=name,
            expected_type="string",
        )


def _read_duration(request: Mapping[str, object], spec: ModelSpec) -> int:
    value = request.get("duration", spec.durations_s[0])
    if isinstance(value, bool) or value not in spec.durations_s:
        raise ServiceError(
            "unsupportedDuration",
            f"{spec.name} makes clips of {' or '.join(map(str, spec.durations_s))} seconds.",
            parameter="duration",
            expected_type="float",
            allowed_values=spec.durations_s,
        )
    return int(cast("float", value))


def _read_size(request: Mapping[str, object], spec: ModelSpec, first: Frame | None) -> Dimensions:
    if spec.size_follows_first_frame and first is not None:
        return Dimensions(*infer_size(first.width, first.height))
    width, height = request.get("width"), request.get("height")
    if width is None and height is None:
        return spec.dimensions[0]
    if width is None or height is None:
        missing = "width" if width is None else "height"
        raise ServiceError(
            f"missing{missing.capitalize()}",
            "width and height are only taken as a pair.",
            parameter=missing,
        )
    for size in spec.dimensions:
        if type(width) is int and type(height) is int and size == Dimensions(width, height):
            return size
    raise ServiceError(
        "unsupportedDimensions",
        f"{spec.name} does not make {width!s:.20}x{height!s:.20}.",
        parameter=("width", "height"),
        allowed_values=[str(size) for size in spec.dimensions],
    )


def _check_output(request: Mapping[str, object]) -> None:
    kind = request.get("outputType", "URL")
    if kind not in ("URL", ["URL"]):
        raise ServiceError(
            "unsupportedOutputType",
            "Video comes as an address only.",
            parameter="outputType",
            allowed_values=("URL",),
        )
    container = request.get("outputFormat", "MP4")
    if not isinstance(container, str) or container.upper() != "MP4":
        raise ServiceError(
            "unsupportedOutputFormat",
            "The sandbox makes MP4 only.",
            parameter="outputFormat",
            allowed_values=("MP4",),
        )
    _read_number(request, "outputQuality", 20, 99, 95, whole=True)
    safety = request.get("safety", {})
    known = isinstance(safety, Mapping) and not set(cast("Mapping[str, object]", safety)) - {
        "checkContent",
        "mode",
    }
    if not known:
        raise ServiceError("invalidSafety", "safety has other fields.", parameter="safety")


def _read_number(
    request: Mapping[str, object],
    name: str,
    low: float,
    high: float,
    default: float,
    *,
    whole: bool = False,
) -> float:
    value = request.get(name)
    if value is None:
        return default
    fits = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    number = cast("float", value) if fits else math.nan
    if not low <= number <= high:
        raise ServiceError(
            f"invalid{name[0].upper()}{name[1:]}",
            f"{name} must be from {low} to {high}.",
            parameter=name,
            expected_type="integer" if whole else "float",
        )
    return number


def _read_flag(request: Mapping[str, object], name: str) -> bool:
    value = request.get(name, False)
    if not isinstance(value, bool):
        raise ServiceError(
            "invalidBoolean", f"{name} must be true or false.", parameter=name,
            expected_type="boolean",
        )  # fmt: skip
    return value


def _read_choice(request: Mapping[str, object], name: str, allowed: tuple[str, ...]) -> str:
    value = request.get(name, allowed[0])
    if value not in allowed:
        raise ServiceError(
            f"unsupported{name[0].upper()}{name[1:]}",
            f"{name} must be one of {', '.join(allowed)}.",
            parameter=name,
            allowed_values=allowed,
        )
    return str(value)
