from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, QSizeF, Qt
from PySide6.QtTest import QTest

from kling_desktop.domain.video import Video
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.viewer.video_stage import PictureView
from kling_desktop.ui.viewer.viewer_page import ViewerPage
from tests.media.videos import read_number
from tests.ui.clip_samples import PLAYER_NOISE, settle, until
from tests.ui.library_stage import LibraryStage, find_nameless, is_open, open_library, put_away

pytestmark = pytest.mark.qt_log_ignore(*PLAYER_NOISE)


@asynccontextmanager
async def open_viewer(
    folder: Path, look: Look
) -> AsyncIterator[tuple[ViewerPage, LibraryStage, Video]]:
    async with open_library(folder) as stage:
        video = await stage.add_video(1, fps=24, frames=72, group_id="g")
        page = ViewerPage(look, stage.parts, stage.frames, stage.tasks)
        stage.files.add(page)
        page.resize(900, 640)
        page.show()
        page.show_clip(video, play=False)
        await until(lambda: page.player.is_settled)
        try:
            yield page, stage, video
        finally:
            put_away(page)


async def test_keys_go_frame_by_frame(tmp_path: Path, look: Look) -> None:
    async with open_viewer(tmp_path, look) as (page, _, _):
        time, frame = page.transport.time, page.transport.frame
        assert (time.text(), frame.text()) == ("00:00.00", "frame 1 of 72")
        shift = Qt.KeyboardModifier.ShiftModifier
        for key, modifier, wanted in (
            (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 1),
            (Qt.Key.Key_Right, shift, 11),
            (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, 10),
            (Qt.Key.Key_Left, shift, 0),
            (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, 71),
            (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, 0),
        ):
            QTest.keyClick(page.stage, key, modifier)
            assert page.player.frame == wanted
        page.player.seek(58)
        assert (time.text(), frame.text()) == ("00:02.10", "frame 59 of 72")
        assert page.strip.value() == 58
        QTest.keyClick(page.stage, Qt.Key.Key_Space)
        assert page.player.is_playing
        assert page.transport.play.accessibleName() == "Pause"
        QTest.keyClick(page.stage, Qt.Key.Key_L)
        assert not page.player.loop


async def test_the_strip_scrubs(tmp_path: Path, look: Look) -> None:
    async with open_viewer(tmp_path, look) as (page, _, _):
        middle = QPoint(page.strip.width() // 2, page.strip.height() // 2)
        QTest.mouseClick(page.strip, Qt.MouseButton.LeftButton, pos=middle)
        assert page.player.frame in (35, 36)
        QTest.keyClick(page.strip, Qt.Key.Key_Right)
        assert page.player.frame in (36, 37)
        await until(lambda: page.strip.strip is not None)


async def test_a_frame_taken_is_the_frame_seen(tmp_path: Path, look: Look) -> None:
    async with open_viewer(tmp_path, look) as (page, stage, video):
        taken: list[tuple[Path, Video]] = []
        page.frame_taken.connect(lambda path, clip: taken.append((path, clip)))
        page.player.seek(41)
        page.start_from.click()
        await until(lambda: taken)
        picture, clip = taken[0]
        assert clip.id == video.id
        assert picture.name == "clip-1-frame-42.png"
        with Image.open(picture) as image:
            assert image.size == (192, 108)
            assert read_number(image) == 41
        last = await stage.frames.take_last(video)
        with Image.open(last) as image:
            assert read_number(image) == 71


async def test_looking_takes_the_dot_and_keys_reach_the_actions(tmp_path: Path, look: Look) -> None:
    async with open_viewer(tmp_path, look) as (page, stage, video):
        await until(lambda: stage.records.store.get_video(video.id).seen)
        QTest.keyClick(page.stage, Qt.Key.Key_F)
        await until(lambda: page.heart.isChecked())
        extended: list[Path] = []
        stage.actions.extend_requested.connect(lambda _, picture: extended.append(picture))
        QTest.keyClick(page.stage, Qt.Key.Key_E)
        await until(lambda: extended)
        with Image.open(extended[0]) as image:
            assert read_number(image) == 71


async def test_takes_and_compare(tmp_path: Path, look: Look) -> None:
    async with open_viewer(tmp_path, look) as (page, stage, video):
        assert page.title.take.text() == ""
        asked: list[int] = []
        page.compare_requested.connect(lambda clip: asked.append(clip.id))
        page.compare.click()
        assert asked == [video.id]
        other = await stage.add_video(2, frames=24, group_id="g")
        page.show_clip(video, play=False)
        assert page.title.take.text() == "Take 1 of 2"
        pairs: list[tuple[int, int]] = []
        stage.actions.compare_requested.connect(lambda a, b: pairs.append((a.id, b.id)))
        QTest.keyClick(page.stage, Qt.Key.Key_C)
        assert pairs == [(other.id, video.id)]
        QTest.keyClick(page.stage, Qt.Key.Key_BracketRight)
        assert page.video is not None
        assert page.video.id == other.id


async def test_trashing_the_clip_in_view_goes_back(tmp_path: Path, look: Look) -> None:
    async with open_viewer(tmp_path, look) as (page, stage, _):
        closed: list[bool] = []
        page.closed.connect(lambda: closed.append(True))
        QTest.keyClick(page.stage, Qt.Key.Key_Delete)
        await until(lambda: closed)
        assert list(stage.trash.iterdir())
        QTest.keyClick(page.stage, Qt.Key.Key_Escape)
        assert len(closed) == 2


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="the system does not tell")
async def test_the_file_is_closed_before_it_is_trashed_and_opened_again_if_that_fails(
    tmp_path: Path, look: Look
) -> None:
    """On Windows a file that anybody has open can be neither moved nor renamed."""
    async with open_viewer(tmp_path, look) as (page, stage, video):
        file = stage.records.pictures.locate(video)
        page.player.seek(7)
        await until(lambda: page.player.is_settled and is_open(file))
        stage.refuses_trash = True
        QTest.keyClick(page.stage, Qt.Key.Key_Delete)
        await until(lambda: stage.notices)
        assert stage.notices[0].title == "1 clip could not be moved to the trash"
        assert stage.notices[0].text == "The system could not move this file to the trash."
        await until(lambda: page.player.is_settled and is_open(file))
        assert page.player.frame == 7
        stage.refuses_trash = False
        closed: list[bool] = []
        page.closed.connect(lambda: closed.append(True))
        QTest.keyClick(page.stage, Qt.Key.Key_Delete)
        await until(lambda: closed)
        assert list(stage.trash.iterdir())


async def test_a_moved_file_says_so(tmp_path: Path, look: Look) -> None:
    async with open_viewer(tmp_path, look) as (page, stage, video):
        await stage.records.store.set_missing([video.id], missing=True)
        page.show_clip(stage.records.store.get_video(video.id))
        assert "moved" in page.stage.accessibleDescription()
        assert not page.grab().isNull()


async def test_full_screen_gives_everything_back(tmp_path: Path, look: Look) -> None:
    async with open_viewer(tmp_path, look) as (page, _, _):
        page.expand.click()
        assert page.stage.window() is not page
        assert page.stage.window().isFullScreen()
        page.full_screen.hide_controls()
        assert page.controls.isHidden()
        QTest.keyClick(page.stage, Qt.Key.Key_Right)
        assert page.player.frame == 1
        assert not page.controls.isHidden()
        assert page.following.geometry().right() == page.stage.width() - 1
        QTest.keyClick(page.stage, Qt.Key.Key_Escape)
        await settle()
        assert page.stage.window() is page
        assert page.isVisible()


@pytest.mark.parametrize("key", [Qt.Key.Key_F11, Qt.Key.Key_C])
async def test_full_screen_is_left_by_its_own_key_and_for_compare(
    tmp_path: Path, look: Look, key: Qt.Key
) -> None:
    async with open_viewer(tmp_path, look) as (page, _, _):
        page.toggle_full_screen()
        QTest.keyClick(page.stage, key)
        await settle()
        assert page.stage.window() is page


async def test_every_control_has_a_name(tmp_path: Path, look: Look) -> None:
    async with open_viewer(tmp_path, look) as (page, _, _):
        assert find_nameless(page) == []
        assert page.stage.accessibleName().startswith("Clip, Clip number 1")


def test_fit_never_goes_past_the_pictures_own_size() -> None:
    view = PictureView()
    small = view.place(QSizeF(192, 108), QSizeF(1000, 800))
    assert (small.width(), small.height()) == (192, 108)
    large = view.place(QSizeF(1920, 1080), QSizeF(1008, 800))
    assert (large.width(), large.x()) == (960, 24)


def test_zoom_keeps_the_point_under_the_pointer() -> None:
    view, picture, size = PictureView(), QSizeF(1920, 1080), QSizeF(1000, 700)
    at = QPointF(300, 300)
    before = view.place(picture, size)
    share = (at.x() - before.x()) / before.width()
    view.zoom_to(1.0, picture, size, at)
    after = view.place(picture, size)
    assert after.width() == 1920
    assert (at.x() - after.x()) / after.width() == pytest.approx(share, abs=0.01)
    view.move(QPointF(9000, 0), picture, size)
    assert view.place(picture, size).x() == pytest.approx(0)
    view.zoom_to(0.1, picture, size, at)
    assert view.zoom is None
