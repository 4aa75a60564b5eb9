"""Writes a small database of the present schema for the tests, to prove later migrations with.

Run once when a schema is released: `python tools/make_schema_fixture.py`.  It refuses to replace
a file that is there: a released schema never changes.
"""

import asyncio
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from kling_desktop.domain.draft import Draft, ImageInput  # noqa: E402 the path comes first
from kling_desktop.domain.job import Job, JobRequest, JobState, MediaId, Service, TaskId  # noqa: E402
from kling_desktop.domain.video import NewVideo, VideoFacts  # noqa: E402
from kling_desktop.storage.database.backups import make_backup  # noqa: E402
from kling_desktop.storage.database.database import Database  # noqa: E402
from kling_desktop.storage.database.migrations import list_migrations  # noqa: E402
from kling_desktop.storage.stores.draft_store import DraftStore  # noqa: E402
from kling_desktop.storage.stores.job_store import JobStore  # noqa: E402
from kling_desktop.storage.stores.money_store import MoneyStore  # noqa: E402
from kling_desktop.storage.stores.upload_store import UploadStore  # noqa: E402
from kling_desktop.storage.stores.video_store import VideoStore  # noqa: E402

_AT = datetime(2026, 11, 4, 10, 0, tzinfo=UTC)
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


class _Ticks:
    """A clock that goes on by a second each time somebody looks."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self) -> datetime:
        self._count += 1
        return _AT + timedelta(seconds=self._count)


async def _fill(database: Database, now: _Ticks) -> None:
    """Put in a job of every state and a row of every table."""
    videos = VideoStore(database)
    jobs = JobStore(database, videos, now=now)
    money = MoneyStore(database, jobs, videos, now=now)
    frame = ImageInput(
        path=Path("lake.png"), name="lake.png", format="png", width=640, height=480,
        size_bytes=1000, sha256="ab" * 32,
    )  # fmt: skip
    for number, (state, way) in enumerate(_WAYS.items(), start=1):
        draft = Draft(prompt=f"Lanterns rise, {state}", first_frame=frame if number % 2 else None)
        task_id = TaskId(f"00000000-0000-4000-8000-{number:012d}")
        request = JobRequest(task_id=task_id, draft=draft, service=Service.RUNWARE)
        (job,) = await jobs.add([request])
        for step in way:
            facts = {"body": '[{"taskType":"x"}]'} if step is JobState.SUBMITTING else {}
            job = await jobs.advance(job, step, **facts)
        if state is JobState.DONE:
            await _finish(jobs, job)
    await UploadStore(database, now=now).keep(Service.RUNWARE, "ab" * 32, MediaId("m"))
    await DraftStore(database, now=now).save(Draft(prompt="Later"))
    await money.keep_balance(Service.RUNWARE, Decimal("12.34"))


async def _finish(jobs: JobStore, job: Job) -> None:
    facts = VideoFacts(
        width=1280, height=720, duration_s=5.0, fps=30.0, frames=150, codec="h264", size_bytes=1000
    )
    video = NewVideo(
        task_id=job.task_id, job_id=job.id, service=job.service, file="2026-11/lanterns.mp4",
        draft=job.draft, facts=facts, sha256="cd" * 32, made_at=_AT, took_s=120.0,
        cost_usd=Decimal("0.35"), seed=7,
    )  # fmt: skip
    await jobs.finish(job, video, cost_usd=video.cost_usd)


async def _make(target: Path) -> None:
    now = _Ticks()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kling.db"
        database = await Database.open(path, now=now)
        await _fill(database, now)
        copy = make_backup(database.read(), path, _AT)
        target.write_bytes(copy.read_bytes())
        await database.close()


def main() -> int:
    target = (
        ROOT
        / "tests"
        / "storage"
        / "database"
        / "databases"
        / f"schema_{len(list_migrations()):04d}.db"
    )
    if target.exists():
        print(f"{target.name} is there already and stays as it is.")
        return 1
    asyncio.run(_make(target))
    print(f"{target.name}: {target.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
