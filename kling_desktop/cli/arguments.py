"""The grammar of the command line: every subcommand and option, and nothing of what they do."""

import argparse

from kling_desktop import __version__
from kling_desktop.domain.catalog import ASPECT_RATIOS
from kling_desktop.domain.draft import MAX_TAKES
from kling_desktop.domain.limits import MOST_CONCURRENCY

_MOST_DIGITS = 18
_EPILOG = """\
exit codes: 0 all done, 1 some failed, 2 wrong use, 3 waiting for something only a person can do.
environment: RUNWARE_API_KEY, KLING_DESKTOP_BASE_URL, KLING_DESKTOP_DATA_DIR,
KLING_DESKTOP_LIBRARY_DIR, KLING_DESKTOP_SANDBOX_OPTIONS.  Without a subcommand the window opens."""


def build_parser() -> argparse.ArgumentParser:
    """Build the whole grammar; `command` names the subcommand after parsing."""
    parser = argparse.ArgumentParser(
        prog="kling-desktop",
        description="Turn pictures and words into short videos with KlingAI's models.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"kling-desktop {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_generate(commands)
    _add_queue_commands(commands)
    _add_money_commands(commands)
    _add_library(commands)
    models = commands.add_parser("models", help="list the models and what each can do")
    _add_json(models)
    commands.add_parser(
        "sandbox", help="serve the wire contract on 127.0.0.1 (see: sandbox --help)", add_help=False
    )
    doctor = commands.add_parser("doctor", help="say what works on this machine")
    _add_json(doctor)
    doctor.add_argument("--decode", action="store_true", help="also make a video and decode it")
    return parser


Commands = argparse._SubParsersAction  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] argparse gives it no public name


def _add_generate(commands: "Commands[argparse.ArgumentParser]") -> None:
    generate = commands.add_parser("generate", help="queue one clip, or make it at once")
    generate.add_argument("--model", required=True, help='AIR id or name, such as "2.5 Turbo Pro"')
    generate.add_argument("--prompt", default="", help="how it should move, 2 to 2500 characters")
    generate.add_argument("--negative-prompt", default="", help="what to keep out")
    generate.add_argument("--first-frame", metavar="FILE", default="", help="picture to start from")
    generate.add_argument("--last-frame", metavar="FILE", default="", help="picture to end on")
    generate.add_argument("--width", type=int, help="width in pixels, together with --height")
    generate.add_argument("--height", type=int, help="height in pixels, together with --width")
    generate.add_argument("--aspect", choices=ASPECT_RATIOS, help="shape in place of a size")
    generate.add_argument("--duration", type=int, default=5, help="seconds: 5 or 10 (default 5)")
    generate.add_argument("--cfg-scale", type=float, help="prompt strength, 0 to 1 (default 0.5)")
    generate.add_argument(
        "--takes", type=int, default=1, help=f"how many clips, 1 to {MAX_TAKES}; each is charged"
    )
    generate.add_argument(
        "--wait", action="store_true", help="work until it is done and print the file's path"
    )
    generate.add_argument(
        "--fix", action="store_true", help="repair a picture outside the limits instead of refusing"
    )
    _add_service(generate)
    _add_concurrency(generate)


def _add_queue_commands(commands: "Commands[argparse.ArgumentParser]") -> None:
    run = commands.add_parser("run", help="queue a whole file of jobs and work until all are done")
    run.add_argument("file", metavar="FILE", help="JSON Lines or CSV, one job a line")
    run.add_argument("--fix", action="store_true", help="repair pictures outside the limits")
    resume = commands.add_parser("resume", help="go on with whatever is in the queue")
    for command in (run, resume):
        _add_service(command)
        _add_concurrency(command)
    jobs = commands.add_parser("jobs", help="list the queue and its history")
    jobs.add_argument("--all", action="store_true", help="the whole history, not the last 50")
    _add_json(jobs)
    cancel = commands.add_parser("cancel", help="cancel a waiting job, or stop waiting for one")
    cancel.add_argument("id", type=_job_id, metavar="ID")
    retry = commands.add_parser("retry", help="queue an ended job again as a new, paid job")
    retry.add_argument("id", type=_job_id, metavar="ID")


def _add_money_commands(commands: "Commands[argparse.ArgumentParser]") -> None:
    receipt = commands.add_parser("receipt", help="show all that is known of one job")
    receipt.add_argument("id", type=_job_id, metavar="ID")
    _add_json(receipt)
    receipts = commands.add_parser("receipts", help="export every receipt")
    receipts.add_argument("--csv", action="store_true", required=True, help="as CSV, to the output")
    spending = commands.add_parser("spending", help="what was spent today, this month, by model")
    _add_json(spending)


def _add_library(commands: "Commands[argparse.ArgumentParser]") -> None:
    library = commands.add_parser("library", help="list, search, verify or rebuild the library")
    actions = library.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="every clip, newest first")
    search = actions.add_parser("search", help="clips whose words, model or file name match")
    search.add_argument("words", nargs="+", metavar="WORD")
    verify = actions.add_parser("verify", help="look after every file: there, whole, unknown ones")
    verify.add_argument(
        "--deep",
        action="store_true",
        help="also read every file and compare it with what was put there",
    )
    rebuild = actions.add_parser(
        "rebuild", help="take clips that the library does not know back in, from their recipes"
    )
    for action in (listing, search, verify, rebuild):
        _add_json(action)


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="machine-readable output")


def _add_service(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--sandbox",
        action="store_true",
        help="make practice clips on this machine: no key, no network, no charge",
    )


def _add_concurrency(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--concurrency",
        type=_concurrency,
        metavar="N",
        help=f"jobs at once, 1 to {MOST_CONCURRENCY}",
    )


def _concurrency(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MOST_CONCURRENCY:
        raise argparse.ArgumentTypeError(f"it goes from 1 to {MOST_CONCURRENCY}, not {text}")
    return int(text)


def _job_id(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        raise argparse.ArgumentTypeError(f"a job has a number, as “jobs” shows it, not {text}")
    return int(text)
