"""The commands that make clips: generate, run, resume, cancel, retry."""

import argparse
import asyncio
from pathlib import Path

from kling_desktop.assembly.core import Core
from kling_desktop.assembly.folders import Folders
from kling_desktop.cli.console import Console
from kling_desktop.cli.exit_codes import ExitCode
from kling_desktop.cli.requests import RequestRefused, build_draft, request_of
from kling_desktop.cli.session import QueueWatch, Wish, open_session
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.job import Job, JobId, JobState, Service
from kling_desktop.engine.batch import read_batch
from kling_desktop.ui.figures import count_of
from kling_desktop.ui.wording_trouble import describe_cancel


async def generate(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Queue one draft; with ``--wait`` work until it is done and print the file's path."""
    wish = _wish_of(arguments)
    # Checked before anything is opened: bad input changes nothing, not even the data folder.
    request = request_of(vars(arguments))
    draft = await build_draft(request, folders.prepared, repairs=arguments.fix)
    async with open_session(folders, wish) as core:
        jobs = await core.engine.enqueue([draft])
        if not arguments.wait:
            _tell_queued(jobs, console)
            return ExitCode.DONE
        code = await QueueWatch(core, console, only=[job.id for job in jobs]).work(wish)
        _tell_files(core, [job.id for job in jobs], console)
        return code


async def run(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Check every line of a batch file, queue all in one transaction, work until all are done."""
    wish = _wish_of(arguments)
    lines = await asyncio.to_thread(read_batch, Path(arguments.file))
    drafts: list[Draft] = []
    refusals: list[str] = []
    for line in lines:
        try:
            request = request_of(line.fields)
            drafts.append(await build_draft(request, folders.prepared, repairs=arguments.fix))
        except RequestRefused as error:
            refusals.append(f"line {line.number}: {error}")
    if refusals:
        raise RequestRefused("Nothing was queued.\n" + "\n".join(refusals))
    async with open_session(folders, wish) as core:
        jobs = await core.engine.enqueue(drafts)
        console.remark(f"{count_of(len(jobs), 'job')} queued")
        code = await QueueWatch(core, console).work(wish)
        _tell_files(core, [job.id for job in jobs], console)
        return code


async def resume(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Go on with whatever is in the queue until it is empty."""
    wish = _wish_of(arguments)
    async with open_session(folders, wish) as core:
        await core.engine.resume()
        waiting = core.shelves.jobs.list_active(service=core.service)
        if not waiting:
            console.remark("The queue is empty.")
            return ExitCode.DONE
        code = await QueueWatch(core, console).work(wish)
        _tell_files(core, [job.id for job in waiting], console)
        return code


async def cancel(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Cancel a waiting job, or stop waiting for one that is charged."""
    async with open_session(folders, Wish()) as core:
        job = _find(core, arguments.id)
        if job.state.is_terminal:
            raise RequestRefused(f"Job {job.id} has already ended: {job.state.value}.")
        result = await core.engine.cancel(job.id)
    console.tell(f"Job {job.id}: {describe_cancel(result)}")
    return ExitCode.DONE


async def retry(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Queue an ended job again as a new one."""
    async with open_session(folders, Wish()) as core:
        job = _find(core, arguments.id)
        if not job.state.is_terminal:
            raise RequestRefused(f"Job {job.id} has not ended: {job.state.value}.")
        new = await core.engine.retry(job.id)
    console.tell(f"Job {new.id} is queued; it is charged as a new clip.")
    return ExitCode.DONE


def _wish_of(arguments: argparse.Namespace) -> Wish:
    return Wish(
        service=Service.SANDBOX if arguments.sandbox else None,
        concurrency=arguments.concurrency,
    )


def _find(core: Core, number: int) -> Job:
    job = core.shelves.jobs.find_job(JobId(number))
    if job is None:
        raise RequestRefused(f"There is no job {number}.")
    return job


def _tell_queued(jobs: tuple[Job, ...], console: Console) -> None:
    for job in jobs:
        console.tell(f"{job.id}")
    console.remark(f"{count_of(len(jobs), 'job')} queued; “resume” works on the queue.")


def _tell_files(core: Core, ids: list[JobId], console: Console) -> None:
    for job_id in ids:
        job = core.shelves.jobs.get_job(job_id)
        video = core.shelves.videos.find_by_task(job.task_id)
        if job.state is JobState.DONE and video is not None:
            console.tell(str(core.files.library_dir / video.file))
