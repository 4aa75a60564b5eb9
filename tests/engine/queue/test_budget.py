"""Caps hold a job before they are passed; of unknown prices there is one at a time."""

import asyncio
import tempfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kling_desktop.domain.draft import Draft
from kling_desktop.domain.events import JobChange, PauseReason
from kling_desktop.domain.job import JobState, Service, TaskId
from kling_desktop.domain.money import BudgetCaps, Spending, Sum, price_key
from kling_desktop.engine.queue.budget import OpenCosts, find_hold
from tests.engine.conftest import WORDS, World
from tests.fakes.service_script import (
    Absent,
    Ack,
    Failure,
    LoseAnswer,
    Processing,
    Step,
    Success,
    Trouble,
)

LONG = replace(WORDS, duration_s=10)


@pytest.mark.parametrize(
    ("day", "month", "today", "under_way", "unknown", "estimate", "reason"),
    [
        (None, None, "9", "9", 9, "9", None),
        ("1.00", None, "0.30", "0.35", 0, "0.35", None),
        ("1.00", None, "0.30", "0.35", 1, "0.35", None),
        ("1.00", None, "0.31", "0.35", 0, "0.35", PauseReason.BUDGET_DAY),
        (None, "1.00", "0.70", "0", 0, "0.35", PauseReason.BUDGET_MONTH),
        ("1.00", None, "0.99", "0", 0, None, None),
        ("1.00", None, "0.10", "0", 1, None, PauseReason.BUDGET_DAY),
        (None, "1.00", "0.10", "0", 1, None, PauseReason.BUDGET_MONTH),
        ("1.00", None, "1.00", "0", 0, None, PauseReason.BUDGET_DAY),
    ],
)
def test_the_sum(
    day: str | None,
    month: str | None,
    today: str,
    under_way: str,
    unknown: int,
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
        OpenCosts(usd=Decimal(under_way), unknown=unknown),
        OpenCosts(usd=Decimal(under_way), unknown=unknown),
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


async def test_a_cap_of_the_month_alone_holds_too(world: World) -> None:
    await world.open()
    (first,) = await world.queue()
    await world.run_to(first, JobState.DONE)
    await world.settings.update(budget_month_usd=Decimal("0.50"))
    (second,) = await world.queue()
    await world.clock.advance(60)
    assert world.state(second) is JobState.QUEUED
    assert world.engine.status.pause is PauseReason.BUDGET_MONTH
    sums = world.engine.status.pause_sums
    assert sums is not None
    assert sums.cap_usd == world.settings.current.budget_month_usd


async def test_practice_is_free(world: World) -> None:
    await world.open(Service.SANDBOX)
    await world.settings.update(budget_day_usd=Decimal(0))
    (job,) = await world.queue()
    await world.run_to(job, JobState.DONE)


@pytest.mark.parametrize("places", [4, 16])
async def test_a_job_of_unknown_price_runs_alone_until_its_cost_is_known(
    world: World, places: int
) -> None:
    world.service.script("*", Ack(), Processing(times=4), Success())
    await world.open()
    world.engine.set_concurrency(places)
    await world.settings.update(budget_day_usd=Decimal("1.00"))
    jobs = await world.queue(*[WORDS] * 16)
    await world.run_to(jobs[0], JobState.RUNNING)
    await world.clock.settle()
    assert len(world.service.ledger) == 1, "others of unknown price were sent beside it"
    await world.run_until(lambda: world.engine.status.pause is not None)
    assert len(world.service.ledger) == 2
    assert world.engine.status.pause is PauseReason.BUDGET_DAY


async def test_one_of_unknown_price_waits_for_those_that_run(world: World) -> None:
    await world.open()
    world.engine.set_concurrency(4)
    (first,) = await world.queue()
    await world.run_to(first, JobState.DONE)
    await world.settings.update(budget_day_usd=Decimal(10))
    world.service.script("*", Ack(), Processing(times=4), Success())
    known, unknown, last = await world.queue(WORDS, LONG, WORDS)
    await world.run_to(known, JobState.RUNNING)
    await world.clock.settle()
    assert world.state(unknown) is JobState.QUEUED
    await world.run_to(unknown, JobState.RUNNING)
    await world.clock.settle()
    assert world.state(known) in (JobState.DOWNLOADING, JobState.DONE)
    assert world.state(last) is JobState.QUEUED
    await world.run_to(last, JobState.DONE)


async def test_after_a_clip_whose_cost_was_never_stated_the_next_waits_for_the_user(
    world: World,
) -> None:
    world.service.script("*", Ack(), Success(cost=None))
    await world.open()
    await world.settings.update(budget_day_usd=Decimal(10))
    first, second = await world.queue(WORDS, WORDS)
    await world.run_to(first, JobState.DONE)
    await world.clock.advance(600)
    assert world.state(second) is JobState.QUEUED
    assert world.engine.status.pause is PauseReason.BUDGET_DAY
    await world.engine.allow_past_cap(second.id)
    await world.run_to(second, JobState.DONE)


async def test_a_clip_that_is_waited_for_no_more_still_counts_whole(world: World) -> None:
    await world.open()
    (first,) = await world.queue()
    await world.run_to(first, JobState.DONE)
    await world.settings.update(budget_day_usd=Decimal("1.00"))
    world.service.script("*", Ack(), Processing(times=9), Success())
    second, third = await world.queue(WORDS, WORDS)
    await world.run_to(second, JobState.RUNNING)
    await world.engine.cancel(second.id)
    await world.clock.advance(60)
    assert world.state(third) is JobState.QUEUED
    assert world.engine.status.pause is PauseReason.BUDGET_DAY


STORIES: list[tuple[Step, ...]] = [
    (Ack(),),
    (Ack(), Processing(times=3)),
    (LoseAnswer(), Processing()),
    (LoseAnswer(), Absent(times=3)),
    (Trouble(504, accepted=True), Absent()),
    (Trouble(503), Ack(), Processing(times=8)),
]
COSTS = st.sampled_from(["0.20", "0.35", "0.40", "1.10"])
ENDS = st.one_of(
    COSTS.map(lambda cost: Success(cost=cost)), st.sampled_from([Failure(charged=True), Failure()])
)


@given(
    cap=st.sampled_from(["0.10", "0.50", "1.00", "2.00"]),
    drafts=st.lists(st.sampled_from([WORDS, LONG]), min_size=1, max_size=8),
    stories=st.lists(st.tuples(st.sampled_from(STORIES), ENDS), min_size=8, max_size=8),
    places=st.sampled_from([1, 4, 16]),
)
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_whatever_the_order_of_answers_the_cap_holds(
    cap: str, drafts: list[Draft], stories: list[tuple[tuple[Step, ...], Step]], places: int
) -> None:
    async def run(world: World) -> None:
        await world.open(start=False)
        await world.settings.update(budget_day_usd=Decimal(cap))
        world.engine.set_concurrency(places)
        jobs = await world.queue(*drafts)
        estimates: dict[TaskId, Decimal | None] = {}

        def on_change(change: JobChange) -> None:
            job = change.job
            if job is not None and job.state is JobState.SUBMITTING:
                usual = world.money.usual(price_key(job.draft), job.service)
                estimates.setdefault(job.task_id, usual.cost_usd)

        world.jobs.changed.subscribe(on_change)
        for job, (story, end) in zip(jobs, stories, strict=False):
            world.service.script(job.task_id, *story, end)
        await world.engine.start()
        await world.clock.advance(3 * 3600)
        excess = sum(
            (
                max(charge.cost_usd - estimate, Decimal(0))
                for charge in world.service.ledger
                if (estimate := estimates[charge.task_id]) is not None
            ),
            Decimal(0),
        )
        unknown = [
            charge.cost_usd for charge in world.service.ledger if estimates[charge.task_id] is None
        ]
        assert world.service.total_usd <= Decimal(cap) + max(unknown, default=Decimal(0)) + excess
        await world.close()

    with (
        tempfile.TemporaryDirectory() as folder,
        asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner,
    ):
        runner.run(run(World(Path(folder))))
