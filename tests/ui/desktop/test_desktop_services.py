import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from kling_desktop.ui.desktop.desktop_services import DesktopServices


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, qapp: object) -> list[str]:
    """Note what would be opened; on this machine there is no desktop that could."""
    urls: list[str] = []

    def note(url: QUrl) -> bool:
        urls.append(url.toString())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", note)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all")
    return urls


@pytest.mark.skipif(sys.platform != "linux", reason="other systems show files by their own means")
def test_without_a_file_manager_the_folder_opens(tmp_path: Path, opened: list[str]) -> None:
    file = tmp_path / "a clip.mp4"
    file.write_bytes(b"x")
    assert DesktopServices().reveal([file])
    assert opened == [QUrl.fromLocalFile(str(tmp_path)).toString()]


def test_a_file_that_is_gone_shows_the_nearest_folder(tmp_path: Path, opened: list[str]) -> None:
    assert DesktopServices().reveal([tmp_path / "gone" / "a.mp4"])
    assert opened == [QUrl.fromLocalFile(str(tmp_path)).toString()]
    assert not DesktopServices().reveal([])
