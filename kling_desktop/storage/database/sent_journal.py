"""A journal of sent tasks beside the database: it survives the loss of the database."""

import json
import logging
import os
import sqlite3
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

from kling_desktop.domain.draft import Draft
from kling_desktop.domain.errors import DamagedValue
from kling_desktop.domain.job import Job, JobId, JobRequest, JobState, Service, TaskId
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.receipt import EventKind
from kling_desktop.storage.files.atomic_io import remove_file, sync_directory, write_file
from kling_desktop.storage.files.private_files import private_opener
from kling_desktop.storage.files.small_files import read_own_file
from kling_desktop.storage.files.system_errors import data_errors
from kling_desktop.storage.rows.columns import read_draft, read_moment, write_draft, write_moment
from kling_desktop.storage.rows.job_rows import insert_event, insert_job

logger = logging.getLogger(__name__)


def journal_path(database: Path) -> Path:
    return database.with_name(database.name + ".sent")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentTask:
    """A task that may be paid for, with what is needed to restore its job.

    Attributes:
        sent_at: When it was last about to be sent.
        account: A fingerprint of the service address and key; empty when unknown.
    """

    task_id: TaskId
    service: Service
    draft: Draft
    group_id: str
    sent_at: datetime
    account: str = ""


class SentJournal:
    """A file of JSON lines; each is on the disk before its request is sent.

    It is only read when the database is gone or older than the journal.  It holds no key, and of
    pictures only what the draft holds.  Owned by `Database`; all methods block.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def note_sent(self, job: Job, at: datetime, account: str = "") -> None:
        """Note that a job's request is about to be sent; when this returns it is on the disk.

        Args:
            job: Whose request.
            at: Now.
            account: A fingerprint of the address and key, never the key.

        Raises:
            StorageError: It could not be written: then nothing may be sent.
        """
        sent = SentTask(
            task_id=job.task_id,
            service=job.service,
            draft=job.draft,
            group_id=job.group_id,
            sent_at=at,
            account=account,
        )
        self._append(_to_facts(sent), synced=True)

    def note_returned(self, task_id: TaskId) -> None:
        """Note that a task was surely not accepted, or will not be sent under this id again.

        It need not be synced: if it is lost, the service is asked once too often.
        """
        self._append({"returned": task_id}, synced=False)

    def list_sent(self) -> tuple[SentTask, ...]:
        """List the tasks that were sent and not returned, in the order of sending.

        A line that was cut off by a power loss or a full disk is skipped; a file that cannot be
        read must not prevent the database from being opened.
        """
        with self._lock:
            try:
                lines = read_own_file(self._path, sys.maxsize).splitlines()
            except FileNotFoundError:
                return ()
            except OSError as error:
                logger.warning("the list of what was sent cannot be read: %s", error)
                return ()
        sent: dict[TaskId, SentTask] = {}
        for line in filter(None, lines):
            try:
                _read_line(json.loads(line), sent)
            except (DamagedValue, KeyError, TypeError, ValueError) as error:
                logger.warning("a line of what was sent cannot be read: %s", error)
        return tuple(sent.values())

    def find_sent(self, task_id: TaskId) -> SentTask | None:
        """Find what was noted of a task; None when it was never sent or was returned."""
        return next((each for each in self.list_sent() if each.task_id == task_id), None)

    def drop_ended(self, records: sqlite3.Connection) -> None:
        """Drop the lines of all tasks that are not unfinished in the database."""
        sent = self.list_sent()
        if not sent:
            return
        rows = records.execute("SELECT task_id FROM jobs WHERE ended_at IS NULL")
        unfinished = {row[0] for row in rows}
        kept = [each for each in sent if each.task_id in unfinished]
        with self._lock, data_errors(self._path):
            if kept:
                write_file(self._path, b"".join(map(_write_line, map(_to_facts, kept))))
            else:
                remove_file(self._path)

    def _append(self, facts: dict[str, str], *, synced: bool) -> None:
        with self._lock, data_errors(self._path):
            is_new = not self._path.exists()
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
            handle = private_opener(os.fspath(self._path), flags)
            try:
                rest = memoryview(_write_line(facts))
                while rest:  # a nearly full disk writes a part and reports success
                    rest = rest[os.write(handle, rest) :]
                if synced:
                    os.fsync(handle)
            finally:
                os.close(handle)
            if is_new and synced:
                sync_directory(self._path.parent)


def bring_back(connection: sqlite3.Connection, sent: Iterable[SentTask]) -> int:
    """Restore the jobs of tasks that the database does not know as sent, as unconfirmed.

    The service is asked about them; without their body nothing can send them a second time.  To
    be called inside a transaction.

    Returns:
        How many there were.
    """
    found = 0
    for each in sent:
        row = connection.execute(
            "SELECT id, state FROM jobs WHERE task_id = ?", (each.task_id,)
        ).fetchone()
        at = write_moment(each.sent_at)
        if row is None:
            request = JobRequest(
                task_id=each.task_id,
                draft=each.draft,
                service=each.service,
                group_id=each.group_id,
            )
            job_id = insert_job(connection, request, 0.0, at).id
        elif JobState(row[1]) is JobState.QUEUED:  # the database is older than the sending
            job_id = JobId(row[0])
        else:
            continue
        connection.execute(
            "UPDATE jobs SET state = ?, submitted_at = ? WHERE id = ?",
            (JobState.UNCONFIRMED.value, at, job_id),
        )
        insert_event(
            connection,
            job_id,
            at,
            EventKind.STATE,
            {"restored": True},
            before=JobState.QUEUED,
            after=JobState.UNCONFIRMED,
        )
        found += 1
    return found


def _read_line(line: object, sent: dict[TaskId, SentTask]) -> None:
    if not isinstance(line, dict):
        raise DamagedValue(Reason.JOURNAL_LINE_UNREADABLE)
    facts = cast("dict[str, object]", line)
    if "returned" in facts:
        sent.pop(TaskId(str(facts["returned"])), None)
        return
    task_id = TaskId(str(facts["sent"]))
    sent[task_id] = SentTask(
        task_id=task_id,
        service=Service(str(facts["service"])),
        draft=read_draft(str(facts["draft"])),
        group_id=str(facts["group"]),
        sent_at=read_moment(str(facts["at"])),
        account=str(facts.get("account", "")),
    )


def _to_facts(sent: SentTask) -> dict[str, str]:
    return {
        "sent": sent.task_id,
        "service": sent.service.value,
        "at": write_moment(sent.sent_at),
        "group": sent.group_id,
        "account": sent.account,
        "draft": write_draft(sent.draft),
    }


def _write_line(facts: dict[str, str]) -> bytes:
    """Begin with a line break too: a power loss may have left half a line before."""
    return b"\n" + json.dumps(facts, ensure_ascii=False).encode() + b"\n"
