from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from kling_desktop.ui.library_wall import VideoWall
from kling_desktop.ui.look import Look
from kling_desktop.ui.video_grid import VideoGridModel
from tests.ui.clips import Shelf, now, open_shelf


class Stage:
    def __init__(self, look: Look, shelf: Shelf, width: int = 760, height: int = 560) -> None:
        self.shelf = shelf
        self.model = VideoGridModel(shelf.store, now=now)
        self.model.refresh()
        self.wall = VideoWall(look, self.model, shelf.pictures)
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
    async with open_shelf(folder) as shelf:
        await shelf.fill(count)
        stage = Stage(look, shelf)
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
