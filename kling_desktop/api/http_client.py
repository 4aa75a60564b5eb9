"""The HTTP client: how it is made, which way each request takes, and what it never does.

Import it in a thread after the window has been painted: httpx and the certificates take a third of
a second.  Both clients of the app (`Connection` with the key, `Downloader` without) are made here.
"""

import asyncio
import importlib
import logging
import ssl
from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from kling_desktop.api.network_failures import VIA_PROXY
from kling_desktop.api.proxies import Proxy, find_proxy, goes_directly
from kling_desktop.api.trust import load_trust


def load_http() -> None:
    """Load what httpx imports at the first request (blocking)."""
    importlib.import_module("httpcore")
    # httpcore imports this on the first request, blocking the loop's thread for 50 ms.
    importlib.import_module("anyio._backends._asyncio")


def make_http_client(user_agent: str, transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
    """Make a client that follows no redirect by itself, keeps no cookies and carries no key."""
    # Their request lines hold whole addresses, signatures of result links included.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx.AsyncClient(
        headers={"User-Agent": user_agent, "Accept-Encoding": "identity"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        transport=transport,
        follow_redirects=False,
        trust_env=False,
    )


class Routes(httpx.AsyncBaseTransport):
    """Sends each request directly or through the proxy; owned by the client it is given to.

    Plain http goes to this machine alone, so it needs neither certificates nor a proxy: no setting
    of the network can keep the sandbox from working.
    """

    def __init__(self, proxy_setting: str, environment: Mapping[str, str]) -> None:
        self._proxy_setting = proxy_setting
        self._environment = environment
        self._plain = httpx.AsyncHTTPTransport(
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), trust_env=False
        )
        self._direct: httpx.AsyncHTTPTransport | None = None
        self._proxied: httpx.AsyncHTTPTransport | None = None
        self._proxy: Proxy | None = None

    def prepare(self, url: str) -> None:
        """Make what a request to this address needs (blocking).

        Raises:
            NetworkMisconfigured: The proxy or the certificates of this machine cannot be used.
        """
        self._find_transport(httpx.URL(url))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        transport = await asyncio.to_thread(self._find_transport, request.url)
        if transport is self._proxied and self._proxy is not None:
            request.extensions = {**request.extensions, VIA_PROXY: self._proxy.address}
        return await transport.handle_async_request(request)

    async def aclose(self) -> None:
        for transport in (self._plain, self._direct, self._proxied):
            if transport is not None:
                await transport.aclose()

    def _find_transport(self, url: httpx.URL) -> httpx.AsyncHTTPTransport:
        if url.scheme == "http":
            return self._plain
        if not goes_directly(url.host, self._environment):
            if self._proxied is None:
                self._proxy = find_proxy(self._proxy_setting, self._environment)
                if self._proxy is not None:
                    self._proxied = _make_transport(self._proxy, load_trust(self._environment))
            if self._proxied is not None:
                return self._proxied
        if self._direct is None:
            trust = load_trust(self._environment)
            self._direct = httpx.AsyncHTTPTransport(verify=trust, trust_env=False)
        return self._direct


def _make_transport(proxy: Proxy, trust: ssl.SSLContext) -> httpx.AsyncHTTPTransport:
    url = httpx.URL(scheme=proxy.scheme, host=proxy.host, port=proxy.port)
    return httpx.AsyncHTTPTransport(
        verify=trust,
        trust_env=False,
        proxy=httpx.Proxy(
            url, auth=proxy.user, ssl_context=trust if proxy.scheme == "https" else None
        ),
    )
