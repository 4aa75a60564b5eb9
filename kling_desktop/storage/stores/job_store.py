"""The queue and its history as `Job` values, and the only way in which a job changes."""

import asyncio
import json
import logging
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from kling_desktop.domain.draft import Draft
from kling_desktop.domain.errors import StateConflict
from kling_desktop.domain.events import JobChange, Notifier, VideoChange
from kling_desktop.domain.job import (
    ACTIVE_STATES,
    TERMINAL_STATES,
    Job,
    JobId,
    JobRequest,
    JobState,
    Service,
    TaskId,
    may_follow,
)
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.receipt import EventKind, JobEvent, Receipt
from kling_desktop.domain.video import NewVideo, Video
from kling_desktop.storage.database.database import Database
from kling_desktop.storage.files.atomic_io import run_whole
from kling_desktop.storage.rows.columns import Column, write_moment
from kling_desktop.storage.rows.job_rows import (
    FORGOTTEN_BY_EDIT,
    append_jobs,
    columns_of,
    draft_columns,
    event_facts,
    event_from_row,
    insert_event,
    job_from_row,
)
from kling_desktop.storage.rows.video_rows import (
    find_row_by_task,
    get_row,
    insert_video,
    video_from_row,
)
from kling_desktop.storage.stores.body_redaction import shorten_body
from kling_desktop.storage.stores.queue_positions import move
from kling_desktop.storage.stores.video_store import VideoStore

logger = logging.getLogger(__name__)


class JobStore:
    """Owns the `jobs` table and the time lines; every change is one synced commit.

    `changed` is sent on the loop's thread after each commit, in the order of commits.
    """

    def __init__(
        self, database: Database, videos: VideoStore, *, now: Callable[[], datetime]
    ) -> None:
        self.changed: Notifier[JobChange] = Notifier()
        self._database = database
        self._videos = videos
        self._now = now

    async def add(self, requests: Sequence[JobRequest]) -> tuple[Job, ...]:
        """Append jobs to the end of the queue, in their order, all in one transaction.

        Raises:
            StateConflict: A task id was used before; then none is added.
        """
        if not requests:
            return ()
        at = write_moment(self._now())

        def notify(jobs: tuple[Job, ...]) -> None:
            if jobs:  # a batch of a thousand is one line of the log
                logger.info("jobs %d to %d: queued", jobs[0].id, jobs[-1].id)
            for job in jobs:
                self.changed.send(JobChange(job.id, job))

        return await self._database.write(
            lambda connection: append_jobs(connection, requests, at), notify
        )

    async def advance(self, job: Job, to: JobState, /, **facts: object) -> Job:
        """Take a job to its next state, together with facts: keywords named like `Job`'s fields.

        The change and its event are one commit.  What comes back is the row as
        it now is, including what others amended since `job` was read.  A new `task_id` may only
        come with the way back from submitting to queued: the old one was surely not accepted.

        Raises:
            StateConflict: `to` may not follow, the row is not in `job.state` any more, or what
                would be submitted is not the row's draft any more.
            TypeError: A fact that no job has or that does not change.
        """
        columns, at = columns_of(facts), write_moment(self._now())
        _refuse_jump(job, to)
        if (
            to is JobState.QUEUED
        ):  # a crash between the two costs one question to the service at most
            await asyncio.to_thread(self._database.sent.note_returned, job.task_id)

        def action(connection: sqlite3.Connection) -> Job:
            return _advance(connection, job, to, columns, event_facts(facts), at)

        return await self._database.write(action, self._notify(job.state))

    async def replace(self, job: Job, request: JobRequest, /, **facts: object) -> Job:
        """Cancel a job and queue another, the result, as the user asked, in one transaction.

        Raises:
            StateConflict: The row is not in `job.state` any more, or may not be cancelled in it.
        """
        columns, at = columns_of(facts), write_moment(self._now())
        _refuse_jump(job, JobState.CANCELLED)

        def action(connection: sqlite3.Connection) -> tuple[Job, Job]:
            gone = _advance(connection, job, JobState.CANCELLED, columns, event_facts(facts), at)
            insert_event(connection, job.id, at, EventKind.USER, {"wish": "send_again"})
            (new,) = append_jobs(connection, [request], at)
            return gone, new

        def notify(jobs: tuple[Job, Job]) -> None:
            self._notify(job.state)(jobs[0])
            self.changed.send(JobChange(jobs[1].id, jobs[1]))

        return (await self._database.write(action, notify))[1]

    async def edit(
        self, job: Job, draft: Draft, more: Sequence[JobRequest] = ()
    ) -> tuple[Job, ...]:
        """Give a queued job another draft, and queue further jobs, all in one transaction.

        The job keeps its number, its place and its task id, so that a crash at any moment leaves
        one job and one payment.  What was learnt about the former draft is forgotten.

        Raises:
            StateConflict: The job is not queued any more; nothing was changed.
        """
        if job.state is not JobState.QUEUED:
            raise StateConflict(Reason.JOB_NOT_WAITING, facts={"id": job.id, "state": job.state})
        at = write_moment(self._now())
        group_id = more[0].group_id if more else job.group_id

        def action(connection: sqlite3.Connection) -> tuple[Job, ...]:
            values = {**draft_columns(draft), **FORGOTTEN_BY_EDIT}
            edited = _update(connection, job, {**values, "group_id": group_id, "updated_at": at})
            insert_event(connection, job.id, at, EventKind.USER, {"wish": "edit"})
            return edited, *append_jobs(connection, more, at)

        def notify(jobs: tuple[Job, ...]) -> None:
            self._notify(JobState.QUEUED)(jobs[0])
            for added in jobs[1:]:
                self.changed.send(JobChange(added.id, added))

        return await self._database.write(action, notify)

    async def amend(self, job: Job, /, **facts: object) -> Job:
        """Note facts without a change of state; refused when the state is not what it was.

        Raises:
            StateConflict: The job has ended, or is not in `job.state` any more.
            TypeError: A fact that no job has or that does not change.
        """
        columns, at = columns_of(facts), write_moment(self._now())
        if job.state.is_terminal:
            raise StateConflict(
                Reason.JOB_ENDED_MEANWHILE, facts={"id": job.id, "state": job.state}
            )

        def action(connection: sqlite3.Connection) -> Job:
            return _update(connection, job, {**columns, "updated_at": at})

        return await self._database.write(action, self._notify(job.state))

    async def finish(self, job: Job, video: NewVideo, /, **facts: object) -> tuple[Job, Video]:
        """Add the video and end its job as done, in one transaction.

        May be called again after a crash: a task that already has its video gets no second one,
        and a job that is already done comes back as it is.

        Raises:
            StateConflict: The job is not in `job.state`, or its video belongs to another job.
            TypeError: A fact that no job has or that does not change.
        """
        columns, at = columns_of(facts), write_moment(self._now())
        event = {**event_facts(facts), "file": video.file, "sha256": video.sha256}

        def action(connection: sqlite3.Connection) -> tuple[Job, Video, bool, bool]:
            found = find_row_by_task(connection, job.task_id)
            current = _get(connection, job.id)
            if current.state is JobState.DONE and found is not None and found.job_id == job.id:
                return current, found, False, False
            _refuse_jump(job, JobState.DONE)
            if found is None:
                kept = insert_video(connection, replace(video, job_id=job.id, task_id=job.task_id))
            else:  # it was found in the folder before its job could end
                connection.execute("UPDATE videos SET job_id = ? WHERE id = ?", (job.id, found.id))
                kept = get_row(connection, found.id)
            values = {**columns, "file": kept.file}
            done = _advance(connection, job, JobState.DONE, values, event, at)
            return done, kept, found is None, True

        def notify(result: tuple[Job, Video, bool, bool]) -> None:
            done, kept, added, changed = result
            if changed:
                self._videos.changed.send(VideoChange(kept.id, kept, added=added))
                self._notify(job.state)(done)

        done, kept, _, _ = await self._database.write(action, notify)
        return done, kept

    async def note_sent(self, job: Job, account: str = "") -> None:
        """Note beside the database that a job's request is about to leave, and with which account.

        When this returns it is on the disk, so that even without the database the task is known.

        Raises:
            StorageError: It could not be written: then nothing may be sent.
        """
        await run_whole(self._database.sent.note_sent, job, self._now(), account)

    async def find_account(self, job: Job) -> str:
        """Find the fingerprint of the account that a job was sent with; empty when unknown."""
        sent = await asyncio.to_thread(self._database.sent.find_sent, job.task_id)
        return "" if sent is None else sent.account

    async def log(self, job_id: JobId, kind: EventKind, facts: Mapping[str, object]) -> None:
        """Add one event to a job's time line; allowed after its end too."""
        at = write_moment(self._now())
        await self._database.write(
            lambda connection: insert_event(connection, job_id, at, kind, event_facts(facts))
        )

    async def reorder(self, job_id: JobId, before: JobId | None) -> Job:
        """Move a queued job before another queued one, or to the end of the queue.

        Raises:
            StateConflict: One of the two is not queued any more.
        """

        def action(connection: sqlite3.Connection) -> tuple[Job, ...]:
            rows = connection.execute(
                "SELECT id, position FROM jobs"
                " WHERE ended_at IS NULL AND state = 'queued' AND id <> ? ORDER BY position, id",
                (job_id,),
            ).fetchall()
            ids = [row["id"] for row in rows]
            if before is not None and before not in ids:
                raise StateConflict(Reason.JOB_NOT_WAITING, facts={"id": before})
            place = len(ids) if before is None else ids.index(before)
            positions: list[float] = [row["position"] for row in rows]
            return move(connection, job_id, ids, positions, place)

        def notify(jobs: tuple[Job, ...]) -> None:
            for job in jobs:
                self.changed.send(JobChange(job.id, job, JobState.QUEUED))

        moved = await self._database.write(action, notify)
        return moved[0]

    async def hide(self, ids: Collection[JobId]) -> None:
        """Take ended jobs from the list; history, receipts and sums keep them."""
        await self._set_hidden(ids, hidden=True)

    async def unhide(self, ids: Collection[JobId]) -> None:
        """Put hidden jobs back in the list."""
        await self._set_hidden(ids, hidden=False)

    def get_job(self, job_id: JobId) -> Job:
        """Read one job.

        Raises:
            KeyError: There is none with this number.
        """
        job = self.find_job(job_id)
        if job is None:
            raise KeyError(job_id)
        return job

    def find_job(self, job_id: JobId) -> Job | None:
        return self._find("SELECT * FROM jobs WHERE id = ?", (job_id,))

    def find_place(self, job_id: JobId) -> int | None:
        """Count at which place a job waits, 1 for the next to be sent; None when it does not."""
        row = (
            self._database.read()
            .execute(
                "SELECT count(*) AS place FROM jobs AS other, jobs AS job"
                " WHERE job.id = ? AND job.state = 'queued'"
                " AND other.ended_at IS NULL AND other.state = 'queued'"
                " AND (other.position, other.id) <= (job.position, job.id)",
                (job_id,),
            )
            .fetchone()
        )
        return row["place"] or None

    def find_job_by_task(self, task_id: TaskId) -> Job | None:
        return self._find("SELECT * FROM jobs WHERE task_id = ?", (task_id,))

    def list_active(
        self,
        *,
        service: Service | None = None,
        states: Collection[JobState] = ACTIVE_STATES,
        limit: int = -1,
    ) -> tuple[Job, ...]:
        """List the unfinished jobs in the order of the queue; a limit below 0 means all."""
        chosen = sorted(state.value for state in states)
        rows = self._database.read().execute(
            "SELECT * FROM jobs WHERE ended_at IS NULL"
            " AND state IN (SELECT value FROM json_each(?)) AND (? IS NULL OR service = ?)"
            " ORDER BY position, id LIMIT ?",
            (json.dumps(chosen), service, service, limit),
        )
        return tuple(job_from_row(row) for row in rows)

    def list_history(
        self, limit: int, before: JobId | None = None, *, include_hidden: bool = False
    ) -> tuple[Job, ...]:
        """List ended jobs, the latest end first; `before` is the last job of the page before."""
        rows = self._database.read().execute(
            "SELECT * FROM jobs WHERE ended_at IS NOT NULL AND (hidden = 0 OR ?)"
            " AND (? IS NULL OR (ended_at, id) < (SELECT ended_at, id FROM jobs WHERE id = ?))"
            " ORDER BY ended_at DESC, id DESC LIMIT ?",
            (include_hidden, before, before, limit),
        )
        return tuple(job_from_row(row) for row in rows)

    def count_states(self, service: Service) -> Mapping[JobState, int]:
        """Count the jobs of a service, hidden ones too, for every state there is."""
        rows = self._database.read().execute(
            "SELECT state, count(*) AS jobs FROM jobs WHERE service = ? GROUP BY state",
            (service.value,),
        )
        counts = dict.fromkeys(JobState, 0)
        counts.update((JobState(row["state"]), row["jobs"]) for row in rows)
        return counts

    def list_ids(self, service: Service, state: JobState) -> frozenset[JobId]:
        """List the jobs of a service in one state, hidden ones too, without reading their rows."""
        rows = self._database.read().execute(
            "SELECT id FROM jobs WHERE service = ? AND state = ?", (service.value, state.value)
        )
        return frozenset(JobId(row["id"]) for row in rows)

    def list_held(self, service: Service) -> frozenset[JobId]:
        """List the jobs of a service that are held."""
        rows = self._database.read().execute(
            "SELECT id FROM jobs WHERE ended_at IS NULL AND held_until IS NOT NULL AND service = ?",
            (service.value,),
        )
        return frozenset(JobId(row["id"]) for row in rows)

    def list_events(self, job_id: JobId) -> tuple[JobEvent, ...]:
        """List a job's time line, oldest first."""
        rows = self._database.read().execute(
            "SELECT * FROM job_events WHERE job_id = ? ORDER BY id", (job_id,)
        )
        return tuple(event_from_row(row) for row in rows)

    def get_receipt(self, job_id: JobId) -> Receipt:
        """Gather all that is known of a job; pictures in the request stand by their hash.

        Raises:
            KeyError: There is no such job.
        """
        job = self.get_job(job_id)
        row = (
            self._database.read()
            .execute("SELECT * FROM videos WHERE job_id = ?", (job_id,))
            .fetchone()
        )
        request: object = json.loads(shorten_body(job.body)) if job.body else None
        return Receipt(
            job=job,
            events=self.list_events(job_id),
            request=request,
            video=None if row is None else video_from_row(row),
        )

    def count_uses(self, sha256: str) -> int:
        """Count the unfinished jobs that use a kept picture."""
        (count,) = (
            self._database.read()
            .execute(
                "SELECT count(*) FROM jobs WHERE ended_at IS NULL"
                " AND ? IN (first_sha256, last_sha256)",
                (sha256,),
            )
            .fetchone()
        )
        return int(count)

    def _find(self, query: str, values: tuple[Column, ...]) -> Job | None:
        row = self._database.read().execute(query, values).fetchone()
        return None if row is None else job_from_row(row)

    def _notify(self, before: JobState) -> Callable[[Job], None]:
        def notify(job: Job) -> None:
            if job.state is not before:
                logger.info("job %d: %s", job.id, job.state.value)
            self.changed.send(JobChange(job.id, job, before))

        return notify

    async def _set_hidden(self, ids: Collection[JobId], *, hidden: bool) -> None:
        def action(connection: sqlite3.Connection) -> tuple[Job, ...]:
            rows = connection.execute(
                "UPDATE jobs SET hidden = ? WHERE ended_at IS NOT NULL AND hidden <> ?"
                " AND id IN (SELECT value FROM json_each(?)) RETURNING *",
                (hidden, hidden, json.dumps(list(ids))),
            ).fetchall()
            return tuple(sorted(map(job_from_row, rows), key=lambda job: job.id))

        def notify(jobs: tuple[Job, ...]) -> None:
            for job in jobs:
                if hidden:
                    self.changed.send(JobChange(job.id, None, job.state))
                else:
                    self.changed.send(JobChange(job.id, job))

        await self._database.write(action, notify)


def _refuse_jump(job: Job, to: JobState) -> None:
    if not may_follow(job.state, to):
        raise StateConflict(facts={"id": job.id, "state": job.state, "wanted": to})


def _get(connection: sqlite3.Connection, job_id: JobId) -> Job:
    row = connection.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise StateConflict(Reason.NO_SUCH_JOB, facts={"id": job_id})
    return job_from_row(row)


def _advance(
    connection: sqlite3.Connection,
    job: Job,
    to: JobState,
    columns: Mapping[str, Column],
    event: Mapping[str, object],
    at: str,
) -> Job:
    values: dict[str, Column] = {
        **columns,
        "state": to.value,
        "updated_at": at,
        "held_until": None,  # whatever moved it, it goes on
    }
    if to is JobState.SUBMITTING and _get(connection, job.id).draft != job.draft:
        raise StateConflict(  # what is paid for is what the row says
            Reason.JOB_EDITED, facts={"id": job.id}
        )
    if to in TERMINAL_STATES:
        # Nothing is sent any more: of the pictures in the body only the hash is kept.
        body = values.get("body", _get(connection, job.id).body)
        values.update(ended_at=at, body=shorten_body(str(body)))
    changed = _update(connection, job, values)
    insert_event(connection, job.id, at, EventKind.STATE, event, before=job.state, after=to)
    return changed


def _update(connection: sqlite3.Connection, job: Job, values: Mapping[str, Column]) -> Job:
    """Change a row only if its state is the one the caller read."""
    assignments = ", ".join(f"{name} = ?" for name in values)
    rows = connection.execute(
        f"UPDATE jobs SET {assignments} WHERE id = ? AND state = ? RETURNING *",  # noqa: S608 ours
        (*values.values(), job.id, job.state.value),
    ).fetchall()
    if not rows:
        current = _get(connection, job.id).state
        raise StateConflict(facts={"id": job.id, "state": current, "believed": job.state})
    return job_from_row(rows[0])
