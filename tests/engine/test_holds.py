"""A job that cannot go on is held: said in its row, tried again ever more slowly, never lost."""

from typing import Any

import pytest

from kling_desktop.domain.display_state import CRASHED, DisplayState, display_state
from kling_desktop.domain.job import Job, JobState
from kling_desktop.engine.timing.pacing import HOLD_WAITS_S, hold_delay
from tests.engine.conftest import WORDS, World
from tests.fakes.service_script import Ack, LoseAnswer, Processing, Success


class Bug(Exception):
    """Something that no part of the app expects."""


def _fail_questions(world: World) -> None:
    if "getResponse" in world.service.posts[-1]:
        raise Bug


def _break(world: World, state: JobState) -> None:
    """Let the step of this state end by a bug from now on."""

    async def fail(*_: Any, **__: Any) -> Any:
        raise Bug

    match state:
        case JobState.QUEUED:
            world.files.check = lambda *_: (_ for _ in ()).throw(Bug())  # pyright: ignore
        case JobState.SUBMITTING:
            world.jobs.note_sent = fail
        case JobState.UNCONFIRMED | JobState.RUNNING:
            world.service.distort = lambda *_: _fail_questions(world)
        case _:
            world.files.receive = fail


def _shown(world: World, job: Job) -> DisplayState:
    row = world.jobs.get_job(job.id)
    return display_state(row, None, world.engine.status, world.clock.now())


def _repair(world: World) -> None:
    for thing, names in (
        (world.files, ("check", "receive")),
        (world.jobs, ("note_sent",)),
    ):
        for name in names:
            vars(thing).pop(name, None)
    world.service.distort = lambda *_: None


@pytest.mark.parametrize(
    "state",
    [
        JobState.QUEUED,
        JobState.SUBMITTING,
        JobState.UNCONFIRMED,
        JobState.RUNNING,
        JobState.DOWNLOADING,
    ],
)
@pytest.mark.parametrize("way", ["by itself", "by request", "after a restart"])
async def test_a_bug_in_any_step_is_said_in_the_row_and_tried_again(
    world: World, state: JobState, way: str
) -> None:
    first = LoseAnswer() if state is JobState.UNCONFIRMED else Ack()
    world.service.script("*", first, Processing(), Success())
    await world.open(start=False)
    _break(world, state)
    (job,) = await world.queue()
    await world.engine.start()
    await world.run_until(lambda: _shown(world, job) is DisplayState.HELD)
    await world.engine.wait_idle()
    row = world.jobs.get_job(job.id)
    assert (row.state, row.error_code, row.holds) == (state, CRASHED, 1)
    assert world.engine.status.needs_user == 1
    assert all(isinstance(bug, Bug) for bug in world.bugs)
    assert world.bugs
    world.bugs.clear()
    posts = len(world.service.posts)
    await world.clock.advance(HOLD_WAITS_S[0] - 120)
    assert len(world.service.posts) == posts, "it did not stand still"
    if way == "after a restart":
        await world.close()
        world.service.distort = lambda *_: None
        await world.open()
        await world.clock.settle()
        assert _shown(world, job) is DisplayState.HELD, "a restart forgot that it is held"
    else:
        _repair(world)
    if way == "by request":
        await world.engine.check_now(job.id)
        assert _shown(world, job) is not DisplayState.HELD
        await world.run_to(job, JobState.DONE, limit_s=120)
    else:
        await world.run_to(job, JobState.DONE, limit_s=HOLD_WAITS_S[0])
    assert world.engine.status.needs_user == 0
    world.check_books()


async def test_it_is_tried_again_ever_more_slowly_and_the_count_is_kept(world: World) -> None:
    await world.open()
    _break(world, JobState.DOWNLOADING)
    (job,) = await world.queue()
    for holds in (1, 2, 3):
        await world.run_until(
            lambda holds=holds: world.jobs.get_job(job.id).holds == holds,  # pyright: ignore
            limit_s=HOLD_WAITS_S[holds - 1],
        )
        row = world.jobs.get_job(job.id)
        assert row.held_until is not None
        assert (row.held_until - world.clock.now()).total_seconds() == hold_delay(holds)
    world.bugs.clear()
    await world.close()
    await world.open()
    await world.run_to(job, JobState.DONE, limit_s=HOLD_WAITS_S[2] + 60)


async def test_others_go_on_beside_a_held_job(world: World) -> None:
    await world.open(start=False)
    world.engine.set_concurrency(1)
    first, second = await world.queue(WORDS, WORDS)
    await world.jobs.amend(first, holds=1, held_until=world.clock.now().replace(year=2027))
    await world.engine.start()
    await world.run_to(second, JobState.DONE)
    await world.engine.wait_idle()
    assert world.state(first) is JobState.QUEUED


async def test_a_clock_that_was_set_back_does_not_hold_a_job_longer(world: World) -> None:
    await world.open()
    _break(world, JobState.DOWNLOADING)
    (job,) = await world.queue()
    await world.run_until(lambda: world.jobs.get_job(job.id).holds == 1)
    world.bugs.clear()
    _repair(world)
    world.clock.jump(-30 * 86400.0)
    await world.run_to(job, JobState.DONE, limit_s=300)


@pytest.mark.parametrize("way", ["resume", "try now"])
async def test_resuming_the_queue_asks_about_held_jobs_at_once(world: World, way: str) -> None:
    await world.open()
    _break(world, JobState.RUNNING)
    (job,) = await world.queue()
    await world.run_until(lambda: _shown(world, job) is DisplayState.HELD)
    world.bugs.clear()
    _repair(world)
    if way == "resume":
        await world.engine.resume()
    else:
        world.engine.try_now()
    await world.run_to(job, JobState.DONE, limit_s=60)


@pytest.mark.parametrize(
    ("holds", "delay"), [(0, 600), (1, 600), (2, 1800), (4, 21600), (99, 21600)]
)
def test_the_waits(holds: int, delay: float) -> None:
    assert hold_delay(holds) == delay
