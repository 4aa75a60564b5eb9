import asyncio
import errno
import os
import threading
from pathlib import Path

import pytest

from kling_desktop.domain.errors import (
    DataFolderUnavailable,
    DiskFull,
    FileInUse,
    Reaction,
    StorageError,
)
from kling_desktop.domain.reasons import Reason
from kling_desktop.storage.files.atomic_io import (
    hide_file,
    make_durable_folder,
    remove_file,
    remove_leftover,
    rename_file,
    replace_file,
    run_whole,
    sync_directory,
    sync_file,
    write_file,
)
from kling_desktop.storage.files.system_errors import data_errors, file_errors
from kling_desktop.wording.reasons import describe_error


async def test_a_cancelled_caller_waits_for_the_end_of_its_thread() -> None:
    begun, may_end = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()
    ended: list[str] = []

    def work() -> None:
        loop.call_soon_threadsafe(begun.set)
        may_end.wait()
        ended.append("work")

    async def call() -> None:
        try:
            await run_whole(work)
        finally:
            ended.append("caller")

    task = loop.create_task(call())
    await begun.wait()
    task.cancel()
    loop.call_later(0.01, may_end.set)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["work", "caller"]


def test_a_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_file(path, b"old")
    with monkeypatch.context() as patch:

        def refuse(*_args: object) -> None:
            raise OSError("no")

        patch.setattr("os.fsync", refuse)
        with pytest.raises(OSError, match="no"):
            write_file(path, b"new")
        sync_directory(tmp_path)  # some file systems cannot; that is no error
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
    write_file(path, b"new")
    sync_file(path)
    assert path.read_bytes() == b"new"


class _BusyPath(type(Path())):
    """A path that another program holds for a number of tries, as scanners on Windows do."""

    refusals = 0
    winerror = 32

    def _refuse(self) -> None:
        if self.refusals:
            self.refusals -= 1
            error = PermissionError(errno.EACCES, "held by another program")
            error.winerror = self.winerror  # pyright: ignore[reportAttributeAccessIssue]
            raise error

    def replace(self, target: object) -> Path:
        self._refuse()
        return Path(self).replace(str(target))

    def rename(self, target: object) -> Path:
        self._refuse()
        return Path(self).rename(str(target))

    def unlink(self, missing_ok: bool = False) -> None:
        self._refuse()
        Path(self).unlink(missing_ok=missing_ok)


def _make_busy(folder: Path, refusals: int, winerror: int = 32) -> _BusyPath:
    path = _BusyPath(folder / "busy")
    path.write_bytes(b"new")
    path.refusals, path.winerror = refusals, winerror
    return path


_NO_WAITS = (0.0, 0.0, 0.0)


@pytest.mark.parametrize("winerror", [5, 32, 33])
@pytest.mark.parametrize("act", ["replace", "rename", "remove"])
def test_what_another_program_holds_for_a_moment_is_waited_for(
    tmp_path: Path, act: str, winerror: int
) -> None:
    path, target = _make_busy(tmp_path, 3, winerror), tmp_path / "target"
    match act:
        case "replace":
            target.write_bytes(b"old")
            replace_file(path, target, waits_s=_NO_WAITS)
        case "rename":
            rename_file(path, target, waits_s=_NO_WAITS)
        case _:
            remove_file(path, waits_s=_NO_WAITS)
    assert not (tmp_path / "busy").exists()
    assert act == "remove" or target.read_bytes() == b"new"


def test_what_is_held_for_long_is_an_error_of_its_own(tmp_path: Path) -> None:
    path = _make_busy(tmp_path, 4)
    with pytest.raises(FileInUse) as caught, file_errors(path):
        remove_file(path, waits_s=_NO_WAITS)
    assert caught.value.reaction is Reaction.RETRY_LATER
    assert describe_error(caught.value) == "“busy” is in use by another program."


def test_other_errors_are_not_waited_for(tmp_path: Path) -> None:
    path = _make_busy(tmp_path, 1, winerror=2)
    with pytest.raises(PermissionError):
        remove_file(path, waits_s=(60.0,))


def test_a_leftover_that_cannot_be_removed_hides_nothing(tmp_path: Path) -> None:
    path = _make_busy(tmp_path, 1)
    remove_leftover(path)
    assert path.exists()
    remove_leftover(path)
    assert not path.exists()
    hide_file(tmp_path)
    assert tmp_path.is_dir()


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        (errno.ENOSPC, DiskFull, Reason.DISK_FULL),
        (errno.EROFS, DataFolderUnavailable, Reason.DATA_FOLDER_READ_ONLY),
        (errno.EIO, DataFolderUnavailable, Reason.DATA_FOLDER_UNAVAILABLE),
    ],
)
def test_trouble_with_the_data_folder_is_not_the_librarys(
    tmp_path: Path, error: int, kind: type[StorageError], reason: Reason
) -> None:
    with pytest.raises(StorageError) as caught, data_errors(tmp_path):
        raise OSError(error, "words")
    assert type(caught.value) is kind
    assert caught.value.reason is reason


@pytest.mark.posix("folders cannot be synced")
def test_a_new_folder_and_those_above_it_have_their_names_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_ino))
    make_durable_folder(tmp_path / "data" / "inputs")
    assert synced == [tmp_path.stat().st_ino, (tmp_path / "data").stat().st_ino]
    make_durable_folder(tmp_path / "data" / "inputs")
    assert len(synced) == 2, "a folder that is there costs nothing"
