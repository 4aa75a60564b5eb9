"""Logging out is never held up by a question."""

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import SIGNAL
from PySide6.QtWidgets import QApplication

from kling_desktop.domain.job import JobState
from tests.app.running import Places
from tests.fakes.service import FakeService
from tests.fakes.service_script import Processing
from tests.ui.clip_samples import PLAYER_NOISE

pytestmark = pytest.mark.qt_log_ignore(*PLAYER_NOISE, extend=True)

_SESSION_ENDS = SIGNAL("commitDataRequest(QSessionManager&)")


async def test_a_log_out_ends_the_app_without_a_question(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    places, service = Places(monkeypatch, tmp_path), FakeService()
    service.script("*", Processing(10_000))
    places.settle_on("runware")
    places.use_fake(service)
    before = qapp.receivers(_SESSION_ENDS)
    async with places.run() as app:
        # No test can make a session manager, so the connection and its slot are looked at alone.
        assert qapp.receivers(_SESSION_ENDS) == before + 1
        app.type("Moon slides behind the rim")
        app.generate()
        await app.until(lambda: app.states() == [JobState.RUNNING], "a running job")
        app.program.quit()
        assert app.ended is not None
        async with asyncio.timeout(5):
            assert await app.ended == 0
