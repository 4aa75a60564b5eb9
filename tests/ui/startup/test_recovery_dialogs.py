import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from kling_desktop.domain.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseTooNew,
    KlingDesktopError,
)
from kling_desktop.storage.database.backups import Backup
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.controls.toggles import RadioButton
from kling_desktop.ui.startup.recovery_dialogs import (
    StartAnswer,
    StartFailureDialog,
    StartStep,
    ask_after_failure,
)
from kling_desktop.ui.theme.look import Look
from tests.ui.settings_fakes import find, list_nameless, until

_NOW = datetime(2026, 11, 4, 14, 2, tzinfo=UTC)
BACKUPS = tuple(
    Backup(
        path=Path(f"backup-{days}.db"),
        made_at=_NOW - timedelta(days=days),
        version=1,
        size_bytes=2_400_000,
    )
    for days in (1, 2)
)


def _find_shown() -> StartFailureDialog | None:
    return next(
        (
            widget
            for widget in QApplication.topLevelWidgets()
            if isinstance(widget, StartFailureDialog) and widget.isVisible()
        ),
        None,
    )


async def _answer(
    look: Look, error: KlingDesktopError, backups: tuple[Backup, ...], *clicks: str
) -> tuple[StartAnswer, str]:
    """Open it, click through it; return the answer and all the words that were shown."""
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(ask_after_failure(look, error, backups, now=_NOW))
        await until(_find_shown)
        dialog = _find_shown()
        assert dialog is not None
        assert list_nameless(dialog) == []
        words = "\n".join(
            [label.text() for label in dialog.findChildren(Label)]
            + [button.text() for button in dialog.findChildren(RadioButton)]
        )
        for name in clicks:
            find(dialog, QAbstractButton, name).click()
        if not clicks:
            QTest.keyClick(dialog, Qt.Key.Key_Escape)
    return asked.result(), words


async def test_the_newest_copy_is_offered_first(look: Look) -> None:
    answer, words = await _answer(look, DatabaseDamaged(), BACKUPS, "Go on")
    assert answer == StartAnswer(StartStep.RESTORE, BACKUPS[0])
    assert "The library’s records are damaged." in words
    assert "Copy of Yesterday, 2:02\u202fPM, 2.3 MB" in words


async def test_another_copy_or_new_records_can_be_chosen(look: Look) -> None:
    answer, _ = await _answer(
        look, DatabaseDamaged(), BACKUPS, "Copy of Monday, 2:02\u202fPM, 2.3 MB", "Go on"
    )
    assert answer == StartAnswer(StartStep.RESTORE, BACKUPS[1])
    fresh = "Start with new records, made from the clips’ files"
    answer, _ = await _answer(look, DatabaseDamaged(), BACKUPS, fresh, "Go on")
    assert answer == StartAnswer(StartStep.START_FRESH)


async def test_without_a_copy_new_records_are_made(look: Look) -> None:
    answer, words = await _answer(look, DatabaseDamaged(), (), "Go on")
    assert answer == StartAnswer(StartStep.START_FRESH)
    assert "The damaged file is kept." in words


@pytest.mark.parametrize("error", [DatabaseDamaged(), DatabaseBusy(), DatabaseTooNew()])
async def test_closing_it_changes_nothing(look: Look, error: KlingDesktopError) -> None:
    answer, _ = await _answer(look, error, BACKUPS)
    assert answer == StartAnswer(StartStep.QUIT)


async def test_a_second_app_says_so_and_can_try_again(look: Look) -> None:
    answer, words = await _answer(look, DatabaseBusy(), (), "Try again")
    assert answer == StartAnswer(StartStep.TRY_AGAIN)
    assert "Kling Desktop is already running." in words


async def test_a_newer_database_is_left_alone(look: Look) -> None:
    answer, words = await _answer(look, DatabaseTooNew(), (), "Quit")
    assert answer == StartAnswer(StartStep.QUIT)
    assert "They were not touched." in words
