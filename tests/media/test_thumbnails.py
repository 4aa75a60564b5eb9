"""Small pictures: asked for, made once, newest first, within a budget, and stopped in time."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QPixmap
from pytestqt.qtbot import QtBot

from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.media.thumbnail_files import ThumbnailFiles, ThumbnailKey, ThumbnailKind
from kling_desktop.media.thumbnails import (
    MAX_WAITING,
    RETRY_AFTER_S,
    Thumbnails,
    picture_key,
    poster_key,
    strip_key,
)
from kling_desktop.media.video_file import VideoCancelled
from tests.media import pictures
from tests.media import videos as video_files


class HeldExecutor(Executor):
    """Runs nothing until it is told to: tests see what was started and in which order."""

    def __init__(self) -> None:
        self.held: list[tuple[Future[Any], Any, tuple[Any, ...]]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.held.append((future, fn, args))
        return future

    def run_one(self) -> ThumbnailKey:
        future, work, args = self.held.pop(0)
        try:
            future.set_result(work(*args))
        except (KlingDesktopError, VideoCancelled, ZeroDivisionError) as error:
            future.set_exception(error)
        return args[0]


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.fixture
def files(tmp_path: Path) -> ThumbnailFiles:
    return ThumbnailFiles(tmp_path / "cache")


def _wait_for(qtbot: QtBot, thumbnails: Thumbnails, ident: int, key: ThumbnailKey) -> QPixmap:
    with qtbot.waitSignal(thumbnails.ready, timeout=10_000) as blocker:
        thumbnails.request(ident, key)
    assert blocker.args == [ident, key]
    pixmap = thumbnails.find(key)
    assert pixmap is not None
    return pixmap


def test_posters_strips_and_pictures_are_made(
    qtbot: QtBot, files: ThumbnailFiles, executor: Executor, tmp_path: Path
) -> None:
    thumbnails = Thumbnails(files, executor)
    video = video_files.make_video(tmp_path / "a.mp4", (960, 540))
    picture = pictures.save_turned(tmp_path / "a.jpg", 6, (1600, 900))
    assert _wait_for(qtbot, thumbnails, 1, poster_key(video)).size().toTuple() == (480, 270)
    assert _wait_for(qtbot, thumbnails, 2, poster_key(video, dpr=2.0)).width() == 960
    assert _wait_for(qtbot, thumbnails, 3, strip_key(video)).size().toTuple() == (24 * 320, 180)
    assert _wait_for(qtbot, thumbnails, 4, picture_key(picture)).size().toTuple() == (480, 853)
    thumbnails.stop()


def test_find_looks_into_memory_only(files: ThumbnailFiles, qapp: object, tmp_path: Path) -> None:
    executor = HeldExecutor()
    thumbnails = Thumbnails(files, executor)
    assert thumbnails.find(poster_key(tmp_path / "a.mp4")) is None
    assert not executor.held
    thumbnails.stop(wait_s=0)


def test_one_picture_in_two_rows_is_made_once(
    qtbot: QtBot, files: ThumbnailFiles, tmp_path: Path
) -> None:
    executor = HeldExecutor()
    thumbnails = Thumbnails(files, executor)
    key = picture_key(pictures.save(tmp_path / "a.png"))
    for ident in (7, 8, 8, 7):
        assert thumbnails.find_or_request(ident, key) is None
    assert len(executor.held) == 1
    told: list[int] = []
    thumbnails.ready.connect(lambda ident, _key: told.append(ident))
    executor.run_one()
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told == [7, 8]
    thumbnails.request(9, key)
    assert not executor.held
    thumbnails.stop(wait_s=0)


def test_two_are_made_at_a_time_and_the_newest_request_first(
    qtbot: QtBot, files: ThumbnailFiles, tmp_path: Path
) -> None:
    executor = HeldExecutor()
    thumbnails = Thumbnails(files, executor)
    keys = [picture_key(pictures.save(tmp_path / f"{n}.png")) for n in range(5)]
    for ident, key in enumerate(keys):
        thumbnails.request(ident, key)
    assert len(executor.held) == 2
    order: list[ThumbnailKey] = []
    while executor.held:
        with qtbot.waitSignal(thumbnails.ready):
            order.append(executor.run_one())
    assert order == [keys[0], keys[1], keys[4], keys[3], keys[2]]
    thumbnails.stop(wait_s=0)


def test_the_waiting_line_has_an_end(files: ThumbnailFiles, qapp: object, tmp_path: Path) -> None:
    executor = HeldExecutor()
    thumbnails = Thumbnails(files, executor)
    for ident in range(MAX_WAITING + 50):
        thumbnails.request(ident, poster_key(tmp_path / f"{ident}.mp4"))
    assert thumbnails.waiting == MAX_WAITING
    thumbnails.stop(wait_s=0)


def test_a_failed_one_is_remembered_and_tried_again_later(
    qtbot: QtBot, files: ThumbnailFiles, tmp_path: Path
) -> None:
    now = [0.0]
    executor = HeldExecutor()
    thumbnails = Thumbnails(files, executor, monotonic=lambda: now[0])
    video = tmp_path / "a.mp4"
    key = poster_key(video)

    def ask_and_fail() -> None:
        thumbnails.request(1, key)
        with qtbot.waitSignal(thumbnails.failed) as blocker:
            executor.run_one()
        assert blocker.args == [1, key]

    ask_and_fail()
    assert thumbnails.has_failed(key)
    thumbnails.request(1, key)
    assert not executor.held
    now[0] = RETRY_AFTER_S
    ask_and_fail()
    video_files.make_video(video)
    thumbnails.retry(1, key)
    with qtbot.waitSignal(thumbnails.ready):
        executor.run_one()
    assert not thumbnails.has_failed(key)
    thumbnails.stop(wait_s=0)


@pytest.mark.parametrize("kind", list(ThumbnailKind))
def test_a_damaged_file_fails_quietly(
    qtbot: QtBot, files: ThumbnailFiles, executor: Executor, tmp_path: Path, kind: ThumbnailKind
) -> None:
    thumbnails = Thumbnails(files, executor)
    (tmp_path / "a.mp4").write_bytes(b"\xff\xd8\xff\xe0 nothing")
    with qtbot.waitSignal(thumbnails.failed):
        thumbnails.request(1, ThumbnailKey(tmp_path / "a.mp4", kind, 100))
    thumbnails.stop()


def test_memory_stays_within_its_budget(
    qtbot: QtBot, files: ThumbnailFiles, executor: Executor, tmp_path: Path
) -> None:
    one = 480 * 270 * 4
    thumbnails = Thumbnails(files, executor, budget_bytes=3 * one)
    keys = [picture_key(pictures.save(tmp_path / f"{n}.png")) for n in range(5)]
    for ident, key in enumerate(keys[:3]):
        _wait_for(qtbot, thumbnails, ident, key)
    thumbnails.find(keys[0])
    for ident, key in enumerate(keys[3:]):
        _wait_for(qtbot, thumbnails, ident, key)
    assert thumbnails.used_bytes <= 3 * one
    assert [thumbnails.find(key) is not None for key in keys] == [True, False, False, True, True]
    thumbnails.forget(keys[0].path)
    assert thumbnails.find(keys[0]) is None
    assert thumbnails.used_bytes <= 2 * one
    thumbnails.stop()


def test_after_stop_nothing_is_started_and_running_work_ends(
    qtbot: QtBot, files: ThumbnailFiles, tmp_path: Path
) -> None:
    submitted: list[Future[Any]] = []

    class Noting(ThreadPoolExecutor):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            submitted.append(super().submit(fn, *args, **kwargs))
            return submitted[-1]

    with Noting(max_workers=2) as executor:
        thumbnails = Thumbnails(files, executor)
        video = video_files.make_video(tmp_path / "a.mp4", (640, 360), frames=400)
        thumbnails.request(1, strip_key(video))
        thumbnails.stop()
        assert [future.done() for future in submitted] == [True]
        thumbnails.request(2, poster_key(video))
        assert thumbnails.waiting == 0
        assert len(submitted) == 1


def test_a_bug_in_a_worker_is_reported_and_frees_its_place(qtbot: QtBot, tmp_path: Path) -> None:
    class Broken(ThumbnailFiles):
        def load(self, key: ThumbnailKey, cancelled: object) -> bytes:
            raise ZeroDivisionError

    executor = HeldExecutor()
    thumbnails = Thumbnails(Broken(tmp_path), executor)
    for ident in range(3):
        thumbnails.request(ident, poster_key(tmp_path / f"{ident}.mp4"))
    assert len(executor.held) == 2
    with qtbot.captureExceptions() as caught:
        executor.run_one()
        qtbot.waitUntil(lambda: bool(caught))
    assert caught[0][0] is ZeroDivisionError
    assert len(executor.held) == 2
    thumbnails.stop(wait_s=0)


def _never() -> bool:
    return False


def test_the_folder_serves_a_picture_that_was_made_before(tmp_path: Path) -> None:
    files = ThumbnailFiles(tmp_path / "cache")
    video = video_files.make_video(tmp_path / "a.mp4")
    first = files.load(strip_key(video), _never)
    made = list((tmp_path / "cache").glob("*/*.jpg"))
    assert len(made) == 1
    # A cancelled one shows that nothing is decoded again.
    assert files.load(strip_key(video), lambda: True) == first


def test_a_changed_file_gets_a_new_picture(tmp_path: Path) -> None:
    files = ThumbnailFiles(tmp_path / "cache")
    video = video_files.make_video(tmp_path / "a.mp4")
    files.load(poster_key(video), _never)
    os.utime(video, ns=(1, 1))
    files.load(poster_key(video), _never)
    assert len(list((tmp_path / "cache").glob("*/*.jpg"))) == 2


def test_a_damaged_file_in_the_folder_is_made_again(tmp_path: Path) -> None:
    files = ThumbnailFiles(tmp_path / "cache")
    video = video_files.make_video(tmp_path / "a.mp4")
    first = files.load(poster_key(video), _never)
    [made] = (tmp_path / "cache").glob("*/*.jpg")
    made.write_bytes(first[:100])
    assert files.load(poster_key(video), _never) == first


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way", encoding="utf-8")
    files = ThumbnailFiles(tmp_path / "cache")
    assert files.load(poster_key(video_files.make_video(tmp_path / "a.mp4")), _never)
    files.trim()


def test_trimming_leaves_what_was_looked_at_last(tmp_path: Path) -> None:
    video = video_files.make_video(tmp_path / "a.mp4")
    files = ThumbnailFiles(tmp_path / "cache")
    sizes = {
        width: len(files.load(ThumbnailKey(video, ThumbnailKind.POSTER, width), _never))
        for width in (60, 70, 80)
    }
    for age, file in enumerate(
        sorted((tmp_path / "cache").glob("*/*.jpg"), key=lambda f: f.stat().st_size)
    ):
        os.utime(file, (1000 - age, 1000 - age))
    kept = sorted(sizes.values())[0]
    ThumbnailFiles(tmp_path / "cache", budget_bytes=kept).trim()
    left = [file.stat().st_size for file in (tmp_path / "cache").glob("*/*.jpg")]
    assert left == [kept]


def test_a_strip_is_given_up_when_asked(tmp_path: Path) -> None:
    files = ThumbnailFiles(tmp_path / "cache")
    stop = threading.Event()
    stop.set()
    with pytest.raises(VideoCancelled):
        files.load(strip_key(video_files.make_video(tmp_path / "a.mp4")), stop.is_set)
