"""The fewest steps from one list of rows to another."""

import time

from hypothesis import given
from hypothesis import strategies as st

from kling_desktop.ui.queue.list_diff import Insert, Move, Remove, apply_step, find_changes

_lists = st.lists(st.integers(0, 30), unique=True, max_size=25)


def _apply(before: list[int], after: list[int]) -> list[int]:
    rows = list(before)
    for step in find_changes(before, after):
        apply_step(rows, step)
    return rows


@given(_lists, _lists)
def test_steps_lead_from_one_list_to_the_other(before: list[int], after: list[int]) -> None:
    assert _apply(before, after) == after


@given(_lists, _lists)
def test_what_is_in_both_is_never_removed_and_what_stays_in_order_never_moved(
    before: list[int], after: list[int]
) -> None:
    rows, both = list(before), set(before) & set(after)
    moves = 0
    for step in find_changes(before, after):
        match step:
            case Remove():
                assert not both.intersection(rows[step.at : step.at + step.count])
            case Insert():
                assert not both.intersection(step.rows)
            case Move():
                assert step.before not in (step.at, step.at + 1)  # Qt refuses a move to itself
                moves += 1
        apply_step(rows, step)
    assert moves == len(both) - _longest_common_order(before, after)


def _longest_common_order(before: list[int], after: list[int]) -> int:
    """By the textbook: the longest common subsequence of two lists without repeats."""
    best = [[0] * (len(after) + 1) for _ in range(len(before) + 1)]
    for i, one in enumerate(before, 1):
        for j, other in enumerate(after, 1):
            best[i][j] = (
                best[i - 1][j - 1] + 1 if one == other else max(best[i - 1][j], best[i][j - 1])
            )
    return best[-1][-1]


def test_nothing_changed_is_no_step() -> None:
    assert find_changes([1, 2, 3], [1, 2, 3]) == []


def test_one_row_brought_to_the_front_is_one_move() -> None:
    rows = list(range(1000))
    assert find_changes(rows, [999, *range(999)]) == [Move(999, 0)]


def test_neighbours_go_in_one_step() -> None:
    assert find_changes([1, 2, 3, 4, 5], [1, 5]) == [Remove(1, 3)]
    assert find_changes([1, 5], [1, 2, 3, 4, 5]) == [Insert(1, (2, 3, 4))]


def test_cost_grows_no_faster_than_the_list() -> None:
    def measure(size: int) -> float:
        before, after = list(range(size)), [*range(1, size), size]
        start = time.thread_time()
        find_changes(before, after)
        return time.thread_time() - start

    # In turns, and the best of each: other tests run beside this one.
    turns = [(measure(8000), measure(1000)) for _ in range(15)]
    assert min(long for long, _ in turns) / min(short for _, short in turns) < 30
