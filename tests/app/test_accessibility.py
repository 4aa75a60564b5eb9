"""What a screen reader finds in the whole window: nothing that can be used is without a name."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication, QDialog

from kling_desktop.ui.settings.settings_dialog import SettingsDialog
from kling_desktop.ui.settings.settings_page import SettingsPage
from kling_desktop.ui.startup.welcome_page import WelcomePage
from tests.app.running import Places, RunningApp
from tests.fakes.service import FakeService
from tests.media.pictures import save
from tests.ui.clip_samples import PLAYER_NOISE

pytestmark = pytest.mark.qt_log_ignore(*PLAYER_NOISE, extend=True)

_MOST_CHILDREN = 400
ROLE = QAccessible.Role
CAN_BE_USED = {
    *(ROLE.Button, ROLE.CheckBox, ROLE.RadioButton, ROLE.ComboBox, ROLE.EditableText),
    *(ROLE.Slider, ROLE.SpinBox, ROLE.MenuItem, ROLE.PageTab, ROLE.Link, ROLE.ListItem),
    *(ROLE.ButtonDropDown, ROLE.ButtonMenu, ROLE.List, ROLE.Table, ROLE.Cell, ROLE.Dialog),
}


def walk(thing: QAccessibleInterface, path: str = "") -> Iterator[tuple[str, QAccessibleInterface]]:
    """Yield everything that is there to be read below an accessible thing, with where it is."""
    here = f"{path}/{thing.role().name}:{thing.text(QAccessible.Text.Name)}"
    yield here, thing
    for number in range(min(thing.childCount(), _MOST_CHILDREN)):
        child = thing.child(number)
        if child is not None and child.isValid() and not child.state().invisible:
            yield from walk(child, here)


def find_nameless() -> list[str]:
    """List what can be used in any window on the screen and says nothing."""
    found: list[str] = []
    for window in QApplication.topLevelWidgets():
        if not window.isVisible():
            continue
        top = QAccessible.queryAccessibleInterface(window)
        assert top is not None
        for path, thing in walk(top):
            usable = thing.state().focusable or thing.role() in CAN_BE_USED
            if usable and not thing.text(QAccessible.Text.Name).strip():
                widget = thing.object()
                kind = type(widget).__name__ if widget is not None else "?"
                found.append(f"{path} <{kind}>")
    return found


async def make_two_clips(app: RunningApp) -> None:
    app.type("Lanterns rise from the lake")
    app.create.footer.takes_changed.emit(2)
    app.generate()
    await app.until(lambda: app.library.model.rowCount() == 2, "two clips")


def close_dialogs(app: RunningApp) -> None:
    for dialog in app.window.findChildren(QDialog):
        dialog.reject()


async def test_everything_in_the_window_has_a_name(
    places: Places, service: FakeService, tmp_path: Path
) -> None:
    async with places.run() as app:
        assert find_nameless() == [], "empty"
        await make_two_clips(app)
        await app.drop(save(tmp_path / "harbour.png"))
        app.create.options.options.set_expanded(expanded=True)
        app.library.wall.selectAll()
        assert find_nameless() == [], "library and queue"
        app.window.show_tab(1)
        await app.until(lambda: app.main.clips.details.isVisible())
        assert find_nameless() == [], "details"
        app.create.open_models()
        assert find_nameless() == [], "models"
        assert app.create.picker is not None
        app.create.picker.close()
        app.library.run_command("compare")
        assert find_nameless() == [], "compare"
        app.main.clips.open_clip(app.library.model.id_at(0))
        await app.until(lambda: app.viewer.player.frame > 0, "the video plays")
        assert find_nameless() == [], "viewer"
        app.viewer.close_clip()


@pytest.mark.once
@pytest.mark.parametrize("page", list(SettingsPage))
async def test_everything_in_the_settings_has_a_name(
    places: Places, service: FakeService, page: SettingsPage
) -> None:
    async with places.run() as app:
        app.main.dialogs.open_settings(page)
        await app.until(lambda: app.window.findChildren(SettingsDialog))
        assert app.find(SettingsDialog).page is page

        assert find_nameless() == []
        close_dialogs(app)


@pytest.mark.once
@pytest.mark.parametrize("command", ["spending", "shortcuts", "about"])
async def test_everything_in_a_sheet_has_a_name(
    places: Places, service: FakeService, command: str
) -> None:
    async with places.run() as app:
        app.find_commands().action(command).trigger()
        await app.until(lambda: any(d.isVisible() for d in app.window.findChildren(QDialog)))

        assert find_nameless() == []
        close_dialogs(app)


async def test_everything_in_the_welcome_has_a_name(places: Places) -> None:
    async with places.run() as app:
        assert app.find(WelcomePage).isVisible()
        assert find_nameless() == []


async def test_a_clip_and_a_job_are_told_in_whole_sentences(
    places: Places, service: FakeService
) -> None:
    async with places.run() as app:
        await make_two_clips(app)
        model, queue = app.library.model, app.queue.model

        tile = model.index(0, 0).data(_TEXT)
        rows = [queue.index(row, 0).data(_TEXT) for row in range(queue.rowCount())]

        assert tile.startswith("Clip, Lanterns rise from the lake, 5 seconds, Kling 2.5 Turbo Pro")
        assert tile.endswith("new")
        assert any("Lanterns rise from the lake" in row and "Done" in row for row in rows)
        assert all(rows)


_TEXT = Qt.ItemDataRole.AccessibleTextRole
