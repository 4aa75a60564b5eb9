"""The commands that only look."""

import csv
import io
import sqlite3
from contextlib import closing

import pytest

from kling_desktop.domain.catalog import MODELS
from tests.cli.conftest import CommandLine


def test_models(cli: CommandLine) -> None:
    table = cli.run("models").out.splitlines()
    assert len(table) == 1 + len(MODELS)
    told = cli.run("models", "--json").json
    assert [model["id"] for model in told] == [spec.id for spec in MODELS]
    last = {model["name"] for model in told if model["last_frame"]}
    assert last == {"2.1 Pro"}


@pytest.mark.parametrize("command", [["jobs"], ["spending"], ["receipts", "--csv"]])
def test_looking_makes_nothing(cli: CommandLine, command: list[str]) -> None:
    assert cli.run(*command).code == 0
    assert not cli.data.exists()


def test_jobs_in_the_order_of_the_queue(cli: CommandLine) -> None:
    first, second = cli.queue(prompt="A boat"), cli.queue(prompt="A train\x1b[2J")
    lines = cli.run("jobs").out.splitlines()
    assert lines[0].split() == ["ID", "STATE", "WHEN", "MODEL", "COST", "TITLE"]
    assert [line.split()[:2] for line in lines[1:]] == [
        [f"{first}", "queued"],
        [f"{second}", "queued"],
    ]
    assert "\x1b" not in "".join(lines)
    told = cli.run("jobs", "--json").json
    assert told[1]["draft"]["prompt"] == "A train\x1b[2J"


def test_history_is_cut_unless_all_is_wanted(cli: CommandLine) -> None:
    cli.queue("--takes", "4")
    for job_id in range(1, 5):
        cli.run("cancel", f"{job_id}")
    assert len(cli.run("jobs", "--all", "--json").json) == 4


def test_a_receipt(cli: CommandLine) -> None:
    job_id = cli.queue()
    cli.run("cancel", f"{job_id}")
    said = cli.run("receipt", f"{job_id}")
    assert [line.split()[-1] for line in said.out.splitlines()[-2:]] == ["Queued", "Cancelled"]
    told = cli.run("receipt", f"{job_id}", "--json").json
    assert (told["job"], told["state"], told["request"]) == (job_id, "cancelled", None)
    assert [event["to"] for event in told["time_line"]] == ["queued", "cancelled"]
    missing = cli.run("receipt", "99")
    assert (missing.code, missing.err) == (2, "There is no job 99.\n")


def test_all_receipts_as_csv_that_no_spreadsheet_runs(cli: CommandLine) -> None:
    cli.queue(prompt="=HYPERLINK(1)")
    cli.queue(prompt='Two\nlines, "quoted"')
    said = cli.run("receipts", "--csv")
    assert said.err == "2 receipts\n"
    assert said.out.startswith("\ufeff")  # or a spreadsheet takes it for an old code page
    read = list(csv.DictReader(io.StringIO(said.out[1:], newline="")))
    assert [row["job"] for row in read] == ["1", "2"]
    assert read[0]["prompt"] == "'=HYPERLINK(1)"
    assert read[1]["prompt"] == 'Two\nlines, "quoted"'
    assert cli.run("receipts").code == 2


def test_spending_of_nothing(cli: CommandLine) -> None:
    nothing = {"usd": "0", "known": 0, "unknown": 0}
    assert cli.run("spending", "--json").json == {
        "today": nothing,
        "this_month": nothing,
        "by_model": {},
    }
    cli.queue()
    assert cli.run("spending", "--json").json["by_model"] == {}
    assert cli.run("spending").out.split()[:2] == ["today", "$0.00"]


def test_a_job_that_cannot_go_on_is_listed_as_needing_the_user(cli: CommandLine) -> None:
    job_id = cli.queue()
    with closing(sqlite3.connect(cli.data / "kling-desktop.sqlite3")) as database, database:
        database.execute("UPDATE jobs SET holds = 1, held_until = '2026-01-01T00:00:00+00:00'")
    assert "needs you" in cli.run("jobs").out
    (listed,) = cli.run("jobs", "--json").json
    assert listed["held_until"] == "2026-01-01T00:00:00+00:00"
    assert "needs you" in cli.run("receipt", f"{job_id}").out
