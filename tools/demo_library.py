"""Fills a data folder with a library, a queue in every state and drafts, for the screenshots."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid5

from kling_desktop.domain.catalog import MODELS_BY_ID, Dimensions, ModelId
from kling_desktop.domain.draft import Draft, ImageInput
from kling_desktop.domain.job import Job, JobRequest, JobState, Service, TaskId
from kling_desktop.domain.resources import find_resource
from kling_desktop.domain.video import NewVideo
from kling_desktop.media.video_file import probe
from kling_desktop.sandbox.renderer import VideoPlan, render_video
from kling_desktop.storage.database.database import Database
from kling_desktop.storage.files.file_names import DEFAULT_NAME_PATTERN, plan_file_name
from kling_desktop.storage.stores.draft_store import DraftStore
from kling_desktop.storage.stores.job_store import JobStore
from kling_desktop.storage.stores.video_store import VideoStore

_NAMES = UUID("5a1f9c1e-6f7e-4b57-9d0c-3b6a52f7c0de")
_SHAPES = {
    "wide": Dimensions(1280, 720),
    "square": Dimensions(720, 720),
    "tall": Dimensions(720, 1280),
}
_TURBO, _MASTER, _PRO, _OLD = (
    ModelId("klingai:6@1"),
    ModelId("klingai:5@3"),
    ModelId("klingai:5@2"),
    ModelId("klingai:3@1"),
)
_PRICES = {
    (_TURBO, 5): "0.35",
    (_TURBO, 10): "0.70",
    (_MASTER, 5): "1.40",
    (_MASTER, 10): "2.80",
    (_PRO, 5): "0.49",
    (_PRO, 10): "0.98",
    (_OLD, 5): "0.25",
    (_OLD, 10): "0.50",
}
UMBRELLA_PROMPT = (
    "She turns under the umbrella as the city lights drift out of focus. "
    "Slow push in, rain catching the light."
)


_SHORT_PROMPT = "She turns under the umbrella as the city lights drift out of focus."


@dataclass(frozen=True, slots=True)
class Shot:
    """One clip of the demo: what was asked for, how it looks, and when it came.

    Attributes:
        picture: A sample's name, or a number: the seed of a landscape.
        day: Days before today.
        group: Takes of one click share it.
    """

    prompt: str
    picture: str | int
    shape: str
    day: int
    length: int = 5
    model: ModelId = _TURBO
    favourite: bool = False
    practice: bool = False
    last: str = ""
    group: str = ""


SHOTS = (
    Shot("Beam sweeps once across the water", "lighthouse-first", "wide", 0),
    Shot(_SHORT_PROMPT, "umbrella", "wide", 0, favourite=True, group="umbrella"),
    Shot(_SHORT_PROMPT, "umbrella", "wide", 0, group="umbrella"),
    Shot("Lanterns rise from the lake", "lanterns-portrait", "tall", 0, 10, favourite=True),
    Shot("Jellyfish drifts upward, soft pulse", "jellyfish-square", "tall", 0, 10),
    Shot("Aurora ripples over the hills", 10, "wide", 0, 10, model=_MASTER),
    Shot("Moon slides behind the rim", 19, "square", 0, favourite=True),
    Shot("Fireflies wander through the valley", 5, "tall", 0),
    Shot(
        "Dusk falls on the lighthouse", "lighthouse-first", "wide", 1,
        model=_PRO, favourite=True, last="lighthouse-last",
    ),
    Shot("Copper dunes under a low sun", 0, "square", 1),
    Shot("Sun climbs over the salt flats", 6, "wide", 1, 10),
    Shot("Dust drifts across the mesa", 11, "wide", 1, model=_PRO),
    Shot("Mist rolls between the ridges", 17, "wide", 1, 10),
    Shot("Petals of light open in time lapse", 9, "tall", 1),
    Shot("Jellyfish from below", "jellyfish-square", "square", 1),
    Shot("First snow over a quiet fjord", 1, "wide", 1, practice=True),
    Shot("Harbour lights after the rain", 8, "wide", 1, model=_MASTER),
    Shot("Night train crosses the plain", 13, "wide", 1, favourite=True),
    Shot("Pink evening behind the hills", 14, "tall", 1, model=_OLD),
    Shot("Stars turn above the ridge", 3, "wide", 4, 10),
    Shot("Calm sea, slow dolly", 15, "wide", 4),
    Shot("Lanterns, closer", "lanterns-portrait", "tall", 4),
    Shot("Warm wind over dry grass", 2, "square", 4, model=_OLD, practice=True),
    Shot("A violet morning", 7, "wide", 9, favourite=True),
    Shot("The long way home", 12, "wide", 9, 10, model=_MASTER),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Demo:
    """Where a demo was built, and the jobs that are still under way in it."""

    data: Path
    library: Path
    jobs: dict[str, Job]


def make_videos(folder: Path) -> None:
    """Video every shot into `folder`; what is there already is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    plans = [(plan, folder / f"{number:02d}.mp4") for number, plan in enumerate(_plan_videos())]
    with ProcessPoolExecutor(2) as pool:
        for done in [pool.submit(render_video, plan, to) for plan, to in plans if not to.exists()]:
            done.result()


def _plan_videos() -> Iterator[VideoPlan]:
    """Half the size of the real thing, as sharp as a tile can show; takes are seen larger."""
    for number, shot in enumerate(SHOTS):
        size = _SHAPES[shot.shape]
        sample = isinstance(shot.picture, str)
        yield VideoPlan(
            width=size.width // (1 if shot.group else 2),
            height=size.height // (1 if shot.group else 2),
            fps=24,
            duration_s=shot.length,
            first=find_resource(f"samples/{shot.picture}.jpg") if sample else None,
            last=find_resource(f"samples/{shot.last}.jpg") if shot.last else None,
            prompt="",
            seed=number if isinstance(shot.picture, str) else shot.picture,
        )


def sample_frame(name: str, shown_as: str = "") -> ImageInput:
    """Return a picture that ships with the app, measured."""
    from PIL import Image

    path = find_resource(f"samples/{name}.jpg")
    with Image.open(path) as picture:
        width, height = picture.size
    content = path.read_bytes()
    return ImageInput(
        path=path,
        name=shown_as or path.name,
        format="jpeg",
        width=width,
        height=height,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def keep_samples(inputs: Path) -> None:
    """Put copies of the pictures that ship with the app where it keeps its inputs."""
    inputs.mkdir(parents=True, exist_ok=True)
    for picture in find_resource("samples").glob("*.jpg"):
        content = picture.read_bytes()
        (inputs / f"{hashlib.sha256(content).hexdigest()}.jpg").write_bytes(content)


def umbrella_draft(takes: int = 2) -> Draft:
    """What stands in Create on the main screen."""
    frame = sample_frame("umbrella", "umbrella-street.jpg")
    return Draft(prompt=UMBRELLA_PROMPT, first_frame=frame, takes=takes)


class DemoBuilder:
    """Writes a demo through the app's own stores, with a clock that is set for each row."""

    def __init__(self, database: Database, sources: Path, library: Path, now: datetime) -> None:
        self._videos, self._library, self._today = sources, library, now
        self.at = now
        self.videos = VideoStore(database)
        self.jobs = JobStore(database, self.videos, now=lambda: self.at)
        self.drafts = DraftStore(database, now=lambda: self.at)
        self._made = 0

    async def add_library(self) -> None:
        """Add every shot as a finished job with its video."""
        order = sorted(range(len(SHOTS)), key=lambda n: (-SHOTS[n].day, -n))
        for number in order:
            await self._add_shot(number, SHOTS[number])

    async def add_job(self, draft: Draft, minutes_ago: float = 1) -> Job:
        self.at = self._today - timedelta(minutes=minutes_ago)
        (job,) = await self.jobs.add([self._request(draft, Service.RUNWARE)])
        return job

    async def send(self, job: Job, seconds_ago: float) -> Job:
        """Take a queued job to being made."""
        sent = self.at = self._today - timedelta(seconds=seconds_ago)
        job = await self.jobs.advance(
            job, JobState.SUBMITTING, submitted_at=sent, attempts=1, body="[]"
        )
        return await self.jobs.advance(job, JobState.RUNNING, accepted_at=sent)

    async def end(self, job: Job, state: JobState, minutes_ago: float, **facts: object) -> Job:
        self.at = self._today - timedelta(minutes=minutes_ago)
        return await self.jobs.advance(job, state, **facts)

    async def _add_shot(self, number: int, shot: Shot) -> None:
        draft = self._draft_of(shot)
        service = Service.SANDBOX if shot.practice else Service.RUNWARE
        made_at = self._moment(number, shot.day)
        took = timedelta(seconds=120 + 17 * number % 90)
        self.at = made_at - took
        (job,) = await self.jobs.add([replace(self._request(draft, service), group_id=shot.group)])
        job = await self.jobs.advance(
            job, JobState.SUBMITTING, submitted_at=self.at, attempts=1, body="[]"
        )
        job = await self.jobs.advance(job, JobState.RUNNING, accepted_at=self.at)
        self.at = made_at
        file = plan_file_name(DEFAULT_NAME_PATTERN, draft, job.task_id, made_at)
        target = self._library / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((self._videos / f"{number:02d}.mp4").read_bytes())
        facts = probe(target)
        size = draft.dimensions or _SHAPES["wide"]
        cost = None if shot.practice else Decimal(_PRICES[draft.model, shot.length])
        video = NewVideo(
            task_id=job.task_id,
            job_id=job.id,
            service=service,
            file=file,
            draft=draft,
            facts=replace(facts, width=size.width, height=size.height),
            sha256=hashlib.sha256(target.read_bytes()).hexdigest(),
            group_id=shot.group,
            made_at=made_at,
            took_s=took.total_seconds(),
            cost_usd=cost,
            seed=982_451_653 + number,
        )
        job = await self.jobs.advance(job, JobState.DOWNLOADING, file=file, cost_usd=cost)
        _, kept = await self.jobs.finish(job, video, cost_usd=cost)
        if shot.favourite:
            await self.videos.set_favourite([kept.id], favourite=True)
        if number:
            await self.videos.mark_seen([kept.id])

    def _draft_of(self, shot: Shot) -> Draft:
        frame = sample_frame(shot.picture) if isinstance(shot.picture, str) else None
        size = _SHAPES[shot.shape]
        wanted = (size, *MODELS_BY_ID[shot.model].dimensions)
        fits = min(
            wanted, key=lambda d: (abs(d.width / d.height - size.width / size.height), -d.width)
        )
        return Draft(
            model=shot.model,
            prompt=shot.prompt,
            first_frame=frame,
            last_frame=sample_frame(shot.last) if shot.last else None,
            dimensions=fits,
            duration_s=shot.length,
        )

    def _moment(self, number: int, day: int) -> datetime:
        """Spread a day's clips over its hours, today's over what there was of it."""
        midnight = self._today.replace(hour=0, minute=0, second=0, microsecond=0)
        of_day = [n for n, shot in enumerate(SHOTS) if shot.day == day]
        share = 1 - (of_day.index(number) + 1) / (len(of_day) + 2)
        length = self._today - midnight if day == 0 else timedelta(hours=22)
        return midnight - timedelta(days=day) + length * share

    def _request(self, draft: Draft, service: Service) -> JobRequest:
        self._made += 1
        task = uuid5(_NAMES, f"{self._made}")
        return JobRequest(task_id=TaskId(str(task)), draft=draft, service=service)


async def add_queue(builder: DemoBuilder) -> dict[str, Job]:
    """Add the jobs of the main screen: two under way, three waiting."""
    shots = (
        ("running", "She turns under the umbrella", "umbrella", _TURBO, 5),
        ("downloading", "Low glide toward the islands", "lighthouse-last", _TURBO, 10),
        ("first", "Light moves between the trunks", "lanterns-portrait", _MASTER, 5),
        ("second", "Moon slides behind the rim, slower", "jellyfish-square", _TURBO, 10),
        ("third", "Clouds race over the ridge", "lighthouse-first", _PRO, 5),
    )
    found: dict[str, Job] = {}
    for name, prompt, picture, model, length in shots:
        draft = Draft(
            model=model,
            prompt=prompt,
            first_frame=sample_frame(picture),
            dimensions=MODELS_BY_ID[model].dimensions[0],
            duration_s=length,
        )
        found[name] = await builder.add_job(draft, minutes_ago=6)
    found["running"] = await builder.send(found["running"], 72)
    found["downloading"] = await builder.send(found["downloading"], 290)
    return found


async def add_every_state(builder: DemoBuilder, jobs: dict[str, Job]) -> None:
    """Add what the queue can show besides: trouble, an answer that never came, drafts."""
    late = await builder.add_job(Draft(prompt="Clouds pour over the pass"), 7)
    jobs["late"] = await builder.send(late, 245)
    unsure = await builder.add_job(
        replace(umbrella_draft(1), prompt="Beam turns, waves fold in"), 200
    )
    builder.at -= timedelta(minutes=1)
    unsure = await builder.jobs.advance(
        unsure, JobState.SUBMITTING, submitted_at=builder.at, attempts=1, body="[]"
    )
    jobs["unsure"] = await builder.jobs.advance(unsure, JobState.UNCONFIRMED)
    refused = await builder.add_job(Draft(prompt="Wind lifts sand off the crest"), 50)
    await builder.end(
        refused, JobState.FAILED, 49, error_code="content_rejected", error_detail="Refused."
    )
    broken = await builder.add_job(Draft(prompt="Storm over the bay, handheld"), 90)
    broken = await builder.send(broken, 5300)
    await builder.end(broken, JobState.FAILED, 85, error_code="generation_failed")
    stopped = await builder.add_job(Draft(prompt="Leaves turn in the fountain"), 100)
    await builder.end(stopped, JobState.CANCELLED, 99)
    builder.at += timedelta(minutes=1)
    await builder.drafts.save(replace(umbrella_draft(1), prompt="Slow pan along the shore"))
    await builder.drafts.save(Draft(prompt="", model=_PRO))
