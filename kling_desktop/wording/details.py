"""The words of Details: how a clip was made, and its receipt."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from kling_desktop.domain.draft import FrameRole
from kling_desktop.domain.job import JobState
from kling_desktop.domain.receipt import EventKind, JobEvent, Receipt
from kling_desktop.domain.video import Video
from kling_desktop.wording.clips import describe_cost
from kling_desktop.wording.formatting import (
    clock,
    join_words,
    money,
    number,
    seconds_words,
    time_of_day,
)
from kling_desktop.wording.translation import N_, _, ngettext

NOTHING_SELECTED = (N_("Nothing selected"), N_("Choose a clip to see how it was made."))
NO_PROMPT = N_("No prompt")
PLAY_CLIP = N_("Play this clip")
RECEIPT = N_("Receipt")
COPY_RECEIPT = N_("Copy receipt")
REQUEST_AS_SENT = N_("Request as sent")
SOURCE_FRAMES = N_("Source frames")
FRAME_LOST = N_("The app has no copy of this picture.")
TAKES = N_("Takes")
COMPARE_TAKES = N_("Compare A and B")

MODEL = N_("Model")
SIZE = N_("Size")
LENGTH = N_("Length")
STRENGTH = N_("Strength")
NEGATIVE_PROMPT = N_("Negative prompt")
PROMPT = N_("Prompt")
SEED = N_("Seed")
MADE = N_("Made")
COST = N_("Cost")
FILE = N_("File")
ON_DISK = N_("On disk")
TASK_ID = N_("Task ID")

_CODECS = {"h264": "H.264", "hevc": "H.265", "h265": "H.265", "av1": "AV1", "vp9": "VP9"}
_SHAPES = {"16:9": 16 / 9, "1:1": 1.0, "9:16": 9 / 16, "4:3": 4 / 3, "3:4": 3 / 4, "3:2": 1.5}

# ---------------------------------------------------------------------- facts


def speak_prompt(prompt: str) -> str:
    return _("Prompt: {prompt}").format(prompt=prompt or _("none"))


def speak_fact(label: str, value: str) -> str:
    return _("{label}: {value}").format(label=label, value=value)


def name_copy(label: str) -> str:
    """Name the button that copies a value."""
    return _("Copy {label}").format(label=label)


def write_seconds(duration_s: float) -> str:
    """``5 s``, and ``5.2 s`` where it is no whole number."""
    rounded = round(duration_s)
    exact = abs(duration_s - rounded) < 0.15
    return seconds_words(rounded) if exact else seconds_words(duration_s, 1)


def describe_length(duration_s: float, fps: float) -> str:
    """``5 s at 30 fps``."""
    return _("{length} at {rate}").format(length=write_seconds(duration_s), rate=write_rate(fps))


def write_rate(fps: float) -> str:
    """``30 fps``, ``23.98 fps``."""
    digits = next(
        digits for digits in (0, 1, 2) if digits == 2 or round(fps, digits) == round(fps, 2)
    )
    return _("{rate} fps").format(rate=number(fps, digits))


def describe_shape(width: int, height: int) -> str:
    """``1280 × 720, 16:9``; the shape is left out where it is no simple one."""
    return join_words((f"{width} × {height}", find_shape(width, height)))


def find_shape(width: int, height: int) -> str:
    """Return the well-known shape a size comes closest to, within 2 %; else an empty string."""
    if not width or not height:
        return ""
    name, ratio = min(_SHAPES.items(), key=lambda pair: abs(pair[1] - width / height))
    return name if abs(ratio / (width / height) - 1) < 0.02 else ""


def name_codec(codec: str) -> str:
    return _CODECS.get(codec.lower(), codec.upper())


def name_unknown_model(model: str) -> str:
    """Name a model that the catalogue does not have: its id, as far as one is known."""
    return model or _("not known")


def describe_file(name: str, *, missing: bool) -> str:
    return _("{name} (moved)").format(name=name) if missing else name


def describe_making(video: Video, now: datetime) -> str:
    """``Today 13:40, took 3:04``."""
    moment = time_of_day(video.made_at, now)
    if video.made_at.astimezone(now.tzinfo).date() == now.date():
        moment = _("Today {time}").format(time=moment)
    if video.took_s is None:
        return moment
    return _("{moment}, took {time}").format(moment=moment, time=clock(video.took_s))


def sum_costs(videos: Sequence[Video]) -> str:
    """Say what several clips cost together; practice clips are no money.

    What no service stated to this library is counted beside the sum, never guessed.
    """
    paid = [video for video in videos if not video.practice]
    if not paid:
        return describe_cost(None, practice=True)
    stated = [video.paid_usd for video in paid if video.paid_usd is not None]
    unstated = len(paid) - len(stated)
    total = money(sum(stated, Decimal(0)))
    if not unstated:
        return total
    words = ngettext("{total}, {count} not stated", "{total}, {count} not stated", unstated)
    return words.format(total=total, count=number(unstated))


def find_common(values: Sequence[str]) -> str:
    """Return what several clips have in common, or the word for that they differ."""
    alike = bool(values) and all(value == values[0] for value in values)
    return values[0] if alike else _("mixed")


def name_role(role: FrameRole) -> str:
    return _("First") if role is FrameRole.FIRST else _("Last")


def speak_frame(role: FrameRole, name: str, width: int, height: int) -> str:
    words = (
        _("First frame, {name}, {width} by {height}")
        if role is FrameRole.FIRST
        else _("Last frame, {name}, {width} by {height}")
    )
    return words.format(name=name, width=width, height=height)


def speak_lost_frame(role: FrameRole, name: str) -> str:
    """Name a frame of which the app has no copy."""
    words = (
        _("First frame, {name}, not here")
        if role is FrameRole.FIRST
        else _("Last frame, {name}, not here")
    )
    return words.format(name=name)


def name_lost_frame(name: str) -> str:
    """The line under a frame of which the app has no copy."""
    return _("{name}, not here").format(name=name)


def shorten_id(task_id: str) -> str:
    """``24cd5dff-cb81…f9d1``: enough to compare by eye; copying gives the whole."""
    return f"{task_id[:13]}…{task_id[-4:]}" if len(task_id) > 20 else task_id


# ---------------------------------------------------------------------- the receipt

_STATE_LINES = {
    JobState.QUEUED: N_("Queued"),
    JobState.SUBMITTING: N_("Sent to the service"),
    JobState.UNCONFIRMED: N_("No clear answer"),
    JobState.RUNNING: N_("Accepted, generating"),
    JobState.DOWNLOADING: N_("Ready, downloading"),
    JobState.DONE: N_("In the library"),
    JobState.FAILED: N_("Failed"),
    JobState.CANCELLED: N_("Cancelled"),
}
_KIND_LINES = {
    EventKind.STATE: N_("Changed"),
    EventKind.SENT: N_("Request sent"),
    EventKind.ANSWER: N_("Answer"),
    EventKind.TROUBLE: N_("Trouble"),
    EventKind.USER: N_("You"),
    EventKind.FILE: N_("File"),
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
_FACTS = {
    "attempts": N_("try {value}"),
    "http_status": N_("HTTP status {value}"),
    "body_bytes": N_("{value} bytes"),
    "result_host": N_("from {value}"),
    "error_service_code": N_("code {value}"),
}
_WISHES: dict[object, str] = {"edit": N_("edited"), "send_again": N_("sent again")}
"""What the user did to a job."""
_AS_THEY_ARE = frozenset({"error_code", "error_detail"})
"""Codes and the service's own words."""
_PRICES = frozenset({"cost", "cost_usd", "price", "price_usd"})


def describe_event(event: JobEvent, *, practice: bool = False) -> str:
    """One line of a receipt's time line, its facts behind it in brackets; no empty ones.

    In the receipt of a practice clip no price stands, whatever the sandbox answered.
    """
    name = _(_STATE_LINES[event.after] if event.after is not None else _KIND_LINES[event.kind])
    facts = join_words(
        _describe_event_fact(key, value)
        for key, value in event.facts.items()
        if key not in _SAID_ELSEWHERE
        and value not in ("", None)
        and not (practice and key in _PRICES)
    )
    return _("{name} ({facts})").format(name=name, facts=facts) if facts else name


def _describe_event_fact(key: str, value: object) -> str:
    if key in _AS_THEY_ARE:
        return str(value)
    if key == "wish" and value in _WISHES:
        return _(_WISHES[value])
    if key in _FACTS:
        return _(_FACTS[key]).format(value=value)
    return _("{name}: {value}").format(name=key, value=value)  # a fact of another version


def describe_digest(digest: str) -> str:
    """The hash of a clip's file, in groups that can be compared by eye."""
    groups = " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))
    return _("SHA-256 of the file: {digest}").format(digest=groups)


def write_receipt(receipt: Receipt, request: str, *, practice: bool) -> str:
    """Write a receipt as plain text; it holds no key and no picture.

    Args:
        receipt: What is written down.
        request: The body as sent, as text; empty where nothing was sent.
        practice: The clip was made in the sandbox and cost nothing.
    """
    job, video = receipt.job, receipt.video
    lines = [
        _("Kling Desktop receipt, job {number}").format(number=job.id),
        _("Task ID: {task_id}").format(task_id=job.task_id),
        _("State: {state}").format(state=_(_STATE_LINES[job.state])),
        _("Cost: {cost}").format(cost=describe_cost(job.cost_usd, practice=practice)),
    ]
    if video is not None:
        lines.append(_("File: {name}").format(name=video.file))
        lines.append(f"SHA-256: {video.sha256}")
    lines.append("")
    lines += [
        f"{event.at.isoformat()}  {describe_event(event, practice=practice)}"
        for event in receipt.events
    ]
    if request:
        lines += ["", _("Request as sent:"), request]
    return "\n".join(lines)
