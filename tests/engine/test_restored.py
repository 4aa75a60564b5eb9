"""What an old copy of the records must not cause: a second payment, a second file, a lost clip."""

from pathlib import Path

import pytest

from kling_desktop.domain.job import Job, JobState
from kling_desktop.storage.database.backups import list_backups
from kling_desktop.storage.database.recovery import restore_backup, start_anew
from tests.engine.conftest import World
from tests.fakes.service_script import Absent, Ack, LoseAnswer, Processing, Success


@pytest.fixture
async def job(world: World) -> Job:
    """A job that is done, in a folder whose records are older than its sending."""
    world.service.script("*", Ack(), Success())
    await world.open(start=False)
    (job,) = await world.queue()
    await world.close()
    await world.open()
    await world.run_to(job, JobState.DONE)
    await world.close()
    _restore_oldest(world, readable=False)
    return job


def _restore_oldest(world: World, *, readable: bool) -> None:
    database = world.folder / "data.sqlite3"
    if not readable:
        database.write_bytes(b"no database any more" * 1000)
    oldest = list_backups(database)[-1]
    restore_backup(database, oldest.path, now=world.clock.now)


async def test_what_is_under_way_is_taken_over_from_the_damaged_records(world: World) -> None:
    await world.open(start=False)
    (early,) = await world.queue()
    await world.close()
    await world.open()
    (late,) = await world.queue()
    await world.run_to(late, JobState.RUNNING)
    await world.crash()
    _restore_oldest(world, readable=True)
    await world.open()
    for job in (early, late):
        found = world.jobs.find_job_by_task(job.task_id)
        assert found is not None
        await world.run_to(found, JobState.DONE)
    world.check_books()


async def test_what_the_copy_calls_unsent_is_not_sent_again(world: World, job: Job) -> None:
    world.service.forget(job.task_id)
    await world.open()
    await world.clock.advance(600)
    assert world.state(job) is JobState.UNCONFIRMED
    assert world.engine.status.needs_user == 1
    assert len(world.service.ledger) == 1


async def test_what_was_given_up_since_the_copy_is_not_sent_by_it(world: World) -> None:
    world.service.script("*", LoseAnswer(), Absent(times=40))
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.UNCONFIRMED)
    await world.close()  # the copy is made here
    await world.open()
    await world.engine.discard(job.id)
    await world.crash()
    world.service.forget(job.task_id)
    database = world.folder / "data.sqlite3"
    database.write_bytes(b"no database any more" * 1000)
    restore_backup(database, list_backups(database)[0].path, now=world.clock.now)
    await world.open()
    await world.clock.advance(600)
    assert world.engine.status.needs_user == 1
    assert len(world.service.ledger) == 1


async def test_the_clip_in_the_folder_ends_its_job(world: World, job: Job) -> None:
    world.service.forget(job.task_id)
    await world.open(start=False)
    await world.make_library().rebuild()
    await world.engine.start()
    await world.clock.advance(60)
    done = world.jobs.get_job(job.id)
    assert done.state is JobState.DONE
    assert done.cost_usd == world.service.ledger[0].cost_usd
    world.check_books()


async def test_a_clip_that_is_not_in_the_folder_is_fetched(world: World, job: Job) -> None:
    for video in world.list_videos():
        video.unlink()
    await world.open()
    await world.run_to(job, JobState.DONE)
    world.check_books()


@pytest.mark.parametrize("restored", [True, False])
async def test_a_job_sent_after_the_last_copy_is_found_although_nothing_can_be_read(
    world: World, restored: bool
) -> None:
    await world.open(start=False)
    (early,) = await world.queue()
    await world.close()
    world.service.script("*", Ack(), Processing(times=9), Success())
    await world.open()
    (late,) = await world.queue()
    await world.run_to(late, JobState.RUNNING)
    await world.crash()
    if restored:
        _restore_oldest(world, readable=False)
    else:
        (world.folder / "data.sqlite3").write_bytes(b"no database any more" * 1000)
        start_anew(world.folder / "data.sqlite3", now=world.clock.now)
    await world.open()
    for job in (early, late):
        found = world.jobs.find_job_by_task(job.task_id)
        assert found is not None
        await world.run_to(found, JobState.DONE)
    assert len(world.service.ledger) == 2
    world.check_books()


async def test_starting_anew_takes_over_what_is_under_way(world: World) -> None:
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.RUNNING)
    await world.crash()
    (world.folder / "data.sqlite3.sent").unlink()  # the damaged file itself still tells of it
    start_anew(world.folder / "data.sqlite3", now=world.clock.now)
    await world.open()
    found = world.jobs.find_job_by_task(job.task_id)
    assert found is not None
    assert found.body != ""
    await world.run_to(found, JobState.DONE)
    world.check_books()


@pytest.mark.parametrize("restored", [True, False])
async def test_mending_that_is_broken_off_begins_again(
    world: World, restored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.open(start=False)
    await world.close()
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.RUNNING)
    await world.crash()

    def die(_: Path) -> None:
        raise KeyboardInterrupt

    def mend() -> None:
        if restored:
            _restore_oldest(world, readable=True)
        else:
            start_anew(world.folder / "data.sqlite3", now=world.clock.now)

    with monkeypatch.context() as patch:
        patch.setattr("kling_desktop.storage.database.recovery.sync_file", die)
        with pytest.raises(KeyboardInterrupt):
            mend()
    mend()
    await world.open()
    found = world.jobs.find_job_by_task(job.task_id)
    assert found is not None
    await world.run_to(found, JobState.DONE)
    world.check_books()
