"""The program as a whole: its help, its exit codes, and what it loads."""

import asyncio
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kling_desktop.cli.exit_codes import ExitCode
from kling_desktop.storage.database import database_lifecycle
from kling_desktop.storage.database.database import Database
from kling_desktop.storage.database.owner_lock import OwnerLock
from tests.cli.conftest import CommandLine

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = (
    *("generate", "run", "resume", "jobs", "cancel", "retry", "receipt", "receipts", "spending"),
    *("models", "library", "sandbox", "doctor"),
)


class ImpatientLock(OwnerLock):
    """Does not wait the moment that a start gives a process that is just ending."""

    def acquire(self, wait_s: float) -> None:
        super().acquire(0)


@pytest.fixture
def running_app(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody else owns the data folder."""
    monkeypatch.setattr(database_lifecycle, "OwnerLock", ImpatientLock)
    cli.data.mkdir(exist_ok=True)
    lock = OwnerLock(cli.data / "kling-desktop.sqlite3.lock")
    lock.acquire(0)
    yield
    lock.release()


def test_help_lists_every_command_and_the_exit_codes(cli: CommandLine) -> None:
    said = cli.run("--help")
    assert said.code == 0
    for command in COMMANDS:
        assert re.search(rf"^    {command} ", said.out, re.MULTILINE), command
    assert "0 all done, 1 some failed, 2 wrong use, 3 waiting" in said.out


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "sandbox"])
def test_every_command_has_its_help(cli: CommandLine, command: str) -> None:
    assert cli.run(command, "--help").code == 0


def test_the_readme_tells_commands_codes_and_variables() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in COMMANDS:
        assert f"`{command}" in readme or f" {command} " in readme, command
    for code in ExitCode:
        assert f"{code.value} " in readme
    for variable in ("DATA_DIR", "LIBRARY_DIR", "BASE_URL", "SANDBOX_OPTIONS"):
        assert f"`KLING_DESKTOP_{variable}`" in readme


def test_no_command_is_wrong_use(cli: CommandLine) -> None:
    assert cli.run("paint").code == 2
    assert cli.run("--verbose").code == 2


@pytest.mark.usefixtures("running_app")
def test_beside_a_running_app_one_can_look_and_nothing_else(
    cli: CommandLine, tmp_path: Path
) -> None:
    batch = tmp_path / "jobs.jsonl"
    batch.write_text('{"model": "6@1", "prompt": "A boat"}')
    (cli.data / "kling-desktop.sqlite3").touch()
    for command in (
        ["generate", "--model", "6@1", "--prompt", "A boat"],
        ["run", str(batch)],
        *(["resume"], ["cancel", "1"], ["retry", "1"]),
        *(["library", "verify"], ["library", "rebuild"]),
    ):
        said = cli.run(*command)
        assert said.code == 3, command
        assert said.err == "Kling Desktop is already running with this data folder.\n"


def test_looking_works_beside_a_running_app(cli: CommandLine) -> None:
    cli.queue()
    lock = OwnerLock(cli.data / "kling-desktop.sqlite3.lock")
    lock.acquire(0)
    try:
        for command in (
            *(["jobs"], ["models"], ["library", "list"], ["library", "search", "boat"]),
            *(["receipt", "1"], ["receipts", "--csv"], ["spending"]),
        ):
            assert cli.run(*command).code == 0, command
    finally:
        lock.release()


def test_a_damaged_database_offers_its_copies(cli: CommandLine) -> None:
    cli.queue()
    database = cli.data / "kling-desktop.sqlite3"
    database.write_bytes(b"no database at all" * 1000)
    said = cli.run("resume")
    assert said.code == 3
    assert "The database is damaged." in said.err
    (backup,) = (cli.data / "backups").iterdir()
    assert str(backup) in said.err


def test_a_newer_database_is_left_alone(cli: CommandLine) -> None:
    async def make() -> None:
        path = cli.data / "kling-desktop.sqlite3"
        database = await Database.open(path, now=lambda: datetime.now(UTC))
        await database.write(lambda connection: None)
        await database.close()

    asyncio.run(make())
    path = cli.data / "kling-desktop.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    for command in (["resume"], ["jobs"]):
        said = cli.run(*command)
        assert said.code == 3
        assert "newer version" in said.err
    assert path.read_bytes() == before


def test_a_data_folder_that_cannot_be(cli: CommandLine) -> None:
    cli.data.write_text("a file is in the way")
    said = cli.run("generate", "--model", "6@1", "--prompt", "A boat")
    assert said.code == 3
    assert said.err.strip()
    assert "Traceback" not in said.err


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return done.stdout


@pytest.mark.conformance
@pytest.mark.parametrize("arguments", [["models"], ["models", "--json"]])
def test_models_answers_without_loading_much(cli: CommandLine, arguments: list[str]) -> None:
    loaded = run_python(
        "import sys\nfrom kling_desktop.cli.program import main\n"
        f"assert main({arguments}) == 0\n"
        "print('LOADED', *sys.modules)"
    )
    names = loaded.split("LOADED ")[1].split()
    for heavy in ("PySide6", "av", "PIL", "httpx", "keyring", "numpy", "sqlite3", "starlette"):
        assert heavy not in names
    assert "kling_desktop.engine.engine" not in names


@pytest.mark.conformance
def test_jobs_opens_neither_videos_nor_the_network() -> None:
    names = (
        run_python(
            "import sys\nfrom kling_desktop.cli.program import main\n"
            "assert main(['jobs', '--json']) == 0\nprint('LOADED', *sys.modules)"
        )
        .split("LOADED ")[1]
        .split()
    )
    for heavy in ("PySide6", "av", "PIL", "httpx", "kling_desktop.engine.engine"):
        assert heavy not in names
