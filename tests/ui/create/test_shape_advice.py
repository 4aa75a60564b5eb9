"""What is said about pictures of another shape, and what is offered."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from kling_desktop.domain.catalog import MODELS, Dimensions, ModelSpec
from kling_desktop.domain.draft import FrameRole, ImageInput
from kling_desktop.ui.create.shape_advice import ShapeAdvice, find_advice
from kling_desktop.ui.create.slot_notice import SlotNotice
from kling_desktop.ui.theme.look import Look

FIRST, LAST = FrameRole.FIRST, FrameRole.LAST
WIDE, SQUARE, TALL = MODELS[0].dimensions
FOLLOWING = next(spec for spec in MODELS if spec.size_follows_first_frame)


def _image(width: int, height: int) -> ImageInput:
    return ImageInput(
        path=Path("a.png"), name="a.png", format="png", width=width, height=height, size_bytes=9
    )


def _find(
    first: tuple[int, int] | None,
    last: tuple[int, int] | None = None,
    size: Dimensions | None = WIDE,
    spec: ModelSpec = MODELS[0],
) -> ShapeAdvice | None:
    images = {FIRST: first, LAST: last}
    return find_advice({r: _image(*at) for r, at in images.items() if at is not None}, size, spec)


@pytest.mark.parametrize("picture", [(1920, 1080), (1280, 720), (1290, 720)])
def test_the_clips_own_shape_needs_no_advice(picture: tuple[int, int]) -> None:
    assert _find(picture) is None
    assert _find(picture, picture) is None
    assert _find(None) is None


def test_a_portrait_picture_offers_both_ways() -> None:
    advice = _find((1080, 1920))
    assert advice is not None
    assert advice.text == "The picture is 9:16, the clip will be 16:9."
    assert advice.crop == (FIRST, WIDE)
    assert advice.size == TALL


def test_a_nearly_square_picture_is_offered_the_square() -> None:
    advice = _find((1000, 900))
    assert advice is not None
    assert advice.size == SQUARE


def test_no_other_size_is_offered_where_this_one_is_the_nearest() -> None:
    advice = _find((1200, 800))
    assert advice is not None
    assert (advice.crop, advice.size) == ((FIRST, WIDE), None)


@pytest.mark.parametrize(
    ("first", "last", "wrong"),
    [((1920, 1080), (1200, 800), LAST), ((1200, 800), (1920, 1080), FIRST)],
)
def test_a_pair_of_different_shapes_is_said_whichever_is_first(
    first: tuple[int, int], last: tuple[int, int], wrong: FrameRole
) -> None:
    advice = _find(first, last)
    assert advice is not None
    shapes = {(1920, 1080): "16:9", (1200, 800): "3:2"}
    assert advice.text == f"The first frame is {shapes[first]}, the last frame is {shapes[last]}."
    assert advice.crop == (wrong, WIDE)
    assert advice.crop_label == f"Crop the {wrong} frame to 16:9"


def test_where_the_size_follows_the_first_frame_the_last_is_cropped_to_it() -> None:
    advice = _find((1200, 800), (1920, 1080), None, FOLLOWING)
    assert advice is not None
    assert advice.crop == (LAST, Dimensions(1200, 800))
    assert _find((1200, 800), None, None, FOLLOWING) is None


def test_a_last_frame_alone_is_compared_too() -> None:
    advice = _find(None, (1200, 800))
    assert advice is not None
    assert advice.crop == (LAST, WIDE)


def test_a_notice_shows_only_the_links_that_it_has(look: Look, qtbot: QtBot) -> None:
    notice, clicked = SlotNotice(look, "info", "text-2"), list[str]()
    qtbot.addWidget(notice)
    first, second = notice.links
    notice.say(
        "Two ways.", ("One", lambda: clicked.append("1")), ("Two", lambda: clicked.append("2"))
    )
    assert (first.text(), second.text()) == ("One", "Two")
    second.click()
    first.click()
    assert clicked == ["2", "1"]
    notice.say("One way.", ("Only", lambda: clicked.append("3")))
    assert second.isHidden()
    first.click()
    assert clicked[-1] == "3"
    notice.say("")
    assert notice.isHidden()
