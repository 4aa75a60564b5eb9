"""The words of the queue panel: rows, its header, its questions, and what a screen reader says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kling_desktop.domain.catalog import MODELS_BY_ID
from kling_desktop.domain.display_state import DisplayState
from kling_desktop.domain.errors import ResultOutOfReach
from kling_desktop.domain.events import (
    Activity,
    EngineStatus,
    JobProgress,
    Network,
    PauseReason,
)
from kling_desktop.domain.job import Job, Service
from kling_desktop.domain.money import Usual
from kling_desktop.domain.validation import find_problems
from kling_desktop.storage.stores.draft_store import SavedDraft
from kling_desktop.wording.actions import Action, name_action
from kling_desktop.wording.errors import failure_in_short
from kling_desktop.wording.formatting import (
    bytes_of,
    clock,
    clock_time,
    join_words,
    money,
    number,
    spoken_time,
    time_of_day,
    until,
)
from kling_desktop.wording.models import describe_draft, state_word
from kling_desktop.wording.problems import short_problem
from kling_desktop.wording.translation import N_, _, ngettext

_LARGEST_SHARE = 0.95
"""Time passed says how far a clip may be, never that it is there."""

LIST_NAME = N_("Queue and history")
EMPTY = (
    N_("The queue is empty"),
    N_(
        "Clips you generate show their progress here. You can line up as many as you like, "
        "even offline."
    ),
)
NEEDS_ATTENTION = N_("Needs attention")
RUNNING = N_("Running")
WAITING = N_("Waiting")
NOT_WAITED_FOR = N_("Not waited for")
DRAFTS = N_("Drafts")
DRAFT = N_("Draft")
EARLIER_TODAY = N_("Earlier today")
FINISHED_HIDDEN = N_("Finished clips are off the list")
ROW_HIDDEN = N_("Removed from the list")
FILES_STAY = N_("Files and receipts stay as they are.")
DRAFT_DELETED = N_("Draft deleted")
SEND_AGAIN_TITLE = N_("Send this clip again?")
STOP_WAITING_TITLE = N_("Stop waiting for this clip?")
STOP_WAITING = N_("Stop waiting")
KEEP_WAITING = N_("Keep waiting")
CAP_TITLE = N_("Paused by your spending limit.")

# What did not work, as the title of a notice; the reason stands under it.
ORDER_UNCHANGED = N_("The order of the queue could not be changed")
LIST_UNCHANGED = N_("The list could not be changed")
DRAFT_UNCHANGED = N_("The draft could not be changed")
DRAFT_NOT_QUEUED = N_("The draft could not be added to the queue")
NOT_CANCELLED = N_("The clip could not be cancelled")
NOT_CHECKED = N_("The clip could not be checked")
NOT_SENT_AGAIN = N_("The clip could not be sent again")
NOT_PAUSED = N_("The queue could not be paused or resumed")


@dataclass(frozen=True, slots=True)
class RowWords:
    """What stands in the second line of a row.

    Attributes:
        extra: Behind the state's word.
        lead: At the right end, the part that counts.
        right: Behind it, quieter.
        brief: Takes the place of `right` where that has no room.
        link: A word at the very end that can be clicked; empty for none.
        link_action: What clicking it does.
        has_bar: Whether the row has a bar.
        fraction: How far the bar is, None for one that sweeps.
        stalled: Nothing moves at present: state and bar are grey.
        spoken: What a screen reader says instead of `lead` and `right`; empty for just these.
    """

    extra: str = ""
    lead: str = ""
    right: str = ""
    brief: str = ""
    link: str = ""
    link_action: Action = Action.EXPLAIN
    has_bar: bool = False
    fraction: float | None = None
    stalled: bool = False
    spoken: str = ""

    @property
    def aside(self) -> str:
        """What stands at the right end, lead and right as one."""
        return f"{self.lead} {self.right}".strip()


def describe_row(
    job: Job,
    state: DisplayState,
    progress: JobProgress | None,
    status: EngineStatus,
    usual: Usual,
    now: datetime,
) -> RowWords:
    """Return what a job's row shows beside picture, title and state."""
    match state:
        case DisplayState.QUEUED:
            return _describe_waiting(job, progress, status, usual, now)
        case DisplayState.WAITING_FOR_NETWORK:
            return RowWords(right=_("ready to send"))
        case DisplayState.OTHER_SERVICE:
            return RowWords(
                right=_("waits for the sandbox")
                if job.service is Service.SANDBOX
                else _("waits for Runware")
            )
        case DisplayState.SUBMITTING:
            return _describe_sending(job, progress, now)
        case DisplayState.ASKING:
            return RowWords(
                right=_("asking the sandbox")
                if job.service is Service.SANDBOX
                else _("asking Runware"),
                has_bar=True,
            )
        case DisplayState.UNCONFIRMED:
            return RowWords(right=_moment(job.submitted_at or job.updated_at, now))
        case DisplayState.HELD:
            return RowWords(right=_next_try(job.held_until or now, now))
        case DisplayState.GENERATING | DisplayState.TAKING_LONG:
            return _describe_generating(job, state, progress, status, usual, now)
        case DisplayState.STOPPED_WAITING:
            return RowWords(right=_("collected if it comes"))
        case DisplayState.DOWNLOADING | DisplayState.DOWNLOAD_WAITING:
            return _describe_download(state, progress, now)
        case DisplayState.DONE:
            return RowWords(extra=_ended(job, now), lead=_describe_done(job))
        case DisplayState.FAILED:
            return _describe_failed(job, now)
        case DisplayState.CANCELLED:
            sent = job.submitted_at is not None
            if sent:
                return RowWords(extra=_ended(job, now), right=_("after sending"))
            words, brief = _("before sending, not charged"), _("not charged")
            return RowWords(extra=_ended(job, now), right=words, brief=brief)
        case DisplayState.OUTCOME_UNKNOWN:
            if job.service is Service.SANDBOX:
                return RowWords(extra=_ended(job, now), right=_("practice"))
            words, brief = _("cost not known"), _("cost unknown")
            return RowWords(extra=_ended(job, now), right=words, brief=brief)


def describe_held(pause: PauseReason) -> RowWords:
    """Return the words of the row at which a budget cap stopped the queue."""
    if pause is PauseReason.BUDGET_DAY:
        return RowWords(right=_("held by today’s limit"))
    return RowWords(right=_("held by this month’s limit"))


def describe_group(takes: Sequence[Job], now: datetime) -> RowWords:
    """Return the second line of several finished takes in one row: what they cost together."""
    costs = [job.cost_usd for job in takes]
    known = sum((cost for cost in costs if cost is not None), Decimal(0))
    total = "" if None in costs else money(known)
    practice = takes[0].service is Service.SANDBOX
    return RowWords(extra=_ended(takes[0], now), lead=_("practice") if practice else total)


def describe_takes(count: int, *, unfolded: bool) -> str:
    """Return what a screen reader says for a row that stands for several takes."""
    words = (
        ngettext("{count} take, shown", "{count} takes, shown", count)
        if unfolded
        else ngettext("{count} take, folded", "{count} takes, folded", count)
    )
    return words.format(count=number(count))


def count_takes(count: int) -> str:
    """``2 takes``: behind the title of a row that stands for several."""
    return ngettext("{count} take", "{count} takes", count).format(count=number(count))


def name_state(state: DisplayState | None) -> str:
    """The word beside a row's icon; None stands for a draft."""
    return _(DRAFT) if state is None else state_word(state)


def describe_places(running: int, places: int) -> str:
    """``2 of 4``: how many jobs run, of how many that may."""
    return _("{running} of {places}").format(running=number(running), places=number(places))


def describe_saved(saved: SavedDraft) -> tuple[str, RowWords]:
    """Return title and second line of a draft's row: what is missing, or that it can go."""
    draft = saved.draft
    title = " ".join(draft.prompt.split())
    extra = "" if title else _("no prompt yet")
    if not title:
        title = draft.first_frame.name if draft.first_frame else _("Untitled draft")
    problems = find_problems(draft, MODELS_BY_ID.get(draft.model))
    if problems:
        return (title, RowWords(right=short_problem(problems[0])))
    add = name_action(Action.ADD)
    return (title, RowWords(extra=extra, link=add.text, link_action=add.action))


def describe_queue(status: EngineStatus, about: str) -> str:
    """The second header row: ``2 running, 3 waiting, about $2.31``."""
    if status.needs_user and not status.running:
        return ngettext(
            "{count} clip needs you", "{count} clips need you", status.needs_user
        ).format(count=number(status.needs_user))
    if status.pause is not None:
        return _describe_paused(status)
    if status.network.is_down:
        return _describe_down(status)
    return join_words((*list_counts(status), about if _is_busy(status) else "")) or _(
        "Nothing running"
    )


def list_counts(status: EngineStatus) -> tuple[str, ...]:
    """How many jobs run and how many wait, in words; what is 0 is left out."""
    running = ngettext("{count} running", "{count} running", status.running)
    waiting = ngettext("{count} waiting", "{count} waiting", status.waiting)
    return tuple(
        words.format(count=number(count))
        for words, count in ((running, status.running), (waiting, status.waiting))
        if count
    )


def _is_busy(status: EngineStatus) -> bool:
    return bool(status.running or status.waiting)


def _describe_paused(status: EngineStatus) -> str:
    if not status.running:
        return _("Paused")
    words = (
        ngettext(
            "Paused, {count} still running in the sandbox",
            "Paused, {count} still running in the sandbox",
            status.running,
        )
        if status.service is Service.SANDBOX
        else ngettext(
            "Paused, {count} still running at Runware",
            "Paused, {count} still running at Runware",
            status.running,
        )
    )
    return words.format(count=number(status.running))


def _describe_down(status: EngineStatus) -> str:
    """What becomes of unfinished jobs while the service cannot be reached."""
    unfinished = status.running + status.waiting
    if status.network is Network.OFFLINE:
        words = ngettext(
            "{count} clip will go on when you’re online",
            "{count} clips will go on when you’re online",
            unfinished,
        )
        return words.format(count=number(unfinished)) if unfinished else _("Offline")
    words = (
        ngettext(
            "{count} clip will go on when the sandbox answers",
            "{count} clips will go on when the sandbox answers",
            unfinished,
        )
        if status.service is Service.SANDBOX
        else ngettext(
            "{count} clip will go on when Runware answers",
            "{count} clips will go on when Runware answers",
            unfinished,
        )
    )
    return words.format(count=number(unfinished)) if unfinished else _("Not answering")


def resume_obstacle(status: EngineStatus) -> str:
    """Why Resume alone would not help; empty when it does."""
    if status.pause is PauseReason.KEY_MISSING:
        return _("Add an API key or switch to the sandbox.")
    return ""


def describe_second_charge(usual: Usual) -> str:
    """What sending again may cost, as the text of the question before it."""
    if usual.cost_usd is None:
        return _(
            "Runware may have it already. Then its price, which is not known yet, is charged a "
            "second time."
        )
    return _("Runware may have it already. Then about {cost} is charged a second time.").format(
        cost=money(usual.cost_usd)
    )


def describe_stop_waiting(service: Service) -> str:
    """What it means to stop waiting for a clip, as the text of the question before it."""
    if service is Service.SANDBOX:
        return _("The sandbox has already started it.")
    return _("Runware has already started it, so it is still charged.")


def describe_cap_question(title: str) -> str:
    """Which clip would pass the spending limit; an empty title means that none is known."""
    if not title:
        return _("The next clip would pass it.")
    return _("“{title}” would pass it.").format(title=title)


def speak_row(job: Job, state: DisplayState, words: RowWords) -> str:
    """Return what a screen reader says for a job's row."""
    return join_words((state_word(state), words.extra, words.spoken or words.aside, job.title))


def speak_draft(title: str, words: RowWords) -> str:
    """Return what a screen reader says for a draft's row."""
    return join_words((_(DRAFT), words.extra, words.right, title))


def speak_elapsed(seconds: float, usual_s: float | None) -> str:
    """``1 minute 12 of about 2 minutes 40``."""
    spoken = spoken_time(seconds)
    if usual_s is None:
        return spoken
    return _("{time} of about {usual}").format(time=spoken, usual=spoken_time(usual_s))


def announce(job: Job, state: DisplayState) -> str:
    """What is said aloud when a job comes to this state; empty where nothing is."""
    match state:
        case DisplayState.DONE:
            return _("Clip ready: {title}").format(title=job.title)
        case DisplayState.FAILED:
            short = failure_in_short(job.error_code, job.error_service_code)
            if not short:
                return _("Failed: {title}").format(title=job.title)
            return _("Failed, {reason}: {title}").format(reason=short, title=job.title)
        case DisplayState.UNCONFIRMED:
            return _("Needs you, unconfirmed: {title}").format(title=job.title)
        case DisplayState.HELD if job.error_code != ResultOutOfReach.code:
            return _("Needs you, cannot go on: {title}").format(title=job.title)
        case DisplayState.HELD:
            return _("Needs you, can’t be downloaded: {title}").format(title=job.title)
        case _:
            return ""


def _describe_waiting(
    job: Job, progress: JobProgress | None, status: EngineStatus, usual: Usual, now: datetime
) -> RowWords:
    if progress is not None and progress.next_try_at is not None:
        return RowWords(right=_next_try(progress.next_try_at, now))
    if status.network is Network.SLOWED_DOWN and status.next_try_at is not None:
        return RowWords(right=_next_try(status.next_try_at, now))
    text = describe_draft(job.draft)
    if job.service is Service.RUNWARE and usual.cost_usd is not None:
        whole = _("{what} · about {cost}").format(what=text, cost=money(usual.cost_usd))
        return RowWords(right=whole, brief=text)
    return RowWords(right=text)


def _describe_sending(job: Job, progress: JobProgress | None, now: datetime) -> RowWords:
    if progress is not None and progress.next_try_at is not None:
        words = _next_try(progress.next_try_at, now)
        return RowWords(right=words, has_bar=True, fraction=0.0, stalled=True)
    if progress is None or progress.activity is not Activity.UPLOADING or not progress.total_bytes:
        return RowWords(right=_("sending"), has_bar=True)
    share = progress.done_bytes / progress.total_bytes
    size = bytes_of(progress.done_bytes, progress.total_bytes)
    words = (
        _("sending first frame, {size}")
        if job.draft.last_frame is None
        else _("sending frames, {size}")
    )
    right = words.format(size=size)
    return RowWords(right=right, brief=size, has_bar=True, fraction=share)


def _describe_generating(
    job: Job,
    state: DisplayState,
    progress: JobProgress | None,
    status: EngineStatus,
    usual: Usual,
    now: datetime,
) -> RowWords:
    elapsed = max(0.0, (now - (job.submitted_at or job.updated_at)).total_seconds())
    usual_s = usual.took_s
    share = None if not usual_s else min(_LARGEST_SHARE, elapsed / usual_s)
    if status.network.is_down:
        last = None if progress is None else progress.last_answer_at
        asked = _("not checked yet")
        if last is not None:
            asked = _("last checked {time}").format(time=time_of_day(last, now))
        return RowWords(right=asked, has_bar=True, fraction=share or 0.0, stalled=True)
    lead = clock(elapsed)
    if state is DisplayState.TAKING_LONG:
        spoken = _("{time}, unusually long").format(time=spoken_time(elapsed))
        return RowWords(lead=lead, right=_("unusually long"), has_bar=True, spoken=spoken)
    if usual_s is None:
        share = None if progress is None or progress.percent is None else progress.percent / 100
        spoken = speak_elapsed(elapsed, None)
        return RowWords(lead=lead, has_bar=True, fraction=share, spoken=spoken)
    if elapsed > usual_s:
        spoken = _("{time}, longer than the usual {usual}").format(
            time=spoken_time(elapsed), usual=spoken_time(usual_s)
        )
        right = _("longer than the usual {usual}").format(usual=clock(usual_s))
        brief = _("over the usual")
        return RowWords(lead=lead, right=right, brief=brief, has_bar=True, spoken=spoken)
    return RowWords(
        lead=lead,
        right=_("of about {usual}").format(usual=clock(usual_s)),
        has_bar=True,
        fraction=share,
        spoken=speak_elapsed(elapsed, usual_s),
    )


def _describe_download(
    state: DisplayState, progress: JobProgress | None, now: datetime
) -> RowWords:
    done = 0 if progress is None else progress.done_bytes
    total = None if progress is None else progress.total_bytes
    size = bytes_of(done, total) if done or total else ""
    fraction = done / total if total else None
    if state is DisplayState.DOWNLOADING:
        return RowWords(lead=size, has_bar=True, fraction=fraction)
    words = brief = size
    if progress is not None and progress.next_try_at is not None:
        brief = _next_try(progress.next_try_at, now)
        words = join_words((size, brief))
    elif size:
        words = _("{size}, goes on from here").format(size=size)
    return RowWords(right=words, brief=brief, has_bar=True, fraction=fraction or 0.0, stalled=True)


def _describe_failed(job: Job, now: datetime) -> RowWords:
    short = failure_in_short(job.error_code, job.error_service_code)
    if job.error_code == "insufficient_credits":
        link = name_action(Action.RETRY)
        ended = _ended(job, now)
        return RowWords(extra=ended, right=short, link=link.text, link_action=link.action)
    link = name_action(Action.EXPLAIN)
    return RowWords(extra=short or _ended(job, now), link=link.text, link_action=link.action)


def _describe_done(job: Job) -> str:
    """Cost and time of a finished clip, ``$0.35 · took 2:31``."""
    cost = took = ""
    if job.service is Service.SANDBOX:
        cost = _("practice")
    elif job.cost_usd is not None:
        cost = money(job.cost_usd)
    if job.submitted_at is not None and job.ended_at is not None:
        time = clock((job.ended_at - job.submitted_at).total_seconds())
        took = _("took {time}").format(time=time)
    return " · ".join(filter(None, (cost, took)))


def _next_try(moment: datetime, now: datetime) -> str:
    return _("next try in {time}").format(time=until(moment, now))


def _ended(job: Job, now: datetime) -> str:
    """The time of day alone: the section's title says the day."""
    return clock_time(job.ended_at or job.updated_at, now)


def _moment(moment: datetime, now: datetime) -> str:
    """``today 14:21``, ``Yesterday 23:10``."""
    if moment.astimezone(now.tzinfo).date() != now.date():
        return time_of_day(moment, now)
    return _("today {time}").format(time=clock_time(moment, now))
