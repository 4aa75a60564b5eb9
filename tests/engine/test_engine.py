"""The queue as a whole: places, order, services, restarts, wishes that cannot be had."""

import asyncio
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from kling_desktop.domain.errors import DraftRejected, StateConflict, UnreadableImage
from kling_desktop.domain.events import Activity, EngineStatus, JobChange, JobProgress, Network
from kling_desktop.domain.job import TRANSITIONS, JobState, Service
from kling_desktop.domain.video import VideoFacts
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.wording.reasons import describe_error
from tests.engine.conftest import WORDS, World
from tests.fakes.service_script import Ack, Failure, Processing, Success


async def test_words_become_one_video(world: World) -> None:
    await world.open()
    (job,) = await world.queue()
    done = await world.run_to(job, JobState.DONE)
    world.check_books()
    assert (world.folder / "library" / done.file).is_file()
    assert world.list_leftovers() == []
    await world.engine.wait_idle()
    assert world.service.count_posts("videoInference") == 1
    assert not world.service.files.saw_key


async def test_places_are_filled_in_the_order_of_the_queue(world: World) -> None:
    world.service.script("*", Ack(), Processing(times=3), Success())
    await world.open()
    jobs = await world.queue(*[WORDS] * 5)
    await world.clock.settle()
    assert [world.state(job) for job in jobs] == [JobState.RUNNING] * 2 + [JobState.QUEUED] * 3
    await world.jobs.reorder(jobs[4].id, jobs[2].id)
    world.engine.set_concurrency(3)
    await world.clock.settle()
    assert world.state(jobs[4]) is JobState.RUNNING
    assert world.state(jobs[2]) is JobState.QUEUED
    world.engine.set_concurrency(99)
    for job in jobs:
        await world.run_to(job, JobState.DONE)
    world.check_books()


async def test_the_settings_number_of_places_counts(world: World) -> None:
    world.service.script("*", Ack(), Processing(times=30), Success())
    await world.open()
    await world.settings.update(concurrency=4)
    jobs = await world.queue(*[WORDS] * 5)
    await world.clock.settle()
    assert [world.state(job) for job in jobs].count(JobState.RUNNING) == 4


async def test_the_status_tells_what_is_so(world: World) -> None:
    world.service.script("*", Ack(), Processing(times=3), Success())
    told: list[EngineStatus] = []
    seen: list[JobProgress] = []
    await world.open(start=False)
    world.engine.status_changed.subscribe(told.append)
    world.engine.progress.subscribe(seen.append)
    await world.engine.start()
    jobs = await world.queue(*[WORDS] * 3)
    await world.clock.settle()
    status = world.engine.status
    assert (status.running, status.waiting, status.network) == (2, 1, Network.ONLINE)
    for job in jobs:
        await world.run_to(job, JobState.DONE)
    await world.clock.settle()
    assert (world.engine.status.running, world.engine.status.waiting) == (0, 0)
    assert told[-1] == world.engine.status
    assert {progress.activity for progress in seen} >= {
        Activity.SENDING,
        Activity.GENERATING,
        Activity.DOWNLOADING,
        Activity.CHECKING,
    }
    assert world.engine.find_progress(jobs[0].id) is None


async def test_a_job_that_is_announced_again_is_counted_once(world: World) -> None:
    """The engine may read a new row when it starts, just before the row's own notice comes."""
    world.service.down()
    await world.open()
    (job,) = await world.queue()
    await world.clock.settle()
    await world.run_until(lambda: world.engine.status.network is Network.OFFLINE)
    world.jobs.changed.send(JobChange(job.id, world.jobs.get_job(job.id)))
    await world.clock.settle()
    assert world.engine.status.waiting == 1


async def test_a_bad_draft_queues_nothing(world: World) -> None:
    await world.open()
    with pytest.raises(DraftRejected):
        await world.queue(WORDS, replace(WORDS, prompt="x"))
    assert world.jobs.list_active() == ()


async def test_a_picture_that_changed_since_it_was_chosen_queues_nothing(world: World) -> None:
    await world.open()
    image = world.picture()
    image.path.write_bytes(b"something else")
    with pytest.raises(UnreadableImage):
        await world.queue(replace(WORDS, first_frame=image))
    image.path.unlink()
    with pytest.raises(UnreadableImage):
        await world.queue(replace(WORDS, first_frame=image))
    assert world.jobs.list_active() == ()


async def test_the_original_picture_may_go_once_it_is_queued(world: World) -> None:
    await world.open()
    await world.engine.pause()
    image = world.picture()
    (job,) = await world.queue(replace(WORDS, first_frame=image))
    image.path.unlink()
    await world.engine.resume()
    await world.run_to(job, JobState.DONE)


async def test_jobs_of_the_other_service_are_left_as_they_are(world: World) -> None:
    world.service.script("*", Ack(), Processing(times=99), Success())
    await world.open(Service.SANDBOX)
    practice = await world.queue(*[WORDS] * 3)
    await world.clock.settle()
    before = [world.jobs.get_job(job.id) for job in practice]
    client = world.service.make_client()
    await world.engine.set_service(Service.RUNWARE, client)
    world.service.script("*", Ack(), Success())
    posts = len(world.service.posts)
    (job,) = await world.queue()
    await world.run_to(job, JobState.DONE)
    await world.clock.advance(3600)
    assert [world.jobs.get_job(job.id) for job in practice] == before
    sent = [post for post in world.service.posts[posts:] if "videoInference" in post]
    assert len(sent) == 1
    await world.engine.set_service(Service.SANDBOX, world.client)
    for job in practice:
        await world.run_to(job, JobState.DONE)
    await world.engine.stop()
    await client.aclose()


async def test_stop_is_quick_and_leaves_no_task(world: World) -> None:
    world.service.script("*", Ack(), Processing(times=99), Success())
    await world.open()
    world.engine.set_concurrency(16)
    await world.queue(*[WORDS] * 20)
    await world.clock.settle()
    began = time.perf_counter()
    await world.engine.stop()
    assert time.perf_counter() - began < 5
    names = {task.get_name() for task in asyncio.all_tasks()}
    assert not any(name.startswith("job ") for name in names)


async def test_idle_is_waited_for(world: World) -> None:
    world.service.script("*", Ack(), Processing(times=3), Success())
    await world.open()
    (job,) = await world.queue()
    owner = TaskOwner()
    idle = owner.start(world.engine.wait_idle(), name="idle")
    await world.clock.advance(3)
    assert not idle.done()
    await world.run_until(idle.done)
    assert world.state(job) is JobState.DONE
    await owner.close()


async def test_a_bug_stops_one_job_and_no_other(world: World) -> None:
    await world.open()
    probe = world.video.probe

    bugs = [ZeroDivisionError("a bug")]

    def stumble(path: Path) -> VideoFacts:
        with suppress(IndexError):  # two threads may come at once, one of them stumbles
            raise bugs.pop()
        return probe(path)

    world.video.probe = stumble  # pyright: ignore[reportAttributeAccessIssue]
    one, two = await world.queue(WORDS, WORDS)
    await world.run_until(lambda: len(world.jobs.list_history(9)) == 1)
    await world.engine.wait_idle()
    assert [type(bug) for bug in world.bugs] == [ZeroDivisionError]
    assert world.engine.status.needs_user == 1
    (left,) = world.jobs.list_active()
    await world.engine.check_now(left.id)
    for job in (one, two):
        await world.run_to(job, JobState.DONE)
    world.check_books()
    world.bugs.clear()


async def test_try_now_cuts_the_waits_short(world: World) -> None:
    await world.open()
    world.service.down()
    (job,) = await world.queue()
    await world.clock.advance(600)
    world.service.up()
    world.engine.try_now()
    await world.clock.advance(1)
    assert world.state(job) is not JobState.QUEUED
    await world.run_to(job, JobState.DONE)


async def test_wishes_that_cannot_be_had_are_refused(world: World) -> None:
    await world.open()
    await world.engine.pause()
    (job,) = await world.queue()
    under_way = "This clip is still under way."
    known = "By now it is known what became of this clip."
    for refused, sentence in (
        (world.engine.retry, under_way),
        (world.engine.discard, known),
        (world.engine.send_again, known),
    ):
        with pytest.raises(StateConflict) as caught:
            await refused(job.id)
        assert describe_error(caught.value) == sentence


async def test_a_failed_job_is_tried_again_by_itself_only_as_often_as_was_set(
    world: World,
) -> None:
    world.service.script("*", Ack(), Failure())
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.FAILED)
    await world.clock.advance(600)
    assert len(world.jobs.list_history(99)) == 1
    await world.settings.update(retry_count=2)
    (job,) = await world.queue()
    await world.clock.advance(600)
    made = world.jobs.list_history(99)
    assert [each.retry_of for each in sorted(made, key=lambda each: each.id)][1:] == [
        None,
        job.id,
        job.id + 1,
    ]


async def test_a_thousand_jobs_are_queued_at_once_and_none_is_lost(world: World) -> None:
    await world.open()
    await world.engine.pause()
    began = time.perf_counter()
    jobs = await world.queue(*(replace(WORDS, prompt=f"scene {n}") for n in range(1000)))
    assert time.perf_counter() - began < 5
    assert len(jobs) == 1000
    assert world.jobs.count_states(Service.RUNWARE)[JobState.QUEUED] == 1000


async def test_the_new_folder_is_used_from_now_on(world: World) -> None:
    from kling_desktop.storage.files.library_files import LibraryFiles

    await world.open()
    files = LibraryFiles(world.folder / "other")
    files.create()
    await world.engine.set_library(files)
    (job,) = await world.queue()
    done = await world.run_to(job, JobState.DONE)
    assert (world.folder / "other" / done.file).is_file()


def test_the_engine_has_a_step_for_every_state_that_is_not_an_end() -> None:
    # Reached by: test_submission (queued, submitting, unconfirmed), test_poller (running),
    # test_collection (downloading); a new state without a step would stand still for ever.
    from kling_desktop.domain.job import ACTIVE_STATES

    assert {
        JobState.QUEUED,
        JobState.SUBMITTING,
        JobState.UNCONFIRMED,
        JobState.RUNNING,
        JobState.DOWNLOADING,
    } == ACTIVE_STATES
    assert set(TRANSITIONS) == set(JobState)


async def test_records_that_cannot_be_read_any_more_let_nobody_wait(world: World) -> None:
    await world.open()
    await world.engine.pause()
    await world.queue()
    await world.engine.wait_idle()
    assert not world.engine.has_failed
    await world.database.close()
    async with asyncio.timeout(10):
        await world.engine.resume()
        await world.engine.wait_idle()
    assert world.engine.has_failed
    await world.clock.settle()
    assert len(world.bugs) == 1
    world.bugs.clear()
    world.database = None
