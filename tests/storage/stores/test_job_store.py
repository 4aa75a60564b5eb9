import asyncio
import base64
import logging
import sqlite3
import time
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from kling_desktop.domain.draft import Draft, ImageInput
from kling_desktop.domain.errors import StateConflict
from kling_desktop.domain.events import JobChange, VideoChange
from kling_desktop.domain.job import TRANSITIONS, Job, JobId, JobState, Service, may_follow
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.receipt import EventKind
from tests.storage.conftest import START, Stores, make_request, make_video, task_id

S = JobState
PAIRS = [(before, after) for before in JobState for after in JobState]


def picture(sha256: str) -> ImageInput:
    return ImageInput(
        path=Path("/kept") / sha256, name="lake.png", format="png", width=640, height=480,
        size_bytes=1000, sha256=sha256,
    )  # fmt: skip


async def test_added_jobs_stand_at_the_end_in_their_order(stores: Stores) -> None:
    changes: list[JobChange] = []
    stores.jobs.changed.subscribe(changes.append)
    draft = Draft(prompt="Fog", first_frame=picture("a" * 64), takes=4)
    first = await stores.jobs.add([make_request(1, draft, group_id="g"), make_request(2)])
    second = await stores.jobs.add([make_request(3, retry_of=first[0].id)])
    jobs = (*first, *second)
    assert stores.jobs.list_active() == jobs
    assert [stores.jobs.get_job(job.id) for job in jobs] == list(jobs)
    assert [change.job for change in changes] == list(jobs)
    assert {change.before for change in changes} == {None}
    assert jobs[0].draft == replace(draft, takes=1)
    assert jobs[0].group_id == "g"
    assert jobs[2].retry_of == jobs[0].id
    assert stores.jobs.find_job_by_task(task_id(2)) == jobs[1]
    assert await stores.jobs.add([]) == ()


async def test_a_task_id_is_used_once_and_then_none_of_the_batch_is_added(stores: Stores) -> None:
    await stores.jobs.add([make_request(1)])
    with pytest.raises(StateConflict):
        await stores.jobs.add([make_request(2), make_request(1)])
    assert len(stores.jobs.list_active()) == 1


async def test_a_job_is_replaced_whole_or_not_at_all(stores: Stores) -> None:
    changes: list[JobChange] = []
    (job,) = await stores.jobs.add([make_request(1)])
    stores.jobs.changed.subscribe(changes.append)
    with pytest.raises(StateConflict):
        await stores.jobs.replace(job, make_request(1, retry_of=job.id))
    assert stores.jobs.list_active() == (job,)
    assert changes == []

    new = await stores.jobs.replace(job, make_request(2, retry_of=job.id), error_code="known_not")
    assert stores.jobs.list_active() == (new,)
    gone = stores.jobs.get_job(job.id)
    assert (gone.state, gone.error_code) == (S.CANCELLED, "known_not")
    assert [change.job for change in changes] == [gone, new]
    assert stores.jobs.list_events(job.id)[-1].kind is EventKind.USER
    with pytest.raises(StateConflict):
        await stores.jobs.replace(job, make_request(3))
    assert stores.jobs.list_active() == (new,)


async def test_job_numbers_are_never_used_again(stores: Stores) -> None:
    (job,) = await stores.jobs.add([make_request(1)])

    def delete(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM jobs")

    with pytest.raises(StateConflict):
        await stores.database.write(delete)
    (after,) = await stores.jobs.add([make_request(2)])
    assert after.id == job.id + 1
    with pytest.raises(KeyError):
        stores.jobs.get_job(JobId(99))
    assert stores.jobs.find_job(JobId(99)) is None


async def test_a_thousand_jobs_are_one_durable_transaction_within_a_second(stores: Stores) -> None:
    started = time.process_time()  # of both threads, and of no other program
    jobs = await stores.jobs.add([make_request(number) for number in range(1, 1001)])
    assert time.process_time() - started < 1.0
    (synchronous,) = await stores.database.write(
        lambda connection: tuple(connection.execute("PRAGMA synchronous").fetchone())
    )
    assert synchronous == 2  # FULL
    assert len(jobs) == stores.jobs.count_states(Service.RUNWARE)[S.QUEUED] == 1000
    assert stores.jobs.count_states(Service.SANDBOX)[S.QUEUED] == 0


@pytest.mark.parametrize(("before", "after"), PAIRS)
async def test_every_pair_of_states(stores: Stores, before: JobState, after: JobState) -> None:
    job = await stores.make_job(1, before)
    if may_follow(before, after) and after is S.DONE:
        changed, _ = await stores.jobs.finish(job, make_video(1))
        assert changed.state is S.DONE
    elif may_follow(before, after):
        changed = await stores.jobs.advance(job, after)
        assert changed == stores.jobs.get_job(job.id)
        assert changed.state is after
        assert (changed.ended_at is not None) == after.is_terminal
        event = stores.jobs.list_events(job.id)[-1]
        assert (event.kind, event.before, event.after) == (EventKind.STATE, before, after)
    else:
        events = stores.jobs.list_events(job.id)
        with pytest.raises(StateConflict):
            await stores.jobs.advance(job, after)
        assert stores.jobs.get_job(job.id) == job
        assert stores.jobs.list_events(job.id) == events


async def test_a_job_is_not_done_without_its_video(stores: Stores) -> None:
    job = await stores.make_job(1, S.DOWNLOADING)
    with pytest.raises(StateConflict, check=lambda error: "video" in error.detail):
        await stores.jobs.advance(job, S.DONE)
    assert stores.jobs.get_job(job.id).state is S.DOWNLOADING


async def test_of_two_rivals_one_loses(stores: Stores) -> None:
    (job,) = await stores.jobs.add([make_request(1)])
    results = await asyncio.gather(
        stores.jobs.advance(job, S.SUBMITTING),
        stores.jobs.advance(job, S.CANCELLED),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [Job, StateConflict]
    assert stores.jobs.get_job(job.id).state is S.SUBMITTING
    with pytest.raises(StateConflict, check=lambda error: error.reason is Reason.JOB_MOVED_ON):
        await stores.jobs.amend(job, attempts=1)  # queued no more


async def test_facts_come_with_a_change_and_what_others_noted_meanwhile(stores: Stores) -> None:
    job = await stores.make_job(1, S.SUBMITTING)
    await stores.jobs.amend(job, cancel_asked=True, attempts=2)
    stores.clock.pass_time(timedelta(seconds=3))
    changed = await stores.jobs.advance(
        job, S.DOWNLOADING,
        accepted_at=stores.clock(), result_url="https://im.example/v.mp4?sig=secret",
        result_id="r", seed=7, cost_usd=Decimal("0.350001"), file="a.mp4", frame_form="seed",
        error_code="", watching=False,
    )  # fmt: skip
    assert changed.cancel_asked
    assert changed.attempts == 2
    assert changed.cost_usd == Decimal("0.350001")
    assert changed.accepted_at == START + timedelta(seconds=3) == changed.updated_at
    assert not changed.watching
    assert changed == stores.jobs.get_job(job.id)
    event = stores.jobs.list_events(job.id)[-1]
    assert event.facts["result_host"] == "im.example"
    assert event.facts["cost_usd"] == "0.350001"
    assert "secret" not in str(event.facts)


@pytest.mark.parametrize(
    "facts", [{"colour": 1}, {"state": "done"}, {"draft": "x"}, {"ended_at": START}, {"seed": []}]
)
async def test_an_unknown_fact_is_a_mistake_of_ours(
    stores: Stores, facts: dict[str, object]
) -> None:
    job = await stores.make_job(1, S.QUEUED)
    with pytest.raises(TypeError):
        await stores.jobs.advance(job, S.SUBMITTING, **facts)
    with pytest.raises(TypeError):
        await stores.jobs.amend(job, **facts)
    assert stores.jobs.get_job(job.id) == job


async def test_a_new_task_id_only_when_the_old_one_was_surely_not_accepted(stores: Stores) -> None:
    job = await stores.make_job(1, S.SUBMITTING)
    for state in (S.UNCONFIRMED, S.RUNNING, S.FAILED):
        with pytest.raises(StateConflict):
            await stores.jobs.advance(job, state, task_id=task_id(2))
    with pytest.raises(StateConflict):
        await stores.jobs.amend(job, task_id=task_id(2))
    job = await stores.jobs.advance(job, S.QUEUED, task_id=task_id(2))
    assert job.task_id == task_id(2)
    assert stores.jobs.list_events(job.id)[-1].facts["task_id"] == task_id(2)
    with pytest.raises(StateConflict):
        await stores.jobs.advance(job, S.SUBMITTING, task_id=task_id(3))


@pytest.mark.parametrize("state", [S.DONE, S.FAILED, S.CANCELLED])
async def test_what_has_ended_never_changes(stores: Stores, state: JobState) -> None:
    job = await stores.make_job(1, state)
    with pytest.raises(StateConflict):
        await stores.jobs.amend(job, watching=False)
    columns = [
        row["name"]
        for row in stores.database.read().execute("PRAGMA table_info(jobs)")
        if row["name"] != "hidden"
    ]
    for column in columns:

        def touch(connection: sqlite3.Connection, column: str = column) -> None:
            query = f"UPDATE jobs SET {column} = {column} WHERE id = ?"  # noqa: S608
            connection.execute(query, (job.id,))

        with pytest.raises(StateConflict, check=lambda error: "never changes" in error.detail):
            await stores.database.write(touch)
    await stores.jobs.hide([job.id])
    assert stores.jobs.get_job(job.id) == job


async def test_the_log_tells_the_story_of_a_job(
    stores: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "kling_desktop.storage.stores.job_store")
    (job,) = await stores.jobs.add([make_request(1)])
    for state in (S.SUBMITTING, S.RUNNING, S.DOWNLOADING):
        job = await stores.jobs.advance(job, state)
        job = await stores.jobs.amend(job, error_detail="a fact is no news")
    await stores.jobs.finish(job, make_video(1))
    assert caplog.messages == [
        "jobs 1 to 1: queued",
        *(f"job 1: {state}" for state in ("submitting", "running", "downloading", "done")),
    ]


async def test_finishing_is_one_commit_and_may_happen_twice(stores: Stores) -> None:
    changes: list[object] = []
    stores.jobs.changed.subscribe(changes.append)
    stores.videos.changed.subscribe(changes.append)
    job = await stores.make_job(1, S.DOWNLOADING)
    changes.clear()
    done, video = await stores.jobs.finish(job, make_video(1), cost_usd=Decimal("0.35"))
    again = await stores.jobs.finish(job, make_video(1, file="other.mp4"))
    assert again == (done, video)
    assert (done.state, done.file, done.cost_usd) == (S.DONE, video.file, Decimal("0.35"))
    assert video.job_id == job.id
    assert changes == [
        VideoChange(video.id, video, added=True),
        JobChange(job.id, done, S.DOWNLOADING),
    ]
    assert stores.videos.totals().videos == 1


async def test_a_video_found_in_the_folder_becomes_the_video_of_its_job(stores: Stores) -> None:
    job = await stores.make_job(1, S.DOWNLOADING)
    found = await stores.videos.add(make_video(1, file="found.mp4"))
    done, video = await stores.jobs.finish(job, make_video(1))
    assert (video.id, video.job_id, done.file) == (found.id, job.id, "found.mp4")


async def test_a_job_never_has_two_videos(stores: Stores) -> None:
    job = await stores.make_job(1, S.DONE)
    with pytest.raises(StateConflict):
        await stores.videos.add(make_video(2, job_id=job.id))
    other = await stores.make_job(3, S.DOWNLOADING)
    stolen = replace(other, task_id=job.task_id)
    with pytest.raises(StateConflict):
        await stores.jobs.finish(stolen, make_video(1))
    assert stores.jobs.get_job(other.id) == other


async def test_finishing_needs_a_download_first(stores: Stores) -> None:
    job = await stores.make_job(1, S.RUNNING)
    with pytest.raises(StateConflict):
        await stores.jobs.finish(job, make_video(1))
    assert stores.videos.totals().videos == 0


async def test_the_exact_body_is_kept_until_the_end_and_then_its_pictures_by_hash(
    stores: Stores,
) -> None:
    encoded = base64.b64encode(b"\x89PNG" * 5000).decode()
    body = (
        f'[{{"positivePrompt":"Fog","frame":"data:image/png;base64,{encoded}","raw":"{encoded}"}}]'
    )
    (job,) = await stores.jobs.add([make_request(1)])
    assert stores.jobs.get_receipt(job.id).request is None
    job = await stores.jobs.advance(job, S.SUBMITTING, body=body)
    assert job.body == body
    wanted = stores.jobs.get_receipt(job.id)
    job = await stores.jobs.advance(job, S.FAILED, error_code="request_rejected")
    receipt = stores.jobs.get_receipt(job.id)
    assert len(job.body) < 400
    assert receipt.request == wanted.request
    text = str(receipt.request)
    assert "'positivePrompt': 'Fog'" in text
    assert "image/png sha256:" in text
    assert "(20000 bytes)" in text
    assert encoded not in text
    assert [event.after for event in receipt.events] == [S.QUEUED, S.SUBMITTING, S.FAILED]
    assert receipt.events[1].facts["body_bytes"] == len(body)


async def test_a_body_that_is_no_json_is_kept_by_its_hash(stores: Stores) -> None:
    job = await stores.make_job(1, S.SUBMITTING)
    job = await stores.jobs.amend(job, body="no json")
    request = stores.jobs.get_receipt(job.id).request
    assert isinstance(request, str)
    assert request.endswith("(7 bytes)")
    bad = '["data:image/png;base64,***", 5]'
    await stores.jobs.amend(job, body=bad)
    assert "image/png sha256:" in str(stores.jobs.get_receipt(job.id).request)


async def test_a_job_that_is_not_there(stores: Stores) -> None:
    job = await stores.make_job(1, S.QUEUED)
    with pytest.raises(StateConflict, check=lambda error: error.reason is Reason.NO_SUCH_JOB):
        await stores.jobs.advance(replace(job, id=JobId(99)), S.SUBMITTING)
    with pytest.raises(StateConflict):
        await stores.jobs.reorder(JobId(99), None)


async def test_a_line_can_be_added_to_the_time_line_even_after_the_end(stores: Stores) -> None:
    job = await stores.make_job(1, S.DONE)
    await stores.jobs.log(job.id, EventKind.FILE, {"moved": True, "size_bytes": 5})
    receipt = stores.jobs.get_receipt(job.id)
    assert receipt.events[-1].kind is EventKind.FILE
    assert dict(receipt.events[-1].facts) == {"moved": True, "size_bytes": 5}
    assert receipt.video is not None
    assert receipt.video.job_id == job.id


async def test_reorder(stores: Stores) -> None:
    a, b, c = await stores.jobs.add([make_request(number) for number in (1, 2, 3)])
    await stores.jobs.reorder(c.id, a.id)
    assert [job.id for job in stores.jobs.list_active()] == [c.id, a.id, b.id]
    await stores.jobs.reorder(c.id, b.id)
    assert [job.id for job in stores.jobs.list_active()] == [a.id, c.id, b.id]
    moved = await stores.jobs.reorder(a.id, None)
    assert [job.id for job in stores.jobs.list_active()] == [c.id, b.id, a.id]
    assert moved == stores.jobs.get_job(a.id)
    await stores.jobs.advance(stores.jobs.get_job(b.id), S.SUBMITTING)
    with pytest.raises(StateConflict):
        await stores.jobs.reorder(b.id, c.id)
    with pytest.raises(StateConflict):
        await stores.jobs.reorder(a.id, b.id)


async def test_the_place_of_a_job_is_counted_among_those_that_wait(stores: Stores) -> None:
    jobs = await stores.jobs.add([make_request(number) for number in range(1, 5)])
    first, second, third, last = (job.id for job in jobs)
    find = stores.jobs.find_place
    assert [find(job.id) for job in jobs] == [1, 2, 3, 4]
    await stores.jobs.reorder(last, second)
    assert [find(number) for number in (first, last, second, third)] == [1, 2, 3, 4]
    await stores.jobs.advance(jobs[0], S.SUBMITTING)
    assert (find(first), find(last)) == (None, 1)
    assert find(JobId(99)) is None


async def test_reordering_goes_on_when_the_gap_is_used_up(stores: Stores) -> None:
    first, second, third = await stores.jobs.add([make_request(number) for number in range(1, 4)])
    changes: list[JobChange] = []
    stores.jobs.changed.subscribe(changes.append)
    order = [second.id, third.id]
    for _ in range(60):  # halves the gap behind the first until no number fits in
        order.reverse()
        moved = await stores.jobs.reorder(order[0], order[1])
        assert moved.id == order[0]
        assert [job.id for job in stores.jobs.list_active()] == [first.id, *order]
    assert len(changes) > 60  # the others were given new places too, and told so
    for job in stores.jobs.list_active():
        assert next(c.job for c in reversed(changes) if c.job_id == job.id) == job


async def test_hidden_jobs_leave_the_list_but_not_the_history(stores: Stores) -> None:
    changes: list[JobChange] = []
    done = await stores.make_job(1, S.DONE)
    failed = await stores.make_job(2, S.FAILED)
    waiting = await stores.make_job(3, S.QUEUED)
    stores.jobs.changed.subscribe(changes.append)
    await stores.jobs.hide([done.id, failed.id, waiting.id])
    assert stores.jobs.list_history(10) == ()
    assert set(stores.jobs.list_history(10, include_hidden=True)) == {done, failed}
    assert changes == [
        JobChange(done.id, None, S.DONE),
        JobChange(failed.id, None, S.FAILED),
    ]
    await stores.jobs.unhide([done.id])
    assert stores.jobs.list_history(10) == (done,)
    assert changes[-1] == JobChange(done.id, done)
    assert stores.jobs.count_states(Service.RUNWARE)[S.FAILED] == 1


async def test_history_comes_page_by_page_the_latest_end_first(stores: Stores) -> None:
    jobs = await stores.jobs.add([make_request(number) for number in range(1, 8)])
    ended: list[Job] = []
    for place, job in enumerate((jobs[3], jobs[0], jobs[5], jobs[1], jobs[2])):
        stores.clock.pass_time(timedelta(seconds=place % 2))  # some end at the same moment
        ended.append(await stores.jobs.advance(job, S.CANCELLED))
    wanted = sorted(ended, key=lambda job: (job.updated_at, job.id), reverse=True)
    pages: list[Job] = []
    while page := stores.jobs.list_history(2, pages[-1].id if pages else None):
        pages += page
    assert pages == wanted


async def test_active_jobs_by_service_state_and_number(stores: Stores) -> None:
    running = await stores.make_job(1, S.RUNNING)
    sandbox = await stores.make_job(2, S.QUEUED, service=Service.SANDBOX)
    waiting = await stores.make_job(3, S.QUEUED)
    await stores.make_job(4, S.CANCELLED)
    assert stores.jobs.list_active() == (running, sandbox, waiting)
    assert stores.jobs.list_active(service=Service.RUNWARE) == (running, waiting)
    assert stores.jobs.list_active(states={S.QUEUED}) == (sandbox, waiting)
    assert stores.jobs.list_active(states={S.QUEUED}, limit=1) == (sandbox,)


async def test_pictures_in_use_are_counted_for_unfinished_jobs(stores: Stores) -> None:
    one, two = "1" * 64, "2" * 64
    both = Draft(prompt="Fog", first_frame=picture(one), last_frame=picture(two))
    first, _ = await stores.jobs.add(
        [make_request(1, both), make_request(2, Draft(first_frame=picture(one)))]
    )
    assert (stores.jobs.count_uses(one), stores.jobs.count_uses(two)) == (2, 1)
    await stores.jobs.advance(first, S.CANCELLED)
    assert (stores.jobs.count_uses(one), stores.jobs.count_uses(two)) == (1, 0)


async def test_a_notice_is_sent_even_when_its_caller_was_cancelled(stores: Stores) -> None:
    (job,) = await stores.jobs.add([make_request(1)])
    told = asyncio.Event()
    stores.jobs.changed.subscribe(lambda _: told.set())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await stores.jobs.advance(job, S.SUBMITTING)
    await told.wait()
    assert stores.jobs.get_job(job.id).state is S.SUBMITTING


def test_the_table_of_paths_reaches_every_state() -> None:
    reached = {after for steps in TRANSITIONS.values() for after in steps}
    assert reached | {S.QUEUED} == set(JobState)
