"""A draft carried from model to model keeps what the next one has."""

from dataclasses import replace
from pathlib import Path

import pytest

from kling_desktop.domain.catalog import MODELS, Dimensions, find_model
from kling_desktop.domain.draft import Draft, ImageInput
from kling_desktop.domain.model_fit import (
    Obstacle,
    find_model_for_last_frame,
    find_obstacle,
    fit_draft,
    has_other_shape,
    shape_words,
    without_unused,
)
from kling_desktop.domain.problems import Field
from kling_desktop.domain.validation import find_problems


def picture(width: int = 1280, height: int = 720) -> ImageInput:
    return ImageInput(
        path=Path("a.png"), name="a.png", format="png", width=width, height=height, size_bytes=9
    )


def test_text_alone_suits_exactly_the_models_that_have_the_workflow():
    suiting = {spec.id for spec in MODELS if find_obstacle(Draft(prompt="a boat"), spec) is None}
    assert suiting == {
        "klingai:1@1",
        "klingai:1@2",
        "klingai:3@1",
        "klingai:4@3",
        "klingai:5@3",
        "klingai:6@1",
    }


def test_a_last_frame_suits_the_one_model_that_takes_it():
    draft = Draft(first_frame=picture(), last_frame=picture())
    suiting = [spec for spec in MODELS if find_obstacle(draft, spec) is None]
    assert suiting == [find_model_for_last_frame()]
    assert find_obstacle(draft, MODELS[0]) is Obstacle.TAKES_NO_LAST_FRAME


@pytest.mark.parametrize("before", MODELS, ids=lambda spec: spec.id)
@pytest.mark.parametrize("after", MODELS, ids=lambda spec: spec.id)
def test_a_fitted_draft_can_be_sent_with_the_model(before, after):
    draft = Draft(
        model=before.id,
        first_frame=picture(),
        dimensions=before.dimensions[-1] if before.dimensions else None,
        duration_s=10,
    )
    fitted = fit_draft(draft, after)
    assert find_problems(fitted.draft, after) == ()
    assert fitted.draft.duration_s == 10
    if before.dimensions and after.dimensions:
        assert fitted.draft.dimensions is not None
        assert fitted.draft.dimensions.aspect_ratio == "9:16"
        assert fitted.changed == frozenset()


def test_losing_the_shape_is_said():
    spec = find_model("2.5 turbo standard")
    assert spec is not None
    assert fit_draft(Draft(prompt="x y"), spec).changed == {Field.DIMENSIONS}


def test_a_negative_prompt_stays_in_the_form_and_out_of_the_request():
    spec = find_model("2.1 pro")
    assert spec is not None
    draft = Draft(model=spec.id, first_frame=picture(), negative_prompt="blur")
    assert fit_draft(draft, spec).draft.negative_prompt == "blur"
    assert without_unused(draft, spec) == replace(draft, negative_prompt="")


@pytest.mark.parametrize(
    ("width", "height", "words"),
    [
        (1920, 1080, "16:9"),
        (1500, 1000, "3:2"),
        (1000, 1000, "1:1"),
        (1919, 1080, "16:9"),
        (2000, 1081, "1.85:1"),
        (1081, 2000, "1:1.85"),
    ],
)
def test_shapes_are_said_as_people_say_them(width, height, words):
    assert shape_words(width, height) == words


def test_a_pixel_more_is_no_other_shape():
    assert not has_other_shape(picture(1281, 720), Dimensions(1280, 720))
    assert has_other_shape(picture(1500, 1000), Dimensions(1280, 720))
