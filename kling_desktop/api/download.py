"""Fetching a finished video: without the key, only over safe ways, and on from where it broke."""

import asyncio
import logging
import re
import ssl
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from kling_desktop.api.addresses import is_loopback, is_safe
from kling_desktop.api.bulk_reads import use_bulk_reads
from kling_desktop.api.connection import (
    CONNECT_TIMEOUT_S,
    READ_TIMEOUT_S,
    explain_failure,
    make_http_client,
    open_body,
    read_retry_after,
)
from kling_desktop.domain.errors import (
    DamagedDownload,
    LinkExpired,
    RateLimited,
    ServiceUnavailable,
    UnexpectedReply,
)
from kling_desktop.domain.limits import LARGEST_VIDEO_BYTES

if TYPE_CHECKING:
    import httpx

logger = logging.getLogger(__name__)

_MOST_REDIRECTS: Final = 5
_PIECE_BYTES: Final = 1024 * 1024
_PIECE_TIME_S: Final = 0.2
_EXPIRED: Final = frozenset({403, 404, 410})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_RANGE: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
_RANGE_END: Final = re.compile(r"bytes \*/(\d{1,18})")


class Download:
    """A video on its way.

    Attributes:
        total_bytes: Length of the whole file, None when the host does not say.
        etag: The host's mark of this version of the file; empty when it gives none or a weak one.
        resumed: True when the chunks follow the bytes already there; False when they start over.
    """

    def __init__(
        self,
        response: "httpx.Response | None",
        *,
        offset: int,
        total_bytes: int | None,
        etag: str,
        limit_bytes: int,
        monotonic: Callable[[], float],
    ) -> None:
        self._response = response
        self._position = offset
        self._limit_bytes = limit_bytes
        self._monotonic = monotonic
        self.total_bytes = total_bytes
        self.etag = etag
        self.resumed = offset > 0

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield the rest of the file, gathered to pieces that are worth a write.

        What arrived before a failure is handed out before the failure is raised.

        Raises:
            ServiceUnavailable: The connection broke; it can go on from here.
            DamagedDownload: The length is not what was announced, or larger than allowed.
        """
        if self._response is None:
            return
        import httpx

        use_bulk_reads(self._response)
        gathered: list[bytes] = []
        size, since = 0, self._monotonic()
        failure: httpx.HTTPError | ssl.SSLError | None = None
        async with open_body(self._response) as pieces:  # as they come: packed ones were refused
            while True:
                try:
                    piece = await anext(pieces, None)
                except (httpx.HTTPError, ssl.SSLError) as error:  # httpx passes TLS's own on
                    piece, failure = None, error
                if piece is None:
                    break
                self._position += len(piece)
                self._check_length()
                gathered.append(piece)
                size += len(piece)
                if size >= _PIECE_BYTES or self._monotonic() - since >= _PIECE_TIME_S:
                    yield b"".join(gathered)
                    gathered.clear()
                    size, since = 0, self._monotonic()
        if gathered:
            yield b"".join(gathered)
        if isinstance(failure, ssl.SSLError):
            detail = type(failure).__name__
            raise ServiceUnavailable("The connection broke.", detail=detail) from failure
        if failure is not None:
            raise explain_failure(failure) from failure
        if self.total_bytes is not None and self._position != self.total_bytes:
            raise DamagedDownload(
                "The file ended early.", detail=f"{self._position} of {self.total_bytes} bytes"
            )

    def _check_length(self) -> None:
        if self.total_bytes is not None and self._position > self.total_bytes:
            raise DamagedDownload(
                "The file is longer than announced.", detail=f"over {self.total_bytes} bytes"
            )
        if self._position > self._limit_bytes:
            raise DamagedDownload(
                "The file is larger than any video.", detail=f"over {self._limit_bytes} bytes"
            )


class Downloader:
    """Fetches files from any host; it never knew the key.  Owned by `ApiClient`."""

    def __init__(
        self,
        *,
        user_agent: str,
        transport: "httpx.AsyncBaseTransport | None" = None,
        proxy: str = "",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._user_agent = user_agent
        self._transport = transport
        self._proxy = proxy
        self._monotonic = monotonic
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def open(
        self, url: str, *, offset: int = 0, etag: str = "", limit_bytes: int = LARGEST_VIDEO_BYTES
    ) -> AsyncGenerator[Download, None]:
        """Open a video for reading, from `offset` on where that is safe.

        It goes on only when the file is provably the same, by its ETag; else it starts over and
        `Download.resumed` is False.

        Raises:
            LinkExpired: 403, 404 or 410: the service may give a fresh link.
            ServiceUnavailable: The host is not ready, in trouble or out of reach.
            DamagedDownload: The file is larger than `limit_bytes`, or not the one begun.
            UnexpectedReply: An address that is not safe, too many redirects, or an odd status.
        """
        client = await self._open_client()
        import httpx

        response: httpx.Response | None = None
        try:
            try:
                response = await self._get(client, url, offset if etag else 0, etag)
                if response.status_code == 416 and not _is_complete(response, offset):
                    await response.aclose()
                    response = await self._get(client, url, 0, "")
            except httpx.HTTPError as error:
                raise explain_failure(error) from error
            download = self._begin(response, offset, etag, limit_bytes)
            yield download
        finally:
            if response is not None:
                await response.aclose()

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _open_client(self) -> "httpx.AsyncClient":
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(
                    make_http_client, self._user_agent, self._transport, self._proxy
                )
            return self._client

    async def _get(
        self, client: "httpx.AsyncClient", url: str, offset: int, etag: str
    ) -> "httpx.Response":
        """Send the request, checking each address on the way before it is spoken to."""
        import httpx

        headers = {"Range": f"bytes={offset}-", "If-Range": etag} if offset else {}
        timeout = httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        target = _parse_address(url)
        began_here = is_loopback(target.host)
        for _ in range(_MOST_REDIRECTS + 1):
            host = target.raw_host.decode("ascii", "replace")
            turned_here = is_loopback(host) and not began_here  # a host may not send us to ours
            if turned_here or target.userinfo or not is_safe(target.scheme, host, target.port):
                raise UnexpectedReply("The file's address is not a safe one.", detail=target.host)
            request = client.build_request("GET", target, headers=headers, timeout=timeout)
            response = await client.send(request, stream=True)
            logger.debug("GET %s: %d", target.host, response.status_code)
            if response.status_code not in _REDIRECTS:
                return response
            await response.aclose()
            target = _parse_address(response.headers.get("location", ""), target)
        raise UnexpectedReply("The file's address leads in circles.", detail=target.host)

    def _begin(
        self, response: "httpx.Response", offset: int, etag: str, limit_bytes: int
    ) -> Download:
        """Check what the host is about to send."""
        status, headers = response.status_code, response.headers
        new_etag = _strong(headers.get("etag", ""))
        complete = status == 416 and _is_complete(response, offset)
        if complete:
            start, total = offset, offset
        elif status == 206:
            start, total = _read_range(headers.get("content-range", ""), offset)
            if new_etag and new_etag != etag:
                raise DamagedDownload("The file has changed since the download began.")
        elif status == 200:
            start, total = 0, _read_length(headers.get("content-length", ""))
        else:
            raise _explain_status(response)
        if headers.get("content-encoding", "identity") != "identity":
            raise UnexpectedReply("The file was sent packed, which was not asked for.")
        if total is not None and total > limit_bytes:
            raise DamagedDownload("The file is larger than any video.", detail=f"{total} bytes")
        return Download(
            None if complete else response,
            offset=start,
            total_bytes=total,
            etag=new_etag,
            limit_bytes=limit_bytes,
            monotonic=self._monotonic,
        )


def _parse_address(url: str, relative_to: "httpx.URL | None" = None) -> "httpx.URL":
    import httpx

    try:
        return httpx.URL(url) if relative_to is None else relative_to.join(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise UnexpectedReply("The file's address is not a web address.") from error


def _explain_status(
    response: "httpx.Response",
) -> LinkExpired | RateLimited | ServiceUnavailable | UnexpectedReply:
    status, headers = response.status_code, response.headers
    retry_after_s = read_retry_after(headers.get("retry-after", ""), headers.get("date", ""))
    if status in _EXPIRED:
        return LinkExpired("The link is not valid any more.", http_status=status)
    if status == 429:
        return RateLimited("The file host is busy.", retry_after_s=retry_after_s)
    if status in (408, 422, 425) or status >= 500:  # 422: the file is still being put there
        return ServiceUnavailable(
            "The file is not ready yet.", retry_after_s=retry_after_s, http_status=status
        )
    return UnexpectedReply("The file host answered something odd.", http_status=status)


def _is_complete(response: "httpx.Response", offset: int) -> bool:
    """Say whether the range was refused because nothing is left to send."""
    found = _RANGE_END.fullmatch(response.headers.get("content-range", "").strip())
    return found is not None and offset > 0 and int(found.group(1)) == offset


def _read_range(value: str, offset: int) -> tuple[int, int | None]:
    found = _RANGE.fullmatch(value.strip())
    if found is None or int(found.group(1)) != offset or offset == 0:
        raise DamagedDownload("The host sent another part of the file than was asked for.")
    return offset, None if found.group(3) == "*" else int(found.group(3))


def _read_length(value: str) -> int | None:
    return int(value) if re.fullmatch(r"\d{1,18}", value, re.ASCII) else None


def _strong(etag: str) -> str:
    """Keep a mark that vouches for every byte; a weak one does not."""
    return "" if etag.startswith("W/") else etag
