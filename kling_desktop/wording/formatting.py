"""How figures are written: money, times, sizes, days; knows no Qt."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from kling_desktop.domain.money import Sum, Usual
from kling_desktop.domain.validation import describe_bytes

# Written out, for strftime would take the system's language, and the rest of the window is English.
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def money(amount: Decimal) -> str:
    """``$0.35``; under one cent with as many digits as it needs, ``$0.0042``."""
    cents = amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    if cents == 0 and amount > 0:
        return f"${amount.normalize():f}"
    return f"${cents:,}"


def round_money(amount: Decimal) -> str:
    """A sum that a person set: ``$60`` where there are no cents, else as `money`."""
    return f"${amount:,.0f}" if amount == amount.to_integral_value() else money(amount)


def sum_words(total: Sum) -> str:
    """A sum that says what it does not know: ``$1.05 and 2 of unknown cost``."""
    if total.known == 0 and total.unknown:
        return f"{total.unknown} of unknown cost"
    text = money(total.usd)
    return f"{text} and {total.unknown} of unknown cost" if total.unknown else text


def cost_estimate(usual: Usual, takes: int, *, sandbox: bool = False) -> tuple[str, str]:
    """The two lines of the cost display beside Generate."""
    if sandbox:
        return ("Free in the sandbox", "practice clips cost nothing")
    if usual.cost_usd is None:
        return ("Cost not known yet", "shown after the first clip")
    total = f"About {money(usual.cost_usd * takes)}"
    source = "from past clips" if usual.cost_count > 1 else "from one past clip"
    return (total, source if takes == 1 else f"{takes} × {money(usual.cost_usd)}, {source}")


def estimate_total(costs: Sequence[Decimal | None]) -> str:
    """``about $2.31 and 2 unknown`` for clips not made yet; says so where nothing is known."""
    known = [cost for cost in costs if cost is not None]
    if not known:
        return "cost not known yet" if costs else ""
    text = f"about {money(sum(known, Decimal(0)))}"
    unknown = len(costs) - len(known)
    return f"{text} and {unknown} unknown" if unknown else text


def estimate_basis(usual: Usual, now: datetime) -> str:
    """What an estimate rests on: how many receipts, and how old the newest is."""
    if usual.cost_usd is None or usual.newest_at is None:
        return ""
    newest = day_name(usual.newest_at, now)
    return f"The middle of {count_of(usual.cost_count, 'past clip')} of this kind, newest: {newest}"


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
        return count_of(rest, "second")
    unit = "minute" if minutes == 1 else "minutes"
    return f"{minutes} {unit} {rest}" if rest else f"{minutes} {unit}"


def bytes_of(done: int, total: int | None) -> str:
    """``6.4 of 9.1 MB``; without a total what came so far."""
    if total is None:
        return describe_bytes(done)
    mebi = 1024 * 1024
    if total >= mebi:
        return f"{done / mebi:.1f} of {total / mebi:.1f} MB"
    return f"{done / 1024:.0f} of {total / 1024:.0f} KB"


def file_size(size_bytes: int) -> str:
    """A size for a person: ``2.4 MB``, ``1.9 GB``."""
    value = float(size_bytes)
    for unit in ("bytes", "KB", "MB", "GB"):
        if value < 1024 or unit == "GB":
            digits = 0 if unit in ("bytes", "KB") or value >= 100 else 1
            return f"{value:.{digits}f} {unit}"
        value /= 1024
    return f"{size_bytes} bytes"


def picture_measure(width: int, height: int, size_bytes: int) -> str:
    """``1920 × 1080 · 2.4 MB``."""
    return f"{width} × {height} · {file_size(size_bytes)}"


def day_name(moment: datetime, now: datetime) -> str:
    """``Today``, ``Yesterday``, a weekday inside a week, else ``12 October`` (with year if other).

    Both moments must be aware; they are compared in the local time of `now`.
    """
    local, today = moment.astimezone(now.tzinfo), now
    days = (today.date() - local.date()).days
    if days == 0:
        return "Today"
    if days == 1:
        return "Yesterday"
    if 1 < days < 7:
        return _WEEKDAYS[local.weekday()]
    text = f"{local.day} {_MONTHS[local.month - 1]}"
    return text if local.year == today.year else f"{text} {local.year}"


def time_of_day(moment: datetime, now: datetime) -> str:
    """``14:02`` today, else the day before it: ``Yesterday 14:02``."""
    local = moment.astimezone(now.tzinfo)
    text = local.strftime("%H:%M")
    return text if local.date() == now.date() else f"{day_name(moment, now)} {text}"


def until(moment: datetime, now: datetime) -> str:
    """How long until a moment, ``0:40``."""
    return clock(max(timedelta(0), moment - now).total_seconds())


def count_of(number: int, noun: str) -> str:
    """``1 clip``, ``5 clips``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
