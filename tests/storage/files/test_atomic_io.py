import asyncio
import threading
from pathlib import Path

import pytest

from kling_desktop.storage.files.atomic_io import run_whole, sync_directory, sync_file, write_file


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
