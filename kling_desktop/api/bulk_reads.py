"""Taking a body off the line in large pieces, because each look costs the loop the same time.

httpcore asks for 64 KB at a time and, over TLS, gets one record of 16 KB: some sixty turns of the
window's loop for each megabyte.  asyncio has fetched up to 256 KB by then, and what TLS has
unpacked lies in memory.  So here one look takes all that is there already.  After a look that was
hardly worth it the line is left alone for a moment: the system gathers what comes meanwhile.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import httpx

_ONE_LOOK_BYTES: Final = 256 * 1024
"""What asyncio fetches at most from a socket at once."""
_WORTH_A_LOOK_BYTES: Final = 32 * 1024
"""A fast line brings more, over TLS too, where a look ends with 64 KB."""
_REST_S: Final = 0.01
"""Short enough that the system's own buffer of some 100 KB is not full before."""

Sleep = Callable[[float], Awaitable[None]]


class _Stream(Protocol):
    """The public face of httpcore's `AsyncNetworkStream`, as far as it is needed here."""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes: ...

    def get_extra_info(self, info: str) -> object: ...


class _BulkRead:
    """Stands in for the `read` of one connection."""

    def __init__(self, stream: _Stream, sleep: Sleep) -> None:
        self._read = stream.read
        self._sleep = sleep
        self._rests = False
        tls = stream.get_extra_info("ssl_object")
        self._tls = tls if isinstance(tls, ssl.SSLObject) else None

    async def __call__(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._rests:
            await self._sleep(_REST_S)
        data = await self._read(max(max_bytes, _ONE_LOOK_BYTES), timeout)
        if data and self._tls is not None:
            data = _add_unpacked(data, self._tls)
        self._rests = len(data) < _WORTH_A_LOOK_BYTES
        return data


def use_bulk_reads(response: "httpx.Response", sleep: Sleep = asyncio.sleep) -> None:
    """Let the connection that brings this response be read in large pieces from now on.

    The connection may be kept and widened again, which changes nothing.  One that cannot be
    widened, as a test's, goes on as it was.  `sleep` waits for so many seconds.
    """
    stream = response.extensions.get("network_stream")
    own = getattr(stream, "__dict__", None)
    if stream is not None and own is not None and "read" not in own:
        own["read"] = _BulkRead(stream, sleep)


def _add_unpacked(data: bytes, tls: ssl.SSLObject) -> bytes:
    """Add the records that have come whole; what is amiss with the next one is the next read's."""
    records, size = [data], len(data)
    try:
        while size < _ONE_LOOK_BYTES and (record := tls.read(_ONE_LOOK_BYTES - size)):
            records.append(record)
            size += len(record)
    except ssl.SSLError:  # the usual one says that the next record is not here yet
        pass
    return b"".join(records)
