import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kling_desktop.domain.errors import DataFolderUnavailable, UnreadableImage
from kling_desktop.storage.files.kept_inputs import KeptInputs


async def test_a_picture_is_kept_once_whatever_happens_to_the_original(tmp_path: Path) -> None:
    kept = KeptInputs(tmp_path / "inputs")
    original = tmp_path / "Lake 🎉.PNG"
    original.write_bytes(b"picture" * 1000)
    sha256 = hashlib.sha256(b"picture" * 1000).hexdigest()
    copy, digest = await kept.keep(original)
    assert (copy.name, digest) == (f"{sha256}.png", sha256)
    assert await kept.keep(original) == (copy, sha256)
    original.write_bytes(b"changed")
    other, _ = await kept.keep(original)
    original.unlink()
    assert copy.read_bytes() == b"picture" * 1000
    assert other.read_bytes() == b"changed"
    assert len(list(kept.inputs_dir.iterdir())) == 2


async def test_a_damaged_copy_is_made_anew(tmp_path: Path) -> None:
    kept = KeptInputs(tmp_path / "inputs")
    (tmp_path / "a.jpg").write_bytes(b"picture")
    copy, _ = await kept.keep(tmp_path / "a.jpg")
    copy.write_bytes(b"pict")
    await kept.keep(tmp_path / "a.jpg")
    assert copy.read_bytes() == b"picture"


async def test_what_cannot_be_kept(tmp_path: Path) -> None:
    kept = KeptInputs(tmp_path / "inputs")
    for path in (tmp_path / "gone.png", tmp_path):
        with pytest.raises(UnreadableImage):
            await kept.keep(path)
    assert list(kept.inputs_dir.iterdir()) == []
    (tmp_path / "a.png").write_bytes(b"x")
    with pytest.raises(DataFolderUnavailable):
        await KeptInputs(tmp_path / "a.png" / "inputs").keep(tmp_path / "a.png")


async def test_sweeping_removes_what_was_not_used_for_longest_until_the_rest_fits(
    tmp_path: Path,
) -> None:
    kept = KeptInputs(tmp_path / "inputs")
    now = datetime.now(UTC)
    assert kept.sweep([], limit_bytes=0, used_before=now) == 0
    hashes: list[str] = []
    for age, name in enumerate(("new.png", "b.webp", "c.strange", "old.jpg")):
        (tmp_path / name).write_bytes(name.encode().ljust(100))
        path, sha256 = await kept.keep(tmp_path / name)
        hashes.append(sha256)
        moment = (now - timedelta(days=10 * age)).timestamp()
        os.utime(path, (moment, moment))
    (kept.inputs_dir / "note.txt").write_bytes(b"mine")
    assert set(kept.list_kept()) == set(hashes)
    day_ago = now - timedelta(days=1)
    assert kept.sweep([hashes[3]], limit_bytes=200, used_before=day_ago) == 1
    assert set(kept.list_kept()) == {hashes[0], hashes[1], hashes[3]}, "the oldest is needed"
    await kept.keep(tmp_path / "b.webp")  # it is used again
    assert kept.sweep([], limit_bytes=0, used_before=day_ago) == 1
    assert set(kept.list_kept()) == {hashes[0], hashes[1]}
    assert (kept.inputs_dir / "note.txt").exists()
