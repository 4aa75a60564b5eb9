"""The words for trouble: failed jobs, pauses of the queue and the way to the service."""

import re
from decimal import Decimal
from typing import assert_never

from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.domain.events import Network, PauseReason
from kling_desktop.domain.job import Job, Service
from kling_desktop.engine.cancelling import CancelResult
from kling_desktop.wording.formatting import count_of, money, round_money
from kling_desktop.wording.reasons import describe_error
from kling_desktop.wording.translation import _

_SETTINGS = {
    "duration": "length",
    "width": "shape",
    "height": "shape",
    "resolution": "shape",
    "positivePrompt": "prompt",
    "negativePrompt": "negative prompt",
    "CFGScale": "prompt strength",
    "frameImages": "first frame",
    "seedImage": "first frame",
    "inputs": "first frame",
    "model": "model",
    "fps": "frames a second",
}
"""The service's names of what it may refuse, and ours."""
_SETTING = re.compile(rf"\b({'|'.join(_SETTINGS)})\b")
_FAILURES = {
    "generation_failed": "Runware couldn’t finish this clip.",
    "job_unknown": "Runware no longer knows this clip.",
    "unexpected_reply": "Runware answered something we don’t understand.",
}
"""Titles of what the service did wrong; the text says what it cost."""
_FREE_FAILURES = {
    "media_gone": ("The uploaded picture is gone.", "Try again: it is sent anew."),
    "insufficient_credits": ("Not enough credit.", "Top up in the Runware dashboard, then resume."),
    "authentication_failed": ("This key was refused.", "The queue is paused."),
    "damaged_download": ("The downloaded file is damaged.", "It is downloaded again."),
    "link_expired": ("The download link has run out.", "A new one is asked for."),
    "unreadable_image": ("The kept picture can’t be read.", "Nothing was sent."),
    "disk_full": ("No room on this disk.", "The queue is paused, ready clips wait."),
    "library_unavailable": (
        "The library folder is not there.",
        "New clips are held until it is back.",
    ),
    "outcome_unknown": (
        "It is not known whether this clip was made.",
        "The connection dropped while submitting, and you let it go.",
    ),
}
"""Title and text of what costs nothing by itself, or where the cost is not the point."""
_LIMIT = re.compile(r"(\d+(?:\.\d+)?) of (\d+(?:\.\d+)?) USD")


def describe_failure(
    code: str, detail: str = "", *, charged: str = "", service_code: str = ""
) -> tuple[str, str]:
    """Title and text for a job's last trouble, calm and without codes.

    Args:
        code: `KlingDesktopError.code` as kept in the row.
        detail: The service's own words, shown behind "Show details" and only there, except the
            name of a refused setting.
        charged: A sentence on what it cost; empty where the text says it itself.
        service_code: The service's own code: it tells a refused picture from a refused prompt.
    """
    match code:
        case "content_rejected":
            return _describe_refusal(service_code, charged)
        case "request_rejected":
            found = _SETTING.search(detail)
            setting = f": {_SETTINGS[found.group()]}" if found else ""
            return (f"Runware didn’t accept this setting{setting}.", charged)
        case "model_gone":
            text = f"{charged} Choose another model and try again.".strip()
            return ("Runware no longer offers this model.", text)
        case _ if code in _FREE_FAILURES:
            return _FREE_FAILURES[code]
        case _:
            return (_FAILURES.get(code, "Something went wrong."), charged)


def _describe_refusal(service_code: str, charged: str) -> tuple[str, str]:
    """What the safety check refused: a picture or the prompt."""
    what, step = "The prompt was", "Change the wording and try again."
    if _is_about_picture(service_code):
        what, step = "The first frame was", "Use another picture."
    return (f"{what} refused by the safety check.", f"{charged} {step}".strip())


def failure_in_short(code: str, service_code: str = "") -> str:
    """Two or three words behind "Failed" in a row."""
    match code:
        case "content_rejected":
            return "picture refused" if _is_about_picture(service_code) else "prompt refused"
        case "model_gone":
            return "model not offered"
        case "request_rejected":
            return "setting refused"
        case "generation_failed":
            return "not finished"
        case "insufficient_credits":
            return "not enough credit"
        case "job_unknown":
            return "not known any more"
        case "unreadable_image":
            return "picture missing"
        case _:
            return ""


def describe_charge(job: Job) -> str:
    """What a job that has ended without a clip cost, as far as anybody said."""
    if job.cost_usd:
        return f"Charged: {money(job.cost_usd)}."
    if job.submitted_at is None:
        return "Nothing was sent and nothing was charged."
    if job.service is Service.SANDBOX:
        return "Practice clips cost nothing."
    return "Cost: not stated." if job.cost_usd is None else "Nothing was charged."


def describe_pause(
    reason: PauseReason, detail: str = "", *, error: KlingDesktopError | None = None
) -> tuple[str, str]:
    """Title and text of the banner or notice for a queue that submits nothing new."""
    match reason:
        case PauseReason.NETWORK_SETTINGS:
            text = "" if error is None else describe_error(error)
            return (
                _("This computer’s network settings stop the app."),
                _("{problem} Nothing was sent, the queue is paused.").format(problem=text).strip(),
            )
        case PauseReason.USER:
            return ("The queue is paused.", "Clips that are running go on.")
        case PauseReason.KEY_MISSING:
            return ("No API key yet.", "Add one, or look around in the sandbox.")
        case PauseReason.KEY_REFUSED:
            return ("This key was refused.", "The queue is paused.")
        case PauseReason.CREDIT:
            return (
                "Runware credit has run out.",
                "The queue is paused. Top up in the Runware dashboard, then resume.",
            )
        case PauseReason.LIBRARY:
            held = "New clips are held until it is back."
            if detail.endswith("."):
                held = f"{detail} {held}"
            elif detail:  # the system's own words are no sentence
                held = f"{held} ({detail})"
            return ("The library folder is not there.", held)
        case PauseReason.DISK_FULL:
            return (
                "No room on this disk.",
                f"{detail} The queue is paused, ready clips wait.".strip(),
            )
        case PauseReason.BUDGET_DAY | PauseReason.BUDGET_MONTH:
            return _describe_cap_pause(reason, detail)
        case _:
            assert_never(reason)


def describe_network(
    network: Network, wait: str = "", *, error: KlingDesktopError | None = None
) -> tuple[str, str]:
    """Title and text of the network banner; empty strings while all is well."""
    found = "" if error is None or error.reason is None else describe_error(error)
    again = f"Trying again in {wait}." if wait else "Trying again."
    match network:
        case Network.ONLINE:
            return ("", "")
        case Network.OFFLINE:
            return (
                "You’re offline.",
                "Keep working: new clips wait in the queue and start by themselves "
                "when you’re back.",
            )
        case Network.UNREACHABLE:
            return ("Runware isn’t answering.", f"{again} Your queue is safe.")
        case Network.UNTRUSTED:
            title = _("The connection to Runware isn’t trusted.")
            return (title, f"{found} {again}".strip())
        case Network.PROXY:
            return (_("The proxy doesn’t let us through."), f"{found} {again}".strip())
        case Network.SANDBOX_AWAY:
            return (_("The sandbox isn’t answering."), again)
        case Network.SLOWED_DOWN:
            return (
                "Runware asked us to slow down.",
                f"Next try in {wait}." if wait else "Trying again soon.",
            )
        case _:
            assert_never(network)


def describe_limit(reason: PauseReason, detail: str) -> str:
    """``This month’s limit of $60 is reached.``, or how much of it is left.

    `detail` is `BudgetHold.detail`: a clip is held before it would pass the limit.
    """
    found = _LIMIT.search(detail)
    span = "Today’s" if reason is PauseReason.BUDGET_DAY else "This month’s"
    if found is None:
        return f"{span} limit is reached."
    spent, limit = Decimal(found.group(1)), Decimal(found.group(2))
    end = "is reached" if spent >= limit else f"has {money(limit - spent)} left"
    return f"{span} limit of {round_money(limit)} {end}."


def _describe_cap_pause(reason: PauseReason, detail: str) -> tuple[str, str]:
    """Title and text for a limit; where some of it is left, the next clip costs more than that."""
    title, text = describe_limit(reason, detail), "The queue is paused until you raise it."
    if title.endswith("left."):
        text = f"The next clip would pass it. {text}"
    return (title, text)


def describe_back_online(waiting: int) -> tuple[str, str]:
    """Title and text of the notice when the network is there again."""
    verb = "is" if waiting == 1 else "are"
    text = f"{count_of(waiting, 'waiting clip')} {verb} starting." if waiting else ""
    return ("Back online.", text)


def _is_about_picture(service_code: str) -> bool:
    return "image" in service_code.lower()


def describe_cancel(result: CancelResult) -> str:
    """What became of the wish to cancel, with its cost."""
    match result:
        case CancelResult.NOT_SENT:
            return "Cancelled. Nothing was sent and nothing was charged."
        case CancelResult.ASKED:
            return (
                "The request was just leaving. If Runware takes it, it is charged and not waited "
                "for; the clip is still collected when it comes."
            )
        case CancelResult.OUTCOME_UNKNOWN:
            return (
                "It is not known whether this one was sent, and it is not sent again. If it was, "
                "it is charged; the clip is still collected when it comes."
            )
        case CancelResult.STOPPED_WAITING:
            return (
                "Runware has already started it, so it is still charged. It is not waited for any "
                "more; the clip is collected when it comes."
            )
        case CancelResult.ALREADY_MADE:
            return "The clip is made and paid for, and on its way into the library."
        case CancelResult.ALREADY_ENDED:
            return "It had already ended."
        case _:
            assert_never(result)
