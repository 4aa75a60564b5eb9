"""Opens the core for one command, works the queue with its progress shown, and closes it again."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kling_desktop.assembly.core import Core
from kling_desktop.assembly.folders import Folders
from kling_desktop.assembly.log import start_log, stop_log
from kling_desktop.cli.console import Console, bar
from kling_desktop.cli.exit_codes import ExitCode
from kling_desktop.cli.queries import cost_words
from kling_desktop.domain.display_state import DisplayState, Section, display_state, section_of
from kling_desktop.domain.errors import LibraryUnavailable
from kling_desktop.domain.events import (
    EngineStatus,
    JobChange,
    JobProgress,
    Network,
    PauseReason,
)
from kling_desktop.domain.job import Job, JobId, JobState, Service
from kling_desktop.domain.local_time import local_now
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.wording import queue_notes
from kling_desktop.wording.formatting import bytes_of, clock
from kling_desktop.wording.models import state_word
from kling_desktop.wording.queue import announce

if TYPE_CHECKING:
    from kling_desktop.engine.library.library import Library

_REDRAW_S = 0.2


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a command wants to work.

    Attributes:
        service: Whose jobs; None takes the settings' choice, else the real service.
        concurrency: Jobs at once for this run; None takes the settings'.
        unpause: End a pause that the user once made.
    """

    service: Service | None = None
    concurrency: int | None = None
    unpause: bool = False


@asynccontextmanager
async def open_session(
    folders: Folders, options: RunOptions, *, connect: bool = False
) -> AsyncIterator[Core]:
    """Open the core without sending anything; closed in order when the block ends.

    Args:
        folders: Where everything lies.
        options: Whose jobs.
        connect: Also find the way to the service, for those who will work the queue.

    Raises:
        DatabaseBusy: Another process owns the data folder.
        ServiceUnavailable: The sandbox did not start.
        DamagedValue: The service's address is none.
    """
    log = start_log(folders.logs)
    try:
        core = await Core.open(folders, os.environ)
        try:
            logging.getLogger().setLevel(core.stores.settings.current.log_level.upper())
            if core.stores.database.brought_back:
                # The records are older than the journal: clips that are there are not to be
                # fetched again.
                with suppress(LibraryUnavailable):  # the queue says so when it needs the folder
                    await build_library(core).rebuild()
            if options.service is not None:
                core.service = options.service
            if connect:
                await core.use_service(core.service)
            else:
                await core.engine.set_service(core.service, None)
            yield core
        finally:
            await core.close()
    finally:
        stop_log(log)


def build_library(core: Core) -> "Library":
    """Build what looks after the clips' files."""
    # Late: the commands that only work the queue need none of it.
    from kling_desktop.engine.library.library import Library
    from kling_desktop.engine.timing.pacing import SystemClock
    from kling_desktop.media.trash import move_to_trash

    return Library(
        core.stores.videos,
        core.stores.jobs,
        core.files,
        core.video_tools,
        move_to_trash=move_to_trash,
        clock=SystemClock(),
    )


class QueueWatch:
    """Works the queue until nothing can move without the user; owned by one command.

    Args:
        core: Opened and connected, its engine not started: a queue that starts before it knows
            its service says that a key is missing.
        console: Where progress is shown.
        only: The jobs whose end decides the exit code; None for all that end meanwhile.
    """

    def __init__(
        self, core: Core, console: Console, *, only: Collection[JobId] | None = None
    ) -> None:
        self._core = core
        self._console = console
        self._only = None if only is None else frozenset(only)
        self._ended: dict[JobId, Job] = {}
        self._noted_pause: PauseReason | None = None
        self._noted_network = Network.ONLINE
        self._stopped = asyncio.Event()

    async def work(self, options: RunOptions) -> ExitCode:
        """Work and return how it went.  Ctrl+C stops; jobs continue at the service."""
        core = self._core
        unsubscribe = [
            core.stores.jobs.changed.subscribe(self._on_job_changed),
            core.engine.status_changed.subscribe(self._on_status_changed),
        ]
        tasks = TaskOwner()
        tasks.start(self._draw_often(), name="draw progress")
        try:
            if options.concurrency is not None:
                core.engine.set_concurrency(options.concurrency)
            await core.engine.start()
            if options.unpause or not core.stores.settings.current.queue_paused:
                # Whoever types a command wants work, whatever the window does when it starts.
                await core.engine.resume()
            await self._wait(tasks)
        finally:
            await tasks.close()
            self._console.clear()
            for end in unsubscribe:
                end()
        return self._judge()

    async def _wait(self, tasks: TaskOwner) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):  # Windows has no handlers on the loop
                # They stay until the loop closes: a second Ctrl+C must not break off the closing
                # of database and sandbox, which takes a moment and is limited in time.
                loop.add_signal_handler(number, self._stopped.set)
        idle = tasks.start(self._core.engine.wait_idle(), name="wait until idle")
        stop = tasks.start(self._stopped.wait(), name="wait for a signal")
        await asyncio.wait({idle, stop}, return_when=asyncio.FIRST_COMPLETED)
        if self._stopped.is_set():
            self._console.print_note(queue_notes.stopped_while_working())
        elif self._core.engine.has_failed:
            self._console.print_note(queue_notes.queue_failed(str(self._core.folders.logs)))

    def _judge(self) -> ExitCode:
        relevant = self._ended.values()
        if self._only is not None:
            relevant = [self._core.stores.jobs.get_job(job_id) for job_id in self._only]
        waiting = [job for job in relevant if not job.state.is_terminal]
        if self._only is None:
            waiting = self._unfinished()
        if waiting:
            if not self._stopped.is_set():
                self._console.print_note(queue_notes.needs_you(len(waiting)))
            return ExitCode.NEEDS_USER
        if any(job.state is not JobState.DONE for job in relevant):
            return ExitCode.SOME_FAILED
        return ExitCode.DONE

    def _unfinished(self) -> Sequence[Job]:
        core = self._core
        jobs = core.stores.jobs.list_active(service=core.service)
        return [job for job in jobs if job.watching]

    def _on_job_changed(self, change: JobChange) -> None:
        job = change.job
        if job is not None and job.held_until is not None and not job.state.is_terminal:
            self._console.print_note(announce(job, DisplayState.HELD))
        if job is None or change.before is job.state or change.before is None:
            return
        self._noted_pause = None
        if job.state.is_terminal:
            self._ended[job.id] = job
            self._console.print_note(queue_notes.describe_end(job, cost_words(job)))
        elif not self._console.is_live:
            self._console.print_note(queue_notes.describe_change(job))

    def _on_status_changed(self, status: EngineStatus) -> None:
        # A pause that is lifted and comes straight back, as with a folder that is looked for anew,
        # is noted once; what moved in between makes it news again.
        if status.pause is not None and status.pause is not self._noted_pause:
            self._noted_pause = status.pause
            self._console.print_note(queue_notes.describe_queue_pause(status, status.pause))
        if status.network is not self._noted_network:
            self._noted_network = status.network
            self._console.print_note(queue_notes.describe_queue_network(status))

    async def _draw_often(self) -> None:
        while self._console.is_live:
            self._console.draw(self._lines())
            await asyncio.sleep(_REDRAW_S)

    def _lines(self) -> list[str]:
        core, now = self._core, local_now()
        rows: list[str] = []
        waiting = 0
        for job in core.stores.jobs.list_active(service=core.service):
            progress = core.engine.find_progress(job.id)
            state = display_state(job, progress, core.engine.status, now)
            if section_of(state) is Section.WAITING:
                waiting += 1
            else:
                rows.append(_describe_running(job, progress, state, now))
        if waiting:
            rows.append(queue_notes.describe_waiting(waiting))
        return rows


def _describe_running(
    job: Job, progress: JobProgress | None, state: DisplayState, now: datetime
) -> str:
    share, tail = None, ""
    if progress is not None and progress.total_bytes:
        share = progress.done_bytes / progress.total_bytes
        tail = bytes_of(progress.done_bytes, progress.total_bytes)
    elif progress is not None and progress.percent is not None:
        share = progress.percent / 100
        tail = f"{progress.percent} %"
    elif job.submitted_at is not None:
        tail = clock((now - job.submitted_at).total_seconds())
    return f"{job.id:>5}  {state_word(state):<14} {bar(share)}  {tail:<18} {job.title}"
