from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from kling_desktop.domain.video import Video
from kling_desktop.ui.clips.clip_facts import describe_differences
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.viewer.compare_page import ComparePage
from kling_desktop.ui.viewer.compare_stage import CompareMode
from tests.ui.clip_samples import PLAYER_NOISE, build_clip, until
from tests.ui.clips.test_video_player import number_painted
from tests.ui.library_stage import (
    LibraryStage,
    find_nameless,
    is_open,
    open_library,
    put_away,
)
from tests.ui.pointer import double_click

pytestmark = pytest.mark.qt_log_ignore(*PLAYER_NOISE)


@asynccontextmanager
async def open_compare(
    folder: Path, look: Look
) -> AsyncIterator[tuple[ComparePage, LibraryStage, Video, Video]]:
    async with open_library(folder) as stage:
        first = await stage.add_video(1, fps=24, frames=24)
        second = await stage.add_video(2, fps=30, frames=60)
        page = ComparePage(look, stage.parts, stage.frames, stage.tasks)
        stage.files.add(page)
        page.resize(1000, 640)
        page.show()
        page.show_pair(first, second)
        page.players.pause()
        page.players.seek(0)
        await until(lambda: page.players.is_settled)
        try:
            yield page, stage, first, second
        finally:
            put_away(page)


async def test_both_files_are_closed_before_one_is_trashed_and_opened_again_if_that_fails(
    tmp_path: Path, look: Look
) -> None:
    async with open_compare(tmp_path, look) as (page, stage, first, second):
        files = [stage.records.pictures.locate(video) for video in (first, second)]
        page.players.seek(9)
        await until(lambda: page.players.is_settled)
        stage.refuses_trash = True
        stage.actions.run("trash", [first], page)
        await until(lambda: stage.notices)
        await until(lambda: page.players.is_settled)
        assert page.players.frame == 9
        stage.refuses_trash = False
        stage.actions.run("trash", [first], page)
        await until(lambda: len(stage.notices) == 2)
        assert list(stage.trash.iterdir())
        assert not any(is_open(file) for file in files)


async def test_one_transport_drives_both_and_the_shorter_holds(tmp_path: Path, look: Look) -> None:
    async with open_compare(tmp_path, look) as (page, _, _, _):
        assert page.players.frames == 60
        for frame, other in ((15, 12), (29, 23), (45, 23)):
            page.players.seek(frame)
            await until(lambda: page.players.is_settled)
            assert number_painted(page.players.second) == frame
            assert number_painted(page.players.first) == other
        page.transport.forward.click()
        assert page.players.frame == 46


async def test_playing_keeps_together(tmp_path: Path, look: Look) -> None:
    async with open_compare(tmp_path, look) as (page, _, _, _):
        QTest.keyClick(page.stage, Qt.Key.Key_Space)
        await until(lambda: page.players.frame > 15)
        players = page.players
        apart = players.first.frame / 24 - players.second.frame / 30
        assert abs(apart) < 0.25
        QTest.keyClick(page.stage, Qt.Key.Key_Space)
        assert not players.is_playing
        assert not players.first.is_playing


async def test_the_line_moves_by_key_pointer_and_double_click(tmp_path: Path, look: Look) -> None:
    async with open_compare(tmp_path, look) as (page, _, _, _):
        stage = page.stage
        for _ in range(5):
            QTest.keyClick(stage, Qt.Key.Key_Right)
        assert stage.line == pytest.approx(0.6)
        place = stage.pictures_rect().topLeft().toPoint()
        QTest.mouseClick(stage, Qt.MouseButton.LeftButton, pos=place)
        assert stage.line == pytest.approx(0.0, abs=0.01)
        double_click(stage, stage.rect().center())
        assert stage.line == 0.5
        assert not stage.grab().isNull()


async def test_hold_b_shows_b_alone(tmp_path: Path, look: Look) -> None:
    async with open_compare(tmp_path, look) as (page, _, _, _):
        page.mode.value_changed.emit(CompareMode.FLIP)
        QTest.keyPress(page.stage, Qt.Key.Key_B)
        assert page.stage.held == "B"
        QTest.keyRelease(page.stage, Qt.Key.Key_B)
        assert page.stage.held == ""
        page.mode.value_changed.emit(CompareMode.SIDE)
        QTest.keyClick(page.stage, Qt.Key.Key_Right)
        assert page.players.frame == 1, "without a line the arrows step"


async def test_keep_one_offers_to_take_the_other_away(tmp_path: Path, look: Look) -> None:
    async with open_compare(tmp_path, look) as (page, stage, first, second):
        page.keep_second.click()
        await until(lambda: stage.records.store.get_video(second.id).favourite)
        notice = stage.notices[-1]
        assert (notice.title, notice.offers[0].text) == (
            "B is a favourite now",
            "Move A to the trash",
        )
        notice.offers[0].act()
        await until(lambda: stage.records.store.get_video(first.id).trashed_at)


async def test_every_control_has_a_name(tmp_path: Path, look: Look) -> None:
    async with open_compare(tmp_path, look) as (page, _, _, _):
        assert find_nameless(page) == []
        page.show_differences.click()
        assert page.differences.isHidden()


async def test_only_what_differs_is_listed(tmp_path: Path) -> None:
    async with open_library(tmp_path) as stage:
        one, two = await stage.records.add(
            build_clip(1, prompt="fox"), build_clip(2, prompt="fox", duration_s=10)
        )
        same, differing = describe_differences(one, two)
        assert same == "Same: model, size, strength, prompt"
        assert differing == (("Length", "5 s", "10 s"),)
