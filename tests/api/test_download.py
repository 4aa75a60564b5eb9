"""Downloads against the fake file host: going on, starting over, dead links, hostile hosts."""

import asyncio
import gzip
import random
import ssl
import zlib
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from kling_desktop.api.client import ApiClient
from kling_desktop.api.download import Downloader
from kling_desktop.api.payload import encode_body
from kling_desktop.domain.errors import (
    ApiError,
    DamagedDownload,
    LinkExpired,
    NetworkUnreachable,
    RateLimited,
    ServiceUnavailable,
    UnexpectedReply,
)
from kling_desktop.domain.job import TaskId
from kling_desktop.domain.reasons import Reason
from tests.fakes.service import FakeService
from tests.fakes.service_script import (
    Cut,
    Expired,
    FileStatus,
    FileStep,
    FileUnreachable,
    Other,
    Redirect,
    Short,
)

A = TaskId("task-a")
URL = "https://files.runware.test/video/task-a/1.mp4?sig=x"
VIDEO = bytes(range(256)) * 4096  # 1 MB


@pytest.fixture
def service() -> FakeService:
    return FakeService(video=VIDEO)


@pytest.fixture
async def client(service: FakeService) -> AsyncIterator[ApiClient]:
    client = service.make_client()
    yield client
    await client.aclose()


class Part:
    """What of the video is on disk, as the engine keeps it between attempts."""

    def __init__(self) -> None:
        self.data = b""
        self.validator = ""
        self.resumed: list[bool] = []

    async def fetch(self, client: ApiClient, url: str = URL, **limits: int) -> None:
        async with client.download(
            url, offset=len(self.data), validator=self.validator, **limits
        ) as download:
            self.resumed.append(download.resumed)
            self.validator = download.validator
            if not download.resumed:
                self.data = b""
            async for chunk in download.chunks():
                self.data += chunk


async def test_whole_video_without_the_key(client: ApiClient, service: FakeService) -> None:
    await client.submit(encode_body([{"taskType": "videoInference", "taskUUID": A}]), A)
    (result,) = (await client.ask([A]))[A].results
    part = Part()
    await part.fetch(client, result.url)
    assert part.data == VIDEO
    assert part.validator.startswith('"')
    assert not service.files.saw_key


async def test_it_goes_on_where_it_broke(client: ApiClient, service: FakeService) -> None:
    service.script_download(A, Cut(300_000), Cut(700_000))
    part = Part()
    for kept in (300_000, 700_000):
        with pytest.raises(ServiceUnavailable):
            await part.fetch(client)
        assert len(part.data) == kept, "what arrived before the break is kept"
    await part.fetch(client)
    assert part.data == VIDEO
    assert part.resumed == [False, True, True]
    assert [asked for _, asked in service.files.requests] == [
        "", "bytes=300000-", "bytes=700000-",
    ]  # fmt: skip


async def test_total_is_told_from_the_first_and_any_later_part(client: ApiClient) -> None:
    async with client.download(URL) as download:
        assert (download.total_bytes, download.resumed) == (len(VIDEO), False)
        etag = download.validator
    async with client.download(URL, offset=5, validator=etag) as download:
        assert (download.total_bytes, download.resumed) == (len(VIDEO), True)


@pytest.mark.parametrize("reason", ["changed", "no ranges", "no etag"])
async def test_it_starts_over_where_going_on_is_not_safe(
    client: ApiClient, service: FakeService, reason: str
) -> None:
    service.files.gives_etag = reason != "no etag"
    service.files.takes_ranges = reason != "no ranges"
    service.script_download(A, Cut(300_000))
    part = Part()
    with pytest.raises(ServiceUnavailable):
        await part.fetch(client)
    if reason == "changed":
        service.files.video = VIDEO[::-1]
    await part.fetch(client)
    assert part.data == service.files.video
    assert part.resumed == [False, False]


async def test_all_there_already(client: ApiClient) -> None:
    part = Part()
    await part.fetch(client)
    await part.fetch(client)
    assert part.data == VIDEO
    assert part.resumed == [False, True]


async def test_more_there_than_there_is_starts_over(
    client: ApiClient, service: FakeService
) -> None:
    part = Part()
    await part.fetch(client)
    part.data += b"too much"
    await part.fetch(client)
    assert part.data == VIDEO
    assert [asked for _, asked in service.files.requests] == ["", f"bytes={len(VIDEO) + 8}-", ""]


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (FileStatus(403), LinkExpired), (FileStatus(404), LinkExpired),
        (FileStatus(410), LinkExpired), (FileStatus(422), ServiceUnavailable),
        (FileStatus(502), ServiceUnavailable), (FileStatus(500), ServiceUnavailable),
        (FileStatus(408), ServiceUnavailable), (FileStatus(429), RateLimited),
        (FileStatus(204), UnexpectedReply), (FileStatus(401), UnexpectedReply),
        (FileUnreachable(), NetworkUnreachable), (Short(1000), DamagedDownload),
        (FileStatus(206, {"content-range": "bytes 0-9/10"}), DamagedDownload),
        (FileStatus(416), UnexpectedReply),
    ],
)  # fmt: skip
async def test_what_a_failure_means(
    client: ApiClient, service: FakeService, step: FileStep, kind: type[ApiError]
) -> None:
    service.script_download(A, step, *([step] if step == FileStatus(416) else []))
    with pytest.raises(ApiError) as caught:
        await Part().fetch(client)
    assert type(caught.value) is kind
    part = Part()
    await part.fetch(client)
    assert part.data == VIDEO


async def test_retry_after_of_the_host(client: ApiClient, service: FakeService) -> None:
    service.script_download(A, FileStatus(503, {"retry-after": "9"}))
    with pytest.raises(ServiceUnavailable) as caught:
        await Part().fetch(client)
    assert caught.value.retry_after_s == 9.0


async def test_fresh_link_after_the_old_one_died(client: ApiClient, service: FakeService) -> None:
    await client.submit(encode_body([{"taskType": "videoInference", "taskUUID": A}]), A)
    service.script_download(A, Expired())
    for kind in (LinkExpired, None):
        (result,) = (await client.ask([A]))[A].results
        part = Part()
        if kind is not None:
            with pytest.raises(kind):
                await part.fetch(client, result.url)
        else:
            await part.fetch(client, result.url)
            assert part.data == VIDEO


async def test_body_that_is_no_video_is_for_the_reader_to_refuse(
    client: ApiClient, service: FakeService
) -> None:
    service.script_download(A, Other(b"<html>"))
    part = Part()
    await part.fetch(client)
    assert part.data == b"<html>"


async def test_size_limit(client: ApiClient, service: FakeService) -> None:
    with pytest.raises(DamagedDownload) as caught:
        await Part().fetch(client, limit_bytes=len(VIDEO) - 1)
    assert caught.value.reason is Reason.FILE_TOO_LARGE
    await Part().fetch(client, limit_bytes=len(VIDEO))


class TestRedirects:
    async def test_safe_one_is_followed(self, client: ApiClient, service: FakeService) -> None:
        other = "https://cdn.runware.test/video/task-a/1.mp4"
        service.script_download(A, Redirect(other), Redirect("/video/task-a/2.mp4"))
        part = Part()
        await part.fetch(client)
        assert part.data == VIDEO

    @pytest.mark.parametrize(
        "location",
        ["http://files.runware.test/x/task-a/1.mp4", "ftp://x/y", "file:///etc/passwd",
         "http://127.0.0.1.evil.test/v/task-a/1", "https://me:pw@files.runware.test/v/task-a/1",
         "https://[bad/", "http://0x7f000001/v/task-a/x"],
    )  # fmt: skip
    async def test_unsafe_one_is_not(
        self, client: ApiClient, service: FakeService, location: str
    ) -> None:
        service.script_download(A, Redirect(location))
        with pytest.raises(UnexpectedReply):
            await Part().fetch(client)
        assert len(service.files.requests) == 1

    @pytest.mark.parametrize(
        "location",
        ["http://127.0.0.1:8000/task-a/1.mp4", "https://localhost/task-a/1.mp4",
         "http://[::1]/task-a/1.mp4"],
    )  # fmt: skip
    async def test_none_leads_from_elsewhere_to_this_machine(
        self, client: ApiClient, service: FakeService, location: str
    ) -> None:
        service.script_download(A, Redirect(location))
        with pytest.raises(UnexpectedReply) as caught:
            await Part().fetch(client)
        assert caught.value.reason is Reason.LINK_UNSAFE
        assert len(service.files.requests) == 1

    async def test_one_on_this_machine_stays_there(
        self, client: ApiClient, service: FakeService
    ) -> None:
        service.script_download(A, Redirect("http://127.0.0.1:8001/video/task-a/1.mp4"))
        part = Part()
        await part.fetch(client, "http://127.0.0.1:8000/video/task-a/1.mp4")
        assert part.data == VIDEO

    async def test_circle_ends(self, client: ApiClient, service: FakeService) -> None:
        service.script_download(A, *[Redirect()] * 20)
        with pytest.raises(UnexpectedReply) as caught:
            await Part().fetch(client)
        assert caught.value.reason is Reason.LINK_IN_CIRCLES
        assert len(service.files.requests) == 6


@pytest.mark.parametrize(
    "url",
    ["http://files.runware.test/a.mp4", "ftp://h/a", "", "a.mp4", "https://", "https://[::",
     "http://127.0.0.1@evil.test/a", "http://user@127.0.0.1/a", "data:video/mp4;base64,AA",
     "https://h.test:99999999/a", "https://h.test:0/a", "https://" + "a" * 70 + ".test/a",
     "https://a..test/a", "https://\x00/a", "https://h test/a", "https://xn--a.test/a", "https://xn--\u00e4.test/a",
     "http://169.254.1.1/a", "//files.runware.test/a"],
)  # fmt: skip
async def test_unsafe_address_is_not_spoken_to(
    client: ApiClient, service: FakeService, url: str
) -> None:
    with pytest.raises(UnexpectedReply):
        await Part().fetch(client, url)
    assert service.files.requests == []


def serve(handle: Callable[[httpx.Request], httpx.Response]) -> Downloader:
    return Downloader(user_agent="test", transport=httpx.MockTransport(handle))


async def close(host: Downloader) -> None:
    await host.close()
    for _ in range(20):  # httpx's own iterators close one after the other
        await asyncio.sleep(0)


class BodyStream(httpx.AsyncByteStream):
    """A body that has not been read yet."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


async def test_loopback_is_allowed_and_nothing_is_asked_to_be_packed() -> None:
    seen: list[httpx.Headers] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(200, stream=BodyStream(VIDEO))

    host = serve(handle)
    async with host.open("http://127.0.0.1:8000/a.mp4") as download:
        assert b"".join([chunk async for chunk in download.chunks()]) == VIDEO
    assert seen[0]["accept-encoding"] == "identity"
    assert "authorization" not in seen[0]
    await host.close()


class TestCodings:
    """A body that is packed though nothing packed was asked for."""

    @staticmethod
    def serve(body: bytes, coding: str, *, piece: int = 10_000) -> Downloader:
        pieces = [body[start : start + piece] for start in range(0, len(body), piece)]
        headers = {"content-encoding": coding, "etag": '"v1"', "content-length": str(len(body))}
        return serve(lambda _: httpx.Response(200, headers=headers, stream=BodyStream(*pieces)))

    async def fetch(self, host: Downloader) -> tuple[bytes, str]:
        try:
            async with host.open(URL) as download:
                body = b"".join([chunk async for chunk in download.chunks()])
                return body, download.validator
        finally:
            await close(host)

    @pytest.mark.parametrize(
        "coding",
        ["identity", "Identity", "aws-chunked", "", "utf-8", "UTF-8, aws-chunked", " , ", "none",
         "binary", "7bit"],
    )  # fmt: skip
    async def test_words_that_are_no_coding_are_passed_over(self, coding: str) -> None:
        assert await self.fetch(self.serve(VIDEO, coding)) == (VIDEO, '"v1"')

    @pytest.mark.parametrize("piece", [1, 3, 10_000, 10_000_000])
    @pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip", "aws-chunked,gzip"])
    async def test_gzip_is_unpacked_and_never_gone_on_from(self, coding: str, piece: int) -> None:
        video = VIDEO[:200_000]
        packed = gzip.compress(video[:90_000]) + gzip.compress(video[90_000:])
        assert await self.fetch(self.serve(packed, coding, piece=piece)) == (video, "")

    @pytest.mark.parametrize("piece", [1, 10_000])
    @pytest.mark.parametrize("wbits", [15, -15])
    async def test_deflate_is_unpacked_with_or_without_its_head(
        self, wbits: int, piece: int
    ) -> None:
        packer = zlib.compressobj(wbits=wbits)
        packed = packer.compress(VIDEO) + packer.flush()
        assert await self.fetch(self.serve(packed, "Deflate", piece=piece)) == (VIDEO, "")

    @pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, gzip", "br, identity"])
    async def test_any_other_coding_is_refused(self, coding: str) -> None:
        with pytest.raises(UnexpectedReply) as caught:
            await self.fetch(self.serve(VIDEO, coding))
        assert caught.value.reason is Reason.FILE_PACKED

    @pytest.mark.parametrize("coding", ["gzip", "deflate"])
    async def test_what_is_not_packed_as_said_is_damaged(self, coding: str) -> None:
        with pytest.raises(DamagedDownload) as caught:
            await self.fetch(self.serve(VIDEO, coding))
        assert caught.value.reason is Reason.FILE_UNPACKING

    @pytest.mark.parametrize("left_out", [1, 8, 500])
    async def test_one_that_ends_early_is_noticed(self, left_out: int) -> None:
        packed = gzip.compress(random.Random(7).randbytes(100_000))
        with pytest.raises(DamagedDownload) as caught:
            await self.fetch(self.serve(packed[:-left_out], "gzip"))
        assert caught.value.reason is Reason.FILE_CUT

    async def test_a_bomb_ends_at_the_limit(self) -> None:
        host = self.serve(gzip.compress(bytes(50_000_000)), "gzip", piece=10_000_000)
        biggest = 0

        async def fetch() -> None:
            nonlocal biggest
            async with host.open(URL, limit_bytes=3_000_000) as download:
                async for chunk in download.chunks():
                    biggest = max(biggest, len(chunk))

        with pytest.raises(DamagedDownload) as caught:
            await fetch()
        assert caught.value.reason is Reason.FILE_TOO_LARGE
        assert biggest <= 2 * 1024 * 1024
        await close(host)


class _Endless(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield bytes(100_000)


@pytest.mark.parametrize("announced", ["", "150000", "nonsense"])
async def test_body_without_end_stops_at_the_limit(announced: str) -> None:
    headers = {"content-length": announced} if announced else {}
    host = serve(lambda _: httpx.Response(200, headers=headers, stream=_Endless()))
    got = 0

    async def fetch() -> None:
        nonlocal got
        async with host.open(URL, limit_bytes=1_000_000) as download:
            async for chunk in download.chunks():
                got += len(chunk)

    with pytest.raises(DamagedDownload):
        await fetch()
    assert got <= 1_000_000
    await close(host)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"content-range": "bytes 7-9/10"}, Reason.FILE_OTHER_PART),
        ({"content-range": "nonsense"}, Reason.FILE_OTHER_PART),
        ({}, Reason.FILE_OTHER_PART),
        ({"content-range": "bytes 5-9/10", "etag": '"other"'}, Reason.FILE_CHANGED),
        ({"content-range": "bytes 5-9/10", "content-encoding": "gzip"}, Reason.FILE_OTHER_PART),
    ],
)
async def test_another_part_than_asked_for_is_refused(
    headers: dict[str, str], reason: Reason
) -> None:
    host = serve(lambda _: httpx.Response(206, headers=headers, stream=BodyStream(b"12345")))
    with pytest.raises(DamagedDownload) as caught:
        async with host.open(URL, offset=5, validator='"mine"'):
            pass
    assert caught.value.reason is reason
    await host.close()


@pytest.mark.parametrize("offset", [0, 5])
async def test_a_part_that_is_the_whole_file_is_taken(offset: int) -> None:
    headers = {"content-range": "bytes 0-9/10", "etag": '"mine"'}
    host = serve(lambda _: httpx.Response(206, headers=headers, stream=BodyStream(b"0123456789")))
    async with host.open(URL, offset=offset, validator='"mine"') as download:
        assert not download.resumed
        assert [chunk async for chunk in download.chunks()] == [b"0123456789"]
    await host.close()


MODIFIED = "Sat, 28 Nov 2026 00:00:00 GMT"


class TestLastModified:
    """A host without ETags: the date of the file stands in."""

    @staticmethod
    def serve(seen: list[tuple[str, str]], **headers: str) -> Downloader:
        def answer(request: httpx.Request) -> httpx.Response:
            asked = request.headers
            seen.append((asked.get("range", ""), asked.get("if-range", "")))
            if "range" in asked:
                span = {"content-range": "bytes 5-9/10", "last-modified": MODIFIED}
                return httpx.Response(206, headers=span | headers, stream=BodyStream(b"56789"))
            fresh = {"last-modified": MODIFIED, "content-length": "10"}
            return httpx.Response(200, headers=fresh | headers, stream=BodyStream(b"0123456789"))

        return serve(answer)

    async def test_it_is_gone_on_from(self) -> None:
        seen: list[tuple[str, str]] = []
        host = self.serve(seen)
        async with host.open(URL) as download:
            validator = download.validator
        async with host.open(URL, offset=5, validator=validator) as download:
            assert download.resumed
            assert [chunk async for chunk in download.chunks()] == [b"56789"]
        assert seen == [("", ""), ("bytes=5-", MODIFIED)]
        await host.close()

    @pytest.mark.parametrize(
        ("headers", "validator"),
        [
            ({"etag": 'W/"a"'}, MODIFIED),
            ({"etag": '"a"'}, '"a"'),
            ({"date": "Sat, 28 Nov 2026 00:00:01 GMT"}, MODIFIED),
            ({"date": "Sat, 28 Nov 2026 00:00:00 GMT"}, ""),
            ({"date": "nonsense"}, ""),
            ({"last-modified": "yesterday"}, ""),
            ({"last-modified": ""}, ""),
        ],
    )
    async def test_what_vouches_for_every_byte(
        self, headers: dict[str, str], validator: str
    ) -> None:
        host = self.serve([], **headers)
        async with host.open(URL) as download:
            assert download.validator == validator
        await host.close()

    async def test_another_date_is_another_file(self) -> None:
        host = self.serve([], **{"last-modified": "Sun, 29 Nov 2026 00:00:00 GMT"})
        with pytest.raises(DamagedDownload) as caught:
            async with host.open(URL, offset=5, validator=MODIFIED):
                pass
        assert caught.value.reason is Reason.FILE_CHANGED
        await host.close()


async def test_weak_mark_is_no_mark() -> None:
    host = serve(lambda _: httpx.Response(200, headers={"etag": 'W/"a"'}, content=VIDEO))
    async with host.open(URL) as download:
        assert download.validator == ""
    await host.close()


async def test_slow_host_is_handed_on_piece_by_piece() -> None:
    """A gigabit line gives large pieces, a drip small ones: progress never stands still."""
    moments = iter(range(1000))

    def handle(_: httpx.Request) -> httpx.Response:
        async def drip() -> AsyncIterator[bytes]:
            for _ in range(5):
                yield b"12"

        return httpx.Response(200, content=drip())

    host = Downloader(
        user_agent="test",
        transport=httpx.MockTransport(handle),
        monotonic=lambda: float(next(moments)),
    )
    async with host.open(URL) as download:
        assert [chunk async for chunk in download.chunks()] == [b"12"] * 5
        assert download.total_bytes is None
    await host.close()


async def test_garbled_line_keeps_what_came_before_and_can_be_gone_on_from() -> None:
    async def garble() -> AsyncIterator[bytes]:
        yield b"12"
        raise ssl.SSLError("bad record mac")

    host = serve(lambda _: httpx.Response(200, content=garble()))
    async with host.open(URL) as download:
        chunks = download.chunks()
        assert await anext(chunks) == b"12"
        with pytest.raises(ServiceUnavailable) as caught:
            await anext(chunks)
        assert caught.value.reason is Reason.CONNECTION_BROKE
    await host.close()


async def test_fast_host_is_handed_on_in_large_pieces(
    client: ApiClient, service: FakeService
) -> None:
    service.files.video = bytes(3_500_000)
    async with client.download(URL) as download:
        sizes = [len(chunk) async for chunk in download.chunks()]
    assert sum(sizes) == 3_500_000
    assert len(sizes) <= 6
