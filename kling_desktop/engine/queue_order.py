"""Which waiting jobs go next."""

from kling_desktop.domain.job import Job, JobState, Service
from kling_desktop.engine.queue.budget import Budget
from kling_desktop.engine.queue.queue_gate import BUDGET_REASONS, QueueGate
from kling_desktop.engine.runners import JobRunners
from kling_desktop.storage.stores.job_store import JobStore

_QUEUED = frozenset({JobState.QUEUED})


def list_next(
    jobs: JobStore,
    service: Service,
    runners: JobRunners,
    gate: QueueGate,
    budget: Budget,
    free: int,
) -> list[Job]:
    """List the jobs for the free places, the front of the queue first.

    While a budget cap pauses the queue, only jobs that the user let past it go.  Whether it still
    applies is checked here: a cap may have been raised, a day may have ended.
    """
    if not gate.is_open_but_for_budget:
        return []
    if budget.is_capped(service):
        # One at a time, so that the queue's order decides which is the last one under the cap.
        free = 0 if runners.is_preparing() else min(free, 1)
    held = gate.holds(*BUDGET_REASONS)
    limit = -1 if held else free + len(runners) + len(runners.crashed | runners.held)
    waiting = jobs.list_active(service=service, states=_QUEUED, limit=limit)
    ready = [job for job in waiting if job.id not in runners]
    if held:
        head = next((job for job in ready if not job.cap_waived), None)
        if head is None or budget.find_hold(head) is None:
            gate.lift(*BUDGET_REASONS)
        else:
            ready = [job for job in ready if job.cap_waived]
    chosen = ready[:free]
    return [] if any(map(budget.must_wait, chosen)) else chosen
