"""The queue at work in a real process: on a terminal, stopped by signals, killed."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.cli.conftest import QUICK, CommandLine, environment_of

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 30.0
SLOW = "--videos plain --queue-seconds 3 --render-seconds 0.2"

pytestmark = pytest.mark.conformance  # test_queue_watch.py says the same inside this process

pty = pytest.importorskip("pty", reason="Windows has no such terminals")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "RUNWARE_API_KEY"}
    return {**kept, **environment_of(tmp_path), "TERM": "xterm", "NO_PROXY": "*"}


@pytest.fixture
def batch(tmp_path: Path) -> Path:
    path = tmp_path / "jobs.jsonl"
    line = json.dumps({"model": "2.5 Turbo Pro", "prompt": "A boat"})
    path.write_text(f"{line}\n" * 2)
    return path


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes of the test; none outlives it."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.kill()
        process.communicate()


def start(
    started: list[subprocess.Popen[str]], environment: dict[str, str], *arguments: str
) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "kling_desktop", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment,
    )
    started.append(process)
    return process


def read_until(process: subprocess.Popen[str], word: str, times: int = 1) -> str:
    assert process.stderr is not None
    said = ""
    while said.count(word) < times:
        line = process.stderr.readline()
        assert line, said
        said += line
    return said


def find_sandbox(process: subprocess.Popen[str]) -> psutil.Process:
    (child,) = psutil.Process(process.pid).children()
    return child


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_cleanly_and_resume_finishes(
    cli: CommandLine,
    environment: dict[str, str],
    batch: Path,
    started: list[subprocess.Popen[str]],
    number: signal.Signals,
) -> None:
    environment["KLING_DESKTOP_SANDBOX_OPTIONS"] = SLOW
    process = start(started, environment, "run", str(batch), "--sandbox")
    read_until(process, "running", times=2)
    child = find_sandbox(process)
    process.send_signal(number)
    out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 3
    assert out == ""
    assert (
        err == "Stopped. Clips that are running continue at the service; “resume” collects them.\n"
    )
    assert not child.is_running()
    assert [job["state"] for job in cli.run("jobs", "--json").json] == ["running", "running"]
    done = cli.run("resume", "--sandbox")
    assert done.code == 0, done.err
    assert len(done.out.splitlines()) == 2
    jobs = cli.run("jobs", "--json").json
    assert [job["state"] for job in jobs] == ["done", "done"]
    charged = [
        entry
        for line in (cli.data / "sandbox" / "journal.jsonl").read_text().splitlines()
        if (entry := json.loads(line)).get("kind") == "accepted"
    ]
    assert len(charged) == 2


def test_ctrl_c_in_a_terminal_hits_us_and_not_the_sandbox(
    environment: dict[str, str], batch: Path, started: list[subprocess.Popen[str]]
) -> None:
    environment["KLING_DESKTOP_SANDBOX_OPTIONS"] = SLOW
    process = start(started, environment, "run", str(batch), "--sandbox")
    read_until(process, "running")
    assert os.getpgid(find_sandbox(process).pid) != os.getpgid(process.pid)


def test_killed_it_takes_the_sandbox_along_and_the_token_was_in_no_list(
    cli: CommandLine,
    environment: dict[str, str],
    batch: Path,
    started: list[subprocess.Popen[str]],
) -> None:
    environment["KLING_DESKTOP_SANDBOX_OPTIONS"] = SLOW
    environment["RUNWARE_API_KEY"] = "k3y-of-the-real-service"
    process = start(started, environment, "run", str(batch), "--sandbox")
    read_until(process, "running", times=2)
    child = find_sandbox(process)
    token = child.environ()["KLING_SANDBOX_TOKEN"]
    assert "RUNWARE_API_KEY" not in child.environ()
    assert token not in " ".join([*child.cmdline(), *psutil.Process(process.pid).cmdline()])
    process.kill()
    process.wait(LIMIT_S)
    child.wait(LIMIT_S)
    done = cli.run("resume", "--sandbox")
    assert done.code == 0, done.err
    assert len(list(cli.library.rglob("*.mp4"))) == 2


def test_the_sandbox_is_started_again_when_it_dies(
    cli: CommandLine,
    environment: dict[str, str],
    batch: Path,
    started: list[subprocess.Popen[str]],
) -> None:
    process = start(started, environment, "run", str(batch), "--sandbox")
    read_until(process, "submitting")
    find_sandbox(process).kill()
    out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0, err
    assert len(out.splitlines()) == 2
    assert "has ended by itself" in (cli.data / "logs" / "kling-desktop.log").read_text()


def test_a_terminal_gets_a_live_block_and_a_pipe_plain_lines(
    environment: dict[str, str], batch: Path
) -> None:
    environment["KLING_DESKTOP_SANDBOX_OPTIONS"] = QUICK
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "kling_desktop", "run", str(batch), "--sandbox"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=slave,
        text=True,
        cwd=ROOT,
        env=environment,
    ) as process:
        os.close(slave)
        shown = read_terminal(master)
        assert process.stdout is not None
        out = process.stdout.read()
    os.close(master)
    assert process.returncode == 0
    assert len(out.splitlines()) == 2
    assert "\x1b" not in out
    assert "\x1b[J" in shown
    assert "Generating" in shown
    # The block is gone at the end; what stays is one line for each clip.
    left = shown.rsplit("\x1b[J", 1)[1]
    assert "Generating" not in left
    assert shown.count("done  practice  A boat") == 2


def read_terminal(master: int) -> str:
    shown = b""
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        if not select.select([master], [], [], 1.0)[0]:
            continue
        try:
            piece = os.read(master, 65536)
        except OSError:  # the other side is closed
            break
        if not piece:
            break
        shown += piece
    return shown.decode()
