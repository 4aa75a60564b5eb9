"""The commands that make clips: generate, run, resume, cancel, retry."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from kling_desktop.assembly.core import Core
from kling_desktop.assembly.folders import Folders
from kling_desktop.cli.console import Console
from kling_desktop.cli.data_folder import require_records
from kling_desktop.cli.draft_builder import Pictures, build_draft, job_options
from kling_desktop.cli.exit_codes import ExitCode
from kling_desktop.cli.session import QueueWatch, RunOptions, open_session
from kling_desktop.cli.usage_error import UsageError
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.errors import ResultOutOfReach
from kling_desktop.domain.job import Job, JobId, JobState, Service
from kling_desktop.domain.money import price_key
from kling_desktop.domain.reasons import Reason
from kling_desktop.engine.queue.batch import (
    BatchError,
    BatchLine,
    read_batch,
    read_batch_stream,
)
from kling_desktop.wording import command_line
from kling_desktop.wording.errors import describe_cancel
from kling_desktop.wording.formatting import estimate_total
from kling_desktop.wording.reasons import describe_reason

_MOST_LINES_NAMED = 20


async def generate(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Queue one draft; with ``--wait`` work until it is done and print the file's path."""
    options = _run_options(arguments)
    with Pictures(repairs=arguments.fix) as pictures:
        # Checked before anything is opened: bad input changes nothing, not even the data folder.
        draft = await build_draft(job_options(vars(arguments)), pictures)
        _print_conversions(pictures, console)
        async with open_session(folders, options, connect=arguments.wait) as core:
            jobs = await core.engine.enqueue([draft])
            if not arguments.wait:
                _print_queued(jobs, console)
                return ExitCode.DONE
            code = await QueueWatch(core, console, only=[job.id for job in jobs]).work(options)
            _print_files(core, [job.id for job in jobs], console)
            return code


async def run(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Check every line of a batch file, queue all in one transaction, work until all are done."""
    options = _run_options(arguments)
    lines = await _read_lines(arguments.file)
    with Pictures(repairs=arguments.fix) as pictures:
        drafts = await _build_drafts(lines, pictures)
        _print_conversions(pictures, console)
        async with open_session(folders, options, connect=True) as core:
            jobs = await core.engine.enqueue(drafts)
            console.print_note(command_line.describe_queued(len(jobs), _estimate(core, jobs)))
            code = await QueueWatch(core, console).work(options)
            _print_files(core, [job.id for job in jobs], console)
            return code


async def resume(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Continue with whatever is in the queue until it is empty."""
    options = _run_options(arguments, unpause=True)
    if not await require_records(folders):
        console.print_note(command_line.queue_is_empty())
        return ExitCode.DONE
    async with open_session(folders, options) as core:
        waiting = core.stores.jobs.list_active(service=core.service)
        if not waiting:
            console.print_note(_describe_empty(core))
            return ExitCode.DONE
        await core.use_service(core.service)
        code = await QueueWatch(core, console).work(options)
        _print_files(core, [job.id for job in waiting], console)
        return code


async def cancel(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Cancel a waiting job, or stop waiting for one that is charged."""
    await _require_queue(folders, arguments.id)
    async with open_session(folders, RunOptions()) as core:
        job = _find(core, arguments.id)
        if job.state.is_terminal:
            raise UsageError(Reason.JOB_HAS_ENDED, facts=_name_state(job))
        result = await core.engine.cancel(job.id)
    console.print_result(command_line.describe_cancelled(job.id, describe_cancel(result)))
    return ExitCode.DONE


async def retry(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Queue an ended job again as a new one, for the service that the first one was for."""
    await _require_queue(folders, arguments.id)
    async with open_session(folders, RunOptions()) as core:
        job = _find(core, arguments.id)
        if job.error_code == ResultOutOfReach.code and not job.state.is_terminal:
            raise UsageError(Reason.JOB_OUT_OF_REACH, facts={"id": job.id})
        if not job.state.is_terminal:
            raise UsageError(Reason.JOB_HAS_NOT_ENDED, facts=_name_state(job))
        # Whatever the settings say now: a practice clip must not become one that is charged.
        await core.engine.set_service(job.service, None)
        new = await core.engine.retry(job.id)
    practice = new.service is Service.SANDBOX
    console.print_result(command_line.describe_retried(new.id, practice=practice))
    return ExitCode.DONE


async def _read_lines(name: str) -> Sequence[BatchLine]:
    """Read a batch file, or standard input where the name is a dash.

    Raises:
        BatchError: It cannot be read.
        UsageError: It names the lines that are wrong.
    """
    try:
        if name == "-":
            return await asyncio.to_thread(read_batch_stream, sys.stdin, Path.cwd())
        return await asyncio.to_thread(read_batch, Path(name).absolute())
    except BatchError as error:
        if not error.lines:
            raise
        wrong = [(each.number, describe_reason(each.reason, each.facts)) for each in error.lines]
        words = command_line.describe_bad_lines(wrong, _MOST_LINES_NAMED)
        raise UsageError(sentence=words) from error


async def _build_drafts(lines: Sequence[BatchLine], pictures: Pictures) -> list[Draft]:
    """Check all lines before one is queued.

    Raises:
        UsageError: It names the lines that are wrong.
    """
    drafts: list[Draft] = []
    wrong: list[tuple[int, str]] = []
    for line in lines:
        try:
            drafts.append(await build_draft(job_options(line.fields), pictures))
        except UsageError as error:
            wrong.append((line.number, error.sentence))
    if wrong:
        raise UsageError(sentence=command_line.describe_bad_lines(wrong, _MOST_LINES_NAMED))
    return drafts


def _run_options(arguments: argparse.Namespace, *, unpause: bool = False) -> RunOptions:
    return RunOptions(
        service=Service.SANDBOX if arguments.sandbox else None,
        concurrency=arguments.concurrency,
        unpause=unpause,
    )


async def _require_queue(folders: Folders, number: int) -> None:
    """Look before the data folder is made only to find nothing in it."""
    if not await require_records(folders):
        raise UsageError(Reason.NO_SUCH_JOB, facts={"id": number})


def _find(core: Core, number: int) -> Job:
    job = core.stores.jobs.find_job(JobId(number))
    if job is None:
        raise UsageError(Reason.NO_SUCH_JOB, facts={"id": number})
    return job


def _name_state(job: Job) -> dict[str, object]:
    return {"id": job.id, "state": command_line.state_name(job.state)}


def _describe_empty(core: Core) -> str:
    """Say where the jobs are when those of the other service are all there is."""
    others = len(core.stores.jobs.list_active())
    if not others:
        return command_line.queue_is_empty()
    return command_line.describe_other_queue(core.service, others)


def _estimate(core: Core, jobs: Sequence[Job]) -> str:
    """Say what jobs will cost by one's own receipts; practice clips cost nothing."""
    paid = [job for job in jobs if job.service is not Service.SANDBOX]
    usual = core.stores.money.usual
    return estimate_total([usual(price_key(job.draft), job.service).cost_usd for job in paid])


def _print_conversions(pictures: Pictures, console: Console) -> None:
    for note in pictures.notes:
        console.print_note(note)


def _print_queued(jobs: tuple[Job, ...], console: Console) -> None:
    for job in jobs:
        console.print_result(f"{job.id}")
    console.print_note(command_line.describe_queued_only(len(jobs)))


def _print_files(core: Core, ids: list[JobId], console: Console) -> None:
    for job_id in ids:
        job = core.stores.jobs.get_job(job_id)
        video = core.stores.videos.find_by_task(job.task_id)
        if job.state is JobState.DONE and video is not None:
            console.print_result(str(core.files.library_dir / video.file))
