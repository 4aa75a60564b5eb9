"""The data of a clip that is dragged or copied, and the picture under the pointer."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QMimeData, QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import QPainter, QPixmap

from kling_desktop.domain.job import JobId
from kling_desktop.domain.video import VideoId
from kling_desktop.ui.theme.painting import (
    CENTER,
    draw_picture,
    draw_text,
    fill_rounded,
    measure_text,
)
from kling_desktop.ui.theme.theme import Theme

JOB_MIME = "application/x-kling-desktop-job"
"""The row number of one job; only this window asks for it."""


def build_job_mime(job_id: JobId) -> QMimeData:
    """Pack a job for the queue, which moves it, and for Create, which loads its settings."""
    mime = QMimeData()
    mime.setData(JOB_MIME, QByteArray(str(job_id).encode("ascii")))
    return mime


def read_job_id(mime: QMimeData) -> JobId | None:
    """Return the job that is carried; None when something else is."""
    number = bytes(mime.data(JOB_MIME).data())
    return JobId(int(number)) if number.isdigit() else None


CLIP_MIME = "application/x-kling-desktop-clips"
"""Row numbers of clips, joined by commas: other parts of the window ask for it."""
_GHOST_HEIGHT = 84


def build_clip_mime(ids: Sequence[VideoId], files: Sequence[Path], prompt: str = "") -> QMimeData:
    """Pack clips for another program (file addresses) and for our own window (row numbers).

    `prompt` goes along as text, so that a clip dropped on a field of words gives its words.
    """
    mime = QMimeData()
    mime.setData(CLIP_MIME, ",".join(str(video_id) for video_id in ids).encode("ascii"))
    mime.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    if prompt:
        mime.setText(prompt)
    return mime


def read_clip_ids(mime: QMimeData) -> tuple[VideoId, ...]:
    """Return the clips that are carried, none when something else is."""
    if not mime.hasFormat(CLIP_MIME):
        return ()
    words = mime.data(CLIP_MIME).toStdString().split(",")
    return tuple(VideoId(int(word)) for word in words if word.isdecimal())


def draw_ghost(theme: Theme, picture: QPixmap | None, aspect: float, count: int) -> QPixmap:
    """Draw what hangs under the pointer: the picture and, from two on, how many there are."""
    height = _GHOST_HEIGHT
    width = round(min(max(aspect, 0.5), 2.0) * height)
    dpr = picture.devicePixelRatio() if picture is not None else 1.0
    ghost = QPixmap(round((width + 12) * dpr), round((height + 12) * dpr))
    ghost.setDevicePixelRatio(dpr)
    ghost.fill(Qt.GlobalColor.transparent)
    painter = QPainter(ghost)
    rect = QRectF(0, 12, width, height)
    if picture is None:
        fill_rounded(painter, rect, theme.radius("md"), theme.color("raised"))
    else:
        draw_picture(painter, rect, picture, theme.radius("md"), opacity=0.9)
    if count > 1:
        font = theme.font("caption", 600)
        badge = QRectF(0, 0, max(20.0, measure_text(font, f"{count}") + 12), 20)
        badge.moveTopRight(QPointF(width + 10, 2))
        fill_rounded(painter, badge, 10, theme.color("accent"))
        draw_text(painter, badge, f"{count}", font, theme.color("on-accent"), align=CENTER)
    painter.end()
    return ghost
