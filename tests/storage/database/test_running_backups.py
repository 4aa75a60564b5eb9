"""Copies that are made while the app runs, and after it ended uncleanly."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from kling_desktop.domain.errors import DatabaseDamaged
from kling_desktop.domain.job import JobState
from kling_desktop.storage.database.backups import list_backups
from kling_desktop.storage.database.database import Database
from kling_desktop.storage.stores.job_store import JobStore
from kling_desktop.storage.stores.video_store import VideoStore
from tests.storage.conftest import AsyncOpening, HandClock, make_request

Open = Callable[[], AsyncOpening]
FAR_OFF_S = 10**6


async def _wait_for_copies(path: Path, number: int) -> None:
    async with asyncio.timeout(20):
        while len(await asyncio.to_thread(list_backups, path)) < number:
            pass


def _count_jobs(copy: Path) -> int:
    with closing(sqlite3.connect(copy)) as connection:
        return connection.execute("SELECT count(*) FROM jobs").fetchone()[0]


async def test_what_changes_is_copied_while_the_app_runs(
    database_path: Path, clock: HandClock
) -> None:
    database = await Database.open(database_path, now=clock, backup_every_s=0)
    jobs = JobStore(database, VideoStore(database), now=clock)
    await jobs.add([make_request(1)])
    await _wait_for_copies(database_path, 1)
    clock.pass_time(timedelta(minutes=10))
    await jobs.add([make_request(2), make_request(3)])
    await _wait_for_copies(database_path, 2)
    assert [_count_jobs(copy.path) for copy in list_backups(database_path)] == [3, 1]
    await database.close()


async def test_nothing_is_copied_before_its_time_or_without_a_change(
    database_path: Path, clock: HandClock
) -> None:
    database = await Database.open(database_path, now=clock, backup_every_s=FAR_OFF_S)
    jobs = JobStore(database, VideoStore(database), now=clock)
    await jobs.add([make_request(1)])
    assert list_backups(database_path) == ()
    await database.close()
    assert len(list_backups(database_path)) == 1, "a clean end copies what has changed"
    clock.pass_time(timedelta(days=2))
    database = await Database.open(database_path, now=clock, backup_every_s=0)
    await database.close()
    assert len(list_backups(database_path)) == 1, "nothing had changed"


async def test_an_unclean_end_is_followed_by_a_copy_before_work_begins(
    tmp_path: Path, open_stores: Open, clock: HandClock
) -> None:
    async with open_stores() as stores:
        await stores.make_job(1, JobState.RUNNING)
        killed = tmp_path / "killed" / "kling.db"
        killed.parent.mkdir()
        for name in ("kling.db", "kling.db-wal"):  # as SIGKILL leaves it: not closed
            shutil.copyfile(stores.database.path.with_name(name), killed.with_name(name))
    for _ in range(2):
        database = await Database.open(killed, now=clock, backup_every_s=FAR_OFF_S)
        assert [_count_jobs(copy.path) for copy in list_backups(killed)] == [1]
        await database.close()


async def test_a_damaged_database_is_never_copied_over_good_copies(
    tmp_path: Path, clock: HandClock
) -> None:
    path = tmp_path / "kling.db"
    database = await Database.open(path, now=clock, backup_every_s=0)
    jobs = JobStore(database, VideoStore(database), now=clock)
    await jobs.add([make_request(number) for number in range(1, 400)])
    await _wait_for_copies(path, 1)
    await database.write(lambda _: None)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        query = "SELECT rootpage FROM sqlite_schema WHERE name = 'job_events_by_job'"
        (page,) = connection.execute(query).fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xa5" * 4096)
    clock.pass_time(timedelta(minutes=10))
    (good,) = list_backups(path)
    await database.write(lambda connection: connection.execute("DELETE FROM drafts"))
    await database.close()  # waits for the copy under way, and copies by itself
    assert list_backups(path) == (good,)
    with pytest.raises(DatabaseDamaged) as caught:  # not marked as clean: the start looks
        await Database.open(path, now=clock)
    assert caught.value.backups == (good.path,)
