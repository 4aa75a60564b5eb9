"""The words of the banner and its notices: why the queue is paused, and the network's state."""

from decimal import Decimal
from typing import assert_never

from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.domain.events import CapSums, Network, PauseReason
from kling_desktop.domain.reasons import Reason
from kling_desktop.wording.errors import describe_free_failure
from kling_desktop.wording.formatting import money, number, round_money
from kling_desktop.wording.reasons import describe_error, with_system_words
from kling_desktop.wording.translation import _, ngettext

_ANSWERS_OF_OTHERS = frozenset({Reason.REFUSED_ON_THE_WAY, Reason.NO_SERVICE_HERE})
"""Somebody answered, but not the service: the banner says who."""


def describe_pause(
    reason: PauseReason,
    detail: str = "",
    *,
    error: KlingDesktopError | None = None,
    sums: CapSums | None = None,
    sandbox: bool = False,
) -> tuple[str, str]:
    """Title and text of the banner or notice for a queue that submits nothing new.

    Args:
        reason: Why.
        detail: The system's or the service's words for it.
        error: The error behind it, where that says more.
        sums: Those of the cap, where a cap is the reason.
        sandbox: The sandbox makes the clips: its trouble is not put down to Runware.
    """
    match reason:
        case PauseReason.CREDIT | PauseReason.KEY_REFUSED if sandbox:
            return (
                _("The sandbox refuses new clips."),
                _("It was told to. Practice clips cost nothing. The queue is paused."),
            )
        case PauseReason.NETWORK_SETTINGS:
            text = "" if error is None else describe_error(error)
            return (
                _("This computer’s network settings stop the app."),
                _("{problem} Nothing was sent, the queue is paused.").format(problem=text).strip(),
            )
        case PauseReason.USER:
            return (_("The queue is paused."), _("Clips that are running go on."))
        case PauseReason.KEY_MISSING:
            return (_("No API key yet."), _("Add one, or look around in the sandbox."))
        case PauseReason.KEY_REFUSED if error is not None and error.reason is Reason.KEY_IMPOSSIBLE:
            return (describe_error(error), _("Nothing was sent. Enter it again."))
        case PauseReason.KEY_REFUSED:
            return describe_free_failure("authentication_failed")
        case PauseReason.CREDIT:
            return (
                _("Runware credit has run out."),
                _("The queue is paused. Top up in the Runware dashboard, then resume."),
            )
        case PauseReason.LIBRARY_UNMARKED:
            return (
                _("The library folder has lost its mark, or its disk is not plugged in."),
                _("New clips are held. If this is your library, say so."),
            )
        case PauseReason.READ_ONLY:
            title, text = describe_free_failure("library_read_only")
            return (title, with_system_words(text, detail))
        case PauseReason.DATA_FOLDER:
            title, text = describe_free_failure("data_folder_unavailable")
            return (title, with_system_words(text, detail))
        case PauseReason.LIBRARY:
            title, held = describe_free_failure("library_unavailable")
            if detail.endswith("."):
                held = f"{detail} {held}"
            else:  # the system's own words are no sentence
                held = with_system_words(held, detail)
            return (title, held)
        case PauseReason.DISK_FULL:
            title, text = describe_free_failure("disk_full")
            return (title, f"{detail} {text}".strip())
        case PauseReason.BUDGET_DAY | PauseReason.BUDGET_MONTH:
            return _describe_cap_pause(reason, sums)
        case _:
            assert_never(reason)


def describe_network(
    network: Network, wait: str = "", *, error: KlingDesktopError | None = None
) -> tuple[str, str]:
    """Title and text of the network banner; empty strings while all is well."""
    found = "" if error is None or error.reason is None else describe_error(error)
    again = _("Trying again in {wait}.").format(wait=wait) if wait else _("Trying again.")
    match network:
        case Network.ONLINE:
            return ("", "")
        case Network.OFFLINE:
            return (
                _("You’re offline."),
                _(
                    "Keep working: new clips wait in the queue and start by themselves when "
                    "you’re back."
                ),
            )
        case Network.UNREACHABLE:
            known = error is not None and error.reason in _ANSWERS_OF_OTHERS
            words = (found if known else "", again, _("Your queue is safe."))
            return (_("Runware isn’t answering."), " ".join(filter(None, words)))
        case Network.UNTRUSTED:
            title = _("The connection to Runware isn’t trusted.")
            return (title, f"{found} {again}".strip())
        case Network.PROXY:
            return (_("The proxy doesn’t let us through."), f"{found} {again}".strip())
        case Network.SANDBOX_AWAY:
            return (_("The sandbox isn’t answering."), again)
        case Network.SLOWED_DOWN:
            return (
                _("Runware asked us to slow down."),
                _("Next try in {wait}.").format(wait=wait) if wait else _("Trying again soon."),
            )
        case _:
            assert_never(network)


def describe_limit(reason: PauseReason, sums: CapSums | None) -> str:
    """``This month’s limit of $60 is reached.``, or how much of it is left.

    A clip is held before it would pass the limit.
    """
    today = reason is PauseReason.BUDGET_DAY
    if sums is None:
        return _("Today’s limit is reached.") if today else _("This month’s limit is reached.")
    spent, limit = sums.spent_usd, sums.cap_usd
    if spent >= limit:
        sentence = (
            _("Today’s limit of {limit} is reached.")
            if today
            else _("This month’s limit of {limit} is reached.")
        )
    else:
        sentence = (
            _("Today’s limit of {limit} has {rest} left.")
            if today
            else _("This month’s limit of {limit} has {rest} left.")
        )
    return sentence.format(limit=round_money(limit), rest=money(max(limit - spent, Decimal(0))))


def _describe_cap_pause(reason: PauseReason, sums: CapSums | None) -> tuple[str, str]:
    """Title and text for a limit; where some of it is left, the next clip costs more than that."""
    if sums is not None and sums.spent_usd < sums.cap_usd:
        text = _("The next clip would pass it. The queue is paused until you raise it.")
    else:
        text = _("The queue is paused until you raise it.")
    return (describe_limit(reason, sums), text)


def describe_back_online(waiting: int) -> tuple[str, str]:
    """Title and text of the notice when the network is there again."""
    if not waiting:
        return (_("Back online."), "")
    text = ngettext(
        "{count} waiting clip is starting.", "{count} waiting clips are starting.", waiting
    )
    return (_("Back online."), text.format(count=number(waiting)))
