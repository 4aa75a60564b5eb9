"""Editing a waiting job in its place: one job, one number, one payment, whenever the process dies."""

import asyncio
import json
from dataclasses import replace

import pytest

from kling_desktop.domain.draft import ImageInput
from kling_desktop.domain.errors import DraftRejected, StateConflict, UnreadableImage
from kling_desktop.domain.events import JobChange
from kling_desktop.domain.job import Job, JobState
from kling_desktop.wording.reasons import describe_error
from tests.engine.conftest import WORDS, World
from tests.fakes.service_script import Ack, Success, Trouble

EDITED = replace(WORDS, prompt="A paper boat turns over in the gutter", duration_s=10)


def _sent_prompt(job: Job) -> str:
    return json.loads(job.body)[0]["positivePrompt"]


def _waiting(world: World) -> list[Job]:
    return list(world.jobs.list_active(states={JobState.QUEUED}))


async def test_a_waiting_job_keeps_number_place_and_task(world: World) -> None:
    await world.open()
    await world.engine.pause()
    first, job, last = await world.queue(WORDS, WORDS, WORDS)
    changes: list[JobChange] = []
    world.jobs.changed.subscribe(changes.append)
    (edited,) = await world.engine.edit(job.id, EDITED)
    assert (edited.id, edited.task_id, edited.position) == (job.id, job.task_id, job.position)
    assert edited.draft == EDITED
    assert _waiting(world) == [first, edited, last]
    assert world.jobs.list_history(9) == (), "a row says cancelled"
    assert changes == [JobChange(job.id, edited, JobState.QUEUED)]
    await world.engine.resume()
    done = await world.run_to(job, JobState.DONE)
    assert _sent_prompt(done) == EDITED.prompt
    await world.run_to(last, JobState.DONE)
    assert len(world.service.ledger) == 3
    world.check_books()


async def test_further_takes_stand_at_the_end(world: World) -> None:
    await world.open()
    await world.engine.pause()
    job, last = await world.queue(WORDS, WORDS)
    edited, second, third = await world.engine.edit(job.id, replace(EDITED, takes=3))
    assert _waiting(world) == [edited, last, second, third]
    assert {each.draft for each in (edited, second, third)} == {EDITED}
    assert edited.group_id == second.group_id == third.group_id != ""
    assert len({each.task_id for each in _waiting(world)}) == 4


async def test_what_belonged_to_the_former_draft_is_forgotten(world: World) -> None:
    await world.open()
    await world.engine.pause()
    (job,) = await world.queue()
    await world.engine.allow_past_cap(job.id)
    await world.jobs.amend(world.jobs.get_job(job.id), frame_form="seed", error_code="link_expired")
    (edited,) = await world.engine.edit(job.id, EDITED)
    assert (edited.cap_waived, edited.frame_form, edited.error_code) == (False, "", "")


async def test_nothing_is_changed_by_a_draft_that_cannot_be_sent(world: World) -> None:
    await world.open()
    await world.engine.pause()
    (job,) = await world.queue()
    with pytest.raises(DraftRejected):
        await world.engine.edit(job.id, replace(EDITED, prompt="x"))
    gone = replace(EDITED, first_frame=_gone(world.picture()))
    with pytest.raises(UnreadableImage):
        await world.engine.edit(job.id, gone)
    assert _waiting(world) == [job]


def _gone(image: ImageInput) -> ImageInput:
    image.path.unlink()
    return image


async def test_a_job_that_was_sent_is_not_edited(world: World) -> None:
    world.service.script("*", Ack(), Success())
    await world.open()
    (job,) = await world.queue()
    for state in (JobState.RUNNING, JobState.DONE):
        before = await world.run_to(job, state)
        with pytest.raises(StateConflict) as caught:
            await world.engine.edit(job.id, EDITED)
        assert describe_error(caught.value) == (
            "This clip was sent meanwhile, or is not in the queue any more."
        )
        assert world.jobs.get_job(job.id) == before


@pytest.mark.parametrize("picture", ["the same picture", "another picture", "no picture"])
async def test_a_job_whose_picture_is_being_sent_goes_on_with_the_new_draft(
    world: World, picture: str
) -> None:
    """Its runner holds the former draft: that must never be paid for under the new one's row."""
    await world.open()
    gate = world.service.hold("imageUpload")
    large = world.picture("large.png", 5 * 1024 * 1024)
    (job,) = await world.queue(replace(WORDS, first_frame=large))
    await world.clock.settle()
    frames = {
        "the same picture": large,
        "another picture": world.picture("other.png"),
        "no picture": None,
    }
    await world.engine.edit(job.id, replace(EDITED, first_frame=frames[picture]))
    gate.set()
    done = await world.run_to(job, JobState.DONE)
    assert _sent_prompt(done) == done.draft.prompt == EDITED.prompt
    assert len(world.service.ledger) == 1
    world.check_books()


async def test_what_is_submitted_is_the_rows_draft(world: World) -> None:
    await world.open(start=False)
    (job,) = await world.queue()
    (edited,) = await world.engine.edit(job.id, EDITED)
    with pytest.raises(StateConflict) as caught:
        await world.jobs.advance(job, JobState.SUBMITTING, body="[]")
    assert describe_error(caught.value) == "This clip was edited meanwhile."
    assert world.jobs.get_job(job.id) == edited
    assert (await world.jobs.advance(edited, JobState.SUBMITTING, body="[]")).draft == EDITED


@pytest.mark.parametrize("turns", range(0, 40, 2))
async def test_an_edit_at_any_moment_of_sending_is_whole_or_refused(
    world: World, turns: int
) -> None:
    world.service.script("*", Trouble(503), Ack(), Success())
    await world.open()
    (job,) = await world.queue(replace(WORDS, first_frame=world.picture()))
    for _ in range(turns):
        await asyncio.sleep(0.0002)
    try:
        await world.engine.edit(job.id, replace(EDITED, first_frame=world.picture("new.png")))
        prompt = EDITED.prompt
    except StateConflict:
        prompt = WORDS.prompt
    done = await world.run_to(job, JobState.DONE)
    assert _sent_prompt(done) == done.draft.prompt == prompt
    assert world.jobs.list_history(9) == (done,)
    assert world.service.count_acceptances(job.task_id) == 1
    world.check_books()


@pytest.mark.parametrize("takes", [1, 2])
@pytest.mark.parametrize("turns", range(12))
async def test_death_during_an_edit_leaves_one_job_old_or_new(
    world: World, turns: int, takes: int
) -> None:
    await world.open()
    await world.engine.pause()
    (job,) = await world.queue()
    draft = replace(EDITED, takes=takes, first_frame=world.picture())
    edit = asyncio.ensure_future(world.engine.edit(job.id, draft))  # noqa: TID251
    edit.set_name("edit")
    for _ in range(turns):
        await asyncio.sleep(0.0005)
    await world.crash()
    await asyncio.wait([edit])
    await world.open(start=False)
    drafts = [each.draft.prompt for each in _waiting(world)]
    assert drafts in ([WORDS.prompt], [EDITED.prompt] * takes), "half an edit"
    assert world.jobs.get_job(job.id).task_id == job.task_id
    assert world.jobs.list_history(9) == ()
    await world.engine.start()
    await world.engine.resume()
    await world.run_until(lambda: not world.jobs.list_active())
    assert len(world.service.ledger) == len(drafts)
    world.check_books()
