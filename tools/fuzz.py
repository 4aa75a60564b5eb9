"""Feeds damaged input to every reader of foreign data, until something gives or the budget ends.

python tools/fuzz.py [--examples 20000] [--only replies,…] [--seed N] [--atheris SECONDS]

A reader may return a value or raise a `KlingDesktopError`.  Any other exception, a crash of the
process, more than 5 s for one input or more than 512 MB above where it began is a failure.  Each
reader works in a process of its own.  With --atheris each is fuzzed by coverage for so many
seconds as well, out of a throw-away environment.  Exit code 1 on a failure.
"""

import argparse
import logging
import multiprocessing
import os
import random
import resource
import subprocess
import sys
import sysconfig
import tempfile
import time
import traceback
import venv
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from ctypes import c_char
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings

from kling_desktop.domain.errors import KlingDesktopError
from tools.fuzz_targets import TARGETS, Target

LONGEST_S = 5.0
MOST_GROWTH_BYTES = 512 * 1024**2
LONGEST_TARGET_S = 3600.0
LOOK_EVERY_S = 0.1
KEPT_INPUT_BYTES = 64 * 1024
UNWANTED = (
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
    HealthCheck.filter_too_much,
)
_KIB_PER_UNIT = 1 if sys.platform == "linux" else 1 / 1024


class TooMuchError(Exception):
    """One input took too long or too much memory."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one target came to; `failure` is empty when all went well."""

    name: str
    inputs: int
    seconds: float
    growth_mb: float = 0.0
    failure: str = ""


class Board:
    """The shared memory of one worker."""

    def __init__(self, context: Any) -> None:
        self.tried = context.Value("Q", 0)
        self.began = context.Value("d", 0.0)
        self.size = context.Value("Q", 0)
        self.kept = context.Array(c_char, KEPT_INPUT_BYTES)

    def last_input(self) -> bytes:
        return bytes(self.kept.get_obj()[: min(self.size.value, KEPT_INPUT_BYTES)])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="fuzz", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--examples", type=int, default=20_000, help="of all targets together")
    parser.add_argument("--only", default="", help=f"of {', '.join(TARGETS)}")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--atheris", type=int, default=0, metavar="SECONDS", help="per target")
    parser.add_argument("--inside-atheris", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.inside_atheris:
        return run_inside_atheris(options.inside_atheris, options.atheris, options.seed)
    names = [name for name in options.only.split(",") if name] or list(TARGETS)
    if unknown := [name for name in names if name not in TARGETS]:
        parser.error(f"there is no {unknown[0]}")
    print(f"seed {options.seed}")
    print(f"{'target':<20}{'inputs':>10}{'seconds':>10}{'growth MB':>11}")
    whole = sum(TARGETS[name].share for name in names)
    outcomes: list[Outcome] = []
    for name in names:
        count = max(1, options.examples * TARGETS[name].share // whole)
        outcomes.append(fuzz(name, count, options.seed))
        report(outcomes[-1])
    if options.atheris:
        outcomes += fuzz_by_coverage(names, options.atheris, options.seed)
    failed = [outcome for outcome in outcomes if outcome.failure]
    inputs, seconds = sum(o.inputs for o in outcomes), sum(o.seconds for o in outcomes)
    print(f"{'together':<20}{inputs:>10,}{seconds:>10.1f}")
    print(f"{len(failed)} of {len(outcomes)} failed" if failed else "all clear")
    return 1 if failed else 0


def report(outcome: Outcome) -> None:
    figures = f"{outcome.inputs:>10,}{outcome.seconds:>10.1f}{outcome.growth_mb:>11.0f}"
    print(f"{outcome.name:<20}{figures}{'  FAILED' if outcome.failure else ''}", flush=True)
    if outcome.failure:
        print(outcome.failure, file=sys.stderr, flush=True)


# ------------------------------------------------------------------ by hypothesis


def fuzz(name: str, count: int, seed: int) -> Outcome:
    """Fuzz one target in a process of its own and watch that it neither hangs nor dies."""
    context = multiprocessing.get_context("spawn")
    board = Board(context)
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(name, count, seed, board, sender), daemon=True)
    started = time.monotonic()
    process.start()
    sender.close()
    try:
        failure, growth = _watch(receiver, board, started)
    finally:
        process.kill()
        process.join()
        receiver.close()
    return Outcome(
        name=name,
        inputs=board.tried.value,
        seconds=time.monotonic() - started,
        growth_mb=growth / 1024**2,
        failure=failure,
    )


def _watch(receiver: Any, board: Board, started: float) -> tuple[str, int]:
    while not receiver.poll(LOOK_EVERY_S):
        began = board.began.value
        # A little more than the worker's own limit: it knows the better words.
        if began and time.monotonic() - began > LONGEST_S * 2:
            return f"hangs at {board.last_input()!r:.2000}", 0
        if time.monotonic() - started > LONGEST_TARGET_S:
            return "did not end", 0
    try:
        return receiver.recv()
    except EOFError:
        return f"the process died at {board.last_input()!r:.2000}", 0


def _work(name: str, count: int, seed: int, board: Board, sender: Any) -> None:
    quieten()
    # Libraries in C write straight to the screen.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    failure, growth = "", 0
    with tempfile.TemporaryDirectory(prefix="kling-fuzz-") as folder:
        target, place = TARGETS[name], Path(folder)
        inputs = target.make(place)
        before = _peak_bytes()

        def try_one(data: bytes) -> None:
            board.tried.value += 1
            board.size.value = len(data)
            board.kept.get_obj()[: min(len(data), KEPT_INPUT_BYTES)] = data[:KEPT_INPUT_BYTES]
            board.began.value = time.monotonic()
            check(target, place, data, before)
            board.began.value = 0.0

        run = settings(
            max_examples=count,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=UNWANTED,
        )(hypothesis.seed(seed)(given(inputs)(try_one)))
        try:
            run()
        except BaseException:  # noqa: BLE001 whatever it is, it goes to the report
            failure = traceback.format_exc()
        growth = _peak_bytes() - before
    sender.send((failure, growth))


def check(target: Target, folder: Path, data: bytes, peak_before: int) -> None:
    """Try one input.

    Raises:
        TooMuchError: It took too long or too much memory.
        Exception: Whatever the reader should not have raised.
    """
    started = time.monotonic()
    with suppress(KlingDesktopError):
        target.work(folder, data)
    took, growth = time.monotonic() - started, _peak_bytes() - peak_before
    if took > LONGEST_S:
        raise TooMuchError(f"{took:.1f} s for one input")
    if growth > MOST_GROWTH_BYTES:
        raise TooMuchError(f"{growth / 1024**2:.0f} MB more than at the beginning")


def quieten() -> None:
    """Keep what readers tell about bad input off the screen: all of it is bad here."""
    import av.logging

    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    av.logging.set_level(None)


def _peak_bytes() -> int:
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB_PER_UNIT * 1024)


# ------------------------------------------------------------------ by coverage, with atheris


def fuzz_by_coverage(names: Sequence[str], seconds: int, seed: int) -> list[Outcome]:
    """Fuzz with atheris where it installs; where it does not, say why and go on."""
    with tempfile.TemporaryDirectory(prefix="kling-atheris-") as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        install = [python, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", "atheris"]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            probe = [python, "-c", "import atheris"]
            done = subprocess.run(probe, capture_output=True, text=True, check=False)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            print(f"atheris skipped: {reason[:200]}")
            return []
        outcomes: list[Outcome] = []
        for name in names:
            outcomes.append(_run_atheris(python, name, seconds, seed))
            report(outcomes[-1])
        return outcomes


def _run_atheris(python: Path, name: str, seconds: int, seed: int) -> Outcome:
    command = [python, __file__, "--inside-atheris", name]
    command += ["--atheris", str(seconds), "--seed", str(seed)]
    environment = os.environ | {"PYTHONPATH": sysconfig.get_path("purelib")}
    started = time.monotonic()
    try:
        done = subprocess.run(
            command, capture_output=True, env=environment, check=False, timeout=seconds * 2 + 60
        )
    except subprocess.TimeoutExpired as error:
        told = (error.stderr or b"").decode(errors="replace")[-2000:]
        return Outcome(f"{name} (atheris)", 0, error.timeout, failure=f"did not end: {told}")
    told = done.stderr.decode(errors="replace")
    inputs = 0
    for line in told.splitlines():
        words = line.split()
        if line.startswith("#") and words[0][1:].isdigit():
            inputs = max(inputs, int(words[0][1:]))
        elif line.startswith("Done ") and len(words) > 1 and words[1].isdigit():
            inputs = int(words[1])
    failure = told[-4000:] if done.returncode else ""
    return Outcome(f"{name} (atheris)", inputs, time.monotonic() - started, failure=failure)


def run_inside_atheris(name: str, seconds: int, seed: int) -> int:
    """Be the process that atheris drives; it ends the process by itself."""
    atheris: Any = import_module("atheris")
    quieten()
    _instrument(atheris.instrument_func)
    target = TARGETS[name]
    with tempfile.TemporaryDirectory(prefix="kling-fuzz-") as folder:
        place, corpus = Path(folder), Path(folder) / "corpus"
        corpus.mkdir()
        _write_corpus(target, place, corpus)
        before = _peak_bytes()
        limits = [f"-max_total_time={seconds}", f"-seed={seed % 2**31}", f"-timeout={LONGEST_S:g}"]
        atheris.Setup(
            [name, str(corpus), *limits, "-rss_limit_mb=2048", f"-artifact_prefix={place}/"],
            lambda data: check(target, place, data, before),
        )
        atheris.Fuzz()
    return 0


def _instrument(instrument: Callable[[FunctionType], object]) -> None:
    """Let our own functions tell where they went; all of Python's would take a minute."""
    for name, module in list(sys.modules.items()):
        if name.startswith("kling_desktop"):
            for value in list(vars(module).values()):
                if isinstance(value, FunctionType) and value.__module__ == name:
                    instrument(value)


def _write_corpus(target: Target, place: Path, corpus: Path) -> None:
    """Begin with a handful of what hypothesis makes."""
    made: list[bytes] = []

    @settings(max_examples=60, database=None, deadline=None, derandomize=True,
              phases=[Phase.generate], suppress_health_check=UNWANTED)  # fmt: skip
    @given(target.make(place))
    def collect(data: bytes) -> None:
        made.append(data)

    collect()
    for number, data in enumerate(made):
        (corpus / str(number)).write_bytes(data)


if __name__ == "__main__":
    sys.exit(main())
