import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from kling_desktop.domain.catalog import MODELS, Dimensions, ModelSpec
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.model_fit import fit_draft
from kling_desktop.ui.create.option_form import OptionForm
from kling_desktop.ui.theme.look import Look


@pytest.fixture
def form(look: Look, qtbot: QtBot) -> OptionForm:
    form = OptionForm(look, MODELS[0])
    form.show_draft(Draft(), MODELS[0])
    qtbot.addWidget(form)
    form.show()
    return form


@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.short_name)
def test_offers_what_each_model_has_and_nothing_else(form: OptionForm, spec: ModelSpec) -> None:
    form.show_draft(fit_draft(Draft(), spec).draft, spec)
    form.options.set_expanded(True)
    assert form.shape.isVisible() is bool(spec.dimensions)
    assert form.negative_prompt.isVisible() is (spec.negative_prompt is not None)
    assert form.length.value() == 5


def test_choosing_a_shape_tells_the_models_own_size(form: OptionForm, qtbot: QtBot) -> None:
    form.show()
    form.shape.focus_chosen()
    chosen = form.shape.findChildren(QAbstractButton)[0]
    with qtbot.waitSignal(form.dimensions_changed, timeout=1000) as told:
        QTest.keyClick(chosen, Qt.Key.Key_Right)
    assert told.args == [Dimensions(720, 720)]


def test_length_strength_and_negative_prompt_are_told(form: OptionForm, qtbot: QtBot) -> None:
    form.options.set_expanded(True)
    with qtbot.waitSignal(form.duration_changed, timeout=1000) as told:
        form.length.findChildren(QAbstractButton)[1].click()
    assert told.args == [10]
    slider = form.strength.focusProxy()
    assert slider is not None
    with qtbot.waitSignal(form.cfg_scale_changed, timeout=1000) as told:
        QTest.keyClick(slider, Qt.Key.Key_Right)
    assert told.args == [0.51]
    with qtbot.waitSignal(form.negative_prompt_changed, timeout=1000) as told:
        QTest.keyClicks(form.negative_prompt.edit, "b")
    assert told.args == ["b"]


def test_showing_a_draft_tells_nobody(form: OptionForm, qtbot: QtBot) -> None:
    draft = Draft(negative_prompt="blurry", cfg_scale=0.7, duration_s=10)
    with (
        qtbot.assertNotEmitted(form.dimensions_changed),
        qtbot.assertNotEmitted(form.negative_prompt_changed),
        qtbot.assertNotEmitted(form.cfg_scale_changed),
    ):
        form.show_draft(draft, MODELS[0])
    assert form.strength.value() == 0.7
    assert form.length.value() == 10
