"""The screens of the window, one after another: what is opened, chosen and dragged for each."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QDialog, QWidget

from kling_desktop.domain.draft import Draft
from kling_desktop.domain.job import Job
from kling_desktop.storage.settings.settings_store import ThemeSetting
from kling_desktop.ui.commands.commands import CommandSet
from kling_desktop.ui.controls.action_offer import ActionOffer
from kling_desktop.ui.controls.fields import TextField
from kling_desktop.ui.create.create_page import CreatePage
from kling_desktop.ui.library.library_page import LibraryPage
from kling_desktop.ui.overlays.notices import Notice
from kling_desktop.ui.settings.settings_dialog import SettingsDialog
from kling_desktop.ui.settings.settings_page import SettingsPage
from kling_desktop.ui.startup.welcome_page import WelcomePage
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.viewer.compare_page import ComparePage
from kling_desktop.ui.viewer.viewer_page import ViewerPage
from tools.demo_composer import Prepare, Undo, picture_composer
from tools.demo_library import (
    DemoBuilder,
    add_every_state,
    add_queue,
    umbrella_draft,
)
from tools.demo_stage import Stage, StillService, open_stage

_SMALL = (1280, 720)
_DARK = (ThemeSetting.DARK,)


_Page = TypeVar("_Page", bound=QWidget)


class Frames(Protocol):
    """Where the pictures go."""

    def wants(self, *names: str) -> bool: ...
    def keep(self, name: str, png: bytes) -> None: ...


@dataclass(slots=True)
class Easel:
    """What every screen needs; owned by one run."""

    look: Look
    folder: Path
    videos: Path
    frames: Frames
    stages: int = 0

    def new_folder(self) -> Path:
        self.stages += 1
        return self.folder / f"stage-{self.stages}"

    async def take(
        self,
        stage: Stage,
        name: str,
        prepare: Prepare | None = None,
        *,
        themes: tuple[ThemeSetting, ...] = (ThemeSetting.DARK, ThemeSetting.LIGHT),
    ) -> None:
        """Take a screen, in both themes unless told otherwise.

        `prepare` runs anew in each theme and may return what takes it back.
        """
        if not self.frames.wants(name):
            return
        for theme in themes:
            await stage.core.stores.settings.update(theme=theme)
            undo = None if prepare is None else await prepare(stage)
            await stage.settle()
            self.keep(f"{name}-{theme.value}", stage.picture())
            if undo is not None:
                undo()

    def keep(self, name: str, shot: QPixmap) -> None:
        data = QByteArray()
        buffer = QBuffer(data)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        shot.save(buffer, "PNG")  # pyright: ignore[reportCallIssue, reportArgumentType]
        self.frames.keep(name, bytes(data.data()))


async def render_all(easel: Easel) -> None:
    """Open the window over one data folder after another and take what each can show."""
    every = (_render_main, _render_small, _render_queue, _render_offline)
    for render in (*every, _render_empty, _render_first):
        await render(easel)


# -- the window at work -------------------------------------------------------------------------


async def _fill(builder: DemoBuilder, service: StillService) -> dict[str, Job]:
    await builder.add_library()
    jobs = await add_queue(builder)
    service.keep_running(jobs["running"].task_id)
    service.keep_sending(jobs["downloading"].task_id)
    return jobs


async def _fill_all(builder: DemoBuilder, service: StillService) -> dict[str, Job]:
    jobs = await _fill(builder, service)
    await add_every_state(builder, jobs)
    service.keep_running(jobs["late"].task_id)
    service.never_hear_of(jobs["unsure"].task_id)
    return jobs


async def _render_main(easel: Easel) -> None:
    names = ("main", "model-picker", "library", "viewer", "compare", "composer")
    more = ("spending", "shortcuts", "notices")
    if not easel.frames.wants(*names, *more, f"settings-{SettingsPage.ACCOUNT.value}"):
        return
    async with open_stage(
        easel.look,
        easel.new_folder(),
        fill=_fill,
        videos=easel.videos,
        draft=umbrella_draft(),
        concurrency=1,
    ) as stage:
        await stage.wait_until(lambda: stage.core.engine.status.running == 2)
        await stage.settle(6)
        await easel.take(stage, "main")
        await easel.take(stage, "model-picker", _open_models)
        await easel.take(stage, "notices", _show_notices, themes=_DARK)
        account = SettingsPage.ACCOUNT
        await easel.take(stage, f"settings-{account.value}", _settings_opener(account))
        for name in ("spending", "shortcuts"):
            await easel.take(stage, name, _command_opener(name), themes=_DARK)
        await easel.take(stage, "library", _choose_some)
        await _render_composer(easel, stage)
        await easel.take(stage, "compare", _compare)
        await easel.take(stage, "viewer", _view)


async def _open_models(stage: Stage) -> Undo:
    page = _page(stage, CreatePage)
    page.set_draft(Draft(prompt=page.draft.prompt))
    page.open_models()
    await stage.settle()

    def undo() -> None:
        if page.picker is not None:
            page.picker.close()
        page.undo()

    return undo


async def _show_notices(stage: Stage) -> Undo:
    main = stage.main
    tell = main.notices.show_notice
    nothing = ActionOffer("Show", lambda: None)
    tell(Notice("Lanterns rise from the lake", "Done in 2:31 for $0.70", kind="success",
                offers=(nothing,)))  # fmt: skip
    tell(Notice("Moved to trash", "1 clip", offers=(ActionOffer("Undo", lambda: None),)))
    review = ActionOffer("Review", lambda: None)
    title, text = (
        "1 clip is unconfirmed. Please check it.",
        "The connection dropped while submitting.",
    )
    tell(Notice(title, text, kind="warning", stays=True, offers=(review,)))
    await stage.settle()
    return main.notices.clear


def _settings_opener(page: SettingsPage) -> Prepare:
    async def prepare(stage: Stage) -> Undo:
        stage.main.dialogs.open_settings(page)
        await stage.wait_until(lambda: stage.window.findChildren(SettingsDialog))
        await stage.settle()
        return lambda: _close_dialogs(stage)

    return prepare


def _command_opener(command: str) -> Prepare:
    async def prepare(stage: Stage) -> Undo:
        stage.window.findChildren(CommandSet)[0].action(command).trigger()
        await stage.settle()
        return lambda: _close_dialogs(stage)

    return prepare


def _close_dialogs(stage: Stage) -> None:
    for dialog in stage.window.findChildren(QDialog):
        dialog.reject()


async def _choose_some(stage: Stage) -> Undo:
    page = _page(stage, LibraryPage)
    stage.window.set_create_open(is_open=False)
    page.wall.choose([page.model.id_at(1)])
    stage.window.show_tab(1)
    await stage.settle()
    place = page.wall.visualRect(page.model.index(5, 0)).center()
    stage.hover(page.wall.viewport(), place)

    def undo() -> None:
        page.wall.clearSelection()
        stage.window.set_create_open(is_open=True)
        stage.window.show_tab(0)

    return undo


async def _view(stage: Stage) -> Undo:
    page = _page(stage, LibraryPage)
    stage.main.clips.open_clip(page.model.id_at(1))
    stage.window.show_tab(1)
    viewer = stage.window.findChildren(ViewerPage)[0]
    await stage.settle(4)
    viewer.player.pause()
    viewer.player.seek(70)
    await stage.settle(4)

    def undo() -> None:
        viewer.close_clip()
        stage.window.show_tab(0)

    return undo


async def _compare(stage: Stage) -> Undo:
    page = _page(stage, LibraryPage)
    page.wall.choose([page.model.id_at(1), page.model.id_at(2)])
    page.run_command("compare")
    compare = stage.window.findChildren(ComparePage)[0]
    await stage.settle(6)

    def undo() -> None:
        compare.closed.emit()
        page.wall.clearSelection()

    return undo


async def _render_composer(easel: Easel, stage: Stage) -> None:
    if easel.frames.wants("composer"):
        for theme in (ThemeSetting.DARK, ThemeSetting.LIGHT):
            await stage.core.stores.settings.update(theme=theme)
            easel.keep(f"composer-{theme.value}", await picture_composer(stage, easel.folder))


# -- other folders ------------------------------------------------------------------------------


async def _render_small(easel: Easel) -> None:
    if not easel.frames.wants("main-1280"):
        return
    async with open_stage(
        easel.look,
        easel.new_folder(),
        fill=_fill,
        videos=easel.videos,
        draft=umbrella_draft(),
        concurrency=1,
        size=_SMALL,
    ) as stage:
        await stage.wait_until(lambda: stage.core.engine.status.running == 2)
        await stage.settle(6)
        await easel.take(stage, "main-1280")


async def _render_queue(easel: Easel) -> None:
    if not easel.frames.wants("queue"):
        return
    async with open_stage(
        easel.look, easel.new_folder(), fill=_fill_all, videos=easel.videos, concurrency=2
    ) as stage:
        await stage.wait_until(lambda: stage.core.engine.status.needs_user)
        await stage.settle(6)
        stage.main.notices.clear()
        await easel.take(stage, "queue")


async def _render_offline(easel: Easel) -> None:
    if not easel.frames.wants("offline"):
        return

    async def fill(builder: DemoBuilder, service: StillService) -> dict[str, Job]:
        jobs = await _fill(builder, service)
        service.down()
        return jobs

    async with open_stage(
        easel.look, easel.new_folder(), fill=fill, videos=easel.videos, draft=umbrella_draft()
    ) as stage:
        await stage.wait_until(lambda: stage.window.banner.isVisible())
        await stage.settle(6)
        await easel.take(stage, "offline")


async def _render_empty(easel: Easel) -> None:
    pages = [page for page in SettingsPage if page is not SettingsPage.ACCOUNT]
    if easel.frames.wants("empty", *(f"settings-{page.value}" for page in pages)):
        async with open_stage(easel.look, easel.new_folder(), videos=easel.videos) as stage:
            await easel.take(stage, "empty")
            for page in pages:
                await easel.take(stage, f"settings-{page.value}", _settings_opener(page))


async def _render_first(easel: Easel) -> None:
    if easel.frames.wants("first-run"):
        async with open_stage(
            easel.look, easel.new_folder(), videos=easel.videos, first_run=True
        ) as stage:
            await easel.take(stage, "first-run", _name_a_folder)


async def _name_a_folder(stage: Stage) -> Undo:
    """The folder of the demo lies somewhere nobody would put a library."""
    for field in _page(stage, WelcomePage).findChildren(TextField):
        if field.accessibleName() == "Library folder":
            field.setText("/home/ada/Videos/Kling Desktop")
    return None


def _page(stage: Stage, kind: type[_Page]) -> _Page:
    return stage.window.findChildren(kind)[0]
