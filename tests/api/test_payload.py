"""Golden requests for every model and workflow, and what must never be in one."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_desktop.api.payload import (
    build_account_body,
    build_media_storage_body,
    build_ping_body,
    build_status_body,
    build_task,
    build_upload_body,
    encode_body,
)
from kling_desktop.domain.catalog import MODELS, Dimensions, ModelSpec, Workflow
from kling_desktop.domain.draft import Draft, FrameRole, ImageInput
from kling_desktop.domain.frame_form import FrameForm
from kling_desktop.domain.job import TaskId
from kling_desktop.domain.validation import find_problems

GOLDEN = Path(__file__).parent / "payloads"
TASK_ID = TaskId("5b1f7c52-6c0e-4b0d-8a3e-0d8c2f4c9a10")
FIRST, LAST = "c64351d5-4c59-42f7-95e1-eace013eddab", "1d2c9f6a-0c5b-4a53-9f0e-6f1f6f0d7b21"
MEDIA: Mapping[FrameRole, str] = {FrameRole.FIRST: FIRST, FrameRole.LAST: LAST}
PICTURE = ImageInput(
    path=Path("boat.png"), name="boat.png", format="png", width=1280, height=720, size_bytes=9
)
SPECS = {spec.id.removeprefix("klingai:").replace("@", "-"): spec for spec in MODELS}


def draft_for(spec: ModelSpec, workflow: Workflow, *, last: bool = False) -> Draft:
    """What a user would ask of this model: everything it takes, in the second of each choice."""
    text = workflow is Workflow.TEXT_TO_VIDEO
    return Draft(
        model=spec.id,
        prompt="A paper boat drifting down a rainy street – «quietly»" if text else "",
        negative_prompt="text, watermark" if spec.negative_prompt else "",
        first_frame=None if text else PICTURE,
        last_frame=PICTURE if last else None,
        dimensions=spec.dimensions[0 if text else 2] if spec.dimensions else None,
        duration_s=5 if text else 10,
        cfg_scale=0.5 if text else None,
    )


def list_cases() -> list[tuple[str, Draft, ModelSpec, FrameForm]]:
    cases: list[tuple[str, Draft, ModelSpec, FrameForm]] = []
    for name, spec in SPECS.items():
        if spec.takes_text_alone:
            draft = draft_for(spec, Workflow.TEXT_TO_VIDEO)
            cases.append((f"{name}_text", draft, spec, FrameForm.SEED))
        for form in FrameForm:
            draft = draft_for(spec, Workflow.IMAGE_TO_VIDEO)
            cases.append((f"{name}_image_{form}", draft, spec, form))
            if spec.takes_last_frame:
                draft = draft_for(spec, Workflow.IMAGE_TO_VIDEO, last=True)
                cases.append((f"{name}_first_last_{form}", draft, spec, form))
    return cases


@pytest.mark.parametrize(
    ("name", "draft", "spec", "form"), [pytest.param(*case, id=case[0]) for case in list_cases()]
)
def test_request_is_the_golden_one(
    name: str, draft: Draft, spec: ModelSpec, form: FrameForm
) -> None:
    assert find_problems(draft, spec) == ()
    body = encode_body([build_task(draft, spec, TASK_ID, MEDIA, frame_form=form)])
    assert body.encode() == (GOLDEN / f"{name}.json").read_bytes().rstrip(b"\n")


def test_there_is_a_golden_request_for_every_case_and_no_other() -> None:
    kept = {path.stem for path in GOLDEN.glob("*.json")}
    assert kept == {case[0] for case in list_cases()}
    assert len(kept) == 6 + 12 * 2 + 2  # text models, pictures in two forms, 2.1 Pro's last frame


def task_of(draft: Draft, spec: ModelSpec) -> dict[str, object]:
    return build_task(draft, spec, TASK_ID, MEDIA)


@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.id)
def test_prompt_of_a_user_is_always_sent(spec: ModelSpec) -> None:
    draft = Draft(model=spec.id, prompt="  slow pan ", first_frame=PICTURE)
    assert task_of(draft, spec)["positivePrompt"] == "slow pan"


@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.id)
def test_negative_prompt_only_where_the_page_lists_it(spec: ModelSpec) -> None:
    draft = Draft(model=spec.id, negative_prompt="blur", first_frame=PICTURE)
    assert ("negativePrompt" in task_of(draft, spec)) is (spec.negative_prompt is not None)


@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.id)
def test_size_is_never_sent_where_the_frame_decides_it(spec: ModelSpec) -> None:
    draft = Draft(model=spec.id, first_frame=PICTURE, dimensions=Dimensions(1280, 720))
    sent = {"width", "height"} & task_of(draft, spec).keys()
    assert sent == (set() if spec.size_follows_first_frame else {"width", "height"})


@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.id)
def test_what_is_always_and_what_is_never_sent(spec: ModelSpec) -> None:
    task = task_of(Draft(model=spec.id, prompt="go", first_frame=PICTURE, takes=4), spec)
    assert (task["deliveryMethod"], task["includeCost"]) == ("async", True)
    never = {"seed", "fps", "steps", "acceleration", "providerSettings", "checkNSFW"}
    assert not (never | {"numberResults"}) & task.keys()


def test_strength_is_left_to_the_service_when_none_is_set() -> None:
    spec = MODELS[0]
    assert "CFGScale" not in task_of(Draft(prompt="go", cfg_scale=None), spec)
    assert task_of(Draft(prompt="go", cfg_scale=0.0), spec)["CFGScale"] == 0.0


@given(st.text(st.characters(), max_size=40))  # lone surrogates too: a paste can hold them
def test_any_words_survive_the_body(words: str) -> None:
    body = encode_body([task_of(Draft(prompt=f"x{words}x"), MODELS[0])])
    assert body.isascii()
    assert json.loads(body)[0]["positivePrompt"] == f"x{words}x"


def test_other_requests() -> None:
    assert json.loads(build_status_body([TASK_ID, TaskId("b")])) == [
        {"taskType": "getResponse", "taskUUID": TASK_ID},
        {"taskType": "getResponse", "taskUUID": "b"},
    ]
    assert json.loads(build_upload_body("i", "data:x")) == [
        {"taskType": "imageUpload", "taskUUID": "i", "image": "data:x"}
    ]
    assert json.loads(build_media_storage_body("i", "data:x")) == [
        {"taskType": "mediaStorage", "taskUUID": "i", "operation": "upload", "media": "data:x"}
    ]
    assert json.loads(build_account_body("i")) == [
        {"taskType": "accountManagement", "taskUUID": "i", "operation": "getDetails"}
    ]
    assert json.loads(build_ping_body("i")) == [{"taskType": "ping", "taskUUID": "i"}]
