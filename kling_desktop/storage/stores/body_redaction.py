"""Shortens a stored request: pictures are replaced by their hash."""

import base64
import binascii
import hashlib
import json
from typing import cast

_LONGEST_TEXT = 8192
"""Prompts are far shorter; base64 of this length is a picture."""


def shorten_body(body: str) -> str:
    """Replace every picture inside a JSON body by its SHA-256 and length in bytes.

    Works by the form of the values, so it holds whatever the fields are called.  What is no JSON
    is kept by its hash alone.
    """
    if not body:
        return ""
    try:
        value: object = json.loads(body)
    except json.JSONDecodeError:
        return json.dumps(_describe(body.encode()))
    return json.dumps(_shorten(value), ensure_ascii=False, separators=(",", ":"))


def _shorten(value: object) -> object:
    match value:
        case str():
            return _shorten_text(value)
        case list():
            return [_shorten(item) for item in cast("list[object]", value)]
        case dict():
            items = cast("dict[str, object]", value).items()
            return {key: _shorten(item) for key, item in items}
        case _:
            return value


def _shorten_text(text: str) -> str:
    head, comma, encoded = text.partition(",")
    is_data_uri = text.startswith("data:") and bool(comma)
    if not is_data_uri and len(text) <= _LONGEST_TEXT:
        return text
    try:
        picture = base64.b64decode(encoded if is_data_uri else text, validate=True)
    except (binascii.Error, ValueError):
        picture = text.encode()
    kind = head.removeprefix("data:").split(";", 1)[0] if is_data_uri else "text"
    return f"{kind} {_describe(picture)}"


def _describe(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()} ({len(data)} bytes)"
