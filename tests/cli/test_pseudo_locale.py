"""Every word that the command line prints is marked for translation, whatever is typed.

In the pseudo-locale each translated sentence stands in brackets.  What is left outside of them must
be what no translator touches: commands and options, names and prompts of the user, codes, paths,
figures.
"""

import io
import json
import re
import shutil
import sqlite3
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing, redirect_stdout, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from kling_desktop.cli import option_parser
from kling_desktop.cli.arguments import build_parser
from kling_desktop.cli.program import main
from kling_desktop.wording.command_line import ARGPARSE_SENTENCES
from kling_desktop.wording.translation import PSEUDO, set_language
from tests.cli.conftest import CommandLine, Said, environment_of, save_picture
from tests.media import pictures


def list_commands(*above: str) -> list[list[str]]:
    """List every subcommand and action by what the help itself says."""
    help_of = io.StringIO()
    with redirect_stdout(help_of), suppress(SystemExit):
        build_parser().parse_args([*above, "--help"])
    names = re.findall(r"^    ([a-z]+)(?=\s)", help_of.getvalue(), re.MULTILINE)
    commands = [[*above, name] for name in names if name != "sandbox"]
    return [*commands, *(deeper for command in commands for deeper in list_commands(*command))]


COMMANDS = list_commands()
PROMPT = "Lanterns rise"
GRAMMAR = {"sandbox", *(name for command in COMMANDS for name in command)}
DATA = re.compile(
    r"^\((?!⟦).*\)$"  # the system's own words
    r"|/[^\s,:]+"  # paths
    r"|--?[a-z][a-z-]*"  # options
    r"|\{[^{}]*\}"  # choices of a subcommand
    r"|kling-desktop( [a-z]+)*"
    r"|klingai:\d+@\d+|\d[\d.]* (Turbo )?(Pro|Standard|Master)"
    r"|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}"
    r"|\d\d\d\d-\d\d-\d\dT?[ \d:.+-]*"
    r"|\d+p|\d+x\d+",
    re.MULTILINE,
)
NAMES = (
    PROMPT,
    "seven",
    "paint",
    "more",
    "A boat",
    "It is refused",
    "Runware",
    "sha256",
    "USD",
    "PNG",
    "PySide6",
    "mp4",
)


def strip_marked(text: str) -> str:
    """Return what stands outside of all brackets; a sentence may hold another one."""
    outside: list[str] = []
    depth = 0
    for letter in text:
        depth += letter == "⟦"
        if not depth:
            outside.append(letter)
        depth -= letter == "⟧"
    assert not depth, text
    return "".join(outside)


def find_unmarked(text: str, *allowed: str) -> list[str]:
    """List the words outside of all brackets that are neither data nor grammar."""
    rest = strip_marked(text)
    for name in sorted((*allowed, *NAMES), key=len, reverse=True):
        rest = rest.replace(name, " ")
    words = DATA.sub(" ", rest).split()
    return [word for word in words if any(unicodedata.category(c)[0] == "L" for c in word)]


def check(said: Said, *allowed: str, code: int | None = None) -> Said:
    """Expect no unmarked word on either stream; a result that is JSON is for machines."""
    assert code is None or said.code == code, said
    assert find_unmarked(said.err, *allowed) == [], said.err
    try:
        json.loads(said.out)
    except ValueError:
        assert find_unmarked(said.out, *allowed) == [], said.out
    return said


@pytest.fixture
def pseudo(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    monkeypatch.setenv("KLING_DESKTOP_LANGUAGE", PSEUDO)
    yield cli
    set_language("")


def test_the_commands_are_found() -> None:
    assert ["generate"] in COMMANDS
    assert ["library", "rebuild"] in COMMANDS
    assert len(COMMANDS) >= 20


def test_the_check_sees_a_word_that_is_not_marked() -> None:
    assert find_unmarked("⟦Ñöţ ⟦ĥéŕé⟧ ⟧ 5 /tmp/x --wait") == []
    assert find_unmarked("⟦Ñöţ⟧ here") == ["here"]


@pytest.mark.parametrize("command", [[], *COMMANDS], ids=" ".join)
def test_help(pseudo: CommandLine, command: list[str]) -> None:
    said = check(pseudo.run(*command, "--help"), *GRAMMAR, code=0)
    assert "⟦" in said.out


WRONG = (
    *([], ["paint"], ["--verbose"], ["generate"], ["library"], ["library", "paint"]),
    ["generate", "--model"],
    ["generate", "--model", "6@1", "more"],
    ["generate", "--model", "6@1", "--wait=yes"],
    *(["jobs", "--jso"], ["receipts"], ["cancel", "seven"], ["cancel"]),
    *(["resume", "--concurrency", "17"], ["library", "search"]),
    ["generate", "--model", "6@1", "--duration", "long"],
    ["generate", "--model", "6@1", "--cfg-scale", "long"],
    ["generate", "--model", "6@1", "--aspect", "4:3"],
    ["records", "restore", "--new", "--copy", "x"],
)


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_what_the_grammar_refuses(pseudo: CommandLine, arguments: list[str]) -> None:
    check(pseudo.run(*arguments), *GRAMMAR, code=2)


def test_what_argparse_says_is_there_for_translators(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def note(message: str, *_more: object) -> str:
        asked.append(message)
        return message

    # Where argparse gets its functions from, and nowhere else: modules that are imported meanwhile
    # must find the real ones.
    monkeypatch.setattr(option_parser, "translation", SimpleNamespace(_=note, ngettext=note))
    cli.run("--help")
    for arguments in WRONG:
        cli.run(*arguments)
    assert {words for words in asked if words not in ARGPARSE_SENTENCES} == set()


def no_picture(folder: Path) -> list[str]:
    path = folder / "bad.png"
    path.write_bytes(b"these are only words " * 40)
    return ["--first-frame", str(path)]


def large(folder: Path) -> list[str]:
    return ["--first-frame", str(save_picture(folder / "large.png", (2400, 1350)))]


def heavy(folder: Path) -> list[str]:
    path = pictures.pad(pictures.save(folder / "heavy.png"), 20 * 1024 * 1024 + 1)
    return ["--first-frame", str(path)]


BAD_OPTIONS: dict[str, Callable[[Path], list[str]]] = {
    "no model": lambda _: ["--model", "Kling 9"],
    "takes": lambda _: ["--takes", "0"],
    "duration": lambda _: ["--duration", "7"],
    "strength": lambda _: ["--cfg-scale", "1.5"],
    "no height": lambda _: ["--width", "1280"],
    "size and shape": lambda _: ["--width", "1280", "--height", "720", "--aspect", "16:9"],
    "size": lambda _: ["--width", "1280", "--height", "1"],
    "short": lambda _: ["--prompt", "x"],
    "long": lambda _: ["--prompt", "x" * 2600],
    "nothing": lambda _: ["--prompt", ""],
    "no text": lambda _: ["--prompt", "bad \udcff byte"],
    "last frame": lambda folder: ["--last-frame", str(save_picture(folder / "a.png"))],
    "web": lambda _: ["--first-frame", "https://example.org/a.png"],
    "shape of the frame": lambda _: ["--model", "2.5 Turbo Standard", "--aspect", "1:1"],
    "first frame needed": lambda _: ["--model", "1.6 Pro"],
    "missing": lambda folder: ["--first-frame", str(folder / "no.png")],
    "no picture": no_picture,
    "large": large,
    "heavy": heavy,
}


@pytest.mark.parametrize("name", BAD_OPTIONS)
def test_what_cannot_be_made(pseudo: CommandLine, tmp_path: Path, name: str) -> None:
    options = BAD_OPTIONS[name](tmp_path)
    check(
        pseudo.run("generate", "--model", "2.5 Turbo Pro", "--prompt", "A boat", *options), code=2
    )


def test_pictures_that_are_converted(pseudo: CommandLine, tmp_path: Path) -> None:
    files = (
        save_picture(tmp_path / "cmyk.tiff", (640, 360), "CMYK"),
        pictures.save_animation(tmp_path / "moving.gif", 3),
        pictures.save_turned(tmp_path / "turned.jpg", 6),
        save_picture(tmp_path / "clear.png", (640, 360), "RGBA"),
    )
    for file in files:
        command = ["generate", "--model", "1.6 Pro", "--first-frame", str(file)]
        check(pseudo.run(*command), code=0)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", ""),
        ("a.jsonl", '{\n[1]\n{"model": 7}\n{"model": "6@1", "colour": 1}\n{"prompt": "Go"}'),
        ("a.jsonl", '{"model": "6@1", "takes": "x"}\n{"model": "6@1", "takes": 1.5}'),
        ("a.jsonl", '{"model": "6@1", "prompt": "Go", "takes": 0}\n' * 30),
        ("a.csv", "model,colour\n6@1,red"),
        ("a.csv", "model,model\n6@1,6@1"),
        ("a.csv", 'model,prompt\n6@1,a,b\n"'),
        ("a.csv", 'model\n"6@1'),
        ("none.csv", None),
    ],
)
def test_batches_that_are_refused(
    pseudo: CommandLine, tmp_path: Path, name: str, text: str | None
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    check(pseudo.run("run", str(tmp_path / name), "--sandbox"), code=2)


def test_nothing_yet(pseudo: CommandLine) -> None:
    for command in (
        *(["jobs"], ["spending"], ["receipts", "--csv"], ["resume"], ["models"]),
        *(["library", "list"], ["library", "search", "boat"], ["library", "verify"]),
        *(["records", "check"], ["library", "rebuild"]),
    ):
        check(pseudo.run(*command), *csv_columns(command), code=0)
    for command in (["cancel", "7"], ["retry", "7"], ["receipt", "7"], ["records", "restore"]):
        check(pseudo.run(*command), code=2)


@pytest.mark.parametrize("action", ["adopt", "clear"])
def test_looking_after_the_library_folder(pseudo: CommandLine, action: str) -> None:
    said = check(pseudo.run("library", action))
    assert "⟦" in said.err + said.out


def csv_columns(command: list[str]) -> tuple[str, ...]:
    """Name the columns of the CSV that scripts read."""
    from kling_desktop.engine.library.receipts import CSV_COLUMNS

    return tuple(sorted(CSV_COLUMNS, key=len, reverse=True)) if "--csv" in command else ()


def test_a_queue_without_a_key_and_with_another_service(pseudo: CommandLine) -> None:
    check(pseudo.run("generate", "--model", "6@1", "--prompt", "A boat", "--wait"), code=3)
    check(pseudo.run("generate", "--model", "6@1", "--prompt", "A boat", "--takes", "2"), code=0)
    check(pseudo.run("resume", "--sandbox"), code=0)
    for command in (["jobs"], ["cancel", "1"], ["retry", "1"], ["retry", "2"], ["cancel", "1"]):
        check(pseudo.run(*command))
    check(pseudo.run("receipt", "1"), code=0)


def test_a_batch_is_made_and_one_is_refused(pseudo: CommandLine, tmp_path: Path) -> None:
    batch = tmp_path / "jobs.jsonl"
    lines = [{"model": "6@1", "prompt": text} for text in (PROMPT, "It is refused")]
    batch.write_text("\n".join(map(json.dumps, lines)))
    detail = "The prompt was refused by the sandbox"
    check(pseudo.run("run", str(batch), "--sandbox"), detail, code=1)
    check(pseudo.run("jobs"), code=0)
    found = pseudo.run("receipt", "2", "--json").json
    for job in ("1", "2"):
        error = found["error"]
        words = (error["code"], error["service_code"], error["detail"], "127.0.0.1", "localhost")
        check(pseudo.run("receipt", job), *filter(None, words), code=0)
    check(pseudo.run("spending"), code=0)
    (clip,) = pseudo.library.rglob("*.mp4")
    names = (clip.relative_to(pseudo.library).as_posix(), "holiday.mp4")
    check(pseudo.run("library", "list"), *names, code=0)
    clip.with_name("holiday.mp4").write_bytes(b"not one of ours" * 100)
    whole = clip.read_bytes()
    for data in (whole + b"\0", whole[:200], None, whole):
        clip.unlink(missing_ok=True)
        if data is not None:
            clip.write_bytes(data)
        check(pseudo.run("library", "verify", "--deep"), *names, clip.parent.name + "/")
    shutil.copy(clip, clip.with_name("again.mp4"))
    check(pseudo.run("library", "rebuild"), *names, code=0)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one queued practice clip and a copy of its records."""
    home = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment_of(home).items():
            patch.setenv(name, value)
        for _ in range(2):
            assert main(["generate", "--sandbox", "--model", "6@1", "--prompt", "A boat"]) == 0
    return home


def damage(database: Path) -> None:
    database.write_bytes(b"no database at all" * 1000)


def remove(database: Path) -> None:
    database.unlink()


def make_newer(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA user_version = 99")


def make_foreign(database: Path) -> None:
    database.unlink()
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE jobs (id INTEGER)")


@pytest.mark.parametrize("harm", [damage, remove, make_newer, make_foreign])
def test_records_that_cannot_be_used(
    pseudo: CommandLine, kept: Path, harm: Callable[[Path], None]
) -> None:
    shutil.copytree(kept / "data", pseudo.data)
    harm(pseudo.data / "kling-desktop.sqlite3")
    for command in (["jobs"], ["resume"], ["records", "check"], ["library", "verify"]):
        check(pseudo.run(*command), code=3)
    check(pseudo.run("records", "restore"))
    check(pseudo.run("records", "check"))
