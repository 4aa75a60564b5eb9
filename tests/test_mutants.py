"""What the mutation sampler changes, and where it looks for the tests."""

from pathlib import Path

from tools.mutants import ROOT, find_tests, list_mutants, write_mutant

SOURCE = """
def judge(size, names):
    if size >= 3 and names:
        return names[0]
    return not size
"""


def test_each_mutant_is_one_change(tmp_path: Path) -> None:
    path = tmp_path / "judge.py"
    path.write_text(SOURCE)
    changes = [mutant.change for mutant in list_mutants(path)]
    assert sorted(changes) == [
        "0 becomes 1",
        "3 becomes 4",
        "And becomes Or",
        "GtE becomes Gt",
        "it returns None",
        "it returns None",
        "not is dropped",
        "the condition is turned round",
    ]
    written = set[str]()
    for mutant in list_mutants(path):
        write_mutant(mutant, tmp_path / "changed.py")
        written.add((tmp_path / "changed.py").read_text())
    assert len(written) == len(changes)
    assert path.read_text() == SOURCE, "the checkout was changed"


def test_a_module_is_put_to_its_own_tests() -> None:
    budget = ROOT / "kling_desktop" / "engine" / "queue" / "budget.py"
    assert find_tests(budget) == ["tests/engine/queue/test_budget.py"]
    gate = ROOT / "kling_desktop" / "engine" / "queue" / "queue_gate.py"
    assert "tests/engine/queue/test_budget.py" in find_tests(gate)
