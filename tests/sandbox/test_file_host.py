"""The file host: what a download gets, and every way in which it breaks."""

import io
from typing import Any

import av
import av.error
import httpx
import pytest

from tests.sandbox.conftest import Client, OpenSandbox, make_task

pytestmark = pytest.mark.once


async def fetch(client: Client, url: str, **headers: str) -> httpx.Response:
    return await client.http.get(url, headers=headers)


async def test_whole_video_without_a_key(client: Client) -> None:
    reply = await fetch(client, (await client.make())["videoURL"])
    assert (reply.status_code, reply.headers["content-type"]) == (200, "video/mp4")
    assert int(reply.headers["content-length"]) == len(reply.content)
    with av.open(io.BytesIO(reply.content)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.frames) == (1280, 720, 150)


async def test_ranges(client: Client) -> None:
    url = (await client.make())["videoURL"]
    whole = await fetch(client, url)
    body, etag = whole.content, whole.headers["etag"]
    head = await client.http.head(url)
    assert (head.headers["content-length"], head.headers["etag"]) == (str(len(body)), etag)
    assert (head.content, head.headers["accept-ranges"]) == (b"", "bytes")
    for asked, part in (
        ("bytes=100-", body[100:]),
        ("bytes=100-199", body[100:200]),
        ("bytes=-50", body[-50:]),
        (f"bytes=10-{len(body) * 2}", body[10:]),
    ):
        reply = await fetch(client, url, range=asked, **{"if-range": etag})
        assert (reply.status_code, reply.content) == (206, part)
        start = len(body) - len(part) if not asked.endswith("199") else 100
        assert reply.headers["content-range"].startswith(f"bytes {start}-")
        assert reply.headers["content-range"].endswith(f"/{len(body)}")
    reply = await fetch(client, url, range="bytes=100-", **{"if-range": '"other"'})
    assert (reply.status_code, reply.content) == (200, body)
    reply = await fetch(client, url, range=f"bytes={len(body)}-")
    assert (reply.status_code, reply.headers["content-range"]) == (416, f"bytes */{len(body)}")


async def test_unknown_video(client: Client) -> None:
    url: str = (await client.make())["videoURL"]
    assert (await fetch(client, url.replace("/vi/", "/vi/0"))).status_code == 404
    assert (await fetch(client, url.replace("/ws/1/", "/ws/2/"))).status_code == 403


async def test_link_lives_as_long_as_asked(open_sandbox: OpenSandbox) -> None:
    moment = [1_000_000.0]
    async with open_sandbox(now=lambda: moment[0]) as client:
        task = make_task(ttl=60)
        await client.post(task)
        (item,) = await client.finish(task)
        assert (await fetch(client, item["videoURL"])).status_code == 200
        moment[0] += 61
        assert (await fetch(client, item["videoURL"])).status_code == 403
        (fresh,) = await client.finish(task)
        assert fresh["videoURL"] != item["videoURL"]
        assert (await fetch(client, fresh["videoURL"])).status_code == 200


@pytest.mark.parametrize(
    ("name", "error"),
    [("truncated", httpx.RemoteProtocolError), ("download_reset", httpx.ReadError),
     ("dropped:download", httpx.RemoteProtocolError), ("reset:download", httpx.ReadError),
     ("hang:download=0.05", httpx.RemoteProtocolError)],
)  # fmt: skip
async def test_broken_downloads(
    open_sandbox: OpenSandbox, name: str, error: type[Exception]
) -> None:
    async with open_sandbox(name) as client:
        url = (await client.make())["videoURL"]
        got = bytearray()
        with pytest.raises(error):
            await _read_into(got, client, url)
        rest = await fetch(client, url, range=f"bytes={len(got)}-")
        whole = (await fetch(client, url)).content
        assert bytes(got) + rest.content == whole
        if name in ("truncated", "download_reset"):
            assert 0 < len(got) < len(whole)


async def _read_into(got: bytearray, client: Client, url: str) -> None:
    async with client.http.stream("GET", url) as reply:
        async for piece in reply.aiter_raw():
            got += piece


@pytest.mark.parametrize(
    ("name", "status"),
    [("not_ready", 422), ("http_502:download", 502), ("http_503:download=4", 503)],
)
async def test_not_yet(open_sandbox: OpenSandbox, name: str, status: int) -> None:
    async with open_sandbox(name) as client:
        url = (await client.make())["videoURL"]
        assert (await fetch(client, url)).status_code == status
        assert (await fetch(client, url)).status_code == 200


@pytest.mark.parametrize(("name", "status"), [("link_expired", 403), ("link_gone", 404)])
async def test_dead_link_and_a_fresh_one(open_sandbox: OpenSandbox, name: str, status: int) -> None:
    async with open_sandbox(name) as client:
        task = make_task()
        await client.post(task)
        (item,) = await client.finish(task)
        assert (await fetch(client, item["videoURL"])).status_code == status
        assert (await fetch(client, item["videoURL"])).status_code == 403
        (fresh,) = await client.finish(task)
        assert (await fetch(client, fresh["videoURL"])).status_code == 200
        assert len(await client.ledger()) == 1


@pytest.mark.parametrize("name", ["not_a_video", "moov_missing"])
async def test_bodies_that_are_no_video(open_sandbox: OpenSandbox, name: str) -> None:
    async with open_sandbox(name) as client:
        url = (await client.make())["videoURL"]
        reply = await fetch(client, url)
        assert (reply.status_code, reply.headers["content-type"]) == (200, "video/mp4")
        with pytest.raises(av.error.InvalidDataError), av.open(io.BytesIO(reply.content)):
            pass


async def test_wrong_and_missing_length(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox("wrong-length:1 no-length:2") as client:
        url = (await client.make())["videoURL"]
        cut, open_end, whole = [await fetch(client, url) for _ in range(3)]
        assert len(cut.content) == int(cut.headers["content-length"]) < len(whole.content)
        assert "content-length" not in open_end.headers
        assert open_end.content == whole.content


async def test_redirects(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox("redirect-loopback:1 redirect-forbidden:2") as client:
        url = (await client.make())["videoURL"]
        near, far = await fetch(client, url), await fetch(client, url)
        assert (near.status_code, far.status_code) == (302, 302)
        assert far.headers["location"].startswith("http://videos.example.invalid/")
        assert (await fetch(client, near.headers["location"])).status_code == 200


async def test_ranges_ignored_and_tags_changed(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox("changed-etag:2") as client:
        url = (await client.make())["videoURL"]
        etag = (await fetch(client, url)).headers["etag"]
        reply = await fetch(client, url, range="bytes=10-", **{"if-range": etag})
        assert reply.status_code == 200
        assert reply.headers["etag"] != etag
        await client.set_faults({"faults": ["no-range"]})
        assert (await fetch(client, url, range="bytes=10-")).status_code == 200


async def test_slow_drip(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox("slow-drip=400000") as client:
        url = (await client.make())["videoURL"]
        pieces: list[Any] = []
        async with client.http.stream("GET", url) as reply:
            pieces = [piece async for piece in reply.aiter_raw()]
        assert len(b"".join(pieces)) == int(reply.headers["content-length"])
