"""How figures are written."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_desktop.domain.money import Sum, Usual
from kling_desktop.wording.formatting import (
    bytes_of,
    clock,
    cost_estimate,
    count_of,
    day_name,
    estimate_basis,
    estimate_total,
    file_size,
    money,
    round_money,
    spoken_time,
    sum_words,
    time_of_day,
    until,
)

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0.35", "$0.35"),
        ("0.355", "$0.36"),
        ("0", "$0.00"),
        ("0.0042", "$0.0042"),
        ("1234.5", "$1,234.50"),
        ("60", "$60.00"),
    ],
)
def test_money(amount: str, words: str) -> None:
    assert money(Decimal(amount)) == words


def test_a_sum_that_a_person_set_has_no_empty_cents() -> None:
    assert round_money(Decimal("60.00")) == "$60"
    assert round_money(Decimal("2.50")) == "$2.50"


@given(st.decimals(min_value=0, max_value=10**6, places=6))
def test_money_is_never_nothing_where_there_is_some(amount: Decimal) -> None:
    words = money(amount)
    shown = Decimal(words.removeprefix("$").replace(",", ""))
    assert (shown == 0) == (amount == 0)
    assert abs(shown - amount) <= Decimal("0.005")


def test_a_sum_says_what_it_does_not_know() -> None:
    assert sum_words(Sum(usd=Decimal("1.05"), known=3, unknown=2)) == "$1.05 and 2 of unknown cost"
    assert sum_words(Sum(unknown=1)) == "1 of unknown cost"
    assert sum_words(Sum()) == "$0.00"


def test_the_cost_beside_generate() -> None:
    usual = Usual(cost_usd=Decimal("0.35"), cost_count=4)
    assert cost_estimate(usual, 2) == ("About $0.70", "2 × $0.35, from past clips")
    assert cost_estimate(Usual(), 1) == ("Cost not known yet", "shown after the first clip")
    assert cost_estimate(usual, 1, sandbox=True)[0] == "Free in the sandbox"


def test_an_estimate_of_many_says_what_it_does_not_know() -> None:
    price = Decimal("0.35")
    assert estimate_total([]) == ""
    assert estimate_total([price, price]) == "about $0.70"
    assert estimate_total([price, None, price]) == "about $0.70 and 1 unknown"
    assert estimate_total([None]) == "cost not known yet"


def test_an_estimate_tells_its_count_and_date() -> None:
    now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    usual = Usual(cost_usd=Decimal("0.35"), cost_count=4, newest_at=now - timedelta(days=30))
    assert estimate_basis(usual, now) == (
        "The middle of 4 past clips of this kind, newest: 23 October"
    )
    assert not estimate_basis(Usual(), now)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0:00"), (72, "1:12"), (3725, "1:02:05"), (-5, "0:00"), (9.9, "0:09")],
)
def test_clock(seconds: float, words: str) -> None:
    assert clock(seconds) == words


@given(st.floats(0, 10**6))
def test_the_clock_loses_no_second(seconds: float) -> None:
    value = 0
    for part in clock(seconds).split(":"):
        value = value * 60 + int(part)
    assert value == int(seconds)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (40, "40 seconds"),
        (72, "1 minute 12"),
        (160, "2 minutes 40"),
        (120, "2 minutes"),
    ],
)
def test_spoken_time(seconds: float, words: str) -> None:
    assert spoken_time(seconds) == words


def test_bytes() -> None:
    mebi = 1024 * 1024
    assert bytes_of(int(6.4 * mebi), int(9.1 * mebi)) == "6.4 of 9.1 MB"
    assert bytes_of(512, 2048) == "0 of 2 KB"
    assert file_size(int(2.4 * mebi)) == "2.4 MB"
    assert file_size(214 * 1024 * mebi) == "214 GB"
    assert file_size(10) == "10 bytes"


@given(st.integers(0, 10**13))
def test_a_size_has_few_digits(size: int) -> None:
    number, unit = file_size(size).split()
    assert unit in ("bytes", "KB", "MB", "GB")
    assert float(number) <= 1024 or unit == "GB"


def test_days_are_the_persons_own() -> None:
    here = NOW.astimezone(timezone(timedelta(hours=9)))  # already the 23rd, a Monday
    assert day_name(NOW, here) == "Today"
    assert day_name(NOW - timedelta(hours=1), here) == "Yesterday"
    assert day_name(NOW, NOW) == "Today"
    assert day_name(NOW - timedelta(days=3), NOW) == "Thursday"
    assert day_name(datetime(2026, 10, 12, 9, tzinfo=UTC), NOW) == "12 October"
    assert day_name(datetime(2025, 10, 12, 9, tzinfo=UTC), NOW) == "12 October 2025"
    assert time_of_day(NOW, NOW) == "15:00"
    assert time_of_day(NOW - timedelta(days=1), NOW) == "Yesterday 15:00"


@given(st.integers(0, 10_000))
def test_every_day_has_a_name_and_near_ones_are_apart(days: int) -> None:
    assert day_name(NOW - timedelta(days=days), NOW) != day_name(
        NOW - timedelta(days=days + 1), NOW
    )


def test_waits_and_counts() -> None:
    assert until(NOW + timedelta(seconds=40), NOW) == "0:40"
    assert until(NOW - timedelta(seconds=40), NOW) == "0:00"
    assert count_of(1, "clip") == "1 clip"
    assert count_of(1200, "clip") == "1,200 clips"
