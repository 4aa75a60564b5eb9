"""Turns what was typed or read from a batch file into checked drafts, pictures and all."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kling_desktop.cli.refusal import RequestRefused
from kling_desktop.domain.catalog import MODELS, Dimensions, ImageLimits, ModelSpec, find_model
from kling_desktop.domain.draft import Draft, ImageInput
from kling_desktop.domain.errors import UnreadableImage
from kling_desktop.domain.problems import Field
from kling_desktop.domain.validation import describe_bytes, find_problems
from kling_desktop.media.fit import Fix, FixKind
from kling_desktop.media.images import Conversion
from kling_desktop.media.preparing import WHITE, PreparedPicture, apply_fix, prepare
from kling_desktop.wording.create import conversion_notes, transparency_note
from kling_desktop.wording.problems import describe_problem
from kling_desktop.wording.reasons import describe_error


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


class Pictures:
    """The pictures of one command: a batch that names one a thousand times measures it once.

    Args:
        copies: Folder for converted and repaired copies; the queue keeps copies of its own.
        repairs: Repair a picture outside the limits instead of refusing it.

    Attributes:
        remarks: What was converted without asking, a line for each picture.
    """

    def __init__(self, copies: Path, *, repairs: bool) -> None:
        self._copies = copies
        self._repairs = repairs
        self._known: dict[tuple[str, ImageLimits, Field], tuple[ImageInput, str]] = {}
        self.remarks: list[str] = []

    async def prepare(self, name: str, spec: ModelSpec, field: Field) -> tuple[ImageInput, str]:
        """Measure a picture off the loop, and convert or repair it where that is wanted.

        Returns:
            The picture, and what `--fix` would make of it: empty when nothing has to be.

        Raises:
            RequestRefused: It can never become a frame.
        """
        key = (name, spec.input_image, field)
        if key not in self._known:
            self._known[key] = await self._measure(name, spec, field)
        return self._known[key]

    async def _measure(self, name: str, spec: ModelSpec, field: Field) -> tuple[ImageInput, str]:
        if "://" in name:
            raise RequestRefused(
                f"“{name}” is a web address. Save the picture first, then name it."
            )
        path = _find_path(name)
        try:
            picture: PreparedPicture = await asyncio.to_thread(
                prepare, path, self._copies, spec=spec, field=field
            )
            if picture.image is not None:
                self._remark(path, picture)
                return picture.image, ""
            if picture.fix is None:  # the problems of the measured one are what the person reads
                return picture.check.as_converted, ""
            if self._repairs:
                fixed = await asyncio.to_thread(
                    apply_fix, path, picture.fix, self._copies, spec=spec
                )
                return fixed, ""
        except UnreadableImage as error:
            raise RequestRefused(f"{path}: {describe_error(error)}") from error
        return picture.check.as_converted, _describe_fix(picture.fix)

    def _remark(self, path: Path, picture: PreparedPicture) -> None:
        said = [*conversion_notes(picture.image, picture.notes, picture.check.frames)]
        if Conversion.TURNED in picture.notes:
            said.append("turned upright")
        if Conversion.TRANSPARENT in picture.notes:
            said.append(transparency_note(WHITE))
        words = ", ".join(note[:1].lower() + note[1:].rstrip(".") for note in said)
        line = f"{path}: {words}"
        if said and line not in self.remarks:  # one picture may be the first and the last frame
            self.remarks.append(line)


def _describe_fix(fix: Fix) -> str:
    if fix.kind is FixKind.RECOMPRESS:
        return f"With --fix it is recompressed to about {describe_bytes(fix.about_bytes)}."
    return f"With --fix it becomes {fix.width} × {fix.height} px."


async def build_draft(request: Request, pictures: Pictures) -> Draft:
    """Check one request, pictures and all.

    Raises:
        RequestRefused: With one sentence for each thing that is wrong.
    """
    for text in (request.prompt, request.negative_prompt):
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            raise RequestRefused("The prompt holds bytes that are no text.")
    spec = find_model(request.model)
    if spec is None:
        names = ", ".join(model.short_name for model in MODELS)
        raise RequestRefused(f"There is no model “{request.model}”. There are: {names}.")
    first, last = None, None
    hints: list[str] = []
    if request.first_frame:
        first, hint = await pictures.prepare(request.first_frame, spec, Field.FIRST_FRAME)
        hints.append(hint)
    if request.last_frame:
        last, hint = await pictures.prepare(request.last_frame, spec, Field.LAST_FRAME)
        hints.append(hint)
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
        sentences = [describe_problem(problem) for problem in problems]
        raise RequestRefused(" ".join((*sentences, *filter(None, hints))))
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


def _find_path(name: str) -> Path:
    """Take a file that is there by its very name; a tilde that no shell replaced means home."""
    path = Path(name)
    if name.startswith("~") and not path.exists():
        with suppress(RuntimeError):  # nobody of that name has a home here
            return path.expanduser()
    return path
