"""What the service's answers mean: JSON in every shape it has been seen in, read by task id."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from kling_desktop.api.envelope import Envelope, find_envelope, read_envelope
from kling_desktop.api.error_classification import classify_error, classify_status
from kling_desktop.api.error_text import clean_detail
from kling_desktop.api.json_values import (
    JsonObject,
    as_words,
    find_number,
    find_text,
    find_whole,
    list_objects,
)
from kling_desktop.domain.errors import (
    ApiError,
    AuthenticationFailed,
    ConflictingTask,
    ContentRejected,
    GenerationFailed,
    InsufficientCredits,
    JobUnknown,
    RateLimited,
    Reaction,
    RequestRejected,
    ServiceUnavailable,
    UnexpectedReply,
)
from kling_desktop.domain.job import MediaId, TaskId
from kling_desktop.domain.limits import HIGHEST_COST_USD, LARGEST_SEED
from kling_desktop.domain.reasons import Reason

_RUNNING_WORDS: Final = frozenset({"processing", "pending", "queued", "scheduled", "waiting"})
_DONE_WORD: Final = "success"
_ERROR_WORD: Final = "error"
_COST_PLACES: Final = 8


class RemoteState(StrEnum):
    """What the service says about one task.

    UNCLEAR is an answer that named the task and gave no verdict (`TaskStatus.error` says why): the
    question has failed, not the job.  ABSENT is an answer that did not name it: not known *yet*.
    """

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABSENT = "absent"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteResult:
    """One finished video.

    Attributes:
        result_id: The service's UUID of the video; empty when it gave none.
        url: Where the file is, for a limited time.
        cost_usd: What it cost; None when the service did not say or said 0.
        nsfw: What the safety check said, None when there was none.
    """

    result_id: str
    url: str
    cost_usd: Decimal | None = None
    seed: int | None = None
    nsfw: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStatus:
    """What one answer said about one task.

    Attributes:
        state: The verdict.
        progress: Percent, where the service reports it.
        results: Videos finished so far, each once, in the service's order.
        error: Why it failed (FAILED) or why there is no verdict (UNCLEAR); else None.
    """

    task_id: TaskId
    state: RemoteState
    progress: int | None = None
    results: tuple[RemoteResult, ...] = ()
    error: ApiError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose key it is.

    Attributes:
        balance: Money left; None when the key may not read it or the service did not say.
        free_balance: The part of it that was a gift, where the service says so.
        currency: Such as ``USD``.
    """

    balance: Decimal | None = None
    free_balance: Decimal | None = None
    currency: str = "USD"
    organization: str = ""


def read_submission(
    http_status: int,
    body: bytes | str,
    task_id: TaskId,
    *,
    retry_after_s: float | None = None,
) -> TaskStatus:
    """Read the answer to a request that held this one task.

    Returns:
        RUNNING for an acknowledgement, or the verdict if the answer already holds one.

    Raises:
        ConflictingTask: The id is taken; on a resend that means «already accepted».
        ApiError: A refusal (`task_scoped` where it named the task), trouble, or nonsense.
    """
    envelope = _read(http_status, body, retry_after_s)
    items = [item for item in envelope.data if _names(item, task_id)]
    errors = [item for item in envelope.errors if _names(item, task_id)]
    if results := _list_results(items):
        return TaskStatus(task_id=task_id, state=RemoteState.SUCCEEDED, results=results)
    unscoped = [item for item in envelope.errors if not find_text(item, "taskUUID")]
    for item in errors or ([] if items else unscoped):
        error = classify_error(item, http_status, accepted=False, retry_after_s=retry_after_s)
        if not items:
            raise error
        if not isinstance(error, ConflictingTask):  # no refusal: a new id could be a second charge
            raise _as_doubt(Reason.ANSWER_CONTRADICTS_ITSELF, error)
    if not items:
        raise _explain_silence(http_status, body, retry_after_s)
    status = _read_task(task_id, items, [], http_status, 1)
    if status.error is not None:
        raise status.error
    return status


def read_statuses(
    http_status: int,
    body: bytes | str,
    task_ids: Sequence[TaskId],
    *,
    retry_after_s: float | None = None,
    expected: int = 1,
) -> dict[TaskId, TaskStatus]:
    """Read the answer to a question about these tasks; each gets an entry.

    A refusal of the question itself never becomes a verdict on a job: it is raised as something
    to be asked again.

    Args:
        http_status: Of the reply; a body that names a task counts more.
        body: As it came.
        task_ids: Who was asked about.
        retry_after_s: The reply's Retry-After in seconds.
        expected: How many videos each task was to make; it has ended when that many have an end.

    Raises:
        ApiError: The answer says nothing about any of them but that something is wrong.
    """
    envelope = _read(http_status, body, retry_after_s)
    unscoped = [item for item in envelope.errors if not find_text(item, "taskUUID")]
    general = _find_general_error(unscoped, http_status, retry_after_s)
    found: dict[TaskId, TaskStatus] = {}
    for task_id in task_ids:
        items = [item for item in envelope.data if _names(item, task_id)]
        errors = [item for item in envelope.errors if _names(item, task_id)]
        if items or errors:
            found[task_id] = _read_task(
                task_id, items, errors, http_status, expected, retry_after_s
            )
    if not found and general is not None:
        raise general
    if not found and not 200 <= http_status < 300:
        raise _explain_silence(http_status, body, retry_after_s)
    missing = RemoteState.ABSENT if general is None else RemoteState.UNCLEAR
    return {
        task_id: found.get(task_id, TaskStatus(task_id=task_id, state=missing, error=general))
        for task_id in task_ids
    }


def read_task_details(
    http_status: int,
    body: bytes | str,
    task_id: TaskId,
    *,
    retry_after_s: float | None = None,
) -> TaskStatus:
    """Read what the archive of past tasks says about one task.

    Only a task that is found settles anything.  The archive keeps the latest answer, and that can
    be the refusal of a second submission of the same task: it says nothing against the first.

    Returns:
        SUCCEEDED with results, FAILED for the end of a task that was accepted, RUNNING when our own
        request is there without an answer or with nothing but the conflict of a second submission,
        UNCLEAR with the error for any other refusal, and ABSENT when the task is not found or the
        service has no such archive, which proves nothing.

    Raises:
        ApiError: The question failed; it says nothing about the task.
    """
    envelope = _read(http_status, body, retry_after_s)
    absent = TaskStatus(task_id=task_id, state=RemoteState.ABSENT)
    item = next((item for item in envelope.data if _is_archived(item, task_id)), None)
    if item is None:
        for refused in envelope.errors:
            error = classify_error(refused, http_status, accepted=False)
            if error.reaction is not Reaction.FAIL_JOB:
                raise error
        if not envelope.errors and not 200 <= http_status < 300:
            raise _explain_silence(http_status, body, retry_after_s)
        return absent
    answer = find_envelope(item.get("response")) or Envelope((), ())
    items = [found for found in answer.data if _may_name(found, task_id)]
    results = _list_results(items)
    errors = [error for error in answer.errors if _may_name(error, task_id)]
    ends, doubts = _judge_archived(errors)
    if results:
        return TaskStatus(task_id=task_id, state=RemoteState.SUCCEEDED, results=results)
    if ends:
        return TaskStatus(task_id=task_id, state=RemoteState.FAILED, error=ends[0])
    if doubts:
        return TaskStatus(task_id=task_id, state=RemoteState.UNCLEAR, error=doubts[0])
    return TaskStatus(task_id=task_id, state=RemoteState.RUNNING)


def read_upload(
    http_status: int, body: bytes | str, *, retry_after_s: float | None = None
) -> MediaId:
    """Read the id of an uploaded picture from either kind of upload.

    Raises:
        ApiError: It was refused, or there is no id in the answer.
    """
    try:
        item = _read_single(http_status, body, retry_after_s)
    except ServiceUnavailable as error:
        if http_status != HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise
        # Whoever says so: the same picture would be too large again and again.
        raise RequestRejected(detail=error.detail, http_status=http_status) from error
    media_id = find_text(item, "imageUUID", "mediaUUID")
    if not media_id:
        raise _explain_silence(http_status, body, retry_after_s)
    return MediaId(media_id)


def read_account(
    http_status: int, body: bytes | str, *, retry_after_s: float | None = None
) -> Account:
    """Read the account; its balance comes as a number or as an object.

    Raises:
        ApiError: The key was refused or there is no account in the answer.
    """
    item = _read_single(http_status, body, retry_after_s)
    balance = item.get("balance")
    money: JsonObject = balance if isinstance(balance, dict) else {"amount": balance}
    return Account(
        balance=_sane(find_number(money, "amount")),
        free_balance=_sane(find_number(money, "freeBalance")),
        currency=clean_detail(find_text(money, "currency"), 8) or "USD",
        organization=clean_detail(find_text(item, "organizationName"), 120),
    )


def read_ping(http_status: int, body: bytes | str, *, retry_after_s: float | None = None) -> None:
    """Make sure that a ping was answered.

    Raises:
        ApiError: It was not.
    """
    item = _read_single(http_status, body, retry_after_s)
    if item.get("pong") is not True:
        raise _explain_silence(http_status, body, retry_after_s)


def _read(http_status: int, body: bytes | str, retry_after_s: float | None) -> Envelope:
    """Read the envelope; where there is none, the HTTP status alone says what it means."""
    try:
        return read_envelope(body, http_status=http_status)
    except UnexpectedReply as error:
        if 200 <= http_status < 300:
            raise
        raise classify_status(http_status, error.detail, retry_after_s=retry_after_s) from error


def _read_single(http_status: int, body: bytes | str, retry_after_s: float | None) -> JsonObject:
    envelope = _read(http_status, body, retry_after_s)
    for item in envelope.errors:
        raise classify_error(item, http_status, accepted=False, retry_after_s=retry_after_s)
    if not envelope.data:
        raise _explain_silence(http_status, body, retry_after_s)
    return envelope.data[0]


def _explain_silence(http_status: int, body: bytes | str, retry_after_s: float | None) -> ApiError:
    return classify_status(http_status, clean_detail(body), retry_after_s=retry_after_s)


def _names(item: JsonObject, task_id: TaskId) -> bool:
    return find_text(item, "taskUUID").casefold() == task_id.casefold()


def _may_name(item: JsonObject, task_id: TaskId) -> bool:
    """Say whether an item is about this task, or names none where only this one can be meant."""
    return not find_text(item, "taskUUID") or _names(item, task_id)


def _is_archived(item: JsonObject, task_id: TaskId) -> bool:
    """Say whether an item of the archive holds our own request for this task."""
    if not _may_name(item, task_id):
        return False
    return any(
        find_text(request, "taskType").casefold() == "videoinference"
        and (_names(request, task_id) or (_names(item, task_id) and _may_name(request, task_id)))
        for request in list_objects(item.get("request"))
    )


def _judge_archived(errors: list[JsonObject]) -> tuple[list[ApiError], list[ApiError]]:
    """Split errors into ends of an accepted task and refusals of a request, maybe a later one."""
    ends: list[ApiError] = []
    doubts: list[ApiError] = []
    for item in errors:
        error = classify_error(item, 200)
        final = find_text(item, "status").casefold() == _ERROR_WORD
        if isinstance(error, ConflictingTask):
            continue  # a second submission was refused, so the first one stands
        judged = final and error.reaction is Reaction.FAIL_JOB and not isinstance(error, JobUnknown)
        if judged or isinstance(error, GenerationFailed | ContentRejected):
            ends.append(error)
        else:
            doubts.append(_as_refused_question(error))
    return ends, doubts


def _find_general_error(
    unscoped: list[JsonObject], http_status: int, retry_after_s: float | None
) -> ApiError | None:
    """Read an error that named no task; it can stop the asking, but never fail a job."""
    for item in unscoped:
        error = classify_error(item, http_status, accepted=False, retry_after_s=retry_after_s)
        return _as_refused_question(error)
    return None


def _as_refused_question(error: ApiError) -> ApiError:
    if error.reaction is not Reaction.FAIL_JOB:
        return error
    return _as_doubt(Reason.QUESTION_REFUSED, error)


def _as_doubt(reason: Reason, error: ApiError) -> UnexpectedReply:
    return UnexpectedReply(
        reason,
        detail=error.detail,
        service_code=error.service_code,
        parameters=error.parameters,
        http_status=error.http_status,
    )


def _read_task(
    task_id: TaskId,
    items: list[JsonObject],
    errors: list[JsonObject],
    http_status: int,
    expected: int,
    retry_after_s: float | None = None,
) -> TaskStatus:
    """Weigh everything one answer says about one task: a video counts most, then a verdict."""
    results = _list_results(items)
    running, odd_words, progress = _look_at_rest(items)
    verdicts: list[ApiError] = []
    doubts: list[ApiError] = []
    for item in errors:
        error = classify_error(item, http_status, retry_after_s=retry_after_s)
        if isinstance(error, ConflictingTask):  # an echo of a resend: the task is known there
            running = True
        elif _is_verdict(error, item):
            verdicts.append(error)
        else:
            doubts.append(_as_refused_question(error))
    doubts += [
        UnexpectedReply(
            Reason.ANSWER_WITH_UNKNOWN_STATUS,
            facts={"status": word},
            detail=word,
            task_scoped=True,
            http_status=http_status,
        )
        for word in odd_words
    ]
    state, error = RemoteState.UNCLEAR, doubts[0] if doubts else None
    if results and len(results) + len(verdicts) >= expected:
        state, error = RemoteState.SUCCEEDED, None
    elif verdicts and len(verdicts) >= expected:
        state, error = RemoteState.FAILED, verdicts[0]
    elif running or results or verdicts or not doubts:
        state, error = RemoteState.RUNNING, None
    return TaskStatus(task_id=task_id, state=state, progress=progress, results=results, error=error)


def _is_verdict(error: ApiError, item: JsonObject) -> bool:
    """Say whether an error that names the task judges the job, or merely this question."""
    final = find_text(item, "status").casefold() == _ERROR_WORD
    match error:
        case AuthenticationFailed() | RateLimited():
            return False
        case InsufficientCredits():
            return final
        case RequestRejected():
            return final or find_text(item, "taskType").casefold() != "getresponse"
        case _:
            return error.reaction is Reaction.FAIL_JOB


def _look_at_rest(items: list[JsonObject]) -> tuple[bool, list[str], int | None]:
    """Look at the items that hold no video: is one running, which words are odd, how far is it."""
    running, odd_words = False, list[str]()
    progress: int | None = None
    for item in items:
        if _read_result(item) is not None:
            continue
        word = as_words(item.get("status")).strip().casefold()
        if word in _RUNNING_WORDS or (not word and item.get("status") is None):
            running = True
            progress = _read_progress(item) if progress is None else progress
        else:
            odd_words.append(clean_detail(word, 40) or "no status")
    return running, odd_words, progress


def _list_results(items: list[JsonObject]) -> tuple[RemoteResult, ...]:
    """List the finished videos, each once, however often and in whatever order it is repeated."""
    found: dict[object, RemoteResult] = {}
    for item in items:
        result = _read_result(item)
        if result is not None:
            index = find_whole(item, "resultIndex")
            found.setdefault(index if index is not None else result.result_id or result.url, result)
    return tuple(found.values())


def _read_result(item: JsonObject) -> RemoteResult | None:
    """Read a finished video; an id alone does not mean finished, an address without status does."""
    url = find_text(item, "videoURL", "mediaURL")
    word = as_words(item.get("status")).strip().casefold()
    if not url or word not in ("", _DONE_WORD):
        return None
    nsfw = item.get("NSFWContent")
    cost = _sane(find_number(item, "cost"))
    return RemoteResult(
        result_id=find_text(item, "videoUUID", "mediaUUID"),
        url=url,
        cost_usd=cost if cost else None,
        seed=_read_seed(item),
        nsfw=nsfw if isinstance(nsfw, bool) else None,
    )


def _read_progress(item: JsonObject) -> int | None:
    percent = find_number(item, "progress")
    if percent is None or not percent.is_finite():
        return None
    return int(min(max(percent, Decimal(0)), Decimal(100)))


def _read_seed(item: JsonObject) -> int | None:
    seed = find_whole(item, "seed")
    return seed if seed is not None and 0 <= seed <= LARGEST_SEED else None


def _sane(amount: Decimal | None) -> Decimal | None:
    """Keep a sum of money that can be one, to a hundred-millionth; None for all else."""
    if amount is None or not amount.is_finite() or not 0 <= amount < HIGHEST_COST_USD:
        return None
    exponent = amount.as_tuple().exponent
    too_fine = isinstance(exponent, int) and exponent < -_COST_PLACES
    return round(amount, _COST_PLACES) if too_fine else amount
