"""The queue panel by hand: pointer, keys, menu, drag, cards, questions and ways back."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QHelpEvent,
    QPainter,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QToolTip,
    QWidget,
)

from kling_desktop.domain.draft import Draft
from kling_desktop.domain.events import Activity, CapSums, Network, PauseReason
from kling_desktop.domain.job import Job, JobState, Service
from kling_desktop.media.thumbnails import picture_key
from kling_desktop.ui.controls.announcer import Announcer
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.controls.painted_button import PaintedButton
from kling_desktop.ui.overlays.menu import Menu
from kling_desktop.ui.overlays.notices import Notice
from kling_desktop.ui.queue.attention_card import AttentionCard
from kling_desktop.ui.queue.queue_actions import QueueActions, QueueTarget
from kling_desktop.ui.queue.queue_rows import RowKind
from kling_desktop.ui.queue.queue_view import QueueView
from kling_desktop.ui.queue.row_roles import RowRole
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.theme import Appearance, ThemeChoice
from kling_desktop.wording.actions import Action, name_action
from kling_desktop.wording.formatting import clock_time
from tests.ui.clip_samples import until
from tests.ui.create_stage import drag_place
from tests.ui.pointer import double_click, enter, move
from tests.ui.queue_stage import Stage, open_stage, picture

S = JobState
LEFT = Qt.MouseButton.LeftButton


class QueuePanel:
    """A page over a stage, and what it asked of the window."""

    def __init__(self, look: Look, stage: Stage) -> None:
        self.stage = stage
        self.page = stage.build_page(look)
        self.view, self.model = self.page.view, self.page.model
        self.asked: list[tuple[object, ...]] = []
        for name in ("edit", "clip", "remix", "reveal", "details", "key", "folder", "limits"):
            signal = getattr(self.page, f"{name}_wanted")
            signal.connect(lambda *args, name=name: self.asked.append((name, *args)))

    def close(self) -> None:
        self.page.close_down()
        self.page.close()
        self.page.deleteLater()

    async def sync(self) -> None:
        await settle()  # a reader sees a commit a moment before the loop is told of it
        self.model.sync()
        await settle()

    def rect(self, job: Job, kind: RowKind = RowKind.JOB) -> QRect:
        row = self.model.find_row(kind, job.id)
        assert row is not None
        return self.view.visualRect(self.model.index(row))

    def choose(self, job: Job) -> None:
        row = self.model.find_row(RowKind.JOB, job.id)
        assert row is not None
        self.view.setCurrentIndex(self.model.index(row))

    def icon_place(self, rect: QRect, number_from_right: int) -> QPoint:
        return QPoint(rect.right() - 24 - 26 * number_from_right, rect.top() + 19)

    def click(self, place: QPoint) -> None:
        move(self.view.viewport(), place)
        QTest.mouseClick(self.view.viewport(), LEFT, pos=place)

    def button(self, text: str, inside: QWidget | None = None) -> PaintedButton:
        found = [
            button
            for button in (inside or self.page).findChildren(PaintedButton)
            if button.text() == text and button.isVisible()
        ]
        assert found, f"no button “{text}”"
        return found[0]

    def cards(self) -> list[AttentionCard]:
        return [card for card in self.view.findChildren(AttentionCard) if card.isVisible()]

    async def answer(self, text: str) -> str:
        """Answer the question that comes up; return its words."""
        await until(lambda: self._dialog() is not None)
        dialog = self._dialog()
        assert dialog is not None
        words = " ".join(label.text() for label in dialog.findChildren(Label))
        self.button(text, dialog).click()
        await until(lambda: self._dialog() is None)
        return words

    def _dialog(self) -> QDialog | None:
        return next((x for x in self.page.window().findChildren(QDialog) if x.isVisible()), None)


async def settle() -> None:
    for _ in range(12):
        await asyncio.sleep(0.002)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path) as stage:
        yield stage


@pytest.fixture
async def panel(stage: Stage, look: Look) -> AsyncIterator[QueuePanel]:
    panel = QueuePanel(look, stage)
    yield panel
    panel.close()


def state(stage: Stage, job: Job) -> JobState:
    return stage.jobs.get_job(job.id).state


def offer(notice: Notice, text: str) -> Callable[[], object]:
    return next(offer.act for offer in notice.offers if offer.text == text)


# -- what is seen ---------------------------------------------------------------------------------


async def _fill_with_everything(stage: Stage) -> None:
    frame = picture()
    await stage.make(S.DONE, "done", first_frame=frame, cost_usd=Decimal("0.35"))
    for code in ("content_rejected", "insufficient_credits", "model_gone"):
        await stage.make(S.FAILED, code, error_code=code)
    await stage.make(S.CANCELLED, "cancelled")
    unsure = await stage.make(S.UNCONFIRMED, "discarded")
    await stage.jobs.advance(unsure, S.CANCELLED, error_code="outcome_unknown")
    takes = await stage.add("takes", "takes", group="g")
    for job in takes:
        await stage.carry(job, S.DONE)
    await stage.make(S.UNCONFIRMED, "unsure")
    asked = await stage.make(S.UNCONFIRMED, "asked")
    stage.report(asked, Activity.ASKING)
    await stage.make(S.RUNNING, "running", first_frame=frame)
    stage.clock.jump(-7200)
    await stage.make(S.RUNNING, "long")
    stage.clock.jump(7200)
    await stage.make(S.RUNNING, "let go", watching=False)
    fetched = await stage.make(S.DOWNLOADING, "fetched")
    stage.report(fetched, Activity.DOWNLOADING, done_bytes=2**20, total_bytes=2**21)
    stuck = await stage.make(S.DOWNLOADING, "stuck")
    stage.report(stuck, Activity.WAITING, done_bytes=2**20, next_try_at=stage.ago(-40))
    sent = await stage.make(S.SUBMITTING, "sent", first_frame=frame)
    stage.report(sent, Activity.UPLOADING, done_bytes=10, total_bytes=20)
    await stage.add("queued", "queued too")
    await stage.add("other", service=Service.SANDBOX)
    await stage.drafts.save(Draft(prompt="draft"))


@pytest.mark.parametrize("theme", [ThemeChoice.DARK, ThemeChoice.LIGHT])
@pytest.mark.parametrize("pause", [None, PauseReason.BUDGET_DAY])
@pytest.mark.parametrize("network", [Network.ONLINE, Network.OFFLINE])
async def test_every_state_is_painted_in_rows_of_the_right_height(
    stage: Stage, look: Look, theme: ThemeChoice, pause: PauseReason | None, network: Network
) -> None:
    look.themes.set_choice(Appearance(theme=theme))
    await _fill_with_everything(stage)
    stage.set_status(pause=pause, network=network, running=5)
    panel = QueuePanel(look, stage)
    panel.page.resize(340, 3000)
    for job in panel.model.unfinished:
        panel.model.toggle_card(job.id)
    await until(lambda: panel.cards())
    await settle()
    heights = {RowKind.SECTION: 32, RowKind.JOB: 64, RowKind.DRAFT: 64, RowKind.TAKES: 64}
    for row in range(panel.model.rowCount()):
        index = panel.model.index(row)
        rect = panel.view.visualRect(index)
        kind = index.data(RowRole.KIND)
        assert rect.height() == heights.get(kind, rect.height()), index.data()
    for card in panel.cards():
        assert card.height() == card.height_at(card.width())
        for button in card.findChildren(PaintedButton):
            assert button.width() >= button.sizeHint().width()  # no words are cut
    image = panel.page.grab().toImage()
    still = image.pixelColor(16 + 32, panel.view.y() + panel.rect(_running(stage)).y() + 90)
    assert still.isValid()
    panel.close()


def _running(stage: Stage) -> Job:
    return next(job for job in stage.jobs.list_active() if job.draft.prompt == "running")


async def test_bars_turn_grey_and_the_last_answer_is_told_while_offline(
    stage: Stage, panel: QueuePanel, look: Look
) -> None:
    job = await stage.make(S.RUNNING, "boat")
    stage.report(job, Activity.GENERATING, last_answer_at=stage.ago(60))
    stage.set_status(network=Network.OFFLINE)
    await panel.sync()
    row = panel.model.find_row(RowKind.JOB, job.id)
    words = panel.model.index(row or 0).data(RowRole.CONTENT).face.words
    at = clock_time(stage.ago(60), stage.now())
    assert words.right == f"last checked {at}"
    assert words.stalled
    rect = panel.rect(job)
    image = panel.view.viewport().grab().toImage()
    accent = look.theme.color("accent-text")
    colours = {
        image.pixelColor(x, y).name()
        for y in range(rect.top(), rect.bottom())
        for x in range(92, rect.right())
    }
    assert accent.name() not in colours


async def test_the_empty_queue_says_what_comes_here(stage: Stage, panel: QueuePanel) -> None:
    words = [label.text() for label in panel.page.findChildren(Label) if label.isVisible()]
    assert "The queue is empty" in words
    await stage.add("boat")
    await panel.sync()
    assert panel.view.isVisible()


async def test_every_widget_that_takes_the_focus_has_a_name(
    stage: Stage, panel: QueuePanel
) -> None:
    await stage.make(S.UNCONFIRMED, "unsure")
    await panel.sync()
    await until(lambda: panel.cards())
    nameless = [
        widget
        for widget in panel.page.findChildren(QWidget)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and widget.isVisible()
        and not (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()))
        and widget is not panel.view.viewport()
    ]
    assert not nameless


# -- pointer ----------------------------------------------------------------------------------------


async def test_icons_of_a_row_act_when_they_are_clicked(stage: Stage, panel: QueuePanel) -> None:
    one, two = await stage.add("one", "two")
    done = await stage.make(S.DONE, "done")
    await panel.sync()
    panel.click(panel.icon_place(panel.rect(two), 2))
    await until(lambda: stage.jobs.list_active()[0].id == two.id)
    panel.click(panel.icon_place(panel.rect(one), 1))
    assert panel.asked.pop() == ("edit", stage.jobs.get_job(one.id).draft, one.id)
    await settle()
    panel.click(panel.icon_place(panel.rect(one), 0))
    await until(lambda: state(stage, one) is S.CANCELLED and stage.told)
    assert "nothing was charged" in stage.told[-1].text
    await panel.sync()
    for number, name in ((2, "clip"), (1, "remix"), (0, "reveal")):
        panel.click(panel.icon_place(panel.rect(done), number))
        assert panel.asked.pop() == (name, stage.jobs.get_job(done.id))


async def test_the_right_button_acts_on_no_icon(stage: Stage, panel: QueuePanel) -> None:
    (one,) = await stage.add("one")
    await panel.sync()
    place = panel.icon_place(panel.rect(one), 1)
    QTest.mouseClick(panel.view.viewport(), Qt.MouseButton.RightButton, pos=place)
    assert panel.asked == []


async def test_pressing_on_an_icon_and_letting_go_elsewhere_does_nothing(
    stage: Stage, panel: QueuePanel
) -> None:
    (one,) = await stage.add("one")
    await panel.sync()
    place = panel.icon_place(panel.rect(one), 1)
    QTest.mousePress(panel.view.viewport(), LEFT, pos=place)
    QTest.mouseRelease(panel.view.viewport(), LEFT, pos=place - QPoint(120, 0))
    assert panel.asked == []


async def test_links_of_the_second_line(stage: Stage, panel: QueuePanel) -> None:
    failed = await stage.make(S.FAILED, "failed", error_code="generation_failed")
    poor = await stage.make(S.FAILED, "poor", error_code="insufficient_credits")
    saved = await stage.drafts.save(Draft(prompt="a draft that can go"))
    await panel.sync()

    def link(rect: QRect) -> QPoint:
        return QPoint(rect.right() - 24, rect.top() + 40)

    panel.click(link(panel.rect(failed)))
    await until(lambda: panel.cards())
    panel.button("Show details", panel.cards()[0]).click()
    assert panel.asked.pop() == ("details", failed)
    panel.click(link(panel.rect(poor)))
    await until(lambda: len(stage.jobs.list_active()) == 1)
    assert stage.jobs.list_active()[0].retry_of == poor.id
    await panel.sync()
    row = panel.model.find_row(RowKind.DRAFT, saved.id)
    panel.click(link(panel.view.visualRect(panel.model.index(row or 0))))
    await until(lambda: len(stage.jobs.list_active()) == 2)
    await until(lambda: not stage.drafts.list_drafts())


async def test_the_pointer_is_told_of_by_hover_and_tooltip(
    stage: Stage, panel: QueuePanel, look: Look
) -> None:
    (one,) = await stage.add("one")
    await panel.sync()
    rect = panel.rect(one)
    place = panel.icon_place(rect, 0)
    enter(panel.view.viewport(), place)
    await until(lambda: panel.view.viewport().underMouse())
    await settle()
    image = panel.view.viewport().grab().toImage()
    assert image.pixelColor(4, rect.center().y()) == QColor(look.theme.color("hover"))
    assert panel.view.viewport().cursor().shape() == Qt.CursorShape.PointingHandCursor
    asked = QHelpEvent(QEvent.Type.ToolTip, place, panel.view.viewport().mapToGlobal(place))
    QApplication.sendEvent(panel.view.viewport(), asked)
    assert QToolTip.text() == "Cancel"
    QToolTip.hideText()


async def test_a_double_click_edits_a_waiting_job_and_shows_a_done_one(
    stage: Stage, panel: QueuePanel
) -> None:
    (one,) = await stage.add("one")
    done = await stage.make(S.DONE, "done")
    await panel.sync()
    for job, expected in ((one, "edit"), (done, "clip")):
        double_click(panel.view.viewport(), panel.rect(job).topLeft() + QPoint(30, 30))
        assert panel.asked.pop()[0] == expected


# -- keys -------------------------------------------------------------------------------------------


async def test_arrows_step_over_headings(stage: Stage, panel: QueuePanel) -> None:
    one, two = await stage.add("one", "two")
    done = await stage.make(S.DONE, "done")
    await panel.sync()
    seen: list[str] = []
    panel.choose(one)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Home):
        QTest.keyClick(panel.view, key)
        seen.append(str(panel.view.currentIndex().data()))
    assert seen == [two.title, done.title, done.title, one.title]
    QTest.keyClick(panel.view, Qt.Key.Key_End)
    QTest.keyClick(panel.view, Qt.Key.Key_Up)
    assert panel.view.currentIndex().data() == two.title


async def test_the_chosen_row_has_a_ring_when_it_was_reached_by_key(
    stage: Stage, panel: QueuePanel, look: Look
) -> None:
    (one,) = await stage.add("one")
    await panel.sync()
    panel.choose(one)
    ring = QColor(look.theme.color("focus"))

    def has_ring() -> bool:
        image = panel.view.viewport().grab().toImage()
        return image.pixelColor(3, panel.rect(one).center().y()) == ring

    panel.page.window().activateWindow()
    panel.view.clearFocus()
    panel.view.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not has_ring()
    panel.view.clearFocus()
    panel.view.setFocus(Qt.FocusReason.TabFocusReason)
    assert has_ring()


async def test_enter_and_delete(stage: Stage, panel: QueuePanel) -> None:
    (one,) = await stage.add("one")
    done = await stage.make(S.DONE, "done")
    saved = await stage.drafts.save(Draft(prompt="draft"))
    await panel.sync()
    panel.choose(done)
    QTest.keyClick(panel.view, Qt.Key.Key_Return)
    assert panel.asked.pop() == ("clip", done)
    QTest.keyClick(panel.view, Qt.Key.Key_Delete)
    await until(lambda: not stage.jobs.list_history(9))
    assert stage.jobs.get_job(done.id).state is S.DONE
    await until(lambda: stage.told)
    offer(stage.told[-1], "Undo")()
    await until(lambda: stage.jobs.list_history(9))
    panel.choose(one)
    QTest.keyClick(panel.view, Qt.Key.Key_Delete)
    await until(lambda: state(stage, one) is S.CANCELLED)
    row = panel.model.find_row(RowKind.DRAFT, saved.id)
    panel.view.setCurrentIndex(panel.model.index(row or 0))
    QTest.keyClick(panel.view, Qt.Key.Key_Delete)
    await until(lambda: stage.told[-1].title == "Draft deleted")
    assert not stage.drafts.list_drafts()
    offer(stage.told[-1], "Undo")()
    await until(lambda: [draft.draft for draft in stage.drafts.list_drafts()] == [saved.draft])


async def test_alt_down_moves_a_job_again_and_again(stage: Stage, panel: QueuePanel) -> None:
    one, two, three = await stage.add("one", "two", "three")
    await panel.sync()
    panel.choose(one)
    for expected in ([two, one, three], [two, three, one], [two, three, one]):
        panel.page.move_current(1)
        await settle()
        await panel.sync()
        assert [job.id for job in stage.jobs.list_active()] == [job.id for job in expected]
        assert panel.view.currentIndex().data(RowRole.JOB).id == one.id
    panel.page.move_current(-1)
    await until(lambda: stage.jobs.list_active()[1].id == one.id)


async def test_the_menu_acts_on_its_row_though_rows_move_meanwhile(
    stage: Stage, panel: QueuePanel
) -> None:
    one, two = await stage.add("one", "two")
    await panel.sync()
    place = panel.rect(two).center()
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Mouse, place, panel.view.viewport().mapToGlobal(place)
    )
    QApplication.sendEvent(panel.view.viewport(), event)
    menu = panel.page.findChild(Menu)
    assert isinstance(menu, Menu)
    await stage.jobs.advance(one, S.CANCELLED)
    await panel.sync()
    next(action for action in menu.actions() if action.text() == "Cancel").trigger()
    menu.close()
    await until(lambda: state(stage, two) is S.CANCELLED)


async def test_takes_unfold_by_key_and_by_click(stage: Stage, panel: QueuePanel) -> None:
    for job in await stage.add("takes", "takes", group="g"):
        await stage.carry(job, S.DONE)
    await panel.sync()
    panel.view.setCurrentIndex(panel.model.index(1))
    QTest.keyClick(panel.view, Qt.Key.Key_Right)
    assert panel.model.rowCount() == 4
    QTest.keyClick(panel.view, Qt.Key.Key_Left)
    assert panel.model.rowCount() == 2
    await settle()
    rect = panel.view.visualRect(panel.model.index(1))
    panel.click(QPoint(rect.right() - 24, rect.top() + 19))
    assert panel.model.rowCount() == 4
    panel.view.setCurrentIndex(panel.model.index(1))
    QTest.keyClick(panel.view, Qt.Key.Key_Return)
    assert panel.asked.pop()[0] == "clip"
    QTest.keyClick(panel.view, Qt.Key.Key_Delete)
    await until(lambda: not stage.jobs.list_history(9))


# -- drag -------------------------------------------------------------------------------------------


async def test_dropping_a_row_reorders_and_a_line_shows_where(
    stage: Stage, panel: QueuePanel, look: Look
) -> None:
    one, two, three = await stage.add("one", "two", "three")
    done = await stage.make(S.DONE, "done")
    await panel.sync()
    row = panel.model.find_row(RowKind.JOB, three.id)
    data: QMimeData = panel.model.mimeData([panel.model.index(row or 0)])
    move, button = Qt.DropAction.MoveAction, LEFT
    no_key = Qt.KeyboardModifier.NoModifier
    viewport = panel.view.viewport()
    panel.view.clearFocus()  # a ring would be of the line's colour
    top = QPointF(panel.rect(one).topLeft() + QPoint(40, 6))
    QApplication.sendEvent(
        viewport, QDragEnterEvent(drag_place(top.toPoint()), move, data, button, no_key)
    )
    over = QDragMoveEvent(drag_place(top.toPoint()), move, data, button, no_key)
    QApplication.sendEvent(viewport, over)
    assert over.isAccepted()
    image = viewport.grab().toImage()
    line = QColor(look.theme.color("focus"))
    edge = panel.rect(one).top()
    assert sum(image.pixelColor(200, edge + dy) == line for dy in range(-4, 5)) == 2
    wrong = QDragMoveEvent(drag_place(panel.rect(done).center()), move, data, button, no_key)
    QApplication.sendEvent(viewport, wrong)
    assert not wrong.isAccepted()
    drop = QDropEvent(top, move, data, button, no_key)
    QApplication.sendEvent(viewport, drop)
    await until(lambda: [j.id for j in stage.jobs.list_active()] == [three.id, one.id, two.id])
    await panel.sync()
    end = QPointF(panel.rect(two).bottomLeft() + QPoint(40, -3))
    QApplication.sendEvent(
        viewport, QDragEnterEvent(drag_place(end.toPoint()), move, data, button, no_key)
    )
    QApplication.sendEvent(viewport, QDropEvent(end, move, data, button, no_key))
    await until(lambda: stage.jobs.list_active()[-1].id == three.id)


async def test_a_row_may_be_moved_in_the_line_or_copied_out_of_it(panel: QueuePanel) -> None:
    actions = panel.model.supportedDragActions()
    assert actions == Qt.DropAction.MoveAction | Qt.DropAction.CopyAction
    # Moving inside alone would keep the rows in their list.
    assert panel.view.dragDropMode() is panel.view.DragDropMode.DragDrop
    assert panel.view.defaultDropAction() is Qt.DropAction.MoveAction


async def test_what_comes_to_an_end_is_said_aloud(
    stage: Stage, panel: QueuePanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(Announcer, "announce", lambda _, sentence: said.append(sentence))
    job = await stage.make(S.RUNNING, "boat")
    await panel.sync()
    stage.report(job, Activity.GENERATING, percent=10)
    await panel.sync()
    assert said == []
    job = await stage.jobs.advance(job, S.DOWNLOADING)
    await stage.jobs.finish(job, stage.build_video(job))
    await panel.sync()
    assert said == ["Clip ready: boat"]


# -- cards and questions ------------------------------------------------------------------------------


async def test_an_unknown_submission_is_checked_sent_again_or_discarded(
    stage: Stage, panel: QueuePanel
) -> None:
    await stage.make(S.DONE, "past", cost_usd=Decimal("0.35"))
    job = await stage.make(S.UNCONFIRMED, "unsure")
    await panel.sync()
    await until(lambda: panel.cards())
    (card,) = panel.cards()
    assert [b.text() for b in card.findChildren(PaintedButton)] == [
        "Check with Runware", "Send again, risk $0.35", "Discard",
    ]  # fmt: skip
    panel.button("Check with Runware").click()
    await settle()
    assert state(stage, job) is S.UNCONFIRMED
    panel.button("Send again, risk $0.35").click()
    words = await panel.answer("Cancel")
    assert "about $0.35 is charged a second time" in words
    assert state(stage, job) is S.UNCONFIRMED
    panel.button("Send again, risk $0.35").click()
    await panel.answer("Send again, risk $0.35")
    await until(lambda: [j.retry_of for j in stage.jobs.list_active()] == [job.id])
    assert state(stage, job) is S.CANCELLED
    await panel.sync()
    await until(lambda: not panel.cards())
    other = await stage.make(S.UNCONFIRMED, "another")
    await panel.sync()
    await until(lambda: panel.cards())
    panel.button("Discard").click()
    await until(lambda: stage.jobs.get_job(other.id).error_code == "outcome_unknown")


async def test_stop_waiting_asks_first_and_says_that_it_is_charged(
    stage: Stage, panel: QueuePanel
) -> None:
    job = await stage.make(S.RUNNING, "boat")
    await panel.sync()
    panel.choose(job)
    QTest.keyClick(panel.view, Qt.Key.Key_Delete)
    words = await panel.answer("Keep waiting")
    assert "Stop waiting for this clip?" in words
    assert "Runware has already started it, so it is still charged." in words
    assert stage.jobs.get_job(job.id).watching
    QTest.keyClick(panel.view, Qt.Key.Key_Delete)
    await panel.answer("Stop waiting")
    await until(lambda: not stage.jobs.get_job(job.id).watching)
    await panel.sync()
    assert "Not waited for" in [panel.model.index(r).data() for r in range(panel.model.rowCount())]


async def test_clear_finished_hides_rows_and_can_be_undone(stage: Stage, panel: QueuePanel) -> None:
    for prompt in ("one", "two"):
        await stage.make(S.DONE, prompt)
    await panel.sync()
    panel.button("Clear finished").click()
    await until(lambda: not stage.jobs.list_history(9))
    assert len(stage.jobs.list_history(9, include_hidden=True)) == 2
    await until(lambda: stage.told)
    offer(stage.told[-1], "Undo")()
    await until(lambda: len(stage.jobs.list_history(9)) == 2)


async def test_a_draft_that_is_not_ready_goes_to_create_and_is_not_lost(
    stage: Stage, panel: QueuePanel
) -> None:
    saved = await stage.drafts.save(Draft(prompt=""))
    await panel.sync()
    row = panel.model.find_row(RowKind.DRAFT, saved.id) or 0
    panel.click(panel.icon_place(panel.view.visualRect(panel.model.index(row)), 1))
    await until(lambda: ("edit", saved.draft, None) in panel.asked)
    assert stage.jobs.list_active() == ()


async def test_pause_and_resume(stage: Stage, panel: QueuePanel) -> None:
    await stage.add("boat")
    await stage.engine.start()
    await until(lambda: stage.engine.status.pause is PauseReason.KEY_MISSING)
    await panel.sync()
    panel.button("Resume").click()
    assert panel.asked.pop() == ("key",)


async def test_pause_all_survives_and_resume_lifts_it(tmp_path: Path, look: Look) -> None:
    async with open_stage(tmp_path) as stage:
        await stage.add("boat")
        panel = QueuePanel(look, stage)
        panel.button("Pause all").click()
        await until(lambda: stage.settings.current.queue_paused)
        stage.set_status(pause=PauseReason.USER)
        panel.button("Resume").click()
        await until(lambda: not stage.settings.current.queue_paused)
        panel.close()


@pytest.mark.parametrize(
    ("pause", "asked"),
    [
        (PauseReason.KEY_MISSING, ("key",)),
        (PauseReason.KEY_REFUSED, ("key",)),
        (PauseReason.LIBRARY, ("folder",)),
        (PauseReason.DISK_FULL, ("folder",)),
    ],
)
async def test_resume_leads_to_what_is_wrong(
    stage: Stage, panel: QueuePanel, pause: PauseReason, asked: tuple[str, ...]
) -> None:
    stage.set_status(pause=pause)
    panel.button("Resume").click()
    await settle()
    assert panel.asked == [asked]


async def test_a_budget_cap_can_be_raised_or_passed_once(stage: Stage, panel: QueuePanel) -> None:
    (job, _) = await stage.add("held", "later")
    stage.set_status(pause=PauseReason.BUDGET_DAY, pause_sums=CapSums(Decimal("9.80"), Decimal(10)))
    await panel.sync()
    await until(lambda: panel.cards())
    panel.button("Raise limit…").click()
    assert panel.asked.pop() == ("limits",)
    panel.button("Resume").click()
    words = await panel.answer("Raise limit…")
    assert "“held” would pass it." in words
    await until(lambda: panel.asked == [("limits",)])
    panel.button("Allow this one").click()
    await until(lambda: stage.jobs.get_job(job.id).cap_waived)


async def test_see_why_scrolls_to_what_it_says(stage: Stage, panel: QueuePanel) -> None:
    failed = await stage.make(S.FAILED, "failed", error_code="generation_failed")
    await stage.add(*(f"clip {number}" for number in range(12)))
    panel.page.resize(340, 500)
    await panel.sync()
    panel.choose(failed)  # by key: its row comes into view at the very bottom
    await settle()
    QTest.keyClick(panel.view, Qt.Key.Key_Return)
    await until(lambda: panel.cards())
    await until(lambda: panel.view.viewport().rect().contains(panel.cards()[0].geometry()))
    assert panel.view.viewport().rect().contains(panel.rect(failed)), "and the row above it"


OF_A_PICTURE = {
    *(Action.FIT_PICTURE, Action.CROP_PICTURE, Action.CHOOSE_PICTURE, Action.USE_LAST_FRAME)
}
"""Create does these, under words that say more than a name."""


@pytest.mark.parametrize("action", sorted(set(Action) - OF_A_PICTURE))
async def test_every_action_has_a_handler_and_a_name(
    stage: Stage, panel: QueuePanel, action: Action
) -> None:
    actions = panel.page.findChild(QueueActions)
    assert isinstance(actions, QueueActions)
    actions.run(action, QueueTarget())  # a row that has gone: nothing happens
    assert name_action(action).text
    await settle()
    assert [asked for asked in panel.asked if asked != ("limits",)] == []
    assert stage.told == []


async def test_the_header_counts_and_adds_up(stage: Stage, panel: QueuePanel) -> None:
    await stage.make(S.DONE, "past", cost_usd=Decimal("0.35"))
    counts: list[int] = []
    panel.page.count_changed.connect(counts.append)
    await stage.add("one", "two")
    await stage.make(S.RUNNING, "let go", watching=False)
    stage.set_status(running=1, waiting=2)
    await panel.sync()
    assert counts[-1] == 2
    shown = [label.text() for label in panel.page.findChildren(Label)]
    assert "1 running, 2 waiting, about $0.70" in shown


@contextmanager
def count_paints(view: QueueView) -> Iterator[list[int]]:
    """Note the rows that are painted."""
    painted: list[int] = []
    delegate: Any = view.itemDelegate()
    draw = delegate.draw

    def note(painter: QPainter, rect: QRectF, number: int, content: object, **state: Any) -> None:
        painted.append(number)
        draw(painter, rect, number, content, **state)

    delegate.draw = note
    try:
        yield painted
    finally:
        del delegate.draw


async def test_only_the_rows_that_changed_are_painted(panel: QueuePanel) -> None:
    jobs = await panel.stage.add(*(f"clip {number}" for number in range(6)))
    await panel.sync()
    first, last = (panel.model.find_row(RowKind.JOB, job.id) or 0 for job in (jobs[0], jobs[5]))
    panel.view.viewport().repaint()
    with count_paints(panel.view) as painted:
        for row in (first, last):
            panel.model.dataChanged.emit(panel.model.index(row), panel.model.index(row))
        await until(lambda: bool(painted))
        await settle()
    assert painted == [first, last], "not those that lie between them"


async def test_a_row_at_rest_is_copied_and_looks_as_painted(panel: QueuePanel, look: Look) -> None:
    panel.stage.clock.jump(3)
    job = await panel.stage.make(S.RUNNING, "A quiet harbour")
    await panel.sync()
    rect = panel.rect(job)
    delegate: Any = panel.view.itemDelegate()
    delegate.seconds = lambda: 0.0  # the bar stands still
    before = panel.view.viewport().grab(rect).toImage()
    assert panel.view.viewport().grab(rect).toImage() == before
    panel.choose(job)
    assert panel.view.viewport().grab(rect).toImage() != before, "chosen it has another ground"
    panel.view.clearSelection()
    panel.stage.clock.jump(60)
    later = panel.view.viewport().grab(rect).toImage()
    assert later != before, "its time has gone on"
    themes = look.themes
    themes.set_choice(Appearance(theme=ThemeChoice.LIGHT))
    assert panel.view.viewport().grab(rect).toImage().pixelColor(2, 2).lightness() > 200
    themes.set_choice(Appearance(theme=ThemeChoice.DARK))
    await settle()
    assert panel.view.viewport().grab(rect).toImage() == later


async def test_pictures_for_the_wall_do_not_repaint_the_queue(panel: QueuePanel) -> None:
    mine, other = picture("umbrella.jpg"), picture("jellyfish-square.jpg")
    await panel.stage.make(S.QUEUED, "one", first_frame=mine)
    await panel.sync()
    panel.view.viewport().repaint()
    stills = panel.stage.stills
    await until(lambda: stills.find(picture_key(mine.path)) is not None)
    await settle()
    with count_paints(panel.view) as painted:
        stills.request(0, picture_key(other.path))
        await until(lambda: stills.find(picture_key(other.path)) is not None)
        await settle()
    assert painted == []


async def test_the_line_under_the_header_stays_beside_the_librarys(
    panel: QueuePanel, look: Look
) -> None:
    look.themes.set_choice(Appearance(text_scale=1.5))
    assert panel.page.header.height() == look.theme.height("second-row")
    look.themes.set_choice(Appearance())
