"""Whether one more clip would pass the user's budget caps."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from kling_desktop.domain.events import CapSums, PauseReason
from kling_desktop.domain.job import Job, JobState, Service
from kling_desktop.domain.local_time import LOCAL_ZONE
from kling_desktop.domain.money import BudgetCaps, Spending, price_key
from kling_desktop.engine.timing.pacing import Clock
from kling_desktop.storage.settings.settings_store import SettingsStore
from kling_desktop.storage.stores.money_store import MoneyStore


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetHold:
    """Why a job has to wait for the user, a new day or a new month.

    Attributes:
        reason: Which cap.
        spent_usd: What was spent in that time, with what is under way as estimated.
        cap_usd: The cap.
        estimate_usd: What this job usually costs; None when nothing is known.
    """

    reason: PauseReason
    spent_usd: Decimal
    cap_usd: Decimal
    estimate_usd: Decimal | None

    @property
    def sums(self) -> CapSums:
        return CapSums(self.spent_usd, self.cap_usd)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCosts:
    """Clips that were or may have been charged without a stated cost.

    Attributes:
        usd: What they usually cost, whole.
        unknown: How many of them have no usual price.
    """

    usd: Decimal = Decimal(0)
    unknown: int = 0


def find_hold(
    caps: BudgetCaps,
    spending: Spending,
    today: OpenCosts,
    this_month: OpenCosts,
    estimate_usd: Decimal | None,
) -> BudgetHold | None:
    """Find the cap that one more clip could pass; None when it may be sent.

    A clip of unknown price is sent below the cap, but only one: the next is held until the cost of
    the one before is known.
    """
    rows = (
        (PauseReason.BUDGET_DAY, caps.day_usd, spending.today.usd, today),
        (PauseReason.BUDGET_MONTH, caps.month_usd, spending.this_month.usd, this_month),
    )
    for reason, cap, known, open_costs in rows:
        if cap is None:
            continue
        spent = known + open_costs.usd
        if estimate_usd is None:
            passes = spent >= cap or open_costs.unknown > 0
        else:
            passes = spent + estimate_usd > cap
        if passes:
            return BudgetHold(
                reason=reason, spent_usd=spent, cap_usd=cap, estimate_usd=estimate_usd
            )
    return None


class Budget:
    """Compares the caps with what was spent and what is under way; practice clips are free."""

    def __init__(self, clock: Clock, money: MoneyStore, settings: SettingsStore) -> None:
        self._clock = clock
        self._money = money
        self._settings = settings

    @property
    def caps(self) -> BudgetCaps:
        return self._settings.current.budget_caps

    def is_capped(self, service: Service) -> bool:
        """Return whether any cap applies to this service; practice clips are free."""
        caps = self.caps
        set_at_all = caps.day_usd is not None or caps.month_usd is not None
        return set_at_all and service is not Service.SANDBOX

    def must_wait(self, job: Job) -> bool:
        """Return whether a cost that will be known soon decides whether this job may be sent.

        A job whose price is unknown runs alone: until its cost is stated, it could be anything.
        """
        if job.cap_waived or not self.is_capped(job.service):
            return False
        running = [each for each in self._money.list_open(job.service) if _states_cost_soon(each)]
        return bool(running) and any(self.estimate(each) is None for each in (job, *running))

    def find_hold(self, job: Job) -> BudgetHold | None:
        """Find why this job must not be sent without the user's permission; None when it may be."""
        if job.cap_waived or not self.is_capped(job.service):
            return None
        now = self._clock.now()
        spending = self._money.spending(now, LOCAL_ZONE, job.service)
        ended = self._money.list_uncosted(now, LOCAL_ZONE, job.service)
        under_way = self._money.list_open(job.service)
        today = self._sum([*under_way, *(clip.job for clip in ended if clip.is_today)])
        this_month = self._sum([*under_way, *(clip.job for clip in ended)])
        return find_hold(self.caps, spending, today, this_month, self.estimate(job))

    def estimate(self, job: Job) -> Decimal | None:
        return self._money.usual(price_key(job.draft), job.service).cost_usd

    def _sum(self, jobs: Iterable[Job]) -> OpenCosts:
        estimates = [self.estimate(job) for job in jobs]
        known = [estimate for estimate in estimates if estimate is not None]
        return OpenCosts(usd=sum(known, Decimal(0)), unknown=len(estimates) - len(known))


def _states_cost_soon(job: Job) -> bool:
    """Return whether a job moves towards a result that states its cost, without the user's help."""
    running = job.state is JobState.RUNNING and job.watching
    return running or job.state is JobState.SUBMITTING
