"""Caps hold a job before they are passed; what nobody knows holds nothing."""

from decimal import Decimal

import pytest

from kling_desktop.domain.events import PauseReason
from kling_desktop.domain.job import JobState, Service
from kling_desktop.domain.money import BudgetCaps, Spending, Sum
from kling_desktop.engine.queue.budget import find_hold
from tests.engine.conftest import WORDS, World
from tests.fakes.service_script import Ack, Processing, Success


@pytest.mark.parametrize(
    ("day", "month", "today", "under_way", "estimate", "reason"),
    [
        (None, None, "9", "9", "9", None),
        ("1.00", None, "0.30", "0.35", "0.35", None),
        ("1.00", None, "0.31", "0.35", "0.35", PauseReason.BUDGET_DAY),
        (None, "1.00", "0.70", "0", "0.35", PauseReason.BUDGET_MONTH),
        ("1.00", None, "0.99", "0", None, None),
        ("1.00", None, "1.00", "0", None, PauseReason.BUDGET_DAY),
    ],
)
def test_the_sum(
    day: str | None,
    month: str | None,
    today: str,
    under_way: str,
    estimate: str | None,
    reason: PauseReason | None,
) -> None:
    spent = Sum(usd=Decimal(today), known=1)
    hold = find_hold(
        BudgetCaps(
            day_usd=None if day is None else Decimal(day),
            month_usd=None if month is None else Decimal(month),
        ),
        Spending(today=spent, this_month=spent),
        Decimal(under_way),
        None if estimate is None else Decimal(estimate),
    )
    assert (hold.reason if hold else None) is reason


async def test_the_queue_holds_before_the_cap_and_one_job_may_be_let_past(world: World) -> None:
    await world.open()
    world.engine.set_concurrency(4)
    await world.settings.update(budget_day_usd=Decimal("1.00"))
    (first,) = await world.queue()
    await world.run_to(first, JobState.DONE)
    world.service.script("*", Ack(), Processing(times=4), Success())
    jobs = await world.queue(WORDS, WORDS, WORDS)
    await world.clock.advance(600)
    assert [world.state(job) for job in jobs] == [JobState.DONE, JobState.QUEUED, JobState.QUEUED]
    assert world.engine.status.pause is PauseReason.BUDGET_DAY
    await world.engine.wait_idle()
    await world.engine.allow_past_cap(jobs[2].id)
    await world.run_to(jobs[2], JobState.DONE)
    assert world.state(jobs[1]) is JobState.QUEUED
    assert len(world.service.ledger) == 3


async def test_a_higher_cap_or_a_new_day_lets_the_queue_go_on(world: World) -> None:
    await world.open()
    (first,) = await world.queue()
    await world.run_to(first, JobState.DONE)
    await world.settings.update(budget_day_usd=Decimal("0.50"))
    (second,) = await world.queue()
    await world.clock.advance(60)
    assert world.state(second) is JobState.QUEUED
    await world.settings.update(budget_day_usd=Decimal(5))
    await world.run_to(second, JobState.DONE)
    await world.settings.update(budget_day_usd=Decimal("0.80"))
    (third,) = await world.queue()
    await world.clock.advance(60)
    assert world.state(third) is JobState.QUEUED
    await world.run_to(third, JobState.DONE, limit_s=25 * 3600)


async def test_practice_is_free(world: World) -> None:
    await world.open(Service.SANDBOX)
    await world.settings.update(budget_day_usd=Decimal(0))
    (job,) = await world.queue()
    await world.run_to(job, JobState.DONE)
