"""Two computers with copies of the same records save into one library folder."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kling_desktop.domain.job import Job, JobState
from kling_desktop.storage.files.library_files import LibraryFiles
from tests.engine.conftest import World


@pytest.fixture
async def second(world: World, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Another computer, with the same clock and account and no records yet."""
    other = World(tmp_path_factory.mktemp("second"), clock=world.clock, service=world.service)
    other.video = world.video
    yield other
    await other.close()
    assert not other.bugs, other.bugs


async def copy_records(world: World, second: World) -> Job:
    """Queue a clip on the first computer and copy its records while the service makes it."""
    await world.open()
    (job,) = await world.queue()
    await world.run_to(job, JobState.RUNNING)
    await world.crash()
    shutil.copytree(
        world.folder, second.folder, ignore=shutil.ignore_patterns("library"), dirs_exist_ok=True
    )
    return job


async def start(second: World, library: Path) -> None:
    await second.open(start=False)
    await second.engine.set_library(LibraryFiles(library))
    await second.engine.start()


def list_files(library: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in library.rglob("*") if path.is_file()}


@pytest.mark.parametrize("recipe", ["inside", "beside"])
@pytest.mark.parametrize("place", ["as it was saved", "moved by the user"])
async def test_the_second_computer_takes_the_clip_that_is_there_and_writes_no_file(
    world: World, second: World, recipe: str, place: str
) -> None:
    world.video.must_not_change = recipe == "beside"
    job = await copy_records(world, second)
    await world.open()
    done = await world.run_to(job, JobState.DONE)
    library = world.folder / "library"
    file = library / done.file
    if place == "moved by the user":
        (library / "Best of").mkdir()
        for each in (file, file.with_name(f"{file.name}.json")):
            if each.exists():
                each.rename(library / "Best of" / f"my {each.name}")
        file = library / "Best of" / f"my {file.name}"
    await world.clock.advance(3600)
    before, asked = list_files(library), len(world.service.files.requests)
    await start(second, library)
    found = await second.run_to(job, JobState.DONE)
    assert library / found.file == file
    assert list_files(library) == before, "a file was written"
    assert len(world.service.files.requests) == asked, "it was downloaded again"
    first_row = world.videos.find_by_task(job.task_id)
    row = second.videos.find_by_task(job.task_id)
    assert row is not None
    assert first_row is not None
    assert (row.sha256, row.cost_usd) == (first_row.sha256, first_row.cost_usd)
    assert abs((row.made_at - first_row.made_at).total_seconds()) < 60, "it is no newer clip"
    assert len(world.service.ledger) == 1


@pytest.mark.parametrize("there", ["another clip", "half of the clip"])
async def test_what_only_bears_the_same_name_is_not_taken(
    world: World, second: World, there: str
) -> None:
    job = await copy_records(world, second)
    await world.open()
    done = await world.run_to(job, JobState.DONE)
    library = world.folder / "library"
    file = library / done.file
    if there == "half of the clip":
        file.write_bytes(file.read_bytes()[:-100])
    else:
        file.write_bytes(world.service.files.video)
    before = file.read_bytes()
    await start(second, library)
    own = await second.run_to(job, JobState.DONE)
    assert library / own.file != file
    assert file.read_bytes() == before, "a foreign file was overwritten"
