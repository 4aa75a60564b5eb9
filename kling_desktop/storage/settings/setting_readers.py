"""What a kept setting must look like: readers that give a sound value or say what is wanted."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from enum import Enum
from types import MappingProxyType
from typing import TypeVar, cast

from kling_desktop.domain.errors import DamagedValue
from kling_desktop.domain.limits import MOST_CAP_USD
from kling_desktop.domain.reasons import Reason
from kling_desktop.storage.files.file_names import find_pattern_problem

E = TypeVar("E", bound=Enum)
Reader = Callable[[object], object]
"""Takes a value as read from JSON, or of the setting's own type; raises `DamagedValue`."""

_MOST_TEXT = 4096


def read_flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise DamagedValue(Reason.SETTING_NOT_A_SWITCH)
    return value


def read_text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _MOST_TEXT:
        raise DamagedValue(Reason.SETTING_NOT_A_TEXT, facts={"most": _MOST_TEXT})
    return value


def read_name_pattern(value: object) -> str:
    text = read_text(value)
    problem = find_pattern_problem(text)
    if problem is not None:
        raise problem
    return text


def read_money_or_none(value: object) -> Decimal | None:
    """Read a sum in dollars, kept as text so that a cent stays a cent; None is «not set»."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise DamagedValue(Reason.SUM_UNREADABLE)
    try:
        amount = Decimal(value)
    except InvalidOperation as error:
        raise DamagedValue(Reason.SUM_UNREADABLE) from error
    check_sum(amount)
    return amount


def check_sum(amount: Decimal) -> None:
    """Refuse a sum that no cap can be.

    Raises:
        DamagedValue: It is below zero, above `MOST_CAP_USD`, or no number.
    """
    if not amount.is_finite() or not 0 <= amount <= MOST_CAP_USD:
        facts = {"least_usd": Decimal(0), "most_usd": MOST_CAP_USD}
        raise DamagedValue(Reason.SUM_OUT_OF_RANGE, facts=facts)


def read_names(value: object) -> tuple[str, ...]:
    """Read a list of names, each once, in their order."""
    if not isinstance(value, list | tuple):
        raise DamagedValue(Reason.SETTING_NOT_A_LIST)
    names = cast("list[object] | tuple[object, ...]", value)
    return tuple(dict.fromkeys(read_text(name) for name in names))


def whole(least: int, most: int) -> Reader:
    def read(value: object) -> int:
        if type(value) is not int or not least <= value <= most:
            raise DamagedValue(
                Reason.SETTING_NOT_A_WHOLE_NUMBER, facts={"least": least, "most": most}
            )
        return value

    return read


def number(least: float, most: float) -> Reader:
    facts = {"least": least, "most": most}

    def read(value: object) -> float:
        # Compared before it becomes a float: JSON may hold a whole number of a thousand digits.
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise DamagedValue(Reason.SETTING_NOT_A_NUMBER, facts=facts)
        if not least <= value <= most:
            raise DamagedValue(Reason.SETTING_NOT_A_NUMBER, facts=facts)
        return float(value)

    return read


def choice(kind: type[E]) -> Reader:
    def read(value: object) -> E:
        try:
            return kind(value)
        except ValueError as error:
            names = ", ".join(str(each.value) for each in kind)
            raise DamagedValue(Reason.SETTING_NOT_A_CHOICE, facts={"names": names}) from error

    return read


def choice_or_none(kind: type[E]) -> Reader:
    read = choice(kind)
    return lambda value: None if value is None else read(value)


def table(read: Reader) -> Reader:
    """Read a table from names to values that `read` takes."""

    def read_table(value: object) -> Mapping[str, object]:
        if not isinstance(value, Mapping):
            raise DamagedValue(Reason.SETTING_NOT_A_TABLE)
        items = cast("Mapping[object, object]", value).items()
        return MappingProxyType({read_text(key): read(item) for key, item in items})

    return read_table


def write_setting(value: object) -> object:
    """Turn a setting into what JSON knows; its reader takes that back."""
    match value:
        case Enum():
            return value.value
        case Decimal():
            return str(value)
        case tuple():
            return list(cast("tuple[object, ...]", value))
        case Mapping():
            items = cast("Mapping[str, object]", value).items()
            return {key: write_setting(item) for key, item in items}
        case _:
            return value
