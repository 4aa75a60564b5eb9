"""Numbers, money, dates, sizes and durations, as the user's locale writes them; knows no Qt.

Babel has the locales' data.  It is imported when the first figure is formatted, which is after the
window's first paint.  Amounts are US dollars in every locale, for those are what is paid.
"""

import copy
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

from kling_desktop.domain.money import Sum, Usual
from kling_desktop.wording.translation import (
    PSEUDO,
    _,
    get_language,
    mark_figure,
    ngettext,
)

if TYPE_CHECKING:
    from babel import Locale

_DEFAULT = "en_US"
_DOLLARS = "USD"
_CENT = Decimal("0.01")
_UNITS = ("byte", "kilobyte", "megabyte", "gigabyte")


@dataclass(slots=True)
class _Chosen:
    """The locales in use: of numbers, and of dates and times."""

    figures: str = _DEFAULT
    times: str = _DEFAULT


_chosen = _Chosen()


def set_locale(code: str, *, times: str = "") -> None:
    """Write figures as this locale does from now on.

    Args:
        code: ``de_DE``; empty or one that nobody knows is `en_US`.
        times: The locale of dates and times, where it is another one.
    """
    _chosen.figures = code or _DEFAULT
    _chosen.times = times or code or _DEFAULT
    _get_locale.cache_clear()
    _get_words_locale.cache_clear()


def load_locale_data() -> None:
    """Import Babel and read the locale's data (blocking: a fortieth of a second)."""
    now = datetime.now(UTC)
    money(Decimal(1))
    clock_time(now, now)


@cache
def _get_locale(code: str) -> "Locale":
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(code.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse(_DEFAULT)


@cache
def _get_words_locale(code: str, language: str) -> "Locale":
    """Return the locale of dates in words: they are in the language of the sentences around them.

    ``28 November`` for a German system while the app speaks English, where Babel knows how
    English is written in Germany.
    """
    from babel import Locale, UnknownLocaleError

    spoken = "en" if language == PSEUDO else language.replace("-", "_")
    local = _get_locale(code)
    if local.language == spoken.partition("_")[0]:
        return local
    try:
        return Locale.parse(f"{spoken.partition('_')[0]}_{local.territory}")
    except (UnknownLocaleError, ValueError):
        return _get_locale(spoken)


def _figures() -> "Locale":
    return _get_locale(_chosen.figures)


def _load_dates() -> ModuleType:
    """Import Babel's dates, also where the system's zone cannot be read.

    Babel looks for that zone when it is imported, and a TZ that names some other file ends the
    import.  It is not needed here: every moment comes with a zone of its own.
    """
    try:
        from babel import dates
    except (OSError, ValueError):
        zone = os.environ.get("TZ")
        os.environ["TZ"] = "UTC"
        try:
            from babel import dates
        finally:
            if zone is None:
                del os.environ["TZ"]
            else:
                os.environ["TZ"] = zone
    return dates


def _day_words() -> "Locale":
    return _get_words_locale(_chosen.times, get_language())


# ------------------------------------------------------------------ numbers


def number(value: float, digits: int = 0) -> str:
    """A number with the locale's separators: ``1,234``; ``6.4`` with one digit."""
    from babel.numbers import format_decimal

    pattern = "#,##0." + "0" * digits if digits else "#,##0"
    return format_decimal(value, format=pattern, locale=_figures())


def percent(share: float) -> str:
    """``115%`` for 1.15."""
    from babel.numbers import format_percent

    return format_percent(share, locale=_figures())


# ------------------------------------------------------------------ money


def money(amount: Decimal) -> str:
    """``$0.35``; under one cent with as many digits as it needs, ``$0.0042``."""
    from babel.numbers import format_currency

    cents = amount.quantize(_CENT, rounding=ROUND_HALF_UP)
    if cents == 0 and amount > 0:
        return format_currency(
            amount,
            _DOLLARS,
            locale=_figures(),
            currency_digits=False,
            decimal_quantization=False,
        )
    return format_currency(cents, _DOLLARS, locale=_figures())


def round_money(amount: Decimal) -> str:
    """A sum that a user set: ``$60`` where there are no cents, else as `money`."""
    if amount != amount.to_integral_value():
        return money(amount)
    locale = _figures()
    pattern = copy.copy(locale.currency_formats["standard"])
    pattern.frac_prec = (0, 0)
    return pattern.apply(amount, locale, currency=_DOLLARS, currency_digits=False)


def amount_digits(amount: Decimal) -> str:
    """A sum without its sign, for a field that shows the sign beside it: ``1,234.50``."""
    return number(float(amount.quantize(_CENT, rounding=ROUND_HALF_UP)), 2)


def decimal_point() -> str:
    """The sign before the decimals: ``.``, ``,``."""
    from babel.numbers import get_decimal_symbol

    return get_decimal_symbol(_figures())


def sum_words(total: Sum) -> str:
    """A sum that says what it does not know: ``$1.05 and 2 of unknown cost``."""
    if not total.unknown:
        return money(total.usd)
    if total.known == 0:
        text = ngettext("{count} of unknown cost", "{count} of unknown cost", total.unknown)
        return text.format(count=number(total.unknown))
    text = ngettext(
        "{amount} and {count} of unknown cost",
        "{amount} and {count} of unknown cost",
        total.unknown,
    )
    return text.format(amount=money(total.usd), count=number(total.unknown))


def cost_estimate(usual: Usual, takes: int, *, sandbox: bool = False) -> tuple[str, str]:
    """The two lines of the cost display beside Generate."""
    if sandbox:
        return (_("Free in the sandbox"), _("practice clips cost nothing"))
    if usual.cost_usd is None:
        return (_("Cost not known yet"), _("shown after the first clip"))
    total = _("About {amount}").format(amount=money(usual.cost_usd * takes))
    if takes == 1:
        one, many = _("from one past clip"), _("from past clips")
        return (total, many if usual.cost_count > 1 else one)
    one, many = (
        _("{takes} × {amount}, from one past clip"),
        _("{takes} × {amount}, from past clips"),
    )
    source = many if usual.cost_count > 1 else one
    return (total, source.format(takes=number(takes), amount=money(usual.cost_usd)))


def estimate_total(costs: Sequence[Decimal | None]) -> str:
    """``about $2.31 and 2 unknown`` for clips not made yet; says so where nothing is known."""
    known = [cost for cost in costs if cost is not None]
    if not known:
        return _("cost not known yet") if costs else ""
    amount = money(sum(known, Decimal(0)))
    unknown = len(costs) - len(known)
    if not unknown:
        return _("about {amount}").format(amount=amount)
    text = ngettext(
        "about {amount} and {count} unknown", "about {amount} and {count} unknown", unknown
    )
    return text.format(amount=amount, count=number(unknown))


def estimate_basis(usual: Usual, now: datetime) -> str:
    """What an estimate rests on: how many receipts, and how old the newest is."""
    if usual.cost_usd is None or usual.newest_at is None:
        return ""
    text = ngettext(
        "The middle of {count} past clip of this kind, newest: {day}",
        "The middle of {count} past clips of this kind, newest: {day}",
        usual.cost_count,
    )
    return text.format(count=number(usual.cost_count), day=day_name(usual.newest_at, now))


# ------------------------------------------------------------------ durations


def clock(seconds: float) -> str:
    """Minutes and seconds, ``1:12``; hours where needed, ``1:02:05``."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    if hours:
        return f"{hours}:{rest // 60:02}:{rest % 60:02}"
    return f"{rest // 60}:{rest % 60:02}"


def spoken_time(seconds: float) -> str:
    """For a screen reader: ``1 minute 12``."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    if not minutes:
        return ngettext("{count} second", "{count} seconds", rest).format(count=number(rest))
    if not rest:
        return ngettext("{count} minute", "{count} minutes", minutes).format(count=number(minutes))
    text = ngettext("{count} minute {seconds}", "{count} minutes {seconds}", minutes)
    return text.format(count=number(minutes), seconds=number(rest))


def until(moment: datetime, now: datetime) -> str:
    """How long until a moment, ``0:40``."""
    return clock(max(timedelta(0), moment - now).total_seconds())


# ------------------------------------------------------------------ sizes


def bytes_of(done: int, total: int | None) -> str:
    """``6.4 of 9.1 MB``; without a total what came so far."""
    if total is None:
        return file_size(done)
    step, digits = (2, 1) if total >= 1024**2 else (1, 0)
    part, pattern = number(done / 1024**step, digits), "#,##0.0" if digits else "#,##0"
    whole = _size(total / 1024**step, _UNITS[step], pattern)
    return _("{part} of {whole}").format(part=part, whole=whole)


def seconds_words(seconds: float, digits: int = 0) -> str:
    """A length with its unit: ``5 s``, ``2.4 s``."""
    return _("{seconds} s").format(seconds=number(seconds, digits))


def file_size(size_bytes: int) -> str:
    """A size: ``2.4 MB``, ``20 MB``, ``1.9 GB``."""
    value = float(size_bytes)
    step = 0
    while value >= 1024 and step < len(_UNITS) - 1:
        value /= 1024
        step += 1
    return _size(value, _UNITS[step], "#,##0" if step < 2 or value >= 100 else "#,##0.#")


def exact_size(size_bytes: int) -> str:
    """A size beside a limit: in bytes where rounding would make ``20 MB`` more than ``20 MB``."""
    mebi = 1024**2
    rounds_to_whole = number(size_bytes / mebi, 1) == number(size_bytes // mebi, 1)
    if size_bytes > mebi and size_bytes % mebi and rounds_to_whole:
        return _size(size_bytes, "byte", "#,##0")
    return file_size(size_bytes)


def _size(value: float, unit: str, pattern: str) -> str:
    from babel.units import format_unit

    length = "long" if unit == "byte" else "short"
    return mark_figure(
        format_unit(value, f"digital-{unit}", length, format=pattern, locale=_figures())
    )


def picture_measure(width: int, height: int, size_bytes: int) -> str:
    """``1920 × 1080 · 2.4 MB``."""
    return f"{width} × {height} · {file_size(size_bytes)}"


# ------------------------------------------------------------------ days and times


def day_name(moment: datetime, now: datetime) -> str:
    """``Today``, ``Yesterday``, a weekday inside a week, else ``October 12`` (with year if other).

    Both moments must be aware; they are compared in the local time of `now`.
    """
    dates = _load_dates()
    local, today = moment.astimezone(now.tzinfo), now
    days = (today.date() - local.date()).days
    if days == 0:
        return _("Today")
    if days == 1:
        return _("Yesterday")
    locale = _day_words()
    if 1 < days < 7:
        return mark_figure(dates.format_date(local.date(), "EEEE", locale=locale))
    skeleton = "MMMMd" if local.year == today.year else "yMMMMd"
    return mark_figure(dates.format_skeleton(skeleton, local, tzinfo=None, locale=locale))


def clock_time(moment: datetime, now: datetime) -> str:
    """The time of day alone, in the local time of `now`: ``2:02 PM``, ``14:02``."""
    dates = _load_dates()
    local = moment.astimezone(now.tzinfo)
    return mark_figure(dates.format_time(local.time(), "short", locale=_get_locale(_chosen.times)))


def exact_time(moment: datetime, now: datetime) -> str:
    """The time of day with seconds, in the local time of `now`: ``2:02:41 PM``, ``14:02:41``."""
    dates = _load_dates()
    local = moment.astimezone(now.tzinfo)
    return mark_figure(dates.format_time(local.time(), "medium", locale=_get_locale(_chosen.times)))


def time_of_day(moment: datetime, now: datetime) -> str:
    """``2:02 PM`` today, else the day before it: ``Yesterday 2:02 PM``."""
    text = clock_time(moment, now)
    if moment.astimezone(now.tzinfo).date() == now.date():
        return text
    return _("{day} {time}").format(day=day_name(moment, now), time=text)


# ------------------------------------------------------------------ counts


def clip_count(count: int) -> str:
    """``1 clip``, ``5 clips``."""
    return ngettext("{count} clip", "{count} clips", count).format(count=number(count))


def join_words(parts: Iterable[str]) -> str:
    """Parts of a line behind each other, ``Queued, 5 s``; empty ones are left out."""
    line = ""
    for part in filter(None, parts):
        line = _("{first}, {second}").format(first=line, second=part) if line else part
    return line
