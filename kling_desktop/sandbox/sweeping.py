"""Keeps the sandbox's folder bounded: what can be made again, or sent again, goes first."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kling_desktop.sandbox.ledger import Ledger

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much may lie in the folder once nobody is working.

    Attributes:
        videos_bytes: Of finished videos; an older one is made again when it is asked for.
        pictures_bytes: Of kept pictures; an older one has to be sent again.
        kept_s: What is younger stays whatever it weighs: it may be on its way to somebody.
    """

    videos_bytes: int = 64 * 1024 * 1024
    pictures_bytes: int = 256 * 1024 * 1024
    kept_s: float = 3600.0


def sweep(ledger: Ledger, bounds: Bounds, now: float) -> int:
    """Remove the oldest videos and pictures beyond the bounds; return how many (blocking).

    What an unfinished task needs stays.
    """
    unfinished = [task for task in ledger.tasks.values() if not task.finished]
    needed = {f"{uuid}.mp4" for task in unfinished for uuid in task.video_uuids}
    needed |= {name for task in unfinished for name in (task.first, task.last)}
    videos = [path for path in ledger.videos.iterdir() if not path.name.startswith("plain-")]
    removed = 0
    for files, most in (
        (videos, bounds.videos_bytes),
        (
            ledger.pictures.iterdir(),
            bounds.pictures_bytes,
        ),
    ):
        old = _find_surplus(files, most, now - bounds.kept_s)
        for path in (path for path in old if path.name not in needed):
            path.unlink(missing_ok=True)
            removed += 1
    if removed:
        logger.info("removed %d old files", removed)
    return removed


def _find_surplus(files: Iterable[Path], most_bytes: int, before: float) -> list[Path]:
    """Return the oldest files, as many as it takes to come down to the bound."""
    known: list[tuple[float, int, Path]] = []
    for path in files:
        with suppress(OSError):  # a renderer has just renamed it
            status = path.stat()
            known.append((status.st_mtime, status.st_size, path))
    surplus = sum(size for _, size, _ in known) - most_bytes
    found: list[Path] = []
    for changed_at, size, path in sorted(known):
        if surplus <= 0 or changed_at > before:
            break
        found.append(path)
        surplus -= size
    return found
