"""One request to the service and its answer: time limits, the key, and what each failure means."""

import asyncio
import hashlib
import logging
import os
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlsplit

from kling_desktop.api.addresses import check_service_address
from kling_desktop.api.http_opener import HttpOpener
from kling_desktop.api.network_failures import VIA_PROXY, explain_failure
from kling_desktop.domain.errors import AuthenticationFailed, ServiceUnavailable, UnexpectedReply
from kling_desktop.domain.limits import LONGEST_RETRY_AFTER_S
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.secret import ApiKey

if TYPE_CHECKING:
    import httpx

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT_S: Final = 10.0
READ_TIMEOUT_S: Final = 60.0
UPLOAD_TIMEOUT_S: Final = 120.0
_LARGEST_REPLY_BYTES: Final = 8 * 1024 * 1024
_PIECE_BYTES: Final = 64 * 1024
_KEY_CHARACTERS: Final = re.compile(r"[\x21-\x7e]{1,512}")

OnBytes = Callable[[int, int], object]
"""Called with the bytes done and the bytes in all."""


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
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        check_service_address(base_url)
        self._base_url = base_url
        self._host = urlsplit(base_url).hostname or ""
        self._key = key
        self._http = HttpOpener(user_agent, transport, proxy, environment)
        self.requests_made = 0
        self.bytes_sent = 0

    def __repr__(self) -> str:
        return f"Connection({self._base_url!r})"

    async def prepare(self) -> None:
        """Make the HTTP client and all that a request to the service needs; nothing is sent.

        Raises:
            NetworkMisconfigured: The proxy or the certificates of this machine cannot be used.
        """
        await self._http.prepare(self._base_url)

    @property
    def account(self) -> str:
        """A fingerprint of address and key that gives neither of them away."""
        key = self._key()
        named = f"{self._base_url}\n{key.reveal() if key else ''}"
        return hashlib.sha256(named.encode(errors="surrogatepass")).hexdigest()[:16]

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
            NetworkMisconfigured: See `prepare`; nothing was sent.
            NetworkUnreachable: The connection failed; surely not a byte was sent.
            ServiceUnavailable: It failed later; `sent` is False where no byte of the body had left.
            UnexpectedReply: The answer is larger than any answer.
        """
        key = self._take_key()
        client = await self._http.open()
        import httpx

        content = body.encode("ascii")
        pieces = _BodyPieces(content, on_bytes)
        headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
        }
        timeout = httpx.Timeout(read_timeout_s, connect=CONNECT_TIMEOUT_S, pool=CONNECT_TIMEOUT_S)
        request = client.build_request(
            "POST", self._base_url, content=pieces, headers=headers, timeout=timeout
        )
        self.requests_made += 1
        try:
            response = await client.send(request, stream=True)
            async with aclosing(response), asyncio.timeout(read_timeout_s):
                answer = await _read_body(response)
        except TimeoutError as error:
            raise ServiceUnavailable(
                Reason.NO_ANSWER_IN_TIME, facts={"host": self._host}
            ) from error
        except httpx.HTTPError as error:
            raise explain_failure(
                error,
                host=self._host,
                proxy=str(request.extensions.get(VIA_PROXY, "")),
                sent=pieces.begun,
            ) from error
        except ValueError as error:  # httpx looks where a redirect leads, to bad punycode too
            raise UnexpectedReply(Reason.ANSWER_UNREADABLE) from error
        finally:
            self.bytes_sent += pieces.sent_bytes
        logger.debug("POST %s: %d, %d bytes", self._host, response.status_code, len(answer))
        return Reply(
            response.status_code,
            answer.replace(key.encode("ascii"), b"[key]"),
            read_retry_after(
                response.headers.get("retry-after", ""), response.headers.get("date", "")
            ),
        )

    async def close(self) -> None:
        await self._http.close()

    def _take_key(self) -> str:
        key = self._key()
        if not key:
            raise AuthenticationFailed(Reason.KEY_MISSING)
        if not _KEY_CHARACTERS.fullmatch(key.reveal()):
            raise AuthenticationFailed(Reason.KEY_IMPOSSIBLE)
        return key.reveal()


class _BodyPieces:
    """A body that is handed out in pieces, so that its progress can be reported.

    Attributes:
        begun: Whether any of it may have left.  httpx asks for the first piece only once it has a
            connection, through the proxy too, and has sent the head of the request.
        sent_bytes: How much of it was taken.
    """

    def __init__(self, content: bytes, on_bytes: OnBytes | None) -> None:
        self._content = content
        self._on_bytes = on_bytes
        self.begun = False
        self.sent_bytes = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._content), _PIECE_BYTES):
            piece = self._content[start : start + _PIECE_BYTES]
            self.begun = True
            yield piece
            self.sent_bytes += len(piece)
            if self._on_bytes is not None:
                self._on_bytes(start + len(piece), len(self._content))


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


async def _read_body(response: "httpx.Response") -> bytes:
    parts = bytearray()
    async with aclosing(cast("AsyncGenerator[bytes, None]", response.aiter_bytes())) as pieces:
        async for piece in pieces:
            parts += piece
            if len(parts) > _LARGEST_REPLY_BYTES:
                raise UnexpectedReply(Reason.ANSWER_TOO_LARGE, http_status=response.status_code)
    return bytes(parts)
