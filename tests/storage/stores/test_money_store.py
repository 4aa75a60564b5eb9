from dataclasses import replace
from datetime import UTC, timedelta, timezone
from decimal import Decimal

import pytest

from kling_desktop.domain.catalog import ModelId
from kling_desktop.domain.display_state import OUTCOME_UNKNOWN
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.job import JobState, Service
from kling_desktop.domain.money import Spending, Sum, Usual, price_key
from kling_desktop.storage.stores.money_store import Balance, MoneyStore
from tests.storage.conftest import START, Stores, make_request, make_video

MASTER, PRO = ModelId("klingai:5@3"), ModelId("klingai:6@1")
FOG = Draft(prompt="Fog", model=PRO)


@pytest.fixture
def money(stores: Stores) -> MoneyStore:
    return MoneyStore(stores.database, stores.jobs, stores.videos, now=stores.clock)


async def make(
    stores: Stores, number: int, cost: str | None, draft: Draft = FOG, took_s: float = 100.0
) -> None:
    (job,) = await stores.jobs.add([make_request(number, draft)])
    await stores.finish_job(job, cost_usd=None if cost is None else Decimal(cost), took_s=took_s)


async def test_what_a_clip_usually_costs_is_learned_from_receipts(
    stores: Stores, money: MoneyStore
) -> None:
    key = price_key(FOG)
    assert money.usual(key, Service.RUNWARE) == Usual()
    await make(stores, 1, "0.35", took_s=100)
    await make(stores, 2, None, took_s=120)
    await make(stores, 3, "0.35", took_s=200)
    await make(stores, 4, "9.99", replace(FOG, duration_s=10))
    await make(stores, 5, "8.88", replace(FOG, model=MASTER))
    await make(stores, 6, "7.77", replace(FOG, dimensions=None))
    usual = money.usual(key, Service.RUNWARE)
    assert usual == Usual(cost_usd=Decimal("0.35"), cost_count=2, newest_at=START, took_s=120)
    assert money.usual(key, Service.RUNWARE) is usual
    assert money.usual(key, Service.SANDBOX) == Usual()
    followed = money.usual(price_key(replace(FOG, dimensions=None)), Service.RUNWARE)
    assert followed.cost_usd == Decimal("7.77")


async def test_a_price_that_only_a_recipe_claims_is_no_receipt(
    stores: Stores, money: MoneyStore
) -> None:
    """A clip that no job of ours made was put into the folder by hand: anybody may have made it."""
    video = await stores.videos.add(make_video(1, cost_usd=Decimal(99999)))
    assert video.job_id is None
    assert money.usual(price_key(video.draft), Service.RUNWARE) == Usual()


async def test_spending_counts_by_the_persons_days_and_says_what_is_unknown(
    stores: Stores, money: MoneyStore
) -> None:
    tokyo = timezone(timedelta(hours=9))
    stores.clock.moment = START.replace(month=10, day=31, hour=14, minute=30)  # Tokyo: 23:30
    await make(stores, 1, "1.00")
    stores.clock.pass_time(timedelta(hours=1))  # Tokyo: November
    await make(stores, 2, "0.35")
    await make(stores, 3, None)
    await make(stores, 4, "2.80", replace(FOG, model=MASTER))
    assert money.spending(stores.clock(), tokyo, Service.RUNWARE) == Spending(
        today=Sum(usd=Decimal("3.15"), known=2, unknown=1),
        this_month=Sum(usd=Decimal("3.15"), known=2, unknown=1),
        by_model=(
            (MASTER, Sum(usd=Decimal("2.80"), known=1)),
            (PRO, Sum(usd=Decimal("0.35"), known=1, unknown=1)),
        ),
    )
    october = money.spending(stores.clock(), UTC, Service.RUNWARE)
    assert october.this_month.usd == october.today.usd == Decimal("4.15")
    stores.clock.pass_time(timedelta(days=1))
    november = money.spending(stores.clock(), tokyo, Service.RUNWARE)
    assert (november.today.usd, november.this_month.usd) == (0, Decimal("3.15"))
    assert money.spending(stores.clock(), tokyo, Service.SANDBOX) == Spending()


async def test_a_job_that_may_have_been_charged_counts_as_unknown(
    stores: Stores, money: MoneyStore
) -> None:
    assert money.spending(stores.clock(), UTC, Service.RUNWARE).today == Sum()
    unknown = await stores.make_job(1, JobState.UNCONFIRMED)
    await stores.jobs.advance(unknown, JobState.CANCELLED, error_code=OUTCOME_UNKNOWN)
    charged = await stores.make_job(2, JobState.RUNNING)
    await stores.jobs.advance(charged, JobState.FAILED, cost_usd=Decimal("0.1"))
    accepted = await stores.make_job(5, JobState.RUNNING)
    accepted = await stores.jobs.amend(accepted, accepted_at=stores.clock())
    await stores.jobs.advance(accepted, JobState.FAILED)
    await stores.make_job(3, JobState.FAILED)
    await stores.make_job(4, JobState.CANCELLED)
    today = money.spending(stores.clock(), UTC, Service.RUNWARE).today
    assert today == Sum(usd=Decimal("0.1"), known=1, unknown=2)


async def test_money_under_way_is_what_sent_clips_usually_cost_until_their_cost_is_known(
    stores: Stores, money: MoneyStore
) -> None:
    await make(stores, 1, "0.35")
    assert money.find_under_way(Service.RUNWARE) == Sum()
    jobs = await stores.jobs.add(
        [make_request(2, FOG), make_request(3, replace(FOG, model=MASTER)), make_request(4, FOG)]
    )
    sent = [await stores.jobs.advance(job, JobState.SUBMITTING) for job in jobs[:2]]
    assert money.find_under_way(Service.RUNWARE) == Sum(usd=Decimal("0.35"), known=1, unknown=1)
    assert money.find_under_way(Service.SANDBOX) == Sum()
    await stores.jobs.advance(sent[0], JobState.FAILED, cost_usd=Decimal("0.40"))
    assert money.find_under_way(Service.RUNWARE) == Sum(unknown=1)


async def test_a_thousand_small_sums_add_up_exactly(stores: Stores, money: MoneyStore) -> None:
    jobs = await stores.jobs.add([make_request(number) for number in range(1, 101)])
    for job in jobs:
        sent = await stores.jobs.advance(job, JobState.SUBMITTING)
        await stores.jobs.advance(sent, JobState.FAILED, cost_usd=Decimal("0.100001"))
    today = money.spending(stores.clock(), UTC, Service.RUNWARE).today
    assert today.usd == Decimal("10.0001")


async def test_the_last_balance_is_kept(stores: Stores, money: MoneyStore) -> None:
    assert money.find_balance(Service.RUNWARE) is None
    await money.keep_balance(Service.RUNWARE, Decimal("12.345678"))
    stores.clock.pass_time(timedelta(hours=1))
    await money.keep_balance(Service.RUNWARE, Decimal("-0.5"))
    kept = Balance(usd=Decimal("-0.5"), checked_at=START + timedelta(hours=1))
    assert money.find_balance(Service.RUNWARE) == kept
    assert money.find_balance(Service.SANDBOX) is None
