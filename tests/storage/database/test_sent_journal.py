"""What has left for the service is known even when the database is not."""

import errno
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from kling_desktop.domain.errors import DatabaseDamaged, StorageError
from kling_desktop.domain.job import JobState, Service
from kling_desktop.storage.database.backups import backup_dir
from kling_desktop.storage.database.database import Database
from kling_desktop.storage.database.recovery import start_anew
from kling_desktop.storage.database.sent_journal import SentJournal, journal_path
from tests.storage.conftest import AsyncOpening, HandClock, Stores, task_id

Open = Callable[[], AsyncOpening]


async def test_what_was_sent_is_read_back(stores: Stores) -> None:
    job = await stores.make_job(1, JobState.SUBMITTING, service=Service.SANDBOX, group_id="g")
    await stores.jobs.note_sent(job)
    await stores.jobs.note_sent(job)  # a resend is the same task
    (sent,) = stores.database.sent.list_sent()
    assert (sent.task_id, sent.draft, sent.service) == (job.task_id, job.draft, Service.SANDBOX)
    assert (sent.group_id, sent.sent_at) == ("g", stores.clock())


async def test_a_line_cut_off_by_a_power_loss_hides_no_other(stores: Stores) -> None:
    jobs = [await stores.make_job(number, JobState.SUBMITTING) for number in (1, 2)]
    await stores.jobs.note_sent(jobs[0])
    path = journal_path(stores.database.path)
    with path.open("ab") as file:
        file.write(b'\n{"sent": "half a li')
    await stores.jobs.note_sent(jobs[1])
    path.write_bytes(path.read_bytes() + b"\n[1]\n{}\n\xff\xfe")
    assert [one.task_id for one in stores.database.sent.list_sent()] == [task_id(1), task_id(2)]


async def test_a_disk_that_takes_a_line_in_pieces_or_not_at_all(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await stores.make_job(1, JobState.SUBMITTING)
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, data[:7]))
    await stores.jobs.note_sent(job)
    assert stores.database.sent.find_sent(job.task_id) is not None

    room = [20]

    def fill_up(handle: int, data: memoryview) -> int:
        taken = write(handle, data[: room[0]])
        room[0] -= taken
        if not taken:
            raise OSError(errno.ENOSPC, "no room")
        return taken

    monkeypatch.setattr(os, "write", fill_up)
    with pytest.raises(StorageError):
        await stores.jobs.note_sent(await stores.make_job(2, JobState.SUBMITTING))


async def test_a_line_and_the_name_of_its_file_are_on_the_disk_when_it_is_noted(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await stores.make_job(1, JobState.SUBMITTING)
    synced: list[tuple[int, int]] = []

    def note(handle: int) -> None:
        facts = os.fstat(handle)
        synced.append((facts.st_ino, facts.st_size))

    monkeypatch.setattr(os, "fsync", note)
    await stores.jobs.note_sent(job)
    path = journal_path(stores.database.path)
    assert (path.stat().st_ino, path.stat().st_size) in synced
    if os.name != "nt":  # there a folder is not synced
        assert path.parent.stat().st_ino in [inode for inode, _ in synced]


async def test_with_which_account_a_task_left_is_known(stores: Stores) -> None:
    job = await stores.make_job(1, JobState.SUBMITTING)
    assert await stores.jobs.find_account(job) == ""
    await stores.jobs.note_sent(job, "0123456789abcdef")
    assert await stores.jobs.find_account(job) == "0123456789abcdef"


async def test_what_was_surely_not_accepted_is_no_longer_listed(stores: Stores) -> None:
    job = await stores.make_job(1, JobState.SUBMITTING)
    await stores.jobs.note_sent(job)
    await stores.jobs.advance(job, JobState.QUEUED, task_id=task_id(9))
    assert stores.database.sent.list_sent() == ()


async def test_what_has_ended_is_dropped_at_the_next_start(
    open_stores: Open, database_path: Path
) -> None:
    async with open_stores() as stores:
        one = await stores.make_job(1, JobState.RUNNING)
        two = await stores.make_job(2, JobState.RUNNING)
        for job in (one, two):
            await stores.jobs.note_sent(job)
        await stores.jobs.advance(two, JobState.FAILED)
    async with open_stores() as stores:
        assert stores.database.brought_back == 0
        assert [sent.task_id for sent in stores.database.sent.list_sent()] == [one.task_id]
        await stores.jobs.advance(one, JobState.FAILED)
    assert not journal_path(database_path).exists()


async def test_a_database_that_is_gone_without_a_backup_is_missed(
    open_stores: Open, database_path: Path, clock: HandClock
) -> None:
    async with open_stores() as stores:
        job = await stores.make_job(1, JobState.RUNNING)
        await stores.jobs.note_sent(job)
    database_path.unlink()
    for backup in backup_dir(database_path).iterdir():
        backup.unlink()
    with pytest.raises(DatabaseDamaged):
        await Database.open(database_path, now=clock)
    start_anew(database_path, now=clock)
    async with open_stores() as stores:
        (back,) = stores.jobs.list_active()
        assert (back.task_id, back.draft) == (job.task_id, job.draft)
        assert back.state is JobState.UNCONFIRMED
        assert back.body == "", "nothing can send it again by itself"
        assert back.submitted_at == clock()
        assert [event.after for event in stores.jobs.list_events(back.id)] == [
            JobState.QUEUED,
            JobState.UNCONFIRMED,
        ]


async def test_records_that_somebody_replaced_by_older_ones_are_noticed(
    open_stores: Open, database_path: Path
) -> None:
    async with open_stores() as stores:
        queued = await stores.make_job(1, JobState.QUEUED)
    old = database_path.read_bytes()
    async with open_stores() as stores:
        sent = await stores.jobs.advance(queued, JobState.SUBMITTING, submitted_at=stores.clock())
        await stores.jobs.note_sent(sent)
        new = await stores.make_job(2, JobState.RUNNING)
        await stores.jobs.note_sent(new)
    database_path.write_bytes(old)
    async with open_stores() as stores:
        assert stores.database.brought_back == 2
        assert {job.task_id: job.state for job in stores.jobs.list_active()} == {
            queued.task_id: JobState.UNCONFIRMED,
            new.task_id: JobState.UNCONFIRMED,
        }
    async with open_stores() as stores:
        assert stores.database.brought_back == 0


async def test_what_cannot_be_noted_is_not_said_to_be(stores: Stores, database_path: Path) -> None:
    job = await stores.make_job(1, JobState.SUBMITTING)
    journal_path(database_path).mkdir()
    with pytest.raises(StorageError):
        await stores.jobs.note_sent(job)
    assert SentJournal(journal_path(database_path)).list_sent() == ()


async def test_no_key_and_no_picture_is_in_it(stores: Stores, database_path: Path) -> None:
    job = await stores.make_job(1, JobState.QUEUED)
    job = await stores.jobs.advance(job, JobState.SUBMITTING, body='[{"inputImage":"PICTURE"}]')
    stores.clock.pass_time(timedelta(seconds=1))
    await stores.jobs.note_sent(job)
    assert b"PICTURE" not in journal_path(database_path).read_bytes()
