import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from kling_desktop.domain.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseTooNew,
    DiskFull,
    StateConflict,
    StorageError,
)
from kling_desktop.domain.job import JobId, JobState
from kling_desktop.storage.database.backups import check_database, list_backups
from kling_desktop.storage.database.database import Database
from kling_desktop.storage.database.migrations import Migration, list_migrations
from kling_desktop.storage.database.recovery import restore_backup, start_anew
from kling_desktop.storage.stores.job_store import JobStore
from kling_desktop.storage.stores.video_store import VideoStore
from tests.storage.conftest import AsyncOpening, HandClock, Stores, make_request

Open = Callable[[], AsyncOpening]
NEWEST = len(list_migrations())


def damage(path: Path) -> None:
    """Overwrite the middle of the file, as a failing disk would."""
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (path.stat().st_size - 4096))


def damage_quietly(path: Path) -> None:
    """Overwrite a page that no start needs: only who reads the whole file finds it."""
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT rootpage FROM sqlite_schema WHERE name = 'balances'"
        (page,) = connection.execute(query).fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xa5" * 4096)


def mark_unclean(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE upkeep SET value = 'no' WHERE key = 'closed_cleanly'")
        connection.commit()


async def test_what_protects_the_commits(stores: Stores) -> None:
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "query_only")

    def ask(connection: sqlite3.Connection) -> list[object]:
        return [connection.execute(f"PRAGMA {pragma}").fetchone()[0] for pragma in pragmas]

    assert await stores.database.write(ask) == ["wal", 2, 1, 5000, 0]
    reader = stores.database.read()
    assert ask(reader)[4] == 1
    with pytest.raises(sqlite3.OperationalError):
        reader.execute("DELETE FROM drafts")


async def test_writes_happen_in_a_thread_of_their_own_one_at_a_time(stores: Stores) -> None:
    here = threading.get_ident()
    threads = await asyncio.gather(
        *(stores.database.write(lambda _: threading.get_ident()) for _ in range(5))
    )
    assert len(set(threads)) == 1
    assert here not in threads


async def test_an_exception_rolls_everything_back(stores: Stores) -> None:
    def half(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE half (x)")
        connection.execute("INSERT INTO drafts (draft, created_at, saved_at) VALUES ('1','','')")
        raise KeyError("stop")

    with pytest.raises(KeyError):
        await stores.database.write(half)
    reader = stores.database.read()
    assert reader.execute("SELECT count(*) FROM drafts").fetchone()[0] == 0
    assert reader.execute("SELECT 1 FROM sqlite_schema WHERE name = 'half'").fetchone() is None


async def test_a_wrong_statement_stays_a_bug(stores: Stores) -> None:
    with pytest.raises(sqlite3.OperationalError):
        await stores.database.write(lambda connection: connection.execute("SELEKT"))


async def test_a_full_disk_is_said_and_the_next_write_works(stores: Stores) -> None:
    def limit(pages: int) -> Callable[[sqlite3.Connection], object]:
        return lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()

    await stores.database.write(limit(1))  # SQLite's own way to have no room left
    with pytest.raises(DiskFull):
        await stores.jobs.add([make_request(number) for number in range(1, 200)])
    await stores.database.write(limit(1_000_000))
    (job,) = await stores.jobs.add([make_request(1)])
    assert stores.jobs.list_active() == (job,)


async def test_everything_is_there_after_the_next_start(open_stores: Open) -> None:
    async with open_stores() as stores:
        job = await stores.make_job(1, JobState.RUNNING)
    async with open_stores() as stores:
        assert stores.jobs.get_job(job.id) == job


async def test_a_second_process_is_told_and_may_read(database_path: Path, clock: HandClock) -> None:
    script = textwrap.dedent(
        """
        import asyncio, sys
        from datetime import UTC, datetime
        from pathlib import Path
        from kling_desktop.domain.errors import DatabaseBusy
        from kling_desktop.storage.database.database import Database

        async def main(path):
            try:
                await Database.open(path, now=lambda: datetime.now(UTC), lock_wait_s=0)
            except DatabaseBusy:
                reader = await Database.open_readonly(path)
                print(reader.read().execute("SELECT count(*) FROM jobs").fetchone()[0])
                await reader.close()

        asyncio.run(main(Path(sys.argv[1])))
        """
    )
    database = await Database.open(database_path, now=clock)
    jobs = JobStore(database, VideoStore(database), now=clock)
    await jobs.add([make_request(1), make_request(2)])
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(database_path), stdout=subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert output.split() == [b"2"]
    await database.close()
    again = await Database.open(database_path, now=clock)  # the lock went with the close
    await again.close()


async def test_reading_alone_never_writes(open_stores: Open, database_path: Path) -> None:
    with pytest.raises(StorageError):
        await Database.open_readonly(database_path)
    async with open_stores():
        pass
    reader = await Database.open_readonly(database_path)
    with pytest.raises(DatabaseBusy):
        await reader.write(lambda connection: connection.execute("DELETE FROM drafts"))
    await reader.close()


async def test_a_database_of_a_newer_app_is_refused_untouched(
    open_stores: Open, database_path: Path, clock: HandClock
) -> None:
    async with open_stores():
        pass
    with closing(sqlite3.connect(database_path)) as connection:
        connection.execute(f"PRAGMA user_version = {NEWEST + 1}")
    before = database_path.read_bytes()
    for opening in (Database.open(database_path, now=clock), Database.open_readonly(database_path)):
        with pytest.raises(DatabaseTooNew):
            await opening
    assert database_path.read_bytes() == before


async def test_damage_is_found_after_an_unclean_end_and_the_backups_offered(
    open_stores: Open, database_path: Path, clock: HandClock
) -> None:
    async with open_stores() as stores:
        job = await stores.make_job(1, JobState.RUNNING)
        await stores.jobs.add([make_request(number) for number in range(2, 100)])
    (backup,) = list_backups(database_path)
    mark_unclean(database_path)
    damage(database_path)
    assert not check_database(database_path).sound
    with pytest.raises(DatabaseDamaged) as caught:
        await Database.open(database_path, now=clock)
    assert caught.value.backups == (backup.path,)
    damaged = database_path.read_bytes()
    aside = restore_backup(database_path, backup.path, now=clock)
    assert aside is not None
    assert aside.read_bytes() == damaged
    async with open_stores() as stores:
        assert stores.jobs.get_job(job.id) == job


async def test_the_whole_file_is_read_once_a_week_and_not_at_every_start(
    open_stores: Open, database_path: Path, clock: HandClock
) -> None:
    for _ in range(2):  # the second start checks for the first time
        async with open_stores():
            pass
    damage_quietly(database_path)
    async with open_stores():
        pass
    clock.pass_time(timedelta(days=8))
    with pytest.raises(DatabaseDamaged):
        await Database.open(database_path, now=clock)


async def test_the_whole_file_is_read_after_an_unclean_end(
    open_stores: Open, database_path: Path, clock: HandClock
) -> None:
    for _ in range(2):  # the second start checks for the first time
        async with open_stores():
            pass
    mark_unclean(database_path)
    damage_quietly(database_path)
    with pytest.raises(DatabaseDamaged):
        await Database.open(database_path, now=clock)


@pytest.mark.parametrize("content", [b"", b"This is no database at all, but a letter. " * 200])
async def test_what_is_no_database(
    open_stores: Open, database_path: Path, clock: HandClock, content: bytes
) -> None:
    async with open_stores():
        pass
    database_path.write_bytes(content)
    with pytest.raises(DatabaseDamaged) as caught:
        await Database.open(database_path, now=clock)
    assert len(caught.value.backups) == 1
    assert database_path.read_bytes() == content


async def test_a_vanished_database_is_not_replaced_by_an_empty_one_unasked(
    open_stores: Open, database_path: Path, clock: HandClock
) -> None:
    async with open_stores() as stores:
        await stores.jobs.add([make_request(1)])
    database_path.unlink()
    with pytest.raises(DatabaseDamaged):
        await Database.open(database_path, now=clock)
    assert start_anew(database_path, now=clock) is None
    async with open_stores() as stores:
        assert stores.jobs.list_active() == ()
    assert len(list_backups(database_path)) == 1


async def test_starting_anew_keeps_the_damaged_file(
    open_stores: Open, database_path: Path, clock: HandClock
) -> None:
    async with open_stores():
        pass
    database_path.write_bytes(b"broken")
    aside = start_anew(database_path, now=clock)
    assert aside is not None
    assert aside.read_bytes() == b"broken"
    async with open_stores() as stores:
        assert stores.jobs.list_active() == ()


async def test_backups_are_few_of_several_days_and_sound(
    open_stores: Open, database_path: Path, clock: HandClock
) -> None:
    for number in range(1, 15):
        async with open_stores() as stores:
            await stores.jobs.add([make_request(number)])
        clock.pass_time(timedelta(hours=13))
    backups = list_backups(database_path)
    days = [backup.made_at.date() for backup in backups]
    assert len(set(days)) == 5
    assert len(days) <= 6
    assert clock.moment - backups[1].made_at <= timedelta(hours=26)
    assert {backup.version for backup in backups} == {NEWEST}
    damage(backups[0].path)
    assert list_backups(database_path) == backups[1:]
    with pytest.raises(DatabaseDamaged):
        restore_backup(database_path, backups[0].path, now=clock)


def step(number: int, sql: str) -> Migration:
    return Migration(number, f"{number:04d}_test.sql", sql)


async def test_a_migration_is_taken_after_a_backup(
    open_stores: Open, database_path: Path, clock: HandClock
) -> None:
    async with open_stores() as stores:
        job = await stores.make_job(1, JobState.RUNNING)
    clock.pass_time(timedelta(minutes=1))
    steps = (*list_migrations(), step(NEWEST + 1, "ALTER TABLE jobs ADD COLUMN mood TEXT;"))
    database = await Database.open(database_path, now=clock, migrations=steps)
    row = database.read().execute("SELECT id, mood FROM jobs").fetchone()
    assert tuple(row) == (job.id, None)
    await database.close()
    assert [backup.version for backup in list_backups(database_path)] == [NEWEST, NEWEST]
    with pytest.raises(DatabaseTooNew):
        await Database.open(database_path, now=clock)


async def test_a_broken_migration_leaves_the_old_version(
    open_stores: Open, database_path: Path, clock: HandClock
) -> None:
    async with open_stores() as stores:
        job = await stores.make_job(1, JobState.RUNNING)
    sql = "CREATE TABLE new (x);\nINSERT INTO new VALUES (';');\nINSERT INTO nowhere VALUES (1);\n"
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        await Database.open(
            database_path, now=clock, migrations=(*list_migrations(), step(NEWEST + 1, sql))
        )
    assert check_database(database_path).version == NEWEST
    async with open_stores() as stores:
        assert stores.jobs.get_job(job.id) == job
        tables = stores.database.read().execute("SELECT name FROM sqlite_schema").fetchall()
        assert "new" not in {row["name"] for row in tables}


def test_statements_are_cut_where_they_end() -> None:
    sql = (
        "-- one; remark\nCREATE TABLE a (x TEXT DEFAULT ';');\n"
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n SELECT 1;\n SELECT 2;\nEND;\n"
    )
    assert len(list(step(1, sql).statements())) == 2
    with pytest.raises(ValueError, match="middle"):
        list(step(1, "CREATE TABLE a (").statements())


async def test_the_committed_database_of_each_schema_opens_and_is_read(
    tmp_path: Path, clock: HandClock
) -> None:
    kept = sorted((Path(__file__).parent / "databases").glob("schema_*.db"))
    assert len(kept) == NEWEST
    for source in kept:
        path = tmp_path / source.name
        path.write_bytes(source.read_bytes())
        database = await Database.open(path, now=clock)
        videos = VideoStore(database)
        jobs = JobStore(database, videos, now=clock)
        states = {job.state for job in (*jobs.list_active(), *jobs.list_history(50))}
        assert states == set(JobState)
        for job in (*jobs.list_active(), *jobs.list_history(50)):
            assert jobs.get_receipt(job.id).events
        assert videos.totals().videos >= 1
        await database.close()


CHILD = textwrap.dedent(
    """
    import asyncio, os, signal, sqlite3, sys
    from datetime import UTC, datetime
    from pathlib import Path
    from kling_desktop.domain.draft import Draft
    from kling_desktop.domain.job import JobRequest, JobState, Service, TaskId
    from kling_desktop.domain.video import VideoFacts, NewVideo
    from kling_desktop.storage.database.database import Database
    from kling_desktop.storage.stores.job_store import JobStore
    from kling_desktop.storage.stores.video_store import VideoStore

    def now():
        return datetime.now(UTC)

    async def main(path, statements):
        database = await Database.open(path, now=now)
        videos = VideoStore(database)
        jobs = JobStore(database, videos, now=now)
        (job,) = await jobs.add([JobRequest(task_id=TaskId("t"), draft=Draft(prompt="Fog"),
                                            service=Service.SANDBOX)])
        for state in (JobState.SUBMITTING, JobState.RUNNING, JobState.DOWNLOADING):
            job = await jobs.advance(job, state)
        left = [statements]

        def trace(statement):
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        await database.write(lambda connection: connection.set_trace_callback(trace))
        facts = VideoFacts(width=1, height=1, duration_s=5, fps=30, frames=150, codec="h264",
                          size_bytes=1)
        await jobs.finish(job, NewVideo(task_id=TaskId("t"), job_id=job.id, file="a.mp4",
            service=Service.SANDBOX, draft=job.draft, facts=facts, sha256="a", made_at=now()))

    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
    """
)


@pytest.mark.once
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.conformance
async def test_killed_between_any_two_statements_nothing_is_half(
    tmp_path: Path, clock: HandClock
) -> None:
    """The process dies before each statement of the last transaction in turn."""
    seen: set[tuple[JobState, int]] = set()
    code, statements = 0, 0
    for statements in range(1, 30):
        path = tmp_path / str(statements) / "kling.db"
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CHILD, str(path), str(statements)
        )
        code = await process.wait()
        database = await Database.open(path, now=clock)
        videos = VideoStore(database)
        jobs = JobStore(database, videos, now=clock)
        job = jobs.get_job(JobId(1))
        seen.add((job.state, videos.totals().videos))
        assert len(jobs.list_events(job.id)) == (5 if job.state is JobState.DONE else 4)
        await database.close()
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert code == 0
    assert statements > 6
    assert seen == {(JobState.DOWNLOADING, 0), (JobState.DONE, 1)}


async def test_what_sqlite_says_in_the_middle_is_translated(stores: Stores) -> None:
    def clash(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO upkeep VALUES ('k', 'v')")
        connection.execute("INSERT INTO balances VALUES ('s', 1, '')")
        connection.execute("INSERT INTO jobs (task_id) VALUES ('')")

    with pytest.raises(sqlite3.IntegrityError):
        await stores.database.write(clash)
    await stores.jobs.add([make_request(1)])
    with pytest.raises(StateConflict):
        await stores.database.write(lambda connection: connection.execute("DELETE FROM jobs"))


async def test_a_clean_end_is_marked(open_stores: Open, database_path: Path) -> None:
    def mark() -> str:
        with closing(sqlite3.connect(database_path)) as connection:
            query = "SELECT value FROM upkeep WHERE key = 'closed_cleanly'"
            return connection.execute(query).fetchone()[0]

    async with open_stores():
        assert mark() == "no"
    assert mark() == "yes"
    assert not database_path.with_name(database_path.name + "-wal").exists()


async def test_the_lock_holds_inside_one_process_too(
    open_stores: Open, database_path: Path, clock: HandClock
) -> None:
    async with open_stores() as stores:
        with pytest.raises(DatabaseBusy):
            await Database.open(database_path, now=clock, lock_wait_s=0)
        await stores.jobs.add([make_request(1)])


async def test_a_start_waits_for_the_process_that_is_still_ending(
    database_path: Path, clock: HandClock
) -> None:
    first = await Database.open(database_path, now=clock)
    second = asyncio.gather(Database.open(database_path, now=clock, lock_wait_s=30))
    await first.close()
    (database,) = await second
    await database.close()


async def test_leaving_works_without_a_backup_too(
    open_stores: Open, database_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_stores() as stores:
        job = await stores.make_job(1, JobState.RUNNING)
        database_path.with_name("backups").write_bytes(b"in the way")
    assert "no backup was made" in caplog.text
    database_path.with_name("backups").unlink()
    async with open_stores() as stores:
        assert stores.jobs.get_job(job.id) == job
