"""The words of the library, the viewer and Details; knows no Qt."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from kling_desktop.domain.draft import FrameRole
from kling_desktop.domain.job import JobState
from kling_desktop.domain.receipt import EventKind, JobEvent
from kling_desktop.domain.video import Video
from kling_desktop.storage.stores.video_query import VideoSort
from kling_desktop.wording.formatting import clock, count_of, money, time_of_day
from kling_desktop.wording.models import model_name


class Scope(StrEnum):
    """What the library shows before any filter."""

    ALL = "all"
    FAVOURITES = "favourites"
    NEW = "new"
    PRACTICE = "practice"
    TRASH = "trash"


class Period(StrEnum):
    """The choices of the Date chip."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


SCOPE_WORDS = {
    Scope.ALL: "All clips",
    Scope.FAVOURITES: "Favourites",
    Scope.NEW: "New",
    Scope.PRACTICE: "Practice",
    Scope.TRASH: "Trash",
}
ORDER_WORDS = {
    VideoSort.NEWEST: "Newest first",
    VideoSort.OLDEST: "Oldest first",
    VideoSort.LONGEST: "Longest first",
    VideoSort.COST: "Highest cost first",
}
PERIOD_WORDS = {
    Period.TODAY: "Today",
    Period.YESTERDAY: "Yesterday",
    Period.WEEK: "Last 7 days",
    Period.MONTH: "Last 30 days",
    Period.YEAR: "This year",
}
NOTHING_SELECTED = ("Nothing selected", "Choose a clip to see how it was made.")
NOT_STATED = "not stated"
MIXED = "mixed"


def empty_words(scope: Scope, *, filtered: bool) -> tuple[str, str]:
    """Return the title and the sentence of a library that shows no tile."""
    if filtered:
        return ("No clips match", "Try fewer words or clear the filters.")
    match scope:
        case Scope.ALL:
            return (
                "Your clips will live here",
                "Drop a picture anywhere in this window to start. Finished clips are saved as "
                "ordinary files in your library folder.",
            )
        case Scope.FAVOURITES:
            return ("No favourites yet", "Press F on a clip you like.")
        case Scope.NEW:
            return ("Nothing new", "Clips you have not looked at yet show up here.")
        case Scope.PRACTICE:
            return ("No practice clips", "Clips made in the sandbox show up here.")
        case Scope.TRASH:
            return ("The trash is empty", "Clips you move to the trash show up here.")


def length_pill(duration_s: float) -> str:
    """``0:05``: the pill on a tile."""
    return clock(round(duration_s))


def seconds_words(duration_s: float) -> str:
    """``5 s``, and ``5.2 s`` where it is no whole number."""
    rounded = round(duration_s)
    exact = abs(duration_s - rounded) < 0.15
    return f"{rounded} s" if exact else f"{duration_s:.1f} s"


def clip_spoken(video: Video) -> str:
    """What a screen reader says for a tile."""
    parts = [
        "Clip",
        video.title.rstrip("."),
        count_of(round(video.facts.duration_s), "second"),
        model_name(video.draft.model),
    ]
    marks = (
        (video.practice, "practice"),
        (video.favourite, "favourite"),
        (not video.seen, "new"),
        (video.missing, "file moved"),
    )
    parts.extend(word for said, word in marks if said)
    return ", ".join(parts)


def shape_words(width: int, height: int) -> str:
    """``1280 × 720, 16:9``; the shape is left out where it is no simple one."""
    size = f"{width} × {height}"
    ratio = find_shape(width, height)
    return f"{size}, {ratio}" if ratio else size


def find_shape(width: int, height: int) -> str:
    """Return the well-known shape a size comes closest to, within 2 %; else an empty string."""
    if not width or not height:
        return ""
    known = {"16:9": 16 / 9, "1:1": 1.0, "9:16": 9 / 16, "4:3": 4 / 3, "3:4": 3 / 4, "3:2": 1.5}
    name, ratio = min(known.items(), key=lambda pair: abs(pair[1] - width / height))
    return name if abs(ratio / (width / height) - 1) < 0.02 else ""


def codec_words(codec: str) -> str:
    names = {"h264": "H.264", "hevc": "H.265", "h265": "H.265", "av1": "AV1", "vp9": "VP9"}
    return names.get(codec.lower(), codec.upper())


def rate_words(fps: float) -> str:
    return f"{fps:.2f}".rstrip("0").rstrip(".") + " fps"


def cost_words(cost_usd: Decimal | None, *, practice: bool) -> str:
    """What a clip cost, never a guess."""
    if practice:
        return "Free, practice clip"
    return money(cost_usd) if cost_usd is not None else NOT_STATED


def made_words(video: Video, now: datetime) -> str:
    """``Today 13:40, took 3:04``."""
    moment = time_of_day(video.made_at, now)
    if video.made_at.astimezone(now.tzinfo).date() == now.date():
        moment = f"Today {moment}"
    return moment if video.took_s is None else f"{moment}, took {clock(video.took_s)}"


def role_word(role: FrameRole) -> str:
    return "First" if role is FrameRole.FIRST else "Last"


def short_id(task_id: str) -> str:
    """``24cd5dff-cb81…f9d1``: enough to compare by eye; copying gives the whole."""
    return f"{task_id[:13]}…{task_id[-4:]}" if len(task_id) > 20 else task_id


def frame_words(frame: int, frames: int) -> str:
    """``frame 71 of 150``; `frame` counts from zero."""
    return f"frame {frame + 1} of {frames}"


def timecode(frame: int, fps: float) -> str:
    """``00:02.10``: minutes, seconds and the frame inside the second; `frame` from zero."""
    rate = max(1, round(fps))
    seconds, rest = divmod(frame, rate)
    return f"{seconds // 60:02}:{seconds % 60:02}.{rest:02}"


def speed_words(speed: float) -> str:
    """``1×``, ``0.5×``."""
    return f"{speed:g}×"


def trashed_words(count: int) -> str:
    return f"Moved {count_of(count, 'clip')} to the trash"


def selected_words(count: int) -> str:
    return f"{count:,} selected"


def shown_words(shown: int, total: int) -> str:
    """``18 of 48``."""
    return f"{shown:,} of {total:,}"


_STATE_LINES = {
    JobState.QUEUED: "Queued",
    JobState.SUBMITTING: "Sent to the service",
    JobState.UNCONFIRMED: "No clear answer",
    JobState.RUNNING: "Accepted, generating",
    JobState.DOWNLOADING: "Ready, downloading",
    JobState.DONE: "In the library",
    JobState.FAILED: "Failed",
    JobState.CANCELLED: "Cancelled",
}
_KIND_LINES = {
    EventKind.STATE: "Changed",
    EventKind.SENT: "Request sent",
    EventKind.ANSWER: "Answer",
    EventKind.TROUBLE: "Trouble",
    EventKind.USER: "You",
    EventKind.FILE: "File",
}


_SAID_ELSEWHERE = frozenset(
    {
        "submitted_at",  # the line's own time
        "accepted_at",
        "watching",
        "frame_form",  # the request shows it
        "file",  # facts of the clip, which stand above and below the time line
        "sha256",
        "seed",
        "cost_usd",
        "result_id",
    }
)
_FACT_WORDS = {
    "attempts": "try {}",
    "body_bytes": "{} bytes",
    "result_host": "from {}",
    "error_code": "{}",
    "error_service_code": "code {}",
    "error_detail": "{}",
}


def event_words(event: JobEvent) -> str:
    """One line of a receipt's time line, its facts behind it in brackets; no empty ones."""
    name = _STATE_LINES[event.after] if event.after is not None else _KIND_LINES[event.kind]
    facts = ", ".join(
        _FACT_WORDS.get(key, f"{key.replace('_', ' ')} {{}}").format(value)
        for key, value in event.facts.items()
        if key not in _SAID_ELSEWHERE and value not in ("", None)
    )
    return f"{name} ({facts})" if facts else name


def shared(values: Sequence[str]) -> str:
    """Return what several clips have in common, or the word for that they have not."""
    return values[0] if values and all(value == values[0] for value in values) else MIXED
