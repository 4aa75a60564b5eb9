"""The commands that only look: jobs, models, receipts, spending; they work beside a running app."""

import argparse
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from kling_desktop.assembly.folders import Folders
from kling_desktop.cli.console import Console, table
from kling_desktop.cli.exit_codes import ExitCode
from kling_desktop.cli.usage_error import UsageError
from kling_desktop.domain.catalog import MODELS, ModelSpec
from kling_desktop.domain.draft import draft_to_json
from kling_desktop.domain.job import Job, JobId, Service
from kling_desktop.domain.local_time import LOCAL_ZONE, local_now
from kling_desktop.domain.money import Sum
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.receipt import JobEvent, Receipt
from kling_desktop.engine.library.receipts import receipt_to_json, write_receipts_csv
from kling_desktop.wording import command_line
from kling_desktop.wording.formatting import money, sum_words, time_of_day
from kling_desktop.wording.models import (
    fps_words,
    intake_words,
    model_use,
    resolution_words,
    short_model_name,
)
from kling_desktop.wording.translation import _

if TYPE_CHECKING:
    from kling_desktop.assembly.stores import Stores

_RECENT = 50


@asynccontextmanager
async def reading(folders: Folders) -> "AsyncIterator[Stores | None]":
    """Open for reading; None where nothing was ever kept.

    Raises:
        DatabaseDamaged: The records are lost: what is left of them names jobs.
    """
    # Late: `models` asks the catalogue alone and should answer at once.
    from kling_desktop.assembly.stores import open_reader
    from kling_desktop.cli.data_folder import require_records

    if not await require_records(folders) or not folders.database.stat().st_size:
        yield None
        return
    stores = await open_reader(folders)
    try:
        yield stores
    finally:
        await stores.database.close()


async def jobs(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """List unfinished jobs in queue order, then history, newest first."""
    async with reading(folders) as stores:
        rows: Sequence[Job] = ()
        if stores is not None:
            limit = sys.maxsize if arguments.all else _RECENT
            history = stores.jobs.list_history(limit, include_hidden=arguments.all)
            rows = (*stores.jobs.list_active(), *history)
    if arguments.json:
        console.print_json([job_to_json(job) for job in rows])
    elif rows:
        now = local_now()
        heading = command_line.jobs_heading()
        console.print_result(table([heading, *(_job_row(job, now) for job in rows)]))
    else:
        console.print_note(command_line.no_jobs())
    return ExitCode.DONE


async def models(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """List what each model can do, straight from the catalogue."""
    if arguments.json:
        console.print_json([model_to_json(spec) for spec in MODELS])
        return ExitCode.DONE
    rows = [command_line.models_heading()]
    rows += [
        (
            spec.id,
            spec.short_name,
            intake_words(spec),
            resolution_words(spec),
            fps_words(spec).removesuffix(" fps"),
            ", ".join(str(length) for length in spec.durations_s),
            model_use(spec),
        )
        for spec in MODELS
    ]
    console.print_result(table(rows))
    return ExitCode.DONE


async def receipt(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Show all that is known of one job: its time line, request, answers, cost, file."""
    async with reading(folders) as stores:
        if stores is None or stores.jobs.find_job(JobId(arguments.id)) is None:
            raise UsageError(Reason.NO_SUCH_JOB, facts={"id": arguments.id})
        found = stores.jobs.get_receipt(JobId(arguments.id))
    if arguments.json:
        console.print_json(receipt_to_json(found))
        return ExitCode.DONE
    _print_receipt(found, console)
    return ExitCode.DONE


async def receipts(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Write every receipt as CSV; a spreadsheet that opens it runs nothing of it."""
    async with reading(folders) as stores:
        found = iter(()) if stores is None else _list_receipts(stores)
        count = write_receipts_csv(found, console.open_csv())
    console.print_note(command_line.describe_receipt_count(count))
    return ExitCode.DONE


async def spending(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Say what was spent, by the service's own figures."""
    async with reading(folders) as stores:
        if stores is None:
            today, month, by_model = Sum(), Sum(), ()
        else:
            spent = stores.money.spending(local_now(), LOCAL_ZONE, Service.RUNWARE)
            today, month, by_model = spent.today, spent.this_month, spent.by_model
    if arguments.json:
        console.print_json(
            {
                "today": _sum_to_json(today),
                "this_month": _sum_to_json(month),
                "by_model": {model: _sum_to_json(total) for model, total in by_model},
            }
        )
    else:
        this_day, this_month = command_line.spending_labels()
        rows = [(this_day, sum_words(today)), (this_month, sum_words(month))]
        rows += [(f"  {short_model_name(model)}", sum_words(total)) for model, total in by_model]
        console.print_result(table(rows))
    return ExitCode.DONE


def job_to_json(job: Job) -> dict[str, object]:
    """A job as a script reads it; practice costs no money, so it has no cost."""
    practice = job.service is Service.SANDBOX
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
        "practice": practice,
        "cost_usd": None if practice or job.cost_usd is None else str(job.cost_usd),
        "seed": job.seed,
        "retry_of": job.retry_of,
        "watching": job.watching,
        "held_until": None if job.held_until is None else job.held_until.isoformat(),
        "error_code": job.error_code,
        "error_detail": job.error_detail,
    }


def cost_words(job: Job) -> str:
    """What a job cost by the service's own figure; a practice clip costs nothing."""
    if job.service is Service.SANDBOX:
        return command_line.practice_word()
    return "" if job.cost_usd is None else money(job.cost_usd)


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
    moment = time_of_day(job.ended_at or job.created_at, now)
    model = command_line.model_and_length(short_model_name(job.draft.model), job.draft.duration_s)
    return (
        str(job.id),
        command_line.describe_state(job),
        moment,
        model,
        cost_words(job),
        job.title[:60],
    )


def _print_receipt(found: Receipt, console: Console) -> None:
    # Late: `models` asks the catalogue alone and should answer at once.
    from kling_desktop.wording.clips import NOT_STATED
    from kling_desktop.wording.details import describe_event

    job, labels = found.job, command_line.receipt_labels()
    practice = job.service is Service.SANDBOX
    facts = [
        ("job", f"{job.id}: {job.title}"),
        ("state", command_line.describe_state(job)),
        ("model", f"{short_model_name(job.draft.model)} ({job.draft.model})"),
        ("service", command_line.service_name(job.service)),
        ("task", job.task_id),
        ("cost", cost_words(job) or _(NOT_STATED)),
    ]
    if job.error_code:
        facts.append(("error", " ".join((job.error_code, job.error_detail)).strip()))
    if found.video is not None:
        facts += [("file", found.video.file), ("sha256", found.video.sha256)]
    console.print_result(table([(labels[name], value) for name, value in facts]))
    console.print_result("")
    console.print_result(
        table(
            [(_moment(event), describe_event(event, practice=practice)) for event in found.events]
        )
    )


def _moment(event: JobEvent) -> str:
    return event.at.astimezone(LOCAL_ZONE).isoformat(" ", "seconds")


def _sum_to_json(total: Sum) -> dict[str, object]:
    return {"usd": str(total.usd), "known": total.known, "unknown": total.unknown}


def _list_receipts(stores: "Stores") -> Iterator[Receipt]:
    """Every receipt in the order of the jobs, one at a time in memory."""
    ended = stores.jobs.list_history(sys.maxsize, include_hidden=True)
    ids = sorted(job.id for job in (*ended, *stores.jobs.list_active()))
    return (stores.jobs.get_receipt(job_id) for job_id in ids)
