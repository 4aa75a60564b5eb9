from datetime import datetime, timedelta, timezone

from kling_desktop.domain.catalog import ModelId
from kling_desktop.storage.stores.video_query import VideoQuery, VideoSort
from kling_desktop.ui.library.library_query import (
    LibraryChoice,
    Period,
    Scope,
    build_query,
    build_scope_query,
)

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=timezone(timedelta(hours=2)))
MIDNIGHT = NOW.replace(hour=0, minute=0)


def test_nothing_chosen_asks_for_everything() -> None:
    assert build_query(LibraryChoice(), NOW) == VideoQuery()
    assert not LibraryChoice(scope=Scope.NEW, sort=VideoSort.COST).is_filtered


def test_scopes() -> None:
    def query(scope: Scope) -> VideoQuery:
        return build_query(LibraryChoice(scope=scope), NOW)

    assert query(Scope.FAVOURITES).favourites_only
    assert query(Scope.NEW).unseen_only
    assert query(Scope.PRACTICE).practice_only is True
    assert query(Scope.TRASH).trashed
    for scope in Scope:
        assert build_scope_query(LibraryChoice(scope=scope, text="x")) == query(scope)


def test_chips() -> None:
    choice = LibraryChoice(
        text=" fox ", favourites=True, models=(ModelId("klingai:5@2"),), shape="1:1", length_s=10
    )
    query = build_query(choice, NOW)
    assert (query.text, query.favourites_only, query.shapes, query.lengths) == (
        "fox",
        True,
        ("1:1",),
        (10,),
    )
    assert query.models == ("klingai:5@2",)
    assert choice.is_filtered
    assert choice.without_filters() == LibraryChoice()


def test_days_are_the_persons_own() -> None:
    def bounds(period: Period) -> tuple[datetime | None, datetime | None]:
        query = build_query(LibraryChoice(period=period), NOW)
        return query.made_after, query.made_before

    assert bounds(Period.TODAY) == (MIDNIGHT, None)
    assert bounds(Period.YESTERDAY) == (MIDNIGHT - timedelta(days=1), MIDNIGHT)
    assert bounds(Period.WEEK) == (MIDNIGHT - timedelta(days=6), None)
    assert bounds(Period.MONTH) == (MIDNIGHT - timedelta(days=29), None)
    assert bounds(Period.YEAR) == (MIDNIGHT.replace(month=1, day=1), None)
