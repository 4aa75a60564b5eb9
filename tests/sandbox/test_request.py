"""What is refused, with which code, parameter and choice."""

import base64
import io
from typing import Any

import pytest
from PIL import Image

from kling_desktop.domain.catalog import MODELS, ModelSpec
from tests.sandbox.conftest import NEVER, OpenSandbox, as_base64, make_picture, make_task


def frames(*places: Any, key: str = "inputImage") -> list[dict[str, Any]]:
    return [{key: as_base64(make_picture()), "frame": place} for place in places]


def picture(content: bytes) -> dict[str, Any]:
    return {"frameImages": [{"inputImage": as_base64(content), "frame": "first"}]}


REFUSED: list[tuple[str, str, dict[str, Any], str, Any]] = [
    ("no model", "klingai:6@1", {"model": None}, "missingModel", "model"),
    ("other model", "klingai:6@1", {"model": "klingai:9@9"}, "modelNotFound", "model"),
    ("slug", "klingai:6@1", {"model": "klingai-2-5-turbo-pro"}, "modelNotFound", "model"),
    ("id", "klingai:6@1", {"taskUUID": "7"}, "invalidTaskUUID", "taskUUID"),
    ("id v1", "klingai:6@1", {"taskUUID": "c232ab00-9414-11ec-b3c8-9f6bdeced846"},
     "invalidTaskUUID", "taskUUID"),
    ("fps", "klingai:6@1", {"fps": 30}, "unsupportedParameter", "fps"),
    ("seed and steps", "klingai:6@1", {"seed": 3, "steps": 5}, "unsupportedParameter",
     ["seed", "steps"]),
    ("webhook", "klingai:6@1", {"webhookURL": "https://x.invalid"}, "unsupportedParameter",
     "webhookURL"),
    ("cfgScale", "klingai:6@1", {"cfgScale": 0.5}, "unsupportedParameter", "cfgScale"),
    ("cfg", "klingai:6@1", {"CFGScale": 1.01}, "invalidCFGScale", "CFGScale"),
    ("cfg text", "klingai:6@1", {"CFGScale": "0.5"}, "invalidCFGScale", "CFGScale"),
    ("no prompt", "klingai:6@1", {"positivePrompt": None}, "missingPositivePrompt",
     "positivePrompt"),
    ("short", "klingai:6@1", {"positivePrompt": "x"}, "invalidPositivePromptLength",
     "positivePrompt"),
    ("long", "klingai:6@1", {"positivePrompt": "x" * 2501}, "invalidPositivePromptLength",
     "positivePrompt"),
    ("long, unlisted", "klingai:5@2", {"positivePrompt": "x" * 2501},
     "invalidPositivePromptLength", "positivePrompt"),
    ("negative", "klingai:6@1", {"negativePrompt": "x"}, "invalidNegativePromptLength",
     "negativePrompt"),
    ("negative, unlisted", "klingai:5@2", {"negativePrompt": "text"}, "unsupportedParameter",
     "negativePrompt"),
    ("length", "klingai:6@1", {"duration": 6}, "unsupportedDuration", "duration"),
    ("length as text", "klingai:6@1", {"duration": "5"}, "unsupportedDuration", "duration"),
    ("length true", "klingai:6@1", {"duration": True}, "unsupportedDuration", "duration"),
    ("size", "klingai:6@1", {"width": 1920, "height": 1080}, "unsupportedDimensions",
     ["width", "height"]),
    ("half a size", "klingai:6@1", {"height": None}, "missingHeight", "height"),
    ("size of 6@0", "klingai:6@0", {"width": 1280, "height": 720}, "unsupportedParameter",
     ["width", "height"]),
    ("text alone", "klingai:5@1", {"frameImages": None, "positivePrompt": "A boat"},
     "missingFrameImages", "frameImages"),
    ("last frame", "klingai:6@1", {"frameImages": frames("first", "last")}, "unsupportedFrame",
     "frameImages[1].frame"),
    ("last alone", "klingai:5@2", {"frameImages": frames("last")}, "missingFrameImages",
     "frameImages"),
    ("two first", "klingai:5@2", {"frameImages": frames("first", 0)}, "invalidFrameImages",
     "frameImages[1].frame"),
    ("frame 7", "klingai:5@2", {"frameImages": frames("first", 7)}, "unsupportedFrame",
     "frameImages[1].frame"),
    ("both forms", "klingai:5@2",
     {"frameImages": frames("first"), "inputs": {"frameImages": frames("first", key="image")}},
     "incompatibleParameters", ["frameImages", "inputs.frameImages"]),
    ("wrong key", "klingai:5@2", {"frameImages": frames("first", key="image")},
     "unsupportedParameter", "frameImages[0].image"),
    ("inputs", "klingai:5@2", {"frameImages": None, "inputs": {"image": "x"}},
     "unsupportedParameter", "inputs.image"),
    ("web picture", "klingai:5@2",
     {"frameImages": [{"inputImage": "https://x.invalid/a.png", "frame": "first"}]},
     "unsupportedImageURL", "frameImages[0].inputImage"),
    ("no picture", "klingai:5@2", picture(b"not a picture at all"), "invalidImage",
     "frameImages[0].inputImage"),
    ("truncated", "klingai:5@2", picture(make_picture(kind="JPEG")[:-300]), "invalidImage",
     "frameImages[0].inputImage"),
    ("gif", "klingai:5@2", picture(make_picture(kind="GIF")), "invalidImage",
     "frameImages[0].inputImage"),
    ("299 px", "klingai:5@2", picture(make_picture(299, 400)), "unsupportedImageDimensions",
     "frameImages[0].inputImage"),
    ("2049 px", "klingai:5@2", picture(make_picture(2049, 400)), "unsupportedImageDimensions",
     "frameImages[0].inputImage"),
    ("20 MB + 1", "klingai:5@2", picture(make_picture().ljust(20 * 1024 * 1024 + 1, b"\0")),
     "maxImageSizeExceeded", "frameImages[0].inputImage"),
    ("five takes", "klingai:6@1", {"numberResults": 5}, "invalidNumberResults", "numberResults"),
    ("ttl", "klingai:6@1", {"ttl": 59}, "invalidTtl", "ttl"),
    ("format", "klingai:6@1", {"outputFormat": "WEBM"}, "unsupportedOutputFormat", "outputFormat"),
    ("type", "klingai:6@1", {"outputType": "base64Data"}, "unsupportedOutputType", "outputType"),
    ("delivery", "klingai:6@1", {"deliveryMethod": "stream"}, "unsupportedDeliveryMethod",
     "deliveryMethod"),
    ("flag", "klingai:6@1", {"includeCost": 1}, "invalidBoolean", "includeCost"),
]  # fmt: skip


async def test_every_rule_refuses_in_the_contract_s_form(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox(pace=NEVER) as client:
        for name, model, changes, code, parameter in REFUSED:
            task = make_task(model, **changes)
            if "model" in changes and changes["model"] is None:
                task.pop("model", None)
            reply = await client.post(task)
            assert reply.status_code in (400, 404), (name, reply.text)
            body = reply.json()
            assert body["data"] == []
            (error,) = body["errors"]
            assert (error["code"], error["parameter"]) == (code, parameter), name
            assert error["taskUUID"] == task["taskUUID"], name
            assert error["taskType"] == "videoInference", name
            assert error["message"], name
        assert (await client.state())["tasks"] == []


async def test_choices_are_named(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox(pace=NEVER) as client:
        for changes, allowed in (
            ({"duration": 7}, [5, 10]),
            ({"width": 8}, ["1280x720", "720x720", "720x1280"]),
            ({"model": "x:1@1"}, [spec.id for spec in MODELS]),
        ):
            (error,) = (await client.post(make_task() | changes)).json()["errors"]
            assert error["allowedValues"] == allowed


@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.id)
async def test_each_model_takes_what_its_entry_says(
    open_sandbox: OpenSandbox, spec: ModelSpec
) -> None:
    async with open_sandbox(pace=NEVER) as client:
        size = spec.dimensions[-1] if spec.dimensions else None
        full = make_task(
            spec.id,
            positivePrompt="A boat on a river",
            negativePrompt="text" if spec.negative_prompt else None,
            CFGScale=1,
            duration=10,
            width=size.width if size else None,
            height=size.height if size else None,
            frameImages=frames("first", "last") if spec.takes_last_frame else frames(0),
        )
        nested = make_task(
            spec.id, frameImages=None, inputs={"frameImages": frames("first", key="image")}
        )
        plain = make_task(
            spec.id, frameImages=None, inputs={"frameImages": [as_base64(make_picture())]}
        )
        for task in (full, nested, plain):
            reply = await client.post(task)
            assert reply.status_code == 200, reply.text
        kept = (await client.state())["tasks"][0]
        assert kept["fps"] == next(v for k, v in spec.fps.items() if k == "image-to-video")
        assert kept["duration"] == 10
        if size:
            assert (kept["width"], kept["height"]) == (size.width, size.height)


async def test_limits_themselves_are_allowed(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox(pace=NEVER) as client:
        full = make_picture().ljust(20 * 1024 * 1024, b"\0")
        for content in (make_picture(300, 2048), make_picture(2048, 300, "WEBP"), full):
            reply = await client.post(make_task("klingai:5@2", **picture(content)))
            assert reply.status_code == 200, reply.text
        for prompt in ("ab", "x" * 2500):
            assert (await client.post(make_task(positivePrompt=prompt))).status_code == 200


async def test_data_uri_and_turned_picture(open_sandbox: OpenSandbox) -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (1600, 900)).save(out, "JPEG", exif=exif)
    uri = "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()
    async with open_sandbox(pace=NEVER) as client:
        task = make_task("klingai:6@0", frameImages=[{"inputImage": uri, "frame": "first"}])
        assert (await client.post(task)).status_code == 200
        (kept,) = (await client.state())["tasks"]
        assert (kept["width"], kept["height"]) == (720, 1280)
