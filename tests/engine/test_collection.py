"""What can go wrong between the finished film at the service and the file in the library."""

from dataclasses import replace
from pathlib import Path

import pytest

from kling_desktop.domain.changes import Activity, PauseReason
from kling_desktop.domain.job import JobState
from kling_desktop.engine.collection import is_plausible_length
from tests.engine.conftest import WORDS, World
from tests.fakes.film import make_film
from tests.fakes.service_script import (
    Ack,
    Cut,
    Expired,
    Failure,
    FileStatus,
    FileUnreachable,
    Other,
    Processing,
    Redirect,
    Short,
    Success,
)

HARDSHIPS = {
    "reset in the middle": (Cut(20_000), Cut(40_000)),
    "wrong length": (Short(30_000),),
    "422 for the first seconds": (FileStatus(422), FileStatus(422), FileStatus(422)),
    "502 for the first seconds": (FileStatus(502), FileStatus(502)),
    "expired link, 404": (Expired(404),),
    "expired link, 403": (Expired(403), Expired(403)),
    "429": (FileStatus(429, {"retry-after": "20"}),),
    "no way to the host": (FileUnreachable(), FileUnreachable()),
    "a redirect": (Redirect(),),
    "a body that is no video": (Other(b"<html>sorry</html>" * 100),) * 4,
    "a cut video": (Other(make_film()[:40_000]),) * 2,
    "no pictures inside": (Other(make_film(frames=0)),),
    "far too short": (Other(make_film(duration_s=0.5, frames=12)),),
}


@pytest.mark.parametrize("hardship", HARDSHIPS)
async def test_every_hardship_of_a_download_ends_in_one_sound_film(
    world: World, hardship: str
) -> None:
    world.service.script_download("*", *HARDSHIPS[hardship])
    await world.open()
    (job,) = await world.queue()
    done = await world.run_to(job, JobState.DONE)
    world.check_books()
    assert world.list_leftovers() == []
    path = world.folder / "library" / done.file
    recipe = world.film.read_recipe(path)
    assert recipe is not None
    assert recipe.task_id == job.task_id
    assert done.error_code == ""


async def test_a_broken_download_goes_on_where_it_broke(world: World) -> None:
    world.service.script_download("*", Cut(20_000))
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.DONE)
    assert [span for _, span in world.service.files.requests] == ["", "bytes=20000-"]


async def test_a_host_that_is_gone_for_good_is_asked_for_anew(world: World) -> None:
    # So it is with a sandbox that was started again at another port: its old links lead nowhere.
    world.service.script_download("*", *[FileUnreachable()] * 3)
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.DONE)
    steps = [(event.before, event.after) for event in world.stores.jobs.list_events(job.id)]
    assert steps.count((JobState.DOWNLOADING, JobState.RUNNING)) == 1
    world.check_books()


async def test_without_an_etag_a_broken_download_begins_anew(world: World) -> None:
    world.service.files.gives_etag = False
    world.service.script_download("*", Cut(20_000))
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.DONE)
    assert [span for _, span in world.service.files.requests] == ["", ""]
    world.check_books()


async def test_a_download_goes_on_after_a_crash(world: World) -> None:
    world.service.script_download("*", Cut(20_000), FileStatus(503), FileStatus(503))
    await world.open()
    (job,) = await world.queue()
    await world.run_until(lambda: len(world.service.files.requests) >= 2)
    await world.crash()
    await world.open()
    await world.run_to(job, JobState.DONE)
    assert world.service.files.requests[-1][1] == "bytes=20000-"
    world.check_books()


async def test_a_film_that_never_is_sound_is_never_given_up(world: World) -> None:
    world.service.script_download("*", *(Other(b"no film at all") for _ in range(500)))
    await world.open()
    (job,) = await world.queue()
    await world.clock.advance(6 * 3600)
    kept = world.jobs.get_job(job.id)
    assert kept.state in (JobState.DOWNLOADING, JobState.RUNNING)
    assert kept.error_code == "damaged_download"
    tries = len(world.service.files.requests)
    assert 10 < tries < 200, "too often, or not at all"
    world.service.script_download("*")
    await world.run_to(job, JobState.DONE)
    world.check_books()


async def test_a_whole_film_of_an_odd_length_is_kept_in_the_end(world: World) -> None:
    world.service.files.film = make_film(duration_s=1.0, frames=30)
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.DONE)
    world.check_books()


async def test_a_film_that_takes_no_recipe_is_kept_as_it_came(world: World) -> None:
    world.film.takes_recipe = False
    await world.open()
    (job,) = await world.queue()
    done = await world.run_to(job, JobState.DONE)
    assert (world.folder / "library" / done.file).read_bytes() == world.service.files.film
    world.check_books()


async def test_a_link_that_is_dead_and_a_service_that_forgot_end_the_job(world: World) -> None:
    world.service.script_download("*", *[Expired()] * 9)
    await world.open(start=False)
    (job,) = await world.queue()
    world.service.script(job.task_id, Ack(), Success())
    await world.engine.start()
    await world.run_until(lambda: len(world.service.files.requests) == 3)
    world.service.script(job.task_id, Failure("taskNotFound"))
    failed = await world.run_to(job, JobState.FAILED)
    assert failed.error_code == "job_unknown"


async def test_a_forgotten_job_is_still_fetched_when_its_host_comes_back(world: World) -> None:
    world.service.script_download("*", *[FileUnreachable()] * 7)
    await world.open(start=False)
    (job,) = await world.queue()
    world.service.script(job.task_id, Ack(), Success())
    await world.engine.start()
    await world.run_to(job, JobState.DOWNLOADING)
    world.service.script(job.task_id, Failure("taskNotFound"))
    await world.run_to(job, JobState.DONE)
    world.check_books()


async def test_an_unplugged_folder_pauses_and_goes_on_by_itself(world: World) -> None:
    world.service.script("*", Ack(), Processing(times=2), Success())
    await world.open()
    world.engine.set_concurrency(1)
    one, two = await world.queue(WORDS, WORDS)
    await world.run_to(one, JobState.RUNNING)
    library, away = world.folder / "library", world.folder / "away"
    library.rename(away)
    await world.clock.advance(60)
    assert world.state(one) is JobState.DOWNLOADING
    assert world.state(two) is JobState.QUEUED
    assert world.engine.status.pause is PauseReason.LIBRARY
    await world.engine.wait_idle()
    assert not library.exists(), "the app made the folder anew on the wrong disk"
    away.rename(library)
    await world.run_to(two, JobState.DONE)
    assert world.state(one) is JobState.DONE
    assert world.engine.status.pause is None
    world.check_books()


async def test_a_full_disk_pauses_and_goes_on_by_itself(world: World) -> None:
    await world.open()
    world.free_bytes = 1000
    (job,) = await world.queue()
    await world.clock.advance(30)
    assert world.engine.status.pause is PauseReason.DISK_FULL
    assert world.service.ledger == [], "a clip was paid for that could not be kept"
    world.free_bytes = 10**12
    await world.run_to(job, JobState.DONE)
    world.check_books()


async def test_several_films_come_at_once_and_one_hanging_does_not_stop_the_queue(
    world: World,
) -> None:
    await world.open(start=False)
    jobs = await world.queue(*(replace(WORDS, prompt=f"scene {n}") for n in range(6)))
    world.service.script_download(jobs[0].task_id, *(FileStatus(503) for _ in range(400)))
    await world.engine.start()
    for job in jobs[1:]:
        await world.run_to(job, JobState.DONE)
    progress = world.engine.find_progress(jobs[0].id)
    assert progress is not None
    assert progress.activity is Activity.WAITING
    assert progress.next_try_at is not None
    world.service.script_download(jobs[0].task_id)
    await world.engine.check_now(jobs[0].id)
    await world.run_to(jobs[0], JobState.DONE)
    world.check_books()


async def test_takes_are_jobs_of_their_own(world: World) -> None:
    await world.open()
    jobs = await world.queue(replace(WORDS, takes=3))
    assert len({job.task_id for job in jobs}) == 3
    assert len({job.group_id for job in jobs}) == 1
    assert jobs[0].group_id
    for job in jobs:
        await world.run_to(job, JobState.DONE)
    world.check_books()
    assert world.service.total_usd == sum(job.cost_usd or 0 for job in world.jobs.list_history(9))


async def test_nothing_leaves_the_library_folder(world: World, tmp_path: Path) -> None:
    await world.open()
    (job,) = await world.queue(replace(WORDS, prompt="../../../etc/passwd\\..\\x" + "y" * 400))
    done = await world.run_to(job, JobState.DONE)
    path = (world.folder / "library" / done.file).resolve()
    assert path.is_relative_to((tmp_path / "library").resolve())


@pytest.mark.parametrize(
    ("film_s", "wanted_s", "plausible"),
    [(5.0, 5, True), (5.1, 5, True), (10.04, 10, True), (2.0, 5, False), (9.0, 5, False)],
)
def test_plausible_lengths(film_s: float, wanted_s: int, plausible: bool) -> None:
    assert is_plausible_length(film_s, wanted_s) is plausible
