"""The queue as a list model: sections, numbers, takes, and that a change touches only its rows."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.modeltest import ModelTester

from kling_desktop.domain.display_state import DisplayState
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.events import Activity, CapSums, JobChange, Network, PauseReason
from kling_desktop.domain.job import Job, JobId, JobState, Service
from kling_desktop.ui.controls.drag_data import JOB_MIME
from kling_desktop.ui.queue.queue_contents import QueueContents
from kling_desktop.ui.queue.queue_model import QueueModel
from kling_desktop.ui.queue.queue_rows import RowKind
from kling_desktop.ui.queue.row_roles import RowRole
from tests.ui.clip_samples import until
from tests.ui.queue_stage import Stage, open_stage

S = JobState
SPOKEN = Qt.ItemDataRole.AccessibleTextRole


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path) as stage:
        yield stage


@pytest.fixture
def model(stage: Stage) -> Iterator[QueueModel]:
    model = stage.build_model()
    yield model
    model.close()


def titles(model: QueueModel) -> list[str]:
    return [str(model.index(row).data()) for row in range(model.rowCount())]


def kinds(model: QueueModel) -> list[RowKind]:
    return [model.index(row).data(RowRole.KIND) for row in range(model.rowCount())]


def index_of(model: QueueModel, job: Job, kind: RowKind = RowKind.JOB) -> QModelIndex:
    row = model.find_row(kind, job.id)
    assert row is not None
    return model.index(row)


@contextmanager
def watch(model: QueueModel) -> Iterator[list[tuple[str, int, int]]]:
    """Note what the model tells its views."""
    told: list[tuple[str, int, int]] = []

    def on_changed(top: QModelIndex, bottom: QModelIndex) -> None:
        told.append(("changed", top.row(), bottom.row()))

    links = [
        (model.dataChanged, on_changed),
        (model.rowsInserted, lambda _, first, last: told.append(("in", first, last))),
        (model.rowsRemoved, lambda _, first, last: told.append(("out", first, last))),
        (model.rowsMoved, lambda _, first, _l, _d, to: told.append(("moved", first, to))),
        (model.modelReset, lambda: told.append(("reset", 0, 0))),
        (model.layoutChanged, lambda: told.append(("layout", 0, 0))),
    ]
    for signal, listener in links:
        signal.connect(listener)
    yield told
    for signal, listener in links:
        signal.disconnect(listener)


async def test_sections_stand_in_the_order_of_the_design(stage: Stage, model: QueueModel) -> None:
    await stage.make(S.DONE, "done")
    await stage.make(S.RUNNING, "let go", watching=False)
    await stage.drafts.save(Draft(prompt="draft"))
    await stage.add("waiting")
    await stage.make(S.RUNNING, "running")
    await stage.make(S.UNCONFIRMED, "unsure")
    model.sync()
    assert titles(model) == [
        "Needs attention", "unsure", "unsure", "Running", "running", "Waiting", "waiting",
        "Not waited for", "let go", "Drafts", "draft", "Earlier today", "done",
    ]  # fmt: skip
    asides = [
        model.index(row).data(RowRole.CONTENT).aside
        for row, kind in enumerate(kinds(model))
        if kind is RowKind.SECTION
    ]
    assert asides == ["1", "1 of 2", "1", "1", "1", "1"]
    assert kinds(model)[2] is RowKind.CARD  # who needs the user has the card open


async def test_history_stands_by_day(stage: Stage, model: QueueModel) -> None:
    for days, prompt in ((40, "old"), (1, "yesterday"), (0, "today")):
        stage.clock.jump(-86400 * days)
        await stage.make(S.DONE, prompt)
        stage.clock.jump(86400 * days)
    model.sync()
    assert titles(model) == [
        "Earlier today", "today", "Yesterday", "yesterday", "October 13", "old",
    ]  # fmt: skip


async def test_it_is_a_sound_model_through_every_kind_of_change(
    stage: Stage, model: QueueModel, qtmodeltester: ModelTester
) -> None:
    qtmodeltester.check(model)
    with watch(model) as told:
        jobs = await stage.add(*(f"clip {number}" for number in range(6)), group="g")
        model.sync()
        await stage.jobs.reorder(jobs[4].id, jobs[0].id)
        model.sync()
        done = [await stage.carry(job, S.DONE) for job in jobs[:3]]
        model.sync()
        failed = await stage.carry(jobs[3], S.FAILED, error_code="generation_failed")
        model.toggle_card(failed.id)
        saved = await stage.drafts.save(Draft(prompt="draft"))
        await stage.drafts.remove((await stage.drafts.save(Draft(prompt="gone"))).id)
        model.sync()
        await stage.jobs.hide([done[0].id, failed.id])
        model.sync()
        await stage.jobs.unhide([done[0].id, failed.id])
        await stage.carry(jobs[4], S.UNCONFIRMED)
        await stage.carry(jobs[5], S.CANCELLED)
        await stage.drafts.remove(saved.id)
        model.sync()
        for network in Network:
            stage.set_status(network=network)
            model.sync()
        for pause in PauseReason:
            stage.set_status(pause=pause)
            model.sync()
    qtmodeltester.check(model)
    assert not [step for step in told if step[0] in ("reset", "layout")]


async def test_a_change_touches_only_its_rows(stage: Stage, model: QueueModel) -> None:
    jobs = await stage.add(*(f"clip {number}" for number in range(1000)))
    model.sync()
    with watch(model) as told:
        await stage.jobs.amend(jobs[500], error_code="rate_limited")
        model.sync()
        row = index_of(model, jobs[500]).row()
        assert told == [("changed", row, row)]
        told.clear()
        model.sync()
        assert told == []
        await stage.jobs.advance(jobs[0], S.CANCELLED)
        model.sync()
    # The headings, the row itself, and one signal for all that stand one place further up.
    assert len(told) <= 5, told


async def test_a_sync_of_a_long_queue_costs_no_more_than_its_length(
    stage: Stage, model: QueueModel
) -> None:
    def measure() -> float:
        best = 1.0
        for _ in range(5):
            start = time.thread_time()
            model.sync()
            best = min(best, time.thread_time() - start)
        return best

    await stage.add(*(f"clip {number}" for number in range(100)))
    model.sync()
    short = measure()
    await stage.add(*(f"clip {number}" for number in range(900)))
    model.sync()
    assert measure() / short < 25


async def test_a_row_that_moves_takes_selection_and_index_with_it(
    stage: Stage, model: QueueModel
) -> None:
    jobs = await stage.add("one", "two", "three")
    model.sync()
    with watch(model) as told:
        await stage.jobs.reorder(jobs[2].id, jobs[0].id)
        model.sync()
    assert ("moved", 3, 1) in told
    assert not [step for step in told if step[0] in ("in", "out")]
    assert titles(model) == ["Waiting", "three", "one", "two"]
    assert [model.index(row).data(RowRole.CONTENT).face.number for row in (1, 2, 3)] == [1, 2, 3]


async def test_changes_are_gathered_and_shown_by_themselves(
    stage: Stage, model: QueueModel
) -> None:
    await stage.add("one", "two")
    assert model.rowCount() == 0
    await until(lambda: model.rowCount() == 3)


async def test_progress_that_changes_the_state_moves_the_row_at_once(
    stage: Stage, model: QueueModel
) -> None:
    (job,) = await stage.add("one")
    model.sync()
    stage.report(job, Activity.UPLOADING, done_bytes=1, total_bytes=4)
    await until(lambda: titles(model)[0] == "Running")
    assert index_of(model, job).data(RowRole.STATE) == DisplayState.SUBMITTING


async def test_what_runs_is_told_anew_and_nothing_else_is(stage: Stage, model: QueueModel) -> None:
    running = await stage.make(S.RUNNING, "running")
    await stage.add("waiting")
    model.sync()
    row = index_of(model, running).row()
    with watch(model) as told:
        await until(lambda: len(told) >= 2)
    assert set(told) == {("changed", row, row)}


async def test_what_runs_is_told_of_a_few_rows_at_a_time(stage: Stage, model: QueueModel) -> None:
    jobs = [await stage.make(S.RUNNING, f"clip {number}") for number in range(8)]
    model.sync()
    with watch(model) as told:
        for _ in range(4):
            before = len(told)
            model.update_running()
            assert len(told) - before == 2, "a quarter of them"
    assert {row for _, row, _ in told} == {index_of(model, job).row() for job in jobs}


async def test_a_job_that_ended_since_the_rows_were_laid_out_moves_no_more(stage: Stage) -> None:
    running = await stage.make(S.RUNNING, "running")
    contents = QueueContents(stage.build_sources())
    contents.lay_out(opened=frozenset(), unfolded=frozenset())
    assert contents.list_moving() == [running.id]
    failed = await stage.jobs.advance(running, S.FAILED)
    contents.take_job(JobChange(running.id, failed, S.RUNNING))
    assert contents.list_moving() == []


async def test_takes_fold_into_one_row_once_all_are_done(stage: Stage, model: QueueModel) -> None:
    one, two = await stage.add("boat", "boat", group="g")
    alone = (await stage.add("alone"))[0]
    await stage.carry(one, S.DONE, cost_usd=Decimal("0.35"))
    model.sync()
    assert RowKind.TAKES not in kinds(model)  # one of them still waits
    await stage.carry(two, S.DONE, cost_usd=Decimal("0.35"))
    await stage.carry(alone, S.DONE)
    model.sync()
    assert titles(model) == ["Earlier today", "alone", "boat"]
    takes = model.index(2)
    assert takes.data(RowRole.KIND) is RowKind.TAKES
    assert takes.data(RowRole.CONTENT).face.takes == 2
    assert takes.data(RowRole.CONTENT).face.words.lead == "$0.70"
    assert takes.data(SPOKEN).startswith("2 takes, folded, Done")
    model.toggle_takes("g")
    assert kinds(model)[2:] == [RowKind.TAKES, RowKind.JOB, RowKind.JOB]
    assert model.index(2).data(RowRole.UNFOLDED) is True
    model.toggle_takes("g")
    assert kinds(model)[2:] == [RowKind.TAKES]


async def test_takes_stay_single_where_one_of_them_failed(stage: Stage, model: QueueModel) -> None:
    one, two, three = await stage.add("boat", "boat", "boat", group="g")
    await stage.carry(one, S.DONE)
    await stage.carry(two, S.DONE)
    await stage.carry(three, S.FAILED)
    model.sync()
    assert RowKind.TAKES not in kinds(model)


@pytest.mark.parametrize("pause", [PauseReason.BUDGET_DAY, PauseReason.BUDGET_MONTH])
async def test_the_job_that_a_cap_holds_has_the_card_with_allow(
    stage: Stage, model: QueueModel, pause: PauseReason
) -> None:
    allowed, held, _ = await stage.add("allowed", "held", "later")
    await stage.jobs.amend(allowed, cap_waived=True)
    stage.set_status(pause=pause, pause_sums=CapSums(Decimal(60), Decimal(60)))
    model.sync()
    assert model.held is not None
    assert model.held.id == held.id
    card = index_of(model, held, RowKind.CARD)
    assert card.data(RowRole.CONTENT) is None, "the row's picture is not painted a second time"
    words = card.data(RowRole.CARD)
    assert words.actions[0].text == "Allow this one"
    assert "limit of $60 is reached." in words.title
    assert index_of(model, held).data(RowRole.CONTENT).face.words.right.endswith("limit")
    stage.set_status(pause=None)
    model.sync()
    assert RowKind.CARD not in kinds(model)


async def test_a_card_goes_with_its_reason(stage: Stage, model: QueueModel) -> None:
    job = await stage.make(S.DOWNLOADING, "boat")
    stage.report(job, Activity.WAITING, done_bytes=5, total_bytes=10)
    model.sync()
    model.toggle_card(job.id)
    assert kinds(model)[2] is RowKind.CARD
    stage.report(job, Activity.DOWNLOADING, done_bytes=6, total_bytes=10)
    model.sync()
    assert RowKind.CARD not in kinds(model)


async def test_older_history_is_fetched_a_page_at_a_time(stage: Stage) -> None:
    jobs = await stage.add(*(f"clip {number}" for number in range(150)))
    for job in jobs:
        await stage.jobs.advance(job, S.CANCELLED)
    model = stage.build_model()
    assert model.rowCount() == 101
    assert model.canFetchMore(QModelIndex())
    model.fetchMore(QModelIndex())
    await until(lambda: model.rowCount() == 151)
    assert not model.canFetchMore(QModelIndex())
    model.close()


async def test_waiting_and_done_rows_can_be_dragged_and_only_waiting_ones_reordered(
    stage: Stage, model: QueueModel
) -> None:
    await stage.make(S.RUNNING, "running")
    one, two = await stage.add("one", "two")
    done = await stage.make(S.DONE, "done")
    await stage.make(S.FAILED, "failed")
    model.sync()
    draggable = [
        str(model.index(row).data())
        for row in range(model.rowCount())
        if model.index(row).flags() & Qt.ItemFlag.ItemIsDragEnabled
    ]
    assert draggable == ["one", "two", "done"]
    data = model.mimeData([index_of(model, two)])
    move, root = Qt.DropAction.MoveAction, QModelIndex()
    dropped: list[tuple[JobId, JobId | None]] = []
    model.moved.connect(lambda job_id, before: dropped.append((job_id, before)))
    places = [row for row in range(8) if model.canDropMimeData(data, move, row, 0, root)]
    first = index_of(model, one).row()
    assert places == [first, first + 1, first + 2]
    assert not model.dropMimeData(data, move, first, 0, root)
    assert dropped == [(two.id, one.id)]
    ended = model.mimeData([index_of(model, done)])
    assert not any(model.canDropMimeData(ended, move, row, 0, root) for row in range(8))
    assert not model.dropMimeData(ended, move, first, 0, root)
    data.setData(JOB_MIME, b"no number")
    assert not model.dropMimeData(data, move, first, 0, root)
    assert len(dropped) == 1


async def test_changes_of_state_are_announced_once(stage: Stage, model: QueueModel) -> None:
    heard: list[tuple[str, DisplayState]] = []
    model.announced.connect(lambda job, state: heard.append((job.title, state)))
    good, bad, lost = await stage.add("good", "bad", "lost")
    model.sync()
    await stage.carry(good, S.DONE)
    await stage.carry(bad, S.FAILED)
    await stage.carry(lost, S.UNCONFIRMED)
    model.sync()
    model.sync()
    await stage.jobs.hide([good.id])
    await stage.jobs.unhide([good.id])
    model.sync()
    assert heard == [
        ("good", DisplayState.DONE),
        ("bad", DisplayState.FAILED),
        ("lost", DisplayState.UNCONFIRMED),
    ]


async def test_rows_speak_as_the_design_says(stage: Stage, model: QueueModel) -> None:
    for _ in range(3):
        await stage.make(S.DONE, "past", took_s=160, cost_usd=Decimal("0.35"))
    job = await stage.make(S.RUNNING, "She turns under the umbrella")
    await stage.make(S.QUEUED, "In the sandbox", service=Service.SANDBOX)
    await stage.drafts.save(Draft())
    stage.clock.jump(72)
    model.sync()
    assert index_of(model, job).data(SPOKEN) == (
        "Generating, 1 minute 12 of about 2 minutes 40, She turns under the umbrella"
    )
    spoken = [str(model.index(row).data(SPOKEN)) for row in range(model.rowCount())]
    assert "On hold, waits for the sandbox, In the sandbox" in spoken
    assert "Draft, no prompt yet, no picture and no prompt yet, Untitled draft" not in spoken
    assert "Draft, no picture and no prompt yet, Untitled draft" in spoken
    assert all(spoken)
