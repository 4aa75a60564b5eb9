"""Which certificates are trusted: the system's own, or those that the environment names instead.

Windows and macOS are asked about each certificate (truststore), so that an authority that a company
has installed counts.  On other systems the store is a file or a folder, which is read once:
truststore would read it again for each connection, and the window would stand still for 50 ms.
"""

import os
import ssl
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from kling_desktop.domain.errors import NetworkMisconfigured
from kling_desktop.domain.reasons import Reason

CERT_FILE_VARIABLE: Final = "SSL_CERT_FILE"
CERT_DIR_VARIABLE: Final = "SSL_CERT_DIR"
_STORES: Final = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Arch
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/ssl/cert.pem",  # Alpine
)


def load_trust(environment: Mapping[str, str]) -> ssl.SSLContext:
    """Return what https connections are checked with (blocking: 50 ms at the first time).

    No session keys are written to SSLKEYLOGFILE: they would give the API key away.

    Raises:
        NetworkMisconfigured: SSL_CERT_FILE or SSL_CERT_DIR names nothing that can be used.
    """
    file, folder = environment.get(CERT_FILE_VARIABLE, ""), environment.get(CERT_DIR_VARIABLE, "")
    return _load_named(file, folder) if file or folder else _load_system_store()


@cache
def _load_named(file: str, folder: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if file:
        try:
            context.load_verify_locations(cafile=file)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise _unusable(CERT_FILE_VARIABLE, file, error) from error
    if folder:
        if not any(Path(part).is_dir() for part in folder.split(os.pathsep) if part):
            raise _unusable(CERT_DIR_VARIABLE, folder, FileNotFoundError())
        context.load_verify_locations(capath=folder)
    return context


def _unusable(variable: str, path: str, error: Exception) -> NetworkMisconfigured:
    gone = isinstance(error, FileNotFoundError)
    return NetworkMisconfigured(
        Reason.CERTIFICATES_GONE if gone else Reason.CERTIFICATES_UNREADABLE,
        detail=str(error),
        facts={"variable": variable, "path": path},
    )


@cache
def _load_system_store() -> ssl.SSLContext:
    if sys.platform in ("win32", "darwin"):
        import truststore

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    if not context.get_ca_certs():  # an interpreter built elsewhere looks in other places
        context.load_verify_locations(cafile=_find_store())
    return context


def _find_store() -> str:
    """Return the system's store, or the one that comes with httpx where the system has none."""
    import certifi

    return next((path for path in _STORES if Path(path).is_file()), certifi.where())
