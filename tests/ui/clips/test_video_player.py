from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QRectF, QTimer, qVersion
from PySide6.QtGui import QColor, QImage, QPainter

from kling_desktop.media.video_file import read_frame, read_times
from kling_desktop.ui.clips.video_player import ClipPlayer
from tests.media.videos import make_colour_video, make_uneven_video, make_video, read_number
from tests.ui.clip_samples import PLAYER_NOISE, until

pytestmark = pytest.mark.qt_log_ignore(*PLAYER_NOISE)


def number_in(image: QImage) -> int:
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    data = bytes(rgb.constBits())
    line = rgb.bytesPerLine()
    return read_number(
        Image.frombuffer("RGB", (rgb.width(), rgb.height()), data, "raw", "RGB", line, 1)
    )


def number_painted(player: ClipPlayer) -> int:
    """Read the number out of what is really painted."""
    image = QImage(192, 108, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    painter = QPainter(image)
    assert player.paint(painter, QRectF(0, 0, 192, 108))
    painter.end()
    return number_in(image)


@asynccontextmanager
async def open_player(
    folder: Path, *, fps: int = 24, frames: int = 48
) -> AsyncIterator[ClipPlayer]:
    video = make_video(folder / "a video, with ümlaut.mp4", (192, 108), fps, frames=frames)
    player = ClipPlayer()
    player.load(video, fps=float(fps), frames=frames)
    await until(lambda: player.is_settled)
    yield player
    player.unload()
    player.deleteLater()


async def test_steps_and_seeks_are_exact(tmp_path: Path) -> None:
    async with open_player(tmp_path, fps=30, frames=90) as player:
        assert number_painted(player) == 0
        for frame in (1, 30, 29, 60, 89, 45, 15):
            player.seek(frame)
            await until(lambda: player.is_settled)
            assert (player.frame, number_painted(player)) == (frame, frame)
        for step in (1, 1, -1, 10, -10):
            before = player.frame
            player.step(step)
            await until(lambda: player.is_settled)
            assert number_painted(player) == player.frame == before + step


@pytest.mark.skipif(
    tuple(map(int, qVersion().split(".")[:2])) < (6, 12),
    reason="Qt 6.11, which Python 3.11 has, shows the frame after it where the rate varies",
)
async def test_frame_n_is_frame_n_where_the_rate_varies(tmp_path: Path) -> None:
    """60 frames at 60 a second, then 40 at 10: their average rate finds few of them."""
    video = make_uneven_video(tmp_path / "uneven.mp4")
    times = read_times(video)
    assert (len(times), times[60], times[99]) == (100, 1.0, 4.9)
    player = ClipPlayer()
    player.load(video, fps=20.0, frames=100)
    await until(lambda: player.is_settled)
    player.set_times(times)
    # The header of this video ends before its last frames: the player does not go there.
    for frame in (10, 30, 59, 60, 61, 70, 80, 90, 95, 0):
        player.seek(frame)
        await until(lambda: player.is_settled)
        assert (player.frame, number_painted(player)) == (frame, frame)
        assert number_in_file(video, frame) == frame, "and so it is in the frame that is saved"
    player.set_loop(loop=False)
    player.play()
    await until(lambda: player.frame >= 70)
    assert number_painted(player) == player.frame, "also while it plays"
    player.unload()
    player.deleteLater()


async def test_times_of_an_even_rate_change_nothing(tmp_path: Path) -> None:
    async with open_player(tmp_path, fps=24, frames=48) as player:
        player.set_times([number / 24 for number in range(48)])
        assert player.moment_of(12) == 12.5 / 24
        player.set_times([0.0, 1.0, 5.0])  # of another video
        assert player.moment_of(12) == 12.5 / 24


def number_in_file(video: Path, frame: int) -> int:
    return read_number(read_frame(video, frame))


async def test_many_quick_seeks_end_at_the_last(tmp_path: Path) -> None:
    async with open_player(tmp_path) as player:
        for frame in range(40):
            player.seek(frame)
        assert player.frame == 39, "the figure does not lag behind"
        await until(lambda: player.is_settled)
        assert number_painted(player) == 39
        player.seek(-5)
        assert player.frame == 0
        player.seek(5000)
        assert player.frame == 47


async def test_at_the_end_the_last_frame_stays(tmp_path: Path) -> None:
    async with open_player(tmp_path, frames=12) as player:
        player.set_loop(loop=False)
        told: list[bool] = []
        player.playing_changed.connect(told.append)
        player.play()
        assert player.is_playing
        await until(lambda: not player.is_playing)
        assert told == [True, False]
        assert player.frame == 11
        assert number_painted(player) == 11
        player.play()
        await until(lambda: 0 < player.frame < 11)
        player.pause()


async def test_loop_begins_anew(tmp_path: Path) -> None:
    async with open_player(tmp_path, frames=8) as player:
        player.set_speed(2.0)
        seen: list[int] = []
        player.frame_changed.connect(lambda: seen.append(player.frame))
        player.play()
        await until(lambda: any(b < a for a, b in pairwise(seen)))
        assert player.is_playing
        player.toggle()
        assert not player.is_playing


async def test_files_that_cannot_be_played_say_so(tmp_path: Path) -> None:
    junk = tmp_path / "junk.mp4"
    junk.write_bytes(b"no video at all" * 100)
    for file, words in ((junk, "damaged"), (tmp_path / "gone.mp4", "not there")):
        player = ClipPlayer()
        said: list[str] = []
        player.failed.connect(said.append)
        player.load(file, fps=24, frames=24)
        player.play()
        await until(lambda said=said: said)
        assert words in said[0]
        assert not player.is_playing
        player.unload()
        player.deleteLater()


async def test_a_cut_video_is_given_up_after_a_while(tmp_path: Path) -> None:
    video = make_video(tmp_path / "whole.mp4", (192, 108), 24, frames=96, noise=True)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(video.read_bytes()[: video.stat().st_size // 20])
    player = ClipPlayer(deadline_ms=200)
    said: list[str] = []
    player.failed.connect(said.append)
    player.set_loop(loop=False)
    player.load(cut, fps=24, frames=96)
    player.play()
    await until(lambda: said)
    assert "damaged" in said[0]
    player.unload()
    player.deleteLater()


async def test_nothing_is_loaded_before_the_first_video(tmp_path: Path) -> None:
    player = ClipPlayer()
    player.play()
    player.pause()
    player.step(1)
    player.set_volume(0.5)
    player.unload()
    assert player.findChildren(type(player)) == []
    assert player.grab_picture() is None
    assert not player.has_sound
    assert all(isinstance(child, QTimer) for child in player.children())


async def test_waiting_is_no_damage(tmp_path: Path) -> None:
    """The first frame may take longer than a disk that wakes, or sound before the picture, lets."""
    video = make_video(tmp_path / "whole.mp4", (1280, 720), 24, frames=4, sound=True)
    player = ClipPlayer(deadline_ms=0)
    said: list[str] = []
    shown: list[bool] = []
    player.failed.connect(said.append)
    player.loaded.connect(lambda: shown.append(True))
    player.load(video, fps=24, frames=4)
    await until(lambda: shown)
    assert said == []
    player.unload()
    player.deleteLater()


@pytest.mark.parametrize(
    ("size", "matrix", "noted", "deep"),
    [
        ((1280, 720), 1, None, False),
        ((640, 360), 5, None, False),
        ((1280, 720), 5, 5, False),
        ((1280, 720), 1, None, True),
    ],
)
async def test_the_player_shows_the_colours_that_saved_frames_have(
    tmp_path: Path, size: tuple[int, int], matrix: int, noted: int | None, deep: bool
) -> None:
    colour = (200, 30, 30)
    video = make_colour_video(
        tmp_path / "a.mp4", colour, size, matrix=matrix, noted=noted, deep=deep
    )
    player = ClipPlayer()
    player.load(video, fps=24, frames=5)
    await until(lambda: player.is_settled)
    picture = player.grab_picture()
    assert picture is not None
    assert (picture.width(), picture.height()) == size
    painted = QImage(64, 36, QImage.Format.Format_RGB32)
    painter = QPainter(painted)
    assert player.paint(painter, QRectF(0, 0, 64, 36))
    painter.end()
    saved = read_frame(video, 0).getpixel((50, 50))
    assert isinstance(saved, tuple)
    for image in (picture, painted):
        found = image.pixelColor(image.width() // 2, image.height() // 2)
        shown = (found.red(), found.green(), found.blue())
        assert all(abs(a - b) <= 5 for a, b in zip(shown, colour, strict=True)), shown
        assert all(abs(a - b) <= 4 for a, b in zip(shown, saved, strict=False)), (shown, saved)
    player.unload()
    player.deleteLater()
