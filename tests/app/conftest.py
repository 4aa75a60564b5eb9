"""The app in a home of its own, with a service in this process."""

from pathlib import Path

import pytest

from tests.app.running import Places
from tests.fakes.service import FakeService
from tests.media.videos import make_video


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Places:
    return Places(monkeypatch, tmp_path)


@pytest.fixture
def service(tmp_path: Path, places: Places) -> FakeService:
    make_video(tmp_path / "video.mp4", (320, 180), 30, frames=150)
    service = FakeService(video=(tmp_path / "video.mp4").read_bytes())
    places.settle_on("runware")
    places.use_fake(service)
    return service
