"""How a finished part becomes a video in the library: once, for good, over nobody else's file."""

import errno
import hashlib
import json
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from kling_desktop.domain.errors import DamagedDownload, DamagedValue, LibraryUnavailable
from kling_desktop.domain.reasons import Reason
from kling_desktop.storage.files.atomic_io import (
    remove_file,
    remove_leftover,
    rename_file,
    sync_directory,
    sync_file,
    write_file,
)
from kling_desktop.storage.files.file_names import numbered
from kling_desktop.storage.files.private_files import SHARED_FILE
from kling_desktop.storage.files.small_files import is_plain_file, read_small_json
from kling_desktop.storage.files.system_errors import file_errors

PART_SUFFIX = ".part"
CLAIM_SUFFIX = ".claim"
_MOST_NAMES = 1000
_MOST_CLAIM_BYTES = 64 * 1024

logger = logging.getLogger(__name__)


def adopt_part(part: Path, relative: str, library_dir: Path, resolve: Callable[[str], Path]) -> str:
    """Move a part to its name in the library and return the name it got.  Blocking.

    Before the move a claim beside the part says under which name which bytes will lie: after a
    crash between the move and the row's commit it tells our video from a stranger's.

    Args:
        part: The complete video.
        relative: The name it should get.
        library_dir: Folders are made below it.
        resolve: `LibraryFiles.resolve`.
    """
    with file_errors(part):
        adopted = find_claimed(part, resolve)
        if adopted is not None:
            remove_leftover(_crossing_path(part, resolve(adopted)))
            remove_leftover(part)
            return adopted
        if not is_plain_file(part):
            raise DamagedDownload(Reason.DOWNLOADED_FILE_GONE, detail=part.name)
        sync_file(part)
        sha256 = hash_file(part)
        for number in range(1, _MOST_NAMES):
            name = relative if number == 1 else numbered(relative, number)
            if _take_name(part, name, sha256, resolve(name), library_dir):
                return name
    raise LibraryUnavailable(Reason.NAMES_TAKEN, detail=relative)


def find_claimed(part: Path, resolve: Callable[[str], Path]) -> str | None:
    """Find the name under which a part was already moved to its place; None when it was not.

    A claim is a file like any other: one that makes no sense, or leads out of the library, is none.
    """
    with file_errors(part):
        facts = read_small_json(_claim_path(part), _MOST_CLAIM_BYTES)
        if facts is None:
            return None
        relative = str(facts.get("file"))
        try:
            target = resolve(relative)
        except DamagedValue as error:
            logger.warning("a claim is passed over: %s", error)
            return None
        if not is_plain_file(target) or hash_file(target) != facts.get("sha256"):
            return None
        sync_directory(target.parent)
        return relative


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file in lower-case hex.  Blocking, in constant memory.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _take_name(part: Path, name: str, sha256: str, target: Path, library_dir: Path) -> bool:
    """Move the part to a name if that is free, or already holds the same video."""
    _make_folders(target.parent, library_dir)
    if os.path.lexists(target):
        same = target.is_file() and not target.is_symlink() and hash_file(target) == sha256
        if not same:
            return False
        remove_leftover(part)
    else:
        write_file(
            _claim_path(part),
            json.dumps({"file": name, "sha256": sha256}).encode(),
            mode=SHARED_FILE,
        )
        if not _move_new(part, target):
            return False
    sync_directory(target.parent)
    return True


def _claim_path(part: Path) -> Path:
    return part.with_name(part.name.removesuffix(PART_SUFFIX) + CLAIM_SUFFIX)


def _make_folders(folder: Path, root: Path) -> None:
    """Make the folders between the library and a video, each one's name on the disk for good."""
    missing: list[Path] = []
    while folder != root and not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir(exist_ok=True)
        sync_directory(each.parent)


def _move_new(part: Path, target: Path) -> bool:
    """Move without ever overwriting; False when somebody has just taken the name."""
    try:
        return _rename_new(part, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    # The folder lies on another disk than the library: whole there first, then a rename within it.
    crossing = _crossing_path(part, target)
    try:
        remove_file(crossing)
        shutil.copyfile(part, crossing)
        sync_file(crossing)
        if not _rename_new(crossing, target):
            return False
    finally:
        remove_leftover(crossing)
    sync_directory(target.parent)  # the two disks keep no order between them
    remove_leftover(part)
    return True


def _crossing_path(part: Path, target: Path) -> Path:
    return target.with_name(f".{part.name}")


def _rename_new(part: Path, target: Path) -> bool:
    if os.name == "nt":
        try:
            rename_file(part, target)  # on Windows a rename never overwrites
        except FileExistsError:
            return False
        return True
    try:
        os.link(part, target, follow_symlinks=False)
    except FileExistsError:
        return False
    except OSError:
        # exFAT and some network disks know no links: look first, then rename.
        if os.path.lexists(target):
            return False
        rename_file(part, target)
        return True
    remove_leftover(part)
    return True
