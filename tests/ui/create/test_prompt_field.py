from itertools import pairwise

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kling_desktop.ui.create.prompt_field import PromptField
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.theme import Appearance, ThemeChoice


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
    assert prompt.counter_ink == ink


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
    assert prompt.hint == "Optional for this model"


def _lines_px(prompt: PromptField) -> list[float]:
    """How far the tops of neighbouring lines are apart."""
    edit, tops = prompt.edit, []
    for block in range(edit.document().blockCount()):
        cursor = QTextCursor(edit.document().findBlockByNumber(block))
        tops.append(edit.cursorRect(cursor).top())
    return [below - above for above, below in pairwise(tops)]


def test_lines_stand_as_far_apart_as_drawn(prompt: PromptField, look: Look) -> None:
    prompt.resize(320, 200)
    prompt.show()
    prompt.set_text("One\nTwo")
    QTest.keyClick(prompt.edit, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(prompt.edit, Qt.Key.Key_Return)
    pasted = QMimeData()
    pasted.setText("Three\nFour")
    prompt.edit.insertFromMimeData(pasted)
    assert prompt.text() == "One\nTwo\nThree\nFour"
    assert _lines_px(prompt) == [18, 18, 18]
    look.themes.set_choice(Appearance(theme=ThemeChoice.DARK, text_scale=1.5))
    assert _lines_px(prompt) == [27, 27, 27]


def test_spacing_lines_is_nothing_to_undo(prompt: PromptField, qtbot: QtBot) -> None:
    prompt.set_text("from a draft")
    assert not prompt.edit.document().isUndoAvailable()
    QTest.keyClicks(prompt.edit, "x")
    prompt.edit.undo()
    assert prompt.text() == "from a draft"


def test_rich_text_comes_in_as_plain_words(prompt: PromptField) -> None:
    pasted = QMimeData()
    pasted.setHtml("<b>loud</b>")
    pasted.setText("loud")
    prompt.edit.insertFromMimeData(pasted)
    assert not prompt.edit.textCursor().charFormat().font().bold()
    assert prompt.text() == "loud"


def test_the_whole_hint_is_shown_while_nothing_is_written(look: Look, qtbot: QtBot) -> None:
    """Qt's own hint of such a field ends after its first line."""
    field = PromptField(look, "Prompt", "Describe the motion: " + "words " * 20)
    qtbot.addWidget(field)
    field.resize(240, 160)
    field.show()
    viewport = field.edit.viewport()

    def find_inked_lines() -> list[bool]:
        picture = viewport.grab().toImage()
        ground = picture.pixel(viewport.width() - 2, viewport.height() - 2)
        return [
            any(picture.pixel(x, y) != ground for x in range(8, 190) for y in range(top, top + 18))
            for top in range(4, 76, 18)
        ]

    assert find_inked_lines() == [True] * 4
    field.edit.setPlainText(".")
    assert find_inked_lines()[1:] == [False] * 3
