"""Reads a batch file, JSON Lines or CSV, from a hand that may mean harm."""

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from kling_desktop.domain.errors import KlingDesktopError, Reaction

MOST_LINES = 10_000
MOST_BYTES = 10 * 1024 * 1024
MOST_LINE_BYTES = 1024 * 1024
MOST_PROBLEMS_TOLD = 20

_TEXT = ("model", "prompt", "negative_prompt", "first_frame", "last_frame", "aspect")
_WHOLE = ("width", "height", "duration", "takes")
_NUMBER = ("cfg_scale",)
FIELDS = (*_TEXT, *_WHOLE, *_NUMBER)
"""The command line's option names with underscores."""


class BatchError(KlingDesktopError):
    """A batch file cannot be used; the message names the lines.  Nothing was queued."""

    code = "batch_error"
    reaction = Reaction.NEVER_SENT


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One job of a batch file as it was written, with every value of the right kind.

    Attributes:
        number: Line in the file, from 1; where a CSV field spans lines, the last of them.
        fields: By the names in `FIELDS`; what was left out or empty is not there.  The paths of
            frames are absolute: relative ones are taken from the file's own folder.
    """

    number: int
    fields: Mapping[str, str | int | float]


def read_batch(path: Path) -> tuple[BatchLine, ...]:
    """Read and check all lines of a batch file.  Blocking.

    Args:
        path: A file ending in ``.csv`` is CSV with a head line, anything else is JSON Lines.

    Raises:
        BatchError: It cannot be read, is too large, is empty, or some lines are wrong.
    """
    text = _read_text(path)
    rows = _read_csv(text) if path.suffix.lower() == ".csv" else _read_json_lines(text)
    lines: list[BatchLine] = []
    problems: list[str] = []
    try:
        for number, row in rows:
            if len(lines) + len(problems) >= MOST_LINES:
                raise BatchError(f"A batch holds at most {MOST_LINES:,} jobs.")
            if isinstance(row, str):
                problems.append(f"line {number}: {row}")
                continue
            try:
                lines.append(BatchLine(number, _read_fields(row, path.parent)))
            except _Wrong as error:
                problems.append(f"line {number}: {error}")
    except csv.Error as error:
        raise BatchError(f"This is no CSV: {error}.") from error
    if problems:
        more = len(problems) - MOST_PROBLEMS_TOLD
        told = problems[:MOST_PROBLEMS_TOLD] + ([f"and {more} more"] if more > 0 else [])
        raise BatchError("Nothing was queued.\n" + "\n".join(told))
    if not lines:
        raise BatchError("There is no job in this file.")
    return tuple(lines)


class _Wrong(Exception):
    """A line is wrong; the words say how."""


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BatchError(f"{path.name} cannot be read: {error.strerror or error}.") from error
    if len(data) > MOST_BYTES:
        raise BatchError("A batch file has at most 10 MB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BatchError(f"line {line}: this is not UTF-8 text.") from error
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line.encode()) > MOST_LINE_BYTES:
            raise BatchError(f"line {number}: a line has at most 1 MB.")
    return text


def _read_json_lines(text: str) -> Iterator[tuple[int, Mapping[str, object] | str]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value: object = json.loads(line, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            yield number, "this is no JSON"
            continue
        if isinstance(value, dict):
            yield number, cast("dict[str, object]", value)
        else:
            yield number, "a job is an object in braces"


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


def _read_csv(text: str) -> Iterator[tuple[int, Mapping[str, object] | str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    head = [name.strip().lower() for name in next(reader, list[str]())]
    unknown = [name for name in head if name not in FIELDS]
    if unknown or len(set(head)) < len(head):
        wrong = f"unknown column {unknown[0][:40]!r}" if unknown else "a column stands twice"
        raise BatchError(f"line 1: {wrong}. There are: {', '.join(FIELDS)}.")
    for row in reader:
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(head):
            yield reader.line_num, f"{len(row)} values for {len(head)} columns"
        else:
            yield reader.line_num, dict(zip(head, row, strict=False))


def _read_fields(row: Mapping[str, object], folder: Path) -> dict[str, str | int | float]:
    fields: dict[str, str | int | float] = {}
    for name, value in row.items():
        if name not in FIELDS:
            raise _Wrong(f"unknown field {name[:40]!r}; there are: {', '.join(FIELDS)}")
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        if name in _TEXT:
            fields[name] = _read_words(name, value, folder)
        else:
            fields[name] = _read_number(name, value)
    if "model" not in fields:
        raise _Wrong("the model is missing")
    return fields


def _read_words(name: str, value: object, folder: Path) -> str:
    if not isinstance(value, str):
        raise _Wrong(f"{name} must be text")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise _Wrong(f"{name} holds half a character")
    if name not in ("first_frame", "last_frame"):
        return value
    if "\0" in value:
        raise _Wrong(f"{name} is no path")
    return value if "://" in value else str(folder / value)


def _read_number(name: str, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _Wrong(f"{name} must be a number")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise _Wrong(f"{name} must be a number") from None
    if not math.isfinite(number):
        raise _Wrong(f"{name} must be a number")
    if name in _NUMBER:
        return number
    if number != int(number) or abs(number) > 1_000_000:
        raise _Wrong(f"{name} must be a whole number")
    return int(number)
