from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication, QImage, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from kling_desktop.domain.catalog import Dimensions, ModelId
from kling_desktop.domain.draft import Draft, FrameRole
from kling_desktop.domain.money import Usual
from kling_desktop.domain.problems import Field
from kling_desktop.ui.create.slot_state import SlotPhase
from kling_desktop.ui.theme.look import Look
from tests.media import pictures
from tests.media.videos import make_video
from tests.ui.create_stage import open_stage, text_mime, wait_until

PRO_21 = ModelId("klingai:5@2")
MASTER_20 = ModelId("klingai:4@3")
FOLLOWING = ModelId("klingai:6@0")


async def test_says_word_for_word_why_generate_is_off(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        page = stage.page
        assert stage.reason == "Add a picture or write a prompt."
        page.prompt.edit.setPlainText("x")
        assert stage.reason == "The prompt needs at least 2 characters."
        page.prompt.edit.setPlainText("x" * 2512)
        assert stage.reason == "The prompt is 12 characters too long."
        page.prompt.edit.setPlainText("A paper boat")
        assert stage.reason == ""
        page.choose_model(FOLLOWING)
        assert stage.reason == "This model needs a first frame."
        await stage.take(pictures.save(tmp_path / "wide.png", (2049, 1000)))
        assert stage.reason == "Fix the first frame to go on."
        await stage.take(pictures.save(tmp_path / "good.png"))
        assert stage.reason == ""
        page.choose_model(Draft().model)
        page.start_over()
        assert page.footer.generate.disabled_reason == stage.reason
        assert page.footer.generate.accessibleDescription() == stage.reason
        page.undo()
        page.set_mode(sandbox=True)
        assert page.footer.generate.isEnabled()


async def test_generate_tells_the_draft_and_keeps_everything(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        page = stage.page
        page.set_draft(Draft(prompt="A paper boat", negative_prompt="blurry", takes=2))
        await stage.take(pictures.save(tmp_path / "boat.png"))
        page.choose_model(PRO_21)
        page.generate()
        (sent,) = stage.generated
        assert sent.negative_prompt == ""  # 2.1 Pro takes none; it is kept for other models
        assert sent.takes == 2
        assert page.draft.negative_prompt == "blurry"
        assert page.draft.prompt == "A paper boat"
        QTest.mouseClick(page.footer.generate, Qt.MouseButton.LeftButton)
        assert len(stage.generated) == 2


async def test_generates_nothing_while_something_is_in_the_way(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        stage.page.generate()
        stage.page.save_draft()
        assert stage.generated == []
        assert stage.saved == []
        stage.page.prompt.edit.setPlainText("x")
        stage.page.save_draft()
        assert [draft.prompt for draft in stage.saved] == ["x"]


async def test_button_and_cost_follow_takes_and_mode(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        page, footer = stage.page, stage.page.footer
        assert footer.cost_lines == ("About $0.35", "from past clips")
        footer.takes.setValue(2)
        assert page.draft.takes == 2
        assert footer.cost_lines == ("About $0.70", "2 × $0.35, from past clips")
        assert footer.generate.text() == "Generate 2 takes"
        page.set_mode(queues_only=True, cost_warning=Decimal("0.50"))
        assert footer.generate.text() == "Add to queue"
        page.set_mode(sandbox=True)
        assert footer.cost_lines[0] == "Free in the sandbox"
    async with open_stage(look, tmp_path, Usual()) as stage:
        assert stage.page.footer.cost_lines == ("Cost not known yet", "shown after the first clip")


async def test_tells_the_draft_once_after_a_pause(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        QTest.keyClicks(stage.page.prompt.edit, "boat")
        assert stage.changed == []
        await wait_until(lambda: stage.changed)
        assert [draft.prompt for draft in stage.changed] == ["boat"]


async def test_last_frame_switches_the_model_and_undo_brings_it_back(
    look: Look, tmp_path: Path
) -> None:
    first = pictures.save(tmp_path / "a-start.png")
    last = pictures.save(tmp_path / "b-end.png")
    async with open_stage(look, tmp_path) as stage:
        page = stage.page
        page.prompt.edit.setPlainText("The beam sweeps")
        await stage.take(last, first)
        assert (page.draft.model, page.draft.dimensions) == (PRO_21, Dimensions(1920, 1080))
        assert page.draft.first_frame is not None
        assert page.draft.first_frame.name == "a-start.png"
        assert page.draft.last_frame is not None
        assert page.frames.notice.isVisible()
        assert page.frames.notice.text == "Switched to 2.1 Pro, the model that takes a last frame."
        page.frames.notice.link.click()
        await stage.settle()
        assert page.draft.model == Draft().model
        assert page.draft.last_frame is None
        assert page.draft.prompt == "The beam sweeps"
        assert stage.slot(FrameRole.LAST).is_empty
        assert not page.frames.notice.isVisible()


async def test_a_draft_that_is_brought_switches_nothing(look: Look, tmp_path: Path) -> None:
    first = pictures.save(tmp_path / "a.png")
    async with open_stage(look, tmp_path) as stage:
        await stage.take(first)
        image = stage.page.draft.first_frame
        draft = Draft(model=MASTER_20, first_frame=image, last_frame=image, prompt="Boat")
        stage.page.set_draft(draft, "From lanterns-rise_a41c")
        await stage.settle()
        assert stage.page.draft == draft
        assert stage.page.source == "From lanterns-rise_a41c"
        assert stage.reason == "Kling 2.0 Master takes no last frame. Only Kling 2.1 Pro does."


async def test_start_over_empties_and_undo_brings_all_back(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        page = stage.page
        await stage.take(pictures.save(tmp_path / "boat.png"))
        page.prompt.edit.setPlainText("A paper boat")
        before = page.draft
        page.header.restart.click()
        assert page.draft == Draft()
        assert stage.slot().is_empty
        assert page.prompt.text() == ""
        assert page.undo()
        await stage.settle()
        assert page.draft == before
        assert stage.slot().phase is SlotPhase.READY
        assert page.prompt.text() == "A paper boat"


async def test_removing_a_picture_can_be_undone(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        await stage.take(pictures.save(tmp_path / "boat.png"))
        slot = stage.page.frames.slots[FrameRole.FIRST]
        slot.setFocus()
        QTest.keyClick(slot, Qt.Key.Key_Delete)
        assert stage.page.draft.first_frame is None
        stage.page.undo()
        await stage.settle()
        assert stage.page.draft.first_frame is not None


async def test_undo_goes_back_by_steps_and_loses_no_other_change(
    look: Look, tmp_path: Path
) -> None:
    async with open_stage(look, tmp_path) as stage:
        page = stage.page
        QTest.keyClicks(page.prompt.edit, "A paper")
        QTest.keyClicks(page.prompt.edit, " boat")
        page.footer.takes.setValue(2)
        await stage.take(pictures.save(tmp_path / "boat.png"))
        page.choose_model(ModelId("klingai:5@3"))
        QTest.keyClicks(page.prompt.edit, " drifts")
        expected = [
            ("A paper boat", 2, True, ModelId("klingai:5@3")),
            ("A paper boat", 2, True, Draft().model),
            ("A paper boat", 2, False, Draft().model),
            ("A paper boat", 1, False, Draft().model),
            ("", 1, False, Draft().model),
        ]
        for step in expected:
            assert page.undo()
            draft = page.draft
            had_frame = draft.first_frame is not None
            assert (draft.prompt, draft.takes, had_frame, draft.model) == step
        assert not page.undo()
        await stage.settle()


async def test_what_an_input_method_holds_is_sent_as_it_is_seen(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        edit = stage.page.prompt.edit
        QTest.keyClicks(edit, "A boat ")
        QApplication.sendEvent(edit, QInputMethodEvent("漂う", []))
        assert stage.page.draft.prompt == "A boat ", "not taken over yet"
        stage.page.generate()
        (sent,) = stage.generated
        assert sent.prompt == "A boat 漂う"
        assert edit.toPlainText() == "A boat 漂う"
        stage.page.generate()
        assert stage.generated[1] == sent, "and only once"


async def test_unusable_files_never_take_the_place_of_a_picture(look: Look, tmp_path: Path) -> None:
    video = make_video(tmp_path / "clip.mp4", (640, 360), frames=10)
    notes = tmp_path / "notes.txt"
    notes.write_text("no picture")
    async with open_stage(look, tmp_path) as stage:
        page, refusal = stage.page, stage.page.frames.refusal
        await stage.take(pictures.save(tmp_path / "boat.png"))
        image = page.draft.first_frame
        for file in (notes, tmp_path / "missing.png", video):
            page.take_picture_files([file])
            assert page.draft.first_frame == image, "while it is looked at"
            await stage.settle()
            assert page.draft.first_frame == image
            assert stage.slot().phase is SlotPhase.READY
            assert refusal.isVisible()
            assert refusal.text.startswith(f"{file.name} can't be used. ")
            assert refusal.text.endswith(" The slot keeps its picture.")
            assert stage.reason == ""
        assert refusal.links[0].text() == "Use its last frame"
        refusal.links[0].click()
        await stage.settle()
        assert page.draft.first_frame is not None
        assert page.draft.first_frame.name == "clip, last frame"
        assert not refusal.isVisible()
        assert page.undo()
        await stage.settle()
        assert page.draft.first_frame == image


async def test_an_unusable_last_frame_switches_no_model(look: Look, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("no picture")
    async with open_stage(look, tmp_path) as stage:
        await stage.take(pictures.save(tmp_path / "boat.png"))
        await stage.take(notes, role=FrameRole.LAST)
        assert stage.page.draft.model == Draft().model


async def test_a_draft_that_is_still_checked_keeps_its_own_picture(
    look: Look, tmp_path: Path
) -> None:
    wide = pictures.save(tmp_path / "wide.png", (2100, 1000))
    notes = tmp_path / "notes.txt"
    notes.write_text("no picture")
    async with open_stage(look, tmp_path) as stage:
        await stage.take(wide)
        draft = stage.page.draft
        await stage.take(pictures.save(tmp_path / "boat.png"))
        stage.page.set_draft(draft)
        assert stage.slot().phase is SlotPhase.CHECKING
        await stage.take(notes)
        await wait_until(lambda: stage.slot().phase is SlotPhase.NEEDS_FIX)
        assert stage.page.draft == draft


async def test_a_failed_crop_keeps_the_picture(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        await stage.take(pictures.save(tmp_path / "photo.jpg", (1200, 800)))
        image = stage.page.draft.first_frame
        (tmp_path / "kept").write_text("no folder: nothing can be saved there")
        stage.page.frames.advice.links[0].click()
        await stage.settle()
        assert stage.page.draft.first_frame == image
        assert stage.page.frames.refusal.isVisible()


async def test_the_clip_takes_the_pictures_shape_by_one_click(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        await stage.take(pictures.save(tmp_path / "photo.jpg", (720, 1280)))
        advice = stage.page.frames.advice
        assert advice.links[0].text() == "Make the clip 9:16"
        advice.links[0].click()
        assert stage.page.draft.dimensions == Dimensions(720, 1280)
        assert not advice.isVisible()
        stage.page.undo()
        assert stage.page.draft.dimensions == Dimensions(1280, 720)


async def test_changing_the_model_points_at_what_changed(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        page = stage.page
        page.set_draft(replace(Draft(), dimensions=Dimensions(720, 1280), duration_s=10))
        page.choose_model(ModelId("klingai:5@3"))
        assert page.draft.dimensions == Dimensions(1080, 1920)
        assert page.draft.duration_s == 10
        assert not page.options.is_highlighted(Field.DIMENSIONS)
        page.choose_model(FOLLOWING)
        assert page.draft.dimensions is None
        assert page.options.is_highlighted(Field.DIMENSIONS)
        assert not page.options.is_highlighted(Field.DURATION)


async def test_picker_way_out_removes_the_last_frame(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        page = stage.page
        await stage.take(pictures.save(tmp_path / "a.png"), pictures.save(tmp_path / "b.png"))
        page.open_models()
        assert page.picker is not None
        page.picker.way_out_chosen.emit(MASTER_20)
        assert page.draft.model == MASTER_20
        assert page.draft.last_frame is None
        assert page.draft.first_frame is not None
        page.picker.close()


async def test_gone_model_is_marked_and_off(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        stage.page.prompt.edit.setPlainText("Boat")
        stage.page.mark_gone({Draft().model})
        assert stage.reason == "Runware no longer offers this model."
        stage.page.mark_gone(())
        assert stage.reason == ""


@pytest.mark.parametrize("missing", [True, False])
async def test_a_kept_draft_notices_a_picture_that_moved(
    look: Look, tmp_path: Path, *, missing: bool
) -> None:
    path = pictures.save(tmp_path / "boat.png")
    async with open_stage(look, tmp_path) as stage:
        await stage.take(path)
        draft = stage.page.draft
    if missing:
        path.rename(tmp_path / "elsewhere.png")
    async with open_stage(look, tmp_path) as stage:
        stage.page.set_draft(draft)
        await stage.settle()
        if missing:
            await wait_until(lambda: stage.slot().phase is SlotPhase.MOVED)
            card = stage.page.frames.cards[FrameRole.FIRST].card
            assert card is not None
            assert (card.title, card.main.text) == ("The picture has moved", "Find it…")
            assert card.note == "Queued clips keep their own copy and are safe."
            assert stage.page.draft == draft  # nothing is forgotten
            (tmp_path / "elsewhere.png").rename(path)
            stage.page.recheck_pictures()
            await wait_until(lambda: stage.slot().phase is SlotPhase.READY)
        assert stage.slot().phase is SlotPhase.READY


async def test_a_kept_draft_offers_the_repair_again(look: Look, tmp_path: Path) -> None:
    path = pictures.save(tmp_path / "wide.png", (2100, 1000))
    async with open_stage(look, tmp_path) as stage:
        await stage.take(path)
        draft = stage.page.draft
    async with open_stage(look, tmp_path) as stage:
        stage.page.set_draft(draft)
        await stage.settle()
        assert stage.slot().phase is SlotPhase.NEEDS_FIX
        assert stage.slot().fix is not None


async def test_clipboard_gives_files_pictures_and_words(look: Look, tmp_path: Path) -> None:
    clipboard = QGuiApplication.clipboard()
    async with open_stage(look, tmp_path) as stage:
        image = QImage(640, 360, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.darkGreen)
        clipboard.setImage(image)
        assert stage.page.take_clipboard()
        await stage.settle()
        frame = stage.page.draft.first_frame
        assert frame is not None
        assert (frame.name, frame.width, frame.height) == ("Pasted picture", 640, 360)
        clipboard.setText("Slow push in")
        stage.page.take_clipboard()
        assert stage.page.draft.prompt == "Slow push in"
        clipboard.setImage(image)
        stage.page.frames.remove(FrameRole.FIRST)
        stage.page.focus_prompt()
        QTest.keyClick(stage.page.prompt.edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        await stage.settle()
        assert stage.page.draft.first_frame is not None
        assert stage.page.draft.prompt == "Slow push in"
    clipboard.clear()


async def test_takes_says_what_could_become_a_frame(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        assert not stage.page.takes(text_mime("words"))
        assert not stage.page.takes(QMimeData())


async def test_keyboard_goes_through_in_the_order_of_the_design(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        page = stage.page
        await stage.take(pictures.save(tmp_path / "boat.png"))
        wanted = [
            page.frames.slots[FrameRole.FIRST],
            page.frames.slots[FrameRole.LAST],
            page.prompt.edit,
            page.model,
            page.options.shape,
            page.options.length,
            page.options.options,
            page.footer.takes,
            page.footer.generate,
            page.footer.save,
            page.header.recent,
        ]
        chain = _list_tab_stops(page)
        places = [
            next(i for i, stop in enumerate(chain) if stop is widget or widget.isAncestorOf(stop))
            for widget in wanted
        ]
        assert places == sorted(places)


async def test_every_control_has_a_name_in_every_state(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        page = stage.page
        _assert_named(page)
        page.options.options.set_expanded(True)
        await stage.take(pictures.save(tmp_path / "a.png"), pictures.save(tmp_path / "b.png"))
        _assert_named(page)
        await stage.take(pictures.save(tmp_path / "thin.png", (3000, 200)))
        _assert_named(page)
        page.open_models()
        assert page.picker is not None
        _assert_named(page.picker)
        page.picker.close()


async def test_low_windows_get_a_lower_slot(look: Look, tmp_path: Path) -> None:
    async with open_stage(look, tmp_path) as stage:
        slot = stage.page.frames.slots[FrameRole.FIRST]
        await stage.take(pictures.save(tmp_path / "a.png"))
        assert slot.sizeHint().height() == 178
        stage.page.resize(324, 662)
        assert slot.sizeHint().height() == 120


def _list_tab_stops(page: QWidget) -> list[QWidget]:
    stops: list[QWidget] = []
    widget = page.nextInFocusChain()
    while widget is not None and widget is not page:
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            stops.append(widget)
        widget = widget.nextInFocusChain()
    return stops


def _assert_named(root: QWidget) -> None:
    nameless = [
        widget
        for widget in root.findChildren(QWidget)
        if widget.isVisibleTo(root)
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.accessibleName()
        and not (isinstance(widget, QAbstractButton) and widget.text())
        and widget.focusProxy() is None
    ]
    assert nameless == []
