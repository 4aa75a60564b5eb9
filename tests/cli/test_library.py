"""The library's commands: what is there, what is not, and what comes back from the files."""

import json
import os
import shutil
from pathlib import Path

import pytest

from kling_desktop.cli.program import main
from tests.cli.conftest import CommandLine, environment_of


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one finished practice clip; tests work on copies of it."""
    home = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment_of(home).items():
            patch.setenv(name, value)
        words = ("--model", "6@1", "--prompt", "Lanterns rise")
        assert main(["generate", "--sandbox", *words, "--wait"]) == 0
    return home


@pytest.fixture
def clip(cli: CommandLine, made: Path) -> Path:
    shutil.copytree(made / "data", cli.data)
    shutil.copytree(made / "clips", cli.library)
    (clip,) = cli.library.rglob("*.mp4")
    return clip


def test_nothing_yet(cli: CommandLine) -> None:
    for action in (["list"], ["search", "boat"], ["verify"]):
        said = cli.run("library", *action)
        assert (said.code, said.out) == (0, "")
        assert said.err.startswith("No clips")
    assert cli.run("library", "list", "--json").json == []
    assert not cli.data.exists()


def test_found_by_its_words(cli: CommandLine, clip: Path) -> None:
    (video,) = cli.run("library", "list", "--json").json
    assert Path(video["path"]) == clip
    assert (video["prompt"], video["service"]) == ("Lanterns rise", "sandbox")
    for words in (["lantern"], ["model:2.5", "rise"], ["shape:16:9"]):
        assert cli.run("library", "search", *words, "--json").json == [video]
    said = cli.run("library", "search", "zeppelin")
    assert (said.code, said.out, said.err) == (0, "", "No clips.\n")
    table = cli.run("library", "list").out.splitlines()
    assert table[0].split() == ["ID", "MADE", "MODEL", "FILE", "TITLE"]
    assert "practice" in table[1]


def test_verify_tells_what_is_wrong(cli: CommandLine, clip: Path) -> None:
    fine = cli.run("library", "verify", "--deep")
    assert (fine.code, fine.out) == (0, "")
    assert "1 clip checked" in fine.err

    stray = clip.with_name("holiday.mp4")
    stray.write_bytes(b"not one of ours" * 100)
    with_stray = cli.run("library", "verify", "--json")
    assert with_stray.code == 0
    assert with_stray.json["unknown"] == [
        {"file": f"{clip.parent.name}/holiday.mp4", "bytes": 1500, "has_recipe": False}
    ]

    whole = clip.read_bytes()
    clip.write_bytes(whole[:-1] + b"\0")  # the last byte is of an index that players pass over
    assert cli.run("library", "verify").code == 0  # of the same length: only --deep reads it
    assert cli.run("library", "verify", "--deep").code == 1

    clip.write_bytes(whole + b"\0")
    changed = cli.run("library", "verify", "--json")
    assert changed.code == 1
    assert [each["id"] for each in changed.json["changed"]] == [1]
    assert changed.json["damaged"] == []
    assert cli.run("library", "verify", "--deep").code == 0  # measured anew

    clip.write_bytes(whole[:200])
    damaged = cli.run("library", "verify", "--deep")
    assert damaged.code == 1
    assert damaged.out.split()[:2] == ["damaged", "1"]

    clip.unlink()
    missing = cli.run("library", "verify")
    assert missing.code == 1
    assert missing.out.split()[:2] == ["missing", "1"]
    assert cli.run("library", "list", "--json").json[0]["missing"] is True

    clip.write_bytes(whole + b"\0")
    back = cli.run("library", "verify")
    assert back.code == 0
    assert back.out.split()[:2] == ["back", "1"]
    assert stray.exists()


def test_a_library_that_is_away_makes_nothing_missing(cli: CommandLine, clip: Path) -> None:
    assert cli.run("library", "verify").code == 0
    away = cli.library.rename(cli.library.with_name("unplugged"))
    said = cli.run("library", "verify")
    assert said.code == 3
    assert "library folder is not there" in said.err
    away.rename(cli.library)
    assert cli.run("library", "list", "--json").json[0]["missing"] is False


def test_the_files_alone_are_enough(cli: CommandLine, clip: Path) -> None:
    (before,) = cli.run("library", "list", "--json").json
    shutil.rmtree(cli.data)
    rebuilt = cli.run("library", "rebuild")
    assert rebuilt.code == 0, rebuilt.err
    assert rebuilt.out == f"{clip}\n"
    assert "1 clip added" in rebuilt.err
    (after,) = cli.run("library", "list", "--json").json
    # A file tells when it was made, a row when it had arrived: a moment later.
    assert {**after, "made_at": ""} == {**before, "made_at": ""}
    assert after["made_at"] <= before["made_at"]
    assert cli.run("library", "rebuild", "--json").json == []


def test_a_library_without_its_mark_is_asked_about_and_adopted(
    cli: CommandLine, clip: Path
) -> None:
    mark = cli.library / ".kling-library"
    assert cli.run("library", "verify").code == 0
    mark.unlink()
    for action in ("verify", "rebuild"):
        said = cli.run("library", action)
        assert said.code == 3
        assert "library adopt" in said.err
        assert not mark.exists()
    assert clip.exists()
    adopted = cli.run("library", "adopt")
    assert (adopted.code, mark.is_file()) == (0, True)
    assert cli.run("library", "verify").code == 0


@pytest.mark.usefixtures("clip")
def test_a_place_without_a_folder_is_not_adopted(cli: CommandLine) -> None:
    assert cli.run("library", "verify").code == 0
    shutil.rmtree(cli.library)
    said = cli.run("library", "adopt")
    assert (said.code, cli.library.exists()) == (3, False)
    assert "is not there" in said.err


def test_a_copied_clip_is_a_clip_of_its_own(cli: CommandLine, clip: Path) -> None:
    copy = clip.with_name("copy.mp4")
    shutil.copyfile(clip, copy)
    assert "1 clip added" in cli.run("library", "rebuild").err
    assert "0 clips added" in cli.run("library", "rebuild").err
    verified = cli.run("library", "verify", "--deep", "--json").json
    assert (verified["checked"], verified["unknown"], verified["missing"]) == (2, [], [])
    videos = cli.run("library", "list", "--json").json
    assert {video["path"] for video in videos} == {str(clip), str(copy)}
    assert {video["prompt"] for video in videos} == {"Lanterns rise"}


def test_a_name_that_is_no_text_is_named_and_passed_over(cli: CommandLine, clip: Path) -> None:
    odd = os.fsencode(clip.parent) + b"/caf\xe9.mp4"
    shutil.copyfile(os.fsencode(clip), odd)
    verified = cli.run("library", "verify", "--json").json
    assert verified["not_read"][0]["file"].endswith("caf\\xe9.mp4")
    said = cli.run("library", "verify")
    assert "caf\\xe9.mp4" in said.out
    shutil.rmtree(cli.data)
    assert "1 clip added" in cli.run("library", "rebuild").err


def test_a_move_that_was_broken_off_is_said_and_cleared(cli: CommandLine, clip: Path) -> None:
    assert "No clips lie twice" in cli.run("library", "clear").err
    other = cli.library.with_name("new place")
    shutil.copytree(cli.library, other)
    (other / "mine.mp4").write_bytes(b"only here")
    note = cli.library / ".kling-part" / "library-move.json"
    note.parent.mkdir(exist_ok=True)
    note.write_text(json.dumps({"other": str(other)}), encoding="utf-8")
    said = cli.run("library", "verify")
    assert said.code == 0
    assert "1 clip" in said.err
    assert "library clear" in said.err
    cleared = cli.run("library", "clear")
    assert cleared.code == 0
    assert "1 clip removed" in cleared.err
    assert cleared.out == f"{other / 'mine.mp4'}\n"
    assert clip.exists()
    assert [path.name for path in other.rglob("*.mp4")] == ["mine.mp4"]
    assert "library clear" not in cli.run("library", "verify").err
