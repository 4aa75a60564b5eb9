"""The wire contract, row by row of its section on a faithful sandbox."""

import time
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from kling_desktop.domain.catalog import MODELS, ModelSpec
from kling_desktop.sandbox.producer import Pace
from kling_desktop.sandbox.renderer import VideoStyle
from tests.sandbox.conftest import (
    NEVER,
    Client,
    OpenSandbox,
    as_base64,
    make_picture,
    make_task,
)


async def test_only_post_on_one_route(client: Client) -> None:
    origin = client.sandbox.origin
    assert (await client.http.get(client.sandbox.url)).status_code == 405
    assert (await client.http.post(f"{origin}/v2", json=[])).status_code == 404


@pytest.mark.parametrize(
    "body", [b"", b"nonsense", b"{}", b"[]", b'["a"]', b'[{"taskType":"ping"}, 3]']
)
async def test_body_must_be_an_array_of_objects(client: Client, body: bytes) -> None:
    headers = {"authorization": f"Bearer {client.sandbox.token}"}
    reply = await client.http.post(client.sandbox.url, content=body, headers=headers)
    assert reply.status_code == 400
    (error,) = reply.json()["errors"]
    assert error["code"] == "invalidRequest"
    assert "taskUUID" not in error


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Basic practice-key", "practice-key"])
async def test_wrong_key(client: Client, header: str) -> None:
    headers = {"authorization": header} if header else {}
    reply = await client.http.post(client.sandbox.url, json=[make_task()], headers=headers)
    assert reply.status_code == 401
    (error,) = reply.json()["errors"]
    assert error["code"] == "invalidApiKey"
    assert error["parameter"] == "apiKey"
    assert error["taskType"] == "authentication"
    assert error["documentation"].startswith("https://")


async def test_key_in_the_first_task(client: Client) -> None:
    key = {"taskType": "authentication", "apiKey": client.sandbox.token}
    reply = await client.http.post(client.sandbox.url, json=[key, {"taskType": "ping"}])
    assert reply.json() == {"data": [{"taskType": "ping", "pong": True}]}
    reply = await client.http.post(client.sandbox.url, json=[key])
    assert (reply.status_code, reply.json()) == (200, {"data": []})
    reply = await client.http.post(client.sandbox.url, json=[key | {"apiKey": "no"}])
    assert reply.status_code == 401


async def test_acknowledgement_has_no_status_and_no_errors(client: Client) -> None:
    task = make_task()
    reply = await client.post(task)
    assert reply.status_code == 200
    head = {"taskType": "videoInference", "taskUUID": task["taskUUID"]}
    assert reply.json() == {"data": [head]}


@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.id)
async def test_every_model_is_taken(client: Client, spec: ModelSpec) -> None:
    (item,) = await client.finish(await _submit(client, make_task(spec.id)))
    assert item["status"] == "success"
    assert item["cost"] > 0
    assert isinstance(item["seed"], int)
    assert uuid.UUID(item["videoUUID"])


async def _submit(client: Client, task: dict[str, Any]) -> dict[str, Any]:
    reply = await client.post(task)
    assert reply.status_code == 200, reply.text
    return task


async def test_cost_only_when_asked_for(client: Client) -> None:
    (item,) = await client.finish(await _submit(client, make_task(includeCost=None)))
    assert "cost" not in item


async def test_progress_while_processing(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox(pace=NEVER) as client:
        task = await _submit(client, make_task(numberResults=2))
        items = (await client.poll(task["taskUUID"])).json()["data"]
        assert [item["status"] for item in items] == ["processing"] * 2
        assert {item["progress"] for item in items} == {0}
        assert len({item["videoUUID"] for item in items}) == 2


async def test_results_add_up_in_stable_order(client: Client) -> None:
    task = await _submit(client, make_task(numberResults=3))
    first = await client.finish(task)
    assert len({item["videoUUID"] for item in first}) == 3
    assert len({item["seed"] for item in first}) == 3
    assert await client.finish(task) == first
    charges = await client.ledger()
    assert [charge["videoUUID"] for charge in charges] == [item["videoUUID"] for item in first]


async def test_same_id_again_is_a_conflict_and_charged_once(client: Client) -> None:
    task = await _submit(client, make_task())
    await client.finish(task)
    for changed in (task, task | {"positivePrompt": "x"}):
        reply = await client.post(changed)
        assert reply.status_code == 400
        (error,) = reply.json()["errors"]
        assert (error["code"], error["taskUUID"]) == ("conflictTaskUUID", task["taskUUID"])
    assert len(await client.ledger()) == 1


async def test_same_id_twice_in_one_request(client: Client) -> None:
    task = make_task()
    reply = await client.post(task, task)
    assert reply.status_code == 200
    assert len(reply.json()["data"]) == len(reply.json()["errors"]) == 1


async def test_good_tasks_go_ahead_beside_bad_ones(client: Client) -> None:
    good, bad = make_task(), make_task(duration=6)
    reply = await client.post(good, bad)
    assert reply.status_code == 200
    assert [item["taskUUID"] for item in reply.json()["data"]] == [good["taskUUID"]]
    assert [item["taskUUID"] for item in reply.json()["errors"]] == [bad["taskUUID"]]


async def test_several_polls_in_one_request(client: Client) -> None:
    tasks = [await _submit(client, make_task()) for _ in range(2)]
    uuids = [str(task["taskUUID"]) for task in tasks]
    data = (await client.poll(*uuids)).json()["data"]
    assert {item["taskUUID"] for item in data} == set(uuids)


async def test_unknown_id_is_empty_data(client: Client) -> None:
    reply = await client.poll(str(uuid.uuid4()))
    assert (reply.status_code, reply.json()) == (200, {"data": []})


async def test_uploads_and_what_becomes_of_them(client: Client) -> None:
    picture = as_base64(make_picture())
    upload = {"taskType": "imageUpload", "taskUUID": str(uuid.uuid4()), "image": picture}
    (item,) = (await client.post(upload)).json()["data"]
    frame = [{"inputImage": item["imageUUID"], "frame": "first"}]
    assert (await client.post(make_task("klingai:5@2", frameImages=frame))).status_code == 200
    store = {"taskType": "mediaStorage", "taskUUID": str(uuid.uuid4())}
    reply = await client.post(store | {"operation": "upload", "media": picture})
    media = reply.json()["data"][0]["mediaUUID"]
    reply = await client.post(store | {"operation": "delete", "media": media})
    assert reply.json()["data"][0] == store | {"operation": "delete", "mediaUUID": media}
    frame = [{"inputImage": media, "frame": "first"}]
    reply = await client.post(make_task("klingai:5@2", frameImages=frame))
    assert reply.status_code == 404
    (error,) = reply.json()["errors"]
    assert (error["code"], error["parameter"]) == ("mediaNotFound", "frameImages[0].inputImage")


async def test_account_and_ping(client: Client) -> None:
    ask = {
        "taskType": "accountManagement",
        "taskUUID": str(uuid.uuid4()),
        "operation": "getDetails",
    }
    before = (await client.post(ask)).json()["data"][0]
    cost = (await client.make())["cost"]
    after = (await client.post(ask)).json()["data"][0]
    assert before["balance"] - after["balance"] == pytest.approx(cost)
    assert after["usage"]["total"] == {"credits": cost, "requests": 1}
    ping = {"taskType": "ping", "taskUUID": str(uuid.uuid4())}
    assert (await client.post(ping)).json()["data"] == [ping | {"pong": True}]


async def test_task_details(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox() as client:
        task = await _submit(client, make_task("klingai:5@1"))
        ask = {"taskType": "getTaskDetails", "taskUUID": task["taskUUID"]}
        (result,) = await client.finish(task)
        (item,) = (await client.post(ask)).json()["data"]
        assert item["request"][0]["model"] == "klingai:5@1"
        assert item["response"]["data"] == [result]
        reply = await client.post(ask | {"taskUUID": str(uuid.uuid4())})
        assert (reply.status_code, reply.json()["errors"][0]["code"]) == (404, "taskNotFound")


async def test_the_archive_has_our_request_before_there_is_a_response(
    open_sandbox: OpenSandbox,
) -> None:
    async with open_sandbox(pace=NEVER) as client:
        task = await _submit(client, make_task())
        ask = {"taskType": "getTaskDetails", "taskUUID": task["taskUUID"]}
        (item,) = (await client.post(ask)).json()["data"]
        assert (item["request"], item["response"]) == ([task], None)


async def test_dry_run_prices_and_takes_nothing(client: Client) -> None:
    task = make_task(numberResults=2)
    reply = await client.post(task, **{"x-runware-dry-run": "1"})
    (item,) = reply.json()["data"]
    assert (item["dryRun"], item["cost"]) == (True, 0.42)
    assert (await client.state())["tasks"] == []


async def test_synchronous_delivery(client: Client) -> None:
    task = make_task(deliveryMethod="sync")
    (item,) = (await client.post(task)).json()["data"]
    assert (item["status"], item["taskUUID"]) == ("success", task["taskUUID"])


async def test_the_teaching_word_is_turned_down_and_costs_nothing(client: Client) -> None:
    task = await _submit(client, make_task(positivePrompt="A duel, refused at dawn"))
    (item,) = await client.finish(task)
    assert (item["code"], item["status"]) == ("invalidProviderContent", "error")
    assert await client.ledger() == []


async def test_balance_too_low_counts_what_is_under_way(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox(pace=NEVER, balance=Decimal("0.40")) as client:
        assert (await client.post(make_task())).status_code == 200
        reply = await client.post(make_task())
        assert (reply.status_code, reply.json()["errors"][0]["code"]) == (
            402,
            "insufficientCredits",
        )


async def test_everything_is_there_after_a_restart(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox() as client:
        done = await _submit(client, make_task())
        (item,) = await client.finish(done)
        upload = {"taskType": "imageUpload", "taskUUID": str(uuid.uuid4()),
                  "image": as_base64(make_picture())}  # fmt: skip
        picture = (await client.post(upload)).json()["data"][0]["imageUUID"]
        ledger = await client.ledger()
    async with open_sandbox(pace=NEVER) as client:
        waiting = await _submit(client, make_task())
    async with open_sandbox() as client:
        (again,) = await client.finish(done)
        assert again["videoUUID"] == item["videoUUID"]
        assert (await client.http.get(again["videoURL"])).status_code == 200
        assert await client.ledger() == ledger
        assert (await client.post(waiting)).json()["errors"][0]["code"] == "conflictTaskUUID"
        (running,) = (await client.poll(str(waiting["taskUUID"]))).json()["data"]
        assert running["status"] == "processing"
        frame = [{"inputImage": picture, "frame": "first"}]
        assert (await client.post(make_task("klingai:5@2", frameImages=frame))).status_code == 200


async def test_unfinished_work_goes_on_after_a_restart(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox(pace=Pace(queue_s=0.6, render_s=0, speed=1)) as client:
        task = await _submit(client, make_task())
    async with open_sandbox() as client:
        (item,) = await client.finish(task)
        assert item["status"] == "success"
        assert len(await client.ledger()) == 1


async def test_answers_while_it_renders_and_stops_between_two_frames(
    open_sandbox: OpenSandbox, tmp_path: Path
) -> None:
    picture = as_base64(make_picture(1600, 900))
    async with open_sandbox(style=VideoStyle.SCENIC) as client:
        frames = [{"inputImage": picture, "frame": place} for place in ("first", "last")]
        task = await _submit(client, make_task("klingai:5@2", duration=10, frameImages=frames))
        begun = time.perf_counter()
        for _ in range(10):
            assert (await client.post({"taskType": "ping"})).status_code == 200
        assert time.perf_counter() - begun < 5
        items = (await client.poll(str(task["taskUUID"]))).json()["data"]
        assert items[0]["status"] == "processing"
    assert list((tmp_path / "sandbox" / "videos").iterdir()) == []
    async with open_sandbox() as client:
        (item,) = await client.finish(task)
        assert item["status"] == "success"


async def test_side_doors_need_the_token(client: Client) -> None:
    for path in ("ledger", "state"):
        assert (await client.http.get(f"{client.sandbox.origin}/sandbox/{path}")).status_code == 401
    reply = await client.http.post(f"{client.sandbox.origin}/sandbox/faults", json={})
    assert reply.status_code == 401


async def test_listens_on_loopback_only(client: Client) -> None:
    assert httpx.URL(client.sandbox.url).host == "127.0.0.1"
