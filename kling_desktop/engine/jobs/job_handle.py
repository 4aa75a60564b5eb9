"""What the engine remembers of a job while it is at work on it, and forgets with the process."""

from dataclasses import dataclass, field

from kling_desktop.domain.errors import ApiError
from kling_desktop.domain.frame_form import FrameForm
from kling_desktop.domain.job import JobId
from kling_desktop.engine.timing.interruptible_sleep import InterruptibleSleep


@dataclass(slots=True, kw_only=True)
class JobHandle:
    """The engine's grip on one job at work; losing it in a crash costs nothing but waiting.

    Attributes:
        alarm: Cuts the job's present wait short.
        cancel_asked: The person asked before it was sure that the request had left.
        intent_is_ours: This very process wrote the intent to send and has not sent yet.
        first_sent_mono: Monotonic time of the first send in this process, None when before.
        needs_person: Only a person can carry it on.
        waits_at_gate: It waits for the queue's pause to end.
        tries: Rounds of asking and resending while the outcome is unknown.
        retry_after_s: The service's last wish for a pause.
        refusal: A refusal of a resend, not yet believed.
        refused_mono: Monotonic time of that refusal.
        looks_since_refusal: How often the service showed nothing of the job since.
        forms_tried: Shapes of frames that the service refused.
        uploads_renewed: Whether its pictures were uploaded anew once already.
        download_failures: Failed downloads in a row.
        unreachable_failures: How often in a row the file's host could not be reached.
        bad_files: Files in a row that came whole and were no sound clip.
        link_failures: How often in a row a link was found expired.
    """

    job_id: JobId
    sleep: InterruptibleSleep
    cancel_asked: bool = False
    intent_is_ours: bool = False
    first_sent_mono: float | None = None
    needs_person: bool = False
    waits_at_gate: bool = False
    tries: int = 0
    retry_after_s: float | None = None
    refusal: ApiError | None = None
    refused_mono: float = 0.0
    looks_since_refusal: int = 0
    forms_tried: set[FrameForm] = field(default_factory=set[FrameForm])
    uploads_renewed: bool = False
    download_failures: int = 0
    unreachable_failures: int = 0
    bad_files: int = 0
    link_failures: int = 0
