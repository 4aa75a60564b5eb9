"""The command line of the sandbox: reads its options, prints where it listens, ends on request."""

import argparse
import asyncio
import json
import os
import secrets
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

from kling_desktop.sandbox.fault_names import FAULTS
from kling_desktop.sandbox.faults import BadFaults, FaultPlan, read_faults
from kling_desktop.sandbox.producer import Pace
from kling_desktop.sandbox.renderer import VideoStyle, render_samples
from kling_desktop.sandbox.server import SandboxOptions, run_sandbox

TOKEN_VARIABLE = "KLING_SANDBOX_TOKEN"  # noqa: S105 - the name of a variable
_EXIT_USAGE = 2
_EXIT_FAILED = 1


def build_parser() -> argparse.ArgumentParser:
    """Return the options of `kling-desktop sandbox`, which is this program under another name."""
    pace = Pace()
    parser = argparse.ArgumentParser(
        prog="kling-desktop sandbox",
        description="A practice service on this computer: real clips, no key, no money.",
        epilog="A prompt with the word “refused” is turned down, to see what that looks like.",
    )
    add = parser.add_argument
    add("--port", type=int, default=0, help="port on 127.0.0.1 (any free one)")
    add(
        "--data-dir",
        type=Path,
        help="keeps tasks, charges and videos (a folder that is thrown away)",
    )
    add("--token", help=f"the key to accept (made up; better given in {TOKEN_VARIABLE})")
    add(
        "--speed",
        type=float,
        default=pace.speed,
        help="simulated seconds in a second (%(default)g)",
    )
    add("--render-seconds", type=float, default=pace.render_s,
        help="simulated work on a clip of five seconds (%(default)g)")  # fmt: skip
    add("--queue-seconds", type=float, default=pace.queue_s,
        help="simulated wait before it (%(default)g)")  # fmt: skip
    add("--videos", type=VideoStyle, choices=list(VideoStyle), default=VideoStyle.SCENIC,
        help="plain: one still colour, quickly made, for tests (%(default)s)")  # fmt: skip
    add("--renderers", type=int, default=1, help="videos made at once (%(default)s)")
    add("--unknown-tasks", choices=("empty", "error"), default="empty",
        help="what polls for tasks that it does not know get (%(default)s)")  # fmt: skip
    add("--self-test", action="store_true", help="make two short videos first, or end")
    add("--balance", type=Decimal, default=Decimal(10_000), help="practice dollars (%(default)s)")
    add("--faults", default="", metavar="SPEC|FILE", help="what goes wrong, see --list-faults")
    add("--seed", type=int, default=0, help="for faults by chance (%(default)s)")
    add("--list-faults", action="store_true", help="show every fault and end")
    add("--exit-with-parent", action="store_true", help="end when standard input is closed")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the sandbox until SIGTERM, SIGINT or the end of the parent; return the exit code."""
    options = build_parser().parse_args(argv)
    if options.list_faults:
        _print_line(_describe_faults())
        return 0
    if options.speed <= 0 or options.renderers < 1:
        sys.stderr.write("--speed must be above 0 and --renderers at least 1\n")
        return _EXIT_USAGE
    try:
        faults = _load_faults(options.faults, options.seed)
    except (BadFaults, OSError) as error:
        sys.stderr.write(f"--faults: {error}\n")
        return _EXIT_USAGE
    pace = Pace(queue_s=options.queue_seconds, render_s=options.render_seconds, speed=options.speed)
    token = options.token or os.environ.get(TOKEN_VARIABLE) or secrets.token_urlsafe(24)
    os.umask(0o077)  # prompts and pictures lie in its folder: they are nobody else's business
    with tempfile.TemporaryDirectory(prefix="kling-sandbox-") as passing:
        setup = SandboxOptions(
            data_dir=options.data_dir or Path(passing),
            port=options.port,
            token=token,
            pace=pace,
            style=options.videos,
            faults=faults,
            balance=options.balance,
            renderers=options.renderers,
            refuses_unknown_tasks=options.unknown_tasks == "error",
        )
        try:
            if options.self_test and (problem := _find_rendering_problem(Path(passing))):
                sys.stderr.write(f"the sandbox cannot make videos: {problem}\n")
                return _EXIT_FAILED
            asyncio.run(_run(setup, exit_with_parent=options.exit_with_parent))
        except OSError as error:
            sys.stderr.write(f"the sandbox could not start: {error}\n")
            return _EXIT_FAILED
    return 0


def _find_rendering_problem(folder: Path) -> str:
    """Make short videos and say what went wrong, whatever it was; empty when all went well."""
    with ThreadPoolExecutor(1) as renderer:
        error = renderer.submit(render_samples, folder).exception()
    return "" if error is None else repr(error)


async def _run(options: SandboxOptions, *, exit_with_parent: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def ask_to_stop() -> None:
        loop.call_soon_threadsafe(stop.set)

    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if number := getattr(signal, name, None):
            signal.signal(number, lambda *_: ask_to_stop())
    if exit_with_parent:
        threading.Thread(target=_watch_parent, args=(ask_to_stop,), daemon=True).start()
    async with run_sandbox(options) as sandbox:
        _print_line(json.dumps({"url": sandbox.url, "token": sandbox.token}))
        await stop.wait()


def _watch_parent(gone: Callable[[], None]) -> None:
    # Not through sys.stdin: its lock, held by a reading daemon, would abort the interpreter's end.
    while os.read(0, 4096):
        pass
    gone()


def _load_faults(text: str, seed: int) -> FaultPlan:
    path = Path(text) if text and len(text) < 1000 and "{" not in text else None
    if path is not None and path.is_file():
        text = path.read_text(encoding="utf-8")
    return read_faults(text, seed=seed)


def _describe_faults() -> str:
    lines = [
        f"{name:<26} {', '.join(kind.points)}: {kind.meaning}"
        + (f" (number: {kind.number})" if kind.number else "")
        for name, kind in FAULTS.items()
    ]
    return "\n".join(lines)


def _print_line(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
