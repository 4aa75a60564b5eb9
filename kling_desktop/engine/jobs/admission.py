"""Whether a job may be sent now: network, pause, budget caps and the library folder."""

from kling_desktop.domain.errors import ApiError, InsufficientCredits, NetworkMisconfigured
from kling_desktop.domain.events import PauseReason
from kling_desktop.domain.job import Job
from kling_desktop.domain.reasons import Reason
from kling_desktop.engine.queue.budget import Budget
from kling_desktop.engine.queue.queue_gate import QueueGate
from kling_desktop.engine.watch.folder_watch import FolderWatch
from kling_desktop.engine.watch.network_watch import NetworkWatch


class Admission:
    """Asks everybody who can hold a job back; owned by the service session.

    Attributes:
        network: What is known of the way to the service.
        gate: The reasons for the queue's pause.
    """

    def __init__(
        self, network: NetworkWatch, gate: QueueGate, budget: Budget, folder: FolderWatch
    ) -> None:
        self.network = network
        self.gate = gate
        self._budget = budget
        self._folder = folder

    async def check_folder(self) -> None:
        """Make sure that the clip could be kept once it is paid for.

        Raises:
            LibraryUnavailable: The folder is gone, cannot be written to or is full.
        """
        await self._folder.check()

    def may_send(self, job: Job) -> bool:
        """Return whether this job may be sent now; a cap that it would pass closes the gate."""
        if not self.network.may_send or not self.gate.is_open_but_for_budget:
            return False
        if self._budget.must_wait(job):
            return False
        hold = self._budget.find_hold(job)
        if hold is not None:
            self.gate.close(hold.reason, sums=hold.sums)
            return False
        return self.gate.is_open or job.cap_waived

    def pause_for(self, error: ApiError) -> None:
        """Pause the queue because of this machine's network settings, the credit or the key."""
        if isinstance(error, NetworkMisconfigured):
            self.gate.close(PauseReason.NETWORK_SETTINGS, error.detail, error=error)
        elif isinstance(error, InsufficientCredits):
            self.gate.close(PauseReason.CREDIT, error.detail)
        elif error.reason is Reason.KEY_IMPOSSIBLE:
            self.gate.close(PauseReason.KEY_REFUSED, error.detail, error=error)
        elif error.http_status == 0:
            self.gate.close(PauseReason.KEY_MISSING, error.detail)
        else:
            self.gate.close(PauseReason.KEY_REFUSED, error.detail)
