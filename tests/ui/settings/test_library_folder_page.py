import asyncio
from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from kling_desktop.domain.errors import LibraryUnavailable
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.video import VideoId
from kling_desktop.engine.library.library import LibraryReport
from kling_desktop.engine.library.library_move import UnfinishedMove
from kling_desktop.storage.settings.settings_store import SettingsStore
from kling_desktop.ui.controls.buttons import LinkButton, PrimaryButton, SecondaryButton
from kling_desktop.ui.controls.fields import TextField
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.controls.painted_button import PaintedButton
from kling_desktop.ui.settings.settings_page import SettingsPage
from kling_desktop.ui.settings.settings_services import OnShare
from kling_desktop.ui.theme.look import Look
from tests.ui.settings_fakes import (
    REPORT,
    FakeWorld,
    find,
    find_row,
    opened_settings,
    type_text,
    until,
)


def _says(root: QWidget, words: str) -> bool:
    labels = root.findChildren(Label)
    return any(words in label.text() and label.isVisibleTo(root) for label in labels)


async def _choose_folder(dialog: QWidget, folder: Path, answer: str) -> None:
    """Go through Change…: choose a folder, then answer whether the clips move too."""
    folder.mkdir()
    find(dialog, SecondaryButton, "Change the library folder").click()
    await until(lambda: dialog.findChild(QFileDialog))
    chooser = dialog.findChild(QFileDialog)
    assert isinstance(chooser, QFileDialog)
    chooser.filesSelected.emit([str(folder)])
    chooser.done(QDialog.DialogCode.Accepted.value)
    if answer:
        await until(lambda: _says(dialog, "Move your clips there too?"))
        find(dialog, PaintedButton, answer).click()


async def test_new_clips_can_go_to_another_folder(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path)
    async with opened_settings(look, world, SettingsPage.LIBRARY) as (dialog, _):
        assert _says(dialog, str(world.library_folder))
        await until(lambda: _says(dialog, "214 GB free"))
        await _choose_folder(dialog, tmp_path / "elsewhere", "Only new clips")
        await until(lambda: world.library_folder == tmp_path / "elsewhere")
        await until(lambda: _says(dialog, "New clips go there from now on."))
        assert _says(dialog, str(tmp_path / "elsewhere"))


async def test_clips_can_move_there_and_the_dialog_waits(look: Look, tmp_path: Path) -> None:
    go_on = asyncio.Event()

    async def move(folder: Path, on_share: OnShare) -> int:
        on_share(1_200_000_000, 3_400_000_000)
        await go_on.wait()
        world.library_folder = folder
        return 48

    world = FakeWorld(tmp_path, move=move)
    async with opened_settings(look, world, SettingsPage.LIBRARY) as (dialog, _):
        await _choose_folder(dialog, tmp_path / "elsewhere", "Move all clips")
        await until(lambda: _says(dialog, "Copying 1.1 GB of 3.2 GB"))
        assert not find(dialog, PrimaryButton, "Done").isEnabled()
        dialog.reject()
        assert dialog.isVisible()
        go_on.set()
        await until(lambda: _says(dialog, "48 clips moved."))
        assert find(dialog, PrimaryButton, "Done").isEnabled()
        assert _says(dialog, str(tmp_path / "elsewhere"))


async def test_moving_can_be_cancelled(look: Look, tmp_path: Path) -> None:
    async def move(folder: Path, on_share: OnShare) -> int:
        on_share(1, 2)
        await asyncio.Event().wait()
        return 0

    world = FakeWorld(tmp_path, move=move)
    before = world.library_folder
    async with opened_settings(look, world, SettingsPage.LIBRARY) as (dialog, _):
        await _choose_folder(dialog, tmp_path / "elsewhere", "Move all clips")
        await until(lambda: _says(dialog, "Copying"))
        find(dialog, LinkButton, "Cancel moving the clips").click()
        await until(lambda: _says(dialog, "Cancelled. Your clips are where they were."))
        assert world.library_folder == before
        assert find(dialog, PrimaryButton, "Done").isEnabled()


async def test_a_folder_that_cannot_be_used_says_why(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path)
    async with opened_settings(look, world, SettingsPage.LIBRARY) as (dialog, _):
        await until(lambda: _says(dialog, "214 GB free"))
        world.folder_trouble = "Can’t write to this folder."
        before = world.library_folder
        await _choose_folder(dialog, tmp_path / "locked", "")
        await until(lambda: find_row(dialog, "Library folder").error == world.folder_trouble)
        assert world.library_folder == before


async def test_a_move_that_fails_says_why(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path, trouble=LibraryUnavailable(Reason.FOLDER_UNAVAILABLE))
    async with opened_settings(look, world, SettingsPage.LIBRARY) as (dialog, _):
        await _choose_folder(dialog, tmp_path / "elsewhere", "Move all clips")
        row = find_row(dialog, "Library folder")
        await until(lambda: row.error == "The folder is not there or can’t be used.")
        assert find(dialog, PrimaryButton, "Done").isEnabled()


async def test_a_folder_of_the_environment_cannot_be_changed(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path, folder_fixed_by="KLING_DESKTOP_LIBRARY_DIR")
    async with opened_settings(look, world, SettingsPage.LIBRARY) as (dialog, _):
        change = find(dialog, SecondaryButton, "Change the library folder")
        assert (
            change.disabled_reason == "The variable KLING_DESKTOP_LIBRARY_DIR decides the folder."
        )
        find(dialog, SecondaryButton, "Open the library folder").click()
        assert world.calls == ["open Kling Desktop"]


async def test_the_example_follows_the_pattern(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path)
    async with opened_settings(look, world, SettingsPage.LIBRARY) as (dialog, _):
        find(dialog, TextField, "File names").setText("{date}_{id}")
        assert _says(dialog, "For example: 2026-11-04_a41c5bd0.mp4")


async def test_a_wrong_pattern_says_why_and_is_not_kept(look: Look, tmp_path: Path) -> None:
    async with opened_settings(look, FakeWorld(tmp_path), SettingsPage.LIBRARY) as (dialog, store):
        before = store.current
        field = find(dialog, TextField, "File names")
        type_text(field, "{colour}")
        assert _says(dialog, "There is no field {colour}.")
        assert field.accessibleDescription() == "There is no field {colour}."
        assert store.current is before


async def test_the_pattern_can_be_reset(look: Look, tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "settings.json")
    await store.update(file_name_pattern="{id}")
    world = FakeWorld(tmp_path)
    async with opened_settings(look, world, SettingsPage.LIBRARY, store=store) as (dialog, _):
        find(dialog, LinkButton, "Reset the file names").click()
        await until(lambda: find(dialog, TextField, "File names").text().startswith("{year}"))


async def test_small_pictures_are_measured_and_cleared(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path)
    async with opened_settings(look, world, SettingsPage.LIBRARY) as (dialog, _):
        row = find_row(dialog, "Thumbnail cache")
        await until(lambda: row.text.startswith("1.2 GB."))
        find(dialog, SecondaryButton, "Clear the thumbnail cache").click()
        await until(lambda: row.text.startswith("0 bytes."))
        assert not find(dialog, SecondaryButton, "Clear the thumbnail cache").isEnabled()


async def test_the_check_tells_how_far_it_is_and_what_it_found(look: Look, tmp_path: Path) -> None:
    go_on = asyncio.Event()

    async def verify(on_share: OnShare) -> LibraryReport:
        on_share(12, 48)
        await go_on.wait()
        return replace(REPORT, missing=(VideoId(1), VideoId(2)))

    world = FakeWorld(tmp_path, verify=verify)
    async with opened_settings(look, world, SettingsPage.LIBRARY) as (dialog, _):
        find(dialog, SecondaryButton, "Check the clips’ files").click()
        await until(lambda: _says(dialog, "Checking 12 of 48 clips"))
        go_on.set()
        await until(lambda: _says(dialog, "48 clips checked. 2 are missing."))


async def test_what_a_broken_off_move_left_is_said_and_cleared(look: Look, tmp_path: Path) -> None:
    left = UnfinishedMove(other=tmp_path / "old", doubles=("a.mp4", "b.mp4"), size_bytes=5_000_000)
    world = FakeWorld(tmp_path, unfinished_move=left)
    async with opened_settings(look, world, SettingsPage.LIBRARY) as (dialog, _):
        row = find_row(dialog, "Clips lie twice")
        assert not row.isVisibleTo(dialog)
        find(dialog, SecondaryButton, "Check the clips’ files").click()
        await until(lambda: row.isVisibleTo(dialog))
        assert "2 clips" in row.text
        assert str(tmp_path / "old") in row.text
        find(dialog, SecondaryButton, "Remove the copies there").click()
        await until(lambda: not row.isVisibleTo(dialog))
        assert world.unfinished_move is None


async def test_the_check_can_be_cancelled_and_ends_with_the_dialog(
    look: Look, tmp_path: Path
) -> None:
    async def verify(on_share: OnShare) -> LibraryReport:
        on_share(12, 48)
        await asyncio.Event().wait()
        return REPORT

    world = FakeWorld(tmp_path, verify=verify)
    async with opened_settings(look, world, SettingsPage.LIBRARY) as (dialog, _):
        button = find(dialog, SecondaryButton, "Check the clips’ files")
        button.click()
        await until(lambda: _says(dialog, "Checking 12"))
        find(dialog, LinkButton, "Cancel the check").click()
        await until(button.isEnabled)
        button.click()
        await until(lambda: _says(dialog, "Checking 12"))


async def test_a_check_without_a_folder_says_so(look: Look, tmp_path: Path) -> None:
    world = FakeWorld(tmp_path, trouble=LibraryUnavailable(Reason.LIBRARY_GONE))
    async with opened_settings(look, world, SettingsPage.LIBRARY) as (dialog, _):
        find(dialog, SecondaryButton, "Check the clips’ files").click()
        row = find_row(dialog, "Check the files")
        await until(lambda: row.error == "The library folder is not there.")
