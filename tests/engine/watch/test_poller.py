"""When running jobs are asked about, and what an odd answer does to them: nothing."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from kling_desktop.domain.errors import JobUnknown
from kling_desktop.domain.events import PauseReason
from kling_desktop.domain.job import JobState, Service
from kling_desktop.engine.timing.pacing import SERVICE_PACE
from tests.engine.conftest import WORDS, World
from tests.fakes.service import KEY
from tests.fakes.service_script import (
    Absent,
    Ack,
    Broken,
    Failure,
    Processing,
    Refuse,
    Silence,
    Success,
    Trouble,
)

Items = list[dict[str, Any]]

ODD_ANSWERS = {
    "empty data for minutes": (Absent(times=30),),
    "unknown words": (Processing(word="dreaming", times=5),),
    "malformed JSON": (Trouble(200, '{"data": [', times=5),),
    "HTML": (Trouble(503, "<html>", times=5),),
    "504 without a word on the task": (Trouble(504, times=4),),
    "429": (Trouble(429, headers={"retry-after": "40"}, times=2),),
    "a broken connection": (Broken(times=3), Silence(times=2)),
    "the question is refused": (Refuse("unsupportedParameter", times=3),),
    "unknown for minutes, then known": (
        Refuse("taskNotFound", times=30),
        Processing(),
    ),
}


@pytest.mark.parametrize("oddity", ODD_ANSWERS)
async def test_an_odd_answer_never_ends_a_paid_job(world: World, oddity: str) -> None:
    world.service.script("*", Ack(), *ODD_ANSWERS[oddity], Success())
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.DONE)
    world.check_books()


@pytest.mark.parametrize("inside_data", [False, True])
@pytest.mark.parametrize("http_status", [200, 504])
async def test_a_failure_is_believed_wherever_it_stands(
    world: World, inside_data: bool, http_status: int
) -> None:
    failure = Failure(
        "failedProviderTimeout", "Too slow.", inside_data=inside_data, http_status=http_status
    )
    world.service.script("*", Ack(), Processing(), failure)
    await world.open()
    (job,) = await world.queue()
    failed = await world.run_to(job, JobState.FAILED)
    assert failed.error_code == "generation_failed"
    assert failed.error_service_code == "failedProviderTimeout"


def _double(data: Items, errors: Items) -> None:
    """Say everything twice."""
    data.extend([dict(item) for item in data])
    errors.extend([dict(error) for error in errors])


def _double_under_other_names(data: Items, _: Items) -> None:
    """Say each video a second time, under another id and link, as of the same place."""
    videos = [item for item in data if "videoURL" in item]
    data.extend({**item, "resultIndex": 0, "videoUUID": "another"} for item in videos)
    for item in videos:
        item["resultIndex"] = 0


def _keep_first(data: Items, _: Items) -> None:
    """Tell only the first of several finished results."""
    videos = [item for item in data if "videoURL" in item]
    data[:] = [item for item in data if item not in videos[1:]]


def _add_strangers(data: Items, errors: Items) -> None:
    """Speak of tasks that are not ours, and of none at all, beside what was asked."""
    stranger = {"taskType": "videoInference", "taskUUID": str(UUID(int=7 << 64))}
    data.insert(0, {**stranger, "status": "success", "videoURL": "https://files.runware.test/x"})
    errors.append({**stranger, "code": "providerError", "message": "Not yours."})
    errors.append({"code": "unknownTrouble", "message": "Of nobody in particular."})


def _say_it_still_runs(data: Items, _: Items) -> None:
    """Call each finished task a running one as well."""
    named = [{"taskType": i["taskType"], "taskUUID": i["taskUUID"]} for i in data]
    data.extend({**one, "status": "processing"} for one in named)


DISTORTIONS = {
    "the same result twice": _double,
    "the same result under two names": _double_under_other_names,
    "half the results early": _keep_first,
    "a mixed answer": _add_strangers,
    "finished and running at once": _say_it_still_runs,
}


@pytest.mark.parametrize("distortion", DISTORTIONS)
async def test_a_distorted_answer_makes_one_video_of_each_charge(
    world: World, distortion: str
) -> None:
    """Submissions, questions and uploads are all answered like that, for four jobs at once."""
    world.service.distort = DISTORTIONS[distortion]
    world.service.script("*", Ack(), Processing(), Success())
    await world.open()
    world.engine.set_concurrency(4)
    jobs = await world.queue(*(replace(WORDS, prompt=f"scene {n}") for n in range(4)))
    for job in jobs:
        done = await world.run_to(job, JobState.DONE)
        assert done.task_id == job.task_id
        assert done.cost_usd == Decimal("0.35"), "a cost was counted twice"
    assert len(world.service.ledger) == 4
    assert len(world.list_videos()) == 4
    world.check_books()


@pytest.mark.parametrize("distortion", DISTORTIONS)
async def test_a_distorted_answer_ends_only_the_job_that_failed(
    world: World, distortion: str
) -> None:
    world.service.distort = DISTORTIONS[distortion]
    await world.open(start=False)
    good, bad = await world.queue(WORDS, replace(WORDS, prompt="scene 2"))
    world.service.script(good.task_id, Ack(), Processing(times=2), Success())
    world.service.script(bad.task_id, Ack(), Processing(), Failure("providerError"))
    await world.engine.start()
    await world.run_to(bad, JobState.FAILED)
    await world.run_to(good, JobState.DONE)
    assert len(world.service.ledger) == 1
    world.check_books()


async def test_an_error_for_one_of_several_ends_that_one(world: World) -> None:
    await world.open(start=False)
    one, two = await world.queue(WORDS, WORDS)
    world.service.script(one.task_id, Ack(), Processing(), Failure())
    world.service.script(two.task_id, Ack(), Processing(times=2), Success())
    await world.engine.start()
    await world.run_to(two, JobState.DONE)
    assert world.state(one) is JobState.FAILED


async def test_a_lost_job_is_believed_when_it_is_said_often_and_long_enough(
    world: World,
) -> None:
    world.service.script("*", Ack(), Failure("taskNotFound"))
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.RUNNING)
    await world.clock.advance(SERVICE_PACE.forgotten_s)
    assert world.state(job) is JobState.RUNNING
    failed = await world.run_to(job, JobState.FAILED, limit_s=60)
    assert failed.error_code == JobUnknown.code


async def test_another_account_that_does_not_know_a_job_does_not_end_it(world: World) -> None:
    world.service.script("*", Ack(), Failure("taskNotFound"))
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.RUNNING)
    first = world.client
    assert first is not None
    world.service.key = "another-key"
    world.client = world.service.make_client(key="another-key")
    await world.engine.set_service(Service.RUNWARE, world.client)
    await world.clock.advance(3 * SERVICE_PACE.forgotten_s)
    assert world.state(job) is JobState.RUNNING
    world.service.key = KEY
    world.service.script(job.task_id, Success())
    other, world.client = world.client, first
    await world.engine.set_service(Service.RUNWARE, first)
    await other.aclose()
    await world.run_to(job, JobState.DONE)
    assert len(world.list_videos()) == 1


async def test_hours_of_silence_slow_the_asking_and_never_end_the_job(world: World) -> None:
    world.service.script("*", Ack(), Processing(times=10**4), Success())
    await world.open()
    (job,) = await world.queue()
    await world.clock.advance(120)
    young = world.service.count_posts("getResponse")
    assert 22 <= young <= 26
    await world.clock.advance(1680)
    grown = world.service.count_posts("getResponse")
    assert grown - young <= 90
    await world.clock.advance(3600)
    assert 55 <= world.service.count_posts("getResponse") - grown <= 65
    await world.clock.advance(20 * 3600)
    assert world.state(job) is JobState.RUNNING


async def test_all_running_jobs_are_asked_about_by_one_post(world: World) -> None:
    world.service.script("*", Ack(), Processing(times=5), Success())
    await world.open()
    world.engine.set_concurrency(16)
    jobs = await world.queue(*[WORDS] * 16)
    for job in jobs:
        await world.run_to(job, JobState.DONE)
    questions = [post for post in world.service.posts if "getResponse" in post]
    assert len(questions) <= 8
    assert max(len(post) for post in questions) == 16


async def test_a_service_that_takes_no_batches_is_asked_one_by_one(world: World) -> None:
    world.service.takes_batches = False
    await world.open()
    world.engine.set_concurrency(4)
    jobs = await world.queue(*[WORDS] * 4)
    for job in jobs:
        await world.run_to(job, JobState.DONE)
    world.check_books()


async def test_a_key_refused_while_polling_pauses_and_goes_on_when_it_is_back(
    world: World,
) -> None:
    world.service.script("*", Ack(), Processing(times=3), Success())
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.RUNNING)
    good, world.service.key = world.service.key, "another key"
    await world.clock.advance(30)
    assert world.engine.status.pause is PauseReason.KEY_REFUSED
    assert world.state(job) is JobState.RUNNING
    await world.engine.wait_idle()
    world.service.key = good
    await world.run_to(job, JobState.DONE)
    assert world.engine.status.pause is None
    world.check_books()


async def test_sleep_of_the_machine_for_hours_changes_nothing(world: World) -> None:
    world.service.script("*", Ack(), Processing(times=3), Success())
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.RUNNING)
    world.clock.jump(8 * 3600)
    done = await world.run_to(job, JobState.DONE, limit_s=120)
    assert done.accepted_at is not None
    world.check_books()


async def test_after_a_sleep_even_the_longest_wait_is_cut_short(world: World) -> None:
    world.service.script("*", Ack(), Processing(times=2), Success())
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.RUNNING)
    await world.engine.cancel(job.id)  # from now on it is asked about once an hour
    for _ in range(3):
        world.clock.jump(8 * 3600)
        await world.clock.advance(60)
    assert world.state(job) is JobState.DONE
