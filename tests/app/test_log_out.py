"""Logging out is never held up by a question."""

import asyncio

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from kling_desktop.app import program


async def test_a_log_out_ends_the_app_without_a_question(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Window:
        """Stands where the window stands; none is needed to leave."""

        def __init__(self, settings: QSettings) -> None:
            del settings

    monkeypatch.setattr(program, "MainWindow", Window)
    running = program.Program(qapp)
    running._desk = type("Desk", (), {"want_quit": lambda _: asked.append("asked")})()  # pyright: ignore[reportAttributeAccessIssue]
    running._on_session_ends(None)  # pyright: ignore[reportArgumentType]
    async with asyncio.timeout(1):
        await running._quit.wait()
    assert not asked
