"""Reads JSON that anybody may have sent: what could hurt later is refused at once."""

import json
import math
from collections.abc import Mapping
from typing import NoReturn, cast

_MOST_DEPTH = 32
"""Requests are six levels deep; each later step over them may go down as deep as this."""
_MOST_DIGITS = 30
_MOST_VALUES = 100_000
"""Each value takes many times the memory of its text: few megabytes could fill a machine."""


class BadJson(Exception):
    """The text is no JSON that the sandbox works with; the message says why."""


def read_json(body: bytes | str) -> object:
    """Parse JSON of ordinary depth, numbers and characters.

    Raises:
        BadJson: It is malformed, nested too deep, or has numbers or characters that JSON knows but
            no file or other program could be given: NaN, infinities, thousands of digits, half of
            a surrogate pair.
    """
    try:
        text = body if isinstance(body, str) else body.decode("utf-8")
        if text.count(",") > _MOST_VALUES:
            raise BadJson("it has too many values")
        value: object = json.loads(
            text, parse_constant=_refuse_constant, parse_int=_read_int, parse_float=_read_float
        )
    except RecursionError:
        raise BadJson("it is nested too deep") from None
    except ValueError as error:
        raise BadJson(str(error)) from None
    _check(value)
    return value


def _check(value: object) -> None:
    level = [value]
    for _ in range(_MOST_DEPTH):
        if not level:
            return
        deeper: list[object] = []
        for item in level:
            if isinstance(item, Mapping):
                fields = cast("Mapping[object, object]", item)
                deeper += fields.keys()
                deeper += fields.values()
            elif isinstance(item, list):
                deeper += cast("list[object]", item)
            elif isinstance(item, str) and not item.isascii():
                _check_characters(item)
        level = deeper
    raise BadJson("it is nested too deep")


def _check_characters(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise BadJson("a character is half of a surrogate pair") from None


def _refuse_constant(name: str) -> NoReturn:
    raise BadJson(f"{name} is no number of JSON")


def _read_int(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise BadJson("a number has too many digits")
    return int(digits)


def _read_float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise BadJson("a number is too large")
    return number
