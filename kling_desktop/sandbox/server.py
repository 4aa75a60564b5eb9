"""Puts the sandbox together and runs it on the loopback address."""

import asyncio
import contextlib
import importlib.util
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from kling_desktop.sandbox.connections import Connections
from kling_desktop.sandbox.endpoint import Endpoint
from kling_desktop.sandbox.faults import BadFaults, FaultPlan, read_plan
from kling_desktop.sandbox.file_host import FileHost
from kling_desktop.sandbox.json_reading import BadJson, read_json
from kling_desktop.sandbox.ledger import Ledger
from kling_desktop.sandbox.producer import Pace, Producer
from kling_desktop.sandbox.renderer import VideoStyle
from kling_desktop.sandbox.service import Service
from kling_desktop.sandbox.sweeping import Bounds
from kling_desktop.sandbox.websocket import SocketEndpoint

HOST = "127.0.0.1"
_SHUTDOWN_S = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOptions:
    """How a sandbox is set up.

    Attributes:
        data_dir: Folder for the journal, pictures and videos; kept over restarts.
        port: TCP port on 127.0.0.1, 0 for any free one.
        token: The API key that is taken.
        balance: Practice USD at the very beginning.
        renderers: How many videos are made at once.
        bounds: How much of what was made and sent is kept.
        refuses_unknown_tasks: Answer polls for tasks that are not in the ledger with an error, not
            with empty data.
        now: Seconds since the epoch.
    """

    data_dir: Path
    port: int = 0
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    pace: Pace = field(default_factory=Pace)
    style: VideoStyle = VideoStyle.SCENIC
    faults: FaultPlan = field(default_factory=FaultPlan)
    balance: Decimal = Decimal(10_000)
    renderers: int = 1
    bounds: Bounds = field(default_factory=Bounds)
    refuses_unknown_tasks: bool = False
    now: Callable[[], float] = time.time


class Sandbox:
    """A running sandbox, as `run_sandbox` hands it out."""

    def __init__(
        self, options: SandboxOptions, ledger: Ledger, producer: Producer, port: int
    ) -> None:
        self.token = options.token
        self.origin = f"http://{HOST}:{port}"
        self._ledger = ledger
        self._connections = Connections()
        self._service = Service(
            ledger,
            producer,
            options.faults,
            videos_url=lambda: self.origin,
            now=options.now,
            refuses_unknown_tasks=options.refuses_unknown_tasks,
        )
        self._endpoint = Endpoint(self._service, self._connections, options.token)
        self._videos = FileHost(
            ledger, producer, self._connections, lambda: self._service.faults, options.now
        )
        self._sockets = SocketEndpoint(self._service, self._endpoint)

    @property
    def url(self) -> str:
        """The address to use as the service's base address."""
        return f"{self.origin}/v1"

    @property
    def connections(self) -> Connections:
        return self._connections

    def set_faults(self, plan: FaultPlan) -> None:
        self._service.faults = plan

    def list_charges(self) -> list[dict[str, object]]:
        return self._ledger.list_charges()

    def build_app(self) -> Starlette:
        routes: list[BaseRoute] = [
            Route("/v1", self._endpoint.answer, methods=["POST"]),
            WebSocketRoute("/v1", self._sockets.converse),
            Route("/video/os/sandbox/ws/{link}/vi/{video}.mp4", self._videos.answer),
            Route("/image/{media}", self._send_picture),
            Route("/sandbox/ledger", self._send_ledger),
            Route("/sandbox/state", self._send_state),
            Route("/sandbox/faults", self._change_faults, methods=["POST"]),
        ]
        handlers = {HTTPException: _answer_http_error, 500: _answer_http_error}
        return Starlette(routes=routes, exception_handlers=handlers)

    async def _send_picture(self, request: Request) -> Response:
        picture = self._ledger.uploads.get(request.path_params["media"])
        if picture is None:
            raise HTTPException(404)
        return FileResponse(self._ledger.pictures / picture, media_type="application/octet-stream")

    async def _send_ledger(self, request: Request) -> Response:
        self._require_token(request)
        charges = self._ledger.list_charges()
        total, balance = float(self._ledger.charged), float(self._ledger.balance)
        return JSONResponse({"charges": charges, "total": total, "balance": balance})

    async def _send_state(self, request: Request) -> Response:
        self._require_token(request)
        tasks = [
            {
                "taskUUID": task.uuid,
                "model": task.model,
                "prompt": task.prompt,
                "width": task.width,
                "height": task.height,
                "fps": task.fps,
                "duration": task.duration_s,
                "numberResults": len(task.video_uuids),
                "finished": len(task.results),
                "error": task.error,
                "acceptedAt": task.accepted_at,
                "readyAt": task.ready_at,
            }
            for task in self._ledger.tasks.values()
        ]
        uploads = len(self._ledger.uploads)
        struck = self._service.faults.struck
        return JSONResponse({"tasks": tasks, "uploads": uploads, "faultsStruck": struck})

    async def _change_faults(self, request: Request) -> Response:
        """Replace the whole plan; an empty object ends all faults."""
        self._require_token(request)
        try:
            plan = read_plan(read_json(await request.body()))
        except (BadFaults, BadJson) as error:
            return JSONResponse({"error": str(error)}, 400)
        self.set_faults(plan)
        return JSONResponse({"faults": len(plan.faults)})

    def _require_token(self, request: Request) -> None:
        if not self._endpoint.is_authorized(request):
            raise HTTPException(401)


class _Server(uvicorn.Server):
    """Uvicorn that leaves the process's signals to the program and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def run_sandbox(options: SandboxOptions) -> AsyncIterator[Sandbox]:
    """Run a sandbox for the time of the block.

    Raises:
        OSError: The port is taken or the data folder cannot be written.
    """
    listener = socket.create_server((HOST, options.port))
    with listener:
        ledger = Ledger(options.data_dir, options.balance)
        try:
            producer = Producer(
                ledger,
                pace=options.pace,
                style=options.style,
                workers=options.renderers,
                bounds=options.bounds,
                now=options.now,
            )
            async with producer:
                sandbox = Sandbox(options, ledger, producer, listener.getsockname()[1])
                async with _serving(sandbox, listener):
                    yield sandbox
        finally:
            ledger.close()


@contextlib.asynccontextmanager
async def _serving(sandbox: Sandbox, listener: socket.socket) -> AsyncIterator[None]:
    config = uvicorn.Config(
        sandbox.build_app(),
        http=sandbox.connections.protocol_class(),
        # The WebSocket is for the older official client alone; without its library there is none.
        ws="wsproto" if importlib.util.find_spec("wsproto") else "none",
        ws_max_size=64 * 1024 * 1024,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_SHUTDOWN_S,
        timeout_keep_alive=30,
    )
    server = _Server(config)
    group = await asyncio.TaskGroup().__aenter__()
    group.create_task(server.serve([listener]), name="serve")
    try:
        await server.ready.wait()
        yield
    finally:
        server.should_exit = True
        # Not `async with`: an error of the block should pass as it is, in no group.
        await group.__aexit__(None, None, None)


def _answer_http_error(request: Request, error: Exception) -> Response:
    del request
    status = error.status_code if isinstance(error, HTTPException) else 500
    names = {401: "invalidApiKey", 404: "notFound", 405: "methodNotAllowed",
             500: "internalServerError"}  # fmt: skip
    item = {"code": names.get(status, "invalidRequest"), "message": f"HTTP {status}"}
    return JSONResponse({"errors": [item]}, status)
