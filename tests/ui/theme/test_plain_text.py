"""Texts that look like markup, in tooltips, menus, titles and notifications."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kling_desktop.ui.controls.labels import ElidedLabel, Label
from kling_desktop.ui.overlays.menu import Menu
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.plain_text import (
    notification_text,
    plain_menu_text,
    plain_tip,
    plain_title,
    read_menu_text,
    set_tooltip,
)

MARKUP = (
    "<img src='/dev/zero'>",
    "a <b>bold</b> prompt",
    "5 < 6 &amp; 7 > 3",
    "<!-- hidden -->",
    "<a href='file:///etc/passwd'>x</a>\nand a second  line",
)


@pytest.mark.parametrize("text", MARKUP)
def test_a_tooltip_shows_the_very_text_and_names_no_file(qtbot: QtBot, text: str) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    set_tooltip(widget, text)
    document = QTextDocument()
    tip = widget.toolTip()
    if GuiQt.mightBeRichText(tip):
        document.setHtml(tip)
        assert "<img" not in tip
        assert "href" not in document.toHtml() or "<a" not in tip
    else:
        document.setPlainText(tip)
    assert document.toPlainText() == text


@pytest.mark.parametrize("text", ["", "Lanterns rise from the lake", "3 < 4", "Tom & Jerry"])
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert plain_tip(text) == text


@pytest.mark.parametrize("text", MARKUP)
def test_labels_are_plain(qtbot: QtBot, text: str) -> None:
    for label in (Label(text), ElidedLabel(text)):
        qtbot.addWidget(label)
        assert label.textFormat() is Qt.TextFormat.PlainText
        assert label.text() == text


def test_an_elided_label_shows_markup_as_text_in_its_tooltip(qtbot: QtBot) -> None:
    label = ElidedLabel(MARKUP[0])
    qtbot.addWidget(label)
    label.resize(20, 20)
    label.grab()
    assert label.toolTip() == plain_tip(MARKUP[0])


def test_a_menu_binds_no_key_of_a_prompt(qtbot: QtBot, look: Look) -> None:
    menu = Menu(look)
    qtbot.addWidget(menu)
    action = menu.add("Tom & Jerry\trun\nfast", shortcut="Ctrl+T")
    assert action.text() == "Tom && Jerry run fast\tCtrl+T"
    assert read_menu_text(action.text()) == "Tom & Jerry run fast"
    assert plain_menu_text("a  b") == "a b"


def test_a_title_keeps_what_qt_takes_for_a_mark(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.setWindowTitle(plain_title("shot [*] final"))
    assert widget.windowTitle() == "shot [*][*] final"


def test_a_notification_holds_no_tag_and_no_entity() -> None:
    text = notification_text("<img src='x'> &lt; done")
    assert "<i" not in text
    assert "&l" not in text
    assert text.replace("\u2060", "") == "<img src='x'> &lt; done"
