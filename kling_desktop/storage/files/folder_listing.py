"""What lies in the library folder: its videos, and what is passed over and why.

A folder that people and programs use holds odd things.  One of them never stops the rest: it is
named and passed over.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kling_desktop.storage.files.small_files import is_plain_file
from kling_desktop.storage.files.system_errors import file_errors

VIDEO_SUFFIXES = frozenset({".mp4", ".mov", ".m4v", ".webm"})

_SYSTEM_FOLDERS = frozenset(
    {
        *("$recycle.bin", "recycler", "recycled", "system volume information", "found.000"),
        *("lost+found", "__macosx"),
        *("#recycle", "#snapshot", "@eadir", "@recycle", "@recently-snapshot", "@tmp"),
        *("@sharebin", "@synoeastream"),
    }
)
"""Recycle bins, previews and snapshots of Windows, Linux, Synology and QNAP.

Those of other systems and of sync programs (`.Trash-1000`, `.stversions`, `.dropbox.cache`) begin
with a dot, as all hidden folders do.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundVideo:
    """A video file in the library folder; `file` is relative, with forward slashes."""

    file: str
    size_bytes: int
    modified_at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    r"""A file or folder that could not be looked at.

    Attributes:
        file: Relative, printable: what is no text in its name is shown as ``\xe9``.
        detail: The system's words.
    """

    file: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderListing:
    """Everything that was found, each part in the order of its names."""

    videos: tuple[FoundVideo, ...]
    passed_over: tuple[PassedOver, ...] = ()


def list_folder(root: Path) -> FolderListing:
    """List the videos below a folder (blocking).

    Raises:
        LibraryUnavailable: The folder itself cannot be read.
    """
    passed: list[PassedOver] = []
    videos: list[FoundVideo] = []
    with file_errors(root):
        with os.scandir(root):  # what the walk below would only report
            pass
        for path in _walk(root, passed):
            relative = path.relative_to(root).as_posix()
            try:
                relative.encode()
                if path.is_symlink() or not path.is_file():
                    continue
                status = path.stat()
            except FileNotFoundError:  # taken away while we look
                continue
            except UnicodeEncodeError:
                passed.append(PassedOver(file=_show(relative), detail="the name is no UTF-8"))
                continue
            except (OSError, ValueError) as error:
                passed.append(PassedOver(file=_show(relative), detail=str(error)))
                continue
            videos.append(
                FoundVideo(file=relative, size_bytes=status.st_size, modified_at_s=status.st_mtime)
            )
    return FolderListing(videos=tuple(videos), passed_over=tuple(passed))


def find_named(root: Path, word: str) -> tuple[str, ...]:
    """List the videos below a folder with a word in their names, without opening any (blocking).

    Raises:
        LibraryUnavailable: The folder cannot be read.
    """
    with file_errors(root):
        found = [path for path in _walk(root, []) if word in path.name]
        names = (path.relative_to(root).as_posix() for path in found if is_plain_file(path))
        return tuple(name for name in names if _is_text(name))


def is_system_folder(name: str) -> bool:
    """Say whether a folder belongs to a system or to another program: no part of a library."""
    return name.startswith(".") or name.lower() in _SYSTEM_FOLDERS


def _is_text(name: str) -> bool:
    """Say whether a name is UTF-8; the records can hold no other."""
    return not any("\ud800" <= c <= "\udfff" for c in name)


def _walk(root: Path, passed: list[PassedOver]) -> Iterator[Path]:
    """Go through the files with a video's ending; linked folders once, and never in a circle."""

    def pass_over(error: OSError) -> None:
        place = Path(str(error.filename or root))
        shown = place.relative_to(root).as_posix() if place.is_relative_to(root) else place.name
        passed.append(PassedOver(file=_show(shown), detail=str(error.strerror or error)))

    home = root.resolve()
    seen: set[Path] = set()
    for folder, folders, names in os.walk(root, followlinks=True, onerror=pass_over):
        here = Path(folder)
        kept: list[str] = []
        for name in sorted(folders):
            if is_system_folder(name):
                continue
            if (here / name).is_symlink():
                target = (here / name).resolve()
                # One that leads back into the library is met there, under its own name.
                if target.is_relative_to(home) or home.is_relative_to(target) or target in seen:
                    continue
                seen.add(target)
            kept.append(name)
        folders[:] = kept
        for name in sorted(names):
            path = here / name
            if not name.startswith(".") and path.suffix.lower() in VIDEO_SUFFIXES:
                yield path


def _show(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
