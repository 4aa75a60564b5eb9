"""Fetching a finished video: without the key, only over safe ways, and on from where it broke."""

import logging
import os
import re
import ssl
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, cast

from kling_desktop.api.addresses import is_loopback, is_safe
from kling_desktop.api.bulk_reads import use_bulk_reads
from kling_desktop.api.connection import (
    CONNECT_TIMEOUT_S,
    READ_TIMEOUT_S,
    read_retry_after,
)
from kling_desktop.api.content_coding import Unpacker, find_coding
from kling_desktop.api.http_opener import HttpOpener
from kling_desktop.api.network_failures import VIA_PROXY, explain_failure
from kling_desktop.domain.errors import (
    DamagedDownload,
    LinkExpired,
    RateLimited,
    ServiceUnavailable,
    UnexpectedReply,
)
from kling_desktop.domain.limits import LARGEST_VIDEO_BYTES
from kling_desktop.domain.reasons import Reason

if TYPE_CHECKING:
    import httpx

logger = logging.getLogger(__name__)

_MOST_REDIRECTS: Final = 5
_LONGEST_ADDRESS: Final = 16_000
_PIECE_BYTES: Final = 1024 * 1024
PIECE_TIME_S: Final = 0.2
"""What has come within this time is handed on together."""
_EXPIRED: Final = frozenset({403, 404, 410})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_RANGE: Final = re.compile(r"bytes[ =](\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.IGNORECASE)
_RANGE_END: Final = re.compile(r"bytes \*/(\d{1,18})", re.IGNORECASE)
_AS_WRITTEN: Final = re.compile(r"/[!-~]*")


class Download:
    """A video on its way.

    Attributes:
        total_bytes: Length of the whole file, None when the host does not say.
        validator: What names this version of the file: a strong ETag, else its Last-Modified;
            empty when the host gives neither.
        resumed: True when the chunks follow the bytes already there; False when they start over.
    """

    def __init__(
        self,
        response: "httpx.Response | None",
        *,
        offset: int,
        total_bytes: int | None,
        validator: str,
        unpacker: Unpacker | None,
        limit_bytes: int,
        monotonic: Callable[[], float],
    ) -> None:
        self._response = response
        self._unpacker = unpacker
        self._position = offset
        self._limit_bytes = limit_bytes
        self._monotonic = monotonic
        self.total_bytes = total_bytes
        self.validator = validator
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
        packed = cast("AsyncGenerator[bytes, None]", self._response.aiter_raw())
        async with aclosing(packed) as pieces:
            while True:
                try:
                    piece = await anext(pieces, None)
                except (httpx.HTTPError, ssl.SSLError) as error:  # httpx passes TLS's own on
                    piece, failure = None, error
                if piece is None:
                    break
                for part in self._unpack(piece):
                    self._position += len(part)
                    self._check_length()
                    gathered.append(part)
                    size += len(part)
                    if size >= _PIECE_BYTES or self._monotonic() - since >= PIECE_TIME_S:
                        yield b"".join(gathered)
                        gathered.clear()
                        size, since = 0, self._monotonic()
        if gathered:
            yield b"".join(gathered)
        if failure is not None:
            raise explain_failure(failure, host=self._response.url.host) from failure
        cut = self._unpacker is not None and not self._unpacker.is_complete
        if cut or (self.total_bytes is not None and self._position != self.total_bytes):
            raise DamagedDownload(
                Reason.FILE_CUT, detail=f"{self._position} of {self.total_bytes} bytes"
            )

    def _unpack(self, piece: bytes) -> Iterator[bytes]:
        if self._unpacker is None:
            yield piece
        else:
            yield from self._unpacker.unpack(piece)

    def _check_length(self) -> None:
        if self.total_bytes is not None and self._position > self.total_bytes:
            raise DamagedDownload(Reason.FILE_TOO_LONG, detail=f"over {self.total_bytes} bytes")
        if self._position > self._limit_bytes:
            raise DamagedDownload(Reason.FILE_TOO_LARGE, detail=f"over {self._limit_bytes} bytes")


class Downloader:
    """Fetches files from any host; it never knew the key.  Owned by `ApiClient`."""

    def __init__(
        self,
        *,
        user_agent: str,
        transport: "httpx.AsyncBaseTransport | None" = None,
        proxy: str = "",
        environment: Mapping[str, str] = os.environ,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = HttpOpener(user_agent, transport, proxy, environment)
        self._monotonic = monotonic

    @asynccontextmanager
    async def open(
        self,
        url: str,
        *,
        offset: int = 0,
        validator: str = "",
        limit_bytes: int = LARGEST_VIDEO_BYTES,
    ) -> AsyncGenerator[Download, None]:
        """Open a video for reading, from `offset` on where that is safe.

        It goes on only when the file is provably the same, by what `Download.validator` said at
        the first attempt; else it starts over and `Download.resumed` is False.

        Raises:
            LinkExpired: 403, 404 or 410: the service may give a fresh link.
            NetworkMisconfigured: The proxy or the certificates of this machine cannot be used.
            NetworkUnreachable: There is no way to the file's host.
            ServiceUnavailable: The host is not ready or in trouble.
            DamagedDownload: The file is larger than `limit_bytes`, or not the one begun.
            UnexpectedReply: An address that is not safe, too many redirects, a coding that cannot
                be unpacked, or an odd status.
        """
        client = await self._http.open()
        response: httpx.Response | None = None
        try:
            response = await self._get(client, url, offset if validator else 0, validator)
            if response.status_code == 416 and not _is_complete(response, offset):
                await response.aclose()
                response = await self._get(client, url, 0, "")
            download = self._begin(response, offset, validator, limit_bytes)
            yield download
        finally:
            if response is not None:
                await response.aclose()

    async def close(self) -> None:
        await self._http.close()

    async def _get(
        self, client: "httpx.AsyncClient", url: str, offset: int, validator: str
    ) -> "httpx.Response":
        """Send the request, checking each address on the way before it is spoken to."""
        import httpx

        headers = {"Range": f"bytes={offset}-", "If-Range": validator} if offset else {}
        timeout = httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        target = _parse_address(url)
        began_here = is_loopback(_host_of(target))
        for _ in range(_MOST_REDIRECTS + 1):
            host = _host_of(target)
            turned_here = is_loopback(host) and not began_here  # a host may not send us to ours
            if turned_here or target.userinfo or not is_safe(target.scheme, host, target.port):
                raise UnexpectedReply(Reason.LINK_UNSAFE, detail=host)
            request = client.build_request(
                "GET",
                target,
                headers=headers,
                timeout=timeout,
                extensions=_keep_as_written(url),
            )
            try:
                response = await client.send(request, stream=True)
            except httpx.HTTPError as error:
                proxy = str(request.extensions.get(VIA_PROXY, ""))
                raise explain_failure(error, host=host, proxy=proxy) from error
            except ValueError as error:  # httpx looks where a redirect leads, to bad punycode too
                raise UnexpectedReply(Reason.LINK_UNSAFE) from error
            logger.debug("GET %s: %d", host, response.status_code)
            if response.status_code not in _REDIRECTS or not response.headers.get("location"):
                return response
            await response.aclose()
            url = response.headers.get("location", "")
            target = _parse_address(url, target)
        raise UnexpectedReply(Reason.LINK_IN_CIRCLES, detail=_host_of(target))

    def _begin(
        self, response: "httpx.Response", offset: int, validator: str, limit_bytes: int
    ) -> Download:
        """Check what the host is about to send."""
        status, headers = response.status_code, response.headers
        coding = find_coding(headers.get("content-encoding", ""))
        complete = status == 416 and _is_complete(response, offset)
        if complete:
            start, total = offset, offset
        elif status == 206:
            start, total = _read_range(headers.get("content-range", ""), offset)
            if start and not _is_same_version(headers, validator):
                raise DamagedDownload(Reason.FILE_CHANGED)
        elif status == 200:
            start, total = 0, _read_length(headers.get("content-length", ""))
        else:
            raise _explain_status(response)
        if coding and start:  # the range is one of the packed bytes, and ours are not packed
            raise DamagedDownload(Reason.FILE_OTHER_PART)
        if total is not None and total > limit_bytes:
            raise DamagedDownload(Reason.FILE_TOO_LARGE, detail=f"{total} bytes")
        return Download(
            None if complete else response,
            offset=start,
            total_bytes=None if coding else total,
            validator="" if coding else _find_validator(headers),
            unpacker=Unpacker(coding) if coding else None,
            limit_bytes=limit_bytes,
            monotonic=self._monotonic,
        )


def _parse_address(url: str, relative_to: "httpx.URL | None" = None) -> "httpx.URL":
    import httpx

    try:
        link = url.strip()[:_LONGEST_ADDRESS]
        target = httpx.URL(link) if relative_to is None else relative_to.join(link)
        target.host.encode("ascii", "ignore")  # decodes it: httpx does so later, out of reach
    except (httpx.InvalidURL, ValueError) as error:
        raise UnexpectedReply(Reason.LINK_UNSAFE) from error
    return target


def _host_of(url: "httpx.URL") -> str:
    """Return the host as it stands on the wire; httpx decodes it, which fails for bad punycode."""
    return url.raw_host.decode("ascii", "replace")


def _keep_as_written(url: str) -> dict[str, bytes]:
    """Let the path be sent exactly as it was given: httpx quotes more, which breaks signatures."""
    found = re.fullmatch(r"(?:https?://[^/?#]*)?(/(?!/)[^#]*)(?:#.*)?", url.strip(), re.IGNORECASE)
    if found is None or not _AS_WRITTEN.fullmatch(found.group(1)):
        return {}
    return {"target": found.group(1).encode("ascii")}


def _explain_status(
    response: "httpx.Response",
) -> LinkExpired | RateLimited | ServiceUnavailable | UnexpectedReply:
    status, headers = response.status_code, response.headers
    retry_after_s = read_retry_after(headers.get("retry-after", ""), headers.get("date", ""))
    if status in _EXPIRED:
        return LinkExpired(Reason.LINK_EXPIRED, http_status=status)
    if status == 429:
        return RateLimited(Reason.FILE_HOST_BUSY, retry_after_s=retry_after_s)
    if status in (408, 422, 425) or status >= 500:  # 422: the file is still being put there
        return ServiceUnavailable(
            Reason.FILE_NOT_READY, retry_after_s=retry_after_s, http_status=status
        )
    return UnexpectedReply(
        Reason.FILE_HOST_ODD, http_status=status, facts={"status": status}, detail=f"HTTP {status}"
    )


def _is_complete(response: "httpx.Response", offset: int) -> bool:
    """Say whether the range was refused because nothing is left to send."""
    found = _RANGE_END.fullmatch(response.headers.get("content-range", "").strip())
    return found is not None and offset > 0 and int(found.group(1)) == offset


def _read_range(value: str, offset: int) -> tuple[int, int | None]:
    """Read where a part begins and how long the whole is; the part may begin at the start."""
    found = _RANGE.fullmatch(value.strip())
    if found is None or int(found.group(1)) not in (0, offset):
        raise DamagedDownload(Reason.FILE_OTHER_PART)
    return int(found.group(1)), None if found.group(3) == "*" else int(found.group(3))


def _read_length(value: str) -> int | None:
    return int(value) if re.fullmatch(r"\d{1,18}", value, re.ASCII) else None


def _find_validator(headers: "httpx.Headers") -> str:
    """Return what vouches for every byte of this version: a weak ETag does not.

    A Last-Modified does where the answer is later than it by a second: else the file could have
    changed twice within that second.
    """
    etag = headers.get("etag", "").strip()
    if etag and not etag.startswith("W/"):
        return etag
    modified = headers.get("last-modified", "").strip()
    try:
        moment = parsedate_to_datetime(modified)
        now = parsedate_to_datetime(headers["date"]) if headers.get("date") else None
        return modified if now is None or (now - moment).total_seconds() >= 1 else ""
    except (ValueError, TypeError, OverflowError):
        return ""


def _is_same_version(headers: "httpx.Headers", validator: str) -> bool:
    """Say whether a part is of the version that was begun; a host that names none is believed."""
    name = "etag" if validator.startswith('"') else "last-modified"
    found = headers.get(name, "").strip()
    return not found or found == validator
