"""Which addresses may be spoken to: https anywhere, plain http only on this machine."""

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

from kling_desktop.domain.errors import DamagedValue
from kling_desktop.domain.reasons import Reason

_HOST: Final = re.compile(r"(?=.{1,253}\Z)[\w-]{1,63}(\.[\w-]{1,63})*\.?", re.ASCII)
_LONGEST_ADDRESS: Final = 2048


def is_loopback(host: str) -> bool:
    """Say whether a host is this very machine, by its number or the one reserved name."""
    if host.casefold() == "localhost":
        return True
    return _is_address(host) and ipaddress.ip_address(host.strip("[]")).is_loopback


def is_on_this_machine(base_url: str) -> bool:
    """Say whether an address, sound or not, names this very machine."""
    try:
        return is_loopback(urlsplit(base_url).hostname or "")
    except ValueError:
        return False


def is_host(host: str, port: int | None = None) -> bool:
    """Say whether a host and a port can exist.

    Asked for one that cannot, the system's resolver fails in ways of its own.
    """
    if port is not None and not 0 < port < 65536:
        return False
    return bool(_HOST.fullmatch(host)) or _is_address(host)


def is_safe(scheme: str, host: str, port: int | None = None) -> bool:
    """Say whether nobody on the way to this address can read along."""
    if not is_host(host, port):
        return False
    return scheme == "https" or (scheme == "http" and is_loopback(host))


def check_service_address(base_url: str) -> None:
    """Refuse a service address to which the key must not be sent.

    Raises:
        DamagedValue: Its reason says what is wrong with the address.
    """
    # urlsplit passes over line breaks and tabs, which the HTTP client then refuses in its own way.
    if len(base_url) > _LONGEST_ADDRESS or " " in base_url or not base_url.isprintable():
        raise DamagedValue(Reason.ADDRESS_IS_NONE)
    try:
        parts = urlsplit(base_url)
        host, scheme, user = parts.hostname or "", parts.scheme, parts.username
        port = parts.port
    except ValueError as error:
        raise DamagedValue(Reason.ADDRESS_IS_NONE) from error
    if scheme not in ("http", "https") or not host:
        raise DamagedValue(Reason.ADDRESS_WITHOUT_HOST)
    if user is not None:
        raise DamagedValue(Reason.ADDRESS_WITH_LOGIN)
    if not is_safe("https", host, port):
        raise DamagedValue(Reason.ADDRESS_IMPOSSIBLE)
    if not is_safe(scheme, host, port):
        raise DamagedValue(Reason.ADDRESS_UNSAFE, facts={"host": host})


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
