"""How the command line speaks on a terminal, in a pipe, and with other people's words."""

import io
from collections.abc import Callable

import pytest

from kling_desktop.cli.console import Console, bar, cut, plain, table


class Terminal(io.StringIO):
    """A stream that says it is a terminal; it has no size, so 80 × 24 holds."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.delenv("LINES", raising=False)
    return Terminal()


def test_live_lines_are_taken_back_before_anything_is_said(terminal: Terminal) -> None:
    console = Console(out := io.StringIO(), terminal)
    console.draw(["one", "two"], force=True)
    console.print_note("said")
    assert terminal.getvalue() == "one\ntwo\n\x1b[2A\x1b[Jsaid\n"
    console.draw(["three"], force=True)
    console.print_result("result")
    assert terminal.getvalue().endswith("three\n\x1b[1A\x1b[J")
    assert out.getvalue() == "result\n"


def test_a_block_fits_the_screen(terminal: Terminal) -> None:
    console = Console(io.StringIO(), terminal)
    console.draw(["字" * 100] * 100, force=True)
    lines = terminal.getvalue().splitlines()
    assert len(lines) == 23
    assert lines[0] == "字" * 39


def test_drawing_is_not_more_often_than_the_eye_can_follow(terminal: Terminal) -> None:
    console = Console(io.StringIO(), terminal)
    for _ in range(50):
        console.draw(["line"])
    assert terminal.getvalue().count("line") == 1


def test_nothing_is_drawn_into_a_file() -> None:
    console = Console(io.StringIO(), err := io.StringIO())
    console.draw(["line"], force=True)
    console.clear()
    assert err.getvalue() == ""


def test_a_dumb_terminal_is_a_file(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert not Console(io.StringIO(), terminal).is_live


@pytest.mark.parametrize("write", [Console.print_note, lambda c, text: c.draw([text], force=True)])
def test_no_word_of_a_prompt_reaches_the_terminal_as_a_command(
    terminal: Terminal, write: Callable[[Console, str], None]
) -> None:
    write(Console(io.StringIO(), terminal), "boat\x1b[2J\x9b31m\x07\u2028end")
    assert terminal.getvalue() == "boat�[2J�31m��end\n"


def test_other_scripts_and_emoji_stay() -> None:
    assert plain("Café 字 👩‍🚀 नमस्ते") == "Café 字 👩‍🚀 नमस्ते"


def test_cut_counts_columns() -> None:
    assert cut("abc", 2) == "ab"
    assert cut("字字", 3) == "字"
    assert cut("ab", 5) == "ab"


@pytest.mark.parametrize(
    ("share", "drawn"),
    [(None, "····"), (0.0, "░░░░"), (0.5, "██░░"), (1.0, "████"), (7.0, "████"), (-1.0, "░░░░")],
)
def test_bar(share: float | None, drawn: str) -> None:
    assert bar(share, 4) == drawn


def test_table() -> None:
    assert table([]) == ""
    assert table([("a", "bb", ""), ("ccc", "\x1b", "d")]) == "a    bb\nccc  �   d"
