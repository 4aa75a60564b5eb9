"""What past clips cost: the usual price and time of a clip, and what was spent."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal

from kling_desktop.domain.catalog import ModelId
from kling_desktop.domain.display_state import OUTCOME_UNKNOWN
from kling_desktop.domain.events import JobChange, VideoChange
from kling_desktop.domain.job import SENT_STATES, Job, Service
from kling_desktop.domain.money import (
    MOST_RECENT,
    PastClip,
    PriceKey,
    Spending,
    Sum,
    Usual,
    price_key,
    usual_of,
)
from kling_desktop.storage.database.database import Database
from kling_desktop.storage.rows.columns import (
    read_moment,
    read_money,
    read_money_or_none,
    write_moment,
    write_money,
)
from kling_desktop.storage.rows.job_rows import job_from_row
from kling_desktop.storage.stores.job_store import JobStore
from kling_desktop.storage.stores.video_store import VideoStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The account's balance when it was last asked."""

    usd: Decimal
    checked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UncostedJob:
    """An ended job that was or may have been charged and whose cost was not stated."""

    job: Job
    is_today: bool


class MoneyStore:
    """Sums over jobs and videos; answers are cached until one of them changes."""

    def __init__(
        self,
        database: Database,
        jobs: JobStore,
        videos: VideoStore,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._now = now
        self._usual: dict[tuple[PriceKey, Service], Usual] = {}
        self._spending: dict[tuple[Service, date, tzinfo], Spending] = {}
        self._uncosted: dict[tuple[Service, date, tzinfo], tuple[UncostedJob, ...]] = {}
        jobs.changed.subscribe(self._on_job_changed)
        videos.changed.subscribe(self._on_video_changed)

    def usual(self, key: PriceKey, service: Service) -> Usual:
        """Find what a clip of this kind usually costs and takes, by the newest finished ones."""
        found = self._usual.get((key, service))
        if found is None:
            found = usual_of(self._list_past(key, service))
            self._usual[key, service] = found
        return found

    def spending(self, now: datetime, zone: tzinfo, service: Service) -> Spending:
        """Add up today and this month, by the user's time zone.

        A clip counts at the moment the service accepted it.  Costs come from the service alone:
        what finished or may have been charged without a known cost is counted as unknown.  A job
        that failed after its acceptance may have been: the service does not say.
        """
        today = now.astimezone(zone).date()
        key = (service, today, zone)
        found = self._spending.get(key)
        if found is None:
            found = self._add_up(today, zone, service)
            self._spending[key] = found
        return found

    def list_uncosted(
        self, now: datetime, zone: tzinfo, service: Service
    ) -> tuple[UncostedJob, ...]:
        """List this month's ended jobs that `spending` counts as unknown."""
        today = now.astimezone(zone).date()
        key = (service, today, zone)
        found = self._uncosted.get(key)
        if found is None:
            day_start = _start_of(today, zone)
            rows = self._database.read().execute(
                "SELECT *, coalesce(accepted_at, submitted_at, created_at) >= ? AS is_today"
                " FROM jobs WHERE service = ?"
                " AND coalesce(accepted_at, submitted_at, created_at) >= ?"
                " AND ended_at IS NOT NULL AND cost_micros IS NULL"
                " AND (state = 'done' OR error_code = ?"
                " OR (state = 'failed' AND accepted_at IS NOT NULL))",
                (day_start, service.value, _start_of(today.replace(day=1), zone), OUTCOME_UNKNOWN),
            )
            found = tuple(
                UncostedJob(job=job_from_row(row), is_today=bool(row["is_today"])) for row in rows
            )
            self._uncosted[key] = found
        return found

    def list_open(self, service: Service) -> list[Job]:
        """List the jobs that were sent and whose cost is not known yet."""
        sent = self._jobs.list_active(service=service, states=SENT_STATES)
        return [job for job in sent if job.cost_usd is None]

    def find_under_way(self, service: Service) -> Sum:
        """Add up what the open jobs usually cost; `unknown` counts those without a usual price."""
        usual = [
            self.usual(price_key(job.draft), service).cost_usd for job in self.list_open(service)
        ]
        known = [cost for cost in usual if cost is not None]
        return Sum(usd=sum(known, Decimal(0)), known=len(known), unknown=len(usual) - len(known))

    def find_balance(self, service: Service) -> Balance | None:
        """Find the account's balance when it was last asked."""
        row = (
            self._database.read()
            .execute("SELECT micros, checked_at FROM balances WHERE service = ?", (service.value,))
            .fetchone()
        )
        if row is None:
            return None
        return Balance(usd=read_money(row["micros"]), checked_at=read_moment(row["checked_at"]))

    async def keep_balance(self, service: Service, usd: Decimal) -> Balance:
        """Store the account's present balance."""
        balance = Balance(usd=usd, checked_at=self._now())
        values = (service.value, write_money(usd), write_moment(balance.checked_at))

        def action(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO balances (service, micros, checked_at) VALUES (?, ?, ?)"
                " ON CONFLICT (service) DO UPDATE"
                " SET micros = excluded.micros, checked_at = excluded.checked_at",
                values,
            )

        await self._database.write(action)
        return balance

    def _list_past(self, key: PriceKey, service: Service) -> tuple[PastClip, ...]:
        size = "" if key.dimensions is None else str(key.dimensions)
        rows = self._database.read().execute(
            "SELECT cost_micros, took_s, made_at FROM videos"
            " WHERE service = ? AND model = ? AND duration_s = ? AND size = ?"
            " AND job_id IS NOT NULL"  # a recipe alone may claim any price
            " ORDER BY made_at DESC LIMIT ?",
            (service.value, key.model, key.duration_s, size, MOST_RECENT),
        )
        return tuple(
            PastClip(
                cost_usd=read_money_or_none(row["cost_micros"]),
                took_s=row["took_s"],
                made_at=read_moment(row["made_at"]),
            )
            for row in rows
        )

    def _add_up(self, today: date, zone: tzinfo, service: Service) -> Spending:
        day_start = _start_of(today, zone)
        month_start = _start_of(today.replace(day=1), zone)
        rows = self._database.read().execute(
            "SELECT model, coalesce(accepted_at, submitted_at, created_at) >= ? AS is_today,"
            " coalesce(sum(cost_micros), 0) AS micros, count(cost_micros) AS known,"
            " count(*) - count(cost_micros) AS unknown"
            " FROM jobs WHERE service = ? AND coalesce(accepted_at, submitted_at, created_at) >= ?"
            " AND (cost_micros IS NOT NULL OR state = 'done' OR error_code = ?"
            " OR (state = 'failed' AND accepted_at IS NOT NULL))"
            " GROUP BY model, is_today",
            (day_start, service.value, month_start, OUTCOME_UNKNOWN),
        )
        all_days, this_day = Sum(), Sum()
        by_model: dict[ModelId, Sum] = {}
        for row in rows:
            part = Sum(usd=read_money(row["micros"]), known=row["known"], unknown=row["unknown"])
            model = ModelId(row["model"])
            all_days = _plus(all_days, part)
            by_model[model] = _plus(by_model.get(model, Sum()), part)
            if row["is_today"]:
                this_day = _plus(this_day, part)
        dearest = sorted(by_model.items(), key=lambda item: (-item[1].usd, item[0]))
        return Spending(today=this_day, this_month=all_days, by_model=tuple(dearest))

    def _on_job_changed(self, change: JobChange) -> None:
        self._spending.clear()
        if change.job is None or change.job.state.is_terminal:
            self._uncosted.clear()

    def _on_video_changed(self, change: VideoChange) -> None:
        if change.added:
            self._usual.clear()


def _start_of(day: date, zone: tzinfo) -> str:
    return write_moment(datetime.combine(day, time(), zone).astimezone(UTC))


def _plus(one: Sum, other: Sum) -> Sum:
    return Sum(
        usd=one.usd + other.usd,
        known=one.known + other.known,
        unknown=one.unknown + other.unknown,
    )
