"""Any order of answers, faults, crashes, pauses, cancels and edits: the books always balance."""

import asyncio
import tempfile
from collections.abc import Coroutine
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kling_desktop.domain.errors import StateConflict
from kling_desktop.domain.job import Job, JobId, JobState, TaskId
from kling_desktop.storage.database.backups import list_backups
from kling_desktop.storage.database.recovery import restore_backup, start_anew
from kling_desktop.storage.stores.video_query import VideoQuery
from tests.engine.conftest import WORDS, World
from tests.fakes.service_script import (
    Absent,
    Ack,
    Broken,
    Cut,
    Expired,
    Failure,
    FileStatus,
    FileStep,
    LoseAnswer,
    Other,
    Processing,
    Refuse,
    Silence,
    Step,
    Success,
    Trouble,
    Unreachable,
)

T = TypeVar("T")

BEGINNINGS: list[Step] = [
    Ack(),
    LoseAnswer(),
    Unreachable(),
    Broken(),
    Silence(),
    Trouble(500),
    Trouble(503, times=2),
    Trouble(504, accepted=True),
    Trouble(200, "<html>"),
    Trouble(429, headers={"retry-after": "7"}),
    Refuse("rateLimitExceeded", http_status=429),
    Refuse("invalidPositivePrompt"),
]
MIDDLES: list[Step] = [
    Processing(),
    Processing(word="dreaming"),
    Absent(times=2),
    Trouble(504),
    Trouble(200, '{"data":'),
    Silence(),
]
ENDS: list[Step] = [
    Success(),
    Success(cost="1.25"),
    Success(cost=None),
    Failure(),
    Failure(charged=True),
]
FILES: list[FileStep] = [
    Cut(9_000),
    Expired(),
    FileStatus(422),
    FileStatus(502),
    Other(b"no video"),
]


class EngineMachine(RuleBasedStateMachine):
    """One data folder, one service, and everything that can happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.loop = asyncio.Runner(loop_factory=asyncio.SelectorEventLoop)
        self.world = World(Path(self.folder.name))
        self.folder_of_videos = self.world.folder / "library"
        self.ended: dict[JobId, Job] = {}
        self.ids: dict[JobId, set[TaskId]] = {}
        self.given_up: set[TaskId] = set()
        self.wait(self.world.open())
        self.wait(self.world.clock.settle())

    def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(coroutine)

    def pick(self, number: int, *states: JobState) -> Job | None:
        jobs = [job for job in self.world.jobs.list_active() if job.state in states]
        return jobs[number % len(jobs)] if jobs else None

    @rule(
        begin=st.lists(st.sampled_from(BEGINNINGS), max_size=3),
        middle=st.lists(st.sampled_from(MIDDLES), max_size=3),
        end=st.sampled_from(ENDS),
        files=st.lists(st.sampled_from(FILES), max_size=2),
        takes=st.integers(1, 2),
    )
    def queue(
        self, begin: list[Step], middle: list[Step], end: Step, files: list[FileStep], takes: int
    ) -> None:
        self.world.service.script("*", *begin, *([] if begin else [Ack()]), *middle, end)
        self.world.service.script_download("*", *files)
        self.wait(self.world.queue(replace(WORDS, takes=takes)))

    @rule(seconds=st.sampled_from([0.0, 0.5, 3.0, 20.0, 120.0, 4000.0]))
    def let_time_pass(self, seconds: float) -> None:
        self.wait(self.world.clock.advance(seconds))

    @rule(turns=st.integers(0, 12))
    def crash(self, turns: int) -> None:
        async def die() -> None:
            for _ in range(turns):
                await asyncio.sleep(0)
            await self.world.crash()
            await self.world.open()
            await self.world.clock.settle()

        self.wait(die())

    @rule(readable=st.booleans(), copy=st.integers(0, 5), turns=st.integers(0, 12))
    def lose_the_database(self, readable: bool, copy: int, turns: int) -> None:
        """The process dies, its database is damaged, and the user takes a copy or begins anew."""

        async def lose() -> None:
            for _ in range(turns):
                await asyncio.sleep(0)
            await self.world.crash()
            database = self.world.folder / "data.sqlite3"
            if not readable:
                database.write_bytes(b"no database any more" * 1000)
            copies = list_backups(database)
            if copy < len(copies):
                restore_backup(database, copies[copy].path, now=self.world.clock.now)
            else:
                start_anew(database, now=self.world.clock.now)
            await self.world.open(start=False)
            await self.world.make_library().rebuild()  # as the app does, before the queue moves
            await self.world.engine.start()
            await self.world.clock.settle()

        self.wait(lose())
        self.ended.clear()  # the records are others; what they must be true to is the ledger
        self.ids.clear()

    @rule(hours=st.sampled_from([0.1, 3.0, 30.0]))
    def suspend(self, hours: float) -> None:
        """The machine sleeps: its wall clock goes on, waits and connections do not."""
        self.world.clock.jump(3600 * hours)
        self.world.service.lose_next_answer()
        self.wait(self.world.clock.advance(61))

    @rule(seconds=st.sampled_from([-9000.0, -5.0, 60.0, 9000.0]))
    def set_the_clock(self, seconds: float) -> None:
        self.world.clock.jump(seconds)

    @rule(down=st.booleans())
    def network(self, down: bool) -> None:
        (self.world.service.down if down else self.world.service.up)()

    @rule()
    def pause(self) -> None:
        self.wait(self.world.engine.pause())

    @rule()
    def resume(self) -> None:
        self.wait(self.world.engine.resume())

    @rule(number=st.integers(0, 9))
    def cancel(self, number: int) -> None:
        job = self.pick(number, *JobState)
        if job is not None:
            self.wait(self.world.engine.cancel(job.id))

    @rule(number=st.integers(0, 9))
    def look_again(self, number: int) -> None:
        job = self.pick(number, JobState.UNCONFIRMED, JobState.RUNNING, JobState.DOWNLOADING)
        if job is not None:
            self.wait(self.world.engine.check_now(job.id))

    @rule(number=st.integers(0, 9))
    def reorder(self, number: int) -> None:
        job = self.pick(number, JobState.QUEUED)
        if job is not None:
            try:
                self.wait(self.world.jobs.reorder(job.id, None))
            except StateConflict:
                assert self.world.jobs.get_job(job.id).state is not JobState.QUEUED

    @rule(number=st.integers(0, 9))
    def discard(self, number: int) -> None:
        job = self.pick(number, JobState.UNCONFIRMED)
        if job is not None:
            try:
                self.wait(self.world.engine.discard(job.id))
                self.given_up.add(job.task_id)
            except StateConflict:
                assert self.world.jobs.get_job(job.id).state is not JobState.UNCONFIRMED

    @invariant()
    def a_charge_has_one_job_and_a_job_one_charge(self) -> None:
        charges = [charge.task_id for charge in self.world.service.ledger]
        assert len(charges) == len(set(charges))
        for task_id in charges:
            # Lost records may forget what had ended: a clip is in the folder, the rest is history.
            assert (
                self.world.jobs.find_job_by_task(task_id) is not None
                or self.world.videos.find_by_task(task_id) is not None
                or task_id in self.given_up
                or not isinstance(self.world.service.tasks[task_id].steps[-1], Success)
            )

    @invariant()
    def a_task_is_accepted_once(self) -> None:
        assert all(task.acceptances <= 1 for task in self.world.service.tasks.values())

    @invariant()
    def what_has_ended_never_changes(self) -> None:
        for job in self.world.jobs.list_history(1000):
            assert self.ended.setdefault(job.id, job) == job

    @invariant()
    def a_job_never_gets_another_id_by_itself(self) -> None:
        jobs = (*self.world.jobs.list_active(), *self.world.jobs.list_history(1000))
        for job in jobs:
            ids = self.ids.setdefault(job.id, set())
            ids.add(job.task_id)
            assert len(ids) == 1

    @invariant()
    def money_shown_is_money_in_the_ledger(self) -> None:
        costs = {charge.task_id: charge.cost_usd for charge in self.world.service.ledger}
        for job in self.world.jobs.list_history(1000):
            if job.state is JobState.DONE:
                shown = job.cost_usd if job.cost_usd is not None else Decimal(0)
                assert shown == costs[job.task_id]

    @invariant()
    def no_bug(self) -> None:
        assert not self.world.bugs

    def teardown(self) -> None:
        try:
            self.wait(self._come_to_an_end())
        finally:
            self.wait(self.world.close())
            self.loop.close()
            self.folder.cleanup()

    async def _come_to_an_end(self) -> None:
        """With everything well again, each charge that nobody gave up becomes one video."""
        world = self.world
        world.service.up()
        world.service.script_download("*")
        await world.engine.resume()
        left: list[Job] = []
        for _ in range(60):
            await world.clock.advance(600)
            left = [
                job for job in world.jobs.list_active() if job.state is not JobState.UNCONFIRMED
            ]
            if not left:
                break
        assert not left, left
        for task in world.service.tasks.values():
            made = task.acceptances and isinstance(task.steps[-1], Success)
            video = world.videos.find_by_task(task.task_id)
            if made and task.task_id not in self.given_up:
                assert video is not None, "paid for, and no video"
            if video is not None:
                assert made
                assert (self.folder_of_videos / video.file).is_file()
        assert len(world.list_videos()) == world.videos.count(VideoQuery())


TestEngineMachine = EngineMachine.TestCase
TestEngineMachine.settings = settings(
    settings.get_profile("default"),
    stateful_step_count=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
