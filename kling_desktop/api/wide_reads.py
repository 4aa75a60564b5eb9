"""Taking a body off the line in large pieces, because each look costs the loop the same time.

httpcore asks for 64 KB at a time and, over TLS, gets one record of 16 KB: some sixty turns of the
window's loop for each megabyte.  asyncio has fetched up to 256 KB by then, and what TLS has
unpacked lies in memory.  So here one look takes all that is there already, and waits for no more.
"""

import ssl
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import httpx

_ONE_LOOK_BYTES: Final = 256 * 1024
"""What asyncio fetches at most from a socket at once."""


class _Stream(Protocol):
    """The public face of httpcore's `AsyncNetworkStream`, as far as it is needed here."""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes: ...

    def get_extra_info(self, info: str) -> object: ...


class _WideRead:
    """Stands in for the `read` of one connection."""

    def __init__(self, stream: _Stream) -> None:
        self._read = stream.read
        tls = stream.get_extra_info("ssl_object")
        self._tls = tls if isinstance(tls, ssl.SSLObject) else None

    async def __call__(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = await self._read(max(max_bytes, _ONE_LOOK_BYTES), timeout)
        return _add_unpacked(data, self._tls) if data and self._tls is not None else data


def widen_reads(response: "httpx.Response") -> None:
    """Let the connection that brings this response be read in large pieces from now on.

    The connection may be kept and widened again, which changes nothing.  One that cannot be
    widened, as a test's, goes on as it was.
    """
    stream = response.extensions.get("network_stream")
    own = getattr(stream, "__dict__", None)
    if stream is not None and own is not None and "read" not in own:
        own["read"] = _WideRead(stream)


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
