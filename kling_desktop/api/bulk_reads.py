"""Reads a response body in large pieces, because each read costs the event loop the same time.

httpcore reads 64 KB at a time and, over TLS, gets one record of 16 KB: some sixty turns of the
window's loop for each megabyte.  asyncio has received up to 256 KB by then, and what TLS has
decrypted lies in memory.  So one read here takes all that is there already.  After a read that was
hardly worth it the connection is left alone for a moment: the system buffers what comes meanwhile.

This replaces the method `read` of httpcore's network stream, which httpx hands out as the extension
``network_stream``; replacing it is not part of httpx's contract.  `pyproject.toml` therefore pins
httpx and httpcore to the minor version, and `tests/api/test_bulk_reads.py` fails over a real socket
when a new version no longer reads through that method.  Nothing but speed is lost then: a stream
that cannot be changed is read as before.  Should httpx stay unmaintained, the exit is httpx2, its
continuation by Pydantic: only `http_client`, `http_opener`, `connection`, `download` and
`network_failures` speak HTTP.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import httpx

_ONE_READ_BYTES: Final = 256 * 1024
"""The most that asyncio receives from a socket at once."""
_WORTH_A_READ_BYTES: Final = 32 * 1024
"""A fast connection brings more, over TLS too, where a read ends with 64 KB."""
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
        data = await self._read(max(max_bytes, _ONE_READ_BYTES), timeout)
        if data and self._tls is not None:
            data = add_decrypted_records(data, self._tls)
        self._rests = len(data) < _WORTH_A_READ_BYTES
        return data


def use_bulk_reads(response: "httpx.Response", sleep: Sleep = asyncio.sleep) -> None:
    """Let the connection that brings this response be read in large pieces from now on.

    A connection that was changed already stays as it is, and so does one that cannot be changed,
    such as a test's.  `sleep` waits for the given seconds.
    """
    stream = response.extensions.get("network_stream")
    own = getattr(stream, "__dict__", None)
    if stream is not None and own is not None and "read" not in own:
        own["read"] = _BulkRead(stream, sleep)


def add_decrypted_records(data: bytes, tls: ssl.SSLObject) -> bytes:
    """Add the records that have arrived whole; an error of a later one is the next read's."""
    records, size = [data], len(data)
    try:
        while size < _ONE_READ_BYTES and (record := tls.read(_ONE_READ_BYTES - size)):
            records.append(record)
            size += len(record)
    except ssl.SSLError:  # the usual one says that the next record is not here yet
        pass
    return b"".join(records)
