"""What each kind of task does: the service behind the wire, whichever wire it is."""

import asyncio
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from kling_desktop.domain.frame_form import FrameForm
from kling_desktop.sandbox.fault_names import Point
from kling_desktop.sandbox.faults import FaultPlan, RequestFacts
from kling_desktop.sandbox.ledger import Ledger, Task
from kling_desktop.sandbox.pictures import is_uuid, keep_picture
from kling_desktop.sandbox.producer import Fate, Producer, refuse_content
from kling_desktop.sandbox.request import VideoRequest, read_request
from kling_desktop.sandbox.service_errors import ServiceError, status_for, unsupported_parameter

Item = dict[str, object]
_NAMES: Mapping[str, tuple[str, ...]] = {
    "getResponse": ("taskType", "taskUUID"),
    "getTaskDetails": ("taskType", "taskUUID"),
    "imageUpload": ("taskType", "taskUUID", "image"),
    "mediaStorage": ("taskType", "taskUUID", "operation", "media"),
    "accountManagement": ("taskType", "taskUUID", "operation"),
    "ping": ("taskType", "taskUUID", "ping"),
}
POINTS: Mapping[str, Point] = {
    "videoInference": Point.SUBMIT,
    "getResponse": Point.POLL,
    "imageUpload": Point.UPLOAD,
    "mediaStorage": Point.UPLOAD,
    "accountManagement": Point.ACCOUNT,
    "ping": Point.PING,
    "getTaskDetails": Point.DETAILS,
}


@dataclass(slots=True)
class Answer:
    """What goes back for one request.

    Attributes:
        status: An HTTP status that one of the tasks insists on, 0 when none does.
    """

    data: list[Item] = field(default_factory=list[Item])
    errors: list[Item] = field(default_factory=list[Item])
    status: int = 0

    @property
    def http_status(self) -> int:
        if self.status:
            return self.status
        if self.errors and not self.data:
            return status_for(str(self.errors[0].get("code")))
        return 200

    def to_body(self) -> dict[str, object]:
        """Return the envelope; without errors there is no such key."""
        body: dict[str, object] = {"data": self.data}
        if self.errors:
            body["errors"] = self.errors
        return body


class Service:
    """Answers tasks; owns nothing but the fault plan in force."""

    def __init__(
        self,
        ledger: Ledger,
        producer: Producer,
        faults: FaultPlan,
        *,
        videos_url: Callable[[], str],
        now: Callable[[], float],
        refuses_unknown_tasks: bool = False,
    ) -> None:
        self.faults = faults
        self._ledger = ledger
        self._producer = producer
        self._videos_url = videos_url
        self._now = now
        self._refuses_unknown_tasks = refuses_unknown_tasks

    async def handle(
        self, tasks: Sequence[Mapping[str, object]], *, dry_run: bool = False
    ) -> Answer:
        """Answer every task of one request; one that is refused does not hold up the others.

        A dry run checks and prices without taking anything.  The service's own form of that answer
        is not documented; the sandbox's is ``{taskType, taskUUID, dryRun: true, cost}``.

        Raises:
            ServiceError: A fault refuses the request as a whole.
        """
        answer = Answer()
        polls = [task for task in tasks if task.get("taskType") == "getResponse"]
        if len(polls) > 1:
            refusal = self.faults.pick(Point.POLL, collect_facts(polls), "refuse_batch")
            if refusal and "partial" in refusal.words:
                tasks = [task for task in tasks if task not in polls[1:]]
            elif refusal:
                raise ServiceError("invalidRequest", "getResponse must be sent alone.")
        for task in tasks:
            kind = task.get("taskType")
            kind = kind if isinstance(kind, str) else ""
            named = task.get("taskUUID")
            named = named if isinstance(named, str) else ""
            try:
                await self._handle_one(kind, named, task, answer, dry_run=dry_run)
            except ServiceError as error:
                answer.errors.append(error.to_item(task_type=kind, task_uuid=named))
        return answer

    async def _handle_one(
        self, kind: str, named: str, task: Mapping[str, object], answer: Answer, *, dry_run: bool
    ) -> None:
        if kind == "videoInference":
            answer.data.extend(await self._submit(task, dry_run=dry_run))
            return
        if kind not in _NAMES:
            raise ServiceError(
                "invalidTaskType",
                f"There is no taskType {kind!r:.60}.",
                parameter="taskType",
                allowed_values=sorted(POINTS),
            )
        unknown = [name for name in task if name not in _NAMES[kind]]
        if unknown:
            raise unsupported_parameter(unknown, _NAMES[kind], f"{kind} does not take this.")
        if kind != "ping" and not is_uuid(named):
            raise ServiceError("invalidTaskUUID", "taskUUID must be a UUID.", parameter="taskUUID")
        if kind == "getResponse":
            self._poll(named, answer)
        elif kind == "getTaskDetails":
            answer.data.extend(self._describe_archived(named))
        else:
            head: Item = {"taskType": kind, **({"taskUUID": named} if named else {})}
            answer.data.append(head | await self._do(kind, named, task))

    async def _do(self, kind: str, named: str, task: Mapping[str, object]) -> Item:
        if kind == "ping":
            return {"pong": True}
        if kind == "accountManagement":
            return self._describe_account(task)
        if kind == "imageUpload":
            media = await self._upload(task.get("image"), "image")
            return {"imageUUID": media, "imageURL": f"{self._videos_url()}/image/{media}"}
        operation = task.get("operation")
        if operation == "upload":
            media = await self._upload(task.get("media"), "media")
            return {
                "operation": "upload",
                "mediaUUID": media,
                "mediaURL": f"{self._videos_url()}/image/{media}",
            }
        if operation == "delete":
            media = task.get("media")
            if not isinstance(media, str) or media not in self._ledger.uploads:
                raise ServiceError("mediaNotFound", "There is no such media.", parameter="media")
            self._ledger.delete_upload(media)
            return {"operation": "delete", "mediaUUID": media}
        raise ServiceError(
            "invalidOperation",
            "mediaStorage can upload and delete.",
            parameter="operation",
            allowed_values=("upload", "delete"),
        )

    async def _upload(self, value: object, parameter: str) -> str:
        picture = await asyncio.to_thread(keep_picture, self._ledger, value, parameter)
        media = str(uuid.uuid4())
        self._ledger.keep_upload(media, picture)
        return media

    # Submitting

    async def _submit(self, request: Mapping[str, object], *, dry_run: bool) -> list[Item]:
        self._refuse_known(request)
        refused = self._refused_forms(request)
        wanted = await asyncio.to_thread(read_request, request, self._ledger, refused)
        self._refuse_known(request)  # the same id may have arrived while the pictures were read
        price = wanted.price * wanted.results
        head: Item = {"taskType": "videoInference", "taskUUID": wanted.uuid}
        if dry_run:
            return [head | {"dryRun": True, "cost": float(price)}]
        if price > self._ledger.free_balance:
            raise ServiceError("insufficientCredits", "The practice balance is too low.")
        task = self._producer.accept(wanted, request, self._draw_fate(wanted))
        if not wanted.synchronous:
            return [head]
        await self._producer.wait_for(task)
        if task.error is not None:
            raise _as_error(task.error)
        return [self._describe_result(task, index) for index in range(len(task.results))]

    def _refuse_known(self, request: Mapping[str, object]) -> None:
        if str(request.get("taskUUID")) in self._ledger.tasks:
            raise _used_before()

    def _refused_forms(self, request: Mapping[str, object]) -> frozenset[FrameForm]:
        facts = collect_facts([request])
        return frozenset(
            form
            for form in FrameForm
            if self.faults.pick(Point.SUBMIT, facts, f"refuse_{form.value}_frames")
        )

    def _draw_fate(self, wanted: VideoRequest) -> Fate:
        facts = RequestFacts(
            frozenset({wanted.uuid}), frozenset({wanted.spec.id}), (wanted.prompt,)
        )
        fault = self.faults.pick(Point.ACCEPT, facts)
        notes = not self.faults.pick(Point.ACCEPT, facts, "no_colour_notes")
        if fault is None:
            return Fate(colour_notes=notes)
        if fault.name == "stall":
            extra_s = 600 if fault.number is None else fault.number
            return Fate(extra_s=extra_s, colour_notes=notes)
        item = "item" in fault.words or fault.name == "error_item"
        delivery = "item" if item else "504" if "504" in fault.words else "errors"
        return Fate(_FATES[fault.name](), delivery)

    # Polling

    def _poll(self, named: str, answer: Answer) -> None:
        task = self._ledger.tasks.get(named)
        if task is None:
            facts = RequestFacts(frozenset({named}))
            fault = self.faults.pick(Point.POLL, facts, "unknown_task_error")
            if fault or self._refuses_unknown_tasks:
                raise ServiceError("taskNotFound", "There is no such task.", parameter="taskUUID")
            return
        answer.data.extend(self._describe_result(task, index) for index in range(len(task.results)))
        head: Item = {"taskType": "videoInference", "taskUUID": task.uuid}
        if task.error is not None:
            failed = head | task.error | {"status": "error"}
            if task.delivery == "item":
                answer.data.append(head | {"status": "error", "error": dict(task.error)})
            else:
                answer.errors.append(failed)
            if task.delivery == "504":
                answer.status = 504
            return
        for index in range(len(task.results), len(task.video_uuids)):
            due = task.ready_at[index]
            span = max(due - task.accepted_at, 0.001)
            part = min(max((self._now() - task.accepted_at) / span, 0.0), 0.99)
            answer.data.append(
                head
                | {
                    "status": "processing",
                    "videoUUID": task.video_uuids[index],
                    "progress": int(part * 100),
                }
            )

    def _describe_result(self, task: Task, index: int) -> Item:
        self._renew_link(task)
        result = task.results[index]
        facts = RequestFacts(frozenset({task.uuid}), frozenset({task.model}), (task.prompt,))
        item: Item = {
            "taskType": "videoInference",
            "taskUUID": task.uuid,
            "status": "success",
            "videoUUID": result.video_uuid,
            "videoURL": f"{self._videos_url()}/video/os/sandbox/ws/{task.link}/vi/"
            f"{result.video_uuid}.mp4",
            "seed": result.seed,
        }
        if self.faults.pick(Point.POLL, facts, "media_names"):
            item["mediaUUID"], item["mediaURL"] = item.pop("videoUUID"), item.pop("videoURL")
        if task.include_cost and not self.faults.pick(Point.POLL, facts, "no_cost"):
            item["cost"] = float(result.cost)
        return item

    def _renew_link(self, task: Task) -> None:
        """Give out a fresh link when the time facts for with `ttl` has passed."""
        if task.ttl_s and self._now() > task.linked_at + task.ttl_s:
            self._ledger.renew_link(task, self._now())

    def _describe_archived(self, named: str) -> list[Item]:
        """Look a task up in the archive of past tasks: its request, and its response once there."""
        task = self._ledger.tasks.get(named)
        fault = self.faults.pick(
            Point.DETAILS,
            RequestFacts(frozenset({named})),
            *("archive_missing", "archive_conflict", "archive_null"),
        )
        name = "" if fault is None else fault.name
        if fault is not None and name == "archive_missing" and "empty" in fault.words:
            return []
        if task is None or name == "archive_missing":
            raise ServiceError("taskNotFound", "There is no such task.", parameter="taskUUID")
        response: Item | None = None
        if name == "archive_conflict":
            item = _used_before().to_item(task_type="videoInference", task_uuid=named)
            response = {"errors": [item]}
        elif task.error is not None and not name:
            response = {"errors": [task.error | {"taskUUID": task.uuid}]}
        elif task.finished and not name:
            response = {"data": [self._describe_result(task, i) for i in range(len(task.results))]}
        head: Item = {"taskType": "getTaskDetails", "taskUUID": named}
        return [head | {"request": [task.request], "response": response}]

    def _describe_account(self, task: Mapping[str, object]) -> Item:
        if task.get("operation") != "getDetails":
            raise ServiceError(
                "invalidOperation",
                "accountManagement can getDetails.",
                parameter="operation",
                allowed_values=("getDetails",),
            )
        amount = float(self._ledger.balance)
        as_object = self.faults.pick(Point.ACCOUNT, RequestFacts(), "balance_object")
        count = len(self._ledger.list_charges())
        used: Item = {"credits": float(self._ledger.charged), "requests": count}
        return {
            "operation": "getDetails",
            "organizationUUID": str(uuid.uuid5(uuid.NAMESPACE_DNS, "sandbox.invalid")),
            "organizationName": "Kling Desktop sandbox (practice money)",
            "AIRSource": "sandbox",
            "balance": {"amount": amount, "currency": "USD"} if as_object else amount,
            "team": [],
            "apiKeys": [{"name": "sandbox", "apiKey": "********"}],
            "usage": dict.fromkeys(("total", "today", "last7Days", "last30Days"), used),
        }


def collect_facts(tasks: Sequence[Mapping[str, object]]) -> RequestFacts:
    """Collect what a rule's filters may look at."""

    def words(name: str) -> list[str]:
        return [value for task in tasks if isinstance(value := task.get(name), str)]

    return RequestFacts(
        frozenset(words("taskUUID")), frozenset(words("model")), tuple(words("positivePrompt"))
    )


def _used_before() -> ServiceError:
    return ServiceError("conflictTaskUUID", "This taskUUID was used before.", parameter="taskUUID")


def _as_error(item: Mapping[str, object]) -> ServiceError:
    return ServiceError(str(item.get("code")), str(item.get("message")))


_FATES: Mapping[str, Callable[[], ServiceError]] = {
    "invalid_provider_content": refuse_content,
    "failed_provider_timeout": lambda: ServiceError(
        "failedProviderTimeout", "The provider took too long."
    ),
    "provider_error": lambda: ServiceError("providerError", "The provider failed."),
    "error_item": lambda: ServiceError("providerError", "The provider failed."),
    "task_lost": lambda: ServiceError("taskNotFound", "There is no such task."),
}
