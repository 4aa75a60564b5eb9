"""Runs the once-a-minute work of the queue, and notices that the machine has slept."""

from collections.abc import Callable
from datetime import datetime

from kling_desktop.engine.timing.pacing import Clock

PERIOD_S = 60.0
PERIODS_UNTIL_ASKED_AGAIN = 10
"""A job whose outcome is unknown is asked about this often by itself; asking is free."""
JUMP_S = 120.0
"""The wall clock differs by more than this only when the machine slept or its clock was set."""


async def run_every_minute(
    clock: Clock,
    *,
    check: Callable[[], object],
    ask_again: Callable[[], object],
    wake: Callable[[], object],
) -> None:
    """Run until cancelled.

    Args:
        clock: Time.
        check: Called each minute: midnight may have passed, and a new day has a new budget.
        ask_again: Called every tenth minute, to ask about jobs whose outcome is unknown.
        wake: Called when the machine has slept, to interrupt waits that began before it.
    """
    periods = 0
    while True:
        before = clock.now()
        await clock.sleep(PERIOD_S)
        periods += 1
        if has_jumped(before, clock.now(), PERIOD_S):
            wake()
        if periods % PERIODS_UNTIL_ASKED_AGAIN == 0:
            ask_again()
        check()


def has_jumped(before: datetime, now: datetime, slept_s: float) -> bool:
    """Return whether the machine slept, or its clock was set, during a sleep, by wall clock."""
    return abs((now - before).total_seconds() - slept_s) > JUMP_S
