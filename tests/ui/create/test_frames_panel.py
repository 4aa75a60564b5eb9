"""Pictures of every kind in a slot: what is said, what is offered, what comes out."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from kling_desktop.domain.draft import FrameRole, ImageInput
from kling_desktop.domain.validation import find_problems
from kling_desktop.ui.create.crop_sheet import CropSheet
from kling_desktop.ui.create.slot_state import SlotPhase
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording.actions import Action
from tests.media import pictures
from tests.media import videos as video_files
from tests.ui.create_stage import CreateStage, open_stage, wait_until

Maker = Callable[[Path], Path]
MIB = 1024 * 1024


def _write(content: bytes, name: str) -> Maker:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return make


def _cut(folder: Path) -> Path:
    path = pictures.save(folder / "cut.jpg", (800, 600))
    path.write_bytes(path.read_bytes()[:2000])
    return path


def _folder(folder: Path) -> Path:
    path = folder / "a folder.png"
    path.mkdir()
    return path


REFUSED: dict[str, tuple[Maker, str, str]] = {
    "text": (_write(b"hello", "x.png"), "Can't read this file", "Choose another…"),
    "truncated": (_cut, "Can't read this file", "Choose another…"),
    "empty": (_write(b"", "x.png"), "The file is empty", "Choose another…"),
    "folder": (_folder, "That’s a folder", "Choose another…"),
    "missing": (lambda folder: folder / "no.png", "There is no such file", "Choose another…"),
    "web": (lambda folder: Path("https://x.org/a.png"), "That’s a web address", "Choose another…"),
    "bomb": (
        lambda folder: pictures.png_of_claimed_size(folder / "b.png", 99_999, 99_999),
        "Too many pixels",
        "Choose another…",
    ),
    "video": (
        lambda folder: video_files.make_video(folder / "c.mp4", (640, 360)).rename(
            folder / "c.png"
        ),
        "That's a video",
        "Use its last frame",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
async def test_what_is_no_picture_says_so_and_queues_nothing(
    look: Look, tmp_path: Path, kind: str
) -> None:
    make, title, button = REFUSED[kind]
    async with open_stage(look, tmp_path) as stage:
        stage.page.prompt.edit.setPlainText("Boat")
        await stage.take(make(tmp_path))
        card = stage.page.frames.cards[FrameRole.FIRST]
        assert stage.slot().phase is SlotPhase.REFUSED
        assert card.isVisible()
        assert card.card is not None
        assert card.card.title.startswith(title)
        assert card.card.main.text == button
        assert stage.reason == "Fix the first frame to go on."
        assert stage.page.draft.first_frame is None
        stage.page.generate()
        assert stage.generated == []


FIXED: dict[str, tuple[Maker, str, str, tuple[int, int]]] = {
    "large": (
        lambda folder: pictures.save(folder / "l.jpg", (4096, 2304)),
        "Too large: 4096 × 2304 px",
        "Resize to 2048 × 1152",
        (2048, 1152),
    ),
    "one pixel too many": (
        lambda folder: pictures.save(folder / "l.jpg", (2049, 2048)),
        "Too large: 2049 × 2048 px",
        "Resize to 2048 × 2047",
        (2048, 2047),
    ),
    "small": (
        lambda folder: pictures.save(folder / "s.png", (280, 410)),
        "Too small: 280 × 410 px",
        "Enlarge to 300 × 439",
        (300, 439),
    ),
    "heavy": (
        lambda folder: pictures.pad(pictures.save(folder / "h.jpg"), 20 * MIB + 1),
        "File too large: 20,971,521 bytes (maximum 20 MB).",
        "Recompress to about ",
        (640, 360),
    ),
}


@pytest.mark.parametrize("kind", FIXED)
async def test_a_picture_outside_the_limits_is_put_right_by_one_button(
    look: Look, tmp_path: Path, kind: str
) -> None:
    make, title, button, size = FIXED[kind]
    async with open_stage(look, tmp_path) as stage:
        path = make(tmp_path)
        before = path.read_bytes()
        await stage.take(path)
        card = stage.page.frames.cards[FrameRole.FIRST]
        assert card.card is not None
        assert card.card.title.startswith(title)
        assert card.card.main.text.startswith(button)
        assert stage.reason == "Fix the first frame to go on."
        card.action_wanted.emit(card.card.main.action)
        assert stage.reason == "Checking the first frame…"
        await stage.settle()
        image = stage.page.draft.first_frame
        assert image is not None
        assert (image.width, image.height) == size
        assert find_problems(stage.page.draft) == ()
        assert not card.isVisible()
        assert path.read_bytes() == before  # the user's file stays as it is
        assert image.name == path.name


@pytest.mark.parametrize("size", [(300, 2048), (2048, 300)])
async def test_the_limits_themselves_are_allowed(
    look: Look, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with open_stage(look, tmp_path) as stage:
        path = pictures.pad(pictures.save(tmp_path / "edge.jpg", size), 20 * MIB)
        await stage.take(path)
        assert stage.slot().phase is SlotPhase.READY
        assert stage.reason == ""


async def test_too_long_and_thin_opens_the_crop_sheet(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        await stage.take(pictures.save(tmp_path / "thin.png", (6000, 400)))
        card = stage.page.frames.cards[FrameRole.FIRST].card
        assert card is not None
        assert card.title == "Too long and thin: 6000 × 400 px"
        assert (card.main.text, card.main.action) == ("Crop to fit…", Action.CROP_PICTURE)
        assert card.note == "No size fits both limits without cropping."
        stage.page.frames.cards[FrameRole.FIRST].action_wanted.emit(card.main.action)
        sheet = await _wait_for_sheet(stage)
        assert sheet.size_words == "711 × 400 px"
        QTest.keyClick(sheet.view, Qt.Key.Key_Return)
        await wait_until(lambda: stage.page.draft.first_frame and stage.reason == "")
        image = stage.page.draft.first_frame
        assert image is not None
        assert (image.width, image.height) == (711, 400)


SILENT: dict[str, tuple[Maker, str]] = {
    "tiff": (lambda folder: pictures.save(folder / "x.tiff"), "Converted from TIFF."),
    "bmp": (lambda folder: pictures.save(folder / "x.bmp"), "Converted from BMP."),
    "avif": (lambda folder: pictures.save(folder / "x.avif"), "Converted from AVIF."),
    "cmyk": (
        lambda folder: pictures.save(folder / "x.jpg", mode="CMYK"),
        "Converted from CMYK JPEG.",
    ),
    "16-bit": (lambda folder: pictures.save_png16(folder / "x.png"), "Converted from 16-bit PNG."),
    "renamed": (
        lambda folder: pictures.save(folder / "x.tiff").rename(folder / "x.png"),
        "Converted from TIFF.",
    ),
    "animated": (
        lambda folder: pictures.save_animation(folder / "x.gif", 48),
        "Using the first picture of 48.",
    ),
    "turned": (lambda folder: pictures.save_turned(folder / "x.jpg", 6), ""),
    "spaces and emoji": (lambda folder: pictures.save(folder / "my 🦊 fox.png"), ""),
}


@pytest.mark.parametrize("kind", SILENT)
async def test_what_can_be_read_is_converted_silently(
    look: Look, tmp_path: Path, kind: str
) -> None:
    make, note = SILENT[kind]
    async with open_stage(look, tmp_path) as stage:
        path = make(tmp_path)
        await stage.take(path)
        assert stage.slot().phase is SlotPhase.READY
        assert stage.page.frames.captions[FrameRole.FIRST].note == note
        image = stage.page.draft.first_frame
        assert image is not None
        assert image.name == path.name
        assert stage.reason == ""
        if kind == "turned":
            assert (image.width, image.height) == (360, 640)


async def test_transparent_parts_take_the_colour_that_is_chosen(look: Look, tmp_path: Path) -> None:
    Image.new("RGBA", (400, 300), (255, 0, 0, 0)).save(tmp_path / "ghost.png")
    async with open_stage(look, tmp_path) as stage:
        await stage.take(tmp_path / "ghost.png")
        caption = stage.page.frames.captions[FrameRole.FIRST]
        assert caption.colour_link.isVisible()
        assert stage.slot().background == (255, 255, 255)
        stage.page.pictures.set_background(FrameRole.FIRST, (0, 0, 0))
        await stage.settle()
        image = stage.page.draft.first_frame
        assert image is not None
        with Image.open(image.path) as copy:
            assert copy.convert("RGB").getpixel((10, 10)) == (0, 0, 0)


async def test_a_videos_last_frame_becomes_the_picture(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        await stage.take(video_files.make_video(tmp_path / "clip.mp4", (640, 360), frames=10))
        stage.page.frames.cards[FrameRole.FIRST].action_wanted.emit(Action.USE_LAST_FRAME)
        await stage.settle()
        image = stage.page.draft.first_frame
        assert image is not None
        assert image.name == "clip, last frame"
        with Image.open(image.path) as frame:
            assert video_files.read_number(frame) == 9


async def test_another_shape_is_advice_and_one_click_crops(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        await stage.take(pictures.save(tmp_path / "photo.jpg", (1200, 800)))
        advice = stage.page.frames.advice
        assert advice.isVisible()
        assert advice.text == "The picture is 3:2, the clip will be 16:9."
        assert advice.links[0].text() == "Crop to 16:9"
        assert stage.reason == ""
        advice.links[0].click()
        await stage.settle()
        image = stage.page.draft.first_frame
        assert image is not None
        assert (image.width, image.height) == (1200, 675)
        assert not advice.isVisible()
        stage.page.undo()
        await stage.settle()
        assert stage.page.draft.first_frame is not None
        assert stage.page.draft.first_frame.height == 800


async def test_choosing_another_picture_drops_what_is_being_checked(
    look: Look, tmp_path: Path
) -> None:
    big = pictures.save(tmp_path / "big.png", (4000, 3000))
    small = pictures.save(tmp_path / "small.png")
    async with open_stage(look, tmp_path) as stage:
        stage.page.take_picture_files([big])
        assert stage.slot().phase is SlotPhase.CHECKING
        assert stage.reason == "Checking the first frame…"
        await stage.take(small)
        image = stage.page.draft.first_frame
        assert image is not None
        assert image.name == "small.png"


async def test_swapping_exchanges_both(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        await stage.take(pictures.save(tmp_path / "a.png"), pictures.save(tmp_path / "b.png"))
        stage.page.frames.swap.click()
        draft = stage.page.draft
        assert draft.first_frame is not None
        assert draft.last_frame is not None
        assert (draft.first_frame.name, draft.last_frame.name) == ("b.png", "a.png")


async def test_a_picture_of_an_older_draft_loses_its_notes(look: Look, tmp_path: Path) -> None:
    """Drafts and clips of older versions name the files that were chosen, place and all."""
    path = tmp_path / "a.jpg"
    exif = Image.Exif()
    exif[0x010F] = "SECRET-MARKER"
    pictures.gradient((640, 360)).save(path, exif=exif)
    known = ImageInput(
        path=path,
        name="a.jpg",
        format="jpeg",
        width=640,
        height=360,
        size_bytes=path.stat().st_size,
    )
    async with open_stage(look, tmp_path) as stage:
        stage.page.load_draft(replace(stage.page.draft, first_frame=known))
        await wait_until(lambda: stage.page.draft.first_frame not in (None, known))
        image = stage.page.draft.first_frame
        assert image is not None
        assert (image.name, image.width, image.height) == ("a.jpg", 640, 360)
        assert b"SECRET-MARKER" not in image.path.read_bytes()
        assert b"SECRET-MARKER" in path.read_bytes()


async def test_a_copy_that_cannot_be_saved_is_said(look: Look, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("no folder")
    async with open_stage(look, tmp_path) as stage:
        await stage.take(pictures.save(tmp_path / "x.tiff"))
        assert stage.slot().phase is SlotPhase.REFUSED
        assert stage.slot().message.startswith("The copy can't be saved.")


async def _wait_for_sheet(stage: CreateStage) -> CropSheet:
    found: list[CropSheet] = []

    def look_for() -> bool:
        found[:] = [s for s in stage.page.window().findChildren(CropSheet) if s.isVisible()]
        return bool(found)

    await wait_until(look_for)
    return found[0]
