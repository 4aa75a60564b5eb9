"""How a JSON body becomes typed values: what is missing or of the wrong kind reads as nothing."""

import json
from decimal import Decimal
from typing import NoReturn, TypeAlias

from kling_desktop.api.error_text import clean_detail
from kling_desktop.domain.errors import UnexpectedReply
from kling_desktop.domain.reasons import Reason

JsonValue: TypeAlias = "bool | int | Decimal | str | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = dict[str, JsonValue]


def parse_json(body: bytes | str, *, http_status: int = 0) -> JsonValue:
    """Parse a body; fractions become `Decimal`, so that money is never rounded on the way.

    Raises:
        UnexpectedReply: It is no JSON, is nested too deeply or holds a number beyond all sense.
    """
    try:
        value: JsonValue = json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise UnexpectedReply(
            Reason.ANSWER_NOT_JSON,
            detail=clean_detail(body),
            http_status=http_status,
        ) from error
    return value


def list_objects(value: JsonValue) -> tuple[JsonObject, ...]:
    """Read a list of objects; a single object counts as a list of one, all else is passed over."""
    if isinstance(value, dict):
        return (value,)
    if isinstance(value, list):
        return tuple(item for item in value if isinstance(item, dict))
    return ()


def find_text(data: JsonObject, *keys: str) -> str:
    """Return the first of these keys that holds words, else an empty string."""
    for key in keys:
        value = data.get(key)
        if isinstance(value, str) and value.strip():
            return _make_sound(value.strip())
    return ""


def find_whole(data: JsonObject, key: str) -> int | None:
    value = data.get(key)
    return None if isinstance(value, bool) or not isinstance(value, int) else value


def find_number(data: JsonObject, key: str) -> Decimal | None:
    value = data.get(key)
    if isinstance(value, Decimal):
        return value
    # An integer with more digits than any real figure would cost time to convert.
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() < 256:
        return Decimal(value)
    return None


def as_words(value: JsonValue) -> str:
    """Write a single plain value as words; lists and objects have none."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _make_sound(value)
        case int() if value.bit_length() < 256:
            return str(value)
        case Decimal():
            return str(value)
        case _:
            return ""


def _make_sound(text: str) -> str:
    """Replace halves of characters, which JSON can hold and no file or database takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
