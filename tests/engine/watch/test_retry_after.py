"""A wait that the service asked for holds over a restart, and no longer than an hour."""

from datetime import timedelta

import pytest

from kling_desktop.domain.events import Network
from kling_desktop.domain.job import JobState
from tests.engine.conftest import World
from tests.fakes.service_script import Ack, LoseAnswer, Processing, Success, Trouble

WAIT = {"retry-after": "600"}


@pytest.mark.parametrize("status", [429, 503])
async def test_a_restart_keeps_to_the_wait_that_a_submission_was_answered_with(
    world: World, status: int
) -> None:
    world.service.script("*", Trouble(status, headers=WAIT), Ack(), Success())
    await world.open()
    (job,) = await world.queue()
    await world.run_until(lambda: bool(world.settings.current.retry_not_before))
    await world.clock.settle()
    await world.crash()
    posts = len(world.service.posts)
    await world.open()
    await world.queue()
    await world.clock.advance(580)
    assert world.engine.status.network is Network.SLOWED_DOWN
    assert len(world.service.posts) == posts, "it asked before the time was over"
    await world.run_to(job, JobState.DONE)
    world.check_books()


async def test_a_restart_keeps_to_the_wait_that_a_question_was_answered_with(world: World) -> None:
    world.service.script("*", Ack(), Trouble(429, headers=WAIT), Processing(), Success())
    await world.open()
    (job,) = await world.queue()
    await world.run_until(lambda: bool(world.settings.current.retry_not_before))
    await world.clock.settle()
    await world.crash()
    posts = len(world.service.posts)
    await world.open()
    await world.clock.advance(580)
    assert len(world.service.posts) == posts
    await world.run_to(job, JobState.DONE)
    world.check_books()


async def test_the_user_may_ask_at_once(world: World) -> None:
    world.service.script("*", LoseAnswer(), Trouble(429, headers=WAIT), Success())
    await world.open()
    (job,) = await world.queue()
    await world.run_until(lambda: bool(world.settings.current.retry_not_before))
    await world.clock.settle()
    await world.crash()
    await world.open()
    world.engine.try_now()
    await world.run_to(job, JobState.DONE, limit_s=60)


@pytest.mark.parametrize(
    ("kept", "longest_s"),
    [("nonsense", 0), ("2020-01-01T00:00:00+00:00", 0), ("2199-01-01T00:00:00+00:00", 3600)],
)
async def test_a_moment_that_makes_no_sense_holds_nothing_for_long(
    world: World, kept: str, longest_s: float
) -> None:
    await world.open(start=False)
    await world.settings.update(retry_not_before={"runware": kept})
    (job,) = await world.queue()
    started = world.clock.now()
    await world.engine.start()
    await world.run_to(job, JobState.DONE)
    assert world.clock.now() - started <= timedelta(seconds=longest_s + 120)
