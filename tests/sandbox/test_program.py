"""The sandbox as a program: what it prints, how it ends, what it keeps."""

import json
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from kling_desktop.sandbox.fault_names import FAULTS
from kling_desktop.sandbox.program import main

COMMAND = [sys.executable, "-m", "kling_desktop.sandbox", "--videos", "plain"]
ROOT = Path(__file__).parent.parent.parent


def start(*options: str, token: str = "") -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | (
        {"KLING_SANDBOX_TOKEN": token} if token else {}
    )  # fmt: skip
    process = subprocess.Popen(
        [*COMMAND, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def end(process: subprocess.Popen[bytes]) -> int:
    """Close what is open to the process and return its exit code."""
    process.communicate(timeout=20)
    return process.returncode


def ping(url: str, token: str) -> int:
    headers = {"authorization": f"Bearer {token}"}
    body = [{"taskType": "ping", "taskUUID": str(uuid.uuid4())}]
    return httpx.post(url, json=body, headers=headers, trust_env=False).status_code


def test_says_where_it_is_and_ends_with_its_parent(tmp_path: Path) -> None:
    process, said = start("--data-dir", str(tmp_path), "--exit-with-parent")
    assert said["url"].startswith("http://127.0.0.1:")
    assert len(said["token"]) >= 20
    assert ping(said["url"], said["token"]) == 200
    assert ping(said["url"], "wrong") == 401
    assert end(process) == 0


def test_token_from_the_environment_and_orderly_end(tmp_path: Path) -> None:
    process, said = start("--data-dir", str(tmp_path), token="from-outside")
    assert said["token"] == "from-outside"
    assert ping(said["url"], "from-outside") == 200
    process.send_signal(signal.SIGTERM)
    assert end(process) == 0


def test_a_killed_sandbox_remembers(tmp_path: Path) -> None:
    process, said = start("--data-dir", str(tmp_path), "--render-seconds", "9e9")
    task = {
        "taskType": "videoInference", "taskUUID": str(uuid.uuid4()), "model": "klingai:6@1",
        "positivePrompt": "A boat", "duration": 5, "width": 720, "height": 720,
    }  # fmt: skip
    headers = {"authorization": f"Bearer {said['token']}"}
    reply = httpx.post(said["url"], json=[task], headers=headers, trust_env=False)
    assert reply.status_code == 200
    process.kill()
    end(process)
    with (tmp_path / "journal.jsonl").open("a") as journal:
        journal.write('{"kind": "acc')  # a line torn by the kill
    process, said = start("--data-dir", str(tmp_path), "--exit-with-parent")
    headers = {"authorization": f"Bearer {said['token']}"}
    reply = httpx.post(said["url"], json=[task], headers=headers, trust_env=False)
    assert reply.json()["errors"][0]["code"] == "conflictTaskUUID"
    assert end(process) == 0


def test_faults_from_a_file(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text('{"faults": ["http-503:ping"]}')
    process, said = start("--faults", str(plan), "--exit-with-parent")
    assert ping(said["url"], said["token"]) == 503
    assert ping(said["url"], said["token"]) == 200
    assert end(process) == 0


def test_lists_its_faults(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-faults"]) == 0
    told = capsys.readouterr().out
    assert all(name in told for name in FAULTS)


@pytest.mark.parametrize(
    "options", [["--faults", "nonsense"], ["--speed", "0"], ["--renderers", "0"]]
)
def test_wrong_options_are_named(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(options) == 2
    assert options[0] in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit for the size of files")
def test_a_self_test_finds_that_no_video_can_be_made(tmp_path: Path) -> None:
    """The limit stands for whatever keeps the encoder from its work; starting alone goes well."""
    program = (
        "import resource, sys; from kling_desktop.sandbox.program import main;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)); sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", program, "--exit-with-parent", "--data-dir", str(tmp_path)]
    for option, code, words in ([], 0, b""), (["--self-test"], 1, b"cannot make videos"):
        done = subprocess.run([*command, *option], input=b"", capture_output=True, cwd=ROOT)
        assert (done.returncode, words in done.stderr) == (code, True)
        assert b"Traceback" not in done.stderr
        assert len(done.stdout.splitlines()) == (code == 0)
    process, _ = start("--self-test", "--data-dir", str(tmp_path), "--exit-with-parent")
    assert end(process) == 0


def test_tasks_that_it_does_not_know(tmp_path: Path) -> None:
    ask = [{"taskType": "getResponse", "taskUUID": str(uuid.uuid4())}]
    for words, status in ("empty", 200), ("error", 404):
        process, said = start("--unknown-tasks", words, "--exit-with-parent")
        headers = {"authorization": f"Bearer {said['token']}"}
        reply = httpx.post(said["url"], json=ask, headers=headers, trust_env=False)
        assert reply.status_code == status
        assert end(process) == 0
