"""What can go wrong between the finished video at the service and the file in the library."""

import asyncio
import errno
import time
from dataclasses import replace
from pathlib import Path

import pytest

from kling_desktop.domain.errors import LibraryUnavailable
from kling_desktop.domain.events import Activity, PauseReason
from kling_desktop.domain.job import JobState
from kling_desktop.domain.video import VideoFacts
from kling_desktop.engine.jobs.download_parts import DownloadPart
from kling_desktop.engine.jobs.download_step import DOWNLOADS_AT_ONCE, is_plausible_length
from kling_desktop.storage.files.library_files import LibraryFiles
from tests.engine.conftest import WORDS, World
from tests.fakes.service_script import (
    Ack,
    Cut,
    Drip,
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
from tests.fakes.video_file import make_video

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
    "a cut video": (Other(make_video()[:40_000]),) * 2,
    "no pictures inside": (Other(make_video(frames=0)),),
    "far too short": (Other(make_video(duration_s=0.5, frames=12)),),
}


@pytest.mark.parametrize("hardship", HARDSHIPS)
async def test_every_hardship_of_a_download_ends_in_one_sound_video(
    world: World, hardship: str
) -> None:
    world.service.script_download("*", *HARDSHIPS[hardship])
    await world.open()
    (job,) = await world.queue()
    done = await world.run_to(job, JobState.DONE)
    world.check_books()
    assert world.list_leftovers() == []
    path = world.folder / "library" / done.file
    recipe = world.video.read_recipe(path)
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


@pytest.fixture
def drop_by_drop(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let drips last by the test's clock, and each drop be handed on as it comes."""
    monkeypatch.setattr("kling_desktop.api.download.PIECE_TIME_S", 0.0)
    world.service.files.sleep = world.clock.sleep


@pytest.mark.usefixtures("drop_by_drop")
async def test_a_drip_gives_its_place_up_and_goes_on_later(world: World) -> None:
    drip = Drip(piece_bytes=500, every_s=20)
    await world.open(start=False)
    slow = await world.queue(*[WORDS] * DOWNLOADS_AT_ONCE)
    (quick,) = await world.queue()
    for job in slow:
        world.service.script_download(job.task_id, drip, drip)
    world.engine.set_concurrency(16)
    await world.engine.start()
    await world.run_to(quick, JobState.DONE, limit_s=120)
    for job in slow:
        await world.run_to(job, JobState.DONE, limit_s=3600)
    spans = [span for path, span in world.service.files.requests if slow[0].task_id in path]
    assert len(spans) == 3
    assert 1000 <= int(spans[1].removeprefix("bytes=").removesuffix("-")) <= 2000
    world.check_books()


@pytest.mark.usefixtures("drop_by_drop")
async def test_a_slow_line_that_is_no_drip_is_left_in_peace(world: World) -> None:
    world.service.script_download("*", Drip(piece_bytes=6000, every_s=10))
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.DONE)
    assert len(world.service.files.requests) == 1


@pytest.mark.usefixtures("drop_by_drop")
async def test_a_drip_that_could_not_go_on_later_goes_on_now(world: World) -> None:
    world.service.files.gives_etag = False
    world.service.script_download("*", Drip(piece_bytes=1000, every_s=30))
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.DONE)
    assert len(world.service.files.requests) == 1


@pytest.mark.parametrize("tail", [b"\0" * 9000, b""])
async def test_after_a_power_loss_only_what_was_synced_is_gone_on_from(
    world: World, tail: bytes
) -> None:
    world.service.script_download("*", Cut(20_000), *[FileStatus(503)] * 2)
    await world.open()
    (job,) = await world.queue()
    await world.run_until(lambda: len(world.service.files.requests) >= 2)
    await world.crash()
    part = world.files.part_path(job.task_id)
    if tail:
        part.write_bytes(part.read_bytes() + tail)  # the length was kept, the bytes were not
    else:
        part.write_bytes(part.read_bytes()[:7000])  # less than was noted: nothing is believed
    await world.open()
    await world.run_to(job, JobState.DONE)
    assert world.service.files.requests[-1][1] == ("bytes=20000-" if tail else "")
    world.check_books()


async def test_a_part_that_went_bad_on_the_disk_is_fetched_anew_from_the_start(
    world: World,
) -> None:
    world.service.script_download("*", Cut(20_000), *[FileStatus(503)] * 2)
    await world.open()
    (job,) = await world.queue()
    await world.run_until(lambda: len(world.service.files.requests) >= 2)
    await world.crash()
    part = world.files.part_path(job.task_id)
    part.write_bytes(b"\0" * 20_000)
    await world.open()
    await world.run_to(job, JobState.DONE)
    assert [span for _, span in world.service.files.requests][-2:] == ["bytes=20000-", ""]
    world.check_books()


@pytest.mark.usefixtures("drop_by_drop")
async def test_a_large_video_is_secured_while_it_comes(world: World) -> None:
    mebibyte = 1024 * 1024
    world.service.files.video = make_video(name="x" * 12 * mebibyte)
    world.service.script_download("*", Drip(piece_bytes=2 * mebibyte, every_s=10))
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.DOWNLOADING)
    await world.clock.advance(45)
    state = await DownloadPart(world.files, job.task_id).find_state()
    assert state.size_bytes >= 4 * mebibyte, "killed now, it would begin anew"
    assert not state.is_whole
    await world.run_to(job, JobState.DONE)
    world.check_books()


async def test_a_fast_line_is_not_held_up_to_secure_what_comes_again_in_a_moment(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kling_desktop.engine.jobs.download_step.SECURED_EVERY_BYTES", 1)
    monkeypatch.setattr("kling_desktop.api.download.PIECE_TIME_S", 0.0)
    kept: list[bool] = []
    sync = DownloadPart.sync

    async def count(part: DownloadPart, *, whole: bool = False) -> None:
        kept.append(whole)
        await sync(part, whole=whole)

    monkeypatch.setattr(DownloadPart, "sync", count)
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.DONE)
    assert kept == [True]
    world.check_books()


async def test_a_clip_that_must_not_change_has_its_recipe_beside(world: World) -> None:
    world.video.must_not_change = True
    await world.open()
    (job,) = await world.queue()
    done = await world.run_to(job, JobState.DONE)
    path = world.folder / "library" / done.file
    assert path.with_name(f"{path.name}.json").is_file()
    recipe = world.video.read_recipe(path)
    assert recipe is not None
    assert recipe.task_id == job.task_id
    world.check_books()


@pytest.mark.parametrize("step", ["embed_recipe", "adopt"])
async def test_a_video_that_came_whole_needs_no_link_any_more(
    world: World, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies after the last byte: before the recipe is in the video, or just after."""
    died = asyncio.Event()
    loop = asyncio.get_running_loop()

    def die(*_: object) -> None:
        loop.call_soon_threadsafe(died.set)
        raise LibraryUnavailable(detail="the process ends here")

    await world.open()
    with monkeypatch.context() as patch:
        if step == "embed_recipe":
            patch.setattr(world.video, step, die)
        else:
            patch.setattr(world.files, "adopt", die)
        (job,) = await world.queue()
        await world.run_until(died.is_set)
        await world.crash()
    asked = len(world.service.files.requests)
    world.service.files.down = True
    await world.open()
    await world.run_to(job, JobState.DONE)
    assert len(world.service.files.requests) == asked
    world.check_books()


async def test_a_change_of_folder_between_the_move_and_the_row_leaves_no_stray(
    world: World,
) -> None:
    await world.open()
    adopt, moved, go_on = world.files.adopt, asyncio.Event(), asyncio.Event()

    async def adopt_slowly(part: Path, relative: str) -> str:
        name = await adopt(part, relative)
        moved.set()
        await go_on.wait()
        return name

    world.files.adopt = adopt_slowly
    (job,) = await world.queue()
    await world.run_until(moved.is_set)
    other = LibraryFiles(world.folder / "other")
    other.create()
    asyncio.get_running_loop().call_soon(go_on.set)
    await world.engine.set_library(other)
    await world.clock.advance(60)
    done = world.jobs.get_job(job.id)
    assert done.state is JobState.DONE, "it is where the clips before it are"
    assert other.scan() == ()
    assert len(world.service.files.requests) == 1
    world.check_books()


async def test_a_video_that_never_is_sound_is_never_given_up(world: World) -> None:
    world.service.script_download("*", *(Other(b"no video at all") for _ in range(500)))
    await world.open()
    (job,) = await world.queue()
    await world.clock.advance(6 * 3600)
    for _ in range(20):  # between asking anew and the next try no trouble is noted
        kept = world.jobs.get_job(job.id)
        assert kept.state in (JobState.DOWNLOADING, JobState.RUNNING)
        if kept.error_code:
            break
        await world.clock.advance(60)
    assert world.jobs.get_job(job.id).error_code == "result_out_of_reach"
    tries = len(world.service.files.requests)
    assert 10 < tries < 200, "too often, or not at all"
    world.service.script_download("*")
    await world.run_to(job, JobState.DONE)
    world.check_books()


async def test_a_whole_video_of_an_odd_length_is_kept_in_the_end(world: World) -> None:
    world.service.files.video = make_video(duration_s=1.0, frames=30)
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.DONE)
    world.check_books()


async def test_a_video_that_takes_no_recipe_is_kept_as_it_came(world: World) -> None:
    world.video.takes_recipe = False
    await world.open()
    (job,) = await world.queue()
    done = await world.run_to(job, JobState.DONE)
    assert (world.folder / "library" / done.file).read_bytes() == world.service.files.video
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


async def test_a_folder_that_turns_read_only_pauses_and_goes_on_by_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    world.service.script("*", Ack(), Processing(times=2), Success())
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.RUNNING)
    with monkeypatch.context() as patch:  # chmod would not stop root
        patch.setattr(
            "kling_desktop.storage.files.library_files.tempfile.NamedTemporaryFile", refuse
        )
        await world.clock.advance(60)
        assert world.state(job) is JobState.DOWNLOADING
        assert world.engine.status.pause is PauseReason.READ_ONLY
        await world.engine.wait_idle()
    await world.run_to(job, JobState.DONE)
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


async def test_several_videos_come_at_once_and_one_hanging_does_not_stop_the_queue(
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
    ("video_s", "wanted_s", "plausible"),
    [(5.0, 5, True), (5.1, 5, True), (10.04, 10, True), (2.0, 5, False), (9.0, 5, False)],
)
def test_plausible_lengths(video_s: float, wanted_s: int, plausible: bool) -> None:
    assert is_plausible_length(video_s, wanted_s) is plausible


async def test_videos_are_opened_one_at_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several at once are no sooner done, and leave the window's thread hardly a turn."""
    probe, opened, most = world.video.probe, 0, 0

    def note(path: Path) -> VideoFacts:
        nonlocal opened, most
        opened += 1
        most = max(most, opened)
        time.sleep(0.005)  # a decoder at work: the others would begin meanwhile
        facts = probe(path)
        opened -= 1
        return facts

    monkeypatch.setattr(world.video, "probe", note)
    await world.open()
    world.engine.set_concurrency(6)
    for job in await world.queue(*[WORDS] * 6):
        await world.run_to(job, JobState.DONE)
    assert most == 1


async def test_a_failed_clean_up_after_the_clip_is_kept_pauses_nothing(world: World) -> None:
    await world.open()
    (job,) = await world.queue()

    def fail(_: object) -> None:
        raise LibraryUnavailable(detail="busy")

    world.files.sweep_parts = fail  # pyright: ignore[reportAttributeAccessIssue]
    await world.run_to(job, JobState.DONE)
    await world.clock.settle()
    assert world.engine.status.pause is None
    await world.close()
    await world.open()
    assert world.list_leftovers() == []
    world.check_books()
