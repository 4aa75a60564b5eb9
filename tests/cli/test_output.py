"""The standard streams of a command: missing, full, closed, with a small encoding."""

import errno
import io
import json
import os
import sys
from pathlib import Path

import pytest

from kling_desktop.cli.console import Console
from kling_desktop.cli.output import Output, prepare_streams
from tests.cli.conftest import CommandLine


class Full(io.StringIO):
    """A stream on a disk without room."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class Left(io.StringIO):
    """A pipe whose reader has gone."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def test_a_full_stream_is_a_problem_that_is_kept_and_not_tried_again() -> None:
    output = Output(Full())
    output.write("one")
    output.write("two")
    assert output.problem is not None
    assert output.problem.errno == errno.ENOSPC


def test_a_reader_that_has_left_is_none() -> None:
    output = Output(Left())
    output.write("one")
    output.write("two")
    assert output.problem is None


def test_a_stream_that_is_missing_or_closed_takes_everything() -> None:
    closed = io.StringIO()
    closed.close()
    for output in (Output(None), Output(closed)):
        output.write("words")
        assert output.problem is None
        assert not output.is_terminal
        assert output.find_size() is None


def test_a_command_without_streams_works(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """As under pythonw, where there are none."""
    from kling_desktop.cli.program import main

    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["models"]) == 0
    assert main(["--help"]) == 0
    assert main(["generate"]) == 2
    assert main(["generate", "--model", "none"]) == 2
    assert main(["run", "-"]) == 2
    assert main(["generate", "--sandbox", "--model", "6@1", "--prompt", "A boat"]) == 0


def test_an_output_without_room_is_one_sentence(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from kling_desktop.cli.program import main

    for command in (["models"], ["--help"], ["models", "--json"], ["receipts", "--csv"]):
        monkeypatch.setattr(sys, "stdout", Full())
        assert main(command) == 3
        assert "The output could not be written: " in capsys.readouterr().err


def open_stream(encoding: str) -> tuple[io.TextIOWrapper, io.BytesIO]:
    raw = io.BytesIO()
    return io.TextIOWrapper(raw, encoding=encoding), raw


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1", "utf-8", "utf-16"])
def test_a_pipe_is_utf_8_and_gives_odd_names_back(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    stream, raw = open_stream(encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    prepare_streams()
    path = os.fsdecode(b"/clips/caf\xe9/") + "灯籠.mp4"
    Console().print_result(path)
    assert os.fsdecode(raw.getvalue().replace(os.linesep.encode(), b"")) == path


def test_half_a_character_that_is_no_byte_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    stream, raw = open_stream("ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    prepare_streams()
    Console().print_result("a\ud800b\udce9c")
    assert raw.getvalue().split() == [b"a\\ud800b\xe9c"]


def test_json_stays_json_whatever_a_name_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    stream, raw = open_stream("cp1252")
    monkeypatch.setattr(sys, "stdout", stream)
    prepare_streams()
    value = {"path": os.fsdecode(b"/caf\xe9"), "title": "灯籠\ud800"}
    Console().print_json(value)
    assert json.loads(raw.getvalue().decode("utf-8")) == value


def test_a_picture_whose_name_is_no_utf_8(cli: CommandLine, picture: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(picture.parent) + b"/caf\xe9.png"))
    try:
        odd.write_bytes(picture.read_bytes())
    except OSError:
        pytest.skip("this file system takes UTF-8 names alone")
    cli.queue("--first-frame", str(odd))
    batch = picture.parent / "jobs.jsonl"
    batch.write_text(json.dumps({"model": "1.6 Pro", "first_frame": odd.name}))
    assert cli.run("run", str(batch)).code == 3  # no key: it is queued and waits
    frames = [job["draft"]["first_frame"] for job in cli.run("jobs", "--json").json]
    assert len(frames) == 2
    for frame in frames:
        assert Path(frame["path"]).read_bytes() == picture.read_bytes()
    bad = picture.parent / os.fsdecode(b"no\xe9.png")
    said = cli.run("generate", "--model", "1.6 Pro", "--first-frame", str(bad))
    assert said.code == 2
    assert "Traceback" not in said.err


def test_values_may_begin_with_a_dash(cli: CommandLine) -> None:
    cli.queue(prompt="-slow zoom")
    cli.queue("--negative-prompt", "-blur -noise", prompt="--wait for it")
    prompts = [job["draft"]["prompt"] for job in cli.run("jobs", "--json").json]
    assert prompts == ["-slow zoom", "--wait for it"]
    missing = cli.run("generate", "--model", "6@1", "--prompt", "--sandbox")
    assert missing.code == 2
    assert "--prompt" in missing.err
    assert cli.run("generate", "--mod", "6@1", "--prompt", "A boat").code == 2


def test_a_home_that_nobody_knows_is_one_sentence(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No HOME, and no entry in the list of users, as in some containers."""
    pwd = pytest.importorskip("pwd")

    def find_nobody(_user: int) -> object:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr(pwd, "getpwuid", find_nobody)
    for name in ("HOME", "USERPROFILE", "KLING_DESKTOP_DATA_DIR", "KLING_DESKTOP_LIBRARY_DIR"):
        monkeypatch.delenv(name, raising=False)
    for command in (["jobs"], ["doctor"], ["generate", "--model", "6@1", "--prompt", "A boat"]):
        said = cli.run(*command)
        assert said.code == 3
        assert said.err.startswith("There is no home folder")
        assert said.err.count("\n") == 1
    monkeypatch.setenv("KLING_DESKTOP_DATA_DIR", str(cli.data))
    assert cli.run("jobs").code == 0


def test_no_folder_for_temporary_files_is_one_sentence(
    cli: CommandLine, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(picture.parent / "gone"))
    said = cli.run("generate", "--model", "1.6 Pro", "--first-frame", str(picture))
    assert said.code == 3
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err
    cli.queue()  # words alone need none
