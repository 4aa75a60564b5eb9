"""Videos and the recipe inside their files: round trips, privacy, damage."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_desktop.domain.draft import Draft, ImageInput
from kling_desktop.domain.errors import DamagedValue
from kling_desktop.domain.job import Service, TaskId
from kling_desktop.domain.video import (
    Recipe,
    Video,
    VideoFacts,
    VideoId,
    recipe_from_json,
    recipe_to_json,
)

PICTURE = ImageInput(
    path=Path("/home/ada/secret place/boat.png"),
    name="boat.png",
    format="png",
    width=1280,
    height=720,
    size_bytes=9,
    sha256="ab" * 32,
)
EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
RECIPE = Recipe(
    task_id=TaskId("5b1f7c52-6c0e-4b0d-8a3e-0d8c2f4c9a10"),
    service=Service.RUNWARE,
    draft=Draft(prompt="go", first_frame=PICTURE, last_frame=PICTURE),
    made_at=datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
    took_s=125.5,
    cost_usd=Decimal("0.1848"),
    seed=2**63,
    group_id="g",
)
FACTS = VideoFacts(
    width=1280, height=720, duration_s=5.0, fps=30.0, frames=150, codec="h264", size_bytes=7
)
VIDEO = Video(
    id=VideoId(1),
    task_id=RECIPE.task_id,
    job_id=None,
    service=Service.RUNWARE,
    file="2026-11/boat_a41c.mp4",
    draft=RECIPE.draft,
    facts=FACTS,
    sha256="cd" * 32,
    made_at=RECIPE.made_at,
)

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["NaN", "1e999999", "sNaN", "0001-01-01T00:00:00+23:59",
                       "9999-12-31T23:59:59-23:59", "2026-11-22", "runware"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def through_json(recipe: Recipe) -> Recipe:
    return recipe_from_json(json.loads(json.dumps(recipe_to_json(recipe))))


def without_paths(recipe: Recipe) -> Recipe:
    def bare(image: ImageInput | None) -> ImageInput | None:
        return image and replace(image, path=Path())

    draft = recipe.draft
    frames = {"first_frame": bare(draft.first_frame), "last_frame": bare(draft.last_frame)}
    return replace(recipe, draft=replace(draft, **frames))


@given(
    st.builds(
        Recipe,
        task_id=st.text(min_size=1, max_size=40).map(TaskId),
        service=st.sampled_from(Service),
        draft=st.just(RECIPE.draft) | st.builds(Draft, prompt=st.text(max_size=40)),
        made_at=st.datetimes(
            min_value=EARLIEST.replace(tzinfo=None),
            max_value=LATEST.replace(tzinfo=None),
            timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7))]),
        ),
        took_s=st.none() | st.floats(0, 1e8),
        cost_usd=st.none() | st.decimals(0, 1000, places=6),
        seed=st.none() | st.integers(0, 2**64),
        group_id=st.text(max_size=20),
    )
)
def test_any_recipe_comes_back_equal_but_for_paths(recipe: Recipe) -> None:
    assert through_json(recipe) == without_paths(recipe)


def test_a_recipe_tells_no_path_of_the_machine() -> None:
    assert "secret place" not in json.dumps(recipe_to_json(RECIPE))
    assert "boat.png" in json.dumps(recipe_to_json(RECIPE))
    assert RECIPE.draft.first_frame is PICTURE, "the recipe's own draft is left as it was"


@given(st.sampled_from(sorted(recipe_to_json(RECIPE))), json_values)
def test_a_damaged_recipe_is_refused_or_can_be_written_again(key: str, value: Any) -> None:
    try:
        recipe = recipe_from_json(recipe_to_json(RECIPE) | {key: value})
    except DamagedValue:
        return
    assert through_json(recipe) == without_paths(recipe)


@given(json_values)
def test_anything_else_is_no_recipe(value: Any) -> None:
    with pytest.raises(DamagedValue):
        recipe_from_json(value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("kling_desktop_recipe", 2), ("kling_desktop_recipe", None), ("task_id", ""),
        ("task_id", 7), ("made_at", None), ("made_at", "yesterday"),
        ("made_at", "2026-11-22T09:00:00"), ("service", "other"), ("service", None),
        ("cost_usd", "much"), ("cost_usd", "NaN"), ("cost_usd", "Infinity"), ("cost_usd", [1]),
        ("cost_usd", "-0.1"), ("cost_usd", "1e999999"), ("cost_usd", "sNaN"), ("seed", -1),
        ("seed", 2**64 + 1), ("took_s", -1), ("took_s", float("nan")), ("took_s", float("inf")),
        ("seed", "7"), ("seed", 1.5), ("seed", True), ("took_s", "long"), ("took_s", True),
        pytest.param("took_s", 10**400, id="beyond-float"), ("made_at", "0001-01-01T00:00:00+23:59"), ("draft", None),
        ("draft", {"prompt": 1}),
    ],
)  # fmt: skip
def test_wrong_values_are_refused(key: str, value: Any) -> None:
    with pytest.raises(DamagedValue):
        recipe_from_json(recipe_to_json(RECIPE) | {key: value})


def test_title_is_the_prompt_then_the_picture_then_the_file() -> None:
    assert VIDEO.title == "go"
    wordy = replace(VIDEO, draft=replace(RECIPE.draft, prompt="  many\n words " + "x" * 200))
    assert wordy.title.startswith("many words x")
    assert len(wordy.title) == 120
    assert replace(VIDEO, draft=replace(RECIPE.draft, prompt=" ")).title == "boat.png"
    assert replace(VIDEO, draft=Draft()).title == "boat_a41c.mp4"


def test_aspect_and_practice() -> None:
    assert VIDEO.aspect == pytest.approx(16 / 9)
    assert replace(VIDEO, facts=replace(FACTS, height=0)).aspect == 1.0
    assert not VIDEO.practice
    assert replace(VIDEO, service=Service.SANDBOX).practice


def test_a_path_in_a_foreign_recipe_is_forgotten() -> None:
    value: dict[str, Any] = recipe_to_json(RECIPE)
    frame = {"path": "/home/reader/secret.png", "sha256": "0" * 64, "name": "cat.png",
             "width": 640, "height": 360, "size_bytes": 9}  # fmt: skip
    for role in ("first_frame", "last_frame"):
        draft = {**value["draft"], "first_frame": frame, role: frame}
        read = getattr(recipe_from_json(value | {"draft": draft}).draft, role)
        assert (read.path, read.name) == (Path(), "cat.png")
