"""The command line's program: parses arguments, runs one command, returns an exit code."""

import asyncio
import contextlib
import io
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from kling_desktop.assembly.folders import Folders, find_folders
from kling_desktop.cli.arguments import build_parser
from kling_desktop.cli.console import Console
from kling_desktop.cli.exit_codes import ExitCode
from kling_desktop.cli.output import prepare_streams
from kling_desktop.cli.usage_error import UsageError
from kling_desktop.domain.errors import DatabaseDamaged, DraftRejected, KlingDesktopError, Reaction
from kling_desktop.wording.command_line import (
    describe_output_problem,
    describe_system_problem,
    stopped,
)
from kling_desktop.wording.language import start_language
from kling_desktop.wording.problems import describe_problem
from kling_desktop.wording.reasons import describe_error, name_system_words

if TYPE_CHECKING:
    import argparse

    Command = Callable[[argparse.Namespace, Folders, Console], Awaitable[ExitCode]]

_USERS_OWN = frozenset({Reaction.NEVER_SENT, Reaction.BUG})


def main(arguments: Sequence[str]) -> int:
    """Run one command and return the process's exit code."""
    prepare_streams()
    if not logging.getLogger().handlers:
        # What is logged before there is a log file, or without one, is no sentence for a user.
        logging.getLogger().addHandler(logging.NullHandler())
    start_language(os.environ)
    console = Console()
    code = _run(arguments, console)
    if console.output_problem is not None:
        console.print_note(describe_output_problem(console.output_problem))
        return code or ExitCode.NEEDS_USER
    return code


def _run(arguments: Sequence[str], console: Console) -> int:
    try:
        parsed = _parse(arguments, console)
        if isinstance(parsed, int):
            return parsed
        folders = find_folders(os.environ)
        return asyncio.run(_start(parsed, folders, console))
    except DatabaseDamaged as error:
        console.print_note(describe_error(error))
        _print_copies(find_folders(os.environ), console)
        return ExitCode.NEEDS_USER
    except KlingDesktopError as error:
        return _report(error, console)
    except OSError as error:  # no room for a temporary file, a folder without rights
        console.print_note(describe_system_problem(error))
        return ExitCode.NEEDS_USER
    except KeyboardInterrupt:
        # One more Ctrl+C while the process ends would only print where it was.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        console.print_note(stopped())
        return ExitCode.NEEDS_USER


def _parse(arguments: Sequence[str], console: Console) -> "argparse.Namespace | int":
    """Parse, or print what argparse says and return the exit code.

    It prints on the bare streams, which may be missing or full: it is caught and printed here.
    """
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            return build_parser().parse_args(arguments)
    except SystemExit as leaving:
        if words := out.getvalue():
            console.print_result(words.removesuffix("\n"))
        if words := err.getvalue():
            console.print_note(words.removesuffix("\n"))
        return leaving.code if isinstance(leaving.code, int) else ExitCode.USAGE


async def _start(parsed: "argparse.Namespace", folders: Folders, console: Console) -> ExitCode:
    return await _find_command(parsed.command)(parsed, folders, console)


def _report(error: KlingDesktopError, console: Console) -> ExitCode:
    if isinstance(error, DraftRejected):
        console.print_note(" ".join(describe_problem(problem) for problem in error.problems))
        return ExitCode.USAGE
    sentence = error.sentence if isinstance(error, UsageError) else describe_error(error)
    console.print_note(sentence)
    if error.detail and error.detail not in sentence:
        console.print_note(name_system_words(error.detail))
    return ExitCode.USAGE if error.reaction in _USERS_OWN else ExitCode.NEEDS_USER


def _print_copies(folders: Folders, console: Console) -> None:
    """Say what to do about damaged or lost records, and which copies there are."""
    from kling_desktop.storage.database.backups import list_backups
    from kling_desktop.wording.records import restore_hint

    copies = list_backups(folders.database)
    console.print_note(restore_hint(len(copies)))
    for copy in copies:
        console.print_note(str(copy.path))


def _find_command(name: str) -> "Command":
    """Import only the command that runs: most need neither videos nor pictures."""
    if name in ("generate", "run", "resume", "cancel", "retry"):
        from kling_desktop.cli import job_commands

        commands: Mapping[str, Command] = {
            "generate": job_commands.generate,
            "run": job_commands.run,
            "resume": job_commands.resume,
            "cancel": job_commands.cancel,
            "retry": job_commands.retry,
        }
    elif name in ("jobs", "models", "receipt", "receipts", "spending"):
        from kling_desktop.cli import queries

        commands = {
            "jobs": queries.jobs,
            "models": queries.models,
            "receipt": queries.receipt,
            "receipts": queries.receipts,
            "spending": queries.spending,
        }
    elif name == "library":
        from kling_desktop.cli import library

        commands = {"library": library.library}
    elif name == "records":
        from kling_desktop.cli import records

        commands = {"records": records.records}
    else:
        from kling_desktop.cli import doctor

        commands = {"doctor": doctor.doctor}
    return MappingProxyType(commands)[name]
