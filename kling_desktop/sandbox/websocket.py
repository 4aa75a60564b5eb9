"""The same service over a WebSocket, the only way that the older official client speaks."""

import json
import uuid
from collections.abc import Mapping
from typing import cast

from starlette.websockets import WebSocket, WebSocketDisconnect

from kling_desktop.sandbox.endpoint import Endpoint
from kling_desktop.sandbox.json_reading import BadJson, read_json
from kling_desktop.sandbox.service import Answer, Service
from kling_desktop.sandbox.service_errors import ServiceError

_NOT_ALLOWED = 1008


class SocketEndpoint:
    """One conversation for each socket: first the key, then arrays of tasks, each answered once."""

    def __init__(self, service: Service, endpoint: Endpoint) -> None:
        self._service = service
        self._endpoint = endpoint
        self._sessions: set[str] = set()

    async def converse(self, socket: WebSocket) -> None:
        """Talk until the other end leaves; a first message without the key ends it."""
        await socket.accept()
        known = False
        try:
            while True:
                tasks = _read(await _receive(socket))
                if tasks and tasks[0].get("taskType") == "authentication":
                    known = self._endpoint.is_token(tasks[0].get("apiKey"))
                    if known:
                        await self._send(socket, self._welcome(tasks.pop(0)))
                if not known:
                    refusal = ServiceError("invalidApiKey", "Invalid API key.", parameter="apiKey")
                    item = refusal.to_item(task_type="authentication")
                    await self._send(socket, Answer(errors=[item]))
                    await socket.close(_NOT_ALLOWED)
                    return
                if tasks:
                    await self._send(socket, await self._handle(tasks))
        except WebSocketDisconnect:
            return

    def _welcome(self, task: Mapping[str, object]) -> Answer:
        """Answer the key with a session, the earlier one when it is asked for and known."""
        asked = task.get("connectionSessionUUID")
        session = asked if isinstance(asked, str) and asked in self._sessions else str(uuid.uuid4())
        self._sessions.add(session)
        return Answer([{"taskType": "authentication", "connectionSessionUUID": session}])

    async def _handle(self, tasks: list[Mapping[str, object]]) -> Answer:
        try:
            return await self._service.handle(tasks)
        except ServiceError as error:
            return Answer(errors=[error.to_item()])

    async def _send(self, socket: WebSocket, answer: Answer) -> None:
        body = answer.to_body()
        if answer.errors and not answer.data:
            del body["data"]
        await socket.send_text(json.dumps(body, ensure_ascii=False))


async def _receive(socket: WebSocket) -> str:
    """Wait for a message; one of bytes counts as an empty one."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    return message.get("text") or ""


def _read(text: str) -> list[Mapping[str, object]]:
    """Read the tasks of a message; anything else counts as no tasks."""
    try:
        value = read_json(text)
    except BadJson:
        return []
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("Mapping[str, object]", item) for item in items if isinstance(item, Mapping)]
