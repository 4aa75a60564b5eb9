"""The one POST route: key, envelope, and the faults that strike a request."""

import asyncio
import hmac
from collections.abc import Mapping, Sequence
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from kling_desktop.sandbox.answer_faults import (
    RawAnswer,
    distort_answer,
    encode_answer,
    strikes_before,
)
from kling_desktop.sandbox.connections import Connections, peer_of
from kling_desktop.sandbox.fault_names import Point
from kling_desktop.sandbox.faults import Fault
from kling_desktop.sandbox.json_reading import BadJson, read_json
from kling_desktop.sandbox.service import POINTS, Answer, Service, collect_facts
from kling_desktop.sandbox.service_errors import ServiceError

_MOST_BYTES = 128 * 1024 * 1024
_MOST_STRANGE_BYTES = 32 * 1024 * 1024
"""The largest body whose key may stand inside of it: enough for one picture of the largest size."""
_FOR_GOOD_S = 3600.0
_BREAKS = frozenset({"lost_answer", "reset", "dropped", "hang", "hang_after"})

WireTask = Mapping[str, object]


class BrokenConnection:
    """An answer that never comes: after a while the connection ends instead."""

    def __init__(self, connections: Connections, *, reset: bool, after_s: float = 0.0) -> None:
        self._connections = connections
        self._reset = reset
        self._after_s = after_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del send
        peer = peer_of(scope.get("client"))
        if self._after_s:
            try:
                async with asyncio.timeout(self._after_s):
                    await wait_until_gone(receive)
                    return
            except TimeoutError:
                pass
        (self._connections.reset if self._reset else self._connections.close)(peer)
        await wait_until_gone(receive)


class Endpoint:
    """Answers POST requests; the token is the only key that is taken."""

    def __init__(self, service: Service, connections: Connections, token: str) -> None:
        self._service = service
        self._connections = connections
        self._token = token

    def is_token(self, key: object) -> bool:
        """Compare a key in constant time."""
        return isinstance(key, str) and hmac.compare_digest(key.encode(), self._token.encode())

    def is_authorized(self, request: Request) -> bool:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self.is_token(key.strip())

    async def answer(self, request: Request) -> ASGIApp:
        """Answer one POST, struck by at most one fault."""
        try:
            authorized = self.is_authorized(request)
            body = await _read_body(request, _MOST_BYTES if authorized else _MOST_STRANGE_BYTES)
            tasks = self._open(body, authorized=authorized)
        except ServiceError as error:
            item = error.to_item(task_type="authentication" if error.http_status == 401 else "")
            return _respond(encode_answer(Answer(errors=[item])))
        if not tasks:
            return _respond(encode_answer(Answer()))
        dry_run = request.headers.get("x-runware-dry-run") == "1"
        point = POINTS.get(str(tasks[0].get("taskType")), Point.PING)
        fault = self._service.faults.pick(point, collect_facts(tasks))
        if fault is None:
            return _respond(encode_answer(await self._handle(tasks, dry_run=dry_run)))
        return await self._answer_struck(fault, tasks, dry_run=dry_run)

    def _open(self, body: bytes, *, authorized: bool) -> list[WireTask]:
        """Read the array of tasks and check the key in the header or in the first task."""
        try:
            value = read_json(body)
        except BadJson as error:
            raise ServiceError(
                "invalidRequest", f"The body could not be read as JSON: {error}."
            ) from None
        items = cast("list[object]", value) if isinstance(value, list) else []
        tasks = [cast("WireTask", item) for item in items if isinstance(item, Mapping)]
        first = tasks[0] if tasks else {}
        if first.get("taskType") == "authentication":
            authorized = self.is_token(first.get("apiKey"))
            tasks = tasks[1:]
        if not authorized:
            raise ServiceError("invalidApiKey", "Invalid API key.", parameter="apiKey")
        if not items or not all(isinstance(item, Mapping) for item in items):
            raise ServiceError("invalidRequest", "The body must be a JSON array of task objects.")
        return tasks

    async def _handle(self, tasks: Sequence[WireTask], *, dry_run: bool) -> Answer:
        try:
            return await self._service.handle(tasks, dry_run=dry_run)
        except ServiceError as error:
            return Answer(errors=[error.to_item()])

    async def _answer_struck(
        self, fault: Fault, tasks: Sequence[WireTask], *, dry_run: bool
    ) -> ASGIApp:
        answer = Answer()
        if fault.name == "mixed" and len(tasks) > 1:
            refused = tasks[-1]
            answer = await self._handle(tasks[:-1], dry_run=dry_run)
            trouble = ServiceError("internalServerError", "Something went wrong with this task.")
            answer.errors.append(
                trouble.to_item(
                    task_type=str(refused.get("taskType")), task_uuid=str(refused.get("taskUUID"))
                )
            )
        elif not strikes_before(fault):
            answer = await self._handle(tasks, dry_run=dry_run)
        if fault.name in _BREAKS:
            hangs = fault.name.startswith("hang")
            return BrokenConnection(
                self._connections,
                reset=fault.name == "reset" or "reset" in fault.words,
                after_s=(fault.number or _FOR_GOOD_S) if hangs else 0.0,
            )
        if fault.name == "slow":
            await asyncio.sleep(5.0 if fault.number is None else fault.number)
        return _respond(distort_answer(fault, answer, tasks))


async def wait_until_gone(receive: Receive) -> None:
    """Return when the other end, or we, have closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _read_body(request: Request, most_bytes: int) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most_bytes:
            raise ServiceError("maxRequestSizeExceeded", "The request is too large.")
    return bytes(body)


def _respond(raw: RawAnswer) -> Response:
    return Response(raw.body, raw.status, headers=raw.headers)
