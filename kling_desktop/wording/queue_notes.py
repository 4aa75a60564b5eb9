"""What the command line prints while it works the queue."""

from kling_desktop.domain.events import EngineStatus, Network, PauseReason
from kling_desktop.domain.job import Job, JobState, Service
from kling_desktop.wording.banner import describe_network, describe_pause
from kling_desktop.wording.command_line import state_name
from kling_desktop.wording.errors import describe_failure
from kling_desktop.wording.formatting import number
from kling_desktop.wording.translation import _, ngettext


def describe_change(job: Job) -> str:
    """One line for a job that has come to another state and goes on."""
    return f"{job.id}  {state_name(job.state)}  {job.title}"


def describe_end(job: Job, cost: str) -> str:
    """One line for a job that has just ended."""
    match job.state:
        case JobState.DONE:
            return "  ".join(filter(None, (f"{job.id}", state_name(job.state), cost, job.title)))
        case JobState.FAILED:
            title, text = describe_failure(job.error_code, job.error_detail)
            why = " ".join((title, text)).strip()
            return f"{job.id}  {state_name(job.state)}  {job.title}: {why}"
        case _:
            return describe_change(job)


def stopped_while_working() -> str:
    return _("Stopped. Clips that are running continue at the service; “resume” collects them.")


def describe_waiting(count: int) -> str:
    return ngettext("{count} clip waiting", "{count} clips waiting", count).format(
        count=number(count)
    )


def describe_queue_pause(status: EngineStatus, reason: PauseReason) -> str:
    if reason is PauseReason.KEY_MISSING and status.service is Service.SANDBOX:
        return _("The sandbox is not running.")
    if reason is PauseReason.LIBRARY_UNMARKED:
        return _(
            "The library folder has lost its mark, or its disk is not plugged in. If this is your "
            "library, run “library adopt”."
        )
    return " ".join(
        describe_pause(
            reason,
            status.pause_detail,
            error=status.pause_error,
            sums=status.pause_sums,
            sandbox=status.service is Service.SANDBOX,
        )
    )


def describe_queue_network(status: EngineStatus) -> str:
    practice = status.service is Service.SANDBOX
    if status.network is Network.ONLINE:
        return _("The sandbox answers again.") if practice else _("Runware answers again.")
    if practice:
        return _("The sandbox isn’t answering. Trying again.")
    return " ".join(describe_network(status.network, error=status.network_error))


def queue_failed(folder: str) -> str:
    """Why a command ends although jobs are not done: an error in the app itself."""
    return _(
        "An error in the app stopped the queue. Nothing is lost; “resume” goes on. "
        "Details are in the log: {folder}"
    ).format(folder=folder)


def needs_you(count: int) -> str:
    """Why a command ends although jobs are not done."""
    return ngettext(
        "{count} clip waits for you. “jobs” shows it.",
        "{count} clips wait for you. “jobs” shows them.",
        count,
    ).format(count=number(count))
