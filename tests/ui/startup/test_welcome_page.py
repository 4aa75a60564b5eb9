"""The welcome: folder, sandbox or key, and a door that is never locked."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget

from kling_desktop.domain.job import Service
from kling_desktop.domain.secret import ApiKey
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.controls.painted_button import PaintedButton
from kling_desktop.ui.controls.toggles import RadioButton
from kling_desktop.ui.settings.key_field import KeyField, KeyVerdict
from kling_desktop.ui.settings.settings_services import FolderVerdict
from kling_desktop.ui.startup.welcome_animation import WelcomeAnimation
from kling_desktop.ui.startup.welcome_page import FirstChoice, WelcomePage
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.theme import Appearance
from tests.ui.clip_samples import until

KEY = "a-key-of-some-length"


class WelcomeStage:
    def __init__(self, look: Look) -> None:
        self.tasks = TaskOwner()
        self.tested: list[str] = []
        self.verdict = KeyVerdict(works=True, words="This key works.")
        self.page = WelcomePage(look, Path("/videos"), self.check, self.test, self.tasks)
        self.chosen: list[FirstChoice] = []
        self.page.finished.connect(self.chosen.append)
        self.page.resize(1280, 720)
        self.page.show()
        self.sandbox, self.runware = self.page.findChildren(RadioButton)
        self.field = self.page.findChildren(KeyField)[0].field

    async def check(self, folder: Path) -> FolderVerdict:
        if folder.name == "locked":
            return FolderVerdict("", "Can’t write to this folder.")
        return FolderVerdict("214 GB free")

    async def test(self, key: ApiKey) -> KeyVerdict:
        self.tested.append(key.reveal())
        return self.verdict

    def words(self) -> list[str]:
        return [label.text() for label in self.page.findChildren(Label) if label.isVisible()]

    def open(self) -> PaintedButton:
        return next(
            b for b in self.page.findChildren(PaintedButton) if b.text() == "Open Kling Desktop"
        )


@pytest.fixture
async def stage(look: Look) -> AsyncIterator[WelcomeStage]:
    stage = WelcomeStage(look)
    yield stage
    stage.page.close()
    stage.page.deleteLater()
    await stage.tasks.close()


async def test_the_sandbox_is_chosen_and_free_room_is_shown(stage: WelcomeStage) -> None:
    assert stage.sandbox.isChecked()
    assert not stage.runware.isChecked()
    await until(lambda: "214 GB free" in stage.words())
    stage.open().click()
    assert stage.chosen == [FirstChoice(Path("/videos"), Service.SANDBOX, None)]


async def test_exactly_one_is_chosen_by_click_and_by_arrow(stage: WelcomeStage) -> None:
    def chosen() -> list[bool]:
        return [stage.sandbox.isChecked(), stage.runware.isChecked()]

    stage.runware.click()
    assert chosen() == [False, True]
    stage.runware.click()
    assert chosen() == [False, True]
    stage.sandbox.click()
    assert chosen() == [True, False]
    stage.sandbox.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(stage.sandbox, Qt.Key.Key_Down)
    assert chosen() == [False, True]
    stage.runware.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(stage.runware, Qt.Key.Key_Up)
    assert chosen() == [True, False]


async def test_the_whole_frame_chooses(stage: WelcomeStage) -> None:
    frame = stage.runware.parentWidget()
    assert frame is not None
    QTest.mouseClick(frame, Qt.MouseButton.LeftButton, pos=frame.rect().bottomRight() / 1.01)
    assert stage.runware.isChecked()


async def test_a_click_into_the_key_chooses_it_and_tab_does_not(stage: WelcomeStage) -> None:
    stage.field.setFocus(Qt.FocusReason.TabFocusReason)
    assert stage.sandbox.isChecked()
    QTest.mouseClick(stage.field, Qt.MouseButton.LeftButton)
    assert stage.runware.isChecked()


async def test_a_pasted_key_is_tested_once_after_a_moment(stage: WelcomeStage) -> None:
    loop = asyncio.get_running_loop()
    start = loop.time()
    for end in range(8, len(KEY) + 1):
        stage.field.setText(KEY[:end])
    await until(lambda: stage.tested)
    assert loop.time() - start > 0.55
    assert stage.tested == [KEY]
    assert stage.runware.isChecked()
    await until(lambda: "This key works." in stage.words())
    stage.open().click()
    (choice,) = stage.chosen
    assert choice.service is Service.RUNWARE
    assert choice.key is not None
    assert choice.key.reveal() == KEY


async def test_a_refused_key_is_told_and_the_door_stays_open(stage: WelcomeStage) -> None:
    stage.verdict = KeyVerdict(works=False, words="Runware refused this key.")
    stage.field.setText(KEY)
    await until(lambda: "Runware refused this key." in stage.words())
    assert stage.field.accessibleDescription() == "Runware refused this key."
    assert stage.open().isEnabled()
    stage.open().click()
    assert stage.chosen


async def test_the_sandbox_takes_no_key_along(stage: WelcomeStage) -> None:
    stage.field.setText(KEY)
    stage.sandbox.click()
    stage.open().click()
    assert stage.chosen[0].key is None


async def test_a_folder_that_takes_nothing_gets_a_red_line(stage: WelcomeStage) -> None:
    folder = next(
        f for f in stage.page.findChildren(QWidget) if f.accessibleName() == "Library folder"
    )
    folder.setProperty("text", "/videos/locked")
    QTest.keyClick(folder, Qt.Key.Key_Return)
    await until(lambda: "Can’t write to this folder." in stage.words())
    assert folder.accessibleDescription() == "Can’t write to this folder."
    assert folder.property("bad")
    stage.open().click()
    assert stage.chosen[0].library == Path("/videos/locked")


async def test_everything_that_takes_the_focus_has_a_name(stage: WelcomeStage) -> None:
    nameless = [
        widget
        for widget in stage.page.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and not (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()))
        and type(widget).__name__ != "QScrollArea"
    ]
    assert not nameless


async def test_it_fits_into_the_smallest_window(stage: WelcomeStage) -> None:
    stage.page.resize(960, 600)

    def right() -> int:
        return stage.open().mapTo(stage.page, stage.open().rect().topRight()).x()

    await until(lambda: right() <= 960)
    stage.page.resize(700, 600)
    await until(lambda: not stage.page.findChildren(WelcomeAnimation)[0].isVisible())
    await until(lambda: right() <= 700)


async def test_the_choices_are_strong_words_and_the_play_button_is_round(
    stage: WelcomeStage, look: Look
) -> None:
    plain = RadioButton(look, stage.sandbox.text())
    assert stage.sandbox.sizeHint().width() > plain.sizeHint().width()
    plain.deleteLater()
    (picture,) = stage.page.findChildren(WelcomeAnimation)
    (button,) = picture.findChildren(PaintedButton)
    assert button.size().toTuple() == (32, 32)
    image = QImage(button.size(), QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    button.render(image, QPoint(), QRegion(), QWidget.RenderFlag(0))
    corners = [image.pixelColor(*place).alpha() for place in ((3, 3), (28, 3), (3, 28), (28, 28))]
    assert corners == [0, 0, 0, 0]
    assert image.pixelColor(4, 16).alpha() > 0


async def test_the_picture_stands_still_where_motion_is_reduced(look: Look) -> None:
    look.themes.set_choice(Appearance(reduced_motion=True))
    picture = WelcomeAnimation(look, "samples/lanterns-portrait.jpg")
    picture.resize(356, 600)
    picture.show()
    (button,) = picture.findChildren(PaintedButton)
    assert button.accessibleName() == "Play the sample"
    before = picture.grab().toImage()
    button.click()
    assert button.accessibleName() == "Pause the sample"
    await asyncio.sleep(0.15)
    assert picture.grab().toImage() != before
    button.click()
    assert button.accessibleName() == "Play the sample"
    picture.close()
    picture.deleteLater()
