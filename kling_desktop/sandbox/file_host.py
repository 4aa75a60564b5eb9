"""Serves finished videos over plain HTTP without a key: ranges, tags, and how downloads break."""

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from kling_desktop.sandbox.answer_faults import WEB_PAGE, status_of
from kling_desktop.sandbox.connections import Connections, peer_of
from kling_desktop.sandbox.fault_names import Point
from kling_desktop.sandbox.faults import Fault, FaultPlan, RequestFacts
from kling_desktop.sandbox.ledger import Ledger, Task
from kling_desktop.sandbox.producer import Producer

logger = logging.getLogger(__name__)

_CHUNK = 64 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
_FOREIGN = "http://videos.example.invalid/stolen.mp4"


@dataclass(frozen=True, slots=True)
class Sending:
    """How one answer leaves.

    Attributes:
        stop_after: Bytes after which the connection breaks; None for never.
        reset: Whether it breaks by a reset rather than an orderly end.
        bytes_per_s: Pace, 0 for as fast as it goes.
    """

    stop_after: int | None = None
    reset: bool = False
    bytes_per_s: float = 0.0


class FileAnswer:
    """One answer of the file host, sent in pieces."""

    def __init__(
        self,
        connections: Connections,
        status: int,
        headers: dict[str, str],
        body: bytes = b"",
        sending: Sending | None = None,
    ) -> None:
        self._connections = connections
        self._status = status
        self._headers = headers
        self._body = body
        self._sending = sending or Sending()

    @property
    def body_length(self) -> int:
        return len(self._body)

    def sent_as(self, sending: Sending, *, with_length: bool = True) -> "FileAnswer":
        """Return the same answer, sent in another way."""
        headers = {n: v for n, v in self._headers.items() if with_length or n != "content-length"}
        return FileAnswer(self._connections, self._status, headers, self._body, sending)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(n.encode(), v.encode("latin-1")) for n, v in self._headers.items()]
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else self._body
        stop = self._sending.stop_after
        kept = body if stop is None else body[:stop]
        step = (
            _CHUNK if not self._sending.bytes_per_s else max(1, int(self._sending.bytes_per_s / 10))
        )
        for start in range(0, len(kept), step):
            piece = kept[start : start + step]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            if self._sending.bytes_per_s:
                await asyncio.sleep(len(piece) / self._sending.bytes_per_s)
        if stop is None:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        peer = peer_of(scope.get("client"))
        if self._sending.reset:
            await asyncio.sleep(0.05)  # what was written should arrive before the reset
            self._connections.reset(peer)
        else:
            self._connections.close(peer)
        while (await receive())["type"] != "http.disconnect":
            pass


class FileHost:
    """The file host: knows the videos through the ledger, and the faults of downloads."""

    def __init__(
        self,
        ledger: Ledger,
        producer: Producer,
        connections: Connections,
        plan: Callable[[], FaultPlan],
        now: Callable[[], float],
    ) -> None:
        self._ledger = ledger
        self._producer = producer
        self._connections = connections
        self._plan = plan
        self._now = now

    async def answer(self, request: Request) -> FileAnswer:
        """Answer GET or HEAD for a video."""
        video = request.path_params["video"]
        task = self._ledger.find_by_video(video)
        if task is None or all(result.video_uuid != video for result in task.results):
            return self._answer_status(404)
        facts = RequestFacts(frozenset({task.uuid}), frozenset({task.model}), (task.prompt,))
        fault = self._plan().pick(Point.DOWNLOAD, facts) if request.method == "GET" else None
        if fault is not None and fault.name in ("link_expired", "link_gone"):
            if request.path_params["link"] == str(task.link):
                self._ledger.renew_link(task, self._now())
            return self._answer_status(403 if fault.name == "link_expired" else 404)
        expired = task.ttl_s and self._now() > task.linked_at + task.ttl_s
        if request.path_params["link"] != str(task.link) or expired:
            return self._answer_status(403)
        content = await self._read_video(task, video)
        if content is None:
            return self._answer_status(404)
        etag = f'"{video[:8]}-{len(content):x}"'
        ignore_range = self._plan().pick(Point.DOWNLOAD, facts, "no_range") is not None
        if fault is None:
            return self._send(request, content, etag, ignore_range=ignore_range)
        if early := await self._break_early(request, task, fault):
            return early
        return self._break_video(request, fault, content, etag, ignore_range=ignore_range)

    async def _read_video(self, task: Task, video: str) -> bytes | None:
        """Read a video, made again where it was swept away; None when that does not work."""
        path = self._producer.find_video(video)
        try:
            if not await asyncio.to_thread(path.exists) and not await self._producer.remake(
                task, video
            ):
                return None
            return await asyncio.to_thread(path.read_bytes)
        except OSError as error:  # the sandbox's folder is gone
            logger.warning("a video cannot be read: %s", error)
            return None

    def _send(
        self,
        request: Request,
        content: bytes,
        etag: str,
        *,
        ignore_range: bool = False,
    ) -> FileAnswer:
        headers = {"content-type": "video/mp4", "etag": etag, "accept-ranges": "bytes"}
        asked = _RANGE.fullmatch(request.headers.get("range", ""))
        condition = request.headers.get("if-range", etag)
        status, part = 200, content
        if asked and asked.group(0) != "bytes=-" and condition == etag and not ignore_range:
            size = len(content)
            first, last = asked.groups()
            start = int(first) if first else max(0, size - int(last))
            end = min(int(last), size - 1) if first and last else size - 1
            if start > end:
                return FileAnswer(self._connections, 416, {"content-range": f"bytes */{size}",
                                                           "content-length": "0"})  # fmt: skip
            status, part = 206, content[start : end + 1]
            headers["content-range"] = f"bytes {start}-{end}/{size}"
        headers["content-length"] = str(len(part))
        return FileAnswer(self._connections, status, headers, part)

    async def _break_early(self, request: Request, task: Task, fault: Fault) -> FileAnswer | None:
        """Return the answer of a fault that never comes to the video, or None."""
        if status := status_of(fault):
            return self._answer_status(status, retry_after=fault.number)
        if fault.name == "not_ready":
            return self._answer_status(422)
        if fault.name == "hang":
            await asyncio.sleep(3600 if fault.number is None else fault.number)
        if fault.name in ("dropped", "reset", "hang"):
            peer = peer_of(request.scope.get("client"))
            (self._connections.reset if fault.name == "reset" else self._connections.close)(peer)
            return self._answer_status(503)
        if fault.name.startswith("redirect"):
            here = str(request.url.replace(query=f"again={task.link}"))
            target = here if fault.name == "redirect_loopback" else _FOREIGN
            headers = {"location": target, "content-length": "0"}
            return FileAnswer(self._connections, 302, headers)
        if fault.name == "slow":
            await asyncio.sleep(5 if fault.number is None else fault.number)
        return None

    def _break_video(
        self, request: Request, fault: Fault, content: bytes, etag: str, *, ignore_range: bool
    ) -> FileAnswer:
        name = fault.name
        if name == "not_a_video":
            content = WEB_PAGE
        elif name == "moov_missing":
            content = _without_index(content)
        elif name == "wrong_length":
            content = content[: len(content) * 2 // 3]
        elif name == "changed_etag":
            etag = f'"changed-{len(self._plan().struck)}"'
        answer = self._send(request, content, etag, ignore_range=ignore_range)
        sending = Sending()
        if name in ("truncated", "download_reset"):
            length = answer.body_length
            sending = Sending(stop_after=length // 2, reset=name == "download_reset")
        elif name == "slow_drip":
            sending = replace(sending, bytes_per_s=fault.number or 2000)
        return answer.sent_as(sending, with_length=name != "no_length")

    def _answer_status(self, status: int, *, retry_after: float | None = None) -> FileAnswer:
        headers = {"content-type": "text/plain", "content-length": "0"}
        if retry_after is not None:
            headers["retry-after"] = f"{retry_after:g}"
        return FileAnswer(self._connections, status, headers)


def _without_index(content: bytes) -> bytes:
    """Cut the ``moov`` box out of an MP4: all pictures are there, and no player finds them."""
    kept, at = b"", 0
    while at + 8 <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        if size < 8:
            break
        if content[at + 4 : at + 8] != b"moov":
            kept += content[at : at + size]
        at += size
    return kept
