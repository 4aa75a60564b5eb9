"""Every reason to say no, at both sides of every limit."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_desktop.domain.catalog import MODELS, Dimensions, ModelId, ModelSpec, find_model
from kling_desktop.domain.draft import Draft, ImageInput
from kling_desktop.domain.problems import Field, Problem, ProblemCode
from kling_desktop.domain.validation import find_image_problems, find_problems

MEBI = 1024 * 1024
PICTURE = ImageInput(
    path=Path("boat.png"), name="boat.png", format="png", width=1280, height=720, size_bytes=9
)


def spec_named(name: str) -> ModelSpec:
    spec = find_model(name)
    assert spec is not None
    return spec


ALL_ROUND, FROM_FRAME = spec_named("2.5 turbo pro"), spec_named("2.5 turbo standard")
TWO_FRAMES, PICTURE_ONLY = spec_named("2.1 pro"), spec_named("1.5 standard")
TEXT = Draft(prompt="A paper boat")
BOTH = Draft(
    model=TWO_FRAMES.id,
    first_frame=PICTURE,
    last_frame=PICTURE,
    dimensions=Dimensions(1920, 1080),
)


def codes(draft: Draft, spec: ModelSpec | None = None) -> list[ProblemCode]:
    return [problem.code for problem in find_problems(draft, spec)]


@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.id)
def test_everything_a_model_lists_is_taken(spec: ModelSpec) -> None:
    base = Draft(model=spec.id, first_frame=PICTURE, dimensions=None)
    for size in spec.dimensions or (None,):
        for duration_s in spec.durations_s:
            for cfg in (None, 0.0, 0.5, 1.0):
                draft = replace(base, dimensions=size, duration_s=duration_s, cfg_scale=cfg)
                assert find_problems(draft) == ()
                assert find_problems(replace(draft, prompt="slow pan")) == ()
                text = replace(draft, first_frame=None, prompt="slow pan")
                assert (find_problems(text) == ()) is spec.takes_text_alone


CASES: list[tuple[ProblemCode, Field, Draft]] = [
    (ProblemCode.MODEL_UNKNOWN, Field.MODEL, replace(TEXT, model=ModelId("klingai:9@9"))),
    (ProblemCode.NOTHING_TO_GO_ON, Field.PROMPT, replace(TEXT, prompt=" \n ")),
    (
        ProblemCode.FIRST_FRAME_NEEDED,
        Field.FIRST_FRAME,
        replace(TEXT, model=PICTURE_ONLY.id),
    ),
    (
        ProblemCode.FIRST_FRAME_NEEDED_WITH_LAST,
        Field.FIRST_FRAME,
        replace(BOTH, first_frame=None),
    ),
    (
        ProblemCode.LAST_FRAME_NOT_TAKEN,
        Field.LAST_FRAME,
        replace(TEXT, first_frame=PICTURE, last_frame=PICTURE),
    ),
    (ProblemCode.PROMPT_TOO_SHORT, Field.PROMPT, replace(TEXT, prompt="x")),
    (ProblemCode.PROMPT_TOO_LONG, Field.PROMPT, replace(TEXT, prompt="x" * 2501)),
    (ProblemCode.PROMPT_TOO_SHORT, Field.NEGATIVE_PROMPT, replace(TEXT, negative_prompt="x")),
    (
        ProblemCode.PROMPT_TOO_LONG,
        Field.NEGATIVE_PROMPT,
        replace(TEXT, negative_prompt="x" * 2501),
    ),
    (
        ProblemCode.NEGATIVE_PROMPT_NOT_TAKEN,
        Field.NEGATIVE_PROMPT,
        replace(BOTH, negative_prompt="blur"),
    ),
    (
        ProblemCode.IMAGE_TOO_SMALL,
        Field.FIRST_FRAME,
        replace(TEXT, first_frame=replace(PICTURE, width=299)),
    ),
    (
        ProblemCode.IMAGE_TOO_LARGE,
        Field.LAST_FRAME,
        replace(BOTH, last_frame=replace(PICTURE, height=2049)),
    ),
    (
        ProblemCode.IMAGE_FILE_TOO_LARGE,
        Field.FIRST_FRAME,
        replace(TEXT, first_frame=replace(PICTURE, size_bytes=20 * MEBI + 1)),
    ),
    (
        ProblemCode.IMAGE_FORMAT_NOT_TAKEN,
        Field.FIRST_FRAME,
        replace(TEXT, first_frame=replace(PICTURE, format="gif")),
    ),
    (ProblemCode.SIZE_MISSING, Field.DIMENSIONS, replace(TEXT, dimensions=None)),
    (
        ProblemCode.SIZE_NOT_TAKEN,
        Field.DIMENSIONS,
        replace(TEXT, model=FROM_FRAME.id, first_frame=PICTURE),
    ),
    (
        ProblemCode.SIZE_NOT_OFFERED,
        Field.DIMENSIONS,
        replace(TEXT, dimensions=Dimensions(1920, 1080)),
    ),
    (ProblemCode.DURATION_NOT_OFFERED, Field.DURATION, replace(TEXT, duration_s=7)),
    (ProblemCode.CFG_SCALE_OUT_OF_RANGE, Field.CFG_SCALE, replace(TEXT, cfg_scale=1.01)),
    (ProblemCode.TAKES_OUT_OF_RANGE, Field.TAKES, replace(TEXT, takes=5)),
]


@pytest.mark.parametrize(("code", "field", "draft"), CASES, ids=lambda value: str(value)[:30])
def test_each_reason(code: ProblemCode, field: Field, draft: Draft) -> None:
    assert (code, field) in [(problem.code, problem.field) for problem in find_problems(draft)]


def test_every_reason_has_a_case() -> None:
    assert {code for code, _, _ in CASES} == set(ProblemCode)


@pytest.mark.parametrize(
    ("length", "code", "limit"),
    [
        (0, ProblemCode.NOTHING_TO_GO_ON, None),
        (1, ProblemCode.PROMPT_TOO_SHORT, {"least": 2}),
        (2, None, None),
        (2500, None, None),
        (2501, ProblemCode.PROMPT_TOO_LONG, {"most": 2500}),
        (2600, ProblemCode.PROMPT_TOO_LONG, {"most": 2500}),
    ],
)
def test_prompt_at_its_limits(
    length: int, code: ProblemCode | None, limit: dict[str, int] | None
) -> None:
    for words in ("x" * length, "🚣" * length, "  " + "x" * length + "\n"):
        found = find_problems(replace(TEXT, prompt=words))
        assert [problem.code for problem in found] == ([] if code is None else [code])
        lengths = [dict(problem.facts) for problem in found if "length" in problem.facts]
        assert lengths == ([] if limit is None else [{"length": length, **limit}])


@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.id)
def test_prompt_limits_hold_on_every_model_and_none_is_needed_with_a_frame(
    spec: ModelSpec,
) -> None:
    size = spec.dimensions[0] if spec.dimensions else None
    draft = Draft(model=spec.id, first_frame=PICTURE, dimensions=size)
    assert codes(draft) == []
    assert codes(replace(draft, prompt="x" * 2500)) == []
    assert codes(replace(draft, prompt="x" * 2501)) == [ProblemCode.PROMPT_TOO_LONG]
    negative = codes(replace(draft, negative_prompt="blur"))
    listed = spec.negative_prompt is not None
    assert negative == ([] if listed else [ProblemCode.NEGATIVE_PROMPT_NOT_TAKEN])


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (300, 300, []),
        (2048, 2048, []),
        (300, 2048, []),
        (299, 300, [ProblemCode.IMAGE_TOO_SMALL]),
        (300, 299, [ProblemCode.IMAGE_TOO_SMALL]),
        (2049, 2048, [ProblemCode.IMAGE_TOO_LARGE]),
        (2048, 2049, [ProblemCode.IMAGE_TOO_LARGE]),
        (299, 2049, [ProblemCode.IMAGE_TOO_LARGE, ProblemCode.IMAGE_TOO_SMALL]),
        (0, 0, [ProblemCode.IMAGE_TOO_SMALL]),
    ],
)
def test_sides_at_their_limits(width: int, height: int, expected: list[ProblemCode]) -> None:
    image = replace(PICTURE, width=width, height=height)
    found = find_image_problems(image, ALL_ROUND, Field.FIRST_FRAME)
    assert [problem.code for problem in found] == expected
    for problem in found:
        assert (problem.facts["width"], problem.facts["height"]) == (width, height)


@pytest.mark.parametrize(
    ("size_bytes", "too_large"),
    [(0, False), (20 * MEBI, False), (20 * MEBI + 1, True), (32 * MEBI, True)],
)
def test_bytes_at_their_limit(size_bytes: int, too_large: bool) -> None:
    image = replace(PICTURE, size_bytes=size_bytes)
    found = find_image_problems(image, ALL_ROUND, Field.LAST_FRAME)
    facts = {"size_bytes": size_bytes, "most_bytes": 20 * MEBI}
    heavy = Problem(ProblemCode.IMAGE_FILE_TOO_LARGE, Field.LAST_FRAME, facts)
    assert found == ((heavy,) if too_large else ())


@pytest.mark.parametrize("name", ["png", "jpeg", "webp"])
def test_formats_taken(name: str) -> None:
    assert find_image_problems(replace(PICTURE, format=name), ALL_ROUND, Field.FIRST_FRAME) == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"cfg_scale": -0.01}, ProblemCode.CFG_SCALE_OUT_OF_RANGE),
        ({"cfg_scale": 0.0}, None),
        ({"cfg_scale": 1.0}, None),
        ({"cfg_scale": None}, None),
        ({"cfg_scale": float("nan")}, ProblemCode.CFG_SCALE_OUT_OF_RANGE),
        ({"cfg_scale": float("inf")}, ProblemCode.CFG_SCALE_OUT_OF_RANGE),
        ({"takes": 0}, ProblemCode.TAKES_OUT_OF_RANGE),
        ({"takes": 1}, None),
        ({"takes": 4}, None),
        ({"duration_s": 5}, None),
        ({"duration_s": 10}, None),
        ({"duration_s": 0}, ProblemCode.DURATION_NOT_OFFERED),
        ({"duration_s": 11}, ProblemCode.DURATION_NOT_OFFERED),
        ({"dimensions": Dimensions(720, 720)}, None),
        ({"dimensions": Dimensions(720, 721)}, ProblemCode.SIZE_NOT_OFFERED),
    ],
)
def test_settings_at_their_limits(changes: dict[str, Any], code: ProblemCode | None) -> None:
    assert codes(replace(TEXT, **changes)) == ([] if code is None else [code])


def test_problems_stand_in_the_order_of_the_form() -> None:
    draft = Draft(
        prompt="x", negative_prompt="y", first_frame=replace(PICTURE, width=10),
        last_frame=replace(PICTURE, width=9000), dimensions=Dimensions(1, 1), duration_s=3,
        cfg_scale=9.0, takes=9,
    )  # fmt: skip
    order = list(Field)
    places = [
        order.index(problem.field)
        for problem in find_problems(draft)
        if problem.code is not ProblemCode.LAST_FRAME_NOT_TAKEN
    ]
    frames = [place for place in places if order[place] in (Field.FIRST_FRAME, Field.LAST_FRAME)]
    rest = [place for place in places if place not in frames]
    assert frames == sorted(frames)
    assert rest == sorted(rest)
    assert len(find_problems(draft)) == 9


def test_a_model_given_by_hand_is_the_one_that_counts() -> None:
    assert codes(replace(TEXT, model=ModelId("new")), ALL_ROUND) == []


@given(
    st.builds(
        Draft,
        prompt=st.text(max_size=5),
        negative_prompt=st.text(max_size=5),
        duration_s=st.integers(),
        cfg_scale=st.none() | st.floats(),
        takes=st.integers(),
        dimensions=st.none() | st.builds(Dimensions, st.integers(), st.integers()),
        model=st.sampled_from([spec.id for spec in MODELS]),
    )
)
def test_any_draft_is_judged(draft: Draft) -> None:
    assert all(problem.code in ProblemCode for problem in find_problems(draft))
