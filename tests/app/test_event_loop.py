import asyncio
import inspect
import re
import signal
import time
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import qasync
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from kling_desktop.app.event_loop import Loop
from tests.ui.clip_samples import until

ROOT = Path(__file__).resolve().parents[2]


def _live_timers() -> int:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, Loop)
    return loop.timer_count


async def test_widget_tests_run_on_the_repaired_loop() -> None:
    assert isinstance(asyncio.get_running_loop(), Loop)


async def test_timer_never_fires_early() -> None:
    loop = asyncio.get_running_loop()
    for delay in (0.001, 0.0105, 0.03, 0.2):
        started_at = loop.time()
        await asyncio.sleep(delay)
        assert loop.time() - started_at >= delay


async def test_cancelled_handles_leave_no_timer() -> None:
    loop = asyncio.get_running_loop()
    before = _live_timers()
    handles = [loop.call_later(3600, print) for _ in range(50)]
    assert _live_timers() == before + 50
    for handle in handles:
        handle.cancel()
        handle.cancel()
    assert _live_timers() == before


async def test_timeouts_that_were_not_needed_leave_no_timer() -> None:
    before = _live_timers()
    for _ in range(50):
        async with asyncio.timeout(3600):
            await asyncio.sleep(0)
    assert _live_timers() <= before + 1


async def test_callbacks_run_in_the_order_they_were_asked_for() -> None:
    loop = asyncio.get_running_loop()
    seen: list[int] = []
    for number in range(20):
        loop.call_soon(seen.append, number)
    await asyncio.sleep(0.01)
    assert seen == list(range(20))


async def test_cancelled_callback_does_not_run() -> None:
    loop = asyncio.get_running_loop()
    seen: list[int] = []
    loop.call_soon(seen.append, 1).cancel()
    loop.call_later(0.005, seen.append, 2).cancel()
    await asyncio.sleep(0.02)
    assert seen == []


async def test_call_at_takes_the_loops_own_time() -> None:
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    when = loop.time() + 0.02
    loop.call_at(when, done.set_result, None)
    await done
    assert loop.time() >= when


async def test_timeout_cancels_what_takes_too_long() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await asyncio.sleep(3600)


async def test_thread_and_task_group_work() -> None:
    async with asyncio.TaskGroup() as group:
        first = group.create_task(asyncio.to_thread(time.monotonic))
        second = group.create_task(asyncio.to_thread(time.monotonic))
    assert first.result() > 0
    assert second.result() > 0


async def test_signal_handler_reaches_the_loop() -> None:
    loop = asyncio.get_running_loop()
    came = asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR1, came.set)
    try:
        signal.raise_signal(signal.SIGUSR1)
        async with asyncio.timeout(2):
            await came.wait()
    finally:
        loop.remove_signal_handler(signal.SIGUSR1)


def test_closed_loop_takes_nothing_more(qapp: QApplication) -> None:
    loop = Loop(qapp)
    loop.close()
    asyncio.set_event_loop(None)
    with pytest.raises(RuntimeError):
        loop.call_later(1, print)


async def test_callbacks_leave_qt_its_turn() -> None:
    """Fifty pieces of work that are all due keep no timer of Qt's waiting for all of them."""
    loop = asyncio.get_running_loop()
    order: list[str] = []

    def work() -> None:
        until = time.monotonic() + 0.002
        while time.monotonic() < until:
            pass
        order.append("work")

    timer = QTimer(singleShot=True, interval=0)
    timer.timeout.connect(lambda: order.append("qt"))
    for _ in range(50):
        loop.call_soon(work)
    timer.start()
    await until(lambda: len(order) == 51)
    assert order.index("qt") < 12, order


async def test_what_is_due_runs_in_a_nested_loop_too() -> None:
    """A drag or a dialog of the system's runs Qt's loop inside a callback."""
    loop = asyncio.get_running_loop()
    seen: list[str] = []

    def nest() -> None:
        nested = QEventLoop()
        loop.call_soon(seen.append, "asked inside")
        loop.call_soon(nested.quit)
        nested.exec()
        seen.append("nested loop ended")

    loop.call_soon(nest)
    loop.call_soon(seen.append, "behind it")
    await until(lambda: len(seen) == 3)
    assert seen == ["behind it", "asked inside", "nested loop ended"]


async def test_a_callback_that_asks_for_itself_again_starves_nobody() -> None:
    loop = asyncio.get_running_loop()
    turns = 0

    def again() -> None:
        nonlocal turns
        turns += 1
        if turns < 1000:
            loop.call_soon(again)

    ticks: list[int] = []
    timer = QTimer(interval=0)
    timer.timeout.connect(lambda: ticks.append(turns))
    timer.start()
    loop.call_soon(again)
    await until(lambda: turns == 1000)
    timer.stop()
    assert len(ticks) > 100


def test_qasync_uses_its_timers_as_the_repaired_loop_expects() -> None:
    """A newer qasync that keeps its timers elsewhere must be looked at before it is pinned."""
    source = inspect.getsource(qasync)
    assert set(re.findall(r"self\._timer\.(\w+)", source)) == {"add_callback", "stop", "set_debug"}
    assert "self._timer = _SimpleTimer()" in source
    for inside in ("_check_closed", "_timer_handle_cancelled"):
        assert hasattr(qasync.QEventLoop, inside)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f"qasync=={version('qasync')}" in project["dependencies"]
