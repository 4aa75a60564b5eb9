"""Thumbnails for the views: which are in memory, and which is made next."""

import asyncio
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor, Future, wait
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage, QPixmap

from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.media.thumbnail_files import ThumbnailFiles, ThumbnailKey, ThumbnailKind
from kling_desktop.media.video_file import VideoCancelled

logger = logging.getLogger(__name__)

MEMORY_BUDGET_BYTES = 128 * 1024 * 1024
WORKERS = 2
RETRY_AFTER_S = 30.0
MAX_WAITING = 400
POSTER_WIDTH = 480
STRIP_WIDTH = 320


def poster_key(path: Path, dpr: float = 1.0) -> ThumbnailKey:
    """Name the poster of a video for a screen; two sizes serve all, so few files are made."""
    return ThumbnailKey(path, ThumbnailKind.POSTER, POSTER_WIDTH * (2 if dpr > 1.25 else 1))


def strip_key(path: Path) -> ThumbnailKey:
    """Name the hover strip of a video: `STRIP_FRAMES` frames side by side."""
    return ThumbnailKey(path, ThumbnailKind.STRIP, STRIP_WIDTH)


def picture_key(path: Path, dpr: float = 1.0) -> ThumbnailKey:
    """Name the small form of an input picture or a queue still."""
    return ThumbnailKey(path, ThumbnailKind.PICTURE, POSTER_WIDTH * (2 if dpr > 1.25 else 1))


class Thumbnails(QObject):
    """Thumbnails for the views.  Owned by the app; all methods belong to the window's thread.

    `find` looks into memory only and suits `paint()`; `request` asks for what was not there, and
    `ready` reports when it is.  What was asked for last is made first: it is what is on screen.

    Args:
        files: The folder they are kept in.
        executor: Whose threads do the work; at most `WORKERS` at a time.
        budget_bytes: How much memory the pixels may take.
        monotonic: Seconds that never go back; for the pause before a failed one is tried again.
    """

    ready = Signal(int, object)
    """An id that asked, and the `ThumbnailKey` that `find` now knows."""
    failed = Signal(int, object)
    """An id that asked, and the `ThumbnailKey` that could not be made."""

    _ended = Signal(object, object)

    def __init__(
        self,
        files: ThumbnailFiles,
        executor: Executor,
        *,
        budget_bytes: int = MEMORY_BUDGET_BYTES,
        monotonic: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._files = files
        self._executor = executor
        self._budget_bytes = budget_bytes
        self._monotonic = monotonic
        self._pixmaps: OrderedDict[ThumbnailKey, QPixmap] = OrderedDict()
        self._used_bytes = 0
        # Newest last; who asked for each, so that one picture in two places is made once.
        self._waiting: OrderedDict[ThumbnailKey, set[int]] = OrderedDict()
        self._running: dict[ThumbnailKey, set[int]] = {}
        self._futures: dict[Future[QImage | None], ThumbnailKey | None] = {}
        self._released: set[Path] = set()
        self._failed_at: dict[ThumbnailKey, float] = {}
        self._stopped = threading.Event()
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)

    def find(self, key: ThumbnailKey) -> QPixmap | None:
        """Return it if it is in memory; never touches the disk."""
        pixmap = self._pixmaps.get(key)
        if pixmap is not None:
            self._pixmaps.move_to_end(key)
        return pixmap

    def request(self, ident: int, key: ThumbnailKey) -> None:
        """Ask for one on behalf of a row; cheap, and may be asked again with every paint."""
        if self._stopped.is_set() or key in self._pixmaps:
            return
        if key in self._running:
            self._running[key].add(ident)
            return
        failed_at = self._failed_at.get(key)
        if failed_at is not None and self._monotonic() - failed_at < RETRY_AFTER_S:
            return
        self._waiting.setdefault(key, set()).add(ident)
        self._waiting.move_to_end(key)
        if len(self._waiting) > MAX_WAITING:
            # Scrolled past long ago; it is asked for again when it comes back into view.
            self._waiting.popitem(last=False)
        self._start_next()

    def find_or_request(self, ident: int, key: ThumbnailKey) -> QPixmap | None:
        """Return it if it is in memory, else ask for it."""
        pixmap = self.find(key)
        if pixmap is None:
            self.request(ident, key)
        return pixmap

    def has_failed(self, key: ThumbnailKey) -> bool:
        """Say whether it could not be made, so that a view can show that instead of waiting."""
        return key in self._failed_at

    def retry(self, ident: int, key: ThumbnailKey) -> None:
        """Ask again at once for one that failed: the file is back."""
        self._failed_at.pop(key, None)
        self.request(ident, key)

    def forget(self, path: Path) -> None:
        """Drop what is in memory of a file that changed or went away."""
        for key in [key for key in self._pixmaps if key.path == path]:
            self._used_bytes -= _count_bytes(self._pixmaps.pop(key))
        for key in [key for key in self._failed_at if key.path == path]:
            del self._failed_at[key]

    async def release(self, path: Path) -> None:
        """Stop reading a file and wait until no worker has it open, so that it can be moved."""
        for key in [key for key in self._waiting if key.path == path]:
            del self._waiting[key]
        self._released.add(path)
        try:
            reading = [
                asyncio.wrap_future(future)
                for future, key in self._futures.items()
                if key is not None and key.path == path and not future.done()
            ]
            if reading:
                await asyncio.gather(*reading, return_exceptions=True)
        finally:
            self._released.discard(path)

    def trim_disk(self) -> None:
        """Bring the folder down to its budget, in a worker; after the start and when it changes."""
        if not self._stopped.is_set():
            self._submit(None)

    def stop(self, *, wait_s: float = 2.0) -> None:
        """Make no more of them, and wait for the workers, which stop at their next frame."""
        self._stopped.set()
        self._waiting.clear()
        for future in self._futures:
            future.cancel()
        wait(self._futures, wait_s)

    @property
    def waiting(self) -> int:
        """How many are asked for and not begun."""
        return len(self._waiting)

    @property
    def used_bytes(self) -> int:
        """Memory that the pixels in `find`'s reach take."""
        return self._used_bytes

    def _start_next(self) -> None:
        while self._waiting and len(self._running) < WORKERS:
            key, askers = self._waiting.popitem(last=True)
            self._running[key] = askers
            self._submit(key)

    def _submit(self, key: ThumbnailKey | None) -> None:
        future = self._executor.submit(self._work, key)
        self._futures = {each: at for each, at in self._futures.items() if not each.done()}
        self._futures[future] = key
        future.add_done_callback(lambda done: self._report_ended(key, done))

    def _work(self, key: ThumbnailKey | None) -> QImage | None:
        """Make one, in a worker: bytes and a QImage only, a QPixmap belongs to the window."""
        if key is None:
            self._files.trim()
            return None
        if self._is_cancelled(key.path):
            raise VideoCancelled
        return QImage.fromData(self._files.load(key, lambda: self._is_cancelled(key.path)))

    def _is_cancelled(self, path: Path) -> bool:
        return self._stopped.is_set() or path in self._released

    def _report_ended(self, key: ThumbnailKey | None, future: Future[QImage | None]) -> None:
        """Hand a finished future to the window's thread; called in the worker's."""
        if not self._stopped.is_set():
            self._ended.emit(key, future)

    def _on_ended(self, key: ThumbnailKey | None, future: Future[QImage | None]) -> None:
        if self._stopped.is_set():
            return
        askers = self._running.pop(key, set()) if key is not None else set[int]()
        try:
            # A bug in a worker comes up here, in the window's thread, where it is reported.
            image = future.result()
        except VideoCancelled:  # the file was released: it may be read again at once
            return
        except KlingDesktopError as error:
            logger.info("no thumbnail for %s: %s", key, error)
            image = None
        finally:
            self._start_next()
        if key is None:
            return
        if image is None or image.isNull():
            self._failed_at[key] = self._monotonic()
            for ident in sorted(askers):
                self.failed.emit(ident, key)
            return
        self._failed_at.pop(key, None)
        self._remember(key, QPixmap.fromImage(image))
        for ident in sorted(askers):
            self.ready.emit(ident, key)

    def _remember(self, key: ThumbnailKey, pixmap: QPixmap) -> None:
        old = self._pixmaps.pop(key, None)
        if old is not None:
            self._used_bytes -= _count_bytes(old)
        self._pixmaps[key] = pixmap
        self._used_bytes += _count_bytes(pixmap)
        while self._used_bytes > self._budget_bytes and len(self._pixmaps) > 1:
            _, oldest = self._pixmaps.popitem(last=False)
            self._used_bytes -= _count_bytes(oldest)


def _count_bytes(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * pixmap.depth() // 8
