"""Drafts: what they are asked about, and their JSON form, whole and damaged."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_desktop.domain.catalog import MODELS, Dimensions, ModelId, Workflow, find_model
from kling_desktop.domain.draft import (
    Draft,
    FrameRole,
    ImageInput,
    draft_from_json,
    draft_to_json,
)
from kling_desktop.domain.errors import DamagedValue

PICTURE = ImageInput(
    path=Path("kept/ab.png"),
    name="Böat 🚣.png",
    format="png",
    width=1280,
    height=720,
    size_bytes=9,
    sha256="ab" * 32,
    converted_from="TIFF",
)
FULL = Draft(
    prompt="go",
    negative_prompt="blur",
    first_frame=PICTURE,
    last_frame=replace(PICTURE, name="end.png"),
    dimensions=None,
    duration_s=10,
    cfg_scale=None,
    takes=4,
)

images = st.builds(
    ImageInput,
    path=st.text(st.characters(exclude_characters="\0"), max_size=30).map(Path),
    name=st.text(max_size=30),
    format=st.sampled_from(["png", "jpeg", "webp", ""]),
    width=st.integers(0, 10**6),
    height=st.integers(0, 10**6),
    size_bytes=st.integers(0, 10**12),
    sha256=st.text("0123456789abcdef", max_size=64),
    converted_from=st.sampled_from(["", "TIFF"]),
)
drafts = st.builds(
    Draft,
    model=st.sampled_from([spec.id for spec in MODELS]) | st.text(max_size=20).map(ModelId),
    prompt=st.text(max_size=60),
    negative_prompt=st.text(max_size=60),
    first_frame=st.none() | images,
    last_frame=st.none() | images,
    dimensions=st.none() | st.builds(Dimensions, st.integers(), st.integers()),
    duration_s=st.integers(),
    cfg_scale=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    takes=st.integers(),
)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(drafts)
def test_any_draft_comes_back_equal(draft: Draft) -> None:
    assert draft_from_json(json.loads(json.dumps(draft_to_json(draft)))) == draft


def test_missing_keys_get_their_defaults_and_unknown_ones_are_passed_over() -> None:
    whole = draft_to_json(FULL) | {"from_a_newer_version": [1]}
    assert draft_from_json(whole) == FULL
    assert draft_from_json({"prompt": "go", "dimensions": [1280, 720]}) == Draft(prompt="go")
    assert draft_from_json({}).dimensions is None, "no size is not the default size"


@given(st.sampled_from(sorted(draft_to_json(FULL))), json_values)
def test_a_damaged_value_is_named_or_taken(key: str, value: Any) -> None:
    try:
        draft = draft_from_json(draft_to_json(FULL) | {key: value})
    except DamagedValue as error:
        message = str(error)
    else:
        message = f"{key}: taken"
        assert draft_from_json(draft_to_json(draft)) == draft
    assert message


@given(st.sampled_from(sorted(draft_to_json(FULL)["first_frame"])), json_values)  # pyright: ignore[reportArgumentType]
def test_a_damaged_frame_is_named_or_taken(key: str, value: Any) -> None:
    data: Any = draft_to_json(FULL)
    data["first_frame"][key] = value
    message = key
    try:
        draft_from_json(data)
    except DamagedValue as error:
        message = str(error)
    assert key in message


@given(json_values)
def test_anything_else_is_a_damaged_value_or_a_draft(value: Any) -> None:
    read: Draft | DamagedValue
    try:
        read = draft_from_json(value)
    except DamagedValue as error:
        read = error
    assert isinstance(read, Draft) or str(read)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model", 7), ("prompt", None), ("negative_prompt", ["x"]), ("first_frame", "a.png"),
        ("last_frame", []), ("dimensions", [1280]), ("dimensions", "1280x720"),
        ("dimensions", [1280.0, 720]), ("dimensions", [True, 720]), ("dimensions", {}),
        ("duration_s", 5.0), ("duration_s", True), ("duration_s", "5"), ("cfg_scale", "0.5"),
        ("cfg_scale", True), ("takes", None), ("cfg_scale", float("nan")), ("cfg_scale", float("-inf")),
        pytest.param("cfg_scale", 10**400, id="beyond-float"),
    ],
)  # fmt: skip
def test_wrong_types_are_refused(key: str, value: Any) -> None:
    with pytest.raises(DamagedValue):
        draft_from_json(draft_to_json(FULL) | {key: value})


@pytest.mark.parametrize("value", [None, 7, "draft", [], [{}]])
def test_what_is_no_object_is_refused(value: Any) -> None:
    with pytest.raises(DamagedValue):
        draft_from_json(value)


def test_workflow_follows_from_the_frames() -> None:
    assert Draft(prompt="go").workflow is Workflow.TEXT_TO_VIDEO
    assert Draft(first_frame=PICTURE).workflow is Workflow.IMAGE_TO_VIDEO
    assert Draft(last_frame=PICTURE).workflow is Workflow.IMAGE_TO_VIDEO


def test_frames_stand_first_before_last() -> None:
    assert [role for role, _ in FULL.frames] == [FrameRole.FIRST, FrameRole.LAST]
    assert Draft().frames == ()


def test_frame_rate_depends_on_the_workflow() -> None:
    one_six, picture_only = find_model("1.6 standard"), find_model("1.6 pro")
    assert one_six is not None
    assert picture_only is not None
    assert Draft(prompt="go").fps(one_six) == 30
    assert Draft(first_frame=PICTURE).fps(one_six) == 24
    assert Draft(prompt="go").fps(picture_only) is None


def test_mime_type_follows_the_content() -> None:
    assert PICTURE.mime_type == "image/png"
