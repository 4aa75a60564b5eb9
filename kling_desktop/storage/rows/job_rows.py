"""How a job is stored in its row: columns to `Job`, facts to columns, events."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from kling_desktop.domain.draft import Draft
from kling_desktop.domain.job import Job, JobId, JobRequest, JobState, Service, TaskId
from kling_desktop.domain.receipt import EventKind, JobEvent
from kling_desktop.storage.rows.columns import (
    Column,
    insert_row,
    read_draft,
    read_facts,
    read_moment,
    read_moment_or_none,
    read_money_or_none,
    write_draft,
    write_facts,
    write_value,
)

_FACT_COLUMNS: Final[Mapping[str, str]] = {
    **{
        name: name
        for name in (
            "task_id", "position", "watching", "cancel_asked", "cap_waived", "body", "frame_form",
            "submitted_at", "attempts", "accepted_at", "result_url", "result_id", "file", "seed",
            "error_code", "error_service_code", "error_detail", "holds", "held_until",
        )
    },
    "cost_usd": "cost_micros",
}  # fmt: skip
"""The fields of `Job` that may change in a job's life, and the column of each.

The task id changes only when the service surely refused it before acceptance.
"""

FORGOTTEN_BY_EDIT: Final[Mapping[str, Column]] = {
    "cap_waived": False,
    "frame_form": "",
    "error_code": "",
    "error_service_code": "",
    "error_detail": "",
    "holds": 0,
    "held_until": None,
}
"""What belonged to a queued job's former draft: it may cost more now, and ask in another form."""

_SILENT_FACTS = frozenset({"body", "result_url", "position"})
"""Facts that events show in another form or not at all."""


def job_from_row(row: sqlite3.Row) -> Job:
    """Make the value of a row of `jobs`.

    Raises:
        DamagedValue: The row's draft cannot be read.
    """
    return Job(
        id=JobId(row["id"]),
        task_id=TaskId(row["task_id"]),
        draft=read_draft(row["draft"]),
        service=Service(row["service"]),
        state=JobState(row["state"]),
        created_at=read_moment(row["created_at"]),
        updated_at=read_moment(row["updated_at"]),
        position=float(row["position"]),
        group_id=row["group_id"],
        retry_of=row["retry_of"],
        watching=bool(row["watching"]),
        cancel_asked=bool(row["cancel_asked"]),
        cap_waived=bool(row["cap_waived"]),
        body=row["body"],
        frame_form=row["frame_form"],
        submitted_at=read_moment_or_none(row["submitted_at"]),
        attempts=row["attempts"],
        accepted_at=read_moment_or_none(row["accepted_at"]),
        result_url=row["result_url"],
        result_id=row["result_id"],
        file=row["file"],
        seed=row["seed"],
        cost_usd=read_money_or_none(row["cost_micros"]),
        error_code=row["error_code"],
        error_service_code=row["error_service_code"],
        error_detail=row["error_detail"],
        ended_at=read_moment_or_none(row["ended_at"]),
        holds=row["holds"],
        held_until=read_moment_or_none(row["held_until"]),
    )


def append_jobs(
    connection: sqlite3.Connection, requests: Sequence[JobRequest], at: str
) -> tuple[Job, ...]:
    """Add queued jobs at the end of the queue, in their order."""
    (last,) = connection.execute(
        "SELECT coalesce(max(position), 0) FROM jobs WHERE ended_at IS NULL"
    ).fetchone()
    return tuple(
        insert_job(connection, request, float(last) + place, at)
        for place, request in enumerate(requests, start=1)
    )


def insert_job(
    connection: sqlite3.Connection, request: JobRequest, position: float, at: str
) -> Job:
    """Add one queued job with the first event of its time line."""
    draft = replace(request.draft, takes=1)
    values: dict[str, Column] = {
        "task_id": request.task_id,
        "service": request.service.value,
        "state": JobState.QUEUED.value,
        "position": position,
        "created_at": at,
        "updated_at": at,
        "group_id": request.group_id,
        "retry_of": request.retry_of,
        **draft_columns(draft),
    }
    row_id = insert_row(connection, "jobs", values)
    job_id = JobId(row_id)
    facts = {} if request.retry_of is None else {"retry_of": request.retry_of}
    insert_event(connection, job_id, at, EventKind.STATE, facts, after=JobState.QUEUED)
    return Job(
        id=job_id,
        task_id=request.task_id,
        draft=draft,
        service=request.service,
        state=JobState.QUEUED,
        created_at=read_moment(at),
        updated_at=read_moment(at),
        position=position,
        group_id=request.group_id,
        retry_of=request.retry_of,
    )


def draft_columns(draft: Draft) -> dict[str, Column]:
    """Turn a draft, with one take, into the columns that hold it."""
    first, last = draft.first_frame, draft.last_frame
    return {
        "model": draft.model,
        "first_sha256": "" if first is None else first.sha256,
        "last_sha256": "" if last is None else last.sha256,
        "draft": write_draft(replace(draft, takes=1)),
    }


def columns_of(facts: Mapping[str, object]) -> dict[str, Column]:
    """Turn facts, keyword arguments named like fields of `Job`, into columns.

    Raises:
        TypeError: There is no such field, or it does not change in a job's life.
    """
    unknown = sorted(facts.keys() - _FACT_COLUMNS.keys())
    if unknown:
        raise TypeError(f"no facts of a job: {', '.join(unknown)}")
    return {_FACT_COLUMNS[name]: write_value(value) for name, value in facts.items()}


def event_facts(facts: Mapping[str, object]) -> dict[str, object]:
    """Build the facts of an event: short, without the body, of a link the host only."""
    shown: dict[str, object] = {}
    for name, value in facts.items():
        if name == "body" and isinstance(value, str):
            shown["body_bytes"] = len(value.encode())
        elif name == "result_url" and isinstance(value, str):
            shown["result_host"] = _find_host(value)
        elif name not in _SILENT_FACTS:
            shown[name] = value if value is None or isinstance(value, bool) else write_value(value)
    if "cost_usd" in shown:
        shown["cost_usd"] = str(facts["cost_usd"])
    return shown


def insert_event(
    connection: sqlite3.Connection,
    job_id: JobId,
    at: str,
    kind: EventKind,
    facts: Mapping[str, object],
    *,
    before: JobState | None = None,
    after: JobState | None = None,
) -> None:
    """Add one event to a job's time line."""
    connection.execute(
        "INSERT INTO job_events (job_id, at, kind, before, after, facts) VALUES (?, ?, ?, ?, ?, ?)",
        (job_id, at, kind.value, write_value(before), write_value(after), write_facts(facts)),
    )


def event_from_row(row: sqlite3.Row) -> JobEvent:
    return JobEvent(
        at=read_moment(row["at"]),
        kind=EventKind(row["kind"]),
        before=None if row["before"] is None else JobState(row["before"]),
        after=None if row["after"] is None else JobState(row["after"]),
        facts=read_facts(row["facts"]),
    )


def _find_host(url: str) -> str:
    """Return an address's host; empty for what is no address: the service may send anything."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
