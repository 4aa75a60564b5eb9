"""After a full run nothing that was written or shown holds the key, whole or in a costume."""

import base64
import os
import signal
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from PIL import Image

from tools.sandbox_program import ROOT, running_sandbox

pytestmark = [pytest.mark.once, pytest.mark.conformance]

KEY = "rw-Marked0Key1That2Nobody3May4Read5"
FAULTS = (
    "http_401:submit:2 lost_answer:submit:3 provider_error:accept:2 "
    "truncated:download:1 html_body:poll:2 lost_answer:upload:1"
)
"""Errors are where secrets slip out: one of every kind whose words are kept."""
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads processes as Linux shows them")


def disguises(secret: str) -> Iterator[bytes]:
    """Yield what a careless hand would write in place of the secret, a good half of it too."""
    for text in (secret, secret[: len(secret) // 2], secret[len(secret) // 2 :]):
        yield text.encode()
        yield urllib.parse.quote(text, safe="").encode()
    yield secret.encode("utf-16-le")
    yield secret.encode().hex().encode()
    for before in ("", "x", "xx", "Bearer "):  # base64 differs by where the secret begins
        yield base64.b64encode((before + secret).encode())[4:-4]


def find_leaks(folder: Path, secret: str) -> list[str]:
    """Name the files below a folder, and the file names, that hold the secret in any form."""
    forms = tuple(disguises(secret))
    found: list[str] = []
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        data = name.encode() + (path.read_bytes() if path.is_file() else b"")
        found += [name for form in forms if form in data]
    return found


class Run:
    """The app by command on folders of its own; what it says is kept among the files."""

    def __init__(self, home: Path, **more: str) -> None:
        self.home = home
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("KLING_", "RUNWARE_"))},
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "TMPDIR": str(home / "tmp"),
            "KLING_DESKTOP_DATA_DIR": str(home / "data"),
            "KLING_DESKTOP_LIBRARY_DIR": str(home / "library"),
            "PYTHONFAULTHANDLER": "1",
            **more,
        }
        (home / "tmp").mkdir(parents=True)
        self._said = 0

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        self._said += 1
        with (self.home / f"said-{self._said}.txt").open("wb") as said:
            return subprocess.Popen(
                [sys.executable, "-m", "kling_desktop", *arguments],
                cwd=ROOT,
                env=self.environment,
                stdout=said,
                stderr=said,
            )

    def run(self, *arguments: str) -> int:
        return self.start(*arguments).wait(60)

    def wait_for(self, word: str, limit_s: float = 30.0) -> None:
        """Wait until the app has said a word."""
        until = time.monotonic() + limit_s
        while word not in self.read_all_said():
            assert time.monotonic() < until, self.read_all_said()
            time.sleep(0.05)

    def read_all_said(self) -> str:
        texts = sorted(self.home.glob("said-*.txt"))
        return "\n".join(path.read_text(errors="replace") for path in texts)


def write_batch(folder: Path) -> Path:
    picture = folder / "frame.png"
    Image.effect_noise((640, 400), 80).convert("RGB").save(picture)
    lines = [
        f'{{"model": "2.5 Turbo Pro", "prompt": "Clip {number}", "first_frame": "{picture}"}}'
        if number % 2
        else f'{{"model": "2.5 Turbo Pro", "prompt": "Clip {number}"}}'
        for number in range(6)
    ]
    path = folder / "batch.jsonl"
    path.write_text("\n".join(lines))
    return path


def list_processes() -> Mapping[int, bytes]:
    """Return every process's command line, as anybody on the machine may read it."""
    found: dict[int, bytes] = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found[int(path.parent.name)] = path.read_bytes()
        except OSError:  # it has just ended
            continue
    return found


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    forms = list(disguises(KEY))
    for number, form in enumerate(forms):
        (tmp_path / f"{number}").write_bytes(b"words before " + form + b" and behind")
    assert len(set(find_leaks(tmp_path, KEY))) == len(forms)
    header = base64.b64encode(f"user:{KEY}".encode())
    (tmp_path / "header").write_bytes(header)
    assert "header" in find_leaks(tmp_path, KEY)


@LINUX
def test_a_full_run_writes_and_shows_the_key_nowhere(tmp_path: Path) -> None:
    home = tmp_path / "home"
    options = ("--videos", "plain", "--render-seconds", "12", "--queue-seconds", "0")
    with running_sandbox(
        tmp_path / "service", (*options, "--faults", FAULTS), token=KEY
    ) as service:
        run = Run(home, RUNWARE_API_KEY=KEY, KLING_DESKTOP_BASE_URL=service.url)
        batch = write_batch(tmp_path)
        process = run.start("run", str(batch), "--concurrency", "4")
        run.wait_for("running")
        assert process.pid in list_processes()
        seen = [line for line in list_processes().values() if KEY.encode() in line]
        process.send_signal(signal.SIGABRT)  # a crash, with everything that it prints
        process.wait(30)
        for _ in range(4):  # the refused key pauses the queue; each start tries again
            if run.run("resume", "--concurrency", "4") in (0, 1):
                break
        assert "Fatal Python error: Aborted" in run.read_all_said()
        for command in (
            ("jobs", "--json", "--all"),
            *(("receipt", str(number), "--json") for number in (2, 3)),
            ("receipts", "--csv"),
            ("doctor", "--json"),
        ):
            run.run(*command)
        assert len(service.list_charges()) == len(list((home / "library").rglob("*.mp4"))) == 5
    said = run.read_all_said()
    assert "taskUUID" in said, "the receipts were not shown"
    assert seen == []
    assert find_leaks(home, KEY) == []
    assert find_leaks(tmp_path / "service", KEY) == []


@LINUX
def test_the_sandbox_s_token_is_written_and_shown_nowhere(tmp_path: Path) -> None:
    run = Run(tmp_path / "home", KLING_DESKTOP_SANDBOX_OPTIONS="--speed 60 --videos plain")
    process = run.start(
        "generate", "--sandbox", "--model", "2.5 Turbo Pro", "--prompt", "A boat", "--wait"
    )
    token, lines = "", list[bytes]()
    until = time.monotonic() + 20
    while not token and time.monotonic() < until:
        time.sleep(0.05)
        for pid, line in list_processes().items():
            if b"kling_desktop.sandbox" in line and str(tmp_path).encode() in line:
                token = read_token(pid)
                lines.append(line)
    lines += list_processes().values()
    assert process.wait(60) == 0, run.read_all_said()
    assert len(token) > 20
    assert not [line for line in lines if token.encode() in line]
    assert find_leaks(tmp_path / "home", token) == []


def read_token(pid: int) -> str:
    """Read the token where it is handed over: only the user's own processes may look there."""
    for variable in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
        if variable.startswith(b"KLING_SANDBOX_TOKEN="):
            return variable.partition(b"=")[2].decode()
    return ""
