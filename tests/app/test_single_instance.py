"""A second start of the app: it shows the first one's window, or finds out that it cannot."""

import asyncio
import os
import stat
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QWidget

from kling_desktop.app.peer_user import is_same_user
from kling_desktop.app.program import guess_data
from kling_desktop.app.single_instance import SingleInstance, find_address, show_running
from kling_desktop.assembly.folders import find_folders
from kling_desktop.storage.database.database import Database
from tests.app.running import Places, expect_no_bugs
from tests.ui.clip_samples import PLAYER_NOISE
from tests.ui.settings_fakes import until

pytestmark = pytest.mark.qt_log_ignore(*PLAYER_NOISE, extend=True)

posix = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows guards its pipes by other means"
)


@pytest.fixture
def starts(tmp_path: Path) -> Iterator[SingleInstance]:
    starts = SingleInstance(tmp_path)
    assert starts.start()
    yield starts
    starts.stop()


async def test_a_second_start_is_heard_and_answered(starts: SingleInstance, tmp_path: Path) -> None:
    heard: list[bool] = []
    starts.show_wanted.connect(lambda: heard.append(True))
    assert await show_running(tmp_path)
    assert await show_running(tmp_path)
    assert heard == [True, True]


async def test_the_right_to_the_focus_is_handed_over(
    starts: SingleInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_ACTIVATION_TOKEN", raising=False)
    monkeypatch.setenv("DESKTOP_STARTUP_ID", "launcher_TIME42")
    tokens: list[str | None] = []
    starts.show_wanted.connect(lambda: tokens.append(os.environ.get("XDG_ACTIVATION_TOKEN")))
    assert await show_running(tmp_path)
    assert tokens == ["launcher_TIME42"]


async def test_where_nobody_ever_listened_nobody_is_asked(tmp_path: Path) -> None:
    assert not await show_running(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe of Windows ends with its process")
async def test_what_a_killed_process_left_is_no_obstacle(tmp_path: Path) -> None:
    address = Path(find_address(tmp_path))
    import socket

    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(address))  # closing it leaves the file, as a kill does
    assert address.exists()
    assert not await show_running(tmp_path)
    starts = SingleInstance(tmp_path)
    assert starts.start()
    assert await show_running(tmp_path)
    starts.stop()
    assert not address.exists()


@posix
def test_only_the_same_user_may_knock(starts: SingleInstance, tmp_path: Path) -> None:
    mode = Path(find_address(tmp_path)).stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert not mode & 0o077


@pytest.mark.parametrize("words", [b"open /etc/passwd\n", b"show" * 1000, b"\x00\xff\n"])
async def test_foreign_words_are_hung_up_on(
    starts: SingleInstance, tmp_path: Path, words: bytes
) -> None:
    heard: list[bool] = []
    starts.show_wanted.connect(lambda: heard.append(True))
    stranger = QLocalSocket()
    stranger.connectToServer(find_address(tmp_path))
    stranger.write(words)
    await until(lambda: stranger.state() is QLocalSocket.LocalSocketState.UnconnectedState)
    assert heard == []
    assert await show_running(tmp_path), "it still listens"


async def test_one_who_listens_but_does_not_answer_counts_as_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kling_desktop.app.single_instance._PATIENCE_S", 0.05)
    silent = QLocalServer()
    assert silent.listen(find_address(tmp_path))
    assert not await show_running(tmp_path)
    silent.close()


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    """A data folder whose path is too long for a socket."""
    folder = tmp_path / ("a folder of a very long name" * 6)
    folder.mkdir()
    return folder


def test_a_long_path_and_a_folder_for_each(tmp_path: Path, deep: Path) -> None:
    (deep / "other").mkdir()
    assert 0 < len(os.fsencode(find_address(deep))) <= 100
    assert find_address(deep) != find_address(deep / "other")
    assert find_address(tmp_path) != find_address(deep)


async def test_a_folder_with_a_long_path_is_found_by_its_other_name(
    tmp_path: Path, deep: Path
) -> None:
    link = tmp_path / ("another name of the same folder, just as long" * 4)
    link.symlink_to(deep)
    starts = SingleInstance(deep)
    assert starts.start()
    assert find_address(link) == find_address(deep)
    assert await show_running(link)
    starts.stop()


@posix
def test_a_long_path_leads_into_a_folder_of_the_users_own(
    tmp_path: Path, deep: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "not there"))
    monkeypatch.setattr("tempfile.tempdir", str(shared))
    mine = shared / f"kling-desktop-{os.getuid()}"
    assert Path(find_address(deep)).parent == mine
    assert not mine.stat().st_mode & 0o077
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    assert Path(find_address(deep)).parent == runtime


@posix
@pytest.mark.parametrize("trap", ["open to all", "a link", "a file"])
def test_a_folder_that_another_user_prepared_is_not_used(
    tmp_path: Path, deep: Path, monkeypatch: pytest.MonkeyPatch, trap: str
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    mine = tmp_path / f"kling-desktop-{os.getuid()}"
    if trap == "open to all":
        mine.mkdir()
        mine.chmod(0o777)
    elif trap == "a link":
        mine.symlink_to(deep)
    else:
        mine.touch()
    assert find_address(deep) == ""
    starts = SingleInstance(deep)
    assert not starts.start(), "it only costs the convenience"
    starts.stop()


@posix
async def test_another_user_at_the_address_is_not_believed(
    starts: SingleInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[bool] = []
    starts.show_wanted.connect(lambda: heard.append(True))
    monkeypatch.setattr("kling_desktop.app.single_instance.is_same_user", lambda _number: False)
    assert not await show_running(tmp_path)
    assert heard == []


@posix
def test_the_system_says_who_is_at_the_other_end(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    here, there = socket.socketpair(socket.AF_UNIX)
    with here, there:
        assert is_same_user(here.fileno())
        monkeypatch.setattr("os.getuid", lambda: 12345)
        assert not is_same_user(here.fileno())
        assert here.fileno() >= 0, "it is still open"


async def test_the_second_start_shows_the_first_window_and_ends(places: Places) -> None:
    places.settle_on("sandbox")
    async with places.run() as first:
        first.window.setWindowState(Qt.WindowState.WindowMinimized)
        async with places.run(ready=False) as second:
            shown = Shown(second.window)
            assert second.ended is not None
            async with asyncio.timeout(20):
                assert await second.ended == 0
            assert second.program.main is None
            assert not shown.ever, "no window of its own, not even for a moment"
        await first.until(lambda: not first.window.isMinimized(), "the first window is up again")
        assert first.window.isVisible()
        expect_no_bugs(first)


async def test_a_first_that_was_still_starting_is_shown_after_all(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both started at once: nobody listened when the second looked, but somebody has the lock."""
    places.settle_on("sandbox")

    async def find_nobody(_data: Path) -> bool:
        return False

    monkeypatch.setattr("kling_desktop.app.program.show_running", find_nobody)
    async with places.run() as first:
        first.window.hide()
        async with places.run(ready=False) as second:
            assert second.ended is not None
            async with asyncio.timeout(20):
                assert await second.ended == 0
        await first.until(first.window.isVisible, "the first window")


async def test_where_the_owner_has_no_window_it_says_so(places: Places) -> None:
    """The folder is owned by a command in a terminal."""
    places.settle_on("sandbox")
    owner = await Database.open(
        places.data / "kling-desktop.sqlite3", now=lambda: datetime.now(UTC)
    )
    try:
        async with places.run(ready=False) as app:
            await app.answer("Quit")
            assert app.ended is not None
            assert await app.ended == 3
    finally:
        await owner.close()


class Shown(QObject):
    """Whether a widget ever came on the screen."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.ever = widget.isVisible()
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        self.ever = self.ever or event.type() == QEvent.Type.Show
        return False


@pytest.mark.parametrize("wanted", ["", "somewhere/else"])
def test_the_folder_is_guessed_as_it_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: str
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("KLING_DESKTOP_DATA_DIR", str(tmp_path / wanted) if wanted else "")
    assert guess_data() == find_folders(os.environ).data
