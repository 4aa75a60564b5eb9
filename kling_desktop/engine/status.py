"""The state of the whole queue as one value."""

from kling_desktop.domain.events import EngineStatus, Network
from kling_desktop.domain.job import Service
from kling_desktop.engine.queue.queue_gate import QueueGate
from kling_desktop.engine.runners import JobRunners
from kling_desktop.engine.watch.network_watch import NetworkWatch


def build_status(
    service: Service,
    gate: QueueGate,
    network: NetworkWatch | None,
    runners: JobRunners,
    waiting: int,
) -> EngineStatus:
    """Build the status from the engine's parts; `network` is None while there is no key."""
    return EngineStatus(
        service=service,
        pause=gate.reason,
        pause_detail=gate.detail,
        pause_error=gate.error,
        pause_sums=gate.sums,
        network=Network.ONLINE if network is None else network.state,
        answered=network is not None and network.answered,
        network_error=None if network is None else network.error,
        network_since=None if network is None else network.since,
        next_try_at=None if network is None else network.next_try_at,
        running=runners.count_running(),
        waiting=waiting,
        needs_user=runners.count_stuck(),
    )
