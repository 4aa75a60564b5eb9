"""Files in a folder that others write to are hostile input: nothing hangs, nothing is followed."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kling_desktop.domain.errors import DataFolderUnavailable
from kling_desktop.storage.database.sent_journal import SentJournal
from kling_desktop.storage.files.small_files import (
    is_plain_file,
    read_own_file,
    read_small_file,
    read_small_json,
)
from kling_desktop.storage.settings.api_key import ApiKeySource
from kling_desktop.storage.settings.settings_store import SettingsStore


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


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders and no /dev")
def test_a_file_of_our_own_may_be_a_link_but_never_ends_nowhere(tmp_path: Path) -> None:
    real, link, pipe, device = (tmp_path / name for name in ("real", "link", "pipe", "device"))
    real.write_bytes(b"words")
    link.symlink_to(real)
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    assert read_own_file(real, 5) == read_own_file(link, 5) == b"words"
    for path, most in ((real, 4), (pipe, 5), (device, 5), (tmp_path, 5)):
        with pytest.raises(OSError, match=path.name):
            read_own_file(path, most)
    with pytest.raises(FileNotFoundError):
        read_own_file(tmp_path / "none", 5)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders")
async def test_pipes_in_place_of_the_app_s_files_keep_nobody_waiting(tmp_path: Path) -> None:
    for name in ("settings.json", "key", "kling-desktop.sent.jsonl"):
        os.mkfifo(tmp_path / name)
    assert SettingsStore.load(tmp_path / "settings.json").warnings
    with pytest.raises(DataFolderUnavailable):
        await ApiKeySource(tmp_path / "key", environment={}).load()
    assert SentJournal(tmp_path / "kling-desktop.sent.jsonl").list_sent() == ()
