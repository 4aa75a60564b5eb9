"""Bodies taken in large pieces: over real sockets, with and without TLS, and record by record."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from kling_desktop.api.bulk_reads import add_decrypted_records, use_bulk_reads

VIDEO = bytes(range(256)) * 16384  # 4 MB
HTTPCORE_ASKS_FOR = 64 * 1024
RECORD = 16 * 1024


def make_tls(protocol: int) -> ssl.SSLContext:
    """Encrypt without anybody's certificate: who it is does not matter here."""
    context = ssl.SSLContext(protocol)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AECDH-AES256-SHA:@SECLEVEL=0")
    return context


@asynccontextmanager
async def serving(tls: ssl.SSLContext | None) -> AsyncIterator[str]:
    answering: set[asyncio.Task[object]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        answering.add(task)
        try:
            while (await reader.readuntil(b"\r\n\r\n")).startswith(b"GET"):
                head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(VIDEO)
                writer.write(head + VIDEO)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}/video.mp4"
    if answering:  # up to Python 3.11 the server does not wait for them
        await asyncio.wait(answering)


@pytest.mark.parametrize("encrypted", [False, True])
async def test_one_look_brings_more_than_httpcore_asks_for(encrypted: bool) -> None:
    """Fails when a new version of httpx or httpcore no longer reads through this method."""
    server = make_tls(ssl.PROTOCOL_TLS_SERVER) if encrypted else None
    client = make_tls(ssl.PROTOCOL_TLS_CLIENT) if encrypted else False
    async with serving(server) as address, httpx.AsyncClient(verify=client) as http:
        for _ in range(2):  # the second one comes over the connection that was kept
            async with http.stream("GET", address) as response:
                use_bulk_reads(response)
                pieces = [piece async for piece in response.aiter_raw()]
            assert b"".join(pieces) == VIDEO
            looks = RECORD if encrypted else HTTPCORE_ASKS_FOR
            assert max(len(piece) for piece in pieces) > looks


async def test_a_kept_connection_is_widened_once() -> None:
    async with serving(None) as address, httpx.AsyncClient() as http:
        response = await http.get(address)
        stream = response.extensions["network_stream"]
        use_bulk_reads(response)
        read = stream.read
        use_bulk_reads(response)
        assert stream.read is read  # not one inside the other


async def test_a_test_transport_is_left_alone() -> None:
    use_bulk_reads(httpx.Response(200, content=b"video"))
    use_bulk_reads(httpx.Response(200, content=b"video", extensions={"network_stream": object()}))


class Line:
    """A connection that brings these pieces; where the reader rests, an R is noted."""

    def __init__(self, *sizes: int) -> None:
        self.pieces = [bytes(size) for size in sizes]
        self.log: list[str] = []

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        assert (max_bytes, timeout) == (256 * 1024, 5.0)
        piece = self.pieces.pop(0)
        self.log.append(str(len(piece)))
        return piece

    def get_extra_info(self, info: str) -> object:
        return None

    async def rest(self, seconds: float) -> None:
        assert 0 < seconds <= 0.02
        self.log.append("R")


async def test_a_slow_line_is_left_alone_for_a_moment_and_a_fast_one_never() -> None:
    line = Line(1400, 2800, 200_000, 32_768, 40_000, 10, 0)
    response = httpx.Response(200, extensions={"network_stream": line})
    use_bulk_reads(response, line.rest)
    while await line.read(64 * 1024, timeout=5.0):
        pass
    assert line.log == ["1400", "R", "2800", "R", "200000", "32768", "40000", "10", "R", "0"]


class Wire:
    """Two ends of TLS in memory, hands shaken."""

    def __init__(self) -> None:
        self.to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.out = ssl.MemoryBIO()
        self.client = make_tls(ssl.PROTOCOL_TLS_CLIENT).wrap_bio(self.to_client, to_server)
        server = make_tls(ssl.PROTOCOL_TLS_SERVER)
        self.server = server.wrap_bio(to_server, self.out, server_side=True)
        for end in (self.client, self.server) * 2:
            with suppress(ssl.SSLWantReadError):
                end.do_handshake()
            self.to_client.write(self.out.read())

    def encrypt(self, *records: bytes) -> bytes:
        for record in records:
            self.server.write(record)
        return self.out.read()


def test_all_whole_records_are_taken_and_the_half_one_waits() -> None:
    wire = Wire()
    sent = wire.encrypt(b"a" * RECORD, b"b" * RECORD, b"c" * RECORD)
    wire.to_client.write(sent[:-10])
    first = wire.client.read(RECORD)
    assert add_decrypted_records(first, wire.client) == b"a" * RECORD + b"b" * RECORD
    wire.to_client.write(sent[-10:])
    assert wire.client.read(RECORD) == b"c" * RECORD


def test_what_came_before_a_broken_record_is_kept() -> None:
    wire = Wire()
    wire.to_client.write(wire.encrypt(b"a", b"b"))
    broken = bytearray(wire.encrypt(b"c"))
    broken[-1] ^= 1
    wire.to_client.write(bytes(broken))
    assert add_decrypted_records(wire.client.read(1), wire.client) == b"ab"
    with pytest.raises(ssl.SSLError):
        wire.client.read(1)


def test_the_end_of_the_line_is_left_to_the_next_read() -> None:
    wire = Wire()
    wire.to_client.write(wire.encrypt(b"a"))
    wire.to_client.write_eof()
    assert add_decrypted_records(wire.client.read(1), wire.client) == b"a"


def test_one_look_has_an_end() -> None:
    wire = Wire()
    wire.to_client.write(wire.encrypt(*[bytes(RECORD)] * 20))
    assert len(add_decrypted_records(wire.client.read(RECORD), wire.client)) == 16 * RECORD
