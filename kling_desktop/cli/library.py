"""The library's commands: list and search beside a running app, the others as its owner."""

import argparse
import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kling_desktop.assembly.folders import Folders
from kling_desktop.cli.console import Console, bar, table
from kling_desktop.cli.data_folder import require_records
from kling_desktop.cli.exit_codes import ExitCode
from kling_desktop.cli.queries import reading
from kling_desktop.domain.errors import DamagedDownload, LibraryUnavailable, LibraryUnmarked
from kling_desktop.domain.local_time import local_now
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.video import Video, VideoId
from kling_desktop.storage.stores.video_query import VideoQuery
from kling_desktop.wording import command_line
from kling_desktop.wording.formatting import file_size, time_of_day
from kling_desktop.wording.models import short_model_name

if TYPE_CHECKING:
    from kling_desktop.assembly.core import Core
    from kling_desktop.engine.library.library import LibraryReport, Stray

_PAGE = 500


async def library(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Run the action that was named."""
    match arguments.action:
        case "list":
            return await _list(VideoQuery(), arguments, folders, console)
        case "search":
            words = VideoQuery(text=" ".join(arguments.words))
            return await _list(words, arguments, folders, console)
        case "adopt":
            return await _adopt(folders, console)
        case "clear":
            return await _clear(folders, console)
        case _:
            act = _verify if arguments.action == "verify" else _rebuild
            try:
                return await act(arguments, folders, console)
            except LibraryUnmarked:
                console.print_note(command_line.hint_at_adopting())
                raise


async def _list(
    query: VideoQuery, arguments: argparse.Namespace, folders: Folders, console: Console
) -> ExitCode:
    async with reading(folders) as stores:
        videos: Sequence[Video] = ()
        home = folders.default_library
        if stores is not None:
            ids = [row.id for row in stores.videos.list_ids(query)]
            videos = [video for page in _pages(ids) for video in stores.videos.get_videos(page)]
            home = folders.library(stores.settings.current.library_dir)
    if arguments.json:
        console.print_json([video_to_json(video, home) for video in videos])
    elif videos:
        now = local_now()
        heading = command_line.clips_heading()
        console.print_result(table([heading, *(_video_row(video, now) for video in videos)]))
    else:
        console.print_note(command_line.no_clips())
    return ExitCode.DONE


async def _verify(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Hold every clip against the folder; exit code 1 when one is missing or not what it was."""
    from kling_desktop.cli.session import RunOptions, build_library, open_session

    if not await require_records(folders):
        console.print_note(command_line.no_clips_yet())
        return ExitCode.DONE
    async with open_session(folders, RunOptions()) as core:
        keeper = build_library(core)
        report = await keeper.verify(contents=arguments.deep, on_steps=_Steps(console).show)
        damaged = await _find_damaged(core, report.changed)
        console.clear()
        if arguments.json:
            console.print_json(_report_to_json(core, report, damaged))
        else:
            _print_report(core, report, damaged, console)
            await _hint_at_doubles(core, console)
    return ExitCode.SOME_FAILED if report.missing or report.changed else ExitCode.DONE


async def _rebuild(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Take in every clip of the folder that carries its recipe and that the library lacks."""
    from kling_desktop.cli.session import RunOptions, build_library, open_session

    async with open_session(folders, RunOptions()) as core:
        added = await build_library(core).rebuild(on_steps=_Steps(console).show)
        home = core.files.library_dir
    console.clear()
    if arguments.json:
        console.print_json([video_to_json(video, home) for video in added])
    else:
        for video in added:
            console.print_result(str(home / video.file))
        console.print_note(command_line.describe_added(len(added), str(home)))
    return ExitCode.DONE


async def _adopt(folders: Folders, console: Console) -> ExitCode:
    """Mark the library's folder anew; it has to be there, for an empty place is no library."""
    from kling_desktop.cli.session import RunOptions, open_session

    async with open_session(folders, RunOptions()) as core:
        home = core.files.library_dir
        if not await asyncio.to_thread(home.is_dir):
            raise LibraryUnavailable(Reason.LIBRARY_GONE, detail=str(home))
        await core.use_library(home)
    console.print_note(command_line.describe_adopted(str(home)))
    return ExitCode.DONE


async def _clear(folders: Folders, console: Console) -> ExitCode:
    """Remove what a library move that was broken off left twice."""
    from kling_desktop.cli.session import RunOptions, open_session
    from kling_desktop.engine.library.library_move import clear_doubles, find_unfinished_move

    async with open_session(folders, RunOptions()) as core:
        move = await find_unfinished_move(core.files)
        if move is None:
            console.print_note(command_line.nothing_lies_twice())
            return ExitCode.DONE
        left = await clear_doubles(core.files, move)
    for path in left:
        console.print_result(str(path))
    removed = len(move.doubles) - sum(
        path.relative_to(move.other).as_posix() in move.doubles for path in left
    )
    console.print_note(command_line.describe_cleared(removed, str(move.other)))
    return ExitCode.DONE


async def _hint_at_doubles(core: "Core", console: Console) -> None:
    from kling_desktop.engine.library.library_move import find_unfinished_move

    move = await find_unfinished_move(core.files)
    if move is not None and move.doubles:
        size = file_size(move.size_bytes)
        console.print_note(command_line.describe_doubles(len(move.doubles), size, str(move.other)))


def video_to_json(video: Video, home: Path) -> dict[str, object]:
    """A clip as a script reads it; `path` is where the file lies on this machine."""
    draft, facts = video.draft, video.facts
    return {
        "id": video.id,
        "file": video.file,
        "path": str(home / video.file),
        "title": video.title,
        "model": draft.model,
        "prompt": draft.prompt,
        "service": video.service.value,
        "task_id": video.task_id,
        "made_at": video.made_at.isoformat(),
        "duration_s": facts.duration_s,
        "width": facts.width,
        "height": facts.height,
        "fps": facts.fps,
        "bytes": facts.size_bytes,
        "sha256": video.sha256,
        "practice": video.practice,
        "cost_usd": None if video.practice or video.cost_usd is None else str(video.cost_usd),
        "seed": video.seed,
        "favourite": video.favourite,
        "missing": video.missing,
    }


class _Steps:
    """Shows how far long work is, as a bar on a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, done: int, total: int) -> None:
        share = done / total if total else 1.0
        self._console.draw([f"{bar(share)}  {command_line.describe_steps(done, total)}"])


async def _find_damaged(core: "Core", changed: Sequence[VideoId]) -> frozenset[VideoId]:
    """Open the clips that are not what they were; those that do not play are damaged."""
    damaged: set[VideoId] = set()
    for video in core.stores.videos.get_videos(changed):
        try:
            await asyncio.to_thread(core.video_tools.probe, core.files.resolve(video.file))
        except DamagedDownload:
            damaged.add(video.id)
    return frozenset(damaged)


def _print_report(
    core: "Core", report: "LibraryReport", damaged: frozenset[VideoId], console: Console
) -> None:
    edited = [video_id for video_id in report.changed if video_id not in damaged]
    words = command_line.report_words()
    found = (
        ("missing", report.missing),
        ("damaged", sorted(damaged)),
        ("changed", edited),
        ("moved", report.moved),
        ("returned", report.returned),
    )
    rows = [
        (words[name], f"{video.id}", video.file)
        for name, ids in found
        for video in core.stores.videos.get_videos(ids)
    ]
    rows += [(words["unknown"], _origin(stray), stray.found.file) for stray in report.strays]
    rows += [(words["passed_over"], each.detail, each.file) for each in report.passed_over]
    if rows:
        console.print_result(table(rows))
    unknown = sum(stray.recipe is not None for stray in report.strays)
    console.print_note(command_line.describe_checked(report.checked, str(core.files.library_dir)))
    if unknown:
        console.print_note(command_line.describe_unknown_clips(unknown))


def _origin(stray: "Stray") -> str:
    if stray.recipe is not None:
        return command_line.report_words()["recipe"]
    return file_size(stray.found.size_bytes)


def _report_to_json(
    core: "Core", report: "LibraryReport", damaged: frozenset[VideoId]
) -> dict[str, object]:
    def files(ids: Sequence[VideoId]) -> list[dict[str, object]]:
        videos = core.stores.videos.get_videos(ids)
        return [{"id": video.id, "file": video.file} for video in videos]

    return {
        "library": str(core.files.library_dir),
        "checked": report.checked,
        "missing": files(report.missing),
        "damaged": files(sorted(damaged)),
        "changed": files([each for each in report.changed if each not in damaged]),
        "moved": files(report.moved),
        "returned": files(report.returned),
        "unknown": [
            {
                "file": stray.found.file,
                "bytes": stray.found.size_bytes,
                "has_recipe": stray.recipe is not None,
            }
            for stray in report.strays
        ],
        "not_read": [{"file": each.file, "detail": each.detail} for each in report.passed_over],
    }


def _video_row(video: Video, now: datetime) -> tuple[str, ...]:
    practice = command_line.practice_word() if video.practice else ""
    mark = command_line.missing_word() if video.missing else practice
    model = command_line.model_and_length(
        short_model_name(video.draft.model), video.draft.duration_s
    )
    moment = time_of_day(video.made_at, now)
    return (str(video.id), moment, model, video.file, mark, video.title[:60])


def _pages(ids: Sequence[VideoId]) -> Iterator[Sequence[VideoId]]:
    return (ids[start : start + _PAGE] for start in range(0, len(ids), _PAGE))
