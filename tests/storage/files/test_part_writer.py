"""A growing video: in order, in large writes, without waiting for the disk, without gaps."""

import asyncio
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from kling_desktop.domain.errors import DiskFull
from kling_desktop.storage.files.part_writer import PartWriter

MB = 1024 * 1024


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "video.mp4.part"


def open_writer(part: Path) -> PartWriter:
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
    return PartWriter(os.open(part, flags, 0o644), part)


class Disk:
    """Stands before `os.write`: may be slow, write half, or fill up; knows what it was given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sizes: list[int] = []
        self.answers = threading.Event()
        self.answers.set()
        self.room = 1 << 60
        self.most_at_once = 1 << 60
        self._write: Callable[[int, memoryview], int] = os.write
        monkeypatch.setattr(os, "write", self.write)

    def write(self, file: int, data: memoryview) -> int:
        if not self.sizes and not self.answers.wait(10):
            raise TimeoutError
        if self.room < len(data):
            raise OSError(28, "No space left on device")
        written = self._write(file, data[: self.most_at_once])
        self.room -= written
        self.sizes.append(written)
        return written


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


async def let_others_run() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def test_small_and_huge_chunks_arrive_in_order_and_in_large_writes(
    part: Path, disk: Disk
) -> None:
    chunks = [os.urandom(size) for size in (1, 300_000, 3 * MB + 7, 0, MB, 17) * 2]
    writer = open_writer(part)
    for chunk in chunks:
        await writer.write(chunk)
    await writer.close()
    assert part.read_bytes() == b"".join(chunks)
    assert all(size == MB for size in disk.sizes[:-1])


async def test_a_disk_that_takes_half_is_asked_again(part: Path, disk: Disk) -> None:
    disk.most_at_once = 700_000
    video = os.urandom(2 * MB + 5)
    writer = open_writer(part)
    await writer.write(video)
    await writer.close()
    assert part.read_bytes() == video


async def test_a_slow_disk_keeps_the_loop_free_and_two_buffers_are_the_most(
    part: Path, disk: Disk
) -> None:
    disk.answers.clear()
    video = os.urandom(3 * MB)
    writer = open_writer(part)
    await writer.write(video[:MB])  # on its way to the disk
    await writer.write(video[MB : 2 * MB - 1])  # into the other buffer
    async with asyncio.TaskGroup() as group:
        last = group.create_task(writer.write(video[2 * MB - 1 :]))
        await let_others_run()
        waited = not last.done()
        disk.answers.set()
    await writer.close()
    assert waited
    assert part.read_bytes() == video


async def test_what_came_before_a_cancel_is_written_without_a_gap(part: Path, disk: Disk) -> None:
    disk.answers.clear()
    video = os.urandom(4 * MB)
    writer = open_writer(part)
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(writer.write(video))
        await let_others_run()
        writing.cancel()
        await let_others_run()
        disk.answers.set()
    await writer.close()
    assert writing.cancelled()
    assert part.read_bytes() == video[: 2 * MB]


async def test_nothing_is_written_behind_a_gap(part: Path, disk: Disk) -> None:
    disk.room = MB + 100
    video = os.urandom(2 * MB)
    writer = open_writer(part)
    await writer.write(video)
    await writer.write(b"small enough to fit")
    with pytest.raises(DiskFull):
        await writer.close()
    assert part.read_bytes() == video[:MB]


@pytest.mark.posix("a closed file is another error")
async def test_a_failed_write_is_reported_at_the_next_full_buffer(part: Path, disk: Disk) -> None:
    disk.room = 0
    file = os.open(part, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
    writer = PartWriter(file, part)
    await writer.write(bytes(MB))
    with pytest.raises(DiskFull):
        await writer.write(bytes(MB))
    with pytest.raises(DiskFull):
        await writer.close()
    with pytest.raises(OSError, match="descriptor"):  # and the file is closed all the same
        os.fstat(file)
