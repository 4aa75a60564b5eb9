"""The commands that make clips: generate, run, resume, cancel, retry."""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from kling_desktop.assembly.core import Core
from kling_desktop.assembly.folders import Folders
from kling_desktop.cli.console import Console
from kling_desktop.cli.draft_builder import Pictures, build_draft, request_of
from kling_desktop.cli.exit_codes import ExitCode
from kling_desktop.cli.refusal import RequestRefused
from kling_desktop.cli.session import QueueWatch, RunOptions, open_session
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.job import Job, JobId, JobState, Service
from kling_desktop.domain.money import price_key
from kling_desktop.engine.queue.batch import MOST_PROBLEMS_TOLD, BatchLine, read_batch
from kling_desktop.wording.errors import describe_cancel
from kling_desktop.wording.formatting import count_of, estimate_total

_COPIES = "kling-desktop-"
"""Converted and repaired pictures lie in a passing folder until the queue has its own copies."""


async def generate(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Queue one draft; with ``--wait`` work until it is done and print the file's path."""
    options = _run_options(arguments)
    with TemporaryDirectory(prefix=_COPIES) as copies:
        # Checked before anything is opened: bad input changes nothing, not even the data folder.
        pictures = Pictures(Path(copies), repairs=arguments.fix)
        draft = await build_draft(request_of(vars(arguments)), pictures)
        _tell_conversions(pictures, console)
        async with open_session(folders, options, connect=arguments.wait) as core:
            jobs = await core.engine.enqueue([draft])
            if not arguments.wait:
                _tell_queued(jobs, console)
                return ExitCode.DONE
            code = await QueueWatch(core, console, only=[job.id for job in jobs]).work(options)
            _tell_files(core, [job.id for job in jobs], console)
            return code


async def run(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Check every line of a batch file, queue all in one transaction, work until all are done."""
    options = _run_options(arguments)
    lines = await asyncio.to_thread(read_batch, Path(arguments.file).absolute())
    with TemporaryDirectory(prefix=_COPIES) as copies:
        pictures = Pictures(Path(copies), repairs=arguments.fix)
        drafts = await _build_drafts(lines, pictures)
        _tell_conversions(pictures, console)
        async with open_session(folders, options, connect=True) as core:
            jobs = await core.engine.enqueue(drafts)
            queued = f"{count_of(len(jobs), 'job')} queued"
            console.print_note(", ".join(filter(None, (queued, _estimate(core, jobs)))))
            code = await QueueWatch(core, console).work(options)
            _tell_files(core, [job.id for job in jobs], console)
            return code


async def resume(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Go on with whatever is in the queue until it is empty."""
    options = _run_options(arguments, unpause=True)
    if not folders.database.exists():
        console.print_note("The queue is empty.")
        return ExitCode.DONE
    async with open_session(folders, options) as core:
        waiting = core.stores.jobs.list_active(service=core.service)
        if not waiting:
            console.print_note(_describe_empty(core))
            return ExitCode.DONE
        await core.use_service(core.service)
        code = await QueueWatch(core, console).work(options)
        _tell_files(core, [job.id for job in waiting], console)
        return code


async def cancel(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Cancel a waiting job, or stop waiting for one that is charged."""
    _require_queue(folders, arguments.id)
    async with open_session(folders, RunOptions()) as core:
        job = _find(core, arguments.id)
        if job.state.is_terminal:
            raise RequestRefused(f"Job {job.id} has already ended: {job.state.value}.")
        result = await core.engine.cancel(job.id)
    console.print_result(f"Job {job.id}: {describe_cancel(result)}")
    return ExitCode.DONE


async def retry(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Queue an ended job again as a new one, for the service that the first one was for."""
    _require_queue(folders, arguments.id)
    async with open_session(folders, RunOptions()) as core:
        job = _find(core, arguments.id)
        if not job.state.is_terminal:
            raise RequestRefused(f"Job {job.id} has not ended: {job.state.value}.")
        # Whatever the settings say now: a practice clip must not become one that is charged.
        await core.engine.set_service(job.service, None)
        new = await core.engine.retry(job.id)
    practice = new.service is Service.SANDBOX
    price = "a practice clip costs nothing" if practice else "it is charged as a new clip"
    console.print_result(f"Job {new.id} is queued; {price}.")
    return ExitCode.DONE


async def _build_drafts(lines: Sequence[BatchLine], pictures: Pictures) -> list[Draft]:
    """Check all lines before one is queued.

    Raises:
        RequestRefused: It names the lines that are wrong.
    """
    drafts: list[Draft] = []
    refusals: list[str] = []
    for line in lines:
        try:
            drafts.append(await build_draft(request_of(line.fields), pictures))
        except RequestRefused as error:
            refusals.append(f"line {line.number}: {error}")
    if refusals:
        more = len(refusals) - MOST_PROBLEMS_TOLD
        told = refusals[:MOST_PROBLEMS_TOLD] + ([f"and {more} more"] if more > 0 else [])
        raise RequestRefused("\n".join(("Nothing was queued.", *told)))
    return drafts


def _run_options(arguments: argparse.Namespace, *, unpause: bool = False) -> RunOptions:
    return RunOptions(
        service=Service.SANDBOX if arguments.sandbox else None,
        concurrency=arguments.concurrency,
        unpause=unpause,
    )


def _require_queue(folders: Folders, number: int) -> None:
    """Look before the data folder is made only to find nothing in it."""
    if not folders.database.exists():
        raise RequestRefused(f"There is no job {number}.")


def _find(core: Core, number: int) -> Job:
    job = core.stores.jobs.find_job(JobId(number))
    if job is None:
        raise RequestRefused(f"There is no job {number}.")
    return job


def _describe_empty(core: Core) -> str:
    """Say where the jobs are when those of the other service are all there is."""
    others = len(core.stores.jobs.list_active())
    if not others:
        return "The queue is empty."
    if core.service is Service.SANDBOX:
        return f"Nothing waits for the sandbox; {count_of(others, 'job')} for Runware stay on hold."
    return f"Nothing waits for Runware; “resume --sandbox” goes on with {count_of(others, 'job')}."


def _estimate(core: Core, jobs: Sequence[Job]) -> str:
    """Say what jobs will cost by one's own receipts; practice clips cost nothing."""
    paid = [job for job in jobs if job.service is not Service.SANDBOX]
    usual = core.stores.money.usual
    return estimate_total([usual(price_key(job.draft), job.service).cost_usd for job in paid])


def _tell_conversions(pictures: Pictures, console: Console) -> None:
    for print_note in pictures.remarks:
        console.print_note(print_note)


def _tell_queued(jobs: tuple[Job, ...], console: Console) -> None:
    for job in jobs:
        console.print_result(f"{job.id}")
    console.print_note(f"{count_of(len(jobs), 'job')} queued; “resume” works on the queue.")


def _tell_files(core: Core, ids: list[JobId], console: Console) -> None:
    for job_id in ids:
        job = core.stores.jobs.get_job(job_id)
        video = core.stores.videos.find_by_task(job.task_id)
        if job.state is JobState.DONE and video is not None:
            console.print_result(str(core.files.library_dir / video.file))
