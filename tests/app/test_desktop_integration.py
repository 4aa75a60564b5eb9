"""What the app shows outside its window follows the queue."""

from pathlib import Path

import pytest

from kling_desktop.app.desktop_integration import DesktopIntegration
from kling_desktop.domain.events import PauseReason
from tests.app.running import Places, expect_no_bugs
from tests.fakes.service import FakeService
from tests.fakes.service_script import Refuse
from tests.ui.clip_samples import PLAYER_NOISE

pytestmark = pytest.mark.qt_log_ignore(*PLAYER_NOISE, extend=True)


async def test_the_icon_turns_red_when_the_credit_is_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    places = Places(monkeypatch, tmp_path)
    service = FakeService()
    service.script("*", Refuse("insufficientCredits", http_status=402))
    places.settle_on("runware")
    places.use_fake(service)
    async with places.run() as app:
        outside = app.window.findChild(DesktopIntegration)
        assert isinstance(outside, DesktopIntegration)
        app.type("Lanterns rise")
        app.generate()
        await app.until(lambda: app.core.engine.status.pause is PauseReason.CREDIT, "a pause")

        def is_red() -> bool:
            mark = outside.mark.shown
            return mark is not None and mark.ink == "danger"

        await app.until(is_red, "the red icon")
        expect_no_bugs(app)
