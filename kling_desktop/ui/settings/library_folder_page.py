"""The settings' page for the library: its folder, the names of clips, small pictures, a check."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kling_desktop.domain.errors import DamagedValue, KlingDesktopError
from kling_desktop.storage.files.file_names import DEFAULT_NAME_PATTERN, example_name
from kling_desktop.ui.controls.buttons import LinkButton, SecondaryButton
from kling_desktop.ui.controls.fields import TextField, set_bad
from kling_desktop.ui.controls.labels import ElidedLabel, Label
from kling_desktop.ui.overlays.dialogs import Answer, ask, choose_folder
from kling_desktop.ui.settings.settings_page import PageContext, SettingsColumn
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording.settings import (
    PATTERN_HINT,
    cache_words,
    check_progress,
    failed_words,
    move_progress,
    moved_words,
    report_words,
)

_MOVING = "Wait until the clips are moved, or cancel."


class LibraryPage(SettingsColumn):
    """Shows where clips lie and looks after them.

    Args:
        context: What every page has.
        hold_open: Keeps the dialog open with a reason while clips are moved.
    """

    def __init__(self, context: PageContext, hold_open: Callable[[str], object]) -> None:
        super().__init__(context, "Library", "Plain MP4 files in ordinary folders, yours to keep.")
        self._library = context.services.library
        self._hold_open = hold_open
        self._work: asyncio.Task[None] | None = None
        self._build_folder()
        self._build_pattern()
        self._build_cache()
        self._build_check()
        self.end()
        context.tasks.start(self._look_at_folder(), name="look at the library folder")
        context.tasks.start(self._measure_cache(), name="measure the small pictures")

    # -- the folder -----------------------------------------------------------------------------

    def _build_folder(self) -> None:
        self._path = ElidedLabel("", "small", "text-2")
        self._choose_button = SecondaryButton(
            self._look, "Change…", name="Change the library folder"
        )
        self._open = SecondaryButton(self._look, "Open", name="Open the library folder")
        self._move = _Progress(self._look, "Cancel moving the clips")
        self._choose_button.clicked.connect(
            lambda: self._context.tasks.start(self._choose(), name="choose the library folder")
        )
        self._open.clicked.connect(self._open_folder)
        self._move.cancelled.clicked.connect(self._cancel)
        if self._library.fixed_by:
            self._choose_button.set_disabled_reason(f"{self._library.fixed_by} decides the folder.")
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._path)
        column.addWidget(self._move)
        buttons = _in_a_row(self._look, self._open, self._choose_button)
        self._folder_row = self.add_row("Library folder", "", buttons, below=below)
        self._show_folder()

    def _show_folder(self) -> None:
        folder = str(self._library.folder())
        self._path.setText(folder)
        fixed = self._library.fixed_by
        self._folder_row.set_text(f"Decided by {fixed}." if fixed else "Where new clips go.")

    async def _look_at_folder(self) -> None:
        verdict = await self._library.check_folder(self._library.folder())
        self._folder_row.set_aside(verdict.free)
        self._folder_row.set_error(verdict.trouble)

    def _open_folder(self) -> None:
        if not self._context.services.open_folder(self._library.folder()):
            self._folder_row.set_error("The folder could not be opened.")

    async def _choose(self) -> None:
        now = self._library.folder()
        folder = await choose_folder(self, "Where should your clips live?", folder=now.parent)
        if folder is None or folder == now:
            return
        verdict = await self._library.check_folder(folder)
        if verdict.trouble:
            self._folder_row.set_error(verdict.trouble)
            return
        answer = await ask(
            self._look,
            self,
            "Move your clips there too?",
            "They are copied first, and removed here only when every copy is proved.",
            (
                Answer("cancel", "Cancel", "ghost"),
                Answer("use", "Only new clips"),
                Answer("move", "Move all clips", "primary"),
            ),
            icon="folder",
        )
        if answer in ("use", "move"):
            work = self._use_folder(folder, moves=answer == "move")
            self._work = self._context.tasks.see_through(work, name="change the library folder")

    async def _use_folder(self, folder: Path, *, moves: bool) -> None:
        """Use another folder; the dialog stays open until it is done, so widgets are there."""
        self._folder_row.set_error("")
        self._choose_button.set_disabled_reason(_MOVING)
        self._hold_open(_MOVING)
        words = trouble = ""
        try:
            if moves:
                self._move.show_words("Copying")
                videos = await self._library.move_library(folder, self._on_moved)
                words = moved_words(videos)
            else:
                await self._library.use_library(folder)
                words = moved_words(0)
        except KlingDesktopError as error:
            trouble = failed_words(error)
        except asyncio.CancelledError:
            trouble = "Cancelled. Your clips are where they were."
            raise
        finally:
            self._end_move(words, trouble)
        if not trouble:  # looking says of the folder that is in use that all is well
            await self._look_at_folder()

    def _end_move(self, words: str, trouble: str) -> None:
        self._hold_open("")
        if self._context.tasks.is_over:
            return
        self._choose_button.set_disabled_reason("")
        self._move.end(words)
        self._show_folder()
        self._folder_row.set_error(trouble)

    def _on_moved(self, done: int, total: int) -> None:
        self._move.show_words(move_progress(done, total))

    def _cancel(self) -> None:
        if self._work is not None:
            self._work.cancel()

    # -- names ----------------------------------------------------------------------------------

    def _build_pattern(self) -> None:
        self._pattern = TextField("File names")
        self._example = Label("", "small", "text-2", wrap=True)
        reset = LinkButton(self._look, "Reset", name="Reset the file names")
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._pattern)
        column.addWidget(self._example)
        row = self.add_row("File names", PATTERN_HINT, reset, below=below)
        self._pattern_row = row
        self._pattern.setAccessibleDescription(PATTERN_HINT)
        self._pattern.textChanged.connect(self._show_example)
        self._pattern.editingFinished.connect(self._keep_pattern)
        reset.clicked.connect(lambda: self.change(row, file_name_pattern=DEFAULT_NAME_PATTERN))
        self.follow(lambda settings: self._show_pattern(settings.file_name_pattern))

    def _show_pattern(self, pattern: str) -> None:
        if self._kept_pattern != pattern:  # words that are being typed stay
            self._kept_pattern = pattern
            self._pattern.setText(pattern)

    _kept_pattern = ""

    def _show_example(self, pattern: str) -> bool:
        try:
            words, problem = f"For example: {example_name(pattern)}", ""
        except DamagedValue as error:
            words, problem = str(error), str(error)
        self._example.setText(words)
        self._example.set_ink("danger" if problem else "text-2")
        set_bad(self._pattern, bool(problem))
        self._pattern.setAccessibleDescription(problem or PATTERN_HINT)
        return not problem

    def _keep_pattern(self) -> None:
        pattern = self._pattern.text()
        if pattern != self._kept_pattern and self._show_example(pattern):
            self._kept_pattern = pattern
            self.change(self._pattern_row, file_name_pattern=pattern)

    # -- small pictures -------------------------------------------------------------------------

    def _build_cache(self) -> None:
        self._clear = SecondaryButton(self._look, "Clear", name="Clear the small pictures")
        self._cache_row = self.add_row("Small pictures", cache_words(None), self._clear)
        self._clear.clicked.connect(
            lambda: self._context.tasks.start(self._clear_cache(), name="clear small pictures")
        )

    async def _measure_cache(self) -> None:
        size = await self._library.measure_cache()
        self._cache_row.set_text(cache_words(size))
        self._clear.set_disabled_reason("" if size else "There are none.")

    async def _clear_cache(self) -> None:
        self._clear.set_disabled_reason("They are being removed.")
        await self._library.clear_cache()
        await self._measure_cache()

    # -- the check ------------------------------------------------------------------------------

    def _build_check(self) -> None:
        self._check = SecondaryButton(self._look, "Check", name="Check the clips’ files")
        self._checked = _Progress(self._look, "Cancel the check")
        self._check_row = self.add_row(
            "Check the files",
            "Looks for clips that are missing or changed. Nothing is deleted.",
            self._check,
            below=self._checked,
        )
        self._check.clicked.connect(self._start_check)
        self._checked.cancelled.clicked.connect(lambda: self._checking and self._checking.cancel())

    _checking: asyncio.Task[None] | None = None

    def _start_check(self) -> None:
        self._checking = self._context.tasks.start(self._verify(), name="check the clips’ files")

    async def _verify(self) -> None:
        self._check_row.set_error("")
        self._check.set_disabled_reason("The check is running.")
        self._checked.show_words("Checking")
        words = ""
        try:
            words = report_words(await self._library.verify_library(self._on_checked))
        except KlingDesktopError as error:
            self._check_row.set_error(failed_words(error))
        finally:
            if not self._context.tasks.is_over:
                self._checked.end(words)
                self._check.set_disabled_reason("")

    def _on_checked(self, done: int, total: int) -> None:
        self._checked.show_words(check_progress(done, total))


class _Progress(QWidget):
    """How far something long is, and the way to stop it; afterwards what came of it."""

    def __init__(self, look: Look, cancel_name: str) -> None:
        super().__init__()
        self._words = Label("", "small", "text-2", wrap=True)
        self.cancelled = LinkButton(look, "Cancel", name=cancel_name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._words, 1)
        row.addWidget(self.cancelled)
        self.hide()

    @property
    def words(self) -> str:
        return self._words.text()

    def show_words(self, words: str) -> None:
        self._words.setText(words)
        self.cancelled.show()
        self.show()

    def end(self, words: str) -> None:
        self._words.setText(words)
        self.cancelled.hide()
        self.setVisible(bool(words))


def _in_a_row(look: Look, *widgets: QWidget) -> QWidget:
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(look.theme.space(2))
    for widget in widgets:
        row.addWidget(widget)
    return box
