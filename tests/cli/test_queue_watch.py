"""The queue at work inside this process: live lines, a stop by signal, a sandbox that is killed."""

import io
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from kling_desktop.cli.program import main
from tests.cli.conftest import CommandLine

SLOW = "--videos plain --queue-seconds 3 --render-seconds 0.2"


class Watched(io.StringIO):
    """Standard error that does something once certain words have been printed often enough."""

    def __init__(self, words: str, times: int, then: Callable[[], object]) -> None:
        super().__init__()
        self._words, self._times, self._then = words, times, then
        self._done = False

    def write(self, text: str) -> int:
        written = super().write(text)
        if not self._done and self.getvalue().count(self._words) >= self._times:
            self._done = True
            self._then()
        return written


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def batch(tmp_path: Path) -> Path:
    path = tmp_path / "jobs.jsonl"
    line = json.dumps({"model": "2.5 Turbo Pro", "prompt": "A boat"})
    path.write_text(f"{line}\n" * 2)
    return path


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_cleanly_and_resume_finishes(
    cli: CommandLine, batch: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    def interrupt_twice() -> None:
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)

    monkeypatch.setenv("KLING_DESKTOP_SANDBOX_OPTIONS", SLOW)
    err = Watched("running", 2, interrupt_twice)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", err)
        assert main(["run", str(batch), "--sandbox"]) == 3
    words = "Stopped. Clips that are running continue at the service; “resume” collects them.\n"
    assert err.getvalue().endswith(words)
    assert not [child for child in psutil.Process().children() if "sandbox" in child.cmdline()]
    assert [job["state"] for job in cli.run("jobs", "--json").json] == ["running", "running"]
    done = cli.run("resume", "--sandbox")
    assert done.code == 0, done.err
    assert len(done.out.splitlines()) == 2
    entries = (cli.data / "sandbox" / "journal.jsonl").read_text().splitlines()
    accepted = [entry for entry in map(json.loads, entries) if entry.get("kind") == "accepted"]
    assert len(accepted) == 2


def test_the_sandbox_is_started_again_when_it_dies(
    cli: CommandLine, batch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill_the_sandbox() -> None:
        for child in psutil.Process().children():
            if "kling_desktop.sandbox" in child.cmdline():
                child.kill()

    err = Watched("submitting", 1, kill_the_sandbox)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", err)
        assert main(["run", str(batch), "--sandbox"]) == 0, err.getvalue()
    assert len(list(cli.library.rglob("*.mp4"))) == 2
    assert "has ended by itself" in (cli.data / "logs" / "kling-desktop.log").read_text()


def test_a_terminal_gets_live_lines_that_are_removed_at_the_end(
    cli: CommandLine, batch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("KLING_DESKTOP_SANDBOX_OPTIONS", "--videos plain --render-seconds 0.5")
    err = Terminal()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", err)
        assert main(["run", str(batch), "--sandbox"]) == 0
    shown = err.getvalue()
    assert "\x1b[J" in shown
    assert "Generating" in shown
    assert "Generating" not in shown.rsplit("\x1b[J", 1)[1]
    assert shown.count("done  practice  A boat") == 2


def test_what_waits_for_the_user_is_counted_and_ends_with_3(cli: CommandLine, batch: Path) -> None:
    """No key: both jobs wait for something that only the user can do."""
    said = cli.run("run", str(batch))
    assert said.code == 3
    assert said.err.endswith("2 clips wait for you. “jobs” shows them.\n")
    again = cli.run("resume")
    assert again.code == 3
    assert again.err.endswith("2 clips wait for you. “jobs” shows them.\n")
