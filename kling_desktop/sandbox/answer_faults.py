"""How a fault changes what leaves the API: the status, the body, the items."""

import json
from collections.abc import Mapping, Sequence

from kling_desktop.sandbox.faults import Fault
from kling_desktop.sandbox.service import Answer, Item
from kling_desktop.sandbox.service_errors import ServiceError

WEB_PAGE = b"<!doctype html><html><head><title>502</title></head><body>Bad gateway</body></html>"
_CODE_BY_STATUS: Mapping[int, tuple[str, str]] = {
    400: ("invalidRequest", "The request could not be understood."),
    401: ("invalidApiKey", "Invalid API key."),
    402: ("insufficientCredits", "The balance is too low."),
    403: ("forbidden", "This key may not do that."),
    404: ("notFound", "There is no such thing."),
    408: ("requestTimeout", "The request took too long."),
    429: ("rateLimitExceeded", "Too many requests."),
    500: ("internalServerError", "Something went wrong."),
    502: ("badGateway", "The service behind could not be reached."),
    503: ("serviceUnavailable", "There is no capacity."),
    504: ("gatewayTimeout", "Waited too long in the queue."),
}
_BEFORE = frozenset({"reset", "dropped", "hang", "errors_200", "singular_error", "model_gone",
                     "low_balance"})  # fmt: skip


class RawAnswer:
    """Status, headers and body as they go out."""

    def __init__(
        self,
        status: int,
        body: bytes,
        kind: str = "application/json",
        retry_after: float | None = None,
    ) -> None:
        self.status = status
        self.body = body
        self.headers = {"content-type": kind}
        if retry_after is not None:
            self.headers["retry-after"] = f"{retry_after:g}"


def strikes_before(fault: Fault) -> bool:
    """Return whether a fault keeps the request from being processed."""
    if fault.name.startswith("http_"):
        return "after" not in fault.words
    return fault.name in _BEFORE or "before" in fault.words


def status_of(fault: Fault) -> int:
    """Return the status that an ``http_…`` fault is named after, else 0."""
    return int(fault.name.removeprefix("http_")) if fault.name.startswith("http_") else 0


def encode_answer(answer: Answer) -> RawAnswer:
    return RawAnswer(answer.http_status, _json(answer.to_body()))


def distort_answer(
    fault: Fault, answer: Answer, tasks: Sequence[Mapping[str, object]]
) -> RawAnswer:
    """Return what leaves instead of the answer; for faults of the connection, the answer."""
    name = fault.name
    if status := status_of(fault):
        return _refuse(fault, status, tasks)
    if name == "html_body":
        return RawAnswer(200, WEB_PAGE, "text/html")
    if name == "empty_body":
        return RawAnswer(200, b"")
    if name == "malformed_json":
        whole = encode_answer(answer).body
        return RawAnswer(200, whole[: max(1, len(whole) * 2 // 3)])
    if name == "errors_200":
        return RawAnswer(200, _json({"errors": [_error(500).to_item()]}))
    if name == "singular_error":
        first = tasks[0]
        body = {"error": _error(400).to_item(), "taskType": first.get("taskType"),
                "taskUUID": first.get("taskUUID")}  # fmt: skip
        return RawAnswer(400, _json(body))
    if name in ("model_gone", "low_balance"):
        code = "modelNotFound" if name == "model_gone" else "insufficientCredits"
        refusal = ServiceError(code, "Not any more.", parameter="model" if code[0] == "m" else "")
        answer = Answer(errors=[_with_task(refusal, task) for task in tasks])
    elif name == "conflict":
        taken = ServiceError("conflictTaskUUID", "This taskUUID was used before.")
        answer = Answer(errors=[_with_task(taken, task) for task in tasks])
    else:
        answer = _change_items(name, answer)
    return encode_answer(answer)


def _refuse(fault: Fault, status: int, tasks: Sequence[Mapping[str, object]]) -> RawAnswer:
    if "html" in fault.words:
        return RawAnswer(status, WEB_PAGE, "text/html", fault.number)
    if "empty" in fault.words:
        return RawAnswer(status, b"", "text/plain", fault.number)
    error = _error(status)
    named = "task" in fault.words
    items = [_with_task(error, task) for task in tasks] if named else [error.to_item()]
    return RawAnswer(status, _json({"data": [], "errors": items}), retry_after=fault.number)


def _change_items(name: str, answer: Answer) -> Answer:
    items = answer.data
    if name == "empty_data":
        return Answer()
    if name in ("unknown_status", "pending_status"):
        word = "polishing" if name == "unknown_status" else "pending"
        items = [i | {"status": word} if i.get("status") == "processing" else i for i in items]
    elif name == "duplicate_result":
        items = [item for item in items for _ in range(2)]
    elif name == "half_results":
        items = _hold_back(items)
    return Answer(items, answer.errors, answer.status)


def _hold_back(items: Sequence[Item]) -> list[Item]:
    """Report only the first finished result of each task; the others look unfinished."""
    reported: set[object] = set()
    kept: list[Item] = []
    for item in items:
        uuid = item.get("taskUUID")
        if item.get("status") != "success" or uuid not in reported:
            kept.append(item)
            reported.add(uuid)
        else:
            names = ("taskType", "taskUUID", "videoUUID")
            kept.append({n: item[n] for n in names if n in item} | {"status": "processing"})
    return kept


def _error(status: int) -> ServiceError:
    return ServiceError(*_CODE_BY_STATUS[status])


def _with_task(error: ServiceError, task: Mapping[str, object]) -> Item:
    return error.to_item(task_type=str(task.get("taskType")), task_uuid=str(task.get("taskUUID")))


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
