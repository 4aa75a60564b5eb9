"""The words of the window around the pages: status line, banner, panels, questions; knows no Qt."""

from datetime import datetime

from kling_desktop.domain.events import EngineStatus, Network, PauseReason
from kling_desktop.domain.job import Job, Service
from kling_desktop.domain.money import Sum
from kling_desktop.wording.formatting import (
    clip_count,
    clock,
    file_size,
    money,
    number,
    sum_words,
    time_of_day,
)
from kling_desktop.wording.translation import N_, Phrase, _, ngettext

LICENCES = Phrase(N_("Licences"))
ABOUT_APP = Phrase(N_("Turns pictures and words into short videos. MIT licence."))
PANEL_MENU = Phrase(N_("More for this panel"))
STATUS = Phrase(N_("Status"))
ADD_API_KEY = Phrase(N_("Add API key"))
SPENDING_THIS_MONTH = Phrase(N_("Spending this month"))
WHOLE_PATH_NEEDED = Phrase(N_("Give the whole path of the folder."))
NO_KEY_YET = Phrase(N_("There is no key yet."))
RECEIPTS_EXPORTED = Phrase(N_("Receipts exported"))
BUG_TITLE = Phrase(N_("Something went wrong inside the app"))
SANDBOX_CONTINUES = Phrase(N_("The sandbox goes on when you come back."))
RUNWARE_CONTINUES = Phrase(N_("Runware goes on, and the next start collects what is ready."))
NO_KEYCHAIN_FOUND = Phrase(N_("No keychain found"))
NO_KEYCHAIN_ABOUT = Phrase(N_("Your key is kept until you quit. Settings has another way."))
FOLDER_UNUSABLE = Phrase(N_("This folder can’t be used"))
STAY = Phrase(N_("Stay"))
SANDBOX_FAILED_ABOUT = Phrase(N_("Clips wait in the queue. The log says why it stopped."))
BACK_ONLINE = Phrase(N_("Back online"))
SANDBOX_MODE = Phrase(N_("Sandbox: no key, no charges"))
CONNECTING = Phrase(N_("Connecting…"))
NO_CONTACT_YET = Phrase(N_("Not contacted yet"))
START_SANDBOX_AGAIN = Phrase(N_("Start the sandbox again"))
NO_API_KEY = Phrase(N_("No API key"))
SANDBOX_FAILED = Phrase(N_("The sandbox did not start."))
SHOW = Phrase(N_("Show"))
OPEN_ACCOUNT_SETTINGS = Phrase(N_("Open account settings"))
OPEN_PROXY_SETTINGS = Phrase(N_("Open proxy settings"))
THIS_IS_MY_LIBRARY = Phrase(N_("This is my library"))
CHOOSE_ANOTHER_FOLDER = Phrase(N_("Choose another folder"))
CHANGE_THE_LIMIT = Phrase(N_("Change the limit"))
REVIEW = Phrase(N_("Review"))
VERSION = Phrase(N_("Version {version}"))
SPENDING_SUM = Phrase(N_("Spending: {amount}"))
MODEL_SUM = Phrase(N_("{model}: {amount}"))
FREE_SPACE = Phrase(N_("{size} free"))
KEY_NOT_TESTED = Phrase(N_("It could not be tested: {error}"))
KEY_REFUSED = Phrase(N_("This key was refused."))
FOLDER_NOT_WRITABLE = Phrase(N_("Clips cannot be kept here: {folder} cannot be written to."))
NO_LOG = Phrase(N_("(no log yet)"))
BUG_TEXT = Phrase(N_("{kind}. Your queue and clips are safe; the log has details."))


def queue_tab(count: int) -> str:
    """What a screen reader says of the queue's tab."""
    if not count:
        return _("Queue")
    text = ngettext("Queue, {count} unfinished", "Queue, {count} unfinished", count)
    return text.format(count=number(count))


def still_running(count: int) -> str:
    """The question before leaving while clips are made."""
    text = ngettext("{count} clip is still running", "{count} clips are still running", count)
    return text.format(count=number(count))


def window_title(running: int) -> str:
    if not running:
        return "Kling Desktop"
    text = ngettext("{count} running, Kling Desktop", "{count} running, Kling Desktop", running)
    return text.format(count=number(running))


def library_sum(clips: int, size_bytes: int) -> str:
    """``12 clips, 1.9 GB``."""
    if not size_bytes:
        return clip_count(clips)
    return _("{clips}, {size}").format(clips=clip_count(clips), size=file_size(size_bytes))


def spent_words(today: Sum, month: Sum) -> str:
    """``$0.35 today, $14.60 this month``; empty while nothing was spent."""
    if today.known or today.unknown:
        text = _("{today} today, {month} this month")
        return text.format(today=sum_words(today), month=sum_words(month))
    if month.known or month.unknown:
        return _("{month} this month").format(month=sum_words(month))
    return ""


def done_words(job: Job) -> str:
    """What a notice says of a clip that is ready: ``Done in 2:31 for $0.35``."""
    took = cost = ""
    if job.submitted_at is not None and job.ended_at is not None:
        took = clock((job.ended_at - job.submitted_at).total_seconds())
    if job.service is Service.SANDBOX:
        return _("Done in {time}, practice").format(time=took) if took else _("Done, practice")
    if job.cost_usd is not None:
        cost = money(job.cost_usd)
    match bool(took), bool(cost):
        case True, True:
            return _("Done in {time} for {amount}").format(time=took, amount=cost)
        case True, False:
            return _("Done in {time}").format(time=took)
        case False, True:
            return _("Done for {amount}").format(amount=cost)
        case _:
            return _("Done")


_NETWORK: dict[Network, str] = {
    Network.ONLINE: N_("Online"),
    Network.OFFLINE: N_("Offline"),
    Network.UNREACHABLE: N_("Runware not answering"),
    Network.UNTRUSTED: N_("Certificate not trusted"),
    Network.PROXY: N_("Proxy not working"),
    Network.SANDBOX_AWAY: N_("Sandbox not answering"),
    Network.SLOWED_DOWN: N_("Slowed down by Runware"),
}
_NETWORK_SINCE: dict[Network, str] = {
    Network.OFFLINE: N_("Offline since {time}"),
    Network.UNREACHABLE: N_("Runware not answering since {time}"),
    Network.UNTRUSTED: N_("Certificate not trusted since {time}"),
    Network.PROXY: N_("Proxy not working since {time}"),
    Network.SANDBOX_AWAY: N_("Sandbox not answering since {time}"),
}


def network_words(network: Network, since: datetime | None, now: datetime) -> str:
    """The status line's words for the way to the service: ``Offline since 2:03 PM``."""
    if since is None or network not in _NETWORK_SINCE:
        return _(_NETWORK[network])
    return _(_NETWORK_SINCE[network]).format(time=time_of_day(since, now))


def queue_words(status: EngineStatus) -> str:
    """The status line's counts: ``2 running, 3 waiting for network, 1 needs you``."""
    parts: list[str] = []
    if status.running:
        text = ngettext("{count} running", "{count} running", status.running)
        parts.append(text.format(count=number(status.running)))
    if status.waiting:
        if status.network.is_down:
            text = ngettext(
                "{count} waiting for network", "{count} waiting for network", status.waiting
            )
        else:
            text = ngettext("{count} waiting", "{count} waiting", status.waiting)
        parts.append(text.format(count=number(status.waiting)))
    if status.needs_user:
        text = ngettext("{count} needs you", "{count} need you", status.needs_user)
        parts.append(text.format(count=number(status.needs_user)))
    if status.pause is PauseReason.USER:
        parts.append(_("paused"))
    return ", ".join(parts)
