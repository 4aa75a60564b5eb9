"""Files in a folder that others write to are hostile input: nothing hangs, nothing is followed."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kling_desktop.storage.files.small_files import is_plain_file, read_small_file, read_small_json


def _fifo(path: Path) -> None:
    os.mkfifo(path)


HOSTILE: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: None,
    "folder": lambda path: path.mkdir(),
    "binary": lambda path: path.write_bytes(bytes(range(256))),
    "deep": lambda path: path.write_bytes(b"[" * 900),
    "deeper": lambda path: path.write_bytes(b"[" * 60_000),
    "an array": lambda path: path.write_bytes(b"[{}]"),
    "huge": lambda path: path.write_bytes(b'{"a":1}' + b" " * 65_536),
    "endless digits": lambda path: path.write_bytes(b'{"a":' + b"9" * 5000 + b"}"),
    "no UTF-8": lambda path: path.write_bytes(b'{"a":"\xff"}'),
    "empty": lambda path: path.touch(),
}
if sys.platform != "win32":
    HOSTILE |= {
        "pipe": _fifo,
        "link": lambda path: path.symlink_to("/etc/passwd"),
        "link to zeros": lambda path: path.symlink_to("/dev/zero"),
        "link to itself": lambda path: path.symlink_to(path),
    }


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_small_json_object_is_none(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    path = tmp_path / "file"
    make(path)
    assert read_small_json(path, 65_536) is None


def test_a_plain_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b'{"a": [1, "b"]}')
    assert is_plain_file(path)
    assert read_small_json(path, 100) == {"a": [1, "b"]}
    assert read_small_file(path, len(b'{"a": [1, "b"]}')) == path.read_bytes()
    assert read_small_file(path, 3) is None
    assert not is_plain_file(tmp_path / "absent")
