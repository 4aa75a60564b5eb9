"""What the user asks for before it becomes a job: words, frames and settings, and its JSON form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import cast

from kling_desktop.domain.catalog import DEFAULT_MODEL, Dimensions, ModelId, ModelSpec, Workflow
from kling_desktop.domain.errors import DamagedValue
from kling_desktop.domain.reasons import Reason

MAX_TAKES = 4


class FrameRole(StrEnum):
    """The place of an input picture in the clip; the values are the service's own words."""

    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageInput:
    """A picture as it was measured, ready to be an input.

    Attributes:
        path: Where the bytes are.  Once a job is queued this is the app's own copy.
        name: The file's name as the user knows it, kept when the copy is named by its hash.  Bytes
            of a name that are no UTF-8 are replaced: it is shown and stored, never opened.
        format: ``"jpeg"``, ``"png"`` or ``"webp"``: read from the content, never from the name.
        width: In pixels, after any turn that the file's EXIF data asks for.
        height: As width.
        size_bytes: Length of the file.
        sha256: Lower-case hex digest of the bytes; empty until the copy is made.
        converted_from: What the file was before the app converted it (``"TIFF"``), else empty.
    """

    path: Path
    name: str
    format: str
    width: int
    height: int
    size_bytes: int
    sha256: str = ""
    converted_from: str = ""

    def __post_init__(self) -> None:
        name = self.name.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        object.__setattr__(self, "name", name)

    @property
    def mime_type(self) -> str:
        return f"image/{self.format}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One request in the making; frozen, so every edit is a new value.

    Attributes:
        dimensions: The clip's size, or None where the model takes it from the first frame.
        cfg_scale: Prompt strength, 0 to 1; None leaves the choice to the service.
        takes: How many clips are wanted; each becomes a job of its own with its own cost.
    """

    model: ModelId = DEFAULT_MODEL
    prompt: str = ""
    negative_prompt: str = ""
    first_frame: ImageInput | None = None
    last_frame: ImageInput | None = None
    dimensions: Dimensions | None = field(default=Dimensions(1280, 720))
    duration_s: int = 5
    cfg_scale: float | None = 0.5
    takes: int = 1

    @property
    def workflow(self) -> Workflow:
        """There is no mode switch: a frame makes it image to video."""
        if self.first_frame or self.last_frame:
            return Workflow.IMAGE_TO_VIDEO
        return Workflow.TEXT_TO_VIDEO

    @property
    def frames(self) -> tuple[tuple[FrameRole, ImageInput], ...]:
        """The pictures present, first before last."""
        pairs = ((FrameRole.FIRST, self.first_frame), (FrameRole.LAST, self.last_frame))
        return tuple((role, image) for role, image in pairs if image is not None)

    def fps(self, spec: ModelSpec) -> int | None:
        """Frames per second that the model gives for this workflow; None when it cannot do it."""
        return spec.fps.get(self.workflow)


def draft_to_json(draft: Draft) -> dict[str, object]:
    """Write a draft as plain JSON values; `draft_from_json` reads it back equal."""

    def image(value: ImageInput | None) -> dict[str, object] | None:
        if value is None:
            return None
        return {
            "path": str(value.path),
            "name": value.name,
            "format": value.format,
            "width": value.width,
            "height": value.height,
            "size_bytes": value.size_bytes,
            "sha256": value.sha256,
            "converted_from": value.converted_from,
        }

    size = draft.dimensions
    return {
        "model": draft.model,
        "prompt": draft.prompt,
        "negative_prompt": draft.negative_prompt,
        "first_frame": image(draft.first_frame),
        "last_frame": image(draft.last_frame),
        "dimensions": None if size is None else [size.width, size.height],
        "duration_s": draft.duration_s,
        "cfg_scale": draft.cfg_scale,
        "takes": draft.takes,
    }


def draft_from_json(value: object) -> Draft:
    """Read what `draft_to_json` wrote; unknown keys are ignored, missing ones get their default.

    Raises:
        DamagedValue: A value has the wrong type; the message names the key.
    """
    data = _mapping(value, "draft")
    size = data.get("dimensions")
    cfg_scale = data.get("cfg_scale", 0.5)
    return Draft(
        model=ModelId(_text(data, "model", DEFAULT_MODEL)),
        prompt=_text(data, "prompt", ""),
        negative_prompt=_text(data, "negative_prompt", ""),
        first_frame=_image(data.get("first_frame")),
        last_frame=_image(data.get("last_frame")),
        dimensions=None if size is None else _dimensions(size),
        duration_s=_whole(data, "duration_s", 5),
        cfg_scale=None if cfg_scale is None else _number(cfg_scale, "cfg_scale"),
        takes=_whole(data, "takes", 1),
    )


def _image(value: object) -> ImageInput | None:
    if value is None:
        return None
    data = _mapping(value, "frame")
    return ImageInput(
        path=Path(_text(data, "path", "")),
        name=_text(data, "name", ""),
        format=_text(data, "format", ""),
        width=_whole(data, "width", 0),
        height=_whole(data, "height", 0),
        size_bytes=_whole(data, "size_bytes", 0),
        sha256=_text(data, "sha256", ""),
        converted_from=_text(data, "converted_from", ""),
    )


def _dimensions(value: object) -> Dimensions:
    if isinstance(value, list | tuple):
        sides = list(cast("list[object]", value))
        if len(sides) == 2 and all(type(side) is int for side in sides):
            return Dimensions(cast("int", sides[0]), cast("int", sides[1]))
    raise _wrong(Reason.EXPECTED_SIZE, "dimensions", cast("object", value))


def _mapping(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise _wrong(Reason.EXPECTED_OBJECT, where, value)
    return cast("Mapping[str, object]", value)


def _text(data: Mapping[str, object], key: str, default: str) -> str:
    value = data.get(key, default)
    if not isinstance(value, str):
        raise _wrong(Reason.EXPECTED_TEXT, key, value)
    return value


def _whole(data: Mapping[str, object], key: str, default: int) -> int:
    value = data.get(key, default)
    if type(value) is not int:
        raise _wrong(Reason.EXPECTED_WHOLE_NUMBER, key, value)
    return value


def _number(value: object, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(Reason.EXPECTED_NUMBER, key, value)
    try:
        number = float(value)
    except OverflowError as error:
        raise _wrong(Reason.EXPECTED_NUMBER, key, value) from error
    if not isfinite(number):
        raise _wrong(Reason.EXPECTED_NUMBER, key, value)
    return number


def _wrong(reason: Reason, field: str, value: object) -> DamagedValue:
    return DamagedValue(reason, facts={"field": field, "value": f"{value!r:.80}"})
