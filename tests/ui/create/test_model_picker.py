from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from kling_desktop.domain.catalog import MODELS, ModelId
from kling_desktop.domain.draft import Draft, ImageInput
from kling_desktop.domain.money import Usual
from kling_desktop.ui.create.model_columns import USE_X_PX, chip_words, measure_columns
from kling_desktop.ui.create.model_list import ModelListModel, ModelRole
from kling_desktop.ui.create.model_picker import ModelPicker
from kling_desktop.ui.overlays.popup_frame import SHADOW
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import measure_text
from kling_desktop.ui.theme.theme import Appearance
from kling_desktop.wording.models import model_use
from kling_desktop.wording.translation import PSEUDO, set_language

PICTURE = ImageInput(
    path=Path("a.png"), name="a.png", format="png", width=1280, height=720, size_bytes=9
)
TEXT_ONLY = Draft(prompt="A paper boat")
PAIR = Draft(model=ModelId("klingai:5@2"), first_frame=PICTURE, last_frame=PICTURE)


def _usual(draft: Draft) -> Usual:
    if draft.model == "klingai:4@3":
        return Usual()
    return Usual(cost_usd=Decimal("0.35"), cost_count=3, took_s=160)


@pytest.fixture
def anchor(qtbot: QtBot) -> QWidget:
    widget = QPushButton("Model")
    qtbot.addWidget(widget)
    widget.show()
    return widget


@pytest.fixture
def picker(look: Look, anchor: QWidget, qtbot: QtBot) -> ModelPicker:
    picker = ModelPicker(look)
    qtbot.addWidget(picker)
    picker.open_beside(anchor, TEXT_ONLY, _usual)
    return picker


def _current(picker: ModelPicker) -> str:
    return picker.models.get_row(picker.view.currentIndex().row()).spec.short_name


def test_the_model_keeps_qts_rules(qtbot: QtBot) -> None:
    model = ModelListModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_draft(TEXT_ONLY, _usual)
    model.set_only_fitting(only_fitting=True)
    model.mark_gone({MODELS[0].id})
    assert tester.model() is model
    assert model.rowCount() == 12


def test_rows_say_what_does_not_fit_and_the_way_out() -> None:
    model = ModelListModel()
    model.show_draft(TEXT_ONLY, _usual)
    row = model.get_row(model.find_row(ModelId("klingai:5@2")))
    assert (row.reason, row.way_out) == ("Needs a first frame.", "Add one")
    index = model.index(model.find_row(ModelId("klingai:5@2")))
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == (
        "Kling 2.1 Pro, First and last frame, 1080p, 24 frames a second. "
        "Unavailable: Needs a first frame."
    )
    model.show_draft(PAIR, _usual)
    row = model.get_row(0)
    assert (row.reason, row.way_out) == ("Takes no last frame.", "Remove it")
    model.mark_gone({MODELS[0].id})
    row = model.get_row(0)
    assert (row.reason, row.way_out) == ("Runware no longer offers this model.", "")


def test_the_popup_is_as_wide_as_the_screen_lets_it(picker: ModelPicker) -> None:
    room = picker.screen().availableSize().width()
    assert picker.width() - SHADOW.left() - SHADOW.right() == min(756, room - 16)
    picker.close()


def test_arrows_land_on_rows_that_do_not_fit(picker: ModelPicker) -> None:
    assert _current(picker) == "2.5 Turbo Pro"
    QTest.keyClick(picker.view, Qt.Key.Key_Down)
    assert _current(picker) == "2.5 Turbo Standard"
    QTest.keyClick(picker.view, Qt.Key.Key_Up)
    assert _current(picker) == "2.5 Turbo Pro"
    picker.close()


def test_typing_jumps_and_enter_chooses(picker: ModelPicker, qtbot: QtBot) -> None:
    QTest.keyClicks(picker.view, "2.1 p")
    assert _current(picker) == "2.1 Pro"
    _type_after_a_pause(picker.view, "2.0")
    assert _current(picker) == "2.0 Master"
    with qtbot.waitSignal(picker.model_chosen, timeout=1000) as chosen:
        QTest.keyClick(picker.view, Qt.Key.Key_Return)
    assert chosen.args == ["klingai:4@3"]
    assert not picker.isVisible()


def _type_after_a_pause(view: QWidget, text: str) -> None:
    for number, letter in enumerate(text):
        event = QKeyEvent(QKeyEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, letter)
        event.setTimestamp(10**9 + number)
        QApplication.sendEvent(view, event)


def test_enter_on_an_unfit_row_takes_the_way_out(picker: ModelPicker, qtbot: QtBot) -> None:
    QTest.keyClick(picker.view, Qt.Key.Key_Down)
    with qtbot.waitSignal(picker.way_out_chosen, timeout=1000) as chosen:
        QTest.keyClick(picker.view, Qt.Key.Key_Return)
    assert chosen.args == ["klingai:6@0"]


def test_escape_closes_and_chooses_nothing(picker: ModelPicker, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(picker.model_chosen):
        QTest.keyClick(picker.view, Qt.Key.Key_Escape)
    assert not picker.isVisible()


def test_only_those_that_fit_hides_the_rest(picker: ModelPicker) -> None:
    picker.only_fitting.click()
    shown = [
        picker.models.get_row(row).spec
        for row in range(picker.models.rowCount())
        if not picker.view.isRowHidden(row)
    ]
    assert shown == [spec for spec in MODELS if spec.takes_text_alone]
    first_of_16 = picker.models.index(picker.models.find_row(ModelId("klingai:3@1")))
    assert first_of_16.data(ModelRole.OPENS_GROUP)
    QTest.keyClick(picker.view, Qt.Key.Key_Down)
    assert _current(picker) == "2.1 Master"
    picker.close()


def test_a_click_chooses_a_fitting_row_and_only_the_link_of_another(
    picker: ModelPicker, qtbot: QtBot
) -> None:
    view = picker.view
    unfit = picker.models.index(1)
    rect = QRectF(view.visualRect(unfit))
    link = view.delegate.find_link(rect, unfit)
    assert not link.isEmpty()
    aside = QPoint(int(rect.x()) + 120, int(rect.center().y()))
    with qtbot.assertNotEmitted(picker.way_out_chosen):
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=aside)
    assert picker.isVisible()
    with qtbot.waitSignal(picker.way_out_chosen, timeout=1000):
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=link.center().toPoint())
    picker.open_beside(picker, TEXT_ONLY, _usual)
    fitting = view.visualRect(picker.models.index(2)).center()
    with qtbot.waitSignal(picker.model_chosen, timeout=1000) as chosen:
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=fitting)
    assert chosen.args == ["klingai:5@3"]


def test_gone_models_stay_and_cannot_be_chosen(picker: ModelPicker, qtbot: QtBot) -> None:
    picker.mark_gone({MODELS[0].id})
    with qtbot.assertNotEmitted(picker.model_chosen), qtbot.assertNotEmitted(picker.way_out_chosen):
        QTest.keyClick(picker.view, Qt.Key.Key_Return)
    assert picker.models.rowCount() == 12
    assert not picker.view.isRowHidden(0)
    picker.close()


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("language", ["", PSEUDO])
def test_no_word_of_the_picker_is_cut_in_a_longer_language_or_larger_text(
    look: Look, language: str, scale: float
) -> None:
    look.themes.set_choice(Appearance(text_scale=scale))
    set_language(language)
    try:
        theme, columns = look.theme, measure_columns(look.theme)
        spans = sorted((columns.lefts[name], columns.widths[name]) for name in columns.lefts)
        assert all(left + 1 >= right + wide for (right, _), (left, wide) in pairwise(spans))
        for spec in MODELS:
            for name, text in chip_words(spec).items():
                assert measure_text(theme.font("caption"), text) < columns.widths[name]
            use = measure_text(theme.font("body", 500), model_use(spec))
            assert use < columns.width - USE_X_PX * scale - columns.lefts["text"]
    finally:
        set_language("")
        look.themes.set_choice(Appearance())
    if not language and scale == 1.0:
        assert columns.width == 756, "as drawn"
