"""The crash test: after every change of state the process dies, and a new one goes on."""

import asyncio
from dataclasses import replace

import pytest

from kling_desktop.domain.events import JobChange
from kling_desktop.domain.job import Job, JobState
from tests.engine.conftest import WORDS, World
from tests.fakes.service_script import (
    Absent,
    Ack,
    Cut,
    Expired,
    FileStatus,
    LoseAnswer,
    Processing,
    Success,
    Trouble,
)

STORIES = {
    "plain": ((Ack(), Success()), ()),
    "slow": ((Ack(), Processing(times=3), Success()), ()),
    "lost answer": ((LoseAnswer(), Success()), ()),
    "lost answer, not shown yet": ((LoseAnswer(), Absent(times=2), Success()), ()),
    "not taken at first": ((Trouble(503), Ack(), Success()), ()),
    "taken with a 504": ((Trouble(504, accepted=True), Success()), ()),
    "broken download": ((Ack(), Success()), (Cut(20_000),)),
    "expired link": ((Ack(), Success()), (Expired(),)),
}


async def _die_after(world: World, change_number: int) -> bool:
    """Let the process die right after its n-th commit; False when it made fewer."""
    seen = 0
    died = asyncio.Event()

    def on_change(_: JobChange) -> None:
        nonlocal seen
        seen += 1
        if seen == change_number and not died.is_set():
            world.pull_the_plug()
            died.set()

    world.jobs.changed.subscribe(on_change)
    await world.run_until(
        lambda: (
            died.is_set()
            or (
                all(job.ended_at for job in world.jobs.list_history(9))
                and not world.jobs.list_active()
            )
        ),
    )
    return died.is_set()


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("with_picture", [False, True])
async def test_death_after_each_commit(world: World, story: str, with_picture: bool) -> None:
    steps, file_steps = STORIES[story]
    world.service.script("*", *steps)
    await world.open(start=False)
    draft = replace(WORDS, first_frame=world.picture()) if with_picture else WORDS
    await world.close()
    for change_number in range(1, 12):
        world.service.script_download("*", *file_steps)
        await world.open(start=False)
        (job,) = await world.queue(draft)
        await world.engine.start()
        died = await _die_after(world, change_number)
        await world.crash()
        await world.open()
        await world.run_to(job, JobState.DONE)
        await world.engine.wait_idle()
        assert world.service.count_acceptances(job.task_id) == 1
        world.check_books()
        assert world.list_leftovers() == []
        await world.close()
        if not died:
            return
    raise AssertionError("the job never ended by itself")


@pytest.mark.parametrize("sleeps", range(12))
async def test_death_at_any_wait(world: World, sleeps: int) -> None:
    """The process dies between two turns of the loop, wherever it stands."""
    world.service.script("*", LoseAnswer(), Absent(), Processing(), Success())
    world.service.script_download("*", Cut(30_000))
    await world.open()
    (job,) = await world.queue()
    for _ in range(3 * sleeps):
        await asyncio.sleep(0.0005)
    await world.crash()
    await world.open()
    await world.run_to(job, JobState.DONE)
    world.check_books()


async def test_death_during_an_upload(world: World) -> None:
    gate = world.service.hold("imageUpload")
    await world.open()
    large = replace(WORDS, first_frame=world.picture("large.png", 5 * 1024 * 1024))
    (job,) = await world.queue(large)
    await world.clock.settle()
    await world.crash()
    gate.set()
    await world.open(start=False)
    assert world.state(job) is JobState.QUEUED
    await world.engine.start()
    await world.run_to(job, JobState.DONE)
    assert len(world.service.ledger) == 1
    world.check_books()


@pytest.mark.parametrize("answer", [JobState.RUNNING, JobState.DOWNLOADING])
async def test_death_between_an_answer_and_its_commit(world: World, answer: JobState) -> None:
    await world.open()
    advance, arrived = world.jobs.advance, asyncio.Event()

    async def die(job: Job, to: JobState, /, **facts: object) -> Job:
        if to is answer:
            arrived.set()
            world.pull_the_plug()
            await asyncio.Event().wait()
        return await advance(job, to, **facts)

    world.jobs.advance = die
    (job,) = await world.queue()
    await world.run_until(arrived.is_set)
    await world.crash()
    await world.open()
    await world.run_to(job, JobState.DONE)
    assert world.service.count_acceptances(job.task_id) == 1
    world.check_books()


async def test_a_death_while_sending_long_ago_is_never_sent_again_unasked(world: World) -> None:
    await world.open()
    gate = world.service.hold("videoInference")
    (job,) = await world.queue()
    await world.run_to(job, JobState.SUBMITTING)
    advance, arrived = world.jobs.advance, asyncio.Event()

    async def die(job: Job, to: JobState, /, **facts: object) -> Job:
        arrived.set()
        await asyncio.Event().wait()
        return await advance(job, to, **facts)

    world.jobs.advance = die
    gate.set()
    await world.run_until(arrived.is_set)
    await world.crash()
    world.clock.jump(2 * 3600)
    world.service.forget(job.task_id)  # by now the same id would be a new job there
    await world.open()
    await world.clock.advance(600)
    assert world.state(job) is JobState.UNCONFIRMED
    assert world.engine.status.needs_user == 1
    assert len(world.service.ledger) == 1


async def test_death_between_the_note_and_the_first_byte(world: World) -> None:
    await world.open()
    note_sent, noted = world.jobs.note_sent, asyncio.Event()

    async def die(job: Job, account: str = "") -> None:
        await note_sent(job, account)
        noted.set()
        world.pull_the_plug()
        await asyncio.Event().wait()

    world.jobs.note_sent = die
    (job,) = await world.queue()
    await world.run_until(noted.is_set)
    assert world.service.posts == [], "it left before it was noted"
    await world.crash()
    await world.open()
    await world.run_to(job, JobState.DONE)
    world.check_books()


async def test_death_between_the_move_and_the_row(world: World) -> None:
    await world.open()
    (job,) = await world.queue()
    adopt = world.files.adopt

    async def adopt_and_die(part: object, name: str) -> str:
        await adopt(part, name)  # pyright: ignore[reportArgumentType]
        world.pull_the_plug()
        await asyncio.Event().wait()
        return name

    world.files.adopt = adopt_and_die  # pyright: ignore[reportAttributeAccessIssue]
    await world.run_until(lambda: len(world.list_videos()) == 1)
    await world.crash()
    await world.open()
    downloads = len(world.service.files.requests)
    await world.run_to(job, JobState.DONE)
    assert len(world.service.files.requests) == downloads, "it was fetched a second time"
    world.check_books()


async def test_two_crashes_and_a_changed_name_make_one_file(world: World) -> None:
    world.service.script_download("*", FileStatus(422))
    await world.open()
    (job,) = await world.queue()
    planned = await world.run_to(job, JobState.DOWNLOADING)
    await world.crash()
    foreign = world.folder / "library" / planned.file
    foreign.parent.mkdir(parents=True, exist_ok=True)
    foreign.write_bytes(b"somebody else's")
    await world.open()
    done = await world.run_to(job, JobState.DONE)
    assert foreign.read_bytes() == b"somebody else's"
    assert done.file != planned.file
    assert len(world.list_videos()) == 2
