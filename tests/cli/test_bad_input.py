"""What bad input gets: a sentence, exit code 2, and not even a data folder."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kling_desktop.cli import draft_builder as requests
from kling_desktop.media.preparing import PreparedPicture, prepare
from tests.cli.conftest import CommandLine, save_picture
from tests.media import pictures

MEBI = 1024 * 1024


def no_picture(path: Path) -> Path:
    path.write_bytes(b"these are only words " * 40)
    return path


def truncated(path: Path) -> Path:
    pictures.save(path, (800, 600))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def renamed_video(path: Path) -> Path:
    path.write_bytes(b"\0\0\0\x20ftypisom" + bytes(600))
    return path


def too_heavy(path: Path) -> Path:
    return pictures.pad(pictures.save(path), 20 * MEBI + 1)


def folder(path: Path) -> Path:
    path.mkdir()
    return path


def bomb(path: Path) -> Path:
    return pictures.png_of_claimed_size(path, 50_000, 50_000)


def too_small(path: Path) -> Path:
    return save_picture(path, (299, 400))


def too_large(path: Path) -> Path:
    return save_picture(path, (2049, 600))


def empty(path: Path) -> Path:
    path.touch()
    return path


def missing(path: Path) -> Path:
    return path


BAD_FILES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "no picture": (no_picture, "not a picture"),
    "truncated": (truncated, "damaged or not complete"),
    "renamed video": (renamed_video, "That’s a video"),
    "20 MB and a byte": (too_heavy, "File too large: 20,971,521 bytes (maximum 20 MB)"),
    "a folder": (folder, "That’s a folder"),
    "a bomb": (bomb, "megapixels"),
    "299 px": (too_small, "Too small: 299 × 400 px (minimum 300 px per side)"),
    "2049 px": (too_large, "Too large: 2049 × 600 px (maximum 2048 px per side)"),
    "empty": (empty, "empty"),
    "missing": (missing, "no such file"),
}


@pytest.mark.parametrize("name", BAD_FILES)
@pytest.mark.parametrize("frame", ["--first-frame", "--last-frame"])
def test_a_bad_file_is_named_and_changes_nothing(
    cli: CommandLine, tmp_path: Path, name: str, frame: str, picture: Path
) -> None:
    make, words = BAD_FILES[name]
    file = make(tmp_path / "bad file 🎈.png")
    first = ["--first-frame", str(picture)] if frame == "--last-frame" else []
    said = cli.run(
        "generate", "--model", "2.1 Pro", "--prompt", "It moves", *first, frame, str(file)
    )
    assert said.code == 2
    assert words in said.err
    assert said.out == ""
    assert "Traceback" not in said.err
    assert not cli.data.exists()
    assert not cli.library.exists()


def test_a_web_address_is_no_file(cli: CommandLine) -> None:
    said = cli.run(
        *("generate", "--model", "2.1 Pro", "--prompt", "It moves"),
        *("--first-frame", "https://example.org/a.png"),
    )
    assert said.code == 2
    assert "web address" in said.err
    assert not cli.data.exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--takes", "0"], "Takes go from 1"),
        (["--takes", "1000"], "Takes go from 1"),
        (["--duration", "7"], "seconds long, not 7"),
        (["--cfg-scale", "1.5"], "Prompt strength"),
        (["--cfg-scale", "nan"], "Prompt strength"),
        (["--width", "1280"], "Width and height go together"),
        (["--width", "1280", "--height", "720", "--aspect", "16:9"], "a size or a shape"),
        (["--width", "1280", "--height", "1"], "does not make"),
        (["--prompt", "x"], "at least 2 characters"),
        (["--prompt", "x" * 2501], "1 character too long"),
        (["--prompt", ""], "Add a picture or write a prompt"),
        (["--prompt", "bad \udcff byte"], "not text"),
        (["--last-frame", "README.md"], "picture"),
        (["--model", "Kling 9"], "2.5 Turbo Pro, 2.5 Turbo Standard"),
        (["--first-frame", "~nobody-of-this-name/a.png"], "no such file"),
        (["--concurrency", "17"], "from 1 to 16"),
        (["--concurrency", "many"], "from 1 to 16"),
        (["--aspect", "4:3"], "invalid choice"),
        (["--duration", "long"], "“long” is no number"),
    ],
    ids=lambda value: " ".join(value)[:30] if isinstance(value, list) else "",
)
def test_a_wrong_option_is_explained(cli: CommandLine, options: list[str], words: str) -> None:
    said = cli.run("generate", "--model", "2.5 Turbo Pro", "--prompt", "A boat", *options)
    assert said.code == 2
    assert words in said.err
    assert not cli.data.exists()


def test_a_shape_is_refused_where_the_frame_decides(cli: CommandLine, picture: Path) -> None:
    said = cli.run(
        *("generate", "--model", "2.5 Turbo Standard", "--prompt", "A boat"),
        *("--first-frame", str(picture), "--aspect", "1:1"),
    )
    assert said.code == 2
    assert "first frame" in said.err


@pytest.mark.parametrize("side", [300, 2048])
def test_the_limits_themselves_are_allowed(cli: CommandLine, tmp_path: Path, side: int) -> None:
    file = save_picture(tmp_path / "edge.png", (side, side))
    cli.queue("--first-frame", str(file))


def test_exactly_20_mb_is_allowed(cli: CommandLine, tmp_path: Path) -> None:
    file = pictures.pad(pictures.save(tmp_path / "heavy.png"), 20 * MEBI)
    cli.queue("--first-frame", str(file))


ODD_FILES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "CMYK": (
        lambda path: save_picture(path.with_suffix(".tiff"), (640, 360), "CMYK"),
        "Converted from CMYK TIFF.",
    ),
    "16-bit": (
        lambda path: pictures.save_png16(path.with_suffix(".png")),
        "Converted from 16-bit PNG.",
    ),
    "animated": (
        lambda path: pictures.save_animation(path.with_suffix(".gif"), 3),
        "Using the first picture of 3.",
    ),
    "turned": (lambda path: pictures.save_turned(path.with_suffix(".jpg"), 6), "Turned upright."),
}


@pytest.mark.parametrize("name", ODD_FILES)
def test_odd_pictures_are_converted(cli: CommandLine, tmp_path: Path, name: str) -> None:
    make, words = ODD_FILES[name]
    file = make(tmp_path / "odd one 🎈")
    said = cli.run(
        *("generate", "--model", "2.1 Pro", "--prompt", "It moves"),
        *("--first-frame", str(file), "--last-frame", str(file)),
    )
    assert said.code == 0, said.err
    assert said.out == "1\n"
    assert said.err.count(f"{file}: {words}") == 1
    (job,) = cli.run("jobs", "--json").json
    kept = Path(job["draft"]["first_frame"]["path"])
    assert kept.is_relative_to(cli.data)
    with Image.open(kept) as image:
        assert image.format in ("JPEG", "PNG", "WEBP")
        assert image.mode in ("RGB", "L")
        assert getattr(image, "n_frames", 1) == 1


@pytest.mark.parametrize(
    ("size", "result"), [((2400, 1350), (2048, 1152)), ((150, 150), (300, 300))]
)
def test_fix_repairs(
    cli: CommandLine, tmp_path: Path, size: tuple[int, int], result: tuple[int, int]
) -> None:
    file = save_picture(tmp_path / "big.png", size)
    refused = cli.run(
        "generate", "--model", "1.6 Pro", "--prompt", "Go on", "--first-frame", str(file)
    )
    assert refused.code == 2
    assert f"With --fix it becomes {result[0]} × {result[1]} px." in refused.err
    cli.queue("--first-frame", str(file), "--fix", model="1.6 Pro")
    (job,) = cli.run("jobs", "--json").json
    frame = job["draft"]["first_frame"]
    assert (frame["width"], frame["height"]) == result
    assert Path(frame["path"]).is_file()


def test_paths_with_spaces_and_relative_ones(
    cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "mes images 🎬"
    home.mkdir()
    save_picture(home / "rue d'été.png")
    save_picture(home / "~tilde.png")
    monkeypatch.chdir(home)
    cli.queue("--first-frame", "rue d'été.png")
    cli.queue("--first-frame", "~tilde.png")
    names = [job["draft"]["first_frame"]["name"] for job in cli.run("jobs", "--json").json]
    assert names == ["rue d'été.png", "~tilde.png"]


BAD_LINES = {
    "no JSON": ("{", "This is not JSON."),
    "no object": ("[1]", "braces"),
    "unknown field": ('{"model": "1.6 Pro", "colour": 1}', "There is no field “colour”."),
    "no model": ('{"prompt": "Go"}', "The model is missing."),
    "unknown model": ('{"model": "Kling 9", "prompt": "Go"}', "There is no model “Kling 9”"),
    "missing picture": ('{"model": "1.6 Pro", "first_frame": "no.png"}', "no such file"),
    "text for a number": (
        '{"model": "2.5 Turbo Pro", "prompt": "Go", "duration": "long"}',
        "“duration” must be a number.",
    ),
    "no takes": ('{"model": "2.5 Turbo Pro", "prompt": "Go", "takes": 0}', "Takes go from 1"),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_line_is_named_and_nothing_is_queued(
    cli: CommandLine, tmp_path: Path, name: str
) -> None:
    bad, words = BAD_LINES[name]
    good = json.dumps({"model": "2.5 Turbo Pro", "prompt": "A boat"})
    batch = tmp_path / "jobs.jsonl"
    batch.write_text(f"{good}\n\n{bad}\n{good}\n", encoding="utf-8")
    said = cli.run("run", str(batch), "--sandbox")
    assert said.code == 2
    assert "Nothing was queued." in said.err
    assert "line 3: " in said.err
    assert words in said.err
    assert not cli.data.exists()


def test_many_bad_lines_are_summed_up(cli: CommandLine, tmp_path: Path) -> None:
    batch = tmp_path / "jobs.csv"
    batch.write_text("model,prompt\n" + "Kling 9,Go\n" * 50)
    said = cli.run("run", str(batch))
    assert said.code == 2
    assert "line 21: " in said.err
    assert "line 22: " not in said.err
    assert "and 30 more" in said.err


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00"], ids=["none", "empty", "no text"])
def test_a_batch_file_that_is_none(cli: CommandLine, tmp_path: Path, content: bytes | None) -> None:
    batch = tmp_path / "jobs.jsonl"
    if content is not None:
        batch.write_bytes(content)
    said = cli.run("run", str(batch))
    assert said.code == 2
    assert said.err.strip()
    assert "Traceback" not in said.err
    assert not cli.data.exists()


def test_a_folder_is_no_batch(cli: CommandLine, tmp_path: Path) -> None:
    said = cli.run("run", str(tmp_path))
    assert said.code == 2
    assert "cannot be read" in said.err


def test_a_picture_that_many_lines_name_is_measured_once(
    cli: CommandLine, tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[Path] = []

    def prepare_and_count(path: Path, *more: Any, **options: Any) -> PreparedPicture:
        measured.append(path)
        return prepare(path, *more, **options)

    monkeypatch.setattr(requests, "prepare", prepare_and_count)
    line = json.dumps({"model": "1.6 Pro", "first_frame": picture.name, "duration": 7})
    batch = tmp_path / "jobs.jsonl"
    batch.write_text(f"{line}\n" * 400)
    said = cli.run("run", str(batch))
    assert said.code == 2
    assert "and 380 more" in said.err
    assert measured == [picture]
