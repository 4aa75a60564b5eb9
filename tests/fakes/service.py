"""The service as a test wants it: a script for each task, a ledger, and nothing on the network.

    service = FakeService(video=some_mp4)
    service.script("*", Ack(), Processing(2), Success(cost="0.35"))      # every task without its own
    service.script(task_id, LoseAnswer(), Failure("invalidProviderContent"))
    client = service.make_client()

A submit takes the next step of its task's script; a step that is no answer to a submit accepts the
task by the way.  Once accepted, the same id gets ``conflictTaskUUID`` and each question takes the
next step; the last one repeats, and a script that ends without an end ends in `Success`.
"""

import asyncio
import hashlib
import json
from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx

from kling_desktop.api.client import ApiClient
from kling_desktop.domain.job import TaskId
from kling_desktop.domain.secret import ApiKey
from tests.fakes.file_host import FakeFileHost, no_network
from tests.fakes.service_script import (
    Absent,
    Ack,
    Broken,
    Failure,
    FileStep,
    LoseAnswer,
    Processing,
    Refuse,
    Silence,
    Step,
    Success,
    Trouble,
    Unreachable,
    unroll,
)

BASE_URL = "https://api.runware.test/v1"
KEY = "rw-Test0Key1For2The3Fake4Service5"
SMALL_VIDEO = bytes(range(256)) * 1024
"""256 KB that are no video; tests that open it pass a real one."""

Distort = Callable[[list[dict[str, Any]], list[dict[str, Any]]], object]


@dataclass(frozen=True)
class Charge:
    """One acceptance that costs money."""

    task_id: TaskId
    cost_usd: Decimal


@dataclass(frozen=True)
class Upload:
    """One picture that was uploaded, by which kind of request."""

    media_id: str
    sha256: str
    size_bytes: int
    task_type: str


@dataclass
class FakeTask:
    """One task as the service knows it."""

    task_id: TaskId
    steps: list[Step]
    body: dict[str, Any] = field(default_factory=dict[str, Any])
    submissions: int = 0
    acceptances: int = 0
    questions: int = 0
    known: bool = False
    archived: bool = False
    archived_response: object = None

    def take(self) -> Step:
        """Return the next step; the last one is never used up."""
        return self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]


class _WholeAnswer(Exception):
    """The answer to the whole request, whatever else was in it."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__()
        self.response = response


class FakeService:
    """The service behind `httpx.MockTransport`; it outlives the clients that a test throws away.

    Attributes:
        ledger: Every acceptance that costs money, in order; a job charged twice is in it twice.
        tasks: What was ever submitted or scripted by its own id.
        uploads: Pictures that were uploaded.
        posts: The task types of each POST that arrived, one list for each.
        files: The host of the finished videos, with its own script.
        takes_batches: False refuses several questions in one POST; "first" answers only the first.
        balance: What the account says: a number, an object, or None for a key that may not ask.
        takes_image_upload: False refuses ``imageUpload`` as a kind of task that is not known.
        archive_trouble: How each ``getTaskDetails`` fails, None when it is answered.
        has_archive: False refuses ``getTaskDetails`` as a kind of task that is not known.
        refuse_resends: How a task that is known already is refused, instead of as a conflict.
        distort: Changes the data and the errors of each answer before it leaves.
    """

    def __init__(self, *, video: bytes = SMALL_VIDEO, key: str = KEY) -> None:
        self.key = key
        self.ledger: list[Charge] = []
        self.tasks: dict[TaskId, FakeTask] = {}
        self.uploads: list[Upload] = []
        self.posts: list[list[str]] = []
        self.files = FakeFileHost(video)
        self.takes_batches: bool | str = True
        self.balance: object = 12.5
        self.takes_image_upload = True
        self.has_archive = True
        self.archive_trouble: Trouble | None = None
        self.refuse_resends: Refuse | None = None
        self.distort: Distort = lambda _data, _errors: None
        self.transport: httpx.AsyncBaseTransport = httpx.MockTransport(self._answer)
        self._default: tuple[Step, ...] = (Ack(), Success())
        self._next: list[Callable[[httpx.Request], httpx.Response | None]] = []
        self._lost_answers = 0
        self._down = False
        self._gates: dict[str, asyncio.Event] = {}

    # How a test tells it what to do.

    def make_client(self, *, key: str | None = KEY) -> ApiClient:
        """Return a new client of this service; the test closes it."""
        return ApiClient(
            BASE_URL, lambda: None if key is None else ApiKey(key), transport=self.transport
        )

    def script(self, task: TaskId | str, *steps: Step) -> None:
        """Lay down what happens to a task, or with ``"*"`` to all that have no script of their own.

        A script for a task already known replaces what was left of its story.
        """
        if task == "*":
            self._default = steps
        elif (known := self.tasks.get(TaskId(task))) is not None:
            known.steps = self._complete(steps)
        else:
            self.tasks[TaskId(task)] = FakeTask(TaskId(task), self._complete(steps))

    def script_download(self, task: TaskId | str, *steps: FileStep) -> None:
        """Lay down what the file host does with a task's video, or ``"*"`` for every one."""
        self.files.script(task, *steps)

    def lose_next_answer(self, times: int = 1) -> None:
        """Work on the next requests as always, but let the connection break before the answer."""
        self._lost_answers += times

    def refuse_next(self, refusal: Refuse) -> None:
        """Refuse the next request, whatever it asks, without naming a task."""
        error = {"code": refusal.code, "message": refusal.message}
        self.answer_next(refusal.http_status, json.dumps({"errors": [error]}))

    def answer_next(self, http_status: int, body: str = "", **headers: str) -> None:
        """Answer the next request with this and look at nothing."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._next.append(lambda _: httpx.Response(http_status, text=body, headers=named))

    def down(self) -> None:
        """Take the network away: no host can be reached."""
        self._down = self.files.down = True

    def up(self) -> None:
        self._down = self.files.down = False

    def hold(self, task_type: str) -> asyncio.Event:
        """Keep requests of this kind waiting, before they are looked at, until the event is set."""
        return self._gates.setdefault(task_type, asyncio.Event())

    def forget(self, task_id: TaskId, *, archived: bool = False) -> None:
        """Forget a task: questions find nothing, and the same id would be charged again.

        With `archived` the archive of past tasks goes on knowing it.
        """
        self.tasks[task_id].known = False
        self.tasks[task_id].archived = archived

    def archive(self, task_id: TaskId, response: object) -> None:
        """Let the archive answer about a task with this ``response``, whatever became of it."""
        self.tasks[task_id].archived = True
        self.tasks[task_id].archived_response = response

    # What a test wants to know.

    def count_posts(self, task_type: str) -> int:
        """Count the POSTs that held such a task."""
        return sum(task_type in post for post in self.posts)

    def count_acceptances(self, task_id: TaskId) -> int:
        return self.tasks[task_id].acceptances if task_id in self.tasks else 0

    @property
    def charged(self) -> set[TaskId]:
        return {charge.task_id for charge in self.ledger}

    @property
    def total_usd(self) -> Decimal:
        return sum((charge.cost_usd for charge in self.ledger), Decimal(0))

    # How it answers.

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return self.files.answer(request)
        if self._down:
            raise no_network(request)
        if self._next:
            response = self._next.pop(0)(request)
            if response is not None:
                return response
        tasks: list[dict[str, Any]] = json.loads(request.content)
        self.posts.append([task["taskType"] for task in tasks])
        for task in tasks:
            if (gate := self._gates.get(task["taskType"])) is not None:
                await gate.wait()
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return _refusal(401, {"code": "invalidApiKey", "message": "The key is not known."})
        try:
            response = self._work(request, tasks)
        except _WholeAnswer as whole:
            response = whole.response
        if self._lost_answers:
            self._lost_answers -= 1
            raise httpx.ReadError("the connection broke", request=request)
        return response

    def _work(self, request: httpx.Request, tasks: Sequence[dict[str, Any]]) -> httpx.Response:
        questions = [task for task in tasks if task["taskType"] == "getResponse"]
        if len(questions) > 1 and self.takes_batches is False:
            message = "Only one task of this kind at a time."
            return _refusal(400, {"code": "invalidRequest", "message": message})
        if len(questions) > 1 and self.takes_batches == "first":
            tasks = questions[:1]
        data: list[dict[str, Any]] = []
        errors: list[dict[str, Any]] = []
        status = 200
        for task in tasks:
            match task["taskType"]:
                case "videoInference":
                    status = max(status, self._submit(request, task, data, errors))
                case "getResponse":
                    status = max(status, self._ask(request, TaskId(task["taskUUID"]), data, errors))
                case "getTaskDetails" if self.archive_trouble is not None:
                    raise _WholeAnswer(_trouble(self.archive_trouble))
                case "getTaskDetails" if self.has_archive:
                    self._look_up(TaskId(task["taskUUID"]), data, errors)
                case "imageUpload" | "mediaStorage":
                    self._upload(task, data, errors)
                case "accountManagement" if self.balance is None:
                    errors.append({**_named(task), "code": "forbidden", "message": "No rights."})
                    status = 403
                case "accountManagement":
                    data.append({**_named(task), "balance": self.balance, "organizationName": "T"})
                case "ping":
                    data.append({**_named(task), "pong": True})
                case other:
                    errors.append({**_named(task), "code": "invalidTaskType", "message": other})
        status = 400 if errors and not data and status == 200 and not questions else status
        self.distort(data, errors)
        answer: dict[str, Any] = {"data": data}
        if errors:
            answer["errors"] = errors
        return httpx.Response(status, content=json.dumps(answer))

    def _submit(
        self,
        request: httpx.Request,
        body: dict[str, Any],
        data: list[dict[str, Any]],
        errors: list[dict[str, Any]],
    ) -> int:
        task_id = TaskId(body["taskUUID"])
        task = self.tasks.setdefault(task_id, FakeTask(task_id, self._complete(self._default)))
        task.submissions += 1
        if task.known and self.refuse_resends is not None:
            return self._refuse(self.refuse_resends, body, errors)
        if task.known:
            errors.append({**_named(body), "code": "conflictTaskUUID", "message": "Taken."})
            return 400
        step = task.steps[0]
        if not isinstance(step, Processing | Absent | Success | Failure):
            task.take()
        if isinstance(step, Refuse):
            return self._refuse(step, body, errors)
        _fail_connection(step, request)
        if isinstance(step, Trouble) and not step.accepted:
            raise _WholeAnswer(_trouble(step))
        self._accept(task, body)
        if isinstance(step, LoseAnswer):
            raise httpx.ReadError("the connection broke", request=request)
        if isinstance(step, Trouble):
            raise _WholeAnswer(_trouble(step))
        data.append(_named(body))
        return 200

    def _accept(self, task: FakeTask, body: dict[str, Any]) -> None:
        task.known, task.body = True, body
        task.acceptances += 1
        end = task.steps[-1]
        if isinstance(end, Success):
            self.ledger.append(Charge(task.task_id, end.cost_usd))
        elif isinstance(end, Failure) and end.charged:
            self.ledger.append(Charge(task.task_id, Decimal("0.35")))

    @staticmethod
    def _refuse(step: Refuse, body: dict[str, Any], errors: list[dict[str, Any]]) -> int:
        error: dict[str, Any] = {"code": step.code, "message": step.message}
        if step.parameter:
            error["parameter"] = step.parameter
        if step.allowed_values:
            error["allowedValues"] = list(step.allowed_values)
        errors.append({**_named(body), **error} if step.scoped else error)
        return step.http_status

    def _ask(
        self,
        request: httpx.Request,
        task_id: TaskId,
        data: list[dict[str, Any]],
        errors: list[dict[str, Any]],
    ) -> int:
        task = self.tasks.get(task_id)
        if task is None or not task.known:
            return 200
        task.questions += 1
        while isinstance(task.steps[0], Ack | LoseAnswer):
            task.steps.pop(0)
        step = task.take()
        named = {"taskType": "videoInference", "taskUUID": task_id}
        _fail_connection(step, request)
        match step:
            case Trouble():
                raise _WholeAnswer(_trouble(step))
            case Refuse():
                return self._refuse(step, {**named, "taskType": "getResponse"}, errors)
            case Processing(word=word, progress=progress):
                extra = {} if progress is None else {"progress": progress}
                data.append({**named, "status": word, **extra})
            case Success():
                data.append({**named, **self._describe_video(task, step)})
            case Failure(code=code, message=message):
                error = {"code": code, "message": message}
                if step.inside_data:
                    data.append({**named, "status": "error", "error": error})
                else:
                    errors.append({**named, "status": "error", **error})
                return step.http_status
            case _:
                pass
        return 200

    def _look_up(
        self, task_id: TaskId, data: list[dict[str, Any]], errors: list[dict[str, Any]]
    ) -> None:
        """Answer from the archive: the request, and the answer that getResponse would give."""
        named = {"taskType": "getTaskDetails", "taskUUID": task_id}
        task = self.tasks.get(task_id)
        if task is None or not (task.known or task.archived):
            errors.append({**named, "code": "taskNotFound", "message": "There is no such task."})
            return
        step = next(step for step in task.steps if not isinstance(step, Ack | LoseAnswer))
        response = task.archived_response
        told = {"taskType": "videoInference", "taskUUID": task_id}
        if response is None and isinstance(step, Success):
            response = {"data": [{**told, **self._describe_video(task, step)}]}
        elif response is None and isinstance(step, Failure):
            error = {**told, "status": "error", "code": step.code, "message": step.message}
            response = {"data": [], "errors": [error]}
        data.append({**named, "request": [task.body], "response": response})

    def _describe_video(self, task: FakeTask, step: Success) -> dict[str, Any]:
        video_id, url = self.files.publish(task.task_id, step.video)
        kind = "media" if step.old_names else "video"
        found: dict[str, Any] = {
            "status": "success",
            f"{kind}UUID": video_id,
            f"{kind}URL": url,
        }
        if step.seed is not None:
            found["seed"] = step.seed
        if step.cost is not None and task.body.get("includeCost"):
            found["cost"] = float(step.cost)
        return found

    def _upload(
        self, body: dict[str, Any], data: list[dict[str, Any]], errors: list[dict[str, Any]]
    ) -> None:
        by_image = body["taskType"] == "imageUpload"
        if by_image and not self.takes_image_upload:
            code = {"code": "unsupportedTaskType", "parameter": "taskType", "message": "Replaced."}
            errors.append({**_named(body), **code})
            return
        picture = b64decode(str(body["image" if by_image else "media"]).partition(",")[2])
        media_id = str(uuid4())
        digest = hashlib.sha256(picture).hexdigest()
        self.uploads.append(Upload(media_id, digest, len(picture), body["taskType"]))
        data.append({**_named(body), "imageUUID" if by_image else "mediaUUID": media_id})

    @staticmethod
    def _complete(steps: Sequence[Step]) -> list[Step]:
        story = unroll(steps)
        return story if story and isinstance(story[-1], Success | Failure) else [*story, Success()]


def _named(task: dict[str, Any]) -> dict[str, Any]:
    return {"taskType": task["taskType"], "taskUUID": task["taskUUID"]}


def _refusal(http_status: int, error: dict[str, Any]) -> httpx.Response:
    return httpx.Response(http_status, json={"errors": [error]})


def _trouble(step: Trouble) -> httpx.Response:
    return httpx.Response(step.http_status, text=step.body, headers=dict(step.headers))


def _fail_connection(step: Step, request: httpx.Request) -> None:
    match step:
        case Unreachable():
            raise no_network(request)
        case Broken():
            raise httpx.RemoteProtocolError("the connection broke", request=request)
        case Silence():
            raise httpx.ReadTimeout("no answer in time", request=request)
        case _:
            pass
