import time
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from kling_desktop.domain.catalog import Dimensions, ModelId
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.events import VideoChange
from kling_desktop.domain.job import Service, TaskId
from kling_desktop.domain.video import Video, VideoId
from kling_desktop.storage.rows.video_rows import shape_of
from kling_desktop.storage.stores.video_query import (
    VideoQuery,
    VideoSort,
    build_condition,
    order_of,
)
from kling_desktop.storage.stores.video_store import VideoStore
from tests.storage.conftest import FACTS, START, Stores, make_video

MASTER, PRO = ModelId("klingai:5@3"), ModelId("klingai:6@1")


async def add(stores: Stores, number: int, prompt: str, **facts: object) -> Video:
    draft = facts.pop("draft", Draft(prompt=prompt))
    return await stores.videos.add(make_video(number, draft=draft, **facts))


def found(videos: VideoStore, **query: object) -> list[int]:
    return [row.id for row in videos.list_ids(VideoQuery(**query))]  # pyright: ignore[reportArgumentType]


async def test_a_video_comes_back_as_it_went_in(stores: Stores) -> None:
    changes: list[VideoChange] = []
    stores.videos.changed.subscribe(changes.append)
    new = make_video(1, took_s=161.5, seed=5, group_id="g", service=Service.SANDBOX)
    video = await stores.videos.add(new)
    assert video == Video(id=video.id, **{f: getattr(new, f) for f in new.__dataclass_fields__})
    assert stores.videos.get_video(video.id) == video
    assert stores.videos.find_by_task(new.task_id) == video
    assert changes == [VideoChange(video.id, video, added=True)]
    assert await stores.videos.add(new) == video
    assert len(changes) == 1
    (row,) = stores.videos.list_ids(VideoQuery())
    assert (row.id, row.practice, row.duration_s) == (video.id, True, 5.0)
    assert row.aspect == video.aspect
    assert datetime.fromisoformat(row.made_at) == new.made_at


async def test_what_is_not_there(stores: Stores) -> None:
    assert stores.videos.find_video(VideoId(1)) is None
    with pytest.raises(KeyError):
        stores.videos.get_video(VideoId(1))


async def test_videos_of_unknown_origin_are_all_kept(stores: Stores) -> None:
    for number in (1, 2):
        await stores.videos.add(make_video(number, task_id=TaskId("")))
    assert stores.videos.totals() == (2, 2 * FACTS.size_bytes)
    assert stores.videos.find_by_task(TaskId("")) is None


async def test_marks(stores: Stores) -> None:
    a, b = await add(stores, 1, "Fog"), await add(stores, 2, "Sea")
    changes: list[VideoChange] = []
    stores.videos.changed.subscribe(changes.append)
    await stores.videos.set_favourite([a.id, b.id], favourite=True)
    await stores.videos.set_favourite([a.id], favourite=True)  # nothing new, nothing told
    await stores.videos.mark_seen([a.id])
    await stores.videos.set_missing([b.id], missing=True)
    assert [change.video_id for change in changes] == [a.id, b.id, a.id, b.id]
    assert found(stores.videos, favourites_only=True) == [b.id, a.id]
    assert found(stores.videos, unseen_only=True) == [b.id]
    assert stores.videos.get_video(b.id).missing
    await stores.videos.set_file(b.id, "elsewhere/waves.mp4")
    moved = stores.videos.get_video(b.id)
    assert (moved.file, moved.missing) == ("elsewhere/waves.mp4", False)
    assert found(stores.videos, text="waves") == [b.id]


async def test_the_trash(stores: Stores) -> None:
    a, b = await add(stores, 1, "Fog"), await add(stores, 2, "Sea")
    await stores.videos.set_trashed(a.id, START)
    assert found(stores.videos) == [b.id]
    assert found(stores.videos, trashed=True) == [a.id]
    assert stores.videos.get_video(a.id).trashed_at == START
    assert stores.videos.totals().videos == 1
    await stores.videos.set_trashed(a.id, None)
    assert stores.videos.get_video(a.id).trashed_at is None


async def test_several_come_in_the_order_asked_for(stores: Stores) -> None:
    videos = [await add(stores, number, "Fog") for number in (1, 2, 3)]
    ids = [videos[2].id, VideoId(99), videos[0].id]
    assert stores.videos.get_videos(ids) == (videos[2], videos[0])


async def test_search_words(stores: Stores) -> None:
    lanterns = await add(stores, 1, "Lanterns rise over the river", file="2026-11/one_0001.mp4")
    cafe = await add(stores, 2, "Zürich café at dawn", file="2026-11/two_0002.mp4")
    night = await add(
        stores, 3, "", draft=Draft(model=MASTER, duration_s=10), file="2026-11/moonrise_3.mp4"
    )
    chinese = await add(stores, 4, "灯笼在河上升起", file="2026-11/four_4.mp4")

    def search(text: str) -> set[int]:
        return set(found(stores.videos, text=text))

    assert search("lant riv") == {lanterns.id}
    assert search("LANTERNS") == {lanterns.id}
    assert search("anterns") == set()
    assert search("zurich CAFE") == {cafe.id}
    assert search("moonrise") == {night.id}
    assert search("河上") == {chinese.id}
    assert search("Master") == {night.id}
    assert search("model:master") == {night.id}
    assert search('model:"2.1 master"') == {night.id}
    assert search("model:2.5") == {lanterns.id, cafe.id, chinese.id}
    assert search("model:2.1") == {night.id}
    assert search("lanterns-rise") == {lanterns.id}
    assert search("model:klingai:5@3") == {night.id}
    assert search("length:10") == search("length:10s") == {night.id}
    assert search("length:5 dawn") == {cafe.id}
    assert search("length:long") == set()
    assert search("") == search("   ") == {1, 2, 3, 4}


@pytest.mark.parametrize(
    "text", ['"', "AND", "OR NOT", "*", "(", "-fog", "a:b", 'model:"', "x' --", "NEAR(", "^", "\0"]
)
async def test_no_search_is_a_mistake(stores: Stores, text: str) -> None:
    await add(stores, 1, "Fog")
    stores.videos.list_ids(VideoQuery(text=text))


async def test_shapes(stores: Stores) -> None:
    def facts(width: int, height: int) -> object:
        return replace(FACTS, width=width, height=height)

    wide = await add(stores, 1, "a", facts=facts(1280, 720))
    square = await add(stores, 2, "b", facts=facts(720, 720))
    tall = await add(stores, 3, "c", facts=facts(720, 1280))
    photo = await add(stores, 4, "d", facts=facts(1176, 784))
    assert found(stores.videos, shapes=("16:9",)) == [wide.id]
    assert found(stores.videos, text="shape:16:9") == [wide.id]
    assert found(stores.videos, text="shape:square") == [square.id]
    assert found(stores.videos, text="shape:landscape") == [photo.id, wide.id]
    assert found(stores.videos, text="shape:9x16") == [tall.id]
    assert found(stores.videos, text="shape:nonsense") == []
    assert shape_of(0, 0) == "unknown"
    assert shape_of(784, 1176) == "portrait"


async def test_filters_and_sorts(stores: Stores) -> None:
    a = await add(stores, 1, "a", cost_usd=Decimal("0.7"))
    b = await add(
        stores, 2, "b", draft=Draft(model=MASTER, duration_s=10),
        facts=replace(FACTS, duration_s=10.0), service=Service.SANDBOX,
    )  # fmt: skip
    c = await add(stores, 3, "c", cost_usd=Decimal("0.9"))
    assert found(stores.videos) == [c.id, b.id, a.id]
    assert found(stores.videos, sort=VideoSort.OLDEST) == [a.id, b.id, c.id]
    assert found(stores.videos, sort=VideoSort.LONGEST) == [b.id, c.id, a.id]
    assert found(stores.videos, sort=VideoSort.COST) == [c.id, a.id, b.id]
    assert found(stores.videos, models=(MASTER,)) == [b.id]
    assert found(stores.videos, models=(MASTER, PRO)) == [c.id, b.id, a.id]
    assert found(stores.videos, lengths=(10,)) == [b.id]
    assert found(stores.videos, practice_only=True) == [b.id]
    assert found(stores.videos, practice_only=False) == [c.id, a.id]
    after = START + timedelta(minutes=2)
    assert found(stores.videos, made_after=after) == [c.id, b.id]
    assert found(stores.videos, made_before=after) == [a.id]
    assert stores.videos.count(VideoQuery(models=(PRO,))) == 2
    page = stores.videos.list_ids(VideoQuery(), limit=1, offset=1)
    assert [row.id for row in page] == [b.id]


@pytest.mark.once
@pytest.mark.posix("the clock of a thread is too coarse")
async def test_a_page_of_a_hundred_thousand_costs_what_a_page_of_a_thousand_costs(
    stores: Stores,
) -> None:
    """Bounds by what SQLite reads and by a ratio in the same run, not by this machine's pace."""
    draft = Draft(prompt="Lanterns rise", dimensions=Dimensions(1280, 720))
    await stores.videos.add(make_video(1, draft=draft))

    async def fill(rows: int) -> None:
        columns = [
            row["name"]
            for row in stores.database.read().execute("PRAGMA table_info(videos)")
            if row["name"] not in ("id", "task_id", "job_id", "made_at", "prompt", "file_name")
        ]
        names = ", ".join(columns)
        query = (
            "WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter"  # noqa: S608
            f" WHERE n < {rows}) INSERT INTO videos (task_id, made_at, prompt, file_name, {names})"
            " SELECT '', strftime('%Y-%m-%dT%H:%M:%S', 1700000000 + n * 60, 'unixepoch')"
            " || '.000000+00:00', 'Prompt number ' || n || CASE n % 1000 WHEN 0 THEN ' rare' ELSE"
            f" '' END, 'clip', {names} FROM counter, videos WHERE videos.id = 1"
        )
        await stores.database.write(lambda connection: connection.execute(query).fetchall())

    queries = [
        VideoQuery(sort=VideoSort.NEWEST),
        VideoQuery(sort=VideoSort.OLDEST),
        VideoQuery(sort=VideoSort.LONGEST),
        VideoQuery(sort=VideoSort.COST),
        VideoQuery(text="rare number"),
    ]

    def cost() -> float:
        best = 1e9
        for _ in range(5):
            started = time.thread_time()
            for query in queries[:4]:
                assert len(stores.videos.list_ids(query, limit=200)) == 200
            best = min(best, time.thread_time() - started)
        return best

    await fill(1_000)
    few = cost()
    await fill(99_000)
    assert cost() < few * 5
    assert len(stores.videos.list_ids(queries[4], limit=200)) == 100
    for sort in VideoSort:
        plan = _plan(stores, sort)
        assert "USING INDEX" in plan
        assert "TEMP B-TREE" not in plan


def _plan(stores: Stores, sort: VideoSort) -> str:
    condition = build_condition(VideoQuery(sort=sort))
    rows = stores.database.read().execute(
        f"EXPLAIN QUERY PLAN SELECT * FROM videos WHERE {condition.sql} ORDER BY {order_of(sort)}",  # noqa: S608 our own words
        condition.values,
    )
    return " | ".join(row["detail"] for row in rows)
