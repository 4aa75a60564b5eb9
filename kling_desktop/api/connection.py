"""One request to the service and its answer: time limits, the key, and what each failure means."""

import asyncio
import hashlib
import importlib
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Final, cast

from kling_desktop.api.addresses import check_service_address
from kling_desktop.domain.errors import (
    ApiError,
    AuthenticationFailed,
    NetworkUnreachable,
    ServiceUnavailable,
    UnexpectedReply,
)
from kling_desktop.domain.limits import LONGEST_RETRY_AFTER_S
from kling_desktop.domain.secret import ApiKey

if TYPE_CHECKING:
    import ssl

    import httpx

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT_S: Final = 10.0
READ_TIMEOUT_S: Final = 60.0
UPLOAD_TIMEOUT_S: Final = 120.0
_LARGEST_REPLY_BYTES: Final = 8 * 1024 * 1024
_PIECE_BYTES: Final = 64 * 1024
_KEY_CHARACTERS: Final = re.compile(r"[\x21-\x7e]{1,512}")

OnBytes = Callable[[int, int], object]
"""Told the bytes done and the bytes in all."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the status, the body without any trace of the key, and Retry-After."""

    status: int
    body: bytes
    retry_after_s: float | None


class Connection:
    """The way to the API host, the only one that carries the key.

    Owned by `ApiClient`.  Redirects are not followed, certificates are always checked, and plain
    http is refused but to this machine itself.

    Attributes:
        requests_made: Requests that were begun.
        bytes_sent: Bytes of their bodies that left.
    """

    def __init__(
        self,
        base_url: str,
        key: Callable[[], ApiKey | None],
        *,
        user_agent: str,
        transport: "httpx.AsyncBaseTransport | None" = None,
        proxy: str = "",
    ) -> None:
        check_service_address(base_url)
        self._base_url = base_url
        self._key = key
        self._user_agent = user_agent
        self._transport = transport
        self._proxy = proxy
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()
        self.requests_made = 0
        self.bytes_sent = 0

    def __repr__(self) -> str:
        return f"Connection({self._base_url!r})"

    @property
    def account(self) -> str:
        """A mark that tells one address and key from another, and nothing else about them."""
        key = self._key()
        told = f"{self._base_url}\n{key.reveal() if key else ''}"
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    async def post(
        self,
        body: str,
        *,
        read_timeout_s: float = READ_TIMEOUT_S,
        on_bytes: OnBytes | None = None,
    ) -> Reply:
        """Send one body and return whatever is answered.

        Raises:
            AuthenticationFailed: There is no key, or one that no service has ever given out.
            NetworkUnreachable: The connection failed; surely not a byte was sent.
            ServiceUnavailable: It failed later; the request may have arrived.
            UnexpectedReply: The answer is larger than any answer.
        """
        key = self._take_key()
        client = await self.open()
        import httpx

        content = body.encode("ascii")
        headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
        }
        timeout = httpx.Timeout(read_timeout_s, connect=CONNECT_TIMEOUT_S, pool=CONNECT_TIMEOUT_S)
        self.requests_made += 1
        try:
            async with client.stream(
                "POST",
                self._base_url,
                content=self._send_pieces(content, on_bytes),
                headers=headers,
                timeout=timeout,
            ) as response:
                async with asyncio.timeout(read_timeout_s):
                    answer = await _read_body(response)
        except TimeoutError as error:
            raise ServiceUnavailable("The service's answer took too long.") from error
        except httpx.HTTPError as error:
            raise explain_failure(error) from error
        logger.debug(
            "POST %s: %d, %d bytes", client.base_url.host, response.status_code, len(answer)
        )
        return Reply(
            response.status_code,
            answer.replace(key.encode("ascii"), b"[key]"),
            read_retry_after(
                response.headers.get("retry-after", ""), response.headers.get("date", "")
            ),
        )

    async def open(self) -> "httpx.AsyncClient":
        """Return the client, made on first use in a thread: loading httpx and the certificates."""
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._make_client)
            return self._client

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _make_client(self) -> "httpx.AsyncClient":
        return make_http_client(self._user_agent, self._transport, self._proxy)

    def _take_key(self) -> str:
        key = self._key()
        if not key:
            raise AuthenticationFailed("There is no API key yet.")
        if not _KEY_CHARACTERS.fullmatch(key.reveal()):
            raise AuthenticationFailed("The API key holds characters that no key has.")
        return key.reveal()

    async def _send_pieces(self, content: bytes, on_bytes: OnBytes | None) -> AsyncIterator[bytes]:
        """Hand the body out in pieces: only so can its progress be told."""
        for start in range(0, len(content), _PIECE_BYTES):
            piece = content[start : start + _PIECE_BYTES]
            yield piece
            self.bytes_sent += len(piece)
            if on_bytes is not None:
                on_bytes(start + len(piece), len(content))


def load_http() -> None:
    """Load httpx, what it imports later, and the certificates (blocking: a third of a second)."""
    importlib.import_module("httpx")
    importlib.import_module("httpcore")
    # httpcore's part comes with the first request: on the loop's thread, for a twentieth of one.
    importlib.import_module("anyio._backends._asyncio")
    _load_trust()


@cache
def _load_trust() -> "ssl.SSLContext":
    """Read whom the clients of this process trust; once, for it stops every thread for 50 ms."""
    import httpx

    return httpx.create_ssl_context()


def make_http_client(
    user_agent: str, transport: "httpx.AsyncBaseTransport | None", proxy: str
) -> "httpx.AsyncClient":
    """Make a client that follows no redirect by itself and carries no key of its own."""
    import httpx

    load_http()
    # Their request lines hold whole addresses, signatures of result links included.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx.AsyncClient(
        headers={"User-Agent": user_agent, "Accept-Encoding": "identity"},
        transport=transport,
        proxy=proxy or None,
        # Plain http goes to this machine alone, and a proxy would read the key on its way there.
        mounts={"http://": None},
        follow_redirects=False,
        verify=_load_trust(),
    )


def explain_failure(error: "httpx.HTTPError") -> ApiError:
    """Say what a failed request means; only a failed connection is surely unsent."""
    import httpx

    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        untrusted = "certificate" in str(error).casefold()
        words = "Its certificate is not trusted." if untrusted else "There is no way to the host."
        return NetworkUnreachable(words, sent=False, detail=type(error).__name__)
    if isinstance(error, httpx.TimeoutException):
        return ServiceUnavailable("No answer in time.", detail=type(error).__name__)
    return ServiceUnavailable("The connection broke.", detail=type(error).__name__)


def read_retry_after(value: str, date: str = "") -> float | None:
    """Read Retry-After, in seconds or as a date, as seconds from now; None when it says nothing.

    A date is held against the reply's own Date where there is one, so that a wrong clock on this
    machine does no harm.  An hour is the most that is believed.
    """
    value = value.strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value, re.ASCII):
        return min(float(value), LONGEST_RETRY_AFTER_S)
    until = _read_date(value)
    if until is None:
        return None
    seconds = (until - (_read_date(date) or datetime.now(UTC))).total_seconds()
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER_S)


def _read_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def open_body(response: "httpx.Response") -> aclosing[AsyncGenerator[bytes, None]]:
    """Give the pieces of a body as they come, closed at once when nobody wants the rest."""
    return aclosing(cast("AsyncGenerator[bytes, None]", response.aiter_bytes()))


async def _read_body(response: "httpx.Response") -> bytes:
    parts = bytearray()
    async with open_body(response) as pieces:
        async for piece in pieces:
            parts += piece
            if len(parts) > _LARGEST_REPLY_BYTES:
                raise UnexpectedReply(
                    "The service's answer is too large.", http_status=response.status_code
                )
    return bytes(parts)
