"""What a picture's header says, whatever its format, without decoding a pixel."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kling_desktop.media.colour import open_profile
from kling_desktop.media.decoding import DecodeFailed, open_picture, orientation_of
from kling_desktop.media.frame_count import MAX_COUNTED, count_pictures
from kling_desktop.media.picture_parts import read_picture_parts
from kling_desktop.media.tiff_header import read_tiff_header
from kling_desktop.media.webp_header import read_webp_header

if TYPE_CHECKING:
    from PIL import Image

_PNG_BIT_DEPTH_AT = 24
_TURNED_ON_ITS_SIDE = frozenset({5, 6, 7, 8})
_PLAIN_PROFILES = ("srgb", "c2", "gray gamma 2.2", "generic gray")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A picture as its header describes it.

    Attributes:
        width: In pixels as stored, before any turn.
        height: As width.
        orientation: EXIF's number, 1 to 8: the turn that is still to be made.
        frames: How many pictures are in the file, counted up to a bound.
        cmyk: The colours are printing inks.
        deep: More than 8 bits a colour.
        may_be_transparent: There is an alpha channel or a transparent colour.
        own_colours: A profile makes the numbers mean something other than sRGB.
    """

    width: int
    height: int
    orientation: int = 1
    frames: int = 1
    cmyk: bool = False
    deep: bool = False
    may_be_transparent: bool = False
    own_colours: bool = False

    @property
    def upright_size(self) -> tuple[int, int]:
        """Width and height after the turn."""
        if self.orientation in _TURNED_ON_ITS_SIDE:
            return self.height, self.width
        return self.width, self.height


def read_header(path: Path, picture_format: str, head: bytes) -> Header:
    """Read the header of a file whose format is known.

    Args:
        path: The file.
        picture_format: As `recognise` found it.
        head: The first bytes of the file.

    Raises:
        DecodeFailed: The header is damaged.
    """
    if picture_format == "webp":
        return _read_webp(path)
    try:
        with open_picture(path, picture_format) as opened:
            image = opened.image
            frames = count_pictures(image, path, picture_format)
            return Header(
                width=image.width,
                height=image.height,
                orientation=opened.orientation,
                frames=min(max(frames, opened.frames), MAX_COUNTED),
                cmyk=image.mode == "CMYK",
                deep=_is_deep(image, picture_format, head),
                may_be_transparent=image.has_transparency_data,
                own_colours=_has_own_colours(image.info.get("icc_profile")),
            )
    except DecodeFailed:
        # What Pillow refuses another decoder may read: the size alone is enough to go on.
        width, height = _find_size(path, picture_format, head)
        if not (width and height):
            raise
        return Header(width=width, height=height)


def _find_size(path: Path, picture_format: str, head: bytes) -> tuple[int, int]:
    """Read the stored size from where the format has it; zeros where there is none."""
    match picture_format:
        case "bmp" if int.from_bytes(head[14:18], "little") >= 16:
            height = abs(int.from_bytes(head[22:26], "little", signed=True))
            return abs(int.from_bytes(head[18:22], "little", signed=True)), height
        case "bmp":
            return int.from_bytes(head[18:20], "little"), int.from_bytes(head[20:22], "little")
        case "gif":
            return int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")
        case "tga":
            return int.from_bytes(head[12:14], "little"), int.from_bytes(head[14:16], "little")
        case "tiff":
            found = read_tiff_header(path)
            return found.width, found.height
        case "jpeg" | "png":
            try:
                with path.open("rb") as file:
                    return read_picture_parts(file, picture_format).size
            except OSError:
                return 0, 0
        case _:
            return 0, 0


def _read_webp(path: Path) -> Header:
    found = read_webp_header(path)
    return Header(
        width=found.width,
        height=found.height,
        orientation=orientation_of(found.exif),
        frames=min(found.frames, MAX_COUNTED),
        may_be_transparent=found.has_alpha,
        own_colours=_has_own_colours(found.profile),
    )


def _is_deep(image: "Image.Image", picture_format: str, head: bytes) -> bool:
    # Pillow shows a PNG of 16 bits a colour as one of 8: only the file itself says so.
    deep_png = picture_format == "png" and head[_PNG_BIT_DEPTH_AT] > 8
    return deep_png or image.mode.startswith(("I", "F"))


def _has_own_colours(profile: object) -> bool:
    if not isinstance(profile, bytes) or not profile:
        return False
    from PIL import ImageCms

    opened = open_profile(profile)
    if opened is None:
        return False
    try:
        name = ImageCms.getProfileDescription(opened).strip().lower()
    except (ImageCms.PyCMSError, UnicodeError):
        return False
    return not name.startswith(_PLAIN_PROFILES)
