"""Turns what was typed or read from a batch file into checked drafts, pictures and all."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kling_desktop.domain.catalog import MODELS, Dimensions, ModelSpec, find_model
from kling_desktop.domain.draft import Draft, ImageInput
from kling_desktop.domain.errors import KlingDesktopError, UnreadableImage
from kling_desktop.domain.problems import Field
from kling_desktop.domain.validation import find_problems
from kling_desktop.media.preparing import apply_fix, prepare
from kling_desktop.ui.wording import describe_problem


class RequestRefused(KlingDesktopError):
    """A request that cannot become a job; the message is the sentence for the person."""

    code = "request_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One job as it was asked for, with the options' own names; nothing is checked yet."""

    model: str
    prompt: str = ""
    negative_prompt: str = ""
    first_frame: str = ""
    last_frame: str = ""
    width: int | None = None
    height: int | None = None
    aspect: str = ""
    duration: int = 5
    cfg_scale: float | None = None
    takes: int = 1


FIELD_NAMES = tuple(Request.__dataclass_fields__)


def request_of(fields: Mapping[str, object]) -> Request:
    """Build a request from parsed options; keys it does not know are passed over."""
    known = {
        name: fields[name] for name in FIELD_NAMES if name in fields and fields[name] is not None
    }
    return Request(**known)  # pyright: ignore[reportArgumentType] argparse and the batch reader have typed them


async def build_draft(request: Request, prepared_dir: Path, *, repairs: bool) -> Draft:
    """Check one request and measure its pictures off the loop.

    Args:
        request: What was asked for.
        prepared_dir: Where converted and repaired copies go.
        repairs: Repair a picture outside the limits instead of refusing it.

    Raises:
        RequestRefused: With one sentence for each thing that is wrong.
    """
    spec = find_model(request.model)
    if spec is None:
        names = ", ".join(model.short_name for model in MODELS)
        raise RequestRefused(f"There is no model “{request.model}”. There are: {names}.")
    first = await _prepare_frame(
        request.first_frame, spec, Field.FIRST_FRAME, prepared_dir, repairs=repairs
    )
    last = await _prepare_frame(
        request.last_frame, spec, Field.LAST_FRAME, prepared_dir, repairs=repairs
    )
    draft = Draft(
        model=spec.id,
        prompt=request.prompt,
        negative_prompt=request.negative_prompt,
        first_frame=first,
        last_frame=last,
        dimensions=_choose_dimensions(request, spec),
        duration_s=request.duration,
        cfg_scale=spec.cfg_scale.default if request.cfg_scale is None else request.cfg_scale,
        takes=request.takes,
    )
    problems = find_problems(draft, spec)
    if problems:
        raise RequestRefused(" ".join(describe_problem(problem, spec) for problem in problems))
    return draft


def _choose_dimensions(request: Request, spec: ModelSpec) -> Dimensions | None:
    if (request.width is None) != (request.height is None):
        raise RequestRefused("Width and height go together.")
    if request.width is not None and request.height is not None:
        if request.aspect:
            raise RequestRefused("Give a size or a shape, not both.")
        return Dimensions(request.width, request.height)
    if spec.size_follows_first_frame:
        if request.aspect:
            raise RequestRefused(
                f"Kling {spec.short_name} takes its shape from the first frame; none can be chosen."
            )
        return None
    found = spec.find_dimensions(request.aspect or spec.dimensions[0].aspect_ratio)
    if found is None:
        offered = ", ".join(size.aspect_ratio for size in spec.dimensions)
        raise RequestRefused(f"There is no shape “{request.aspect}”. There are: {offered}.")
    return found


async def _prepare_frame(
    name: str, spec: ModelSpec, field: Field, prepared_dir: Path, *, repairs: bool
) -> ImageInput | None:
    if not name:
        return None
    if "://" in name:
        raise RequestRefused(f"“{name}” is a web address. Save the picture first, then name it.")
    path = Path(name).expanduser()
    try:
        picture = await asyncio.to_thread(prepare, path, prepared_dir, spec=spec, field=field)
        if picture.image is None and picture.fix is not None and repairs:
            return await asyncio.to_thread(apply_fix, path, picture.fix, prepared_dir, spec=spec)
    except UnreadableImage as error:
        raise RequestRefused(f"{path}: {error}") from error
    # Without a picture to send the problems of the measured one are what the person reads.
    return picture.image or picture.check.image
