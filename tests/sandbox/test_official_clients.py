"""Both official Python clients finish their jobs against the sandbox, in an environment apart."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kling_desktop.domain.resources import find_resource
from kling_desktop.sandbox.producer import Pace
from tests.sandbox.conftest import OpenSandbox

pytestmark = [pytest.mark.once, pytest.mark.conformance]

REST_CLIENT = "runware-sdk>=1.8,<2"
SOCKET_CLIENT = "runware==0.5.24"
PICTURE = find_resource("samples/umbrella.jpg")

REST_SCRIPT = """
import asyncio, base64, json, sys
from runware import Runware

async def main(url, token, picture):
    common = {"taskType": "videoInference", "model": "klingai:6@1", "duration": 5,
              "width": 1280, "height": 720, "includeCost": True}
    image = base64.b64encode(open(picture, "rb").read()).decode()
    made = []
    async with Runware(api_key=token, transport="rest", http_base_url=url) as client:
        for more in ({"positivePrompt": "Lanterns over a lake"},
                     {"positivePrompt": "She turns around",
                      "inputs": {"frameImages": [{"image": image, "frame": "first"}]}},
                     {"positivePrompt": "Two takes", "numberResults": 2}):
            made.append([item["videoURL"] for item in await client.run({**common, **more})])
    print(json.dumps(made))

asyncio.run(main(*sys.argv[1:]))
"""
SOCKET_SCRIPT = """
import asyncio, json, sys
from runware import IFrameImage, IVideoInference, Runware

async def main(url, token, picture):
    client = Runware(api_key=token, url=url.replace("http:", "ws:"))
    await client.connect()
    uploaded = await client.uploadImage(picture)
    made = []
    for more in ({"positivePrompt": "Lanterns over a lake"},
                 {"frameImages": [IFrameImage(inputImage=uploaded.imageUUID, frame="first")]}):
        request = IVideoInference(model="klingai:6@1", duration=5, width=1280, height=720,
                                  includeCost=True, numberResults=1, **more)
        task = await client.videoInference(requestVideo=request)
        videos = await client.getResponse(taskUUID=task.taskUUID, numberResults=1)
        made.append([video.videoURL for video in videos])
    await client.disconnect()
    print(json.dumps(made))

asyncio.run(main(*sys.argv[1:]))
"""


def install_apart(folder: Path, requirement: str) -> None:
    """Install one client and what it needs into a folder of its own. Skip where impossible."""
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    install += ["--no-compile", "--target", str(folder), requirement]
    done = subprocess.run(install, capture_output=True, text=True, timeout=300)
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or ["pip failed"]
        pytest.skip(f"{requirement} cannot be installed here: {reason[0]}")


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("requirement", "script", "videos"),
    [(REST_CLIENT, REST_SCRIPT, 4), (SOCKET_CLIENT, SOCKET_SCRIPT, 2)],
    ids=["runware-sdk", "runware"],
)
async def test_finishes_text_and_image_jobs(
    open_sandbox: OpenSandbox, tmp_path: Path, requirement: str, script: str, videos: int
) -> None:
    if requirement == SOCKET_CLIENT:
        pytest.importorskip("wsproto", reason="uvicorn speaks WebSocket only with its library")
    apart = tmp_path / "environment"
    await asyncio.to_thread(install_apart, apart, requirement)
    program = tmp_path / "job.py"
    program.write_text(script, encoding="utf-8")
    async with open_sandbox(pace=Pace(queue_s=2, render_s=0, speed=1)) as client:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-S", program, client.sandbox.url, client.sandbox.token, PICTURE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path,
            env={**os.environ, "RUNWARE_VIDEO_POLLING_DELAY": "200",
                 "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1",
                 "PYTHONPATH": str(apart)},  # and -S: none of our own libraries is in sight
        )  # fmt: skip
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        made = json.loads(out.decode().splitlines()[-1])
        urls = [url for job in made for url in job]
        assert len(urls) == len(set(urls)) == videos
        for url in urls:
            assert (await client.http.get(url)).content[4:8] == b"ftyp"
        assert len(await client.ledger()) == videos
        sizes = {(task["width"], task["height"]) for task in (await client.state())["tasks"]}
        assert sizes == {(1280, 720)}
