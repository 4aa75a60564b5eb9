"""Reads a batch file, JSON Lines or CSV as spreadsheets write it, and refuses what may do harm."""

import codecs
import csv
import io
import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO, cast

from kling_desktop.domain.errors import KlingDesktopError, Reaction
from kling_desktop.domain.reasons import Reason

MOST_LINES = 10_000
MOST_BYTES = 10 * 1024 * 1024
MOST_LINE_BYTES = 1024 * 1024

_TEXT = ("model", "prompt", "negative_prompt", "first_frame", "last_frame", "aspect")
_WHOLE = ("width", "height", "duration", "takes")
_NUMBER = ("cfg_scale",)
_FRAMES = ("first_frame", "last_frame")
FIELDS = (*_TEXT, *_WHOLE, *_NUMBER)
"""The command line's option names with underscores."""
_TABLES = (".csv", ".tsv")
_DELIMITERS = (",", ";", "\t", "|")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class LineProblem:
    """What is wrong with one line.

    Attributes:
        number: Line in the file, from 1.
        reason: What is wrong.
        facts: What the sentence of the reason names.
    """

    number: int
    reason: Reason
    facts: Mapping[str, object] = field(default_factory=dict[str, object])


class BatchError(KlingDesktopError):
    """A batch file cannot be used; nothing was queued.

    Attributes:
        lines: What is wrong line by line; empty where the file as a whole is.
    """

    code = "batch_error"
    reaction = Reaction.NEVER_SENT

    def __init__(
        self,
        reason: Reason,
        *,
        facts: Mapping[str, object] | None = None,
        lines: Sequence[LineProblem] = (),
    ) -> None:
        super().__init__(reason, facts=facts)
        self.lines = tuple(lines)


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One job of a batch file as it was written, with every value of the right kind.

    Attributes:
        number: Line in the file, from 1; where a CSV field spans lines, the last of them.
        fields: By the names in `FIELDS`; what was left out or empty is not there.  The paths of
            frames are absolute: relative ones start at the file's own folder.
    """

    number: int
    fields: Mapping[str, str | int | float]


def read_batch(path: Path) -> tuple[BatchLine, ...]:
    """Read and check all lines of a batch file.  Blocking.

    Args:
        path: A file ending in ``.csv`` or ``.tsv`` is CSV with a head line, anything else is JSON
            Lines.

    Raises:
        BatchError: It cannot be read, is too large, is empty, or some lines are wrong.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _unreadable(path.name, error) from error
    return _read(_decode(data), path.parent, is_table=path.suffix.lower() in _TABLES)


def read_batch_stream(stream: TextIO | None, folder: Path) -> tuple[BatchLine, ...]:
    """Read and check a batch that comes from a stream such as standard input.  Blocking.

    Args:
        stream: What begins with a brace is JSON Lines, else it is CSV; None is an empty one.
        folder: Where relative paths of frames start.

    Raises:
        BatchError: As `read_batch`.
    """
    try:
        data = b"" if stream is None else stream.buffer.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: closed
        raise _unreadable("-", error) from error
    text = _decode(data)
    return _read(text, folder, is_table=not text.lstrip().startswith("{"))


class _Wrong(Exception):
    """A line is wrong for a reason."""

    def __init__(self, reason: Reason, **facts: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = facts


def _unreadable(name: str, error: Exception) -> BatchError:
    problem = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return BatchError(Reason.BATCH_UNREADABLE, facts={"name": name, "problem": problem})


def _decode(data: bytes) -> str:
    """Decode UTF-8, or UTF-16, which spreadsheets call Unicode text."""
    if len(data) > MOST_BYTES:
        most_mb = MOST_BYTES // 1024**2
        raise BatchError(Reason.BATCH_TOO_LARGE, facts={"most_mb": most_mb})
    try:
        text = data.decode(_find_encoding(data))
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise _line_error(number, Reason.LINE_NOT_TEXT) from error
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line.encode("utf-8", "surrogatepass")) > MOST_LINE_BYTES:
            raise _line_error(number, Reason.LINE_TOO_LONG)
    return text


def _find_encoding(data: bytes) -> str:
    """Go by the mark at the start, else by where a plain first letter has its zero byte."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return encoding
    if data[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if data[:1] == b"\0" else "utf-8"


def _line_error(number: int, reason: Reason, **facts: object) -> BatchError:
    return BatchError(Reason.BATCH_LINES_WRONG, lines=(LineProblem(number, reason, facts),))


def _read(text: str, folder: Path, *, is_table: bool) -> tuple[BatchLine, ...]:
    rows = _read_csv(text) if is_table else _read_json_lines(text)
    lines: list[BatchLine] = []
    problems: list[LineProblem] = []
    try:
        for number, row in rows:
            if len(lines) + len(problems) >= MOST_LINES:
                raise BatchError(Reason.BATCH_TOO_MANY_JOBS, facts={"most": MOST_LINES})
            try:
                if isinstance(row, _Wrong):
                    raise row
                lines.append(BatchLine(number, _read_fields(row, folder)))
            except _Wrong as error:
                problems.append(LineProblem(number, error.reason, error.facts))
    except csv.Error as error:
        raise BatchError(Reason.BATCH_NOT_CSV, facts={"problem": error}) from error
    if problems:
        raise BatchError(Reason.BATCH_LINES_WRONG, lines=problems)
    if not lines:
        raise BatchError(Reason.BATCH_EMPTY)
    return tuple(lines)


def _read_json_lines(text: str) -> Iterator[tuple[int, Mapping[str, object] | _Wrong]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value: object = json.loads(
                line, parse_constant=_refuse_constant, object_pairs_hook=_read_object
            )
        except _Wrong as error:
            yield number, error
            continue
        except (ValueError, RecursionError):
            yield number, _Wrong(Reason.LINE_NOT_JSON)
            continue
        if isinstance(value, dict):
            yield number, cast("dict[str, object]", value)
        else:
            yield number, _Wrong(Reason.LINE_NOT_OBJECT)


def _read_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse a name that is there twice: which of two prompts was meant is not for us to guess."""
    names = [name for name, _value in pairs]
    for name in names:
        if names.count(name) > 1:
            raise _Wrong(Reason.FIELD_TWICE, name=_shorten(name))
    return dict(pairs)


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


def _read_csv(text: str) -> Iterator[tuple[int, Mapping[str, object] | _Wrong]]:
    """Read CSV with a head line, whatever stands between its values.

    Spreadsheets follow the system's locale: where the comma is the decimal sign, they separate by
    semicolons, and some say so in a first line ``sep=;``.
    """
    first, _, rest = text.partition("\n")
    named = _find_named_delimiter(first)
    skipped, body = (1, rest) if named else (0, text)
    delimiter = named or _find_delimiter(first)
    reader = csv.reader(io.StringIO(body, newline=""), strict=True, delimiter=delimiter)
    head = [name.strip().lower() for name in next(reader, list[str]())]
    while head and not head[-1]:  # a spreadsheet keeps columns that once held something
        head.pop()
    unknown = [name for name in head if name and name not in FIELDS]
    twice = [name for name in head if name and head.count(name) > 1]
    if unknown:
        known = ", ".join(FIELDS)
        raise _line_error(
            1 + skipped, Reason.UNKNOWN_COLUMN, name=_shorten(unknown[0]), known=known
        )
    if twice:
        raise _line_error(1 + skipped, Reason.COLUMN_TWICE, name=twice[0])
    for row in reader:
        number = reader.line_num + skipped
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(head) and any(cell.strip() for cell in row[len(head) :]):
            facts = {"values": len(row), "columns": len(head)}
            yield number, _Wrong(Reason.LINE_WITH_TOO_MANY_VALUES, **facts)
            continue
        pairs = zip(head, row, strict=False)
        cells = {name: cell for name, cell in pairs if name or cell.strip()}
        yield number, cells if delimiter == "," else _with_decimal_points(cells)


def _find_named_delimiter(line: str) -> str:
    """Return what a first line ``sep=;`` names; empty where it is no such line."""
    words = line.rstrip("\r\n").strip('"')
    name = words[len("sep=") :]
    return name if words.lower().startswith("sep=") and name in _DELIMITERS else ""


def _find_delimiter(head: str) -> str:
    """Return what separates the names of the head line, by which most of them are known."""

    def count_known(delimiter: str) -> int:
        names = head.strip().lower().split(delimiter)
        return sum(name.strip().strip('"').strip() in FIELDS for name in names)

    return max(_DELIMITERS, key=count_known)


def _with_decimal_points(cells: Mapping[str, str]) -> dict[str, object]:
    """Where commas do not separate values, they stand for decimal points: ``0,5``."""
    return {
        name: cell.replace(",", ".") if name in (*_NUMBER, *_WHOLE) else cell
        for name, cell in cells.items()
    }


def _shorten(name: str) -> str:
    return name[:40]


def _read_fields(row: Mapping[str, object], folder: Path) -> dict[str, str | int | float]:
    fields: dict[str, str | int | float] = {}
    for name, value in row.items():
        if name not in FIELDS:
            raise _Wrong(Reason.UNKNOWN_FIELD, name=_shorten(name), known=", ".join(FIELDS))
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        if name in _FRAMES:
            fields[name] = _read_path(name, value, folder)
        elif name in _TEXT:
            fields[name] = _read_words(name, value)
        else:
            fields[name] = _read_number(name, value)
    if "model" not in fields:
        raise _Wrong(Reason.NO_MODEL)
    return fields


def _read_words(name: str, value: object) -> str:
    if not isinstance(value, str) or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise _Wrong(Reason.FIELD_NOT_TEXT, field=name)
    return value


def _read_path(name: str, value: object, folder: Path) -> str:
    """Take a path; bytes of a name that are no UTF-8 may stand in JSON as Python writes them."""
    if not isinstance(value, str):
        raise _Wrong(Reason.FIELD_NOT_TEXT, field=name)
    try:
        os.fsencode(value)
    except UnicodeEncodeError:
        raise _Wrong(Reason.FIELD_NOT_A_PATH, field=name) from None
    if "\0" in value:
        raise _Wrong(Reason.FIELD_NOT_A_PATH, field=name)
    return value if "://" in value else str(folder / value)


def _read_number(name: str, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _Wrong(Reason.FIELD_NOT_A_NUMBER, field=name)
    if isinstance(value, str) and "_" in value:  # Python reads 1_0 as ten; nobody else does
        raise _Wrong(Reason.FIELD_NOT_A_NUMBER, field=name)
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise _Wrong(Reason.FIELD_NOT_A_NUMBER, field=name) from None
    if not math.isfinite(number):
        raise _Wrong(Reason.FIELD_NOT_A_NUMBER, field=name)
    if name in _NUMBER:
        return number
    if number != int(number) or abs(number) > 1_000_000:
        raise _Wrong(Reason.FIELD_NOT_A_WHOLE_NUMBER, field=name)
    return int(number)
