"""Queueing, working, cancelling and ordering again by command, against the real sandbox."""

import sqlite3
from pathlib import Path

import pytest

from kling_desktop.domain.catalog import MODELS, ModelSpec, Workflow
from tests.cli.conftest import CommandLine, save_picture


def list_kinds() -> list[tuple[ModelSpec, Workflow]]:
    return [(spec, workflow) for spec in MODELS for workflow in sorted(spec.workflows)]


@pytest.mark.parametrize(
    ("spec", "workflow"), list_kinds(), ids=[f"{s.short_name} {w}" for s, w in list_kinds()]
)
def test_every_model_and_workflow_is_queued(
    cli: CommandLine, picture: Path, spec: ModelSpec, workflow: Workflow
) -> None:
    options = [] if workflow is Workflow.TEXT_TO_VIDEO else ["--first-frame", str(picture)]
    job_id = cli.queue(*options, model=spec.id)
    (job,) = cli.run("jobs", "--json").json
    assert (job["id"], job["state"], job["draft"]["model"]) == (job_id, "queued", spec.id)
    assert (job["draft"]["first_frame"] is None) == (workflow is Workflow.TEXT_TO_VIDEO)


def test_one_clip_from_words_and_pictures_to_its_path(
    cli: CommandLine, picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNWARE_API_KEY", "k3y-that-nobody-may-find")
    last = save_picture(tmp_path / "end.png")
    said = cli.run(
        *("generate", "--sandbox", "--model", "2.1 Pro", "--prompt", "Rain begins"),
        *("--first-frame", str(picture), "--last-frame", str(last), "--wait"),
    )
    assert said.code == 0, said.err
    (line,) = said.out.splitlines()
    clip = Path(line)
    assert clip.is_relative_to(cli.library)
    assert clip.stat().st_size > 1000
    # Everything but the path is on the other stream, and no key was ever missing.
    assert "key" not in said.err
    assert [words.split()[1] for words in said.err.splitlines()] == [
        *("submitting", "running", "downloading", "done"),
    ]
    assert not [path.name for path in cli.library.rglob("*") if path.suffix == ".part"]
    written = [path.read_bytes() for path in cli.data.rglob("*") if path.is_file()]
    assert len(written) > 5
    assert not any(b"k3y-that-nobody-may-find" in data for data in written)


def test_a_whole_csv_is_made(cli: CommandLine, picture: Path, tmp_path: Path) -> None:
    batch = tmp_path / "shots.csv"
    batch.write_bytes(
        "\ufeffmodel,prompt,first_frame,duration,takes,aspect\r\n"
        f'2.5 Turbo Pro,A boat,,5,2,1:1\r\n1.6 Pro,"Go on, on",{picture.name},10,,\r\n'.encode()
    )
    # Starting paused is a wish for the window: whoever types `run` wants work.
    cli.data.mkdir()
    (cli.data / "settings.json").write_text('{"resume_on_start": false}')
    said = cli.run("run", str(batch), "--sandbox", "--concurrency", "3")
    assert said.code == 0, said.err
    paths = [Path(line) for line in said.out.splitlines()]
    assert len(paths) == 3
    assert all(path.is_file() for path in paths)
    assert "3 jobs queued" in said.err
    listed = cli.run("library", "list", "--json").json
    assert sorted(video["path"] for video in listed) == sorted(map(str, paths))
    assert sorted((video["width"], video["height"]) for video in listed)[0] == (720, 720)
    assert {round(video["duration_s"]) for video in listed} == {5, 10}


def test_some_failed_is_exit_code_1(cli: CommandLine) -> None:
    said = cli.run(
        *("generate", "--sandbox", "--model", "2.5 Turbo Pro"),
        *("--prompt", "This one is refused", "--wait"),
    )
    assert said.code == 1
    assert said.out == ""
    assert "failed" in said.err
    again = cli.run("retry", "1")
    assert again.code == 0
    assert "Job 2 is queued; a practice clip costs nothing." in again.out
    jobs = cli.run("jobs", "--json").json
    assert [(job["id"], job["retry_of"], job["service"]) for job in jobs] == [
        *((2, 1, "sandbox"), (1, None, "sandbox")),
    ]


def test_without_a_key_it_is_queued_and_waits_for_a_user(cli: CommandLine) -> None:
    queued = cli.run("generate", "--model", "2.5 Turbo Pro", "--prompt", "A boat")
    assert queued.code == 0
    assert queued.out == "1\n"
    waited = cli.run("generate", "--model", "2.5 Turbo Pro", "--prompt", "A boat", "--wait")
    assert waited.code == 3
    assert "No API key yet." in waited.err
    assert cli.run("resume").code == 3
    assert [job["state"] for job in cli.run("jobs", "--json").json] == ["queued", "queued"]


def test_an_address_that_is_none_queues_nothing(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLING_DESKTOP_BASE_URL", "http://example.org/v1")
    monkeypatch.setenv("RUNWARE_API_KEY", "key-for-nobody")
    said = cli.run("generate", "--model", "2.5 Turbo Pro", "--prompt", "A boat", "--wait")
    assert said.code == 2
    assert "https" in said.err
    assert "key-for-nobody" not in said.err
    assert cli.run("jobs", "--json").json == []


def test_sandbox_options_that_are_none(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLING_DESKTOP_SANDBOX_OPTIONS", "--faults 'never closed")
    said = cli.run("generate", "--sandbox", "--model", "6@1", "--prompt", "A boat")
    assert said.code == 2
    assert "KLING_DESKTOP_SANDBOX_OPTIONS" in said.err
    monkeypatch.setenv("KLING_DESKTOP_SANDBOX_OPTIONS", "--no-such-option")
    said = cli.run("generate", "--sandbox", "--model", "6@1", "--prompt", "A boat", "--wait")
    assert said.code == 3
    assert "The sandbox did not start." in said.err
    assert cli.run("jobs", "--json").json == []


def test_takes_are_jobs(cli: CommandLine) -> None:
    said = cli.run("generate", "--sandbox", "--model", "6@1", "--prompt", "A boat", "--takes", "4")
    assert said.out.split() == ["1", "2", "3", "4"]
    assert len({job["task_id"] for job in cli.run("jobs", "--json").json}) == 4


def test_cancel_before_it_was_sent(cli: CommandLine) -> None:
    job_id = cli.queue()
    said = cli.run("cancel", f"{job_id}")
    assert said.code == 0
    assert "nothing was charged" in said.out
    assert cli.run("jobs", "--json").json[0]["state"] == "cancelled"
    again = cli.run("cancel", f"{job_id}")
    assert again.code == 2
    assert "already ended: cancelled" in again.err


def test_retry_of_one_that_has_not_ended(cli: CommandLine) -> None:
    said = cli.run("retry", f"{cli.queue()}")
    assert said.code == 2
    assert "has not ended: queued" in said.err


@pytest.mark.parametrize("command", ["cancel", "retry"])
def test_a_job_that_is_not_there(cli: CommandLine, command: str) -> None:
    said = cli.run(command, "7")
    assert (said.code, said.err) == (2, "There is no job 7.\n")
    assert not cli.data.exists()
    cli.queue()
    assert cli.run(command, "7").err == "There is no job 7.\n"
    for wrong in ("seven", "-1", "9" * 30, "٣"):
        said = cli.run(command, wrong)
        assert said.code == 2
        assert "Traceback" not in said.err


def test_an_empty_queue_is_soon_done(cli: CommandLine) -> None:
    said = cli.run("resume")
    assert (said.code, said.err) == (0, "The queue is empty.\n")
    assert not cli.data.exists()


def test_resume_says_where_the_jobs_are(cli: CommandLine) -> None:
    cli.queue()
    said = cli.run("resume")
    assert said.code == 0
    assert "“resume --sandbox” continues with 1 job" in said.err


def test_resume_ends_a_pause_and_run_respects_it(cli: CommandLine, tmp_path: Path) -> None:
    cli.queue()
    settings = cli.data / "settings.json"
    settings.write_text('{"queue_paused": true, "service": "sandbox"}')
    batch = tmp_path / "jobs.jsonl"
    batch.write_text('{"model": "6@1", "prompt": "A boat"}')
    held = cli.run("run", str(batch))
    assert held.code == 3
    assert "The queue is paused." in held.err
    done = cli.run("resume")
    assert done.code == 0, done.err
    assert len(done.out.splitlines()) == 2


def test_a_library_without_its_mark_waits_for_the_user(cli: CommandLine) -> None:
    cli.queue()
    (cli.library / ".kling-library").unlink()
    said = cli.run("resume", "--sandbox")
    assert said.code == 3
    # Said once, though the folder is looked for again when the queue starts.
    assert said.err.count("The library folder has lost its mark") == 1
    assert said.err.count("“library adopt”") == 1
    assert cli.run("jobs", "--json").json[0]["state"] in ("queued", "downloading")


def test_all_of_a_batch_is_one_transaction(cli: CommandLine, tmp_path: Path) -> None:
    batch = tmp_path / "jobs.jsonl"
    batch.write_text('{"model": "6@1", "prompt": "A boat"}\n' * 30)
    assert cli.run("run", str(batch)).code == 3  # no key
    with sqlite3.connect(cli.data / "kling-desktop.sqlite3") as database:
        moments = database.execute("SELECT count(DISTINCT created_at), count(*) FROM jobs")
        assert moments.fetchone() == (1, 30)
    database.close()
