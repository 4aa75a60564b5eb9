"""The commands that only look: jobs, models, receipts, spending; they work beside a running app."""

import argparse
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from kling_desktop.assembly.core import Shelves, open_reader
from kling_desktop.assembly.folders import Folders
from kling_desktop.cli.console import Console, table
from kling_desktop.cli.exit_codes import ExitCode
from kling_desktop.cli.requests import RequestRefused
from kling_desktop.domain.catalog import MODELS, ModelSpec
from kling_desktop.domain.draft import draft_to_json
from kling_desktop.domain.job import Job, JobId, Service
from kling_desktop.engine.receipts import receipt_to_json, write_receipts_csv
from kling_desktop.ui.figures import money, sum_words, time_of_day
from kling_desktop.ui.wording import (
    fps_words,
    intake_words,
    resolution_words,
    short_model_name,
)

_RECENT = 50


@asynccontextmanager
async def reading(folders: Folders) -> AsyncIterator[Shelves | None]:
    """Open for reading; None where nothing was ever kept."""
    if not folders.database.exists():
        yield None
        return
    shelves = await open_reader(folders)
    try:
        yield shelves
    finally:
        await shelves.database.close()


async def jobs(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """List unfinished jobs in queue order, then history, newest first."""
    async with reading(folders) as shelves:
        rows: Sequence[Job] = ()
        if shelves is not None:
            limit = sys.maxsize if arguments.all else _RECENT
            history = shelves.jobs.list_history(limit, include_hidden=arguments.all)
            rows = (*shelves.jobs.list_active(), *history)
    if arguments.json:
        console.tell_json([job_to_json(job) for job in rows])
    elif rows:
        now = datetime.now().astimezone()
        console.tell(table([_job_row(job, now) for job in rows]))
    else:
        console.remark("No jobs yet.")
    return ExitCode.DONE


async def models(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """List what each model can do, straight from the catalogue."""
    if arguments.json:
        console.tell_json([model_to_json(spec) for spec in MODELS])
        return ExitCode.DONE
    rows = [("ID", "NAME", "TAKES", "SIZE", "FPS", "SECONDS", "GOOD FOR")]
    rows += [
        (
            spec.id,
            spec.short_name,
            intake_words(spec),
            resolution_words(spec),
            fps_words(spec).removesuffix(" fps"),
            ", ".join(str(length) for length in spec.durations_s),
            spec.use,
        )
        for spec in MODELS
    ]
    console.tell(table(rows))
    return ExitCode.DONE


async def receipt(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Show all that is known of one job: its time line, request, answers, cost, file."""
    async with reading(folders) as shelves:
        if shelves is None or shelves.jobs.find_job(JobId(arguments.id)) is None:
            raise RequestRefused(f"There is no job {arguments.id}.")
        found = shelves.jobs.get_receipt(JobId(arguments.id))
    if arguments.json:
        console.tell_json(receipt_to_json(found))
        return ExitCode.DONE
    job = found.job
    console.tell(f"Job {job.id}: {job.title}")
    cost = "not stated" if job.cost_usd is None else money(job.cost_usd)
    facts = [
        ("state", job.state.value),
        ("model", f"{short_model_name(job.draft.model)} ({job.draft.model})"),
        ("service", job.service.value),
        ("task", job.task_id),
        ("cost", cost),
    ]
    if found.video is not None:
        facts += [("file", found.video.file), ("sha256", found.video.sha256)]
    console.tell(table(facts))
    console.tell("")
    for event in found.events:
        change = f"{event.before or 'new'} → {event.after}" if event.after else event.kind.value
        details = ", ".join(f"{name}: {value}" for name, value in event.facts.items())
        moment = event.at.astimezone().isoformat(" ", "seconds")
        console.tell(f"{moment}  {change}  {details}".rstrip())
    return ExitCode.DONE


async def receipts(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Write every receipt as CSV; a spreadsheet that opens it runs nothing of it."""
    async with reading(folders) as shelves:
        found = () if shelves is None else _list_receipts(shelves)
        write_receipts_csv(found, sys.stdout)
    console.remark(f"{len(found)} receipts")
    return ExitCode.DONE


async def spending(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Say what was spent, by the service's own figures."""
    now = datetime.now().astimezone()
    async with reading(folders) as shelves:
        if shelves is None:
            console.remark("Nothing was spent yet.")
            return ExitCode.DONE
        spent = shelves.money.spending(now, now.tzinfo or UTC, Service.RUNWARE)
    rows = [("today", spent.today), ("this month", spent.this_month)]
    rows += [(short_model_name(model), total) for model, total in spent.by_model]
    if arguments.json:
        console.tell_json(
            {
                name: {"usd": str(total.usd), "known": total.known, "unknown": total.unknown}
                for name, total in rows
            }
        )
    else:
        console.tell(table([(name, sum_words(total)) for name, total in rows]))
    return ExitCode.DONE


def job_to_json(job: Job) -> dict[str, object]:
    """A job as a script reads it; `docs` of the command line promise these names."""
    return {
        "id": job.id,
        "task_id": job.task_id,
        "state": job.state.value,
        "service": job.service.value,
        "draft": draft_to_json(job.draft),
        "created_at": job.created_at.isoformat(),
        "submitted_at": None if job.submitted_at is None else job.submitted_at.isoformat(),
        "ended_at": None if job.ended_at is None else job.ended_at.isoformat(),
        "file": job.file,
        "cost_usd": None if job.cost_usd is None else str(job.cost_usd),
        "seed": job.seed,
        "retry_of": job.retry_of,
        "watching": job.watching,
        "error_code": job.error_code,
        "error_detail": job.error_detail,
    }


def model_to_json(spec: ModelSpec) -> dict[str, object]:
    """A model's facts as a script reads them."""
    return {
        "id": spec.id,
        "name": spec.short_name,
        "workflows": sorted(spec.workflows),
        "sizes": [[size.width, size.height] for size in spec.dimensions],
        "size_follows_first_frame": spec.size_follows_first_frame,
        "fps": {workflow.value: rate for workflow, rate in spec.fps.items()},
        "durations_s": list(spec.durations_s),
        "last_frame": spec.takes_last_frame,
        "prompt": [spec.prompt_limits.min_length, spec.prompt_limits.max_length],
        "negative_prompt": spec.negative_prompt is not None,
        "cfg_scale": [spec.cfg_scale.min, spec.cfg_scale.max, spec.cfg_scale.default],
    }


def _job_row(job: Job, now: datetime) -> tuple[str, ...]:
    cost = "" if job.cost_usd is None else money(job.cost_usd)
    moment = time_of_day(job.ended_at or job.created_at, now)
    model = f"{short_model_name(job.draft.model)} {job.draft.duration_s} s"
    return (str(job.id), job.state.value, moment, model, cost, job.title[:60])


def _list_receipts(shelves: Shelves) -> tuple:
    jobs_of_all = shelves.jobs.list_history(sys.maxsize, include_hidden=True)
    every = (*jobs_of_all, *shelves.jobs.list_active())
    return tuple(shelves.jobs.get_receipt(job.id) for job in sorted(every, key=lambda job: job.id))
