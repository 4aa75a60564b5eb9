"""How values are written in columns and read back: moments, money, drafts, facts."""

import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from enum import Enum
from functools import lru_cache
from typing import cast

from kling_desktop.domain.draft import Draft, draft_from_json, draft_to_json
from kling_desktop.domain.errors import DamagedValue
from kling_desktop.domain.reasons import Reason

Column = str | int | float | None

_MICRO = Decimal(1_000_000)


def write_moment(moment: datetime) -> str:
    """Write a moment so that the order of the texts is the order in time.

    Raises:
        ValueError: It has no time zone: then nobody can say which moment it is.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be kept")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def read_moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def read_moment_or_none(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def write_money(amount: Decimal) -> int:
    """Write dollars as whole millionths, which add up without rounding."""
    return int((amount * _MICRO).to_integral_value(ROUND_HALF_EVEN))


def read_money(micros: int) -> Decimal:
    return Decimal(micros) / _MICRO


def read_money_or_none(micros: int | None) -> Decimal | None:
    return None if micros is None else Decimal(micros) / _MICRO


def _write_json(value: object) -> str:
    """Write JSON as readable text; as plain ASCII where a path's bytes are no UTF-8."""

    def write(*, ensure_ascii: bool) -> str:
        return json.dumps(value, ensure_ascii=ensure_ascii, default=str, separators=(",", ":"))

    text = write(ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return write(ensure_ascii=True)
    return text


def write_draft(draft: Draft) -> str:
    return _write_json(draft_to_json(draft))


@lru_cache(maxsize=4096)
def read_draft(text: str) -> Draft:
    """Read a draft column; the same text gives the same frozen value without reading it again.

    Raises:
        DamagedValue: It is no draft.
    """
    try:
        return draft_from_json(json.loads(text))
    except json.JSONDecodeError as error:
        raise DamagedValue(Reason.DRAFT_UNREADABLE, detail=str(error)) from error


def write_facts(facts: Mapping[str, object]) -> str:
    """Write the facts of a time line; values that JSON does not know become text."""
    return _write_json(dict(facts))


def read_facts(text: str) -> Mapping[str, object]:
    value: object = json.loads(text)
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def write_value(value: object) -> Column:
    """Write the value of any `Job` field; drafts have a function of their own.

    Raises:
        TypeError: The value is of a kind that no column holds.
    """
    match value:
        case None:
            return None
        case bool():
            return int(value)
        case Enum():
            return str(value.value)
        case datetime():
            return write_moment(value)
        case Decimal():
            return write_money(value)
        case str() | int() | float():
            return value
        case _:
            raise TypeError(f"no column holds a {type(value).__name__}")


def insert_row(connection: sqlite3.Connection, table: str, values: Mapping[str, Column]) -> int:
    """Add one row and return its number; table and column names are ours, never the user's."""
    names = ", ".join(values)
    marks = ", ".join("?" * len(values))
    cursor = connection.execute(
        f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 our own names
        tuple(values.values()),
    )
    row_id = cursor.lastrowid
    if row_id is None:
        raise sqlite3.InternalError("an insert gave no row number")
    return row_id
