"""Markup in every field that others fill: the whole window shows it as the text that it is."""

from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QAction
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QWidget

from kling_desktop.domain.job import JobState
from kling_desktop.ui.theme.plain_text import plain_tip
from tests.app.running import Places, RunningApp
from tests.fakes.service import FakeService
from tests.fakes.service_script import Ack, Failure, Success
from tests.media.pictures import save
from tests.ui.clip_samples import PLAYER_NOISE

pytestmark = pytest.mark.qt_log_ignore(*PLAYER_NOISE, extend=True)

MARKUP = "<img src='/dev/zero'><b>lanterns</b> &amp; boats"
_ESCAPED = plain_tip(MARKUP).partition(">")[0] + ">"
"""How a tooltip begins that the one helper has made harmless."""


def list_tips() -> list[str]:
    """List every tooltip there is: of widgets, actions and rows."""
    tips: list[str] = []
    for window in QApplication.topLevelWidgets():
        widgets = [window, *window.findChildren(QWidget)]
        tips += [widget.toolTip() for widget in widgets]
        tips += [action.toolTip() for action in window.findChildren(QAction)]
        for view in widgets:
            model = view.model() if isinstance(view, QAbstractItemView) else None
            for row in range(0 if model is None else model.rowCount(QModelIndex())):
                tip = (
                    None if model is None else model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole)
                )
                tips += [tip] if isinstance(tip, str) else []
    return tips


def expect_plain() -> None:
    """Fail where Qt would take a text for markup."""
    rich = [tip for tip in list_tips() if GuiQt.mightBeRichText(tip)]
    assert [tip for tip in rich if not tip.startswith(_ESCAPED) or "<img" in tip] == []
    for window in QApplication.topLevelWidgets():
        for label in window.findChildren(QLabel):
            if GuiQt.mightBeRichText(label.text()):
                assert label.textFormat() is Qt.TextFormat.PlainText, label.text()


async def make_job(app: RunningApp, end: JobState) -> None:
    app.create.focus_prompt()
    app.create.prompt.edit.setPlainText(MARKUP)
    app.generate()
    await app.until(lambda: end in app.states(), f"a job that is {end}")


async def test_nothing_in_the_window_is_rendered(
    places: Places, service: FakeService, tmp_path: Path
) -> None:
    async with places.run() as app:
        await app.drop(save(tmp_path / "<img src=x> &amp; boats.png"))
        expect_plain()
        app.create.start_over()
        service.script("*", Ack(), Success())
        await make_job(app, JobState.DONE)
        await app.until(lambda: app.library.model.rowCount() == 1, "the tile")
        service.script("*", Ack(), Failure(message=MARKUP))
        await make_job(app, JobState.FAILED)
        app.window.resize(1280, 720)
        app.window.grab()
        expect_plain()
        app.library.wall.selectAll()
        app.find_commands().action("show-details").trigger()
        app.window.grab()
        expect_plain()
        app.library.focus_region()
        app.press(Qt.Key.Key_Return)
        await app.until(lambda: app.window.stack.currentWidget() is app.viewer, "the viewer")
        app.window.grab()
        expect_plain()
        assert any(tip.startswith(_ESCAPED) for tip in list_tips()), "markup was in some tooltip"
        app.viewer.close_clip()
