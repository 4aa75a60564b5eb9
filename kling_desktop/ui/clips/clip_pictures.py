"""Posters and hover strips by clip: what is in memory to paint with, and asking for the rest."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtGui import QGuiApplication, QImage, QPixmap

from kling_desktop.domain.video import Video, VideoId
from kling_desktop.media.thumbnail_files import ThumbnailKey, ThumbnailKind
from kling_desktop.media.thumbnails import Thumbnails, picture_key, poster_key, strip_key
from kling_desktop.media.video_file import STRIP_FRAMES

_NOBODY = 0
"""The id under which pictures are requested that belong to no clip."""


@dataclass(frozen=True, slots=True)
class Strip:
    """Evenly spaced pictures of a clip, side by side in one row."""

    pixmap: QPixmap
    frames: int = STRIP_FRAMES

    def source(self, fraction: float) -> QRectF:
        """Return the part of the pixmap for a moment, 0 (start) to 1 (end) of the clip."""
        frame = min(self.frames - 1, max(0, int(fraction * self.frames)))
        width = self.pixmap.width() / self.frames
        return QRectF(frame * width, 0, width, self.pixmap.height())


class ClipPictures(QObject):
    """Finds pictures by clip instead of by file; shared by the pages that show clips.

    `find_…` look in memory only, so that painting never waits; `want_…` request what is not there,
    and `ready` reports when it is.

    Args:
        thumbnails: Makes and keeps them.
        locate: Where a clip's file is.

    Signals:
        ready: `VideoId` of a clip with a new picture.
        still_ready: `Path` of an input picture whose thumbnail is in memory now.
    """

    ready = Signal(object)
    still_ready = Signal(object)

    def __init__(
        self,
        thumbnails: Thumbnails,
        locate: Callable[[Video], Path],
        *,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._locate = locate
        self._files: dict[VideoId, Path] = {}
        self._posters: dict[VideoId, ThumbnailKey] = {}
        self._greys: dict[VideoId, QPixmap] = {}
        thumbnails.ready.connect(self._on_ready)

    def locate(self, video: Video) -> Path:
        """Return where a clip's file is, or was."""
        return self._locate(video)

    def has_poster(self, video_id: VideoId) -> bool:
        return self.find_poster(video_id) is not None

    def find_poster(self, video_id: VideoId) -> QPixmap | None:
        key = self._posters.get(video_id)  # kept: a wall asks for hundreds at each step it scrolls
        return None if key is None else self._thumbnails.find(key)

    def find_strip(self, video_id: VideoId) -> Strip | None:
        file = self._files.get(video_id)
        pixmap = None if file is None else self._thumbnails.find(strip_key(file))
        return None if pixmap is None else Strip(pixmap)

    def find_grey_poster(self, video_id: VideoId) -> QPixmap | None:
        """Return the poster without colour: the still of a clip whose file has moved."""
        poster = self.find_poster(video_id)
        if poster is None:
            return self._greys.get(video_id)
        if video_id not in self._greys:
            grey = poster.toImage().convertToFormat(QImage.Format.Format_Grayscale8)
            self._greys[video_id] = QPixmap.fromImage(grey)
        return self._greys[video_id]

    def want_posters(self, videos: Iterable[Video]) -> None:
        """Ask for posters; what comes last in `videos` is made first."""
        for video in videos:
            self._place(video)
            self._want(video, self._posters[video.id])

    def want_strip(self, video: Video) -> None:
        self._want(video, strip_key(self._place(video)))

    def find_still(self, file: Path) -> QPixmap | None:
        """Return the thumbnail of an input picture; request it where it is not in memory."""
        key = picture_key(file, _pixel_ratio())
        if self._thumbnails.has_failed(key):
            return None
        return self._thumbnails.find_or_request(_NOBODY, key)

    def forget(self, video: Video) -> None:
        """Forget a clip's pictures: its file has changed."""
        file = self._files.pop(video.id, None)
        self._posters.pop(video.id, None)
        self._greys.pop(video.id, None)
        if file is not None:
            self._thumbnails.forget(file)

    def _place(self, video: Video) -> Path:
        file = self._files[video.id] = self._locate(video)
        self._posters[video.id] = poster_key(file, _pixel_ratio())
        return file

    def _want(self, video: Video, key: ThumbnailKey) -> None:
        if not video.missing and video.trashed_at is None:
            self._thumbnails.request(video.id, key)

    def _on_ready(self, ident: int, key: ThumbnailKey) -> None:
        # Numbers of jobs and pictures pass here too: the file tells whose it is.
        if key.kind is ThumbnailKind.PICTURE:
            self.still_ready.emit(key.path)
            return
        video_id = VideoId(ident)
        if self._files.get(video_id) == key.path:
            self._greys.pop(video_id, None)
            self.ready.emit(video_id)


def _pixel_ratio() -> float:
    screen = QGuiApplication.primaryScreen()
    return screen.devicePixelRatio() if screen is not None else 1.0
