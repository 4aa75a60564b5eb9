"""Moves files to the system's trash."""

from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QFile, QStandardPaths

from kling_desktop.domain.errors import LibraryUnavailable
from kling_desktop.domain.reasons import Reason


def move_to_trash(path: Path) -> Path | None:
    """Move a file to the trash (blocking) and return its place there, None where that is unknown.

    Raises:
        LibraryUnavailable: The system has no trash for this place or refused; the file stays.
    """
    # Qt makes the trash at its first use, but not the folder that the trash is in.
    home = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
    with suppress(OSError):
        Path(home).mkdir(parents=True, exist_ok=True)
    file = QFile(str(path))
    if not file.moveToTrash():
        raise LibraryUnavailable(Reason.NO_TRASH_HERE, detail=file.errorString())
    return Path(file.fileName()) if file.fileName() and file.fileName() != str(path) else None
