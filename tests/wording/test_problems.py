"""Every problem of a draft has its sentence, with the figures of that very draft."""

from dataclasses import replace

import pytest

from kling_desktop.domain.problems import Field, ProblemCode
from kling_desktop.domain.validation import find_problems
from kling_desktop.wording.problems import (
    PICTURE_PROBLEMS,
    describe_problem,
    disabled_reason,
    field_name,
    short_problem,
)
from kling_desktop.wording.translation import PSEUDO, set_language
from tests.domain.test_validation import CASES, TEXT

SENTENCES = {
    ProblemCode.MODEL_UNKNOWN: "There is no model “klingai:9@9”.",
    ProblemCode.NOTHING_TO_GO_ON: "Add a picture or write a prompt.",
    ProblemCode.LAST_FRAME_NOT_TAKEN: "Kling 2.5 Turbo Pro takes no last frame. Only Kling 2.1 "
    "Pro does.",
    ProblemCode.NEGATIVE_PROMPT_NOT_TAKEN: "Kling 2.1 Pro takes no negative prompt.",
    ProblemCode.IMAGE_TOO_SMALL: "First frame: Too small: 299 × 720 px (minimum 300 px per side).",
    ProblemCode.IMAGE_TOO_LARGE: "Last frame: Too large: 1280 × 2049 px (maximum 2048 px per "
    "side).",
    ProblemCode.IMAGE_FILE_TOO_LARGE: "First frame: File too large: 20,971,521 bytes (maximum 20 MB).",
    ProblemCode.IMAGE_FORMAT_NOT_TAKEN: "First frame: GIF is not accepted here. Use PNG, JPEG or "
    "WebP.",
    ProblemCode.SIZE_MISSING: "Choose a size: 1280 × 720, 720 × 720, 720 × 1280.",
    ProblemCode.SIZE_NOT_TAKEN: "Kling 2.5 Turbo Standard takes its size from the first frame; "
    "none can be chosen.",
    ProblemCode.SIZE_NOT_OFFERED: "Kling 2.5 Turbo Pro does not make 1920 × 1080. It makes "
    "1280 × 720, 720 × 720, 720 × 1280.",
    ProblemCode.DURATION_NOT_OFFERED: "A clip is 5 or 10 seconds long, not 7.",
    ProblemCode.CFG_SCALE_OUT_OF_RANGE: "Prompt strength goes from 0 to 1, not 1.01.",
    ProblemCode.TAKES_OUT_OF_RANGE: "Takes go from 1 to 4, not 5.",
}


@pytest.mark.parametrize(("code", "field", "draft"), CASES, ids=lambda value: str(value)[:30])
def test_every_problem_has_its_sentence(code: ProblemCode, field: Field, draft: object) -> None:
    found = find_problems(draft)  # pyright: ignore[reportArgumentType] CASES holds drafts
    (problem,) = [each for each in found if (each.code, each.field) == (code, field)]
    sentence = describe_problem(problem)
    assert sentence.endswith(".")
    assert "{" not in sentence
    assert sentence == SENTENCES.get(code, sentence)
    assert short_problem(problem)[0].islower()
    set_language(PSEUDO)
    try:
        assert describe_problem(problem).startswith("⟦")
        assert short_problem(problem).startswith("⟦")
    finally:
        set_language("")


@pytest.mark.parametrize(
    ("letters", "words"),
    [
        (1, "The prompt needs at least 2 characters."),
        (2501, "The prompt is 1 character too long."),
        (2600, "The prompt is 100 characters too long."),
    ],
)
def test_a_length_is_counted(letters: int, words: str) -> None:
    (problem,) = find_problems(replace(TEXT, prompt="x" * letters))
    assert describe_problem(problem) == words


def test_generate_says_why_it_is_off() -> None:
    assert disabled_reason(()) == ""
    for code, field, draft in CASES:
        (problem,) = [p for p in find_problems(draft) if (p.code, p.field) == (code, field)]
        reason = disabled_reason((problem,))
        if code in PICTURE_PROBLEMS:
            assert reason in ("Fix the first frame to go on.", "Fix the last frame to go on.")
        else:
            assert reason == describe_problem(problem)


@pytest.mark.parametrize("field", Field)
def test_every_field_has_a_name(field: Field) -> None:
    assert field_name(field)
