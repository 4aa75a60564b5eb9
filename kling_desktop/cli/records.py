"""The commands for the records of jobs and clips: check them, put a copy in their place."""

import argparse
import asyncio
from datetime import UTC, datetime
from pathlib import Path

from kling_desktop.assembly.folders import Folders
from kling_desktop.cli.console import Console, table
from kling_desktop.cli.exit_codes import ExitCode
from kling_desktop.cli.session import RunOptions, build_library, open_session
from kling_desktop.cli.usage_error import UsageError
from kling_desktop.domain.local_time import local_now
from kling_desktop.domain.reasons import Reason
from kling_desktop.storage.database.backups import Backup, list_backups
from kling_desktop.storage.database.recovery import (
    RecordsState,
    find_records_state,
    restore_backup,
    start_anew,
)
from kling_desktop.wording import records as wording
from kling_desktop.wording.settings import backup_words


async def records(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Run the action that was named."""
    if arguments.action == "check":
        return await _check(arguments, folders, console)
    return await _restore(arguments, folders, console)


async def _check(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Say whether the records are sound and which copies there are; changes nothing."""
    state, copies = await asyncio.to_thread(_examine, folders.database)
    if arguments.json:
        console.print_json(
            {
                "state": state.value,
                "copies": [
                    {
                        "path": str(copy.path),
                        "made_at": copy.made_at.isoformat(),
                        "bytes": copy.size_bytes,
                    }
                    for copy in copies
                ],
            }
        )
    else:
        console.print_result(wording.describe_records(state))
        if copies:
            rows = [(backup_words(copy, local_now()), str(copy.path)) for copy in copies]
            console.print_result(table(rows))
        if state.is_lost:
            console.print_note(wording.restore_hint(len(copies)))
    usable = state in (RecordsState.NONE, RecordsState.SOUND)
    return ExitCode.DONE if usable else ExitCode.NEEDS_USER


async def _restore(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Do what the window's dialog does: put a copy in place, or start new records.

    The old file is set aside, never deleted.  What the clips' own files know is added.
    """
    if arguments.new and arguments.copy:
        raise UsageError(Reason.COPY_OR_NEW)
    state, copies = await asyncio.to_thread(_examine, folders.database)
    if not state.is_lost:
        raise UsageError(Reason.RECORDS_ARE_SOUND)
    if arguments.new:
        aside = await asyncio.to_thread(start_anew, folders.database, now=_now)
    else:
        if not arguments.copy and not copies:
            raise UsageError(Reason.NO_COPY_OF_RECORDS)
        copy = Path(arguments.copy) if arguments.copy else copies[0].path
        aside = await asyncio.to_thread(restore_backup, folders.database, copy, now=_now)
    async with open_session(folders, RunOptions()) as core:
        added = await build_library(core).rebuild()
        waiting = len(core.stores.jobs.list_active())
    if aside is not None:
        console.print_note(wording.describe_set_aside(str(aside)))
    console.print_result(wording.describe_restored(len(added), waiting))
    return ExitCode.DONE


def _examine(path: Path) -> tuple[RecordsState, tuple[Backup, ...]]:
    return find_records_state(path), list_backups(path)


def _now() -> datetime:
    return datetime.now(UTC)
