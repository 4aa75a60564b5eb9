"""Every fault strikes when it is told to, and none of them changes what the ledger says."""

import asyncio
import uuid
from pathlib import Path
from typing import Any

import av
import httpx
import pytest

from kling_desktop.sandbox.fault_names import FAULTS, Point
from kling_desktop.sandbox.renderer import VideoStyle
from tests.sandbox.conftest import (
    NEVER,
    Client,
    OpenSandbox,
    as_base64,
    make_picture,
    make_task,
)

pytestmark = pytest.mark.once


async def submit(client: Client, **changes: Any) -> dict[str, Any]:
    task = make_task(**changes)
    assert (await client.post(task)).status_code == 200
    return task


@pytest.mark.parametrize(
    ("spec", "error", "taken"),
    [
        ("lost-answer", httpx.RemoteProtocolError, 1),
        ("lost-answer=reset", httpx.ReadError, 1),
        ("dropped:submit", httpx.RemoteProtocolError, 0),
        ("reset", httpx.ReadError, 0),
        ("hang=0.05", httpx.RemoteProtocolError, 0),
        ("hang_after=0.05", httpx.RemoteProtocolError, 1),
    ],
)
async def test_broken_connection(
    open_sandbox: OpenSandbox, spec: str, error: type[Exception], taken: int
) -> None:
    async with open_sandbox(spec) as client:
        task = make_task()
        with pytest.raises(error):
            await client.post(task)
        assert len((await client.state())["tasks"]) == taken
        again = await client.post(task)
        assert again.status_code == (400 if taken else 200)
        await client.finish(task)
        assert len(await client.ledger()) == 1


async def test_hanging_gives_way_when_the_client_leaves(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox("hang:ping") as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.post({"taskType": "ping"})
        assert (await client.post({"taskType": "ping"})).status_code == 200


async def test_slow_answer_is_a_right_one(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox("slow:ping=0.05") as client:
        assert (await client.post({"taskType": "ping"})).json()["data"][0]["pong"] is True


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 408, 429, 500, 502, 503, 504])
async def test_statuses(open_sandbox: OpenSandbox, status: int) -> None:
    spec = f"http-{status}:1=17 http-{status}:2=task http-{status}:3=html http-{status}:4=empty"
    async with open_sandbox(spec) as client:
        task = make_task()
        plain, named, page, empty = [await client.post(task) for _ in range(4)]
        assert {r.status_code for r in (plain, named, page, empty)} == {status}
        assert plain.headers["retry-after"] == "17"
        assert "taskUUID" not in plain.json()["errors"][0]
        assert named.json()["errors"][0]["taskUUID"] == task["taskUUID"]
        assert page.text.startswith("<!doctype html>")
        assert empty.content == b""
        assert (await client.state())["tasks"] == []
        assert (await client.post(task)).status_code == 200


async def test_gateway_error_after_acceptance(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox("http-502=after/html") as client:
        task = make_task()
        assert (await client.post(task)).status_code == 502
        assert (await client.post(task)).json()["errors"][0]["code"] == "conflictTaskUUID"


@pytest.mark.parametrize(
    ("spec", "taken"),
    [("html-body:submit", 1), ("empty-body:submit", 1), ("malformed-json:submit", 1),
     ("html-body:submit=before", 0)],
)  # fmt: skip
async def test_garbled_bodies(open_sandbox: OpenSandbox, spec: str, taken: int) -> None:
    async with open_sandbox(spec) as client:
        reply = await client.post(make_task())
        assert reply.status_code == 200
        with pytest.raises(ValueError, match=r"Expecting|Unterminated|delimiter"):
            reply.json()
        assert len((await client.state())["tasks"]) == taken


async def test_errors_for_the_whole_request(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox("errors-200:1 singular-error:2") as client:
        task = make_task()
        reply = await client.post(task)
        assert (reply.status_code, list(reply.json())) == (200, ["errors"])
        early = (await client.post(task)).json()
        assert early["error"]["code"] == "invalidRequest"
        assert early["taskUUID"] == task["taskUUID"]
        assert (await client.state())["tasks"] == []


async def test_mixed_and_conflict(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox("mixed:1 conflict:2 conflict:3=before") as client:
        one, two, three, four = (make_task() for _ in range(4))
        body = (await client.post(one, two)).json()
        assert [item["taskUUID"] for item in body["data"]] == [one["taskUUID"]]
        assert [item["taskUUID"] for item in body["errors"]] == [two["taskUUID"]]
        for task in (three, four):
            reply = await client.post(task)
            assert reply.status_code == 400
            assert reply.json()["errors"][0]["code"] == "conflictTaskUUID"
        known = {task["taskUUID"] for task in (await client.state())["tasks"]}
        assert known == {one["taskUUID"], three["taskUUID"]}


async def test_frame_forms_can_be_refused(open_sandbox: OpenSandbox) -> None:
    picture = as_base64(make_picture())
    seed = {"frameImages": [{"inputImage": picture, "frame": "first"}]}
    nested = {"frameImages": None, "inputs": {"frameImages": [{"image": picture}]}}
    for spec, taken, refused, named in (
        ("refuse-seed-frames", nested, seed, "frameImages"),
        ("refuse-inputs-frames", seed, nested, "inputs.frameImages"),
    ):
        async with open_sandbox(spec, pace=NEVER) as client:
            assert (await client.post(make_task("klingai:5@2", **taken))).status_code == 200
            reply = await client.post(make_task("klingai:5@2", **refused))
            (error,) = reply.json()["errors"]
            assert (error["code"], error["parameter"]) == ("unsupportedParameter", named)
            assert (await client.post(make_task())).status_code == 200


async def test_batched_polls_can_be_refused(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox("refuse-batch:1 refuse-batch:2=partial", pace=NEVER) as client:
        one, two = [(await submit(client))["taskUUID"] for _ in range(2)]
        reply = await client.poll(one, two)
        assert reply.status_code == 400
        assert "taskUUID" not in reply.json()["errors"][0]
        partial = (await client.poll(one, two)).json()["data"]
        assert {item["taskUUID"] for item in partial} == {one}
        assert (await client.poll(one)).json()["data"][0]["status"] == "processing"
        assert len((await client.poll(one, two)).json()["data"]) == 2


async def test_standing_conditions(open_sandbox: OpenSandbox) -> None:
    spec = "unknown-task-error balance-object no-cost media-names model-gone:2 low-balance:2"
    async with open_sandbox(spec) as client:
        reply = await client.poll(str(uuid.uuid4()))
        assert (reply.status_code, reply.json()["errors"][0]["code"]) == (404, "taskNotFound")
        ask = {"taskType": "accountManagement", "taskUUID": str(uuid.uuid4()),
               "operation": "getDetails"}  # fmt: skip
        balance = (await client.post(ask)).json()["data"][0]["balance"]
        assert balance == {"amount": 10_000.0, "currency": "USD"}
        (item,) = await client.finish(await submit(client))
        assert {"mediaUUID", "mediaURL"} < item.keys()
        assert not {"videoURL", "videoUUID", "cost"} & item.keys()
        gone = await client.post(make_task())
        assert (gone.status_code, gone.json()["errors"][0]["code"]) == (404, "modelNotFound")


async def test_low_balance(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox("low-balance") as client:
        reply = await client.post(make_task())
        assert (reply.status_code, reply.json()["errors"][0]["code"]) == (
            402,
            "insufficientCredits",
        )


async def test_what_polls_can_report(open_sandbox: OpenSandbox) -> None:
    spec = "empty-data:1 unknown-status:2 pending-status:3 duplicate-result:4"
    async with open_sandbox(spec, pace=NEVER) as client:
        named = (await submit(client))["taskUUID"]
        told = [(await client.poll(named)).json()["data"] for _ in range(4)]
        assert [[item["status"] for item in items] for items in told] == [
            [], ["polishing"], ["pending"], ["processing"] * 2,
        ]  # fmt: skip


async def test_half_the_results_early(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox() as client:
        task = await submit(client, numberResults=2)
        await client.finish(task)
        await client.set_faults({"faults": ["half-results"]})
        items = (await client.poll(task["taskUUID"])).json()["data"]
        assert [item["status"] for item in items] == ["success", "processing"]
        items = (await client.poll(task["taskUUID"])).json()["data"]
        assert [item["status"] for item in items] == ["success", "success"]


@pytest.mark.parametrize(
    ("name", "code"),
    [("invalid_provider_content", "invalidProviderContent"),
     ("failed_provider_timeout", "failedProviderTimeout"),
     ("provider_error", "providerError"), ("task_lost", "taskNotFound")],
)  # fmt: skip
async def test_failing_tasks_cost_nothing(open_sandbox: OpenSandbox, name: str, code: str) -> None:
    async with open_sandbox(f"{name}:1 {name}:2=item {name}:3=504") as client:
        in_errors, as_item, as_status, good = [await submit(client) for _ in range(4)]
        (error,) = await client.finish(in_errors)
        assert (error["code"], error["status"]) == (code, "error")
        (item,) = await client.finish(as_item)
        assert (item["error"]["code"], item["status"]) == (code, "error")
        assert item["taskUUID"] == as_item["taskUUID"]
        await client.finish(as_status)
        reply = await client.poll(as_status["taskUUID"])
        assert reply.status_code == 504
        assert reply.json()["errors"][0]["taskUUID"] == as_status["taskUUID"]
        await client.finish(good)
        assert [charge["taskUUID"] for charge in await client.ledger()] == [good["taskUUID"]]


async def test_stall(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox("stall:accept:1") as client:
        slow, quick = await submit(client), await submit(client)
        await client.finish(quick)
        assert (await client.poll(slow["taskUUID"])).json()["data"][0]["status"] == "processing"


async def test_faults_change_at_run_time_and_are_noted(client: Client) -> None:
    assert (await client.set_faults({"faults": ["http-503:ping"]})).json() == {"faults": 1}
    assert (await client.post({"taskType": "ping"})).status_code == 503
    (struck,) = (await client.state())["faultsStruck"]
    assert (struck["fault"], struck["point"]) == ("http_503", "ping")
    reply = await client.set_faults({"faults": ["no-such-fault"]})
    assert reply.status_code == 400
    assert "no_such_fault" in reply.json()["error"]
    await client.set_faults({})
    assert (await client.post({"taskType": "ping"})).status_code == 200


async def test_a_storm_never_charges_twice(open_sandbox: OpenSandbox) -> None:
    """Chances for everything at once; a stubborn client with one id a job gets each video once."""
    names = [
        name
        for name, kind in FAULTS.items()
        if Point.SUBMIT in kind.points or Point.POLL in kind.points
    ]
    harmless = {name: 0.03 for name in names if name not in ("slow", "hang", "hang_after")}
    async with open_sandbox() as client:
        await client.set_faults({"seed": 11, "rates": harmless})
        tasks = [make_task() for _ in range(15)]
        for task in tasks:
            await _submit_stubbornly(client, task)
        await client.set_faults({})
        for task in tasks:
            await client.finish(task)
        charges = [charge["taskUUID"] for charge in await client.ledger()]
        assert sorted(charges) == sorted(task["taskUUID"] for task in tasks)


async def _submit_stubbornly(client: Client, task: dict[str, Any]) -> None:
    for _ in range(50):
        try:
            await client.post(task)
        except httpx.HTTPError:
            continue
        known = {known["taskUUID"] for known in (await client.state())["tasks"]}
        if task["taskUUID"] in known:
            return
    pytest.fail("never accepted")


async def test_what_the_archive_answers(open_sandbox: OpenSandbox) -> None:
    spec = (
        "archive-conflict:details:1 archive-null:details:2 "
        "archive-missing:details:3 archive-missing:details:4=empty"
    )
    async with open_sandbox(spec) as client:
        task = await submit(client)
        (result,) = await client.finish(task)
        ask = {"taskType": "getTaskDetails", "taskUUID": task["taskUUID"]}
        conflict, null, missing, empty, found = [(await client.post(ask)).json() for _ in range(5)]
        (error,) = conflict["data"][0]["response"]["errors"]
        assert (error["code"], error["taskUUID"]) == ("conflictTaskUUID", task["taskUUID"])
        assert null["data"][0]["response"] is None
        assert missing["errors"][0]["code"] == "taskNotFound"
        assert empty == {"data": []}
        assert found["data"][0]["response"]["data"] == [result]
        for answer in (conflict, null, found):
            assert answer["data"][0]["request"][0]["taskUUID"] == task["taskUUID"]


async def test_videos_without_colour_notes(open_sandbox: OpenSandbox, tmp_path: Path) -> None:
    colour_spaces: list[int] = []
    for style in VideoStyle:
        async with open_sandbox("no-colour-notes:accept:1", style=style) as client:
            for index in range(2):
                item = await client.make()
                path = tmp_path / f"{style}-{index}.mp4"
                path.write_bytes((await client.http.get(item["videoURL"])).content)
                with av.open(str(path)) as video:
                    colour_spaces.append(video.streams.video[0].codec_context.colorspace)
    unspecified, bt709 = 2, 1
    assert colour_spaces == [unspecified, bt709] * 2
