"""The core put together, switched between services, and put away."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from kling_desktop.assembly.core import Core
from kling_desktop.assembly.folders import Folders
from kling_desktop.assembly.stores import open_reader
from kling_desktop.domain.catalog import MODELS
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.errors import (
    DamagedValue,
    DatabaseBusy,
    DatabaseDamaged,
    DataFolderUnavailable,
    KeychainUnavailable,
    LibraryUnavailable,
    ServiceUnavailable,
)
from kling_desktop.domain.events import PauseReason
from kling_desktop.domain.job import JobState, Service
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.secret import ApiKey
from kling_desktop.storage.settings.api_key import KeyPlace
from kling_desktop.wording.reasons import describe_error

QUICK = ("--speed", "60", "--videos", "plain")
NEVER_DONE = ("--render-seconds", "9e9", "--videos", "plain")
KEY = ApiKey("a-key-for-tests")
DRAFT = Draft(model=MODELS[0].id, prompt="A boat", dimensions=MODELS[0].dimensions[0], duration_s=5)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(
        data=tmp_path / "data", cache=tmp_path / "cache", default_library=tmp_path / "clips"
    )


async def open_core(folders: Folders, **environment: str) -> Core:
    return await Core.open(folders, environment, sandbox_arguments=QUICK)


@pytest.fixture
async def core(folders: Folders) -> AsyncIterator[Core]:
    opened = await open_core(folders)
    yield opened
    await opened.close()


def list_sandboxes(folders: Folders) -> list[psutil.Process]:
    """Find the children that are alive; one that has ended and is not fetched yet is none."""
    found: list[psutil.Process] = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if str(folders.sandbox) in child.cmdline():
                found.append(child)
    return found


async def wait_for(check: Callable[[], bool], limit_s: float = 20.0) -> None:
    async with asyncio.timeout(limit_s):
        while not check():  # noqa: ASYNC110 other processes send no events
            await asyncio.sleep(0.02)


# ------------------------------------------------------------------ opening and closing


async def test_a_second_one_is_turned_away_quickly(core: Core, folders: Folders) -> None:
    began = time.monotonic()
    with pytest.raises(DatabaseBusy, match=r"already.running"):
        await open_core(folders)
    assert time.monotonic() - began < 4
    reader = await open_reader(folders)
    assert reader.jobs.list_active() == ()
    await reader.database.close()


async def test_a_damaged_database_comes_with_its_backups(folders: Folders) -> None:
    await (await open_core(folders)).close()
    folders.database.write_bytes(b"nothing to read here" * 500)
    with pytest.raises(DatabaseDamaged) as caught:
        await open_core(folders)
    assert caught.value.backups == tuple(folders.backups.iterdir())


async def test_what_fails_at_the_door_leaves_the_folder_free(folders: Folders) -> None:
    folders.data.mkdir()
    (folders.data / "settings.json").mkdir()  # the first thing that is written down fails
    with pytest.raises(DataFolderUnavailable):
        await open_core(folders)
    (folders.data / "settings.json").rmdir()
    await (await open_core(folders)).close()


async def test_options_for_the_sandbox_that_are_none(folders: Folders) -> None:
    with pytest.raises(DamagedValue):
        await Core.open(folders, {"KLING_DESKTOP_SANDBOX_OPTIONS": "'never closed"})
    await (await open_core(folders)).close()


async def test_all_is_put_away_even_when_one_part_fails(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = await open_core(folders)
    await core.use_service(Service.SANDBOX)

    async def fail() -> None:
        raise RuntimeError("a bug")

    assert core.client is not None
    close_client = core.client.aclose
    monkeypatch.setattr(core.client, "aclose", fail)
    with pytest.raises(RuntimeError):
        await core.close()
    await close_client()
    assert list_sandboxes(folders) == []
    await (await open_core(folders)).close()


# ------------------------------------------------------------------ the library folder


async def test_the_library_is_made_once_and_then_missed(folders: Folders) -> None:
    core = await open_core(folders)
    assert core.files.is_library()
    assert core.stores.settings.current.known_libraries == (str(folders.default_library),)
    await core.close()
    folders.default_library.rename(folders.default_library.with_name("unplugged"))
    core = await open_core(folders)
    assert not folders.default_library.exists()
    await core.close()


async def test_what_a_killed_process_was_writing_is_gone_at_the_next_start(
    folders: Folders,
) -> None:
    core = await Core.open(folders, {})
    await core.close()
    parts = folders.default_library / ".kling-part"
    parts.mkdir(exist_ok=True)
    (parts / ".probe-abc").touch()
    half = parts / "a41c5bd0.part"
    half.write_bytes(b"paid for")
    core = await Core.open(folders, {})
    await core.close()
    assert [path.name for path in parts.iterdir()] == [half.name]


async def test_another_library_is_known_from_then_on(
    core: Core, folders: Folders, tmp_path: Path
) -> None:
    await core.use_library(tmp_path / "other")
    settings = core.stores.settings.current
    assert settings.library_dir == str(tmp_path / "other")
    assert settings.known_libraries == (str(folders.default_library), str(tmp_path / "other"))
    assert core.files.library_dir == tmp_path / "other"
    await core.use_library(tmp_path / "other")
    assert core.stores.settings.current.known_libraries == settings.known_libraries


async def test_a_library_that_cannot_be_leaves_the_old_one(core: Core, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    before = core.files.library_dir
    with pytest.raises(LibraryUnavailable):
        await core.use_library(tmp_path / "file" / "clips")
    assert core.files.library_dir == before
    assert core.stores.settings.current.library_dir == ""


async def test_a_library_that_cannot_be_made_stops_nothing_else(
    folders: Folders, tmp_path: Path
) -> None:
    folders.default_library.write_text("a file is in the way")
    core = await open_core(folders)
    (job,) = await core.engine.enqueue([DRAFT])
    assert job.state is JobState.QUEUED
    await core.close()


# ------------------------------------------------------------------ the key


async def test_a_key_where_there_is_no_keychain(core: Core) -> None:
    await core.use_service(Service.RUNWARE)
    assert core.client is None
    with pytest.raises(KeychainUnavailable):
        await core.use_key(KEY, KeyPlace.KEYCHAIN)
    assert core.client is None
    await core.use_key(KEY, KeyPlace.MEMORY)
    assert core.client is not None
    assert core.key == KEY
    await core.remove_key()
    assert core.client is None
    assert core.key is None


async def test_a_key_in_a_file_is_found_at_the_next_start(folders: Folders) -> None:
    core = await open_core(folders)
    await core.use_key(KEY, KeyPlace.FILE)
    await core.close()
    core = await open_core(folders)
    await core.use_service(Service.RUNWARE)
    assert core.key == KEY
    await core.close()


async def test_the_environment_says_where_the_service_is(folders: Folders) -> None:
    core = await open_core(folders, KLING_DESKTOP_BASE_URL="https://example.org/v1")
    await core.stores.settings.update(base_url="https://other.example/v1")
    assert core.base_url == core.fixed_base_url == "https://example.org/v1"
    await core.close()


# ------------------------------------------------------------------ services


async def test_switching_while_jobs_run_loses_none(core: Core, folders: Folders) -> None:
    await core.choose_service(Service.SANDBOX)
    jobs = await core.engine.enqueue([DRAFT, DRAFT])
    await core.engine.start()
    await wait_for(lambda: core.stores.jobs.get_job(jobs[0].id).state is JobState.RUNNING)
    await core.choose_service(Service.RUNWARE)
    assert list_sandboxes(folders) == []
    assert core.engine.status.service is Service.RUNWARE
    await core.choose_service(Service.SANDBOX)
    await core.engine.wait_idle()
    assert [core.stores.jobs.get_job(job.id).state for job in jobs] == [JobState.DONE] * 2
    assert core.stores.settings.current.service is Service.SANDBOX


async def test_a_new_key_keeps_the_one_sandbox(core: Core, folders: Folders) -> None:
    await core.use_service(Service.SANDBOX)
    before = list_sandboxes(folders)
    await core.use_key(KEY, KeyPlace.MEMORY)
    assert list_sandboxes(folders) == before
    assert len(before) == 1


async def test_a_sandbox_that_dies_is_started_again_and_work_goes_on(
    core: Core, folders: Folders
) -> None:
    pauses: set[PauseReason | None] = set()
    core.engine.status_changed.subscribe(lambda status: pauses.add(status.pause))
    await core.use_service(Service.SANDBOX)
    (job,) = await core.engine.enqueue([DRAFT])
    await core.engine.start()
    await wait_for(lambda: core.stores.jobs.get_job(job.id).state is JobState.RUNNING)
    (first,) = list_sandboxes(folders)
    first.kill()
    await wait_for(lambda: core.stores.jobs.get_job(job.id).state is JobState.DONE)
    (second,) = list_sandboxes(folders)
    assert second != first
    assert pauses == {None}  # connected before it started, it never missed a key


async def kill_and_wait(core: Core, folders: Folders) -> None:
    """Kill the sandbox and wait until there is a way to its successor."""
    (child,) = list_sandboxes(folders)
    before = core.client
    child.kill()
    await wait_for(lambda: core.client not in (before, None))


async def test_a_sandbox_that_dies_again_and_again_lets_the_queue_wait(
    folders: Folders,
) -> None:
    core = await Core.open(folders, {}, sandbox_arguments=NEVER_DONE)
    await core.use_service(Service.SANDBOX)
    (job,) = await core.engine.enqueue([DRAFT])
    await core.engine.start()
    await wait_for(lambda: core.stores.jobs.get_job(job.id).state is JobState.RUNNING)
    for _ in range(3):
        await kill_and_wait(core, folders)
    assert core.sandbox_problem is None
    (child,) = list_sandboxes(folders)
    child.kill()
    await wait_for(lambda: core.sandbox_problem is not None)
    await core.engine.wait_idle()  # nothing moves before a user says so: `run` ends here
    assert core.sandbox_problem is not None
    assert core.sandbox_problem.reason is Reason.SANDBOX_KEEPS_ENDING
    assert "sandbox.log" in describe_error(core.sandbox_problem)
    assert core.engine.status.pause is PauseReason.KEY_MISSING
    assert list_sandboxes(folders) == []
    await core.use_service(Service.SANDBOX)
    assert core.sandbox_problem is None
    await wait_for(lambda: core.engine.status.pause is None)
    await kill_and_wait(core, folders)  # counted from the user's start on
    await core.close()


async def test_deleting_its_folder_frees_the_queue(folders: Folders) -> None:
    core = await Core.open(folders, {}, sandbox_arguments=NEVER_DONE)
    await core.use_service(Service.SANDBOX)
    (job,) = await core.engine.enqueue([DRAFT])
    await core.engine.start()
    await wait_for(lambda: core.stores.jobs.get_job(job.id).state is JobState.RUNNING)
    await core.use_service(Service.RUNWARE)
    shutil.rmtree(core.folders.sandbox)
    await core.use_service(Service.SANDBOX)
    await core.engine.wait_idle()
    assert core.stores.jobs.get_job(job.id).state is not JobState.RUNNING
    await core.close()


async def test_a_sandbox_that_does_not_start_leaves_the_queue_standing(folders: Folders) -> None:
    core = await Core.open(folders, {}, sandbox_arguments=("--no-such-option",))
    with pytest.raises(ServiceUnavailable) as caught:
        await core.use_service(Service.SANDBOX)
    assert core.sandbox_problem is caught.value
    assert "did not start" in describe_error(caught.value)
    assert core.client is None
    (job,) = await core.engine.enqueue([DRAFT])
    await core.engine.start()
    await core.engine.wait_idle()
    assert core.stores.jobs.get_job(job.id).state is JobState.QUEUED
    await core.close()
