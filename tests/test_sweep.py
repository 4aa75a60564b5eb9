"""Every seventh operation of a job's life fails, or is the last of its process; `make sweep`: all."""

import logging
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.sweep import run_one, sweep
from tools.sweep_disk import KINDS, DurableDisk, Killed, Mode, Operations, intercepted

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no folder can be synced there")

EVERY = 7


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Each kill is logged as a bug, with its traceback."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("mode", ["error", "kill"])
def test_no_single_operation_loses_doubles_or_halves_a_clip(mode: Mode) -> None:
    hits, faults = sweep(mode, every=EVERY)
    assert faults == []
    assert hits.total() >= 8


def test_all_kinds_of_operations_belong_to_the_story() -> None:
    counted = run_one("count").counted
    assert set(counted) == set(KINDS)
    assert counted["commit"] >= 5
    assert counted["fsync"] >= 10


def test_what_was_not_synced_is_gone_after_a_kill(tmp_path: Path) -> None:
    """The one who proves is proved: names and bytes live as long as their last sync."""
    root, grave = tmp_path / "disk", tmp_path / "grave"
    root.mkdir()
    (root / "old").write_bytes(b"old")
    disk = DurableDisk(root)
    operations = Operations(disk, "kill", 4, grave)
    with intercepted(operations):
        (root / "unsynced").write_bytes(b"x")
        (root / "half").write_bytes(b"1234")
        _sync(root / "half")
        (root / "half").write_bytes(b"12345678")
        (root / "old").rename(root / "renamed")
        _sync(root)
        (root / "late").write_bytes(b"late")
        with pytest.raises(Killed):
            _sync(root / "late")
        with pytest.raises(Killed):
            (root / "late").unlink()
    disk.close()
    assert operations.counted == Counter(fsync=3, rename=1)
    left = {path.name: path.read_bytes() for path in grave.iterdir()}
    assert left == {"unsynced": b"", "half": b"1234", "renamed": b"old"}


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def test_an_error_hits_one_operation_alone(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    operations = Operations(DurableDisk(tmp_path), "error", 1, tmp_path / "grave")
    with intercepted(operations):
        with pytest.raises(OSError, match="Input/output"):
            (tmp_path / "a").unlink()
        (tmp_path / "a").unlink()
    assert operations.hit == "unlink"
    assert not (tmp_path / "a").exists()
