import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kling_desktop.ui.look import Look
from kling_desktop.ui.prompt_field import PromptField


@pytest.fixture
def prompt(look: Look, qtbot: QtBot) -> PromptField:
    prompt = PromptField(look, "Prompt", "Describe the motion")
    prompt.set_limits(2500, optional=False)
    qtbot.addWidget(prompt)
    return prompt


def test_the_counter_comes_with_the_first_character(prompt: PromptField) -> None:
    assert prompt.counter == ""
    QTest.keyClicks(prompt.edit, "R")
    assert prompt.counter == "1 / 2500"


@pytest.mark.parametrize(
    ("length", "ink"), [(2400, "text-3"), (2401, "warning"), (2500, "warning"), (2501, "danger")]
)
def test_the_counter_warns_towards_the_end(prompt: PromptField, length: int, ink: str) -> None:
    prompt.set_text("x" * length)
    assert prompt._field._label._aside.property("ink") == ink


def test_what_is_too_long_stays_and_is_marked(prompt: PromptField) -> None:
    text = "🦊" * 2500 + " and a tail"
    prompt.set_text("  " + text + " ")
    assert prompt.text() == "  " + text + " "
    (marked,) = prompt.edit.extraSelections()
    cursor = marked.cursor  # pyright: ignore[reportAttributeAccessIssue]
    assert cursor.selectedText() == " and a tail"
    prompt.set_text("short")
    assert prompt.edit.extraSelections() == []


def test_setting_a_text_tells_nobody(prompt: PromptField, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(prompt.text_changed):
        prompt.set_text("from a draft")
    with qtbot.waitSignal(prompt.text_changed, timeout=1000):
        QTest.keyClicks(prompt.edit, "!")


def test_optional_is_said_below(prompt: PromptField) -> None:
    prompt.set_limits(2500, optional=True)
    assert prompt._field._note.text() == "Optional for this model"
