"""Change one thing in engine or storage at a time and see whether its tests notice.

    tools/mutants.py                       300 mutants, drawn at random; the seed is printed
    tools/mutants.py --sample 20 --seed 7  fewer, and the same ones again
    tools/mutants.py --only PATH           of one module alone

A mutant turns a comparison or a condition round, moves a number by one, exchanges `and` and `or`,
or returns None.  It lives in a copy of the code, never in the checkout.  Each is put to the tests
of its module; one that no test notices has survived and is printed with its place.
"""

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("engine", "storage")
LIMIT_S = 300
_COPIED = ("kling_desktop", "tests", "tools", "resources", "pyproject.toml")
_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


@dataclass(frozen=True)
class Mutant:
    """One change: the n-th place of a module that can be changed."""

    path: Path
    number: int
    line: int
    change: str


class _Changer(ast.NodeTransformer):
    """Walks the places of a module that can be changed and changes the one that was asked for."""

    def __init__(self, wanted: int = -1) -> None:
        self.places: list[tuple[int, str]] = []
        self._wanted = wanted

    def _is_wanted(self, node: ast.AST, change: str) -> bool:
        self.places.append((getattr(node, "lineno", 0), change))
        return len(self.places) - 1 == self._wanted

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        # What a decorator is told, such as frozen=True, guards against mistakes of ours alone.
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        opposite = _OPPOSITES[type(node.ops[0])]
        if self._is_wanted(node, f"{type(node.ops[0]).__name__} becomes {opposite.__name__}"):
            node.ops[0] = opposite()
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        if self._is_wanted(node, f"{type(node.op).__name__} becomes {other.__name__}"):
            node.op = other()
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Not) and self._is_wanted(node, "not is dropped"):
            return node.operand
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        if not _is_type_checking(node) and self._is_wanted(node, "the condition is turned round"):
            node.test = ast.UnaryOp(ast.Not(), node.test)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        value = node.value
        if isinstance(value, bool):
            if self._is_wanted(node, f"{value} becomes {not value}"):
                return ast.copy_location(ast.Constant(not value), node)
        elif isinstance(value, int | float) and self._is_wanted(
            node, f"{value} becomes {value + 1}"
        ):
            return ast.copy_location(ast.Constant(value + 1), node)
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        self.generic_visit(node)
        given = node.value is not None and not isinstance(node.value, ast.Constant)
        if given and self._is_wanted(node, "it returns None"):
            node.value = ast.Constant(None)
        return node


def list_mutants(path: Path) -> list[Mutant]:
    """List every change that can be made to a module."""
    changer = _Changer()
    changer.visit(ast.parse(path.read_text("utf-8")))
    return [Mutant(path, number, *place) for number, place in enumerate(changer.places)]


def write_mutant(mutant: Mutant, target: Path) -> None:
    """Write the changed module to a place in a copy of the code."""
    tree = ast.parse(mutant.path.read_text("utf-8"))
    changed = _Changer(mutant.number).visit(copy.deepcopy(tree))
    target.write_text(ast.unparse(ast.fix_missing_locations(changed)), "utf-8")


def find_tests(path: Path) -> list[str]:
    """Find the tests of a module: its own file, else those of its folder and the ones above."""
    inside = path.relative_to(ROOT / "kling_desktop")
    own = ROOT / "tests" / inside.parent / f"test_{path.stem}.py"
    if own.is_file():
        return [str(own.relative_to(ROOT))]
    found = [
        str(file.relative_to(ROOT))
        for file in sorted((ROOT / "tests" / inside.parent).glob("test_*.py"))
    ]
    return found or [str(Path("tests", inside.parts[0]))]


def _is_type_checking(node: ast.If) -> bool:
    return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _list_modules(only: str) -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / "kling_desktop" / package).rglob("*.py")):
            if only in path.as_posix():
                yield path


def _is_noticed(copied: Path, mutant: Mutant) -> bool:
    """Put a mutant to its tests; tests that take for ever have noticed it too."""
    target = copied / mutant.path.relative_to(ROOT)
    before = target.read_text("utf-8")
    write_mutant(mutant, target)
    try:
        tests = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
        ran = subprocess.run(
            [*tests, *find_tests(mutant.path)],
            cwd=copied,
            capture_output=True,
            timeout=LIMIT_S,
            env={**os.environ, "KLING_DESKTOP_EXAMPLES": "5", "PYTHONDONTWRITEBYTECODE": "1"},
        )
    except subprocess.TimeoutExpired:
        return True
    finally:
        target.write_text(before, "utf-8")
    return ran.returncode != 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="See whether tests notice changed code.")
    parser.add_argument("--sample", type=int, default=300, metavar="N", help="how many mutants")
    parser.add_argument("--seed", type=int, default=None, help="draw the same ones again")
    parser.add_argument("--only", default="", metavar="PATH", help="modules whose path holds this")
    options = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    every = [mutant for path in _list_modules(options.only) for mutant in list_mutants(path)]
    chosen = random.Random(seed).sample(every, min(options.sample, len(every)))
    print(f"seed {seed}: {len(chosen)} of {len(every)} mutants", flush=True)
    survived = 0
    with tempfile.TemporaryDirectory(prefix="kling-mutants-") as folder:
        copied = Path(folder)
        for name in _COPIED:
            source = ROOT / name
            copy_it = shutil.copytree if source.is_dir() else shutil.copyfile
            copy_it(source, copied / name)
        for mutant in chosen:
            if not _is_noticed(copied, mutant):
                survived += 1
                place = mutant.path.relative_to(ROOT).as_posix()
                print(f"survived: {place}:{mutant.line}: {mutant.change}", flush=True)
    noticed = len(chosen) - survived
    print(f"{noticed} of {len(chosen)} noticed ({100 * noticed / max(len(chosen), 1):.0f} %)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
