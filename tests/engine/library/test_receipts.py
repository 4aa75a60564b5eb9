"""What a receipt tells outside the app, and what it never tells."""

import csv
import io
import json
from dataclasses import replace

import pytest

from kling_desktop.domain.job import JobState
from kling_desktop.engine.library.receipts import CSV_COLUMNS, receipt_to_json, write_receipts_csv
from tests.engine.conftest import WORDS, World
from tests.fakes.service import KEY
from tests.fakes.service_script import LoseAnswer, Processing, Success


async def test_a_receipt_tells_the_whole_story_and_no_secret(world: World) -> None:
    world.service.script("*", LoseAnswer(), Processing(), Success())
    await world.open()
    (job,) = await world.queue(replace(WORDS, first_frame=world.picture("me.png")))
    await world.run_to(job, JobState.DONE)
    receipt = receipt_to_json(world.jobs.get_receipt(job.id))
    text = json.dumps(receipt)
    assert receipt["cost_usd"] == "0.35"
    states = [event["to"] for event in receipt["time_line"] if "to" in event]  # pyright: ignore
    assert states == ["queued", "submitting", "unconfirmed", "running", "downloading", "done"]
    frame = job.draft.first_frame
    assert frame is not None
    assert frame.sha256 in json.dumps(receipt["request"])
    for secret in (KEY, "Se0cret1Signature2Of3The4Link", str(world.folder), "base64,"):
        assert secret not in text


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t=", " =", "\r", "\u00a0=", "\ufeff=", "\uff1d", "\uff20"]
)
async def test_no_cell_is_a_formula(world: World, start: str) -> None:
    await world.open()
    await world.engine.pause()
    (job,) = await world.queue(replace(WORDS, prompt=f"{start}cmd|' /C calc'!A0"))
    out = io.StringIO(newline="")
    assert write_receipts_csv([world.jobs.get_receipt(job.id)], out) == 1
    head, row = csv.reader(io.StringIO(out.getvalue(), newline=""))
    assert tuple(head) == CSV_COLUMNS
    assert row[head.index("prompt")].startswith("'")
    assert row[head.index("cost_usd")] == ""
