"""Which addresses may be spoken to: https anywhere, plain http only on this machine."""

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

from kling_desktop.domain.errors import DamagedValue

_HOST: Final = re.compile(r"(?=.{1,253}\Z)[\w-]{1,63}(\.[\w-]{1,63})*\.?", re.ASCII)


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


def is_safe(scheme: str, host: str, port: int | None = None) -> bool:
    """Say whether this is a place to connect to where nobody on the way reads along.

    A host or port that no network could reach is not one: asked for it, the system's resolver
    fails in ways of its own.
    """
    if port is not None and not 0 < port < 65536:
        return False
    if not (_HOST.fullmatch(host) or _is_address(host)):
        return False
    return scheme == "https" or (scheme == "http" and is_loopback(host))


def check_service_address(base_url: str) -> None:
    """Refuse a service address to which the key must not be sent.

    Raises:
        DamagedValue: The message is a sentence for the person.
    """
    try:
        parts = urlsplit(base_url)
        host, scheme, user = parts.hostname or "", parts.scheme, parts.username
        port = parts.port
    except ValueError as error:
        raise DamagedValue("The service address is not a web address.") from error
    if scheme not in ("http", "https") or not host:
        raise DamagedValue("The service address must begin with https:// and name a host.")
    if user is not None:
        raise DamagedValue("The service address must not hold a name or a password.")
    if not is_safe("https", host, port):
        raise DamagedValue("The service address names a host or port that cannot be.")
    if not is_safe(scheme, host, port):
        raise DamagedValue(
            f"The service address uses http, which anybody on the way to {host} could read. "
            "Use https; plain http works only for this computer itself."
        )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
