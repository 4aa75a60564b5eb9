"""What is being dragged or pasted, as far as Create can use it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

from kling_desktop.domain.job import JobId
from kling_desktop.domain.video import VideoId
from kling_desktop.ui.controls.drag_data import read_clip_ids, read_job_id

_WEB_SCHEMES = ("http", "https")


class DropKind(StrEnum):
    """The six things that Create tells apart."""

    CLIPS = "clips"
    JOB = "job"
    FILES = "files"
    IMAGE = "image"
    TEXT = "text"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class DropContents:
    """What is carried.

    Attributes:
        paths: Files on disk; a web address alone comes as one path that the check explains.
        job_id: A row of the queue.
        text: Words; a clip carries its prompt.
    """

    kind: DropKind = DropKind.NOTHING
    paths: tuple[Path, ...] = ()
    clip_ids: tuple[VideoId, ...] = ()
    job_id: JobId | None = None
    text: str = ""

    @property
    def is_picture(self) -> bool:
        return self.kind in (DropKind.CLIPS, DropKind.FILES, DropKind.IMAGE)

    @property
    def name(self) -> str:
        """What the person would call it: the one file's name."""
        return self.paths[0].name if len(self.paths) == 1 else ""


def read_drop(mime: QMimeData) -> DropContents:
    """Tell what is carried without reading a picture's bytes."""
    text = mime.text() if mime.hasText() else ""
    clips = read_clip_ids(mime)
    if clips:
        return DropContents(kind=DropKind.CLIPS, clip_ids=clips, text=text)
    job_id = read_job_id(mime)
    if job_id is not None:
        return DropContents(kind=DropKind.JOB, job_id=job_id)
    files = tuple(Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile())
    if files:
        return DropContents(kind=DropKind.FILES, paths=files)
    if mime.hasImage():
        return DropContents(kind=DropKind.IMAGE)
    web = tuple(Path(url.toString()) for url in mime.urls() if url.scheme() in _WEB_SCHEMES)
    if web:
        return DropContents(kind=DropKind.FILES, paths=web[:1])
    if text.strip():
        return DropContents(kind=DropKind.TEXT, text=text)
    return DropContents()


def read_image(mime: QMimeData) -> QImage | None:
    """Return the picture that is carried without a file."""
    data = mime.imageData()
    if isinstance(data, QImage) and not data.isNull():
        return data
    return None
