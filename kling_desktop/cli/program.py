"""The way in: reads the arguments, runs one command, turns errors into exit codes."""

import asyncio
import io
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from kling_desktop.assembly.folders import Folders, find_folders
from kling_desktop.cli.arguments import build_parser
from kling_desktop.cli.console import Console
from kling_desktop.cli.exit_codes import ExitCode
from kling_desktop.domain.errors import DatabaseDamaged, DraftRejected, KlingDesktopError, Reaction
from kling_desktop.wording.language import start_language
from kling_desktop.wording.problems import describe_problem
from kling_desktop.wording.reasons import describe_error

if TYPE_CHECKING:
    import argparse

    Act = Callable[[argparse.Namespace, Folders, Console], Awaitable[ExitCode]]


def main(arguments: Sequence[str]) -> int:
    """Run one command and return the process's exit code."""
    # Pipes on old systems speak something smaller than Unicode; our words must still come through.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    start_language(os.environ)
    parsed = build_parser().parse_args(arguments)
    console = Console()
    try:
        act = _find_act(parsed.command)
        return asyncio.run(_run(act, parsed, find_folders(os.environ), console))
    except DraftRejected as error:
        sentences = " ".join(describe_problem(problem) for problem in error.problems)
        console.print_note(sentences)
        return ExitCode.USAGE
    except KlingDesktopError as error:
        console.print_note(describe_error(error))
        if error.detail and error.detail != describe_error(error):
            console.print_note(f"({error.detail})")
        if isinstance(error, DatabaseDamaged) and error.backups:
            console.print_note("Sound copies, newest first; the window puts one back:")
            console.print_note("\n".join(str(backup) for backup in error.backups))
        return ExitCode.USAGE if error.reaction in _OURS else ExitCode.NEEDS_USER
    except KeyboardInterrupt:
        console.print_note("Stopped.")
        return ExitCode.NEEDS_USER
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does; nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE


_OURS = frozenset({Reaction.NEVER_SENT, Reaction.BUG})


async def _run(
    act: "Act", parsed: "argparse.Namespace", folders: Folders, console: Console
) -> ExitCode:
    return await act(parsed, folders, console)


def _find_act(command: str) -> "Act":
    """Import only the command that runs: most need neither videos nor pictures."""
    if command in ("generate", "run", "resume", "cancel", "retry"):
        from kling_desktop.cli import job_commands as making

        acts: Mapping[str, Act] = {
            "generate": making.generate,
            "run": making.run,
            "resume": making.resume,
            "cancel": making.cancel,
            "retry": making.retry,
        }
    elif command in ("jobs", "models", "receipt", "receipts", "spending"):
        from kling_desktop.cli import queries as looking

        acts = {
            "jobs": looking.jobs,
            "models": looking.models,
            "receipt": looking.receipt,
            "receipts": looking.receipts,
            "spending": looking.spending,
        }
    elif command == "library":
        from kling_desktop.cli import library

        acts = {"library": library.library}
    else:
        from kling_desktop.cli import doctor

        acts = {"doctor": doctor.doctor}
    return MappingProxyType(acts)[command]
