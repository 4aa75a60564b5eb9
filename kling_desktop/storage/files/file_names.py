"""What a clip is called on disk: names that every system allows and people can read."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime

from kling_desktop.domain.catalog import MODELS_BY_ID, ModelId
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.errors import DamagedValue
from kling_desktop.domain.job import TaskId
from kling_desktop.domain.reasons import Reason

DEFAULT_NAME_PATTERN = "{year}-{month}/{prompt}_{id}"
NAME_FIELDS = (
    "prompt", "model", "id", "date", "time", "year", "month", "day", "length", "shape",
)  # fmt: skip
"""What may stand in curly brackets in a name pattern."""
VIDEO_SUFFIX = ".mp4"

_MOST_BYTES = 120
"""Of one part of a path: file systems take 255, encrypted ones 143, Windows 260 for all parts."""
_PROMPT_BYTES = 48
_MOST_PARTS = 4
_FIELD = re.compile(r"\{([^{}/\\]*)\}")
_FORBIDDEN = re.compile(r'[<>:"|?*\\/\x00-\x1f\x7f]')
_RESERVED = re.compile(
    r"^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)", re.IGNORECASE
)
_HIDDEN_KINDS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def plan_file_name(pattern: str, draft: Draft, task_id: TaskId, made_at: datetime) -> str:
    """Name a clip: a path relative to the library, with forward slashes, ending in ``.mp4``.

    The same input gives the same name.  The task's id is always in it, so that two clips never
    share one, on a disk that ignores case either.  A pattern that makes no sense falls back to
    the default one.

    Args:
        pattern: As in the settings: words, ``/`` for folders, ``NAME_FIELDS`` in brackets.
        draft: What was asked for.
        task_id: Makes the name unique.
        made_at: Shown as it stands, in its own time zone.
    """
    if find_pattern_problem(pattern) is not None:
        pattern = DEFAULT_NAME_PATTERN
    if "{id}" not in pattern:
        pattern = f"{pattern.rstrip('/')}_{{id}}"
    fields = _fill_fields(draft, task_id, made_at)
    parts = [
        safe_part(_FIELD.sub(lambda match: fields[match[1]], part))
        for part in pattern.replace("\\", "/").split("/")
        if part.strip()
    ]
    return "/".join(parts) + VIDEO_SUFFIX


def find_pattern_problem(pattern: str) -> DamagedValue | None:
    """Say what is wrong with a name pattern; None when all is well."""
    unknown = [name for name in _FIELD.findall(pattern) if name not in NAME_FIELDS]
    if unknown:
        return DamagedValue(Reason.PATTERN_UNKNOWN_FIELD, facts={"field": unknown[0]})
    parts = [part for part in re.split(r"[\\/]", pattern) if part.strip()]
    if not parts:
        return DamagedValue(Reason.PATTERN_EMPTY)
    if len(parts) > _MOST_PARTS:
        return DamagedValue(Reason.PATTERN_TOO_DEEP, facts={"limit": _MOST_PARTS - 1})
    if any(set(part.strip()) == {"."} for part in parts):
        return DamagedValue(Reason.PATTERN_DOTS)
    return None


def example_name(pattern: str) -> str:
    """Show what a pattern makes of an ordinary clip.

    Raises:
        DamagedValue: The pattern has a problem.
    """
    problem = find_pattern_problem(pattern)
    if problem is not None:
        raise problem
    draft = Draft(prompt="Lanterns rise over the river")
    made_at = datetime(2026, 11, 4, 18, 30, tzinfo=UTC)
    return plan_file_name(pattern, draft, TaskId("a41c5bd0-0000-4000-8000-000000000000"), made_at)


def longest_file_name(pattern: str) -> str:
    """Return the longest name that a pattern gives: of a clip whose words fill the room."""
    draft = Draft(prompt="w" * _PROMPT_BYTES, model=max(MODELS_BY_ID, key=_model_name_length))
    made_at = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    return numbered(plan_file_name(pattern, draft, TaskId("0" * 36), made_at), 10)


def _model_name_length(model: ModelId) -> int:
    return len(slug(MODELS_BY_ID[model].short_name))


def safe_part(text: str) -> str:
    """Make one part of a path that is allowed on Windows, macOS and Linux; never empty."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(c for c in text if unicodedata.category(c) not in _HIDDEN_KINDS)
    text = cut_bytes(_FORBIDDEN.sub("-", text).lstrip(" ."), _MOST_BYTES).rstrip(" .")
    if _RESERVED.match(text):
        text = f"_{text}"
    return text or "clip"


def cut_bytes(text: str, most_bytes: int) -> str:
    """Shorten a text to a number of bytes of UTF-8, never in the middle of a character."""
    return text.encode("utf-8", "ignore")[:most_bytes].decode("utf-8", "ignore")


def numbered(relative: str, number: int) -> str:
    """Name the next try when a name is taken: ``clip.mp4``, ``clip (2).mp4``."""
    stem, dot, suffix = relative.rpartition(".")
    return f"{stem} ({number}){dot}{suffix}"


def slug(text: str, most_bytes: int = _PROMPT_BYTES) -> str:
    """Join the letters and digits of a text, of any script, with hyphens, in lower case.

    Emoji and punctuation fall away; words are kept whole as long as there is room.
    """
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).lower())
    words = "".join(c if _is_letter(c) else " " for c in text).split()
    made = ""
    for word in words:
        longer = f"{made}-{word}" if made else word
        if len(longer.encode("utf-8", "ignore")) > most_bytes:
            break
        made = longer
    return made or cut_bytes(words[0], most_bytes) if words else ""


def _is_letter(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character) in ("Mn", "Mc")


def short_id(task_id: TaskId) -> str:
    """Shorten a task's id to what stands in the name of its clip."""
    return re.sub(r"[^0-9a-f]", "", task_id.lower())[:8] or "00000000"


def _fill_fields(draft: Draft, task_id: TaskId, made_at: datetime) -> Mapping[str, str]:
    frame = draft.first_frame
    picture = "" if frame is None else frame.name.rsplit(".", 1)[0]
    spec = MODELS_BY_ID.get(draft.model)
    size = draft.dimensions
    return {
        "prompt": slug(draft.prompt) or slug(picture) or "clip",
        "model": slug(draft.model if spec is None else spec.short_name),
        "id": short_id(task_id),
        "date": made_at.strftime("%Y-%m-%d"),
        "time": made_at.strftime("%H%M%S"),
        "year": f"{made_at.year:04d}",
        "month": made_at.strftime("%m"),
        "day": made_at.strftime("%d"),
        "length": f"{draft.duration_s}s",
        "shape": "frame" if size is None else size.aspect_ratio.replace(":", "x"),
    }
