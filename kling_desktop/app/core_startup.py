"""Opens the core for the window; where it cannot be opened, says why and does what helps."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from kling_desktop.app.single_instance import AlreadyRunning, show_running
from kling_desktop.assembly.core import Core
from kling_desktop.assembly.folders import Folders
from kling_desktop.domain.errors import DatabaseBusy, DatabaseDamaged, StorageError
from kling_desktop.domain.local_time import local_now
from kling_desktop.storage.database.backups import Backup, list_backups
from kling_desktop.storage.database.recovery import restore_backup, start_anew
from kling_desktop.ui.startup.recovery_dialogs import StartAnswer, StartStep, ask_after_failure
from kling_desktop.ui.theme.look import Look

logger = logging.getLogger(__name__)

Report = Callable[[BaseException], object]


@dataclass(frozen=True, slots=True)
class OpenedCore:
    """An open core.

    Attributes:
        restored: The records were restored, begun anew or found to be old: what the files know is
            to be merged back.
    """

    core: Core
    restored: bool = False


async def open_core(
    look: Look, folders: Folders, environment: Mapping[str, str], report: Report
) -> OpenedCore | None:
    """Open the data folder, trying again after whatever the user chose; None to leave.

    Raises:
        ShownElsewhere: The app that owns the folder came to the front instead.
    """
    restored = False
    while True:
        try:
            core = await Core.open(folders, environment, on_failure=report)
        except StorageError as error:
            # It was still starting when this start looked for it first.
            if isinstance(error, DatabaseBusy) and await show_running(folders.data):
                raise AlreadyRunning from error
            backups: Sequence[Backup] = ()
            if isinstance(error, DatabaseDamaged):
                backups = await asyncio.to_thread(list_backups, folders.database)
            now = local_now()
            answer = await ask_after_failure(look, error, backups, now=now)
            if answer.step is StartStep.QUIT:
                return None
            restored = await _restore_records(folders, answer) or restored
        else:
            return OpenedCore(core, restored or core.stores.database.brought_back > 0)


async def _restore_records(folders: Folders, answer: StartAnswer) -> bool:
    """Put a copy in the place of damaged records, or begin new ones; the old are set aside."""
    if answer.step is StartStep.RESTORE and answer.backup is not None:
        place = answer.backup.path
        aside = await asyncio.to_thread(restore_backup, folders.database, place, now=_now)
    elif answer.step is StartStep.START_FRESH:
        aside = await asyncio.to_thread(start_anew, folders.database, now=_now)
    else:
        return False
    logger.warning("the damaged records were set aside as %s", aside)
    return True


def _now() -> datetime:
    return datetime.now(UTC)
