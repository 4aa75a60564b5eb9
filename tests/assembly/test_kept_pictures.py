"""Kept pictures are bounded, and none that a job or a draft still needs is ever removed."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from kling_desktop.assembly.kept_pictures import CHECK_EVERY_S, KeptPictures
from kling_desktop.assembly.stores import Stores
from kling_desktop.domain.draft import Draft, draft_to_json
from kling_desktop.domain.job import JobState
from tests.engine.conftest import WORDS, World

OLD = 1_000_000.0


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path)
    await world.open()
    await world.engine.pause()
    yield world
    await world.close()


def _make_kept(world: World) -> KeptPictures:
    stores = Stores.on(world.database, world.settings)
    current = world.folder / "current-draft.json"
    return KeptPictures(world.stores.inputs, stores, current, world.engine, world.clock)


def _age(world: World) -> None:
    for path in world.stores.inputs.inputs_dir.iterdir():
        os.utime(path, (OLD, OLD))


async def _draft(world: World, name: str) -> Draft:
    """A draft whose picture lies in the app's keeping."""
    image = world.picture(name)
    path, sha256 = await world.stores.inputs.keep(image.path)
    return replace(WORDS, first_frame=replace(image, path=path, sha256=sha256))


async def test_only_what_nothing_needs_is_removed(world: World) -> None:
    stores = Stores.on(world.database, world.settings)
    queued, ended = await world.queue(await _draft(world, "a.png"), await _draft(world, "b.png"))
    await world.jobs.advance(ended, JobState.CANCELLED)
    saved = await stores.drafts.save(await _draft(world, "c.png"))
    current = await _draft(world, "d.png")
    (world.folder / "current-draft.json").write_text(json.dumps(draft_to_json(current)))
    await _draft(world, "e.png")
    _age(world)
    assert len(world.stores.inputs.list_kept()) == 5
    assert await _make_kept(world).sweep(limit_bytes=0) == 2
    needed = [queued.draft.first_frame, saved.draft.first_frame, current.first_frame]
    assert set(world.stores.inputs.list_kept()) == {image.sha256 for image in needed if image}


async def test_the_newest_that_fit_stay(world: World) -> None:
    for name in ("a.png", "b.png", "c.png"):
        await _draft(world, name)
    _age(world)
    assert await _make_kept(world).sweep(limit_bytes=7000) == 1
    assert await _make_kept(world).sweep(limit_bytes=7000) == 0


async def test_one_that_is_just_being_queued_is_never_removed(world: World) -> None:
    await _draft(world, "a.png")
    assert await _make_kept(world).sweep(limit_bytes=0) == 0


async def test_it_waits_until_no_job_moves(world: World) -> None:
    (job,) = await world.queue()
    await _draft(world, "a.png")
    _age(world)
    kept = _make_kept(world)
    swept: list[int] = []

    async def sweep() -> int:
        swept.append(1)
        return 0

    kept.sweep = sweep  # pyright: ignore[reportAttributeAccessIssue]
    async with asyncio.TaskGroup() as group:
        task = group.create_task(kept.run())
        await world.clock.advance(3 * CHECK_EVERY_S)
        assert swept == []
        await world.engine.cancel(job.id)
        await world.clock.advance(CHECK_EVERY_S)
        assert swept == [1]
        task.cancel()


async def test_a_folder_that_cannot_be_read_is_passed_over(world: World) -> None:
    await _draft(world, "a.png")
    _age(world)
    kept = _make_kept(world)
    for path in world.stores.inputs.inputs_dir.iterdir():
        path.rename(path.with_name("x"))
    world.stores.inputs.inputs_dir.rename(world.folder / "away")
    assert await kept.sweep(limit_bytes=0) == 0
