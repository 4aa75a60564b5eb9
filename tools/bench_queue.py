"""Measures the enqueuing of a thousand jobs: one durable transaction."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from PIL import Image

from kling_desktop.assembly.core import Core
from kling_desktop.domain.draft import Draft
from kling_desktop.media.images import inspect
from tools.bench_figures import Figure
from tools.crash_books import folders_at

JOBS = 1000
MOST_S = 1.0
TURNS = 5


def measure() -> list[Figure]:
    times, transactions = [], 0
    for _ in range(TURNS):
        with tempfile.TemporaryDirectory(prefix="kling-bench-") as folder:
            seconds, transactions = asyncio.run(_enqueue(Path(folder)))
            times.append(seconds)
    note = f"median of {TURNS}; half with a picture; longest {max(times):.2f} s"
    return [
        Figure("enqueue 1,000 jobs", median(times), "s", MOST_S, note=note),
        Figure("… in so many transactions", transactions, "", 1),
    ]


async def _enqueue(folder: Path) -> tuple[float, int]:
    picture = folder / "frame.png"
    Image.effect_noise((1280, 720), 90).convert("RGB").save(picture)
    frame = inspect(picture).image
    drafts = [
        Draft(prompt=f"Clip number {number} of the bench")
        if number % 2
        else Draft(prompt=f"Clip number {number}", first_frame=frame)
        for number in range(JOBS)
    ]
    core = await Core.open(folders_at(folder / "data", folder / "library"), {})
    try:
        database = core.stores.database
        write, transactions = database.write, 0

        async def counted(*action: Callable[..., object]) -> object:
            nonlocal transactions
            transactions += 1
            return await write(*action)

        database.write = counted  # pyright: ignore[reportAttributeAccessIssue] counts, then does
        started = time.perf_counter()
        jobs = await core.engine.enqueue(drafts)
        seconds = time.perf_counter() - started
        if len(jobs) != JOBS:
            raise SystemExit(f"{len(jobs)} jobs instead of {JOBS}")
        return seconds, transactions
    finally:
        await core.close()
