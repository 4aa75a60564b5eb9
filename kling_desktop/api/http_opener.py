"""Opens the HTTP client at its first use, in a thread: loading httpx takes a third of a second."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

    from kling_desktop.api.http_client import Routes


class HttpOpener:
    """Holds one HTTP client; owned by `Connection` or `Downloader`.

    Args:
        user_agent: Name and version of the app.
        transport: Stands in for the network in tests.
        proxy: Address of a proxy; empty leaves it to the environment.
        environment: With the variables for proxies and certificates.
    """

    def __init__(
        self,
        user_agent: str,
        transport: "httpx.AsyncBaseTransport | None",
        proxy: str,
        environment: Mapping[str, str],
    ) -> None:
        self._user_agent = user_agent
        self._transport = transport
        self._proxy = proxy
        self._environment = environment
        self._client: httpx.AsyncClient | None = None
        self._routes: Routes | None = None
        self._opening = asyncio.Lock()

    async def open(self) -> "httpx.AsyncClient":
        """Return the client, made on first use."""
        async with self._opening:
            if self._client is None:
                self._client, self._routes = await asyncio.to_thread(self._make)
            return self._client

    async def prepare(self, url: str) -> None:
        """Make all that a request to this address needs; nothing is sent.

        Raises:
            NetworkMisconfigured: The proxy or the certificates of this machine cannot be used.
        """
        await self.open()
        if self._routes is not None:
            await asyncio.to_thread(self._routes.prepare, url)

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _make(self) -> "tuple[httpx.AsyncClient, Routes | None]":
        from kling_desktop.api.http_client import Routes, load_http, make_http_client

        load_http()
        if self._transport is not None:
            return make_http_client(self._user_agent, self._transport), None
        routes = Routes(self._proxy, self._environment)
        return make_http_client(self._user_agent, routes), routes
