"""The words of the cards under rows: what happened, what it cost, what to do."""

from dataclasses import dataclass

from kling_desktop.domain.display_state import CRASHED, DisplayState
from kling_desktop.domain.errors import PictureUnavailable, ResultOutOfReach
from kling_desktop.domain.events import CapSums, JobProgress, PauseReason
from kling_desktop.domain.job import Job, JobState, Service
from kling_desktop.domain.money import Usual
from kling_desktop.wording.actions import Action, NamedAction, name_action
from kling_desktop.wording.banner import describe_limit
from kling_desktop.wording.errors import describe_charge, describe_failure
from kling_desktop.wording.formatting import file_size, money
from kling_desktop.wording.translation import _

_EDITABLE = frozenset({"content_rejected", "request_rejected", "model_gone", "unreadable_image"})


@dataclass(frozen=True, slots=True)
class CardWords:
    """A card under a row.

    Attributes:
        kind: ``"warning"`` or ``"danger"``.
        actions: The buttons, the first is the primary one.
        note: A quieter line below.
    """

    title: str
    text: str
    kind: str
    actions: tuple[NamedAction, ...]
    note: str = ""


def describe_card(
    job: Job, state: DisplayState, usual: Usual, progress: JobProgress | None = None
) -> CardWords | None:
    """Return what a card says under a job's row; None when there is nothing to say."""
    match state:
        case DisplayState.UNCONFIRMED | DisplayState.ASKING:
            return _describe_unconfirmed(job, usual)
        case DisplayState.HELD:
            return _describe_held(job)
        case DisplayState.FAILED:
            return _describe_failed(job)
        case DisplayState.TAKING_LONG:
            return CardWords(
                _("No result after 30 minutes."),
                _("It may still arrive; we go on asking."),
                "warning",
                (name_action(Action.CHECK), name_action(Action.DETAILS)),
            )
        case DisplayState.DOWNLOAD_WAITING:
            return _describe_download(progress)
        case _:
            return None


def _describe_held(job: Job) -> CardWords:
    """What a job says that cannot go on: an error of the app, or a clip that cannot be fetched."""
    check = NamedAction(Action.CHECK, _("Ask again"))
    if job.error_code == ResultOutOfReach.code:
        return CardWords(
            _("The clip is made and paid for, but can’t be downloaded."),
            _("Every link to it failed. It is asked for again from time to time."),
            "warning",
            (check, NamedAction(Action.DISCARD, _("Give up"))),
        )
    actions = (check, name_action(Action.CANCEL)) if job.state is JobState.QUEUED else (check,)
    if job.error_code == CRASHED:
        title = _("An error in the app stopped this clip.")
    elif job.error_code == PictureUnavailable.code:
        title, _text = describe_failure(job.error_code)
    elif job.state is JobState.DOWNLOADING:
        title = _("This clip can’t be downloaded at the moment.")
    else:
        title = _("This clip can’t go on at the moment.")
    text = _("It is tried again by itself, each time a little later.")
    return CardWords(title, text, "warning", actions)


def describe_hold(pause: PauseReason, sums: CapSums | None, usual: Usual) -> CardWords:
    """Return the card of the waiting job at which a budget cap stopped the queue."""
    text = _("The price of this clip is not known yet.")
    if usual.cost_usd is not None:
        text = _("This clip costs about {cost} and would pass it.").format(
            cost=money(usual.cost_usd)
        )
    note = (
        _("Otherwise it goes on by itself tomorrow.")
        if pause is PauseReason.BUDGET_DAY
        else _("Otherwise it goes on by itself next month.")
    )
    return CardWords(
        describe_limit(pause, sums),
        text,
        "warning",
        (name_action(Action.ALLOW), name_action(Action.RAISE_LIMIT)),
        note=note,
    )


def _describe_unconfirmed(job: Job, usual: Usual) -> CardWords:
    paid = job.service is Service.RUNWARE
    text = (
        _("The connection dropped while submitting. Runware may be making it already.")
        if paid
        else _("The connection dropped while submitting. The sandbox may be making it already.")
    )
    check = _("Check with Runware") if paid else _("Check with the sandbox")
    return CardWords(
        _("We don’t know if this one was sent."),
        text,
        "warning",
        (
            NamedAction(Action.CHECK, check),
            describe_send_again(job, usual),
            name_action(Action.DISCARD),
        ),
        note=_note_on_sending_again(job, usual),
    )


def describe_send_again(job: Job, usual: Usual) -> NamedAction:
    """Name the act that may pay a second time by the sum at risk, as far as that is known."""
    if job.service is not Service.RUNWARE:
        return name_action(Action.SEND_AGAIN)
    if usual.cost_usd is None:
        return NamedAction(Action.SEND_AGAIN, _("Send again, may cost twice"))
    text = _("Send again, risk {cost}").format(cost=money(usual.cost_usd))
    return NamedAction(Action.SEND_AGAIN, text)


def _note_on_sending_again(job: Job, usual: Usual) -> str:
    if job.service is not Service.RUNWARE:
        return _("Practice clips cost nothing.")
    if usual.cost_usd is None:
        return _(
            "Checking is free. Sending again could be charged twice, at a price not known yet."
        )
    return _("Checking is free. Sending again could be charged twice.")


def _describe_failed(job: Job) -> CardWords:
    title, text = describe_failure(
        job.error_code,
        job.error_detail,
        charged=describe_charge(job),
        service_code=job.error_service_code,
    )
    first = Action.EDIT_AND_RETRY if job.error_code in _EDITABLE else Action.RETRY
    return CardWords(title, text, "danger", (name_action(first), name_action(Action.DETAILS)))


def _describe_download(progress: JobProgress | None) -> CardWords:
    code = "" if progress is None else progress.problem_code
    if code == "link_expired":
        title, text = _("The download link has run out."), ""
        act = _("Ask for a new one")
    elif code == "damaged_download":
        title, text = _("The downloaded file is damaged."), ""
        act = _("Download again")
    elif code == "file_host_away":
        title, act = _("The clip is ready, but its file host can’t be reached."), _("Try again")
        text = _("Retrying automatically.")
    else:
        done = 0 if progress is None else progress.done_bytes
        title, act = _("The clip is ready but didn’t download."), _("Try again")
        text = _("Retrying automatically.")
        if done:
            text = _("It goes on from {size}.").format(size=file_size(done))
    return CardWords(title, text, "warning", (NamedAction(Action.CHECK, act),))
