"""Holds a sandbox's ledger against a library, its database and the spending it shows."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from kling_desktop.assembly.folders import Folders
from kling_desktop.assembly.stores import Stores, open_reader
from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.domain.job import Job, JobState, Service
from kling_desktop.media.recipe import read_recipe
from kling_desktop.media.video_file import probe
from kling_desktop.storage.files.library_files import LibraryFiles

MOST_JOBS = 1_000_000


@dataclass(slots=True)
class Findings:
    """What was counted, and every way in which the books do not agree.

    Attributes:
        videos: Whole videos in the library.
        free: Jobs that ended without a video and without a charge.
        twice: Jobs with more than one charge.
        lost: Charges without a video.
        partial: Files that are no whole video, or were left half-way.
    """

    jobs: int = 0
    charges: int = 0
    videos: int = 0
    free: int = 0
    twice: int = 0
    lost: int = 0
    partial: int = 0
    charged_usd: Decimal = Decimal(0)
    shown_usd: Decimal = Decimal(0)
    wrong: list[str] = field(default_factory=list[str])

    def require(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.wrong.append(otherwise)


def folders_at(data: Path, library: Path) -> Folders:
    return Folders(
        data=data, cache=data / "cache", default_library=library, library_override=library
    )


def count_jobs(data: Path) -> int | None:
    """Count the unfinished jobs; None while nothing was ever queued."""

    async def count() -> int | None:
        try:
            stores = await open_reader(folders_at(data, data))
        except KlingDesktopError:
            return None
        try:
            states = stores.jobs.count_states(Service.RUNWARE)
            if not sum(states.values()):
                return None
            return sum(number for state, number in states.items() if not state.is_terminal)
        finally:
            await stores.database.close()

    return asyncio.run(count())


def check_books(
    data: Path,
    library: Path,
    charges: Sequence[Mapping[str, Any]],
    tasks: Sequence[Mapping[str, Any]],
    jobs: int,
) -> Findings:
    """Compare everything with everything.

    Args:
        data: The app's data folder; nobody has it open.
        library: Its library.
        charges: The sandbox's ledger.
        tasks: The sandbox's tasks: an accepted job has its words there.
        jobs: How many were asked for, each with words of its own.
    """

    async def check() -> Findings:
        stores = await open_reader(folders_at(data, library))
        try:
            return _check(stores, library, charges, tasks, jobs)
        finally:
            await stores.database.close()

    return asyncio.run(check())


def _check(
    stores: Stores,
    library: Path,
    charges: Sequence[Mapping[str, Any]],
    tasks: Sequence[Mapping[str, Any]],
    wanted: int,
) -> Findings:
    found = Findings(charges=len(charges))
    rows = stores.jobs.list_history(MOST_JOBS, include_hidden=True)
    left = stores.jobs.list_active()
    found.jobs = len(rows) + len(left)
    found.require(found.jobs == wanted, f"{wanted} jobs were queued, {found.jobs} rows are there")
    found.require(not left, f"unfinished: {[(job.id, job.state.value) for job in left]}")
    _check_charges(found, charges, tasks)
    found_files = _check_files(found, library)
    _check_rows(
        found, stores, library, rows, {str(each["taskUUID"]) for each in charges}, found_files
    )
    _check_money(found, stores, charges)
    return found


def _check_charges(
    found: Findings, charges: Sequence[Mapping[str, Any]], tasks: Sequence[Mapping[str, Any]]
) -> None:
    """A job's words are its own: two charges for the same words are two charges for one job."""
    words = {task["taskUUID"]: task["prompt"] for task in tasks}
    for prompt, number in Counter(words[each["taskUUID"]] for each in charges).items():
        if number > 1:
            found.twice += 1
            found.wrong.append(f"charged {number} times: {prompt}")


def _check_files(found: Findings, library: Path) -> dict[str, Path]:
    """Open every video to its last frame; whatever else lies there was left half-way."""
    found_files: dict[str, Path] = {}
    for path in sorted(path for path in library.rglob("*") if path.is_file()):
        inside = path.relative_to(library)
        if inside.parts[0].startswith(".") and ".kling-part" not in inside.parts:
            continue  # the library's own mark
        if path.suffix != ".mp4" or ".kling-part" in inside.parts:
            found.partial += 1
            found.wrong.append(f"left behind: {inside}")
            continue
        try:
            probe(path, deep=True)
        except KlingDesktopError as error:
            found.partial += 1
            found.wrong.append(f"does not open: {inside}: {error}")
            continue
        found.videos += 1
        recipe = read_recipe(path)
        task = recipe.task_id if recipe is not None else ""
        found.require(bool(task), f"without a recipe: {inside}")
        found.require(task not in found_files, f"two videos of one job: {inside}")
        found_files[task] = path
    return found_files


def _check_rows(
    found: Findings,
    stores: Stores,
    library: Path,
    rows: Sequence[Job],
    charged: set[str],
    found_files: Mapping[str, Path],
) -> None:
    files = LibraryFiles(library)
    found.lost = len(charged - found_files.keys())
    for task in charged - found_files.keys():
        found.wrong.append(f"charged, and no video: {task}")
    for task in found_files.keys() - charged:
        found.wrong.append(f"a video that nobody was charged for: {found_files[task].name}")
    for job in rows:
        video = stores.videos.find_by_task(job.task_id)
        if job.state is not JobState.DONE:
            found.free += 1
            found.require(job.task_id not in charged, f"job {job.id}: {job.state}, yet charged")
            continue
        path = found_files.get(job.task_id)
        if video is None or path is None or files.resolve(video.file) != path:
            found.wrong.append(f"job {job.id} is done, and its video is not where its row says")
        elif files.hash_file(path) != video.sha256:
            found.wrong.append(f"job {job.id}: another file than was kept: {path.name}")


def _check_money(found: Findings, stores: Stores, charges: Sequence[Mapping[str, Any]]) -> None:
    found.charged_usd = sum((Decimal(str(each["cost"])) for each in charges), Decimal(0))
    spending = stores.money.spending(datetime.now(UTC), UTC, Service.RUNWARE)
    found.shown_usd = spending.this_month.usd
    # A job that the service took and could not finish has a cost that nobody stated.
    ended = stores.jobs.list_history(1_000_000, include_hidden=True)
    unstated = sum(
        job.state is JobState.FAILED and job.accepted_at is not None and job.cost_usd is None
        for job in ended
    )
    unknown = spending.this_month.unknown
    found.require(
        unknown == unstated, f"{unknown} costs are unknown, {unstated} jobs failed unpriced"
    )
    found.require(
        found.shown_usd == found.charged_usd,
        f"{found.shown_usd} USD are shown, {found.charged_usd} USD were charged",
    )
