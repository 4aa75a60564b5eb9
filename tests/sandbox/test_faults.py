"""The little language of fault plans."""

import json

import pytest

from kling_desktop.sandbox.fault_names import Point
from kling_desktop.sandbox.faults import BadFaults, FaultPlan, RequestFacts, read_faults

NOBODY = RequestFacts()


def struck(plan: FaultPlan, point: Point, times: int, asked: RequestFacts = NOBODY) -> str:
    """Write an exclamation mark for each of so many requests that was struck."""
    return "".join("!" if plan.pick(point, asked) else "." for _ in range(times))


@pytest.mark.parametrize(
    ("spec", "pattern"),
    [
        ("reset", "!....."),
        ("reset:submit:3", "..!..."),
        ("reset:3", "..!..."),
        ("reset:submit:2-4", ".!!!.."),
        ("reset:submit:4+", "...!!!"),
        ("reset:submit:*", "!!!!!!"),
        ("model-gone", "!!!!!!"),
        ("reset:1 slow:3; http_429:5", "!.!.!."),
        ("reset:poll:*", "......"),
    ],
)
def test_when(spec: str, pattern: str) -> None:
    assert struck(read_faults(spec), Point.SUBMIT, 6) == pattern


def test_values() -> None:
    (fault,) = read_faults("http-429:poll:1=2.5/after/html").faults
    assert (fault.name, fault.point, fault.number) == ("http_429", Point.POLL, 2.5)
    assert {"after", "html"} <= fault.words


def test_chances_are_repeatable() -> None:
    spec = json.dumps({"seed": 7, "rates": {"lost_answer": 0.3, "dropped:poll": 0.5}})
    first, second = (struck(read_faults(spec), Point.SUBMIT, 60) for _ in range(2))
    assert first == second
    assert 5 < first.count("!") < 35
    other = read_faults(json.dumps({"seed": 8, "rates": {"lost_answer": 0.3}}))
    assert struck(other, Point.SUBMIT, 60) != first


def test_filters_count_only_what_fits() -> None:
    plan = read_faults(
        '{"faults": [{"fault": "reset", "when": "2", "prompt": "boat"},'
        ' {"fault": "slow", "task": "t1", "value": "3"}, {"fault": "http_500", "model": "m"}]}'
    )
    boat = RequestFacts(prompts=("a boat",))
    assert struck(plan, Point.SUBMIT, 2) == ".."
    assert struck(plan, Point.SUBMIT, 3, boat) == ".!."
    slow = plan.pick(Point.SUBMIT, RequestFacts(frozenset({"t1"})))
    assert slow is not None
    assert (slow.name, slow.number) == ("slow", 3)
    assert struck(plan, Point.SUBMIT, 2, RequestFacts(models=frozenset({"m"}))) == "!."


@pytest.mark.parametrize(
    "spec",
    ["nonsense", "reset:download:x", "conflict:poll", "reset:submit:0x", "reset=", "reset:%",
     "{", '{"faults": 3}', '{"rates": {"reset": 2}}', '{"rates": []}', '{"faults": [4]}',
     '{"faults": [{"when": "1"}]}', '{"faults": [{"fault": "reset", "who": "me"}]}',
     '{"seed": "x"}'],
)  # fmt: skip
def test_bad_plans_are_named(spec: str) -> None:
    with pytest.raises(BadFaults, match=r"\w"):
        read_faults(spec)
