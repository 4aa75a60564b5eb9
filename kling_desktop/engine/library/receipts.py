"""Receipts as other programs read them: each as JSON, and all of them as one CSV."""

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Protocol

from kling_desktop.domain.catalog import MODELS_BY_ID
from kling_desktop.domain.draft import ImageInput
from kling_desktop.domain.job import Job, Service
from kling_desktop.domain.receipt import JobEvent, Receipt

RECEIPT_FORMAT = 1
CSV_COLUMNS = (
    "job",
    "state",
    "service",
    "model",
    "model_id",
    "prompt",
    "negative_prompt",
    "first_frame",
    "last_frame",
    "duration_s",
    "size",
    "queued_at",
    "sent_at",
    "accepted_at",
    "ended_at",
    "cost_usd",
    "file",
    "file_sha256",
    "task_id",
    "retry_of",
    "error",
    "error_detail",
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""In the spreadsheets of East Asia the wide forms of the four signs begin a formula too."""
_PASSED_BY = " \u00a0\u3000\u200b\ufeff"
"""Blanks, and what shows nothing, that a spreadsheet may drop before it looks at a cell."""


class TextSink(Protocol):
    """Where text can be written to."""

    def write(self, text: str, /) -> object: ...


def receipt_to_json(receipt: Receipt) -> dict[str, object]:
    """Write a receipt as plain JSON values: no key, no path of this machine, pictures by hash."""
    job, video = receipt.job, receipt.video
    draft = job.draft
    return {
        "kling_desktop_receipt": RECEIPT_FORMAT,
        "job": job.id,
        "title": job.title,
        "state": job.state.value,
        "service": job.service.value,
        "task_id": job.task_id,
        "group_id": job.group_id,
        "retry_of": job.retry_of,
        "model": draft.model,
        "prompt": draft.prompt,
        "negative_prompt": draft.negative_prompt,
        "first_frame": _write_image(draft.first_frame),
        "last_frame": _write_image(draft.last_frame),
        "size": None if draft.dimensions is None else str(draft.dimensions),
        "duration_s": draft.duration_s,
        "cfg_scale": draft.cfg_scale,
        "queued_at": _write_moment(job.created_at),
        "sent_at": _write_moment(job.submitted_at),
        "accepted_at": _write_moment(job.accepted_at),
        "ended_at": _write_moment(job.ended_at),
        "times_sent": job.attempts,
        "practice": job.service is Service.SANDBOX,
        "cost_usd": _write_cost(job),
        "seed": job.seed,
        "error": _write_error(job),
        "request": receipt.request,
        "file": None
        if video is None
        else {
            "name": video.file,
            "sha256": video.sha256,
            "bytes": video.facts.size_bytes,
            "duration_s": video.facts.duration_s,
            "width": video.facts.width,
            "height": video.facts.height,
        },
        "time_line": [
            _write_event(event, free=job.service is Service.SANDBOX) for event in receipt.events
        ],
    }


def write_receipts_csv(receipts: Iterable[Receipt], target: TextSink) -> int:
    """Write receipts as CSV, one line a job; returns how many.

    A value that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    count = 0
    for receipt in receipts:
        writer.writerow([_defuse(cell) for cell in _list_cells(receipt)])
        count += 1
    return count


def _list_cells(receipt: Receipt) -> tuple[object, ...]:
    job, video = receipt.job, receipt.video
    draft = job.draft
    spec = MODELS_BY_ID.get(draft.model)
    return (
        job.id,
        job.state.value,
        job.service.value,
        draft.model if spec is None else spec.name,
        draft.model,
        draft.prompt,
        draft.negative_prompt,
        "" if draft.first_frame is None else draft.first_frame.name,
        "" if draft.last_frame is None else draft.last_frame.name,
        draft.duration_s,
        "" if draft.dimensions is None else str(draft.dimensions),
        _write_moment(job.created_at),
        _write_moment(job.submitted_at),
        _write_moment(job.accepted_at),
        _write_moment(job.ended_at),
        _write_cost(job),
        "" if video is None else video.file,
        "" if video is None else video.sha256,
        job.task_id,
        job.retry_of,
        job.error_code,
        job.error_detail,
    )


def _defuse(cell: object) -> object:
    if cell is None:
        return ""
    if isinstance(cell, str) and cell.lstrip(_PASSED_BY).startswith(_FORMULA_STARTS):
        return f"'{cell}"
    return cell


def _write_image(image: ImageInput | None) -> dict[str, object] | None:
    if image is None:
        return None
    return {
        "name": image.name,
        "sha256": image.sha256,
        "bytes": image.size_bytes,
        "width": image.width,
        "height": image.height,
    }


def _write_event(event: JobEvent, *, free: bool) -> dict[str, object]:
    written: dict[str, object] = {"at": _write_moment(event.at), "kind": event.kind.value}
    if event.before is not None:
        written["from"] = event.before.value
    if event.after is not None:
        written["to"] = event.after.value
    facts = {name: value for name, value in event.facts.items() if name != "cost_usd" or not free}
    return {**written, "facts": facts}


def _write_error(job: Job) -> dict[str, object] | None:
    if not job.error_code:
        return None
    return {
        "code": job.error_code,
        "service_code": job.error_service_code,
        "detail": job.error_detail,
    }


def _write_moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds")


def _write_cost(job: Job) -> str | None:
    """A cost is money: the practice dollars of the sandbox are none."""
    return None if job.cost_usd is None or job.service is Service.SANDBOX else str(job.cost_usd)
