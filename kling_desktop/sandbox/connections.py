"""Which sockets are open, so that a fault can cut one the way a broken network does."""

import asyncio
import socket
import struct
import sys

from uvicorn.protocols.http.h11_impl import H11Protocol

Peer = tuple[str, int]


class Connections:
    """The open HTTP connections by the address of the other end."""

    def __init__(self) -> None:
        self._open: dict[Peer, asyncio.Transport] = {}

    def protocol_class(self) -> type[asyncio.Protocol]:
        """Return uvicorn's HTTP protocol, made to register its connections here."""
        connections = self._open

        class TrackedProtocol(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - as in uvicorn
                super().connection_made(transport)
                self._peer = peer_of(transport.get_extra_info("peername"))
                connections[self._peer] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                connections.pop(self._peer, None)
                super().connection_lost(exc)

        return TrackedProtocol

    def close(self, peer: Peer) -> None:
        """End a connection in order (FIN) after what was written has left."""
        if transport := self._open.get(peer):
            transport.close()

    def reset(self, peer: Peer) -> None:
        """End a connection at once with a reset (RST)."""
        if transport := self._open.get(peer):
            sock = transport.get_extra_info("socket")
            sock.setsockopt(
                socket.SOL_SOCKET,
                socket.SO_LINGER,
                struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0),
            )
            transport.abort()


def peer_of(address: object) -> Peer:
    """Return host and port of an address as asyncio or ASGI gives it."""
    if isinstance(address, list | tuple) and len(address) >= 2:
        return str(address[0]), int(address[1])
    return "", 0
