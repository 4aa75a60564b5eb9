"""What the engine knows of a running job in memory; safe to lose in a crash."""

from dataclasses import dataclass, field

from kling_desktop.domain.errors import ApiError
from kling_desktop.domain.frame_form import FrameForm
from kling_desktop.domain.job import Job, JobId
from kling_desktop.engine.timing.interruptible_sleep import InterruptibleSleep


@dataclass(slots=True, kw_only=True)
class SendingMemory:
    """What the steps of the states queued and submitting remember.

    Attributes:
        intent_is_ours: This process wrote the intent to send and has not sent yet.
        first_sent_mono: Monotonic time of the first send in this process; None before it.
        failures: Failed attempts in a row to get the job to the service.
        forms_tried: Shapes of frames that the service refused.
        uploads_renewed: Whether the pictures were uploaded a second time already.
    """

    intent_is_ours: bool = False
    first_sent_mono: float | None = None
    failures: int = 0
    forms_tried: set[FrameForm] = field(default_factory=set[FrameForm])
    uploads_renewed: bool = False


@dataclass(slots=True, kw_only=True)
class ConfirmingMemory:
    """What the step of the state unconfirmed remembers.

    Attributes:
        rounds: Rounds of asking and resending so far.
        retry_after_s: How long the service last asked us to wait.
        refusal: A refusal of a resend that is not believed yet.
        refused_mono: Monotonic time of that refusal.
        looks_since_refusal: How often the service showed nothing of the job since.
    """

    rounds: int = 0
    retry_after_s: float | None = None
    refusal: ApiError | None = None
    refused_mono: float = 0.0
    looks_since_refusal: int = 0


@dataclass(slots=True, kw_only=True)
class DownloadingMemory:
    """What the step of the state downloading remembers; `download_failures` works on it.

    Attributes:
        failures: Failed downloads since the file last grew; they set the wait.
        kind: What the last failure was, to be compared with the next.
        alike: Failures of this kind in a row on the present link.
        on_link: Failures of any kind on the present link.
        links: Fresh links in a row that gave nothing.
        archive_asked: Whether the archive of past tasks was asked since.
        most_kept_bytes: The most of the file that was ever on the disk.
        bad_files: Files in a row that arrived whole and were no sound video.
        tried_all: Every way to the file was tried in vain before; a single failure is enough.
    """

    failures: int = 0
    kind: str = ""
    alike: int = 0
    on_link: int = 0
    links: int = 0
    archive_asked: bool = False
    most_kept_bytes: int = 0
    bad_files: int = 0
    tried_all: bool = False


@dataclass(slots=True, kw_only=True)
class JobHandle:
    """A job that a task is working on; owned by `JobRunners`, which keeps `job` up to date.

    Attributes:
        job: The row after its last commit.  Whether the user still waits for the job, or asked to
            cancel it, is decided by this row alone.
        sleep: The job's present wait; interrupting it tries again at once.
        archive_failures: How often in a row the archive of past tasks could not be asked.
        needs_user: Only the user can decide how the job goes on.
        waits_at_gate: It waits for the end of the queue's pause.
    """

    job: Job
    sleep: InterruptibleSleep
    archive_failures: int = 0
    needs_user: bool = False
    waits_at_gate: bool = False
    sending: SendingMemory = field(default_factory=SendingMemory)
    confirming: ConfirmingMemory = field(default_factory=ConfirmingMemory)
    downloading: DownloadingMemory = field(default_factory=DownloadingMemory)

    @property
    def job_id(self) -> JobId:
        return self.job.id
