from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest

from kling_desktop.media.thumbnail_files import ThumbnailKey
from kling_desktop.storage.stores.video_query import VideoQuery, VideoSort
from kling_desktop.ui.controls.drag_data import read_clip_ids
from kling_desktop.ui.library.tile_delegate import find_rect, heart_rect
from kling_desktop.ui.library.video_model import VideoModel
from kling_desktop.ui.library.video_wall import VideoWall
from kling_desktop.ui.theme.look import Look
from tests.media.videos import make_video
from tests.ui.clip_samples import (
    NOW,
    PLAYER_NOISE,
    ClipRecords,
    build_clip,
    now,
    open_records,
    settle,
    until,
)
from tests.ui.library_stage import is_open
from tests.ui.pointer import double_click, move


class Stage:
    def __init__(
        self, look: Look, records: ClipRecords, width: int = 760, height: int = 560
    ) -> None:
        self.records = records
        self.model = VideoModel(records.store, now=now)
        self.model.refresh()
        self.wall = VideoWall(look, self.model, records.pictures)
        self.wall.resize(width, height)
        self.wall.show()

    def close(self) -> None:
        self.wall.stop()
        self.model.close()
        self.wall.close()
        self.wall.deleteLater()

    def chosen(self) -> list[int]:
        return sorted(index.row() for index in self.wall.selectedIndexes())

    def click(
        self, number: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        place = self.wall.tile_rect(number).center()
        QTest.mouseClick(self.wall.viewport(), Qt.MouseButton.LeftButton, modifier, place)


@asynccontextmanager
async def open_stage(folder: Path, look: Look, count: int = 20) -> AsyncIterator[Stage]:
    async with open_records(folder) as records:
        await records.fill(count)
        stage = Stage(look, records)
        try:
            yield stage
        finally:
            stage.close()


async def test_click_ctrl_and_shift_choose(tmp_path: Path, look: Look) -> None:
    async with open_stage(tmp_path, look) as stage:
        stage.click(1)
        assert stage.chosen() == [1]
        stage.click(3, Qt.KeyboardModifier.ControlModifier)
        assert stage.chosen() == [1, 3]
        stage.click(6, Qt.KeyboardModifier.ShiftModifier)
        assert stage.chosen() == [1, 3, 4, 5, 6]  # what was chosen before stays
        QTest.mouseClick(stage.wall.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
        assert stage.chosen() == []


async def test_a_rubber_band_chooses_what_it_touches(tmp_path: Path, look: Look) -> None:
    async with open_stage(tmp_path, look) as stage:
        view, wall = stage.wall.viewport(), stage.wall
        first, last = wall.tile_rect(0), wall.tile_rect(1)
        start = QPoint(2, first.top() + 20)
        QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
        for x in (30, last.center().x()):
            move(view, QPoint(x, last.center().y()))
        assert stage.chosen() == [0, 1]
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=last.center())
        assert stage.chosen() == [0, 1]


async def test_keys_walk_the_wall(tmp_path: Path, look: Look) -> None:
    async with open_stage(tmp_path, look, 60) as stage:
        wall, layout = stage.wall, stage.wall.wall_layout()
        wall.activateWindow()
        wall.setFocus()
        await settle()
        assert wall.currentIndex().row() == 0
        for key, row in (
            (Qt.Key.Key_Right, 1),
            (Qt.Key.Key_Left, 0),
            (Qt.Key.Key_Left, 0),
            (Qt.Key.Key_Down, layout.step_rows(0, 1)),
            (Qt.Key.Key_Up, layout.step_rows(layout.step_rows(0, 1), -1)),
            (Qt.Key.Key_End, 59),
            (Qt.Key.Key_Home, 0),
        ):
            QTest.keyClick(wall, key)
            assert wall.currentIndex().row() == row
        QTest.keyClick(wall, Qt.Key.Key_PageDown)
        below = wall.currentIndex().row()
        assert layout.row_of(below) >= 1
        assert wall.viewport().rect().contains(wall.tile_rect(below))
        QTest.keyClick(wall, Qt.Key.Key_PageUp)
        assert wall.currentIndex().row() == 0
        QTest.keyClick(wall, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        QTest.keyClick(wall, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        assert stage.chosen() == [0, 1, 2]
        QTest.keyClick(wall, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
        assert stage.chosen() == [0, 1]
        QTest.keyClick(wall, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        assert len(stage.chosen()) == 60
        QTest.keyClick(wall, Qt.Key.Key_Escape)
        assert stage.chosen() == []


async def test_single_keys_ask_for_commands(tmp_path: Path, look: Look) -> None:
    async with open_stage(tmp_path, look) as stage:
        asked: list[str] = []
        opened: list[int] = []
        stage.wall.command_requested.connect(asked.append)
        stage.wall.open_requested.connect(opened.append)
        stage.click(2)
        for key in (Qt.Key.Key_F, Qt.Key.Key_R, Qt.Key.Key_E, Qt.Key.Key_C, Qt.Key.Key_Delete):
            QTest.keyClick(stage.wall, key)
        QTest.keyClick(stage.wall, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(stage.wall, Qt.Key.Key_Return)
        assert asked == ["favourite", "remix", "extend", "compare", "trash", "copy-files"]
        assert opened == [stage.model.id_at(2)]
        double_click(stage.wall.viewport(), stage.wall.tile_rect(0).center())
        assert opened[-1] == stage.model.id_at(0)


async def test_a_new_clip_moves_neither_view_nor_selection(tmp_path: Path, look: Look) -> None:
    async with open_stage(tmp_path, look, 80) as stage:
        wall = stage.wall
        wall.verticalScrollBar().setValue(900)
        seen = wall.tiles_in_view()
        anchor = stage.model.id_at(seen.start)
        top = wall.tile_rect(seen.start).top()
        chosen = stage.model.id_at(seen.start + 3)
        wall.choose([chosen], scroll=False)
        await stage.records.add(build_clip(500, hours_ago=0.1), build_clip(501, hours_ago=0.2))
        await settle()
        row = stage.model.find_row(anchor)
        assert row is not None
        assert row == seen.start + 2
        assert wall.tile_rect(row).top() == top
        assert wall.chosen_ids() == (chosen,)
        await stage.records.store.set_trashed(stage.model.id_at(0), NOW)
        await settle()
        row = stage.model.find_row(anchor)
        assert row is not None
        assert wall.tile_rect(row).top() == top


async def test_at_the_top_a_new_clip_shows_itself(tmp_path: Path, look: Look) -> None:
    async with open_stage(tmp_path, look, 40) as stage:
        (new,) = await stage.records.add(build_clip(500, hours_ago=-0.1))
        await settle()
        assert stage.wall.verticalScrollBar().value() == 0
        assert stage.model.find_row(new.id) == 0


async def test_another_list_keeps_what_is_chosen(tmp_path: Path, look: Look) -> None:
    async with open_stage(tmp_path, look, 30) as stage:
        stage.click(4)
        chosen = stage.wall.chosen_ids()
        stage.model.set_query(VideoQuery(sort=VideoSort.OLDEST))
        assert stage.wall.chosen_ids() == chosen
        assert stage.wall.current_id() == chosen[0]
        stage.model.set_query(VideoQuery(text="nothing like it"))
        assert stage.wall.chosen_ids() == ()


async def test_size_and_width_keep_the_place(tmp_path: Path, look: Look) -> None:
    async with open_stage(tmp_path, look, 80) as stage:
        wall = stage.wall
        wall.verticalScrollBar().setValue(700)
        seen = wall.tiles_in_view().start
        top = wall.tile_rect(seen).top()
        wall.set_target_height(220)
        assert wall.tile_rect(seen).top() == top
        wall.resize(900, 560)
        assert abs(wall.tile_rect(seen).top() - top) <= 1
        wall.set_target_height(5000)
        assert wall.target_height == 280


async def test_hover_maps_the_pointer_to_time_and_finds_buttons(tmp_path: Path, look: Look) -> None:
    async with open_stage(tmp_path, look) as stage:
        wall, tile = stage.wall, stage.wall.tile_rect(0)
        move(wall.viewport(), QPoint(tile.left() + tile.width() // 4, tile.center().y()))
        assert wall.stage.hovered == stage.model.id_at(0)
        assert wall.stage.fraction == pytest.approx(0.25, abs=0.01)
        hearts: list[int] = []
        wall.favourite_toggled.connect(hearts.append)
        place = heart_rect(QRectF(tile)).center().toPoint()
        move(wall.viewport(), place)
        QTest.mouseClick(wall.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert hearts == [stage.model.id_at(0)]
        assert stage.chosen() == [], "the heart chooses nothing"
        move(wall.viewport(), QPoint(2, 2))
        assert wall.stage.hovered is None


async def test_missing_clip_offers_find(tmp_path: Path, look: Look) -> None:
    async with open_stage(tmp_path, look) as stage:
        await stage.records.store.set_missing([stage.model.id_at(1)], missing=True)
        await settle()
        wanted: list[int] = []
        stage.wall.find_requested.connect(wanted.append)
        place = find_rect(QRectF(stage.wall.tile_rect(1))).center().toPoint()
        QTest.mouseClick(stage.wall.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert wanted == [stage.model.id_at(1)]


async def test_what_is_dragged_out(tmp_path: Path, look: Look) -> None:
    async with open_stage(tmp_path, look) as stage:
        stage.wall.choose([stage.model.id_at(0), stage.model.id_at(2)])
        load = stage.wall.pack_chosen()
        assert load is not None
        mime, ghost = load
        names = [Path(url.toLocalFile()).name for url in mime.urls()]
        assert names == ["clip-0.mp4", "clip-2.mp4"]
        assert read_clip_ids(mime) == (stage.model.id_at(0), stage.model.id_at(2))
        assert not mime.hasText() or "Clip number" not in mime.text()
        assert not ghost.isNull()
        stage.wall.choose([stage.model.id_at(1)])
        load = stage.wall.pack_chosen()
        assert load is not None
        assert load[0].text() == "Clip number 1"
        await stage.records.store.set_missing([stage.model.id_at(1)], missing=True)
        await settle()
        assert stage.wall.pack_chosen() is None


async def test_screen_readers_see_named_rows(tmp_path: Path, look: Look) -> None:
    async with open_stage(tmp_path, look, 6) as stage:
        face = QAccessible.queryAccessibleInterface(stage.wall)
        assert face.role() == QAccessible.Role.List
        assert face.childCount() == 6
        names = [face.child(n).text(QAccessible.Text.Name) for n in range(6)]
        assert all(name.startswith("Clip, Clip number") for name in names)
        tile = stage.wall.tile_rect(2)
        corner = stage.wall.viewport().mapToGlobal(tile.topLeft())
        assert face.child(2).rect().topLeft() == corner


async def test_pictures_are_asked_for_view_and_one_screen_only(tmp_path: Path, look: Look) -> None:
    async with open_records(tmp_path) as records:
        await records.fill(200)
        asked: set[int] = set()
        request = records.thumbnails.request

        def note(ident: int, key: ThumbnailKey) -> None:
            asked.add(ident)
            request(ident, key)

        records.thumbnails.request = note  # pyright: ignore[reportAttributeAccessIssue]
        stage = Stage(look, records)
        await until(lambda: asked)
        near = {stage.model.id_at(n) for n in stage.wall.tiles_in_view(1.0)}
        assert asked == near
        assert len(near) < 60
        stage.close()


@pytest.mark.qt_log_ignore(*PLAYER_NOISE)
async def test_a_poster_fades_in_and_space_plays_in_place(tmp_path: Path, look: Look) -> None:
    async with open_records(tmp_path) as records:
        make_video(records.folder / "2026-11/clip-0.mp4", (160, 90), 24, 1.0)
        await records.fill(1)
        stage = Stage(look, records)
        first = stage.model.id_at(0)
        await until(lambda: records.pictures.has_poster(first))
        assert stage.wall.stage.appearing[first] < 1
        await until(lambda: not stage.wall.stage.appearing)
        stage.click(0)
        QTest.keyClick(stage.wall, Qt.Key.Key_Space)
        await until(lambda: stage.wall.stage.play_fraction > 0)
        assert stage.wall.stage.playing == first
        assert not stage.wall.grab().isNull()
        video = stage.model.get_video(0)
        await stage.wall.release([video])
        assert stage.wall.stage.playing is None, "its file is about to be moved"
        await until(lambda: not is_open(records.pictures.locate(video)))  # a strip is made too
        QTest.keyClick(stage.wall, Qt.Key.Key_Space)
        await until(lambda: stage.wall.stage.play_fraction > 0)
        QTest.keyClick(stage.wall, Qt.Key.Key_Space)
        assert stage.wall.stage.playing is None
        stage.close()


async def test_names_stand_under_the_tiles_when_they_are_wanted(tmp_path: Path, look: Look) -> None:
    async with open_records(tmp_path) as records:
        await records.fill(12)
        stage = Stage(look, records)
        wall = stage.wall
        tile = wall.tile_rect(0)
        strip = QRect(tile.x(), tile.bottom() + 2, tile.width(), 18)
        wall.show_names(shown=True)
        await until(lambda: stage.model.find_title(0) is not None)
        await settle()
        ground = look.theme.color("canvas").name()
        image = wall.viewport().grab(strip).toImage()
        colours = {
            image.pixelColor(x, y).name()
            for x in range(image.width())
            for y in range(image.height())
        }
        assert len(colours - {ground}) > 3, "letters, with soft edges"
        below = wall.tile_rect(wall.wall_layout().row_range(1).start)
        assert below.top() > tile.bottom() + strip.height()
        wall.show_names(shown=False)
        assert wall.tile_rect(0) == tile
        assert wall.tile_rect(wall.wall_layout().row_range(1).start).top() < below.top()
        stage.close()


async def test_without_scrubbing_the_pointer_asks_for_no_strip(tmp_path: Path, look: Look) -> None:
    async with open_records(tmp_path) as records:
        make_video(records.folder / "2026-11/clip-0.mp4", (160, 90), 24, 1.0)
        (video,) = await records.fill(1)
        stage = Stage(look, records)
        wall = stage.wall
        wall.set_scrubbing(on=False)
        place = wall.tile_rect(0).center()
        move(wall.viewport(), place)
        assert wall.stage.hovered == video.id
        await until(lambda: records.pictures.has_poster(video.id))
        await settle(40)
        assert records.pictures.find_strip(video.id) is None
        move(wall.viewport(), place - QPoint(30, 0))
        quiet = wall.viewport().grab().toImage()
        move(wall.viewport(), place + QPoint(10, 0))
        assert wall.viewport().grab().toImage() == quiet, "no line follows the pointer"
        wall.set_scrubbing(on=True)
        move(wall.viewport(), place)
        await until(lambda: records.pictures.find_strip(video.id) is not None)
        stage.close()
