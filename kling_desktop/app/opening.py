"""Opens the core for the window; where it cannot be opened, says why and offers what helps."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtWidgets import QWidget

from kling_desktop.assembly.core import Core
from kling_desktop.assembly.folders import Folders
from kling_desktop.domain.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseTooNew,
    StorageError,
)
from kling_desktop.storage.backups import restore_backup
from kling_desktop.storage.database import start_anew
from kling_desktop.ui.dialogs import Answer, ask, tell
from kling_desktop.ui.look import Look

logger = logging.getLogger(__name__)

Report = Callable[[BaseException], object]


async def open_core(
    look: Look,
    window: QWidget,
    folders: Folders,
    environment: Mapping[str, str],
    report: Report,
) -> Core | None:
    """Open the data folder, trying again after whatever the person chose; None to leave."""
    while True:
        try:
            return await Core.open(folders, environment, on_failure=report)
        except DatabaseBusy:
            await tell(
                look,
                window,
                "Kling Desktop is already running",
                "It has the queue of this folder. Look for its window; this one closes.",
                button="Close",
                icon="info",
            )
            return None
        except DatabaseTooNew as error:
            await tell(
                look,
                window,
                "A newer version wrote this queue",
                "It was left untouched. Install the newer Kling Desktop to go on.",
                button="Close",
                icon="alert",
                details=str(error),
            )
            return None
        except DatabaseDamaged as error:
            if not await _mend(look, window, folders.database, error):
                return None
        except StorageError as error:
            await tell(
                look,
                window,
                "The data folder can’t be used",
                str(error),
                button="Close",
                icon="error",
                ink="danger",
                details=error.detail,
            )
            return None


async def _mend(look: Look, window: QWidget, database: Path, error: DatabaseDamaged) -> bool:
    """Offer the last good copy, or an empty queue; say whether to try again."""
    answers = [Answer("quit", "Quit", "ghost"), Answer("anew", "Start with an empty queue")]
    text = "The list of your clips and jobs is damaged. Your clip files are not touched."
    if error.backups:
        newest = error.backups[0]
        made = datetime.fromtimestamp(newest.stat().st_mtime, UTC).astimezone()
        when = made.strftime("%d %B %Y, %H:%M")
        answers.append(Answer("restore", f"Use the copy of {when}", "primary"))
        text += " A good copy is there; what your files know is taken in again after it."
    else:
        text += " There is no good copy; what your files know is taken in again."
    answer = await ask(
        look, window, "The queue can’t be read", text, tuple(answers), icon="error", ink="danger"
    )
    if answer == "restore":
        aside = await asyncio.to_thread(restore_backup, database, error.backups[0], now=_now)
    elif answer == "anew":
        aside = await asyncio.to_thread(start_anew, database, now=_now)
    else:
        return False
    logger.warning("the damaged database was set aside as %s", aside)
    return True


def _now() -> datetime:
    return datetime.now(UTC)
