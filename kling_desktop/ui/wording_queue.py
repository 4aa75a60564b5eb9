"""The words of the queue panel: rows, cards, actions, and what a screen reader says."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kling_desktop.domain.changes import (
    Activity,
    EngineStatus,
    JobProgress,
    Network,
    PauseReason,
)
from kling_desktop.domain.display import DisplayState
from kling_desktop.domain.job import Job, Service
from kling_desktop.domain.money import Usual
from kling_desktop.storage.draft_store import SavedDraft
from kling_desktop.ui.figures import (
    bytes_of,
    clock,
    count_of,
    money,
    spoken_time,
    time_of_day,
    until,
)
from kling_desktop.ui.wording import describe_draft, state_word
from kling_desktop.ui.wording_trouble import describe_charge, describe_failure, failure_in_short


@dataclass(frozen=True, slots=True)
class RowWords:
    """What stands in the second line of a row.

    Attributes:
        extra: Behind the state's word.
        right: At the right end.
        link: A word at the right end that can be clicked; empty for none.
        fraction: How far the bar is, None for a sweep; without a bar see `has_bar`.
    """

    extra: str = ""
    right: str = ""
    link: str = ""
    has_bar: bool = False
    fraction: float | None = None


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
            return RowWords(right=_describe_waiting(job, progress, status, usual, now))
        case DisplayState.WAITING_FOR_NETWORK:
            return RowWords(right="ready to send")
        case DisplayState.OTHER_SERVICE:
            where = "the sandbox" if job.service is Service.SANDBOX else "Runware"
            return RowWords(right=f"waits for {where}")
        case DisplayState.SUBMITTING:
            return _describe_sending(progress)
        case DisplayState.ASKING:
            return RowWords(right="asking Runware", has_bar=True)
        case DisplayState.SENT_OR_NOT:
            return RowWords(right=time_of_day(job.submitted_at or job.updated_at, now))
        case DisplayState.GENERATING | DisplayState.TAKING_LONG:
            return _describe_generating(job, state, progress, status, usual, now)
        case DisplayState.STOPPED_WAITING:
            return RowWords(right="collected if it comes")
        case DisplayState.DOWNLOADING | DisplayState.DOWNLOAD_WAITING:
            return _describe_download(state, progress, now)
        case DisplayState.DONE:
            return RowWords(extra=_ended(job, now), right=_describe_done(job))
        case DisplayState.FAILED:
            short = failure_in_short(job.error_code, job.error_service_code)
            return RowWords(extra=short or _ended(job, now), link="See why")
        case DisplayState.CANCELLED:
            sent = job.submitted_at is not None
            words = "after sending" if sent else "before sending, not charged"
            return RowWords(extra=_ended(job, now), right=words)
        case DisplayState.OUTCOME_UNKNOWN:
            return RowWords(extra=_ended(job, now), right="cost not known")


def describe_saved(saved: SavedDraft) -> tuple[str, str, str]:
    """Title, right side and link of a draft's row."""
    title = " ".join(saved.draft.prompt.split())
    if not title:
        frame = saved.draft.first_frame
        return (frame.name if frame else "Untitled draft", "no prompt yet", "Edit")
    return (title, "" if saved.draft.first_frame else "text only", "Add to queue")


def describe_queue(status: EngineStatus, about: str) -> str:
    """The second header row: ``2 running, 3 waiting, about $2.31``."""
    if status.needs_person and not status.running:
        return f"Needs you: {status.needs_person}"
    if status.pause is not None:
        if status.running:
            return f"Paused, {status.running} still running"
        return "Paused"
    if status.network in (Network.OFFLINE, Network.UNREACHABLE):
        unfinished = status.running + status.waiting
        if unfinished:
            return f"{count_of(unfinished, 'clip')} will go on when you’re online"
        return "Offline"
    parts: list[str] = []
    if status.running:
        parts.append(f"{status.running} running")
    if status.waiting:
        parts.append(f"{status.waiting} waiting")
    if parts and about:
        parts.append(about)
    return ", ".join(parts) or "Nothing running"


def can_resume(status: EngineStatus) -> bool:
    return status.pause is not None


def resume_obstacle(status: EngineStatus) -> str:
    """Why Resume alone would not help; empty when it does."""
    if status.pause is PauseReason.KEY_MISSING:
        return "Add an API key or switch to the sandbox."
    return ""


def speak_row(job: Job, state: DisplayState, words: RowWords) -> str:
    """What a screen reader says for a job's row."""
    parts = [state_word(state), words.extra, words.right, job.title]
    return ", ".join(part for part in parts if part)


def speak_elapsed(seconds: float, usual_s: float | None) -> str:
    spoken = spoken_time(seconds)
    return spoken if usual_s is None else f"{spoken} of about {spoken_time(usual_s)}"


class CardAction(StrEnum):
    """What the buttons of a card do."""

    CHECK = "check"
    SEND_AGAIN = "send_again"
    DISCARD = "discard"
    EDIT = "edit"
    RETRY = "retry"
    DETAILS = "details"
    ALLOW = "allow"


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


def describe_card(job: Job, state: DisplayState, usual: Usual) -> CardWords | None:
    """What a card says under a job's row; None when there is nothing to say."""
    if state in (DisplayState.SENT_OR_NOT, DisplayState.ASKING):
        risk = "" if usual.cost_usd is None else f", risk {money(usual.cost_usd)}"
        return CardWords(
            "We don’t know if this one was sent.",
            "The connection dropped while submitting. Runware may be making it already.",
            "warning",
            (
                (CardAction.CHECK, "Check with Runware"),
                (CardAction.SEND_AGAIN, f"Send again{risk}"),
                (CardAction.DISCARD, "Discard"),
            ),
            note="Checking is free. Sending again could be charged twice.",
        )
    if state is DisplayState.FAILED:
        title, text = describe_failure(
            job.error_code, job.error_detail, charged=describe_charge(job)
        )
        can_edit = job.error_code in ("content_rejected", "request_rejected", "model_gone")
        first = (CardAction.EDIT, "Edit and retry") if can_edit else (CardAction.RETRY, "Retry")
        return CardWords(title, text, "danger", (first, (CardAction.DETAILS, "Show details")))
    return None


def _describe_waiting(
    job: Job, progress: JobProgress | None, status: EngineStatus, usual: Usual, now: datetime
) -> str:
    if progress is not None and progress.next_try_at is not None:
        return f"next try in {until(progress.next_try_at, now)}"
    if status.network is Network.SLOWED_DOWN and status.next_try_at is not None:
        return f"next try in {until(status.next_try_at, now)}"
    text = describe_draft(job.draft)
    if job.service is Service.RUNWARE and usual.cost_usd is not None:
        return f"{text} · about {money(usual.cost_usd)}"
    return text


def _describe_sending(progress: JobProgress | None) -> RowWords:
    if progress is None or progress.activity is not Activity.UPLOADING or not progress.total_bytes:
        return RowWords(right="sending", has_bar=True)
    share = progress.done_bytes / progress.total_bytes
    words = f"sending picture, {bytes_of(progress.done_bytes, progress.total_bytes)}"
    return RowWords(right=words, has_bar=True, fraction=share)


def _describe_generating(
    job: Job,
    state: DisplayState,
    progress: JobProgress | None,
    status: EngineStatus,
    usual: Usual,
    now: datetime,
) -> RowWords:
    elapsed = max(0.0, (now - (job.submitted_at or job.updated_at)).total_seconds())
    if status.network in (Network.OFFLINE, Network.UNREACHABLE):
        last = None if progress is None else progress.last_answer_at
        asked = "not checked yet" if last is None else f"last checked {time_of_day(last, now)}"
        fraction = None if usual.took_s is None else min(0.95, elapsed / usual.took_s)
        return RowWords(right=asked, has_bar=True, fraction=fraction or 0.0)
    if state is DisplayState.TAKING_LONG:
        return RowWords(right=f"{clock(elapsed)}, unusually long", has_bar=True)
    if usual.took_s is None:
        share = None if progress is None or progress.percent is None else progress.percent / 100
        return RowWords(right=clock(elapsed), has_bar=True, fraction=share)
    if elapsed > usual.took_s:
        words = f"{clock(elapsed)} longer than the usual {clock(usual.took_s)}"
        return RowWords(right=words, has_bar=True)
    words = f"{clock(elapsed)} of about {clock(usual.took_s)}"
    return RowWords(right=words, has_bar=True, fraction=min(0.95, elapsed / usual.took_s))


def _describe_download(
    state: DisplayState, progress: JobProgress | None, now: datetime
) -> RowWords:
    done = 0 if progress is None else progress.done_bytes
    total = None if progress is None else progress.total_bytes
    words = bytes_of(done, total) if done or total else ""
    if state is DisplayState.DOWNLOAD_WAITING:
        if progress is not None and progress.next_try_at is not None:
            words = f"{words}, next try in {until(progress.next_try_at, now)}".lstrip(", ")
        elif words:
            words = f"{words}, goes on from here"
    fraction = done / total if total else None
    return RowWords(right=words, has_bar=True, fraction=fraction)


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
    moment = (job.ended_at or job.updated_at).astimezone(now.tzinfo)
    return moment.strftime("%H:%M")
