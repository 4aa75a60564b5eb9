"""Kills the app at random moments and counts: every charge one video, no job charged twice.

python tools/crashtest.py [--jobs 200] [--kills 50] [--seed N] [--faults SPEC|none] [--keep DIR]

A sandbox with a fault plan runs all the while.  The app works headless on a data folder and a
library of its own and is killed with SIGKILL: while it starts, right after a change of state, or
in between.  In the end the sandbox's ledger is held against the library, the database and the
spending that is shown.  One line of figures; exit code 1 when the promise was broken.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PIL import Image

from kling_desktop.domain.catalog import MODELS
from tools.crash_books import Findings, check_books, count_jobs
from tools.sandbox_program import ROOT, RunningSandbox, running_sandbox

KEY = "crash-test-key"
LINES_FOR_A_JOB = 4
LONGEST_LIFE_S = 6.0
START_UP_S = 0.9
IN_START_UP = 0.2
"""So many of the kills fall into the time in which the app starts."""

FAULTS = """
lost_answer:submit:4% lost_answer:submit:2%=reset reset:submit:2% dropped:submit:1%
slow:submit:2%=1 http_500:submit:1% http_502:submit:1%=after/html http_503:submit:2%=1
http_504:submit:2%=after/empty http_429:submit:2%=1 http_402:submit:0.5% http_401:submit:0.5%
errors_200:submit:0.5% conflict:submit:2% html_body:submit:1% empty_body:submit:1%
malformed_json:submit:1%
reset:poll:2% http_500:poll:1% http_504:poll:1%=html http_429:poll:1%=1 html_body:poll:1%
malformed_json:poll:1% empty_data:poll:3% unknown_status:poll:3% pending_status:poll:3%
duplicate_result:poll:3% half_results:poll:2%
lost_answer:upload:5% http_503:upload:5%
invalid_provider_content:accept:2% provider_error:accept:1%=504 error_item:accept:1%
truncated:download:3% download_reset:download:3% wrong_length:download:2% no_length:download:2%
link_expired:download:2% link_gone:download:1% not_ready:download:3% not_a_video:download:2%
moov_missing:download:2% redirect_loopback:download:2% changed_etag:download:2%
http_502:download:2%
"""
"""A bad day at the service: of everything a little, by the seed."""


@dataclass(slots=True)
class Story:
    """What happened while the app was being killed."""

    starts: int = 0
    kills: int = 0
    kills_at_start: int = 0
    waits_for_user: int = 0
    last_words: list[str] = field(default_factory=list[str])


class App:
    """One life of the headless app, its words read as they come."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self.lines: list[str] = []
        self._said = threading.Condition()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kling_desktop", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait(self, *, lines: int, limit_s: float) -> int | None:
        """Wait until it has said so much, the time is up, or it has ended: then its exit code."""
        until = time.monotonic() + limit_s
        with self._said:
            self._said.wait_for(
                lambda: len(self.lines) >= lines or not self._reader.is_alive(),
                timeout=max(0.0, until - time.monotonic()),
            )
        return self._process.poll()

    def end(self, limit_s: float) -> int:
        """Let it run to its own end and return its exit code."""
        try:
            return self._process.wait(limit_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise SystemExit("crashtest: the queue did not become empty in time") from None
        finally:
            self._reader.join()

    def kill(self) -> bool:
        """Kill it where it stands; False when it had ended by itself."""
        running = self._process.poll() is None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._reader.join()
        return running

    def _read(self) -> None:
        for line in self._process.stdout or ():
            with self._said:
                self.lines.append(line.rstrip())
                self._said.notify_all()
        self._process.wait()
        with self._said:
            self._said.notify_all()


class CrashTest:
    """The whole run on one folder."""

    def __init__(self, folder: Path, options: argparse.Namespace, sandbox: RunningSandbox) -> None:
        self._folder = folder
        self._options = options
        self._dice = random.Random(options.seed)
        self.data, self.library = folder / "data", folder / "library"
        self.story = Story()
        self._environment = {
            **os.environ,
            "RUNWARE_API_KEY": sandbox.token,
            "KLING_DESKTOP_BASE_URL": sandbox.url,
            "KLING_DESKTOP_DATA_DIR": str(self.data),
            "KLING_DESKTOP_LIBRARY_DIR": str(self.library),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }

    def run(self, deadline: float) -> None:
        """Kill as often as asked for, then let the queue become empty."""
        batch = write_batch(self._folder, self._options.jobs, self._dice)
        while self.story.kills < self._options.kills:
            if not self._live_and_die(batch):
                break
        while time.monotonic() < deadline:
            code = self._start(batch).end(deadline - time.monotonic())
            if code in (0, 1):
                return
            self.story.waits_for_user += 1
        raise SystemExit("crashtest: the queue did not become empty in time")

    def _live_and_die(self, batch: Path) -> bool:
        """One life and its end; False when nothing is left to do."""
        left = self._options.kills - self.story.kills
        waiting = count_jobs(self.data)
        if waiting == 0:
            return False
        app = self._start(batch)
        in_start_up = self._dice.random() < IN_START_UP
        if in_start_up:
            time.sleep(self._dice.random() * START_UP_S)
        else:
            jobs = self._options.jobs if waiting is None else waiting
            lines = max(2, int(1.1 * self._dice.random() * jobs * LINES_FOR_A_JOB / (left + 2)))
            code = app.wait(lines=lines, limit_s=LONGEST_LIFE_S)
            # Often at the very change of state, else somewhere before the next one.
            if code is None and self._dice.random() < 0.7:
                time.sleep(self._dice.random() ** 2 * 0.5)
        if app.kill():
            self.story.kills += 1
            self.story.kills_at_start += in_start_up
        elif app.lines and self._left_to_user(app):
            self.story.waits_for_user += 1
        return True

    def _left_to_user(self, app: App) -> bool:
        self.story.last_words = app.lines[-5:]
        return count_jobs(self.data) != 0

    def _start(self, batch: Path) -> App:
        self.story.starts += 1
        known = count_jobs(self.data) is not None
        command = ["resume"] if known else ["run", str(batch)]
        return App(
            [*command, "--concurrency", str(self._options.at_once)],
            {**self._environment, "PYTHONUNBUFFERED": "1"},
        )


def write_batch(folder: Path, jobs: int, dice: random.Random) -> Path:
    """Write a batch of all models, with and without pictures, each job with words of its own."""
    pictures = []
    for number, colour in enumerate(("teal", "crimson", "gold")):
        path = folder / f"picture-{number}.png"
        Image.effect_noise((640, 400), 60 + number).convert("RGB").save(path)
        plain = folder / f"plain-{number}.png"
        Image.new("RGB", (400, 640), colour).save(plain)
        pictures += [path, plain]
    lines = []
    for number in range(jobs):
        spec = dice.choice(MODELS)
        line: dict[str, object] = {
            "model": spec.id,
            "prompt": f"Crash test clip {number:05}",
            "duration": dice.choice(spec.durations_s),
        }
        if not spec.takes_text_alone or dice.random() < 0.5:
            line["first_frame"] = str(dice.choice(pictures))
            if spec.takes_last_frame and dice.random() < 0.5:
                line["last_frame"] = str(dice.choice(pictures))
        lines.append(json.dumps(line))
    path = folder / "batch.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="crashtest", description=(__doc__ or "").split("\n")[0])
    add = parser.add_argument
    add("--jobs", type=int, default=200, help="clips to make (%(default)s)")
    add("--kills", type=int, default=50, help="how often the app is killed (%(default)s)")
    add("--seed", type=int, help="repeats a run as far as timing allows (by chance)")
    add("--faults", default=FAULTS, metavar="SPEC|none", help="the service's faults (a bad day)")
    add("--at-once", type=int, default=16, help="jobs at once, 1 to 16 (%(default)s)")
    add("--limit", type=float, default=1800, help="seconds until it counts as stuck (%(default)s)")
    add("--keep", type=Path, metavar="DIR", help="keep everything in this folder")
    options = parser.parse_args(arguments)
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(10**6)
    if options.faults == "none":
        options.faults = ""
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    options = read_options(arguments)
    folder = options.keep or Path(tempfile.mkdtemp(prefix="kling-crashtest-"))
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    sandbox_options = ["--videos", "plain", "--render-seconds", "6", "--queue-seconds", "0"]
    sandbox_options += ["--balance", str(options.jobs * 100), "--seed", str(options.seed)]
    sandbox_options += ["--faults", " ".join(options.faults.split())]
    try:
        with running_sandbox(folder / "sandbox", sandbox_options, token=KEY) as sandbox:
            test = CrashTest(folder, options, sandbox)
            test.run(began + options.limit)
            state, charges = sandbox.read_state(), sandbox.list_charges()
        findings = check_books(test.data, test.library, charges, state["tasks"], options.jobs)
        struck = Counter(fault["fault"] for fault in state["faultsStruck"])
        took_s = time.monotonic() - began
        print(describe(findings, test.story, struck, options.seed, took_s))
        for wrong in findings.wrong:
            print(f"  WRONG: {wrong}")
        if findings.wrong and not options.keep:
            print(f"  everything is left in {folder}")
            options.keep = folder
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    return 1 if findings.wrong else 0


def describe(
    findings: Findings, story: Story, struck: Counter[str], seed: int, took_s: float
) -> str:
    """Say in one line what happened and what came of it."""
    return (
        f"crashtest: {findings.jobs} jobs, {story.kills} kills ({story.kills_at_start} while"
        f" starting), {story.starts} starts, {struck.total()} faults of {len(struck)} kinds,"
        f" {story.waits_for_user} waits for a user;"
        f" {findings.charges} charged = {findings.videos} videos, {findings.free} refused free of"
        f" charge, {findings.twice} charged twice, {findings.lost} lost, {findings.partial} partial"
        f" files, {findings.shown_usd} USD shown = {findings.charged_usd} USD charged;"
        f" {took_s:.0f} s, seed {seed}: {'BROKEN' if findings.wrong else 'kept'}"
    )


if __name__ == "__main__":
    sys.exit(main())
