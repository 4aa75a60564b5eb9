"""The table in docs/reliability.md says the truth: its tests are there, its words are the app's."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
TEST_ID = re.compile(r"`(tests/[\w/]+\.py)::([\w:]+)`")
QUOTE = re.compile(r"“([^”]+)”")
NO_TEST = "no test yet"
SECTIONS = ["Process", "Submit", "Poll", "Download", "Pictures", "Data"]


def read_table() -> list[tuple[str, str, str, str]]:
    """Return fault, what happens, what is seen and the tests, for every row of every section."""
    rows: list[tuple[str, str, str, str]] = []
    for line in (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and not line.startswith(("| Fault ", "| --- ")):
            fault, happens, seen, tests = (cell.strip() for cell in line.strip("|").split("|"))
            rows.append((fault, happens, seen, tests))
    return rows


@cache
def list_tests(path: str) -> frozenset[str]:
    """Name the tests of a file, those in classes as ``Class::test``."""
    found: set[str] = set()
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        members = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        for member in members:
            if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(prefix + member.name)
            elif isinstance(member, ast.Assign) and isinstance(member.targets[0], ast.Name):
                found.add(prefix + member.targets[0].id)  # a state machine's `TestX = X.TestCase`
    return frozenset(name for name in found if "test" in name.lower())


@cache
def list_words() -> tuple[str, ...]:
    """Everything that stands between quotation marks in the window's code."""
    found: list[str] = []
    for path in sorted((ROOT / "kling_desktop").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found += [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
    return tuple(found)


def test_every_section_has_its_rows() -> None:
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    assert len(read_table()) >= 50


@pytest.mark.parametrize("row", read_table(), ids=lambda row: row[0])
def test_a_row_names_tests_that_are_there(row: tuple[str, str, str, str]) -> None:
    named = TEST_ID.findall(row[3])
    assert named or row[3] == NO_TEST
    for path, name in named:
        assert (ROOT / path).is_file(), f"there is no {path}"
        assert name in list_tests(path), f"there is no {name} in {path}"


@pytest.mark.parametrize("row", read_table(), ids=lambda row: row[0])
def test_a_row_quotes_the_apps_own_words(row: tuple[str, str, str, str]) -> None:
    for quote in QUOTE.findall(row[2]):
        for part in filter(None, (part.strip(" ,.") for part in quote.split("…"))):
            assert any(part in words for words in list_words()), f"nowhere said: {part}"
