"""The names of all faults, where each may strike, and what it does."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Point(StrEnum):
    """A place where a fault may strike; a request counts at the point of its first task."""

    SUBMIT = "submit"
    POLL = "poll"
    UPLOAD = "upload"
    ACCOUNT = "account"
    PING = "ping"
    DETAILS = "details"
    ACCEPT = "accept"
    """Counts accepted tasks, not requests: what happens to the task itself."""
    DOWNLOAD = "download"
    """Counts GET requests for videos."""


API_POINTS = (
    Point.SUBMIT, Point.POLL, Point.UPLOAD, Point.ACCOUNT, Point.PING, Point.DETAILS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One way in which things go wrong.

    Attributes:
        points: Where it may strike; the first is the default.
        lasting: Strikes every time by default; else only the first time.
        number: What its number means and is when none is given, empty without a number.
    """

    points: tuple[Point, ...]
    meaning: str
    lasting: bool = False
    number: str = ""


def _api(first: Point, *more: Point) -> tuple[Point, ...]:
    return (first, *(p for p in API_POINTS if p is not first), *more)


_SUBMIT, _POLL = _api(Point.SUBMIT), _api(Point.POLL)
_ANYWHERE = _api(Point.SUBMIT, Point.DOWNLOAD)
_DOWNLOAD, _ACCEPT = (Point.DOWNLOAD,), (Point.ACCEPT,)
_FAILED = "; word item: reported as a data item; word 504: reported with status 504"

FAULTS: Mapping[str, FaultKind] = MappingProxyType({
    # The connection
    "lost_answer": FaultKind(_SUBMIT, "processed, then closed without a byte; word reset: by RST"),
    "reset": FaultKind(_ANYWHERE, "reset (RST) before anything was processed"),
    "dropped": FaultKind(_ANYWHERE, "closed (FIN) before anything was processed"),
    "slow": FaultKind(_ANYWHERE, "answered late", number="seconds, 5"),
    "hang": FaultKind(_ANYWHERE, "neither processed nor answered", number="seconds, 3600"),
    "hang_after": FaultKind(_SUBMIT, "processed, never answered", number="seconds, 3600"),
    # The status; words: after (processed all the same), html, empty, task (error names the task)
    **{
        f"http_{status}": FaultKind(
            _ANYWHERE,
            f"status {status}, not processed; words after, html, empty, task",
            number="Retry-After in seconds, none",
        )
        for status in (400, 401, 402, 403, 404, 408, 429, 500, 502, 503, 504)
    },
    # The body; processed first unless the word before is given
    "html_body": FaultKind(_POLL, "status 200 with a web page; word before: not processed"),
    "empty_body": FaultKind(_POLL, "status 200 with nothing; word before: not processed"),
    "malformed_json": FaultKind(_POLL, "status 200 with JSON cut off; word before: not processed"),
    "errors_200": FaultKind(_SUBMIT, "status 200 with one error for the request, not processed"),
    "singular_error": FaultKind(_SUBMIT, "an early failure: one error object, not processed"),
    "mixed": FaultKind(_SUBMIT, "the last of several tasks is refused, the others go ahead"),
    "conflict": FaultKind(
        (Point.SUBMIT,), "accepted, answered conflictTaskUUID; word before: not accepted"
    ),
    # Standing conditions
    "model_gone": FaultKind((Point.SUBMIT,), "modelNotFound", lasting=True),
    "low_balance": FaultKind((Point.SUBMIT,), "402 insufficientCredits", lasting=True),
    "refuse_seed_frames": FaultKind((Point.SUBMIT,), "frameImages not taken", lasting=True),
    "refuse_inputs_frames": FaultKind((Point.SUBMIT,), "the newer form not taken", lasting=True),
    "refuse_batch": FaultKind(
        (Point.POLL,), "several polls in one request: 400; word partial: only one is answered",
        lasting=True,
    ),
    "unknown_task_error": FaultKind((Point.POLL,), "taskNotFound for unknown ids", lasting=True),
    "balance_object": FaultKind((Point.ACCOUNT,), "balance as an object", lasting=True),
    # What a poll reports
    "empty_data": FaultKind((Point.POLL,), "nothing known, as if never submitted"),
    "unknown_status": FaultKind((Point.POLL,), "running tasks have the status polishing"),
    "pending_status": FaultKind((Point.POLL,), "running tasks have the older status pending"),
    "duplicate_result": FaultKind((Point.POLL,), "every item twice"),
    "half_results": FaultKind((Point.POLL,), "only the first finished result is reported"),
    "no_cost": FaultKind((Point.POLL,), "finished without a cost", lasting=True),
    "media_names": FaultKind((Point.POLL,), "mediaUUID and mediaURL", lasting=True),
    # What the archive of past tasks (getTaskDetails) answers
    "archive_conflict": FaultKind(
        (Point.DETAILS,), "the stored answer is a refused duplicate's conflictTaskUUID",
        lasting=True,
    ),
    "archive_null": FaultKind((Point.DETAILS,), "our request, and response null", lasting=True),
    "archive_missing": FaultKind(
        (Point.DETAILS,), "taskNotFound; word empty: data is empty instead", lasting=True
    ),
    # What becomes of a task
    "invalid_provider_content": FaultKind(_ACCEPT, "refused by the content check" + _FAILED),
    "failed_provider_timeout": FaultKind(_ACCEPT, "the provider took too long" + _FAILED),
    "provider_error": FaultKind(_ACCEPT, "the provider failed" + _FAILED),
    "error_item": FaultKind(_ACCEPT, "the provider failed, reported as a data item"),
    "task_lost": FaultKind(_ACCEPT, "the service no longer knows the task" + _FAILED),
    "stall": FaultKind(_ACCEPT, "takes longer", number="seconds, 600"),
    # The video
    "no_colour_notes": FaultKind(
        _ACCEPT, "made without notes about its colours (matrix, range)", lasting=True
    ),
    "truncated": FaultKind(_DOWNLOAD, "closed half-way of the promised length"),
    "download_reset": FaultKind(_DOWNLOAD, "reset half-way"),
    "wrong_length": FaultKind(_DOWNLOAD, "the promised length and the video are cut alike"),
    "no_length": FaultKind(_DOWNLOAD, "whole, but without a length"),
    "link_expired": FaultKind(_DOWNLOAD, "403 for good; the next poll has a fresh link"),
    "link_gone": FaultKind(_DOWNLOAD, "404 for good; the next poll has a fresh link"),
    "not_ready": FaultKind(_DOWNLOAD, "422"),
    "slow_drip": FaultKind(_DOWNLOAD, "little by little", number="bytes a second, 2000"),
    "not_a_video": FaultKind(_DOWNLOAD, "a web page called video/mp4"),
    "moov_missing": FaultKind(_DOWNLOAD, "a video without its index"),
    "redirect_loopback": FaultKind(_DOWNLOAD, "302 to the same video on this server"),
    "redirect_forbidden": FaultKind(_DOWNLOAD, "302 to plain http on a foreign host"),
    "no_range": FaultKind(_DOWNLOAD, "Range is ignored: 200 and the whole video", lasting=True),
    "changed_etag": FaultKind(_DOWNLOAD, "another ETag than before"),
})  # fmt: skip
