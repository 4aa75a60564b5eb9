"""What a failed submission means: whether the service can have accepted it, and what to do."""

from datetime import datetime, timedelta
from enum import StrEnum

from kling_desktop.domain.errors import (
    ApiError,
    AuthenticationFailed,
    ConflictingTask,
    InsufficientCredits,
    JobUnknown,
    MediaGone,
    NetworkMisconfigured,
    RateLimited,
    Reaction,
    RequestRejected,
    ServiceUnavailable,
)

SAFE_RESEND_S = 3600.0
"""How long after the first send the same body may be sent again without asking the user.

The service does not document how long it remembers a task id.  It surely does while the job can
still be running, and no render takes an hour; after that a resend could be charged as a new job.
"""
CLOCK_TOLERANCE_S = 2.0
"""A wall clock that went back by less than this is still trusted."""

REFUSAL_IS_BELIEVED_S = 180.0
LOOKS_UNTIL_REFUSAL_IS_BELIEVED = 5
"""The service may show nothing of a job that it has, so it is asked this often and this long."""


class SubmissionOutcome(StrEnum):
    """What becomes of a job whose submission did not simply succeed."""

    ACCEPTED = "accepted"
    UNSENT = "unsent"
    PAUSE = "pause"
    LATER = "later"
    WRONG_ENDPOINT = "wrong_endpoint"
    OTHER_FORM = "other_form"
    NEW_UPLOAD = "new_upload"
    REFUSED = "refused"
    UNKNOWN = "unknown"


def judge_submission(error: ApiError, *, sent_before: bool) -> SubmissionOutcome:
    """Say what an error in answer to a submission means for the job.

    Args:
        error: What came back, or did not.
        sent_before: Whether this task id was sent earlier: then a conflict is an acceptance.
    """
    match error:
        case ConflictingTask():
            return SubmissionOutcome.ACCEPTED if sent_before else SubmissionOutcome.UNKNOWN
        case AuthenticationFailed() | InsufficientCredits() | NetworkMisconfigured():
            return SubmissionOutcome.PAUSE
        case ServiceUnavailable(sent=False):
            return SubmissionOutcome.UNSENT
        case RateLimited(task_scoped=True):
            return SubmissionOutcome.LATER
        case ServiceUnavailable(task_scoped=False, http_status=404 | 405):
            return SubmissionOutcome.WRONG_ENDPOINT
        case MediaGone():
            return SubmissionOutcome.NEW_UPLOAD
        case RequestRejected() if names_frames(error):
            return SubmissionOutcome.OTHER_FORM
        case JobUnknown():
            return SubmissionOutcome.UNKNOWN
        case _:
            refused = error.reaction is Reaction.FAIL_JOB
            return SubmissionOutcome.REFUSED if refused else SubmissionOutcome.UNKNOWN


def is_refusal_believed(looks: int, since_s: float) -> bool:
    """Return whether a refused resend means that the first send was not accepted either.

    Args:
        looks: How often the service was asked about the job since, and showed nothing.
        since_s: Seconds since the refusal.
    """
    return looks >= LOOKS_UNTIL_REFUSAL_IS_BELIEVED and since_s >= REFUSAL_IS_BELIEVED_S


def names_frames(error: ApiError) -> bool:
    """Return whether the service found fault with the place where the frames stand."""
    heads = {parameter.split(".")[0].split("[")[0] for parameter in error.parameters}
    return bool(heads & {"frameImages", "inputs"})


def may_resend(
    submitted_at: datetime | None, now: datetime, *, elapsed_s: float | None = None
) -> bool:
    """Return whether the identical body may be sent again without asking the user.

    Args:
        submitted_at: When the first attempt was about to leave, by the wall clock.
        now: The wall clock now.  Earlier than `submitted_at` means that it was set back: then
            nobody knows how long ago the first attempt was, and the answer is no.
        elapsed_s: Seconds since the first attempt by the monotonic clock, where this same process
            made it; it sees through a clock that was set back.
    """
    if submitted_at is None:
        return False
    since = now - submitted_at
    if since < -timedelta(seconds=CLOCK_TOLERANCE_S):
        return False
    return max(since.total_seconds(), elapsed_s or 0.0) <= SAFE_RESEND_S


def build_answer_facts(error: ApiError, outcome: SubmissionOutcome) -> dict[str, object]:
    """Build the facts of an answer and of what was concluded from it, for the job's time line."""
    return {
        "error": error.code,
        "service_code": error.service_code,
        "http_status": error.http_status,
        "detail": error.detail,
        "means": outcome.value,
    }
