from datetime import UTC, datetime

import pytest

from kling_desktop.domain.job import JobState
from kling_desktop.domain.receipt import EventKind, JobEvent
from kling_desktop.wording.library import (
    Scope,
    codec_words,
    empty_words,
    event_words,
    find_shape,
    length_pill,
    rate_words,
    seconds_words,
    short_id,
    shown_words,
    speed_words,
    timecode,
)


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
    assert (seconds_words(5.04), seconds_words(5.5)) == ("5 s", "5.5 s")
    assert (rate_words(30.0), rate_words(23.976)) == ("30 fps", "23.98 fps")
    assert (speed_words(0.25), speed_words(1.0)) == ("0.25×", "1×")
    assert (codec_words("h264"), codec_words("vp9"), codec_words("odd")) == ("H.264", "VP9", "ODD")
    assert shown_words(18, 1048) == "18 of 1,048"
    assert short_id("24cd5dff-cb81-4000-8000-00000000f9d1") == "24cd5dff-cb81…f9d1"
    assert short_id("abc") == "abc"


def test_every_scope_has_its_empty_words() -> None:
    said = {empty_words(scope, filtered=False) for scope in Scope}
    assert len(said) == len(Scope)
    assert {empty_words(scope, filtered=True) for scope in Scope} == {
        ("No clips match", "Try fewer words or clear the filters.")
    }


def test_time_line_in_words() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    for state in JobState:
        event = JobEvent(at=at, kind=EventKind.STATE, after=state, facts={})
        assert event_words(event)
    event = JobEvent(at=at, kind=EventKind.TROUBLE, facts={"http_status": 503})
    assert event_words(event) == "Trouble (http status 503)"
    facts = {"body_bytes": 344, "submitted_at": "2026-11-22T23:42:44", "error_detail": ""}
    sent = JobEvent(at=at, kind=EventKind.STATE, after=JobState.SUBMITTING, facts=facts)
    assert event_words(sent) == "Sent to the service (344 bytes)"
