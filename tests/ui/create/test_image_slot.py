from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kling_desktop.domain.draft import FrameRole, ImageInput
from kling_desktop.ui.controls.buttons import IconButton
from kling_desktop.ui.create.image_slot import ImageSlot, SlotShape
from kling_desktop.ui.create.slot_state import SlotPhase, SlotState
from kling_desktop.ui.theme.look import Look

IMAGE = ImageInput(
    path=Path("u.png"),
    name="umbrella-street.png",
    format="png",
    width=1920,
    height=1080,
    size_bytes=2_500_000,
)


def _ready() -> SlotState:
    preview = QImage(64, 36, QImage.Format.Format_RGB888)
    preview.fill(Qt.GlobalColor.darkBlue)
    return SlotState(
        phase=SlotPhase.READY, name=IMAGE.name, source=IMAGE.path, image=IMAGE, preview=preview
    )


@pytest.fixture
def slot(look: Look, qtbot: QtBot) -> ImageSlot:
    slot = ImageSlot(look, FrameRole.FIRST)
    slot.resize(316, 178)
    qtbot.addWidget(slot)
    slot.show()
    return slot


def test_the_name_says_all(slot: ImageSlot) -> None:
    assert slot.accessibleName() == "First frame, empty"
    slot.show_state(_ready())
    assert slot.accessibleName() == "First frame, umbrella-street.png, 1920 by 1080, fits"


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_enter_and_space_browse(slot: ImageSlot, qtbot: QtBot, key: Qt.Key) -> None:
    with qtbot.waitSignal(slot.browse_wanted, timeout=1000):
        QTest.keyClick(slot, key)


def test_keys_crop_and_remove_only_what_is_there(slot: ImageSlot, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(slot.remove_wanted), qtbot.assertNotEmitted(slot.crop_wanted):
        QTest.keyClick(slot, Qt.Key.Key_Delete)
        QTest.keyClick(slot, Qt.Key.Key_C)
    slot.show_state(_ready())
    with qtbot.waitSignal(slot.remove_wanted, timeout=1000):
        QTest.keyClick(slot, Qt.Key.Key_Delete)
    with qtbot.waitSignal(slot.crop_wanted, timeout=1000):
        QTest.keyClick(slot, Qt.Key.Key_C)


def test_the_menu_has_every_action(slot: ImageSlot) -> None:
    slot.show_state(_ready())
    slot.set_can_swap(can_swap=True)
    menu = slot.build_menu()
    rows = [action.text().split("\t")[0] for action in menu.actions() if action.text()]
    assert rows == ["Choose a picture…", "Paste", "Crop…", "Swap first and last", "Remove"]
    menu.deleteLater()


def test_tab_never_enters_the_buttons_on_the_picture(slot: ImageSlot) -> None:
    slot.show_state(_ready())
    slot.setFocus(Qt.FocusReason.TabFocusReason)
    for button in slot.findChildren(IconButton):
        assert button.focusPolicy() is Qt.FocusPolicy.NoFocus
        assert button.accessibleName()


@pytest.mark.parametrize("shape", list(SlotShape))
@pytest.mark.parametrize("phase", list(SlotPhase))
def test_every_state_can_be_painted_in_every_shape(
    slot: ImageSlot, shape: SlotShape, phase: SlotPhase
) -> None:
    slot.set_shape(shape)
    if phase is not SlotPhase.EMPTY:
        slot.show_state(SlotState(phase=phase, name="x.png", image=None, message="Why"))
    slot.resize(316, slot.sizeHint().height())
    assert not slot.grab().isNull()


def test_what_a_last_frame_brings_about_is_left_out_where_it_would_lie_on_the_words(
    slot: ImageSlot,
) -> None:
    slot.set_shape(SlotShape.ROW)

    def paint(width: int, aside: str) -> QImage:
        slot.set_aside(aside)
        slot.setFixedWidth(width)
        return slot.grab().toImage()

    assert paint(300, "uses 2.1 Pro") != paint(300, "")
    assert paint(170, "uses 2.1 Pro") == paint(170, "")
