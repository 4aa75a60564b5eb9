"""The sandbox's folder stays small, and nobody misses what was swept away."""

import contextlib
import os
import time
from decimal import Decimal
from pathlib import Path

import pytest

from kling_desktop.sandbox.ledger import Ledger
from kling_desktop.sandbox.producer import Pace
from kling_desktop.sandbox.sweeping import Bounds, sweep
from tests.sandbox.conftest import Client, OpenSandbox, as_base64, make_picture, make_task

pytestmark = pytest.mark.once

NOTHING = Bounds(videos_bytes=0, pictures_bytes=0, kept_s=0)


def age(folder: Path, hours: float) -> None:
    at = time.time() - hours * 3600
    for path in folder.iterdir():
        os.utime(path, (at, at))


def list_made(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if not path.name.startswith("plain-")]


async def wait_until_gone(client: Client, path: Path) -> None:
    while list_made(path):
        await client.post({"taskType": "ping"})


async def test_a_video_that_was_swept_is_made_again(
    open_sandbox: OpenSandbox, tmp_path: Path
) -> None:
    videos = tmp_path / "sandbox" / "videos"
    picture = as_base64(make_picture())
    frames = [{"inputImage": picture, "frame": "first"}]
    async with open_sandbox() as client:
        item = await client.make("klingai:5@2", frameImages=frames)
        before = (await client.http.get(item["videoURL"])).content
    age(videos, 2)
    bounds = Bounds(videos_bytes=0, kept_s=1800)
    async with open_sandbox(bounds=bounds) as client:
        await wait_until_gone(client, videos)
        link = item["videoURL"].replace(item["videoURL"].split("/video")[0], client.sandbox.origin)
        for _ in range(3):
            reply = await client.http.get(link)
            assert (reply.status_code, reply.content) == (200, before)
            for path in list_made(videos):
                path.unlink()
        assert len(await client.ledger()) == 1


async def test_what_is_young_or_needed_stays(open_sandbox: OpenSandbox, tmp_path: Path) -> None:
    folder = tmp_path / "sandbox"
    frames = [{"inputImage": as_base64(make_picture()), "frame": "first"}]
    async with open_sandbox(bounds=Bounds(videos_bytes=0, pictures_bytes=0)) as client:
        await client.make("klingai:5@2", frameImages=frames)
        await client.make()
        assert len(list_made(folder / "videos")) == 2
    async with open_sandbox(pace=Pace(queue_s=1, render_s=0, speed=1)) as client:
        task = make_task("klingai:5@2", frameImages=frames)
        await client.post(task)
    age(folder / "pictures", 2)
    with contextlib.closing(Ledger(folder, Decimal(1))) as ledger:
        sweep(ledger, NOTHING, time.time() + 1)
    (needed,) = (folder / "pictures").iterdir()
    async with open_sandbox() as client:
        (item,) = await client.finish(task)
        assert item["status"] == "success"
    assert needed.exists()


async def test_a_picture_that_was_swept_is_asked_for_again(
    open_sandbox: OpenSandbox, tmp_path: Path
) -> None:
    pictures = tmp_path / "sandbox" / "pictures"
    upload = {"taskType": "imageUpload", "taskUUID": make_task()["taskUUID"],
              "image": as_base64(make_picture())}  # fmt: skip
    async with open_sandbox() as client:
        (item,) = (await client.post(upload)).json()["data"]
    age(pictures, 2)
    async with open_sandbox(bounds=NOTHING) as client:
        await wait_until_gone(client, pictures)
        frames = [{"inputImage": item["imageUUID"], "frame": "first"}]
        reply = await client.post(make_task("klingai:5@2", frameImages=frames))
        assert (reply.status_code, reply.json()["errors"][0]["code"]) == (404, "mediaNotFound")
