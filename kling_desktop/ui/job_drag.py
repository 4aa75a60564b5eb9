"""Jobs on the move: what is carried when a row of the queue is dragged."""

from PySide6.QtCore import QByteArray, QMimeData

from kling_desktop.domain.job import JobId

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
