"""From a dropped file to a picture that can be sent: checked, and where needed a copy of it."""

import hashlib
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from kling_desktop.domain.catalog import MODELS, ModelSpec
from kling_desktop.domain.draft import ImageInput
from kling_desktop.domain.errors import LibraryUnavailable
from kling_desktop.domain.problems import Field
from kling_desktop.domain.validation import SENDABLE_FORMATS
from kling_desktop.media.cleaning import strip_notes
from kling_desktop.media.decoding import DecodeFailed
from kling_desktop.media.fit import Box, Fix, plan_crop, plan_fix
from kling_desktop.media.images import (
    Conversion,
    ImageFault,
    PictureCheck,
    RefusedPicture,
    check_against_model,
    explain_failure,
    inspect,
    verify,
)
from kling_desktop.media.isolation import run_isolated
from kling_desktop.media.qt_decoding import QT_NAMES
from kling_desktop.media.rendering import (
    Colour,
    Decoder,
    Order,
    Rendered,
    SmallPicture,
    render,
    render_small,
)
from kling_desktop.storage.files.atomic_io import write_file
from kling_desktop.storage.files.private_files import make_private_folder

T = TypeVar("T")
WHITE = (255, 255, 255)
_SUFFIXES = {"jpeg": ".jpg", "png": ".png", "webp": ".webp"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedPicture:
    """What became of a dropped file.

    Attributes:
        check: What its header says.
        image: The picture to send: the original, or a silent copy of it.  None while `fix` waits
            for the user.
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
    try:
        return _prepare(check, target_dir, spec, background)
    except _OtherSize as found:
        # A header may say anything: what the pixels have counts.
        check = check_against_model(check, spec, field, size=found.size)
        return _prepare(check, target_dir, spec, background)


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


def load_small(path: Path, side_px: int, *, background: Colour = WHITE) -> SmallPicture:
    """Decode a picture to a small size for the screen (blocking).

    Raises:
        RefusedPicture: It can never become a frame; says why.
    """
    image = inspect(path).image
    return _decode(image, partial(render_small, image, side_px, background))


def clean(image: ImageInput, target_dir: Path) -> ImageInput:
    """Return a picture that was prepared earlier, without what is noted beside it (blocking).

    Drafts and clips of older versions hold pictures as they were chosen.

    Raises:
        RefusedPicture: It cannot be read.
        LibraryUnavailable: The copy could not be written.
    """
    return _strip(image, target_dir) if image.format in SENDABLE_FORMATS else image


class _OtherSize(Exception):
    """The pixels have another size than the header said."""

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__(size)
        self.size = size


def _prepare(
    check: PictureCheck, target_dir: Path, spec: ModelSpec, background: Colour
) -> PreparedPicture:
    if check.problems:
        fix = plan_fix(check.image, spec.input_image)
        if fix is not None:
            rendered = _render(check.image, _order_fix(fix, spec, background))
            _require_size(check, rendered)
            fix = replace(fix, about_bytes=len(rendered.data))
        return PreparedPicture(check=check, fix=fix)
    order = Order(background=background, lossless=True, max_bytes=spec.input_image.max_size_bytes)
    if not check.conversions:
        try:
            verify(check.image.path)
        except RefusedPicture:
            rendered = _render(check.image, order)
            _require_size(check, rendered)
            return PreparedPicture(check=check, image=_keep(rendered, check, target_dir))
        return PreparedPicture(check=check, image=_strip(check.image, target_dir))
    rendered = _render(check.image, order)
    _require_size(check, rendered)
    notes = tuple(
        note
        for note in check.conversions
        if note is not Conversion.TRANSPARENT or rendered.see_through
    )
    if not notes:
        # It could have been transparent and is not: the original's pixels go as they are.
        return PreparedPicture(check=check, image=_strip(check.image, target_dir))
    image = _keep(rendered, check, target_dir)
    return PreparedPicture(check=check, image=image, notes=notes)


def _require_size(check: PictureCheck, rendered: Rendered) -> None:
    size = (rendered.original_width, rendered.original_height)
    if size != (check.image.width, check.image.height):
        raise _OtherSize(size)


def _order_fix(fix: Fix, spec: ModelSpec, background: Colour) -> Order:
    return Order(
        size=(fix.width, fix.height),
        box=fix.box,
        background=background,
        max_bytes=spec.input_image.max_size_bytes,
    )


def _render(image: ImageInput, order: Order) -> Rendered:
    return _decode(image, partial(render, image, order))


def _decode(image: ImageInput, work: "partial[T]") -> T:
    """Decode here what everybody's decoders have seen a lot of, the rest in its own process.

    What Pillow refuses, Qt may still read: it is tried in a process of its own too.
    """
    try:
        if image.format in SENDABLE_FORMATS:
            return work()
        return run_isolated(work)
    except DecodeFailed as error:
        if image.format not in QT_NAMES:
            raise explain_failure(error, image.format) from error
    try:
        return run_isolated(partial(work, decoder=Decoder.QT))
    except DecodeFailed as error:
        raise explain_failure(error, image.format) from error


def _strip(image: ImageInput, target_dir: Path) -> ImageInput:
    """Return the picture without what is noted beside it; itself where there is nothing."""
    try:
        data = strip_notes(image.path, image.format)
    except OSError as error:
        raise RefusedPicture(ImageFault.NO_ACCESS, detail=str(error)) from error
    if data is None:
        return image
    sha256, path = _write(data, image.format, target_dir)
    return replace(image, path=path, size_bytes=len(data), sha256=sha256)


def _keep(rendered: Rendered, check: PictureCheck, target_dir: Path) -> ImageInput:
    sha256, path = _write(rendered.data, rendered.format, target_dir)
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


def _write(data: bytes, picture_format: str, target_dir: Path) -> tuple[str, Path]:
    sha256 = hashlib.sha256(data).hexdigest()
    path = target_dir / f"{sha256}{_SUFFIXES[picture_format]}"
    try:
        make_private_folder(target_dir)
        write_file(path, data)
    except OSError as error:
        raise LibraryUnavailable(detail=str(error)) from error
    return sha256, path
