"""The words of the cards under rows: what happened, what it cost, what to do."""

from dataclasses import dataclass
from enum import StrEnum

from kling_desktop.domain.display_state import DisplayState
from kling_desktop.domain.events import JobProgress, PauseReason
from kling_desktop.domain.job import Job, Service
from kling_desktop.domain.money import Usual
from kling_desktop.wording.errors import describe_charge, describe_failure, describe_limit
from kling_desktop.wording.formatting import file_size, money

_EDITABLE = frozenset({"content_rejected", "request_rejected", "model_gone", "unreadable_image"})


class CardAction(StrEnum):
    """What the buttons of a card do."""

    CHECK = "check"
    SEND_AGAIN = "send_again"
    DISCARD = "discard"
    EDIT = "edit"
    RETRY = "retry"
    DETAILS = "details"
    ALLOW = "allow"
    LIMITS = "limits"


@dataclass(frozen=True, slots=True)
class CardWords:
    """A card under a row.

    Attributes:
        kind: ``"warning"`` or ``"danger"``.
        actions: Buttons with their words, the first is the primary one.
        note: A quieter line below.
    """

    title: str
    text: str
    kind: str
    actions: tuple[tuple[CardAction, str], ...]
    note: str = ""


def describe_card(
    job: Job, state: DisplayState, usual: Usual, progress: JobProgress | None = None
) -> CardWords | None:
    """What a card says under a job's row; None when there is nothing to say."""
    match state:
        case DisplayState.SENT_OR_NOT | DisplayState.ASKING:
            return _describe_unknown(job, usual)
        case DisplayState.FAILED:
            return _describe_failed(job)
        case DisplayState.TAKING_LONG:
            return CardWords(
                "No result after 30 minutes.",
                "It may still arrive; we go on asking.",
                "warning",
                ((CardAction.CHECK, "Check now"), (CardAction.DETAILS, "Show details")),
            )
        case DisplayState.DOWNLOAD_WAITING:
            return _describe_download(progress)
        case _:
            return None


def describe_hold(pause: PauseReason, detail: str, usual: Usual) -> CardWords:
    """The card of the waiting job at which a budget cap stopped the queue."""
    text = "The price of this clip is not known yet."
    if usual.cost_usd is not None:
        text = f"This clip costs about {money(usual.cost_usd)} and would pass it."
    when = "tomorrow" if pause is PauseReason.BUDGET_DAY else "next month"
    return CardWords(
        describe_limit(pause, detail),
        text,
        "warning",
        ((CardAction.ALLOW, "Allow this one"), (CardAction.LIMITS, "Raise limit…")),
        note=f"Otherwise it goes on by itself {when}.",
    )


def _describe_unknown(job: Job, usual: Usual) -> CardWords:
    paid = job.service is Service.RUNWARE
    service = "Runware" if paid else "The sandbox"
    return CardWords(
        "We don’t know if this one was sent.",
        f"The connection dropped while submitting. {service} may be making it already.",
        "warning",
        (
            (CardAction.CHECK, f"Check with {'Runware' if paid else 'the sandbox'}"),
            (CardAction.SEND_AGAIN, send_again(job, usual)),
            (CardAction.DISCARD, "Discard"),
        ),
        note=_note_on_sending_again(job, usual),
    )


def send_again(job: Job, usual: Usual) -> str:
    """The words on the button that may pay a second time: the sum at risk, as far as known."""
    if job.service is not Service.RUNWARE:
        return "Send again"
    if usual.cost_usd is None:
        return "Send again, may cost twice"
    return f"Send again, risk {money(usual.cost_usd)}"


def _note_on_sending_again(job: Job, usual: Usual) -> str:
    if job.service is not Service.RUNWARE:
        return "Practice clips cost nothing."
    if usual.cost_usd is None:
        return "Checking is free. Sending again could be charged twice, at a price not known yet."
    return "Checking is free. Sending again could be charged twice."


def _describe_failed(job: Job) -> CardWords:
    title, text = describe_failure(
        job.error_code,
        job.error_detail,
        charged=describe_charge(job),
        service_code=job.error_service_code,
    )
    can_edit = job.error_code in _EDITABLE
    first = (CardAction.EDIT, "Edit and retry") if can_edit else (CardAction.RETRY, "Retry")
    return CardWords(title, text, "danger", (first, (CardAction.DETAILS, "Show details")))


def _describe_download(progress: JobProgress | None) -> CardWords:
    code = "" if progress is None else progress.problem_code
    if code == "link_expired":
        title, text, act = "The download link has run out.", "", "Ask for a new one"
    elif code == "damaged_download":
        title, text, act = "The downloaded file is damaged.", "", "Download again"
    else:
        done = 0 if progress is None else progress.done_bytes
        title, act = "The clip is ready but didn’t download.", "Try again"
        text = f"It goes on from {file_size(done)}." if done else "It is tried again by itself."
    return CardWords(title, text, "warning", ((CardAction.CHECK, act),))
