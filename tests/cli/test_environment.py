"""An environment that is not whole ends in one sentence and the right exit code, or just works."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cli.conftest import environment_of

pytestmark = pytest.mark.conformance

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 60.0
POSIX = pytest.mark.skipif(os.name == "nt", reason="the shell's redirections are POSIX")
QUEUE = ("generate", "--sandbox", "--model", "6@1", "--prompt", "A boat")
WINDOW: tuple[str, ...] = ()
ALWAYS_GONE = (
    *("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "RUNWARE_API_KEY", "LC_ALL", "LANGUAGE"),
    *("KLING_DESKTOP_LANGUAGE", "KLING_DESKTOP_BASE_URL"),
)


@dataclass(frozen=True)
class Case:
    """One broken environment.

    Attributes:
        arguments: The command; none opens the window.
        code: The exit code it must end with.
        err: What standard error must say; an empty text means nothing at all.
        out: What standard output must say.
        sets: Variables to set; ``{tmp}`` is the test's folder.
        gone: Variables to remove.
        redirect: What the shell does to the streams.
        prepare: What is done to the folder first.
    """

    arguments: tuple[str, ...]
    code: int
    err: str | None = None
    out: str = ""
    sets: Mapping[str, str] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    redirect: str = ""
    prepare: Callable[[Path], object] = lambda _folder: None


NO_HOMES = {"HOME": "/dev/null/nobody", "KLING_DESKTOP_LIBRARY_DIR": "{tmp}/clips"}
DATA = "KLING_DESKTOP_DATA_DIR"


def make_empty_database(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "kling-desktop.sqlite3").touch()


def make_foreign_database(folder: Path) -> None:
    import sqlite3

    (folder / "data").mkdir()
    connection = sqlite3.connect(folder / "data" / "kling-desktop.sqlite3")
    connection.execute("CREATE TABLE jobs (id INTEGER)")
    connection.close()


def make_database_of_another_program(folder: Path) -> None:
    import sqlite3

    make_foreign_database(folder)
    connection = sqlite3.connect(folder / "data" / "kling-desktop.sqlite3")
    connection.execute("PRAGMA user_version = 2")
    connection.close()


def make_dead_link(folder: Path) -> None:
    (folder / "link").symlink_to(folder / "unplugged" / "data")


CASES = {
    "no HOME": Case(("jobs",), 0, "No jobs yet.\n", gone=("HOME", DATA)),
    "a HOME that cannot be written": Case(QUEUE, 3, "nobody", sets=NO_HOMES, gone=(DATA,)),
    "a HOME that cannot be written, looked into": Case(
        ("jobs",), 0, "No jobs yet.\n", sets=NO_HOMES, gone=(DATA,)
    ),
    "a HOME that cannot be written, and the doctor": Case(
        ("doctor",), 1, "", out="cannot be written to", sets=NO_HOMES, gone=(DATA,)
    ),
    "a data folder that cannot be": Case(QUEUE, 3, "nowhere", sets={DATA: "/dev/null/nowhere"}),
    "a data folder on a disk that is not plugged in": Case(
        ("jobs",), 3, "data folder can’t be used", sets={DATA: "{tmp}/link"}, prepare=make_dead_link
    ),
    "the same, and the sums": Case(
        ("spending",), 3, "data folder can’t be used", sets={DATA: "{tmp}/link"},
        prepare=make_dead_link,
    ),
    "the same, and the records": Case(
        ("records", "check"), 3, "data folder can’t be used", sets={DATA: "{tmp}/link"},
        prepare=make_dead_link,
    ),
    "the same, and the doctor": Case(
        ("doctor",), 1, "", out="NO  data folder", sets={DATA: "{tmp}/link"},
        prepare=make_dead_link,
    ),
    "a data folder on a disk that is not plugged in, queued into": Case(
        QUEUE, 3, "data folder can’t be used", sets={DATA: "{tmp}/link"}, prepare=make_dead_link
    ),
    "a data folder that is a link to itself": Case(
        ("library", "list"), 3, "data folder can’t be used", sets={DATA: "{tmp}/loop"},
        prepare=lambda folder: (folder / "loop").symlink_to(folder / "loop"),
    ),
    "a data folder that is a file": Case(
        ("jobs",), 3, "data folder can’t be used", sets={DATA: "{tmp}/file"},
        prepare=lambda folder: (folder / "file").touch(),
    ),
    "a data folder that is a file, and the doctor": Case(
        ("doctor",), 1, "", out="NO  database", sets={DATA: "{tmp}/file"},
        prepare=lambda folder: (folder / "file").touch(),
    ),
    "a TMPDIR that is gone": Case(QUEUE, 0, "queued", sets={"TMPDIR": "/dev/null/gone"}),
    "closed standard output": Case(("models",), 0, "", redirect=">&-"),
    "closed standard error": Case(("generate", "--model", "none"), 2, "", redirect="2>&-"),
    "all streams closed": Case(QUEUE, 0, "", redirect=">&- 2>&- <&-"),
    "full standard output": Case(
        ("models",), 3, "The output could not be written: ", redirect=">/dev/full"
    ),
    "full standard output, help": Case(
        ("--help",), 3, "The output could not be written: ", redirect=">/dev/full"
    ),
    "full standard error": Case(("generate", "--model", "none"), 2, "", redirect="2>/dev/full"),
    "both full": Case(("models",), 3, "", redirect=">/dev/full 2>&1"),
    "a reader that leaves": Case(("models", "--json"), 0, "", redirect="| head -1"),
    "a reader that leaves the help": Case(("--help",), 0, "", redirect="| head -1"),
    "LANG=C": Case(
        ("generate", "--sandbox", "--model", "6@1", "--prompt", "灯籠が昇る"), 0,
        "1 job queued", sets={"LANG": "C"},
    ),
    "an unknown locale": Case(("models",), 0, "", sets={"LANG": "xx_YY.UTF-8"}),
    "a language that is none": Case(
        ("models",), 0, "", sets={"KLING_DESKTOP_LANGUAGE": "../../etc"}
    ),
    "TERM=dumb": Case(QUEUE, 0, "queued", sets={"TERM": "dumb"}),
    "no D-Bus and no runtime folder": Case(
        QUEUE, 0, "queued", gone=("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")
    ),
    "a prompt that begins with a dash": Case(
        (*QUEUE[:-1], "-slow zoom"), 0, "queued"
    ),
    "an option where a prompt should be": Case((*QUEUE[:-1], "--wait"), 2, "--prompt"),
    "a file name that begins with a dash": Case(
        (*QUEUE, "--first-frame", "-a.png"), 2, "-a.png: "
    ),
    "an empty database": Case(("jobs",), 0, "No jobs yet.\n", prepare=make_empty_database),
    "an empty database, queued into": Case(QUEUE, 0, "queued", prepare=make_empty_database),
    "a database of version 0 that holds something": Case(
        ("jobs",), 3, "The database has no version", prepare=make_foreign_database
    ),
    "the same, queued into": Case(
        QUEUE, 3, "The database has no version", prepare=make_foreign_database
    ),
    "another program's database of our version, listed": Case(
        ("jobs",), 3, "damaged", prepare=make_database_of_another_program
    ),
    "another program's database of our version, its sums": Case(
        ("spending",), 3, "damaged", prepare=make_database_of_another_program
    ),
    "another program's database of our version, queued into": Case(
        QUEUE, 3, "damaged", prepare=make_database_of_another_program
    ),
    "another program's database of our version, checked": Case(
        ("records", "check"), 3, None, out="damaged", prepare=make_database_of_another_program
    ),
    "the window without a display": Case(WINDOW, 3, "There is no display"),
    "the window on a display that is gone": Case(WINDOW, 3, "“:973”", sets={"DISPLAY": ":973"}),
    "the window on Wayland that is gone": Case(
        WINDOW, 3, "“wayland-973”", sets={"WAYLAND_DISPLAY": "wayland-973"}
    ),
    "the window and a left-over QT_QPA_PLATFORM": Case(
        WINDOW, 3, "“nonsense”", sets={"QT_QPA_PLATFORM": "nonsense"}
    ),
    "the window without a display and stream": Case(WINDOW, 3, "", redirect="2>&-"),
}  # fmt: skip


def build_environment(tmp_path: Path, case: Case) -> dict[str, str]:
    environment = {name: text for name, text in os.environ.items() if name not in ALWAYS_GONE}
    environment |= {**environment_of(tmp_path), "NO_PROXY": "*"}
    environment |= {name: text.format(tmp=tmp_path) for name, text in case.sets.items()}
    return {name: text for name, text in environment.items() if name not in case.gone}


@POSIX
@pytest.mark.parametrize("name", CASES)
def test_it_ends_well(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    case.prepare(tmp_path)
    code = tmp_path / "code"
    done = subprocess.run(
        ["bash", "-c", _script(case.redirect), "sh", sys.executable, "-m", "kling_desktop",
         *case.arguments],
        capture_output=True, encoding="utf-8", timeout=LIMIT_S, check=False,
        stdin=subprocess.DEVNULL, cwd=ROOT,
        env={**build_environment(tmp_path, case), "CODE_FILE": str(code)},
    )  # fmt: skip
    assert int(code.read_text()) == case.code, done
    for stream in (done.stdout, done.stderr):
        assert "Traceback" not in stream
        assert "Exception ignored" not in stream
    assert case.out in done.stdout
    if case.err is not None:
        assert (
            done.stderr == case.err
            if case.err in ("", "No jobs yet.\n")
            else (case.err in done.stderr)
        )


def _script(redirect: str) -> str:
    """Run the rest of the arguments with odd streams; the exit code goes into a file."""
    if redirect.startswith("|"):
        return f'( "$@"; echo $? > "$CODE_FILE" ) {redirect}'
    return f'"$@" {redirect}; echo $? > "$CODE_FILE"'


@POSIX
def test_ctrl_c_twice_is_one_sentence(tmp_path: Path) -> None:
    case = Case((), 3, sets={"KLING_DESKTOP_SANDBOX_OPTIONS": "--queue-seconds 30"})
    process = subprocess.Popen(
        [sys.executable, "-m", "kling_desktop", *QUEUE, "--wait"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        stdin=subprocess.DEVNULL, cwd=ROOT, env=build_environment(tmp_path, case),
    )  # fmt: skip
    with process:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert "submitting" in line
        for _ in range(4):
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                time.sleep(0.02)
        _, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 3
    assert "Traceback" not in err
    assert err.count("Stopped.") == 1


@POSIX
def test_ctrl_c_while_it_is_still_starting(tmp_path: Path) -> None:
    for wait_s in (0.05, 0.2, 0.4):
        process = subprocess.Popen(
            [sys.executable, "-m", "kling_desktop", "doctor"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
            stdin=subprocess.DEVNULL, cwd=ROOT,
            env=build_environment(tmp_path, Case((), 3)),
        )  # fmt: skip
        with process:
            time.sleep(wait_s)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=LIMIT_S)
        # Before Python has set up its handler, the signal itself ends the process.
        assert process.returncode in (3, -signal.SIGINT, 1)


@POSIX
def test_standard_input_as_a_batch(tmp_path: Path) -> None:
    for text in ('{"model": "6@1", "prompt": "A boat"}', "model;prompt\n6@1;A boat"):
        done = subprocess.run(
            [sys.executable, "-m", "kling_desktop", "run", "-", "--sandbox"],
            input=text, capture_output=True, encoding="utf-8", timeout=LIMIT_S, check=False,
            cwd=ROOT, env=build_environment(tmp_path, Case((), 0)),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert Path(done.stdout.strip()).is_file()


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1", "utf-8"])
def test_a_printed_path_names_its_file_on_any_stream(tmp_path: Path, encoding: str) -> None:
    case = Case((), 0, sets={"PYTHONIOENCODING": encoding})
    done = subprocess.run(
        [sys.executable, "-m", "kling_desktop", "generate", "--sandbox", "--model", "6@1",
         "--prompt", "灯籠が昇る", "--wait"],
        capture_output=True, timeout=LIMIT_S, check=False, cwd=ROOT,
        env=build_environment(tmp_path, case),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.decode().removesuffix("\n")).is_file()
    assert "灯籠が昇る" in done.stderr.decode()
