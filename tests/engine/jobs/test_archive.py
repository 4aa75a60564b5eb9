"""What the archive of past tasks settles before the user is asked, and what it does not settle."""

import pytest

from kling_desktop.domain.job import Job, JobState
from tests.engine.conftest import World
from tests.fakes.service_script import (
    Absent,
    Ack,
    Failure,
    LoseAnswer,
    Processing,
    Refuse,
    Success,
    Trouble,
)

HOURS = 3600.0


async def _make_unconfirmed(world: World) -> Job:
    """Lose the answer to an accepted job, then let the process die for a day."""
    world.service.script("*", LoseAnswer(), Absent(times=99), Success())
    world.service.has_archive = False
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.UNCONFIRMED)
    await world.crash()
    world.clock.jump(24 * HOURS)
    world.service.has_archive = True
    return job


async def test_a_result_in_the_archive_settles_an_old_unconfirmed_job(world: World) -> None:
    job = await _make_unconfirmed(world)
    world.service.script(job.task_id, Success(cost="0.35"))
    world.service.forget(job.task_id, archived=True)
    await world.open()
    done = await world.run_to(job, JobState.DONE)
    assert str(done.cost_usd) == "0.35"
    assert world.service.tasks[job.task_id].submissions == 1, "it was sent again"
    world.check_books()


async def test_our_request_without_a_response_is_a_running_job(world: World) -> None:
    job = await _make_unconfirmed(world)
    world.service.archive(job.task_id, None)
    await world.open()
    await world.run_to(job, JobState.RUNNING)
    world.service.script(job.task_id, Success())
    await world.run_to(job, JobState.DONE)
    assert world.service.tasks[job.task_id].submissions == 1, "it was sent again"
    world.check_books()


async def test_a_conflict_in_the_archive_means_that_the_first_send_was_accepted(
    world: World,
) -> None:
    job = await _make_unconfirmed(world)
    conflict = {"code": "conflictTaskUUID", "message": "Taken.", "taskUUID": job.task_id}
    world.service.archive(job.task_id, {"data": [], "errors": [conflict]})
    await world.open()
    await world.run_to(job, JobState.RUNNING)


async def test_a_failure_in_the_archive_ends_the_job(world: World) -> None:
    job = await _make_unconfirmed(world)
    world.service.script(job.task_id, Failure("failedProviderTimeout", "Too slow."))
    world.service.forget(job.task_id, archived=True)
    await world.open()
    failed = await world.run_to(job, JobState.FAILED)
    assert failed.error_code == "generation_failed"


@pytest.mark.parametrize("archive", ["not found", "no archive", "refused request", "broken"])
async def test_without_a_found_task_the_user_decides(world: World, archive: str) -> None:
    job = await _make_unconfirmed(world)
    world.service.forget(job.task_id)
    match archive:
        case "no archive":
            world.service.has_archive = False
        case "refused request":
            refusal = {"code": "invalidApiKey", "message": "No.", "taskUUID": job.task_id}
            world.service.archive(job.task_id, {"data": [], "errors": [refusal]})
        case "broken":
            world.service.archive_trouble = Trouble(500, "oh no")
        case _:
            pass
    await world.open()
    await world.run_until(lambda: world.engine.status.needs_user == 1, limit_s=HOURS)
    await world.clock.advance(2 * HOURS)
    assert world.state(job) is JobState.UNCONFIRMED
    assert world.service.tasks[job.task_id].submissions == 1, "it was sent again"
    assert len(world.service.ledger) == 1


async def test_a_refused_resend_is_not_believed_before_the_archive_was_asked(world: World) -> None:
    world.service.script("*", LoseAnswer(), Absent(times=99), Success())
    world.service.has_archive = False
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.UNCONFIRMED)
    world.service.refuse_resends = Refuse("invalidPositivePrompt")
    await world.run_until(lambda: world.service.tasks[job.task_id].submissions == 2)
    world.service.has_archive = True
    await world.run_to(job, JobState.RUNNING)


async def test_a_running_job_that_questions_no_longer_find_comes_from_the_archive(
    world: World,
) -> None:
    world.service.script("*", Ack(), Processing(), Success())
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.RUNNING)
    world.service.forget(job.task_id, archived=True)
    world.service.script(job.task_id, Success())
    await world.run_to(job, JobState.DONE, limit_s=HOURS)
    world.check_books()


async def test_a_running_job_that_is_found_without_an_end_goes_on(world: World) -> None:
    world.service.script("*", Ack(), Refuse("taskNotFound", times=999), Success())
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.RUNNING)
    world.service.archive(job.task_id, None)
    await world.clock.advance(2 * HOURS)
    assert world.state(job) is JobState.RUNNING
    assert world.service.count_posts("getTaskDetails") <= 13, "asked too often"
    world.service.script(job.task_id, Success())
    await world.run_to(job, JobState.DONE, limit_s=HOURS)
    world.check_books()


async def test_a_running_job_that_nobody_knows_has_failed(world: World) -> None:
    world.service.script("*", Ack(), Refuse("taskNotFound", times=999), Success())
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.RUNNING)
    world.service.has_archive = False
    failed = await world.run_to(job, JobState.FAILED, limit_s=HOURS)
    assert failed.error_code == "job_unknown"


async def test_an_archive_that_cannot_be_asked_for_a_while_is_asked_again(world: World) -> None:
    world.service.script("*", Ack(), Processing(), Success())
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.RUNNING)
    world.service.forget(job.task_id, archived=True)
    world.service.script(job.task_id, Success())
    world.service.archive_trouble = Trouble(503)
    await world.run_until(lambda: world.service.count_posts("getTaskDetails") == 1, limit_s=HOURS)
    world.service.archive_trouble = None
    await world.run_to(job, JobState.DONE, limit_s=HOURS)
    world.check_books()
