"""Measures the app's download beside a raw httpx stream to disk, on the same Qt loop."""

import asyncio
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from statistics import median

import httpx
import psutil
from PySide6.QtWidgets import QApplication

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kling_desktop.api.client import ApiClient
from kling_desktop.domain.job import TaskId
from kling_desktop.engine.collection import LARGEST_FILM_BYTES
from kling_desktop.storage.files import LibraryFiles
from kling_desktop.ui.event_loop import Loop
from tools.bench_figures import Figure

FILM_BYTES = 128 * 1024 * 1024
PIECE = os.urandom(1024 * 1024)
TURNS = 12
LEAST = 0.9
MOST_GROWTH_MB = 32


def measure() -> list[Figure]:
    app = QApplication.instance() or QApplication(["bench"])
    with tempfile.TemporaryDirectory(prefix="kling-bench-") as folder, serving() as address:
        loop = Loop(app)  # pyright: ignore[reportArgumentType] there is but the one application
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            return runner.run(_measure(Path(folder), address))


async def _measure(folder: Path, address: str) -> list[Figure]:
    files = LibraryFiles(folder / "library")
    files.create()
    ratios: list[float] = []
    rates: list[float] = []
    raw_s = 0.0
    async with httpx.AsyncClient(trust_env=False) as raw, _client() as client:
        for turn in range(TURNS + 1):
            if turn % 2:  # who goes first changes: a full write cache is for the one behind
                raw_s = await _timed(_fetch_raw(raw, address, folder / "raw.bin"))
            ours_s = await _timed(_fetch_ours(client, files, address, turn))
            if not turn % 2:
                raw_s = await _timed(_fetch_raw(raw, address, folder / "raw.bin"))
            if turn:  # the first one is for the caches
                ratios.append(raw_s / ours_s)
                rates.append(FILM_BYTES / ours_s / 1e6)
        # Apart from the turns: who watches takes time.
        with peak_growth() as grown:
            await _fetch_ours(client, files, address, TURNS + 1)
    note = f"{median(rates):.0f} MB/s, medians of {TURNS} turns of {FILM_BYTES // 2**20} MB"
    return [
        Figure("download / raw httpx to disk, speed", median(ratios), "×", least=LEAST, note=note),
        Figure("… memory grows at most", grown[0], "MB", MOST_GROWTH_MB),
    ]


async def _fetch_raw(client: httpx.AsyncClient, address: str, target: Path) -> None:
    """The least that a program would do: chunks as they come, written as they come."""
    with target.open("wb") as file:
        async with client.stream("GET", address) as response:
            async for chunk in response.aiter_bytes():
                file.write(chunk)
    target.unlink()


async def _fetch_ours(client: ApiClient, files: LibraryFiles, address: str, turn: int) -> None:
    """What the engine does: checked, counted, limited, off the window's thread."""
    part = files.part_path(TaskId(f"bench-{turn}"))
    async with client.download(address, limit_bytes=LARGEST_FILM_BYTES) as download:
        size = await files.receive(
            part, download.chunks(), offset=0, limit_bytes=LARGEST_FILM_BYTES
        )
    if size != FILM_BYTES:
        raise SystemExit(f"{size} bytes came instead of {FILM_BYTES}")
    part.unlink()


async def _timed(work: Awaitable[None]) -> float:
    started = time.perf_counter()
    await work
    return time.perf_counter() - started


@asynccontextmanager
async def _client() -> AsyncIterator[ApiClient]:
    client = ApiClient("http://127.0.0.1:1/v1", lambda: None)
    try:
        yield client
    finally:
        await client.aclose()


@contextmanager
def peak_growth() -> Iterator[list[float]]:
    """Measure by how many MB this process grows at most during the block."""
    process = psutil.Process()
    before = process.memory_info().rss
    grown, ended = [0.0], threading.Event()

    def look() -> None:
        while not ended.wait(0.02):
            grown[0] = max(grown[0], (process.memory_info().rss - before) / 2**20)

    watch = threading.Thread(target=look, daemon=True)
    watch.start()
    try:
        yield grown
    finally:
        ended.set()
        watch.join()


@contextmanager
def serving(film_bytes: int = FILM_BYTES, bytes_a_second: int | None = None) -> Iterator[str]:
    """Serve a large file from a process of its own; yields its address.

    Args:
        film_bytes: Its length, a multiple of a piece.
        bytes_a_second: The pace for each reader; None is as fast as it goes.
    """
    with subprocess.Popen(
        [sys.executable, __file__, str(film_bytes), str(bytes_a_second or 0)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            port = process.stdout.readline().strip() if process.stdout else ""
            yield f"http://127.0.0.1:{port}/film.mp4"
        finally:
            process.kill()


async def _serve(film_bytes: int, bytes_a_second: int) -> None:
    piece = PIECE if not bytes_a_second else PIECE[: max(1024, bytes_a_second // 20)]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (await reader.readuntil(b"\r\n\r\n")).startswith(b"GET"):
                writer.write(
                    b'HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\netag: "film"\r\n'
                    b"content-length: %d\r\n\r\n" % film_bytes
                )
                sent = 0
                while sent < film_bytes:
                    now = piece[: film_bytes - sent]
                    writer.write(now)
                    sent += len(now)
                    await writer.drain()
                    if bytes_a_second:
                        await asyncio.sleep(len(now) / bytes_a_second)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
