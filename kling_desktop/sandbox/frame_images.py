"""How a request may carry its frames: two forms, several ways to name a place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from kling_desktop.domain.catalog import ModelSpec, Workflow
from kling_desktop.domain.frame_form import FrameForm
from kling_desktop.sandbox.ledger import Ledger
from kling_desktop.sandbox.pictures import check_sides, keep_picture
from kling_desktop.sandbox.service_errors import ServiceError, unsupported_parameter


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame's picture, by the name it is kept under, and its upright size in pixels."""

    picture: str
    width: int
    height: int


def read_frames(
    request: Mapping[str, object],
    spec: ModelSpec,
    duration_s: int,
    ledger: Ledger,
    refused: frozenset[FrameForm],
) -> dict[str, Frame]:
    """Read the frames of either form; returns them by place, ``first`` and ``last``.

    Raises:
        ServiceError: The first rule that the frames break.
    """
    path, key, items = _find_frames(request, refused)
    end = duration_s * spec.fps[Workflow.IMAGE_TO_VIDEO] - 1
    frames: dict[str, Frame] = {}
    for index, item in enumerate(items):
        where = f"{path}[{index}]"
        value: object = item
        place: object = None
        if isinstance(item, Mapping):
            fields = cast("Mapping[str, object]", item)
            unknown = [f"{where}.{name}" for name in fields if name not in (key, "frame")]
            if unknown:
                raise unsupported_parameter(unknown, (key, "frame"), "A frame has two fields.")
            value, place = fields.get(key), fields.get("frame")
            where_value = f"{where}.{key}"
        else:
            where_value = where
        name = _read_place(place, index, len(items), end, spec, f"{where}.frame")
        if name in frames:
            raise ServiceError(
                "invalidFrameImages", f"There are two {name} frames.", parameter=f"{where}.frame"
            )
        picture = keep_picture(ledger, value, where_value)
        frames[name] = Frame(picture, *check_sides(ledger, picture, spec.input_image, where_value))
    if "last" in frames and "first" not in frames:
        raise ServiceError(
            "missingFrameImages", "A last frame needs a first frame.", parameter=path
        )
    return frames


def _find_frames(
    request: Mapping[str, object], refused: frozenset[FrameForm]
) -> tuple[str, str, list[object]]:
    """Return the path, the name of the picture's field, and the list, empty without frames."""
    inputs = request.get("inputs")
    if inputs is not None and not isinstance(inputs, Mapping):
        raise ServiceError(
            "invalidInputs", "inputs must be an object.", parameter="inputs", expected_type="object"
        )
    fields = cast("Mapping[str, object]", inputs or {})
    strange = [f"inputs.{name}" for name in fields if name != "frameImages"]
    if strange:
        raise unsupported_parameter(strange, ("frameImages",), "Only frames are taken here.")
    root, nested = request.get("frameImages"), fields.get("frameImages")
    if root is not None and nested is not None:
        raise ServiceError(
            "incompatibleParameters",
            "Frames may be given at the root or in inputs, not in both.",
            parameter=("frameImages", "inputs.frameImages"),
        )
    form = FrameForm.SEED if root is not None else FrameForm.INPUTS
    path = "frameImages" if form is FrameForm.SEED else "inputs.frameImages"
    value = root if form is FrameForm.SEED else nested
    if value is None:
        return path, "", []
    if form in refused:
        other = "inputs.frameImages" if form is FrameForm.SEED else "frameImages"
        raise unsupported_parameter([path], [other], f"This model takes frames in {other}.")
    if not isinstance(value, list):
        raise ServiceError(
            "invalidFrameImages", "Frames must be an array.", parameter=path, expected_type="array"
        )
    key = "inputImage" if form is FrameForm.SEED else "image"
    return path, key, cast("list[object]", value)


def _read_place(
    place: object,
    index: int,
    count: int,
    end: int,
    spec: ModelSpec,
    parameter: str,
) -> str:
    """Return ``first`` or ``last`` for a frame that names itself, its number, or nothing."""
    numbers: dict[object, str] = {0: "first", end: "last"}
    if place is None and count <= 2:
        place = "first" if index == 0 else "last"
    elif type(place) is int:
        place = numbers.get(place, place)
    allowed = ("first", "last") if spec.takes_last_frame else ("first",)
    if place not in allowed:
        raise ServiceError(
            "unsupportedFrame",
            f"{spec.name} takes no frame at {place!s:.20}.",
            parameter=parameter,
            allowed_values=allowed,
        )
    return str(place)
