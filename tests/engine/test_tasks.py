"""Every task has an owner, and every failure is told once."""

import asyncio

import pytest

from kling_desktop.engine.tasks import TaskOwner, first_of
from kling_desktop.engine.timing.interruptible_sleep import InterruptibleSleep
from tests.fakes.clock import FakeClock


async def _fail() -> None:
    raise ValueError("broken")


async def test_a_failure_is_told_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    told: list[BaseException] = []
    owner = TaskOwner(told.append)
    task = owner.start(_fail(), name="doomed")
    await asyncio.wait([task])
    await asyncio.sleep(0)
    assert [str(error) for error in told] == ["broken"]
    assert [record.getMessage() for record in caplog.records] == ["task doomed failed"]
    assert len(owner) == 0
    await owner.close()


async def test_close_cancels_and_waits_for_the_last_line() -> None:
    owner, ended = TaskOwner(), []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append(1)

    owner.start(work(), name="work")
    await asyncio.sleep(0)
    await owner.close()
    assert ended == [1]
    with pytest.raises(RuntimeError):
        owner.start(work(), name="too late")


async def test_first_of_cancels_the_others_and_raises_what_ended() -> None:
    assert await first_of(asyncio.sleep(0), asyncio.Event().wait()) == {0}
    with pytest.raises(ValueError, match="broken"):
        await first_of(_fail(), asyncio.Event().wait())


async def test_an_alarm_cuts_a_sleep_short() -> None:
    clock = FakeClock()
    sleep = InterruptibleSleep(clock)
    ended: list[bool] = []
    owner = TaskOwner()

    async def nap() -> None:
        ended.append(await sleep.sleep(60))

    owner.start(nap(), name="nap")
    await clock.advance(1)
    sleep.interrupt()
    await clock.settle()
    assert ended == [True]
    owner.start(nap(), name="nap")
    await clock.advance(61)
    assert ended == [True, False]
    await owner.close()
