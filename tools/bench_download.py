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
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx
import psutil
from PySide6.QtWidgets import QApplication

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kling_desktop.api.client import ApiClient
from kling_desktop.app.event_loop import Loop
from kling_desktop.domain.job import TaskId
from kling_desktop.engine.jobs.download_parts import DownloadPart
from kling_desktop.engine.jobs.download_step import (
    LARGEST_VIDEO_BYTES,
    SECURED_EVERY_BYTES,
    SECURED_EVERY_S,
)
from kling_desktop.storage.files.library_files import LibraryFiles
from tools.bench_figures import Figure

VIDEO_BYTES = 64 * 1024 * 1024
PIECE = os.urandom(1024 * 1024)
TURNS = 24
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
    ours: list[_Cost] = []
    raw: list[_Cost] = []
    async with httpx.AsyncClient(trust_env=False) as plain, _client() as client:
        for turn in range(TURNS + 1):
            pair = [
                (ours, lambda turn=turn: _fetch_ours(client, files, address, turn)),
                (raw, lambda: _fetch_raw(plain, address, folder / "raw.bin")),
            ]
            # Who goes first changes: a full write cache is for the one behind.
            for costs, fetch in pair if turn % 2 else reversed(pair):
                costs.append(await _cost_of(fetch()))
        # Apart from the turns: who watches takes time.
        with peak_growth() as grown:
            await _fetch_ours(client, files, address, TURNS + 1)
    del ours[0], raw[0]  # the first ones are for the caches
    return _describe(ours, raw, grown[0])


def _describe(ours: list["_Cost"], raw: list["_Cost"], grown_mb: float) -> list[Figure]:
    megabytes = VIDEO_BYTES / 2**20
    ratio = median(theirs.wall_s / own.wall_s for own, theirs in zip(ours, raw, strict=True))
    wall_s = median(cost.wall_s for cost in ours)
    loop_ms = median(cost.loop_s for cost in ours) / megabytes * 1000
    raw_loop_ms = median(cost.loop_s for cost in raw) / megabytes * 1000
    note = (
        f"{VIDEO_BYTES / wall_s / 1e6:.0f} MB/s, median of {TURNS} pairs of {megabytes:.0f} MB, "
        "both synced at the end"
    )
    return [
        Figure("download / raw httpx to disk, speed", ratio, "×", least=LEAST, note=note),
        Figure(
            "… time of the loop's thread for each MB",
            loop_ms,
            "ms",
            note=f"raw {raw_loop_ms:.3g} ms",
        ),
        Figure("… memory grows at most", grown_mb, "MB", MOST_GROWTH_MB),
    ]


async def _fetch_raw(client: httpx.AsyncClient, address: str, target: Path) -> None:
    """The least that a program would do: chunks as they come, written as they come, synced."""
    with target.open("wb") as file:
        async with client.stream("GET", address) as response:
            async for chunk in response.aiter_bytes():
                file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    target.unlink()


async def _fetch_ours(client: ApiClient, files: LibraryFiles, address: str, turn: int) -> None:
    """What the engine does: checked, limited, off the window's thread, secured on the way."""
    part = DownloadPart(files, TaskId(f"bench-{turn}"))

    async def secure(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        came, secured_mono = 0, time.monotonic()
        async for chunk in chunks:
            yield chunk
            came += len(chunk)
            now = time.monotonic()
            if came >= SECURED_EVERY_BYTES and now - secured_mono >= SECURED_EVERY_S:
                await part.sync()
                came, secured_mono = 0, now

    async with client.download(address, limit_bytes=LARGEST_VIDEO_BYTES) as download:
        await part.begin(download.etag)
        size = await files.receive(
            part.path, secure(download.chunks()), offset=0, limit_bytes=LARGEST_VIDEO_BYTES
        )
        await part.sync(whole=True)
    if size != VIDEO_BYTES:
        raise SystemExit(f"{size} bytes came instead of {VIDEO_BYTES}")
    await part.clear()


@dataclass(frozen=True, slots=True)
class _Cost:
    """What one download took: time on the clock, and of it the work of the loop's thread."""

    wall_s: float
    loop_s: float


async def _cost_of(work: Awaitable[None]) -> _Cost:
    started, worked = time.perf_counter(), time.thread_time()
    await work
    return _Cost(time.perf_counter() - started, time.thread_time() - worked)


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
def serving(video_bytes: int = VIDEO_BYTES, bytes_a_second: int | None = None) -> Iterator[str]:
    """Serve a large file from a process of its own; yields its address.

    Args:
        video_bytes: Its length, a multiple of a piece.
        bytes_a_second: The pace for each reader; None is as fast as it goes.
    """
    with subprocess.Popen(
        [sys.executable, __file__, str(video_bytes), str(bytes_a_second or 0)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            port = process.stdout.readline().strip() if process.stdout else ""
            yield f"http://127.0.0.1:{port}/video.mp4"
        finally:
            process.kill()


async def _serve(video_bytes: int, bytes_a_second: int) -> None:
    piece = PIECE if not bytes_a_second else PIECE[: max(1024, bytes_a_second // 20)]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (await reader.readuntil(b"\r\n\r\n")).startswith(b"GET"):
                writer.write(
                    b'HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\netag: "video"\r\n'
                    b"content-length: %d\r\n\r\n" % video_bytes
                )
                sent = 0
                while sent < video_bytes:
                    now = piece[: video_bytes - sent]
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
