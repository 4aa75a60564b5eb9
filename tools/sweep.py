"""Let the n-th operation of a job's life fail, or kill the process there, for every n.

    tools/sweep.py              every n, both ways
    tools/sweep.py --every 7    every seventh
    tools/sweep.py --only kill:31

Operations are writes, fsyncs, renames, unlinks, commits, requests and responses.  The story is the
same each time: a clip with a picture is queued, its submission's answer is read, its status asked,
its video downloaded.  After an error the app goes on; after a kill everything that was not synced
is gone and a new process begins on what is left.  In the end there must be one charge and one
whole clip, nothing lost, nothing twice, nothing partial.
"""

import argparse
import asyncio
import logging
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.domain.job import JobState
from tests.engine.conftest import WORDS, World
from tests.fakes.service import FakeService
from tests.fakes.service_script import Ack, Processing, Success
from tests.fakes.video_file import make_video
from tools.sweep_disk import KINDS, CountingTransport, DurableDisk, Killed, Mode, Operations
from tools.sweep_disk import intercepted as intercept

LIMIT_S = 4 * 3600.0
PICTURE_BYTES = 5 * 1024 * 1024
"""Too large to go inside the request, so that an upload is part of the story."""


@dataclass
class Outcome:
    """What was left after one run.

    Attributes:
        counted: The operations of the run, by kind.
        hit: The kind of the operation that failed or was never done.
        faults: What is wrong in the end, in words; empty when nothing is.
    """

    counted: Counter[str]
    hit: str
    faults: list[str] = field(default_factory=list[str])


async def live(folder: Path, mode: Mode, number: int) -> Outcome:
    """Live a job's life in a folder with one fault and look at what is left."""
    root, grave = folder / "disk", folder / "grave"
    root.mkdir(parents=True)
    world = World(root, service=FakeService(video=make_video()))
    world.service.script("*", Ack(), Processing(), Success())
    await world.open(start=False)
    picture = world.picture("large.png", PICTURE_BYTES)
    await world.close()

    disk = DurableDisk(root)
    operations = Operations(disk, mode, number, grave)
    network = world.service.transport
    world.service.transport = CountingTransport(network, operations)
    with intercept(operations):
        life = asyncio.get_running_loop().create_task(_live(world, picture), name="life")
        await asyncio.wait([life])
        if operations.is_dead:
            world.pull_the_plug()
            await world.clock.settle()
    operations.is_over = True
    world.service.transport = network
    if not operations.is_dead:
        life.result()
        outcome = Outcome(operations.counted, operations.hit)
        await world.close()
        await world.open()  # what could not be removed is swept at the next start
    else:
        life.exception()
        outcome = Outcome(operations.counted, operations.hit)
        world.bugs.clear()
        await world.close()
        shutil.rmtree(root)
        grave.rename(root)
        await world.open()
        if not world.jobs.list_active() and not world.jobs.list_history(1):
            await world.queue(replace(WORDS, first_frame=world.picture("large.png", PICTURE_BYTES)))
        await _run_to_end(world)
    outcome.faults = _find_faults(world)
    world.bugs.clear()
    await world.close()
    disk.close()
    return outcome


async def _live(world: World, picture: object) -> None:
    """Start the app, order one clip, wait for it; what is refused is asked for once more."""
    try:
        await world.open()
    except KlingDesktopError:
        await world.close()
        await world.open()
    draft = replace(WORDS, first_frame=picture)  # pyright: ignore[reportArgumentType]
    try:
        await world.queue(draft)
    except KlingDesktopError:
        await world.queue(draft)
    await _run_to_end(world)


async def _run_to_end(world: World) -> None:
    await world.run_until(lambda: bool(world.jobs.list_history(9)), limit_s=LIMIT_S)
    idle = asyncio.get_running_loop().create_task(world.engine.wait_idle())
    await world.run_until(idle.done, limit_s=LIMIT_S)


def _find_faults(world: World) -> list[str]:
    """Compare the service's charges with the jobs and the files of the library."""
    faults: list[str] = [f"a bug: {bug!r}" for bug in world.bugs if not isinstance(bug, Killed)]
    jobs = (*world.jobs.list_active(), *world.jobs.list_history(9))
    states = [job.state for job in jobs]
    if states != [JobState.DONE]:
        faults.append(f"jobs: {', '.join(states)}")
    charges = Counter(charge.task_id for charge in world.service.ledger)
    faults += [f"charged {count} times" for count in charges.values() if count > 1]
    lost = charges.keys() - {job.task_id for job in jobs if job.state is JobState.DONE}
    faults += [f"lost: {task_id} was charged" for task_id in lost]
    whole = 0
    for path in world.list_videos():
        try:
            world.video.probe(path)
            whole += 1
        except KlingDesktopError:
            faults.append(f"partial: {path.name}")
    if whole != len(charges):
        faults.append(f"{whole} whole clips of {len(charges)} charges")
    faults += [f"left behind: {path.name}" for path in world.list_leftovers()]
    return faults


def run_one(mode: Mode, number: int = 0) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="kling-sweep-") as folder:
        return asyncio.run(live(Path(folder), mode, number))


def sweep(mode: Mode, *, every: int = 1) -> tuple[Counter[str], list[str]]:
    """Run once for each n; return how many operations of each kind were hit, and all faults."""
    total = run_one("count").counted.total()
    hits: Counter[str] = Counter()
    faults: list[str] = []
    number = 1
    while number <= total:
        outcome = run_one(mode, number)
        hits[outcome.hit] += 1
        faults += [f"{mode}:{number} ({outcome.hit}): {fault}" for fault in outcome.faults]
        total = max(total, number) if outcome.hit else number
        number += every
    return hits, faults


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Let the n-th operation fail, for every n.")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only each N-th number")
    parser.add_argument("--only", metavar="MODE:N", help="one run, such as kill:31 or error:12")
    options = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)  # every kill is told as a bug; the outcome is what counts
    if options.only:
        mode, _, number = options.only.partition(":")
        outcome = run_one("kill" if mode == "kill" else "error", int(number))
        print(f"{outcome.hit or 'nothing'} was hit; {'; '.join(outcome.faults) or 'no fault'}")
        return 1 if outcome.faults else 0
    found: list[str] = []
    modes: tuple[Mode, ...] = ("error", "kill")
    for mode in modes:
        hits, faults = sweep(mode, every=options.every)
        numbers = ", ".join(f"{kind} {hits[kind]}" for kind in KINDS)
        print(f"{mode}: {hits.total()} runs ({numbers}), {len(faults)} faults")
        found += faults
    print("\n".join(found) or "lost 0, doubled 0, partial 0")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
