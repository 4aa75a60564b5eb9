"""Whether one more clip would pass the user's budget caps."""

from dataclasses import dataclass
from decimal import Decimal

from kling_desktop.domain.events import PauseReason
from kling_desktop.domain.job import SENT_STATES, Job, Service
from kling_desktop.domain.local_time import LOCAL_ZONE
from kling_desktop.domain.money import BudgetCaps, Spending, price_key
from kling_desktop.engine.timing.pacing import Clock
from kling_desktop.storage.settings.settings_store import SettingsStore
from kling_desktop.storage.stores.job_store import JobStore
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
    def detail(self) -> str:
        return f"{self.spent_usd} of {self.cap_usd} USD"


def find_hold(
    caps: BudgetCaps, spending: Spending, under_way_usd: Decimal, estimate_usd: Decimal | None
) -> BudgetHold | None:
    """Say which cap one more clip would pass, None when it may go.

    A clip whose price nobody knows yet is held only when a cap is reached already.
    """
    rows = (
        (PauseReason.BUDGET_DAY, caps.day_usd, spending.today.usd),
        (PauseReason.BUDGET_MONTH, caps.month_usd, spending.this_month.usd),
    )
    for reason, cap, known in rows:
        if cap is None:
            continue
        spent = known + under_way_usd
        passes = spent >= cap if estimate_usd is None else spent + estimate_usd > cap
        if passes:
            return BudgetHold(
                reason=reason, spent_usd=spent, cap_usd=cap, estimate_usd=estimate_usd
            )
    return None


class Budget:
    """Compares the caps with what was spent and what is under way; practice clips are free."""

    def __init__(
        self, clock: Clock, jobs: JobStore, money: MoneyStore, settings: SettingsStore
    ) -> None:
        self._clock = clock
        self._jobs = jobs
        self._money = money
        self._settings = settings

    @property
    def caps(self) -> BudgetCaps:
        settings = self._settings.current
        return BudgetCaps(day_usd=settings.budget_day_usd, month_usd=settings.budget_month_usd)

    def is_capped(self, service: Service) -> bool:
        """Tell whether any cap applies to this service; practice clips are free."""
        caps = self.caps
        set_at_all = caps.day_usd is not None or caps.month_usd is not None
        return set_at_all and service is not Service.SANDBOX

    def find_hold(self, job: Job) -> BudgetHold | None:
        """Say why this job must not be sent now, None when it may be."""
        if job.cap_waived or not self.is_capped(job.service):
            return None
        spending = self._money.spending(self._clock.now(), LOCAL_ZONE, job.service)
        return find_hold(self.caps, spending, self._sum_under_way(job.service), self.estimate(job))

    def estimate(self, job: Job) -> Decimal | None:
        return self._money.usual(price_key(job.draft), job.service).cost_usd

    def _sum_under_way(self, service: Service) -> Decimal:
        """Sum the usual costs of jobs that were sent and whose cost is not known yet."""
        sent = self._jobs.list_active(service=service, states=SENT_STATES)
        open_costs = (self.estimate(job) for job in sent if job.cost_usd is None)
        return sum((cost for cost in open_costs if cost is not None), Decimal(0))
