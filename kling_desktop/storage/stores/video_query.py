"""Which videos are asked for, and in which order: a user's search as a condition on columns."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kling_desktop.domain.catalog import ModelId
from kling_desktop.storage.rows.columns import Column, write_moment

_WORD = re.compile(
    r'(?:(?P<key>model|length|shape):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>\S+))', re.I
)
_TOKEN = re.compile(r"\w+")
_NO_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
)
"""Scripts written without spaces: their words are found anywhere in the text."""
_SHAPE_WORDS = {
    "square": ("1:1",),
    "landscape": ("16:9", "landscape"),
    "wide": ("16:9", "landscape"),
    "portrait": ("9:16", "portrait"),
    "tall": ("9:16", "portrait"),
}


class VideoSort(StrEnum):
    """The order of the wall."""

    NEWEST = "newest"
    OLDEST = "oldest"
    LONGEST = "longest"
    COST = "cost"


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoQuery:
    """What the wall shows.  The plain value means: everything that is not in the trash.

    Attributes:
        text: Words as typed; each must occur in prompt, model or file name, from its beginning.
            ``model:``, ``length:`` and ``shape:`` before a word look only there.
        practice_only: True for sandbox clips alone, False for none of them, None for both.
        trashed: Show what is in the trash instead.
        models: Any of these; empty means all.
        shapes: Any of these names of `shape_of`; ``landscape`` and ``portrait`` hold the named
            shapes too; empty means all.
        lengths: Any of these nominal seconds; empty means all.
        made_after: First moment that still counts.
        made_before: First moment that does not count any more.
    """

    text: str = ""
    favourites_only: bool = False
    unseen_only: bool = False
    practice_only: bool | None = None
    trashed: bool = False
    models: tuple[ModelId, ...] = ()
    shapes: tuple[str, ...] = ()
    lengths: tuple[int, ...] = ()
    made_after: datetime | None = None
    made_before: datetime | None = None
    sort: VideoSort = VideoSort.NEWEST


@dataclass(slots=True)
class Condition:
    """A WHERE clause and the values for its marks."""

    parts: list[str] = field(default_factory=list[str])
    values: list[Column] = field(default_factory=list[Column])

    def add(self, part: str, *values: Column) -> None:
        self.parts.append(part)
        self.values.extend(values)

    def add_any(self, column: str, wanted: tuple[Column, ...]) -> None:
        self.add(f"{column} IN ({', '.join('?' * len(wanted))})", *wanted)

    @property
    def sql(self) -> str:
        return " AND ".join(self.parts)


def build_condition(query: VideoQuery) -> Condition:
    """Turn a query into a condition on the table `videos`."""
    condition = Condition()
    condition.add("trashed_at IS NOT NULL" if query.trashed else "trashed_at IS NULL")
    if query.favourites_only:
        condition.add("favourite = 1")
    if query.unseen_only:
        condition.add("seen = 0")
    if query.practice_only is not None:
        condition.add("service = 'sandbox'" if query.practice_only else "service <> 'sandbox'")
    if query.models:
        condition.add_any("model", query.models)
    if query.shapes:
        _add_shapes(condition, query.shapes)
    if query.lengths:
        condition.add_any("duration_s", query.lengths)
    if query.made_after is not None:
        condition.add("made_at >= ?", write_moment(query.made_after))
    if query.made_before is not None:
        condition.add("made_at < ?", write_moment(query.made_before))
    _add_text(condition, query.text)
    return condition


def order_of(sort: VideoSort) -> str:
    """Return the ORDER BY of a sort; each has its index, and equal ones keep one order."""
    match sort:
        case VideoSort.NEWEST:
            return "made_at DESC, id DESC"
        case VideoSort.OLDEST:
            return "made_at, id"
        case VideoSort.LONGEST:
            return "film_duration_s DESC, id DESC"
        case VideoSort.COST:
            return "coalesce(cost_micros, -1) DESC, id DESC"


def _add_shapes(condition: Condition, names: tuple[str, ...]) -> None:
    wanted = {shape for name in names for shape in _SHAPE_WORDS.get(name, (name,))}
    condition.add_any("shape", tuple(sorted(wanted)))


def _add_text(condition: Condition, text: str) -> None:
    matches: list[str] = []
    for word in _WORD.finditer(text):
        key = (word["key"] or "").lower()
        value = (word["quoted"] if word["quoted"] is not None else word["plain"]).strip()
        match key:
            case "":
                matches += _find_anywhere(condition, value)
            case "model":
                matches += _find_model(condition, value)
            case "length":
                digits = re.sub(r"\D", "", value)[:6]
                condition.add("duration_s = ?", int(digits) if digits else -1)
            case _:
                _add_shapes(condition, (value.lower().replace("x", ":"),))
    if matches:
        condition.add(
            "id IN (SELECT rowid FROM video_words WHERE video_words MATCH ?)", " AND ".join(matches)
        )


def _find_anywhere(condition: Condition, word: str) -> list[str]:
    if _NO_SPACES.search(word):
        condition.add("instr(lower(prompt || ' ' || file_name), lower(?)) > 0", word)
        return []
    return _phrase(word)


def _find_model(condition: Condition, word: str) -> list[str]:
    if "@" in word:
        condition.add("model = ?", f"klingai:{word.lower().removeprefix('klingai:')}")
        return []
    return [f"model_name : {phrase}" for phrase in _phrase(word)]


def _phrase(text: str) -> list[str]:
    """Quote a word for FTS5, which reads ``2.5`` as two in a row; the star finds beginnings.

    Only letters and digits are passed on: what a user types is never FTS5's syntax.
    """
    tokens = _TOKEN.findall(text)
    return [f'"{" ".join(tokens)}" *'] if tokens else []
