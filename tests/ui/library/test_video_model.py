from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt

from kling_desktop.domain.catalog import ModelId
from kling_desktop.storage.stores.video_query import VideoQuery, VideoSort
from kling_desktop.ui.library import video_model as video_grid
from kling_desktop.ui.library.video_model import VideoModel, VideoRole
from tests.ui.clip_samples import NOW, ClipRecords, build_clip, now, open_records, settle, until


class Witness:
    """Counts what a model says of itself."""

    def __init__(self, model: VideoModel) -> None:
        self.inserted: list[tuple[int, int]] = []
        self.removed: list[tuple[int, int]] = []
        self.changed: list[int] = []
        self.resets = 0
        model.rowsInserted.connect(lambda _, a, b: self.inserted.append((a, b)))
        model.rowsRemoved.connect(lambda _, a, b: self.removed.append((a, b)))
        model.dataChanged.connect(lambda a, _: self.changed.append(a.row()))
        model.modelReset.connect(self._on_reset)

    def _on_reset(self) -> None:
        self.resets += 1


def open_model(records: ClipRecords, query: VideoQuery | None = None) -> VideoModel:
    model = VideoModel(records.store, now=now)
    model.set_query(query or VideoQuery())
    return model


def titles(model: VideoModel) -> list[str]:
    return [model.index(row, 0).data() for row in range(model.rowCount())]


async def test_model_is_sound(tmp_path: Path, qtmodeltester: object) -> None:
    async with open_records(tmp_path) as records:
        await records.fill(12)
        model = open_model(records)
        qtmodeltester.check(model)  # pyright: ignore[reportAttributeAccessIssue]
        assert model.rowCount(model.index(0, 0)) == 0
        assert model.index(0, 0).data(Qt.ItemDataRole.UserRole + 99) is None
        model.close()


async def test_days_are_sections(tmp_path: Path) -> None:
    async with open_records(tmp_path) as records:
        for hours in (1, 2, 20, 30, 24 * 40):
            await records.add(build_clip(hours, hours_ago=hours))
        model = open_model(records)
        assert [(s.title, s.count_words) for s in model.sections()] == [
            ("Today", "2 clips"),
            ("Yesterday", "2 clips"),
            ("October 13", "1 clip"),
        ]
        model.set_query(VideoQuery(sort=VideoSort.OLDEST))
        assert [s.count for s in model.sections()] == [1, 2, 2]
        model.set_query(VideoQuery(sort=VideoSort.LONGEST))
        assert [(s.title, s.count) for s in model.sections()] == [("", 5)]
        model.close()


@pytest.mark.parametrize("sort", [VideoSort.NEWEST, VideoSort.OLDEST, VideoSort.LONGEST])
async def test_a_new_clip_goes_to_its_place_alone(tmp_path: Path, sort: VideoSort) -> None:
    async with open_records(tmp_path) as records:
        for n in (1, 3, 5, 7):
            await records.add(build_clip(n, duration_s=10 if n > 4 else 5))
        model = open_model(records, VideoQuery(sort=sort))
        witness = Witness(model)
        await records.add(build_clip(4, duration_s=10))
        await settle()
        assert witness.resets == 0
        assert len(witness.inserted) == 1
        expected = [
            records.store.get_video(row.id).title for row in records.store.list_ids(model.query)
        ]
        assert titles(model) == expected
        model.close()


async def test_a_heart_touches_one_row(tmp_path: Path) -> None:
    async with open_records(tmp_path) as records:
        videos = await records.fill(6)
        model = open_model(records)
        witness = Witness(model)
        await records.store.set_favourite([videos[2].id], favourite=True)
        await settle()
        assert (witness.changed, witness.inserted, witness.removed, witness.resets) == (
            [2],
            [],
            [],
            0,
        )
        assert model.index(2, 0).data(VideoRole.VIDEO).favourite
        assert model.row_at(2).favourite
        model.close()


async def test_what_no_longer_matches_goes(tmp_path: Path) -> None:
    async with open_records(tmp_path) as records:
        videos = await records.fill(5)
        await records.store.set_favourite([v.id for v in videos], favourite=True)
        model = open_model(records, VideoQuery(favourites_only=True))
        witness = Witness(model)
        await records.store.set_favourite([videos[1].id], favourite=False)
        await settle()
        assert witness.removed == [(1, 1)]
        await records.store.set_trashed(videos[0].id, NOW)
        await settle()
        assert titles(model) == ["Clip number 2", "Clip number 3", "Clip number 4"]
        model.close()


async def test_a_clip_outside_the_asked_days_stays_away(tmp_path: Path) -> None:
    async with open_records(tmp_path) as records:
        model = open_model(records, VideoQuery(made_after=NOW - timedelta(hours=3)))
        await records.add(build_clip(9), build_clip(1))
        await settle()
        assert titles(model) == ["Clip number 1"]
        model.close()


async def test_another_search_keeps_what_both_find(tmp_path: Path) -> None:
    async with open_records(tmp_path) as records:
        await records.add(
            *(build_clip(n, prompt="red fox" if n % 2 else "grey owl") for n in range(6))
        )
        model = open_model(records)
        kept = model.id_at(1)
        witness = Witness(model)
        model.set_query(VideoQuery(text="fox"))
        assert set(titles(model)) == {"red fox"}
        assert witness.resets == 0
        assert model.id_at(0) == kept
        model.set_query(VideoQuery(models=(ModelId("klingai:5@2"),)))
        assert model.rowCount() == 0
        model.close()


async def test_a_large_library_comes_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_grid, "_PIECE", 10)
    async with open_records(tmp_path) as records:
        await records.fill(34)
        model = open_model(records)
        assert model.rowCount() == 10
        await until(lambda: model.rowCount() == 34)
        assert titles(model) == [f"Clip number {n}" for n in range(34)]
        witness = Witness(model)
        await records.add(build_clip(99, hours_ago=0.5))
        await settle()
        assert (witness.inserted, witness.resets) == ([(1, 1)], 0)
        model.close()


async def test_values_are_read_for_what_is_looked_at_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_records(tmp_path) as records:
        await records.fill(30)
        read: list[int] = []
        get_videos = records.store.get_videos
        monkeypatch.setattr(
            records.store, "get_videos", lambda ids: (read.extend(ids), get_videos(ids))[1]
        )
        model = open_model(records)
        assert read == []
        model.load(range(4, 7))
        model.index(5, 0).data(VideoRole.VIDEO)
        assert read == [model.id_at(n) for n in (4, 5, 6)]
        model.close()


async def test_spoken_name(tmp_path: Path) -> None:
    async with open_records(tmp_path) as records:
        (video,) = await records.add(
            build_clip(1, prompt="Lanterns rise from the lake.", duration_s=10)
        )
        await records.store.set_favourite([video.id], favourite=True)
        model = open_model(records)
        assert model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole) == (
            "Clip, Lanterns rise from the lake, 10 seconds, Kling 2.5 Turbo Pro, favourite, new"
        )
        assert not model.index_of(video.id).parent().isValid()
        assert model.index_of(type(video.id)(99)) == QModelIndex()
        model.close()
