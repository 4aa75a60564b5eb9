"""One world for engine tests: a real data folder, a fake service and a clock moved by hand."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kling_desktop.api.client import ApiClient
from kling_desktop.domain.draft import Draft, ImageInput
from kling_desktop.domain.job import Job, JobId, JobState, Service
from kling_desktop.engine.engine import Engine
from kling_desktop.engine.library.library import Library
from kling_desktop.engine.service_session import EngineStores
from kling_desktop.engine.timing.pacing import PollPace
from kling_desktop.storage.database.database import Database
from kling_desktop.storage.files.kept_inputs import KeptInputs
from kling_desktop.storage.files.library_files import LibraryFiles
from kling_desktop.storage.settings.settings_store import SettingsStore
from kling_desktop.storage.stores.job_store import JobStore
from kling_desktop.storage.stores.money_store import MoneyStore
from kling_desktop.storage.stores.upload_store import UploadStore
from kling_desktop.storage.stores.video_store import VideoStore
from tests.fakes.clock import FakeClock
from tests.fakes.service import FakeService
from tests.fakes.video_file import FakeVideoTools, make_video

WORDS = Draft(prompt="A paper boat drifts down a rainy street")


@dataclass
class World:
    """A data folder with an engine on it that can be dropped and opened again."""

    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    service: FakeService = field(default_factory=lambda: FakeService(video=make_video()))
    video: FakeVideoTools = field(default_factory=FakeVideoTools)
    free_bytes: int = 10**12
    pace: PollPace | None = None
    bugs: list[BaseException] = field(default_factory=list)

    database: Any = None
    engine: Any = None

    async def open(
        self, service: Service = Service.RUNWARE, *, key: bool = True, start: bool = True
    ) -> Engine:
        await self.clock.settle()
        now = self.clock.now
        self.database = await Database.open(self.folder / "data.sqlite3", now=now)
        self.videos = VideoStore(self.database)
        self.jobs = JobStore(self.database, self.videos, now=now)
        self.settings = SettingsStore.load(self.folder / "settings.json")
        self.files = LibraryFiles(self.folder / "library", free_bytes_of=lambda _: self.free_bytes)
        self.money = MoneyStore(self.database, self.jobs, self.videos, now=now)
        if not (self.folder / "data-was-there").exists():
            self.files.create()
            (self.folder / "data-was-there").touch()
        self.client: ApiClient | None = self.service.make_client() if key else None
        self.stores = EngineStores(
            jobs=self.jobs,
            uploads=UploadStore(self.database, now=now),
            money=self.money,
            settings=self.settings,
            files=self.files,
            inputs=KeptInputs(self.folder / "inputs"),
        )
        self.engine = Engine(
            self.stores,
            self.video,
            service=service,
            client=self.client,
            clock=self.clock,
            pace=self.pace,
            on_failure=self.bugs.append,
        )
        if start:
            await self.engine.start()
        return self.engine

    def pull_the_plug(self) -> None:
        """Stop every task of the engine where it stands: none of them gets another line."""
        for task in asyncio.all_tasks():
            if task is not asyncio.current_task() and not task.get_name().startswith("Task-"):
                task.cancel()

    async def close(self) -> None:
        if self.engine is not None:
            await self.engine.stop()
        if self.client is not None:
            await self.client.aclose()
        if self.database is not None:
            await self.database.close()
        self.engine = self.database = self.client = None

    async def crash(self) -> None:
        """The process dies now; what was committed is all that is left."""
        self.pull_the_plug()
        await self.close()

    async def queue(self, *drafts: Draft) -> tuple[Job, ...]:
        return await self.engine.enqueue(drafts or [WORDS])

    async def run_until(self, condition: Callable[[], bool], **limits: float) -> None:
        await self.clock.run_until(condition, **limits)

    async def run_to(self, job: Job | JobId, state: JobState, **limits: float) -> Job:
        job_id = job.id if isinstance(job, Job) else job
        await self.run_until(lambda: self.jobs.get_job(job_id).state is state, **limits)
        return self.jobs.get_job(job_id)

    def make_library(self) -> Library:
        return Library(
            self.videos,
            self.jobs,
            self.files,
            self.video,
            move_to_trash=lambda _: None,
            clock=self.clock,
        )

    def state(self, job: Job) -> JobState:
        return self.jobs.get_job(job.id).state

    def list_videos(self) -> list[Path]:
        return sorted((self.folder / "library").rglob("*.mp4"))

    def list_leftovers(self) -> list[Path]:
        folder = self.folder / "library" / ".kling-part"
        return sorted(folder.iterdir()) if folder.is_dir() else []

    def picture(self, name: str = "first.png", size_bytes: int = 3000) -> ImageInput:
        path = self.folder / name
        path.write_bytes((name.encode() * (size_bytes // len(name) + 1))[:size_bytes])
        return ImageInput(
            path=path, name=name, format="png", width=1280, height=720, size_bytes=size_bytes
        )

    def check_books(self) -> None:
        """Every charge has one job, every job one charge at most, every done job one video."""
        charges = [charge.task_id for charge in self.service.ledger]
        assert len(charges) == len(set(charges)), "charged twice"
        for task_id in charges:
            assert self.jobs.find_job_by_task(task_id) is not None, "charged for no job"
        for task in self.service.tasks.values():
            assert task.acceptances <= 1
        done = [job for job in self.jobs.list_history(10_000) if job.state is JobState.DONE]
        assert len(self.list_videos()) == len(done)
        for job in done:
            assert job.task_id in charges
            assert (self.folder / "library" / job.file).is_file()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path)
    yield world
    await world.close()
    assert not world.bugs, world.bugs
