"""Whom the clients trust."""

import ssl

import httpx

from kling_desktop.api.connection import load_http, make_http_client


def read_trust(client: httpx.AsyncClient) -> ssl.SSLContext:
    transport = client._transport
    assert isinstance(transport, httpx.AsyncHTTPTransport)
    trust = transport._pool._ssl_context  # pyright: ignore[reportAttributeAccessIssue]
    assert isinstance(trust, ssl.SSLContext)
    return trust


async def test_every_certificate_is_checked_and_all_are_read_once() -> None:
    load_http()
    async with make_http_client("a", None, "") as one, make_http_client("b", None, "") as other:
        trust = read_trust(one)
        assert trust.verify_mode is ssl.CERT_REQUIRED
        assert trust.check_hostname
        assert len(trust.get_ca_certs()) > 20
        assert read_trust(other) is trust
