"""What arrives before any key is checked may be anything: it is refused, and the sandbox lives."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_desktop.sandbox.json_reading import read_json
from kling_desktop.sandbox.service import POINTS
from tests.sandbox.conftest import Client, make_task

HOSTILE = {
    "deep arrays": b"[" * 200_000,
    "deep objects": b'[{"a":' * 100_000,
    "closed and deep": b"[" * 900 + b"]" * 900,
    "deep inside of a task": b'[{"taskType":"ping","a":' + b"[" * 40 + b"]" * 40 + b"}]",
    "half a surrogate pair": rb'[{"taskType":"ping","taskUUID":"\ud800"}]',
    "half a surrogate pair as a name": rb'[{"taskType":"ping","\udfff":1}]',
    "not a number": b'[{"taskType":"ping","duration":NaN}]',
    "infinite": b'[{"taskType":"ping","duration":-Infinity}]',
    "beyond all numbers": b'[{"taskType":"ping","duration":1e999}]',
    "thousands of digits": b'[{"taskType":"ping","duration":' + b"9" * 5000 + b"}]",
    "many digits": b'[{"taskType":"ping","duration":' + b"9" * 400 + b"}]",
    "no UTF-8": b'[{"taskType":"\xff\xfe"}]',
    "millions of values": b"[" + b"{}," * 1_000_000 + b"{}]",
    "33 MB": b'[{"taskType":"ping","x":"' + b"x" * (33 * 1024 * 1024) + b'"}]',
    "zeros": b"\0" * 1000,
}
SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
FIELDS = st.sampled_from(
    ["taskType", "taskUUID", "model", "positivePrompt", "negativePrompt", "CFGScale", "duration",
     "width", "height", "frameImages", "inputs", "deliveryMethod", "numberResults", "includeCost",
     "outputType", "outputFormat", "outputQuality", "safety", "ttl", "operation", "media", "image"]
)  # fmt: skip


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
async def test_hostile_bodies_get_a_4xx_before_any_key_is_checked(
    client: Client, body: bytes
) -> None:
    for headers in ({}, {"authorization": "Bearer wrong"}):
        reply = await client.http.post(client.sandbox.url, content=body, headers=headers)
        assert 400 <= reply.status_code < 500
        assert reply.json()["errors"][0]["message"]
    assert (await client.post({"taskType": "ping"})).status_code == 200


async def test_hostile_bodies_with_the_key(client: Client) -> None:
    key = {"authorization": f"Bearer {client.sandbox.token}"}
    for name, body in HOSTILE.items():
        for path in ("v1", "sandbox/faults"):
            url = f"{client.sandbox.origin}/{path}"
            reply = await client.http.post(url, content=body, headers=key)
            assert 400 <= reply.status_code < 500, (name, path)


async def test_hostile_addresses_and_ranges(client: Client) -> None:
    item = await client.make()
    digits = "9" * 6000
    address = item["videoURL"].replace("/ws/1/", f"/ws/{digits}/")
    assert (await client.http.get(address)).status_code == 403
    for value in (f"bytes={digits}-", f"bytes=-{digits}", "bytes=٣-٤"):
        reply = await client.http.get(item["videoURL"], headers={b"range": value.encode()})
        assert reply.status_code in (200, 416)


@given(
    kind=st.sampled_from(["videoInference", *POINTS]),
    changes=st.dictionaries(FIELDS, SHAPES, max_size=4),
)
async def test_no_field_of_a_task_brings_the_sandbox_down(
    client: Client, kind: str, changes: dict[str, Any]
) -> None:
    content = json.dumps([make_task(taskType=kind) | changes])
    key = {"authorization": f"Bearer {client.sandbox.token}"}
    reply = await client.http.post(client.sandbox.url, content=content, headers=key)
    assert reply.status_code < 500, reply.text
    assert reply.json()


def test_ordinary_json_is_read_as_it_is() -> None:
    text = '[{"a": [1, 2.5, -3e10, true, null, "日本", "\\ud83d\\ude00"]}]'
    assert read_json(text) == read_json(text.encode()) == json.loads(text)
