"""Which addresses may be spoken to: https anywhere, plain http only on this machine."""

import ipaddress
from urllib.parse import urlsplit

from kling_desktop.domain.errors import DamagedValue


def is_loopback(host: str) -> bool:
    """Say whether a host is this very machine, by its number or the one reserved name."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_safe(scheme: str, host: str) -> bool:
    """Say whether nobody on the way can read or change what goes there."""
    return bool(host) and (scheme == "https" or (scheme == "http" and is_loopback(host)))


def check_service_address(base_url: str) -> None:
    """Refuse a service address to which the key must not be sent.

    Raises:
        DamagedValue: The message is a sentence for the person.
    """
    try:
        parts = urlsplit(base_url)
        host, scheme, user = parts.hostname or "", parts.scheme, parts.username
        _ = parts.port  # reading it is what checks it
    except ValueError as error:
        raise DamagedValue("The service address is not a web address.") from error
    if scheme not in ("http", "https") or not host:
        raise DamagedValue("The service address must begin with https:// and name a host.")
    if user is not None:
        raise DamagedValue("The service address must not hold a name or a password.")
    if not is_safe(scheme, host):
        raise DamagedValue(
            f"The service address uses http, which anybody on the way to {host} could read. "
            "Use https; plain http works only for this computer itself."
        )
