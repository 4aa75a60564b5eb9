from datetime import UTC, datetime

import pytest

from kling_desktop.domain.job import JobState
from kling_desktop.domain.receipt import EventKind, JobEvent
from kling_desktop.ui.library.library_query import Period, Scope
from kling_desktop.wording.clips import count_added
from kling_desktop.wording.details import (
    describe_event,
    find_shape,
    name_codec,
    shorten_id,
    write_rate,
    write_seconds,
)
from kling_desktop.wording.library import (
    count_shown,
    describe_empty,
    length_pill,
    name_period,
    name_scope,
)
from kling_desktop.wording.viewer import timecode, write_speed


@pytest.mark.parametrize(
    ("frame", "fps", "text"),
    [(0, 30, "00:00.00"), (70, 30, "00:02.10"), (149, 30, "00:04.29"), (58, 24, "00:02.10"),
     (2400, 24, "01:40.00"), (5, 0.0, "00:05.00")],
)  # fmt: skip
def test_timecode(frame: int, fps: float, text: str) -> None:
    assert timecode(frame, fps) == text


@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [(1280, 720, "16:9"), (720, 1280, "9:16"), (720, 720, "1:1"), (1284, 716, "16:9"),
     (1000, 300, ""), (0, 0, "")],
)  # fmt: skip
def test_shapes(width: int, height: int, shape: str) -> None:
    assert find_shape(width, height) == shape


def test_short_figures() -> None:
    assert (length_pill(5.04), length_pill(10), length_pill(61)) == ("0:05", "0:10", "1:01")
    assert (write_seconds(5.04), write_seconds(5.5)) == ("5 s", "5.5 s")
    assert (write_rate(30.0), write_rate(23.976)) == ("30 fps", "23.98 fps")
    assert (write_speed(0.25), write_speed(1.0)) == ("0.25×", "1×")
    assert (name_codec("h264"), name_codec("vp9"), name_codec("odd")) == ("H.264", "VP9", "ODD")
    assert count_shown(18, 1048) == "18 of 1,048"
    assert shorten_id("24cd5dff-cb81-4000-8000-00000000f9d1") == "24cd5dff-cb81…f9d1"
    assert shorten_id("abc") == "abc"


def test_what_was_found_in_the_folder() -> None:
    assert [count_added(n) for n in (0, 1, 3)] == [
        "No new clips found",
        "1 clip added",
        "3 clips added",
    ]


def test_every_scope_has_its_describe_empty() -> None:
    said = {describe_empty(scope, filtered=False) for scope in Scope}
    assert len(said) == len(Scope)
    assert len({name_scope(scope) for scope in Scope}) == len(Scope)
    assert len({name_period(period) for period in Period}) == len(Period)
    assert {describe_empty(scope, filtered=True) for scope in Scope} == {
        ("No clips match", "Try fewer words or clear the filters.")
    }


def test_time_line_in_words() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    for state in JobState:
        event = JobEvent(at=at, kind=EventKind.STATE, after=state, facts={})
        assert describe_event(event)
    event = JobEvent(at=at, kind=EventKind.TROUBLE, facts={"http_status": 503})
    assert describe_event(event) == "Trouble (HTTP status 503)"
    facts = {"body_bytes": 344, "submitted_at": "2026-11-22T23:42:44", "error_detail": ""}
    sent = JobEvent(at=at, kind=EventKind.STATE, after=JobState.SUBMITTING, facts=facts)
    assert describe_event(sent) == "Sent to the service (344 bytes)"
