"""Files of clips are closed before they are moved, by everybody who has them open."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from kling_desktop.domain.video import Video
from kling_desktop.media.thumbnail_files import ThumbnailFiles
from kling_desktop.media.thumbnails import Thumbnails, poster_key, strip_key
from kling_desktop.ui.clips.open_files import OpenFiles
from tests.media import videos as samples
from tests.media.test_thumbnails import HeldExecutor


class Holder:
    def __init__(self, log: list[str], name: str) -> None:
        self._log, self._name = log, name

    async def release(self, videos: Sequence[Video]) -> None:
        self._log.append(f"{self._name} closes {len(videos)}")

    def resume(self, videos: Sequence[Video]) -> None:
        self._log.append(f"{self._name} opens {len(videos)}")


async def test_all_close_and_only_a_failure_opens_again() -> None:
    log: list[str] = []
    files = OpenFiles()
    for name in ("viewer", "wall"):
        files.add(Holder(log, name))
    async with files.released([]):
        log.append("moved")
    assert log == ["viewer closes 0", "wall closes 0", "moved"]
    log.clear()
    with pytest.raises(OSError, match="in use"):
        async with files.released([]):
            raise OSError("in use")
    assert log[2:] == ["viewer opens 0", "wall opens 0"]


async def test_a_file_that_is_released_is_read_no_further_and_may_be_asked_for_again(
    tmp_path: Path,
) -> None:
    executor = HeldExecutor()
    thumbnails = Thumbnails(ThumbnailFiles(tmp_path / "cache"), executor)
    mine, other = samples.make_video(tmp_path / "a.mp4"), samples.make_video(tmp_path / "b.mp4")
    for number, key in enumerate((poster_key(mine), poster_key(other), strip_key(mine))):
        thumbnails.request(number, key)
    assert len(executor.held) == 2
    released = asyncio.gather(thumbnails.release(mine))
    await asyncio.sleep(0)
    assert not released.done(), "a worker has it still"
    assert executor.run_one() == poster_key(mine)
    await released
    await asyncio.sleep(0.01)
    assert thumbnails.find(poster_key(mine)) is None
    assert not thumbnails.has_failed(poster_key(mine))
    assert executor.run_one() == poster_key(other)
    await asyncio.sleep(0.01)
    assert thumbnails.find(poster_key(other)) is not None
    assert executor.held == [], "the strip that waited was dropped"
    thumbnails.request(1, poster_key(mine))
    executor.run_one()
    await asyncio.sleep(0.01)
    assert thumbnails.find(poster_key(mine)) is not None
    thumbnails.stop(wait_s=0)
