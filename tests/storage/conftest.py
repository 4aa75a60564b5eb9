"""A database in a folder of its own, a clock that is turned by hand, and values to put in."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from kling_desktop.domain.draft import Draft
from kling_desktop.domain.job import Job, JobRequest, JobState, Service, TaskId
from kling_desktop.domain.video import NewVideo, Video, VideoFacts
from kling_desktop.storage.database.database import Database
from kling_desktop.storage.stores.job_store import JobStore
from kling_desktop.storage.stores.video_store import VideoStore

START = datetime(2026, 11, 4, 10, 0, tzinfo=UTC)
PATHS: dict[JobState, tuple[JobState, ...]] = {
    JobState.QUEUED: (),
    JobState.SUBMITTING: (JobState.SUBMITTING,),
    JobState.UNCONFIRMED: (JobState.SUBMITTING, JobState.UNCONFIRMED),
    JobState.RUNNING: (JobState.SUBMITTING, JobState.RUNNING),
    JobState.DOWNLOADING: (JobState.SUBMITTING, JobState.RUNNING, JobState.DOWNLOADING),
    JobState.FAILED: (JobState.SUBMITTING, JobState.FAILED),
    JobState.CANCELLED: (JobState.CANCELLED,),
}
"""How a job gets to each state; `done` is reached by `finish`."""


class HandClock:
    """Gives the same moment until it is turned on."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment

    def pass_time(self, time: timedelta) -> None:
        self.moment += time


def task_id(number: int) -> TaskId:
    return TaskId(str(UUID(int=(number << 96) | (4 << 76) | (2 << 62))))


def make_request(number: int, draft: Draft | None = None, **facts: Any) -> JobRequest:
    request = JobRequest(
        task_id=task_id(number),
        draft=draft or Draft(prompt=f"Lanterns rise, number {number}"),
        service=Service.RUNWARE,
    )
    return replace(request, **facts)


FACTS = VideoFacts(
    width=1280, height=720, duration_s=5.0, fps=30.0, frames=150, codec="h264", size_bytes=4_000_000
)


def make_video(number: int, **facts: Any) -> NewVideo:
    video = NewVideo(
        task_id=task_id(number),
        job_id=None,
        service=Service.RUNWARE,
        file=f"2026-11/lanterns-rise_{number:08x}.mp4",
        draft=Draft(prompt=f"Lanterns rise, number {number}"),
        facts=FACTS,
        sha256=f"{number:064x}",
        made_at=START + timedelta(minutes=number),
    )
    return replace(video, **facts)


@dataclass(frozen=True)
class Stores:
    database: Database
    jobs: JobStore
    videos: VideoStore
    clock: HandClock

    async def make_job(self, number: int, state: JobState, **facts: Any) -> Job:
        """Add a job and take it to a state."""
        (job,) = await self.jobs.add([make_request(number, **facts)])
        if state is JobState.DONE:
            return (await self.finish_job(job))[0]
        for step in PATHS[state]:
            job = await self.jobs.advance(job, step)
        return job

    async def finish_job(
        self, job: Job, *, cost_usd: Decimal | None = None, **facts: Any
    ) -> tuple[Job, Video]:
        """Take a queued job to its end."""
        job = await self.jobs.advance(job, JobState.SUBMITTING, submitted_at=self.clock())
        job = await self.jobs.advance(job, JobState.RUNNING, accepted_at=self.clock())
        job = await self.jobs.advance(job, JobState.DOWNLOADING, cost_usd=cost_usd)
        video = make_video(
            job.id,
            task_id=job.task_id,
            service=job.service,
            draft=job.draft,
            cost_usd=cost_usd,
            made_at=self.clock(),
        )
        return await self.jobs.finish(job, replace(video, **facts))


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def database_path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "kling.db"


@pytest.fixture
async def stores(database_path: Path, clock: HandClock) -> AsyncIterator[Stores]:
    database = await Database.open(database_path, now=clock)
    videos = VideoStore(database)
    yield Stores(database, JobStore(database, videos, now=clock), videos, clock)
    await database.close()


@pytest.fixture
def open_stores(database_path: Path, clock: HandClock) -> Callable[[], "AsyncOpening"]:
    return lambda: AsyncOpening(database_path, clock)


class AsyncOpening:
    """Opens the same database again, as the next start would."""

    def __init__(self, path: Path, clock: HandClock) -> None:
        self._path, self._clock = path, clock
        self._database: Database | None = None

    async def __aenter__(self) -> Stores:
        self._database = await Database.open(self._path, now=self._clock)
        videos = VideoStore(self._database)
        jobs = JobStore(self._database, videos, now=self._clock)
        return Stores(self._database, jobs, videos, self._clock)

    async def __aexit__(self, *exception: object) -> None:
        assert self._database is not None
        await self._database.close()
