"""What of the service's words may be kept and shown: cut, on one line, and without secrets."""

import re
from typing import Final

DETAIL_LENGTH: Final = 500
_LOOKED_AT: Final = 8_000

_PICTURE: Final = re.compile(r"data:[\w.+-]{1,40}/[\w.+-]{1,40};base64,[A-Za-z0-9+/=_-]*")
_QUERY: Final = re.compile(r"(\bhttps?://[^\s?#\"'<>]{1,2000})[?#][^\s\"'<>]*")
_USER: Final = re.compile(r"(\bhttps?://)[^\s/@\"'<>]{1,500}@")
_BEARER: Final = re.compile(r"\b(bearer|basic|token|api[-_ ]?key)(\W{1,4})[^\s\"',;<>]{6,}", re.I)
_RUN: Final = re.compile(r"[A-Za-z0-9_+/=-]{20,}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_KEY_LENGTH: Final = 20


def clean_detail(words: bytes | str, limit: int = DETAIL_LENGTH) -> str:
    """Make the service's words fit to be kept in a row, a log line and a receipt.

    Query parts of addresses (signatures), anything that looks like a key, and picture data are
    taken out; UUIDs stay, for they are what support asks for.
    """
    text = words[: _LOOKED_AT * 4].decode("utf-8", "replace") if isinstance(words, bytes) else words
    if len(text) > _LOOKED_AT:
        # The last word may be the first half of a key, too short to be known as one.
        text = re.sub(r"\S+\Z", "", text[:_LOOKED_AT]) or text[: _KEY_LENGTH // 4]
    text = _PICTURE.sub("[picture]", text)
    text = _USER.sub(r"\1", text)
    text = _QUERY.sub(r"\1?…", text)
    text = _BEARER.sub(r"\1\2…", text)
    text = _RUN.sub(_hide_key, text)
    text = "".join(char if char.isprintable() else " " for char in text)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _hide_key(match: re.Match[str]) -> str:
    """Hide a long run of letters and digits, and leave UUIDs, paths and plain words alone."""
    return "/".join(_hide_part(part) for part in match.group().split("/"))


def _hide_part(part: str) -> str:
    if len(part) < _KEY_LENGTH or _UUID.fullmatch(part):
        return part
    has_digit = any(char.isdigit() for char in part)
    has_letter = any(char.isalpha() for char in part)
    return "…" if has_digit and has_letter else part
