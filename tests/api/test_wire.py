"""The real httpx over a real socket: what is on the wire, and what a broken line looks like."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from kling_desktop.api.addresses import is_on_this_machine
from kling_desktop.api.client import ApiClient
from kling_desktop.api.payload import encode_body
from kling_desktop.domain.errors import NetworkUnreachable, ServiceUnavailable
from kling_desktop.domain.job import TaskId
from kling_desktop.domain.secret import ApiKey

A = TaskId("task-a")
KEY = "rw-Test0Key1For2The3Wire4Test5"
BODY = encode_body([{"taskType": "videoInference", "taskUUID": A, "inputImage": "x" * 200_000}])
VIDEO = bytes(range(256)) * 8192  # 2 MB

Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(handle: Handle) -> AsyncIterator[str]:
    """Serve on a free port of this machine; yields the address."""

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handle(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(once, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def client_of(address: str) -> AsyncIterator[ApiClient]:
    client = ApiClient(f"{address}/v1", lambda: ApiKey(KEY), user_agent="kling-desktop/test")
    try:
        yield client
    finally:
        await client.aclose()


async def read_head(reader: asyncio.StreamReader) -> dict[str, str]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("ascii").split("\r\n")
    pairs = (line.partition(": ") for line in lines[1:] if line)
    return {"": lines[0]} | {name.lower(): value for name, _, value in pairs}


async def answer(writer: asyncio.StreamWriter, head: str, body: bytes) -> None:
    lines = f"HTTP/1.1 {head}\r\nconnection: close\r\n\r\n"
    writer.write(lines.encode("ascii") + body)
    await writer.drain()


async def test_a_request_on_the_wire() -> None:
    heads: list[dict[str, str]] = []
    bodies: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await read_head(reader))
        bodies.append(await reader.readexactly(int(heads[-1]["content-length"])))
        said = b'{"data":[{"taskType":"videoInference","taskUUID":"task-a"}]}'
        await answer(writer, f"200 OK\r\ncontent-length: {len(said)}", said)

    async with serving(handle) as address, client_of(address) as client:
        await client.submit(BODY, A)
    (head,) = heads
    assert head[""] == "POST /v1 HTTP/1.1"
    assert head["authorization"] == f"Bearer {KEY}"
    assert head["content-type"] == "application/json"
    assert head["user-agent"] == "kling-desktop/test"
    assert "transfer-encoding" not in head, "some servers take no body in chunks"
    assert bodies == [BODY.encode()]


async def test_nobody_there_is_surely_unsent() -> None:
    async def handle(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        return

    async with serving(handle) as address:
        pass
    async with client_of(address) as client:
        with pytest.raises(NetworkUnreachable) as caught:
            await client.submit(BODY, A)
        assert not caught.value.sent


@pytest.mark.parametrize("read_all", [False, True], ids=["in the body", "before the answer"])
async def test_a_line_that_breaks_may_have_carried_it(read_all: bool) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        if read_all:
            await reader.readexactly(len(BODY))
        transport = writer.transport
        assert isinstance(transport, asyncio.Transport)
        transport.abort()

    async with serving(handle) as address, client_of(address) as client:
        with pytest.raises(ServiceUnavailable) as caught:
            await client.submit(BODY, A)
    assert caught.value.sent
    assert not isinstance(caught.value, NetworkUnreachable)


async def test_a_download_goes_on_after_the_line_broke() -> None:
    asked: list[str] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await read_head(reader)
        assert "authorization" not in head
        asked.append(head.get("range", ""))
        start = int(asked[-1][6:-1] or 0) if asked[-1] else 0
        length = f'content-length: {len(VIDEO) - start}\r\netag: "video"'
        span = f"\r\ncontent-range: bytes {start}-{len(VIDEO) - 1}/{len(VIDEO)}" if start else ""
        body = VIDEO[start:] if start else VIDEO[:1_000_000]
        await answer(writer, f"{206 if start else 200} OK\r\n{length}{span}", body)

    data, etag = b"", ""

    async def fetch(client: ApiClient, url: str) -> None:
        nonlocal data, etag
        async with client.download(url, offset=len(data), validator=etag) as download:
            etag = download.validator
            async for chunk in download.chunks():
                data += chunk

    async with serving(handle) as address, client_of(address) as client:
        with pytest.raises(ServiceUnavailable):
            await fetch(client, f"{address}/video.mp4")
        assert data == VIDEO[:1_000_000]
        await fetch(client, f"{address}/video.mp4")
    assert data == VIDEO
    assert asked == ["", "bytes=1000000-"]


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://localhost/v1", True),
        ("http://[::1]:80/v1", True),
        ("https://api.runware.ai/v1", False),
        ("http://127.0.0.1.example.org/v1", False),
        ("http://[nonsense/v1", False),
        ("", False),
    ],
)
def test_an_address_on_this_machine_is_known_as_such(address: str, here: bool) -> None:
    assert is_on_this_machine(address) is here


@pytest.mark.parametrize("by_setting", [True, False])
async def test_no_proxy_reads_what_stays_on_this_machine(
    by_setting: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    through_proxy: list[dict[str, str]] = []

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        through_proxy.append(await read_head(reader))

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await read_head(reader)
        await reader.readexactly(int(head["content-length"]))
        await answer(writer, "200 OK", b'{"data":[{"taskType":"ping","pong":true}]}')

    async with serving(pass_on) as proxy, serving(handle) as address:
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        for name in ("http_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy)
        client = ApiClient(f"{address}/v1", lambda: ApiKey(KEY), proxy=proxy if by_setting else "")
        try:
            await client.ping()
        finally:
            await client.aclose()
    assert through_proxy == []
