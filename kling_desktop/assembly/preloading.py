"""Imports in advance what the first Generate would have to wait for."""

import os
from contextlib import suppress

from kling_desktop.domain.errors import NetworkMisconfigured


def preload() -> None:
    """Import what was too heavy for the start (blocking: a third of a second)."""
    from kling_desktop.api.http_client import load_http
    from kling_desktop.api.trust import load_trust

    load_http()
    with suppress(NetworkMisconfigured):  # the engine reports it when it is about to send something
        load_trust(os.environ)
