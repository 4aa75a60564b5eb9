"""Reads the sources for what lint cannot say: the rules of the house in ARCHITECTURE.md."""

import ast
import functools
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = sorted((ROOT / "kling_desktop").rglob("*.py"))
TOOLS = sorted([*(ROOT / "tools").rglob("*.py"), *(ROOT / "packaging").rglob("*.py")])
TESTS = sorted((ROOT / "tests").rglob("*.py"))

LONGEST_MODULE = 520
LARGEST_FOLDER = 30
BLANKET = {"Exception", "BaseException"}
HOMELESS_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
STATIC_DIALOGS = {
    "QMessageBox": {"about", "aboutQt", "critical", "information", "question", "warning"},
    "QFileDialog": {
        "getExistingDirectory",
        "getExistingDirectoryUrl",
        "getOpenFileName",
        "getOpenFileNames",
        "getOpenFileUrl",
        "getOpenFileUrls",
        "getSaveFileName",
        "getSaveFileUrl",
    },
    "QInputDialog": {"getDouble", "getInt", "getItem", "getMultiLineText", "getText"},
    "QColorDialog": {"getColor"},
    "QFontDialog": {"getFont"},
}
NESTS_A_LOOP = {
    *("exec", "exec_", "processEvents"),
    *("waitForFinished", "waitForStarted", "waitForReadyRead", "waitForBytesWritten"),
    *("waitForConnected", "waitForDisconnected", "waitForDone"),
    *("wait", "waitSignal", "waitSignals", "waitUntil", "waitExposed", "waitActive"),
    *(name for names in STATIC_DIALOGS.values() for name in names),
}

Finder = Callable[[ast.Module], Iterator[int]]


@functools.cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@functools.cache
def list_nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Return every node of a tree; each rule reads the same list."""
    return tuple(ast.walk(tree))


@pytest.fixture(scope="module", autouse=True)
def trees_are_forgotten() -> Iterator[None]:
    yield
    parse.cache_clear()
    list_nodes.cache_clear()


def name_of(node: ast.expr) -> str:
    """Return the last part of a dotted name, or an empty string."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def owner_of(call: ast.Call) -> str:
    """Return what a method is called on: `QMessageBox` in `QMessageBox.question(…)`."""
    if not isinstance(call.func, ast.Attribute):
        return ""
    owner = call.func.value
    return name_of(owner.func) if isinstance(owner, ast.Call) else name_of(owner)


def list_calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in list_nodes(tree) if isinstance(node, ast.Call))


def find_exec(tree: ast.Module) -> Iterator[int]:
    """Yield the lines that start a nested loop; a drag's own `exec` is the one that stays."""
    drags = {
        name_of(node.targets[0])
        for node in list_nodes(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and name_of(node.value.func) == "QDrag"
    }
    for call in list_calls(tree):
        nests = isinstance(call.func, ast.Attribute) and call.func.attr in {"exec", "exec_"}
        if nests and owner_of(call) not in drags:
            yield call.lineno


def find_process_events(tree: ast.Module) -> Iterator[int]:
    return (call.lineno for call in list_calls(tree) if name_of(call.func) == "processEvents")


def find_static_dialogs(tree: ast.Module) -> Iterator[int]:
    for call in list_calls(tree):
        if name_of(call.func) in STATIC_DIALOGS.get(owner_of(call), ()):
            yield call.lineno


def find_ownerless_tasks(tree: ast.Module) -> Iterator[int]:
    """Yield the lines that start a task nobody owns; a `TaskGroup` owns its own."""
    for node in list_nodes(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "asyncio":
            names = {alias.name for alias in node.names}
        elif isinstance(node, ast.Call) and (
            "loop" in owner_of(node) or owner_of(node) == "asyncio"
        ):
            names = {name_of(node.func)}
        else:
            continue
        if names & {"create_task", "ensure_future"}:
            yield node.lineno


def find_pumping_moves(tree: ast.Module) -> Iterator[int]:
    """Yield the lines that move the pointer as `QTest` does: it runs Qt's events on the way."""
    for call in list_calls(tree):
        if name_of(call.func) == "mouseMove" and owner_of(call) == "QTest":
            yield call.lineno


def find_frozen_zones(tree: ast.Module) -> Iterator[int]:
    """Yield the lines that take the offset of this moment for the time zone of every moment."""
    for call in list_calls(tree):
        if name_of(call.func) == "astimezone" and owner_of(call) == "now" and not call.args:
            yield call.lineno


def find_mocks(tree: ast.Module) -> Iterator[int]:
    for node in list_nodes(tree):
        if isinstance(node, ast.Import) and any("mock" in alias.name for alias in node.names):
            yield node.lineno
        if isinstance(node, ast.ImportFrom):
            names = {node.module or "", *(alias.name for alias in node.names)}
            if names & {"unittest.mock", "mock"}:
                yield node.lineno


def find_blanket_catches(tree: ast.Module) -> Iterator[int]:
    for node in list_nodes(tree):
        if isinstance(node, ast.ExceptHandler) and (
            node.type is None or BLANKET & set(map(name_of, list_types(node.type)))
        ):
            yield node.lineno


def list_types(caught: ast.expr) -> list[ast.expr]:
    return caught.elts if isinstance(caught, ast.Tuple) else [caught]


def find_plain_listeners(tree: ast.Module) -> Iterator[int]:
    """Yield the lines that subscribe something else than a signal's `emit` to the core."""
    for call in list_calls(tree):
        subscribes = isinstance(call.func, ast.Attribute) and call.func.attr == "subscribe"
        if subscribes and [name_of(argument) for argument in call.args] != ["emit"]:
            yield call.lineno


RICH_TEXT_CALLS = {"setToolTip", "setStatusTip", "setWhatsThis", "QLabel", "QMessageBox", "setHtml"}


def find_rich_text(tree: ast.Module) -> Iterator[int]:
    """Yield the lines where Qt would guess whether a text is markup, and load what it names."""
    for call in list_calls(tree):
        if name_of(call.func) in RICH_TEXT_CALLS:
            yield call.lineno
        if name_of(call.func) == "showText" and owner_of(call) == "QToolTip":
            yield call.lineno
        if name_of(call.func) == "showMessage" and "notification_text" not in {
            name_of(argument.func) for argument in call.args if isinstance(argument, ast.Call)
        }:
            yield call.lineno


def find_worded_errors(tree: ast.Module) -> Iterator[int]:
    """An error carries a `Reason`; its sentence is made where it is shown."""
    for call in list_calls(tree):
        if name_of(call.func) in _list_error_names() and call.args:
            words = call.args[0]
            if isinstance(words, ast.JoinedStr) or isinstance(getattr(words, "value", None), str):
                yield call.lineno


@functools.cache
def _list_error_names() -> frozenset[str]:
    errors = (ROOT / "kling_desktop" / "domain" / "errors.py").read_text(encoding="utf-8")
    known = {node.name for node in ast.parse(errors).body if isinstance(node, ast.ClassDef)}
    return frozenset({*known, "UsageError", "BatchError", "DecodeFailed", "UnsupportedPair"})


def walk_same_coroutine(function: ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """Walk what runs inside the coroutine itself: plain functions in it run when they like."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        yield node
        waiting.extend(ast.iter_child_nodes(node))


def find_nested_loops(tree: ast.Module) -> Iterator[int]:
    """Yield the lines in coroutines that would start a Qt loop: other tasks then hang for ever."""
    for function in list_nodes(tree):
        if not isinstance(function, ast.AsyncFunctionDef):
            continue
        inside = list(walk_same_coroutine(function))
        awaited = {id(node.value) for node in inside if isinstance(node, ast.Await)}
        handed_on = {
            id(argument) for node in inside if isinstance(node, ast.Call) for argument in node.args
        }
        for node in inside:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if id(node) in awaited | handed_on:  # an awaited wait is asyncio's own
                    continue
                if isinstance(node.func.value, ast.Name) and node.func.value.id == "logger":
                    continue
                if node.func.attr in NESTS_A_LOOP:
                    yield node.lineno


def assert_clean(paths: list[Path], find: Finder, allowed: frozenset[str] = frozenset()) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in paths
        if path.relative_to(ROOT).as_posix() not in allowed
        for line in find(parse(path))
    ]
    assert found == []


def test_no_exec_but_a_drags() -> None:
    assert_clean(PACKAGE, find_exec)


def test_no_process_events() -> None:
    assert_clean(PACKAGE, find_process_events)


def test_no_static_dialogs() -> None:
    assert_clean(PACKAGE, find_static_dialogs)


def test_no_qt_loop_inside_a_coroutine() -> None:
    assert_clean([*PACKAGE, *TESTS, *TOOLS], find_nested_loops)


def test_every_task_has_an_owner() -> None:
    assert_clean(PACKAGE, find_ownerless_tasks, frozenset({"kling_desktop/engine/tasks.py"}))


def test_the_pointer_moves_without_a_nested_loop() -> None:
    assert_clean(TESTS, find_pumping_moves, frozenset({"tests/ui/pointer.py"}))


def test_local_times_have_the_rules_of_their_zone() -> None:
    assert_clean(PACKAGE, find_frozen_zones)


def test_words_are_shown_as_plain_text() -> None:
    assert_clean(PACKAGE, find_rich_text, frozenset({"kling_desktop/ui/theme/plain_text.py"}))


def test_errors_carry_reasons_not_words() -> None:
    assert_clean([*PACKAGE, *TESTS], find_worded_errors)


def test_fakes_not_mocks() -> None:
    assert_clean([*PACKAGE, *TESTS, *TOOLS], find_mocks)


def test_bugs_are_caught_by_the_task_owner_and_the_notifier_alone() -> None:
    """The other two places, the exception hook and the loop's handler, are no `except`."""
    reporters = {"kling_desktop/engine/tasks.py", "kling_desktop/domain/events.py"}
    assert_clean(PACKAGE, find_blanket_catches, frozenset(reporters))


def test_notices_of_the_core_reach_the_window_through_signals() -> None:
    """A slot that raises ends in the exception hook; the signal's other slots still run."""
    assert_clean(
        [path for path in PACKAGE if {"ui", "app"} & set(path.parts)], find_plain_listeners
    )


def find_bad_opening(path: Path) -> str:
    """Say what is wrong with a module's first sentence; empty when nothing is."""
    opening = (ast.get_docstring(parse(path)) or "").split("\n\n")[0].strip()
    if not opening:
        return "no opening sentence"
    is_whole = opening.endswith((".", "?", "!")) and (opening[0].isupper() or opening[0] == "`")
    return "" if is_whole else f"no whole sentence: {opening}"


def test_every_module_opens_with_a_sentence() -> None:
    found = {path: find_bad_opening(path) for path in [*PACKAGE, *TOOLS]}
    assert {path: fault for path, fault in found.items() if fault} == {}


def test_modules_and_folders_stay_small() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in [*PACKAGE, *TOOLS]}
    assert {path for path, lines in lengths.items() if lines > LONGEST_MODULE} == set()
    modules = [path for path in PACKAGE if path.name != "__init__.py"]
    folders = Counter(path.parent for path in modules)
    assert {path for path, count in folders.items() if count > LARGEST_FOLDER} == set()


def test_no_module_has_a_name_without_a_home() -> None:
    homeless = [path for path in [*PACKAGE, *TOOLS] if set(path.stem.split("_")) & HOMELESS_NAMES]
    assert homeless == []


BAD = """
async def ask(self):
    dialog.exec()
    app.processEvents()
    name = QFileDialog.getOpenFileName(self)
    if await loop.create_task(other()) and asyncio.create_task(other()):
        qtbot.waitSignal(done)
    QTest.mouseMove(view, place)
    def later():
        menu.exec()
    try:
        work()
    except Exception:
        pass
    except (OSError, BaseException):
        pass
    engine.status_changed.subscribe(self._on_status)
    engine.status_changed.subscribe(lambda status: self.status_changed.emit(status))
    datetime.now().astimezone()
    label.setToolTip(name)
    QToolTip.showText(place, name, self)
    icon.showMessage(title, text)
    words = QLabel(name)
    raise StateConflict(f"job {name} is gone")
    raise UsageError("no such job")
"""
GOOD = """
async def ask(self):
    dialog.open()
    async with asyncio.TaskGroup() as group:
        group.create_task(other())
    await event.wait()
    await asyncio.wait_for(event.wait(), 2)
    moment.astimezone(LOCAL_ZONE)
    try:
        work()
    except ValueError:
        pass

def mouseMoveEvent(self, event):
    drag = QDrag(self)
    drag.exec(Qt.DropAction.CopyAction)
    engine.status_changed.subscribe(self.status_changed.emit)
    set_tooltip(self, name)
    icon.showMessage(title, notification_text(text))
    raise StateConflict(Reason.JOB_EDITED, detail="gone")
    raise UsageError(sentence=describe(name))
"""


@pytest.mark.parametrize(
    ("find", "lines"),
    [
        (find_exec, [3, 10]),
        (find_process_events, [4]),
        (find_static_dialogs, [5]),
        (find_ownerless_tasks, [6, 6]),
        (find_nested_loops, [3, 4, 5, 7]),
        (find_pumping_moves, [8]),
        (find_blanket_catches, [13, 15]),
        (find_plain_listeners, [17, 18]),
        (find_frozen_zones, [19]),
        (find_rich_text, [20, 21, 22, 23]),
        (find_worded_errors, [24, 25]),
    ],
)
def test_the_rules_see_what_they_forbid_and_nothing_else(find: Finder, lines: list[int]) -> None:
    assert sorted(find(ast.parse(BAD))) == lines
    assert list(find(ast.parse(GOOD))) == []


def test_the_rule_on_mocks_sees_each_way_to_import_them() -> None:
    for line in (
        "import unittest.mock",
        "from unittest import mock",
        "from unittest.mock import X",
    ):
        assert list(find_mocks(ast.parse(line))) == [1]
