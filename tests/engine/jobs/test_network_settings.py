"""Proxy and certificates that cannot be used: nothing is sent, nothing is written, all is said."""

from collections.abc import AsyncIterator

import pytest

from kling_desktop.api.client import ApiClient
from kling_desktop.domain.errors import NetworkMisconfigured
from kling_desktop.domain.events import PauseReason
from kling_desktop.domain.job import JobState, Service
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.secret import ApiKey
from tests.engine.conftest import World
from tests.fakes.service import BASE_URL
from tests.fakes.service_script import Ack, Processing


@pytest.fixture
async def misconfigured() -> AsyncIterator[ApiClient]:
    environment = {"ALL_PROXY": "socks4://127.0.0.1:1080"}
    client = ApiClient(BASE_URL, lambda: ApiKey("k"), environment=environment)
    yield client
    await client.aclose()


async def test_the_jobs_stay_queued_and_the_pause_names_the_variable(
    world: World, misconfigured: ApiClient
) -> None:
    await world.open(start=False)
    await world.engine.set_service(Service.RUNWARE, misconfigured)
    await world.engine.start()
    jobs = await world.queue()
    await world.run_until(lambda: world.engine.status.pause is not None)
    await world.engine.wait_idle()
    status = world.engine.status
    assert status.pause is PauseReason.NETWORK_SETTINGS
    assert isinstance(status.pause_error, NetworkMisconfigured)
    assert status.pause_error.reason is Reason.PROXY_KIND_OF_VARIABLE
    assert status.pause_error.facts["variable"] == "ALL_PROXY"
    for job in jobs:
        kept = world.jobs.get_job(job.id)
        assert kept.state is JobState.QUEUED
        assert (kept.body, kept.attempts, kept.submitted_at) == ("", 0, None)


async def test_it_goes_on_once_the_settings_are_right(
    world: World, misconfigured: ApiClient
) -> None:
    await world.open(start=False)
    good = world.client
    await world.engine.set_service(Service.RUNWARE, misconfigured)
    await world.engine.start()
    (job,) = await world.queue()
    await world.run_until(lambda: world.engine.status.pause is not None)
    await world.engine.set_service(Service.RUNWARE, good)
    await world.run_to(job, JobState.DONE)
    assert world.engine.status.pause_error is None
    world.check_books()


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.UNCONFIRMED, JobState.DOWNLOADING])
async def test_jobs_that_were_sent_wait_and_the_queue_is_idle(
    world: World, misconfigured: ApiClient, state: JobState
) -> None:
    """`resume` must end and say why, not wait for ever; nothing is lost meanwhile."""
    if state is JobState.RUNNING:
        world.service.script("*", Ack(), Processing(5))
    await world.open()
    (job,) = await world.queue()
    if state is JobState.UNCONFIRMED:
        world.service.lose_next_answer()
    if state is JobState.DOWNLOADING:
        world.service.files.down = True
    await world.run_to(job, state)
    await world.crash()
    await world.open(start=False)
    good = world.client
    await world.engine.set_service(Service.RUNWARE, misconfigured)
    await world.engine.start()
    await world.run_until(lambda: world.engine.status.pause is PauseReason.NETWORK_SETTINGS)
    await world.engine.wait_idle()
    assert world.state(job) is state
    world.service.files.down = False
    await world.engine.set_service(Service.RUNWARE, good)
    await world.run_to(job, JobState.DONE)
    world.check_books()
