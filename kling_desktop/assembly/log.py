"""The log file: rotating, in the data folder, without secrets and without request bodies."""

import logging
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from kling_desktop.storage.files.private_files import make_private_file, make_private_folder
from kling_desktop.storage.files.system_errors import data_errors

_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


class _PrivateFile(RotatingFileHandler):
    """A rotating file that only its owner may read: prompts and paths stand in it."""

    def _open(self) -> TextIOWrapper:
        path = Path(self.baseFilename)
        make_private_file(path)
        return path.open("a", encoding=self.encoding, errors=self.errors)


def start_log(folder: Path) -> logging.Handler:
    """Add a rotating file of 5 × 1 MB to the root logger and return its handler.

    HTTP libraries log addresses at INFO, and a result's address is as good as the clip: they are
    held at WARNING whatever the level.

    Raises:
        DataFolderUnavailable: The folder cannot be made or written to.
    """
    with data_errors(folder):
        make_private_folder(folder)
        handler = _PrivateFile(
            folder / "kling-desktop.log", maxBytes=1_000_000, backupCount=4, encoding="utf-8"
        )
    handler.setFormatter(logging.Formatter(_FORMAT))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel("INFO")
    for name in ("httpx", "httpcore", "asyncio", "PIL", "libav", "qasync"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return handler


def stop_log(handler: logging.Handler) -> None:
    logging.getLogger().removeHandler(handler)
    handler.close()
