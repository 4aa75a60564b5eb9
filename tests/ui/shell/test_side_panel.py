"""The right panel's tabs and the line at the window's foot."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from kling_desktop.ui.shell.side_panel import DETAILS, QUEUE, SidePanel
from kling_desktop.ui.shell.status_line import StatusLine
from kling_desktop.ui.theme.look import Look


@pytest.fixture
def panel(look: Look) -> Iterator[SidePanel]:
    panel = SidePanel(look, QLabel("queue"), QLabel("details"))
    panel.resize(340, 500)
    panel.show()
    yield panel
    panel.close()
    panel.deleteLater()


@pytest.fixture
def line(look: Look) -> Iterator[StatusLine]:
    line = StatusLine(look)
    line.resize(1280, 28)
    line.show()
    yield line
    line.close()
    line.deleteLater()


def tab(panel: SidePanel, word: str) -> QAbstractButton:
    return next(b for b in panel.findChildren(QAbstractButton) if b.text() == word)


def button(widget: QWidget, name: str) -> QAbstractButton:
    return next(b for b in widget.findChildren(QAbstractButton) if b.accessibleName() == name)


def test_the_user_picks_the_tab(panel: SidePanel) -> None:
    told: list[int] = []
    panel.tab_changed.connect(told.append)
    assert panel.tab == QUEUE
    tab(panel, "Details").click()
    panel.show_tab(DETAILS)
    panel.show_tab(QUEUE)
    assert told == [DETAILS, QUEUE]
    assert tab(panel, "Queue").isChecked()
    assert not tab(panel, "Details").isChecked()


def test_arrows_go_to_the_other_tab(panel: SidePanel) -> None:
    queue = tab(panel, "Queue")
    queue.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(queue, Qt.Key.Key_Right)
    assert panel.tab == DETAILS
    QTest.keyClick(tab(panel, "Details"), Qt.Key.Key_Left)
    assert panel.tab == QUEUE


def test_the_badge_counts_and_is_told(panel: SidePanel) -> None:
    queue = tab(panel, "Queue")
    narrow = queue.sizeHint().width()
    panel.set_queue_count(7)
    assert queue.accessibleName() == "Queue, 7 unfinished"
    assert queue.sizeHint().width() > narrow
    panel.set_queue_count(0)
    assert queue.accessibleName() == "Queue"
    assert queue.sizeHint().width() == narrow


def test_the_panel_has_a_menu(panel: SidePanel) -> None:
    asked: list[QWidget] = []
    panel.more_wanted.connect(asked.append)
    more = button(panel, "More for this panel")
    more.click()
    assert asked == [more]


def test_the_line_shows_what_it_is_told(line: StatusLine, look: Look) -> None:
    line.set_network("Sandbox: no key, no charges", ink="accent-text", sandbox=True)
    line.set_queue("2 running, 3 waiting")
    line.set_library("48 clips, 1.9 GB", "214 GB free")
    words = [label.text() for label in line.findChildren(QLabel)]
    for expected in ("Sandbox: no key, no charges", "2 running, 3 waiting", "214 GB free"):
        assert expected in words
    assert line.height() == look.theme.height("status-bar")


def test_offers_of_the_line_are_there_when_they_can_be_taken(line: StatusLine) -> None:
    asked: list[str] = []
    line.key_wanted.connect(lambda: asked.append("key"))
    line.spending_wanted.connect(lambda: asked.append("spending"))
    key, money = button(line, "Add API key"), button(line, "Spending this month")
    assert key.isHidden()
    assert money.isHidden()
    line.set_key_offer(offered=True)
    line.set_money("$14.60 this month")
    key.click()
    money.click()
    assert asked == ["key", "spending"]
    line.set_money("")
    assert money.isHidden()
