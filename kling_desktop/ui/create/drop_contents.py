"""What is being dragged or pasted, as far as Create can use it."""

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage

from kling_desktop.domain.job import JobId
from kling_desktop.domain.video import VideoId
from kling_desktop.ui.controls.drag_data import read_clip_ids, read_job_id

_WEB_SCHEMES = ("http", "https", "ftp")
_THIS_MACHINE = ("", "localhost", "127.0.0.1", "[::1]", "::1")
_FILE_ADDRESS = "file:"


class DropKind(StrEnum):
    """The six kinds of contents that Create distinguishes."""

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
        paths: Files on disk; a web address comes as one path, which the check explains.
        job_id: A row of the queue.
        text: Plain text; a clip carries its prompt.
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
        """The file's name when it is one file."""
        return self.paths[0].name if len(self.paths) == 1 else ""


def read_drop(mime: QMimeData) -> DropContents:
    """Find out what is carried, without reading a picture's bytes."""
    text = mime.text() if mime.hasText() else ""
    clips = read_clip_ids(mime)
    if clips:
        return DropContents(kind=DropKind.CLIPS, clip_ids=clips, text=text)
    job_id = read_job_id(mime)
    if job_id is not None:
        return DropContents(kind=DropKind.JOB, job_id=job_id)
    urls = mime.urls()
    files = tuple(path for url in urls if (path := find_local_path(url)) is not None)
    if files:
        return DropContents(kind=DropKind.FILES, paths=files)
    if mime.hasImage():
        return DropContents(kind=DropKind.IMAGE)
    web = tuple(Path(url.toString()) for url in urls if url.scheme() in _WEB_SCHEMES)
    if web:
        return DropContents(kind=DropKind.FILES, paths=web[:1])
    named = _find_named_files(text)
    if named:
        return DropContents(kind=DropKind.FILES, paths=named)
    if text.strip():
        return DropContents(kind=DropKind.TEXT, text=text)
    return DropContents()


def find_local_path(url: QUrl) -> Path | None:
    """The file that an address names; None when it is not on this machine.

    A name may hold any bytes, which Qt's own conversion replaces where they are no UTF-8, and
    some programs write this machine's name into the address.
    """
    if not url.isLocalFile():
        return None
    if os.name == "nt" or url.host().lower() not in _THIS_MACHINE:
        return Path(url.toLocalFile())  # Windows: letters of drives, and folders of other machines
    encoded = url.path(QUrl.ComponentFormattingOption.FullyEncoded)
    name = os.fsdecode(unquote_to_bytes(encoded))
    return Path(name) if name else None


def _find_named_files(text: str) -> tuple[Path, ...]:
    """Files whose addresses come as text, as some file managers copy them."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or not all(line.lower().startswith(_FILE_ADDRESS) for line in lines):
        return ()
    paths = [find_local_path(QUrl.fromEncoded(line.encode())) for line in lines]
    return tuple(path for path in paths if path is not None)


def read_image(mime: QMimeData) -> QImage | None:
    """Return the picture that is carried without a file."""
    data = mime.imageData()
    if isinstance(data, QImage) and not data.isNull():
        return data
    return None
