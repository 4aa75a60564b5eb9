import subprocess
import sys

import pytest
from PySide6.QtWidgets import QLabel

from kling_desktop.assembly.interpreter_check import find_pair_problem
from kling_desktop.wording.reasons import describe_error


@pytest.mark.parametrize(
    ("python", "pyside"),
    [((3, 11), "6.11.3"), ((3, 12), "6.12.0"), ((3, 13), "6.12.0"), ((3, 12), "6.11.3")],
)
def test_good_pairs_pass(python: tuple[int, int], pyside: str) -> None:
    assert find_pair_problem(python, pyside) is None


@pytest.mark.parametrize("pyside", ["6.12.0", "6.12.1", "6.13.0", "7.0.0"])
def test_bad_pair_is_refused_with_a_way_out(pyside: str) -> None:
    problem = find_pair_problem((3, 11), pyside)
    assert problem is not None
    sentence = describe_error(problem)
    assert "3.12" in sentence
    assert "6.11.3" in sentence
    assert pyside in sentence


def test_this_interpreter_is_fit_for_work() -> None:
    assert find_pair_problem() is None


def test_check_does_not_import_pyside() -> None:
    code = (
        "import sys; from kling_desktop.assembly.interpreter_check import find_pair_problem as f;"
        "f(); sys.exit('PySide6' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_qt_calls_keep_the_references_to_none(qapp: object) -> None:
    label = QLabel()
    before = sys.getrefcount(None)
    for _ in range(200):
        label.update()
    assert sys.version_info >= (3, 12) or sys.getrefcount(None) > before - 50
