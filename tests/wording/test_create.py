"""The Create panel's words, letter by letter where the design gives them."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kling_desktop.domain.catalog import IMAGE_LIMITS, MODELS
from kling_desktop.domain.draft import Draft, FrameRole, ImageInput
from kling_desktop.media.fit import Box, plan_crop, plan_fix
from kling_desktop.media.images import ImageFault
from kling_desktop.wording import create as words

MIB = 1024 * 1024
IMAGE = ImageInput(
    path=Path("a.png"),
    name="a.png",
    format="png",
    width=4096,
    height=2304,
    size_bytes=round(31.4 * MIB),
)


def _card(image: ImageInput, about_bytes: int) -> words.Card:
    fix = plan_fix(image)
    assert fix is not None
    return words.describe_fix(image, replace(fix, about_bytes=about_bytes), IMAGE_LIMITS)


def test_too_large() -> None:
    card = _card(IMAGE, round(1.9 * MIB))
    assert card.title == "Too large: 4096 × 2304 px, 31.4 MB"
    assert card.text == "The most is 2048 px a side and 20 MB."
    assert card.button == "Resize to 2048 × 1152"
    assert card.note == "Saves a copy as JPEG, about 1.9 MB. Your file stays as it is."
    assert [text for _, text in card.links] == ["Crop instead…", "Choose another…"]


def test_too_small() -> None:
    card = _card(replace(IMAGE, width=280, height=410, size_bytes=9000), 60_000)
    assert card.title == "Too small: 280 × 410 px"
    assert card.button == "Enlarge to 300 × 439"
    assert card.note == "It may look soft. A larger picture works better."


def test_too_heavy() -> None:
    card = _card(replace(IMAGE, width=1920, height=1080), 6 * MIB)
    assert card.title == "Too heavy: 31.4 MB"
    assert card.button == "Recompress to about 6 MB"
    assert card.note == "Highest JPEG quality that fits."


def test_a_byte_over_the_limit_is_not_rounded_away() -> None:
    card = _card(replace(IMAGE, width=1920, height=1080, size_bytes=20 * MIB + 1), 6 * MIB)
    assert card.title == "Too heavy: 20,971,521 bytes"


def test_unreadable_and_video() -> None:
    card = words.describe_refusal(ImageFault.NOT_A_PICTURE, "whatever")
    assert (card.title, card.text) == (
        "Can't read this file",
        "It may be damaged or not a picture.",
    )
    assert card.button == "Choose another…"
    card = words.describe_refusal(ImageFault.VIDEO, "whatever")
    assert (card.title, card.button) == ("That's a video", "Use its last frame")


@pytest.mark.parametrize("fault", list(ImageFault))
def test_every_fault_has_a_card(fault: ImageFault) -> None:
    card = words.describe_refusal(fault, "That's a folder. Choose a picture inside it.")
    assert card.title
    assert not card.title.endswith(".")


def test_transparency_is_named_by_its_colour() -> None:
    assert words.transparency_note((255, 255, 255)) == "Transparent parts became white."
    assert words.transparency_note((18, 52, 86)) == "Transparent parts became #123456."


def test_shape_advice() -> None:
    image = replace(IMAGE, width=1200, height=800)
    assert words.shape_advice(image, "16:9") == (
        "The picture is 3:2, the clip will be 16:9.",
        "Crop to 16:9",
    )


def test_crop_note_says_what_happens_to_the_size() -> None:
    for box, note in (
        (Box(0, 0, 1280, 720), ""),
        (Box(0, 0, 4000, 3000), "4000 × 3000, made smaller to"),
        (Box(0, 0, 200, 200), "200 × 200, enlarged to"),
        (Box(0, 0, 3000, 100), words.TOO_THIN),
    ):
        assert words.crop_note(box, plan_crop(box), IMAGE_LIMITS) == note


def test_small_words() -> None:
    assert words.slot_limits(IMAGE_LIMITS) == "300–2048 px a side, up to 20 MB"
    assert words.prompt_counter(112, 2500) == "112 / 2500"
    assert words.prompt_counter(0, 2500) == ""
    assert words.button_words(1, queues_only=False) == "Generate"
    assert words.button_words(2, queues_only=False) == "Generate 2 takes"
    assert words.button_words(2, queues_only=True) == "Add to queue"
    assert words.input_words(Draft()) == "For your input: text only"
    assert words.fix_first(FrameRole.LAST) == "Fix the last frame to go on."


def test_options_summary_names_only_what_the_model_takes() -> None:
    assert words.options_summary(Draft(), MODELS[0]) == "Negative prompt, strength 0.50"
    without = next(spec for spec in MODELS if spec.negative_prompt is None)
    assert words.options_summary(Draft(), without) == "strength 0.50"


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
