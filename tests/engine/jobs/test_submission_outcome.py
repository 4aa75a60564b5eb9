"""Whether the service can have accepted what it did not simply accept."""

from datetime import timedelta

import pytest

from kling_desktop.domain.errors import (
    ApiError,
    AuthenticationFailed,
    ConflictingTask,
    ContentRejected,
    InsufficientCredits,
    JobUnknown,
    MediaGone,
    ModelGone,
    NetworkUnreachable,
    RateLimited,
    RequestRejected,
    ServiceUnavailable,
    UnexpectedReply,
)
from kling_desktop.engine.jobs.submission_outcome import (
    SAFE_RESEND_S,
    SubmissionOutcome,
    judge_submission,
    may_resend,
)
from tests.fakes.clock import START


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (NetworkUnreachable(sent=False), SubmissionOutcome.UNSENT),
        (NetworkUnreachable(sent=True), SubmissionOutcome.UNKNOWN),
        (ServiceUnavailable(), SubmissionOutcome.UNKNOWN),
        (ServiceUnavailable(task_scoped=True), SubmissionOutcome.UNKNOWN),
        (UnexpectedReply(), SubmissionOutcome.UNKNOWN),
        (RateLimited(), SubmissionOutcome.UNKNOWN),
        (RateLimited(task_scoped=True), SubmissionOutcome.LATER),
        (AuthenticationFailed(), SubmissionOutcome.PAUSE),
        (InsufficientCredits(), SubmissionOutcome.PAUSE),
        (ConflictingTask(), SubmissionOutcome.UNKNOWN),
        (JobUnknown(), SubmissionOutcome.UNKNOWN),
        (ContentRejected(), SubmissionOutcome.REFUSED),
        (RequestRejected(parameters=["duration"]), SubmissionOutcome.REFUSED),
        (RequestRejected(parameters=["frameImages[0].inputImage"]), SubmissionOutcome.OTHER_FORM),
        (RequestRejected(parameters=["inputs.frameImages"]), SubmissionOutcome.OTHER_FORM),
        (ModelGone(), SubmissionOutcome.REFUSED),
        (MediaGone(), SubmissionOutcome.NEW_UPLOAD),
    ],
)
def test_a_first_send(error: ApiError, outcome: SubmissionOutcome) -> None:
    assert judge_submission(error, sent_before=False) is outcome


def test_a_conflict_on_a_resend_is_an_acceptance() -> None:
    assert judge_submission(ConflictingTask(), sent_before=True) is SubmissionOutcome.ACCEPTED


@pytest.mark.parametrize(
    ("since_s", "elapsed_s", "may"),
    [
        (0, None, True),
        (SAFE_RESEND_S, None, True),
        (SAFE_RESEND_S + 1, None, False),
        (-1, None, True),
        (-60, None, False),
        (60, SAFE_RESEND_S + 1, False),
        (60, 60, True),
    ],
)
def test_the_safe_window(since_s: float, elapsed_s: float | None, may: bool) -> None:
    now = START + timedelta(seconds=since_s)
    assert may_resend(START, now, elapsed_s=elapsed_s) is may


def test_what_was_never_noted_is_not_repeated() -> None:
    assert not may_resend(None, START)
