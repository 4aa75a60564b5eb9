"""Imports what the first Generate would otherwise have to wait for."""

from kling_desktop.api.connection import load_http


def preload() -> None:
    """Import what was too heavy for the start (blocking: a third of a second)."""
    load_http()
