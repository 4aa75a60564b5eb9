"""Reads small files of a folder that others can write to: whatever lies there, nothing hangs."""

import errno
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import cast

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a named pipe would wait for somebody to write into it
)


def is_plain_file(path: Path) -> bool:
    """Say whether there is a file itself: no link, no folder, no pipe, no device."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def read_small_file(path: Path, most_bytes: int) -> bytes | None:
    """Read a whole file; None when there is none, it is larger, or it is no plain file.

    Raises:
        OSError: It is a plain file and cannot be read.
    """
    if not is_plain_file(path):
        return None
    try:
        handle = os.open(path, _FLAGS)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        content = file.read(most_bytes + 1)
    return content if len(content) <= most_bytes else None


def read_own_file(path: Path, most_bytes: int) -> bytes:
    """Read a file of the app's own folder, where the user may have put a link to another place.

    Raises:
        FileNotFoundError: There is none.
        OSError: It is no plain file, larger, or cannot be read.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):  # a pipe would never end, and neither would a device
        raise OSError(errno.EINVAL, "not a file on a disk", str(path))
    if status.st_size > most_bytes:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return path.read_bytes()


def read_small_json(path: Path, most_bytes: int) -> Mapping[str, object] | None:
    """Read a JSON object; None when the file holds anything else, or see `read_small_file`.

    Raises:
        OSError: It is a plain file and cannot be read.
    """
    content = read_small_file(path, most_bytes)
    if content is None:
        return None
    try:
        value: object = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else None
