"""The host of finished videos, scripted: ranges, ETags, cuts and links that die."""

import asyncio
import errno
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx

from kling_desktop.domain.job import TaskId
from tests.fakes.service_script import (
    Cut,
    DeadLink,
    Drip,
    Expired,
    FileStatus,
    FileStep,
    FileUnreachable,
    Other,
    Raw,
    Redirect,
    Short,
)

FILE_HOST = "https://files.runware.test"
_PIECE = 16 * 1024

Wait = Callable[[float], Awaitable[object]]


def no_network(request: httpx.Request) -> httpx.ConnectError:
    """Fail as a machine without a network does."""
    return _fail_connecting(request, OSError(errno.ENETUNREACH, "Network is unreachable"))


def refuse_connection(request: httpx.Request) -> httpx.ConnectError:
    """Fail as a host does that is there and does not listen."""
    return _fail_connecting(request, ConnectionRefusedError(errno.ECONNREFUSED, "refused"))


def _fail_connecting(request: httpx.Request, cause: OSError) -> httpx.ConnectError:
    error = httpx.ConnectError("All connection attempts failed", request=request)
    error.__cause__ = cause
    return error


class _Stream(httpx.AsyncByteStream):
    def __init__(
        self, body: bytes, request: httpx.Request, cut_at: int | None, drip: Drip | None, wait: Wait
    ) -> None:
        self._body, self._request, self._cut_at = body, request, cut_at
        self._drip, self._wait = drip, wait

    async def __aiter__(self) -> AsyncIterator[bytes]:
        end = len(self._body) if self._cut_at is None else min(self._cut_at, len(self._body))
        size = _PIECE if self._drip is None else self._drip.piece_bytes
        for start in range(0, end, size):
            yield self._body[start : min(start + size, end)]
            if self._drip is not None:
                await self._wait(self._drip.every_s)
        if self._cut_at is not None:
            raise httpx.ReadError("the connection broke", request=self._request)


def _make_link(task_id: TaskId, number: int) -> str:
    return f"{FILE_HOST}/video/{task_id}/{number}.mp4?sig=Se0cret1Signature2Of3The4Link"


class FakeFileHost:
    """Serves each video under a link of its own.

    Attributes:
        video: What is served where a task has no video of its own.
        requests: Path and Range header of each request that arrived.
        saw_key: Whether any request carried an Authorization header; it never may.
        make_link: Makes the link of a task's video, for tests of odd ones.
        takes_ranges: False answers every request with the whole file.
        gives_etag: False leaves the ETag out.
        sleep: How it waits between the drops of a drip.
    """

    def __init__(self, video: bytes) -> None:
        self.video = video
        self.requests: list[tuple[str, str]] = []
        self.saw_key = False
        self.takes_ranges = True
        self.gives_etag = True
        self.down = False
        self.sleep: Wait = asyncio.sleep
        self.make_link: Callable[[TaskId, int], str] = _make_link
        self._videos: dict[TaskId, bytes] = {}
        self._links: dict[TaskId, int] = {}
        self._dead: set[str] = set()
        self._spoilt: dict[str, FileStep] = {}
        self._scripts: dict[str, list[FileStep]] = {}

    def script(self, task: TaskId | str, *steps: FileStep) -> None:
        self._scripts[str(task)] = list(steps)

    def publish(self, task_id: TaskId, video: bytes | None = None) -> tuple[str, str]:
        """Return the video's id and the link that works now."""
        if video is not None:
            self._videos[task_id] = video
        link = self._links.setdefault(task_id, 1)
        video_id = hashlib.md5(task_id.encode(), usedforsecurity=False).hexdigest()
        return video_id, self.make_link(task_id, link)

    def renew_link(self, task_id: TaskId) -> None:
        """Let the next question about the task be answered with another link."""
        self._links[task_id] = self._links.get(task_id, 1) + 1

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise no_network(request)
        self.saw_key |= "authorization" in request.headers
        self.requests.append((request.url.path, request.headers.get("range", "")))
        task_id = TaskId(request.url.path.split("/")[2])
        if request.url.path in self._dead:
            return httpx.Response(404)
        step = self._take_step(task_id)
        if isinstance(step, DeadLink):
            self._spoilt[request.url.path] = step.step
            self.renew_link(task_id)
        step = self._spoilt.get(request.url.path, step)
        match step:
            case Raw():
                video = self._videos.get(task_id, self.video)
                body = step.pack(video) if step.body is None else step.body
                stream = _Stream(body, request, None, None, self.sleep)
                return httpx.Response(step.http_status, headers=dict(step.headers), stream=stream)
            case FileUnreachable():
                raise refuse_connection(request)
            case FileStatus(http_status=status, headers=headers):
                stream = _Stream(b"", request, None, None, self.sleep)
                return httpx.Response(status, headers=dict(headers), stream=stream)
            case Expired(http_status=status):
                self._dead.add(request.url.path)
                self.renew_link(task_id)
                return httpx.Response(status)
            case Redirect(location=location):
                return httpx.Response(302, headers={"location": location or str(request.url)})
            case _:
                return self._send(request, step, self._videos.get(task_id, self.video))

    def _take_step(self, task_id: TaskId) -> FileStep | None:
        for name in (str(task_id), "*"):
            if self._scripts.get(name):
                return self._scripts[name].pop(0)
        return None

    def _send(self, request: httpx.Request, step: FileStep | None, video: bytes) -> httpx.Response:
        body = step.body if isinstance(step, Other) else video
        etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
        headers = {"content-type": "video/mp4"} | ({"etag": etag} if self.gives_etag else {})
        status, start = 200, 0
        wanted = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
        same = request.headers.get("if-range", etag) == etag
        if wanted and self.takes_ranges and same:
            start = int(wanted.group(1))
            if start >= len(body):
                return httpx.Response(416, headers={"content-range": f"bytes */{len(body)}"})
            status = 206
            headers["content-range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        headers["content-length"] = str(len(body) - start)
        rest, cut_at = body[start:], None
        if isinstance(step, Cut):
            cut_at = max(0, step.after_bytes - start)
        if isinstance(step, Short):
            rest = rest[: max(0, step.after_bytes - start)]
        drip = step if isinstance(step, Drip) else None
        stream = _Stream(rest, request, cut_at, drip, self.sleep)
        return httpx.Response(status, headers=headers, stream=stream)
