"""Estimates: the middle of one's own receipts, and silence where there are none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_desktop.domain.catalog import Dimensions
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.money import (
    MOST_RECENT,
    BudgetCaps,
    PastClip,
    Spending,
    Sum,
    Usual,
    price_key,
    usual_of,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def clips(*facts: tuple[str | None, float | None]) -> list[PastClip]:
    """Past clips, newest first, an hour apart."""
    return [
        PastClip(
            cost_usd=None if cost is None else Decimal(cost),
            took_s=took_s,
            made_at=NOW - timedelta(hours=number),
        )
        for number, (cost, took_s) in enumerate(facts)
    ]


def test_nothing_known_says_nothing() -> None:
    assert usual_of([]) == Usual()
    assert usual_of(clips((None, None))) == Usual()


@pytest.mark.parametrize(
    ("costs", "middle"),
    [
        (["0.35"], "0.35"), (["0.1", "0.3"], "0.2"), (["9", "0.1", "0.2"], "0.2"),
        (["0.1", "0.2", "0.3", "0.4"], "0.25"), (["0.1848"] * 5, "0.1848"),
    ],
)  # fmt: skip
def test_price_is_the_middle_from_the_first_receipt_on(costs: list[str], middle: str) -> None:
    usual = usual_of(clips(*[(cost, None) for cost in costs]))
    assert usual.cost_usd == Decimal(middle)
    assert isinstance(usual.cost_usd, Decimal), "money is never a float"
    assert usual.cost_count == len(costs)
    assert usual.newest_at == NOW


def test_clips_without_a_price_do_not_count_as_free() -> None:
    usual = usual_of(clips((None, None), ("0.4", None), (None, None)))
    assert (usual.cost_usd, usual.cost_count) == (Decimal("0.4"), 1)
    assert usual.newest_at == NOW - timedelta(hours=1)


@pytest.mark.parametrize(
    ("times", "middle"),
    [([100.0], None), ([100.0, 120.0], None), ([100.0, 900.0, 120.0], 120.0)],
)
def test_time_needs_three_clips(times: list[float], middle: float | None) -> None:
    assert usual_of(clips(*[(None, took_s) for took_s in times])).took_s == middle


def test_only_the_newest_count() -> None:
    old = [("9", 999.0)] * 50
    new = [("0.2", 60.0)] * MOST_RECENT
    usual = usual_of(clips(*new, *old))
    assert (usual.cost_usd, usual.cost_count, usual.took_s) == (Decimal("0.2"), MOST_RECENT, 60.0)


@given(st.lists(st.decimals(0, 100, places=4), min_size=1, max_size=MOST_RECENT))
def test_price_lies_between_the_dearest_and_the_cheapest(costs: list[Decimal]) -> None:
    middle = usual_of(clips(*[(str(cost), None) for cost in costs])).cost_usd
    assert middle is not None
    assert min(costs) <= middle <= max(costs)


def test_a_price_depends_on_model_length_and_size_alone() -> None:
    draft = Draft(prompt="go")
    same = replace(draft, prompt="other", cfg_scale=0.1, takes=3)
    assert price_key(draft) == price_key(same)
    for other in (
        replace(draft, duration_s=10),
        replace(draft, dimensions=Dimensions(720, 720)),
        replace(draft, dimensions=None),
    ):
        assert price_key(draft) != price_key(other)


def test_sums_and_caps_begin_empty() -> None:
    assert Spending().today == Sum(usd=Decimal(0), known=0, unknown=0)
    assert BudgetCaps() == BudgetCaps(day_usd=None, month_usd=None)
