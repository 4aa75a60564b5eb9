"""The words of the queue panel: rows, its header, and what a screen reader says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kling_desktop.domain.catalog import MODELS_BY_ID
from kling_desktop.domain.display_state import DisplayState
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
from kling_desktop.wording.errors import failure_in_short
from kling_desktop.wording.formatting import (
    bytes_of,
    clock,
    clock_time,
    count_of,
    money,
    spoken_time,
    time_of_day,
    until,
)
from kling_desktop.wording.models import describe_draft, state_word
from kling_desktop.wording.problems import short_problem
from kling_desktop.wording.row_actions import RowAct

_DOWN = frozenset({Network.OFFLINE, Network.UNREACHABLE})
_MOST_OF_THE_BAR = 0.95
"""Past time says how far a clip may be, never that it is there."""


@dataclass(frozen=True, slots=True)
class RowWords:
    """What stands in the second line of a row.

    Attributes:
        extra: Behind the state's word.
        lead: At the right end, the part that counts.
        right: Behind it, quieter.
        brief: Takes the place of `right` where that has no room.
        link: A word at the very end that can be clicked; empty for none.
        link_act: What that does.
        fraction: How far the bar is, None for a sweep; without a bar see `has_bar`.
        stalled: Nothing moves at present: state and bar are grey.
        spoken: What a screen reader says for it; empty where it is what is read.
    """

    extra: str = ""
    lead: str = ""
    right: str = ""
    brief: str = ""
    link: str = ""
    link_act: RowAct = RowAct.DETAILS
    has_bar: bool = False
    fraction: float | None = None
    stalled: bool = False
    spoken: str = ""

    @property
    def aside(self) -> str:
        """Lead and right as one."""
        return f"{self.lead} {self.right}".strip()


def describe_row(
    job: Job,
    state: DisplayState,
    progress: JobProgress | None,
    status: EngineStatus,
    usual: Usual,
    now: datetime,
) -> RowWords:
    """Say what a job's row shows beside picture, title and state."""
    match state:
        case DisplayState.QUEUED:
            return _describe_waiting(job, progress, status, usual, now)
        case DisplayState.WAITING_FOR_NETWORK:
            return RowWords(right="ready to send")
        case DisplayState.OTHER_SERVICE:
            return RowWords(right=f"waits for {service_name(job.service)}")
        case DisplayState.SUBMITTING:
            return _describe_sending(job, progress, now)
        case DisplayState.ASKING:
            return RowWords(right=f"asking {service_name(job.service)}", has_bar=True)
        case DisplayState.SENT_OR_NOT:
            return RowWords(right=_moment(job.submitted_at or job.updated_at, now))
        case DisplayState.GENERATING | DisplayState.TAKING_LONG:
            return _describe_generating(job, state, progress, status, usual, now)
        case DisplayState.STOPPED_WAITING:
            return RowWords(right="collected if it comes")
        case DisplayState.DOWNLOADING | DisplayState.DOWNLOAD_WAITING:
            return _describe_download(state, progress, now)
        case DisplayState.DONE:
            return RowWords(extra=_ended(job, now), lead=_describe_done(job))
        case DisplayState.FAILED:
            return _describe_failed(job, now)
        case DisplayState.CANCELLED:
            sent = job.submitted_at is not None
            if sent:
                return RowWords(extra=_ended(job, now), right="after sending")
            words = "before sending, not charged"
            return RowWords(extra=_ended(job, now), right=words, brief="not charged")
        case DisplayState.OUTCOME_UNKNOWN:
            return RowWords(extra=_ended(job, now), right="cost not known")


def describe_held(pause: PauseReason) -> RowWords:
    """The row at which a budget cap stopped the queue."""
    span = "today’s" if pause is PauseReason.BUDGET_DAY else "this month’s"
    return RowWords(right=f"held by {span} limit")


def describe_group(takes: Sequence[Job], now: datetime) -> RowWords:
    """The second line of a row that stands for several finished takes: what they cost together."""
    costs = [job.cost_usd for job in takes]
    known = sum((cost for cost in costs if cost is not None), Decimal(0))
    total = "" if None in costs else money(known)
    practice = takes[0].service is Service.SANDBOX
    return RowWords(extra=_ended(takes[0], now), lead="practice" if practice else total)


def describe_takes(count: int, *, unfolded: bool) -> str:
    """What a screen reader says for a row that stands for several takes."""
    return f"{count_of(count, 'take')}, {'shown' if unfolded else 'folded'}"


def describe_saved(saved: SavedDraft) -> tuple[str, RowWords]:
    """Title and second line of a draft's row: what is missing, or that it can go."""
    draft = saved.draft
    title = " ".join(draft.prompt.split())
    extra = "" if title else "no prompt yet"
    if not title:
        title = draft.first_frame.name if draft.first_frame else "Untitled draft"
    problems = find_problems(draft, MODELS_BY_ID.get(draft.model))
    if problems:
        return (title, RowWords(right=short_problem(problems[0])))
    return (title, RowWords(extra=extra, link="Add to queue", link_act=RowAct.ADD))


def describe_queue(status: EngineStatus, about: str) -> str:
    """The second header row: ``2 running, 3 waiting, about $2.31``."""
    if status.needs_user and not status.running:
        return f"Needs you: {status.needs_user}"
    if status.pause is not None:
        if status.running:
            place = "in the sandbox" if status.service is Service.SANDBOX else "at Runware"
            return f"Paused, {status.running} still running {place}"
        return "Paused"
    if status.network in _DOWN:
        unfinished = status.running + status.waiting
        if unfinished and status.network is Network.OFFLINE:
            return f"{count_of(unfinished, 'clip')} will go on when you’re online"
        if unfinished:
            where = service_name(status.service)
            return f"{count_of(unfinished, 'clip')} will go on when {where} answers"
        return "Offline" if status.network is Network.OFFLINE else "Not answering"
    parts: list[str] = []
    if status.running:
        parts.append(f"{status.running} running")
    if status.waiting:
        parts.append(f"{status.waiting} waiting")
    if parts and about:
        parts.append(about)
    return ", ".join(parts) or "Nothing running"


def resume_obstacle(status: EngineStatus) -> str:
    """Why Resume alone would not help; empty when it does."""
    if status.pause is PauseReason.KEY_MISSING:
        return "Add an API key or switch to the sandbox."
    return ""


def service_name(service: Service) -> str:
    return "the sandbox" if service is Service.SANDBOX else "Runware"


def speak_row(job: Job, state: DisplayState, words: RowWords) -> str:
    """What a screen reader says for a job's row."""
    parts = [state_word(state), words.extra, words.spoken or words.aside, job.title]
    return ", ".join(part for part in parts if part)


def speak_elapsed(seconds: float, usual_s: float | None) -> str:
    """``1 minute 12 of about 2 minutes 40``."""
    spoken = spoken_time(seconds)
    return spoken if usual_s is None else f"{spoken} of about {spoken_time(usual_s)}"


def announce(job: Job, state: DisplayState) -> str:
    """What is said aloud when a job comes to this state; empty where nothing is."""
    match state:
        case DisplayState.DONE:
            return f"Clip ready: {job.title}"
        case DisplayState.FAILED:
            short = failure_in_short(job.error_code, job.error_service_code)
            return f"Failed{f', {short}' if short else ''}: {job.title}"
        case DisplayState.SENT_OR_NOT:
            return f"Needs you, sent or not: {job.title}"
        case _:
            return ""


def _describe_waiting(
    job: Job, progress: JobProgress | None, status: EngineStatus, usual: Usual, now: datetime
) -> RowWords:
    if progress is not None and progress.next_try_at is not None:
        return RowWords(right=f"next try in {until(progress.next_try_at, now)}")
    if status.network is Network.SLOWED_DOWN and status.next_try_at is not None:
        return RowWords(right=f"next try in {until(status.next_try_at, now)}")
    text = describe_draft(job.draft)
    if job.service is Service.RUNWARE and usual.cost_usd is not None:
        return RowWords(right=f"{text} · about {money(usual.cost_usd)}", brief=text)
    return RowWords(right=text)


def _describe_sending(job: Job, progress: JobProgress | None, now: datetime) -> RowWords:
    if progress is not None and progress.next_try_at is not None:
        words = f"next try in {until(progress.next_try_at, now)}"
        return RowWords(right=words, has_bar=True, fraction=0.0, stalled=True)
    if progress is None or progress.activity is not Activity.UPLOADING or not progress.total_bytes:
        return RowWords(right="sending", has_bar=True)
    share = progress.done_bytes / progress.total_bytes
    what = "first frame" if job.draft.last_frame is None else "frames"
    size = bytes_of(progress.done_bytes, progress.total_bytes)
    return RowWords(right=f"sending {what}, {size}", brief=size, has_bar=True, fraction=share)


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
    share = None if not usual_s else min(_MOST_OF_THE_BAR, elapsed / usual_s)
    if status.network in _DOWN:
        last = None if progress is None else progress.last_answer_at
        asked = "not checked yet" if last is None else f"last checked {time_of_day(last, now)}"
        return RowWords(right=asked, has_bar=True, fraction=share or 0.0, stalled=True)
    if state is DisplayState.TAKING_LONG:
        spoken = f"{spoken_time(elapsed)}, unusually long"
        return RowWords(lead=clock(elapsed), right="unusually long", has_bar=True, spoken=spoken)
    if usual_s is None:
        share = None if progress is None or progress.percent is None else progress.percent / 100
        spoken = speak_elapsed(elapsed, None)
        return RowWords(lead=clock(elapsed), has_bar=True, fraction=share, spoken=spoken)
    if elapsed > usual_s:
        spoken = f"{spoken_time(elapsed)}, longer than the usual {spoken_time(usual_s)}"
        right = f"longer than the usual {clock(usual_s)}"
        return RowWords(
            lead=clock(elapsed), right=right, brief="over the usual", has_bar=True, spoken=spoken
        )
    return RowWords(
        lead=clock(elapsed),
        right=f"of about {clock(usual_s)}",
        has_bar=True,
        fraction=share,
        spoken=speak_elapsed(elapsed, usual_s),
    )


def _describe_download(
    state: DisplayState, progress: JobProgress | None, now: datetime
) -> RowWords:
    done = 0 if progress is None else progress.done_bytes
    total = None if progress is None else progress.total_bytes
    words = bytes_of(done, total) if done or total else ""
    fraction = done / total if total else None
    if state is DisplayState.DOWNLOADING:
        return RowWords(lead=words, has_bar=True, fraction=fraction)
    brief = words
    if progress is not None and progress.next_try_at is not None:
        brief = f"next try in {until(progress.next_try_at, now)}"
        words = f"{words}, {brief}".removeprefix(", ")
    elif words:
        words = f"{words}, goes on from here"
    return RowWords(right=words, brief=brief, has_bar=True, fraction=fraction or 0.0, stalled=True)


def _describe_failed(job: Job, now: datetime) -> RowWords:
    short = failure_in_short(job.error_code, job.error_service_code)
    if job.error_code == "insufficient_credits":
        return RowWords(extra=_ended(job, now), right=short, link="Retry", link_act=RowAct.RETRY)
    return RowWords(extra=short or _ended(job, now), link="See why")


def _describe_done(job: Job) -> str:
    parts: list[str] = []
    if job.service is Service.SANDBOX:
        parts.append("practice")
    elif job.cost_usd is not None:
        parts.append(money(job.cost_usd))
    if job.submitted_at is not None and job.ended_at is not None:
        parts.append(f"took {clock((job.ended_at - job.submitted_at).total_seconds())}")
    return " · ".join(parts)


def _ended(job: Job, now: datetime) -> str:
    return clock_time(job.ended_at or job.updated_at, now)


def _moment(moment: datetime, now: datetime) -> str:
    """``today 14:21``, ``Yesterday 23:10``."""
    text = time_of_day(moment, now)
    return f"today {text}" if moment.astimezone(now.tzinfo).date() == now.date() else text
