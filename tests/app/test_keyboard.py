"""The main job and every region of the window without a mouse."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtWidgets import QApplication, QWidget

from kling_desktop.ui.commands.commands import COMMANDS
from tests.app.running import Places, RunningApp
from tests.fakes.service import FakeService
from tests.media.pictures import save
from tests.ui.clip_samples import PLAYER_NOISE

pytestmark = pytest.mark.qt_log_ignore(*PLAYER_NOISE, extend=True)
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def focused() -> str:
    """What a screen reader says of the widget with the focus."""
    widget = QApplication.focusWidget()
    thing = None if widget is None else QAccessible.queryAccessibleInterface(widget)
    return "" if thing is None else thing.text(QAccessible.Text.Name)


def region_of(app: RunningApp, widget: QWidget | None) -> str:
    regions = {
        "create": app.create,
        "library": app.window.stack,
        "side": app.main.side,
        "status": app.main.status_line,
    }
    for name, region in regions.items():
        if widget is not None and (region is widget or region.isAncestorOf(widget)):
            return name
    return "?"


async def test_tab_goes_through_create_in_the_order_of_the_form(
    places: Places, service: FakeService, tmp_path: Path
) -> None:
    async with places.run() as app:
        await app.drop(save(tmp_path / "harbour.png", (640, 360)))
        app.type("A quiet harbour")
        app.create.frames.slots[next(iter(app.create.frames.slots))].setFocus()
        order = [focused()]
        for _ in range(14):
            app.press(Qt.Key.Key_Tab)
            if region_of(app, QApplication.focusWidget()) != "create":
                break
            order.append(focused())

        wanted = (
            *("First frame, harbour.png", "Last frame", "Prompt", "Model", "16:9", "5 s"),
            *("More options", "Takes", "Generate", "Save as draft"),
        )
        places_of = [
            next((n for n, name in enumerate(order) if name.startswith(want)), None)
            for want in wanted
        ]
        assert None not in places_of, " | ".join(order)
        assert places_of == sorted(places_of, key=lambda place: place or 0), order


async def test_f6_goes_round_the_regions(places: Places, service: FakeService) -> None:
    async with places.run() as app:
        app.type("Lanterns rise")
        app.generate()
        await app.until(lambda: app.library.model.rowCount() == 1, "the tile")
        app.create.focus_prompt()
        seen: list[str] = []
        for _ in range(4):
            app.press(Qt.Key.Key_F6)
            seen.append(region_of(app, QApplication.focusWidget()))
            if seen[-1] == "library":
                assert QApplication.focusWidget() is app.library.wall

        assert seen[:2] == ["library", "side"]
        assert "create" in seen
        app.create.focus_prompt()
        app.press(Qt.Key.Key_F6, SHIFT)
        assert region_of(app, QApplication.focusWidget()) in ("status", "side")


async def test_the_main_job_by_keys_alone(places: Places, service: FakeService) -> None:
    async with places.run() as app:
        app.press(Qt.Key.Key_L, CONTROL)
        assert focused() == "Prompt"
        app.type("Beam sweeps once across the water")
        app.generate()
        await app.until(lambda: app.library.model.rowCount() == 1, "the tile")
        app.press(Qt.Key.Key_F6)
        app.press(Qt.Key.Key_Home)
        app.press(Qt.Key.Key_Return)
        await app.until(lambda: app.window.stack.currentWidget() is app.viewer, "the viewer")
        app.press(Qt.Key.Key_F)
        await app.until(
            lambda: (
                app.viewer.video is not None
                and app.core.stores.videos.get_video(app.viewer.video.id).favourite
            ),
            "the heart",
        )
        app.press(Qt.Key.Key_Escape)
        assert app.window.stack.currentWidget() is app.library
        assert app.window.create_is_open


async def test_every_command_is_in_a_menu_and_somebody_does_it(
    places: Places, service: FakeService
) -> None:
    async with places.run() as app:
        commands = app.find_commands()
        in_menus = {
            action.text().split("\t")[0]
            for menu in app.window.menuBar().actions()
            for action in _actions_of(menu.menu())
        }
        idle = [
            command.id
            for command in COMMANDS
            if commands.action(command.id).receivers("2triggered(bool)") == 0
        ]
        absent = [
            command.id
            for command in COMMANDS
            if commands.action(command.id).isVisible()
            and commands.action(command.id).text() not in in_menus
        ]

        assert idle == [], "commands that nobody does"
        assert absent == [], "commands that are in no menu"


def test_no_two_commands_share_their_keys() -> None:
    keys = [QKeySequence(command.keys).toString() for command in COMMANDS if command.keys]

    assert len(keys) == len(set(keys))


def _actions_of(menu: object):
    return menu.actions() if menu is not None else ()  # pyright: ignore[reportAttributeAccessIssue]
