"""Counts requests, bytes and processor time of fifty jobs, beside the official SDK doing the same.

Both speak to the same kind of sandbox, at the same pace, through a relay that counts what passes;
both make the same fifty clips, half of them from the same picture, sixteen at once, and save them.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tools.bench_figures import Figure
from tools.sandbox_program import ROOT, RunningSandbox, running_sandbox

JOBS, AT_ONCE, TOKEN = 50, 16, "bench-key"
PICTURE_USES = 25
MOST_POSTS = 3.0
SDK = "runware-sdk>=1.8,<2"
SANDBOX = (
    "--videos",
    "plain",
    "--render-seconds",
    "48",
    "--queue-seconds",
    "0",
    "--renderers",
    "2",
)
"""A clip takes about four seconds here."""
INSTALL_LIMIT_S = 300

SDK_PROGRAM = """
import asyncio, base64, json, sys, urllib.request
from runware import Runware

async def main(url, token, batch, at_once, folder):
    jobs = [json.loads(line) for line in open(batch, encoding="utf-8")]
    places = asyncio.Semaphore(int(at_once))
    async with Runware(api_key=token, transport="rest", http_base_url=url) as client:
        async def make(number, job):
            task = {"taskType": "videoInference", "model": job["model"], "duration": 5,
                    "width": 1280, "height": 720, "includeCost": True,
                    "positivePrompt": job["prompt"]}
            if "first_frame" in job:
                image = base64.b64encode(open(job["first_frame"], "rb").read()).decode()
                task["inputs"] = {"frameImages": [{"image": image, "frame": "first"}]}
            async with places:
                (item,) = await client.run(task)
            def fetch():
                with urllib.request.urlopen(item["videoURL"]) as answer:
                    with open(f"{folder}/{number}.mp4", "wb") as file:
                        file.write(answer.read())
            await asyncio.to_thread(fetch)
        await asyncio.gather(*(make(number, job) for number, job in enumerate(jobs)))

asyncio.run(main(*sys.argv[1:]))
"""


@dataclass(slots=True)
class Counts:
    """What passed through the relay, and what the process used."""

    posts: int = 0
    uploads: int = 0
    bytes_sent: int = 0
    cpu_s: float = 0.0
    wall_s: float = 0.0
    videos: int = 0


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="kling-bench-") as place:
        folder = Path(place)
        batch = _write_batch(folder)
        ours = _run_ours(folder, batch)
        python, reason = _install_sdk(folder / "environment")
        theirs = None if python is None else _run_sdk(folder, batch, python)
    return [*_judge(ours), *_compare(ours, theirs, reason)]


def _judge(ours: Counts) -> list[Figure]:
    sent = f"{ours.posts} in all: submits, polls for all that run, one upload; {ours.wall_s:.0f} s"
    return [
        Figure("videos made of 50 jobs", ours.videos, "", least=JOBS),
        Figure("POSTs a job, 50 jobs, 16 at once", ours.posts / JOBS, "", MOST_POSTS, note=sent),
        Figure("uploads of a picture used 25 times", ours.uploads, "", 1),
    ]


def _compare(ours: Counts, theirs: Counts | None, reason: str) -> list[Figure]:
    if theirs is None:
        return [Figure("the official SDK doing the same", None, note=reason)]
    rows: Sequence[tuple[str, str, float, float]] = (
        ("requests a job", "", ours.posts / JOBS, theirs.posts / JOBS),
        ("KB sent a job", "KB", ours.bytes_sent / JOBS / 1e3, theirs.bytes_sent / JOBS / 1e3),
        (
            "processor ms a job, start included",
            "ms",
            ours.cpu_s / JOBS * 1e3,
            theirs.cpu_s / JOBS * 1e3,
        ),
    )
    note = f"SDK: {theirs.videos} videos, {theirs.wall_s:.0f} s in all"
    return [
        Figure(
            f"{name}: ours / official SDK",
            own / other,
            "×",
            note=f"{own:.4g} beside {other:.4g} {unit}; {note}",
        )
        for name, unit, own, other in rows
    ]


def _write_batch(folder: Path) -> Path:
    """Write fifty jobs, half of them from one picture of about 2 MB."""
    picture = folder / "frame.png"
    Image.effect_noise((1600, 900), 120).convert("RGB").save(picture, compress_level=1)
    lines = []
    for number in range(JOBS):
        job: dict[str, object] = {
            "model": "klingai:6@1", "prompt": f"Bench clip {number:02}",
            "width": 1280, "height": 720,
        }  # fmt: skip
        if number % 2:
            job["first_frame"] = str(picture)
        lines.append(json.dumps(job))
    batch = folder / "batch.jsonl"
    batch.write_text("\n".join(lines), encoding="utf-8")
    return batch


def _run_ours(folder: Path, batch: Path) -> Counts:
    with (
        running_sandbox(folder / "sandbox-1", SANDBOX, token=TOKEN) as sandbox,
        Relay(sandbox) as relay,
    ):
        environment = {
            **os.environ,
            "RUNWARE_API_KEY": TOKEN,
            "KLING_DESKTOP_BASE_URL": relay.url,
            "KLING_DESKTOP_DATA_DIR": str(folder / "data"),
            "KLING_DESKTOP_LIBRARY_DIR": str(folder / "library"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }
        command = [sys.executable, "-m", "kling_desktop", "run", str(batch)]
        counts = _run([*command, "--concurrency", str(AT_ONCE)], environment, relay, ROOT)
        counts.uploads = sandbox.read_state()["uploads"]
        counts.videos = len(list((folder / "library").rglob("*.mp4")))
        return counts


def _run_sdk(folder: Path, batch: Path, python: Path) -> Counts:
    program, videos = folder / "sdk.py", folder / "videos"
    program.write_text(SDK_PROGRAM, encoding="utf-8")
    videos.mkdir()
    with (
        running_sandbox(folder / "sandbox-2", SANDBOX, token=TOKEN) as sandbox,
        Relay(sandbox) as relay,
    ):
        environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        command = [
            str(python),
            str(program),
            relay.url,
            TOKEN,
            str(batch),
            str(AT_ONCE),
            str(videos),
        ]
        counts = _run(command, environment, relay, folder)
        counts.uploads = sandbox.read_state()["uploads"]
        counts.videos = len(list(videos.glob("*.mp4")))
        return counts


LONGEST_RUN_S = 180


def _run(
    command: Sequence[str], environment: dict[str, str], relay: "Relay", folder: Path
) -> Counts:
    started = time.perf_counter()
    with (folder / "bench-run.log").open("w+b") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        watch = threading.Timer(LONGEST_RUN_S, process.kill)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        watch.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            log.seek(0)
            raise SystemExit(
                f"{command[:4]} ended with {process.returncode}: {log.read()[-800:]!r}"
            )
    (folder / "bench-run.log").unlink()
    counts = relay.counts
    counts.cpu_s, counts.wall_s = usage.ru_utime + usage.ru_stime, time.perf_counter() - started
    return counts


def _install_sdk(folder: Path) -> tuple[Path | None, str]:
    """Install the SDK into an environment that is thrown away; or say why not."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    try:
        venv.create(folder, with_pip=True)
        done = subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", SDK],
            capture_output=True, text=True, timeout=INSTALL_LIMIT_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        return None, f"{SDK} cannot be installed here: {error}"
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["pip failed"]
        return None, f"{SDK} cannot be installed here: {last[0]}"
    return python, ""


_POST = b"POST /v1"


class Relay:
    """Passes everything on between a program and the sandbox, and counts what is sent.

    A loop in a thread of its own.  Heads and bodies both count as bytes sent; a request is counted
    by its first line, which no picture in base64 can contain.
    """

    def __init__(self, sandbox: RunningSandbox) -> None:
        self.counts = Counts()
        self._port = int(sandbox.url.split(":")[2].split("/")[0])
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.url = ""

    def __enter__(self) -> "Relay":
        self._thread.start()
        starting = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._pass_on, "127.0.0.1", 0), self._loop
        )
        self._server = starting.result(10)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._port)
        await asyncio.gather(
            self._copy(reader, inner_writer, counted=True),
            self._copy(inner_reader, writer, counted=False),
        )

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counted: bool
    ) -> None:
        tail = b""
        try:
            while data := await reader.read(1 << 18):
                if counted:
                    tail = self._count(tail, data)
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    def _count(self, tail: bytes, data: bytes) -> bytes:
        """Count what is new; the end of the piece before is looked at again, for cut words."""
        self.counts.bytes_sent += len(data)
        self.counts.posts += (tail + data).count(_POST)
        return (tail + data)[-(len(_POST) - 1) :]
