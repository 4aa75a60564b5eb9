"""The banner of a queue that stands still leads to what has to change."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit

from kling_desktop.domain.events import PauseReason
from kling_desktop.wording import settings_pages
from tests.app.running import Places, expect_no_bugs
from tests.ui.clip_samples import PLAYER_NOISE

pytestmark = pytest.mark.qt_log_ignore(*PLAYER_NOISE, extend=True)


async def test_a_proxy_that_cannot_be_used_leads_to_the_proxy_setting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    places = Places(monkeypatch, tmp_path)
    places.set(ALL_PROXY="socks4://127.0.0.1:1080", RUNWARE_API_KEY="test-key")
    places.settle_on("runware")
    async with places.run() as app:
        app.type("Lanterns rise")
        app.generate()
        pause = PauseReason.NETWORK_SETTINGS
        await app.until(lambda: app.core.engine.status.pause is pause, "a pause")
        await app.until(app.banner, "the banner")
        await app.answer("Open proxy settings")

        def is_proxy_shown() -> bool:
            fields = app.window.findChildren(QLineEdit)
            name = settings_pages.PROXY()
            return any(field.isVisible() and field.accessibleName() == name for field in fields)

        await app.until(is_proxy_shown, "the field of the proxy")
        expect_no_bugs(app)
