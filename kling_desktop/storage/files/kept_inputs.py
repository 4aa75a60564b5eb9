"""Our own copies of input pictures, named by their hash: the original may move or change."""

import hashlib
import os
import tempfile
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from kling_desktop.domain.errors import UnreadableImage
from kling_desktop.domain.reasons import Reason
from kling_desktop.storage.files.atomic_io import (
    make_durable_folder,
    remove_file,
    remove_leftover,
    replace_file,
    run_whole,
    sync_directory,
)
from kling_desktop.storage.files.part_adoption import hash_file
from kling_desktop.storage.files.system_errors import data_errors

_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
_HASH_LENGTH = 64
_COPY_BYTES = 1024 * 1024


class KeptInputs:
    """The folder of kept pictures; each content lies there once."""

    def __init__(self, inputs_dir: Path) -> None:
        self.inputs_dir = inputs_dir

    async def keep(self, path: Path) -> tuple[Path, str]:
        """Copy a picture into our keeping and return the copy and its SHA-256.

        Raises:
            UnreadableImage: The picture is not there any more or cannot be read.
            DiskFull: There is no room for the copy.
            DataFolderUnavailable: The folder cannot be written to.
        """
        return await run_whole(self._keep, path)

    def find_kept(self, sha256: str) -> Path | None:
        """Find the copy of a picture by its hash; one look into the folder."""
        if not sha256.isalnum():  # a recipe from elsewhere may say anything here
            return None
        return next(iter(sorted(self.inputs_dir.glob(f"{sha256}.*"))), None)

    def list_kept(self) -> tuple[str, ...]:
        """List the SHA-256 of every kept picture.  Blocking."""
        if not self.inputs_dir.is_dir():
            return ()
        with data_errors(self.inputs_dir):
            return tuple(sorted(path.stem for path in self.inputs_dir.iterdir() if _is_kept(path)))

    def sweep(self, needed: Collection[str], *, limit_bytes: int, used_before: datetime) -> int:
        """Remove the pictures that were not used for longest, until the others fit.  Blocking.

        Args:
            needed: SHA-256 of pictures that stay, whatever they take.
            limit_bytes: What all others together may take.
            used_before: Only pictures that were kept, or kept again, before this are removed: one
                that is just being queued is in no row yet.

        Returns:
            How many were removed.
        """
        if not self.inputs_dir.is_dir():
            return 0
        removed = 0
        with data_errors(self.inputs_dir):
            found = [path for path in self.inputs_dir.iterdir() if _is_kept(path)]
            others = [
                (status.st_mtime, status.st_size, path)
                for path in found
                if path.stem not in needed
                for status in (path.stat(),)
            ]
            taken = sum(size for _, size, _ in others)
            for used_at, size, path in sorted(others):
                if taken <= limit_bytes or used_at >= used_before.timestamp():
                    break
                remove_file(path)
                taken -= size
                removed += 1
        return removed

    def _keep(self, path: Path) -> tuple[Path, str]:
        with data_errors(self.inputs_dir):
            make_durable_folder(self.inputs_dir)
            handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=self.inputs_dir)
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as copy:
                sha256 = _copy(path, copy, part)
            suffix = path.suffix.lower()
            target = self.inputs_dir / f"{sha256}{suffix if suffix in _SUFFIXES else '.picture'}"
            with data_errors(target):
                if target.is_file() and hash_file(target) == sha256:
                    os.utime(target)  # it was used again, so that others are swept first
                else:
                    replace_file(part, target)
                    sync_directory(self.inputs_dir)
            return target, sha256
        finally:
            remove_leftover(part)


def _copy(path: Path, copy: BinaryIO, part: Path) -> str:
    """Copy a picture to an open file and hash exactly the bytes that were copied."""
    digest = hashlib.sha256()
    try:
        source = path.open("rb")
    except OSError as error:
        raise UnreadableImage(
            Reason.KEPT_PICTURE_GONE, detail=f"{error.strerror}: {path}"
        ) from error
    with source:
        while True:
            try:
                piece = source.read(_COPY_BYTES)
            except OSError as error:
                raise UnreadableImage(
                    Reason.KEPT_PICTURE_GONE, detail=f"{error.strerror}: {path}"
                ) from error
            if not piece:
                break
            digest.update(piece)
            with data_errors(part):
                copy.write(piece)
    with data_errors(part):
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest()


def _is_kept(path: Path) -> bool:
    return len(path.stem) == _HASH_LENGTH and all(c in "0123456789abcdef" for c in path.stem)
