"""Estimates of a clip's cost and time, from past receipts alone, and budget caps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median

from kling_desktop.domain.catalog import Dimensions, ModelId
from kling_desktop.domain.draft import Draft

MOST_RECENT = 20
"""How many of the newest finished clips of a kind an estimate looks at."""
FEWEST_FOR_TIME = 3
"""Times vary, so fewer clips give no usual time; a price is known from the first clip on."""


@dataclass(frozen=True, slots=True)
class PriceKey:
    """What a price depends on: the model, the length and the size (None: follows the frame)."""

    model: ModelId
    duration_s: int
    dimensions: Dimensions | None


def price_key(draft: Draft) -> PriceKey:
    return PriceKey(draft.model, draft.duration_s, draft.dimensions)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastClip:
    """What one finished clip cost and took; the raw material of an estimate."""

    cost_usd: Decimal | None
    took_s: float | None
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """The median of past clips of a kind.

    Attributes:
        cost_usd: Median cost of one clip; None while no receipt of this kind states one.
        cost_count: How many receipts that median rests on.
        newest_at: Date of the newest of them.
        took_s: Median seconds from sending to file; None with fewer than three clips.
    """

    cost_usd: Decimal | None = None
    cost_count: int = 0
    newest_at: datetime | None = None
    took_s: float | None = None


def usual_of(clips: Sequence[PastClip]) -> Usual:
    """Take the median of past clips of one kind, newest first."""
    recent = clips[:MOST_RECENT]
    priced = [clip for clip in recent if clip.cost_usd is not None]
    costs = [clip.cost_usd for clip in priced if clip.cost_usd is not None]
    times = [clip.took_s for clip in recent if clip.took_s is not None]
    return Usual(
        cost_usd=median(costs) if costs else None,
        cost_count=len(costs),
        newest_at=priced[0].made_at if priced else None,
        took_s=median(times) if len(times) >= FEWEST_FOR_TIME else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """A sum of money, with the number of clips whose cost is unknown.

    Attributes:
        usd: Total of the known costs.
        known: How many clips stated a cost.
        unknown: How many did not.
    """

    usd: Decimal = Decimal(0)
    known: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What was spent, by the service's own figures; days and months are the user's local ones."""

    today: Sum = Sum()
    this_month: Sum = Sum()
    by_model: tuple[tuple[ModelId, Sum], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetCaps:
    """The most that may be spent; None where the user set no cap."""

    day_usd: Decimal | None = None
    month_usd: Decimal | None = None
