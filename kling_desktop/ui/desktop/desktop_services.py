"""What is asked of the desktop around us: show a file in its folder, open a folder or a page."""

import logging
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

if TYPE_CHECKING:
    from PySide6.QtDBus import QDBusPendingCallWatcher

logger = logging.getLogger(__name__)

_FILE_MANAGER = "org.freedesktop.FileManager1"
_PATIENCE_MS = 2_000


class DesktopServices(QObject):
    """Owned by the app.  Each method says whether the desktop took the request."""

    def reveal(self, files: Sequence[Path]) -> bool:
        """Show files marked in the file manager; where that fails, open their folder."""
        there = [file for file in files if file.exists()]
        if not there:
            return bool(files) and self.open_folder(_nearest_folder(files[0]))
        if sys.platform == "win32":
            # explorer.exe answers 1 also when all went well.
            subprocess.Popen(["explorer", "/select,", str(there[0])])  # noqa: S603, S607
            return True
        if sys.platform == "darwin":
            subprocess.Popen(["open", "-R", *map(str, there)])  # noqa: S603, S607
            return True
        return self._ask_over_bus(there) or self.open_folder(there[0].parent)

    def open_folder(self, folder: Path) -> bool:
        return QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _ask_over_bus(self, files: Sequence[Path]) -> bool:
        """Ask the file manager by its common name; without an answer the folder is opened."""
        try:
            # Not in every build of Qt, and only wanted when somebody asks.
            from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher
        except ImportError as error:
            logger.info("no session bus: %s", error)
            return False
        bus = QDBusConnection.sessionBus()
        if not bus.isConnected():
            return False
        message = QDBusMessage.createMethodCall(
            _FILE_MANAGER, "/org/freedesktop/FileManager1", _FILE_MANAGER, "ShowItems"
        )
        encoded = QUrl.ComponentFormattingOption.FullyEncoded
        message.setArguments([[QUrl.fromLocalFile(str(f)).toString(encoded) for f in files], ""])
        watcher = QDBusPendingCallWatcher(bus.asyncCall(message, _PATIENCE_MS), self)
        watcher.finished.connect(lambda done: self._on_answer(done, files[0].parent))
        return True

    def _on_answer(self, watcher: "QDBusPendingCallWatcher", folder: Path) -> None:
        if watcher.isError():
            logger.info("no file manager answered: %s", watcher.error().message())
            self.open_folder(folder)
        watcher.deleteLater()


def _nearest_folder(file: Path) -> Path:
    return next((parent for parent in file.parents if parent.is_dir()), Path.home())
