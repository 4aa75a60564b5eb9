"""How figures are written: in the United States, and in other locales."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_desktop.domain.money import Sum, Usual
from kling_desktop.wording.formatting import (
    amount_digits,
    bytes_of,
    clip_count,
    clock,
    cost_estimate,
    day_name,
    estimate_basis,
    estimate_total,
    exact_size,
    exact_time,
    file_size,
    money,
    number,
    percent,
    round_money,
    set_locale,
    spoken_time,
    sum_words,
    time_of_day,
    until,
)
from kling_desktop.wording.translation import PSEUDO, set_language

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


def test_a_sum_that_a_user_set_has_no_empty_cents() -> None:
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
        "The middle of 4 past clips of this kind, newest: October 23"
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
    assert bytes_of(512, 2048) == "0 of 2 kB"
    assert file_size(int(2.4 * mebi)) == "2.4 MB"
    assert file_size(214 * 1024 * mebi) == "214 GB"
    assert file_size(10) == "10 bytes"
    assert file_size(20 * mebi) == "20 MB"


def test_a_size_beside_a_limit_is_never_rounded_to_it() -> None:
    mebi = 1024 * 1024
    assert exact_size(20 * mebi) == "20 MB"
    assert exact_size(20 * mebi + 1) == "20,971,521 bytes"
    assert exact_size(round(3.5 * mebi)) == "3.5 MB"


@given(st.integers(0, 10**13))
def test_a_size_has_few_digits(size: int) -> None:
    number, unit = file_size(size).split()
    assert unit in ("byte", "bytes", "kB", "MB", "GB")
    assert float(number.replace(",", "")) <= 1024 or unit == "GB"


def test_days_are_the_users_own() -> None:
    here = NOW.astimezone(timezone(timedelta(hours=9)))  # already the 23rd, a Monday
    assert day_name(NOW, here) == "Today"
    assert day_name(NOW - timedelta(hours=1), here) == "Yesterday"
    assert day_name(NOW, NOW) == "Today"
    assert day_name(NOW - timedelta(days=3), NOW) == "Thursday"
    assert day_name(datetime(2026, 10, 12, 9, tzinfo=UTC), NOW) == "October 12"
    assert day_name(datetime(2025, 10, 12, 9, tzinfo=UTC), NOW) == "October 12, 2025"
    assert time_of_day(NOW, NOW) == "3:00\u202fPM"
    assert time_of_day(NOW - timedelta(days=1), NOW) == "Yesterday 3:00\u202fPM"


@given(st.integers(0, 10_000))
def test_every_day_has_a_name_and_near_ones_are_apart(days: int) -> None:
    assert day_name(NOW - timedelta(days=days), NOW) != day_name(
        NOW - timedelta(days=days + 1), NOW
    )


def test_waits_and_counts() -> None:
    assert until(NOW + timedelta(seconds=40), NOW) == "0:40"
    assert until(NOW - timedelta(seconds=40), NOW) == "0:00"
    assert clip_count(1) == "1 clip"
    assert clip_count(1200) == "1,200 clips"


@pytest.mark.parametrize(
    ("code", "sum_", "whole", "size", "time"),
    [
        ("en_US", "$1,234.50", "$60", "2.4 MB", "3:05\u202fPM"),
        ("en_GB", "US$1,234.50", "US$60", "2.4 MB", "15:05"),
        ("de_DE", "1.234,50\xa0$", "60\xa0$", "2,4 MB", "15:05"),
        ("fr-FR", "1\u202f234,50\xa0$US", "60\xa0$US", "2,4\u202fMo", "15:05"),
        ("de_CH", "$\xa01'234.50", "$\xa060", "2.4 MB", "15:05"),
        ("hi_IN", "$1,234.50", "$60", "2.4 MB", "3:05 pm"),
        ("xx_YY", "$1,234.50", "$60", "2.4 MB", "3:05\u202fPM"),
        ("", "$1,234.50", "$60", "2.4 MB", "3:05\u202fPM"),
    ],
)
def test_figures_follow_the_locale_and_sums_stay_dollars(
    code: str, sum_: str, whole: str, size: str, time: str
) -> None:
    set_locale(code)
    assert money(Decimal("1234.5")) == sum_
    assert round_money(Decimal(60)) == whole
    assert file_size(round(2.4 * 1024**2)) == size
    assert time_of_day(NOW.replace(minute=5), NOW) == time


def test_days_in_words_are_in_the_language_of_the_sentences() -> None:
    day = datetime(2026, 10, 12, 9, tzinfo=UTC)
    set_locale("de_DE")
    assert day_name(day, NOW) == "12 October"
    assert day_name(NOW - timedelta(days=3), NOW) == "Thursday"
    set_locale("zh_CN")  # nobody wrote down how English is written in China
    assert day_name(day, NOW) == "October 12"


def test_times_may_follow_another_locale() -> None:
    assert exact_time(NOW, NOW) == "3:00:00\u202fPM"
    set_locale("en_US", times="en_DK")
    assert exact_time(NOW, NOW) == "15.00.00"
    assert time_of_day(NOW, NOW) == "15.00"
    assert money(Decimal("1234.5")) == "$1,234.50"


def test_numbers() -> None:
    assert (number(1234567), number(6.42, 1), percent(1.15)) == ("1,234,567", "6.4", "115%")
    set_locale("de_DE")
    assert (number(1234567), number(6.42, 1), percent(1.15)) == ("1.234.567", "6,4", "115\xa0%")
    assert amount_digits(Decimal("1234.5")) == "1.234,50"


def test_figures_are_marked_in_the_pseudo_locale() -> None:
    set_language(PSEUDO)
    assert day_name(datetime(2026, 10, 12, 9, tzinfo=UTC), NOW) == "⟦October 12⟧"
    assert file_size(10) == "⟦10 bytes⟧"
    assert money(Decimal(1)) == "$1.00"


@pytest.mark.parametrize("zone", [__file__, str(Path(__file__).parent), ":" + __file__, "No/Where"])
def test_a_system_zone_that_cannot_be_read_leaves_times_readable(zone: str) -> None:
    words = "clock_time(moment, moment), day_name(moment, moment), os.environ['TZ']"
    script = (
        "import os; from datetime import UTC, datetime; "
        "from kling_desktop.wording.formatting import clock_time, day_name; "
        f"moment = datetime(2026, 11, 2, 14, 2, tzinfo=UTC); print({words})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "TZ": zone},
        capture_output=True, encoding="utf-8", check=False, timeout=60,
    )  # fmt: skip
    assert done.stdout.replace("\u202f", " ") == f"2:02 PM Today {zone}\n", done
