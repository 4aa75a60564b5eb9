"""The words for input pictures, letter by letter where the design gives them."""

from dataclasses import replace
from pathlib import Path

import pytest

from kling_desktop.domain.catalog import IMAGE_LIMITS, MODELS
from kling_desktop.domain.draft import FrameRole, ImageInput
from kling_desktop.media.fit import Box, plan_crop, plan_fix
from kling_desktop.media.images import ImageFault
from kling_desktop.ui.create.slot_state import SlotPhase
from kling_desktop.wording import pictures as words
from kling_desktop.wording.problems import fix_first
from kling_desktop.wording.translation import PSEUDO, set_language

MIB = 1024 * 1024
IMAGE = ImageInput(
    path=Path("a.png"),
    name="a.png",
    format="png",
    width=4096,
    height=2304,
    size_bytes=round(31.4 * MIB),
)


def _card(image: ImageInput, about_bytes: int) -> words.PictureCard:
    fix = plan_fix(image)
    assert fix is not None
    return words.describe_fix(image, replace(fix, about_bytes=about_bytes), MODELS[0])


def test_too_large() -> None:
    card = _card(IMAGE, round(1.9 * MIB))
    assert card.title == "Too large: 4096 × 2304 px (maximum 2048 px per side)."
    assert card.text == "File too large: 31.4 MB (maximum 20 MB)."
    assert card.main.text == "Resize to 2048 × 1152"
    assert card.note == "Saves a copy as JPEG, about 1.9 MB. Your file stays as it is."
    assert [link.text for link in card.links] == ["Crop instead…", "Choose another…"]


def test_too_small() -> None:
    card = _card(replace(IMAGE, width=280, height=410, size_bytes=9000), 60_000)
    assert card.title == "Too small: 280 × 410 px (minimum 300 px per side)."
    assert card.main.text == "Enlarge to 300 × 439"
    assert card.note == "It may look soft. A larger picture works better."


def test_too_heavy() -> None:
    card = _card(replace(IMAGE, width=1920, height=1080), 6 * MIB)
    assert (card.title, card.text) == ("File too large: 31.4 MB (maximum 20 MB).", "")
    assert card.main.text == "Recompress to about 6 MB"
    assert card.note == "Saves a copy with the highest JPEG quality that fits."


def test_a_byte_over_the_limit_is_not_rounded_away() -> None:
    card = _card(replace(IMAGE, width=1920, height=1080, size_bytes=20 * MIB + 1), 6 * MIB)
    assert card.title == "File too large: 20,971,521 bytes (maximum 20 MB)."


def test_unreadable_and_video() -> None:
    card = words.describe_refusal(ImageFault.NOT_A_PICTURE, "whatever")
    assert (card.title, card.text) == (
        "Can't read this file",
        "It may be damaged or not a picture.",
    )
    assert card.main.text == "Choose another…"
    card = words.describe_refusal(ImageFault.VIDEO, "whatever")
    assert (card.title, card.main.text) == ("That's a video", "Use its last frame")


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
    assert words.shape_advice(image, "16:9") == "The picture is 3:2, the clip will be 16:9."


def test_crop_note_says_what_happens_to_the_size() -> None:
    for box, note in (
        (Box(0, 0, 1280, 720), ""),
        (Box(0, 0, 4000, 3000), "4000 × 3000, made smaller to"),
        (Box(0, 0, 200, 200), "200 × 200, enlarged to"),
        (Box(0, 0, 3000, 100), words.too_thin()),
    ):
        assert words.crop_note(box, plan_crop(box), IMAGE_LIMITS) == note


def test_slots() -> None:
    assert words.slot_limits(IMAGE_LIMITS) == "300–2048 px per side, up to 20 MB"
    assert fix_first(FrameRole.LAST) == "Fix the last frame to go on."
    assert words.slot_name(FrameRole.LAST, "a.png", None, "being checked") == (
        "Last frame, a.png, being checked"
    )


def test_the_file_dialog_offers_pictures_first() -> None:
    pictures, videos, everything = words.file_patterns()
    assert pictures.startswith("Pictures (*.png *.jpg ")
    assert videos.startswith("Videos (*.mp4 ")
    assert everything == "All files (*)"


def test_every_word_of_a_slot_is_translated() -> None:
    set_language(PSEUDO)
    try:
        spoken = [words.slot_state(phase) for phase in SlotPhase]
        colours = [name for name, _ in words.background_colours()]
    finally:
        set_language("")
    assert all(text.startswith("⟦") for text in (*spoken, *colours))
