"""A short crash test in every run; `make crashtest` is the long one."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.once, pytest.mark.conformance]

ROOT = Path(__file__).resolve().parent.parent

# Quick faults alone: what waits long belongs to the long run.
FAULTS = (
    "lost_answer:submit:2 lost_answer:submit:5=reset http_504:submit:7=after "
    "empty_data:poll:2 truncated:download:2 link_expired:download:4 conflict:submit:9"
)


@pytest.mark.parametrize("seed", [11])
def test_killed_again_and_again_nothing_is_lost_and_nothing_paid_twice(
    tmp_path: Path, seed: int
) -> None:
    folder = tmp_path / "crash"
    ran = subprocess.run(
        [
            *(sys.executable, "tools/crashtest.py", "--jobs", "12", "--kills", "5"),
            *("--faults", FAULTS, "--seed", str(seed), "--keep", str(folder), "--limit", "100"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "12 charged = 12 videos" in ran.stdout
    assert "5 kills" in ran.stdout


def test_books_that_do_not_agree_are_found(tmp_path: Path) -> None:
    """The one who proves is proved: a video taken away by hand is a lost one."""
    folder = tmp_path / "crash"
    ran = subprocess.run(
        [sys.executable, "-c", _ROB.format(folder=str(folder))],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "1 lost" in ran.stdout
    assert "BROKEN" in ran.stdout


_ROB = """
import sys
sys.path.insert(0, ".")
from pathlib import Path
from tools import crashtest
honest = crashtest.check_books
def rob(data, library, *more):
    next(library.rglob("*.mp4")).unlink()
    return honest(data, library, *more)
crashtest.check_books = rob
options = ["--jobs", "2", "--kills", "0", "--faults", "none", "--keep", "{folder}", "--limit", "60"]
sys.exit(crashtest.main(options))
"""
