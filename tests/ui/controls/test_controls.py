from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from kling_desktop.ui.controls.buttons import (
    DangerButton,
    GhostButton,
    IconButton,
    LinkButton,
    PrimaryButton,
    SecondaryButton,
)
from kling_desktop.ui.controls.chips import FilterChip
from kling_desktop.ui.controls.collapsible import CollapsibleSection
from kling_desktop.ui.controls.fields import Field, PlainTextField, SearchField, TextField
from kling_desktop.ui.controls.labels import ElidedLabel, Label
from kling_desktop.ui.controls.segmented import Segment, SegmentedControl
from kling_desktop.ui.controls.slider import LabelledSlider, Slider
from kling_desktop.ui.controls.stepper import Stepper
from kling_desktop.ui.controls.toggles import RadioButton, Switch
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.theme import Appearance, ThemeChoice
from tests.ui.pointer import double_click

SHAPES = [Segment("16:9", "16:9"), Segment("1:1", "1:1"), Segment("9:16", "9:16")]


Show = Callable[..., QWidget]


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Show]:
    """Puts widgets into a window, one below the other, and keeps it until the test ends."""
    windows: list[QWidget] = []

    def show_window(*widgets: QWidget) -> QWidget:
        window = QWidget()
        column = QVBoxLayout(window)
        for widget in widgets:
            column.addWidget(widget)
        windows.append(window)
        with qtbot.waitActive(window, timeout=2000):
            window.show()
            window.activateWindow()
        return window

    yield show_window
    for window in windows:
        window.close()


def _turn_wheel(widget: QWidget) -> bool:
    middle = QPointF(widget.rect().center())
    event = QWheelEvent(
        middle,
        widget.mapToGlobal(middle),
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,  # noqa: FBT003 - Qt takes it by position alone
    )
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def _build_all(look: Look) -> list[QWidget]:
    return [
        PrimaryButton(look, "Generate", icon="bolt", size="large"),
        SecondaryButton(look, "Cancel"),
        GhostButton(look, "Quit"),
        DangerButton(look, "Delete"),
        LinkButton(look, "Show details"),
        IconButton(look, "heart", "Favourite", checkable=True, checked_icon="heart-fill"),
        SegmentedControl(look, "Shape", SHAPES),
        Slider(look, "Thumbnail size", 96, 280, 148),
        LabelledSlider(look, "Prompt strength", 0, 1, default=0.5),
        Stepper(look, "Takes", 1, 4),
        Switch(look, "Keep in tray"),
        RadioButton(look, "Sandbox"),
        FilterChip(look, "Model"),
        TextField("Name"),
        SearchField(look, "Search", "Search prompts"),
        PlainTextField("Prompt"),
        CollapsibleSection(look, "More options", TextField("Negative prompt")),
    ]


def test_everything_focusable_has_a_name(look: Look, show: Show) -> None:
    window = show(*_build_all(look))
    nameless = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()))
        and not (isinstance(widget, QLineEdit) and isinstance(widget.parentWidget(), Stepper))
    ]
    assert not nameless


def test_focus_and_state_move_nothing(look: Look, show: Show) -> None:
    window = show(*_build_all(look))
    before = [child.geometry() for child in window.children() if isinstance(child, QWidget)]
    for child in window.findChildren(QWidget):
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus:
            child.setFocus(Qt.FocusReason.TabFocusReason)
            window.grab()
            after = [c.geometry() for c in window.children() if isinstance(c, QWidget)]
            assert after == before


@pytest.mark.parametrize("choice", [ThemeChoice.DARK, ThemeChoice.LIGHT])
@pytest.mark.parametrize("direction", list(Qt.LayoutDirection)[:2])
def test_everything_paints(
    look: Look, show: Show, choice: ThemeChoice, direction: Qt.LayoutDirection
) -> None:
    look.themes.set_choice(Appearance(theme=choice, text_scale=1.5, high_contrast=True))
    window = show(*_build_all(look))
    window.setLayoutDirection(direction)
    for enabled in (True, False):
        window.setEnabled(enabled)
        assert not window.grab().isNull()


@pytest.mark.parametrize(("size", "height"), [("normal", 32), ("small", 26), ("large", 40)])
def test_buttons_have_the_heights_of_the_design(
    look: Look, show: Show, size: str, height: int
) -> None:
    button = PrimaryButton(look, "Generate", size=size)
    show(button)
    assert button.height() == height


def test_fields_and_chips_have_the_heights_of_the_design(look: Look, show: Show) -> None:
    field, chip, stepper = TextField("Name"), FilterChip(look, "Model"), Stepper(look, "n", 1, 4)
    segmented = SegmentedControl(look, "Shape", SHAPES)
    show(field, chip, stepper, segmented)
    assert (field.height(), chip.height(), stepper.height()) == (32, 26, 32)
    assert segmented.height() == 32
    field.setFocus()
    assert field.sizeHint().height() == 32


def test_reason_disables_and_is_told_everywhere(look: Look, show: Show) -> None:
    button = PrimaryButton(look, "Generate")
    show(button)
    width = button.sizeHint().width()
    button.set_disabled_reason("Add a picture or write a prompt.")
    assert not button.isEnabled()
    assert button.toolTip() == button.accessibleDescription() == button.disabled_reason
    assert button.sizeHint().width() == width
    button.set_disabled_reason("")
    assert button.isEnabled()
    assert not button.toolTip()


def test_a_narrow_button_leaves_out_its_keys_before_its_words(look: Look, show: Show) -> None:
    plain, hinted = PrimaryButton(look, "Generate 2 takes"), PrimaryButton(look, "Generate 2 takes")
    hinted.set_shortcut_hint("Ctrl+Return")
    show(plain, hinted)
    for button in (plain, hinted):
        button.setFixedWidth(plain.sizeHint().width())
    assert hinted.grab().toImage() == plain.grab().toImage()
    hinted.setFixedWidth(hinted.sizeHint().width())
    plain.setFixedWidth(hinted.width())
    assert hinted.grab().toImage() != plain.grab().toImage()


def test_icon_button_tells_its_name_and_shortcut(look: Look, show: Show) -> None:
    button = IconButton(look, "panel-left", "Create")
    show(button)
    button.set_shortcut_hint("Ctrl+1")
    assert button.toolTip() == "Create  Ctrl+1"
    button.set_name("Hide Create")
    assert button.toolTip() == "Hide Create  Ctrl+1"


def test_ring_is_for_the_keyboard_alone(look: Look, show: Show) -> None:
    button, other = SecondaryButton(look, "One"), SecondaryButton(look, "Two")
    show(button, other)
    plain = button.grab().toImage()
    button.setFocus(Qt.FocusReason.MouseFocusReason)
    assert button.grab().toImage() == plain
    other.setFocus()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    assert button.grab().toImage() != plain


def test_segment_tells_what_the_user_chose_and_no_more(
    look: Look, show: Show, qtbot: QtBot
) -> None:
    control = SegmentedControl(look, "Shape", SHAPES)
    show(control)
    told: list[object] = []
    control.value_changed.connect(told.append)
    control.set_value("1:1")
    assert told == []
    buttons = control.findChildren(QAbstractButton)
    qtbot.mouseClick(buttons[2], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(buttons[2], Qt.MouseButton.LeftButton)
    assert told == ["9:16"]
    assert control.value() == "9:16"


def test_arrows_move_and_tab_enters_once(look: Look, show: Show, qtbot: QtBot) -> None:
    control, after = SegmentedControl(look, "Shape", SHAPES), SecondaryButton(look, "After")
    show(control, after)
    control.focus_chosen()
    told: list[object] = []
    control.value_changed.connect(told.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(QApplication.focusWidget(), key)
    assert told == ["1:1", "9:16", "1:1"]
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is after


def test_new_segments_keep_the_value_where_they_can(look: Look, show: Show) -> None:
    control = SegmentedControl(look, "Shape", SHAPES)
    show(control)
    control.set_value("1:1")
    control.set_segments(SHAPES[:2])
    assert control.value() == "1:1"
    control.set_segments(SHAPES[2:])
    assert control.value() == "9:16"
    with pytest.raises(ValueError, match="not in list"):
        control.set_value("4:3")


def test_wheel_moves_only_what_has_the_focus(look: Look, show: Show) -> None:
    slider, stepper = Slider(look, "Size", 0, 100, 50), Stepper(look, "Takes", 1, 4, 2)
    other = SecondaryButton(look, "Other")
    show(slider, stepper, other)
    other.setFocus()
    assert not _turn_wheel(slider)
    assert not _turn_wheel(stepper)
    assert (slider.value(), stepper.value()) == (50, 2)
    slider.setFocus()
    _turn_wheel(slider)
    assert slider.value() > 50
    stepper.setFocus()
    _turn_wheel(stepper)
    assert stepper.value() == 3


def test_slider_goes_where_it_is_clicked_and_back_by_double_click(look: Look, show: Show) -> None:
    slider = Slider(look, "Size", 96, 280, 148)
    show(slider)
    end = QPoint(slider.width() - 2, slider.height() // 2)
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=end)
    assert slider.value() == 280
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(1, 10))
    assert slider.value() == 96
    double_click(slider, QPoint(1, 10))
    assert slider.value() == 148


def test_number_beside_the_slider_can_be_typed(look: Look, show: Show, qtbot: QtBot) -> None:
    slider = LabelledSlider(look, "Prompt strength", 0, 1, default=0.5)
    show(slider)
    told: list[float] = []
    slider.value_changed.connect(told.append)
    number = slider.findChild(QLineEdit)
    assert number is not None
    assert number.text() == "0.50"
    for typed, expected in [("0,7", 0.7), ("9", 1.0), ("-3", 0.0), ("abc", 0.0), ("nan", 0.0)]:
        number.setFocus()
        number.setText(typed)
        qtbot.keyClick(number, Qt.Key.Key_Return)
        assert slider.value() == expected
        assert number.text() == f"{expected:.2f}"
    assert told == [0.7, 1.0, 0.0]
    slider.set_value(0.25)
    assert told == [0.7, 1.0, 0.0]
    slider.reset()
    assert told[-1] == 0.5


def test_stepper_stays_inside_its_bounds(look: Look, show: Show, qtbot: QtBot) -> None:
    stepper = Stepper(look, "Takes", 1, 4)
    show(stepper)
    less, more = stepper.findChildren(QAbstractButton)
    told: list[int] = []
    stepper.value_changed.connect(told.append)
    assert not less.isEnabled()
    for _ in range(5):
        qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    assert told == [2, 3, 4]
    assert not more.isEnabled()
    stepper.set_value(99)
    assert stepper.value() == 4
    assert told == [2, 3, 4]


def test_chip_clears_by_its_mark_and_by_key(look: Look, show: Show, qtbot: QtBot) -> None:
    chip = FilterChip(look, "Model")
    show(chip)
    told: list[str] = []
    chip.clicked.connect(lambda: told.append("clicked"))
    chip.cleared.connect(lambda: told.append("cleared"))
    end = QPoint(chip.width() - 14, chip.height() // 2)
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton, pos=end)
    assert told == ["clicked"], "at rest the arrow belongs to the chip"
    chip.set_active("2.1")
    assert chip.accessibleName() == "Model: 2.1"
    chip.resize(chip.sizeHint())
    end = QPoint(chip.width() - 14, chip.height() // 2)
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton, pos=end)
    qtbot.keyClick(chip, Qt.Key.Key_Delete)
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
    assert told == ["clicked", "cleared", "cleared", "clicked"]
    chip.set_active("")
    assert chip.text() == "Model"


def test_section_folds_and_unfolds(look: Look, show: Show, qtbot: QtBot) -> None:
    content = TextField("Negative prompt")
    section = CollapsibleSection(look, "More options", content, summary="strength 0.50")
    show(section)
    told: list[bool] = []
    section.toggled.connect(told.append)
    assert not content.isVisible()
    qtbot.mouseClick(section.findChildren(QAbstractButton)[0], Qt.MouseButton.LeftButton)
    assert content.isVisible()
    assert section.is_expanded()
    section.set_expanded(False)
    assert told == [True, False]


def test_error_of_a_field_reaches_eye_and_ear(look: Look, show: Show) -> None:
    widget = TextField("")
    field = Field("Folder", widget, hint="Clips are kept here.")
    show(field)
    assert widget.accessibleName() == "Folder"
    field.set_error("Can't write to the library folder.")
    assert widget.accessibleDescription() == "Can't write to the library folder."
    assert "Can't write to the library folder." in [x.text() for x in field.findChildren(Label)]
    field.set_error("")
    assert "Clips are kept here." in [x.text() for x in field.findChildren(Label)]


def test_escape_clears_the_search_first(look: Look, show: Show, qtbot: QtBot) -> None:
    search = SearchField(look, "Search", "Search prompts")
    show(search)
    search.setFocus()
    search.setText("lantern")
    qtbot.keyClick(search, Qt.Key.Key_Escape)
    assert search.text() == ""


def test_elided_text_is_whole_in_the_tooltip(look: Look, show: Show) -> None:
    label = ElidedLabel("Beam sweeps once across the water and comes back to the shore")
    window = show(label)
    window.setFixedWidth(120)
    window.grab()
    assert label.toolTip() == label.text()
    window.setFixedWidth(900)
    window.grab()
    assert label.toolTip() == ""


def test_markup_in_words_is_shown_as_it_is(look: Look, qtbot: QtBot) -> None:
    label = Label("<b>shot</b>.png")
    qtbot.addWidget(label)
    assert label.textFormat() == Qt.TextFormat.PlainText
