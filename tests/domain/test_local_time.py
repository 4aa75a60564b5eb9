"""A date in the past has the offset of its own day, whatever holds today."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kling_desktop.domain.local_time import LOCAL_ZONE, local_now

pytestmark = pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows has no TZ variable")

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "UTC")


@pytest.fixture
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoneInfo]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield ZoneInfo(request.param)
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("zone", ZONES, indirect=True)
def test_every_hour_of_two_years_is_the_zones_own(zone: ZoneInfo) -> None:
    moment = datetime(2025, 6, 1, tzinfo=UTC)
    for _hour in range(2 * 366 * 24):
        here, there = moment.astimezone(LOCAL_ZONE), moment.astimezone(zone)
        assert here.replace(tzinfo=None) == there.replace(tzinfo=None), moment
        assert here.utcoffset() == there.utcoffset(), moment
        assert here.astimezone(UTC) == moment
        moment += timedelta(hours=1)


@pytest.mark.parametrize("zone", ["Europe/Berlin"], indirect=True)
def test_a_night_in_july_is_dated_the_same_in_november(zone: ZoneInfo) -> None:
    made = datetime(2026, 7, 9, 22, 30, tzinfo=UTC)
    assert made.astimezone(LOCAL_ZONE).strftime("%d %H:%M") == "10 00:30"
    assert datetime(2026, 3, 1, tzinfo=LOCAL_ZONE).astimezone(UTC).hour == 23
    assert datetime(2026, 4, 1, tzinfo=LOCAL_ZONE).astimezone(UTC).hour == 22


@pytest.mark.parametrize("year", [1, 1901, 1969, 3000, 9999])
def test_moments_that_a_system_cannot_place_are_no_error(year: int) -> None:
    moment = datetime(year, 1, 1, tzinfo=UTC)
    assert abs(moment.astimezone(LOCAL_ZONE).toordinal() - moment.toordinal()) <= 1


def test_now_is_aware_and_now() -> None:
    assert abs(local_now() - datetime.now(UTC)) < timedelta(seconds=10)
    assert local_now().tzinfo is LOCAL_ZONE
