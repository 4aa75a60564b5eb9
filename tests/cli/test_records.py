"""Lost records are never called an empty queue, and a copy brings them back."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kling_desktop.cli.program import main
from tests.cli.conftest import CommandLine, environment_of

CLIP = ["generate", "--sandbox", "--model", "6@1", "--prompt", "Lanterns rise", "--wait"]
QUEUED = ["generate", "--sandbox", "--model", "6@1", "--prompt", "A boat"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one finished clip, one waiting one, and a copy of the records."""
    home = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment_of(home).items():
            patch.setenv(name, value)
        assert main(CLIP) == 0
        assert main(QUEUED) == 0
    return home


@pytest.fixture
def database(cli: CommandLine, made: Path) -> Path:
    shutil.copytree(made / "data", cli.data)
    shutil.copytree(made / "clips", cli.library)
    return cli.data / "kling-desktop.sqlite3"


LOOKING = (
    *(["jobs"], ["jobs", "--json"], ["spending"], ["receipts", "--csv"], ["receipt", "1"]),
    *(["library", "list"], ["library", "search", "boat"]),
)
WORKING = (["resume"], ["cancel", "2"], ["retry", "1"], ["library", "verify"], QUEUED)


@pytest.mark.parametrize("command", [*LOOKING, *WORKING, ["records", "check"]], ids=" ".join)
def test_a_database_that_is_gone_is_said(
    cli: CommandLine, database: Path, command: list[str]
) -> None:
    database.unlink()
    said = cli.run(*command)
    assert said.code == 3
    assert "“records restore”" in said.err
    assert "empty" not in said.err + said.out
    assert not database.exists()


def test_the_journal_alone_is_enough_to_say_so(cli: CommandLine, database: Path) -> None:
    database.unlink()
    shutil.rmtree(cli.data / "backups")
    task = '{"task": "24cd5dff-cb81-4b1e-9b33-6ac5a1f8f9d1", "service": "runware"}\n'
    journal = database.with_name(database.name + ".sent")
    journal.write_text(task)
    assert cli.run("resume").code in (0, 3)  # a line that is none names no task
    shutil.copytree(cli.data, cli.data.with_name("before"))
    journal.unlink()
    assert cli.run("resume").err == "The queue is empty.\n"


def test_doctor_says_it_too(cli: CommandLine, database: Path) -> None:
    database.unlink()
    said = cli.run("doctor", "--json")
    (found,) = [each for each in said.json if each["subject"] == "database"]
    assert said.code == 1
    assert (found["health"], "copies" in found["words"] or "copy" in found["words"]) == (
        "broken",
        True,
    )


def test_check_of_sound_and_of_no_records(cli: CommandLine) -> None:
    nothing = cli.run("records", "check", "--json")
    assert (nothing.code, nothing.json) == (0, {"state": "none", "copies": []})
    assert not cli.data.exists()
    cli.queue()
    sound = cli.run("records", "check", "--json")
    assert (sound.code, sound.json["state"]) == (0, "sound")
    assert [Path(copy["path"]).is_file() for copy in sound.json["copies"]] == [True]


def test_sound_records_are_not_replaced(cli: CommandLine, database: Path) -> None:
    before = database.read_bytes()
    for options in ([], ["--new"]):
        said = cli.run("records", "restore", *options)
        assert said.code == 2
        assert "Nothing was changed" in said.err
    assert database.read_bytes() == before


@pytest.mark.parametrize("harm", ["gone", "damaged", "another program’s"])
def test_the_newest_copy_takes_their_place(cli: CommandLine, database: Path, harm: str) -> None:
    jobs = cli.run("jobs", "--json").json
    database.unlink()
    if harm == "damaged":
        database.write_bytes(b"no database at all" * 1000)
    elif harm == "another program’s":
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("CREATE TABLE jobs (id INTEGER)")
    assert cli.run("records", "check").code == 3
    said = cli.run("records", "restore")
    assert said.code == 0, said.err
    assert "The records are sound again." in said.out
    assert ("kept as" in said.err) == (harm != "gone")
    assert cli.run("records", "check").code == 0
    restored = cli.run("jobs", "--json").json
    assert {job["task_id"] for job in restored} <= {job["task_id"] for job in jobs}
    (clip,) = cli.run("library", "list", "--json").json
    assert Path(clip["path"]).is_file()


def test_new_records_are_made_from_the_clips(cli: CommandLine, database: Path) -> None:
    database.write_bytes(b"no database at all" * 1000)
    shutil.rmtree(cli.data / "backups")
    without_copy = cli.run("records", "restore")
    assert without_copy.code == 2
    assert "--new" in without_copy.err
    said = cli.run("records", "restore", "--new")
    assert said.code == 0, said.err
    assert "1 clip was added from its file." in said.out
    (clip,) = cli.run("library", "list", "--json").json
    assert clip["prompt"] == "Lanterns rise"


def test_a_copy_that_is_none_changes_nothing(
    cli: CommandLine, database: Path, tmp_path: Path
) -> None:
    database.unlink()
    no_copy = tmp_path / "copy.db"
    no_copy.write_bytes(b"no database")
    said = cli.run("records", "restore", "--copy", str(no_copy))
    assert said.code == 3
    assert not database.exists()
    missing = cli.run("records", "restore", "--copy", str(tmp_path / "no.db"))
    assert missing.code == 3
    both = cli.run("records", "restore", "--new", "--copy", str(no_copy))
    assert both.code == 2


def test_practice_costs_nothing_for_scripts_either(cli: CommandLine, database: Path) -> None:
    (_, job) = sorted(cli.run("jobs", "--json").json, key=lambda job: -job["id"])
    (clip,) = cli.run("library", "list", "--json").json
    receipt = cli.run("receipt", f"{job['id']}", "--json").json
    assert job["state"] == "done"
    for each in (job, clip, receipt):
        assert (each["practice"], each["cost_usd"]) == (True, None)
    assert "cost" not in "".join(name for event in receipt["time_line"] for name in event["facts"])
    told = cli.run("receipt", f"{job['id']}").out
    assert "$" not in told
    assert "practice" in told
    assert cli.run("spending", "--json").json["by_model"] == {}
