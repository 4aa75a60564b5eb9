"""Everything that speaks to one service, put together; thrown away when the service changes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from kling_desktop.api.client import ApiClient
from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.domain.job import Job, JobState, Service
from kling_desktop.engine.jobs.account_check import AccountCheck
from kling_desktop.engine.jobs.download_step import DownloadStep
from kling_desktop.engine.jobs.job_handle import JobHandle
from kling_desktop.engine.jobs.job_runner import JobRunner, React, Step
from kling_desktop.engine.jobs.model_quirks import ModelQuirks
from kling_desktop.engine.jobs.picture_upload import PictureSender
from kling_desktop.engine.jobs.status_handler import StatusHandler
from kling_desktop.engine.jobs.submission import Submission
from kling_desktop.engine.ports import VideoTools
from kling_desktop.engine.queue.budget import Budget
from kling_desktop.engine.queue.queue_gate import QueueGate
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.engine.timing.pacing import FOLDER_CHECK_S, Clock, PollPace
from kling_desktop.engine.watch.folder_watch import FolderWatch
from kling_desktop.engine.watch.network_watch import NetworkWatch
from kling_desktop.engine.watch.poller import Poller
from kling_desktop.engine.watch.progress import ProgressBoard
from kling_desktop.storage.files.kept_inputs import KeptInputs
from kling_desktop.storage.files.library_files import LibraryFiles
from kling_desktop.storage.settings.settings_store import SettingsStore
from kling_desktop.storage.stores.job_store import JobStore
from kling_desktop.storage.stores.money_store import MoneyStore
from kling_desktop.storage.stores.upload_store import UploadStore


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStores:
    """What the engine keeps things in; all of one data folder."""

    jobs: JobStore
    uploads: UploadStore
    money: MoneyStore
    settings: SettingsStore
    files: LibraryFiles
    inputs: KeptInputs


class ServiceSession:
    """The way of a job to one service and back; owned by the engine.

    Attributes:
        budget: Answers for the caps.
        folder: Knows whether the library can take clips.
        network: Knows the way to the service.
        poller: Asks for all running jobs.
        runner: Carries jobs.
    """

    def __init__(
        self,
        service: Service,
        client: ApiClient,
        stores: EngineStores,
        video_tools: VideoTools,
        *,
        clock: Clock,
        pace: PollPace,
        gate: QueueGate,
        board: ProgressBoard,
        on_change: Callable[[], object],
        on_failure: Callable[[BaseException], object] | None,
    ) -> None:
        jobs, files = stores.jobs, stores.files
        self._clock = clock
        self.tasks = TaskOwner(on_failure)
        self.network = NetworkWatch(clock, self.tasks, client.ping, on_change)
        self.folder = FolderWatch(clock, self.tasks, files, gate)
        self.budget = Budget(clock, jobs, stores.money, stores.settings)
        self.poller = Poller(
            clock, client.ask, pace=pace, network=self.network, gate=gate, board=board
        )
        quirks = ModelQuirks(stores.settings)
        account_check = AccountCheck(client, jobs)
        self._acceptance = StatusHandler(clock, jobs, files, quirks, self.network, account_check)
        submission = Submission(
            clock,
            client,
            jobs,
            pictures=PictureSender(service, client, jobs, stores.uploads, self.tasks),
            account_check=account_check,
            status_handler=self._acceptance,
            budget=self.budget,
            quirks=quirks,
            network=self.network,
            gate=gate,
            folder=self.folder,
            board=board,
        )
        download_step = DownloadStep(
            clock,
            client,
            jobs,
            files,
            video_tools,
            network=self.network,
            folder=self.folder,
            board=board,
        )
        steps: dict[JobState, tuple[Step, React]] = {
            JobState.QUEUED: (submission.prepare, submission.after_preparing),
            JobState.SUBMITTING: (submission.send, submission.after_sending),
            JobState.UNCONFIRMED: (submission.confirm, submission.after_confirming),
            JobState.RUNNING: (self._wait_for_verdict, self._after_waiting),
            JobState.DOWNLOADING: (download_step.collect, download_step.after_collecting),
        }
        self.runner = JobRunner(jobs, self.folder, steps)

    def start(self) -> None:
        self.tasks.start(self.poller.run(), name="poller")

    async def close(self) -> None:
        await self.tasks.close()

    def begin(
        self, job: Job, handle: JobHandle, done: Callable[[bool], object]
    ) -> asyncio.Task[None]:
        """Carry a job in a task of its own; `done` is told at its end whether a bug ended it."""

        async def carry() -> None:
            crashed = True
            try:
                await self.runner.carry(job, handle)
                crashed = False
            except asyncio.CancelledError:
                crashed = False
                raise
            finally:
                done(crashed)

        return self.tasks.start(carry(), name=f"job {job.id}")

    async def _wait_for_verdict(self, job: Job, handle: JobHandle) -> Job:
        status = await self.poller.watch(job)
        return await self._acceptance.take(job, handle, status)

    async def _after_waiting(self, job: Job, handle: JobHandle, _: KlingDesktopError) -> Job:
        await handle.sleep.sleep(FOLDER_CHECK_S)
        return job
