"""The Create panel's words, letter by letter where the design gives them."""

import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import pytest

from kling_desktop.domain.catalog import MODELS
from kling_desktop.domain.draft import Draft, FrameRole
from kling_desktop.wording import create as words
from kling_desktop.wording.models import input_words


def test_small_words() -> None:
    assert words.prompt_counter(112, 2500) == "112 / 2500"
    assert words.prompt_counter(0, 2500) == ""
    assert words.button_words(1, queues_only=False) == "Generate"
    assert words.button_words(2, queues_only=False) == "Generate 2 takes"
    assert words.button_words(2, queues_only=True) == "Add to queue"
    assert words.button_words(2, queues_only=True, editing=True) == "Update in queue"
    assert input_words(Draft()) == "For your input: text only"
    assert words.editing(3) == "Editing number 3 in the queue"


def test_options_summary_names_only_what_the_model_takes() -> None:
    assert words.options_summary(Draft(), MODELS[0]) == "Negative prompt, strength 0.50"
    without = next(spec for spec in MODELS if spec.negative_prompt is None)
    assert words.options_summary(Draft(), without) == "Strength 0.50"
    assert words.options_summary(replace(Draft(), cfg_scale=None), without) == ""


def test_the_other_ways_to_a_picture_are_one_line_with_a_link() -> None:
    lines = ["".join(parts) for parts in words.invitation_ways()]
    assert lines[0] == "or browse, paste, or drag a clip from the library"
    assert lines == sorted(lines, key=len, reverse=True), "the longest that fits is shown"
    assert {link for _, link, _ in words.invitation_ways()} == {"browse"}


def test_the_question_about_the_cost_names_everything_that_is_spent() -> None:
    one, two = Draft(takes=1), Draft(takes=3, duration_s=10)
    assert words.cost_details([one], 0, Decimal(1)) == (
        "1 take of 2.5 Turbo Pro, 5 s long. You asked to be warned above $1.00."
    )
    assert words.cost_details([two], 3, Decimal("0.50")) == (
        "3 takes of 2.5 Turbo Pro, 10 s each. 3 clips of unknown cost are not counted. "
        "You asked to be warned above $0.50."
    )
    assert words.cost_details([one, two], 1, Decimal(1)) == (
        "4 clips. 1 clip of unknown cost is not counted. You asked to be warned above $1.00."
    )


def test_a_dragged_clip_says_which_frame_it_gives() -> None:
    assert words.end_of_clip(FrameRole.LAST) == "its last frame"
    spec = MODELS[0]
    both = words.end_of_clip_and(FrameRole.FIRST, words.switches_to(spec))
    assert both == f"its first frame, switches to {spec.short_name}"


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("wording.create", {"PySide6", "PIL", "av"}),
        ("ui.create.create_page", {"PIL", "av", "httpx", "keyring", "PySide6.QtMultimedia"}),
    ],
)
def test_nothing_heavy_comes_with_the_import(module: str, unwanted: set[str]) -> None:
    """The panel is on the way to the first paint; pictures are read after it."""
    code = f"import sys, kling_desktop.{module}; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert unwanted & set(told.stdout.split()) == set()
