"""Reduces every envelope that the service or its clients have shown to one form."""

from dataclasses import dataclass

from kling_desktop.api.error_text import clean_detail
from kling_desktop.api.json_values import JsonObject, JsonValue, list_objects, parse_json
from kling_desktop.domain.errors import UnexpectedReply
from kling_desktop.domain.reasons import Reason


@dataclass(frozen=True, slots=True)
class Envelope:
    """An answer taken apart.

    Attributes:
        data: What it says about tasks.
        errors: What it says went wrong, from the ``errors`` list, the singular ``error`` and from
            items of ``data`` that carry an error; each with the task it names, if any.
    """

    data: tuple[JsonObject, ...]
    errors: tuple[JsonObject, ...]


def read_envelope(body: bytes | str, *, http_status: int = 0) -> Envelope:
    """Take an answer apart.

    Raises:
        UnexpectedReply: It is no JSON, or none of the known shapes.
    """
    envelope = find_envelope(parse_json(body, http_status=http_status))
    if envelope is None:
        raise UnexpectedReply(
            Reason.ANSWER_OF_NO_KNOWN_SHAPE,
            detail=clean_detail(body),
            http_status=http_status,
        )
    return envelope


def find_envelope(value: JsonValue) -> Envelope | None:
    """Take apart an answer that was parsed already; None where it has none of the known shapes."""
    data, errors = _take_apart(value)
    if data is None and errors is None:
        return None
    good: list[JsonObject] = []
    bad: list[JsonObject] = list(errors or ())
    for item in data or ():
        error = _find_error_inside(item)
        if error is None:
            good.append(item)
        else:
            bad.append(error)
    return Envelope(tuple(good), tuple(bad))


def _take_apart(
    value: JsonValue,
) -> tuple[tuple[JsonObject, ...] | None, tuple[JsonObject, ...] | None]:
    """Find the lists in the answer; None where it has no such part."""
    if isinstance(value, list):
        return list_objects(value), None
    if not isinstance(value, dict):
        return None, None
    data = list_objects(value["data"]) if "data" in value else None
    errors: tuple[JsonObject, ...] | None = None
    if "errors" in value:
        errors = _list_errors(value["errors"])
    if value.get("error"):
        beside: JsonObject = {key: value[key] for key in ("taskUUID", "taskType") if value.get(key)}
        errors = (errors or ()) + tuple(beside | item for item in _list_errors(value["error"]))
    if data is None and errors is None and ("taskUUID" in value or "code" in value):
        return (value,), None
    return data, errors


def _list_errors(value: JsonValue) -> tuple[JsonObject, ...]:
    """Read errors given as objects or as bare words."""
    if isinstance(value, str):
        return ({"message": value},) if value.strip() else ()
    if isinstance(value, list):
        words: list[JsonObject] = [{"message": item} for item in value if isinstance(item, str)]
        return (*list_objects(value), *words)
    return list_objects(value)


def _find_error_inside(item: JsonObject) -> JsonObject | None:
    """Return the error that an item of ``data`` carries, marked as final if the item says so."""
    nested = item.get("error")
    if isinstance(nested, dict):
        return item | nested | {"status": item.get("status", nested.get("status"))}
    if isinstance(nested, str) and nested.strip():
        return item | {"message": nested}
    status = item.get("status")
    if isinstance(status, str) and status.strip().casefold() == "error":
        return item
    # An error can also stand in the list bare: it has a code and says nothing about a video.
    is_bare = "code" in item and "status" not in item and "videoURL" not in item
    return item if is_bare else None
