import asyncio
import errno
import hashlib
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from kling_desktop.domain.draft import Draft
from kling_desktop.domain.errors import (
    DamagedDownload,
    DamagedValue,
    DiskFull,
    LibraryReadOnly,
    LibraryUnavailable,
)
from kling_desktop.domain.job import TaskId
from kling_desktop.domain.reasons import Reason
from kling_desktop.storage.files import part_adoption
from kling_desktop.storage.files.library_files import MARKER, PART_DIR, LibraryFiles
from kling_desktop.storage.files.system_errors import translate_file_error

TASK = TaskId("a41c5bd0-1111-4000-8000-000000000000")
NAME = "2026-11/fog_a41c5bd0.mp4"
MOST = 1_000_000_000


@pytest.fixture
def files(tmp_path: Path) -> LibraryFiles:
    library = LibraryFiles(tmp_path / "Kling Desktop")
    library.create()
    return library


async def stream(*chunks: bytes, fail: Exception | None = None) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    if fail is not None:
        raise fail


async def receive(files: LibraryFiles, *chunks: bytes, offset: int = 0) -> Path:
    part = files.part_path(TASK)
    await files.receive(part, stream(*chunks), offset=offset, limit_bytes=MOST)
    return part


def left(files: LibraryFiles) -> list[str]:
    return sorted(path.name for path in (files.library_dir / PART_DIR).iterdir())


async def test_a_download_arrives_and_gets_its_name(files: LibraryFiles) -> None:
    part = await receive(files, b"video", b"", b" and more")
    assert part.read_bytes() == b"video and more"
    assert files.list_parts() == (TASK,)
    assert await files.adopt(part, NAME) == NAME
    assert files.resolve(NAME).read_bytes() == b"video and more"
    assert not part.exists()
    assert [video.file for video in files.scan()] == [NAME]


async def test_large_downloads_are_written_in_order(files: LibraryFiles) -> None:
    chunks = [bytes([n]) * 300_000 for n in range(20)]
    part = await receive(files, *chunks)
    assert part.read_bytes() == b"".join(chunks)


async def test_a_broken_download_keeps_what_came_and_goes_on(files: LibraryFiles) -> None:
    part = files.part_path(TASK)
    with pytest.raises(ConnectionResetError):
        await files.receive(
            part, stream(b"half", fail=ConnectionResetError()), offset=0, limit_bytes=MOST
        )
    assert part.read_bytes() == b"half"
    total = await files.receive(part, stream(b"!"), offset=2, limit_bytes=MOST)
    assert (total, part.read_bytes()) == (3, b"ha!")  # what lay behind the offset is gone
    with pytest.raises(DamagedDownload):
        await files.receive(part, stream(b"x"), offset=99, limit_bytes=MOST)
    await receive(files, b"anew")
    assert part.read_bytes() == b"anew"


async def test_a_cancelled_download_keeps_what_came(files: LibraryFiles) -> None:
    came = asyncio.Event()

    async def drip() -> AsyncIterator[bytes]:
        yield b"slow"
        came.set()
        await asyncio.Event().wait()

    part = files.part_path(TASK)
    task = asyncio.get_running_loop().create_task(
        files.receive(part, drip(), offset=0, limit_bytes=MOST)
    )
    await came.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert part.read_bytes() == b"slow"


async def test_too_long_a_download_is_cut_off(files: LibraryFiles) -> None:
    part = files.part_path(TASK)
    assert await files.receive(part, stream(b"12345"), offset=0, limit_bytes=5) == 5
    with pytest.raises(DamagedDownload):
        await files.receive(part, stream(b"12345", b"6"), offset=0, limit_bytes=5)


class _FullDisk(LibraryFiles):
    """A library on a disk that opens files and takes not a byte."""

    def open_part(self, part: Path, offset: int) -> int:
        return os.open("/dev/full", os.O_RDWR)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk full by name")
@pytest.mark.posix("there are no named pipes in folders")
async def test_a_disk_that_fills_up_while_writing(files: LibraryFiles) -> None:
    part = files.part_path(TASK)
    part.parent.mkdir(exist_ok=True)
    os.mkfifo(files.library_dir / "unused")  # a special file is no video
    full = _FullDisk(files.library_dir)
    with pytest.raises(DiskFull) as caught:
        await full.receive(part, stream(b"x" * 2_000_000), offset=0, limit_bytes=MOST)
    assert "No space left" in caught.value.detail
    assert files.scan() == ()


async def test_a_name_that_is_taken_is_left_to_its_owner(files: LibraryFiles) -> None:
    files.resolve(NAME).parent.mkdir()
    files.resolve(NAME).write_bytes(b"somebody's own")
    part = await receive(files, b"video")
    assert await files.adopt(part, NAME) == "2026-11/fog_a41c5bd0 (2).mp4"
    assert files.resolve(NAME).read_bytes() == b"somebody's own"


@pytest.mark.posix("links need a right of their own")
async def test_a_folder_or_a_dead_link_takes_a_name_too(files: LibraryFiles) -> None:
    files.resolve(NAME).mkdir(parents=True)
    files.resolve("2026-11/fog_a41c5bd0 (2).mp4").symlink_to(files.library_dir / "nowhere")
    assert await files.adopt(await receive(files, b"video"), NAME) == "2026-11/fog_a41c5bd0 (3).mp4"


async def test_adopting_twice_is_adopting_once(files: LibraryFiles) -> None:
    files.resolve(NAME).parent.mkdir()
    files.resolve(NAME).write_bytes(b"somebody's own")
    part = await receive(files, b"video")
    name = await files.adopt(part, NAME)
    assert files.find_adopted(TASK) == name
    assert await files.adopt(part, NAME) == name  # the row's commit was lost, the part is gone
    await receive(files, b"video, fetched again")
    assert await files.adopt(part, NAME) == name  # or was fetched again meanwhile
    assert not part.exists()
    assert len(files.scan()) == 2


class Crash(BaseException):
    """The process ends here."""


@pytest.mark.parametrize(
    "place",
    [
        *("sync_file", "hash_file", "write_file", "_move_new"),
        pytest.param("unlink", marks=pytest.mark.posix("a new name is taken by a rename alone")),
    ],
)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_crash_anywhere_while_adopting_ends_in_one_video(
    files: LibraryFiles, monkeypatch: pytest.MonkeyPatch, place: str, when: str
) -> None:
    part = await receive(files, b"video")
    with monkeypatch.context() as patch:
        owner: object = Path if place == "unlink" else part_adoption
        call: Callable[..., object] = getattr(owner, place)

        def crash(*args: object, **kwargs: object) -> object:
            if when == "after":
                call(*args, **kwargs)
            raise Crash

        patch.setattr(owner, place, crash)
        with pytest.raises(Crash):
            files_adopt(files, part)
    assert await files.adopt(part, NAME) == NAME
    assert [video.file for video in files.scan()] == [NAME]
    assert files.resolve(NAME).read_bytes() == b"video"
    assert not part.exists()


def files_adopt(files: LibraryFiles, part: Path) -> str:
    return part_adoption.adopt_part(part, NAME, files.library_dir, files.resolve)


async def test_a_part_that_is_gone_is_fetched_again(files: LibraryFiles) -> None:
    with pytest.raises(DamagedDownload):
        await files.adopt(files.part_path(TASK), NAME)
    assert files.find_adopted(TASK) is None


async def test_a_damaged_claim_claims_nothing(files: LibraryFiles) -> None:
    part = await receive(files, b"video")
    claim = part.with_name(part.name.removesuffix(".part") + ".claim")
    for text in ("", "[]", "{", '{"file": "x.mp4", "sha256": "00"}'):
        claim.write_text(text)
        assert files.find_adopted(TASK) is None
    assert await files.adopt(part, NAME) == NAME


async def test_without_links_a_rename_must_do(
    files: LibraryFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(errno.EPERM, "no links on exFAT")

    monkeypatch.setattr(os, "link", refuse)
    files.resolve(NAME).parent.mkdir()
    files.resolve(NAME).write_bytes(b"somebody's own")
    assert await files.adopt(await receive(files, b"video"), NAME) == "2026-11/fog_a41c5bd0 (2).mp4"


def put_on_another_disk(patch: pytest.MonkeyPatch) -> None:
    """Let links and renames work only within a folder, as if each lay on a disk of its own."""

    def within(call: Callable[..., object]) -> Callable[..., object]:
        def move(old: Path, new: Path, **options: object) -> object:
            if Path(old).parent != Path(new).parent:
                raise OSError(errno.EXDEV, "Invalid cross-device link")
            return call(old, new, **options)

        return move

    patch.setattr(os, "link", within(os.link))
    patch.setattr(Path, "rename", within(Path.rename))


async def test_a_folder_on_another_disk_gets_its_video(
    files: LibraryFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.resolve(NAME).parent.mkdir()
    files.resolve(NAME).write_bytes(b"somebody's own")
    put_on_another_disk(monkeypatch)
    part = await receive(files, b"video")
    name = await files.adopt(part, NAME)
    assert name == "2026-11/fog_a41c5bd0 (2).mp4"
    assert files.resolve(name).read_bytes() == b"video"
    assert files.resolve(NAME).read_bytes() == b"somebody's own"
    assert not part.exists()
    assert len(list(files.resolve(name).parent.iterdir())) == 2, "a copy was left behind"


@pytest.mark.parametrize("place", ["copyfile", "sync_file", "_rename_new", "sync_directory"])
async def test_a_crash_on_the_way_to_another_disk_ends_in_one_video(
    files: LibraryFiles, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    put_on_another_disk(monkeypatch)
    part, folder = await receive(files, b"video"), files.resolve(NAME).parent
    with monkeypatch.context() as patch:
        owner: object = shutil if place == "copyfile" else part_adoption
        call: Callable[..., object] = getattr(owner, place)

        def crash(path: Path, *args: object) -> object:
            done = call(path, *args)
            if place == "copyfile" or folder in (path, path.parent):
                raise Crash
            return done

        patch.setattr(owner, place, crash)
        patch.setattr(Path, "unlink", lambda *_args, **_options: None)  # the dead clear nothing up
        with pytest.raises(Crash):
            files_adopt(files, part)
    assert await files.adopt(part, NAME) == NAME
    assert [path.name for path in folder.iterdir()] == [Path(NAME).name]
    assert files.resolve(NAME).read_bytes() == b"video"
    assert not part.exists()


async def test_another_disk_that_is_full_keeps_the_part(
    files: LibraryFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_on_another_disk(monkeypatch)

    def fill_up(_source: Path, target: Path) -> None:
        target.write_bytes(b"fi")
        raise OSError(errno.ENOSPC, "No space left on device")

    part = await receive(files, b"video")
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", fill_up)
        with pytest.raises(DiskFull):
            await files.adopt(part, NAME)
    assert list(files.resolve(NAME).parent.iterdir()) == []
    assert await files.adopt(part, NAME) == NAME


async def test_an_unplugged_library_is_not_written_into(tmp_path: Path) -> None:
    gone = LibraryFiles(tmp_path / "gone")
    empty = LibraryFiles(tmp_path / "mount point")
    empty.library_dir.mkdir()
    for library in (gone, empty):
        with pytest.raises(LibraryUnavailable):
            library.check()
        with pytest.raises(LibraryUnavailable):
            library.scan()
        with pytest.raises(LibraryUnavailable):
            await library.receive(library.part_path(TASK), stream(b"x"), offset=0, limit_bytes=MOST)
        with pytest.raises(LibraryUnavailable):
            await library.adopt(library.part_path(TASK), NAME)
    assert not gone.library_dir.exists()
    assert list(empty.library_dir.iterdir()) == []


def test_a_library_is_made_once(files: LibraryFiles) -> None:
    marker = (files.library_dir / MARKER).read_bytes()
    files.create()
    assert (files.library_dir / MARKER).read_bytes() == marker
    assert files.is_library()
    files.check()
    assert left(files) == []
    assert files.free_bytes() > 0


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(LibraryUnavailable):
        LibraryFiles(tmp_path / "file" / "library").create()
    with pytest.raises(LibraryUnavailable):
        LibraryFiles(tmp_path / "nowhere").free_bytes()


def test_a_library_that_cannot_be_written_to(files: LibraryFiles) -> None:
    (files.library_dir / PART_DIR).write_bytes(b"in the way")  # root may write anywhere else
    with pytest.raises(LibraryUnavailable):
        files.check()


def test_a_disk_that_is_nearly_full(tmp_path: Path) -> None:
    library = LibraryFiles(tmp_path / "library", free_bytes_of=lambda _: 1000)
    library.create()
    library.check(needed_bytes=1000)
    with pytest.raises(DiskFull):
        library.check(needed_bytes=1001)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), DiskFull),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), DiskFull),
        (OSError(errno.EROFS, "Read-only file system"), LibraryReadOnly),
        (OSError(errno.EIO, "Input/output error"), LibraryUnavailable),
        (PermissionError(errno.EACCES, "Permission denied"), LibraryReadOnly),
        (PermissionError(errno.EPERM, "Operation not permitted"), LibraryReadOnly),
    ],
)
def test_what_the_system_says(error: OSError, kind: type[Exception]) -> None:
    translated = translate_file_error(error, Path("x"))
    assert type(translated) is kind
    assert str(error.strerror) in translated.detail


@pytest.mark.parametrize(
    "relative",
    ["", "/etc/passwd", "../x.mp4", "a/../../x", "C:x", "C:/x", "\\x", "..\\x", "//s/x", "a\0b"],
)
def test_no_path_leads_out(files: LibraryFiles, relative: str) -> None:
    with pytest.raises(DamagedValue):
        files.resolve(relative)


@pytest.mark.posix("links need a right of their own")
def test_no_linked_file_leads_out(files: LibraryFiles, tmp_path: Path) -> None:
    (tmp_path / "secret.mp4").write_bytes(b"x")
    (files.library_dir / "link.mp4").symlink_to(tmp_path / "secret.mp4")
    with pytest.raises(DamagedValue):
        files.resolve("link.mp4")
    (files.library_dir / "real").mkdir()
    (files.library_dir / "inside").symlink_to(files.library_dir / "real")
    assert files.resolve("inside/x.mp4").name == "x.mp4"


@pytest.mark.posix("links need a right of their own")
async def test_a_month_that_is_a_link_to_another_disk_is_part_of_the_library(
    files: LibraryFiles, tmp_path: Path
) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "old.mp4").write_bytes(b"video")
    (files.library_dir / "2026-11").symlink_to(tmp_path / "disk")
    (tmp_path / "disk" / "circle").symlink_to(tmp_path / "disk")
    (tmp_path / "disk" / "home").symlink_to(files.library_dir)
    (files.library_dir / "again").symlink_to(files.library_dir / "2026-11")
    part = await receive(files, b"video and more")
    assert await files.adopt(part, NAME) == NAME
    assert [video.file for video in files.scan() if video.file.startswith("2026-11/")] == [
        NAME,
        "2026-11/old.mp4",
    ]
    assert len(files.scan()) == 2


@pytest.mark.posix("names are Unicode")
def test_one_odd_file_never_stops_the_others(files: LibraryFiles) -> None:
    for name in (b"a.mp4", b"caf\xe9.mp4", b"z.mp4"):
        Path(os.fsdecode(os.fsencode(files.library_dir) + b"/" + name)).write_bytes(b"video")
    os.utime(files.library_dir / "a.mp4", (-5_000_000_000, -5_000_000_000))
    (files.library_dir / "loop.mp4").symlink_to("loop.mp4")
    (files.library_dir / "gone").symlink_to("/nowhere")
    listing = files.list_files()
    assert [video.file for video in listing.videos] == ["a.mp4", "z.mp4"]
    assert [each.file for each in listing.passed_over] == ["caf\\xe9.mp4"]


@pytest.mark.parametrize(
    "folder",
    ["#recycle", "$RECYCLE.BIN", ".Trash-1000/files", "@eaDir", ".stversions", "lost+found"],
)
def test_folders_of_systems_and_sync_programs_are_no_part(files: LibraryFiles, folder: str) -> None:
    path = files.library_dir / "2026-11" / folder / "clip.mp4"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"video")
    assert files.list_files().videos == ()


def test_a_path_that_is_too_long_is_found_before_anything_is_paid_for(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * (200 - len(str(tmp_path)) - 1))
    LibraryFiles(folder).create()
    with pytest.raises(LibraryUnavailable) as caught:
        LibraryFiles(folder, longest_path=259).check()
    assert caught.value.reason is Reason.LIBRARY_PATH_TOO_LONG
    LibraryFiles(folder, longest_path=None).check()
    LibraryFiles(folder, longest_path=400).check()


@pytest.mark.parametrize("claim", [b"[]", b"nonsense", b'{"file": "../x.mp4"}', b"[" * 100_000])
async def test_a_claim_that_somebody_else_wrote_is_passed_over(
    files: LibraryFiles, claim: bytes
) -> None:
    part = await receive(files, b"video")
    part.with_name(part.name.removesuffix(".part") + ".claim").write_bytes(claim)
    assert files.find_adopted(TASK) is None
    assert await files.adopt(part, NAME) == NAME


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
@pytest.mark.parametrize("kind", ["pipe", "link to another claim", "link to zeros"])
async def test_a_claim_that_is_no_plain_file_is_passed_over(
    files: LibraryFiles, tmp_path: Path, kind: str
) -> None:
    part = await receive(files, b"video")
    claim = part.with_name(part.name.removesuffix(".part") + ".claim")
    stranger = files.library_dir / "stranger.mp4"
    stranger.write_bytes(b"not ours")
    facts = {"file": "stranger.mp4", "sha256": hashlib.sha256(b"not ours").hexdigest()}
    (tmp_path / "claim").write_text(json.dumps(facts))
    if kind == "pipe":
        os.mkfifo(claim)
    else:
        claim.symlink_to("/dev/zero" if kind == "link to zeros" else tmp_path / "claim")
    assert files.find_adopted(TASK) is None
    assert await files.adopt(part, NAME) == NAME
    assert files.resolve(NAME).read_bytes() == b"video"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
@pytest.mark.parametrize("kind", ["pipe", "link"])
async def test_a_part_that_is_no_plain_file_gives_way(
    files: LibraryFiles, tmp_path: Path, kind: str
) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"precious")
    part = files.part_path(TASK)
    part.parent.mkdir(exist_ok=True)
    if kind == "pipe":
        os.mkfifo(part)
    else:
        part.symlink_to(outside)
    with pytest.raises(DamagedDownload):
        await files.adopt(part, NAME)
    assert await files.adopt(await receive(files, b"video"), NAME) == NAME
    assert outside.read_bytes() == b"precious"
    assert not files.resolve(NAME).is_symlink()


def test_a_library_behind_a_link_is_a_library(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    library = LibraryFiles(tmp_path / "link")
    library.create()
    assert library.resolve("a/b.mp4") == tmp_path / "link" / "a" / "b.mp4"


def test_a_scan_finds_videos_alone(files: LibraryFiles, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.mp4").write_bytes(b"x")
    for name in ("a.mp4", "b/c.MOV", "d.txt", ".hidden.mp4", ".folder/e.mp4"):
        path = files.library_dir / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"video")
    (files.library_dir / "link.mp4").symlink_to(tmp_path / "elsewhere.mp4")
    found = files.scan()
    assert [video.file for video in found] == ["a.mp4", "b/c.MOV"]
    assert found[0].size_bytes == 5


async def test_only_what_ended_jobs_left_is_swept(files: LibraryFiles) -> None:
    other = TaskId("b2")
    await receive(files, b"half")
    await files.receive(files.part_path(other), stream(b"x"), offset=0, limit_bytes=MOST)
    (files.library_dir / PART_DIR / "strange").write_bytes(b"?")
    assert set(files.list_parts()) == {TASK, other}
    assert files.sweep_parts([other]) == 1
    assert files.list_parts() == (TASK,)
    await files.adopt(files.part_path(TASK), NAME)
    assert files.sweep_parts([TASK]) == 1  # the claim
    assert left(files) == ["strange"]


async def test_scraps_of_a_killed_process_are_swept_and_videos_are_not(files: LibraryFiles) -> None:
    assert files.sweep_scraps() == 0  # no folder yet
    await receive(files, b"half")
    parts = files.library_dir / PART_DIR
    (parts / ".probe-8glbwwgk").touch()
    (parts / f".{TASK}.etag.part-01jlit37.part").write_bytes(b"mark")
    assert files.sweep_scraps() == 2
    assert left(files) == [files.part_path(TASK).name]


def test_names_are_planned_in_the_persons_time_zone(tmp_path: Path) -> None:
    at = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
    tokyo = LibraryFiles(tmp_path, zone=timezone(timedelta(hours=9)))
    assert tokyo.plan_name(Draft(prompt="Fog"), TASK, at) == NAME
    pattern = ["{date}_{prompt}"]
    files = LibraryFiles(tmp_path, zone=UTC, name_pattern=lambda: pattern[0])
    assert files.plan_name(Draft(prompt="Fog"), TASK, at) == "2026-10-31_fog_a41c5bd0.mp4"
    pattern[0] = "{prompt}"
    assert files.plan_name(Draft(prompt="Fog"), TASK, at) == "fog_a41c5bd0.mp4"


def test_a_task_id_is_no_path(files: LibraryFiles) -> None:
    part = files.part_path(TaskId("../../../etc/x"))
    assert part.parent == files.library_dir / PART_DIR


def test_the_hash_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    wanted = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert LibraryFiles(tmp_path).hash_file(path) == wanted
