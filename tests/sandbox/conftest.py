"""A sandbox running in the test's own loop, and a small client for it."""

import base64
import contextlib
import io
import os
import ssl
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from kling_desktop.domain.catalog import MODELS_BY_ID, ModelId
from kling_desktop.sandbox.faults import read_faults
from kling_desktop.sandbox.producer import Pace
from kling_desktop.sandbox.renderer import VideoStyle
from kling_desktop.sandbox.server import Sandbox, SandboxOptions, run_sandbox

AT_ONCE = Pace(queue_s=0, render_s=0, speed=1)
NEVER = Pace(queue_s=10_000, render_s=0, speed=1)
TOKEN = "practice-key"


def make_picture(
    width: int = 640, height: int = 360, kind: str = "PNG", colour: str = "teal"
) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind)
    return out.getvalue()


def as_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def make_task(model: str = "klingai:6@1", /, **changes: Any) -> dict[str, Any]:
    """Build a valid task for a model: text alone where it can, else with a first frame."""
    spec = MODELS_BY_ID[ModelId(model)]
    task: dict[str, Any] = {
        "taskType": "videoInference",
        "taskUUID": str(uuid.uuid4()),
        "model": model,
        "duration": 5,
        "deliveryMethod": "async",
        "includeCost": True,
    }
    if spec.dimensions:
        task |= {"width": spec.dimensions[0].width, "height": spec.dimensions[0].height}
    if spec.takes_text_alone:
        task["positivePrompt"] = "Paper lanterns rising over a lake"
    else:
        task["frameImages"] = [{"inputImage": as_base64(make_picture()), "frame": "first"}]
    return {key: value for key, value in (task | changes).items() if value is not None}


class Client:
    """Speaks to one sandbox with its token."""

    def __init__(self, sandbox: Sandbox, http: httpx.AsyncClient) -> None:
        self.sandbox = sandbox
        self.http = http
        self._headers = {"authorization": f"Bearer {sandbox.token}"}

    async def post(self, *tasks: dict[str, Any], **headers: str) -> httpx.Response:
        return await self.http.post(
            self.sandbox.url, json=list(tasks), headers=self._headers | headers
        )

    async def poll(self, *uuids: str) -> httpx.Response:
        return await self.post(*({"taskType": "getResponse", "taskUUID": one} for one in uuids))

    async def finish(self, task: dict[str, Any]) -> list[dict[str, Any]]:
        """Poll until nothing of the task is under way; returns its items."""
        while True:
            body = (await self.poll(task["taskUUID"])).json()
            items = body["data"] + body.get("errors", [])
            if all(item.get("status") != "processing" for item in items):
                return items

    async def make(self, model: str = "klingai:6@1", **changes: Any) -> dict[str, Any]:
        """Submit a task and return its one finished item."""
        task = make_task(model, **changes)
        await self.post(task)
        (item,) = await self.finish(task)
        return item

    async def ledger(self) -> list[dict[str, Any]]:
        url = f"{self.sandbox.origin}/sandbox/ledger"
        return (await self.http.get(url, headers=self._headers)).json()["charges"]

    async def state(self) -> dict[str, Any]:
        url = f"{self.sandbox.origin}/sandbox/state"
        return (await self.http.get(url, headers=self._headers)).json()

    async def set_faults(self, plan: object) -> httpx.Response:
        url = f"{self.sandbox.origin}/sandbox/faults"
        return await self.http.post(url, json=plan, headers=self._headers)


OpenSandbox = Callable[..., contextlib.AbstractAsyncContextManager[Client]]


@pytest.fixture(scope="session")
def plain_seconds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one encoded second of each size that plain videos repeat, kept from test to test."""
    return tmp_path_factory.mktemp("plain-seconds")


def _share(source: Path, target: Path) -> None:
    """Link what one folder knows of plain videos into another."""
    target.mkdir(parents=True, exist_ok=True)
    for second in source.glob("plain-*.mp4"):
        if not (target / second.name).exists():
            os.link(second, target / second.name)


@pytest.fixture(scope="session")
def no_tls() -> ssl.SSLContext:
    """Spare each client the reading of all certificates: here nothing is encrypted."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture
def open_sandbox(tmp_path: Path, plain_seconds: Path, no_tls: ssl.SSLContext) -> OpenSandbox:
    """Open a sandbox on the same data folder each time, by default quick and with plain videos."""
    videos = tmp_path / "sandbox" / "videos"

    @contextlib.asynccontextmanager
    async def open_one(faults: str = "", **options: Any) -> AsyncIterator[Client]:
        setup = SandboxOptions(
            **{
                "data_dir": tmp_path / "sandbox",
                "token": TOKEN,
                "pace": AT_ONCE,
                "style": VideoStyle.PLAIN,
                "faults": read_faults(faults, seed=7),
            }
            | options
        )
        if setup.style is VideoStyle.PLAIN:
            _share(plain_seconds, videos)
        async with (
            run_sandbox(setup) as sandbox,
            httpx.AsyncClient(trust_env=False, verify=no_tls) as http,
        ):
            yield Client(sandbox, http)
        _share(videos, plain_seconds)

    return open_one


@pytest.fixture
async def client(open_sandbox: OpenSandbox) -> AsyncIterator[Client]:
    async with open_sandbox() as one:
        yield one
