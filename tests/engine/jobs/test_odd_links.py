"""Links to a paid clip, as odd as they come: each ends in one whole clip or in a visible state."""

import gzip
import zlib
from collections.abc import Callable

import pytest

from kling_desktop.domain.errors import ResultOutOfReach
from kling_desktop.domain.job import Job, JobState, TaskId
from kling_desktop.engine.cancelling import CancelResult
from kling_desktop.engine.timing.pacing import HOLD_WAITS_S
from kling_desktop.wording.command_line import describe_state
from tests.engine.conftest import World
from tests.fakes.file_host import FILE_HOST
from tests.fakes.service_script import (
    Absent,
    Ack,
    Cut,
    DeadLink,
    Drip,
    FileStatus,
    FileStep,
    FileUnreachable,
    Other,
    Raw,
    Redirect,
    Short,
    Success,
)
from tests.fakes.video_file import make_video

EXPIRED = b'<?xml version="1.0"?><Error><Code>ExpiredToken</Code></Error>'
STATUSES = (
    204, 205, 300, 304, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414,
    415, 416, 418, 421, 422, 423, 425, 426, 429, 431, 451, 500, 501, 502, 503, 504, 507, 511, 520,
    530, 599,
)  # fmt: skip
ODD_ANSWERS: dict[str, FileStep] = {
    **{f"status {status}": Raw(status, body=EXPIRED) for status in STATUSES},
    "a redirect to itself": Redirect(),
    "a redirect to plain http": Redirect("http://files.runware.test/video/x/1.mp4"),
    "a redirect to this machine": Redirect("http://127.0.0.1:1/video/x/1.mp4"),
    "a redirect to nowhere": Raw(302, body=b""),
    "a redirect to another kind of address": Redirect("ftp://files.runware.test/x"),
    "a redirect with bad punycode": Redirect("https://xn--a.test/video/x/1.mp4"),
    "a redirect that is no address": Redirect("https://[::1"),
    "brotli": Raw(headers={"content-encoding": "br"}),
    "zstd": Raw(headers={"content-encoding": "zstd"}),
    "gzip that is none": Raw(headers={"content-encoding": "gzip"}),
    "gzip that ends early": Raw(
        headers={"content-encoding": "gzip"}, pack=lambda video: gzip.compress(video)[:-30]
    ),
    "gzip of gzip": Raw(headers={"content-encoding": "gzip, gzip"}),
    "shorter than announced": Short(10_000),
    "a body without end": Raw(headers={"content-length": str(5 * 1024**3)}),
    "another part": Raw(206, {"content-range": "bytes 7-99/100"}),
    "a part that says nothing": Raw(206),
    "a page": Raw(body=b"<html>Sign in to the network</html>" * 50),
    "nothing at all": Raw(body=b""),
    "another file": Other(b"\0" * 70_000),
    "a video without pictures": Other(make_video(frames=0)),
    "a cut in the same place": Cut(5000),
    "a host that is away": FileUnreachable(),
}
GOOD_ANSWERS: dict[str, FileStep] = {
    "aws-chunked": Raw(headers={"content-encoding": "aws-chunked"}),
    "an empty coding": Raw(headers={"content-encoding": ""}),
    "Identity": Raw(headers={"content-encoding": "Identity"}),
    "utf-8": Raw(headers={"content-encoding": "utf-8"}),
    "gzip": Raw(headers={"content-encoding": "gzip"}, pack=gzip.compress),
    "deflate": Raw(headers={"content-encoding": "deflate"}, pack=zlib.compress),
    "a part that is the whole": Raw(
        206, {"content-range": f"bytes 0-{len(make_video()) - 1}/{len(make_video())}"}
    ),
    "no length": Raw(headers={"content-type": "video/mp4"}),
    "a redirect elsewhere": Redirect("https://cdn.runware.test/video/x/1.mp4"),
}
ODD_LINKS: dict[str, Callable[[TaskId], str]] = {
    "empty words": lambda _: " ",
    "no address": lambda _: "a clip",
    "plain http": lambda task: f"http://files.runware.test/video/{task}/1.mp4",
    "this machine": lambda _: "https://[::",
    "a port that cannot be": lambda task: f"https://files.runware.test:99999/video/{task}/1.mp4",
    "a name and a password": lambda task: f"https://me:pw@files.runware.test/video/{task}/1.mp4",
    "bad punycode": lambda task: f"https://xn--a.test/video/{task}/1.mp4",
    "a label that is too long": lambda task: f"https://{'a' * 64}.test/video/{task}/1.mp4",
    "a control character": lambda task: f"https://files.runware.test/video/{task}/\x00.mp4",
    "another kind": lambda task: f"ftp://files.runware.test/video/{task}/1.mp4",
}


async def queue_one(world: World, *steps: FileStep) -> Job:
    await world.open(start=False)
    (job,) = await world.queue()
    world.service.script_download(job.task_id, *steps)
    await world.engine.start()
    return job


def count_asked(world: World) -> int:
    return world.service.count_posts("getResponse")


@pytest.mark.parametrize("odd", [*ODD_ANSWERS])
async def test_after_a_few_like_failures_a_fresh_link_is_asked_for(world: World, odd: str) -> None:
    job = await queue_one(world, DeadLink(ODD_ANSWERS[odd]))
    await world.run_to(job, JobState.DONE, limit_s=900)
    dead = [path for path, _ in world.service.files.requests if path.endswith("/1.mp4")]
    redirects = 6 if odd == "a redirect to itself" else 2 if "416" in odd else 1
    assert len(dead) <= 3 * redirects
    assert world.service.count_posts("videoInference") == 1
    world.check_books()
    assert world.list_leftovers() == []


@pytest.mark.parametrize("odd", [*ODD_ANSWERS])
async def test_links_that_all_fail_end_in_a_visible_state_and_never_in_a_loop(
    world: World, odd: str
) -> None:
    world.service.files.make_link = lambda task, number: f"{FILE_HOST}/video/{task}/{number}.mp4"
    job = await queue_one(world, *[ODD_ANSWERS[odd]] * 100_000)
    await world.run_until(
        lambda: world.jobs.get_job(job.id).error_code == ResultOutOfReach.code, limit_s=3600
    )
    await world.engine.wait_idle()
    assert world.state(job) is JobState.DOWNLOADING
    assert world.engine.status.needs_user == 1
    assert world.service.count_posts("getTaskDetails") == 1
    requests, asked = len(world.service.files.requests), count_asked(world)
    assert requests <= 150
    await world.clock.advance(24 * 3600)
    assert len(world.service.files.requests) - requests <= 20 * 6, "ever more slowly"
    assert 3 <= count_asked(world) - asked <= 20, "but for ever"
    world.service.script_download(job.task_id)
    await world.engine.check_now(job.id)
    await world.run_to(job, JobState.DONE, limit_s=120)
    world.check_books()


@pytest.mark.parametrize("good", [*GOOD_ANSWERS])
async def test_answers_that_only_look_odd_are_taken_at_once(world: World, good: str) -> None:
    job = await queue_one(world, GOOD_ANSWERS[good])
    await world.run_to(job, JobState.DONE, limit_s=60)
    assert len(world.service.files.requests) == (2 if "redirect" in good else 1)
    world.check_books()


@pytest.mark.parametrize("odd", [*ODD_LINKS])
async def test_an_odd_link_is_asked_for_anew(world: World, odd: str) -> None:
    good = world.service.files.make_link
    world.service.files.make_link = lambda task, _: ODD_LINKS[odd](task)
    job = await queue_one(world)
    await world.run_until(lambda: count_asked(world) >= 3, limit_s=600)
    assert world.service.files.requests == []
    world.service.files.make_link = good
    await world.run_to(job, JobState.DONE, limit_s=900)
    world.check_books()


async def test_a_half_of_a_character_in_a_link_stops_nothing(world: World) -> None:
    world.service.files.make_link = lambda task, _: f"{FILE_HOST}/video/{task}/\ud800.mp4"
    job = await queue_one(world)
    await world.run_to(job, JobState.DONE)
    world.check_books()


async def test_a_drip_without_end_is_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kling_desktop.api.download.PIECE_TIME_S", 0.0)
    world.service.files.sleep = world.clock.sleep
    world.service.files.gives_etag = False
    world.service.files.video = make_video(name="x" * 1_000_000)
    job = await queue_one(world, DeadLink(Drip(piece_bytes=10, every_s=30)))
    await world.run_to(job, JobState.DONE, limit_s=5 * 3600)
    world.check_books()


class TestOutOfReach:
    async def lose(self, world: World) -> Job:
        job = await queue_one(world, *[FileStatus(451)] * 10_000)
        await world.run_until(
            lambda: world.jobs.get_job(job.id).error_code == ResultOutOfReach.code, limit_s=3600
        )
        return job

    async def test_it_survives_a_restart_and_one_round_tries_all_again(self, world: World) -> None:
        job = await self.lose(world)
        await world.crash()
        before = len(world.service.files.requests)
        engine = await world.open()
        await engine.wait_idle()  # so `resume` ends, and says that somebody is needed
        assert engine.status.needs_user == 1
        assert describe_state(world.jobs.get_job(job.id)) == "needs you"
        await world.clock.advance(60)
        assert len(world.service.files.requests) == before, "a restart forgot the schedule"
        await engine.check_now(job.id)
        await world.clock.advance(60)
        await engine.wait_idle()
        held = world.jobs.get_job(job.id)
        assert (held.error_code, held.holds) == (ResultOutOfReach.code, 2)
        assert held.held_until is not None
        assert len(world.service.files.requests) - before == 2, "the old link and a fresh one"

    @pytest.mark.parametrize("state", [JobState.RUNNING, JobState.DOWNLOADING])
    async def test_a_restart_in_the_middle_of_a_later_round_goes_on_with_it(
        self, world: World, state: JobState
    ) -> None:
        """It stops while a fresh link is asked for, or while that link is tried."""
        job = await self.lose(world)
        await world.engine.wait_idle()
        if state is JobState.RUNNING:
            world.service.script(job.task_id, Absent(times=3), Success())
        else:
            world.service.files.sleep = world.clock.sleep
            slow = Drip(piece_bytes=10, every_s=30)
            world.service.script_download(job.task_id, FileStatus(451), slow)
        before = len(world.service.files.requests)
        await world.engine.check_now(job.id)
        await world.run_until(
            lambda: world.state(job) is state and len(world.service.files.requests) > before,
            limit_s=60,
        )
        await world.clock.settle()
        assert world.state(job) is state
        await world.crash()
        world.service.script_download(job.task_id, *[FileStatus(451)] * 10_000)
        before = len(world.service.files.requests)
        await world.open()
        await world.run_until(lambda: world.jobs.get_job(job.id).holds == 2, limit_s=60)
        held = world.jobs.get_job(job.id)
        assert held.held_until is not None
        wait_s = (held.held_until - world.clock.now()).total_seconds()
        assert wait_s == pytest.approx(HOLD_WAITS_S[1], abs=1)
        assert len(world.service.files.requests) - before <= 2, "all patience began anew"
        world.service.script_download(job.task_id)
        done = await world.run_to(job, JobState.DONE, limit_s=HOLD_WAITS_S[1] + 120)
        assert done.error_code == ""
        world.check_books()

    async def test_a_file_that_comes_after_all_gets_all_patience_again(self, world: World) -> None:
        world.service.files.video = make_video(name="x" * 3_000_000)
        job = await self.lose(world)
        cuts = [Cut(after) for after in range(100_000, 600_000, 100_000)]
        world.service.script_download(job.task_id, *cuts, *[FileStatus(451)] * 2)
        await world.engine.check_now(job.id)
        await world.run_to(job, JobState.DONE, limit_s=300)
        assert world.jobs.get_job(job.id).holds == 0
        world.check_books()

    async def test_a_video_of_an_odd_length_is_kept_in_a_later_round_too(
        self, world: World
    ) -> None:
        job = await self.lose(world)
        world.service.script_download(job.task_id, *[Other(make_video(duration_s=30.0))] * 9)
        await world.run_to(job, JobState.DONE, limit_s=HOLD_WAITS_S[0] + 180)
        assert world.jobs.get_job(job.id).holds == 1
        world.check_books()

    async def test_the_archive_may_know_a_link_that_works(self, world: World) -> None:
        job = await queue_one(world, *[FileStatus(451)] * 10_000)
        await world.run_until(lambda: count_asked(world) >= 3, limit_s=3600)
        video = {
            "taskType": "videoInference", "taskUUID": job.task_id, "videoUUID": "v",
            "videoURL": "https://archive.runware.test/video/from-the-archive/1.mp4",
        }  # fmt: skip
        world.service.archive(job.task_id, {"data": [video]})
        await world.run_to(job, JobState.DONE, limit_s=3600)
        assert world.service.files.requests[-1][0] == "/video/from-the-archive/1.mp4"
        world.check_books()

    async def test_it_can_be_given_up_and_queued_anew(self, world: World) -> None:
        job = await self.lose(world)
        assert await world.engine.cancel(job.id) is CancelResult.GIVEN_UP
        given_up = world.jobs.get_job(job.id)
        assert (given_up.state, given_up.error_code) == (JobState.FAILED, ResultOutOfReach.code)
        await world.clock.advance(10)
        assert world.engine.status.needs_user == 0
        again = await world.engine.retry(job.id)
        assert again.task_id != job.task_id

    async def test_a_download_that_merely_waits_cannot_be_given_up(self, world: World) -> None:
        job = await queue_one(world, *[FileStatus(503)] * 2)
        await world.run_to(job, JobState.DOWNLOADING)
        assert await world.engine.cancel(job.id) is CancelResult.ALREADY_MADE
        await world.run_to(job, JobState.DONE)

    async def test_a_connection_that_breaks_again_and_again_but_goes_on_is_no_dead_link(
        self, world: World
    ) -> None:
        world.service.files.video = make_video(name="x" * 3_000_000)
        cuts = [Cut(after) for after in range(100_000, 3_000_000, 100_000)]
        job = await queue_one(world, *cuts)
        await world.run_to(job, JobState.DONE)
        assert count_asked(world) == 1
        world.check_books()


@pytest.mark.parametrize("odd", ["status 400", "a page", "brotli", "a redirect to itself"])
async def test_dead_links_are_found_out_within_a_minute(world: World, odd: str) -> None:
    """`run` and `resume` end, and say that somebody is needed, while that somebody still waits."""
    job = await queue_one(world, *[ODD_ANSWERS[odd]] * 1000)
    await world.run_to(job, JobState.DOWNLOADING)
    await world.run_until(
        lambda: world.jobs.get_job(job.id).error_code == ResultOutOfReach.code, limit_s=60
    )
    await world.engine.wait_idle()


async def test_a_file_host_that_is_away_is_no_missing_network(world: World) -> None:
    world.service.script("*", Ack(), Success())
    job = await queue_one(world, *[FileUnreachable()] * 2)
    await world.run_to(job, JobState.DOWNLOADING)
    networks: set[str] = set()
    world.engine.status_changed.subscribe(lambda status: networks.add(status.network.value))
    await world.run_to(job, JobState.DONE)
    assert networks <= {"online"}
    world.check_books()
