"""Files and folders that only their owner may open, whatever the umask: all of the data folder.

Prompts, pictures, logs and addresses of results lie there.  Windows has no such modes: there the
user's profile folder is closed to others, and a data folder elsewhere is as open as its parent.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
SHARED_FILE = 0o644
"""For what lies in the library folder, which a user may share with others."""


def make_private_folder(folder: Path) -> None:
    """Make a folder, and the missing ones above it, for its owner alone; close one that is open.

    Raises:
        OSError: It cannot be made.
    """
    for missing in reversed(tuple(_list_missing(folder))):
        missing.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    _close_to_others(folder, PRIVATE_FOLDER)


def make_private_file(path: Path) -> None:
    """Make an empty file for its owner alone, or close one that is there and keep what is in it.

    For those that open files by themselves, such as SQLite; that one gives the files which it
    makes beside a database the same mode.

    Raises:
        OSError: It cannot be made.
    """
    os.close(private_opener(os.fspath(path), os.O_RDWR | os.O_CREAT))
    _close_to_others(path, PRIVATE_FILE)


def private_opener(path: str, flags: int) -> int:
    """Open a file as `os.open` does; one that is made is its owner's alone: for `open`."""
    return os.open(path, flags | getattr(os, "O_CLOEXEC", 0), PRIVATE_FILE)


def _list_missing(folder: Path) -> Iterator[Path]:
    for parent in folder.parents:
        if parent.exists():
            return
        yield parent


def _close_to_others(path: Path, mode: int) -> None:
    """Take rights from others on what an older version made; what is not ours stays as it is."""
    status = path.stat()
    if os.name != "nt" and stat.S_IMODE(status.st_mode) & 0o077 and status.st_uid == os.getuid():
        path.chmod(mode)
