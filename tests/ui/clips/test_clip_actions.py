import hashlib
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from kling_desktop.domain.video import Video
from kling_desktop.ui.clips.clip_menu import find_obstacle
from kling_desktop.ui.controls.drag_data import read_clip_ids
from kling_desktop.ui.theme.look import Look
from tests.ui.clip_samples import build_clip, settle, until
from tests.ui.library_stage import LibraryStage, open_library


async def test_trash_tells_and_undo_brings_back(tmp_path: Path, look: Look) -> None:
    async with open_library(tmp_path) as stage:
        window = QWidget()
        videos = [await stage.add_video(n) for n in (1, 2)]
        stage.actions.run("trash", videos, window)
        await until(lambda: stage.notices)
        assert stage.notices[0].title == "Moved 2 clips to the trash"
        assert not stage.parts.pictures.locate(videos[0]).exists()
        assert all(stage.records.store.get_video(v.id).trashed_at for v in videos)
        stage.notices[0].offers[0].act()
        await until(lambda: not stage.records.store.get_video(videos[1].id).trashed_at)
        assert stage.parts.pictures.locate(videos[0]).exists()
        assert not stage.actions.undo(), "nothing is left to undo"


async def test_undo_key_and_a_file_put_back_by_hand(tmp_path: Path, look: Look) -> None:
    async with open_library(tmp_path) as stage:
        window = QWidget()
        video = await stage.add_video(1)
        stage.actions.run("trash", [video], window)
        await until(lambda: stage.notices)
        assert stage.actions.undo()
        await until(lambda: not stage.records.store.get_video(video.id).trashed_at)
        assert stage.dismissed == [1], "the notice offers no undo that was done already"
        trashed = await stage.add_video(2)
        await stage.records.store.set_trashed(trashed.id, trashed.made_at)
        place = stage.parts.pictures.locate(trashed)
        aside = place.rename(place.with_suffix(".away"))
        in_trash = stage.records.store.get_video(trashed.id)
        stage.actions.run("restore", [in_trash], window)
        await until(lambda: "trash first" in stage.notices[-1].title)
        aside.rename(place)
        stage.actions.run("restore", [in_trash], window)
        await until(lambda: not stage.records.store.get_video(trashed.id).trashed_at)


async def test_copying(tmp_path: Path, look: Look) -> None:
    async with open_library(tmp_path) as stage:
        videos = await stage.records.fill(2)
        window = QWidget()
        stage.actions.run("copy-prompt", videos[:1], window)
        assert QGuiApplication.clipboard().text() == "Clip number 0"
        stage.actions.run("copy-files", videos, window)
        mime = QGuiApplication.clipboard().mimeData()
        assert [Path(url.toLocalFile()).name for url in mime.urls()] == ["clip-0.mp4", "clip-1.mp4"]
        assert read_clip_ids(mime) == tuple(v.id for v in videos)
        QGuiApplication.clipboard().clear()


async def test_reveal_and_favourites(tmp_path: Path, look: Look) -> None:
    async with open_library(tmp_path) as stage:
        videos = await stage.records.fill(3)
        window = QWidget()
        stage.actions.run("reveal", videos[:1], window)
        assert stage.desktop.revealed == [stage.parts.pictures.locate(videos[0])]
        await stage.records.store.set_favourite([videos[0].id], favourite=True)

        def now() -> list[Video]:
            return [stage.records.store.get_video(v.id) for v in videos]

        stage.actions.run("favourite", now(), window)
        await until(lambda: all(v.favourite for v in now()))
        stage.actions.run("favourite", now(), window)
        await until(lambda: not any(v.favourite for v in now()))


def answer_dialog(window: QWidget, path: Path) -> None:
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    dialog.filesSelected.emit([str(path)])
    dialog.done(QFileDialog.DialogCode.Accepted)


async def open_window() -> QWidget:
    window = QWidget()
    window.show()
    await settle()
    return window


async def export(stage: LibraryStage, videos: list[Video], target: Path) -> None:
    window = await open_window()
    before = len(stage.notices)
    stage.actions.run("export", videos, window)
    await until(lambda: window.findChild(QFileDialog))
    answer_dialog(window, target)
    await until(lambda: len(stage.notices) > before)
    window.close()
    window.deleteLater()


async def test_export_copies_and_never_overwrites(tmp_path: Path, look: Look) -> None:
    async with open_library(tmp_path) as stage:
        videos = [await stage.add_video(n) for n in (1, 2)]
        target = tmp_path / "out" / "mine.mp4"
        target.parent.mkdir()
        await export(stage, videos[:1], target)
        assert stage.notices[-1].title == "Exported mine.mp4"
        source = stage.parts.pictures.locate(videos[0])
        assert target.read_bytes() == source.read_bytes()
        (target.parent / "clip-1.mp4").write_bytes(b"mine")
        await export(stage, videos, target.parent)
        assert stage.notices[-1].title == "Exported 2 clips"
        assert (target.parent / "clip-1.mp4").read_bytes() == b"mine"
        assert (target.parent / "clip-1-2.mp4").read_bytes() == source.read_bytes()
        stage.notices[-1].offers[0].act()
        assert stage.desktop.revealed[-1].parent == target.parent


async def test_find_takes_only_the_clips_own_file(tmp_path: Path, look: Look) -> None:
    async with open_library(tmp_path) as stage:
        content = b"the very same bytes"
        clip = build_clip(5, sha256=hashlib.sha256(content).hexdigest())
        (video,) = await stage.records.add(clip)
        await stage.records.store.set_missing([video.id], missing=True)
        window = await open_window()
        found = tmp_path / "elsewhere.mp4"
        for data in (b"another video", content):
            found.write_bytes(data)
            stage.actions.find_file(video, window)
            await until(lambda: window.findChild(QFileDialog))
            dialog = window.findChild(QFileDialog)
            answer_dialog(window, found)
            assert dialog is not None
            dialog.deleteLater()
            await settle(20)
        assert stage.notices[0].title == "That is not this clip’s file"
        await until(lambda: not stage.records.store.get_video(video.id).missing)
        assert stage.parts.pictures.locate(video).read_bytes() == content
        window.close()
        window.deleteLater()


@pytest.mark.parametrize(
    ("command", "count", "reason"),
    [
        ("remix", 0, "Choose a clip first."),
        ("remix", 2, "Choose a single clip."),
        ("compare", 1, "Choose two clips to compare."),
        ("compare", 2, ""),
        ("trash", 3, ""),
        ("export", 3, ""),
    ],
)
async def test_what_cannot_be_done_says_why(
    tmp_path: Path, command: str, count: int, reason: str
) -> None:
    async with open_library(tmp_path) as stage:
        videos = await stage.records.fill(count)
        assert find_obstacle(command, videos) == reason
