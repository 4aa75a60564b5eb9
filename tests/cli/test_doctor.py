"""What the doctor finds on a healthy machine and on an ill one."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import CommandLine, environment_of

ROOT = Path(__file__).resolve().parents[2]


def examine(cli: CommandLine, *options: str) -> tuple[int, dict[str, Any]]:
    said = cli.run("doctor", "--json", *options)
    return said.code, {finding["subject"]: finding for finding in said.json}


def test_a_machine_without_key_and_display_is_fine(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    code, found = examine(cli, "--decode")
    assert code == 0, found
    healths = {subject: finding["health"] for subject, finding in found.items()}
    assert healths["sandbox"] == healths["Qt"] == healths["videos"] == "ok"
    assert healths["display"] == healths["API key"] == healths["service"] == "absent"
    assert not cli.data.exists()


@pytest.mark.conformance
def test_nothing_but_the_report_is_printed(tmp_path: Path) -> None:
    environment = {**os.environ, **environment_of(tmp_path), "RUNWARE_API_KEY": ""}
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_LOGGING_RULES"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-m", "kling_desktop", "doctor", "--decode"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
    )
    assert done.returncode == 0, done.stdout
    assert done.stderr == ""  # Qt has much to say about sound
    words = {line.split()[1]: line.split()[0] for line in done.stdout.splitlines()[1:]}
    assert words["sandbox"] == words["Qt"] == words["videos"] == "ok"
    assert words["display"] == words["API"] == words["service"] == "–"
    assert not (tmp_path / "data").exists()


def test_what_is_broken_is_exit_code_1(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.queue()
    (cli.data / "kling-desktop.sqlite3").write_bytes(b"no database" * 1000)
    (cli.library / ".kling-library").unlink()
    monkeypatch.setenv("KLING_DESKTOP_BASE_URL", "ftp://example.org")
    code, found = examine(cli)
    assert code == 1
    broken = {subject for subject, finding in found.items() if finding["health"] == "broken"}
    assert broken == {"database", "library folder", "service"}
    assert "1 sound copy" in found["database"]["words"]


def test_a_file_in_the_place_of_the_data_folder(cli: CommandLine) -> None:
    cli.data.write_text("in the way")
    code, found = examine(cli)
    assert code == 1
    assert found["data folder"]["health"] == "broken"


def test_a_service_that_is_away_and_a_key_that_is_not_shown(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLING_DESKTOP_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("RUNWARE_API_KEY", "k3y-that-nobody-may-see")
    said = cli.run("doctor", "--json")
    found = {finding["subject"]: finding for finding in said.json}
    assert said.code == 0
    assert found["API key"]["words"] == "found in the environment"
    assert "cannot be reached" in found["service"]["words"]
    assert "k3y-that-nobody-may-see" not in said.out + said.err
