"""What a dropped file is worth as an input picture, told from its header alone."""

import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from kling_desktop.domain.catalog import MODELS, ModelSpec
from kling_desktop.domain.draft import ImageInput
from kling_desktop.domain.errors import UnreadableImage
from kling_desktop.domain.problems import Field, Problem, ProblemCode
from kling_desktop.domain.validation import SENDABLE_FORMATS, describe_bytes, find_image_problems
from kling_desktop.media.decoding import (
    MAX_FILE_BYTES,
    MAX_PIXELS,
    DecodeFailed,
    open_picture,
)
from kling_desktop.media.headers import Header, read_header
from kling_desktop.media.signatures import HEAD_BYTES, FileKind, Signature, recognise

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
    TOO_MANY_PIXELS = "too_many_pixels"
    DAMAGED = "damaged"


class RefusedPicture(UnreadableImage):
    """The file is no picture that we can use; the message is one or two sentences for a person.

    Attributes:
        kind: What kept us from using it.
    """

    def __init__(self, kind: ImageFault, message: str, *, detail: str = "") -> None:
        super().__init__(message, detail=detail)
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
    def needs_conversion(self) -> str:
        """Why the picture is converted, in short words; empty when it is not."""
        words = {
            Conversion.FORMAT: format_label(self.image.format),
            Conversion.CMYK: "CMYK",
            Conversion.SIXTEEN_BIT: "16-bit",
            Conversion.TURNED: "EXIF turn",
            Conversion.FIRST_OF_SEVERAL: f"first picture of {self.frames}",
            Conversion.TRANSPARENT: "transparency",
            Conversion.COLOUR_PROFILE: "colour profile",
        }
        return ", ".join(words[conversion] for conversion in self.conversions)

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
    labels = {"webp": "WebP", "jpeg2000": "JPEG 2000"}
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
    try:
        header = read_header(path, picture_format, head)
    except DecodeFailed as error:
        raise _explain_failure(error) from error
    _refuse_bomb(header.width, header.height)
    conversions = _list_conversions(header, picture_format)
    width, height = header.upright_size
    measured = ImageInput(
        path=path,
        name=path.name,
        format=picture_format,
        width=width,
        height=height,
        size_bytes=size_bytes,
    )
    problems = find_image_problems(measured, spec, field)
    if set(conversions) - {Conversion.TRANSPARENT}:
        # The copy is a new file: what this one weighs and is called says nothing about it.  A
        # picture that only might be transparent may go as it is.
        cured = (ProblemCode.IMAGE_FORMAT_NOT_TAKEN, ProblemCode.IMAGE_TOO_HEAVY)
        problems = tuple(problem for problem in problems if problem.code not in cured)
    return PictureCheck(
        image=measured, frames=header.frames, conversions=conversions, problems=problems
    )


def verify(path: Path) -> None:
    """Decode a picture completely and strictly: what is cut off or damaged inside shows here.

    Blocking, for a worker; the pixel limit holds.

    Raises:
        RefusedPicture: It is damaged, or was no picture in the first place.
    """
    _measure_file(path)
    picture_format = _get_picture_format(recognise(_read_head(path)))
    try:
        with open_picture(path, picture_format) as image:
            _refuse_bomb(*image.size)
            image.load()
    except DecodeFailed as error:
        raise _explain_failure(error) from error


def _measure_file(path: Path) -> int:
    """Return the length in bytes of a regular file; nothing is opened yet."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        if str(path).lower().startswith(_WEB_PREFIXES):
            raise RefusedPicture(
                ImageFault.WEB_ADDRESS,
                "That's a web address. Save the picture to your disk and add the file.",
            ) from error
        raise RefusedPicture(
            ImageFault.MISSING, "There is no such file. It may have been moved."
        ) from error
    except (OSError, ValueError) as error:
        raise RefusedPicture(
            ImageFault.NO_ACCESS, "This file can't be opened.", detail=str(error)
        ) from error
    if stat.S_ISDIR(status.st_mode):
        raise RefusedPicture(ImageFault.FOLDER, "That's a folder. Choose a picture inside it.")
    # A pipe or a device might block for ever, or never end.
    if not stat.S_ISREG(status.st_mode):
        raise RefusedPicture(ImageFault.NOT_A_FILE, "That's not a file on a disk.")
    if status.st_size == 0:
        raise RefusedPicture(ImageFault.EMPTY, "The file is empty.")
    if status.st_size > MAX_FILE_BYTES:
        raise RefusedPicture(
            ImageFault.TOO_BIG_A_FILE,
            f"The file has {describe_bytes(status.st_size)}. "
            f"Files over {describe_bytes(MAX_FILE_BYTES)} are not read.",
        )
    return status.st_size


def _read_head(path: Path) -> bytes:
    try:
        with path.open("rb", buffering=0) as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        raise RefusedPicture(
            ImageFault.NO_ACCESS, "This file can't be opened.", detail=str(error)
        ) from error


def _get_picture_format(signature: Signature) -> str:
    match signature.kind:
        case FileKind.PICTURE:
            return signature.format
        case FileKind.VIDEO:
            raise RefusedPicture(
                ImageFault.VIDEO, "That's a video. Its last frame can be used as a picture."
            )
        case FileKind.WEB_ADDRESS:
            raise RefusedPicture(
                ImageFault.WEB_ADDRESS,
                "That's a web address. Save the picture to your disk and add the file.",
            )
        case FileKind.WEB_PAGE:
            raise RefusedPicture(
                ImageFault.WEB_PAGE, "That's a web page, not a picture. Save the picture itself."
            )
        case FileKind.PICTURE_NOT_READ:
            name = format_label(signature.format)
            raise RefusedPicture(
                ImageFault.FORMAT_NOT_READ,
                f"{name} files can't be read here. Save it as JPEG or PNG and add that.",
                detail=signature.format,
            )
        case FileKind.UNKNOWN:
            raise RefusedPicture(
                ImageFault.NOT_A_PICTURE,
                "Can't read this file. It may be damaged or not a picture.",
            )


def _refuse_bomb(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise RefusedPicture(
            ImageFault.TOO_MANY_PIXELS,
            f"This picture has {width} × {height} px. "
            f"More than {MAX_PIXELS // 1_000_000} megapixels are not read.",
        )


def _explain_failure(error: DecodeFailed) -> RefusedPicture:
    if "DecompressionBomb" in error.detail:
        return RefusedPicture(
            ImageFault.TOO_MANY_PIXELS,
            f"This picture has more than {MAX_PIXELS // 1_000_000} megapixels.",
            detail=error.detail,
        )
    return RefusedPicture(
        ImageFault.DAMAGED,
        "Can't read this picture. The file is damaged or not complete.",
        detail=error.detail,
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
