"""Checks a dropped file as an input picture, by its header alone."""

import stat
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from kling_desktop.domain.catalog import MODELS, ModelSpec
from kling_desktop.domain.draft import ImageInput
from kling_desktop.domain.errors import UnreadableImage
from kling_desktop.domain.problems import Field, Problem
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.validation import SENDABLE_FORMATS, find_image_problems
from kling_desktop.media.decoding import (
    MAX_FILE_BYTES,
    MAX_PIXELS,
    DecodeFailed,
    open_picture,
)
from kling_desktop.media.headers import Header, read_header
from kling_desktop.media.signatures import HEAD_BYTES, FileKind, Signature, recognise
from kling_desktop.media.svg_shape import choose_canvas, measure_svg
from kling_desktop.media.tiff_header import read_tiff_header

_WEB_PREFIXES = ("http:/", "https:/", "ftp:/", "data:")


class ImageFault(StrEnum):
    """Why a file cannot become a frame at all."""

    MISSING = "missing"
    NO_ACCESS = "no_access"
    FOLDER = "folder"
    WEB_ADDRESS = "web_address"
    WEB_PAGE = "web_page"
    NOT_A_FILE = "not_a_file"
    EMPTY = "empty"
    TOO_BIG_A_FILE = "too_big_a_file"
    VIDEO = "video"
    NOT_A_PICTURE = "not_a_picture"
    FORMAT_NOT_READ = "format_not_read"
    CAMERA_RAW = "camera_raw"
    TOO_MANY_PIXELS = "too_many_pixels"
    DAMAGED = "damaged"
    UNUSUAL = "unusual"
    VIDEO_DAMAGED = "video_damaged"


_REASONS = {
    ImageFault.MISSING: Reason.PICTURE_MISSING,
    ImageFault.NO_ACCESS: Reason.PICTURE_NO_ACCESS,
    ImageFault.FOLDER: Reason.PICTURE_IS_FOLDER,
    ImageFault.WEB_ADDRESS: Reason.PICTURE_IS_ADDRESS,
    ImageFault.WEB_PAGE: Reason.PICTURE_IS_WEB_PAGE,
    ImageFault.NOT_A_FILE: Reason.PICTURE_NOT_A_FILE,
    ImageFault.EMPTY: Reason.PICTURE_EMPTY,
    ImageFault.TOO_BIG_A_FILE: Reason.PICTURE_FILE_TOO_LARGE,
    ImageFault.VIDEO: Reason.PICTURE_IS_VIDEO,
    ImageFault.NOT_A_PICTURE: Reason.PICTURE_UNKNOWN,
    ImageFault.FORMAT_NOT_READ: Reason.PICTURE_FORMAT_NOT_READ,
    ImageFault.CAMERA_RAW: Reason.PICTURE_CAMERA_RAW,
    ImageFault.TOO_MANY_PIXELS: Reason.PICTURE_TOO_MANY_PIXELS,
    ImageFault.DAMAGED: Reason.PICTURE_DAMAGED,
    ImageFault.UNUSUAL: Reason.PICTURE_UNUSUAL,
    ImageFault.VIDEO_DAMAGED: Reason.PICTURE_VIDEO_DAMAGED,
}
_PARTLY_READ = frozenset({"psd", "tga", "ico", "cur", "ppm", "qoi", "jpeg2000", "heic", "svg"})
"""Formats of which no decoder reads every kind: what fails may be sound all the same."""


class RefusedPicture(UnreadableImage):
    """The file is no picture that we can use.

    Attributes:
        kind: What kept us from using it.
    """

    def __init__(self, kind: ImageFault, *, detail: str = "", **facts: object) -> None:
        super().__init__(_REASONS[kind], detail=detail, facts=facts)
        self.kind = kind


class Conversion(StrEnum):
    """What has to be done silently before a readable picture can be sent as it is meant."""

    FORMAT = "format"
    CMYK = "cmyk"
    SIXTEEN_BIT = "sixteen_bit"
    TURNED = "turned"
    FIRST_OF_SEVERAL = "first_of_several"
    TRANSPARENT = "transparent"
    COLOUR_PROFILE = "colour_profile"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureCheck:
    """What the header of a picture says.

    Attributes:
        image: Measured after any turn; its format may be one that is converted first.
        frames: How many pictures are in the file; 1 for a still, a lower bound in a huge file.
        conversions: What has to be done before it is sent; empty when the file goes as it is.
        problems: What the model's limits say.  What a conversion cures is not among them.
    """

    image: ImageInput
    frames: int = 1
    conversions: tuple[Conversion, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def as_converted(self) -> ImageInput:
        """The picture without what its conversion cures: for checks against the limits."""
        if not _makes_copy(self.conversions):
            return self.image
        return replace(self.image, format="jpeg", size_bytes=0)

    @property
    def converted_from(self) -> str:
        """What to put after "converted from": ``"TIFF"``, ``"CMYK JPEG"``, ``"16-bit PNG"``.

        Empty where the copy is no other kind of file than the original: only turned, say.
        """
        label = format_label(self.image.format)
        if Conversion.CMYK in self.conversions:
            return f"CMYK {label}"
        if Conversion.SIXTEEN_BIT in self.conversions:
            return f"16-bit {label}"
        if Conversion.FIRST_OF_SEVERAL in self.conversions and self.image.format != "tiff":
            return f"animated {label}"
        return label if Conversion.FORMAT in self.conversions else ""


def format_label(picture_format: str) -> str:
    """Write a format's name as people do."""
    labels = {"webp": "WebP", "jpeg2000": "JPEG 2000", "ppm": "PPM/PGM"}
    return labels.get(picture_format, picture_format.upper())


def inspect(
    path: Path, *, spec: ModelSpec = MODELS[0], field: Field = Field.FIRST_FRAME
) -> PictureCheck:
    """Say what a file is worth as an input picture, without decoding a pixel (blocking, short).

    Args:
        path: What was dropped, chosen or typed.
        spec: The model whose limits the picture is held against.
        field: The frame that problems are reported for.

    Raises:
        RefusedPicture: It can never become a frame; says why.
    """
    size_bytes = _measure_file(path)
    head = _read_head(path)
    picture_format = _get_picture_format(recognise(head))
    header = _read_header(path, picture_format, head, spec)
    width, height = header.upright_size
    _refuse_bomb(width, height)
    check = PictureCheck(
        image=ImageInput(
            path=path,
            name=path.name,
            format=picture_format,
            width=width,
            height=height,
            size_bytes=size_bytes,
        ),
        frames=header.frames,
        conversions=_list_conversions(header, picture_format),
    )
    return check_against_model(check, spec, field)


def check_against_model(
    check: PictureCheck, spec: ModelSpec, field: Field, *, size: tuple[int, int] | None = None
) -> PictureCheck:
    """Find the problems of a measured picture; `size` is that of its pixels where it is known."""
    if size is not None:
        check = replace(check, image=replace(check.image, width=size[0], height=size[1]))
    # A copy is a new file: what this one weighs and is called says nothing about it.
    return replace(check, problems=find_image_problems(check.as_converted, spec, field))


def verify(path: Path) -> None:
    """Decode a picture completely and strictly: what is cut off or damaged inside shows here.

    Blocking, for a worker; the pixel limit holds.

    Raises:
        RefusedPicture: It is damaged, or was no picture in the first place.
    """
    _measure_file(path)
    picture_format = _get_picture_format(recognise(_read_head(path)))
    try:
        with open_picture(path, picture_format) as opened:
            _refuse_bomb(*opened.image.size)
            opened.image.load()
    except DecodeFailed as error:
        raise explain_failure(error, picture_format) from error


def explain_failure(error: DecodeFailed, picture_format: str) -> RefusedPicture:
    """Say what a decoder's failure means for the user."""
    if "DecompressionBomb" in error.detail or "too many pixels" in error.detail:
        return RefusedPicture(
            ImageFault.TOO_MANY_PIXELS, detail=error.detail, limit=MAX_PIXELS // 1_000_000
        )
    if picture_format in _PARTLY_READ:
        return RefusedPicture(
            ImageFault.UNUSUAL, detail=error.detail, format=format_label(picture_format)
        )
    return RefusedPicture(ImageFault.DAMAGED, detail=error.detail)


def _makes_copy(conversions: tuple[Conversion, ...]) -> bool:
    # A picture that only might be transparent may go as it is.
    return bool(set(conversions) - {Conversion.TRANSPARENT})


def _read_header(path: Path, picture_format: str, head: bytes, spec: ModelSpec) -> Header:
    try:
        if picture_format == "svg":
            canvas = choose_canvas(measure_svg(path), spec)
            return Header(width=canvas.width, height=canvas.height, may_be_transparent=True)
        if picture_format == "tiff" and (raw := read_tiff_header(path).raw_name):
            raise RefusedPicture(ImageFault.CAMERA_RAW, format=format_label(raw))
        return read_header(path, picture_format, head)
    except DecodeFailed as error:
        raise explain_failure(error, picture_format) from error


def _measure_file(path: Path) -> int:
    """Return the length in bytes of a regular file; nothing is opened yet."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        is_address = path.as_posix().lower().startswith(_WEB_PREFIXES)  # Windows turns slashes
        fault = ImageFault.WEB_ADDRESS if is_address else ImageFault.MISSING
        raise RefusedPicture(fault) from error
    except (OSError, ValueError) as error:
        raise RefusedPicture(ImageFault.NO_ACCESS, detail=str(error)) from error
    if stat.S_ISDIR(status.st_mode):
        raise RefusedPicture(ImageFault.FOLDER)
    # A pipe or a device might block for ever, or never end.
    if not stat.S_ISREG(status.st_mode):
        raise RefusedPicture(ImageFault.NOT_A_FILE)
    if status.st_size == 0:
        raise RefusedPicture(ImageFault.EMPTY)
    if status.st_size > MAX_FILE_BYTES:
        raise RefusedPicture(
            ImageFault.TOO_BIG_A_FILE,
            size_bytes=status.st_size,
            limit_bytes=MAX_FILE_BYTES,
        )
    return status.st_size


def _read_head(path: Path) -> bytes:
    try:
        with path.open("rb", buffering=0) as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        raise RefusedPicture(ImageFault.NO_ACCESS, detail=str(error)) from error


def _get_picture_format(signature: Signature) -> str:
    label = format_label(signature.format)
    match signature.kind:
        case FileKind.PICTURE:
            return signature.format
        case FileKind.VIDEO:
            raise RefusedPicture(ImageFault.VIDEO)
        case FileKind.WEB_ADDRESS:
            raise RefusedPicture(ImageFault.WEB_ADDRESS)
        case FileKind.WEB_PAGE:
            raise RefusedPicture(ImageFault.WEB_PAGE)
        case FileKind.CAMERA_RAW:
            raise RefusedPicture(ImageFault.CAMERA_RAW, format=label)
        case FileKind.PICTURE_NOT_READ:
            raise RefusedPicture(ImageFault.FORMAT_NOT_READ, format=label)
        case FileKind.UNKNOWN:
            raise RefusedPicture(ImageFault.NOT_A_PICTURE)


def _refuse_bomb(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise RefusedPicture(
            ImageFault.TOO_MANY_PIXELS,
            detail=f"{width} × {height} px",
            limit=MAX_PIXELS // 1_000_000,
        )


def _list_conversions(header: Header, picture_format: str) -> tuple[Conversion, ...]:
    found = {
        Conversion.FORMAT: picture_format not in SENDABLE_FORMATS,
        Conversion.CMYK: header.cmyk,
        Conversion.SIXTEEN_BIT: header.deep,
        Conversion.TURNED: header.orientation != 1,
        Conversion.FIRST_OF_SEVERAL: header.frames > 1,
        Conversion.TRANSPARENT: header.may_be_transparent,
        Conversion.COLOUR_PROFILE: header.own_colours,
    }
    return tuple(conversion for conversion, needed in found.items() if needed)
