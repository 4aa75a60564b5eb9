"""From a dropped file to a picture that can be sent: checked, and where needed a copy of it."""

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from kling_desktop.domain.catalog import MODELS, ModelSpec
from kling_desktop.domain.draft import ImageInput
from kling_desktop.domain.errors import LibraryUnavailable
from kling_desktop.domain.problems import Field
from kling_desktop.domain.validation import SENDABLE_FORMATS
from kling_desktop.media.decoding import DecodeFailed
from kling_desktop.media.fit import Box, Fix, plan_crop, plan_fix
from kling_desktop.media.images import (
    Conversion,
    ImageFault,
    PictureCheck,
    RefusedPicture,
    inspect,
    verify,
)
from kling_desktop.media.isolation import run_isolated
from kling_desktop.media.rendering import Order, Rendered, render

WHITE = (255, 255, 255)
Colour = tuple[int, int, int]
_SUFFIXES = {"jpeg": ".jpg", "png": ".png", "webp": ".webp"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedPicture:
    """What became of a dropped file.

    Attributes:
        check: What its header says.
        image: The picture to send: the original, or a silent copy of it.  None while `fix` waits
            for the person.
        fix: The repair to offer; its `about_bytes` is measured.  None when `image` is there.
        notes: What was really done to the copy, for the caption.  `TRANSPARENT` means that
            transparent parts took the background's colour.
    """

    check: PictureCheck
    image: ImageInput | None = None
    fix: Fix | None = None
    notes: tuple[Conversion, ...] = ()


def prepare(
    path: Path,
    target_dir: Path,
    *,
    spec: ModelSpec = MODELS[0],
    field: Field = Field.FIRST_FRAME,
    background: Colour = WHITE,
) -> PreparedPicture:
    """Check a picture to the last byte and convert it where nobody needs to be asked (blocking).

    Args:
        path: What was dropped, chosen or typed; it is only ever read.
        target_dir: Where copies are written, named by the hash of their bytes.
        spec: The model whose limits hold.
        field: The frame that problems are reported for.
        background: What transparent parts become.

    Raises:
        RefusedPicture: It can never become a frame; says why.
        LibraryUnavailable: The copy could not be written.
    """
    check = inspect(path, spec=spec, field=field)
    if check.problems:
        fix = plan_fix(check.image, spec.input_image)
        if fix is not None:
            rendered = _render(check.image, _order_fix(fix, spec, background))
            fix = replace(fix, about_bytes=len(rendered.data))
        return PreparedPicture(check=check, fix=fix)
    if not check.conversions:
        verify(path)
        return PreparedPicture(check=check, image=check.image)
    order = Order(background=background, lossless=True, max_bytes=spec.input_image.max_size_bytes)
    rendered = _render(check.image, order)
    notes = tuple(
        note
        for note in check.conversions
        if note is not Conversion.TRANSPARENT or rendered.see_through
    )
    if not notes:
        # It could have been transparent and is not: the original goes as it is.
        return PreparedPicture(check=check, image=check.image)
    image = _keep(rendered, check, target_dir)
    return PreparedPicture(check=check, image=image, notes=notes)


def apply_fix(
    path: Path,
    fix: Fix,
    target_dir: Path,
    *,
    spec: ModelSpec = MODELS[0],
    background: Colour = WHITE,
) -> ImageInput:
    """Make the copy that a repair describes, always from the original (blocking).

    Returns:
        The copy: a JPEG of exactly the repair's size in `target_dir`.

    Raises:
        RefusedPicture: The original cannot be read (any more).
        DamagedValue: The repair's box lies outside the picture.
        LibraryUnavailable: The copy could not be written.
    """
    check = inspect(path, spec=spec)
    return _keep(_render(check.image, _order_fix(fix, spec, background)), check, target_dir)


def convert(
    path: Path, target_dir: Path, *, spec: ModelSpec = MODELS[0], background: Colour = WHITE
) -> ImageInput:
    """Make a sendable copy of a picture at its own size; errors as `apply_fix` (blocking)."""
    check = inspect(path, spec=spec)
    order = Order(background=background, lossless=True, max_bytes=spec.input_image.max_size_bytes)
    return _keep(_render(check.image, order), check, target_dir)


def crop(
    path: Path,
    box: Box,
    target_dir: Path,
    *,
    spec: ModelSpec = MODELS[0],
    background: Colour = WHITE,
) -> ImageInput:
    """Cut a part out and scale it into the model's limits; errors as `apply_fix` (blocking)."""
    return apply_fix(
        path, plan_crop(box, spec.input_image), target_dir, spec=spec, background=background
    )


def _order_fix(fix: Fix, spec: ModelSpec, background: Colour) -> Order:
    return Order(
        size=(fix.width, fix.height),
        box=fix.box,
        background=background,
        max_bytes=spec.input_image.max_size_bytes,
    )


def _render(image: ImageInput, order: Order) -> Rendered:
    """Render here what everybody's decoders have seen a lot of, the rest in its own process."""
    try:
        if image.format in SENDABLE_FORMATS:
            return render(image.path, image.format, order)
        return run_isolated(render, image.path, image.format, order)
    except DecodeFailed as error:
        raise RefusedPicture(
            ImageFault.DAMAGED,
            "Can't read this picture. The file is damaged or not complete.",
            detail=error.detail,
        ) from error


def _keep(rendered: Rendered, check: PictureCheck, target_dir: Path) -> ImageInput:
    sha256 = hashlib.sha256(rendered.data).hexdigest()
    path = target_dir / f"{sha256}{_SUFFIXES[rendered.format]}"
    try:
        target_dir.mkdir(parents=True, exist_ok=True)
        _write_whole(path, rendered.data)
    except OSError as error:
        raise LibraryUnavailable(detail=str(error)) from error
    return ImageInput(
        path=path,
        name=check.image.name,
        format=rendered.format,
        width=rendered.width,
        height=rendered.height,
        size_bytes=len(rendered.data),
        sha256=sha256,
        converted_from=check.converted_from,
    )


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file so that under its name there is all of it or nothing."""
    part = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
