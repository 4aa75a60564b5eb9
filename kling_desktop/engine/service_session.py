"""The objects that talk to one service; replaced when the service or the folder changes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from kling_desktop.api.client import ApiClient
from kling_desktop.domain.job import JobState, Service
from kling_desktop.engine.job_handle import JobHandle
from kling_desktop.engine.jobs.account_check import AccountCheck
from kling_desktop.engine.jobs.admission import Admission
from kling_desktop.engine.jobs.confirm_step import ConfirmStep
from kling_desktop.engine.jobs.download_step import DownloadStep
from kling_desktop.engine.jobs.job_calls import JobCalls
from kling_desktop.engine.jobs.job_runner import HandleFailure, JobRunner, Step
from kling_desktop.engine.jobs.job_waits import JobWaits
from kling_desktop.engine.jobs.model_quirks import ModelQuirks
from kling_desktop.engine.jobs.picture_upload import PictureSender
from kling_desktop.engine.jobs.prepare_step import PrepareStep
from kling_desktop.engine.jobs.send_step import SendStep
from kling_desktop.engine.jobs.status_handler import StatusHandler
from kling_desktop.engine.jobs.watch_step import WatchStep
from kling_desktop.engine.ports import VideoTools
from kling_desktop.engine.queue.budget import Budget
from kling_desktop.engine.queue.queue_gate import QueueGate
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.engine.timing.pacing import Clock, PollPace
from kling_desktop.engine.watch.folder_watch import FolderWatch
from kling_desktop.engine.watch.network_watch import NetworkWatch
from kling_desktop.engine.watch.poller import Poller
from kling_desktop.engine.watch.progress import ProgressBoard
from kling_desktop.engine.watch.retry_after import RetryAfter
from kling_desktop.storage.files.kept_inputs import KeptInputs
from kling_desktop.storage.files.library_files import LibraryFiles
from kling_desktop.storage.settings.settings_store import SettingsStore
from kling_desktop.storage.stores.job_store import JobStore
from kling_desktop.storage.stores.money_store import MoneyStore
from kling_desktop.storage.stores.upload_store import UploadStore


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStores:
    """The stores that the engine uses, all of one data folder."""

    jobs: JobStore
    uploads: UploadStore
    money: MoneyStore
    settings: SettingsStore
    files: LibraryFiles
    inputs: KeptInputs


class ServiceSession:
    """Runs jobs against one service; owned by the engine.

    Attributes:
        budget: Knows whether a cap would be passed.
        folder: Knows whether the library can take clips.
        network: Knows whether the service can be reached.
        poller: Asks about all running jobs.
        runner: Runs a job from state to state.
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
        self._retry_after = RetryAfter(clock, self.tasks, stores.settings, service)
        self.network = NetworkWatch(
            clock,
            self.tasks,
            client.ping,
            on_change,
            retry_after=self._retry_after,
            is_sandbox=service is Service.SANDBOX,
        )
        self.folder = FolderWatch(clock, self.tasks, files, gate)
        self.budget = Budget(clock, stores.money, stores.settings)
        self.poller = Poller(
            clock, client.ask, pace=pace, network=self.network, gate=gate, board=board
        )
        quirks = ModelQuirks(stores.settings)
        account_check = AccountCheck(client, jobs)
        pictures = PictureSender(service, client, jobs, stores.uploads, self.tasks)
        calls = JobCalls(client, pictures, account_check, board)
        admission = Admission(self.network, gate, self.budget, self.folder)
        waits = JobWaits(clock, board)
        status_handler = StatusHandler(clock, jobs, files, quirks, self.network, account_check)
        prepare_step = PrepareStep(jobs, calls, quirks, admission, waits)
        send_step = SendStep(jobs, calls, status_handler, admission, waits)
        watch_step = WatchStep(self.poller, calls, status_handler, self.network, waits)
        confirm_step = ConfirmStep(jobs, calls, status_handler, admission, waits)
        download_step = DownloadStep(
            clock,
            client,
            jobs,
            files,
            video_tools,
            network=self.network,
            gate=gate,
            folder=self.folder,
            board=board,
        )
        steps: dict[JobState, tuple[Step, HandleFailure]] = {
            JobState.QUEUED: (prepare_step.run, prepare_step.handle_failure),
            JobState.SUBMITTING: (send_step.run, send_step.handle_failure),
            JobState.UNCONFIRMED: (confirm_step.run, confirm_step.handle_failure),
            JobState.RUNNING: (watch_step.run, watch_step.handle_failure),
            JobState.DOWNLOADING: (download_step.collect, download_step.after_collecting),
        }
        self.runner = JobRunner(jobs, self.folder, steps)

    def start(self) -> None:
        if (left_s := self._retry_after.find_left_s()) > 0:
            self.network.slow_down(left_s)
            self.poller.hold(left_s)
        self.tasks.start(self.poller.run(), name="poller")

    async def close(self) -> None:
        await self.tasks.close()

    def run_job(self, handle: JobHandle, on_end: Callable[[bool], object]) -> asyncio.Task[None]:
        """Run a job in a task of its own; `on_end` is called with whether a bug ended it."""

        async def run() -> None:
            crashed = True
            try:
                await self.runner.run(handle.job, handle)
                crashed = False
            except asyncio.CancelledError:
                crashed = False
                raise
            finally:
                on_end(crashed)

        return self.tasks.start(run(), name=f"job {handle.job_id}")
