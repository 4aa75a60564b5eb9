from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from kling_desktop.domain.catalog import MODELS, Dimensions
from kling_desktop.media.fit import Box
from kling_desktop.ui.create.crop_geometry import CropFrame
from kling_desktop.ui.create.crop_sheet import CropSheet
from kling_desktop.ui.theme.look import Look
from tests.ui.pointer import move

WIDE = Dimensions(1280, 720)
sides = st.integers(20, 5000)


@given(sides, sides, st.sampled_from([WIDE, Dimensions(720, 720), Dimensions(720, 1280), None]))
def test_a_frame_never_leaves_the_picture(
    width: int, height: int, aspect: Dimensions | None
) -> None:
    size = Dimensions(width, height)
    frame = CropFrame(size, Box(0, 0, width, height)).with_aspect(aspect)
    steps = (
        frame,
        frame.moved(width, -height),
        frame.grown(-40).moved(-width, height),
        frame.grown(40),
        frame.pulled((1, 1), width // 2, height // 2),
        frame.pulled((-1, -1), -50, height * 2),
        frame.grown(-200).pulled((0, 1), 0, height),
    )
    for step in steps:
        box = step.box
        assert 0 <= box.left < box.right <= width
        assert 0 <= box.top < box.bottom <= height
        if aspect is not None and min(box.width, box.height) > 100:
            assert box.width / box.height == pytest.approx(aspect.width / aspect.height, rel=0.02)


def test_a_free_frame_is_pulled_by_its_corner() -> None:
    frame = CropFrame(Dimensions(1000, 800), Box(0, 0, 1000, 800))
    assert frame.pulled((-1, -1), 100, 200).box == Box(100, 200, 1000, 800)
    assert frame.pulled((1, 0), 600, 0).box == Box(0, 0, 600, 800)


@pytest.fixture
def sheet(look: Look, qtbot: QtBot) -> CropSheet:
    window = QWidget()
    window.resize(800, 700)
    qtbot.addWidget(window)
    window.show()
    picture = QImage(400, 300, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.darkCyan)
    sheet = CropSheet(look, window, picture, Dimensions(4000, 3000), MODELS[0])
    sheet.open()
    return sheet


def test_shapes_and_the_size_that_comes_out(sheet: CropSheet) -> None:
    assert sheet.size_words == "2048 × 1536 px"
    assert sheet.note_words == "4000 × 3000, made smaller to"
    sheet.choice.value_changed.emit("16:9")
    assert sheet.box == Box(0, 375, 4000, 2625)
    assert sheet.size_words == "2048 × 1152 px"
    sheet.reject()


def test_arrows_move_and_enter_accepts(sheet: CropSheet, qtbot: QtBot) -> None:
    sheet.choice.value_changed.emit("1:1")
    view = sheet.view
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert sheet.box == Box(499, 0, 3499, 3000)
    QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert sheet.box == Box(509, 0, 3509, 3000)
    QTest.keyClick(view, Qt.Key.Key_Minus)
    assert sheet.box.width == 2980
    assert "2048 by 2048 pixels" in view.accessibleName()
    with qtbot.waitSignal(sheet.accepted, timeout=1000):
        QTest.keyClick(view, Qt.Key.Key_Return)


def test_escape_leaves_everything(sheet: CropSheet) -> None:
    QTest.keyClick(sheet.view, Qt.Key.Key_Escape)
    assert sheet.result() == QDialog.DialogCode.Rejected.value


def test_the_hand_pulls_a_corner(sheet: CropSheet) -> None:
    view = sheet.view
    corner = view.to_view(sheet.box).bottomRight().toPoint()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=corner)
    move(view, corner - QPoint(50, 40))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=corner - QPoint(50, 40))
    assert (sheet.box.left, sheet.box.top) == (0, 0)
    assert sheet.box.right < 4000
    assert sheet.box.bottom < 3000
    sheet.reject()


def test_a_shape_that_fits_no_size_cannot_be_accepted(sheet: CropSheet, tmp_path: Path) -> None:
    view = sheet.view
    view.set_frame(CropFrame(Dimensions(4000, 3000), Box(0, 0, 4000, 300)))
    assert sheet.crop.disabled_reason == "Too long and thin: no size fits both limits."
    sheet.reject()
