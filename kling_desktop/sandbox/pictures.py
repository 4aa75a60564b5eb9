"""Which pictures the sandbox takes, in which wrappings, and where it keeps them."""

import base64
import binascii
import hashlib
import io
import re
import uuid
import warnings

from PIL import Image

from kling_desktop.domain.catalog import IMAGE_LIMITS, ImageLimits
from kling_desktop.sandbox.ledger import Ledger
from kling_desktop.sandbox.service_errors import ServiceError

_FORMATS = ("PNG", "JPEG", "WEBP")
_DATA_URI = re.compile(r"data:(?P<mime>[\w.+-]+/[\w.+-]+)?(?:;[^,;]+)*;base64,", re.IGNORECASE)
_WEB_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


def keep_picture(ledger: Ledger, value: object, parameter: str) -> str:
    """Check a picture given as UUID, data URI or base64; return the name it is kept under.

    Raises:
        ServiceError: It is no picture, too large, not known, or on the web (the sandbox is
            offline and fetches nothing).
    """
    if not isinstance(value, str) or not value:
        raise ServiceError(
            "invalidImage",
            "An image must be a string.",
            parameter=parameter,
            expected_type="string",
        )
    if is_uuid(value):
        return _find_upload(ledger, value, parameter)
    if _WEB_ADDRESS.match(value):
        raise ServiceError(
            "unsupportedImageURL",
            "The sandbox works offline and fetches no pictures from web addresses: send the "
            "picture itself, or upload it first.",
            parameter=parameter,
        )
    content = _decode(value, parameter)
    picture = hashlib.sha256(content).hexdigest()
    path = ledger.pictures / picture
    if not path.exists():
        _check_decodable(content, parameter)
        unfinished = path.with_name(f"{picture}.{uuid.uuid4()}")
        unfinished.write_bytes(content)
        unfinished.replace(path)  # at once: a killed sandbox leaves no half picture
    return picture


def check_sides(
    ledger: Ledger, picture: str, limits: ImageLimits, parameter: str
) -> tuple[int, int]:
    """Hold a kept picture against a model's limits; return its width and height."""
    try:
        with Image.open(ledger.pictures / picture) as image:
            width, height = image.size
            if image.getexif().get(0x0112, 1) in (5, 6, 7, 8):  # the camera was held upright
                width, height = height, width
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        # It was sound when it came: somebody has cleared or changed the sandbox's folder since.
        raise ServiceError(
            "mediaNotFound", "The image is not there any more; send it again.", parameter=parameter
        ) from None
    low, high = limits.min_side_px, limits.max_side_px
    if not (low <= width <= high and low <= height <= high):
        raise ServiceError(
            "unsupportedImageDimensions",
            f"The image is {width}x{height}; each side must be between {low} and {high} pixels.",
            parameter=parameter,
        )
    return width, height


def is_uuid(value: object) -> bool:
    """Return whether a value is a UUID in its usual written form."""
    if not isinstance(value, str) or len(value) != 36:
        return False
    try:
        return str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False


def is_task_uuid(value: object) -> bool:
    """Return whether a value may name a task: a UUID of version 4."""
    return is_uuid(value) and uuid.UUID(str(value)).version == 4


def _find_upload(ledger: Ledger, media: str, parameter: str) -> str:
    picture = ledger.uploads.get(media)
    if picture is None:
        gone = "was deleted" if media in ledger.deleted_uploads else "is not known"
        raise ServiceError(
            "mediaNotFound", f"The image {media} {gone}; upload it again.", parameter=parameter
        )
    return picture


def _decode(value: str, parameter: str) -> bytes:
    head = _DATA_URI.match(value)
    text = value[head.end() :] if head else value
    limit = IMAGE_LIMITS.max_size_bytes
    if len(text) > (limit + 2) // 3 * 4:
        raise _too_large(parameter)
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ServiceError(
            "invalidImage",
            "The image is neither a UUID, nor a data URI, nor base64.",
            parameter=parameter,
        ) from None
    if len(content) > limit:
        raise _too_large(parameter)
    return content


def _too_large(parameter: str) -> ServiceError:
    return ServiceError(
        "maxImageSizeExceeded", "The image file is larger than 20 MB.", parameter=parameter
    )


def _check_decodable(content: bytes, parameter: str) -> None:
    """Decode the picture once in full; its size is known before its pixels are."""
    high = IMAGE_LIMITS.max_side_px
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
                if max(image.size) > high:
                    raise ServiceError(
                        "unsupportedImageDimensions",
                        f"The image is {image.width}x{image.height}; a side may have at most "
                        f"{high} pixels.",
                        parameter=parameter,
                    )
                image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Warning) as error:
        raise ServiceError(
            "invalidImage",
            f"The image could not be read as PNG, JPG or WEBP ({type(error).__name__}).",
            parameter=parameter,
            allowed_values=("PNG", "JPG", "WEBP"),
        ) from None
