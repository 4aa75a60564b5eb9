"""Which proxy a request takes: of the settings, the environment or the system; and who needs none.

httpx reads the same variables, but a single entry that it does not understand keeps it from being
made at all, requests to this machine included, and its error does not name the variable.
"""

import ipaddress
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from kling_desktop.api.addresses import is_host, is_loopback
from kling_desktop.domain.errors import NetworkMisconfigured
from kling_desktop.domain.reasons import Reason

_VARIABLES: Final = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
"""In the order in which they count; only https requests ever go through a proxy."""
_NO_PROXY: Final = ("no_proxy", "NO_PROXY")
_SCHEMES: Final = {
    "http": "http",
    "https": "https",
    "socks": "socks5",  # what GNOME's settings write
    "socks5": "socks5",
    "socks5h": "socks5h",
}
_DEFAULT_PORTS: Final = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A proxy with everything that is needed to speak to it.

    Attributes:
        scheme: ``http``, ``https``, ``socks5`` or ``socks5h``.
        host: Its host, an IPv6 address without brackets.
        user: Name and password, None where it wants none.
    """

    scheme: str
    host: str
    port: int
    user: tuple[str, str] | None = None

    @property
    def address(self) -> str:
        """Host and port, as they are shown; never the password."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __repr__(self) -> str:
        return f"Proxy({self.scheme}://{self.address})"


def find_proxy(setting: str, environment: Mapping[str, str]) -> Proxy | None:
    """Return the proxy for https requests, None where they go directly.

    Args:
        setting: The address in the app's settings; counts before everything else.
        environment: With the usual variables; an empty one in small letters means none.

    Raises:
        NetworkMisconfigured: The address cannot be used; the error names where it stands.
    """
    if setting.strip():
        return _parse(setting, "")
    for small, large in (_VARIABLES[:2], _VARIABLES[2:]):
        if small in environment:
            value, name = environment[small], small
        else:
            value, name = environment.get(large, ""), large
        if value.strip():
            return _parse(value, name)
    system = _find_system_proxy()
    return _parse(system, "") if system else None


def goes_directly(host: str, environment: Mapping[str, str]) -> bool:
    """Say whether a host is spoken to without the proxy: this machine, or one that NO_PROXY names.

    NO_PROXY holds names, with what ends in them, addresses and networks such as ``fd00::/8``; what
    is none of these is passed over.
    """
    if is_loopback(host):
        return True
    value = next((environment[name] for name in _NO_PROXY if environment.get(name)), "")
    if not value:
        return _system_bypasses(host)
    entries = [entry.strip().strip("[]") for entry in value.split(",")]
    if _is_in_networks(host, entries):
        return True
    names = ",".join(entries)
    return bool(urllib.request.proxy_bypass_environment(host, {"no": names}))  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]


def _parse(text: str, variable: str) -> Proxy:
    """Read a proxy's address; one without a scheme is an http proxy, as everywhere.

    The password may hold any character: all up to the last ``@`` is name and password.
    """
    text = text.strip()
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        scheme, host, port = parts.scheme, parts.hostname or "", parts.port
    except ValueError as error:
        raise _unusable(variable) from error
    if not scheme:
        raise _unusable(variable)
    if scheme not in _SCHEMES:
        raise NetworkMisconfigured(
            Reason.PROXY_KIND_OF_VARIABLE if variable else Reason.PROXY_KIND_OF_SETTING,
            facts={"variable": variable, "scheme": scheme[:40]},
        )
    scheme = _SCHEMES[scheme]
    port = _DEFAULT_PORTS[scheme] if port is None else port
    if not is_host(host, port) or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise _unusable(variable)
    user = None
    if parts.username is not None:
        user = (unquote(parts.username), unquote(parts.password or ""))
    return Proxy(scheme=scheme, host=host, port=port, user=user)


def _unusable(variable: str) -> NetworkMisconfigured:
    """Say where the wrong address stands, and not what it is: it may hold a password."""
    return NetworkMisconfigured(
        Reason.PROXY_ADDRESS_OF_VARIABLE if variable else Reason.PROXY_ADDRESS_OF_SETTING,
        facts={"variable": variable},
    )


def _is_in_networks(host: str, entries: list[str]) -> bool:
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    for entry in entries:
        try:
            network = ipaddress.ip_network(entry, strict=False)
        except ValueError:
            continue
        if address in network:
            return True
    return False


def _find_system_proxy() -> str:
    """Ask Windows or macOS; elsewhere the environment is all there is."""
    if sys.platform not in ("win32", "darwin"):
        return ""
    return urllib.request.getproxies().get("https", "")


def _system_bypasses(host: str) -> bool:
    if sys.platform not in ("win32", "darwin"):
        return False
    return bool(urllib.request.proxy_bypass(host))
