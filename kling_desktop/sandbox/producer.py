"""How an accepted task becomes finished clips: its waiting time, its rendering, its charge."""

import asyncio
import contextlib
import hashlib
import logging
import os
import sys
import threading
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from kling_desktop.sandbox.ledger import Ledger, Result, Task
from kling_desktop.sandbox.renderer import VideoPlan, VideoStyle, render_video
from kling_desktop.sandbox.request import VideoRequest
from kling_desktop.sandbox.service_errors import ServiceError
from kling_desktop.sandbox.sweeping import Bounds, sweep

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 2
"""So often may the process end while it makes a clip; after that the clip is not tried again."""

_LEDGER_RETRY_S = 5.0

TEACHING_WORD = "refused"
"""A prompt with this word is turned down by the content check, so that this can be practised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long a clip takes in the sandbox.

    Attributes:
        queue_s: Simulated wait before the work begins.
        render_s: Simulated work on a clip of five seconds.
        speed: How many simulated seconds pass in one real second.
    """

    queue_s: float = 6.0
    render_s: float = 120.0
    speed: float = 12.0

    def due_after_s(self, task_uuid: str, duration_s: int, index: int) -> float:
        """Return the real seconds from acceptance to the result with this index, from 0 on."""
        wobble = 0.85 + 0.3 * _hash_of(task_uuid) / (1 << 63)
        work = self.render_s * (duration_s / 5) ** 0.7 * wobble * (1 + 0.3 * index)
        return (self.queue_s + work) / self.speed


@dataclass(frozen=True, slots=True)
class Fate:
    """What faults have in store for a task: an error, a longer wait, a video without notes."""

    error: ServiceError | None = None
    delivery: str = "errors"
    extra_s: float = 0.0
    colour_notes: bool = True


class Producer:
    """Owns the work on all unfinished tasks, inside one `async with` for the server's life.

    Entering resumes what an earlier run left unfinished; leaving stops the work between two
    frames and keeps the tasks for the next run.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        pace: Pace,
        style: VideoStyle,
        workers: int,
        now: Callable[[], float],
        bounds: Bounds | None = None,
    ) -> None:
        self._ledger = ledger
        self._bounds = bounds or Bounds()
        self._pace = pace
        self._style = style
        self._now = now
        self._workers = workers
        self._closing = threading.Event()
        self._works: dict[str, asyncio.Task[None]] = {}
        self._rendering: dict[str, Task] = {}
        self._places = asyncio.Semaphore(workers)

    async def __aenter__(self) -> "Producer":
        self._renderers = ThreadPoolExecutor(
            self._workers, thread_name_prefix="renderer", initializer=_lower_priority
        )
        self._group = await asyncio.TaskGroup().__aenter__()
        for task in self._ledger.tasks.values():
            if not task.finished:
                self._start(task)
        self._sweep_when_idle()
        return self

    async def __aexit__(self, *error: object) -> None:
        self._closing.set()
        for work in list(self._works.values()):
            work.cancel()
        await self._group.__aexit__(None, None, None)
        await asyncio.to_thread(self._renderers.shutdown, wait=True, cancel_futures=True)
        with contextlib.suppress(OSError):  # then the stop counts as one of `MOST_ATTEMPTS`
            for task in self._rendering.values():
                self._ledger.pause_rendering(task)

    def accept(self, wanted: VideoRequest, request: Mapping[str, object], fate: Fate) -> Task:
        """Write the task down and begin to work on it."""
        at = self._now()
        if TEACHING_WORD in wanted.prompt.casefold().split() and fate.error is None:
            fate = replace(fate, error=refuse_content())
        task = Task(
            uuid=wanted.uuid,
            request=_without_pictures(request),
            model=wanted.spec.id,
            prompt=wanted.prompt,
            width=wanted.size.width,
            height=wanted.size.height,
            fps=wanted.fps,
            duration_s=wanted.duration_s,
            first=wanted.first,
            last=wanted.last,
            include_cost=wanted.include_cost,
            price=str(wanted.price),
            ttl_s=wanted.ttl_s,
            accepted_at=at,
            ready_at=[
                at + fate.extra_s + self._pace.due_after_s(wanted.uuid, wanted.duration_s, index)
                for index in range(wanted.results)
            ],
            video_uuids=[str(uuid.uuid4()) for _ in range(wanted.results)],
            fate=None if fate.error is None else fate.error.to_item(),
            delivery=fate.delivery,
            colour_notes=fate.colour_notes,
        )
        self._ledger.accept(task)
        task = self._ledger.tasks[task.uuid]
        self._start(task)
        return task

    async def wait_for(self, task: Task) -> None:
        """Return when the task has come to its end, well or badly."""
        work = self._works.get(task.uuid)
        if work is not None:
            await asyncio.wait([work])

    def find_video(self, video_uuid: str) -> Path:
        """Return where the video of a result lies, finished or not."""
        return self._ledger.videos / f"{video_uuid}.mp4"

    async def remake(self, task: Task, video_uuid: str) -> bool:
        """Make a finished video once more that was swept away; False when that does not work."""
        error = await self._ensure_video(task, task.video_uuids.index(video_uuid))
        if error is not None:
            logger.warning("%s could not be made again", video_uuid, exc_info=error)
        return error is None

    def _start(self, task: Task) -> None:
        work = self._group.create_task(self._produce(task), name=f"produce {task.uuid}")
        self._works[task.uuid] = work
        work.add_done_callback(lambda _: self._end(task))

    def _end(self, task: Task) -> None:
        self._works.pop(task.uuid, None)
        self._sweep_when_idle()

    def _sweep_when_idle(self) -> None:
        if not self._works and not self._closing.is_set():
            self._group.create_task(self._sweep(), name="sweep")

    async def _sweep(self) -> None:
        try:
            await asyncio.to_thread(sweep, self._ledger, self._bounds, self._now())
        except OSError as error:
            logger.warning("old files could not be removed: %s", error)

    async def _produce(self, task: Task) -> None:
        """Work on a task to its end; no error in one task reaches the others or the server."""
        while not task.finished:
            try:
                await self._produce_once(task)
            except OSError as error:  # of the ledger's file: nothing can be noted at the moment
                logger.warning("task %s waits, the ledger cannot be written: %s", task.uuid, error)
                await asyncio.sleep(_LEDGER_RETRY_S)

    async def _produce_once(self, task: Task) -> None:
        if task.fate is not None:
            await self._sleep_until(task.ready_at[0])
            self._ledger.fail(task, task.fate)
            return
        for index in range(len(task.results), len(task.video_uuids)):
            error = await self._ensure_video(task, index)
            if error is not None:
                logger.warning("rendering %s failed", task.uuid, exc_info=error)
                words = f"The practice clip could not be made: {error!r:.300}"
                self._ledger.fail(task, ServiceError("providerError", words).to_item())
                return
            await self._sleep_until(task.ready_at[index])
            result = Result(task.video_uuids[index], _seed_of(task, index), task.price, self._now())
            self._ledger.finish_result(task, result)

    async def _ensure_video(self, task: Task, index: int) -> BaseException | None:
        """Render the video of a result unless it is there; return whatever went wrong in it."""
        target = self.find_video(task.video_uuids[index])
        async with self._places:
            if target.exists():
                return None
            if task.attempts >= MOST_ATTEMPTS:
                return RuntimeError(f"the sandbox ended {task.attempts} times while making it")
            self._ledger.begin_rendering(task)
            self._rendering[task.uuid] = task
            work = asyncio.get_running_loop().run_in_executor(
                self._renderers, self._render, self._plan_video(task, index), target
            )
            work.add_done_callback(_take_error)
            await asyncio.wait([work])
            del self._rendering[task.uuid]
            if task.finished:  # no result follows that would forget the attempt
                self._ledger.pause_rendering(task)
            return work.exception()

    def _render(self, plan: VideoPlan, target: Path) -> None:
        render_video(plan, target, style=self._style, cancelled=self._closing.is_set)

    def _plan_video(self, task: Task, index: int) -> VideoPlan:
        return VideoPlan(
            width=task.width,
            height=task.height,
            fps=task.fps,
            duration_s=task.duration_s,
            first=self._ledger.pictures / task.first if task.first else None,
            last=self._ledger.pictures / task.last if task.last else None,
            prompt=task.prompt,
            seed=_seed_of(task, index),
            colour_notes=task.colour_notes,
        )

    async def _sleep_until(self, at: float) -> None:
        if (rest := at - self._now()) > 0:
            await asyncio.sleep(rest)


def refuse_content() -> ServiceError:
    return ServiceError(
        "invalidProviderContent", "The provider declined this content. (Sandbox: for practice.)"
    )


def _seed_of(task: Task, index: int) -> int:
    return _hash_of(f"{task.uuid} {index}")


def _take_error(work: "asyncio.Future[None]") -> None:
    """Look at the error of work that nobody waits for any more, so that asyncio reports none."""
    if not work.cancelled():
        work.exception()


def _hash_of(text: str) -> int:
    """Return 63 evenly spread bits: seeds of the service may be larger than 2^53."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def _without_pictures(value: object) -> dict[str, object]:
    """Copy a request with every long string cut: pictures are kept elsewhere."""

    def cut(part: object) -> object:
        if isinstance(part, Mapping):
            return {str(key): cut(inner) for key, inner in part.items()}
        if isinstance(part, list):
            return [cut(inner) for inner in part]
        if isinstance(part, str) and len(part) > 3000:
            return f"{part[:60]}… ({len(part)} characters)"
        return part

    return (
        {str(key): cut(inner) for key, inner in value.items()} if isinstance(value, Mapping) else {}
    )


def _lower_priority() -> None:
    """Let the window win: rendering takes what is left of the machine (Linux: per thread)."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
