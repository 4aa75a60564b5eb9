"""The words for failed jobs, for what they cost, and for what a cancel led to."""

import re
from typing import assert_never

from kling_desktop.domain.job import Job, Service
from kling_desktop.engine.cancelling import CancelResult
from kling_desktop.wording.formatting import money
from kling_desktop.wording.reasons import SOMETHING_WENT_WRONG
from kling_desktop.wording.translation import N_, _

_SETTINGS = {
    "duration": N_("length"),
    "width": N_("shape"),
    "height": N_("shape"),
    "resolution": N_("shape"),
    "positivePrompt": N_("prompt"),
    "negativePrompt": N_("negative prompt"),
    "CFGScale": N_("prompt strength"),
    "frameImages": N_("first frame"),
    "seedImage": N_("first frame"),
    "inputs": N_("first frame"),
    "model": N_("model"),
    "fps": N_("frames a second"),
}
"""The service's names of what it may refuse, and ours."""
_SETTING = re.compile(rf"\b({'|'.join(_SETTINGS)})\b")
_FAILURES = {
    "generation_failed": N_("Runware couldn’t finish this clip."),
    "job_unknown": N_("Runware no longer knows this clip."),
    "result_out_of_reach": N_("The clip was made, but couldn’t be downloaded."),
    "unexpected_reply": N_("Runware answered something we don’t understand."),
}
"""Titles of what the service did wrong; the text says what it cost."""
_FREE_FAILURES = {
    "media_gone": (N_("The uploaded picture is gone."), N_("Try again: it is sent anew.")),
    "insufficient_credits": (
        N_("Not enough credit."),
        N_("Top up in the Runware dashboard, then resume."),
    ),
    "authentication_failed": (N_("This key was refused."), N_("The queue is paused.")),
    "damaged_download": (N_("The downloaded file is damaged."), N_("It is downloaded again.")),
    "link_expired": (N_("The download link has run out."), N_("A new one is asked for.")),
    "unreadable_image": (N_("The kept picture can’t be read."), N_("Nothing was sent.")),
    "picture_unavailable": (
        N_("The kept picture can’t be read at the moment."),
        N_("Nothing was sent."),
    ),
    "disk_full": (N_("No room on this disk."), N_("The queue is paused, ready clips wait.")),
    "library_unavailable": (
        N_("The library folder is not there."),
        N_("New clips are held until it is back."),
    ),
    "library_read_only": (
        N_("The library folder can’t be written to."),
        N_("New clips are held until it can."),
    ),
    "library_unmarked": (
        N_("The library folder has lost its mark."),
        N_("New clips are held until you say that it is the library."),
    ),
    "file_in_use": (N_("A file is in use by another program."), N_("It is tried again.")),
    "data_folder_unavailable": (
        N_("The app’s data folder can’t be used."),
        N_("The queue is paused until it can."),
    ),
    "outcome_unknown": (
        N_("It is not known whether this clip was made."),
        N_("The connection dropped while submitting, and you let it go."),
    ),
}
"""Title and text of what costs nothing by itself, or where the cost is not the point."""


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
            if found is None:
                return (_("Runware didn’t accept this setting."), charged)
            title = _("Runware didn’t accept this setting: {setting}.")
            return (title.format(setting=_(_SETTINGS[found.group()])), charged)
        case "model_gone":
            step = _("Choose another model and try again.")
            return (_("Runware no longer offers this model."), f"{charged} {step}".strip())
        case _ if code in _FREE_FAILURES:
            return describe_free_failure(code)
        case _:
            return (_(_FAILURES.get(code, SOMETHING_WENT_WRONG)), charged)


def describe_free_failure(code: str) -> tuple[str, str]:
    """Title and text of a failure that costs nothing; a pause for the same reason says the same."""
    title, text = _FREE_FAILURES[code]
    return (_(title), _(text))


def _describe_refusal(service_code: str, charged: str) -> tuple[str, str]:
    """What the safety check refused: a picture or the prompt."""
    title, step = (
        _("The prompt was refused by the safety check."),
        _("Change the wording and try again."),
    )
    if _is_about_picture(service_code):
        title = _("The first frame was refused by the safety check.")
        step = _("Use another picture.")
    return (title, f"{charged} {step}".strip())


def failure_in_short(code: str, service_code: str = "") -> str:
    """Two or three words behind "Failed" in a row."""
    match code:
        case "content_rejected":
            about_picture = _is_about_picture(service_code)
            return _("picture refused") if about_picture else _("prompt refused")
        case "model_gone":
            return _("model not offered")
        case "request_rejected":
            return _("setting refused")
        case "generation_failed":
            return _("not finished")
        case "insufficient_credits":
            return _("not enough credit")
        case "job_unknown":
            return _("not known any more")
        case "unreadable_image":
            return _("picture missing")
        case _:
            return ""


def describe_charge(job: Job) -> str:
    """What a job that has ended without a clip cost, as far as anybody said."""
    if job.cost_usd:
        return _("Charged: {cost}.").format(cost=money(job.cost_usd))
    if job.submitted_at is None:
        return _("Nothing was sent and nothing was charged.")
    if job.service is Service.SANDBOX:
        return _("Practice clips cost nothing.")
    if job.cost_usd is None:
        return _("Cost: not stated.")
    return _("Nothing was charged.")


def _is_about_picture(service_code: str) -> bool:
    return "image" in service_code.lower()


def describe_cancel(result: CancelResult) -> str:
    """What a cancel led to, with its cost."""
    match result:
        case CancelResult.NOT_SENT:
            return _("Cancelled. Nothing was sent and nothing was charged.")
        case CancelResult.ASKED:
            return _(
                "The request was just leaving. If Runware takes it, it is charged and not waited "
                "for; the clip is still collected when it comes."
            )
        case CancelResult.OUTCOME_UNKNOWN:
            return _(
                "It is not known whether this one was sent, and it is not sent again. If it was, "
                "it is charged; the clip is still collected when it comes."
            )
        case CancelResult.STOPPED_WAITING:
            return _(
                "Runware has already started it, so it is still charged. It is not waited for any "
                "more; the clip is collected when it comes."
            )
        case CancelResult.GIVEN_UP:
            return _("The clip is made and paid for; it is not asked for any more.")
        case CancelResult.ALREADY_MADE:
            return _("The clip is made and paid for, and on its way into the library.")
        case CancelResult.ALREADY_ENDED:
            return _("It had already ended.")
        case _:
            assert_never(result)
