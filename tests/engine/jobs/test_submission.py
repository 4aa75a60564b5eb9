"""What each answer, and each missing answer, to a submission does to the job and the queue."""

import asyncio
import json
from dataclasses import replace

import pytest

from kling_desktop.domain.catalog import ModelId
from kling_desktop.domain.events import JobChange, Network, PauseReason
from kling_desktop.domain.job import Job, JobState, Service
from kling_desktop.engine.cancelling import CancelResult
from kling_desktop.engine.jobs.submission_outcome import (
    LOOKS_UNTIL_REFUSAL_IS_BELIEVED,
    REFUSAL_IS_BELIEVED_S,
)
from kling_desktop.storage.database.sent_journal import journal_path
from kling_desktop.wording.banner import describe_pause
from tests.engine.conftest import WORDS, World
from tests.fakes.service import KEY
from tests.fakes.service_script import (
    Absent,
    Ack,
    Broken,
    Failure,
    LoseAnswer,
    Processing,
    Refuse,
    Silence,
    Success,
    Trouble,
    Unreachable,
)

ACCEPTED = {
    "lost answer": (LoseAnswer(), Success()),
    "lost answer, 504 says nothing": (Trouble(504, accepted=True), Success()),
    "lost answer, 400 of a gateway": (Trouble(400, "<html>", accepted=True), Success()),
    "lost answer, 413 of a gateway": (Trouble(413, "<html>", accepted=True), Success()),
    "lost answer, not shown for a while": (LoseAnswer(), Absent(times=5), Success()),
}
NOT_ACCEPTED = {
    "reset before the first byte": (Unreachable(times=2), Ack(), Success()),
    "time-out": (Silence(times=2), Ack(), Success()),
    "reset after the request": (Broken(times=2), Ack(), Success()),
    "500": (Trouble(500), Ack(), Success()),
    "502": (Trouble(502, "<html>bad gateway</html>"), Ack(), Success()),
    "503": (Trouble(503, times=6), Ack(), Success()),
    "504": (Trouble(504), Ack(), Success()),
    "403 of a bot check": (Trouble(403, "<html>Just a moment...</html>"), Ack(), Success()),
    "401 of a gateway": (Trouble(401, '{"message": "Unauthorized"}'), Ack(), Success()),
    "402 of a portal": (Trouble(402, "<html>Pay for the Wi-Fi</html>"), Ack(), Success()),
    **{
        f"{status} of a gateway, {body[:9]}": (Trouble(status, body, times=2), Ack(), Success())
        for status, body in (
            (400, "<html>Bad Request</html>"),
            (400, '{"message": "Bad Request"}'),
            (406, '{"errors": [{"code": 1010, "message": "Not acceptable"}]}'),
            (413, "<html>Request Entity Too Large</html>"),
            (422, ""),
            (431, "<html>Request Header Fields Too Large</html>"),
            (451, "<html>Not here</html>"),
        )
    },
    "HTML with 200": (Trouble(200, "<html>hello</html>"), Ack(), Success()),
    "empty body with 200": (Trouble(200, ""), Ack(), Success()),
    "429 without Retry-After": (Trouble(429, times=3), Ack(), Success()),
    "429 with Retry-After": (Trouble(429, headers={"retry-after": "30"}), Ack(), Success()),
    "429 of the task": (Refuse("rateLimitExceeded", http_status=429, times=2), Ack(), Success()),
    **{
        f"{status} of the task": (Refuse(code, http_status=status), Ack(), Success())
        for status, code in (
            (500, "internalServerError"),
            (502, "serverError"),
            (503, "serviceUnavailable"),
            (504, "timeout"),
        )
    },
}


@pytest.mark.parametrize("has_archive", [True, False])
@pytest.mark.parametrize("story", [*ACCEPTED, *NOT_ACCEPTED])
async def test_every_bad_answer_ends_in_one_charge_and_one_video(
    world: World, story: str, has_archive: bool
) -> None:
    world.service.has_archive = has_archive
    world.service.script("*", *(ACCEPTED | NOT_ACCEPTED)[story])
    await world.open()
    (job,) = await world.queue()
    done = await world.run_to(job, JobState.DONE)
    assert done.task_id == job.task_id, "it was sent under another id"
    assert len(world.service.ledger) == 1
    world.check_books()


@pytest.mark.parametrize(
    "step",
    [
        Refuse("notFound", http_status=404, scoped=False, times=9),
        Trouble(404, "<html>Not Found</html>", times=9),
        Trouble(405, times=9),
    ],
    ids=["404 with a code", "404 with HTML", "405"],
)
async def test_a_wrong_address_fails_no_job(world: World, step: Refuse | Trouble) -> None:
    world.service.script("*", step, Ack(), Success())
    await world.open()
    (job,) = await world.queue()
    await world.clock.advance(2)
    waiting = world.jobs.get_job(job.id)
    assert waiting.state is JobState.QUEUED
    assert "no Runware service at this address" in waiting.error_detail
    assert world.service.tasks[job.task_id].submissions < 4, "it is not sent again at once"
    done = await world.run_to(job, JobState.DONE)
    assert done.task_id == job.task_id
    world.check_books()


async def test_the_right_address_gets_what_the_wrong_one_did_not_take(world: World) -> None:
    world.service.script("*", Trouble(404, times=99))
    await world.open()
    (job,) = await world.queue()
    await world.clock.advance(60)
    world.service.key = "another-account"
    world.service.script(job.task_id, Ack(), Success())
    client = world.service.make_client(key=world.service.key)
    await world.engine.set_service(job.service, client)
    await world.run_to(job, JobState.DONE)
    world.check_books()
    await world.engine.stop()
    await client.aclose()


async def test_taken_and_refused_at_once_is_asked_about_under_its_own_id(world: World) -> None:
    await world.open(start=False)
    (job,) = await world.queue(replace(WORDS, first_frame=world.picture()))
    world.service.script(job.task_id, Ack(), Processing(), Success())
    refusal = {"code": "invalidFrameImages", "parameter": "inputs.frameImages"}

    def contradict(data: list[dict[str, object]], errors: list[dict[str, object]]) -> None:
        errors += [
            {**item, **refusal}
            for item in data
            if item["taskType"] == "videoInference" and "status" not in item
        ]

    world.service.distort = contradict
    await world.engine.start()
    done = await world.run_to(job, JobState.DONE)
    assert done.task_id == job.task_id, "it was sent under another id"
    world.check_books()


@pytest.mark.parametrize("http_status", [200, 400])
@pytest.mark.parametrize(
    "code", ["invalidPositivePrompt", "invalidProviderContent", "modelNotFound"]
)
async def test_a_refusal_ends_the_job_and_nothing_is_charged(
    world: World, code: str, http_status: int
) -> None:
    world.service.script("*", Refuse(code, "Not this one.", http_status=http_status))
    await world.open()
    (job,) = await world.queue()
    failed = await world.run_to(job, JobState.FAILED)
    assert failed.error_service_code == code
    assert "Not this one." in failed.error_detail
    assert world.service.ledger == []
    if code == "modelNotFound":
        await world.clock.settle()
        assert world.settings.current.models_gone == (job.draft.model,)


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (401, "invalidApiKey", PauseReason.KEY_REFUSED),
        (403, "forbidden", PauseReason.KEY_REFUSED),
        (402, "insufficientCredits", PauseReason.CREDIT),
    ],
)
async def test_key_and_credit_pause_the_queue(
    world: World, status: int, code: str, reason: PauseReason
) -> None:
    await world.open()
    world.service.refuse_next(Refuse(code, http_status=status))
    (job,) = await world.queue()
    await world.clock.settle()
    assert world.engine.status.pause is reason
    assert world.state(job) is JobState.QUEUED
    await world.engine.wait_idle()
    assert world.service.ledger == []
    await world.engine.resume()
    await world.run_to(job, JobState.DONE)
    world.check_books()


async def test_without_a_key_nothing_is_sent(world: World) -> None:
    await world.open(key=False)
    (job,) = await world.queue()
    await world.engine.wait_idle()
    assert world.engine.status.pause is PauseReason.KEY_MISSING
    client = world.service.make_client(key=KEY)
    await world.engine.set_service(job.service, client)
    await world.run_to(job, JobState.DONE)
    await world.engine.stop()
    await client.aclose()


@pytest.mark.parametrize("key", ["k\u00e9y", "key\r\nX: y", "Bearer key", "k\udcffy", "k\ufeffy"])
async def test_a_key_that_cannot_be_one_is_not_called_missing(world: World, key: str) -> None:
    await world.open(key=False)
    (job,) = await world.queue()
    client = world.service.make_client(key=key)
    await world.engine.set_service(job.service, client)
    await world.engine.wait_idle()
    status = world.engine.status
    assert (status.pause, world.state(job)) == (PauseReason.KEY_REFUSED, JobState.QUEUED)
    title, _text = describe_pause(PauseReason.KEY_REFUSED, error=status.pause_error)
    assert title == "The API key contains characters that no key has."
    assert world.service.ledger == []
    await world.engine.stop()
    await client.aclose()


async def test_offline_jobs_wait_and_go_on_by_themselves(world: World) -> None:
    world.service.down()
    await world.open()
    (job,) = await world.queue()
    await world.clock.advance(300)
    assert world.engine.status.network is Network.OFFLINE
    assert world.engine.status.next_try_at is not None
    assert world.state(job) is JobState.QUEUED
    assert world.jobs.get_job(job.id).attempts == 0
    world.service.up()
    await world.run_to(job, JobState.DONE)
    assert world.engine.status.network is Network.ONLINE
    world.check_books()


async def test_an_unknown_outcome_is_asked_about_when_the_network_is_back(world: World) -> None:
    world.service.script("*", LoseAnswer(), Success())
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.UNCONFIRMED)
    world.service.down()
    await world.clock.advance(120)
    assert world.state(job) is JobState.UNCONFIRMED
    world.service.up()
    await world.run_to(job, JobState.DONE)
    world.check_books()


async def test_after_the_safe_window_only_the_user_decides(world: World) -> None:
    world.service.script("*", Silence(times=99))
    await world.open()
    (job,) = await world.queue()
    await world.run_until(lambda: world.engine.status.needs_user == 1, limit_s=3 * 3600)
    await world.engine.wait_idle()
    sent = world.service.tasks[job.task_id].submissions
    await world.clock.advance(2 * 3600)
    assert world.service.tasks[job.task_id].submissions == sent, "sent again without asking"
    assert world.state(job) is JobState.UNCONFIRMED

    world.service.script("*", Ack(), Success())
    new = await world.engine.send_again(job.id)
    assert world.jobs.get_job(job.id).error_code == "outcome_unknown"
    assert new.retry_of == job.id
    assert new.task_id != job.task_id
    await world.run_to(new, JobState.DONE)


async def test_sending_again_is_one_commit_that_no_death_can_halve(world: World) -> None:
    world.service.script("*", Silence(times=99))
    await world.open()
    (job,) = await world.queue()
    await world.run_until(lambda: world.engine.status.needs_user == 1, limit_s=3 * 3600)
    queued: list[int] = []

    def look(_: JobChange) -> None:
        queued.append(len(world.jobs.list_active(states=[JobState.QUEUED])))

    unsubscribe = world.jobs.changed.subscribe(look)
    await world.engine.send_again(job.id)
    unsubscribe()
    assert queued[0] == 1, "the old job was given up in a commit of its own"


async def test_a_late_look_still_finds_the_accepted_job(world: World) -> None:
    world.service.has_archive = False
    world.service.script("*", Trouble(504, accepted=True), Absent(times=1), Success())
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.UNCONFIRMED)
    await world.crash()
    world.clock.jump(24 * 3600)
    await world.open()
    await world.run_until(lambda: world.engine.status.needs_user == 1)
    assert world.service.tasks[job.task_id].submissions == 1
    await world.engine.check_now(job.id)
    await world.run_to(job, JobState.DONE)
    world.check_books()


@pytest.mark.parametrize("jump", [-7200.0, 7200.0])
async def test_a_clock_that_jumps_never_causes_a_resend(world: World, jump: float) -> None:
    world.service.script("*", Silence(times=99))
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.UNCONFIRMED)
    await world.crash()
    sent = world.service.tasks[job.task_id].submissions
    world.clock.jump(jump)
    await world.open()
    await world.run_until(lambda: world.engine.status.needs_user == 1)
    assert world.service.tasks[job.task_id].submissions == sent


async def test_a_conflict_on_the_first_send_is_never_a_new_payment(world: World) -> None:
    await world.open(start=False)
    (job,) = await world.queue()
    world.service.script(job.task_id, Ack(), Processing(), Success())
    world.service.tasks[job.task_id].known = True
    await world.engine.start()
    await world.run_to(job, JobState.DONE)
    assert world.service.ledger == []
    states = [event.after for event in world.jobs.list_events(job.id) if event.after]
    assert JobState.UNCONFIRMED in states


async def test_a_refused_frame_form_is_tried_the_other_way_under_a_new_id(world: World) -> None:
    await world.open()
    first = replace(WORDS, first_frame=world.picture())
    world.service.script(
        "*",
        Refuse("unsupportedParameter", parameter="frameImages", allowed_values=["inputs"]),
        Ack(),
        Success(),
    )
    (job,) = await world.queue(first)
    refused_id = job.task_id
    world.service.script(refused_id, Refuse("unsupportedParameter", parameter="frameImages"))
    world.service.script("*", Ack(), Success())
    done = await world.run_to(job, JobState.DONE)
    assert done.task_id != refused_id
    assert "inputs" in world.service.tasks[done.task_id].body
    assert world.settings.current.frame_forms[ModelId("klingai:6@1")] == "inputs"
    world.check_books()

    (second,) = await world.queue(first)
    await world.run_to(second, JobState.DONE)
    assert "inputs" in world.service.tasks[second.task_id].body


async def test_both_frame_forms_refused_is_a_failure(world: World) -> None:
    await world.open()
    world.service.script("*", Refuse("unsupportedParameter", parameter="inputs.frameImages"))
    (job,) = await world.queue(replace(WORDS, first_frame=world.picture()))
    await world.run_to(job, JobState.FAILED)
    assert world.service.ledger == []


async def test_lost_uploads_are_made_anew(world: World) -> None:
    await world.open()
    image = world.picture()
    drafts = [replace(WORDS, first_frame=image, prompt=f"take {n}") for n in range(2)]
    await world.engine.pause()
    jobs = await world.queue(*drafts)
    world.service.script(jobs[0].task_id, Refuse("mediaNotFound", parameter="frameImages"))
    await world.engine.resume()
    for job in jobs:
        await world.run_to(job, JobState.DONE)
    assert len(world.service.uploads) == 2
    world.check_books()


@pytest.mark.parametrize("trouble", ["503", "429", "html", "lost", "offline"])
async def test_an_upload_is_tried_again_and_the_job_stays_in_the_queue(
    world: World, trouble: str
) -> None:
    await world.open()
    match trouble:
        case "503":
            world.service.answer_next(503)
        case "429":
            world.service.answer_next(429, retry_after="9")
        case "html":
            world.service.answer_next(200, "<html>")
        case "lost":
            world.service.lose_next_answer()
        case _:
            world.service.down()
    large = replace(WORDS, first_frame=world.picture("large.png", 5 * 1024 * 1024))
    (job,) = await world.queue(large)
    await world.clock.settle()
    assert world.state(job) is JobState.QUEUED
    world.service.up()
    await world.run_to(job, JobState.DONE)
    world.check_books()


async def test_a_key_refused_at_the_upload_pauses_the_queue(world: World) -> None:
    await world.open()
    world.service.refuse_next(Refuse("invalidApiKey", http_status=401))
    large = replace(WORDS, first_frame=world.picture("large.png", 5 * 1024 * 1024))
    (job,) = await world.queue(large)
    await world.clock.settle()
    assert world.engine.status.pause is PauseReason.KEY_REFUSED
    await world.engine.resume()
    await world.run_to(job, JobState.DONE)


async def test_a_picture_that_the_service_refuses_fails_the_job(world: World) -> None:
    await world.open()
    world.service.refuse_next(Refuse("invalidImage", "Not a picture."))
    large = replace(WORDS, first_frame=world.picture("large.png", 5 * 1024 * 1024))
    (job,) = await world.queue(large)
    await world.run_to(job, JobState.FAILED)
    assert world.service.ledger == []


async def test_sixteen_jobs_upload_their_picture_once(world: World) -> None:
    await world.open()
    world.engine.set_concurrency(16)
    image = world.picture()
    jobs = await world.queue(
        *(replace(WORDS, first_frame=image, prompt=f"scene {n}") for n in range(16))
    )
    for job in jobs:
        await world.run_to(job, JobState.DONE)
    assert len(world.service.uploads) == 1
    assert world.service.count_posts("getResponse") <= 3
    world.check_books()


async def test_a_small_picture_used_once_goes_inline_and_a_large_one_is_uploaded(
    world: World,
) -> None:
    await world.open()
    small = replace(WORDS, first_frame=world.picture("small.png", 4 * 1024 * 1024))
    large = replace(WORDS, first_frame=world.picture("large.png", 4 * 1024 * 1024 + 1))
    jobs = await world.queue(small, large)
    for job in jobs:
        await world.run_to(job, JobState.DONE)
    assert [upload.size_bytes for upload in world.service.uploads] == [4 * 1024 * 1024 + 1]
    body = world.jobs.get_job(jobs[0].id).body
    assert len(body) < 2000, "the picture stayed in the row"


async def test_a_kept_picture_that_is_gone_fails_the_job_before_it_costs(world: World) -> None:
    await world.open()
    await world.engine.pause()
    (job,) = await world.queue(replace(WORDS, first_frame=world.picture()))
    frame = job.draft.first_frame
    assert frame is not None
    frame.path.unlink()
    await world.engine.resume()
    failed = await world.run_to(job, JobState.FAILED)
    assert failed.error_code == "unreadable_image"
    assert world.service.ledger == []


@pytest.mark.parametrize("size_bytes", [3000, 5 * 1024 * 1024], ids=["inline", "uploaded"])
async def test_a_kept_picture_that_cannot_be_read_for_now_is_waited_for(
    world: World, size_bytes: int
) -> None:
    """A folder on another disk may be away: that says nothing about the picture."""
    await world.open()
    await world.engine.pause()
    picture = world.picture("first.png", size_bytes)
    job, other = await world.queue(replace(WORDS, first_frame=picture), WORDS)
    inputs = world.folder / "inputs"
    away = inputs.rename(world.folder / "away")
    await world.engine.resume()
    await world.run_to(other, JobState.DONE)
    held = world.jobs.get_job(job.id)
    assert (held.state, held.error_code) == (JobState.QUEUED, "picture_unavailable")
    assert held.held_until is not None
    assert (held.body, held.attempts) == ("", 0)
    away.rename(inputs)
    done = await world.run_to(job, JobState.DONE)
    assert done.error_code == ""
    world.check_books()


async def test_an_answer_that_holds_the_video_already_is_taken(world: World) -> None:
    await world.open(start=False)
    (job,) = await world.queue()
    _, url = world.service.files.publish(job.task_id)
    item = {
        "taskType": "videoInference",
        "taskUUID": job.task_id,
        "status": "success",
        "videoUUID": "a-video",
        "videoURL": url,
        "cost": 0.35,
    }
    world.service.answer_next(200, json.dumps({"data": [item]}))
    await world.engine.start()
    done = await world.run_to(job, JobState.DONE)
    assert str(done.cost_usd) == "0.35"
    assert JobState.RUNNING not in [event.after for event in world.jobs.list_events(job.id)]


async def test_a_lost_job_that_failed_meanwhile_is_said_to_have_failed(world: World) -> None:
    world.service.script("*", LoseAnswer(), Failure())
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.FAILED)
    assert world.service.tasks[job.task_id].submissions == 1


async def test_a_resend_that_is_refused_ends_the_job_after_several_looks(world: World) -> None:
    world.service.script("*", Silence(), Refuse("invalidPositivePrompt", times=3))
    await world.open()
    (job,) = await world.queue()
    await world.run_until(lambda: world.service.tasks[job.task_id].submissions == 2)
    asked = world.service.count_posts("getResponse")
    await world.clock.advance(REFUSAL_IS_BELIEVED_S - 1)
    assert world.state(job) is JobState.UNCONFIRMED
    failed = await world.run_to(job, JobState.FAILED, limit_s=300)
    assert failed.error_service_code == "invalidPositivePrompt"
    assert world.service.count_posts("getResponse") - asked >= LOOKS_UNTIL_REFUSAL_IS_BELIEVED
    assert world.service.tasks[job.task_id].submissions == 2, "sent again after a refusal"
    assert world.service.ledger == []


@pytest.mark.parametrize("code", ["invalidPositivePrompt", "mediaNotFound", "unsupportedParameter"])
async def test_a_refused_resend_does_not_end_a_job_that_the_service_shows_late(
    world: World, code: str
) -> None:
    # The service has the job, looks at the resend's parameters before its id, and shows nothing.
    await world.open()
    picture = replace(WORDS, first_frame=world.picture())
    world.service.script("*", LoseAnswer(), Absent(times=5), Success())
    (job,) = await world.queue(picture)
    await world.run_to(job, JobState.UNCONFIRMED)
    world.service.refuse_resends = Refuse(code, parameter="frameImages")
    await world.run_to(job, JobState.DONE)
    assert len(world.service.ledger) == 1
    world.check_books()


async def test_a_resend_refused_for_a_picture_that_is_gone_is_left_to_the_user(
    world: World,
) -> None:
    world.service.has_archive = False
    await world.open()
    world.service.script("*", LoseAnswer(), Absent(times=40), Success())
    (job,) = await world.queue(replace(WORDS, first_frame=world.picture()))
    await world.run_to(job, JobState.UNCONFIRMED)
    world.service.refuse_resends = Refuse("mediaNotFound", parameter="frameImages")
    await world.run_until(lambda: world.engine.status.needs_user == 1, limit_s=1800)
    assert world.state(job) is JobState.UNCONFIRMED
    await world.run_to(job, JobState.DONE)  # it goes on being asked about by itself
    assert len(world.service.ledger) == 1
    world.check_books()


async def test_another_account_is_never_sent_what_the_first_one_may_have_taken(
    world: World,
) -> None:
    await world.open()
    world.service.script("*", LoseAnswer(), Absent(times=40))
    (job,) = await world.queue()
    await world.run_to(job, JobState.UNCONFIRMED)
    world.service.forget(job.task_id)  # the other account has never heard of it
    world.service.key = "another-key"
    first, world.client = world.client, world.service.make_client(key="another-key")
    await world.engine.set_service(Service.RUNWARE, world.client)
    assert first is not None
    await first.aclose()
    await world.run_until(lambda: world.engine.status.needs_user == 1, limit_s=600)
    await world.clock.advance(600)
    assert world.state(job) is JobState.UNCONFIRMED
    assert len(world.service.ledger) == 1


async def test_what_is_sent_after_a_crash_is_in_the_journal_too(world: World) -> None:
    world.service.has_archive = False
    await world.open()
    world.service.script("*", LoseAnswer(), Absent(times=2), Success())
    (job,) = await world.queue()
    await world.run_to(job, JobState.UNCONFIRMED)
    await world.crash()
    journal_path(world.folder / "data.sqlite3").unlink()  # it died before the first byte left
    await world.open()
    await world.run_to(job, JobState.RUNNING)
    assert world.database.sent.find_sent(job.task_id) is not None
    await world.run_to(job, JobState.DONE)
    world.check_books()


class TestCancel:
    async def test_a_refused_key_while_it_was_leaving_costs_nothing(self, world: World) -> None:
        gate = world.service.hold("videoInference")
        await world.open()
        (job,) = await world.queue()
        await world.run_to(job, JobState.SUBMITTING)
        await world.engine.cancel(job.id)
        world.service.key = "another key"
        gate.set()
        await world.run_to(job, JobState.CANCELLED)
        assert world.service.ledger == []

    async def test_before_sending_it_costs_nothing(self, world: World) -> None:
        await world.open()
        await world.engine.pause()
        (job,) = await world.queue()
        assert await world.engine.cancel(job.id) is CancelResult.NOT_SENT
        assert world.state(job) is JobState.CANCELLED
        assert await world.engine.cancel(job.id) is CancelResult.ALREADY_ENDED
        assert world.service.ledger == []

    async def test_during_an_upload_it_costs_nothing(self, world: World) -> None:
        gate = world.service.hold("imageUpload")
        await world.open()
        image = world.picture("large.png", 5 * 1024 * 1024)
        (job,) = await world.queue(replace(WORDS, first_frame=image))
        await world.clock.settle()
        assert await world.engine.cancel(job.id) is CancelResult.NOT_SENT
        gate.set()
        await world.clock.settle()
        assert world.service.ledger == []

    async def test_between_the_journal_and_the_first_byte_it_costs_nothing(
        self, world: World
    ) -> None:
        await world.open()
        note_sent, noted, goes_on = world.jobs.note_sent, asyncio.Event(), asyncio.Event()

        async def note_and_wait(job: Job, account: str = "") -> None:
            await note_sent(job, account)
            noted.set()
            await goes_on.wait()

        world.jobs.note_sent = note_and_wait
        (job,) = await world.queue()
        await world.run_until(noted.is_set)
        async with asyncio.TaskGroup() as group:
            cancelling = group.create_task(world.engine.cancel(job.id))
            await world.run_until(lambda: world.jobs.get_job(job.id).cancel_asked)
            goes_on.set()
        assert cancelling.result() is CancelResult.NOT_SENT
        assert world.state(job) is JobState.CANCELLED
        assert world.service.posts == []

    async def test_a_cancel_asked_for_too_late_survives_a_restart(self, world: World) -> None:
        gate = world.service.hold("videoInference")
        await world.open()
        (job,) = await world.queue()
        await world.run_to(job, JobState.SUBMITTING)
        await world.clock.settle()
        await world.engine.cancel(job.id)
        await world.crash()
        gate.set()
        await world.open()
        await world.run_until(lambda: world.engine.status.needs_user == 1)
        assert world.service.tasks == {}, "it was sent after the user had cancelled it"

    async def test_while_it_is_leaving_it_is_not_waited_for(self, world: World) -> None:
        gate = world.service.hold("videoInference")
        await world.open()
        (job,) = await world.queue()
        await world.run_to(job, JobState.SUBMITTING)
        assert await world.engine.cancel(job.id) is CancelResult.ASKED
        gate.set()
        running = await world.run_to(job, JobState.RUNNING)
        assert not running.watching
        await world.engine.wait_idle()
        await world.run_to(job, JobState.DONE)
        world.check_books()

    async def test_after_sending_the_video_is_still_collected(self, world: World) -> None:
        world.service.script("*", Ack(), Processing(times=2), Success())
        await world.open()
        (job,) = await world.queue()
        await world.run_to(job, JobState.RUNNING)
        assert await world.engine.cancel(job.id) is CancelResult.STOPPED_WAITING
        await world.engine.wait_idle()
        posts = world.service.count_posts("getResponse")
        await world.clock.advance(3000)
        assert world.service.count_posts("getResponse") - posts <= 1
        await world.run_to(job, JobState.DONE)
        world.check_books()

    async def test_resumed_watching_asks_at_once(self, world: World) -> None:
        world.service.script("*", Ack(), Processing(times=2), Success())
        await world.open()
        (job,) = await world.queue()
        await world.run_to(job, JobState.RUNNING)
        await world.engine.cancel(job.id)
        await world.engine.resume_watching(job.id)
        await world.run_to(job, JobState.DONE, limit_s=60)

    async def test_an_unknown_outcome_is_not_sent_again(self, world: World) -> None:
        world.service.script("*", Silence(times=99))
        await world.open()
        (job,) = await world.queue()
        await world.run_to(job, JobState.UNCONFIRMED)
        sent = world.service.tasks[job.task_id].submissions
        assert await world.engine.cancel(job.id) is CancelResult.OUTCOME_UNKNOWN
        await world.run_until(lambda: world.engine.status.needs_user == 1)
        assert world.service.tasks[job.task_id].submissions == sent
        gone = await world.engine.discard(job.id)
        assert gone.error_code == "outcome_unknown"


class TestPause:
    async def test_it_survives_a_restart_and_lets_running_jobs_go_on(self, world: World) -> None:
        await world.open()
        world.engine.set_concurrency(1)
        one, two = await world.queue(WORDS, WORDS)
        await world.run_to(one, JobState.RUNNING)
        await world.engine.pause()
        await world.crash()
        await world.open()
        await world.run_to(one, JobState.DONE)
        await world.engine.wait_idle()
        assert world.state(two) is JobState.QUEUED
        assert world.engine.status.pause is PauseReason.USER
        await world.engine.resume()
        await world.run_to(two, JobState.DONE)

    async def test_an_unknown_outcome_is_not_resent_while_paused(self, world: World) -> None:
        world.service.script("*", Silence(), Ack(), Success())
        await world.open()
        (job,) = await world.queue()
        await world.run_to(job, JobState.UNCONFIRMED)
        await world.engine.pause()
        await world.clock.advance(60)
        await world.engine.wait_idle()
        assert world.service.tasks[job.task_id].submissions == 1
        await world.engine.resume()
        await world.run_to(job, JobState.DONE)


async def test_a_retry_stays_with_its_service(world: World) -> None:
    await world.open(Service.SANDBOX, start=False)
    (practice,) = await world.engine.enqueue([WORDS])
    ended = await world.jobs.advance(practice, JobState.CANCELLED)
    await world.engine.set_service(Service.RUNWARE, None)
    again = await world.engine.retry(ended.id)
    assert again.service is Service.SANDBOX
    await world.close()


async def test_a_retry_is_a_new_job_with_a_new_id(world: World) -> None:
    world.service.script("*", Refuse("invalidPositivePrompt"))
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.FAILED)
    world.service.script("*", Ack(), Success())
    new = await world.engine.retry(job.id)
    assert (new.retry_of, new.draft) == (job.id, job.draft)
    await world.run_to(new, JobState.DONE)
    assert world.jobs.get_job(job.id).state is JobState.FAILED
