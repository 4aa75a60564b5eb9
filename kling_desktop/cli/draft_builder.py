"""Builds checked drafts, pictures included, from options that were typed or read from a batch."""

import asyncio
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kling_desktop.cli.usage_error import UsageError
from kling_desktop.domain.catalog import MODELS, Dimensions, ImageLimits, ModelSpec, find_model
from kling_desktop.domain.draft import Draft, ImageInput
from kling_desktop.domain.errors import UnreadableImage
from kling_desktop.domain.problems import Field
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.validation import find_problems
from kling_desktop.media.fit import Fix, FixKind
from kling_desktop.media.images import Conversion
from kling_desktop.media.preparing import WHITE, PreparedPicture, apply_fix, prepare
from kling_desktop.wording import command_line
from kling_desktop.wording.formatting import exact_size
from kling_desktop.wording.models import model_name
from kling_desktop.wording.pictures import conversion_notes, transparency_note
from kling_desktop.wording.problems import describe_problem
from kling_desktop.wording.reasons import describe_error


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOptions:
    """One job as it was typed, by the names of the options; nothing is checked yet."""

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


_OPTION_NAMES = tuple(JobOptions.__dataclass_fields__)


def job_options(fields: Mapping[str, object]) -> JobOptions:
    """Take a job's options from parsed ones; keys it does not know are passed over."""
    known = {
        name: fields[name] for name in _OPTION_NAMES if name in fields and fields[name] is not None
    }
    return JobOptions(**known)  # pyright: ignore[reportArgumentType] argparse and the batch reader have typed them


class Pictures:
    """The pictures of one command: a batch that names one a thousand times measures it once.

    Use it as a context: converted and repaired copies lie in a temporary folder until the queue
    has copies of its own.

    Args:
        repairs: Repair a picture outside the limits instead of refusing it.

    Attributes:
        notes: What was converted without asking, a line for each change.
    """

    def __init__(self, *, repairs: bool) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._repairs = repairs
        self._known: dict[tuple[str, ImageLimits, Field], tuple[ImageInput, str]] = {}
        self.notes: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    async def prepare(self, name: str, spec: ModelSpec, field: Field) -> tuple[ImageInput, str]:
        """Measure a picture off the loop, and convert or repair it where that is wanted.

        Returns:
            The picture, and what `--fix` would make of it: empty when nothing has to be.

        Raises:
            UsageError: It can never become a frame.
        """
        key = (name, spec.input_image, field)
        if key not in self._known:
            self._known[key] = await self._measure(name, spec, field)
        return self._known[key]

    async def _measure(self, name: str, spec: ModelSpec, field: Field) -> tuple[ImageInput, str]:
        if "://" in name:
            raise UsageError(Reason.PICTURE_ON_THE_WEB, facts={"address": name})
        path, copies = _find_path(name), self._find_copies()
        try:
            picture: PreparedPicture = await asyncio.to_thread(
                prepare, path, copies, spec=spec, field=field
            )
            if picture.image is not None:
                self._note_conversion(path, picture)
                return picture.image, ""
            if picture.fix is None:  # the problems of the measured one are what the user reads
                return picture.check.as_converted, ""
            if self._repairs:
                fixed = await asyncio.to_thread(apply_fix, path, picture.fix, copies, spec=spec)
                return fixed, ""
        except UnreadableImage as error:
            raise UsageError(
                sentence=command_line.describe_picture_error(str(path), describe_error(error))
            ) from error
        return picture.check.as_converted, _describe_fix(picture.fix)

    def _note_conversion(self, path: Path, picture: PreparedPicture) -> None:
        notes = [*conversion_notes(picture.image, picture.notes, picture.check.frames)]
        if Conversion.TURNED in picture.notes:
            notes.append(command_line.turned_upright())
        if Conversion.TRANSPARENT in picture.notes:
            notes.append(transparency_note(WHITE))
        for note in notes:
            line = command_line.describe_conversion(str(path), note)
            if line not in self.notes:  # one picture may be the first and the last frame
                self.notes.append(line)

    def _find_copies(self) -> Path:
        """Make the temporary folder when the first picture needs it.

        Raises:
            OSError: No folder for temporary files can be written to.
        """
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="kling-desktop-")
        return Path(self._folder.name)


def _describe_fix(fix: Fix) -> str:
    if fix.kind is FixKind.RECOMPRESS:
        return command_line.describe_recompression(exact_size(fix.about_bytes))
    return command_line.describe_resize(fix.width, fix.height)


async def build_draft(options: JobOptions, pictures: Pictures) -> Draft:
    """Check one job, its pictures included.

    Raises:
        UsageError: With one sentence for each thing that is wrong.
    """
    for text in (options.prompt, options.negative_prompt):
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            raise UsageError(Reason.PROMPT_NOT_TEXT)
    spec = find_model(options.model)
    if spec is None:
        names = ", ".join(model.short_name for model in MODELS)
        raise UsageError(Reason.NO_SUCH_MODEL, facts={"name": options.model, "models": names})
    first, last = None, None
    hints: list[str] = []
    if options.first_frame:
        first, hint = await pictures.prepare(options.first_frame, spec, Field.FIRST_FRAME)
        hints.append(hint)
    if options.last_frame:
        last, hint = await pictures.prepare(options.last_frame, spec, Field.LAST_FRAME)
        hints.append(hint)
    draft = Draft(
        model=spec.id,
        prompt=options.prompt,
        negative_prompt=options.negative_prompt,
        first_frame=first,
        last_frame=last,
        dimensions=_choose_dimensions(options, spec),
        duration_s=options.duration,
        cfg_scale=spec.cfg_scale.default if options.cfg_scale is None else options.cfg_scale,
        takes=options.takes,
    )
    problems = find_problems(draft, spec)
    if problems:
        sentences = [describe_problem(problem) for problem in problems]
        raise UsageError(sentence=" ".join((*sentences, *filter(None, hints))))
    return draft


def _choose_dimensions(options: JobOptions, spec: ModelSpec) -> Dimensions | None:
    if (options.width is None) != (options.height is None):
        raise UsageError(Reason.WIDTH_WITHOUT_HEIGHT)
    if options.width is not None and options.height is not None:
        if options.aspect:
            raise UsageError(Reason.SIZE_AND_SHAPE)
        return Dimensions(options.width, options.height)
    if spec.size_follows_first_frame:
        if options.aspect:
            raise UsageError(Reason.SHAPE_OF_THE_FRAME, facts={"model": model_name(spec.id)})
        return None
    found = spec.find_dimensions(options.aspect or spec.dimensions[0].aspect_ratio)
    if found is None:
        offered = ", ".join(size.aspect_ratio for size in spec.dimensions)
        raise UsageError(Reason.NO_SUCH_SHAPE, facts={"shape": options.aspect, "shapes": offered})
    return found


def _find_path(name: str) -> Path:
    """Take a file that is there by its very name; a tilde that no shell replaced means home."""
    path = Path(name)
    if name.startswith("~") and not path.exists():
        with suppress(RuntimeError):  # nobody of that name has a home here
            return path.expanduser()
    return path
