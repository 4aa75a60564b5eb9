"""The client over real sockets: which way a request goes, what a failure means, and no cookies."""

import asyncio
import base64
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from kling_desktop.api.client import ApiClient
from kling_desktop.api.network_failures import explain_failure
from kling_desktop.domain.errors import (
    ApiError,
    NetworkMisconfigured,
    NetworkUnreachable,
    ServiceUnavailable,
)
from kling_desktop.domain.job import TaskId
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.secret import ApiKey

PONG = b'{"data":[{"taskType":"ping","pong":true}]}'
Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(handle: Handle, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    tasks: set[asyncio.Task[object]] = set()

    async def run(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await handle(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(run, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]
        for task in tasks:
            task.cancel()
    if tasks:
        await asyncio.wait(tasks)
    # On Python 3.11 a handshake that failed is still being put away.
    while accepting := [task for task in asyncio.all_tasks() if "_accept" in repr(task.get_coro())]:
        await asyncio.wait(accepting)


async def read_head(reader: asyncio.StreamReader) -> str:
    return (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")


async def answer_ping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await read_head(reader)
    length = int(head.lower().split("content-length: ")[1].split("\r\n")[0])
    await reader.readexactly(length)
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(PONG), PONG))
    await writer.drain()


@asynccontextmanager
async def client_of(
    base_url: str, environment: Mapping[str, str] | None = None, *, proxy: str = ""
) -> AsyncIterator[ApiClient]:
    client = ApiClient(
        base_url, lambda: ApiKey("a-key"), environment=environment or {}, proxy=proxy
    )
    try:
        yield client
    finally:
        await client.aclose()


async def fail_ping(
    base_url: str, environment: Mapping[str, str] | None = None, *, proxy: str = ""
) -> ApiError:
    async with client_of(base_url, environment, proxy=proxy) as client:
        with pytest.raises(ApiError) as caught:
            await client.ping()
    return caught.value


@pytest.fixture(scope="session")
def own_authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate that nobody else trusts, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "c.pem", folder / "k.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,DNS:api.runware.test",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


@pytest.fixture
def tls(own_authority: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*own_authority)
    return context


WRONG_NETWORKS: dict[str, dict[str, str]] = {
    "a proxy of an unknown kind": {"ALL_PROXY": "socks4://127.0.0.1:9"},
    "no proxy's address": {"HTTPS_PROXY": "http://", "https_proxy": ":::"},
    "a proxy for everything": {"HTTP_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9"},
    "networks that need none": {"NO_PROXY": "[::1],fd07:b51a::/64", "HTTPS_PROXY": "http://x:1"},
    "certificates that are gone": {"SSL_CERT_FILE": "/gone.pem", "SSL_CERT_DIR": "/gone"},
    "a key log that cannot be written": {"SSLKEYLOGFILE": "/gone/keys"},
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG_NETWORKS)
async def test_nothing_keeps_a_request_from_this_machine(
    wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in WRONG_NETWORKS[wrong].items():
        monkeypatch.setenv(name, value)
    async with serving(answer_ping) as port:
        base_url = f"http://127.0.0.1:{port}/v1"
        async with client_of(base_url, WRONG_NETWORKS[wrong]) as client:
            await client.prepare()
            await client.ping()


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({"ALL_PROXY": "socks4://127.0.0.1:9"}, "ALL_PROXY"),
        ({"https_proxy": "http://"}, "https_proxy"),
        ({"SSL_CERT_FILE": "/gone.pem"}, "SSL_CERT_FILE"),
        ({"SSL_CERT_DIR": "/gone"}, "SSL_CERT_DIR"),
    ],
)
async def test_a_wrong_setting_is_found_before_anything_is_sent(
    environment: dict[str, str], names: str
) -> None:
    async with client_of("https://api.runware.test/v1", environment) as client:
        for attempt in (client.prepare, client.ping):
            with pytest.raises(NetworkMisconfigured) as caught:
                await attempt()
            assert caught.value.facts["variable"] == names


@pytest.mark.parametrize("environment", [{}, {"SSLKEYLOGFILE": "/gone/keys"}])
async def test_all_is_well_where_nothing_is_wrong(environment: dict[str, str]) -> None:
    async with client_of("https://api.runware.test/v1", environment) as client:
        await client.prepare()


class TestCertificates:
    async def test_an_unknown_authority_is_not_trusted_and_nothing_is_sent(
        self, tls: ssl.SSLContext
    ) -> None:
        async with serving(answer_ping, tls) as port:
            error = await fail_ping(f"https://localhost:{port}/v1")
        assert isinstance(error, NetworkUnreachable)
        assert not error.sent
        assert error.reason is Reason.CERTIFICATE_UNTRUSTED
        assert error.facts["host"] == "localhost"

    async def test_the_environment_can_name_it(
        self, tls: ssl.SSLContext, own_authority: tuple[Path, Path]
    ) -> None:
        environment = {"SSL_CERT_FILE": str(own_authority[0])}
        async with (
            serving(answer_ping, tls) as port,
            client_of(f"https://localhost:{port}/v1", environment) as client,
        ):
            await client.ping()

    async def test_a_host_that_speaks_no_tls(self) -> None:
        async def speak_plainly(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            await writer.drain()

        async with serving(speak_plainly) as port:
            error = await fail_ping(f"https://localhost:{port}/v1")
        assert error.reason is Reason.ENCRYPTION_FAILED

    async def test_a_name_that_is_not_in_it(
        self, tls: ssl.SSLContext, own_authority: tuple[Path, Path]
    ) -> None:
        async with serving(answer_ping, tls) as port:
            error = await fail_ping(
                f"https://127.0.0.1:{port}/v1", {"SSL_CERT_FILE": str(own_authority[0])}
            )
        assert error.reason is Reason.CERTIFICATE_UNTRUSTED


BASE_URL = "https://api.runware.test/v1"


class TestProxy:
    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", Reason.PROXY_WANTS_LOGIN),
            (b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", Reason.PROXY_REFUSES),
            (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", Reason.PROXY_REFUSES),
            (b"", Reason.PROXY_AWAY),
            (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", Reason.PROXY_AWAY),
        ],
    )
    async def test_before_it_has_connected_nothing_is_sent(
        self, answer: bytes, reason: Reason
    ) -> None:
        async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await read_head(reader)
            writer.write(answer)
            await writer.drain()

        async with serving(refuse) as port:
            error = await fail_ping(BASE_URL, {"HTTPS_PROXY": f"http://127.0.0.1:{port}"})
        assert isinstance(error, NetworkUnreachable)
        assert not error.sent
        assert error.reason is reason
        assert error.facts["proxy"] == f"127.0.0.1:{port}"

    @pytest.mark.parametrize("scheme", ["http", "socks5"])
    async def test_one_that_is_away(self, scheme: str) -> None:
        async with serving(answer_ping) as port:
            pass  # nobody listens there any more
        error = await fail_ping(BASE_URL, proxy=f"{scheme}://127.0.0.1:{port}")
        assert isinstance(error, NetworkUnreachable)
        assert error.reason is Reason.PROXY_AWAY

    async def test_one_that_speaks_no_tls_though_its_address_says_so(self) -> None:
        async def speak_plainly(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            await writer.drain()

        async with serving(speak_plainly) as port:
            error = await fail_ping(BASE_URL, {"HTTPS_PROXY": f"https://127.0.0.1:{port}"})
        assert isinstance(error, NetworkUnreachable)
        assert error.reason is Reason.PROXY_ENCRYPTION

    async def test_it_is_asked_with_the_password_of_its_address(self) -> None:
        heads: list[str] = []

        async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            heads.append(await read_head(reader))
            writer.write(b"HTTP/1.1 503 No\r\n\r\n")

        async with serving(note) as port:
            await fail_ping(BASE_URL, proxy=f"http://me:p@ss@127.0.0.1:{port}")
        assert heads[0].startswith("CONNECT api.runware.test:443 ")
        assert base64.b64encode(b"me:p@ss").decode() in heads[0]
        assert "a-key" not in heads[0]

    @pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks"])
    async def test_socks_works(
        self, scheme: str, tls: ssl.SSLContext, own_authority: tuple[Path, Path]
    ) -> None:
        asked: list[bytes] = []

        async with serving(answer_ping, tls) as service:

            async def socks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                version, methods = await reader.readexactly(2)
                assert version == 5
                await reader.readexactly(methods)
                writer.write(b"\x05\x00")
                await reader.readexactly(4)
                (length,) = await reader.readexactly(1)
                asked.append(await reader.readexactly(length))
                await reader.readexactly(2)
                writer.write(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
                inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", service)
                try:
                    await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))
                finally:
                    inner_writer.close()

            async with (
                serving(socks) as port,
                client_of(
                    "https://api.runware.test/v1",
                    {
                        "ALL_PROXY": f"{scheme}://127.0.0.1:{port}",
                        "SSL_CERT_FILE": str(own_authority[0]),
                    },
                ) as client,
            ):
                await client.ping()
        assert asked == [b"api.runware.test"]


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


class TestWhatAFailureMeans:
    async def test_a_host_that_does_not_listen_is_no_missing_network(self) -> None:
        async with serving(answer_ping) as port:
            pass
        error = await fail_ping(f"http://127.0.0.1:{port}/v1")
        assert isinstance(error, NetworkUnreachable)
        assert error.reason is Reason.HOST_REFUSES

    async def test_a_name_that_nobody_resolves_is(self) -> None:
        error = await fail_ping("https://no-such-host.invalid/v1")
        assert error.reason is Reason.NO_NETWORK

    async def test_a_connection_that_breaks_after_the_body_may_have_arrived(self) -> None:
        async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await read_head(reader)
            await reader.readexactly(
                int(head.lower().split("content-length: ")[1].split("\r\n")[0])
            )

        async with serving(hang_up) as port:
            error = await fail_ping(f"http://127.0.0.1:{port}/v1")
        assert isinstance(error, ServiceUnavailable)
        assert error.sent
        assert error.reason is Reason.CONNECTION_BROKE

    def test_causes_are_found_inside_groups_and_in_circles(self) -> None:
        error = httpx.ConnectError("All connection attempts failed")
        inner = ExceptionGroup("both", [OSError(101, "Network is unreachable"), OSError(111, "no")])
        error.__cause__, inner.__context__ = inner, error
        assert explain_failure(error, host="h").reason is Reason.NO_NETWORK

    def test_a_certificate_of_another_day(self) -> None:
        error, cause = httpx.ConnectError("no"), ssl.SSLCertVerificationError("expired")
        cause.verify_code, cause.verify_message = 10, "certificate has expired"
        error.__cause__ = cause
        assert explain_failure(error, host="h").reason is Reason.CERTIFICATE_DATE


async def test_no_cookies_are_kept() -> None:
    seen: list[httpx.Headers] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        headers = {"set-cookie": "track=me; Path=/; Max-Age=86400"}

        async def body() -> AsyncIterator[bytes]:
            yield PONG

        return httpx.Response(200, content=body(), headers=headers)

    client = ApiClient(BASE_URL, lambda: ApiKey("k"), transport=httpx.MockTransport(answer))
    for _ in range(2):
        await client.ping()
        async with client.download("https://files.runware.test/a.mp4") as download:
            async for _chunk in download.chunks():
                pass
    assert len(seen) == 4
    assert all("cookie" not in headers for headers in seen)
    await client.aclose()


async def test_asking_about_a_task_needs_no_other_settings() -> None:
    async with client_of(BASE_URL, {"HTTPS_PROXY": "http://"}) as client:
        with pytest.raises(NetworkMisconfigured):
            await client.ask([TaskId("a")])
