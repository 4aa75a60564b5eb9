"""A real data folder with an engine on it and the queue panel over both, for the panel's tests."""

from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kling_desktop.domain.draft import Draft, ImageInput
from kling_desktop.domain.events import JobProgress
from kling_desktop.domain.job import Job, JobRequest, JobState, Service, TaskId
from kling_desktop.domain.resources import find_resource
from kling_desktop.domain.video import NewVideo, VideoFacts
from kling_desktop.engine.engine import Engine
from kling_desktop.engine.service_session import EngineStores
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.media.thumbnail_files import ThumbnailFiles
from kling_desktop.media.thumbnails import Thumbnails
from kling_desktop.storage.database.database import Database
from kling_desktop.storage.files.kept_inputs import KeptInputs
from kling_desktop.storage.files.library_files import LibraryFiles
from kling_desktop.storage.settings.settings_store import SettingsStore
from kling_desktop.storage.stores.draft_store import DraftStore
from kling_desktop.storage.stores.job_store import JobStore
from kling_desktop.storage.stores.money_store import MoneyStore
from kling_desktop.storage.stores.upload_store import UploadStore
from kling_desktop.storage.stores.video_store import VideoStore
from kling_desktop.ui.overlays.notices import Notice
from kling_desktop.ui.overlays.user_tasks import UserTasks
from kling_desktop.ui.queue.queue_contents import QueueSources
from kling_desktop.ui.queue.queue_model import QueueModel
from kling_desktop.ui.queue.queue_page import QueuePage
from kling_desktop.ui.theme.look import Look
from tests.fakes.clock import FakeClock
from tests.fakes.video_file import FakeVideoTools

_WAYS: dict[JobState, tuple[JobState, ...]] = {
    JobState.QUEUED: (),
    JobState.SUBMITTING: (JobState.SUBMITTING,),
    JobState.UNCONFIRMED: (JobState.SUBMITTING, JobState.UNCONFIRMED),
    JobState.RUNNING: (JobState.SUBMITTING, JobState.RUNNING),
    JobState.DOWNLOADING: (JobState.SUBMITTING, JobState.RUNNING, JobState.DOWNLOADING),
    JobState.DONE: (JobState.SUBMITTING, JobState.RUNNING, JobState.DOWNLOADING),
    JobState.FAILED: (JobState.SUBMITTING, JobState.FAILED),
    JobState.CANCELLED: (JobState.CANCELLED,),
}


@dataclass
class Stage:
    """The stores, an engine that was not started, and what the page told."""

    folder: Path
    clock: FakeClock
    database: Database
    jobs: JobStore
    videos: VideoStore
    drafts: DraftStore
    money: MoneyStore
    settings: SettingsStore
    engine: Engine
    stills: Thumbnails
    tasks: TaskOwner
    told: list[Notice] = field(default_factory=list[Notice])
    dismissed: list[int] = field(default_factory=list[int])
    bugs: list[BaseException] = field(default_factory=list[BaseException])
    _number: int = 0

    def now(self) -> datetime:
        return self.clock.now().astimezone()

    def build_page(self, look: Look, width: int = 340, height: int = 800) -> QueuePage:
        tasks = UserTasks(self.tasks, self._notify, self.dismissed.append)
        page = QueuePage(look, self.build_sources(), self.stills, tasks)
        page.resize(width, height)
        page.show()
        return page

    def _notify(self, notice: Notice) -> int:
        self.told.append(notice)
        return len(self.told)

    def build_model(self) -> QueueModel:
        return QueueModel(self.build_sources())

    def build_sources(self) -> QueueSources:
        return QueueSources(self.jobs, self.drafts, self.engine, self.money, now=self.now)

    async def add(
        self, *prompts: str, service: Service = Service.RUNWARE, group: str = "", **draft: Any
    ) -> list[Job]:
        """Queue jobs with these prompts."""
        requests = [
            JobRequest(
                task_id=TaskId(f"{self._count():08d}-0000-4000-8000-000000000000"),
                draft=Draft(prompt=prompt, **draft),
                service=service,
                group_id=group,
            )
            for prompt in prompts
        ]
        return list(await self.jobs.add(requests))

    async def make(self, state: JobState, prompt: str = "A boat", **wishes: Any) -> Job:
        """Queue a job and carry it to a state; facts of `Job` go with the last step."""
        names = ("service", "group", "first_frame", "last_frame", "model", "duration_s")
        given = {name: wishes.pop(name) for name in names if name in wishes}
        (job,) = await self.add(prompt, **given)
        return await self.carry(job, state, **wishes)

    async def carry(self, job: Job, state: JobState, **facts: Any) -> Job:
        took = facts.pop("took_s", None)
        sent: dict[str, Any] = {}
        way = _WAYS[state]
        for step in way:
            if step is JobState.SUBMITTING:
                sent = {"submitted_at": self.clock.now()}
            last = facts if step is way[-1] and state is not JobState.DONE else {}
            job = await self.jobs.advance(job, step, **{**sent, **last})
            sent = {}
        if not way:
            return await self.jobs.amend(job, **facts) if facts else job
        if state is not JobState.DONE:
            return job
        if took is not None:
            self.clock.jump(took)
        done, _ = await self.jobs.finish(job, self.build_video(job, took, **facts), **facts)
        return done

    def build_video(self, job: Job, took_s: float | None = 151.0, **facts: Any) -> NewVideo:
        return NewVideo(
            task_id=job.task_id,
            job_id=job.id,
            service=job.service,
            file=f"2026-11/clip-{job.id}.mp4",
            draft=job.draft,
            facts=VideoFacts(
                width=1280,
                height=720,
                duration_s=5.0,
                fps=30.0,
                frames=150,
                codec="h264",
                size_bytes=4_800_000,
            ),
            sha256=f"{job.id:064x}",
            made_at=self.clock.now(),
            took_s=took_s,
            cost_usd=facts.get("cost_usd"),
        )

    def set_status(self, **changes: Any) -> None:
        """Say what the engine would say."""
        self.engine.status = replace(self.engine.status, **changes)
        self.engine.status_changed.send(self.engine.status)

    def report(self, job: Job, activity: Any, **facts: Any) -> None:
        self.engine._board.report(JobProgress(job_id=job.id, activity=activity, **facts))

    def ago(self, seconds: float) -> datetime:
        return self.clock.now() - timedelta(seconds=seconds)

    def _count(self) -> int:
        self._number += 1
        return self._number


def picture(name: str = "umbrella.jpg") -> ImageInput:
    """A picture that ships with the app, as an input."""
    return ImageInput(
        path=find_resource(f"samples/{name}"),
        name=name,
        format="jpeg",
        width=1280,
        height=720,
        size_bytes=100_000,
    )


def row_texts(model: QueueModel, roles: Sequence[int] = ()) -> list[str]:
    """What stands in the rows, top to bottom."""
    return [str(model.index(row).data(*roles)) for row in range(model.rowCount())]


@asynccontextmanager
async def open_stage(folder: Path, service: Service = Service.RUNWARE) -> AsyncIterator[Stage]:
    """Open a data folder and put everything away afterwards."""
    clock = FakeClock()
    database = await Database.open(folder / "data" / "data.sqlite3", now=clock.now)
    videos = VideoStore(database)
    jobs = JobStore(database, videos, now=clock.now)
    settings = SettingsStore.load(folder / "settings.json")
    money = MoneyStore(database, jobs, videos, now=clock.now)
    files = LibraryFiles(folder / "library")
    files.create()
    bugs: list[BaseException] = []
    stores = EngineStores(
        jobs=jobs,
        uploads=UploadStore(database, now=clock.now),
        money=money,
        settings=settings,
        files=files,
        inputs=KeptInputs(folder / "inputs"),
    )
    engine = Engine(
        stores, FakeVideoTools(), service=service, client=None, clock=clock, on_failure=bugs.append
    )
    tasks = TaskOwner(bugs.append)
    with ThreadPoolExecutor(2) as executor:
        stills = Thumbnails(ThumbnailFiles(folder / "thumbnails"), executor)
        stage = Stage(
            folder,
            clock,
            database,
            jobs,
            videos,
            DraftStore(database, now=clock.now),
            money,
            settings,
            engine,
            stills,
            tasks,
            bugs=bugs,
        )
        try:
            yield stage
        finally:
            await tasks.close()
            await engine.stop()
            stills.stop()
            await database.close()
    assert not bugs, bugs
