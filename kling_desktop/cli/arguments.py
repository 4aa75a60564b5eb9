"""The grammar of the command line: every subcommand and option, and nothing of what they do."""

import argparse
import math

from kling_desktop import __version__
from kling_desktop.cli.option_parser import OptionParser
from kling_desktop.domain.catalog import ASPECT_RATIOS
from kling_desktop.domain.draft import MAX_TAKES
from kling_desktop.domain.limits import MOST_CONCURRENCY
from kling_desktop.wording.command_line import (
    concurrency_help,
    describe_bad_concurrency,
    describe_bad_job_id,
    describe_bad_number,
    help_text,
    metavar,
)

_MOST_DIGITS = 18
_LARGEST_NUMBER = 10**9


def build_parser() -> OptionParser:
    """Build the whole grammar in the present language; `command` names the subcommand."""
    parser = OptionParser(
        prog="kling-desktop",
        description=help_text("kling-desktop"),
        epilog=help_text("exit codes"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    version = f"kling-desktop {__version__}"
    parser.add_argument("--version", action="version", version=version, help=help_text("--version"))
    commands = parser.add_subparsers(dest="command", metavar=metavar("COMMAND"), required=True)
    _add_generate(commands)
    _add_queue_commands(commands)
    _add_money_commands(commands)
    _add_library(commands)
    _add_records(commands)
    models = _add_command(commands, "models")
    _add_json(models)
    commands.add_parser("sandbox", help=help_text("sandbox"), add_help=False)
    doctor = _add_command(commands, "doctor")
    _add_json(doctor)
    doctor.add_argument("--decode", action="store_true", help=help_text("doctor --decode"))
    return parser


Commands = argparse._SubParsersAction  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] argparse gives it no public name


def _add_command(commands: "Commands[OptionParser]", name: str, group: str = "") -> OptionParser:
    words = help_text(f"{group} {name}".strip())
    return commands.add_parser(name, help=words, description=words)


def _add_generate(commands: "Commands[OptionParser]") -> None:
    generate = _add_command(commands, "generate")

    def add_text(option: str, name: str, **more: object) -> None:
        words = help_text(f"generate {option}")
        generate.add_argument(option, metavar=metavar(name), help=words, **more)  # pyright: ignore[reportArgumentType]

    def add_number(option: str, kind: object, **more: object) -> None:
        words = help_text(f"generate {option}")
        generate.add_argument(option, type=kind, metavar=metavar("N"), help=words, **more)  # pyright: ignore[reportArgumentType]

    add_text("--model", "TEXT", required=True)
    add_text("--prompt", "TEXT", default="")
    add_text("--negative-prompt", "TEXT", default="")
    add_text("--first-frame", "FILE", default="")
    add_text("--last-frame", "FILE", default="")
    add_number("--width", _whole_number)
    add_number("--height", _whole_number)
    generate.add_argument("--aspect", choices=ASPECT_RATIOS, help=help_text("generate --aspect"))
    add_number("--duration", _whole_number, default=5)
    add_number("--cfg-scale", _number)
    generate.add_argument(
        "--takes",
        type=_whole_number,
        default=1,
        metavar=metavar("N"),
        help=help_text("generate --takes", most=MAX_TAKES),
    )
    generate.add_argument("--wait", action="store_true", help=help_text("generate --wait"))
    _add_fix(generate)
    _add_service(generate)
    _add_concurrency(generate)


def _add_queue_commands(commands: "Commands[OptionParser]") -> None:
    run = _add_command(commands, "run")
    run.add_argument("file", metavar=metavar("FILE"), help=help_text("run FILE"))
    _add_fix(run)
    resume = _add_command(commands, "resume")
    for command in (run, resume):
        _add_service(command)
        _add_concurrency(command)
    jobs = _add_command(commands, "jobs")
    jobs.add_argument("--all", action="store_true", help=help_text("jobs --all"))
    _add_json(jobs)
    for name in ("cancel", "retry"):
        command = _add_command(commands, name)
        command.add_argument("id", type=_job_id, metavar=metavar("ID"))


def _add_money_commands(commands: "Commands[OptionParser]") -> None:
    receipt = _add_command(commands, "receipt")
    receipt.add_argument("id", type=_job_id, metavar=metavar("ID"))
    _add_json(receipt)
    receipts = _add_command(commands, "receipts")
    receipts.add_argument(
        "--csv", action="store_true", required=True, help=help_text("receipts --csv")
    )
    spending = _add_command(commands, "spending")
    _add_json(spending)


def _add_library(commands: "Commands[OptionParser]") -> None:
    library = _add_command(commands, "library")
    actions = library.add_subparsers(dest="action", metavar=metavar("ACTION"), required=True)
    listing = _add_command(actions, "list", "library")
    search = _add_command(actions, "search", "library")
    search.add_argument("words", nargs="+", metavar=metavar("WORD"))
    verify = _add_command(actions, "verify", "library")
    verify.add_argument("--deep", action="store_true", help=help_text("library verify --deep"))
    rebuild = _add_command(actions, "rebuild", "library")
    _add_command(actions, "adopt", "library")
    _add_command(actions, "clear", "library")
    for action in (listing, search, verify, rebuild):
        _add_json(action)


def _add_records(commands: "Commands[OptionParser]") -> None:
    records = _add_command(commands, "records")
    actions = records.add_subparsers(dest="action", metavar=metavar("ACTION"), required=True)
    _add_json(_add_command(actions, "check", "records"))
    restore = _add_command(actions, "restore", "records")
    restore.add_argument(
        "--copy", metavar=metavar("FILE"), default="", help=help_text("records restore --copy")
    )
    restore.add_argument("--new", action="store_true", help=help_text("records restore --new"))


def _add_json(parser: OptionParser) -> None:
    parser.add_argument("--json", action="store_true", help=help_text("--json"))


def _add_fix(parser: OptionParser) -> None:
    parser.add_argument("--fix", action="store_true", help=help_text("--fix"))


def _add_service(parser: OptionParser) -> None:
    parser.add_argument("--sandbox", action="store_true", help=help_text("--sandbox"))


def _add_concurrency(parser: OptionParser) -> None:
    parser.add_argument(
        "--concurrency", type=_concurrency, metavar=metavar("N"), help=concurrency_help()
    )


def _concurrency(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MOST_CONCURRENCY:
        raise argparse.ArgumentTypeError(describe_bad_concurrency(text))
    return int(text)


def _job_id(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        raise argparse.ArgumentTypeError(describe_bad_job_id(text))
    return int(text)


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(describe_bad_number(text)) from None
    return number


def _whole_number(text: str) -> int:
    number = _number(text)
    if not math.isfinite(number) or number != int(number) or abs(number) > _LARGEST_NUMBER:
        raise argparse.ArgumentTypeError(describe_bad_number(text))
    return int(number)
