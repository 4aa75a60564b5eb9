"""The folder as a whole: what is missing, what is strange, what comes back; nothing is deleted."""

from pathlib import Path

import pytest

from kling_desktop.domain.errors import LibraryUnavailable
from kling_desktop.domain.job import JobState
from kling_desktop.domain.video import Video
from kling_desktop.engine.library.library import Library, Stray
from kling_desktop.engine.library.library_move import (
    clear_doubles,
    find_unfinished_move,
    move_library,
    remove_moved,
)
from kling_desktop.storage.database.recovery import start_anew
from kling_desktop.storage.files.folder_listing import FoundVideo
from kling_desktop.storage.files.library_files import LibraryFiles
from kling_desktop.storage.files.recipe_beside import recipe_beside
from kling_desktop.storage.stores.video_query import VideoQuery
from tests.engine.conftest import WORDS, World
from tests.fakes.video_file import make_video


def _make_library(world: World) -> Library:
    def move_to_trash(path: Path) -> Path:
        place = world.folder / "trash" / "files" / path.name
        place.parent.mkdir(parents=True, exist_ok=True)
        path.rename(place)
        return place

    return Library(
        world.videos,
        world.jobs,
        world.files,
        world.video,
        move_to_trash=move_to_trash,
        clock=world.clock,
    )


async def _make_videos(world: World, count: int) -> list[Video]:
    await world.open()
    jobs = await world.queue(*[WORDS] * count)
    for job in jobs:
        await world.run_to(job, JobState.DONE)
    found = [world.videos.find_by_task(job.task_id) for job in jobs]
    return [video for video in found if video is not None]


async def test_missing_is_shown_and_seen_again(world: World) -> None:
    one, two = await _make_videos(world, 2)
    library, path = _make_library(world), world.files.resolve(one.file)
    path.rename(world.folder / "elsewhere.mp4")
    report = await library.verify()
    assert (report.checked, report.missing, report.strays) == (2, (one.id,), ())
    assert world.videos.get_video(one.id).missing
    (world.folder / "elsewhere.mp4").rename(path)
    report = await library.verify(contents=True)
    assert (report.returned, report.changed) == ((one.id,), ())
    assert not world.videos.get_video(one.id).missing
    world.files.resolve(two.file).write_bytes(make_video(name="another"))
    assert (await library.verify(contents=True)).changed == (two.id,)


async def test_a_video_renamed_by_hand_is_found_by_its_recipe(world: World) -> None:
    (video,) = await _make_videos(world, 1)
    world.files.resolve(video.file).rename(world.folder / "library" / "my boat.mp4")
    report = await _make_library(world).verify()
    assert (report.moved, report.missing, report.strays) == ((video.id,), (), ())
    assert world.videos.get_video(video.id).file == "my boat.mp4"


async def test_strays_are_offered_and_taken_in(world: World) -> None:
    await world.open()
    (world.folder / "library" / "holiday.mp4").write_bytes(make_video(duration_s=7.4))
    (world.folder / "library" / "broken.mp4").write_bytes(b"no video")
    library = _make_library(world)
    strays = (await library.verify()).strays
    assert [stray.found.file for stray in strays] == ["broken.mp4", "holiday.mp4"]
    (video,) = await library.adopt(strays)
    assert (video.file, video.draft.duration_s, video.job_id) == ("holiday.mp4", 7, None)
    assert (world.folder / "library" / "broken.mp4").exists()


async def test_an_edited_clip_is_measured_anew_and_a_bad_one_is_said(world: World) -> None:
    edited, bad = await _make_videos(world, 2)
    library = _make_library(world)
    world.files.resolve(edited.file).write_bytes(make_video(duration_s=3.0, name="cut"))
    path = world.files.resolve(bad.file)
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    report = await library.verify(contents=True)
    assert set(report.changed) == {edited.id, bad.id}
    after = world.videos.get_video(edited.id)
    assert after.facts.duration_s == pytest.approx(3.0)
    assert after.sha256 == world.files.hash_file(world.files.resolve(edited.file))
    assert world.videos.get_video(bad.id).sha256 == bad.sha256
    assert (await library.verify(contents=True)).changed == (bad.id,)


@pytest.mark.parametrize("seconds", [10.0**12, -5_000_000_000.0])
async def test_a_clip_with_a_time_that_no_calendar_has_is_added(
    world: World, seconds: float
) -> None:
    await world.open()
    found = FoundVideo(file="odd.mp4", size_bytes=1, modified_at_s=seconds)
    world.files.resolve("odd.mp4").write_bytes(make_video())
    (video,) = await _make_library(world).adopt([Stray(found=found, recipe=None)])
    assert video.file == "odd.mp4"
    assert 1 <= video.made_at.year <= 9999


async def test_a_clip_out_of_the_trash_by_hand_is_the_same_clip(world: World) -> None:
    (video,) = await _make_videos(world, 1)
    library, path = _make_library(world), world.files.resolve(video.file)
    data = path.read_bytes()
    await library.trash([video.id])
    path.with_name("back.mp4").write_bytes(data)
    (back,) = await library.rebuild()
    assert (back.id, back.trashed_at, back.cost_usd) == (video.id, None, video.cost_usd)
    assert world.files.resolve(back.file).name == "back.mp4"


async def test_a_copy_of_a_clip_costs_nothing_and_is_added_once(world: World) -> None:
    (video,) = await _make_videos(world, 1)
    path = world.files.resolve(video.file)
    path.with_name("copy.mp4").write_bytes(path.read_bytes())
    library = _make_library(world)
    (copy,) = await library.rebuild()
    assert (copy.cost_usd, copy.job_id, copy.task_id) == (None, None, "")
    assert copy.draft == video.draft
    assert await library.rebuild() == ()
    report = await library.verify(contents=True)
    assert (report.checked, report.strays, report.missing) == (2, (), ())


async def test_an_unplugged_folder_makes_nothing_missing(world: World) -> None:
    (video,) = await _make_videos(world, 1)
    (world.folder / "library").rename(world.folder / "away")
    with pytest.raises(LibraryUnavailable):
        await _make_library(world).verify()
    assert not world.videos.get_video(video.id).missing


async def test_the_folder_rebuilds_a_lost_database(world: World) -> None:
    videos = await _make_videos(world, 3)
    await world.close()
    start_anew(world.folder / "data.sqlite3", now=world.clock.now)
    await world.open()
    assert world.videos.count(VideoQuery()) == 0
    steps: list[tuple[int, int]] = []
    await _make_library(world).rebuild(on_steps=lambda done, of: steps.append((done, of)))
    rebuilt = {
        video.task_id: video
        for video in map(world.videos.find_by_task, [v.task_id for v in videos])
        if video
    }
    assert steps[-1] == (3, 3)
    for video in videos:
        again = rebuilt[video.task_id]
        assert (again.file, again.draft, again.cost_usd) == (
            video.file,
            video.draft,
            video.cost_usd,
        )
    assert await _make_library(world).rebuild() == ()


async def test_trash_and_undo(world: World) -> None:
    one, two = await _make_videos(world, 2)
    library = _make_library(world)
    world.files.resolve(two.file).unlink()
    trashed = await library.trash([one.id, two.id])
    assert world.videos.count(VideoQuery()) == 0
    assert await library.trash([one.id]) == ()
    assert await library.restore(trashed) == (one.id,)
    assert world.files.resolve(one.file).is_file()
    assert world.videos.get_video(one.id).trashed_at is None


async def test_export_never_overwrites(world: World) -> None:
    (video,) = await _make_videos(world, 1)
    library, folder = _make_library(world), world.folder / "export"
    (first,) = await library.export([video.id], folder)
    (second,) = await library.export([video.id], folder)
    assert first != second
    assert first.read_bytes() == second.read_bytes() == world.files.resolve(video.file).read_bytes()
    (folder / "file").touch()
    with pytest.raises(LibraryUnavailable):
        await library.export([video.id], folder / "file")


async def test_the_library_moves_whole(world: World) -> None:
    videos = await _make_videos(world, 3)
    target = LibraryFiles(world.folder / "new place")
    told: list[tuple[int, int]] = []
    assert await move_library(world.files, target, on_bytes=lambda *of: told.append(of)) == 3
    assert told[-1][0] == told[-1][1] > 0
    assert await remove_moved(world.files, target) == ()
    assert world.list_videos() == []
    library = _make_library(world)
    library.set_files(target)
    assert (await library.verify(contents=True)).missing == ()
    assert len(videos) == 3
    with pytest.raises(LibraryUnavailable):
        await move_library(target, target)


async def test_a_recipe_beside_goes_where_its_clip_goes(world: World) -> None:
    world.video.must_not_change = True
    (video,) = await _make_videos(world, 1)
    library, target = _make_library(world), LibraryFiles(world.folder / "new place")
    (copy,) = await library.export([video.id], world.folder / "export")
    assert world.video.read_recipe(copy) is not None
    await move_library(world.files, target)
    recipe_beside(target.resolve(video.file)).unlink()
    await move_library(world.files, target)  # of one that was killed the rest comes too
    assert await remove_moved(world.files, target) == ()
    assert not recipe_beside(world.files.resolve(video.file)).exists()
    recipe = world.video.read_recipe(target.resolve(video.file))
    assert recipe is not None
    assert recipe.task_id == video.task_id


async def test_a_link_beside_is_never_followed(world: World) -> None:
    (video,) = await _make_videos(world, 1)
    secret = world.folder / "secret"
    secret.write_text("secret")
    recipe_beside(world.files.resolve(video.file)).symlink_to(secret)
    (copy,) = await _make_library(world).export([video.id], world.folder / "export")
    assert not recipe_beside(copy).exists()


async def test_a_move_that_fails_leaves_all_as_it_was(world: World) -> None:
    videos = await _make_videos(world, 3)
    target = LibraryFiles(world.folder / "new place")
    target.create()
    last = sorted(video.file for video in videos)[-1]
    target.resolve(last).parent.mkdir(parents=True)
    target.resolve(last).write_bytes(b"somebody else's")
    with pytest.raises(LibraryUnavailable):
        await move_library(world.files, target)
    assert len(world.list_videos()) == 3
    assert [path.name for path in target.library_dir.rglob("*.mp4")] == [Path(last).name]


async def test_a_move_that_was_killed_says_what_lies_twice_and_clears_it(world: World) -> None:
    """Killed while copying, or while the old clips were removed: nothing is lost either way."""
    one, two = await _make_videos(world, 2)
    target = LibraryFiles(world.folder / "new place")
    assert await find_unfinished_move(world.files) is None
    await move_library(world.files, target)  # and the process dies before the rest
    (target.library_dir / "2026-11" / ".half.mp4.moving").write_bytes(b"half")
    target.resolve("mine.mp4").write_bytes(b"only here")

    move = await find_unfinished_move(world.files)
    assert move is not None
    assert (move.other, set(move.doubles)) == (target.library_dir, {one.file, two.file})
    assert move.size_bytes == one.facts.size_bytes + two.facts.size_bytes
    assert await clear_doubles(world.files, move) == (target.resolve("mine.mp4"),)
    assert [video.file for video in target.scan()] == ["mine.mp4"]
    assert len(world.files.scan()) == 2
    assert not list(target.library_dir.rglob(".*.moving"))
    assert await find_unfinished_move(world.files) is None
    assert await find_unfinished_move(target) is None


async def test_a_move_that_was_killed_is_finished_from_the_new_folder_too(world: World) -> None:
    (video,) = await _make_videos(world, 1)
    target = LibraryFiles(world.folder / "new place")
    await move_library(world.files, target)
    move = await find_unfinished_move(target)
    assert move is not None
    assert move.doubles == (video.file,)
    assert await clear_doubles(target, move) == ()
    assert world.files.scan() == ()
    assert len(target.scan()) == 1


@pytest.mark.parametrize("note", ["[]", "no json", '{"other": 3}', '{"other": "relative"}'])
async def test_a_note_of_a_move_that_makes_no_sense_is_none(world: World, note: str) -> None:
    await world.open()
    place = world.files.library_dir / ".kling-part" / "library-move.json"
    place.parent.mkdir(exist_ok=True)
    place.write_text(note, encoding="utf-8")
    assert await find_unfinished_move(world.files) is None


async def test_a_finished_move_leaves_no_note(world: World) -> None:
    await _make_videos(world, 1)
    target = LibraryFiles(world.folder / "new place")
    await move_library(world.files, target)
    await remove_moved(world.files, target)
    assert await find_unfinished_move(target) is None
