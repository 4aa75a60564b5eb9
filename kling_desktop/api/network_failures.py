"""What a failed request says about the network: who did not answer, and was anything sent."""

import errno
import socket
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, cast

from kling_desktop.api.error_text import clean_detail
from kling_desktop.domain.errors import ApiError, NetworkUnreachable, ServiceUnavailable
from kling_desktop.domain.reasons import Reason

if TYPE_CHECKING:
    import httpx

VIA_PROXY: Final = "via_proxy"
"""The extension of a request that names the proxy through which it goes."""
_NO_NETWORK: Final = frozenset(
    {errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL}
)
_CERTIFICATE_DATES: Final = frozenset({9, 10})
"""OpenSSL's numbers for a certificate that is not valid yet, or not any more."""


def explain_failure(
    error: "httpx.HTTPError | ssl.SSLError", *, host: str, proxy: str = "", sent: bool = True
) -> ApiError:
    """Say what a failed request means.

    Args:
        error: As httpx raised it, or TLS's own, which httpx passes on while a body comes.
        host: To which the request went.
        proxy: Host and port of the proxy through which it went; empty when it went directly.
        sent: Whether any of the request's body may have left.  A connection that failed is surely
            unsent whatever this says.
    """
    import httpx

    detail = type(error).__name__
    facts = {"host": host, "proxy": proxy}
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError):
        reason, words = _find_reason(error, proxy)
        answer = clean_detail(words, 120) or detail
        return NetworkUnreachable(
            reason, sent=False, detail=answer, facts={**facts, "answer": answer}
        )
    if isinstance(error, httpx.PoolTimeout):
        return NetworkUnreachable(Reason.HOST_SILENT, sent=False, detail=detail, facts=facts)
    late = isinstance(error, httpx.TimeoutException)
    reason = Reason.NO_ANSWER_IN_TIME if late else Reason.CONNECTION_BROKE
    if proxy and not sent:  # it broke before the proxy had a connection to the host
        return NetworkUnreachable(Reason.PROXY_AWAY, sent=False, detail=detail, facts=facts)
    return ServiceUnavailable(reason, sent=sent, detail=detail, facts=facts)


def _find_reason(error: "httpx.HTTPError", proxy: str) -> tuple[Reason, str]:
    """Say why there is no connection, with the words of the proxy or of TLS."""
    import httpx

    causes = list(_list_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            # The system's own check, on Windows and macOS, gives no number.
            date = getattr(cause, "verify_code", 0) in _CERTIFICATE_DATES
            reason = Reason.CERTIFICATE_DATE if date else Reason.CERTIFICATE_UNTRUSTED
            return reason, getattr(cause, "verify_message", "")
        if isinstance(cause, ssl.SSLError):
            reason = Reason.PROXY_ENCRYPTION if proxy else Reason.ENCRYPTION_FAILED
            return reason, cause.reason or ""
    if isinstance(error, httpx.ProxyError):
        words = str(error)
        wants_password = words.startswith("407") or "auth" in words.casefold()
        return Reason.PROXY_WANTS_LOGIN if wants_password else Reason.PROXY_REFUSES, words
    if proxy:
        return Reason.PROXY_AWAY, ""
    if any(_is_no_network(cause) for cause in causes):
        return Reason.NO_NETWORK, ""
    if isinstance(error, httpx.ConnectTimeout):
        return Reason.HOST_SILENT, ""
    return Reason.HOST_REFUSES, ""


def _is_no_network(error: BaseException) -> bool:
    """Say whether this machine found no way at all: no name resolution, or no route."""
    if isinstance(error, socket.gaierror):
        return True
    return isinstance(error, OSError) and error.errno in _NO_NETWORK


def _list_causes(error: BaseException) -> Iterator[BaseException]:
    """List an error and all that led to it, of several attempts too."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, BaseExceptionGroup):
            waiting.extend(cast("BaseExceptionGroup[BaseException]", one).exceptions)
        waiting.extend(cause for cause in (one.__cause__, one.__context__) if cause is not None)
