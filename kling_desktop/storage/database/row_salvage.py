"""Takes unfinished jobs over from a damaged database: they may be paid for."""

import json
import logging
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from kling_desktop.domain.errors import DamagedValue
from kling_desktop.domain.job import JobState
from kling_desktop.storage.database.sent_journal import SentJournal, bring_back
from kling_desktop.storage.database.transaction import transaction
from kling_desktop.storage.files.system_errors import database_errors
from kling_desktop.storage.rows.job_rows import job_from_row

logger = logging.getLogger(__name__)

_MOST_FAILURES = 1000
"""After this many unreadable rows in a row nothing readable is expected."""
_UNSENT = "UPDATE jobs SET state = 'unconfirmed', submitted_at = updated_at WHERE state = 'queued'"
_UNSENDABLE = (
    "UPDATE jobs SET body = '' WHERE state IN ('submitting', 'unconfirmed')"
    " AND task_id NOT IN (SELECT value FROM json_each(?))"
)
_ADD_EVENT = (
    "INSERT INTO job_events (job_id, at, kind, before, after, facts)"
    " SELECT id, updated_at, 'state', state, ?, '{\"restored\": true}' FROM jobs WHERE "
)


def bring_up_to_date(copy: Path, damaged: Path | None, journal: SentJournal) -> None:
    """Make an old copy of the database, or an empty one, safe to continue from.  Blocking.

    Jobs that are unfinished in the damaged database, or ended there without a clip, are taken over.
    Jobs that only the journal knows as sent are added as unconfirmed.  What is still queued after
    that may have been sent since the copy was made: it becomes unconfirmed too, the service is
    asked about it, and only the user can have it sent again.  The same holds for jobs that only
    the copy calls unconfirmed: the user may have given them up since.
    """
    ended, read = set[str](), list[str]()
    with database_errors(), closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        if damaged is not None:
            for row in _read_jobs(damaged):
                try:
                    if row["ended_at"] is not None:
                        ended.add(row["task_id"])
                    _take_over(connection, row)
                    read.append(row["task_id"])
                except (sqlite3.Error, DamagedValue, ValueError, TypeError, IndexError) as error:
                    logger.warning("a job of the damaged database is not taken over: %s", error)
        with transaction(connection):
            bring_back(connection, (one for one in journal.list_sent() if one.task_id not in ended))
            connection.execute(f"{_ADD_EVENT} state = 'queued'", (JobState.UNCONFIRMED.value,))
            connection.execute(_UNSENT)
            connection.execute(_UNSENDABLE, (json.dumps(read),))
        journal.drop_ended(connection)


def _read_jobs(damaged: Path) -> Iterator[sqlite3.Row]:
    """Read row by row what can be read, from a copy: the damaged file stays untouched."""
    with TemporaryDirectory(prefix="kling-desktop-") as folder:
        place = Path(folder, "damaged.sqlite3")
        for suffix in ("", "-wal"):
            source = damaged.with_name(damaged.name + suffix)
            if source.exists():
                shutil.copyfile(source, place.with_name(place.name + suffix))
        with closing(sqlite3.connect(place, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            last, failures = 0, 0
            while failures < _MOST_FAILURES:
                try:
                    row = connection.execute(
                        "SELECT * FROM jobs WHERE id > ? ORDER BY id LIMIT 1", (last,)
                    ).fetchone()
                    if row is None:
                        return
                    last, failures = int(row["id"]), 0
                except (sqlite3.Error, ValueError, TypeError):
                    last, failures = last + 1, failures + 1
                    continue
                yield row


def _take_over(connection: sqlite3.Connection, row: sqlite3.Row) -> None:
    job = job_from_row(row)  # what the app could not read is not taken over
    if job.state is JobState.DONE:
        return  # its clip is in the library folder, which knows more
    found = connection.execute(
        "SELECT id, ended_at FROM jobs WHERE task_id = ?", (job.task_id,)
    ).fetchone()
    if found is not None and found["ended_at"] is not None:
        return
    if found is None and job.state.is_terminal:
        return
    values = {name: row[name] for name in row.keys() if name != "id"}  # noqa: SIM118
    with transaction(connection):
        if found is None:
            values["retry_of"] = None
            names = ", ".join(values)
            marks = ", ".join("?" * len(values))
            connection.execute(
                f"INSERT INTO jobs ({names}) VALUES ({marks})",  # noqa: S608 our own columns
                tuple(values.values()),
            )
        else:
            assignments = ", ".join(f"{name} = ?" for name in values)
            connection.execute(
                f"UPDATE jobs SET {assignments} WHERE id = ?",  # noqa: S608 our own columns
                (*values.values(), found["id"]),
            )
        connection.execute(f"{_ADD_EVENT} task_id = ?", (job.state.value, job.task_id))
