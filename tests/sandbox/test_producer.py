"""One task that goes wrong is one failed task: the others go on, and so does the sandbox."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
import wave
from pathlib import Path
from typing import Any

import httpx
import pytest

from kling_desktop.domain.resources import find_resource
from kling_desktop.sandbox.journal import Journal
from kling_desktop.sandbox.producer import MOST_ATTEMPTS
from kling_desktop.sandbox.renderer import VideoStyle
from tests.sandbox.conftest import Client, OpenSandbox, as_base64, make_picture, make_task
from tests.sandbox.test_program import end, start

pytestmark = pytest.mark.once

SAMPLE = find_resource("samples/umbrella.jpg")


async def upload(client: Client, content: bytes, pictures: Path, kept: bytes) -> dict[str, Any]:
    """Upload a picture, put something else in its place, and return a task that uses it."""
    ask = {"taskType": "imageUpload", "taskUUID": str(uuid.uuid4()), "image": as_base64(content)}
    (item,) = (await client.post(ask)).json()["data"]
    (path,) = pictures.iterdir()
    path.write_bytes(kept)
    frames = [{"inputImage": item["imageUUID"], "frame": "first"}]
    return make_task("klingai:5@2", frameImages=frames)


async def test_an_error_of_the_system_fails_that_task_alone(
    open_sandbox: OpenSandbox, tmp_path: Path
) -> None:
    picture, folder = make_picture(kind="JPEG"), tmp_path / "sandbox" / "pictures"
    async with open_sandbox(style=VideoStyle.SCENIC) as client:
        bad = await upload(client, picture, folder, picture[: len(picture) // 2])
        assert (await client.post(bad)).status_code == 200
        (error,) = await client.finish(bad)
        assert (error["status"], error["code"]) == ("error", "providerError")
        assert error["taskUUID"] == bad["taskUUID"]
        assert await client.ledger() == []
    async with open_sandbox() as client:
        assert (await client.finish(bad)) == [error]
        assert (await client.make())["status"] == "success"


async def test_any_other_error_fails_that_task_alone(
    open_sandbox: OpenSandbox, tmp_path: Path
) -> None:
    """A sound without pictures in the place of the kept second: an IndexError in the renderer."""
    async with open_sandbox() as client:
        await client.make()
        for second in (tmp_path / "sandbox" / "videos").glob("plain-*.mp4"):
            second.unlink()
            with wave.open(str(second), "wb") as sound:
                sound.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
                sound.writeframes(bytes(16_000))
        task = make_task()
        await client.post(task)
        (error,) = await client.finish(task)
        assert (error["status"], error["code"]) == ("error", "providerError")
        assert (await client.post({"taskType": "ping"})).status_code == 200
        for second in (tmp_path / "sandbox" / "videos").glob("plain-*.mp4"):
            second.unlink()
        assert (await client.make())["status"] == "success"


async def test_a_kept_picture_that_is_gone_is_a_refusal(
    open_sandbox: OpenSandbox, tmp_path: Path
) -> None:
    async with open_sandbox() as client:
        task = await upload(client, make_picture(), tmp_path / "sandbox" / "pictures", b"nonsense")
        reply = await client.post(task)
        assert (reply.status_code, reply.json()["errors"][0]["code"]) == (404, "mediaNotFound")


async def test_the_data_folder_may_vanish(open_sandbox: OpenSandbox, tmp_path: Path) -> None:
    """Deleting its folder is what people do to a sandbox in trouble: each task comes to an end."""
    async with open_sandbox(style=VideoStyle.SCENIC) as client:
        done = await client.make(duration=5)
        shutil.rmtree(tmp_path / "sandbox")
        task = make_task()
        assert (await client.post(task)).status_code == 200
        (error,) = await client.finish(task)
        assert (error["status"], error["code"]) == ("error", "providerError")
        assert (await client.http.get(done["videoURL"])).status_code == 404
    async with open_sandbox() as client:
        assert (await client.poll(task["taskUUID"])).json() == {"data": []}
        assert (await client.make())["status"] == "success"


async def test_the_sample_in_1080p_becomes_a_clip(open_sandbox: OpenSandbox) -> None:
    frames = [{"inputImage": as_base64(SAMPLE.read_bytes()), "frame": "first"}]
    async with open_sandbox(style=VideoStyle.SCENIC) as client:
        item = await client.make("klingai:5@3", frameImages=frames, width=None, height=None)
        assert item["status"] == "success"


def send(said: dict[str, Any], *tasks: dict[str, Any]) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {said['token']}"}
    return httpx.post(said["url"], json=tasks, headers=headers, trust_env=False).json()


def wait_for_rendering(journal: Path, times: int) -> None:
    for _ in range(400):
        if journal.read_bytes().count(b'"kind":"begun"') >= times:
            return
        time.sleep(0.05)
    raise AssertionError("rendering never began")


def test_a_task_that_ended_the_process_twice_is_failed(tmp_path: Path) -> None:
    options = ("--data-dir", str(tmp_path), "--videos", "scenic", "--exit-with-parent",
               "--render-seconds", "0", "--queue-seconds", "0")  # fmt: skip
    task = make_task("klingai:6@1", duration=10)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        process, said = start(*options)
        if attempt == 1:
            send(said, task)
        wait_for_rendering(tmp_path / "journal.jsonl", attempt)
        process.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
        end(process)
    process, said = start(*options)
    ask = {"taskType": "getResponse", "taskUUID": task["taskUUID"]}
    answer: dict[str, Any] = {}
    for _ in range(200):
        answer = send(said, ask)
        if answer.get("errors"):
            break
        time.sleep(0.05)
    (error,) = answer["errors"]
    assert (error["code"], error["taskUUID"]) == ("providerError", task["taskUUID"])
    assert f"ended {MOST_ATTEMPTS} times" in error["message"]
    assert send(said, {"taskType": "ping"})["data"][0]["pong"] is True
    assert end(process) == 0


async def test_orderly_stops_never_fail_a_task(open_sandbox: OpenSandbox, tmp_path: Path) -> None:
    task = make_task("klingai:6@1", duration=10)
    async with open_sandbox(style=VideoStyle.SCENIC) as client:
        await client.post(task)
        wait_for_rendering_here = tmp_path / "sandbox" / "journal.jsonl"
        while b'"kind":"begun"' not in wait_for_rendering_here.read_bytes():
            await client.post({"taskType": "ping"})
    for _ in range(MOST_ATTEMPTS + 1):
        async with open_sandbox(style=VideoStyle.SCENIC) as client:
            assert (await client.poll(task["taskUUID"])).json()["data"][0]["status"] == "processing"
    async with open_sandbox() as client:
        (item,) = await client.finish(task)
        assert item["status"] == "success"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit for the size of files")
def test_a_journal_without_room_keeps_its_lines_whole(tmp_path: Path) -> None:
    """In a process of its own: the limit holds for every file that the process writes."""
    program = """
import resource, sys
from pathlib import Path
from kling_desktop.sandbox.journal import Journal

journal = Journal(Path(sys.argv[1]))
journal.append("first", {"text": "a"})
resource.setrlimit(resource.RLIMIT_FSIZE, (60, resource.RLIM_INFINITY))
try:
    journal.append("second", {"text": "b" * 100})
except OSError:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    journal.append("third", {"text": "c"})
journal.close()
"""
    path = tmp_path / "journal.jsonl"
    subprocess.run([sys.executable, "-c", program, path], check=True)
    with contextlib.closing(Journal(path)) as journal:
        lines = list(journal.read())
    assert lines == [("first", {"text": "a"}), ("third", {"text": "c"})]
