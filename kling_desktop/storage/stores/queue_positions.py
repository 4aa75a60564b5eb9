"""The order of waiting jobs: each has a number between its neighbours'."""

import sqlite3

from kling_desktop.domain.errors import StateConflict
from kling_desktop.domain.job import Job, JobId
from kling_desktop.domain.reasons import Reason
from kling_desktop.storage.rows.job_rows import job_from_row


def move(
    connection: sqlite3.Connection,
    job_id: JobId,
    ids: list[JobId],
    positions: list[float],
    place: int,
) -> tuple[Job, ...]:
    """Move a job to a place among the others; renumber all when the gap is used up.

    Args:
        connection: Inside a transaction.
        job_id: Who moves.
        ids: The other waiting jobs, in their order.
        positions: Where these stand.
        place: The index of the job to stand before; their count means the end.

    Returns:
        The job itself, then all others that were given a new number.

    Raises:
        StateConflict: One of them is not queued any more.
    """
    lower = positions[place - 1] if place else None
    upper = positions[place] if place < len(positions) else None
    match lower, upper:
        case None, None:
            position = 1.0
        case None, float():
            position = upper - 1
        case float(), None:
            position = lower + 1
        case _:
            position = ((lower or 0.0) + (upper or 0.0)) / 2
    changed = _place(connection, job_id, position)
    if position not in (lower, upper):
        return (changed,)
    order = [*ids[:place], job_id, *ids[place:]]
    jobs = [_place(connection, each, float(number)) for number, each in enumerate(order, start=1)]
    moved = jobs.pop(place)
    return (moved, *jobs)


def _place(connection: sqlite3.Connection, job_id: JobId, position: float) -> Job:
    rows = connection.execute(
        "UPDATE jobs SET position = ? WHERE id = ? AND state = 'queued' RETURNING *",
        (position, job_id),
    ).fetchall()
    if not rows:
        raise StateConflict(Reason.JOB_NOT_WAITING, facts={"id": job_id})
    return job_from_row(rows[0])
