"""What the library's controls ask for, as one query; knows no Qt."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kling_desktop.domain.catalog import ModelId
from kling_desktop.storage.stores.video_query import VideoQuery, VideoSort


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


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryChoice:
    """The state of scope, search field, chips and sort menu.

    Attributes:
        text: As typed in the search field.
        shape: A name the store knows: ``16:9``, ``1:1``, ``9:16``; empty for all.
        length_s: Nominal seconds; 0 for all.
    """

    scope: Scope = Scope.ALL
    text: str = ""
    favourites: bool = False
    models: tuple[ModelId, ...] = ()
    shape: str = ""
    length_s: int = 0
    period: Period | None = None
    sort: VideoSort = VideoSort.NEWEST

    @property
    def is_filtered(self) -> bool:
        """Say whether anything but the scope narrows what is shown."""
        return bool(
            self.text.strip()
            or self.favourites
            or self.models
            or self.shape
            or self.length_s
            or self.period
        )

    def without_filters(self) -> "LibraryChoice":
        return LibraryChoice(scope=self.scope, sort=self.sort)


def build_query(choice: LibraryChoice, now: datetime) -> VideoQuery:
    """Turn the controls into what the store is asked; days are those of `now`'s time zone."""
    scope = choice.scope
    after, before = _find_bounds(choice.period, now)
    return VideoQuery(
        text=choice.text.strip(),
        favourites_only=choice.favourites or scope is Scope.FAVOURITES,
        unseen_only=scope is Scope.NEW,
        practice_only=True if scope is Scope.PRACTICE else None,
        trashed=scope is Scope.TRASH,
        models=choice.models,
        shapes=(choice.shape,) if choice.shape else (),
        lengths=(choice.length_s,) if choice.length_s else (),
        made_after=after,
        made_before=before,
        sort=choice.sort,
    )


def build_scope_query(choice: LibraryChoice) -> VideoQuery:
    """Return the query of the scope alone: what "18 of 48" counts behind its "of"."""
    return VideoQuery(
        favourites_only=choice.scope is Scope.FAVOURITES,
        unseen_only=choice.scope is Scope.NEW,
        practice_only=True if choice.scope is Scope.PRACTICE else None,
        trashed=choice.scope is Scope.TRASH,
    )


def _find_bounds(period: Period | None, now: datetime) -> tuple[datetime | None, datetime | None]:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    match period:
        case None:
            return None, None
        case Period.TODAY:
            return today, None
        case Period.YESTERDAY:
            return today - timedelta(days=1), today
        case Period.WEEK:
            return today - timedelta(days=6), None
        case Period.MONTH:
            return today - timedelta(days=29), None
        case Period.YEAR:
            return today.replace(month=1, day=1), None
